"""Plays a test: does its steps in a rehearsal and says at which one it came otherwise.

What is expected may still come: time passes until it does, or until the flow waits for the caller.
``hear`` looks at what was said since the caller last did something, in the order of the steps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.ivr.rehearsal.hearing import Sound, Span, found, is_all, sounds
from engine.ivr.rehearsal.rehearsal import Endless, Rehearsal
from engine.ivr.rehearsal.script import Pressed, Said, Step
from engine.ivr.rehearsal.transcript import Ends, Enters, GoesTo, written
from engine.ivr.rehearsal.voice import Spoken

_EARLY = 0.5  # seconds into what is said, when a caller cuts it
_SHOWN = 60  # characters of a text in a message


@dataclass(frozen=True, slots=True)
class Failure:
    """What came otherwise: at which step (from 0), and how."""

    step: int
    message: str


def play(rehearsal: Rehearsal, steps: Sequence[Step]) -> Failure | None:
    """Do the steps; the first that came otherwise, None when all is as expected."""
    story = _Story(rehearsal)
    for number, step in enumerate(steps):
        try:
            message = story.do(step)
        except Endless as error:
            message = str(error)
        if message:
            return Failure(number, message)
    return None


class _Story:
    def __init__(self, rehearsal: Rehearsal) -> None:
        self._call = rehearsal
        self._since = 0  # the line at which the caller last did something
        self._heard = 0  # sounds of that which were already expected
        self._gone = 0  # places of that which were already expected

    def do(self, step: Step) -> str:
        """One step; what came otherwise, or ''."""
        value = getattr(step, step.kind)
        match step.kind:
            case "press":
                return self._press(value)
            case "say":
                return self._say(value)
            case "wait":
                self._call.until_said()
                return self._acts(lambda: self._call.pass_time(value))
            case "silence":
                self._call.rest()
                return self._acts(self._call.be_silent)
            case "hangup":
                return self._acts(self._call.hang_up)
            case "hear":
                return self._hear(value)
            case "hear_only":
                return self._hear_only(value)
            case "not_hear":
                return self._not_hear(value)
            case "goes_to":
                return self._goes_to(value)
            case "variable":
                return self._variables(value)
            case _:
                return self._ends(value)

    # -- the caller -------------------------------------------------------------------------

    def _acts(self, act: Callable[[], object]) -> str:
        if self._call.ended:
            return f"the call is over already: {self._end()}"
        self._since, self._heard, self._gone = len(self._call.transcript), 0, 0
        act()
        return ""

    def _press(self, pressed: Pressed) -> str:
        self._turn(pressed.early)
        return self._acts(lambda: self._call.press(pressed.keys))

    def _say(self, said: Said) -> str:
        self._turn(said.early)
        if not self._call.ended and not self._call.listens:
            return f"nobody listens to what he says: {self._where()}"
        return self._acts(lambda: self._call.say(said.text, said.confidence))

    def _turn(self, early: bool) -> None:
        """Come to where the caller's turn is: at once, or when the flow waits for him."""
        if not early:
            self._call.rest(finish_typing=False)
        elif self._call.until(lambda: self._call.speaking or bool(self._call.away)):
            self._call.pass_time(_EARLY)

    # -- what is heard ----------------------------------------------------------------------

    def _hear(self, wanted: str) -> str:
        if not self._call.until(lambda: self._found(wanted) is not None):
            return f"expected to hear {_quoted(wanted)}, but {self._told()}"
        span = self._found(wanted)
        self._heard = span.last + 1 if span else 0
        return ""

    def _found(self, wanted: str) -> Span | None:
        return found(wanted, self._sounds(), self._heard, self._call.prompts)

    def _hear_only(self, wanted: Sequence[str]) -> str:
        self._call.rest()
        if is_all(wanted, self._sounds(), self._call.prompts):
            self._heard = len(self._sounds())
            return ""
        only = ", ".join(map(_quoted, wanted))
        return f"expected to hear only {only}, but {self._told()}"

    def _not_hear(self, unwanted: str) -> str:
        self._call.rest()
        span = found(unwanted, self._sounds(), 0, self._call.prompts)
        if span is None:
            return ""
        said = _told(self._sounds()[span.last].spoken)
        return f"expected not to hear {_quoted(unwanted)}, but heard {said}; {self._where()}"

    def _sounds(self) -> list[Sound]:
        """All that was said since the caller last did something."""
        return sounds(self._call.transcript[self._since :])

    # -- where it goes ----------------------------------------------------------------------

    def _goes_to(self, wanted: str) -> str:
        if self._call.until(lambda: self._reached(wanted) is not None):
            self._gone = (self._reached(wanted) or 0) + 1
            return ""
        passed = self._places()
        way = " → ".join(passed) if passed else "it stayed where it was"
        return f"expected to go to `{wanted}`, but {way}; {self._where()}"

    def _reached(self, wanted: str) -> int | None:
        places = self._places()
        return next(
            (at for at in range(self._gone, len(places)) if _is_place(places[at], wanted)), None
        )

    def _places(self) -> list[str]:
        events = (line.event for line in self._call.transcript[self._since :])
        return [place for event in events if (place := _place(event))]

    # -- what it leaves ---------------------------------------------------------------------

    def _variables(self, wanted: dict[str, str | None]) -> str:
        if self._call.until(lambda: all(map(self._has, wanted, wanted.values()))):
            return ""
        for name, value in wanted.items():
            if not self._has(name, value):
                there = self._call.variables
                told = f"it is {written(there[name])}" if name in there else "it has no value"
                return f"expected `{name}` to be {value or 'empty'}, but {told}"
        return ""

    def _has(self, name: str, wanted: str | None) -> bool:
        there = self._call.variables
        return name in there and _same(there[name], wanted)

    def _ends(self, wanted: str | None) -> str:
        self._call.rest()
        if not self._call.ended:
            return f"expected the call to end, but it goes on: {self._where()}"
        end = self._ending()
        if wanted and end and wanted not in (end.outcome, end.by):
            return f"expected the call to end as `{wanted}`, but: {self._end()}"
        return ""

    def _ending(self) -> Ends | None:
        events = [line.event for line in self._call.transcript]
        return next((event for event in events if isinstance(event, Ends)), None)

    # -- words ------------------------------------------------------------------------------

    def _told(self) -> str:
        heard = [_told(sound.spoken) for sound in self._sounds()]
        what = f"heard {', '.join(heard)}" if heard else "heard nothing"
        return f"{what}; {self._where()}"

    def _where(self) -> str:
        if self._call.ended:
            return self._end()
        flow, node = self._call.where
        return f"the call is at `{node}` of {flow}"

    def _end(self) -> str:
        end = self._ending()
        if end is None:
            return "the call is over"
        who = {"caller": "the caller hung up", "fault": f"a fault: {end.text}"}
        return f"{who.get(end.by, 'the flow hung up')} ({end.outcome})"


def _same(value: object, wanted: str | None) -> bool:
    if isinstance(value, int | float) and not isinstance(value, bool) and wanted is not None:
        try:
            return float(value) == float(wanted)
        except ValueError:
            return False
    if wanted is None:
        return value is None or value == ""
    return written(value) == wanted


def _place(event: object) -> str:
    match event:
        case Enters(node=node, flow=flow):
            return f"{flow}/{node}" if flow else node
        case GoesTo(what=what):
            return what
        case Ends():
            return "end"
        case _:
            return ""


def _is_place(place: str, wanted: str) -> bool:
    return wanted in (place, place.rpartition("/")[2])


def _quoted(wanted: str) -> str:
    return f"`{wanted}`"


def _told(sound: Spoken) -> str:
    text = sound.text if len(sound.text) <= _SHOWN else sound.text[: _SHOWN - 1] + "…"
    return f"{sound.name} “{text}”" if sound.name else f"“{text}”"
