"""A caller at the terminal: each line is a key, some words or a command; what comes of it is told.

A flow decides the same for the same inputs. So a key that is to cut what was just said (``!now``)
is tried by beginning anew, up to the moment at which it was said.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.config.problems import suggestion
from engine.config.stage import Stage
from engine.ivr.rehearsal.duration import seconds
from engine.ivr.rehearsal.given import ERRANDS, KINDS, SINGLE, BadGiven, given
from engine.ivr.rehearsal.places import places
from engine.ivr.rehearsal.rehearsal import SURE, Rehearsal
from engine.ivr.rehearsal.script import Call
from engine.ivr.rehearsal.transcript import Hears, Line, written

EARLY = 0.5  # seconds into what is said, when a key cuts it

HELP = """\
1, 42#            press these keys when nothing is said any more
(nothing)         say and press nothing, until the flow has waited long enough
>two tickets      say this; >two tickets @0.6 is heard with a confidence of 0.6
!now 1            press while the last prompt was being said
!wait 6s          let time pass
!hangup           hang up
!agent busy       all queues: free, busy (nobody in time), none (nobody is there)
!queue sales full what becomes of who waits there; also !transfer, !voicemail, !callback …
!http crm 503     what a lookup gets: a status, timeout, error, or JSON: !http crm {"tier": "vip"}
!hours office holiday   what a calendar says
!vars  !where     the variables that are not secret; the flow and the node
!save FILE        write this call as a test
!help  !quit"""

_OTHERS = ("agent", "vars", "where", "save", "help", "quit")
_AGENTS = {"free": "answered", "busy": "timeout", "none": "no_agents"}
_KEYS = re.compile(r"[0-9*#A-D]{1,40}")


class Refused(Exception):
    """A line means nothing here; says why, and what would."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing the caller did, or that was given; ``step`` and ``value`` as in a test.

    ``during`` is the number of the play that it cut, 0 for none.
    """

    step: str
    value: object = None
    during: int = 0


class Session:
    """One simulated call. ``lines`` is its whole transcript so far."""

    def __init__(self, stage: Stage, flow: str, call: Call, at: float) -> None:
        self.stage, self.flow, self.call, self.at = stage, flow, call, at
        self.acts: list[Act] = []
        self.starts: list[int] = []  # for each act, the number of lines before it
        self.rehearsal = self._fresh()
        self.rehearsal.rest()

    @property
    def lines(self) -> Sequence[Line]:
        """What happened so far."""
        return self.rehearsal.transcript

    @property
    def ended(self) -> bool:
        """Whether the call is over."""
        return self.rehearsal.ended

    def do(self, text: str) -> Sequence[Line]:
        """Do what a line says; what came of it. Raises ``Refused``."""
        act = self._act(text)
        if self.ended and act.step != "given":
            raise Refused("the call is over")
        if act.step == "say" and not self.rehearsal.listens:
            raise Refused("nobody listens to words here: press a key")
        if act.during:
            return self._again(act)
        before = len(self.lines)
        self._do(act)
        self._settle()
        return self.lines[before:]

    def _do(self, act: Act) -> None:
        self.acts.append(act)
        self.starts.append(len(self.lines))
        perform(self.rehearsal, act)

    def _settle(self) -> None:
        """Let happen what happens by itself after the last act."""
        if not self.acts or self.acts[-1].step != "wait":
            self.rehearsal.rest()

    def _again(self, last: Act) -> Sequence[Line]:
        """From the beginning to where the last prompt was said, and there the key."""
        acts, self.acts, self.starts = [*self.acts, last], [], []
        self.rehearsal = self._fresh()
        for number, act in enumerate(acts):
            coming = next(one for one in acts[number:] if one.step != "given")
            if coming.during:
                self._listen_until(coming.during)
            else:
                self._settle()
            if act.during:
                self.rehearsal.pass_time(EARLY)
            self._do(act)
        self._settle()
        plays = (at for at, line in enumerate(self.lines) if isinstance(line.event, Hears))
        cut = max(at for at in plays if at < self.starts[-1])
        return self.lines[cut:]

    def _listen_until(self, play: int) -> None:
        """Until the play of this number has begun."""
        self.rehearsal.until(lambda: self._plays() >= play)

    def _fresh(self) -> Rehearsal:
        return self.stage.rehearsal(self.flow, self.call, {}, self.at)

    def _plays(self) -> int:
        return sum(isinstance(line.event, Hears) for line in self.lines)

    # -- lines ------------------------------------------------------------------------------

    def _act(self, text: str) -> Act:
        if not text:
            return Act("silence")
        if text.startswith(">"):
            return self._words(text[1:].strip())
        if text.startswith("!"):
            word, _, rest = text[1:].partition(" ")
            return self._command(word, rest.strip())
        return Act("press", _keys(text))

    def _words(self, text: str) -> Act:
        said, _, confidence = text.partition("@")
        try:
            sure = float(confidence) if confidence else SURE
        except ValueError:
            raise Refused(f"`{confidence}` is no confidence: write >text @0.6") from None
        return Act("say", {"text": said.strip(), "confidence": sure})

    def _command(self, word: str, rest: str) -> Act:
        if word in KINDS or word == "agent":
            return self._given(word, rest)
        commands: dict[str, Callable[[str], Act]] = {
            "now": self._now,
            "wait": lambda rest: Act("wait", _length(rest)),
            "hangup": lambda _: Act("hangup"),
        }
        if word not in commands:
            known = [f"!{one}" for one in (*commands, *KINDS, *_OTHERS)]
            near = suggestion(f"!{word}", known) or ": !help lists what there is"
            raise Refused(f"there is no !{word}{near}")
        return commands[word](rest)

    def _now(self, keys: str) -> Act:
        if not self._plays():
            raise Refused("nothing was said yet")
        return Act("press", _keys(keys), during=self._plays())

    def _given(self, kind: str, rest: str) -> Act:
        if kind == "agent":
            if rest not in _AGENTS:
                raise Refused(f"write !agent {', '.join(_AGENTS)}")
            return Act("given", ("queue.*", _AGENTS[rest]))
        name, _, answer = ("", "", rest) if kind in SINGLE else rest.partition(" ")
        place = f"{kind}.{name}" if name else kind
        self._check_place(kind, place)
        value = _answer(kind, answer.strip())
        try:
            given(place, value)
        except BadGiven as error:
            raise Refused(str(error)) from None
        return Act("given", (place, value))

    def _check_place(self, kind: str, place: str) -> None:
        known = {
            one for one in places(self.stage.site.flow_set, self.flow) if one.startswith(f"{kind}.")
        }
        anything = kind in (*SINGLE, "locked") or place == f"{kind}.*" or f"{kind}.*" in known
        if not anything and place not in known:
            there = ", ".join(sorted(known)) or f"no {kind} at all"
            raise Refused(f"the flow never comes to {place}; it comes to {there}")


def perform(rehearsal: Rehearsal, act: Act) -> None:
    """Do one act; nothing else happens yet."""
    match act:
        case Act("press", str(keys)):
            if not act.during:
                rehearsal.rest(finish_typing=False)
            rehearsal.press(keys)
        case Act("say", {"text": str(text), "confidence": float(sure)}):
            rehearsal.say(text, sure)
        case Act("wait", str(length)):
            rehearsal.pass_time(seconds(length))
        case Act("silence"):
            rehearsal.be_silent()
        case Act("hangup"):
            rehearsal.hang_up()
        case Act("given", (str(place), value)):
            rehearsal.world.tell(place, given(place, value))


def shown_variables(rehearsal: Rehearsal) -> list[str]:
    """The variables, one a line."""
    return [f"{name} = {written(value)}" for name, value in sorted(rehearsal.variables.items())]


def _keys(text: str) -> str:
    if not text:
        raise Refused("say which keys: !now 1")
    keys = text.replace(" ", "")
    if not _KEYS.fullmatch(keys):
        raise Refused(f"`{text}` are no keys: 0-9, * and #; words begin with >, commands with !")
    return keys


def _length(text: str) -> str:
    try:
        seconds(text)
    except ValueError as error:
        raise Refused(str(error)) from None
    return text


def _answer(kind: str, text: str) -> object:
    if kind == "http" and text.startswith(("{", "[")):
        try:
            return {"json": json.loads(text)}
        except ValueError as error:
            raise Refused(f"this is not JSON: {error}") from None
    if not text:
        ways = " or ".join(ERRANDS[kind].ways) if kind in ERRANDS else "a word"
        raise Refused(f"say what becomes of it: {ways}")
    return text
