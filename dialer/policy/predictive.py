"""Predictive pacing: a quantile base stock, steered by what the window has left to abandon."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dialer.policy.base_stock import Stock, stock
from dialer.policy.forecast import Forecast
from dialer.policy.giving_up import given_up
from dialer.policy.interface import Pace, PacingState
from dialer.policy.sanity import refuse_nonsense
from dialer.policy.simple import held
from dialer.policy.steering import Steering

#: A fresh dial is never believed to be answered more rarely, or a dead list would be raced through.
LEAST_ANSWER_RATE = 0.02
#: One decision places at most a call for each agent, or so many: the next is a second away, and a
#: wave that is dialed at once is answered at once.
LEAST_WAVE = 10
#: The layout of ``Predictive.snapshot``.
VERSION = 1


class Predictive:
    """One campaign's pacing, learning as it goes: see ``docs/pacing.md``.

    ``n_agents`` and ``cap`` say what it is made for; what counts is what each state says.
    """

    def __init__(self, n_agents: int, cap: float) -> None:
        if not (n_agents >= 0 and 0.0 <= cap <= 1.0):
            raise ValueError(f"no pacing for {n_agents} agents and a cap of {cap}")
        self._forecast = Forecast()
        self._steering = Steering()

    def decide(self, state: PacingState) -> Pace:
        """Place calls while the chance that the agents run out stays below theta.

        Never fewer than progressive, one for each ready agent; never more than that when the
        window is spent. ``ValueError`` for a state that no clock or counter gives; it is as if it
        had not been shown.
        """
        refuse_nonsense(state)
        forecast = self._forecast
        forecast.learn(state)
        leave = self._steering.leave(state)
        ready = len(state.idle) - held(state)
        give_up = self._given_up(state, ready)
        gone = set(give_up)
        ringing = [age for i, age in enumerate(state.ringing) if i not in gone]
        freed, answered = forecast.freed(state), forecast.answered(ringing)
        left = stock(ready, freed, answered)
        floor = max(0, ready - len(ringing))
        launch = self._launched(left, leave.theta, floor, max(LEAST_WAVE, state.n_agents))
        why = {
            "theta": leave.theta,
            "risk": left.risk(),
            "shortage": left.shortage(),
            "tokens": leave.tokens,
            "saved": leave.saved,
            "reserve": leave.reserve,
            "aim": leave.aim,
            "answer_rate": forecast.answer_rate,
            "lead_seconds": forecast.lead_seconds,
            "ready": ready,
            "freed": sum(freed),
            "ringing": len(ringing),
            "answers_due": sum(answered),
            "progressive": floor,
        }
        return Pace(launch, give_up, why)

    def _given_up(self, state: PacingState, ready: int) -> tuple[int, ...]:
        if not any(state.ring_ok):
            return ()
        forecast, ringing = self._forecast, state.ringing
        soon = forecast.answered_soon(ringing)
        return given_up(ready, forecast.freed_soon(state), soon, ringing, state.ring_ok)

    def _launched(self, left: Stock, theta: float, floor: int, most: int) -> int:
        answered, n = max(LEAST_ANSWER_RATE, self._forecast.answer_rate), 0
        while n < floor or (n < most and left.risk() < theta):
            left.add(answered)
            n += 1
        return n

    def snapshot(self) -> dict[str, Any]:
        """All that was learned, as plain JSON: for a restart, and for tomorrow at this hour."""
        return {
            "version": VERSION,
            "forecast": self._forecast.snapshot(),
            "steering": self._steering.snapshot(),
        }

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on from a ``snapshot`` as if nothing had been between.

        ``ValueError`` when another version wrote it; then begin afresh.
        """
        if saved.get("version") != VERSION:
            raise ValueError(f"learned by version {saved.get('version')} of pacing, not {VERSION}")
        self._forecast.restore(saved["forecast"])
        self._steering.restore(saved["steering"])
