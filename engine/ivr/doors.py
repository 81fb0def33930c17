"""The doors of a conference room: what is locked for a while after too many wrong PINs.

A wrong PIN counts for an hour, whoever knows a right one: members must not guess the leader's.
"""

from __future__ import annotations

from typing import Final

PIN_ATTEMPTS: Final = 3
OUTSIDE_ATTEMPTS: Final = 30
"""Of all who call from outside together, whose numbers can be forged."""
LOCKED_SECONDS: Final = 300.0


def doors_of(room: str, caller: str) -> list[tuple[str, int]]:
    """What is locked after how many: his own way in, and that of all from outside."""
    return [(f"room {room} {caller}", PIN_ATTEMPTS), (f"room {room} outside", OUTSIDE_ATTEMPTS)]
