"""What stands around a rehearsed call, and answers as it was told to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from engine.ivr import messages as ivr
from engine.ivr.context import Opening
from engine.ivr.rehearsal.given import ERRANDS, Answer, Given, Outcome, State, Switch

Calendars = Callable[[str, float], Opening]

CODE = "1234567890"
"""The digits of the one-time code in a rehearsal, so that a test can press them."""

ANSWERED = "answered"
_OUTCOMES = {
    "queue": {"answered": ANSWERED, "callback": "callback", "voicemail": "voicemail"},
    "callback": {"scheduled": "callback", "duplicate": "callback"},
    "voicemail": {"saved": "voicemail"},
    "transfer": {"answered": "forwarded", "max_time": "forwarded"},
}

UNTOLD = Answer(failure="error")
"""What a lookup gets that nothing was told of."""


@dataclass(slots=True)
class _Lock:
    failures: int = 0
    until: float = 0.0


class World:
    """Lookups, queues, other phones, calendars and lock-outs of one rehearsal.

    ``given`` is what was told of a place, such as ``queue.sales`` or ``queue.*``: one answer after
    the other, of which the last one stays. ``calendars`` answers for the calendars of which
    nothing was told; ``keys`` are those that lead out of a place: what becomes of him, by key.
    """

    def __init__(
        self,
        calendars: Calendars,
        given: Mapping[str, Sequence[Given]],
        keys: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self._calendars = calendars
        self._keys = keys or {}
        self._given = {place: list(answers) for place, answers in given.items()}
        self._locks: dict[str, _Lock] = {}

    def tell(self, place: str, answers: Sequence[Given]) -> None:
        """From now on this is what happens at ``place``."""
        self._given[place] = list(answers)

    def hours(self, calendar: str, now: float) -> Opening:
        """What ``calendar`` says at ``now``."""
        told = self._told(f"hours.{calendar}")
        if not isinstance(told, State):
            return self._calendars(calendar, now)
        really = self._calendars(calendar, now)
        names = {"": told.name} if told.name else really.names
        next_open = None if told.state == "open" else told.next_open or really.next_open
        return Opening(told.state, names if told.state == "holiday" else {}, next_open)

    def answer(self, lookup: str) -> Answer | None:
        """What the lookup of this name gets; None when nothing was told of it."""
        told = self._next(f"http.{lookup}")
        return told if isinstance(told, Answer) else None

    def outcome(self, place: str) -> Outcome:
        """What becomes of the errand to ``place``, such as ``transfer.+84901234567``."""
        told = self._next(place)
        return told if isinstance(told, Outcome) else ERRANDS[place.partition(".")[0]].usual

    def way_out(self, place: str, key: str) -> str:
        """What becomes of a caller who presses this key at ``place``; '' when it means nothing."""
        return self._keys.get(place, {}).get(key, "")

    def hears_speech(self) -> bool:
        """Whether there is a recogniser."""
        told = self._told("speech")
        return told.on if isinstance(told, Switch) else True

    def locked(self, subject: str, now: float) -> bool:
        """Whether ``subject`` is locked out at ``now``."""
        told = self._told(f"locked.{subject}")
        if isinstance(told, Switch):
            return told.on
        lock = self._locks.get(subject)
        return lock is not None and now < lock.until

    def attempted(self, attempt: ivr.Attempted, now: float) -> None:
        """Count an attempt to be identified, and lock out after too many."""
        lock = self._locks.setdefault(attempt.subject, _Lock())
        lock.failures = 0 if attempt.ok else lock.failures + 1
        if lock.failures >= attempt.attempts:
            lock.until = now + attempt.lock_seconds

    def _told(self, place: str) -> Given | None:
        answers = self._answers(place)
        return answers[0] if answers else None

    def _next(self, place: str) -> Given | None:
        answers = self._answers(place)
        if not answers:
            return None
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def _answers(self, place: str) -> list[Given]:
        kind = place.partition(".")[0]
        return self._given.get(place) or self._given.get(f"{kind}.*") or []


def place_of(errand: ivr.Errand) -> str:
    """Where an errand leads, as it is written in a test: ``queue.sales``."""
    match errand:
        case ivr.Enqueue(queue=queue):
            return f"queue.{queue}"
        case ivr.AskCallback(queue=queue):
            return f"callback.{queue}"
        case ivr.TakeMessage(queue=queue, mailbox=mailbox):
            return f"voicemail.{queue or mailbox.partition(':')[2]}"
        case ivr.Transfer(to=to):
            return f"transfer.{to}"
        case ivr.Confer(room=room):
            return f"conference.{room}"
        case ivr.RecordAnswer():
            return "recording"
        case ivr.Answer():
            return "answer"


def became(place: str, by: str, before: str) -> str:
    """The outcome of a call that is back from ``place`` and was ``before``; who talked with an
    agent stays answered."""
    kind = place.partition(".")[0]
    now = _OUTCOMES.get(kind, {}).get(by, "overflowed" if kind == "queue" else before)
    return ANSWERED if ANSWERED in (before, now) else now


class Draw:
    """Chance that is none: the digits of ``CODE``, one after the other."""

    def __init__(self) -> None:
        self._drawn = 0

    def __call__(self, below: int) -> int:
        """The next one, as a number below ``below``."""
        self._drawn += 1
        return int(CODE[(self._drawn - 1) % len(CODE)]) % below
