"""How a caller came out of a queue. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from acd.queues import Destination

ANSWERED: Final = "answered"
CALLBACK: Final = "callback"
"""He is promised to be called back."""
VOICEMAIL: Final = "voicemail"
"""He has left a message."""
OVER: Final = "over"
"""He is served elsewhere and was told goodbye: no exit of the flow follows."""
SENT: Final = "sent"
"""An agent sent him on."""
SERVED: Final = frozenset({ANSWERED, CALLBACK, VOICEMAIL, OVER})
"""Nothing more has to be said to him."""


@dataclass(frozen=True, slots=True)
class Onward:
    """A queue sends him through another flow, from its start; the one he was in is over."""

    flow: str


@dataclass(frozen=True, slots=True)
class Left:
    """Out of a queue: ``answered`` after a talk, else without an agent.

    ``reason`` is then an ``ExpireReason``, or the wish of the caller (``callback``, ``voicemail``).
    ``to`` is where he is sent, None for the exit of a flow's queue node that ``reason`` names;
    ``rule`` is which overflow rule it was.
    """

    reason: str
    to: Destination | None = None
    rule: str = ""
