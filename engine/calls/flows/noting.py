"""Writes down what a flow does: nodes, tags, answers and arms in the record, the rest as steps."""

from __future__ import annotations

from collections.abc import Iterable

import structlog

from engine.call_record import CallOutcome, SegmentKind
from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.flows.plays import shown
from engine.calls.lanes import ARI, IVR, SIP
from engine.calls.mail import LookupDone
from engine.calls.switchboard import Switchboard
from engine.ivr import messages as ivr
from engine.ivr.interpreter import Interpreter

log = structlog.get_logger("flow")

Told = ivr.Trace | ivr.Tag | ivr.SurveyAnswered | ivr.Attempted
"""What a flow did that is only written down."""


class FlowNotes:
    """Those of one run of a flow. ``resumed``: it begins at the node where a crash found it, and
    that it is there is no news."""

    def __init__(
        self, call: Call, sb: Switchboard, interpreter: Interpreter, version: str, resumed: bool
    ) -> None:
        self._call, self._sb, self._ivr = call, sb, interpreter
        self._version, self._resumed = version, resumed

    def pass_by(self) -> None:
        """The node at which it was resumed is left without a word: the next one is news."""
        self._resumed = False

    def take(self, told: Told) -> None:
        """One thing that the flow did."""
        call, now = self._call, self._call.now()
        match told:
            case ivr.Entered():
                self._enter(told, now)
            case ivr.Heard(keys=keys, result=result, by=by):
                sure = f" ({told.confidence:.0%} sure)" if by == "speech" else ""
                call.step(SIP, by, IVR, f"{keys or 'none'}: {result}{sure}")
            case ivr.Evaluated(expression=expression, value=value):
                call.step(IVR, "expression", IVR, f"{expression} = {value}")
            case ivr.NotPlayed(prompts=prompts):
                sounds = [shown(sound) for sound in prompts]
                log.warning("prompt_not_played", prompts=sounds)
                call.step(ARI, "not played", IVR, ", ".join(sounds))
            case ivr.Alarm(text=text):
                log.warning("flow_alarm", text=text)
                call.step(IVR, "alarm", IVR, text)
            case ivr.Served(outcome=outcome):
                call.note(n.OutcomeSet(now, CallOutcome(outcome)))
            case ivr.Chosen(experiment=experiment, arm=arm):
                call.note(n.ArmChosen(now, experiment, arm))
            case ivr.Tag(values=values, script=script, disposition=disposition):
                call.note(n.Tagged(now, dict(values), script, disposition))
            case ivr.SurveyAnswered():
                call.note(n.SurveyTold(now, told.survey, told.question, told.value, told.recording))
            case ivr.Attempted():
                self._sb.lockouts.attempted(
                    told.subject, told.ok, told.attempts, told.lock_seconds, now
                )

    def asks(self, request: ivr.Request) -> None:
        """A request goes out; which must not go out twice is known after a crash."""
        if not request.repeatable:
            self._call.note(n.RequestSent(self._call.now()))

    def looked_up(self, done: LookupDone) -> None:
        """An answer came: how long it took, and nothing of what it says."""
        result = done.result
        known = "known" if result.from_cache else f"{result.took * 1000:.0f} ms"
        because = f", {result.reason}" if result.reason else ""
        self._call.step(IVR, "lookup", IVR, f"{done.name}: {result.result} ({known}{because})")

    def errand_taken(self, actions: Iterable[ivr.Action]) -> None:
        """An errand is over and these follow: a node may have another one for its caller."""
        moved = any(isinstance(action, ivr.Entered) for action in actions)
        if not moved and self._call.standing.returned is not None:
            self._call.note(n.ErrandTaken(self._call.now()))

    def end(self, outcome: str | None, via: str) -> None:
        """The flow came to its end, by exit ``via`` of its last node."""
        call = self._call
        if outcome is not None:
            call.note(n.OutcomeSet(call.now(), CallOutcome(outcome)))
        elif call.standing.outcome is None and call.gone is None:
            call.note(n.OutcomeSet(call.now(), CallOutcome.SELF_SERVED))
        self.left(via)

    def left(self, via: str) -> None:
        """Nothing of the flow follows."""
        self._call.note(n.FlowLeft(self._call.now(), via))

    def _enter(self, entered: ivr.Entered, now: float) -> None:
        call, position = self._call, entered.position
        self._set_segment(now)
        if position.language != call.standing.language:
            call.note(n.LanguageSet(now, position.language))
        if self._ivr.outcome is not None:
            call.note(n.OutcomeSet(now, CallOutcome(self._ivr.outcome)))
        if not self._resumed:
            call.note(
                n.NodeEntered(
                    now,
                    entered.flow,
                    entered.node,
                    dict(position.place.variables),
                    entered.type,
                    entered.via,
                    entered.milestone,
                    self._version,
                    dict(position.shared),
                    position.places[:-1],
                )
            )
        self._resumed = False
        node = entered.node if not position.places[:-1] else f"{entered.flow}.{entered.node}"
        call.step(IVR, entered.type, IVR, f"{entered.via} → {node}" if entered.via else node)

    def _set_segment(self, now: float) -> None:
        """In the flow from now on, unless he is gone, or was found after a crash where the node had
        brought him: waiting, talking, in a conference."""
        call, standing = self._call, self._call.standing
        in_flow = standing.segment is not None and standing.segment.kind is SegmentKind.IVR
        busy = self._resumed or standing.visit is not None or standing.talk is not None
        if not in_flow and not busy and call.gone is None:
            call.segment(SegmentKind.IVR, now)
