"""A caller in IVR flows: performs what the interpreter wants, tells it what happened."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import structlog

from engine.calls.call import Call, CallerGone, Mail
from engine.calls.errands import errands
from engine.calls.errands.call_recording import control
from engine.calls.flows.context import context_of, flow_of, flows_of, position_of
from engine.calls.flows.inquiries import Inquiries
from engine.calls.flows.noting import FlowNotes
from engine.calls.flows.plays import Plays
from engine.calls.left import OVER, Onward
from engine.calls.mail import LookupDone, SpeechHeard, SpeechLost, SpeechStarted
from engine.calls.switchboard import Ears, Switchboard
from engine.ivr import messages as ivr
from engine.ivr.interpreter import Interpreter
from engine.ports import DigitPressed, PbxError, PlaybackEnded

log = structlog.get_logger("flow")

_IDLE_SECONDS = 300.0


class FlowFault(Exception):
    """A flow could not go on; its caller is handed to safety."""


async def run_flow(call: Call, sb: Switchboard, name: str, *, from_start: bool = False) -> str:
    """Through this flow, from where an earlier run left it or ``from_start``, and through those
    that queues send him on to. Returns who ended the call: 'engine' or 'agent'.

    Raises ``CallerGone`` when the caller hung up and the flow has done what it does then.
    """
    ended = await FlowRun(call, sb, name, from_start=from_start).run()
    while isinstance(ended, Onward):
        ended = await FlowRun(call, sb, ended.flow, from_start=True).run()
    return ended


async def close_flow(call: Call, sb: Switchboard) -> str:
    """The story of a caller who went while no engine was there, in a flow or before: nothing is
    played to nobody, and his flow does what it does when he hangs up: all of it, or what an earlier
    run of the engine left of it.

    Raises ``CallerGone``.
    """
    try:
        while True:
            await call.receive()
    except CallerGone:
        await finish_flow(call, sb)
        raise


async def finish_flow(call: Call, sb: Switchboard) -> None:
    """What the flow of a caller does when he is gone, after its story ended without doing it; after
    a crash the rest of it. Nothing when he was in none, or it is done. He holds no agent and no
    place any more."""
    flow, course = flow_of(call.standing), call.standing.course
    done = course.gone and not course.closing
    if flow and flow in flows_of(call, sb).flows and not done:
        await FlowRun(call, sb, flow, from_start=False).finish()


class FlowRun:
    """One call in one flow and those that it calls; what it does is written down as ``notes``."""

    def __init__(
        self,
        call: Call,
        sb: Switchboard,
        name: str,
        *,
        from_start: bool,
        notes: type[FlowNotes] = FlowNotes,
    ) -> None:
        self.call, self.sb = call, sb
        flows = flows_of(call, sb)
        position = None if from_start else position_of(call.standing)
        self._ivr = Interpreter(flows, name, context_of(call, sb), position)
        resumed = position is not None and self._ivr.position().place.node == position.place.node
        self._notes = notes(call, sb, self._ivr, flows.version, resumed)
        self._plays = Plays(call, sb)
        self._inquiries = Inquiries(call, sb.lookups)
        self._ears: Ears | None = None
        self._via = ""
        """The exit of the last node, where the errand that it was has told it."""
        self._ended_by = "engine"

    async def run(self) -> str | Onward:
        """To its end: who ended the call, or where he goes on."""
        call = self.call
        try:
            if call.standing.playback:
                await self.sb.pbx.stop_playback(call.channel, call.standing.playback)
            return await self._go()
        except CallerGone:
            await self._without_caller()
            raise
        finally:
            await self._inquiries.give_up()
            if self._ears is not None:
                await self._ears.close()

    async def finish(self) -> None:
        """He is gone: of the node where he was nothing is done any more; of what is done without
        him, where an earlier run was in it, the rest."""
        if not self._ivr.hung_up:
            self._notes.pass_by()
        try:
            await self._close(self._ivr.close(self.call.now()))
        finally:
            await self._inquiries.give_up()

    async def _go(self) -> str | Onward:
        """Perform, and hear what comes of it, until the flow is over."""
        actions = self._ivr.start(self.call.now())
        while (ended := await self._perform(actions)) is None:
            actions = await self._next()
        return ended

    async def _without_caller(self) -> None:
        """What the flow does when he is gone (``on_hangup``): lookups and tags. It has
        ``interpreter.HANG_UP_SECONDS`` for it."""
        if self._ivr.ended:
            return
        if self._ivr.hung_up:  # an earlier run had begun with it, and it is under way again
            await self._close([])
        else:
            await self._inquiries.give_up()
            await self._close(self._tell(ivr.HungUp()))

    async def _close(self, actions: list[ivr.Action]) -> None:
        try:
            while await self._perform(actions) is None and not self._ivr.ended:
                actions = await self._next()
        except (FlowFault, PbxError) as error:
            log.warning("on_hangup_failed", reason=str(error))
        if self.call.standing.course.closing:
            self._notes.left("")

    # -- what happens ---------------------------------------------------------------------------

    async def _next(self) -> list[ivr.Action]:
        """What the flow wants next, when something has happened."""
        call = self.call
        deadlines = [self._ivr.next_deadline(), self._plays.deadline, call.now() + _IDLE_SECONDS]
        mail = await call.receive(min(each for each in deadlines if each is not None))
        now = call.now()
        match mail:
            case None:
                overdue = await self._plays.overdue(now)
                late = [each for play in overdue for each in self._tell(play)]
                return late + self._ivr.on_deadline(now)
            case DigitPressed(digit=digit, channel=channel) if channel == call.channel:
                return self._tell(ivr.Digit(digit))
            case PlaybackEnded(ok=False) if call.hanging_up:
                return []  # cut by his hang-up, which follows
            case PlaybackEnded() if (ended := self._plays.ended(mail)) is not None:
                return self._tell(ended)
            case LookupDone(lookup=lookup, result=result):
                self._notes.looked_up(mail)
                return self._tell(
                    ivr.LookupEnded(lookup, result.result, result.body, result.status)
                )
            case SpeechStarted():
                return self._tell(ivr.SpeechBegan())
            case SpeechHeard(phrase=phrase, confidence=confidence, text=text):
                return self._tell(ivr.Said(phrase, confidence, text))
            case SpeechLost():
                return self._tell(ivr.Deaf())
            case _:
                self._not_mine(mail)
        return []

    def _not_mine(self, mail: Mail) -> None:
        """Something that means nothing to a flow."""

    def _tell(self, event: ivr.Input) -> list[ivr.Action]:
        return self._ivr.handle(event, self.call.now())

    # -- what is wanted -------------------------------------------------------------------------

    async def _perform(self, actions: Iterable[ivr.Action]) -> str | Onward | None:
        """Do what the flow wants, in order. Returns as ``run``, None when it waits."""
        todo = deque(actions)
        while todo:
            match todo.popleft():
                case ivr.Play() as play:
                    await self._plays.begin(play)
                case ivr.StopPlay(play=number):
                    await self._plays.stop(number)
                case ivr.Lookup() as lookup:
                    self._notes.asks(lookup.request)
                    self._inquiries.begin(lookup)
                case ivr.Listen() as listen:
                    await self._listen(listen)
                case ivr.StopListening():
                    if self._ears is not None:
                        await self._ears.stop()
                case ivr.Record() as record:
                    await self._record(record)
                case ivr.End() as end:
                    return self._end(end)
                case ivr.Fault(text=text):
                    raise FlowFault(text)
                case errand if isinstance(errand, ivr.Errand):
                    came = await self._run_errand(errand)
                    if not isinstance(came, ivr.Returned):
                        return came
                    todo.extend(self._tell(came))
                    self._notes.errand_taken(todo)
                case ivr.Entered() as entered:
                    self._via, self._ended_by = "", "engine"
                    self._notes.take(entered)
                case told:
                    self._notes.take(told)
        return None

    async def _run_errand(self, errand: ivr.Errand) -> ivr.Returned | str | Onward:
        """What the flow is told of its end; who ended the call when no exit of the flow follows, or
        where he goes on."""
        call = self.call
        if call.gone is not None:
            raise FlowFault(f"{type(errand).__name__} for a caller who is gone")
        came = await errands.run(call, self.sb, errand)
        if isinstance(came, Onward):
            return came
        self._ended_by = call.standing.ended_by
        self._via = came.by
        if came.by != OVER:
            return came
        self._notes.left(call.standing.visits[-1].outcome if call.standing.visits else "")
        return self._ended_by

    async def _record(self, record: ivr.Record) -> None:
        await control(self.call, self.sb, record.do)

    async def _listen(self, listen: ivr.Listen) -> None:
        """Listen with ears of his own; without any the flow goes on by keys."""
        if self._ears is None and self.sb.ears is not None:
            self._ears = self.sb.ears.open(self.call)
        if self._ears is None:
            self.call.deliver(SpeechLost())
        else:
            await self._ears.listen(listen.phrases, listen.language)

    def _end(self, end: ivr.End) -> str:
        self.call.farewell = end.cause
        self._notes.end(end.outcome, self._via)
        return self._ended_by
