"""The distributor's reasons in plain sentences: why this agent, and why nobody yet. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from pydantic import TypeAdapter

from acd.messages import AgentState, Candidate, OfferOutcome, PassedOver, Why, WhyWaiting

_NAMED: Final = 3
"""How many agents or callers a sentence names before it only counts."""

_STRATEGIES: Final = {
    "longest_idle": "idle the longest",
    "most_idle_today": "idle the most today",
    "fewest_contacts": "the fewest contacts today",
    "round_robin": "next in turn",
    "random": "drawn by weight",
    "linear": "first in the list",
    "best_skilled": "the best skilled",
}

_UNSPOKEN: Final = re.compile(
    "|".join(word for word in (*AgentState, *OfferOutcome) if "_" in word)
)
"""States and outcomes as they are written: timed_out, not_responding …"""

_WHY = TypeAdapter(Why)
_WHY_WAITING = TypeAdapter(WhyWaiting)


def say_why(why: Why) -> str:
    """The reason of an offer, as 'idle the longest of 3 (idle 41 s), before binh (idle 9 s)'."""
    first, others = why.candidates[:1], why.candidates[1:]
    reason = _STRATEGIES.get(why.strategy, why.strategy)
    many = f" of {len(why.candidates)}" if others else ""
    detail = f" ({first[0].detail})" if first and first[0].detail else ""
    parts = [f"{reason}{many}{detail}"]
    if others:
        parts.append(f"before {_some(_candidate(each) for each in others)}")
    if why.need:
        parts.append(f"asked for: {why.need}")
    if why.passed_over:
        parts.append(f"passed over {_some(_passed(each) for each in why.passed_over)}")
    if why.overtaken:
        parts.append(f"ahead in line but not for this agent: {_some(map(_passed, why.overtaken))}")
    return "; ".join(parts)


def say_waiting(why: WhyWaiting) -> str:
    """Why a caller waits on, as 'number 2 in line; asked for: vi >= 3; 2 talking, 1 paused'."""
    parts = [f"number {why.position} in line"]
    if why.need:
        parts.append(f"asked for: {why.need}")
    if why.agents:
        parts.append("agents: " + ", ".join(f"{many} {_words(rule)}" for rule, many in why.agents))
    else:
        parts.append("this queue has no agents")
    if why.examples:
        parts.append(f"such as {_some(_passed(each) for each in why.examples)}")
    return "; ".join(parts)


def as_json(why: Why | WhyWaiting) -> str:
    """The same as data, for the ledger and the API."""
    adapter = _WHY if isinstance(why, Why) else _WHY_WAITING
    return adapter.dump_json(why).decode()  # type: ignore[arg-type]


def _candidate(candidate: Candidate) -> str:
    return f"{candidate.agent} ({candidate.detail})" if candidate.detail else candidate.agent


def _passed(passed: PassedOver) -> str:
    return f"{passed.who} ({_words(passed.rule)})"


def _words(rule: str) -> str:
    """A rule with its states and outcomes as people say them; skills keep their names."""
    return _UNSPOKEN.sub(lambda found: found[0].replace("_", " "), rule)


def _some(items: Iterable[str]) -> str:
    """The first few, and how many more there are."""
    listed: Sequence[str] = list(items)
    named = ", ".join(listed[:_NAMED])
    more = len(listed) - _NAMED
    return f"{named} and {more} more" if more > 0 else named
