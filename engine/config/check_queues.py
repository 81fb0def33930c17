"""Queues against what is around them, and settings of a queue that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, islice, pairwise

from acd.queues import DestinationKind, OverflowAt, OverflowWhen, QueueSettings, WrapUpMode
from dialplan.numbers import normalise
from engine.config.drafts import Draft, Written
from engine.config.problems import Problem, listed, suggestion
from engine.config.spoken import Prompts, languages_of_callers
from engine.config.yaml_file import Loc
from engine.ivr.schema import Flow, Queue, Say, SetLanguage
from engine.mailbox import of_agent, of_queue

_ONLY_AT_ENTRY = (OverflowWhen.WAITING, OverflowWhen.NONE_READY)
_TIMED = (WrapUpMode.TIMED, WrapUpMode.TIMED_FIXED)
_NAMELESS = (DestinationKind.CALLBACK, DestinationKind.EXIT)


def check_queues(draft: Draft, prompts: Prompts, region: str) -> Iterator[Problem]:
    """Every problem of the queues, but for who serves them."""
    for queue in draft.queues.values():
        yield from _calendars(draft, queue)
        for index in range(len(queue.value.overflow)):
            yield from _destination(draft, queue, index, prompts, region)
            yield from _sense(queue, index)
        yield from _announcements(draft, queue, prompts)
        yield from _mailbox(draft, queue, prompts)
        yield from _keys(queue)
        yield from _wrap_up(queue)
        yield from _too_late(queue)
        yield from _owners(draft, queue)
    yield from _circles(draft)


def overflow_flows(draft: Draft) -> set[str]:
    """The flows that queues overflow to."""
    return {
        rule.to.name
        for queue in draft.queues.values()
        for rule in queue.value.overflow
        if rule.to.kind is DestinationKind.FLOW
    }


def _calendars(draft: Draft, queue: Written[QueueSettings]) -> Iterator[Problem]:
    settings, known = queue.value, draft.calendar_names
    if settings.calendar and settings.calendar not in known:
        yield queue.unknown("E303", "calendar", settings.calendar, known, at=("calendar",))
    if settings.callback and (name := settings.callback.calendar) and name not in known:
        yield queue.unknown("E303", "calendar", name, known, at=("callback", "calendar"))


# -- overflow -----------------------------------------------------------------------------------


def _destination(
    draft: Draft, queue: Written[QueueSettings], index: int, prompts: Prompts, region: str
) -> Iterator[Problem]:
    """Whether there is what a rule leads to."""
    to, at = queue.value.overflow[index].to, ("overflow", index, "to")
    match to.kind:
        case DestinationKind.QUEUE if to.name not in draft.queue_names:
            yield queue.unknown("E301", "queue", to.name, draft.queue_names, at=(*at, "queue"))
        case DestinationKind.FLOW if to.name not in draft.flow_names:
            yield queue.unknown("E302", "flow", to.name, draft.flow_names, at=(*at, "flow"))
        case DestinationKind.NUMBER if normalise(to.name, region) is None:
            message = f"`{to.name}` is no telephone number"
            yield queue.problem("E205", message, "write digits", at=(*at, "number"))
        case DestinationKind.HANG_UP if to.name:
            yield from _prompt(draft, queue, (*at, "hang_up"), to.name, prompts)
        case DestinationKind.VOICEMAIL if to.name and to.name not in _mailboxes(draft):
            yield queue.unknown(
                "E328", "mailbox", to.name, _mailboxes(draft), at=(*at, "voicemail")
            )
        case DestinationKind.CALLBACK if queue.value.callback is None:
            message = f"`{queue.name}` has no `callback` settings"
            yield queue.problem("E316", message, "add `callback: {}` to the queue", at=at)
    if to.kind in _NAMELESS and to.name:
        message = f"`{to.kind}` leads to one place only"
        yield queue.problem("E209", message, f"write `to: {to.kind}`", at=at)


def _mailboxes(draft: Draft) -> set[str]:
    return {*map(of_agent, draft.agents), *map(of_queue, draft.queue_names)}


def _mailbox(draft: Draft, queue: Written[QueueSettings], prompts: Prompts) -> Iterator[Problem]:
    voicemail = queue.value.voicemail
    if voicemail is not None and "greeting" in voicemail.model_fields_set:
        yield from _prompt(draft, queue, ("voicemail", "greeting"), voicemail.greeting, prompts)


def _sense(queue: Written[QueueSettings], index: int) -> Iterator[Problem]:
    """Rules that can never come true."""
    rule, at = queue.value.overflow[index], ("overflow", index)
    if rule.when in _ONLY_AT_ENTRY and rule.at is OverflowAt.WAITING:
        message = f"`{rule.when}` is asked at entry only: this rule never is"
        yield queue.problem("E315", message, "remove `at: waiting`", at=(*at, "at"))
    if rule.when is OverflowWhen.WAITED and rule.at is OverflowAt.ENTRY:
        message = "at entry nobody has waited yet: this rule never applies"
        yield queue.problem("E315", message, "remove `at: entry`", at=(*at, "at"))
    if rule.when is OverflowWhen.CLOSED and not queue.value.calendar:
        message = f"`{queue.name}` has no `calendar` that could say closed"
        yield queue.problem("E316", message, "add `calendar: …` to the queue", at=(*at, "when"))


def _too_late(queue: Written[QueueSettings]) -> Iterator[Problem]:
    """What comes only when nobody waits any more."""
    settings = queue.value
    limit, why = settings.max_wait_seconds, "`max_wait_seconds` is"
    for index, rule in enumerate(settings.overflow):
        if rule.when is not OverflowWhen.WAITED or rule.over is None:
            continue
        if rule.over >= settings.max_wait_seconds:
            message = f"nobody waits so long: `max_wait_seconds` is {settings.max_wait_seconds:g}"
            yield queue.problem("W308", message, at=("overflow", index, "over"))
        elif rule.over < limit:
            limit, why = rule.over, "they overflow after"
    begins = accumulate((step.seconds or 0 for step in settings.needs), initial=0.0)
    for index, begin in enumerate(islice(begins, len(settings.needs))):
        if begin >= limit:
            message = f"this step begins after {begin:g} s, when nobody waits: {why} {limit:g}"
            hint = "shorten the steps before it"
            yield queue.problem("W308", message, hint, at=("needs", index, "need"))
            return


@dataclass(frozen=True, slots=True)
class _Way:
    """How contacts come from one queue to another: by this rule, perhaps through a flow."""

    rule: int
    flow: str = ""


def _circles(draft: Draft) -> Iterator[Problem]:
    """Queues that overflow to each other, each circle told once."""
    ways = {name: _ways_out(draft, queue.value) for name, queue in draft.queues.items()}
    told: set[frozenset[str]] = set()
    for name in ways:
        circle = _way_back(ways, name)
        if not circle or frozenset(circle) in told:
            continue
        told.add(frozenset(circle))
        way = ways[name][circle[1]]
        at = ("overflow", way.rule, "to")
        message = f"contacts would overflow in a circle: {_shown(ways, circle)}"
        hint = "let the last of them keep its callers, or send them elsewhere"
        yield draft.queues[name].problem("E314", message, hint, at=at)


def _ways_out(draft: Draft, queue: QueueSettings) -> dict[str, _Way]:
    ways: dict[str, _Way] = {}
    for index, rule in enumerate(queue.overflow):
        if rule.to.kind is DestinationKind.QUEUE:
            ways.setdefault(rule.to.name, _Way(index))
        elif rule.to.kind is DestinationKind.FLOW and rule.to.name in draft.flows:
            target = _queue_at_once(draft.flows[rule.to.name].value)
            if target:
                ways.setdefault(target, _Way(index, rule.to.name))
    return {name: way for name, way in ways.items() if name in draft.queues}


def _queue_at_once(flow: Flow) -> str | None:
    """The queue that a flow leads every caller to, without asking him or a calendar."""
    name: str | None = flow.start
    for _ in flow.nodes:
        match flow.nodes.get(name or ""):
            case Say(next=following) | SetLanguage(next=following):
                name = following
            case Queue(queue=queue):
                return queue
            case _:
                return None
    return None


def _way_back(ways: Mapping[str, Mapping[str, _Way]], start: str) -> list[str]:
    """The shortest way from a queue to itself, both ends included; empty without one."""
    paths, seen = [[start]], set[str]()
    for path in paths:
        for following in ways[path[-1]]:
            if following == start:
                return [*path, start]
            if following not in seen:
                seen.add(following)
                paths.append([*path, following])
    return []


def _shown(ways: Mapping[str, Mapping[str, _Way]], circle: list[str]) -> str:
    text = circle[0]
    for source, target in pairwise(circle):
        flow = ways[source][target].flow
        text += f" → (flow {flow}) → {target}" if flow else f" → {target}"
    return text


# -- what the caller hears and presses ----------------------------------------------------------


def _announcements(
    draft: Draft, queue: Written[QueueSettings], prompts: Prompts
) -> Iterator[Problem]:
    said = queue.value.announcements
    for setting in ("comfort", "at_entry") if said else ():
        for index, key in enumerate(getattr(said, setting)):
            at = ("announcements", setting, index)
            yield from _prompt(draft, queue, at, key, prompts)


def _prompt(
    draft: Draft, queue: Written[QueueSettings], at: Loc, key: str, prompts: Prompts
) -> Iterator[Problem]:
    speaking = [language for language, keys in prompts.items() if key in keys]
    missing = [tag for tag in languages_of_callers(draft) if tag not in speaking]
    if not speaking:
        near = suggestion(key, set().union(*prompts.values()))
        message = f"prompt `{key}` has no text and no recording{near}"
        yield queue.problem("E304", message, "write it in a file of the flows' folder", at=at)
    elif missing:
        message = f"prompt `{key}` is missing in {', '.join(missing)}"
        yield queue.problem("W305", message, f"callers hear it in {speaking[0]}", at=at)


def _keys(queue: Written[QueueSettings]) -> Iterator[Problem]:
    callback, voicemail = queue.value.callback, queue.value.voicemail
    if callback and voicemail and callback.key and callback.key == voicemail.key:
        written = queue.document.position((*queue.path, "voicemail", "key"))
        own = written != queue.document.position((*queue.path, "voicemail"))
        at = ("voicemail" if own else "callback", "key")
        message = f"key {callback.key} would ask for a callback and for voicemail"
        yield queue.problem("E317", message, "choose another key for one of them", at=at)


# -- after the talk -----------------------------------------------------------------------------


def _wrap_up(queue: Written[QueueSettings]) -> Iterator[Problem]:
    settings = queue.value.wrap_up
    default, codes = settings.default_disposition, settings.dispositions
    if default and codes and default not in codes:
        message = f"`{default}` is none of the dispositions{suggestion(default, codes)}"
        at = ("wrap_up", "default_disposition")
        yield queue.problem("E318", message, f"there are: {listed(codes)}", at=at)
    if settings.required and settings.mode is WrapUpMode.NONE:
        message = "a disposition is required, and there is no wrap-up in which to set it"
        hint = "choose another mode, such as `until_done`, or remove `required`"
        yield queue.problem("E318", message, hint, at=("wrap_up", "required"))
    if settings.mode in _TIMED and not settings.seconds:
        hint = "write `wrap_up: none`, or some seconds"
        yield queue.problem("E318", "a timed wrap-up of 0 s", hint, at=("wrap_up", "seconds"))


def _owners(draft: Draft, queue: Written[QueueSettings]) -> Iterator[Problem]:
    sticky = queue.value.sticky
    nodes = (node for flow in draft.flows.values() for node in flow.value.nodes.values())
    named = any(isinstance(n, Queue) and n.queue == queue.name and n.owner for n in nodes)
    if sticky and sticky.to == "owner" and not named:
        message = f"no flow names an `owner` for `{queue.name}`: nobody is waited for"
        hint = "add `owner` to a flow's queue node, or write `to: last`"
        yield queue.problem("W311", message, hint, at=("sticky", "to"))
