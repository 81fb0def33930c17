"""The callee of an attempt is reached: an agent first where the mode says so, then his phone.

*Progressive*: an agent is held, and only then the callee is dialed; if the agent goes meanwhile
the phone rings on, for it has to ring its time, and the next agent who is free is held. *Preview*
and *manual*: an agent sees the lead, takes it, and hears it ring. In the other modes nobody is
asked.

Each way in which nobody is reached is noted (``NumberMissed``) before anything is let go, so that
an engine that dies in between finds no reason to dial again.
"""

from __future__ import annotations

from typing import Final

import structlog

from acd.messages import (
    ONLY_HIM,
    CallbackFirst,
    Expire,
    Moved,
    Offer,
    StillWaiting,
    TalkEnded,
    Withdraw,
)
from dialer.plan import Mode
from dialplan.outbound import Way
from engine.calls import notes as n
from engine.calls.call import Call, Mail
from engine.calls.errands.dialing import Dialing, NotReached
from engine.calls.lanes import ACD, ARI
from engine.calls.mail import AttemptCancelled, GivenUp, OfferDeclined
from engine.calls.outcomes import Missed
from engine.calls.queueing.nailed_up import let_go
from engine.calls.queueing.offering import Offering
from engine.calls.queueing.waiting import stand_in_line
from engine.calls.switchboard import Switchboard
from engine.ports import LegAnswered, LegGone

log = structlog.get_logger("attempt")

FRESH_SECONDS: Final = 5.0
"""So long a decision to dial somebody at once is good. Who decided it knew how many agents were
free and how many phones rang; an engine that comes back after a crash knows neither."""

_AGENT_SECONDS: Final = {Mode.PROGRESSIVE: 5.0, Mode.PREVIEW: 600.0, Mode.MANUAL: 30.0}
"""So long an agent is looked for, or the lead shown to one after the other. Not while he looks."""
_BY_AGENT = (Mode.PREVIEW, Mode.MANUAL)
"""The modes in which an agent decides when to dial."""

_CROSSING_SECONDS = 1.0
"""How long the end of a leg that we hang up may be in coming."""


class Reaching:
    """One attempt until its callee has answered, from the beginning or from where an earlier run
    left it."""

    def __init__(self, call: Call, sb: Switchboard) -> None:
        plan, made = call.standing.attempt, call.standing.made
        assert plan is not None
        assert made is not None
        self._call, self._sb, self._plan, self._made = call, sb, plan, made
        self._offering = Offering(call, sb)

    async def reach(self) -> LegAnswered | None:
        """His answer; None when he was not reached, which is noted."""
        reached = await self._reach()
        if isinstance(reached, LegAnswered):
            return reached
        call, desk, accepted = self._call, self._sb.desk, self._call.standing.accepted
        now = desk.moment()
        call.note(
            n.NumberMissed(now, reached.why, reached.tried, 0.0, reached.cause, reached.tech_cause)
        )
        call.step(ARI, reached.why, ACD)
        log.info("attempt_missed", why=reached.why)
        if accepted is not None:
            desk.post(TalkEnded(accepted.agent, call.id, missed=True), now)
            await let_go(self._sb, accepted)
        return None

    async def _reach(self) -> LegAnswered | NotReached:
        standing = self._call.standing
        if standing.dialed is not None:
            return await self._dialing().go_on(standing.dialed)
        why = None if self._plan.mode in _BY_AGENT else self._is_stale()
        if why is None and self._plan.mode in _AGENT_SECONDS:
            why = await self._until_agent()
        plan = self._plan
        if why is None:
            await self._sb.pace(plan.trunk)
            why = self._is_barred()
        if why is not None:
            return NotReached(why, tried=False)
        way = Way(
            number=plan.number, dialed=plan.dialed, trunk=plan.trunk, caller_id=plan.caller_id
        )
        return await self._dialing().begin(way)

    def _is_stale(self) -> Missed | None:
        late = self._call.now() > self._plan.decided + FRESH_SECONDS
        return Missed.CANCELLED if late else None

    def _is_barred(self) -> Missed | None:
        """An agent may look at a lead for minutes: hours end, and people ask not to be called."""
        why = self._sb.permit(self._plan.attempt)
        if why:
            self._call.step(ACD, "not dialed", ARI, why)
        return Missed.BARRED if why else None

    # -- the agent, where he comes first --------------------------------------------------------

    async def _until_agent(self) -> Missed | None:
        """Until he is held, or has taken it and is on his phone; the reason when there is none."""
        standing = self._call.standing
        if standing.visit is None and standing.accepted is None:
            self._ask_for_agent()
        deadline = self._call.arrived.at + _AGENT_SECONDS[self._plan.mode]
        if (accepted := self._offering.accepted_before()) is not None:
            await self._offering.accept(accepted)
        while not self._has_agent:
            mail = await self._call.receive(None if standing.offers else deadline)
            if mail is None:
                return Missed.CANCELLED
            why = await self.hear(mail)
            if why is not None:
                return Missed.CANCELLED
        return None

    @property
    def _has_agent(self) -> bool:
        standing = self._call.standing
        reserves = standing.first is CallbackFirst.RESERVED
        return bool(standing.offers) if reserves else standing.accepted is not None

    def _ask_for_agent(self) -> None:
        call, plan, now = self._call, self._plan, self._call.now()
        only = ONLY_HIM if plan.agent else None
        call.note(
            n.VisitBegan(
                *(now, plan.queue, now),
                prefer=plan.agent,
                customer=plan.number,
                prefer_seconds=only,
                ring_seconds=plan.preview_seconds if plan.mode is Mode.PREVIEW else None,
            )
        )
        stand_in_line(call, self._sb.desk)

    # -- his phone rings ----------------------------------------------------------------------

    def _dialing(self) -> Dialing:
        accepted = self._call.standing.accepted
        listener = accepted.leg if accepted is not None else ""
        return _AttemptDialing(self._call, self._sb, self._plan.ring_seconds, listener, self.hear)

    async def hear(self, mail: Mail) -> Missed | None:
        """What happens beside; the reason to stop that it is, if it is one."""
        match mail:
            case GivenUp():
                return Missed.GIVEN_UP
            case AttemptCancelled(why=why):
                self._call.step(ACD, "cancelled", ARI, why)
                return Missed.CANCELLED
            case Expire():
                return None if self._call.standing.dialed is not None else Missed.CANCELLED
            case Moved():
                self._call.note(n.VisitMoved(self._sb.desk.time, mail.queue, mail.rule))
            case StillWaiting():
                self._call.note(n.WaitExplained(self._call.now(), mail.queue, mail.why))
            case _:
                accepted = await self._offering.take(mail)
                if accepted is not None:
                    await self._offering.accept(accepted)
                elif self._nobody_wants_it(mail):
                    return Missed.CANCELLED
        return None

    def _nobody_wants_it(self, mail: Mail) -> bool:
        """Who was shown the lead has skipped it, or let it be, and nobody else is free for it: it
        goes back, and he is shown another one."""
        standing = self._call.standing
        if self._plan.mode is not Mode.PREVIEW or not isinstance(mail, OfferDeclined | Withdraw):
            return False
        return standing.accepted is None and not standing.offers and not self._call.has(Offer)


class _AttemptDialing(Dialing):
    """Who answers at the very moment in which we hang up has answered, and was hung up on; a phone
    that never rang is no phone that nobody answered."""

    async def _stop(
        self, leg: str, why: Missed, tried: bool = False, cause: int = 0
    ) -> LegAnswered | NotReached:
        call = self._call
        answered = await self._find_answer(leg)
        if answered is not None and why is not Missed.FAILED:
            return answered
        await super()._stop(leg, why)
        until = call.now() + _CROSSING_SECONDS
        gone = await call.find(LegGone, until, lambda mail: mail.channel == leg)
        answered = await self._find_answer(leg)
        if answered is None:
            silent = why is Missed.NO_ANSWER and not (self._rang(leg) or self._progressed)
            return NotReached(Missed.UNREACHABLE if silent else why, tried, cause)
        call.dismissed = True
        if gone is not None:
            call.deliver(gone)
        return answered

    async def _find_answer(self, leg: str) -> LegAnswered | None:
        """His answer, if it is in the mailbox behind what is read now."""
        call = self._call
        return await call.find(LegAnswered, call.now(), lambda mail: mail.channel == leg)
