"""Which agents each campaign may count on: several campaigns, and inbound queues, want the same.

Every agent who works counts in exactly one campaign, so that no two campaigns dial for him; whom an
answered call really goes to is the distributor's decision, as for any contact. Shares go by the
campaigns' weights, and nobody is starved: a campaign without an agent comes first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from dialer.campaign import Reserve
from dialer.messages import AgentSeen, QueueSeen

OFFLINE: Final = "offline"
"""The state of an agent whose phone is not there."""
AWAY: Final = frozenset({"logged_out", "paused", "not_responding", OFFLINE})
"""States in which an agent is not counted on."""

_KEEPS = 0.999
"""An agent stays with his campaign unless another is a whole agent short."""
_UNDER_TARGET_SHARE = 0.1
"""Of the agents that serve both, kept free while an inbound queue is under its service level."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A campaign that wants agents of its queue."""

    campaign: str
    queue: str
    weight: float = 1.0


def share(
    agents: Iterable[AgentSeen], claims: Sequence[Claim], before: Mapping[str, str]
) -> dict[str, str]:
    """The campaign of each agent who works and serves one; ``before`` is how it was."""
    wanted = {
        agent.name: [claim for claim in claims if claim.queue in agent.queues]
        for agent in agents
        if agent.state not in AWAY
    }
    shared: dict[str, str] = {}
    counts = dict.fromkeys((claim.campaign for claim in claims), 0)
    for name in sorted(wanted, key=lambda each: (len(wanted[each]), each)):
        if not wanted[name]:
            continue
        kept = before.get(name)
        best = min(wanted[name], key=lambda claim: _need(claim, counts, kept))
        shared[name] = best.campaign
        counts[best.campaign] += 1
    return shared


def _need(claim: Claim, counts: Mapping[str, int], kept: str | None) -> tuple[bool, float]:
    """Sorts the campaigns: who has nobody, then who has the least for its weight."""
    count = counts[claim.campaign]
    bonus = _KEEPS if claim.campaign == kept else 0.0
    return count > 0, (count + 1 - bonus) / claim.weight


def staff(agents: Iterable[AgentSeen], queue: str | None) -> dict[str, AgentSeen]:
    """By name: who works and serves this queue, whomever he counts for."""
    return {a.name: a for a in agents if queue in a.queues and a.state not in AWAY}


def for_dialing(
    agents: Sequence[AgentSeen],
    reserve: Reserve,
    queues: Iterable[QueueSeen],
    dialed_for: Collection[str],
) -> tuple[list[AgentSeen], int]:
    """The agents of a campaign that it may count on now, and how many free ones are kept back.

    Agents whose inbound queue has somebody waiting are not counted: the distributor gives them
    that. ``dialed_for`` are the queues of campaigns, which are no inbound queues.
    """
    inbound = {queue.name: queue for queue in queues if queue.name not in dialed_for}
    both = [agent for agent in agents if any(queue in inbound for queue in agent.queues)]
    busy = {a.name for a in both if any(inbound[q].waiting for q in a.queues if q in inbound)}
    kept = reserve.agents if both else 0
    served = {queue for agent in both for queue in agent.queues if queue in inbound}
    if reserve.service_level and any(inbound[queue].under_target for queue in served):
        kept += max(1, ceil(_UNDER_TARGET_SHARE * len(both)))
    counted = [agent for agent in agents if agent.name not in busy]
    free = sorted((a for a in counted if a.state == "ready" and a in both), key=_longest_idle)
    held = {agent.name for agent in free[:kept]}
    return [agent for agent in counted if agent.name not in held], len(held)


def _longest_idle(agent: AgentSeen) -> float:
    return agent.since
