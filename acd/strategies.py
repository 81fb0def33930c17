"""Which of several agents who could take a contact is offered it first.

A strategy is a key to sort by (lowest first) and the words in which an offer's reason tells it.
Whoever has least to do comes first in any strategy, then the lower tier in the queue, then the
strategy's key, then who is idle longest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from math import log

from acd.agents import READY, Agent
from acd.floor import Floor
from acd.queues import Strategy
from acd.skills import skills_of
from acd.waiting import Contact


@dataclass(frozen=True, slots=True)
class Choice:
    """The question: who of several, for this contact, now."""

    floor: Floor
    contact: Contact
    now: float


Rule = tuple[Callable[[Choice, Agent], float], Callable[[Choice, Agent], str]]


def sort_key(choice: Choice, agent: Agent) -> tuple[int, int, float, float, str]:
    """Sorts the candidates of a contact, the winner first."""
    queue = choice.floor.queues[choice.contact.queue].settings
    key = _RULES[queue.strategy][0]
    return (
        agent.seat.load,
        agent.tier(queue.name),
        key(choice, agent),
        agent.idle_since,
        agent.name,
    )


def detail(choice: Choice, agent: Agent) -> str:
    """What the agent was compared by, in words."""
    queue = choice.floor.queues[choice.contact.queue].settings
    words = [_RULES[queue.strategy][1](choice, agent)]
    if tier := agent.tier(queue.name):
        words.append(f"tier {tier}")
    if agent.seat is not None and agent.seat.load:
        words.append(f"busy with {len(agent.tasks)}")
    return ", ".join(words)


def _idle(choice: Choice, agent: Agent) -> str:
    return f"idle {max(choice.now - agent.idle_since, 0):.0f} s"


def _idle_today(choice: Choice, agent: Agent) -> float:
    return choice.floor.seconds_in(agent, READY, choice.now)


def _last_offered(choice: Choice, agent: Agent) -> float:
    return agent.last_offered.get(choice.contact.queue, 0)


def _level(choice: Choice, agent: Agent) -> int:
    return sum(agent.levels.get(skill, 0) for skill in skills_of(choice.contact.stage.need))


def _draw(choice: Choice, agent: Agent) -> float:
    """A weighted draw without a dice: each gets −ln(u)/weight, the smallest wins (Efraimidis and
    Spirakis, 2006), and u is a digest of offer and agent, so that a replay draws the same."""
    seed = f"{choice.floor.offers_made}/{choice.contact.contact}/{agent.name}"
    digest = blake2b(seed.encode(), digest_size=8).digest()
    u = (int.from_bytes(digest) + 1) / (2**64 + 1)
    return -log(u) / agent.settings.weight


_RULES: dict[Strategy, Rule] = {
    Strategy.LONGEST_IDLE: (lambda choice, agent: agent.idle_since, _idle),
    Strategy.MOST_IDLE_TODAY: (
        lambda choice, agent: -_idle_today(choice, agent),
        lambda choice, agent: f"idle {_idle_today(choice, agent):.0f} s today",
    ),
    Strategy.FEWEST_CONTACTS: (
        lambda choice, agent: agent.contacts_today,
        lambda choice, agent: f"{agent.contacts_today} contacts today",
    ),
    Strategy.ROUND_ROBIN: (
        _last_offered,
        lambda choice, agent: (
            f"last offered by number {last:.0f}"
            if (last := _last_offered(choice, agent))
            else "never offered"
        ),
    ),
    Strategy.RANDOM: (_draw, lambda choice, agent: f"drawn, weight {agent.settings.weight:g}"),
    Strategy.LINEAR: (
        lambda choice, agent: agent.rank,
        lambda choice, agent: f"number {agent.rank + 1} in the list",
    ),
    Strategy.BEST_SKILLED: (
        lambda choice, agent: -_level(choice, agent),
        lambda choice, agent: f"levels {_level(choice, agent)}",
    ),
}
