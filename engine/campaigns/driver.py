"""Runs the dialer: one core, no locks, a look at the floor four times a second.

What the core decides is carried out here, each attempt in this order: the ledger lets it begin (the
lead is ours, its number on no list), then its story begins, and what happens to it comes back as
the notes of its call. A ledger that is away lets nothing begin; calls under way do not notice.

After a restart nothing is dialed until the ledger has told what the last run left
(``engine.campaigns.memory``).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import suppress
from typing import Final

import structlog

from dialer.compliance import Permission
from dialer.core import Dialer, IllegalMove
from dialer.leads import Candidate
from dialer.messages import (
    AttemptRefused,
    AttemptResumed,
    CampaignMoved,
    CampaignState,
    Cancel,
    ClaimLeads,
    CodeGiven,
    Configured,
    Dial,
    DialerDecision,
    DialerEvent,
    GiveUp,
    Moved,
    NumberSuppressed,
    Paced,
    ReturnLead,
    TrustChanged,
)
from dialer.plan import AttemptPlan
from dialplan.outbound import Barred, Way
from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.mail import AttemptCancelled, CampaignMail, GivenUp
from engine.calls.registry import Registry
from engine.calls.switchboard import Switchboard
from engine.campaigns.background import Background
from engine.campaigns.floor import floor_of
from engine.campaigns.heard import event_of
from engine.campaigns.laws import laws_of
from engine.campaigns.memory import Memory
from engine.campaigns.pace import Pace
from engine.campaigns.supply import Supply, insist
from engine.campaigns.trust import SWITCH_AWAY, Trust
from engine.config.site import Site
from engine.desk import midnight
from engine.ports import LedgerDown, LedgerRefused
from engine.store.leads import LeadStore, Return

log = structlog.get_logger("campaigns")

LOOK_SECONDS: Final = 0.25
"""How often the floor is looked at: pacing wants it each second at least, and a trunk that takes
five calls a second wants them spread over it."""
TRUST_SECONDS: Final = 5.0
_AGAIN_SECONDS: Final = 1.0
_LOOKS_KEPT: Final = 120
_REMEMBERED: Final = 5_000
_UNTOLD: Final = "the ledger has not yet told what the last run left"
_CHECKING: Final = "what has to be trusted is being looked at"


class NotPermitted(Exception):
    """A number may not be dialed now; ``permission`` says by which rule, and when it may."""

    def __init__(self, permission: Permission) -> None:
        super().__init__(permission.why)
        self.permission = permission


class Campaigns:
    """All campaigns of one engine. All but the coroutines is called from the loop's own thread."""

    def __init__(
        self,
        sb: Switchboard,
        site: Site,
        store: LeadStore,
        run: str,
        switch_is_up: Callable[[], bool],
    ) -> None:
        """``run`` names this run of the engine: what it claims is told from what others did."""
        self.core = Dialer()
        self.store = store
        self.site = site
        self.run_name = run
        self.history: dict[str, deque[Paced]] = {}
        """What was decided for each campaign in the last looks, the last one last."""
        self.taken_up = asyncio.Event()
        """Whether the ledger has told what the last run left."""
        self._sb = sb
        self._switch_is_up = switch_is_up
        self._trust = Trust(store, switch_is_up)
        self._memory = Memory(store, self.core, lambda: self.now)
        self._supply = Supply(store, run)
        self._campaign_of: dict[str, str] = {}
        self._saving, self._claiming = asyncio.Lock(), asyncio.Lock()
        self._to_check = asyncio.Event()
        self._broken = self._distrusted = ""
        self._work = Background(self._fault)
        self._registry: Registry | None = None
        sb.permit = self.permit
        sb.pace = Pace(lambda: self.site.trunk_limits).wait

    # -- settings and states ------------------------------------------------------------------

    def configure(self, site: Site) -> None:
        """Other settings from now on; calls under way go on by those they began with."""
        self.site = site
        laws = laws_of(site)
        self._supply.forget_places()
        campaigns = tuple(site.campaigns.values())
        self.tell(Configured(campaigns, laws, site.trunk_limits, self._find_way))
        self._check()
        self._work.start(self._memory.recall)

    def move(self, campaign: str, state: CampaignState, by: str, why: str = "") -> None:
        """Start, pause, drain or end a campaign. Raises ``IllegalMove`` or ``UnknownCampaign``."""
        if not self.taken_up.is_set():
            raise IllegalMove(self._distrusted or _UNTOLD)
        self.tell(CampaignMoved(campaign, state, by, why))
        self._check()

    def _check(self) -> None:
        """Other campaigns may need other do-not-call lists: nobody is dialed before a look."""
        if self._work.runs and not self._trust.has_asked(
            self.core.campaigns.values(), self._own_lists()
        ):
            if not self.core.untrusted:
                self.tell(TrustChanged(_CHECKING))
            self._to_check.set()

    def _own_lists(self) -> dict[str, float]:
        """The do-not-call lists that the center asks for, with their greatest age in seconds."""
        own = self.site.do_not_call.items()
        return {name: each.max_age_days * 86400 for name, each in own if each.max_age_days}

    def _find_way(self, number: str, trunk: str) -> Way | None:
        try:
            return self.site.outbound.way(number, trunk)
        except Barred:
            return None

    # -- the core -----------------------------------------------------------------------------

    @property
    def now(self) -> float:
        """Seconds since the epoch."""
        return self._sb.clock.now()

    def tell(self, event: DialerEvent) -> None:
        """Tell the dialer, and carry out what it decides."""
        self._carry_out(self.core.handle(event, self.now))

    def heard(self, call: str, note: n.Note) -> None:
        """Something was noted of the call of an attempt."""
        attempt = self.core.attempt(call)
        if attempt is None:
            return
        if isinstance(note, n.TalkBegan):
            self._remember(call, attempt.plan.campaign)
        with self._work.guard():
            if isinstance(note, n.OptedOut):  # the record of his call says it to the ledger
                self.tell(NumberSuppressed(attempt.plan.number, f"opted out in {call}"))
            event = event_of(attempt, note)
            if event is not None:
                self.tell(event)

    def _remember(self, call: str, campaign: str) -> None:
        """The agent's code may come when the call is long over."""
        self._campaign_of[call] = campaign
        if len(self._campaign_of) > _REMEMBERED:
            del self._campaign_of[next(iter(self._campaign_of))]

    def permit(self, attempt: str) -> str:
        """Why this attempt may not be dialed now; '' when it may."""
        return self.core.permits(attempt, self.now)

    def code_given(self, call: str, code: str) -> None:
        """An agent said what came of the talk of this call."""
        campaign = self._campaign_of.get(call)
        if campaign is not None:
            with self._work.guard():
                self.tell(CodeGiven(campaign, code))

    def _carry_out(self, decisions: Iterable[DialerDecision]) -> None:
        for decision in decisions:
            match decision:
                case Dial():
                    self._work.start(self._begin, decision.plan)
                case Cancel(attempt=attempt, why=why):
                    self._mail(attempt, AttemptCancelled(why))
                case GiveUp():
                    self._mail(decision.attempt, GivenUp())
                case ClaimLeads():
                    self._work.start(self._claim, decision)
                case ReturnLead():
                    lead = decision.candidate.lead
                    back = Return(lead, decision.due, decision.why, decision.suppress)
                    self._supply.give_back(back)
                case Moved():
                    self._moved(decision)
                case Paced():
                    kept = self.history.setdefault(decision.campaign, deque(maxlen=_LOOKS_KEPT))
                    kept.append(decision)

    def _moved(self, moved: Moved) -> None:
        log.info(
            "campaign_moved",
            campaign=moved.campaign,
            change=f"{moved.old} -> {moved.new}",
            by=moved.by,
            why=moved.why or None,
        )
        self._work.start(self._save_state, moved, self.now)

    async def _save_state(self, moved: Moved, at: float) -> None:
        async with self._saving:  # one after the other: the last one holds over a restart
            await insist(lambda: self.store.save_state(moved, at), "the state of a campaign")

    # -- while it runs ------------------------------------------------------------------------

    async def run(
        self,
        registry: Registry,
        resumed: Iterable[Call],
        written: Callable[[], Awaitable[None]],
    ) -> None:
        """Take up what the last run left, then look at the floor until cancelled; all of it once
        the ledger is this engine's.

        ``resumed`` are the calls of attempts that live on. ``written`` waits until the ledger has
        those that ended: they count for the caps on abandonment.
        """
        self._registry = registry
        live = [call for call in resumed if call.standing.attempt is not None]
        with self._work.guard():
            self._resume(live)
        while why := await self._trust.why_not_ours():
            self._distrust(why)
            await asyncio.sleep(_AGAIN_SECONDS)
        if self._distrusted:
            self._distrust(_UNTOLD)
        await written()
        await self._dial([call.id for call in live])

    async def _dial(self, live: Collection[str]) -> None:
        today = midnight(self.now, self._sb.desk.zone)
        await self._work.guarded(self._memory.take_up, self.run_name, live, today)
        self.taken_up.set()
        async with self._work:
            self._work.start(self._memory.recall)  # of what was configured meanwhile
            self._work.start(self._supply.return_leads)
            self._work.start(self._supply.sweep, lambda: self.now)
            self._work.start(self._memory.keep)
            self._work.start(self._watch_trust)
            self._work.start(self._look)
            await asyncio.Event().wait()

    def stop(self, why: str) -> None:
        """Nobody is dialed any more; calls under way go on."""
        self._broken = why
        self._distrust(why)

    def _fault(self) -> None:
        self._broken = self.core.untrusted = "a fault of the dialer: see the log"

    async def _look(self) -> None:
        while True:
            if not self._switch_is_up() and not self._distrusted:
                self._distrust(SWITCH_AWAY)  # no attempt fails on it until the next look at trust
            self.tell(floor_of(self._sb, self.site, self.now))
            await asyncio.sleep(LOOK_SECONDS)

    def _resume(self, calls: Iterable[Call]) -> None:
        """Attempts of the last run go on; what has happened to them is told again."""
        for call in calls:
            assert call.standing.attempt is not None
            self.tell(AttemptResumed(call.standing.attempt))
            for note in list(call.standing.notes):
                self.heard(call.id, note)

    async def _watch_trust(self) -> None:
        while True:
            self._to_check.clear()
            campaigns = self.core.campaigns.values()
            why = await self._trust.why_not_ours()
            why = why or await self._trust.look(campaigns, self.now, self._own_lists())
            if not self._to_check.is_set():  # else there is more to be looked at by now
                self._distrust(self._broken or why)
            with suppress(TimeoutError):
                async with asyncio.timeout(TRUST_SECONDS):
                    await self._to_check.wait()

    def confirm_clock(self, by: str) -> None:
        """Somebody says that the clock is right: it may be dialed by it again."""
        log.info("clock_confirmed", by=by)
        self._trust.confirm_clock()

    def _distrust(self, why: str) -> None:
        if why != self._distrusted:
            if why:
                log.warning("dialing_stopped", why=why)
            else:
                log.warning("dialing_trusted")
        self._distrusted = why
        self.tell(TrustChanged(why))

    # -- attempts -----------------------------------------------------------------------------

    async def _begin(self, plan: AttemptPlan) -> None:
        """First in the ledger, then at the switch."""
        try:
            why = await self.store.begin(plan, self.now, self.run_name)
        except (LedgerDown, LedgerRefused) as error:
            why = str(error)
            self._work.start(self._undo, plan, why)
        if why:
            log.info("attempt_refused", attempt=plan.attempt, campaign=plan.campaign, why=why)
            self.tell(AttemptRefused(plan.attempt, why))
        elif self._registry is not None:
            self._registry.dial(plan)

    async def _undo(self, plan: AttemptPlan, why: str) -> None:
        """The ledger failed, and may have begun it or not: its lead is free in either case."""
        at, back = self.now, [Return(plan.lead, None, why)]
        await insist(lambda: self.store.give_back(back), "leads given back")
        await insist(lambda: self.store.refuse(plan.attempt, why, at), "leads given back")

    async def _claim(self, wanted: ClaimLeads) -> None:
        running = self.core.campaigns.get(wanted.campaign)
        if running is not None:
            async with self._claiming:
                self.tell(await self._supply.claim(running, wanted.count, self.now))

    def _mail(self, attempt: str, mail: CampaignMail) -> None:
        call = self._sb.registry.calls.get(attempt)
        if call is not None:
            call.deliver(mail)

    # -- what people do -----------------------------------------------------------------------

    async def suppress(self, numbers: Iterable[str], source: str, by: str, why: str = "") -> int:
        """These numbers (E.164) are called no more, from this moment; returns how many are new.

        Raises ``LedgerDown``: then it holds for the hopper of now, and is to be said again.
        """
        numbers = list(numbers)
        for number in numbers:
            self.tell(NumberSuppressed(number, source))
        return await self.store.suppress(numbers, source, by, self.now, why)

    async def claim_lead(self, lead: int, campaign: str) -> Candidate | None:
        """This very lead, also out of the campaign's hopper, for an agent who dials it himself.

        None when it may not be dialed now. Raises ``LedgerDown`` and ``UnknownCampaign``.
        """
        async with self._claiming:  # or it is on its way to the hopper, and in neither
            waiting = self.core.take(campaign, lead)
            return waiting or await self.store.claim_lead(lead, campaign, self.run_name, self.now)

    def dial_manually(self, campaign: str, agent: str, lead: Candidate) -> str:
        """An agent dials a claimed lead himself: the attempt's name.

        Raises ``NotPermitted`` and ``UnknownCampaign``; the lead goes back to the store then.
        """
        decisions, permission = self.core.dial_manually(campaign, agent, lead, self.now)
        self._carry_out(decisions)
        for decision in decisions:
            if isinstance(decision, Dial):
                return decision.plan.attempt
        raise NotPermitted(permission)
