"""One attempt of a campaign: its callee is reached, found to be a person, and brought to an agent.

::

    agent first or held ─► dialing ─► who answered? ─► person ─► agent ─► talk
                              │             │             │
                              ▼             ▼             ▼
                          not reached    message        nobody in time: told so

A person is brought to an agent by the same waiting, offers and talk as a caller, but before all who
wait on the line, and for two seconds at most. In a broadcast a flow has him instead. What came of
it is found from the notes at the end, whatever ended it (``course.AttemptCourse``).
"""

from __future__ import annotations

from typing import Final

import structlog

from acd.messages import (
    ContactLeft,
    CustomerReached,
    LeaveReason,
    OfferOutcome,
    PriorityChanged,
    TalkEnded,
)
from dialer.plan import Mode, OnMachine
from engine.calls import notes as n
from engine.calls.call import Call, CallerGone
from engine.calls.calling_out import talk_until_over
from engine.calls.flows.context import flow_of, flows_of
from engine.calls.flows.flow import run_flow
from engine.calls.lanes import ARI, SIP
from engine.calls.outbound.answering import listen
from engine.calls.outbound.course import MACHINE, NO_PERSON
from engine.calls.outbound.reaching import Reaching
from engine.calls.outbound.speaking import apologise, leave_message
from engine.calls.queueing.nailed_up import let_go
from engine.calls.queueing.offering import Offering
from engine.calls.queueing.waiting import Waiting, stand_in_line
from engine.calls.switchboard import Switchboard, destroy_quietly
from engine.ports import LegAnswered, PbxError

log = structlog.get_logger("attempt")

DIALED_FIRST_SECONDS: Final = 1_000_000.0
"""The age (eleven days) that a person who answered us has beyond his own: nobody who called has
waited so long. He did not ask to be called, and the law gives him two seconds."""

SPEAK_SECONDS: Final = 0.15
"""So long before his time is over nobody is waited for any more: he hears the message within it."""


async def attempt(call: Call, sb: Switchboard) -> str:
    """From the decision to the end. Returns who ended it: 'agent' or 'engine'."""
    return await Attempt(call, sb).run()


class Attempt:
    """One attempt, from its beginning or from where an earlier run left it."""

    def __init__(self, call: Call, sb: Switchboard) -> None:
        plan, made = call.standing.attempt, call.standing.made
        assert plan is not None
        assert made is not None
        self.call, self.sb, self._plan, self._made = call, sb, plan, made
        self._reaching = Reaching(call, sb)
        self._answered_before = bool(call.channel)

    async def run(self) -> str:
        """Until nothing more is to be done with him. Raises ``CallerGone``."""
        if self._made.closed is not None:
            return self.call.standing.ended_by
        try:
            if await self._reach():
                await self._miss_no_end()
                await self._serve()
        except CallerGone as gone:
            await self._release(self._why_gone(gone), gone.gone.at)
            raise
        await self._release(LeaveReason.GIVEN_UP)
        return self.call.standing.ended_by

    def _why_gone(self, gone: CallerGone) -> LeaveReason:
        if self._made.person is None:
            return LeaveReason.GIVEN_UP  # for the queue: nobody has come to it
        return LeaveReason.LOST if gone.gone.estimated else LeaveReason.ABANDONED

    # -- until he is there ----------------------------------------------------------------------

    async def _reach(self) -> bool:
        """Whether there is a person on the line, to be served; who else answered is seen to."""
        if not self.call.channel:
            if self._made.missed is not None:
                return False
            answer = await self._reaching.reach()
            if answer is None:
                return False
            self._connect(answer)
        return self._made.person is not None or await self._is_person()

    def _connect(self, answer: LegAnswered) -> None:
        call = self.call
        call.connect(n.NumberAnswered(self.sb.desk.moment(answer.at), answer.channel))
        call.step(SIP, "answer", ARI)

    async def _is_person(self) -> bool:
        call, plan, made = self.call, self._plan, self._made
        assert made.answered is not None
        if not plan.detect or self._is_heard or self._is_late:
            call.note(n.PersonFound(made.answered))
            return True
        if not made.verdict:
            begun = self._answered_before
            await listen(call, self.sb, made.answered, self._reaching.hear, begun=begun)
        connect = made.verdict == MACHINE and plan.on_machine is OnMachine.CONNECT
        if made.verdict in NO_PERSON and not connect:
            await self._hear_out()
            return False
        call.note(n.PersonFound(made.waits_since or made.answered))
        return True

    @property
    def _is_heard(self) -> bool:
        """His agent hears who it is."""
        return self.call.standing.accepted is not None

    @property
    def _is_late(self) -> bool:
        """No engine was there when he answered, and he has waited for too long to be silent."""
        answered = self._made.answered
        assert answered is not None
        return not self._answered_before and self.call.now() > answered + self._plan.wait_seconds

    async def _miss_no_end(self) -> None:
        """Who left before he was together with anybody, perhaps while no engine was there, has
        talked with nobody. Raises ``CallerGone``."""
        call = self.call
        if call.end_told and self._made.connected is None:
            await call.end_of(call.channel, call.now())

    async def _hear_out(self) -> None:
        """No person: no agent is due."""
        await self._release(LeaveReason.GIVEN_UP)
        machine = self._made.verdict == MACHINE
        if machine and self._plan.on_machine is OnMachine.MESSAGE:
            await leave_message(self.call, self.sb, self._plan.machine_prompts)

    # -- he is there ----------------------------------------------------------------------------

    async def _serve(self) -> None:
        call, sb, standing = self.call, self.sb, self.call.standing
        sent_to = flow_of(standing)  # by his agent, if not by the campaign
        flow = sent_to or (self._plan.flow if self._plan.mode is Mode.BROADCAST else "")
        if flow in flows_of(call, sb).flows:
            await run_flow(call, sb, flow)
        elif not await self._bring_to_agent():
            log.info("attempt_dropped", queue=self._plan.queue)
            await apologise(call, sb, self._plan.dropped_prompts)

    async def _bring_to_agent(self) -> bool:
        """Whether he and an agent have talked."""
        standing = self.call.standing
        if self._made.connected is None:
            if standing.accepted is not None:
                await self._stop_ringing(standing.accepted)
            elif standing.visit is not None:
                await self._go_first()
            elif standing.left is None and self._plan.mode is not Mode.BROADCAST:
                self._ask_for_agent()
        await talk_until_over(self.call, self.sb, self._next_agent)
        return self._made.connected is not None

    async def _next_agent(self) -> n.OfferBegan | None:
        standing, person = self.call.standing, self._made.person
        assert person is not None
        if self._made.connected is not None:  # wherever that one has sent him
            return None
        if standing.accepted is not None or standing.visit is None:
            return standing.accepted
        until = person + self._plan.wait_seconds - SPEAK_SECONDS
        waited = await Waiting(self.call, self.sb, until).until_answered()
        return waited if isinstance(waited, n.OfferBegan) else None

    def _ask_for_agent(self) -> None:
        call, plan, person = self.call, self._plan, self._made.person
        assert person is not None
        call.note(
            n.VisitBegan(
                *(person, plan.queue, person, DIALED_FIRST_SECONDS),
                prefer=plan.agent,
                customer=plan.number,
            )
        )
        stand_in_line(call, self.sb.desk)

    async def _go_first(self) -> None:
        """An agent is held for him, or was: the phone rings, or he is the next for anybody."""
        call, desk = self.call, self.sb.desk
        call.note(n.PlaceChanged(call.now(), offset_seconds=DIALED_FIRST_SECONDS))
        desk.post(PriorityChanged(call.id, DIALED_FIRST_SECONDS))
        desk.post(CustomerReached(call.id), self._made.person)
        await Offering(call, self.sb).ring_held()

    async def _stop_ringing(self, accepted: n.OfferBegan) -> None:
        try:
            await self.sb.pbx.ring(accepted.leg, False)
        except PbxError:  # he is gone just now: the mailbox says so
            return

    # -- it is over -----------------------------------------------------------------------------

    async def _release(self, reason: LeaveReason, at: float | None = None) -> None:
        """It stands in no line, and who was held for it is free. Nothing, if it does not."""
        call, sb, standing = self.call, self.sb, self.call.standing
        if standing.visit is None:
            return
        now, offering = sb.desk.moment(at), Offering(call, sb)
        accepted = standing.accepted or offering.accepted_before()
        if accepted is None:
            sb.desk.post(ContactLeft(call.id, reason), now)
        else:
            sb.desk.post(TalkEnded(accepted.agent, call.id, missed=True), now)
            await let_go(sb, accepted)
        await offering.end(OfferOutcome.CANCELLED, now)
        call.note(n.VisitEnded(now, reason))
        bridge, call.bridge = call.bridge, None
        if bridge is not None:
            await destroy_quietly(sb, bridge)
