"""Why a contact waits on: a short reason kept with each wait, and the whole one when asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from acd import estimates
from acd.agents import LOGGED_OUT, NOT_RESPONDING, PAUSED, Agent
from acd.floor import Floor
from acd.messages import PassedOver, WhyWaiting
from acd.waiting import Contact, Group

EXAMPLES = 20


def in_short(floor: Floor, contact: Contact, now: float) -> WhyWaiting:
    """How many agents are kept from it by which rule; costs the same with a thousand of them."""
    group = floor.group(contact)
    crew = floor.crew(group)
    staffed, available = len(crew.staffed), len(crew.available)
    counts = {
        **group.kept_out,
        "logged out": len(group.members) - staffed,
        "paused or not responding": staffed - available,
        "busy, resting or passed over": available,
    }
    return _why(floor, contact, counts, (), now)


def in_full(floor: Floor, contact: Contact, now: float) -> WhyWaiting:
    """The rule for each agent of the queue, with examples."""
    queue, group = floor.queues[contact.queue], floor.group(contact)
    rules = [
        PassedOver(name, _rule(floor, floor.agents[name], contact, group))
        for name in sorted(queue.members)
    ]
    counts = Counter(each.rule for each in rules)
    told = sorted(rules, key=lambda each: each.rule == "logged out")[:EXAMPLES]
    return _why(floor, contact, dict(counts.most_common()), tuple(told), now)


def _why(
    floor: Floor,
    contact: Contact,
    counts: dict[str, int],
    examples: tuple[PassedOver, ...],
    now: float,
) -> WhyWaiting:
    return WhyWaiting(
        estimates.position(floor, contact),
        round(floor.queues[contact.queue].score(contact, now), 3),
        contact.stage.need,
        tuple((rule, count) for rule, count in counts.items() if count),
        examples,
    )


def _rule(floor: Floor, agent: Agent, contact: Contact, group: Group) -> str:
    return next(_rules(floor, agent, contact, group))


def _rules(floor: Floor, agent: Agent, contact: Contact, group: Group) -> Iterator[str]:
    """What keeps the agent from the contact, the plainest first."""
    if agent.state is LOGGED_OUT:
        yield "logged out"
    if agent.name not in group.members:
        yield floor.kept_out(agent, group.key)
    if agent.state in (PAUSED, NOT_RESPONDING):
        yield f"{agent.state}: {agent.reason}"
    if not agent.wants_work:
        yield f"{agent.state}, then {agent.when_free()[0]}"
    if agent.name in contact.passed_over:
        yield f"{contact.passed_over[agent.name]} just now"
    if agent.resting is not None:
        yield f"rests: {agent.resting}"
    if contact.contact in agent.tasks:
        yield "rings for it"
    if contact.medium not in agent.opened:
        yield f"{agent.state} with {agent.contact}" if agent.tasks else str(agent.state)
    if agent.tasks:
        yield "keeps his room for a better one"
    yield "free"
