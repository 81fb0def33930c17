"""What happened in a rehearsal, line by line: the caller's side and the flow's side.

Nothing secret gets in here: keys of a secret input are dots before they become a line.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.ivr import messages as ivr
from engine.ivr.rehearsal.voice import Spoken


@dataclass(frozen=True, slots=True)
class Hears:
    """The caller hears these, one after the other; ``stopped_after`` seconds when he cut them."""

    parts: tuple[Spoken, ...]
    language: str
    stopped_after: float | None = None

    @property
    def text(self) -> str:
        """All that is said."""
        return " ".join(part.text for part in self.parts if part.text)

    @property
    def prompts(self) -> tuple[str, ...]:
        """The keys of the prompts in it."""
        return tuple(part.name for part in self.parts if part.name)

    @property
    def seconds(self) -> float:
        """How long it is in all."""
        return sum(part.seconds for part in self.parts)


@dataclass(frozen=True, slots=True)
class Presses:
    """The caller presses keys; those of a secret input are dots."""

    keys: str


@dataclass(frozen=True, slots=True)
class Says:
    """The caller speaks; ``phrase`` is what the recogniser takes it for, '' for nothing."""

    text: str
    phrase: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Understood:
    """What the flow took the caller's keys or words for."""

    keys: str
    result: str
    by: str


@dataclass(frozen=True, slots=True)
class Enters:
    """The call comes to a node, by exit ``via`` of the one before."""

    node: str
    type: str
    via: str
    flow: str


@dataclass(frozen=True, slots=True)
class Evaluates:
    """An expression and what it came to."""

    expression: str
    value: str


@dataclass(frozen=True, slots=True)
class GoesTo:
    """The flow hands the caller on or asks somebody: ``queue.sales``, ``http.crm``."""

    what: str


@dataclass(frozen=True, slots=True)
class ComesBack:
    """What became of it: the exit, and a word on why it was so where there is one."""

    what: str
    by: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Ends:
    """The call is over. ``by`` is ``caller``, ``flow`` or ``fault``."""

    by: str
    outcome: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something else the flow did or that should be known: a tag, a recording, a survey answer."""

    text: str


Event = (
    Hears | Presses | Says | Understood | Enters | Evaluates | GoesTo | ComesBack | Ends | Remark
)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened, ``at`` seconds after the call began."""

    at: float
    event: Event


Noted = (
    ivr.Tag
    | ivr.Record
    | ivr.SurveyAnswered
    | ivr.Attempted
    | ivr.Entered
    | ivr.Heard
    | ivr.Evaluated
    | ivr.NotPlayed
    | ivr.Chosen
    | ivr.Alarm
)
"""What a flow does that needs no answer."""


def noted(action: Noted) -> Event:
    """The line for something that a flow did."""
    match action:
        case ivr.Entered(node=node, type=type_, via=via, flow=flow):
            return Enters(node, type_, via, flow)
        case ivr.Heard(keys=keys, result=result, by=by):
            return Understood(keys, result, by)
        case ivr.Evaluated(expression=expression, value=value):
            return Evaluates(expression, value)
        case ivr.NotPlayed():
            return Remark("this could not be played")
        case ivr.Chosen(experiment=experiment, arm=arm):
            return Remark(f"{experiment}: arm {arm}")
        case ivr.Tag(values=values):
            told = ", ".join(f"{name}: {written(value)}" for name, value in values.items())
            return Remark(f"tagged with {told}")
        case ivr.Record(do=do):
            return Remark(f"recording: {do}")
        case ivr.SurveyAnswered(survey=survey, question=question, value=value):
            return Remark(f"survey {survey}: {question}: {value}")
        case ivr.Attempted(ok=ok):
            return Remark(f"identified: {'yes' if ok else 'no'}")
        case ivr.Alarm(text=text):
            return Remark(f"alarm: {text}")


def words(event: Event) -> tuple[str, str]:
    """An event as a verb and the rest of a sentence."""
    match event:
        case Hears():
            return "hears", _heard(event)
        case Presses(keys=keys):
            return "presses", keys
        case Says(text=text, phrase=phrase, confidence=confidence):
            taken = f"taken for “{phrase}”" if phrase else "taken for none of the phrases"
            return "says", f"“{text}” ({taken}, {confidence:.2f})"
        case Understood(keys=keys, result=result, by=by):
            return "took", f"{keys or 'nothing'} ({by}): {result}"
        case Enters(node=node, type=type_, via=via, flow=flow):
            way = f" by {via}" if via else ""
            return "node", f"{flow + '/' if flow else ''}{node} ({type_}){way}"
        case Evaluates(expression=expression, value=value):
            return "evaluates", f"{expression} → {value}"
        case GoesTo(what=what):
            return "goes to", what
        case ComesBack(what=what, by=by, remark=remark):
            return "back from", f"{what}: {by}{f' ({remark})' if remark else ''}"
        case Ends(by=by, outcome=outcome, text=text):
            return "ends", {"caller": "the caller hangs up", "fault": f"FAULT: {text}"}.get(
                by, f"the flow hangs up: {outcome}"
            )
        case Remark(text=text):
            return "", text


def rendered(line: Line) -> str:
    """A line of a transcript as text: ``  12.5 s  hears      “Welcome.” (welcome, en, 1.2 s)``."""
    verb, rest = words(line.event)
    return f"{line.at:7.1f} s  {verb:<10} {rest}".rstrip()


def _heard(heard: Hears) -> str:
    names = ", ".join((*heard.prompts, heard.language, f"{heard.seconds:.1f} s"))
    cut = heard.stopped_after
    return f"“{heard.text}” ({names}{'' if cut is None else f', cut after {cut:.1f} s'})"


def written(value: object) -> str:
    """A variable's value as it is written in a test."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)
