"""A caller waits in a queue: music, announcements, and offers until an agent answers."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Final

from acd.core import IllegalEvent
from acd.messages import (
    ContactLeft,
    ContactQueued,
    Expire,
    ExpireReason,
    LeaveReason,
    Moved,
    OfferOutcome,
    StillWaiting,
)
from acd.queues import Destination, QueueSettings, Step
from acd.waiting import Estimate
from dialplan.numbers import normalise
from engine.calls import notes as n
from engine.calls.call import Call, CallerGone, Mail
from engine.calls.callbacks.living import age_of, take_over
from engine.calls.lanes import ACD, AGENT, ARI, IVR
from engine.calls.left import Left
from engine.calls.queueing.announcing import Announcer, Wish
from engine.calls.queueing.offering import Offering
from engine.calls.record import Standing
from engine.calls.switchboard import Switchboard, destroy_quietly
from engine.calls.talk.talk_recording import follow_wait, leave_wait
from engine.desk import Desk
from engine.ivr.messages import Enqueue
from engine.ports import DigitPressed, Gone, PlaybackEnded

_NUMBER: Final = re.compile(r"\+?[0-9]{3,}")
"""A caller's number that tells who he is: not 'anonymous', and not the 0 of a broken trunk."""


async def enter(call: Call, sb: Switchboard, asked: Enqueue) -> None:
    """The caller begins to wait, as his flow asked for him."""
    queue = sb.queue(asked.queue)
    await sb.pbx.start_music(call.channel, queue.music)
    prefer = await _own_agent(call, sb, queue, asked.owner)
    now = call.now()
    needs = tuple(Step.model_validate(need.model_dump()) for need in asked.needs)
    customer = _known(normalise(call.arrived.caller, sb.site.outbound.region) or "")
    resumed = take_over(sb, queue.name, customer)
    since = _age_begins(call.standing, queue, now) if resumed is None else resumed
    call.note(n.VisitBegan(now, queue.name, since, asked.offset_seconds, needs, prefer, customer))
    call.step(IVR, "queue", ACD, queue.name)
    stand_in_line(call, sb.desk)
    await follow_wait(call, sb)
    if queue.resume_seconds and customer:
        _keep_old_place(call, sb)


async def enter_again(call: Call, sb: Switchboard, name: str) -> None:
    """The caller waits once more, in this queue, as an agent has sent him: with his age, what he
    needs, and who he is."""
    queue, before = sb.queue(name), call.standing.stay
    with suppress(Gone):  # he has just hung up: the mailbox says so
        await sb.pbx.start_music(call.channel, queue.music)
    now = call.now()
    since = _age_begins(call.standing, queue, now)
    customer = _known(normalise(call.arrived.caller, sb.site.outbound.region) or "")
    needs = before.needs if before is not None else ()
    offset = before.offset_seconds if before is not None else 0.0
    call.note(n.VisitBegan(now, queue.name, since, offset, needs, customer=customer))
    call.step(AGENT, "queue", ACD, queue.name)
    stand_in_line(call, sb.desk)
    await follow_wait(call, sb)


def _keep_old_place(call: Call, sb: Switchboard) -> None:
    """The distributor may have given him one back: his from now on, wherever he goes."""
    since = age_of(call, sb)
    if since is not None and since != call.standing.since:
        call.note(n.PlaceChanged(call.now(), since))


def stand_in_line(call: Call, desk: Desk, at: float | None = None) -> None:
    """To his place by his age; out by `no_agents` when today's settings have no such queue."""
    standing, visit = call.standing, call.standing.visit
    assert visit is not None
    contact = ContactQueued(
        call.id,
        visit.queue,
        visit.since,
        customer=visit.customer,
        needs=visit.needs,
        language=standing.language,
        offset_seconds=visit.offset_seconds,
        prefer=visit.prefer,
        prefer_seconds=visit.prefer_seconds,
        ring_seconds=visit.ring_seconds,
        callback=standing.first,
        not_before=standing.due,
    )
    try:
        desk.post(contact, at)
    except IllegalEvent:
        call.deliver(Expire(call.id, visit.queue, ExpireReason.NO_AGENTS))


def _known(number: str) -> str:
    return number if _NUMBER.fullmatch(number) else ""


def _age_begins(standing: Standing, queue: QueueSettings, now: float) -> float:
    """An age is kept from queue to queue, also when an agent sends the caller on."""
    if standing.since is not None:
        return standing.since
    return standing.arrived.at if standing.arrived and queue.age_from == "call" else now


async def _own_agent(call: Call, sb: Switchboard, queue: QueueSettings, owner: str) -> str:
    """Whom a sticky queue keeps this caller for, '' for nobody."""
    if queue.sticky is None:
        return ""
    if queue.sticky.to in ("owner", "either") and owner:
        agents = sb.site.agents.values()
        named = (agent.name for agent in agents if owner in (agent.name, agent.extension))
        if found := next(named, ""):
            return found
    number = _known(call.arrived.caller)
    if queue.sticky.to in ("last", "either") and number:
        last = await sb.last_agent(number)
        return last if last is not None and last in sb.site.agents else ""
    return ""


class Waiting:
    """A stay in queues, from its beginning or from where an earlier run left it."""

    def __init__(self, call: Call, sb: Switchboard, until: float | None = None) -> None:
        """``until``: he may not be kept waiting longer; then he leaves by ``no_agent``."""
        self.call, self.sb = call, sb
        self._until = until
        self._offering = Offering(call, sb)
        self._announcer = self._announce()

    def _announce(self) -> Announcer | None:
        """Who speaks to the caller, in a queue that has something to say or to offer; nobody, if he
        has only seconds."""
        visit = self.call.standing.visit
        queue = self.sb.queue(visit.queue if visit else "")
        speaks = queue.announcements or queue.callback or queue.voicemail
        if speaks and self._until is None:
            return Announcer(self.call, self.sb, queue, self._estimate)
        return None

    def _estimate(self) -> Estimate | None:
        return self.sb.desk.acd.estimate(self.call.id, self.call.now())

    async def until_answered(self) -> n.OfferBegan | Left:
        """Take what comes until an agent answers, the queue sends the caller on, or he wants to go.

        After a crash an answer may have been told to the desk and not been noted.
        """
        if (accepted := self._offering.accepted_before()) is not None:
            return accepted
        try:
            while True:
                out = await self._take(await self.call.receive(self._next_deadline()))
                if out is not None:
                    await self._fall_silent()
                    return out
        except CallerGone as gone:
            await self._caller_left(gone)
            raise

    def _next_deadline(self) -> float | None:
        announces = self._announcer.next_deadline() if self._announcer else None
        return min((at for at in (announces, self._until) if at is not None), default=None)

    def _is_late(self) -> bool:
        return self._until is not None and self.call.now() >= self._until

    async def _take(self, mail: Mail | None) -> n.OfferBegan | Left | None:
        """One thing that happened; what it leads to if he waits no longer."""
        match mail:
            case StillWaiting():
                self.call.note(n.WaitExplained(self.call.now(), mail.queue, mail.why))
            case Moved():
                await self._move(mail)
            case Expire():
                return await self._expire(mail)
            case None | DigitPressed() | PlaybackEnded():
                return await self._hear(mail)
            case _:
                return await self._offering.take(mail)
        return None

    async def _hear(self, mail: DigitPressed | PlaybackEnded | None) -> Left | None:
        """The announcements' own mail: their time, their ends, and the caller's keys."""
        if mail is None and self._is_late():
            return await self._find_no_agent()
        if self._announcer is None:
            return None
        if mail is None:
            await self._announcer.on_deadline(self.call.now())
        else:
            wish = await self._announcer.take(mail)
            if wish is not None:
                return await self._grant(wish)
        return None

    async def _grant(self, wish: Wish) -> Left:
        """He does not want to wait on: that is no abandoning."""
        call, desk = self.call, self.sb.desk
        desk.post(ContactLeft(call.id, LeaveReason(wish.kind.value)))
        await self._offering.end(OfferOutcome.CALLER_LEFT, desk.time)
        to = Destination(kind=wish.kind, name=wish.number)
        return await self._leave(Left(wish.kind, to), desk.time)

    async def _find_no_agent(self) -> Left:
        """His time is over. An agent's answer that has come before is read before it."""
        call, desk = self.call, self.sb.desk
        desk.post(ContactLeft(call.id, LeaveReason.NO_AGENT))
        await self._offering.end(OfferOutcome.CANCELLED, desk.time)
        call.step(ACD, "no agent in time", ARI)
        return await self._leave(Left(LeaveReason.NO_AGENT), desk.time)

    async def _expire(self, mail: Expire) -> Left:
        self.call.step(ACD, "expired", IVR, f"{mail.queue}: {mail.rule or mail.reason}")
        return await self._leave(Left(mail.reason, mail.to, mail.rule), self.sb.desk.time)

    async def _leave(self, left: Left, at: float) -> Left:
        self.call.note(n.VisitEnded(at, left.reason, left.to, left.rule))
        await leave_wait(self.call, self.sb, at)
        await self._drop_bridge()
        return left

    async def _move(self, mail: Moved) -> None:
        """On in another queue by the rules of the one before; only other music is heard."""
        call, visit = self.call, self.call.standing.visit
        assert visit is not None
        before, after = self.sb.queue(visit.queue), self.sb.queue(mail.queue)
        call.note(n.VisitMoved(self.sb.desk.time, mail.queue, mail.rule))
        call.step(ACD, "overflow", ACD, f"{mail.source} → {mail.queue}: {mail.rule}")
        await self._fall_silent()
        if after.music != before.music:
            await self.sb.pbx.start_music(call.channel, after.music)
        await follow_wait(call, self.sb)
        self._announcer = self._announce()

    async def _fall_silent(self) -> None:
        if self._announcer is not None:
            await self._announcer.stop()

    async def _drop_bridge(self) -> None:
        bridge, self.call.bridge = self.call.bridge, None
        if bridge is not None:
            await destroy_quietly(self.sb, bridge)

    async def _caller_left(self, gone: CallerGone) -> None:
        """Abandoned, or we hung up on him: then the offers were not lost by the caller, either."""
        call, desk, reason = self.call, self.sb.desk, self._offering.why_left
        desk.post(ContactLeft(call.id, reason), gone.gone.at)
        outcome = OfferOutcome.CANCELLED if call.dismissed else OfferOutcome.CALLER_LEFT
        at = desk.time
        await self._offering.end(outcome, at)
        call.note(n.VisitEnded(at, reason))
        await self._drop_bridge()
