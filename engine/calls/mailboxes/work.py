"""A message in a queue is work: an agent is offered it like a caller, and hears it at his phone.

It is a contact of its own, ``vm-<call>.<number>``, without a channel, whose age began when it was
left. Who takes it is told from whom it is, hears it, and saves it, deletes it or calls back who
left it: then they talk, like caller and agent. A message that its agent has not heard to the end,
nor decided about, waits again at its place.
"""

from __future__ import annotations

from contextlib import suppress

import structlog

from acd.messages import (
    ContactLeft,
    Expire,
    LeaveReason,
    Moved,
    OfferOutcome,
    StillWaiting,
    TalkEnded,
)
from engine.call_record import CallOutcome, MessageState
from engine.calls import notes as n
from engine.calls.announce import say
from engine.calls.call import Call, Mail
from engine.calls.callbacks.calling_hours import settings_of
from engine.calls.calling_out import talk_until_over
from engine.calls.errands.dialing import Dialing, NotReached, way_to
from engine.calls.flows.context import flow_of, flows_of
from engine.calls.flows.flow import run_flow
from engine.calls.lanes import ACD, AGENT, ARI, SIP
from engine.calls.left import SERVED, Onward
from engine.calls.mail import CallbackCancelled
from engine.calls.mailboxes import notes as m
from engine.calls.mailboxes.ear import Ear
from engine.calls.mailboxes.message_dialog import MessageDialog, Wish
from engine.calls.outcomes import Missed
from engine.calls.queueing.destinations import go_on
from engine.calls.queueing.nailed_up import let_go
from engine.calls.queueing.offering import Offering
from engine.calls.queueing.waiting import Waiting, stand_in_line
from engine.calls.switchboard import Switchboard
from engine.mailbox import Message
from engine.ports import LegAnswered, PbxError

log = structlog.get_logger("mailboxes")

_BYE_SECONDS = 1.0
"""How long the end of an agent's leg may be in coming; then his phone is rung all the same."""
_STATES = {Wish.SAVE: MessageState.SAVED, Wish.DELETE: MessageState.DELETED}


async def serve_message(call: Call, sb: Switchboard) -> str:
    """From its place in the line to the end. Returns who ended it: 'agent' or 'engine'."""
    return await MessageWork(call, sb).run()


class MessageWork:
    """One message, from its beginning or from where an earlier run left it."""

    def __init__(self, call: Call, sb: Switchboard) -> None:
        self.call, self.sb = call, sb
        assert call.standing.work is not None
        self._work = call.standing.work
        self._offering = Offering(call, sb)

    async def run(self) -> str:
        """Until an agent is done with it, or it is taken back."""
        call, sb = self.call, self.sb
        flow = flow_of(call.standing)  # where the queue has sent who was called
        if flow and flow in flows_of(call, sb).flows:
            return await run_flow(call, sb, flow)
        await talk_until_over(call, sb, self._until_both_are_there)
        return call.standing.ended_by

    async def _until_both_are_there(self) -> n.OfferBegan | None:
        """The agent, with who left the message on the line; None when it is over."""
        standing = self.call.standing
        while standing.visit is not None:
            if self.call.channel:
                return standing.accepted or await self._wait_on_the_line()
            taken = standing.accepted or await self._until_taken()
            if taken is not None:
                await _Hearing(self.call, self.sb, taken, self._offering).run()
        return None

    async def _wait_on_the_line(self) -> n.OfferBegan | None:
        """Who was called has answered, and his agent is gone: he waits like any caller."""
        call = self.call
        waited = await Waiting(call, self.sb).until_answered()
        if isinstance(waited, n.OfferBegan):
            return waited
        to = await go_on(call, self.sb, self.sb.queue(self._work.queue), waited)
        if isinstance(to, Onward):
            await run_flow(call, self.sb, to.flow, from_start=True)
        elif to not in SERVED:
            await say(call, self.sb, "all_busy", call.standing.language)
        return None

    # -- until somebody takes it --------------------------------------------------------------

    async def _until_taken(self) -> n.OfferBegan | None:
        """The agent who has taken it; None when it is over."""
        taken = self._offering.accepted_before()
        while taken is None:
            match await self.call.receive():
                case StillWaiting() as mail:
                    self.call.note(n.WaitExplained(self.call.now(), mail.queue, mail.why))
                case Moved() as mail:
                    self.call.note(n.VisitMoved(self.call.now(), mail.queue, mail.rule))
                case Expire(reason=reason) as mail:
                    self.call.step(ACD, "expired", ACD, f"{mail.queue}: {mail.rule or reason}")
                    self._over(reason, CallOutcome.OVERFLOWED)
                    return None
                case CallbackCancelled(why=why):
                    await self._take_back(why)
                    return None
                case mail if mail is not None:
                    taken = await self._offering.take(mail)
        await self._offering.accept(taken)
        return taken

    async def _take_back(self, why: str) -> None:
        self.call.step(ACD, "taken back", ACD, why)
        self.sb.desk.post(ContactLeft(self.call.id, LeaveReason.MOVED))
        self._over(LeaveReason.MOVED, CallOutcome.DISMISSED)
        await self._offering.end(OfferOutcome.CANCELLED, self.sb.desk.time)

    def _over(self, reason: str, outcome: CallOutcome) -> None:
        """Out of the line; the message stays in its mailbox."""
        self.call.note(n.OutcomeSet(self.call.now(), outcome))
        self.call.note(n.VisitEnded(self.sb.desk.moment(), reason))


class _Hearing:
    """An agent has taken the message: until he is done with it, or who left it is on the line."""

    def __init__(
        self, call: Call, sb: Switchboard, taken: n.OfferBegan, offering: Offering
    ) -> None:
        assert call.standing.work is not None
        self._call, self._sb, self._taken, self._offering = call, sb, taken, offering
        self._work = call.standing.work
        self._ear = Ear(call, sb, taken.leg, _language(sb, taken.agent))
        self._dialog = MessageDialog(heard=self._state() is not None)
        self._first = "message_is_work"

    async def run(self) -> None:
        """Returns with the wait over, with who left the message on the line, or with the message
        at its place again."""
        call = self._call
        while True:
            wish = Wish.CALL if call.standing.dialed is not None else await self._attend()
            if wish is Wish.CALL:
                missed = await self._call_back()
                if missed is None:
                    return None
                if missed is Missed.AGENT_GONE:
                    return await self._finish(Wish.GONE)
                self._dialog, self._first = MessageDialog(heard=True), "voicemail_not_reached"
            elif wish in (Wish.GONE, Wish.UNHEARD) and self._state() is None:
                return await self._put_back(wish)
            else:
                return await self._finish(wish)

    async def _attend(self) -> Wish:
        try:
            return await self._ear.attend(
                _message(self._work), self._dialog, (self._first,), self._hear, self._heard
            )
        except PbxError:  # he is hanging up just now, or his phone has
            gone = await self._call.end_of(self._taken.leg, self._call.now() + _BYE_SECONDS)
            if gone is None:
                raise
            return Wish.GONE

    async def _hear(self, mail: Mail) -> None:
        """The phones that rang, too, may answer yet."""
        if isinstance(mail, LegAnswered):
            await self._offering.take(mail)

    def _heard(self) -> None:
        self._mark(MessageState.HEARD)

    def _mark(self, state: MessageState) -> None:
        call, agent = self._call, self._taken.agent
        call.note(m.MessageMarked(call.now(), self._work.recording, state, agent))
        call.step(AGENT, f"message {state}", ACD, agent)

    def _state(self) -> MessageState | None:
        """What was noted of it last."""
        notes = reversed(self._call.standing.notes)
        marks = (note for note in notes if isinstance(note, m.MessageMarked))
        return next((mark.state for mark in marks), None)

    # -- who left it is called ----------------------------------------------------------------

    async def _call_back(self) -> Missed | None:
        """Why he is not on the line; None when he is."""
        call, sb = self._call, self._sb
        if self._state() is None:
            self._heard()
        seconds = settings_of(sb.queue(self._work.queue)).ring_seconds
        dialing = Dialing(call, sb, seconds, self._taken.leg)
        dialed, way = call.standing.dialed, way_to(sb, self._work.caller)
        if dialed is not None:
            answer = await dialing.go_on(dialed)
        elif way is not None:
            answer = await dialing.begin(way)
        else:
            return Missed.BARRED
        if isinstance(answer, NotReached):
            await self._miss(answer)
            return answer.why
        call.connect(n.NumberAnswered(sb.desk.moment(answer.at), answer.channel))
        call.step(SIP, "answer", ARI)
        with suppress(PbxError):  # one of them is gone again: the mailbox says who
            await sb.pbx.ring(self._taken.leg, False)
        return None

    async def _miss(self, missed: NotReached) -> None:
        call, now = self._call, self._sb.desk.moment()
        call.note(
            n.NumberMissed(now, missed.why, missed.tried, 0.0, missed.cause, missed.tech_cause)
        )
        call.step(SIP, missed.why, ARI)
        with suppress(PbxError):
            await self._sb.pbx.ring(self._taken.leg, False)

    # -- he is done ---------------------------------------------------------------------------

    async def _finish(self, wish: Wish) -> None:
        """The desk is told before anything that may take time; what was noted, a crash makes
        good."""
        call, sb, taken = self._call, self._sb, self._taken
        if wish in _STATES:
            self._mark(_STATES[wish])
        elif self._state() is None:
            self._heard()
        at = sb.desk.moment()
        call.note(m.MessageServed(at))
        log.info("message_served", agent=taken.agent, state=self._state())
        with sb.phone_busy(taken.agent):
            sb.desk.post(TalkEnded(taken.agent, call.id), at)
            await self._let_go(wish)

    async def _put_back(self, wish: Wish) -> None:
        """He has not heard it, nor decided: it is offered anew, at its place."""
        call, desk, taken = self._call, self._sb.desk, self._taken
        at = desk.moment()
        call.note(n.OfferEnded(at, taken.offer, OfferOutcome.REJECTED))
        told = "gone before the end" if wish is Wish.GONE else "not heard"
        call.step(AGENT, told, ACD, taken.agent)
        with self._sb.phone_busy(taken.agent):
            stand_in_line(call, desk, at)  # first: the agent is free for the next in line after it
            desk.post(TalkEnded(taken.agent, call.id, unheard=True), at)
            await self._let_go(wish)

    async def _let_go(self, wish: Wish) -> None:
        taken = self._taken
        await let_go(self._sb, taken)
        if not taken.line and wish is not Wish.GONE:
            await self._call.end_of(taken.leg, self._call.now() + _BYE_SECONDS)


def _message(work: m.MessageQueued) -> Message:
    return Message(
        *(work.recording, work.parent, work.mailbox, work.caller, work.language),
        *(work.since, work.seconds, work.urgent),
    )


def _language(sb: Switchboard, agent: str) -> str:
    settings = sb.site.agents.get(agent)
    return settings.languages[0] if settings and settings.languages else sb.default_language
