"""The offers of a waiting caller: one phone, or several at once, and the first answer wins."""

from __future__ import annotations

import asyncio
from typing import Final

from acd.messages import (
    ContactLeft,
    LeaveReason,
    Offer,
    OfferAccepted,
    OfferOutcome,
    OfferRefused,
    Withdraw,
)
from acd.queues import OfferMode
from engine.calls import notes as n
from engine.calls.call import Call, Mail
from engine.calls.lanes import ACD, AGENT
from engine.calls.mail import OfferDeclined, OfferTaken
from engine.calls.names import is_ours
from engine.calls.outcomes import refused_offer
from engine.calls.queueing.nailed_up import beep, let_go, let_go_all, line_for
from engine.calls.switchboard import Switchboard, hang_up_quietly
from engine.calls.why import say_why
from engine.ports import Down, EndpointChanged, LegAnswered, LegGone, LegRinging, PbxError, Refused

ELSEWHERE: Final = "answered_elsewhere"
"""The reason of a hang-up after which a phone shows no missed call."""

_PAUSE_WHEN_DOWN = 1.0
"""Seconds before an agent is given back when the switch does not answer: no hot loop of offers."""

_TAKEN_SECONDS = 30.0
"""Asterisk's own limit for the phone of who took a preview, or was held; the distributor's comes
before it."""

_ON_HIS_LINE = (OfferMode.NAILED_UP, OfferMode.RESERVED)
"""The offers that use an agent's line which stays connected, if he has one."""


class Offering:
    """The offers that run for one call; ``call.standing.offers`` has them, through a crash, too."""

    def __init__(self, call: Call, sb: Switchboard) -> None:
        self.call, self.sb = call, sb
        self._rang: set[str] = set()

    def accepted_before(self) -> n.OfferBegan | None:
        """After a crash: whose answer was told to the desk, and his talk not noted."""
        talks, call = self.sb.desk.talks, self.call
        return next((o for o in call.standing.offers.values() if talks(o.agent, call.id)), None)

    async def take(self, mail: Mail) -> n.OfferBegan | None:
        """One thing that happened, to the offers or to something else. Returns the offer of the
        agent who has answered and has him now."""
        match mail:
            case Offer():
                await self.make(mail)
            case Withdraw():
                await self.withdraw(mail)
            case LegRinging():
                self.rang(mail)
            case LegAnswered() if mail.channel != self.call.channel:
                return await self.answered(mail)
            case LegGone():
                await self.leg_gone(mail)
            case EndpointChanged(online=False):
                await self.phone_left(mail)
            case OfferTaken():
                await self.taken(mail)
            case OfferDeclined():
                await self.declined(mail)
        return None

    # -- they begin ---------------------------------------------------------------------------

    async def make(self, first: Offer) -> None:
        """Ring for this offer and for those that were made with it, all at once.

        The talk's bridge is made meanwhile: one thing less to wait for at the answer.
        """
        if self.call.hanging_up:
            return  # nobody to ring for; the offers end with the contact
        offers = [first, *self.call.take(Offer)]
        began = self._note(offers)
        async with asyncio.TaskGroup() as tasks:
            for offer, noted in zip(offers, began, strict=True):
                if self.call.standing.rings(noted):
                    tasks.create_task(self._ring(noted, offer.ring_seconds))
            tasks.create_task(self._make_bridge())

    def _note(self, offers: list[Offer]) -> list[n.OfferBegan]:
        now = self.call.now()
        began = [
            n.OfferBegan(
                *(now, o.offer, o.queue, o.agent, o.endpoint, o.why, o.mode),
                line=line_for(self.sb, o.agent) if o.mode in _ON_HIS_LINE else "",
            )
            for o in offers
        ]
        for each in began:
            self.call.note(each)
            self.call.step(ACD, "offer", AGENT, f"{each.agent}: {say_why(each.because)}")
        return began

    async def _ring(self, offer: n.OfferBegan, ring_seconds: float) -> None:
        try:
            if offer.line:
                await beep(self.sb, offer, self.call)
            else:
                await self._dial(offer, ring_seconds)
        except Refused:
            self._refuse(offer, OfferOutcome.UNREACHABLE)
        except Down:
            await asyncio.sleep(_PAUSE_WHEN_DOWN)
            await let_go(self.sb, offer)
            self._refuse(offer, OfferOutcome.CANCELLED)
        except PbxError:
            self._refuse(offer, OfferOutcome.CANCELLED)

    async def _dial(self, offer: n.OfferBegan, ring_seconds: float) -> None:
        """Also the phone of a nailed-up agent who has not called in: it answers by itself."""
        await self.sb.phone_free(offer.agent)
        await self.sb.pbx.dial(
            offer.offer,
            offer.endpoint,
            # The leg of a customer whom we called has no number of its own to show.
            caller="" if self.call.standing.calls_out else self.call.channel,
            shows=self.call.arrived.caller,
            ring_seconds=ring_seconds,
            auto_answer=offer.mode is not OfferMode.RING,
        )

    async def _make_bridge(self) -> None:
        """When it cannot be made the phones ring on, and the talk tries again."""
        call = self.call
        if call.bridge is None:
            call.bridge = call.new_id("b")  # first: if this is cut short, it may be there
            try:
                await self.sb.pbx.create_bridge(call.bridge, call.id)
            except PbxError:
                call.bridge = None

    def rang(self, mail: LegRinging) -> None:
        """A phone says that it rings."""
        offer = self.call.standing.offers.get(mail.channel)
        if offer is not None:
            self._rang.add(mail.channel)
            self.call.step(AGENT, "ringing", ACD, offer.agent)

    async def taken(self, mail: OfferTaken) -> None:
        """An agent wants what he was shown: his phone is asked to answer at once."""
        offer = self.call.standing.offers.get(mail.offer)
        shown = offer is not None and offer.mode is OfferMode.PREVIEW
        if offer is not None and shown and not self.call.standing.rings(offer):
            self.call.note(n.OfferTaken(self.call.now(), offer.offer))
            self.call.step(AGENT, "takes it", ACD, offer.agent)
            await self._ring(offer, _TAKEN_SECONDS)

    async def ring_held(self) -> None:
        """Whom agents are held for is on the line: their phones ring."""
        standing = self.call.standing
        held = [
            offer
            for offer in standing.offers.values()
            if offer.mode is OfferMode.RESERVED and not standing.rings(offer)
        ]
        for offer in held:
            self.call.note(n.OfferTaken(self.call.now(), offer.offer))
        async with asyncio.TaskGroup() as tasks:
            for offer in held:
                tasks.create_task(self._ring(offer, _TAKEN_SECONDS))

    # -- they end -----------------------------------------------------------------------------

    async def answered(self, mail: LegAnswered) -> n.OfferBegan | None:
        """An agent's phone is up: his contact now, unless the offer is no longer his."""
        offer = self._of_leg(mail.channel)
        if offer is None and not is_ours(mail.channel):
            return None  # a line, which stays
        if offer is None:
            await hang_up_quietly(self.sb, mail.channel, ELSEWHERE)
            return None
        if self.call.hanging_up:  # while he picked up; the caller's end follows, if it is not there
            if not self.call.end_told:
                self.sb.desk.post(ContactLeft(self.call.id, self.why_left), mail.at)
            return None
        decisions = self.sb.desk.post(OfferAccepted(offer.offer), mail.at)
        if any(isinstance(d, Withdraw) and d.offer == offer.offer for d in decisions):
            return None  # lost a race; the Withdraw is in the mailbox
        return offer

    async def accept(self, offer: n.OfferBegan) -> None:
        """Of a contact without a channel: this agent has it, and waits for its customer. The phones
        that rang, too, need not ring on."""
        standing = self.call.standing
        others = (each for each in standing.offers.values() if each.offer != offer.offer)
        late = [each for each in others if standing.rings(each)]
        self.call.note(n.OfferAccepted(self.sb.desk.time, offer.offer))
        self.call.step(AGENT, "answer", ACD, offer.agent)
        await let_go_all(self.sb, late, ELSEWHERE)

    async def withdraw(self, mail: Withdraw) -> None:
        """The distributor takes an offer back."""
        offer = self.call.standing.offers.get(mail.offer)
        if offer is not None:
            reason = ELSEWHERE if mail.outcome is OfferOutcome.LOST_RACE else "normal"
            self._close(offer, mail.outcome, self.sb.desk.time)
            await self._hang_up([offer], reason)

    async def leg_gone(self, mail: LegGone) -> None:
        """A leg ended unanswered; if nobody saw it, it may not even be born (we crashed)."""
        offer = self._of_leg(mail.channel)
        if offer is None:
            return
        if mail.estimated:
            await let_go(self.sb, offer)
            self._refuse(offer, OfferOutcome.CANCELLED)
        else:
            rang = mail.channel in self._rang
            self._refuse(offer, refused_offer(mail.cause, mail.tech_cause, rang))

    async def phone_left(self, mail: EndpointChanged) -> None:
        """A phone unregistered in mid-ring: its INVITE would ring on for nobody."""
        offers = self.call.standing.offers.values()
        there = [o for o in offers if o.endpoint == mail.endpoint and not o.line]
        for offer in there:
            self._refuse(offer, OfferOutcome.UNREACHABLE)
        await self._hang_up(there)

    async def declined(self, mail: OfferDeclined) -> None:
        """An agent says no on his screen."""
        offer = self.call.standing.offers.get(mail.offer)
        if offer is not None:
            self._refuse(offer, OfferOutcome.REJECTED, mail.reason)
            await self._hang_up([offer])

    async def end(self, outcome: OfferOutcome, at: float) -> None:
        """The caller is no longer there for anybody: all offers end."""
        running = list(self.call.standing.offers.values())
        for offer in running:
            self.call.note(n.OfferEnded(at, offer.offer, outcome))
        await self._hang_up(running)

    @property
    def why_left(self) -> LeaveReason:
        """The reason of a caller's end: he hung up, we did, or nobody knows."""
        if self.call.dismissed:
            return LeaveReason.MOVED
        lost = self.call.gone is not None and self.call.gone.estimated
        return LeaveReason.LOST if lost else LeaveReason.ABANDONED

    def _refuse(self, offer: n.OfferBegan, outcome: OfferOutcome, reason: str = "") -> None:
        """The agent's side ended it; the desk may offer somebody else at once."""
        if offer.offer in self.call.standing.offers:
            self._close(offer, outcome, self.call.now(), reason)
            self.sb.desk.post(OfferRefused(offer.offer, outcome))

    def _close(
        self, offer: n.OfferBegan, outcome: OfferOutcome, at: float, reason: str = ""
    ) -> None:
        self.call.note(n.OfferEnded(at, offer.offer, outcome, reason))
        self.call.step(AGENT, outcome, ACD, f"{offer.agent}: {reason}" if reason else offer.agent)

    async def _hang_up(self, offers: list[n.OfferBegan], reason: str = "normal") -> None:
        rings = self.call.standing.rings
        await let_go_all(self.sb, filter(rings, offers), reason)

    def _of_leg(self, leg: str) -> n.OfferBegan | None:
        offers = self.call.standing.offers.values()
        return next((offer for offer in offers if offer.leg == leg), None)
