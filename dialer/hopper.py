"""The hopper: claimed leads that may be dialed next, callbacks first. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from dialer.leads import Candidate

STALE_SECONDS: Final = 600.0
"""So old, what is known of a lead (its attempts elsewhere, its consent) is asked anew."""
_RETRY_SECONDS: Final = 5.0
"""When the store had no more leads, it is asked again after so long."""


Kept = tuple[Candidate, float]
"""A lead, and since when it is in the hopper."""


@dataclass(slots=True)
class Hopper:
    """One campaign's. ``asked`` counts the leads that are on their way from the store."""

    _callbacks: deque[Kept] = field(default_factory=deque)
    _leads: deque[Kept] = field(default_factory=deque)
    asked: int = 0
    ask_again: float = 0.0
    exhausted: bool = False

    def __len__(self) -> int:
        return len(self._callbacks) + len(self._leads)

    @property
    def callbacks(self) -> int:
        """How many in it asked to be called."""
        return len(self._callbacks)

    def fill(self, candidates: tuple[Candidate, ...], exhausted: bool, now: float) -> None:
        """What the store gave, in its order."""
        self.asked = 0
        self.exhausted = exhausted
        self.ask_again = now + _RETRY_SECONDS if exhausted else now
        for candidate in candidates:
            asked = candidate.callback_due is not None
            (self._callbacks if asked else self._leads).append((candidate, now))

    def wants(self, level: int, now: float) -> int:
        """How many leads to ask for, that ``level`` are there; 0 while enough are, or on their
        way. Who waits for an agent of his own is beside these."""
        at_hand = len(self) - sum(bool(lead.owner) for lead, _ in self._callbacks)
        if self.asked or now < self.ask_again or at_hand * 2 > level:
            return 0
        self.asked = level - at_hand
        return self.asked

    @property
    def is_spent(self) -> bool:
        """Whether nobody is in it, and the store had nobody more."""
        return self.exhausted and not len(self)

    def next_callback(self, may: Callable[[Candidate], bool]) -> Kept | None:
        """Out of it: the first who is to be called back and ``may`` be now, if there is one."""
        for kept in self._callbacks:
            if may(kept[0]):
                self._callbacks.remove(kept)
                return kept
        return None

    def next_lead(self) -> Kept | None:
        """Out of it: the next lead that did not ask."""
        return self._leads.popleft() if self._leads else None

    def take(self, lead: int) -> Candidate | None:
        """Out of it: this very lead, if it is in it."""
        for line in (self._callbacks, self._leads):
            for kept in line:
                if kept[0].lead == lead:
                    line.remove(kept)
                    return kept[0]
        return None

    def put_back(self, kept: Kept) -> None:
        """It is the next again."""
        asked = kept[0].callback_due is not None
        (self._callbacks if asked else self._leads).appendleft(kept)

    def stale(self, now: float) -> Iterator[Candidate]:
        """Out of it: who has been in it for too long."""
        for line in (self._callbacks, self._leads):
            while line and line[0][1] < now - STALE_SECONDS:
                yield line.popleft()[0]

    def empty(self) -> Iterator[Candidate]:
        """Out of it: everybody."""
        for line in (self._callbacks, self._leads):
            while line:
                yield line.popleft()[0]

    def suppress(self, number: str) -> list[Candidate]:
        """Out of it: who has this number."""
        found = []
        for line in (self._callbacks, self._leads):
            gone = [each for each in line if each[0].number == number]
            for each in gone:
                line.remove(each)
            found += [candidate for candidate, _ in gone]
        return found
