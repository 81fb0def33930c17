"""One caller inside his flows: inputs and ``now`` in, actions out.

A node is a script (``engine.ivr.scripts``): it yields what it waits for (something said, a
question, a lookup, an errand) and returns the way out. The interpreter walks from node to node
until a script waits, hands each input to the ``Conversation`` that runs the wait, and guards the
walk.

A timer that ran out before an input's ``now`` is settled before that input, as of its own time: the
clock decides what came first, not which of the two the driver happened to notice first.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.ivr.context import Context
from engine.ivr.conversation import Conversation, Ended
from engine.ivr.expressions import ExpressionError
from engine.ivr.flowset import FlowSet
from engine.ivr.messages import (
    Action,
    Alarm,
    Answer,
    End,
    Entered,
    Fault,
    HungUp,
    Input,
    Returned,
)
from engine.ivr.position import NOWHERE, Place, Position
from engine.ivr.rendering import stretches
from engine.ivr.schema import BargeIn, Exit, Listen, Menu, SubFlow
from engine.ivr.scripts import script_of
from engine.ivr.steps import Back, Fetch, Into, Over, Question, Saying, Script, Step, Way
from engine.ivr.turn import Frame, Turn
from engine.ivr.values import WrongType

MAX_VISITS_PER_NODE = 20
MAX_VISITS_PER_CALL = 200
MAX_NODES_AT_ONCE = 50  # passed in one instant: without media, input or waiting
MAX_DEPTH = 16
HANG_UP_SECONDS = 5.0
"""What a flow still does after a hang-up takes no longer (VoiceXML platforms do the same)."""


class Interpreter:
    """One call in one flow and those that it calls.

    Call ``start`` once (``close`` for who is gone), then ``handle`` for each input and
    ``on_deadline`` when ``next_deadline`` has come; perform the actions in order. Nothing comes
    after ``End`` or ``Fault``; after ``HungUp`` only what needs no caller, until ``ended``.

    To go on after a crash give the ``position`` that it had: the node is entered afresh, with new
    counters. A position that these flows no longer have: from the start; nothing for who is gone.

    ``returned`` is the name of the return by which the outermost flow ended, '' for another end.
    """

    def __init__(
        self, flows: FlowSet, flow: str, context: Context, position: Position | None = None
    ) -> None:
        self.flows = flows
        self.ended = False
        self.returned = ""
        self._actions: list[Action] = []
        first = flows.flows[flow]
        frame = Frame(first, first.start, first.given_by_nobody())
        self._turn = Turn(context, frame, self._actions.append, flows.shared)
        self._turn.language = context.language or first.language
        if position is not None:
            self._take_up(position)
        self._talk = Conversation(self._actions.append)
        self._script: Script | None = None
        self._errand: Step | None = None
        self._errand_since = self._flow_since = 0.0
        self._limit: float | None = None
        self._erred = False

    # -- the driver's side ----------------------------------------------------------------------

    def start(self, now: float) -> list[Action]:
        """Enter the first node, or the one to resume at."""
        self._turn.now = self._flow_since = now
        if self.hung_up:
            self._limit = now + HANG_UP_SECONDS
        if self.hung_up and self._turn.resumed is NOWHERE:
            self._finish()
        elif self._go(Exit("", (), self._turn.node)):
            self._advance(None, passed=1)
        return self._take_actions()

    def close(self, now: float) -> list[Action]:
        """Instead of ``start`` for who is gone: nothing of his node is done any more, only what the
        flow does then, or where a crash has found it at that, the rest."""
        if self.hung_up:
            return self.start(now)
        self._turn.now = self._flow_since = now
        self._hang_up()
        return self._take_actions()

    def handle(self, event: Input, now: float) -> list[Action]:
        """Take one input; what means nothing here (a stale play, a key in a queue) is ignored."""
        if not isinstance(event, HungUp):
            self._settle(now, before=True)
        if not self.ended:
            self._turn.now = max(now, self._turn.now)
            self._receive(event)
        return self._take_actions()

    def on_deadline(self, now: float) -> list[Action]:
        """Settle the timers that have run out by ``now``; too early is harmless."""
        self._settle(now, before=False)
        return self._take_actions()

    def next_deadline(self) -> float | None:
        """When ``on_deadline`` wants to be called; None while playing, in an errand or over."""
        if self.ended:
            return None
        times = [at for at in (self._talk.deadline, self._limit) if at is not None]
        return min(times, default=None)

    def position(self) -> Position:
        """Where the call is now; secrets are no part of it."""
        turn = self._turn
        places = tuple(
            Place(frame.flow.name, frame.node, dict(frame.variables)) for frame in turn.frames
        )
        return Position(places, turn.language, dict(turn.shared))

    @property
    def hung_up(self) -> bool:
        """Whether the caller is gone."""
        return self._turn.hung_up

    @property
    def language(self) -> str:
        """The language of what is said."""
        return self._turn.language

    @property
    def outcome(self) -> str | None:
        """What the record should say if the caller left now; None for what is plain."""
        return self._turn.outcome

    def _take_actions(self) -> list[Action]:
        actions = list(self._actions)
        self._actions.clear()
        return actions

    def _take_up(self, position: Position) -> None:
        """The frames as they were, as far as these flows still have them."""
        flows = self.flows.flows
        places = position.places
        if not all(p.flow in flows and p.node in flows[p.flow].nodes for p in places):
            places = ()
        calls = [flows[p.flow].nodes[p.node] for p in places[:-1]]
        if places and all(isinstance(node, SubFlow) for node in calls):
            self._turn.frames = [Frame(flows[p.flow], p.node, dict(p.variables)) for p in places]
            self._turn.resumed = position
        elif position.places and position.places[0].flow == self._turn.flow.name:
            self._turn.frame.variables.update(position.places[0].variables)
        self._turn.language = position.language or self._turn.language
        self._turn.shared.update(position.shared)
        self._turn.hung_up = position.gone

    # -- inputs ---------------------------------------------------------------------------------

    def _settle(self, now: float, *, before: bool) -> None:
        while (at := self.next_deadline()) is not None and (at < now or (at == now and not before)):
            self._turn.now = max(at, self._turn.now)
            if self._limit is not None and at >= self._limit:
                self._finish()
                return
            ended = self._talk.on_deadline(at)
            if ended is not None:
                self._advance(ended.value)

    def _receive(self, event: Input) -> None:
        now = self._turn.now
        match event:
            case HungUp():
                self._hang_up()
            case Returned():
                if self._errand is not None:
                    self._flow_since += now - self._errand_since
                    self._errand = None
                    self._advance(event)
            case _:
                ended = self._talk.take(event, now)
                if ended is not None:
                    self._advance(ended.value)

    def _hang_up(self) -> None:
        """The caller is gone: the script is closed, and ``on_hangup`` has a few seconds."""
        turn = self._turn
        if turn.hung_up:
            return
        turn.hung_up, turn.resumed = True, NOWHERE
        self._errand = None
        self._close_script()
        self._talk.drop()
        while len(turn.frames) > 1 and turn.flow.on_hangup is None:
            turn.frames.pop()
        if turn.flow.on_hangup is None:
            self._finish()
            return
        self._limit = turn.now + HANG_UP_SECONDS
        if self._go(Exit("hangup", (), turn.flow.on_hangup)):
            self._advance(None)

    # -- from node to node ----------------------------------------------------------------------

    def _advance(self, answer: Any, passed: int = 0) -> None:
        """Hand the script its answer, and go on from node to node until one waits.

        ``passed`` is how many nodes were come to in this instant already.
        """
        while not self.ended and self._script is not None:
            try:
                step = self._script.send(answer)
            except StopIteration as done:
                way: Way = done.value
            except ExpressionError as error:
                way = self._failed(f"node {self._turn.node}: {error}")
            else:
                ended = self._begin(step)
                if ended is None:
                    return
                answer = ended.value
                continue
            passed += 1
            answer = None
            if passed > MAX_NODES_AT_ONCE:
                way = self._trouble(
                    f"runaway: {MAX_NODES_AT_ONCE} nodes at once, without media or input"
                )
                passed = 0
            if not self._go(way):
                return

    def _begin(self, step: Step) -> Ended | None:
        turn = self._turn
        if turn.hung_up and not isinstance(step, Fetch | Saying):
            self._finish()  # nobody is there to be asked or brought anywhere
            return None
        match step:
            case Saying() if turn.hung_up:
                return Ended(True)
            case Saying() | Question():
                heard = stretches(step.parts, step.barge_in, turn)
            case Fetch():
                filler = () if turn.hung_up else step.filler
                heard = stretches(filler, BargeIn.NONE, turn)
            case _:
                if not isinstance(step, Answer):
                    self._talk.flush()
                self._errand, self._errand_since = step, turn.now
                self._actions.append(step)
                return None
        return self._talk.begin(step, heard, turn.language, turn.now)

    def _go(self, way: Way) -> bool:
        """Take a way out; False when nothing is left to run."""
        turn = self._turn
        while True:
            problem: str | None = None
            match way:
                case None:
                    return self._end(self.outcome, "normal")
                case Over(outcome, cause):
                    return self._end(outcome, cause)
                case Into():
                    problem = self._call(way)
                    way = Exit("", (), turn.node)
                case Back():
                    if len(turn.frames) == 1:
                        self.returned = way.name
                        return self._end(self.outcome, "normal")
                    way = self._return(way)
            if isinstance(way, Exit):
                problem = problem or self._obstacle(way)
                if problem is None:
                    self._enter(way)
                    return True
                way = self._trouble(problem)

    def _obstacle(self, way: Exit) -> str | None:
        """Why this exit cannot be taken, or None."""
        turn = self._turn
        here, target = f"node {turn.node}", way.target
        if target is None:
            return f"{here}: exit {way.name} leads nowhere"
        if target not in turn.flow.nodes:
            return f"{here}: exit {way.name} leads to {target}, which does not exist"
        if turn.visits[turn.flow.name, target] >= MAX_VISITS_PER_NODE:
            return f"runaway: node {target} entered more than {MAX_VISITS_PER_NODE} times"
        if turn.visits.total() >= MAX_VISITS_PER_CALL:
            return f"runaway: more than {MAX_VISITS_PER_CALL} nodes in one call"
        if turn.now - self._flow_since > turn.frames[0].flow.most_minutes * 60:
            return f"runaway: more than {turn.frames[0].flow.most_minutes:g} minutes in flows"
        return None

    def _enter(self, way: Exit) -> None:
        """Come to a node from outside."""
        turn = self._turn
        assert way.target is not None  # _obstacle
        if self._script is not None:  # not at the node that it was resumed at any more
            turn.resumed = NOWHERE
        self._close_script()
        node = turn.flow.nodes[way.target]
        turn.frame.node = way.target
        turn.visits[turn.flow.name, way.target] += 1
        turn.failures.clear()
        if isinstance(node, Menu | Listen) and turn.frame.menus[-1:] != [way.target]:
            turn.frame.menus.append(way.target)
        self._actions.append(
            Entered(way.target, node.type, way.name, turn.flow.name, node.log, self.position())
        )
        self._script = script_of(node, turn)

    # -- sub-flows ------------------------------------------------------------------------------

    def _call(self, into: Into) -> str | None:
        """Go into a flow; what keeps the call from it, or None."""
        flow = self.flows.flows.get(into.flow)
        if flow is None:
            return f"node {self._turn.node}: there is no flow {into.flow}"
        if len(self._turn.frames) >= MAX_DEPTH:
            return f"runaway: {MAX_DEPTH} flows within each other"
        try:
            variables = flow.given(into.variables)
        except WrongType as error:
            return f"node {self._turn.node}: flow {into.flow}: {error}"
        self._turn.frames.append(Frame(flow, flow.start, variables))
        return None

    def _return(self, back: Back) -> Exit:
        """Back in the flow before, with what was returned."""
        turn = self._turn
        turn.frames.pop()
        node = turn.flow.nodes[turn.node]
        assert isinstance(node, SubFlow)  # a call came from there
        for name, returned in node.results.items():
            turn.set(name, back.values.get(returned))
        return replace(node.exit(back.name), name=back.name)

    # -- troubles and ends ------------------------------------------------------------------------

    def _failed(self, text: str) -> Way:
        """A script could not go on: by the node's own ``error``, else as any trouble."""
        node = self._turn.flow.nodes[self._turn.node]
        own = next((way for way in node.exits() if way.name == "error"), None)
        if own is not None and own.target is not None:
            self._talk.flush()
            self._actions.append(Alarm(text))
            return own
        return self._trouble(text)

    def _trouble(self, text: str) -> Way:
        """Once in a call ``on_error`` may save it; else the driver must."""
        self._talk.flush()
        turn = self._turn
        frame = next((each for each in reversed(turn.frames) if each.flow.on_error), None)
        if self._erred or frame is None:
            self._fault(text)
            return Over(None)
        self._erred = True
        self._actions.append(Alarm(text))
        while turn.frame is not frame:
            turn.frames.pop()
        turn.visits.clear()
        self._flow_since = turn.now
        return Exit("error", (), frame.flow.on_error)

    def _fault(self, text: str) -> None:
        if not self._turn.hung_up:
            self._actions.append(Fault(text))
        self._finish()

    def _end(self, outcome: str | None, cause: str) -> bool:
        if not self.ended:
            self._close_script()
            if not self._turn.hung_up:
                self._actions.append(End(outcome, cause))
            self._finish()
        return False

    def _finish(self) -> None:
        self.ended = True
        self._close_script()
        self._talk.drop()
        self._limit = None

    def _close_script(self) -> None:
        """Whatever a script has to put right on its way out, it does now."""
        script, self._script = self._script, None
        if script is not None:
            script.close()
