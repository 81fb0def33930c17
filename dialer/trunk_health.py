"""Whether a trunk works, by what became of the calls that were placed over it. Pure.

::

    well ──faults──► suspect ──more of them──► down
     ▲                │  ▲                      │ a probing call comes through
     └─pace is full─ recovering ◄───────────────┘
                      (also from suspect, after a minute without a fault)

*well*: used at its full pace. *suspect*: used after the others, at half its pace and, while faults
go on, at half of that. *down*: not used but for one probing call at a time; each that fails doubles
the pause before the next. *recovering*: used in its turn, from a small pace that doubles at most
every ten seconds and only while calls come through, so that an outage is not followed by a storm.

A fault is what the trunk is to blame for: an error of its own (SIP 5xx), no reply, a refused
account, congestion. A callee who is busy, does not answer or does not exist speaks for the trunk.
"""

from __future__ import annotations

import math
from collections import deque
from enum import StrEnum
from typing import Final

from dialer.dispositions import ANSWERED_LIVE, OUR_FAULT, Disposition


class TrunkState(StrEnum):
    """How a trunk is; the picture above says what leads where."""

    WELL = "well"
    SUSPECT = "suspect"
    DOWN = "down"
    RECOVERING = "recovering"


class Outcome(StrEnum):
    """What a call says about its trunk."""

    ANSWERED = "answered"
    REACHED = "reached"  # the network did its work, and nobody answered
    FAULT = "fault"
    NOTHING = "nothing"


ANSWERED: Final = ANSWERED_LIVE | {
    Disposition.MACHINE,
    Disposition.MESSAGE_LEFT,
    Disposition.FAX,
}
ACCOUNT_REFUSED: Final = frozenset({401, 402, 403, 407})
NO_REPLY: Final = 408
CONGESTION_CAUSES: Final = frozenset({34, 38, 41, 42})
"""ITU-T Q.850: no circuit, network out of order, temporary failure, equipment congestion."""

RECENT_SECONDS: Final = 300.0
RECENT_CALLS: Final = 100
SUSPECT_RUN, DOWN_RUN = 3, 8
SUSPECT_SHARE, DOWN_SHARE = 0.3, 0.7
SHARE_CALLS: Final = 10
"""Faults in a row, or their share of so many calls, that make a trunk suspect, and down."""
CALM_SECONDS: Final = 60.0
HALVING_SECONDS: Final = 5.0
DOUBLING_SECONDS: Final = 10.0
SMALLEST_PACE: Final = 0.05
FIRST_PAUSE, LONGEST_PAUSE = 15.0, 300.0
ANSWERS_HALF_LIFE: Final = 400.0
ANSWERS_EXPECTED: Final = 16.0
ANSWERS_KNOWN: Final = 200.0


def outcome_of(disposition: Disposition, tech_cause: int = 0, cause: int = 0) -> Outcome:
    """What a call that ended so says about its trunk.

    ``tech_cause`` is the SIP status, ``cause`` that of Q.850, 0 for none. A call of which the
    network never said anything, not even that it rings, ends as ``CONGESTED``.
    """
    if disposition in ANSWERED:
        return Outcome.ANSWERED
    if (
        disposition is Disposition.CONGESTED
        or tech_cause == NO_REPLY
        or 500 <= tech_cause < 600
        or tech_cause in ACCOUNT_REFUSED
        or cause in CONGESTION_CAUSES
    ):
        return Outcome.FAULT
    return Outcome.NOTHING if disposition in OUR_FAULT else Outcome.REACHED


class Health:
    """The health of one trunk. ``state`` is for reading; times are seconds of any clock."""

    def __init__(self, now: float = -math.inf) -> None:
        self.state = TrunkState.WELL
        self.since = now
        self.faults_in_a_row = 0
        self._pace = 1.0
        self._paced = now
        self._last_fault = -math.inf
        self._pause = FIRST_PAUSE
        self._probe_due = now
        self._probing = False
        self._recent: deque[tuple[float, Outcome]] = deque(maxlen=RECENT_CALLS)
        self._answers = 0.0
        self._calls = 0.0

    def pace(self, now: float) -> float:
        """The share of its calls per second that it may be given; 0 when it is down."""
        self._settle(now)
        return 0.0 if self.state is TrunkState.DOWN else self._pace

    def rank(self, now: float) -> int:
        """The lower, the sooner it is used; equal ones by the campaign's order."""
        self._settle(now)
        if self.state in (TrunkState.SUSPECT, TrunkState.DOWN):
            return 2
        return 1 if self.few_answers(now) else 0

    def probe_due(self) -> float | None:
        """From when on one call may probe a trunk that is down; None: none may just now."""
        return None if self.state is not TrunkState.DOWN or self._probing else self._probe_due

    def placed(self) -> None:
        """A call was placed over it: to one that is down, the probing call."""
        self._probing = self.state is TrunkState.DOWN

    def heard(self, outcome: Outcome, now: float) -> None:
        """A call says this about the trunk: at its answer, or at its end when it had none."""
        self._settle(now)
        if outcome is Outcome.NOTHING:
            self._probing = False
            return
        self._recent.append((now, outcome))
        self._remember(outcome)
        if outcome is Outcome.FAULT:
            self._faulted(now)
        else:
            self._came_through(outcome, now)

    def faults(self, now: float) -> tuple[int, int]:
        """Of the calls since this state began, at most five minutes old: faults, and all."""
        recent = [each for at, each in self._recent if at >= now - RECENT_SECONDS]
        return sum(each is Outcome.FAULT for each in recent), len(recent)

    def answers(self, now: float) -> tuple[int, float]:
        """Of the same calls: those answered, and how many its own past lets expect."""
        recent = [each for at, each in self._recent if at >= now - RECENT_SECONDS]
        answered = sum(each is Outcome.ANSWERED for each in recent)
        return answered, len(recent) * self._answers / max(self._calls, 1.0)

    def few_answers(self, now: float) -> bool:
        """Fewer are answered than four standard deviations (Poisson) below its own past."""
        answered, expected = self.answers(now)
        known = self._calls >= ANSWERS_KNOWN and expected >= ANSWERS_EXPECTED
        return known and answered <= expected - 4.0 * math.sqrt(expected)

    def _remember(self, outcome: Outcome) -> None:
        keep = 0.5 ** (1.0 / ANSWERS_HALF_LIFE)
        self._calls = self._calls * keep + 1.0
        self._answers = self._answers * keep + (outcome is Outcome.ANSWERED)

    def _faulted(self, now: float) -> None:
        self._last_fault = now
        self.faults_in_a_row += 1
        if self.state is TrunkState.DOWN:
            self._probe_failed(now)
        elif self.state is TrunkState.SUSPECT:
            self._still_suspect(now)
        elif self._too_many(SUSPECT_RUN, SUSPECT_SHARE, now):
            self._become(TrunkState.SUSPECT, now)
            self._set_pace(self._pace / 2, now)

    def _probe_failed(self, now: float) -> None:
        if self._probing:  # else it is a call from before
            self._probing = False
            self._pause = min(LONGEST_PAUSE, 2 * self._pause)
            self._probe_due = now + self._pause

    def _still_suspect(self, now: float) -> None:
        if self._too_many(DOWN_RUN, DOWN_SHARE, now):
            self._become(TrunkState.DOWN, now)
            self._probing = False
            self._probe_due = now + self._pause
        elif now - self._paced >= HALVING_SECONDS:
            self._set_pace(self._pace / 2, now)

    def _too_many(self, run: int, share: float, now: float) -> bool:
        faults, calls = self.faults(now)
        return self.faults_in_a_row >= run or (calls >= SHARE_CALLS and faults >= share * calls)

    def _came_through(self, outcome: Outcome, now: float) -> None:
        self.faults_in_a_row = 0
        if self.state is TrunkState.DOWN:
            if self._probing or outcome is Outcome.ANSWERED:
                self._probing = False
                self._become(TrunkState.RECOVERING, now)
                self._set_pace(SMALLEST_PACE, now)
        elif self._pace < 1.0 and now - self._paced >= DOUBLING_SECONDS:
            self._set_pace(2 * self._pace, now)
            if self._pace >= 1.0:
                self._become(TrunkState.WELL, now)
                self._pause = FIRST_PAUSE

    def _settle(self, now: float) -> None:
        if self.state is TrunkState.SUSPECT and now - self._last_fault >= CALM_SECONDS:
            self._become(TrunkState.RECOVERING, now)
            self.faults_in_a_row = 0

    def _become(self, state: TrunkState, now: float) -> None:
        self.state, self.since = state, now
        self._recent.clear()

    def _set_pace(self, pace: float, now: float) -> None:
        self._pace, self._paced = min(1.0, max(SMALLEST_PACE, pace)), now
