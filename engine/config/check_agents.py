"""Agents against what is around them: their queues, media, extensions and pause reasons."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from acd.agent_settings import AgentSettings
from engine.config.drafts import Draft, Written
from engine.config.problems import Problem, listed
from engine.ivr.schema.speech import LANGUAGE_PATTERN

PAUSE_WITHOUT_REASON = "break"
"""What an agent says who dials the pause code alone."""


def check_agents(draft: Draft) -> Iterator[Problem]:
    """Every problem between agents, and of the media and pause reasons beside them."""
    for agent in draft.agents.values():
        yield from _queues(draft, agent)
        yield from _languages(agent)
        for index, medium in enumerate(agent.value.media):
            if medium not in draft.all_media():
                known = draft.all_media()
                yield agent.unknown("E319", "medium", medium, known, at=("media", index))
    yield from _extensions(draft)
    yield from _media(draft)
    yield from _pause_codes(draft)


def _queues(draft: Draft, agent: Written[AgentSettings]) -> Iterator[Problem]:
    served = agent.value.queues
    for index, queue in enumerate(served):
        if queue not in draft.queue_names:
            yield agent.unknown("E301", "queue", queue, draft.queue_names, at=("queues", index))
    for queue in agent.value.tiers:
        at = ("tiers", queue)
        if queue not in draft.queue_names:
            yield agent.unknown("E301", "queue", queue, draft.queue_names, at=at, key=True)
        elif queue not in served:
            message = f"`{agent.name}` has a tier in `{queue}` and does not serve it"
            hint = f"add `{queue}` to his queues, or remove the tier"
            yield agent.problem("W310", message, hint, at=at, key=True)


def _languages(agent: Written[AgentSettings]) -> Iterator[Problem]:
    for index, tag in enumerate(agent.value.languages):
        if not re.fullmatch(LANGUAGE_PATTERN, tag):
            message = f"`{tag}` is no language: callers' are written as en, vi or en-GB"
            yield agent.problem("E205", message, at=("languages", index))


def _extensions(draft: Draft) -> Iterator[Problem]:
    seen: dict[str, Written[Any]] = {}
    for agent in draft.agents.values():
        first = seen.setdefault(agent.value.extension, agent)
        if first is not agent:
            message = f"extension {agent.value.extension} is `{first.name}`'s already"
            hint = f"give one of them another; see {first.place()}"
            yield agent.problem("E305", message, hint, at=("extension",))


def _media(draft: Draft) -> Iterator[Problem]:
    known = draft.all_media()
    for medium in draft.media.values():
        for index, name in enumerate(medium.value.interrupted_by):
            if name not in known:
                at = ("interrupted_by", index)
                yield medium.unknown("E319", "medium", name, known, at=at)
        weight = known[medium.name].weight
        capacities = [a.value.capacity for a in draft.agents.values() if _takes(a, medium.name)]
        if capacities and weight > max(capacities):
            message = f"a {medium.name} weighs {weight}, and no agent has room for more than "
            message += f"{max(capacities)}: only who has nothing to do gets one"
            yield medium.problem("W313", message, "make it lighter", at=("weight",))


def _takes(agent: Written[AgentSettings], medium: str) -> bool:
    return medium in agent.value.media


def _pause_codes(draft: Draft) -> Iterator[Problem]:
    """A reason that is not among those of the site would be refused when an agent dials it."""
    if draft.features is None or not draft.reasons:
        return
    features = draft.features
    for digit, reason in features.value.pause_reasons.items():
        if reason not in draft.reasons:
            at = ("pause_reasons", digit)
            yield features.unknown("E322", "pause reason", reason, draft.reasons, at=at)
    if features.value.pause and PAUSE_WITHOUT_REASON not in draft.reasons:
        message = f"`{features.value.pause}` alone pauses for `{PAUSE_WITHOUT_REASON}`, which is "
        message += f"no pause reason: only {listed(draft.reasons)}"
        hint = f"add `{PAUSE_WITHOUT_REASON}` to the pause reasons"
        yield features.problem("W312", message, hint, at=("pause",))
