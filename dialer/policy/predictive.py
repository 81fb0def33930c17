"""Predictive pacing: a quantile base stock, steered by what the window has left to abandon."""

from __future__ import annotations

from dialer.policy.base_stock import Stock, stock
from dialer.policy.forecast import Forecast
from dialer.policy.interface import Pace, PacingState
from dialer.policy.simple import held
from dialer.policy.steering import Steering

GIVE_UP_RISK = 0.15


class Predictive:
    """One campaign's pacing, learning as it goes."""

    def __init__(self, n_agents: int, cap: float) -> None:
        self._forecast = Forecast()
        self._steering = Steering()

    def decide(self, state: PacingState) -> Pace:
        """Place calls while the chance that the agents run out stays below theta."""
        forecast = self._forecast
        forecast.learn(state)
        theta, tokens, reserve = self._steering.theta(state)
        ready = len(state.idle) - held(state)
        give_up = self._give_up(state, ready)
        ringing = [age for i, age in enumerate(state.ringing) if i not in give_up]
        left = stock(ready, forecast.freed(state), forecast.answered(ringing))
        floor = max(0, ready - len(ringing))
        launch = self._launch(left, theta, floor, max(10, state.n_agents))
        why = {"theta": theta, "tokens": tokens, "p": forecast.answer_rate}
        return Pace(launch, tuple(sorted(give_up)), why)

    def _launch(self, left: Stock, theta: float, floor: int, most: int) -> int:
        p = max(0.02, self._forecast.answer_rate)
        n = 0
        while n < floor or (n < most and left.risk() < theta):
            left.add(p)
            n += 1
        return n

    def _give_up(self, state: PacingState, ready: int) -> set[int]:
        old = [i for i, ok in enumerate(state.ring_ok) if ok]
        gone: set[int] = set()
        if not old:
            return gone
        soon = self._forecast.answered_soon(state.ringing)
        freed = self._forecast.freed_soon(state)
        for i in sorted(old, key=lambda i: -state.ringing[i]):
            others = [q for j, q in enumerate(soon) if j != i and j not in gone]
            if stock(ready, freed, others).risk() <= GIVE_UP_RISK:
                break
            gone.add(i)
        return gone
