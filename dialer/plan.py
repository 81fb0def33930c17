"""The plan of one attempt: all that its story needs, fixed when it is decided. Pure.

Settings may change while it rings; an attempt goes by what it began with, also after a crash, so
the plan is its first note in the journal and its first row in the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from acd.recording import Recording
from dialer.dispositions import Disposition


class Mode(StrEnum):
    """How a campaign brings callees and agents together."""

    PREVIEW = "preview"  # an agent sees the lead, then dials or skips
    PROGRESSIVE = "progressive"  # an agent is held free, then one call is placed for him
    POWER = "power"  # a fixed number of calls per free agent
    PREDICTIVE = "predictive"  # as many as the cap on abandonment allows
    BROADCAST = "broadcast"  # no agent: a flow serves who answers
    MANUAL = "manual"  # an agent says whom


class OnMachine(StrEnum):
    """What is done with an answering machine."""

    HANG_UP = "hang_up"
    MESSAGE = "message"  # speak after its beep
    CONNECT = "connect"  # as if it were a person


@dataclass(frozen=True, slots=True)
class Recycle:
    """After this disposition the lead is tried again after ``seconds``, at most ``times``."""

    seconds: float
    times: int


@dataclass(frozen=True, slots=True)
class AttemptPlan:
    """One attempt. ``attempt`` is its id, and that of its call: ``ob-`` and what makes it unique.

    ``number`` is E.164, ``dialed`` what the trunk is given. ``agent`` is who must take it (manual
    mode, a personal callback), '' for anybody of ``queue``. ``preview_seconds`` is how long an
    agent may look at the lead, ``wait_seconds`` how long a person who answered may wait for an
    agent; ``dropped_prompts`` is what he hears then. ``script`` and ``data`` are for the agent's
    screen. ``recycle`` and ``codes`` say what becomes of the lead: ``codes`` maps an agent's code
    to ``done``, ``recycle``, ``callback``, ``suppress`` or ``invalid``. ``proof`` is why it was
    allowed: each rule that was asked, and what it said.
    """

    attempt: str
    campaign: str
    mode: Mode
    list: str
    lead: int
    seq: int
    number: str
    trunk: str
    dialed: str
    caller_id: str
    decided: float
    queue: str = ""
    flow: str = ""
    agent: str = ""
    language: str = ""
    ring_seconds: float = 25.0
    wait_seconds: float = 2.0
    preview_seconds: float = 60.0
    dropped_prompts: tuple[str, ...] = ()
    detect: bool = False
    """Whether it is found out who answered (person, machine, fax) before anything else is done."""
    on_machine: OnMachine = OnMachine.HANG_UP
    machine_prompts: tuple[str, ...] = ()
    script: str = ""
    data: Mapping[str, object] = field(default_factory=dict)
    most_attempts: int = 6
    recycle: Mapping[str, Recycle] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)
    numbers_in_turn: bool = True
    proof: Mapping[str, object] = field(default_factory=dict)
    callback: bool = False
    """He asked to be called."""
    record: Recording | None = None
    """What is recorded of its talk, where that is not as its queue says."""


@dataclass(frozen=True, slots=True)
class AttemptMade:
    """What came of an attempt, for the ledger: the evidence of what was done and when.

    Times are seconds since the epoch, None for what did not happen: ``dialed`` the INVITE went out,
    ``rang`` the callee's phone said so, ``answered`` it was answered, ``person`` from when he
    waited for us (the end of his greeting, or the answer), ``connected`` an agent heard him.
    ``verdict`` is who answered, '' when nobody looked. ``spoken``: what he heard, not an agent.
    """

    plan: AttemptPlan
    disposition: Disposition
    ended: float
    dialed: float | None = None
    rang: float | None = None
    answered: float | None = None
    person: float | None = None
    connected: float | None = None
    agent: str = ""
    cause: int = 0
    tech_cause: int = 0
    verdict: str = ""
    spoken: tuple[str, ...] = ()
    opted_out: bool = False
    """He asked to be called no more, by a key."""
