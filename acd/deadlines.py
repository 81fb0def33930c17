"""What the distributor waits for by the clock: one entry per (kind, agent, contact)."""

from __future__ import annotations

import heapq
from enum import StrEnum
from typing import NamedTuple


class DeadlineKind(StrEnum):
    """What comes due. Of several due at the same moment the alphabet decides."""

    CHECK = "check"  # a queue's rules about numbers are asked again; `contact` names the queue
    DUE = "due"  # a postponed callback may be offered
    MAX_WAIT = "max_wait"  # a contact waited too long
    PAUSE = "pause"  # an agent pauses longer than his reason allows
    REST = "rest"  # an agent may be offered contacts again
    RETRY = "retry"  # an agent may be offered this contact again
    RING = "ring"  # an agent did not answer
    STEP = "step"  # the next step of a contact's needs
    TIER = "tier"  # the next tier of agents
    WAITED = "waited"  # an overflow rule about the contact's own wait
    WRAP_UP = "wrap_up"  # an agent's wrap-up is over
    WRAP_UP_LONG = "wrap_up_long"  # a wrap-up without end takes longer than expected


class Deadline(NamedTuple):
    """Whom it is about; the part that does not matter is empty."""

    kind: DeadlineKind
    agent: str = ""
    contact: str = ""


class Deadlines:
    """A heap with lazy deletion: ``_at`` is the truth, heap entries that disagree are skipped."""

    def __init__(self) -> None:
        self._at: dict[Deadline, float] = {}
        self._heap: list[tuple[float, Deadline]] = []

    def set(self, deadline: Deadline, at: float) -> None:
        """Wait for it until ``at``, instead of any time set before."""
        self._at[deadline] = at
        heapq.heappush(self._heap, (at, deadline))

    def cancel(self, deadline: Deadline) -> None:
        """No longer wait for it, if it was set."""
        self._at.pop(deadline, None)

    def at(self, deadline: Deadline) -> float | None:
        """When it comes due; None when nobody waits for it."""
        return self._at.get(deadline)

    def next(self) -> float | None:
        """When the nearest one comes due."""
        while self._heap:
            at, deadline = self._heap[0]
            if self._at.get(deadline) == at:
                return at
            heapq.heappop(self._heap)
        return None

    def pop_due(self, now: float) -> Deadline | None:
        """Take out the nearest one that is due."""
        at = self.next()
        if at is None or at > now:
            return None
        deadline = heapq.heappop(self._heap)[1]
        del self._at[deadline]
        return deadline

    def all(self) -> list[tuple[float, Deadline]]:
        """Everything waited for, nearest first."""
        return sorted((at, deadline) for deadline, at in self._at.items())
