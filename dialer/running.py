"""One campaign while the engine runs: attempts, hopper, counts, and what its policy sees. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from math import ceil
from typing import Final

from dialer.attempt import Attempt, Stage
from dialer.campaign import CampaignSettings
from dialer.compliance.law import Law
from dialer.compliance.windows import QUARTER_SECONDS, AbandonmentWindow
from dialer.counts import Past, Tally, Today, goal_reached
from dialer.dispositions import ANSWERED_LIVE, MACHINES, Disposition
from dialer.hopper import Hopper
from dialer.leads import Candidate
from dialer.messages import (
    AgentSeen,
    AttemptAnswered,
    AttemptConnected,
    AttemptDialed,
    AttemptEnded,
    AttemptHeld,
    AttemptLetGo,
    CampaignState,
    MachineFound,
    OfAttempt,
    Paced,
    PersonDropped,
    PersonFound,
    TalkOver,
)
from dialer.pacing import Policy, power, predictive, preview, progressive
from dialer.plan import AttemptPlan, Mode
from dialer.policy.interface import Pace, PacingEvent, Snapshot
from dialer.policy.simple import held

_HOPPER_SECONDS: Final = 30.0
"""For so long the hopper is to hold leads, at the pace of now."""
_HOPPER_LEAST, _HOPPER_MOST = 20, 2000
MACHINE_CODE: Final = "machine"
"""The code of an agent who got an answering machine: windows of abandonment may count these."""


class Running:
    """A campaign's state in the dialer."""

    def __init__(self, settings: CampaignSettings, law: Law, since: float) -> None:
        self.settings, self.law = settings, law
        self.state, self.since, self.by, self.why = CampaignState.DRAFT, since, "", ""
        self.hopper = Hopper()
        self.attempts: dict[str, Attempt] = {}
        self.counts = Today()
        self.past = Past()
        self._made = since
        self._tallies: list[Tally] = []
        self.windows = self._windows()
        self.paced: Paced | None = None
        self.agents: tuple[AgentSeen, ...] = ()
        """Those whom it may count on."""
        self.staff: Mapping[str, AgentSeen] = {}
        """By name: who works in its queue, also for others; callbacks of their own go to them."""
        self.kept_back = 0
        self.turn = 0
        self.policy = policy_of(settings, 0, self.cap)
        self.budget = 0.0
        self._events: list[PacingEvent] = []
        self._seen: dict[str, tuple[str, float]] = {}
        self._told: float | None = None

    @property
    def cap(self) -> float:
        """Abandoned calls allowed, as a share: the lower of the law's and the campaign's own."""
        return min(self.law.cap, self.settings.abandonment.cap_percent / 100)

    def configure(self, settings: CampaignSettings, law: Law) -> list[Candidate]:
        """Other settings from now on; what rings and talks goes on by those it began with.

        Returns who was in the hopper, if others are to be called by them.
        """
        others = _chosen(settings) != _chosen(self.settings)
        paces = settings.mode, settings.ratio
        same = paces == (self.settings.mode, self.settings.ratio)
        self.settings, self.law = settings, law
        self.windows = self._windows()
        if not same:
            self.forget()
        return list(self.hopper.empty()) if others else []

    def forget(self) -> None:
        """Its pacing begins afresh."""
        self.policy = policy_of(self.settings, len(self.agents), self.cap)

    def _windows(self) -> list[AbandonmentWindow]:
        """Those of the law, or of its own where the law has none, with all that was counted."""
        machines = self.settings.machines
        missed = machines.missed_people_percent / 100 if machines.detect else None
        began = self._made if self.past.began is None else self.past.began
        windows = [
            AbandonmentWindow(rule, began, missed_people=missed) for rule in self.law.windows
        ]
        for window in windows:
            for tally in self._tallies:
                window.take(tally.at, tally.answered, tally.abandoned, tally.machines)
        return windows

    def recall(self, past: Past, tallies: Iterable[Tally]) -> None:
        """What the ledger has of earlier runs: all in all, and the calls of each quarter."""
        began = self.past.began if past.began is None else past.began
        self.past = replace(past, began=began)
        self._tallies = [*tallies, *self._tallies]
        self.windows = self._windows()

    def started(self, now: float) -> None:
        """It runs; periods of law are counted from the first time."""
        if self.past.began is None:
            self.past = replace(self.past, began=now)
            self.windows = self._windows()

    @property
    def goal_reached(self) -> str:
        """Which of its goals is reached, '' for none."""
        return goal_reached(self.settings.goals, self.past, self.counts)

    # -- what happened ------------------------------------------------------------------------

    def note(self, *event: object) -> None:
        """Tell the policy, with the next question."""
        self._events.append(event)

    def count(self, now: float, answered: int = 0, abandoned: int = 0, machines: int = 0) -> None:
        """People who answered, those of them whom no agent was there for, and machines."""
        self.counts.people += answered
        self.counts.abandoned += abandoned
        quarter = now // QUARTER_SECONDS * QUARTER_SECONDS
        if not self._tallies or self._tallies[-1].at != quarter:
            self._tallies.append(Tally(quarter))
        tally = self._tallies[-1]
        tally.answered += answered
        tally.abandoned += abandoned
        tally.machines += machines
        for window in self.windows:
            window.take(now, answered, abandoned, machines)

    def code_given(self, code: str, now: float) -> None:
        """An agent said what came of a talk."""
        self.counts.codes[code] = self.counts.codes.get(code, 0) + 1
        if code == MACHINE_CODE:
            self.count(now, machines=1)

    def begin(self, plan: AttemptPlan, lead: Candidate) -> None:
        """An attempt is decided."""
        self.attempts[plan.attempt] = Attempt(plan, lead)
        self.budget -= 1

    def follow(self, attempt: Attempt, event: OfAttempt, now: float) -> None:
        """Something happened to an attempt of this campaign."""
        match event:
            case AttemptHeld():
                attempt.stage = max(attempt.stage, Stage.HELD)
            case AttemptLetGo():
                if attempt.stage is Stage.HELD:
                    attempt.stage = Stage.DECIDED
            case AttemptDialed():
                attempt.stage, attempt.dialed = Stage.DIALED, now
                self.counts.dialed += 1
            case AttemptAnswered():
                attempt.stage, attempt.answered = Stage.ANSWERED, now
                self.counts.answered += 1
            case PersonFound():
                self.meet(attempt, now)
            case MachineFound():
                attempt.stage = Stage.LEAVING
                self.note("fail", attempt.rang(now), "machine")
            case AttemptConnected():
                attempt.stage = Stage.TALKING
                self.counts.connected += not attempt.talked
                attempt.talked = True
            case PersonDropped():
                self.drop(attempt, now)
            case TalkOver():
                attempt.stage = Stage.LEAVING
            case AttemptEnded():
                self._end(attempt, event, now)

    def _end(self, attempt: Attempt, event: AttemptEnded, now: float) -> None:
        if event.disposition in ANSWERED_LIVE:
            self.meet(attempt, now)  # unless that was told: he may have left before
        if event.disposition in MACHINES:
            self.count(now, machines=1)
        if event.disposition is Disposition.ABANDONED:
            self.drop(attempt, now)
        if attempt.stage not in (Stage.DIALED, Stage.ANSWERED):
            return
        if event.disposition is Disposition.GIVEN_UP:
            self.note("cancel", attempt.rang(now))
        else:
            self.note("fail", attempt.rang(now), event.disposition.value)

    def meet(self, attempt: Attempt, now: float) -> None:
        """A person answered; told twice it is counted once."""
        if not attempt.person:
            attempt.stage, attempt.person = Stage.WAITING, True
            self.note("answer", attempt.rang(attempt.answered or now))
            self.count(now, answered=1)

    def drop(self, attempt: Attempt, now: float) -> None:
        """No agent was there for him; told twice it is counted once."""
        if not attempt.dropped:
            attempt.stage, attempt.dropped = Stage.LEAVING, True
            self.note("drop")
            self.count(now, abandoned=1)

    def refill(self, seconds: float) -> None:
        """Time went by: so many calls more may be placed, by its own pace."""
        rate = self.settings.calls_per_second
        self.budget = min(max(1.0, rate), self.budget + rate * seconds)

    def room(self, wanted: int) -> tuple[int, str]:
        """How many calls may be placed by its own limits, and which one binds."""
        settings = self.settings
        if settings.mode is Mode.MANUAL:
            return 0, "agents dial themselves"
        limits = {
            self._enough(): wanted,
            "calls_per_second": int(self.budget),
            "channels": settings.channels - self.in_flight,
        }
        by = min(limits, key=lambda name: limits[name])
        return max(0, limits[by]), by

    def _enough(self) -> str:
        """What it says of a campaign that no more calls are wanted."""
        if not self.may_dial:
            return "nobody in its lists may be called now"
        return self.lacks_agents or "no more were wanted"

    @property
    def lacks_agents(self) -> str:
        """Says so when nobody is there who could talk with whom it reaches."""
        queue = self.settings.queue
        return f"nobody works in the queue {queue}" if queue and not self.staff else ""

    @property
    def may_dial(self) -> bool:
        """Whether there is anybody whom it dials by itself, as far as is known."""
        if self.settings.mode is Mode.MANUAL:
            return self.hopper.callbacks > 0
        return not self.hopper.is_spent

    def is_personal(self, lead: Candidate, now: float) -> bool:
        """Whether this callback waits for its own agent still."""
        due, patience = lead.callback_due, self.settings.callback_patience_seconds
        return bool(lead.owner) and due is not None and now < due + patience

    def wants_leads(self, launch: int, now: float) -> int:
        """How many leads to ask the store for, where so many calls are placed in a look."""
        pace = max(launch, len(self.agents) / 10, 0.2)
        level = min(_HOPPER_MOST, max(_HOPPER_LEAST, ceil(pace * _HOPPER_SECONDS)))
        return self.hopper.wants(level, now)

    def callable_back(self, now: float) -> Callable[[Candidate], bool]:
        """Tells of a callback whether an agent is free for it; in a broadcast, a line."""
        settings = self.settings
        if settings.mode is Mode.BROADCAST:
            has_line = self.in_flight < min(settings.lines, settings.channels)
            return lambda _: has_line
        for_anybody = self.waits_for_agents() < self.ready
        taken = {attempt.plan.agent for attempt in self.attempts.values()}
        ready = {a.name for a in self.staff.values() if a.state == "ready" and not a.resting}
        free = ready - taken
        return lambda lead: lead.owner in free if self.is_personal(lead, now) else for_anybody

    def see(self, agents: Sequence[AgentSeen], kept_back: int) -> None:
        """The agents whom it may count on now; whose talk or wrap-up ended is told the policy."""
        self.kept_back, self.agents = kept_back, tuple(agents)
        now_seen = {agent.name: (agent.state, agent.since) for agent in agents}
        for name, (state, since) in self._seen.items():
            after = now_seen.get(name)
            if after is None or after == (state, since):
                continue
            if state in ("talking", "wrap_up"):
                kind = "talk" if state == "talking" else "wrap"
                self.note(kind, max(0.0, after[1] - since))
        self._seen = now_seen

    # -- what the policy sees -----------------------------------------------------------------

    def snapshot(self, now: float) -> Snapshot:
        """The campaign as its policy sees it."""
        tick = 1.0 if self._told is None else max(0.01, now - self._told)
        self._told = now
        events, self._events = tuple(self._events), []
        if self.settings.mode is Mode.BROADCAST:
            return self._lines(now, tick, events)
        ringing = self.ringing(now)
        totals = [window.totals(now) for window in self.windows]
        tightest = min(totals, key=lambda t: self.cap * t.answered - t.abandoned, default=None)
        answered = round(tightest.answered) if tightest else self.counts.people
        abandoned = round(tightest.abandoned + 0.49) if tightest else self.counts.abandoned
        least = self.settings.least_ring_seconds
        may = self.settings.give_up
        return Snapshot(
            now,
            tick,
            self.cap,
            len(self.agents),
            idle=[max(0.0, now - a.since) for a in self._in("ready") if not a.resting],
            talk=[max(0.0, now - a.since) for a in self._in("talking", "offered")],
            wrap=[max(0.0, now - a.since) for a in self._in("wrap_up")],
            ringing=[attempt.rang(now) for attempt in ringing],
            ring_ok=[
                may
                and attempt.stage is Stage.DIALED
                and not attempt.given_up
                and attempt.rang(now) >= least
                for attempt in ringing
            ],
            waiting=self.waits_for_agents(),
            dialed=self.counts.dialed,
            answered=answered,
            connected=max(0, answered - abandoned),
            abandoned=abandoned,
            events=events,
        )

    def _lines(self, now: float, tick: float, events: tuple[PacingEvent, ...]) -> Snapshot:
        """A broadcast's lines are its agents: one is ready for each that no attempt has."""
        free = max(0, self.settings.lines - self.in_flight)
        return Snapshot(now, tick, self.cap, self.settings.lines, idle=[0.0] * free, events=events)

    def explain(self, state: Snapshot, pace: Pace, launched: int, limited_by: str) -> Paced:
        """What was decided just now, and by which numbers."""
        numbers: dict[str, float | int | str] = {
            **pace.why,
            "wanted": pace.launch,
            "agents": state.n_agents,
            "ready": len(state.idle),
            "kept for inbound": self.kept_back,
            "talking": len(state.talk),
            "in wrap-up": len(state.wrap),
            "ringing": len(state.ringing),
            "waiting": held(state),
            "hopper": len(self.hopper),
            "answered": state.answered,
            "abandoned": state.abandoned,
            "cap": self.cap,
        }
        self.paced = Paced(self.settings.name, launched, limited_by, numbers)
        return self.paced

    def ringing(self, now: float) -> list[Attempt]:
        """Calls in flight that an agent must become free for, the oldest first."""
        rings = (Stage.DECIDED, Stage.DIALED, Stage.ANSWERED)
        found = [a for a in self.attempts.values() if a.stage in rings and not a.holds]
        return sorted(found, key=lambda attempt: -attempt.rang(now))

    def waits_for_agents(self) -> int:
        """How many of the agents who count as free are as good as taken: people wait for them, or
        attempts that need one held."""
        return sum(
            a.stage is (Stage.DECIDED if a.holds else Stage.WAITING) for a in self.attempts.values()
        )

    @property
    def ready(self) -> int:
        """How many of its agents are free."""
        return sum(not agent.resting for agent in self._in("ready"))

    def _in(self, *states: str) -> Iterable[AgentSeen]:
        return (agent for agent in self.agents if agent.state in states)

    @property
    def in_flight(self) -> int:
        """Attempts under way, all stages."""
        return len(self.attempts)

    def on_trunk(self, trunk: str) -> int:
        """Attempts under way through this trunk."""
        return sum(attempt.plan.trunk == trunk for attempt in self.attempts.values())


def _chosen(settings: CampaignSettings) -> tuple[object, ...]:
    """What says which leads are the next."""
    return settings.lists, settings.filter, settings.order, settings.numbers


def policy_of(settings: CampaignSettings, n_agents: int, cap: float) -> Policy:
    """The pacing of a mode, fresh."""
    match settings.mode:
        case Mode.PREDICTIVE:
            return predictive(n_agents, cap)
        case Mode.POWER:
            return power(settings.ratio)
        case Mode.PREVIEW:
            return preview()
        case _:
            return progressive()
