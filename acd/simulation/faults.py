"""What makes no sense across a scenario, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from acd.queues import WrapUpMode
from acd.simulation.scenario import MINUTE, Arrivals, Group, Kind, Scenario

Path = tuple[str | int, ...]
UNKNOWN_QUEUE, NONSENSE = "E301", "E209"


@dataclass(frozen=True, slots=True)
class Fault:
    """One of them. ``path`` is the way to it in the file: keys and list positions."""

    path: Path
    code: str
    message: str
    hint: str


def faults(scenario: Scenario) -> Iterator[Fault]:
    """All of them, in the order of the file."""
    if not scenario.queues:
        hint = "write `queues`, or name a file with them: `queues_file`"
        yield Fault((), NONSENSE, "there is no queue", hint)
        return
    if scenario.warm_up_minutes * MINUTE >= scenario.end - scenario.start:
        hint = "make it shorter, or `hours` longer"
        yield Fault(("warm_up_minutes",), NONSENSE, "nothing is left of the day to count", hint)
    served = {queue for group in scenario.agents.values() for queue in group.queues}
    for name, arrivals in scenario.arrivals.items():
        yield from _of_arrivals(scenario, name, arrivals, served)
    for name, group in scenario.agents.items():
        yield from _of_agents(scenario, name, group)


def _of_arrivals(
    scenario: Scenario, name: str, arrivals: Arrivals, served: set[str]
) -> Iterator[Fault]:
    path: Path = ("arrivals", name)
    if name not in scenario.queues:
        yield _unknown(path, name, scenario.queues)
        return
    if name not in served and served <= scenario.queues.keys():
        hint = f"add `{name}` to the `queues` of a group of agents"
        yield Fault(path, NONSENSE, f"nobody serves the queue `{name}`", hint)
    yield from _of_rates(scenario, path, arrivals)
    queue = scenario.queues[name]
    if queue.wrap_up.mode is WrapUpMode.UNTIL_DONE and not _is_done(arrivals):
        message = f"wrap-up in `{name}` lasts until the agent is done, and nothing says when"
        hint = "write `wrap_up`, such as {type: exponential, mean: 30}"
        yield Fault(path, NONSENSE, message, hint)
    yield from _of_media(scenario, path, arrivals)


def _of_rates(scenario: Scenario, path: Path, arrivals: Arrivals) -> Iterator[Fault]:
    intervals = scenario.hours * 60 / arrivals.every_minutes
    rates = len(arrivals.per_hour)
    if rates != 1 and rates != intervals:
        message = f"{rates} rates for a day of {intervals:g} intervals"
        hint = f"write {intervals:g} of them, or one for all (`hours` by `every_minutes`)"
        yield Fault((*path, "per_hour"), NONSENSE, message, hint)


def _is_done(arrivals: Arrivals) -> bool:
    return all(kind.wrap_up or arrivals.wrap_up for kind in arrivals.kinds or (Kind(),))


def _of_media(scenario: Scenario, path: Path, arrivals: Arrivals) -> Iterator[Fault]:
    known = {medium.name for medium in scenario.media}
    written: list[tuple[Path, str]] = [((*path, "medium"), arrivals.medium)]
    for number, kind in enumerate(arrivals.kinds):
        written.append(((*path, "kinds", number, "medium"), kind.medium or arrivals.medium))
    for place, medium in written:
        if medium not in known:
            hint = f"media here: {', '.join(sorted(known))}"
            yield Fault(place, NONSENSE, f"there is no medium `{medium}`", hint)


def _of_agents(scenario: Scenario, name: str, group: Group) -> Iterator[Fault]:
    path: Path = ("agents", name)
    for number, queue in enumerate(group.queues):
        if queue not in scenario.queues:
            yield _unknown((*path, "queues", number), queue, scenario.queues)
    if group.shift and group.shift.end <= group.shift.start:
        hint = 'a shift over midnight ends after "24:00"'
        yield Fault((*path, "shift", "end"), NONSENSE, "the shift ends before it begins", hint)
    elif group.shift and group.shift.end <= scenario.start:
        hint = "make it later, or `start` earlier"
        yield Fault((*path, "shift", "end"), NONSENSE, "this is before the day begins", hint)
    for number, pause in enumerate(group.breaks):
        if pause.until is not None and pause.until < pause.at + pause.minutes * MINUTE:
            place = (*path, "breaks", number, "until")
            yield Fault(place, NONSENSE, "nobody is back from this break by then", "make it later")


def _unknown(path: Path, queue: str, known: Iterable[str]) -> Fault:
    hint = f"queues here: {', '.join(sorted(known))}"
    return Fault(path, UNKNOWN_QUEUE, f"there is no queue `{queue}`", hint)
