"""Virtual hold: a customer hangs up, keeps his place, and is called when his turn has come.

A callback is a contact of its own, ``cb-<call>``, that waits in the same line with the age of the
call it came from. It has no channel until its customer has answered. *Agent first*: an agent is
offered it like any contact, and hears the customer's phone ring. *Customer first*: the customer is
called, and then offered like a caller who never left. Who is not reached is tried again after a
while, at his old place, until his attempts or his time are used up.
"""

from __future__ import annotations

from contextlib import suppress

import structlog

from acd.messages import (
    CallBack,
    CallbackPostponed,
    ContactLeft,
    CustomerReached,
    Expire,
    LeaveReason,
    Moved,
    OfferOutcome,
    StillWaiting,
    TalkEnded,
)
from acd.queues import CallbackSettings, QueueSettings
from engine.call_record import CallOutcome
from engine.calls import notes as n
from engine.calls.announce import begin_saying, say
from engine.calls.call import Call, Mail
from engine.calls.callbacks.calling_hours import closed_until, heed_hours, settings_of
from engine.calls.callbacks.living import BY_HIMSELF, cancel, has_called
from engine.calls.calling_out import talk_until_over
from engine.calls.errands.dialing import Dialing, NotReached, way_to
from engine.calls.flows.context import flow_of, flows_of
from engine.calls.flows.flow import run_flow
from engine.calls.lanes import ACD, ARI, SIP
from engine.calls.left import SERVED, Onward
from engine.calls.mail import CallbackCancelled
from engine.calls.outcomes import Missed
from engine.calls.queueing.destinations import go_on
from engine.calls.queueing.nailed_up import let_go
from engine.calls.queueing.offering import Offering
from engine.calls.queueing.waiting import Waiting, stand_in_line
from engine.calls.switchboard import Switchboard, destroy_quietly
from engine.ports import LegAnswered, PbxError

log = structlog.get_logger("callback")

_LOOK_SECONDS = 30.0
"""How often a callback that waits asks its calendar."""
_AGAIN_SECONDS = 5.0
"""After an attempt that failed for a reason of ours."""
_HOPELESS = (Missed.INVALID, Missed.BARRED)


async def call_back(call: Call, sb: Switchboard) -> str:
    """From the request to the end. Returns who ended it: 'agent' or 'engine'."""
    return await CallingBack(call, sb).run()


class CallingBack:
    """One callback, from its beginning or from where an earlier run left it."""

    def __init__(self, call: Call, sb: Switchboard) -> None:
        self.call, self.sb = call, sb
        self._offering = Offering(call, sb)

    async def run(self) -> str:
        """Until they have talked, or it is given up."""
        call, sb = self.call, self.sb
        asked = call.standing.callback
        if asked is not None and not call.channel and has_called(sb, asked):
            cancel(call, BY_HIMSELF)
        flow = flow_of(call.standing)  # where his queue has sent him
        if flow and flow in flows_of(call, sb).flows:
            return await run_flow(call, sb, flow)
        await talk_until_over(call, sb, self._until_both_are_there)
        return call.standing.ended_by

    async def _until_both_are_there(self) -> n.OfferBegan | None:
        """The agent who accepted, with the customer on the line; None when it is over."""
        standing = self.call.standing
        while standing.visit is not None:
            if self.call.channel:
                if standing.accepted is not None:
                    return standing.accepted
                return await self._wait_on_the_line()
            begun = standing.dialed is not None or standing.accepted is not None
            if begun or await self._until_his_turn():
                await self._dial()
        return None

    async def _wait_on_the_line(self) -> n.OfferBegan | None:
        """The customer has answered, and waits like any caller."""
        call = self.call
        waited = await Waiting(call, self.sb).until_answered()
        if isinstance(waited, n.OfferBegan):
            with suppress(PbxError):  # what he was greeted with, if he hears it still
                await self.sb.pbx.stop_playback(call.channel, call.standing.playback)
            return waited
        to = await go_on(call, self.sb, self._queue, waited)
        if isinstance(to, Onward):
            await run_flow(call, self.sb, to.flow, from_start=True)
        elif to not in SERVED:
            await say(call, self.sb, "all_busy", call.standing.language)
        return None

    # -- until its turn -----------------------------------------------------------------------

    async def _until_his_turn(self) -> bool:
        """Wait without a channel: True when the customer is to be dialed, False when it is over
        or its place is another one."""
        accepted = self._offering.accepted_before()
        if accepted is not None:
            await self._offering.accept(accepted)
            return True
        asked = self.call.standing.callback
        assert asked is not None
        while True:
            now = self.call.now()
            if now >= asked.expires:
                return self._give_up("expired")
            if not self.call.standing.offers and heed_hours(self.call, self.sb):
                self._rest()
            mail = await self.call.receive(min(asked.expires, now + _LOOK_SECONDS))
            turn = await self._take(mail)
            if turn is not None:
                return turn

    async def _take(self, mail: Mail | None) -> bool | None:
        """One thing that happened; what it leads to, None for nothing yet."""
        match mail:
            case CallBack():
                return self._is_due()
            case StillWaiting():
                self.call.note(n.WaitExplained(self.call.now(), mail.queue, mail.why))
            case Moved():
                self.call.note(n.VisitMoved(self.call.now(), mail.queue, mail.rule))
            case Expire():
                self.call.step(ACD, "expired", ACD, f"{mail.queue}: {mail.rule or mail.reason}")
                return self._over(mail.reason)
            case CallbackCancelled(why=why):
                return await self._cancel(why)
            case mail if mail is not None:
                accepted = await self._offering.take(mail)
                if accepted is not None:
                    await self._offering.accept(accepted)
                    return True
        return None

    def _is_due(self) -> bool | None:
        """The customer's turn has come; outside the hours he is not called for that."""
        if heed_hours(self.call, self.sb):
            self._back_to_its_place(agent_first=False)
            return None
        return True

    def _rest(self) -> None:
        """The hours are over: out of the line, and back to the same place when they begin."""
        self.sb.desk.post(ContactLeft(self.call.id, LeaveReason.MOVED))
        stand_in_line(self.call, self.sb.desk)

    # -- the customer is dialed ---------------------------------------------------------------

    async def _dial(self) -> None:
        """One attempt; afterwards he is on the line, waits for the next one, or is given up."""
        call, sb = self.call, self.sb
        asked, accepted = call.standing.callback, call.standing.accepted
        assert asked is not None
        listener = accepted.leg if accepted else ""
        dialing = Dialing(call, sb, self._settings.ring_seconds, listener, _heed_cancel)
        way = way_to(sb, asked.number)
        if call.standing.dialed is not None:
            answer = await dialing.go_on(call.standing.dialed)
        elif way is not None:
            answer = await dialing.begin(way)
        else:
            answer = NotReached(Missed.BARRED, tried=False)
        if isinstance(answer, NotReached):
            await self._missed(answer)
        else:
            await self._reached(answer)

    async def _reached(self, answer: LegAnswered) -> None:
        call, sb = self.call, self.sb
        at = sb.desk.moment(answer.at)
        call.connect(n.NumberAnswered(at, answer.channel))
        call.step(SIP, "answer", ARI)
        accepted = call.standing.accepted
        if accepted is None:
            sb.desk.post(CustomerReached(call.id), at)
        with suppress(PbxError):  # one of them is gone again: the mailbox says who
            if accepted is not None:
                await sb.pbx.ring(accepted.leg, False)
            else:
                await begin_saying(call, sb, ("callback_connecting",), call.standing.language)
                await sb.pbx.start_music(call.channel, self._queue.music)

    async def _missed(self, missed: NotReached) -> None:
        """Not on the line: the agent is freed, the customer tried again later or given up."""
        call, sb, accepted = self.call, self.sb, self.call.standing.accepted
        now = sb.desk.moment()
        due = now + (self._settings.gap_seconds if missed.tried else _AGAIN_SECONDS)
        due = closed_until(call, sb, due) or due
        call.note(
            n.NumberMissed(now, missed.why, missed.tried, due, missed.cause, missed.tech_cause)
        )
        call.step(SIP, missed.why, ARI, f"attempt {call.standing.attempts}")
        log.info("callback_missed", why=missed.why, attempts=call.standing.attempts)
        if accepted is not None:
            sb.desk.post(TalkEnded(accepted.agent, call.id, missed=True), now)
            await let_go(sb, accepted)
        await self._drop_bridge()
        if missed.why is Missed.CANCELLED:
            self._over(LeaveReason.MOVED, CallOutcome.DISMISSED)
        elif missed.why in _HOPELESS or call.standing.attempts >= self._settings.attempts:
            self._give_up(missed.why)
        else:
            self._back_to_its_place(agent_first=accepted is not None)

    async def _drop_bridge(self) -> None:
        bridge, self.call.bridge = self.call.bridge, None
        if bridge is not None:
            await destroy_quietly(self.sb, bridge)

    def _back_to_its_place(self, agent_first: bool) -> None:
        call, desk = self.call, self.sb.desk
        if agent_first:  # the desk took it for a talk
            stand_in_line(call, desk)
        else:
            desk.post(CallbackPostponed(call.id, call.standing.due or desk.time))

    # -- it is over ---------------------------------------------------------------------------

    def _give_up(self, why: str) -> bool:
        log.warning("callback_given_up", why=why, attempts=self.call.standing.attempts)
        self.call.step(ACD, "given up", ACD, why)
        return self._over(LeaveReason.GIVEN_UP)

    async def _cancel(self, why: str) -> bool:
        self.call.step(ACD, "cancelled", ACD, why)
        over = self._over(LeaveReason.MOVED, CallOutcome.DISMISSED)
        await self._offering.end(OfferOutcome.CANCELLED, self.sb.desk.time)
        return over

    def _over(self, reason: str, outcome: CallOutcome = CallOutcome.NOT_REACHED) -> bool:
        """Out of the line, if it stands there."""
        call, desk = self.call, self.sb.desk
        if reason in frozenset(LeaveReason):
            desk.post(ContactLeft(call.id, LeaveReason(reason)))
        call.note(n.OutcomeSet(call.now(), outcome))
        call.note(n.VisitEnded(desk.moment(), reason))
        return False

    @property
    def _queue(self) -> QueueSettings:
        visit, asked = self.call.standing.visit, self.call.standing.callback
        assert asked is not None
        return self.sb.queue(visit.queue if visit else asked.queue)

    @property
    def _settings(self) -> CallbackSettings:
        return settings_of(self._queue)


async def _heed_cancel(mail: Mail) -> Missed | None:
    return Missed.CANCELLED if isinstance(mail, CallbackCancelled) else None
