"""How a caller came out of a queue. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from acd.queues import Destination

ANSWERED: Final = "answered"
OVER: Final = "over"
"""He is served elsewhere and was told goodbye: no exit of the flow follows."""


@dataclass(frozen=True, slots=True)
class Left:
    """Out of a queue: ``answered`` after a talk, else without an agent.

    ``reason`` is then an ``ExpireReason``, or the wish of the caller (``callback``, ``voicemail``);
    it names the exit of a flow's queue node. ``to`` is where he is sent, when not by that exit;
    ``rule`` which overflow rule it was.
    """

    reason: str
    to: Destination | None = None
    rule: str = ""
