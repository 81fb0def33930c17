"""How much risk a campaign may take just now: tokens, and the theta that they pay for.

A live answer earns ``cap`` tokens and an abandoned call costs one, so the tokens are what the
window has left. Theta, the chance to run out of agents that ``base_stock`` dials up to, rises while
tokens pile up beyond an aim and falls steeply as they go below a reserve. Tokens are the integral
of the error, so this is integral control; a slow second integral corrects the first guess of theta.

**What holds by construction.** Theta is 0 when ``abandoned > cap * answered``, and with theta 0 no
call is placed that has not a ready agent of its own. So, of the last decision that placed more
calls than progressive would, let F be the calls that rang or waited then, those it placed included:
whatever callees do afterwards, at most F calls more are abandoned than the window allowed, as long
as no agent leaves whose call is ringing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from dialer.policy.interface import PacingState

#: Tokens are earned at this share of the cap: a shift may end, or be counted, at any moment.
AIM = 0.99
#: However many tokens there are. A greater risk buys no work, it only hurries.
MOST_THETA = 0.22
#: No more is saved up than so many live answers earn. A window of 30 days may have hundreds of
#: tokens left; spent in an afternoon, every tenth callee would be abandoned.
SAVED_ANSWERS = 3000.0
#: Tokens per agent and cap that are kept for a list that suddenly answers: without them what rings
#: at that moment spends the window, and minutes of progressive follow.
_SURGE = 3.3
#: Below the reserve theta falls by this power of e, down to no tokens; above the aim it rises by e
#: with each so many tokens.
_BRAKE, _TOKENS_PER_E = 3.0, 6.0
_MOST_PULL = 2.0
_INTEGRAL_GAIN, _INTEGRAL_LIMIT = 0.0015, 2.0


@dataclass(frozen=True, slots=True)
class Leave:
    """What may be risked now."""

    #: The chance that the agents run out; 0 is progressive.
    theta: float
    #: Abandoned calls that the window has left, and that this campaign's account holds.
    tokens: float
    saved: float
    #: Tokens below which theta brakes, and those it steers to.
    reserve: float
    aim: float


@dataclass(slots=True)
class Steering:
    """The account of one campaign."""

    #: None before the first decision: then it is the reserve.
    saved: float | None = None
    integral: float = 0.0

    def leave(self, state: PacingState) -> Leave:
        """Take in what happened since the last call; say what may be risked."""
        agents = max(2, state.n_agents)
        reserve = 1.0 + math.sqrt(agents) / 3.0 + 4.0 / 3.0 * state.cap * agents
        answers, drops = _told(state, "answer"), _told(state, "drop")
        saved = reserve if self.saved is None else self.saved
        saved += AIM * state.cap * answers - drops
        self.saved = min(saved, reserve + AIM * state.cap * SAVED_ANSWERS)
        tokens = AIM * state.cap * state.answered - state.abandoned
        aim = reserve + _SURGE * state.cap * agents
        pull = _pull(min(tokens, self.saved), reserve, aim)
        error = (min(tokens, self.saved) - aim) / _TOKENS_PER_E
        self._integrate(answers * max(-1.0, min(1.0, error)))
        guess = state.cap * (0.8 + 0.6 * math.log(agents))
        theta = min(MOST_THETA, guess * math.exp(pull + self.integral))
        spent = state.abandoned > state.cap * state.answered
        return Leave(0.0 if spent else theta, tokens, self.saved, reserve, aim)

    def _integrate(self, step: float) -> None:
        integral = self.integral + _INTEGRAL_GAIN * step
        self.integral = max(-_INTEGRAL_LIMIT, min(_INTEGRAL_LIMIT, integral))

    def snapshot(self) -> dict[str, Any]:
        """The account, as plain JSON."""
        return asdict(self)

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on from a ``snapshot``."""
        for field in fields(self):
            setattr(self, field.name, saved[field.name])


def _told(state: PacingState, what: str) -> int:
    return sum(bool(event) and event[0] == what for event in state.events)


def _pull(tokens: float, reserve: float, aim: float) -> float:
    if tokens < reserve:
        return max(-2.0 * _BRAKE, _BRAKE * (tokens - reserve) / reserve)
    return min(_MOST_PULL, max(0.0, tokens - aim) / _TOKENS_PER_E)
