"""Who is in the demo: the callers and what each does, the agents and how each works.

Everybody speaks a tone of his own, so that what was heard tells who spoke.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CallerPlan:
    """One caller and his way. Times in seconds."""

    name: str
    number: str  # his own; also his SIP account
    dials: str
    way: str  # what he is like, in a few words
    tone_hz: float
    starts: float = 0.0  # after the beginning, or after all agents are busy
    when_all_busy: bool = False
    keys: tuple[tuple[float, str], ...] = ()  # (after this long, this key)
    gives_up_after: float | None = None  # hangs up then, without having talked
    talks: float = 5.0
    until_someone_waits: bool = False  # keeps his agent busy before these seconds of talk begin
    someone_waits_after: float | None = None  # after his last key he stands in line: he is the one
    agent_hangs_up: bool = False


@dataclass(frozen=True, slots=True)
class AgentPlan:
    """One agent of the site's agents and his way."""

    name: str
    tone_hz: float
    answers_after: float  # seconds of ringing
    dials_login: bool = False  # logs in from his phone; otherwise over the API


CALLERS = (
    CallerPlan(
        "Emma", "0900000001", "19001000", "English, presses 1, hangs up when done",
        420, keys=((3.0, "1"),), until_someone_waits=True, talks=1.5,
    ),
    CallerPlan(
        "Hoa", "0900000002", "19001001", "Vietnamese, presses 2, the agent hangs up",
        480, keys=((4.0, "2"),), until_someone_waits=True, talks=1.0, agent_hangs_up=True,
    ),
    CallerPlan(
        "Khoa", "0900000003", "19001000", "wants Vietnamese: presses 9, then 1",
        540, keys=((4.5, "9"), (2.5, "1")), until_someone_waits=True, talks=0.5,
    ),
    CallerPlan(
        "Dũng", "0900000004", "19001001", "Vietnamese, presses no key",
        600, talks=4.0, agent_hangs_up=True,
    ),
    CallerPlan(
        "Oliver", "0900000005", "19001000", "English, hangs up in the menu",
        660, starts=1.0, gives_up_after=4.0,
    ),
    CallerPlan(
        "Phúc", "0900000006", "19001002", "dials a number that is closed now",
        720, starts=2.0,
    ),
    CallerPlan(
        "Bình", "0900000007", "19001003", "straight to the queue, loses patience",
        780, starts=0.5, when_all_busy=True, gives_up_after=4.5,
    ),
    CallerPlan(
        "Lan", "0900000008", "19001001", "Vietnamese, waits until an agent is free",
        840, when_all_busy=True, keys=((4.0, "2"),), someone_waits_after=4.0,
    ),
)  # fmt: skip

FEATURED = CALLERS[-1]
"""Whose call is drawn as a ladder."""

AGENTS = (
    AgentPlan("john", 1000, answers_after=0.8),
    AgentPlan("linh", 1200, answers_after=1.2),
    AgentPlan("mai", 1400, answers_after=1.0, dials_login=True),
)
"""In the order of their login: the longest idle is offered the first call."""
