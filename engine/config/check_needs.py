"""Who can serve whom: needs that can be read, skills that somebody has, queues that are served."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from acd.queues import NeedsEnd, OverflowWhen, QueueSettings
from acd.skills import LANGUAGE, NeedError, compile_need, in_language, skills_of
from engine.config.drafts import Draft, Written
from engine.config.problems import Problem, listed, suggestion
from engine.config.spoken import languages_of_callers
from engine.config.yaml_file import Loc
from engine.ivr.schema import Queue

_ANY_LANGUAGE = "_language"
"""Stands in for ``$language``: of the same length, so that columns stay right."""

_EXAMPLE = "write it as `billing >= 3 and (vi >= 4 or en >= 2)`"


class _Step(Protocol):
    @property
    def need(self) -> str: ...
    @property
    def seconds(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class _Needs:
    """The steps of a queue, or of a flow's node that leads to it, and where they are written."""

    queue: str
    steps: Sequence[_Step]
    written: Written[Any]
    at: Loc
    end: NeedsEnd

    def problem(self, code: str, message: str, hint: str = "", *, step: int) -> Problem:
        return self.written.problem(code, message, hint, at=(*self.at, step, "need"))

    def problem_in(self, code: str, message: str, hint: str, *, step: int, offset: int) -> Problem:
        """A problem at a character of the step's need."""
        at = (*self.at, step, "need")
        path = (*self.written.path, *at)
        text = self.steps[step].need
        return self.written.document.problem_in_text(path, text, offset, code, message, hint)


def check_needs(draft: Draft) -> Iterator[Problem]:
    """Needs that cannot be read, and steps that are never come to."""
    for needs in _all_needs(draft):
        for index in range(len(needs.steps)):
            yield from _readable(needs, index)
        last = next((i for i, step in enumerate(needs.steps) if step.seconds is None), None)
        if last is not None and last + 1 < len(needs.steps):
            message = f"this step is never come to: step {last + 1} before it lasts for ever"
            hint = f"give step {last + 1} `seconds`, or remove what comes after it"
            yield needs.problem("E312", message, hint, step=last + 1)


def check_served(draft: Draft) -> Iterator[Problem]:
    """Queues that nobody serves, skills that nobody has, steps that nobody fits.

    To be asked only when all agents could be read.
    """
    for queue in draft.queues.values():
        if not _members(draft, queue.name):
            yield _unserved(queue)
    for needs in _all_needs(draft):
        unknown = list(_unknown_skills(draft, needs))
        yield from unknown
        if not unknown and _members(draft, needs.queue):
            yield from _unfit(draft, needs)


def _all_needs(draft: Draft) -> Iterator[_Needs]:
    for queue in draft.queues.values():
        settings = queue.value
        yield _Needs(queue.name, settings.needs, queue, ("needs",), settings.needs_end)
    for flow in draft.flows.values():
        for name, node in flow.value.nodes.items():
            if isinstance(node, Queue) and node.queue in draft.queues:
                end = draft.queues[node.queue].value.needs_end
                yield _Needs(node.queue, node.needs, flow, ("nodes", name, "needs"), end)


# -- each need by itself ------------------------------------------------------------------------


def _readable(needs: _Needs, index: int) -> Iterator[Problem]:
    need = needs.steps[index].need
    try:
        compile_need(need.replace(LANGUAGE, _ANY_LANGUAGE))
    except NeedError as error:
        offset = error.column - 1 + len(need) - len(need.lstrip())
        message = f"this need cannot be read: {error}"
        yield needs.problem_in("E310", message, _EXAMPLE, step=index, offset=offset)


def _unknown_skills(draft: Draft, needs: _Needs) -> Iterator[Problem]:
    known = {skill for agent in draft.agents.values() for skill in agent.value.levels()}
    for index, step in enumerate(needs.steps):
        for skill in sorted(_skills(step.need) - known):
            message = f"no agent has the skill `{skill}`{suggestion(skill, known)}"
            found = re.search(rf"\b{skill}\b", step.need)
            offset = found.start() if found else 0
            hint = f"known: {listed(known)}"
            yield needs.problem_in("E311", message, hint, step=index, offset=offset)


def _skills(need: str) -> frozenset[str]:
    try:
        return skills_of(need.replace(LANGUAGE, _ANY_LANGUAGE)) - {_ANY_LANGUAGE}
    except NeedError:  # told already
        return frozenset()


# -- needs and agents ---------------------------------------------------------------------------


def _members(draft: Draft, queue: str) -> list[dict[str, int]]:
    """The skills of each agent of a queue."""
    return [a.value.levels() for a in draft.agents.values() if queue in a.value.queues]


def _unserved(queue: Written[QueueSettings]) -> Problem:
    """An error where callers would wait in vain."""
    hint = f"add `{queue.name}` to the queues of an agent"
    unstaffed = any(rule.when is OverflowWhen.UNSTAFFED for rule in queue.value.overflow)
    if queue.value.hold_when_unstaffed and not unstaffed:
        message = f"nobody serves the queue `{queue.name}`: its callers would wait in vain"
        hint += ", or say what else becomes of callers: an `overflow` for `unstaffed`"
        return queue.problem("E313", message, hint, key=True)
    message = f"nobody serves the queue `{queue.name}`: all its callers leave at once"
    return queue.problem("W301", message, hint, key=True)


def _unfit(draft: Draft, needs: _Needs) -> Iterator[Problem]:
    """Steps that no agent of the queue ever fits, and callers whom therefore nobody serves."""
    languages = languages_of_callers(draft) or [""]
    members = _members(draft, needs.queue)
    fits = [
        {language for language in languages if _fits(members, step.need, language)}
        for step in needs.steps
    ]
    stranded = [tag for tag in languages if _is_stranded(needs, [tag in fit for fit in fits])]
    if stranded == languages:
        message = f"nobody can serve `{needs.queue}`: no agent of it fits any of its needs"
        hint = "ask for less in a last step, or give an agent of the queue the skill"
        yield needs.problem("E313", message, hint, step=0)
        return
    for index, fit in enumerate(fits):
        if not fit:
            message = f"no agent of `{needs.queue}` ever fits this step"
            yield needs.problem("W306", message, "ask for less, or remove it", step=index)
    if stranded:
        message = f"nobody of `{needs.queue}` can serve callers in {', '.join(stranded)}"
        hint = "add a last step that asks for no language"
        yield needs.problem("W307", message, hint, step=0)


def _fits(members: list[dict[str, int]], need: str, language: str) -> bool:
    try:
        return any(map(compile_need(in_language(need, language)), members))
    except NeedError:  # told already
        return True


def _is_stranded(needs: _Needs, fits: list[bool]) -> bool:
    """Whether a caller is never served: ``fits`` says of each step if somebody fits."""
    for step, fit in zip(needs.steps, fits, strict=True):
        if fit:
            return False
        if step.seconds is None:
            return True
    return bool(fits) and needs.end is NeedsEnd.EXIT
