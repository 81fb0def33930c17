"""How the world around a rehearsed call answers, as people write it: ``queue.sales: timeout``.

A line is a place (``http.crm``, ``queue.sales``, ``transfer.*`` …) and what becomes of it there: a
word, a status, or lines of ``name: value``; a list is one answer after the other, and the last one
serves all further times.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.ivr.lookup_result import word_for
from engine.ivr.rehearsal.duration import seconds

LOOKUP_SECONDS = 0.3
STATES = ("open", "closed", "holiday", "emergency")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a lookup gets: a status and a body, or with ``failure`` ``timeout`` or ``error``."""

    status: int = 200
    body: object = None
    failure: str = ""
    after: float = LOOKUP_SECONDS

    @property
    def result(self) -> str:
        """The word of ``LookupEnded`` for it."""
        return self.failure or word_for(self.status)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of an errand: the exit, ``after`` how many seconds, and what it brings."""

    by: str
    after: float
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class State:
    """What a calendar says instead of its clock."""

    state: str
    name: str = ""
    next_open: float | None = None


@dataclass(frozen=True, slots=True)
class Switch:
    """Something that is so or not: a lock-out, a recogniser."""

    on: bool


Given = Answer | Outcome | State | Switch


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of place: the ways out of it, and what happens there when nothing is said."""

    ways: tuple[str, ...]
    usual: Outcome


ERRANDS = {
    "queue": Kind(
        (
            "answered", "timeout", "full", "no_agents", "unmatched", "overflow", "callback",
            "voicemail",
        ),
        Outcome("answered", 20.0),
    ),
    "callback": Kind(
        ("scheduled", "declined", "duplicate", "out_of_hours"), Outcome("scheduled", 10.0)
    ),
    "voicemail": Kind(("saved", "too_short", "deleted"), Outcome("saved", 10.0, {"seconds": 10.0})),
    "transfer": Kind(
        ("answered", "busy", "noanswer", "congestion", "rejected", "failed", "max_time"),
        Outcome("answered", 60.0),
    ),
    "conference": Kind(("left", "kicked", "ended", "full", "locked"), Outcome("left", 60.0)),
    "recording": Kind(
        ("saved", "too_short"),
        Outcome("saved", 5.0, {"recording": "rehearsal-s1", "seconds": 5.0}),
    ),
}  # fmt: skip
AT_ONCE = frozenset({"full", "no_agents", "unmatched", "out_of_hours", "duplicate"})
KINDS = ("http", *ERRANDS, "hours", "locked", "speech")
SINGLE = ("recording", "speech")
"""Kinds of which there is one in a call, so they are written without a name."""

_SETTINGS = {
    "http": ("status", "json", "after", "failure"),
    "hours": ("state", "name", "next_open"),
    **{kind: ("outcome", "after", "values", "agents") for kind in ERRANDS},
}


class BadGiven(ValueError):
    """A line of what is given cannot be understood; ``at`` is the way to the wrong part of it."""

    def __init__(self, message: str, at: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.at = at


def given(place: str, written: object) -> tuple[Given, ...]:
    """What ``written`` gives at ``place``, one answer after the other. Raises ``BadGiven``."""
    kind = place.partition(".")[0]
    if isinstance(written, Sequence) and not isinstance(written, str):
        if not written:
            raise BadGiven(f"`{place}` has no answer")
        return tuple(_numbered(kind, index, item) for index, item in enumerate(written))
    return (_one(kind, written),)


def _numbered(kind: str, index: int, item: object) -> Given:
    try:
        return _one(kind, item)
    except BadGiven as error:
        raise BadGiven(str(error), (index, *error.at)) from None


def _one(kind: str, written: object) -> Given:
    settings = dict(written) if isinstance(written, Mapping) else None
    if settings is not None:
        _refuse_unknown(kind, settings)
    match kind:
        case "http":
            return _answer(_short(written) if settings is None else settings)
        case "hours":
            return _state({"state": written} if settings is None else settings)
        case "locked" | "speech":
            return Switch(_yes(written))
        case _:
            return _outcome(kind, {"outcome": written} if settings is None else settings)


def _refuse_unknown(kind: str, settings: Mapping[str, object]) -> None:
    known = _SETTINGS.get(kind, ())
    for name in settings:
        if name not in known:
            told = ", ".join(f"`{one}`" for one in known) or "only a word"
            raise BadGiven(f"unknown setting `{name}`; settings here: {told}", (name,))


def _short(written: object) -> dict[str, object]:
    """A lookup in a word: its status, ``timeout`` or ``error``."""
    text = str(written)
    return {"status": text} if text.isdecimal() else {"failure": text}


def _answer(settings: Mapping[str, object]) -> Answer:
    failure = str(settings.get("failure", ""))
    if failure not in ("", "timeout", "error"):
        raise BadGiven(f"`{failure}` is no answer of a lookup: a status, `timeout` or `error`")
    status = str(settings.get("status", "200"))
    if not (status.isdecimal() and 100 <= int(status) <= 599):
        raise BadGiven(f"`{status}` is no HTTP status: write 200, 404, 503 …", ("status",))
    return Answer(int(status), settings.get("json"), failure, _after(settings, LOOKUP_SECONDS))


def _state(settings: Mapping[str, object]) -> State:
    state = _word(settings.get("state"), STATES, "state")
    return State(state, str(settings.get("name") or ""), _moment(settings.get("next_open")))


def _moment(written: object) -> float | None:
    if written is None:
        return None
    with suppress(ValueError):
        moment = datetime.fromisoformat(str(written))
        if moment.tzinfo is not None:
            return moment.timestamp()
    wrong = f"`{written}` is no moment with its zone: write 2027-02-11T08:00+07:00"
    raise BadGiven(wrong, ("next_open",))


def _outcome(kind: str, settings: Mapping[str, object]) -> Outcome:
    usual = ERRANDS[kind].usual
    by = usual.by
    if "agents" in settings:
        by = "no_agents" if str(settings["agents"]) == "0" else usual.by
    if "outcome" in settings:
        by = _word(settings["outcome"], ERRANDS[kind].ways, "outcome")
    values = settings.get("values", usual.values if by == usual.by else {})
    if not isinstance(values, Mapping):
        raise BadGiven("`values` must hold lines of `name: value`", ("values",))
    return Outcome(by, _after(settings, 0.0 if by in AT_ONCE else usual.after), dict(values))


def _word(written: object, known: Sequence[str], name: str) -> str:
    if str(written) not in known:
        listed = ", ".join(f"`{one}`" for one in known)
        raise BadGiven(f"`{written}` is none of {listed}", (name,))
    return str(written)


def _after(settings: Mapping[str, object], usual: float) -> float:
    if "after" not in settings:
        return usual
    try:
        return seconds(str(settings["after"]))
    except ValueError as error:
        raise BadGiven(str(error), ("after",)) from None


def _yes(written: object) -> bool:
    text = str(written).lower()
    if text not in ("true", "false", "yes", "no", "on", "off", "none"):
        raise BadGiven(f"`{written}` is neither `yes` nor `no`")
    return text in ("true", "yes", "on")
