"""The slots that callers are parked in."""

from __future__ import annotations

from typing import Final

from engine.calls.talk.orders import NotPossible

SLOTS: Final = tuple(str(number) for number in range(1, 100))


class ParkingLot:
    """Which call is in which slot."""

    def __init__(self) -> None:
        self._taken: dict[str, str] = {}

    def take(self, wanted: str, call: str) -> str:
        """A slot for this call: the ``wanted`` one, or the first that is free ('').

        Raises ``NotPossible``.
        """
        slot = wanted or next((each for each in SLOTS if each not in self._taken), "")
        if slot not in SLOTS:
            raise NotPossible(f"slots are numbered {SLOTS[0]} to {SLOTS[-1]}, or all are taken")
        if slot in self._taken:
            raise NotPossible(f"somebody is parked in slot {slot} already")
        self._taken[slot] = call
        return slot

    def hold(self, slot: str, call: str) -> None:
        """This call is there, also after a crash."""
        self._taken[slot] = call

    def free(self, slot: str, call: str) -> None:
        """It is there no more."""
        if self._taken.get(slot) == call:
            del self._taken[slot]

    def forget(self, call: str) -> None:
        """It is over, wherever its story ended."""
        self._taken = {slot: each for slot, each in self._taken.items() if each != call}

    def find(self, slot: str) -> str | None:
        """The call in this slot."""
        return self._taken.get(slot)

    def all(self) -> dict[str, str]:
        """The calls by their slots."""
        return dict(self._taken)
