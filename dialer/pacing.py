"""How many calls to place now: every way of pacing a campaign, each one ``decide(state)``.

A policy reads nothing but the ``PacingState`` it is handed and what it saw before: no clock, no
dice, no network. Each is made afresh per campaign, or per group of agents that takes its calls.
"""

from __future__ import annotations

from dialer.policy.interface import Pace, PacingEvent, PacingState, Policy, Snapshot
from dialer.policy.predictive import Predictive
from dialer.policy.simple import Ratio

__all__ = [
    "Pace",
    "PacingEvent",
    "PacingState",
    "Policy",
    "Predictive",
    "Snapshot",
    "power",
    "predictive",
    "preview",
    "progressive",
]


def progressive(n_agents: int = 0, cap: float = 0.0) -> Policy:
    """One call for each ready agent: nobody answers into silence. The arguments are not needed."""
    return Ratio(1.0)


def preview(n_agents: int = 0, cap: float = 0.0) -> Policy:
    """One lead for each ready agent, who looks at it before it is dialed."""
    return Ratio(1.0)


def power(ratio: float, n_agents: int = 0, cap: float = 0.0) -> Policy:
    """A fixed ``ratio`` of calls for each ready agent. It knows no cap: mind the abandonment."""
    return Ratio(ratio)


def predictive(n_agents: int, cap: float) -> Predictive:
    """As many calls as the ``cap`` on abandoned calls allows: see ``docs/pacing.md``."""
    return Predictive(n_agents, cap)
