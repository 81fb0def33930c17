"""The dialer's core in random histories: whatever happens in whatever order, these hold.

- A claimed lead is in one place: in a hopper, in one attempt, or back at the store.
- Whoever is dialed is dialed in his hours, is on no list, and not too often, by a witness that
  knows nothing of how the core decides.
- Limits of campaigns and trunks hold at every moment, and nothing is dialed without trust.
- Each attempt ends once, and everything it held is free again.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from dialer.compliance.rules import Limit, RuleSet
from dialer.core import IllegalMove
from dialer.dispositions import Disposition
from dialer.messages import (
    AttemptAnswered,
    AttemptConnected,
    AttemptDialed,
    AttemptEnded,
    AttemptHeld,
    AttemptLetGo,
    AttemptRefused,
    CampaignMoved,
    CampaignState,
    ClaimLeads,
    Dial,
    FloorSeen,
    GiveUp,
    LeadsClaimed,
    MachineFound,
    NumberSuppressed,
    PersonDropped,
    PersonFound,
    ReturnLead,
    TrustChanged,
)
from dialer.trunks import TrunkLimits
from tests.unit.dialing_floor import Story, agent, campaign, lead

DAYTIME = RuleSet(
    hours={"daily": "08:00-20:00"},
    cap_percent=3,
    limits=(Limit(most=2, hours=24),),
    gap_seconds=600,
)
VIETNAM = timedelta(hours=7)
MODES = ("preview", "progressive", "power", "predictive", "broadcast")
LIMITS = {
    "main": TrunkLimits(calls_per_second=4, channels=5),
    "second": TrunkLimits(calls_per_second=2, channels=3),
}
NUMBERS = 30
MOVES = (*(CampaignState.RUNNING,) * 9, *CampaignState)
STATES = (*("ready",) * 6, "talking", "wrap_up", "paused")


class Histories(RuleBasedStateMachine):
    """Two campaigns over one list of leads, of which some share their numbers."""

    @initialize(modes=st.tuples(*[st.sampled_from(MODES)] * 2), hour=st.integers(-13, -1))
    def begin(self, modes: tuple[str, str], hour: int) -> None:
        of_both = {"trunks": ["main", "second"], "channels": 6, "lines": 4, "ratio": 3}
        campaigns = tuple(
            campaign(name, mode, attempts={"gap_seconds": 600, "per_day": 9}, **of_both)
            for name, mode in zip(("spring", "summer"), modes, strict=True)
        )
        self.story = Story(campaigns, rules=DAYTIME, limits=LIMITS)
        self.story.now += hour * 3600
        self.next_lead = 0
        self.wanted = Counter()
        self.out = {}
        self.under_way = {}
        self.dialed = {}
        self.suppressed = set()
        self.trusted = True
        self.take(self.story.told)

    def tell(self, event: object) -> None:
        self.take(self.story.tell(event))

    def take(self, decisions: list[object]) -> None:
        """What was decided, checked where it is decided."""
        for decision in decisions:
            match decision:
                case Dial(plan):
                    assert self.out.pop(plan.lead) == plan.campaign
                    assert plan.attempt not in self.under_way
                    self.check(plan)
                    self.under_way[plan.attempt] = plan
                case ReturnLead():
                    assert self.out.pop(decision.candidate.lead) == decision.campaign
                case ClaimLeads():
                    self.wanted[decision.campaign] += decision.count
                case GiveUp():
                    known = self.story.dialer.attempt(decision.attempt)
                    assert self.story.now - known.dialed >= 15

    def check(self, plan: object) -> None:
        """He may be dialed, as anybody can work out who has a calendar and a list."""
        now = self.story.now
        local = datetime.fromtimestamp(now, UTC) + VIETNAM
        running = self.story.dialer.campaigns[plan.campaign]
        assert self.trusted
        assert running.state is CampaignState.RUNNING
        assert 8 <= local.hour < 20
        assert plan.number not in self.suppressed
        before = self.dialed.get(plan.number, [])
        assert sum(at > now - 86400 for at in before) < 2
        assert all(now - at >= 600 for at in before)

    # -- what happens --------------------------------------------------------------------------

    @rule(
        states=st.lists(st.sampled_from(STATES), min_size=2, max_size=6),
        seconds=st.sampled_from((0.25, 1.0, 1.0, 1.0, 20.0, 300.0, 700.0, 9000.0)),
    )
    def look(self, states: list[str], seconds: float) -> None:
        self.story.now += seconds
        agents = [agent(f"a{n}", state, self.story.now - 5) for n, state in enumerate(states)]
        self.tell(FloorSeen(tuple(agents)))

    @rule(name=st.sampled_from(("spring", "summer")), data=st.data())
    def fill(self, name: str, data: st.DataObject) -> None:
        count = min(self.wanted[name], 6)
        if not count:
            return
        self.wanted[name] = 0
        leads = []
        for _ in range(count):
            self.next_lead += 1
            who = data.draw(st.integers(1, NUMBERS))
            number = lead(who).number
            facts = {"number": number, "dialed": tuple(reversed(self.dialed.get(number, ())))}
            if number in self.suppressed:
                facts["suppressed"] = "own"
            if data.draw(st.integers(0, 4)) == 0:
                facts["callback_due"] = self.story.now
                facts["owner"] = data.draw(st.sampled_from(("", "a1")))
            leads.append(lead(self.next_lead, **facts))
            self.out[self.next_lead] = name
        self.tell(LeadsClaimed(name, tuple(leads), exhausted=False))

    @rule()
    def a_second(self) -> None:
        self.look(["ready"] * 6, 1.0)

    @rule(data=st.data(), step=st.sampled_from(("on", "on", "on", "end", "refuse", "let_go")))
    def attempt(self, data: st.DataObject, step: str) -> None:
        """One attempt goes on by one step, or ends."""
        if not self.under_way:
            return
        name = data.draw(st.sampled_from(sorted(self.under_way)))
        known = self.story.dialer.attempt(name)
        if step == "end":
            self.end(name, data.draw(st.sampled_from(list(Disposition))))
        elif step == "refuse" and known.dialed is None:
            del self.under_way[name]
            self.tell(AttemptRefused(name, "its number is on a list"))
        elif step == "let_go":
            self.tell(AttemptLetGo(name))
        else:
            self.go_on(name, data)

    def go_on(self, name: str, data: st.DataObject) -> None:
        known, plan = self.story.dialer.attempt(name), self.under_way[name]
        match known.stage.name:
            case "DECIDED" if known.holds:
                self.tell(AttemptHeld(name, "a1"))
            case "DECIDED" | "HELD":
                if not self.story.dialer.permits(name, self.story.now):
                    self.check(plan)
                    self.dialed.setdefault(plan.number, []).append(self.story.now)
                    self.tell(AttemptDialed(name))
                else:
                    self.end(name, Disposition.CANCELLED)
            case "DIALED":
                self.tell(AttemptAnswered(name))
            case "ANSWERED":
                self.tell(data.draw(st.sampled_from((PersonFound, MachineFound)))(name))
            case "WAITING":
                over = data.draw(st.booleans())
                self.tell(PersonDropped(name) if over else AttemptConnected(name, "a1"))
            case _:
                self.end(name, Disposition.CONNECTED)

    def end(self, name: str, disposition: Disposition) -> None:
        del self.under_way[name]
        self.tell(AttemptEnded(name, disposition))

    @rule(who=st.integers(1, NUMBERS))
    def suppress(self, who: int) -> None:
        if len(self.suppressed) < 3:
            self.suppressed.add(lead(who).number)
            self.tell(NumberSuppressed(lead(who).number, "opted out"))

    @rule(why=st.sampled_from((*("",) * 9, "the list is old")))
    def trust(self, why: str) -> None:
        self.trusted = not why
        self.tell(TrustChanged(why))

    @rule(name=st.sampled_from(("spring", "summer")), state=st.sampled_from(MOVES))
    def move(self, name: str, state: CampaignState) -> None:
        try:
            self.tell(CampaignMoved(name, state, "lan"))
        except IllegalMove:
            return

    # -- what always holds ---------------------------------------------------------------------

    @invariant()
    def everybody_is_in_one_place(self) -> None:
        dialer = self.story.dialer
        hoppers = Counter()
        for running in dialer.campaigns.values():
            hoppers[running.settings.name] = len(running.hopper)
            assert set(running.attempts) == {
                name
                for name, plan in self.under_way.items()
                if plan.campaign == running.settings.name
            }
        assert hoppers == +Counter(self.out.values()) or +hoppers == Counter(self.out.values())

    @invariant()
    def limits_hold(self) -> None:
        trunks = Counter(plan.trunk for plan in self.under_way.values())
        assert trunks["main"] <= 5
        assert trunks["second"] <= 3
        for name in ("spring", "summer"):
            mine = [p for p in self.under_way.values() if p.campaign == name]
            callbacks = sum(plan.callback for plan in mine)
            assert len(mine) - callbacks <= 6

    @invariant()
    def counts_agree(self) -> None:
        for running in self.story.dialer.campaigns.values():
            counts = running.counts
            assert counts.connected + counts.abandoned <= counts.people
            assert counts.answered <= counts.dialed


Histories.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestHistories = Histories.TestCase
