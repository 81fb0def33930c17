"""The dialer: events and the time in, decisions out. It places no call itself and reads no clock.

After each look at the floor (``FloorSeen``, about once a second) every running campaign is asked
how many calls to place. Each of them goes through the same gates, in this order: the lists, the
clock and the ledger can be trusted; the campaign runs and its hours are open; its policy wants the
call; its own limits have room; the law permits this number now; a trunk has room. A lead that the
law does not permit goes back to the store, due when it does. What was decided last is kept, in
numbers, for who asks why.

Whoever was suppressed (``NumberSuppressed``) is out of the hopper at once. A campaign that is
paused, drains or is left out of the settings gives its leads back; calls under way are never
touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from dialer.attempt import Attempt, Stage
from dialer.compliance.law import Permission
from dialer.dispositions import Disposition
from dialer.floor import Floor
from dialer.hopper import Kept
from dialer.leads import Candidate
from dialer.messages import (
    CAMPAIGN_MOVES,
    AttemptAnswered,
    AttemptDialed,
    AttemptEnded,
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
    FloorSeen,
    GiveUp,
    LeadsClaimed,
    Moved,
    NumberSuppressed,
    OfAttempt,
    ReturnLead,
    TrustChanged,
)
from dialer.placing import NO_TRUNK, OURS, Placing
from dialer.plan import AttemptPlan, Mode
from dialer.running import Running

GONE: Final = "it is not in the settings any more"
_HELD_UP_MOST: Final = 50
"""So many leads are looked past at once, when their trunks have no room."""
_SCHEDULE: Final = "schedule"
"""Who moved a campaign that ended by itself."""


class IllegalMove(Exception):
    """A campaign cannot go from its state to that one."""


class UnknownCampaign(Exception):
    """There is no such campaign."""


class Dialer:
    """All campaigns. ``handle`` returns what is to be done because of an event."""

    def __init__(self) -> None:
        self.campaigns: dict[str, Running] = {}
        self.placing = Placing()
        self.untrusted = "nothing was checked yet"
        """What cannot be trusted: the lists, the clock or the ledger; '' when everything can."""
        self._configured: frozenset[str] = frozenset()
        self._floor = Floor()
        self._of: dict[str, Running] = {}
        self._looked: float | None = None
        self._decisions: list[DialerDecision] = []

    def handle(self, event: DialerEvent, now: float) -> list[DialerDecision]:
        """Take one event. Raises ``IllegalMove`` or ``UnknownCampaign`` of a ``CampaignMoved``."""
        match event:
            case Configured():
                self._configure(event, now)
            case CampaignMoved():
                self._move(event, now)
            case TrustChanged():
                self.untrusted = event.why
            case LeadsClaimed():
                self._fill(event, now)
            case NumberSuppressed():
                self._suppress(event)
            case FloorSeen():
                self._look(event, now)
            case CodeGiven():
                self._count_code(event, now)
            case AttemptResumed():
                self._resume(event.plan, now)
            case _:
                running = self._of.get(event.attempt)
                if running is not None:
                    self._went_on(running, event, now)
        return self._decided()

    def attempt(self, name: str) -> Attempt | None:
        """An attempt under way."""
        running = self._of.get(name)
        return running.attempts[name] if running is not None else None

    def permits(self, attempt: str, now: float) -> str:
        """Why an attempt may not be dialed now that it has its agent; '' when it may.

        The law was asked when it was decided, but the agent may have let it wait.
        """
        running, known = self._of.get(attempt), self.attempt(attempt)
        candidate = known.candidate if known is not None else None
        if running is None or candidate is None:
            return "an earlier run of the engine decided it"
        if shut := self._shut(running, now):
            return shut
        permission = self.placing.ask_law(running, candidate, now, held=True)
        return "" if permission.allowed else permission.why

    def dial_manually(
        self, campaign: str, agent: str, lead: Candidate, now: float
    ) -> tuple[list[DialerDecision], Permission]:
        """An agent wants this lead (or number) dialed: what is to be done, and what the law says.

        Nobody is dialed when it does not permit it, or the campaign does not run; the lead goes
        back then. Raises ``UnknownCampaign``.
        """
        running = self._campaign(campaign)
        lead = replace(lead, owner=agent)
        permission = self.placing.ask_law(running, lead, now, held=True)
        if shut := self._shut(running, now):
            permission = Permission(False, "campaign", shut)
        if permission.allowed:
            placed = self.placing.place(running, lead, Mode.MANUAL, now)
            if isinstance(placed, ReturnLead):
                permission = Permission(False, "campaign", placed.why, placed.due)
            self._decide(running, lead, placed)
        else:
            self._return(campaign, [lead], permission.rule)
        return self._decided(), permission

    def take(self, campaign: str, lead: int) -> Candidate | None:
        """Out of the campaign's hopper, for an agent who dials it himself; None: it is not there.

        Raises ``UnknownCampaign``.
        """
        return self._campaign(campaign).hopper.take(lead)

    def _decided(self) -> list[DialerDecision]:
        decisions, self._decisions = self._decisions, []
        return decisions

    def _campaign(self, name: str) -> Running:
        try:
            return self.campaigns[name]
        except KeyError:
            raise UnknownCampaign(f"there is no campaign {name!r}") from None

    # -- campaigns ----------------------------------------------------------------------------

    def _configure(self, event: Configured, now: float) -> None:
        self.placing.way = event.way
        self.placing.trunks.configure(event.trunks)
        self._configured = frozenset(each.name for each in event.campaigns)
        for settings in event.campaigns:
            law = event.laws[settings.name]
            known = self.campaigns.get(settings.name)
            if known is None:
                self.campaigns[settings.name] = Running(settings, law, now)
                continue
            self._return(settings.name, known.configure(settings, law), "others are called now")
        for name in self.campaigns.keys() - self._configured:
            running = self.campaigns[name]
            if running.state in (CampaignState.RUNNING, CampaignState.PAUSED):
                self._go(running, CampaignState.DRAINING, "settings", GONE, now)

    def _move(self, event: CampaignMoved, now: float) -> None:
        running = self._campaign(event.campaign)
        if event.state is running.state:
            return
        if event.state not in CAMPAIGN_MOVES[running.state]:
            raise IllegalMove(f"{event.campaign} is {running.state}: it cannot be {event.state}")
        if event.state is CampaignState.RUNNING and event.campaign not in self._configured:
            raise IllegalMove(f"{event.campaign} is not in the settings any more")
        self._go(running, event.state, event.by, event.why, now)

    def restore(self, campaign: str, state: CampaignState, since: float, by: str, why: str) -> None:
        """A campaign goes on in the state that an earlier run left it in."""
        running = self.campaigns.get(campaign)
        if running is not None:
            running.state, running.since, running.by, running.why = state, since, by, why

    def _go(self, running: Running, state: CampaignState, by: str, why: str, now: float) -> None:
        old, running.state = running.state, state
        running.since, running.by, running.why = now, by, why
        name = running.settings.name
        self._decisions.append(Moved(name, old, state, by, why))
        if state is CampaignState.RUNNING:
            running.started(now)
        else:
            self._return(name, running.hopper.empty(), f"the campaign is {state}")
            self._decisions += [
                Cancel(attempt.plan.attempt, f"the campaign is {state}")
                for attempt in running.attempts.values()
                if attempt.holds and attempt.stage < Stage.DIALED
            ]

    def _schedule(self, running: Running, now: float) -> None:
        """What becomes of a campaign by itself: it ends at its time, or at its goal."""
        stop = running.settings.stop
        if running.state is CampaignState.RUNNING:
            over = stop is not None and now >= stop.timestamp()
            why = "its time is over" if over else running.goal_reached
            if why:
                self._go(running, CampaignState.DRAINING, _SCHEDULE, why, now)
        if running.state is CampaignState.DRAINING and not running.attempts:
            self._go(running, CampaignState.DONE, _SCHEDULE, running.why, now)

    def _count_code(self, event: CodeGiven, now: float) -> None:
        running = self.campaigns.get(event.campaign)
        if running is not None:
            running.code_given(event.code, now)

    # -- leads --------------------------------------------------------------------------------

    def _fill(self, event: LeadsClaimed, now: float) -> None:
        running = self.campaigns.get(event.campaign)
        if running is not None and running.state is CampaignState.RUNNING:
            running.hopper.fill(event.candidates, event.exhausted, now)
            return
        self._return(event.campaign, event.candidates, "the campaign does not run")
        if running is not None:
            running.hopper.asked = 0

    def _return(self, campaign: str, leads: Iterable[Candidate], why: str) -> None:
        self._decisions += [ReturnLead(campaign, lead, None, why) for lead in leads]

    def _suppress(self, event: NumberSuppressed) -> None:
        for name, running in self.campaigns.items():
            for lead in running.hopper.suppress(event.number):
                self._decisions.append(ReturnLead(name, lead, None, event.source, suppress=True))
            for attempt in running.attempts.values():
                if attempt.candidate is not None and attempt.candidate.number == event.number:
                    attempt.candidate = replace(attempt.candidate, suppressed=event.source)

    # -- attempts -----------------------------------------------------------------------------

    def _resume(self, plan: AttemptPlan, now: float) -> None:
        running = self.campaigns.get(plan.campaign)
        if running is not None:
            running.attempts[plan.attempt] = Attempt(plan, None)
            self._of[plan.attempt] = running
            self.placing.trunks.resumed(plan.trunk, now)
            self.placing.remember(plan.number, now)

    def _went_on(self, running: Running, event: OfAttempt, now: float) -> None:
        """Something happened to an attempt: its campaign counts it, and so does its trunk."""
        attempt = running.attempts[event.attempt]
        running.follow(attempt, event, now)
        match event:
            case AttemptDialed():
                self.placing.remember(attempt.plan.number, now)
            case AttemptAnswered():
                self.placing.trunks.answered(attempt.plan.trunk, now)
            case AttemptRefused():
                never = AttemptEnded(event.attempt, Disposition.CANCELLED)
                self._forget(running, attempt, never, now)
            case AttemptEnded():
                self._forget(running, attempt, event, now)

    def _forget(self, running: Running, attempt: Attempt, end: AttemptEnded, now: float) -> None:
        plan, trunks = attempt.plan, self.placing.trunks
        seconds = now - attempt.answered if attempt.answered is not None else 0.0
        trunks.ended(plan.trunk, end.disposition, end.tech_cause, seconds, now, end.cause)
        del running.attempts[plan.attempt]
        del self._of[plan.attempt]

    # -- how many, and whom -------------------------------------------------------------------

    def _look(self, floor: FloorSeen, now: float) -> None:
        seconds = 1.0 if self._looked is None else min(3.0, max(0.0, now - self._looked))
        self._looked = now
        self.placing.day_began(floor.midnight)
        self.placing.forget(now)
        for name, running in list(self.campaigns.items()):
            self._schedule(running, now)
            if name not in self._configured and not running.attempts:
                del self.campaigns[name]
        self._floor.see(floor, self.campaigns, now)
        for running in self.campaigns.values():
            self._pace(running, seconds, now)

    def _pace(self, running: Running, seconds: float, now: float) -> None:
        """Callbacks first; then ask the policy, pass the gates, and say what came of it."""
        running.refill(seconds)
        self._return(running.settings.name, running.hopper.stale(now), "long in the hopper")
        before, limited_by = running.in_flight, self._shut(running, now)
        is_open = not limited_by
        if is_open:
            limited_by = self._call_back(running, now)
        state = running.snapshot(now)
        pace = running.policy.decide(state)
        if is_open:
            limited_by = limited_by or self._launch(running, pace.launch, now)
            self._give_up(running, pace.give_up, now)
            self._ask_for_leads(running, pace.launch, now)
        launched = running.in_flight - before
        self._decisions.append(running.explain(state, pace, launched, limited_by))

    def _shut(self, running: Running, now: float) -> str:
        """Why nobody at all is dialed for it now; '' when somebody may be."""
        return self._floor.rests(running, now) or self.untrusted

    def hindrances(self, campaign: str, now: float) -> list[str]:
        """What keeps it from dialing on the floor, or would if it ran, each in words."""
        running = self.campaigns[campaign]
        hindered = self.placing.hindrance(running, now)
        found = (self._floor.waits(running, now), running.lacks_agents, hindered, self.untrusted)
        return [why for why in found if why]

    def _call_back(self, running: Running, now: float) -> str:
        """Who asked to be called comes before all others, as far as agents are free for it; each
        with one held, his own as long as that one is waited for. Returns what keeps it from more.
        """
        while kept := running.hopper.next_callback(running.callable_back(now)):
            lead = kept[0]
            own = Mode.MANUAL if running.is_personal(lead, now) else Mode.PROGRESSIVE
            broadcast = running.settings.mode is Mode.BROADCAST
            why = self._place(running, lead, Mode.BROADCAST if broadcast else own, now)
            if why in OURS:
                running.hopper.put_back(kept)
                return why
        return ""

    def _launch(self, running: Running, wanted: int, now: float) -> str:
        """As many leads as may be. Returns what keeps it from more.

        A lead whose trunk has no room holds up nobody whom another trunk reaches.
        """
        limit, limited_by = running.room(wanted)
        goal, held_up = running.in_flight + limit, list[Kept]()
        while running.in_flight < goal:
            kept = running.hopper.next_lead()
            if kept is None:
                limited_by = NO_TRUNK if held_up else "no lead is in the hopper"
                break
            why = self._place(running, kept[0], running.settings.mode, now)
            if why in OURS:
                held_up.append(kept)
                if len(held_up) == _HELD_UP_MOST or not self.placing.trunks.has_room(now):
                    limited_by = why
                    break
        for kept in reversed(held_up):
            running.hopper.put_back(kept)
        return limited_by

    def _place(self, running: Running, lead: Candidate, mode: Mode, now: float) -> str:
        """Through the last gates: '' when it is dialed, else why not. It goes back to the store
        then, but for what it is not to blame for (``OURS``)."""
        placed = self.placing.place(running, lead, mode, now)
        if isinstance(placed, ReturnLead) and placed.why in OURS:
            return placed.why
        self._decide(running, lead, placed)
        return placed.why if isinstance(placed, ReturnLead) else ""

    def _decide(self, running: Running, lead: Candidate, placed: Dial | ReturnLead) -> None:
        self._decisions.append(placed)
        if isinstance(placed, Dial):
            running.begin(placed.plan, lead)
            self._of[placed.plan.attempt] = running

    def _give_up(self, running: Running, which: Sequence[int], now: float) -> None:
        ringing = running.ringing(now)
        for index in which:
            attempt = ringing[index]
            if attempt.stage is Stage.DIALED and not attempt.given_up:
                attempt.given_up = True
                self._decisions.append(GiveUp(attempt.plan.attempt))

    def _ask_for_leads(self, running: Running, wanted: int, now: float) -> None:
        if count := running.wants_leads(wanted, now):
            self._decisions.append(ClaimLeads(running.settings.name, count))
