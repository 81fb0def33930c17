"""Calendars against what asks them: holidays written twice, emergencies that nobody can switch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from dialplan.hours import Holiday
from dialplan.schema import CalendarSettings
from engine.config.drafts import Draft, Written, every_target
from engine.config.problems import Problem
from engine.ivr.schema import Flow, Hours

ROUTE_CALENDAR = "route"
"""What an hours node says to ask the calendar of the number that was dialed."""

_LEAP_YEAR = 2000


def check_calendars(draft: Draft) -> Iterator[Problem]:
    """A taken name, holidays that overlap, emergencies that cannot be switched or heard."""
    if taken := draft.calendars.get(ROUTE_CALENDAR):
        message = f"no calendar can be called `{ROUTE_CALENDAR}`: it means the dialed number's"
        yield taken.problem("E309", message, "choose another name", key=True)
    for calendar in draft.calendars.values():
        yield from _overlaps(calendar)
    yield from _switches(draft)
    for flow in draft.flows.values():
        yield from _unheard(draft, flow)


def check_asked(draft: Draft) -> Iterator[Problem]:
    """Calendars that nothing asks."""
    asked = {target.calendar for one in draft.entries() for _, target in every_target(one.value)}
    for queue in draft.queues.values():
        asked |= {queue.value.calendar}
        asked |= {queue.value.callback.calendar} if queue.value.callback else set()
    asked |= {
        getattr(node, "calendar", None) for flow in _flows(draft) for node in flow.nodes.values()
    }
    asked |= {campaign.value.calendar for campaign in draft.campaigns.values()}
    for name, calendar in draft.calendars.items():
        if name not in asked:
            message = f"no number, queue, flow or campaign asks the calendar `{name}`"
            hint = "name it where it should count, or remove it"
            yield calendar.problem("W314", message, hint, key=True)


def asks_route(flow: Flow) -> bool:
    """Whether an hours node of the flow asks the calendar of the number."""
    return any(node.calendar == ROUTE_CALENDAR for _, node in _hours(flow))


def _overlaps(calendar: Written[CalendarSettings]) -> Iterator[Problem]:
    """Each holiday that closes a day which one above it closes already; that one gives the name."""
    holidays = calendar.value.calendar(calendar.name).holidays
    for later, earlier in sorted(_twice(holidays).items()):
        message = "a day of this holiday is one of a holiday above already"
        hint = f"write it once; see {_place(calendar, earlier)}"
        yield calendar.problem("W315", message, hint, at=("holidays", later))


def _twice(holidays: tuple[Holiday, ...]) -> dict[int, int]:
    """By their places in the list: those that share a day with an earlier one, and which."""
    years = {day.year for one in holidays for day in (one.first, one.last)} - {0} or {_LEAP_YEAR}
    found: dict[int, int] = {}
    for year in years:
        due = [
            (place, one)
            for place, one in enumerate(holidays)
            if not one.first.year or one.first.year <= year <= one.last.year
        ]
        for day in (date(year, 1, 1) + timedelta(days=step) for step in range(366)):
            places = [place for place, one in due if one.covers(day)]
            found |= {place: places[0] for place in places[1:] if place not in found}
    return found


def _place(calendar: Written[CalendarSettings], holiday: int) -> str:
    position = calendar.document.position((*calendar.path, "holidays", holiday))
    return f"{calendar.document.path}:{position.line}"


def _switches(draft: Draft) -> Iterator[Problem]:
    """A PIN without a telephone that asks for it, and the other way round."""
    with_pin = [one for one in draft.calendars.values() if one.value.emergency_pin]
    code = draft.features.value.emergency if draft.features else None
    numbers = [
        (one, at)
        for one in draft.entries()
        for at, target in every_target(one.value)
        if target.feature
    ]
    if with_pin and not (code or numbers):
        message = "no telephone asks for this PIN"
        hint = "add the feature code `emergency`, or a number with `feature: emergency`"
        yield with_pin[0].problem("W316", message, hint, at=("emergency_pin",), key=True)
    if with_pin or draft.calendar_names - draft.calendars.keys():
        return
    message = "the emergency cannot be switched by telephone: no calendar has a PIN for it"
    hint = "give a calendar an `emergency_pin`"
    if code and draft.features:
        yield draft.features.problem("W316", message, hint, at=("emergency",), key=True)
    for number, at in numbers:
        yield number.problem("W316", message, hint, at=(*at, "feature"), key=True)


def _unheard(draft: Draft, flow: Written[Flow]) -> Iterator[Problem]:
    """Hours nodes that would say in an emergency that it is closed as every night."""
    for name, node in _hours(flow.value):
        calendars = (
            _of_numbers(draft, flow.name) if node.calendar == ROUTE_CALENDAR else {node.calendar}
        )
        known = [draft.calendars[one].value for one in sorted(calendars & draft.calendars.keys())]
        if node.emergency is None and any(one.emergency_pin or one.emergency for one in known):
            message = f"in an emergency, `{name}` goes on as when it is closed"
            hint = "add `emergency: …`: callers should hear what has happened"
            yield flow.problem("W317", message, hint, at=("nodes", name), key=True)


def _of_numbers(draft: Draft, flow: str) -> set[str]:
    """The calendars of the numbers that lead to a flow."""
    return {
        calendar
        for one in draft.entries()
        for _, target in every_target(one.value)
        if target.flow == flow and (calendar := target.calendar or one.value.calendar)
    }


def _hours(flow: Flow) -> Iterable[tuple[str, Hours]]:
    return [(name, node) for name, node in flow.nodes.items() if isinstance(node, Hours)]


def _flows(draft: Draft) -> Iterable[Flow]:
    return [flow.value for flow in draft.flows.values()]
