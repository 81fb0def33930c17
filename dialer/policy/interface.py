"""What a pacing policy is told and what it answers; whoever referees or replaces one reads this.

Times are seconds, counts are whole calls. Any object with the attributes of ``PacingState`` will
do; ``Snapshot`` is ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

#: What happened since the last call: ``("answer", ring_s)``, ``("fail", ring_s, kind)``,
#: ``("cancel", ring_s)`` (given up by us), ``("drop",)`` (abandoned), ``("talk", talk_s)`` and
#: ``("wrap", wrap_s)`` (an agent ended a talk or a wrap-up). Seconds since the dial, or the start.
PacingEvent = tuple[object, ...]


class PacingState(Protocol):
    """One campaign (or group of agents) at this moment."""

    @property
    def now(self) -> float:
        """Seconds on any clock that does not jump."""

    @property
    def tick(self) -> float:
        """Seconds since the last call of ``decide``."""

    @property
    def cap(self) -> float:
        """Abandoned calls allowed, as a share of live answers: 0.03."""

    @property
    def n_agents(self) -> int:
        """Agents logged in and not paused."""

    @property
    def idle(self) -> Sequence[float]:
        """How long each ready agent has waited."""

    @property
    def talk(self) -> Sequence[float]:
        """How long each talking agent has talked."""

    @property
    def wrap(self) -> Sequence[float]:
        """How long each agent in wrap-up has been in it."""

    @property
    def ringing(self) -> Sequence[float]:
        """Seconds since the dial, one per call neither answered nor failed."""

    @property
    def ring_ok(self) -> Sequence[bool]:
        """For each of ``ringing``: it has rung long enough to be given up lawfully."""

    @property
    def waiting(self) -> int | Sequence[float]:
        """Answered calls that no agent has yet: their number, or how long each has waited."""

    @property
    def dialed(self) -> int:
        """Calls placed, in the window that the cap is about, like the totals below."""

    @property
    def answered(self) -> int:
        """Calls that a live person answered."""

    @property
    def connected(self) -> int:
        """Of those, calls that reached an agent."""

    @property
    def abandoned(self) -> int:
        """Of those, calls that no agent took in time."""

    @property
    def events(self) -> Sequence[PacingEvent]:
        """What happened since the last call, as ``PacingEvent`` says."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A ``PacingState`` of plain values."""

    now: float
    tick: float
    cap: float
    n_agents: int
    idle: Sequence[float] = ()
    talk: Sequence[float] = ()
    wrap: Sequence[float] = ()
    ringing: Sequence[float] = ()
    ring_ok: Sequence[bool] = ()
    waiting: int | Sequence[float] = 0
    dialed: int = 0
    answered: int = 0
    connected: int = 0
    abandoned: int = 0
    events: Sequence[PacingEvent] = ()


@dataclass(frozen=True, slots=True)
class Pace:
    """A decision: calls to place now, ringing calls to give up, and the numbers behind both."""

    launch: int
    #: Indices into ``state.ringing``; only of calls whose ``ring_ok`` is true.
    give_up: tuple[int, ...]
    #: Plain numbers by name; what they mean is in ``docs/pacing.md``.
    why: Mapping[str, float]


class Policy(Protocol):
    """Whatever paces a campaign. Ask about once a second."""

    def decide(self, state: PacingState) -> Pace:
        """How many calls to place now. Reads nothing but ``state`` and what it saw before."""
