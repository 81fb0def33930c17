"""A caller waits in a queue: music, and offers until an agent answers."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from acd.messages import (
    ContactLeft,
    ContactQueued,
    Expire,
    ExpireReason,
    LeaveReason,
    Offer,
    OfferAccepted,
    OfferOutcome,
    OfferRefused,
    Why,
    Withdraw,
)
from acd.queues import QueueSettings
from engine.calls import notes as n
from engine.calls.call import Call, CallerGone
from engine.calls.lanes import ACD, AGENT, IVR
from engine.calls.outcomes import refused_offer
from engine.calls.switchboard import Switchboard, destroy_quietly, hang_up_quietly
from engine.ports import (
    Down,
    EndpointChanged,
    LegAnswered,
    LegGone,
    LegRinging,
    PbxError,
    Refused,
)

_PAUSE_WHEN_DOWN = 1.0
"""Seconds before an agent is given back when the switch does not answer: no hot loop of offers."""


async def wait_for_agent(
    call: Call, sb: Switchboard, queue: QueueSettings
) -> n.OfferBegan | ExpireReason:
    """Queue the caller. Returns the offer that an agent accepted, or the exit of the queue."""
    await sb.pbx.start_music(call.channel, queue.music)
    now = call.now()
    call.note(n.VisitBegan(now, queue.name))
    call.step(IVR, "queue", ACD, queue.name)
    sb.desk.post(ContactQueued(call.id, queue.name, since=now))
    return await Waiting(call, sb, queue).until_answered()


class Waiting:
    """A stay in one queue, from its beginning or from where an earlier run left it."""

    def __init__(self, call: Call, sb: Switchboard, queue: QueueSettings) -> None:
        self.call, self.sb, self.queue = call, sb, queue
        self._rang = False

    @property
    def _offer(self) -> n.OfferBegan | None:
        """The offer that rings now; its id is the id of the agent's leg."""
        return self.call.standing.offer

    async def until_answered(self) -> n.OfferBegan | ExpireReason:
        """Take what comes until an agent answers or the queue sends the caller on.

        After a crash an answer may have been told to the desk and not been noted.
        """
        if self._offer is not None and self.sb.desk.talks(self._offer.agent, self.call.id):
            return self._offer
        try:
            while True:
                mail = await self.call.receive()
                match mail:
                    case Offer():
                        await self._ring(mail)
                    case Withdraw():
                        await self._withdraw(mail)
                    case LegRinging() if self._is_current(mail.channel):
                        self._rang = True
                        self.call.step(AGENT, "ringing", ACD)
                    case LegAnswered() if mail.channel != self.call.channel:
                        accepted = await self._answered(mail)
                        if accepted is not None:
                            return accepted
                    case LegGone() if self._is_current(mail.channel):
                        await self._leg_gone(mail)
                    case EndpointChanged(online=False):
                        await self._phone_left(mail)
                    case Expire():
                        await self._drop_bridge()
                        return self._expire(mail)
        except CallerGone as gone:
            await self._caller_left(gone)
            raise

    def _is_current(self, leg: str) -> bool:
        return self._offer is not None and self._offer.offer == leg

    async def _ring(self, offer: Offer) -> None:
        call = self.call
        if call.hanging_up:
            return  # nobody to ring for; the offer ends with the contact
        self._rang = False
        began = n.OfferBegan(
            call.now(), offer.offer, offer.queue, offer.agent, offer.endpoint, say_why(offer.why)
        )
        call.note(began)
        call.step(ACD, "offer", AGENT, f"{offer.agent}: {began.why}")
        try:
            await self.sb.pbx.dial(
                offer.offer, offer.endpoint, caller=call.channel, ring_seconds=offer.ring_seconds
            )
            await self._make_bridge()
        except Refused:
            self._refuse(OfferOutcome.UNREACHABLE)
        except Down:
            await asyncio.sleep(_PAUSE_WHEN_DOWN)
            await hang_up_quietly(self.sb, offer.offer)
            self._refuse(OfferOutcome.CANCELLED)
        except PbxError:
            self._refuse(OfferOutcome.CANCELLED)

    async def _leg_gone(self, mail: LegGone) -> None:
        """The leg ended unanswered; if nobody saw it, it may not even be born (we crashed)."""
        if mail.estimated:
            await hang_up_quietly(self.sb, mail.channel)
            self._refuse(OfferOutcome.CANCELLED)
        else:
            self._refuse(refused_offer(mail.cause, mail.tech_cause, self._rang))

    def _refuse(self, outcome: OfferOutcome) -> None:
        """The agent's side ended it; the desk may offer somebody else at once."""
        offer = self._offer
        if offer is None:
            return
        self._close_offer(outcome, self.call.now())
        self.sb.desk.post(OfferRefused(offer.offer, outcome))

    async def _withdraw(self, withdraw: Withdraw) -> None:
        if self._is_current(withdraw.offer):
            self._close_offer(withdraw.outcome, self.sb.desk.time)
            await hang_up_quietly(self.sb, withdraw.offer)

    async def _answered(self, mail: LegAnswered) -> n.OfferBegan | None:
        """The agent's phone is up: his contact now, unless the offer is no longer his."""
        offer = self._offer
        if offer is None or offer.offer != mail.channel:
            await hang_up_quietly(self.sb, mail.channel)
            return None
        if self.call.hanging_up:  # while he picked up; the Withdraw is in the mailbox
            self.sb.desk.post(ContactLeft(self.call.id, self._why_left), mail.at)
            return None
        decisions = self.sb.desk.post(OfferAccepted(offer.offer), mail.at)
        if any(isinstance(d, Withdraw) and d.offer == offer.offer for d in decisions):
            return None  # lost a race; the Withdraw is in the mailbox
        return offer

    async def _phone_left(self, mail: EndpointChanged) -> None:
        """The phone unregistered in mid-ring: its INVITE would ring on for nobody."""
        offer = self._offer
        if offer is not None and offer.endpoint == mail.endpoint:
            self._refuse(OfferOutcome.UNREACHABLE)
            await hang_up_quietly(self.sb, offer.offer)

    def _expire(self, mail: Expire) -> ExpireReason:
        self.call.note(n.VisitEnded(self.call.now(), mail.reason))
        self.call.step(ACD, "expired", IVR, f"{mail.queue}: {mail.reason}")
        return mail.reason

    async def _make_bridge(self) -> None:
        """The talk's bridge, while the phone rings: one thing less to wait for at the answer.

        When it cannot be made the phone rings on, and the talk tries again.
        """
        call = self.call
        if call.bridge is None:
            bridge = call.new_id("b")
            with suppress(PbxError):
                await self.sb.pbx.create_bridge(bridge, call.id)
                call.bridge = bridge

    async def _drop_bridge(self) -> None:
        bridge, self.call.bridge = self.call.bridge, None
        if bridge is not None:
            await destroy_quietly(self.sb, bridge)

    async def _caller_left(self, gone: CallerGone) -> None:
        """Abandoned, or we hung up on him: then the offer was not lost by the caller, either."""
        offer, reason = self._offer, self._why_left
        self.sb.desk.post(ContactLeft(self.call.id, reason), gone.gone.at)
        at = self.sb.desk.time
        if offer is not None:
            outcome = OfferOutcome.CANCELLED if self.call.dismissed else OfferOutcome.CALLER_LEFT
            self.call.note(n.OfferEnded(at, offer.offer, outcome))
            await hang_up_quietly(self.sb, offer.offer)
        self.call.note(n.VisitEnded(at, reason))
        await self._drop_bridge()

    @property
    def _why_left(self) -> LeaveReason:
        return LeaveReason.MOVED if self.call.dismissed else LeaveReason.ABANDONED

    def _close_offer(self, outcome: OfferOutcome, at: float) -> None:
        offer = self._offer
        assert offer is not None
        self.call.note(n.OfferEnded(at, offer.offer, outcome))
        self.call.step(AGENT, outcome, ACD, offer.agent)


def say_why(why: Why) -> str:
    """The reason of an offer in a sentence."""
    others = ", ".join(why.candidates[1:])
    passed = "; ".join(f"{agent}: {rule}" for agent, rule in why.passed_over)
    parts = [f"{why.rule} of {len(why.candidates)}"]
    if others:
        parts.append(f"before {others}")
    if passed:
        parts.append(f"passed over {passed}")
    return ", ".join(parts)
