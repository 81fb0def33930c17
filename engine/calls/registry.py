"""All live calls: gives each its task and its mail, and ends it in one place.

Whatever happens to a story, three things follow: the caller is never left in silence, the desk has
its agent back, and the record is filed once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog

from acd.messages import ContactLeft, LeaveReason, OfferOutcome, TalkEnded
from dialer.plan import AttemptPlan
from engine.call_record import CallOutcome, SegmentKind
from engine.calls import notes as n
from engine.calls.call import Call, CallerGone
from engine.calls.callbacks.booking import settle
from engine.calls.callbacks.callback import call_back
from engine.calls.callbacks.living import cancel
from engine.calls.conferences import attending
from engine.calls.conferences.invited import invited
from engine.calls.conferences.notes import Invited
from engine.calls.conferences.room_recording import keeper_of
from engine.calls.entries import CALLBACK, INVITED, MESSAGE, OUTBOUND, SUPERVISION
from engine.calls.errands import call_recording, dictation, transferring
from engine.calls.feature import feature
from engine.calls.flows.flow import close_flow, finish_flow
from engine.calls.flows.secure_run import secure_run
from engine.calls.inbound import inbound
from engine.calls.lanes import ARI, SIP
from engine.calls.mail import AttemptCancelled, WatchWanted
from engine.calls.mailboxes.booking import book_messages
from engine.calls.mailboxes.notes import MessageQueued
from engine.calls.mailboxes.work import serve_message
from engine.calls.names import call_of, is_ours
from engine.calls.outbound.attempt import attempt
from engine.calls.queueing.nailed_up import let_go
from engine.calls.record import Standing
from engine.calls.supervising.notes import SupervisionAsked
from engine.calls.supervising.supervising import supervision
from engine.calls.switchboard import Switchboard, destroy_quietly, hang_up_quietly
from engine.calls.talk.asking import refuse_all
from engine.calls.talk.live_talk import free_all, hear_again
from engine.calls.talk.parties import Watch
from engine.calls.talk.parting import part
from engine.ports import (
    CallArrived,
    EndpointChanged,
    LegGone,
    PbxError,
    PlaybackEnded,
    RecordingEnded,
    SwitchEvent,
)

log = structlog.get_logger("calls")

_GOODBYE_SECONDS = 5.0
_REMEMBERED = 5_000

Story = Callable[[Call, Switchboard], Awaitable[str]]
STORIES: dict[str, Story] = {
    "inbound": inbound,
    "agent": feature,
    CALLBACK: call_back,
    OUTBOUND: attempt,
    MESSAGE: serve_message,
    INVITED: invited,
    SUPERVISION: supervision,
}
SAFETY_CONTEXT, SAFETY_EXTENSION = "engine-down", "s"


class Registry:
    """The live calls by id; ``quiet`` while there are none. ``tasks`` outlives every call."""

    def __init__(
        self,
        sb: Switchboard,
        tasks: asyncio.TaskGroup,
        journal: Callable[[str, n.Note], None],
        file: Callable[[Standing], None],
    ) -> None:
        self.calls: dict[str, Call] = {}
        self.quiet = asyncio.Event()
        self.quiet.set()
        self._sb = sb
        self._tasks = tasks
        self._journal = journal
        self._file = file
        self._over: dict[str, None] = {}
        sb.registry = self
        sb.secure_run = secure_run

    # -- mail ---------------------------------------------------------------------------------

    def deliver(self, event: SwitchEvent) -> None:
        """Bring a switch event to the call it is about; events of calls long over are dropped."""
        match event:
            case CallArrived():
                self.arrived(event)
            case EndpointChanged():
                self._phone_changed(event)
            case RecordingEnded(recording=name):
                self._to(keeper_of(self.calls.values(), name), event)
            case PlaybackEnded(playback=name):
                self._to(call_of(name), event)
            case _:
                self._to(call_of(getattr(event, "channel", "")), event)

    def _to(self, call_id: str, event: SwitchEvent) -> None:
        call = self.calls.get(call_id)
        if call is not None:
            call.deliver(event)

    def _phone_changed(self, event: EndpointChanged) -> None:
        (self._sb.online.add if event.online else self._sb.online.discard)(event.endpoint)
        for call in self.calls.values():
            if _may_ring_at(call.standing, event.endpoint):
                call.deliver(event)

    # -- lives --------------------------------------------------------------------------------

    def arrived(self, event: CallArrived) -> None:
        """A call is new, unless it is known: the same arrival may be told twice."""
        if event.channel in self.calls or event.channel in self._over:
            return
        standing = Standing(event.channel)
        first = n.Arrived(
            event.created or event.at,
            event.channel,
            event.entry,
            event.did,
            event.caller,
            event.caller_name,
            event.endpoint,
            event.sip_call_id,
            event.answered,
        )
        self._journal(event.channel, first)
        standing.take(first)
        self.begin(standing).step(SIP, "INVITE", ARI, f"{event.caller or 'unknown'} → {event.did}")

    def open(self, call_id: str, first: n.CallbackAsked | MessageQueued | Invited) -> Call:
        """A callback, a message that is work, or who is invited: a contact without a channel."""
        return self._open(call_id, first)

    def dial(self, plan: AttemptPlan) -> Call:
        """A campaign calls a lead, named ``plan.attempt``; it is a contact without a channel until
        somebody answers."""
        plan = replace(plan, language=plan.language or self._sb.default_language)
        return self._open(plan.attempt, n.AttemptBegan(self._sb.clock.now(), plan))

    def supervise(self, asked: SupervisionAsked) -> Call:
        """A supervisor is rung, to follow an agent."""
        return self._open(f"sv-{asked.at:.6f}", asked)

    def _open(self, call_id: str, first: n.Note) -> Call:
        standing = Standing(call_id)
        self._journal(call_id, first)
        standing.take(first)
        return self.begin(standing)

    def on_the_line(self) -> list[Call]:
        """The calls that have a channel: not those whose customers we call and have not reached."""
        return [call for call in self.calls.values() if call.channel]

    def to_close(self) -> list[Call]:
        """Those on the line, and those whose phones may ring: of campaigns, and supervisors."""
        return [call for call in self.calls.values() if call.channel or _may_ring(call)]

    def knows(self, call_id: str) -> bool:
        """Whether this call lives, or was there and is over."""
        return call_id in self.calls or call_id in self._over

    def missed(self, arrived: n.Arrived, end: LegGone) -> None:
        """A call came and went while we were not looking: all that is left is its record. A leg of
        ours, to a number outside, is no call."""
        if self.knows(arrived.channel) or is_ours(arrived.channel):
            return
        standing = Standing(arrived.channel)
        for note in (
            arrived,
            n.Stepped(arrived.at, SIP, "INVITE", ARI, f"{arrived.caller} → {arrived.did}"),
            n.Stepped(end.at, SIP, "BYE", ARI, "before the engine was back"),
            n.Ended(end.at, "caller", end.cause, end.estimated),
        ):
            self._journal(arrived.channel, note)
            standing.take(note)
        log.info("missed", call_id=arrived.channel, did=arrived.did)
        self._file(standing)
        self.forget(arrived.channel)

    def begin(self, standing: Standing) -> Call:
        """Give a call its task: a new one, or one that an earlier run of the engine had."""
        call = Call(standing, self._sb.clock, self._journal)
        self.calls[call.id] = call
        self.quiet.clear()
        self._sb.desk.attend(call.id, call.deliver)
        self._tasks.create_task(self._live(call), name=f"call {call.id}")
        return call

    def forget(self, call_id: str) -> None:
        """The call is over; a late arrival of it is not a new call."""
        self.calls.pop(call_id, None)
        if not self.calls:
            self.quiet.set()
        self._sb.desk.release(call_id)
        self._sb.parking.forget(call_id)
        self._over[call_id] = None
        if len(self._over) > _REMEMBERED:
            del self._over[next(iter(self._over))]

    async def _live(self, call: Call) -> None:
        with structlog.contextvars.bound_contextvars(call_id=call.id):
            log.info("begun", stage=call.standing.stage, did=call.arrived.did)
            try:
                ended = await self._until_ended(call)
                await part(call, self._sb)
                await call_recording.finish(call, self._sb, ended.at)
                if call.bridge is not None:  # of a talk that did not come
                    await destroy_quietly(self._sb, call.bridge)
                self._close(call, ended)
            except Exception:  # one call's fault must not take the others with it
                log.exception("call_not_closed")
                if call.standing.ended is None:
                    self._close(call, n.Ended(call.now(), "engine", 0, estimated=True))
            finally:
                call.idle.set()
                refuse_all(call, "the call is over")
                self.forget(call.id)

    def _close(self, call: Call, ended: n.Ended) -> None:
        made = call.standing.made
        if made is not None and made.closed is None:
            call.note(made.close(ended))
        book_messages(call, self._sb)
        call.note(ended)
        record = call.standing.record()
        self._file(call.standing)
        log.info(
            "ended",
            by=record.ended_by,
            outcome=record.outcome,
            seconds=round(record.ended - record.arrived, 1),
            agent=record.agent,
        )

    async def _until_ended(self, call: Call) -> n.Ended:
        story = STORIES.get(call.arrived.entry, inbound)
        standing = call.standing
        if call.end_told and not standing.line and _is_in_flow(standing):
            story = close_flow
        try:
            await call_recording.take_up(call, self._sb)
            await dictation.take_up(call, self._sb)
            await hear_again(call, self._sb)
            by = await story(call, self._sb)
        except CallerGone as gone:
            settle(call, self._sb)
            await self._settle_errands(call, gone.gone.at)
            return _caller_gone(call, gone.gone)
        except PbxError as error:  # often only because the caller is hanging up just now
            gone_leg = await self._goodbye(call, call.patience(error))
            if gone_leg is not None:
                call.gone = gone_leg
                await self._free(call)
                await self._settle_errands(call, gone_leg.at)
                await finish_flow(call, self._sb)
                return _caller_gone(call, gone_leg)
            log.exception("story_failed", stage=call.standing.stage)
            return await self._to_safety(call)
        except Exception:
            log.exception("story_failed", stage=call.standing.stage)
            return await self._to_safety(call)
        if not call.channel:  # its customer was never on the line
            return n.Ended(call.now(), by, 0)
        await hang_up_quietly(self._sb, call.channel, call.farewell)
        gone_leg = await self._goodbye(call)
        if gone_leg is None:
            return n.Ended(call.now(), by, 0, estimated=True)
        return n.Ended(gone_leg.at, by, gone_leg.cause, gone_leg.estimated)

    async def _goodbye(self, call: Call, patience: float = _GOODBYE_SECONDS) -> LegGone | None:
        """Wait for the end of the caller's channel."""
        deadline = call.now() + patience
        while call.gone is None:
            gone = await call.find(LegGone, deadline)
            if gone is None or gone.channel == call.channel:
                return gone
        return call.gone

    async def dismiss(self, call: Call) -> None:
        """Hang up on a caller, for the API or before the switch ends. Raises ``PbxError``s.

        A customer who is still to be called is not.
        """
        if not call.channel:
            if call.standing.attempt is not None:
                call.deliver(AttemptCancelled("by the API"))
            elif call.standing.supervision is not None:
                call.deliver(WatchWanted(Watch.GONE))
            else:
                cancel(call, "by the API")
            return
        call.dismissed = True  # before the command: the end may be told before its answer
        try:
            await self._sb.pbx.hang_up(call.channel)
        except PbxError:
            call.dismissed = False  # he is still there, and may hang up himself
            raise

    async def _to_safety(self, call: Call) -> n.Ended:
        """A story failed: free the agent, and give the caller to the dialplan, not to silence."""
        now = call.now()
        await self._free(call)
        call.note(n.OutcomeSet(now, CallOutcome.FAILED))
        call.segment(SegmentKind.CLOSING, now)
        if not call.channel:
            return n.Ended(now, "engine", 0)
        try:
            await self._sb.pbx.hand_over(call.channel, SAFETY_CONTEXT, SAFETY_EXTENSION)
        except PbxError:
            await hang_up_quietly(self._sb, call.channel)
        gone = await self._goodbye(call)
        if gone is None:
            return n.Ended(call.now(), "engine", 0, estimated=True)
        return n.Ended(gone.at, "engine", gone.cause)

    async def _settle_errands(self, call: Call, at: float) -> None:
        """What a caller left behind who went while no engine was there."""
        await transferring.settle(call, self._sb, at)
        await attending.settle(call, self._sb, at)
        await dictation.settle(call, self._sb, at)

    async def _free(self, call: Call) -> None:
        """Whatever the story had taken up, no agent and no bridge is left with it."""
        standing, desk = call.standing, self._sb.desk
        now = call.now()
        accepted = False
        for offer in list(standing.offers.values()):
            await let_go(self._sb, offer)
            call.note(n.OfferEnded(now, offer.offer, OfferOutcome.CANCELLED))
            if desk.talks(offer.agent, call.id):  # the talk did not come about
                accepted = True
                desk.post(TalkEnded(offer.agent, call.id, missed=True))
        if standing.dialed is not None:
            await hang_up_quietly(self._sb, standing.dialed.leg)
        if standing.accepted is not None:
            accepted = True
            desk.post(TalkEnded(standing.accepted.agent, call.id, missed=True))
            await let_go(self._sb, standing.accepted)
        await free_all(call, self._sb)
        await transferring.settle(call, self._sb, now)
        await attending.settle(call, self._sb, now)
        if call.bridge is not None:
            await destroy_quietly(self._sb, call.bridge)
        if standing.visit is not None:
            if not accepted:
                desk.post(ContactLeft(call.id, LeaveReason.LOST))
            call.note(n.VisitEnded(now, LeaveReason.LOST))


def _is_in_flow(standing: Standing) -> bool:
    """Or before it: whom a campaign has called may be in no flow at all."""
    return standing.stage == "ivr" or (standing.stage == "new" and standing.attempt is None)


def _may_ring_at(standing: Standing, phone: str) -> bool:
    """Whether this phone may be ringing for it: offered, dialed for its caller, or for its talk."""
    offered = any(offer.endpoint == phone for offer in standing.offers.values())
    dialed = standing.dialed is not None and standing.dialed.number == phone
    talk = standing.conversation
    called = talk is not None and any(party.phone == phone for party in talk.ringing)
    return offered or dialed or called


def _may_ring(call: Call) -> bool:
    standing = call.standing
    return any((standing.attempt, standing.supervision, standing.invited))


def _caller_gone(call: Call, gone: LegGone) -> n.Ended:
    """The caller's channel ended before his story did: he hung up, or we dismissed him."""
    if call.dismissed:
        call.step(ARI, "BYE", SIP, "engine")
        if call.standing.outcome in (None, CallOutcome.ABANDONED):
            call.note(n.OutcomeSet(call.now(), CallOutcome.DISMISSED))
    elif call.standing.outcome is not CallOutcome.ANSWERED:
        call.step(SIP, "BYE", ARI, "caller")
    return n.Ended(gone.at, "engine" if call.dismissed else "caller", gone.cause, gone.estimated)
