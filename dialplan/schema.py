"""The files of ``dialplan/routes``: numbers, calendars and feature codes, as people write them.

``RoutesFile.model_validate`` takes what was read from one file; the methods of its parts make the
values that decide. Which names exist elsewhere (flows, queues) is not known here.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    field_validator,
    model_validator,
)

from acd.queues import Destination
from dialplan.features import Action, Features
from dialplan.hours import Calendar, Day, Holiday, Span
from dialplan.inbound import Entry, Route
from dialplan.numbers import dialable
from dialplan.outbound import DialAs, Rule, Trunk
from dialplan.rooms import MeetMe, RoomKey
from dialplan.talk_codes import DEFAULT_CODES, TalkAction, TalkCodes

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_SPAN = re.compile(r"(\d\d?):(\d\d)\s*-\s*(\d\d?):(\d\d)", re.ASCII)
_DATE = re.compile(r"(?:(\d{4})-)?(\d\d)-(\d\d)", re.ASCII)


def _days(text: Any) -> tuple[int, ...]:
    """``mon``, ``mon-fri``, ``daily`` as weekday numbers; a range may pass Sunday."""
    first, _, last = str(text).strip().partition("-")
    if text == "daily":
        return tuple(range(7))
    if first not in DAYS or (last or first) not in DAYS:
        raise ValueError(f"`{text}` is no day: write {', '.join(DAYS)}, a range mon-fri, or daily")
    start, end = DAYS.index(first), DAYS.index(last or first)
    return tuple((start + step) % 7 for step in range((end - start) % 7 + 1))


def _spans(value: Any) -> tuple[Span, ...]:
    """``08:00-12:00, 13:30-17:30``, as one text or as a list."""
    texts = value.split(",") if isinstance(value, str) else value
    if not isinstance(texts, list):
        raise ValueError("opening hours are written 08:00-17:30, several with commas")
    spans = tuple(sorted((_span(text) for text in texts), key=lambda span: span.opens))
    for earlier, later in pairwise(spans):
        if later.opens < earlier.closes:
            raise ValueError("two of these opening hours overlap")
    return spans


def _span(text: Any) -> Span:
    match = _SPAN.fullmatch(str(text).strip())
    if not match:
        raise ValueError(f"`{text}` are no opening hours: write 08:00-17:30")
    h1, m1, h2, m2 = map(int, match.groups())
    opens, closes = h1 * 60 + m1, h2 * 60 + m2
    if max(m1, m2) > 59 or opens >= 1440 or closes > 1440:
        raise ValueError(f"`{text}` has a time that no clock shows; the day ends at 24:00")
    if opens == closes:
        raise ValueError(f"`{text}` opens and closes at once; all day is 00:00-24:00")
    return Span(opens, closes if closes > opens else closes + 1440)


def _dates(value: Any) -> tuple[Day, Day]:
    """``2027-02-04``, ``2027-02-04..2027-02-10``, or without the year for every year."""
    first, _, last = str(value).partition("..")
    days = _day(first), _day(last or first)
    if bool(days[0].year) != bool(days[1].year):
        raise ValueError("write the year in both dates, or in neither for every year")
    if days[0].year and _ordinal(days[0]) > _ordinal(days[1]):
        raise ValueError(f"`{value}` ends before it begins")
    return days


def _day(text: str) -> Day:
    match = _DATE.fullmatch(text.strip())
    if not match:
        raise ValueError(f"`{text}` is no date: write 2027-02-04, or 04-30 for every April 30")
    year, month, day = (int(part or 0) for part in match.groups())
    leap = year == 0 or (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
    lengths = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    if not 1 <= month <= 12 or not 1 <= day <= lengths[month - 1]:
        raise ValueError(f"`{text}` is no day of the calendar; the month comes before the day")
    return Day(year, month, day)


def _ordinal(day: Day) -> tuple[int, int, int]:
    return (day.year, day.month, day.day)


def _zone(value: Any) -> ZoneInfo:
    try:
        return ZoneInfo(str(value))
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"there is no time zone `{value}`: write Asia/Ho_Chi_Minh") from error


def _named(value: Any) -> Any:
    """One name for all languages may be written as a plain text."""
    return {"": value} if isinstance(value, str) else value


def _number(value: Any) -> str:
    """A telephone number without the separators that people write."""
    number = dialable(str(value))
    if number is None or not number.removeprefix("+").isdecimal():
        raise ValueError(f"`{value}` is no telephone number")
    return number


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
Code = Annotated[str, Field(pattern=r"^[*#][0-9*#]{1,7}$")]
Digits = Annotated[str, Field(pattern=r"^[0-9]{1,8}$")]
RoomPin = Annotated[str, Field(pattern=r"^([0-9]{4,12})?$")]
KeyOrNone = Annotated[str, Field(pattern=r"^[0-9*#]?$")]
Endpoint = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
Number = Annotated[str, BeforeValidator(_number)]
Names = Annotated[dict[str, str], BeforeValidator(_named)]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class HolidaySettings(_Settings):
    """A closed day or several in a row; over New Year's Eve as ``12-31..01-01``."""

    date: Annotated[tuple[Day, Day], PlainValidator(_dates)]
    name: Names = Field(default_factory=dict)


class CalendarSettings(_Settings):
    """Opening hours of a week, the holidays that break them, and the emergency above all.

    ``emergency`` is for good; it is switched for a while by the API, the command, or a telephone.
    """

    timezone: Annotated[ZoneInfo, PlainValidator(_zone)]
    open: dict[
        Annotated[tuple[int, ...], PlainValidator(_days)],
        Annotated[tuple[Span, ...], PlainValidator(_spans)],
    ] = Field(default_factory=dict)
    holidays: tuple[HolidaySettings, ...] = ()
    emergency: bool = False
    emergency_pin: str | None = Field(None, pattern=r"^[0-9]{6,12}$", repr=False)

    @field_validator("open")
    @classmethod
    def _one_line_per_day(
        cls, week: dict[tuple[int, ...], tuple[Span, ...]]
    ) -> dict[tuple[int, ...], tuple[Span, ...]]:
        days = [day for group in week for day in group]
        twice = sorted({DAYS[day] for day in days if days.count(day) > 1})
        if twice:
            raise ValueError(f"{twice[0]} is in two lines; name each day once")
        return week

    def calendar(self, name: str) -> Calendar:
        """The calendar that decides."""
        hours = {day: spans for days, spans in self.open.items() for day in days}
        week = tuple(hours.get(day, ()) for day in range(7))
        holidays = tuple(Holiday(*one.date, names=one.name) for one in self.holidays)
        return Calendar(name, self.timezone, week, holidays, self.emergency, self.emergency_pin)


class TargetSettings(_Settings):
    """Where a call goes: one of ``flow``, ``queue``, ``room`` and ``feature``.

    The feature ``emergency`` is the switch of the calendars, for who has a PIN.
    """

    flow: Name | None = None
    queue: Name | None = None
    room: Name | None = None
    feature: Literal["emergency"] | None = None
    language: Language | None = None
    calendar: Name | None = None

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if len(self._targets()) != 1:
            raise ValueError("a call goes to one place: write `flow: …` or `queue: …`")
        return self

    def _targets(self) -> list[tuple[str, str]]:
        written = {kind: getattr(self, kind) for kind in ("flow", "queue", "room", "feature")}
        return [(kind, target) for kind, target in written.items() if target is not None]

    def route(self, name: str) -> Route:
        """The route that decides."""
        [(kind, target)] = self._targets()
        return Route(name, kind, target, self.language or "", self.calendar or "")


class NumberSettings(TargetSettings):
    """What becomes of calls to a number.

    ``closed`` takes over while ``calendar`` is not open, ``callers`` for certain callers (numbers
    or patterns) at any hour.
    """

    closed: TargetSettings | None = None
    callers: dict[str, TargetSettings] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _closed_by_what(self) -> Self:
        if self.closed and not self.calendar:
            raise ValueError("`closed` needs a `calendar` beside it that says when")
        return self

    def entry(self, name: str, spelled: dict[str, str]) -> Entry:
        """The table of this number; ``spelled`` gives each caller's number its one spelling."""
        callers = tuple((spelled[key], one.route(name)) for key, one in self.callers.items())
        closed = self.closed.route(name) if self.closed else None
        return Entry(self.route(name), closed, callers)


class FeatureSettings(_Settings):
    """Feature codes of the agents' phones: what they dial, and in ``talk`` what they press while
    they talk. More digits may follow a code: ``dialplan.features`` says which."""

    login: Code | None = None
    logout: Code | None = None
    ready: Code | None = None
    pause: Code | None = None
    status: Code | None = None
    done: Code | None = None
    disposition: Code | None = None
    pick_up: Code | None = None
    supervise: Code | None = None
    voicemail: Code | None = None
    room: Code | None = None
    emergency: Code | None = None
    pause_reasons: dict[Annotated[str, Field(pattern=r"^[0-9]$")], Name] = Field(
        default_factory=dict
    )
    dispositions: dict[Digits, Name] = Field(default_factory=dict)
    talk: dict[Code, TalkAction] = Field(default_factory=lambda: dict(DEFAULT_CODES))
    key_seconds: float = Field(3.0, ge=0.5, le=10)
    places: dict[Digits, Destination] = Field(default_factory=dict)

    def codes(self) -> dict[Action, str]:
        """The codes that are set."""
        return {action: code for action in Action if (code := getattr(self, action.value))}

    def features(self) -> Features:
        """The feature codes that decide."""
        return Features(
            {code: action for action, code in self.codes().items()},
            self.pause_reasons,
            self.dispositions,
            TalkCodes(self.talk, self.key_seconds, self.places),
        )


class TrunkSettings(_Settings):
    """How a carrier wants the numbers that are dialed through it."""

    dial_as: DialAs = DialAs.E164
    prefix: Annotated[str, Field(pattern=r"^[0-9*#]{0,8}$")] = ""

    def trunk(self, name: str) -> Trunk:
        """The trunk that is dialed."""
        return Trunk(name, self.dial_as, self.prefix)


class DialSettings(_Settings):
    """What becomes of a number that somebody wants to dial; what is not said is as for all."""

    trunk: Endpoint | None = None
    caller_id: Number | None = None
    refuse: bool = False

    @model_validator(mode="after")
    def _refused_or_dialed(self) -> Self:
        if self.refuse and (self.trunk or self.caller_id):
            raise ValueError("what is refused has no trunk and no caller id")
        return self


class OutboundSettings(_Settings):
    """Which numbers may be dialed, through which trunk, and what is shown there."""

    trunk: Endpoint | None = None
    caller_id: Number
    numbers: dict[str, DialSettings]
    trunks: dict[Endpoint, TrunkSettings] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _some_trunk(self) -> Self:
        for number, one in self.numbers.items():
            if not (one.refuse or one.trunk or self.trunk):
                raise ValueError(f"`{number}` has no trunk: name one there, or one for all")
        return self

    def names(self) -> set[str]:
        """The trunks that numbers are dialed through."""
        used = {one.trunk or self.trunk for one in self.numbers.values() if not one.refuse}
        return {name for name in used if name}

    def rule(self, number: str) -> Rule:
        """What becomes of ``number``, as it is written here."""
        one = self.numbers[number]
        name = one.trunk or self.trunk
        if one.refuse or name is None:
            return Rule(None)
        trunk = self.trunks.get(name, TrunkSettings()).trunk(name)
        return Rule(trunk, one.caller_id or self.caller_id)


class RoomSettings(_Settings):
    """A conference room that people dial into: ``extension`` from the phones of agents, from
    outside a number that leads to it."""

    extension: Annotated[str, Field(pattern=r"^([0-9]{2,8})?$")] = ""
    pin: RoomPin = Field("", repr=False)
    leader_pin: RoomPin = Field("", repr=False)
    listeners: bool = False
    muted: bool = False
    until_leader: bool = False
    end_with_leader: bool | None = None
    most_members: int = Field(20, ge=2, le=500)
    most_minutes: float = Field(0, ge=0, le=1440)
    announce: Literal["none", "tone", "spoken", "name"] = "tone"
    record: bool = False
    accept_key: KeyOrNone = "1"
    keys: dict[RoomKey, KeyOrNone] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _leaders_by_pin(self) -> Self:
        if self.leader_pin and not self.pin:
            raise ValueError("`leader_pin` needs a `pin` for the others")
        if self.leader_pin and self.leader_pin == self.pin:
            raise ValueError("`leader_pin` is the PIN of all: choose another")
        wants = self.until_leader or self.end_with_leader or self.listeners
        if wants and not self.leader_pin:
            raise ValueError("nobody leads it: add a `leader_pin`")
        return self

    def room(self, name: str) -> MeetMe:
        """The room that people come into."""
        ends = self.until_leader if self.end_with_leader is None else self.end_with_leader
        own = self.model_dump(exclude={"end_with_leader", "most_minutes"})
        return MeetMe(name, ends_with_leader=ends, longest_seconds=self.most_minutes * 60, **own)


class RoutesFile(_Settings):
    """One file of ``dialplan/routes``; every part may be spread over several files."""

    numbers: dict[str, NumberSettings] = Field(default_factory=dict)
    default: NumberSettings | None = None
    calendars: dict[Name, CalendarSettings] = Field(default_factory=dict)
    features: FeatureSettings | None = None
    outbound: OutboundSettings | None = None
    rooms: dict[Name, RoomSettings] = Field(default_factory=dict)
