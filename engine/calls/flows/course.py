"""The course of a call through its flows: stays at nodes, tags, arms of experiments, answers. Pure.

How stays are counted, so that they add up:

- Each has exactly one exit: that by which the next node was entered, or the flow left. Who hangs up
  in it leaves it by ``hangup``, once in a call; all else that ends a call is ``end``.
- They never overlap. A stay ends where the caller is put together with somebody, by ``answered``,
  in a conference by ``left``: what is said is no time in the flow, and who hangs up then does not
  drop out. What follows may still name the exit better.
- At a ``flow`` node it ends where the flow that it calls begins: that one's nodes have the time
  from there. Its exit is that by which the called flow returns, ``called`` if it never does.
"""

from __future__ import annotations

import json
import math
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final

from engine.call_record import CallOutcome, CallTag, ExperimentArm, NodeVisit, SurveyAnswer
from engine.calls import notes as n
from engine.calls.conferences.notes import ConferenceJoined

HANGUP: Final = "hangup"
"""The exit of a caller who hangs up."""
END: Final = "end"
"""The exit where a flow, or a call, comes to its end."""
_FLOW: Final = "flow"
"""The type of a node that calls a flow, which is entered without an exit."""
ANSWERED: Final = "answered"
LEFT: Final = "left"
CALLED: Final = "called"
SENT_ON: Final = "sent_on"
"""The exit where a rule of a queue sends him through another flow, from its start."""

MOST_VISITS: Final = 300
"""Of longer courses the end is kept."""
MOST_TAGS: Final = 50
MOST_ANSWERS: Final = 100

_KEPT: Final = {
    CallOutcome.VOICEMAIL: ("voicemail", "saved"),
    CallOutcome.CALLBACK: ("callback", "scheduled"),
}
"""What a caller has done before he hangs up: by the node made for it, or by a queue."""


@dataclass(slots=True)
class _Stay:
    """At a node; ``left`` None while he is there, ``exit`` '' until it is known."""

    note: n.NodeEntered
    entered: float
    left: float | None = None
    exit: str = ""

    def leave(self, at: float, exit_: str) -> None:
        """The first ``left`` counts."""
        self.left = at if self.left is None else self.left
        self.exit = exit_

    def visit(self, until: float) -> NodeVisit:
        """As it stands at ``until``."""
        note, left = self.note, until if self.left is None else self.left
        return NodeVisit(
            note.flow,
            note.version,
            note.node,
            note.type,
            min(self.entered, until),
            min(left, until),
            self.exit,
            note.milestone,
        )


@dataclass(slots=True)
class FlowCourse:
    """What a call has done in its flows so far."""

    version: str = ""
    """Of the flows that it began with."""
    stays: deque[_Stay] = field(default_factory=lambda: deque(maxlen=MOST_VISITS))
    calls: list[_Stay] = field(default_factory=list)
    """At the ``flow`` nodes of the outer flows, from the outermost."""
    here: _Stay | None = None
    gone: bool = False
    """Whether he has hung up: what flows still do then is done without him."""
    tags: dict[str, Any] = field(default_factory=dict)
    script: str = ""
    disposition: str = ""
    """What its agent has as a preset."""
    arms: dict[str, str] = field(default_factory=dict)
    answers: dict[tuple[str, str, int], SurveyAnswer] = field(default_factory=dict)
    """The last one to each question after each talk."""
    talks: int = 0
    served: tuple[str | None, str | None] = (None, None)
    """Agent and queue of the last talk; one to whom he was transferred has no queue."""
    dialed: str = ""
    """The agent who was dialed for him last."""
    last: float = 0.0

    @property
    def closing(self) -> bool:
        """Whether he has hung up, and the flow is doing what it does then."""
        return self.gone and self.here is not None

    def answered_here(self) -> dict[str, str]:
        """What he has answered at the node where he is, by question."""
        since = self.here.entered if self.here is not None else math.inf
        given = (answer for answer in self.answers.values() if answer.at >= since)
        return {answer.question: answer.value or answer.recording for answer in given}

    def take(self, note: n.Note, at: float) -> None:
        """Fold one more note in; ``at`` is its time, which this never lets run backwards."""
        at = self.last = max(self.last, at)
        match note:
            case n.NodeEntered():
                self._enter(note, at)
            case n.FlowLeft():
                self._leave(at, note.via or END)
                self.here, self.calls = None, []
            case n.TalkBegan():
                self._put_through(at, note.agent, note.queue)
            case n.NumberDialed():
                self.dialed = note.agent
            case n.Forwarded():
                self._put_through(at, self.dialed or None, None)
            case ConferenceJoined() if self.here is not None:
                self.here.leave(at, LEFT)
            case n.OutcomeSet(outcome=outcome) if outcome in _KEPT and self.here is not None:
                node, done = _KEPT[outcome]
                self.here.exit = done if self.here.note.type == node else str(outcome)
            case n.Tagged():
                self._tag(note)
            case n.ArmChosen():
                self.arms.setdefault(note.experiment, note.arm)
            case n.SurveyTold():
                self._answer(note)
            case n.Ended():
                self._leave(at, HANGUP if note.by == "caller" else END)
                self.here = None

    def _enter(self, note: n.NodeEntered, at: float) -> None:
        here = self.here
        if here is not None and here.note.type == _FLOW and not note.via:
            here.leave(at, CALLED)
            self.calls.append(here)
        else:
            self._leave(at, note.via or SENT_ON)
            self._return(here, note)
        self.version = self.version or note.version
        self.here = _Stay(note.passed, at)
        self.stays.append(self.here)

    def _return(self, here: _Stay | None, note: n.NodeEntered) -> None:
        """Out of the flows that were called, as far as the node is out of them: by its ``via``, but
        for a hang-up, or a flow that has nothing to do with them."""
        if not note.via:
            self.calls = []
        inside = here is None or here.note.flow == note.flow
        while self.calls and not inside:
            stay = self.calls.pop()
            inside = stay.note.flow == note.flow
            if note.via != HANGUP:
                stay.exit = note.via

    def _leave(self, at: float, exit_: str) -> None:
        here, gone = self.here, self.gone
        self.gone = gone or exit_ == HANGUP
        if here is None:
            return
        if here.exit and exit_ in (HANGUP, END):
            exit_ = here.exit  # what he has done there says more
        elif exit_ == HANGUP and gone:
            exit_ = END
        here.leave(at, exit_)

    def _put_through(self, at: float, agent: str | None, queue: str | None) -> None:
        self.served, self.talks = (agent, queue), self.talks + 1
        if self.here is not None:
            self.here.leave(at, ANSWERED)

    def _tag(self, tagged: n.Tagged) -> None:
        for name, value in tagged.values.items():
            if name in self.tags or len(self.tags) < MOST_TAGS:
                self.tags[name] = value
        self.script = tagged.script or self.script
        self.disposition = tagged.disposition or self.disposition

    def _answer(self, told: n.SurveyTold) -> None:
        key = (told.survey, told.question, self.talks)
        if key in self.answers or len(self.answers) < MOST_ANSWERS:
            self.answers[key] = SurveyAnswer(
                told.survey,
                told.question,
                told.value,
                told.recording,
                *self.served,
                self.last,
            )

    def visits(self, until: float) -> tuple[NodeVisit, ...]:
        """His stays, those at ``until`` at the latest; exit '' where he is still."""
        return tuple(stay.visit(until) for stay in self.stays)

    def call_tags(self) -> tuple[CallTag, ...]:
        """The tags as the ledger keeps them: text as it is, all else as JSON."""
        return tuple(CallTag(name, _text(value)) for name, value in self.tags.items())

    def experiment_arms(self) -> tuple[ExperimentArm, ...]:
        """The experiments that the call takes part in."""
        return tuple(ExperimentArm(experiment, arm) for experiment, arm in self.arms.items())


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
