"""How much risk the campaign may take just now: tokens, and the theta that they pay for.

A live answer earns ``cap`` tokens, an abandoned call costs one, so tokens are what the window has
left. Theta rises while they pile up and falls as they run out (integral control, since tokens are
the integral of the error, with a slow second integral for what the feed-forward gets wrong).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from dialer.policy.interface import PacingState

#: Aim a little below the cap, for what is in flight when a shift ends.
AIM = 0.99
#: Most theta there is: beyond, agents would not be busier.
MOST_THETA = 0.6
#: Tokens between full brake and full throttle.
_SCALE = 6.0
_INTEGRAL_GAIN, _INTEGRAL_LIMIT = 0.003, 2.0
_LEAST_ERROR, _MOST_ERROR = -5.0, 2.0


@dataclass(slots=True)
class Steering:
    """The account of one campaign."""

    integral: float = 0.0
    answers: int = 0

    def theta(self, state: PacingState) -> tuple[float, float, float]:
        """Theta, tokens and the reserve that is aimed at; theta is 0 when the window is spent."""
        tokens = AIM * state.cap * state.answered - state.abandoned
        agents = max(2, state.n_agents)
        reserve = 2.0 + math.sqrt(agents) / 3.0
        error = (tokens - reserve) / _SCALE
        if error < 0.0:
            error *= 2.0
        fresh = max(0, state.answered - self.answers)
        self.answers = state.answered
        step = _INTEGRAL_GAIN * fresh * max(-1.0, min(1.0, error))
        self.integral = max(-_INTEGRAL_LIMIT, min(_INTEGRAL_LIMIT, self.integral + step))
        if tokens < 0.0:
            return 0.0, tokens, reserve
        base = state.cap * (0.8 + 0.6 * math.log(agents))
        pull = max(_LEAST_ERROR, min(_MOST_ERROR, error)) + self.integral
        return min(MOST_THETA, base * math.exp(pull)), tokens, reserve
