"""Days of one campaign under the real dialer: its pacing, hopper, law, trunks and recycling.

Only what is outside of it is made up: agents, callees and the list. The n-th dial has the same fate
in every mode for a seed (but for the moment it is dialed in). There is no clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from heapq import heappop, heappush
from random import Random
from typing import Final

from dialer.attempt import HOLDS_AN_AGENT
from dialer.compliance.law import law_of
from dialer.core import Dialer
from dialer.dispositions import Disposition
from dialer.messages import (
    AgentSeen,
    AttemptAnswered,
    AttemptConnected,
    AttemptDialed,
    AttemptEnded,
    AttemptHeld,
    CampaignMoved,
    CampaignState,
    ClaimLeads,
    Configured,
    Dial,
    DialerEvent,
    FloorSeen,
    GiveUp,
    LeadsClaimed,
    MachineFound,
    Moved,
    PersonDropped,
    PersonFound,
    ReturnLead,
    TalkOver,
    TrustChanged,
)
from dialer.plan import AttemptMade, AttemptPlan, Mode
from dialer.simulation.campaign_figures import CampaignFigures, Part
from dialer.simulation.contacts import Contact, Contacts
from dialer.simulation.lead_list import LeadList
from dialer.simulation.scenario import Callees, CampaignScenario

TICK: Final = 1.05
"""Between two looks at the floor: just as long as a trunk's second, see ``trunk_line``."""
_CAUSES: Final = {
    Disposition.BUSY: (17, 486),
    Disposition.INVALID: (1, 404),
    Disposition.REJECTED: (21, 603),
    Disposition.CONGESTED: (34, 503),
    Disposition.UNREACHABLE: (20, 480),
}
"""Q.850 and SIP, as a trunk would say it."""


@dataclass(frozen=True, slots=True)
class _Way:
    """Every number is reached through the trunk that is asked for."""

    trunk: str
    dialed: str
    caller_id: str = "+842400000000"


@dataclass(slots=True)
class _Agent:
    """``ready_since`` stays while he is held for a call that does not reach anybody."""

    name: str
    queue: str
    state: str = "ready"
    ready_since: float = 0.0
    seen: AgentSeen | None = None
    going: bool = False

    def become(self, state: str, since: float) -> None:
        self.state = state
        self.seen = AgentSeen(self.name, state, since, (self.queue,), self.queue)


@dataclass(slots=True)
class _Call:
    plan: AttemptPlan
    contact: Contact
    #: So many seconds after the talk he wants to be called again; None: not at all.
    wish: float | None = None
    agent: _Agent | None = None
    stage: str = "decided"
    since: float = 0.0
    #: When an agent got him.
    connected: float | None = None


class CampaignDays:
    """One campaign of ``scenario`` in ``mode``, from its first day to its last."""

    def __init__(self, scenario: CampaignScenario, mode: Mode, dice: Random) -> None:
        self._scenario = scenario
        self._settings = scenario.in_mode(mode)
        self._contacts = Contacts(scenario.shape(), Random(dice.getrandbits(64)))
        self._looks = Random(dice.getrandbits(64))
        self._wishes = Random(dice.getrandbits(64))
        callees = scenario.callees or Callees(answered=(0.0,))
        self._look, self._machine_talk = callees.preview.draw(), callees.machine_talk.draw()
        self._wish, self._asks_back = callees.call_back_after.draw(), callees.call_back
        self.figures = CampaignFigures()
        self._part = Part()
        self._now = self._begins = self._ends = 0.0
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = 0
        self._agents: list[_Agent] = []
        self._calls: dict[str, _Call] = {}
        self._waiting: list[_Call] = []
        self._held_back: list[_Call] = []
        self._over = False
        law = law_of(self._settings.rules, scenario.own_rules)
        demanded = law.lists_for(self._settings.purpose)
        self._list = LeadList(
            "simulated", scenario.leads, scenario.region, demanded, scenario.numbers_per_lead
        )
        self._dialer = Dialer()
        trunk = next(iter(scenario.trunks))
        name = self._settings.name
        self._tell(
            Configured(
                (self._settings,),
                {name: law},
                scenario.trunks,
                lambda number, asked: _Way(asked or trunk, number),
            )
        )
        self._tell(TrustChanged(""))
        self._tell(CampaignMoved(name, CampaignState.RUNNING, "simulation"))

    def run(self, told: Callable[[float], None] = lambda share: None) -> CampaignFigures:
        """All days, once; ``told`` the share of them that is over."""
        before = 0.0
        for number, (begins, ends) in enumerate(self._scenario.shifts()):
            self._begins, self._ends = begins, ends
            self._shift()
            told((number + 1) / self._scenario.days)
            before += min(self._now, ends) - begins
            if self._over:
                if self._list.over:
                    self.figures.list_ended = before
                break
            self._wind_down()
        self.figures.done = self._list.done
        return self.figures

    # -- time ---------------------------------------------------------------------------------

    def _shift(self) -> None:
        self._now = self._begins
        while self._now < self._ends and not self._over:
            self._part = self._interval()
            self._staff(self._scenario.agents_at(self._now - self._begins))
            self._look_at_the_floor(frozenset())
            self._account(min(TICK, self._ends - self._now))
            self._advance(min(self._ends, self._now + TICK))
            self._over |= self._list.over and not self._calls

    def _wind_down(self) -> None:
        """Nobody is dialed any more; who is called is served, and everybody goes home."""
        self._part = Part()
        while self._calls:
            self._look_at_the_floor(frozenset({self._settings.name}))
            self._advance(self._now + TICK)
        self._agents.clear()
        self._later.clear()

    def _advance(self, until: float) -> None:
        while self._later and self._later[0][0] <= until:
            self._now, _, happen = heappop(self._later)
            happen()
        self._now = until

    def _after(self, seconds: float, happen: Callable[[], None]) -> None:
        self._numbers += 1
        heappush(self._later, (self._now + seconds, self._numbers, happen))

    def _interval(self) -> Part:
        number = self._scenario.interval(self._now - self._begins)
        while len(self.figures.intervals) <= number:
            self.figures.intervals.append(Part())
        return self.figures.intervals[number]

    def _account(self, seconds: float) -> None:
        states = [agent.state for agent in self._agents]
        hopper = self._dialer.campaigns[self._settings.name].hopper
        if not hopper and not self._list.has_due(self._now):
            self._count("without_leads", seconds * states.count("ready"))
        lines = sum(call.stage != "decided" for call in self._calls.values())
        for part in (self._part, self.figures.whole):
            part.staffed += seconds * len(states)
            part.talk += seconds * states.count("talking")
            part.wrap += seconds * states.count("wrap_up")
            part.peak_lines = max(part.peak_lines, lines)

    def _count(self, name: str, amount: float = 1) -> None:
        for part in (self._part, self.figures.whole):
            setattr(part, name, getattr(part, name) + amount)

    # -- the dialer ---------------------------------------------------------------------------

    def _look_at_the_floor(self, closed: frozenset[str]) -> None:
        seen = tuple(agent.seen for agent in self._agents if agent.seen is not None)
        self._tell(FloorSeen(seen, closed=closed))

    def _tell(self, event: DialerEvent) -> None:
        for decision in self._dialer.handle(event, self._now):
            match decision:
                case Dial():
                    self._begin(decision.plan)
                case GiveUp():
                    self._count("given_up")
                    self._end(self._calls[decision.attempt], Disposition.GIVEN_UP)
                case ClaimLeads():
                    claimed, exhausted = self._list.claim(decision.count, self._now)
                    self._tell(LeadsClaimed(decision.campaign, claimed, exhausted))
                case ReturnLead():
                    self._list.give_back(decision, self._now)
                case Moved():
                    self._over |= decision.new is CampaignState.DONE

    # -- calls --------------------------------------------------------------------------------

    def _begin(self, plan: AttemptPlan) -> None:
        share = (self._now - self._begins) / (self._ends - self._begins)
        contact = self._contacts.next(min(1.0, share))
        call = self._calls[plan.attempt] = _Call(plan, contact, self._wished(contact))
        if plan.mode not in HOLDS_AN_AGENT:
            self._dial(call)
        elif idle := self._idle():
            self._hold(idle[0], call)
        else:
            self._held_back.append(call)

    def _wished(self, contact: Contact) -> float | None:
        """Of each dial, whether or not anybody answers it: the next one's dice stay the same."""
        dice = Random(self._wishes.getrandbits(64))
        asks = dice.random() < self._asks_back and not contact.failure
        return self._wish(dice) if asks else None

    def _hold(self, agent: _Agent, call: _Call) -> None:
        call.agent = agent
        agent.become("offered", self._now)
        self._tell(AttemptHeld(call.plan.attempt, agent.name))
        look = self._look(self._looks) if call.plan.mode is Mode.PREVIEW else 0.0
        self._after(look, partial(self._dial, call))

    def _dial(self, call: _Call) -> None:
        call.stage, call.since = "ringing", self._now
        self._list.dialed(call.plan.lead, self._now)
        self._count("dialed")
        self._tell(AttemptDialed(call.plan.attempt))
        self._after(call.contact.ends_after, partial(self._rang, call))

    def _rang(self, call: _Call) -> None:
        if call.stage != "ringing":  # given up
            return
        kind, attempt = call.contact.failure, call.plan.attempt
        if kind == "machine" and call.plan.detect:
            self._tell(AttemptAnswered(attempt))
            self._tell(MachineFound(attempt))
        if kind and (kind != "machine" or call.plan.detect):
            self._end(call, Disposition(kind))
            return
        self._tell(AttemptAnswered(attempt))
        self._tell(PersonFound(attempt))
        self._count("answered")
        if call.plan.mode is Mode.BROADCAST:
            self._serve(call)
        elif call.agent is not None:
            self._connect(call.agent, call)
        elif idle := self._idle():
            self._connect(idle[0], call)
        else:
            call.stage = "waiting"
            self._waiting.append(call)
            self._after(call.plan.wait_seconds, partial(self._waited, call))

    def _serve(self, call: _Call) -> None:
        """The flow of a broadcast has him, at once."""
        call.stage = "served"
        self._count("connected")
        self._count("called_back", call.plan.callback)
        self._after(call.contact.talk, partial(self._served, call, Disposition.SERVED))

    def _served(self, call: _Call, disposition: Disposition) -> None:
        again_at = None if call.wish is None else self._now + call.wish
        self._end(call, disposition, again_at)

    def _waited(self, call: _Call) -> None:
        if call.stage == "waiting":
            self._waiting.remove(call)
            self._count("abandoned")
            self._tell(PersonDropped(call.plan.attempt))
            self._end(call, Disposition.ABANDONED)

    def _connect(self, agent: _Agent, call: _Call) -> None:
        call.stage, call.agent, call.connected = "talking", agent, self._now
        self._count("connected")
        self._count("called_back", call.plan.callback)
        self._count("idle_before_calls", self._now - agent.ready_since)
        agent.become("talking", self._now)
        self._tell(AttemptConnected(call.plan.attempt, agent.name))
        machine = call.contact.failure == "machine"
        talk = self._machine_talk(self._looks) if machine else call.contact.talk
        self._after(talk, partial(self._talked, agent, call))

    def _talked(self, agent: _Agent, call: _Call) -> None:
        agent.become("wrap_up", self._now)
        self._after(call.contact.wrap, partial(self._free, agent))
        self._tell(TalkOver(call.plan.attempt))
        call.agent = None
        self._served(call, Disposition.CONNECTED)

    def _end(
        self, call: _Call, disposition: Disposition, call_back_at: float | None = None
    ) -> None:
        """The attempt is over; an agent who was held for it is free at his old place."""
        call.stage = "over"
        del self._calls[call.plan.attempt]
        cause, tech_cause = _CAUSES.get(disposition, (16, 0))
        self._tell(AttemptEnded(call.plan.attempt, disposition, cause, tech_cause))
        met_machine = disposition is Disposition.CONNECTED and call.contact.failure == "machine"
        said = Disposition.MACHINE if met_machine else disposition
        made = AttemptMade(call.plan, said, self._now, connected=call.connected)
        self._list.ended(made, call_back_at)
        if call.agent is not None:
            self._ready(call.agent, call.agent.ready_since)

    # -- agents -------------------------------------------------------------------------------

    def _idle(self) -> list[_Agent]:
        """Who is free, the longest first."""
        free = [agent for agent in self._agents if agent.state == "ready"]
        return sorted(free, key=lambda agent: agent.ready_since)

    def _staff(self, wanted: int) -> None:
        staying = [agent for agent in self._agents if not agent.going]
        for _ in range(wanted - len(staying)):
            self._numbers += 1
            agent = _Agent(f"agent{self._numbers}", self._settings.queue or "")
            self._agents.append(agent)
            self._ready(agent, self._now)
        for agent in sorted(staying, key=lambda each: each.state != "ready")[wanted:][::-1]:
            agent.going = True
        self._agents = [a for a in self._agents if not (a.going and a.state == "ready")]

    def _free(self, agent: _Agent) -> None:
        self._ready(agent, self._now)

    def _ready(self, agent: _Agent, since: float) -> None:
        agent.ready_since = since
        agent.become("ready", since)
        if agent.going:
            return
        if self._waiting:
            self._connect(agent, self._waiting.pop(0))
        elif self._held_back:
            self._hold(agent, self._held_back.pop(0))
