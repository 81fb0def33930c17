"""Issabel's (before: Elastix's) call center module, by the mathematics of its source.

``Predictor.class.php``: agents free now, and those in a call who, if calls end by chance alone,
would have ended theirs by the time of an answer with a probability of at least the ``qos``; less
who waits. ``CampaignProcess.class.php``: less what is being placed; then, to make up for calls that
nobody answers, divided by the answer rate of the last half hour, taken as one fifth at least.
"""

from __future__ import annotations

import math
from collections import deque

from dialer.pacing import Pace, PacingState
from dialer.policy.simple import held

REVIEW_SECONDS = 3.0
FEWEST_SAMPLES = 10
LEAST_ANSWER_RATE = 0.20
HISTORY_SECONDS = 1800.0
TIME_TO_ANSWER = 8.0
QOS = 0.97


class Issabel:
    """One campaign with prediction and overcommitment on; ``qos`` by default as it is shipped."""

    def __init__(self) -> None:
        self._reviewed = -REVIEW_SECONDS
        self._talks = 0
        self._talked = 0.0
        self._rings = 0
        self._rang = 0.0
        self._ends: deque[tuple[float, bool]] = deque()

    def decide(self, state: PacingState) -> Pace:
        """Calls to place now: none between two reviews."""
        self._learn(state)
        if state.now - self._reviewed < REVIEW_SECONDS:
            return Pace(0, (), {})
        self._reviewed = state.now
        wanted = len(state.idle) + self._nearly_free(state) - held(state) - len(state.ringing)
        return Pace(round(max(0, wanted) / self._answer_rate()), (), {"wanted": wanted})

    def _learn(self, state: PacingState) -> None:
        for event in state.events:
            kind = event[0]
            if kind == "talk":
                self._talks += 1
                self._talked += float(str(event[1]))
            elif kind == "answer":
                self._rings += 1
                self._rang += float(str(event[1]))
            if kind in ("answer", "fail"):
                self._ends.append((state.now, kind == "answer"))
        while self._ends and self._ends[0][0] < state.now - HISTORY_SECONDS:
            self._ends.popleft()

    def _nearly_free(self, state: PacingState) -> int:
        if self._talks < FEWEST_SAMPLES:
            return 0
        to_answer = self._rang / self._rings if self._rings else TIME_TO_ANSWER
        mean = self._talked / self._talks
        return sum(1 - math.exp(-(talk + to_answer) / mean) >= QOS for talk in state.talk)

    def _answer_rate(self) -> float:
        if len(self._ends) < FEWEST_SAMPLES:
            return 1.0
        answered = sum(answer for _, answer in self._ends)
        return max(LEAST_ANSWER_RATE, answered / len(self._ends)) if answered else 1.0
