"""How an attempt ended: one word, whatever the network, the callee or we did. Pure.

An *attempt* is one call to one number of one lead. Each ends with exactly one disposition, which
the rules of recycling, the windows of abandonment and the reports go by. What an agent says came
of the talk (his *code*: sale, call back, wrong number …) is another thing and comes later.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Disposition(StrEnum):
    """How an attempt ended."""

    CONNECTED = "connected"  # a person talked with an agent
    SERVED = "served"  # a person was served by the flow (a broadcast)
    ABANDONED = "abandoned"  # a person answered, and no agent was there in time
    HUNG_UP = "hung_up"  # a person answered and hung up before an agent's or the flow's turn
    MACHINE = "machine"  # an answering machine; we hung up
    MESSAGE_LEFT = "message_left"  # an answering machine, with our message on it
    FAX = "fax"
    SILENT = "silent"  # answered, and nobody said a word
    BUSY = "busy"
    NO_ANSWER = "no_answer"  # rang until our limit, or the network's
    REJECTED = "rejected"
    INVALID = "invalid_number"  # nobody has it: by its cause, or by its tones (SIT)
    CONGESTED = "congested"  # the network, or our trunk, had no room
    UNREACHABLE = "unreachable"  # switched off, no way there
    GIVEN_UP = "given_up"  # hung up by us after the least ring time, as no agent would be free
    CANCELLED = "cancelled"  # by the API, or as its agent was gone; the callee is not to blame
    FAILED = "failed"  # a fault of ours or of the switch


ANSWERED_LIVE: Final = frozenset(
    {
        Disposition.CONNECTED,
        Disposition.SERVED,
        Disposition.ABANDONED,
        Disposition.HUNG_UP,
        Disposition.SILENT,
    }
)
"""A person answered, or it cannot be excluded: these are what abandonment is a share of."""

MACHINES: Final = frozenset({Disposition.MACHINE, Disposition.MESSAGE_LEFT})
"""An answering machine was reached."""

OUR_FAULT: Final = frozenset({Disposition.FAILED, Disposition.CANCELLED})
"""The callee's phone was perhaps never tried: these use up no attempt of the lead."""
