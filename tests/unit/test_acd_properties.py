"""Random histories: whatever happens in whatever order, the distributor keeps its promises."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from acd.core import Acd, IllegalEvent
from acd.journal import from_json, replay, to_json
from acd.messages import (
    AcdDecision,
    AcdEvent,
    AgentLoggedIn,
    AgentLoggedOut,
    AgentMoved,
    AgentPaused,
    AgentReady,
    Configured,
    ContactLeft,
    ContactQueued,
    LeaveReason,
    Offer,
    OfferAccepted,
    OfferOutcome,
    OfferRefused,
    TalkEnded,
)
from acd.queues import AgentSettings, QueueSettings
from tests.acd_witness import Witness

AGENTS = ("anna", "binh", "chi", "dung")
QUEUES = ("sales", "support", "vip")
CONTACTS = tuple(f"c{number}" for number in range(5))
REFUSALS = ("timed_out", "rejected", "busy", "unreachable", "cancelled", "caller_left")

agent = st.sampled_from(AGENTS)
contact = st.sampled_from(CONTACTS)
offer = st.builds("{}-a{}".format, contact, st.integers(1, 30))


def _queue(name: str) -> st.SearchStrategy[QueueSettings]:
    return st.builds(
        QueueSettings,
        name=st.just(name),
        ring_seconds=st.sampled_from([3.0, 8.0]),
        wrap_up_seconds=st.sampled_from([4.0, 4.0, 0.0]),
        retry_seconds=st.sampled_from([1.0, 5.0]),
        max_misses=st.integers(1, 3),
        max_wait_seconds=st.sampled_from([5.0, 60.0]),
        max_waiting=st.integers(1, 5),
        hold_when_unstaffed=st.booleans(),
    )


def _agent(name: str) -> st.SearchStrategy[AgentSettings]:
    queues = st.lists(st.sampled_from(QUEUES), unique=True).map(tuple)
    return st.builds(AgentSettings, name=st.just(name), extension=st.just("300"), queues=queues)


configured = st.builds(
    Configured,
    st.lists(st.sampled_from(QUEUES), unique=True).flatmap(
        lambda names: st.tuples(*map(_queue, names))
    ),
    st.lists(st.sampled_from(AGENTS), unique=True).flatmap(
        lambda names: st.tuples(*map(_agent, names))
    ),
)
opening = st.builds(Configured, st.tuples(*map(_queue, QUEUES)), st.tuples(*map(_agent, AGENTS)))


class RunningOffer:
    """Stands for an offer or a talk that runs at that moment; most steps are about one."""

    def __init__(self, choice: int, outcome: str) -> None:
        self.choice, self.outcome = choice, outcome

    def __repr__(self) -> str:
        return f"RunningOffer({self.choice}, {self.outcome!r})"

    def event(self, acd: Acd, offers: list[Offer]) -> AcdEvent | None:
        """What happens to it now, if there is one."""
        if self.outcome == "talk_ended":
            talks = [a for a in acd.agents() if a.state == "talking"]
            if not talks:
                return None
            talk = talks[self.choice % len(talks)]
            return TalkEnded(talk.name, str(talk.contact))
        if not offers:
            return None
        chosen = offers[self.choice % len(offers)]
        if self.outcome == "answered":
            return OfferAccepted(chosen.offer)
        if self.outcome == "caller_left":
            return ContactLeft(chosen.contact, LeaveReason.ABANDONED)
        return OfferRefused(chosen.offer, OfferOutcome(self.outcome))


running = st.builds(
    RunningOffer, st.integers(0, 9), st.sampled_from((*REFUSALS, *["answered", "talk_ended"] * 3))
)
answered = st.builds(RunningOffer, st.integers(0, 9), st.just("answered"))
talk_ended = st.builds(RunningOffer, st.integers(0, 9), st.just("talk_ended"))
event = st.one_of(
    st.builds(AgentLoggedIn, agent, st.sampled_from(["3001", "3002", "3003"]), st.none()),
    st.builds(AgentLoggedIn, agent, agent, st.sampled_from([None, None, "lunch"])),
    st.builds(AgentLoggedOut, agent),
    st.builds(AgentReady, agent),
    st.builds(AgentReady, agent),
    st.builds(AgentPaused, agent, st.sampled_from(["lunch", "training"])),
    st.builds(ContactQueued, contact, st.sampled_from(QUEUES), st.integers(0, 20).map(float)),
    st.builds(ContactQueued, contact, st.sampled_from(QUEUES), st.integers(0, 20).map(float)),
    st.builds(ContactLeft, contact, st.sampled_from(LeaveReason)),
    st.builds(OfferAccepted, offer),
    st.builds(OfferRefused, offer, st.sampled_from(OfferOutcome)),
    st.builds(TalkEnded, agent, contact),
    running,
    running,
    running,
    answered,
    answered,
    talk_ended,
    talk_ended,
    configured,
)
seconds = st.sampled_from([0.0, 0.0, 0.5, 1.0, 3.0, 10.0])
punctual = st.sampled_from([True, True, True, False])
history = st.tuples(
    opening, st.lists(st.tuples(seconds, punctual, event), min_size=30, max_size=60)
)


def live(witness: Witness, told: tuple[Configured, list[tuple[float, bool, object]]]) -> None:
    """Run a history; when not punctual, the timer comes too late for the event."""
    first, steps = told
    now = 100.0
    witness.tell(first, now)
    for number, name in enumerate(AGENTS):
        witness.tell(AgentLoggedIn(name, f"desk{number}"), now)
    for wait, in_time, step in steps:
        now += wait
        if in_time:
            witness.run_until(now)
        if isinstance(step, RunningOffer):
            step = step.event(witness.acd, list(witness.offers.values()))
        if step is not None:
            witness.tell(step, now)  # type: ignore[arg-type]


@settings(deadline=None, max_examples=150)
@given(history)
def test_no_agent_gets_two_callers_nobody_is_skipped_and_none_is_idle_beside_a_caller(told) -> None:
    witness = Witness()
    live(witness, told)
    witness.check_ends()


@settings(deadline=None, max_examples=80)
@given(history)
def test_every_caller_and_every_agent_comes_to_rest_when_nothing_more_happens(told) -> None:
    witness = Witness()
    live(witness, told)
    now = witness.journal[-1][0]
    witness.run_until(now + 600)
    witness.check_ends()
    assert not witness.waiting
    assert not witness.offers
    assert not any(a.state in ("offered", "wrap_up") for a in witness.acd.agents())
    assert witness.acd.next_deadline() is None


@settings(deadline=None, max_examples=80)
@given(history)
def test_a_replayed_journal_decides_the_same_and_ends_in_the_same_state(told) -> None:
    witness = Witness()
    live(witness, told)
    written = [(now, event and to_json(event)) for now, event in witness.journal]
    read = [(now, event and from_json(event)) for now, event in written]
    again = Acd()
    decided = [_decisions(again, now, event) for now, event in read]
    assert [some for some in decided if some is not None] == witness.told
    assert again.snapshot() == witness.acd.snapshot()
    assert replay(read).snapshot() == witness.acd.snapshot()


@settings(deadline=None, max_examples=80)
@given(history, st.integers(0, 60))
def test_a_distributor_restored_in_the_middle_has_the_same_future(told, cut) -> None:
    witness = Witness()
    first, steps = told
    live(witness, (first, steps[:cut]))
    reborn = witness.reborn()
    assert reborn.snapshot() == witness.acd.snapshot()
    lived, heard = len(witness.journal), len(witness.told)
    now = witness.journal[-1][0]
    for _, _, step in steps[cut:]:
        if not isinstance(step, RunningOffer):
            now += 1.0
            witness.run_until(now)
            witness.tell(step, now)
    witness.run_until(now + 600)
    decided = [_decisions(reborn, at, event) for at, event in witness.journal[lived:]]
    assert [some for some in decided if some is not None] == witness.told[heard:]
    assert reborn.snapshot() == witness.acd.snapshot()
    assert (reborn.agents(), reborn.queues()) == (witness.acd.agents(), witness.acd.queues())


def _decisions(acd: Acd, now: float, event: AcdEvent | None) -> list[AcdDecision] | None:
    if event is None:
        return acd.on_deadline(now)
    try:
        return acd.handle(event, now)
    except IllegalEvent:
        return None


def test_the_histories_reach_every_state_and_every_way_out() -> None:
    """The properties above prove nothing about what the histories never do."""
    reached: set[str] = set()

    @settings(deadline=None, max_examples=300, database=None, derandomize=True)
    @given(history)
    def explore(told) -> None:
        witness = Witness()
        live(witness, told)
        for decision in (d for decisions in witness.told for d in decisions):
            reached.add(type(decision).__name__)
            reached.add(str(getattr(decision, "outcome", "")))
            if isinstance(decision, AgentMoved):
                reached.add(decision.new)
        reached.update(how for ends in witness.ends.values() for how in ends)

    explore()
    wanted = {"ready", "offered", "talking", "wrap_up", "paused", "not_responding", "logged_out"}
    wanted |= {"timed_out", "caller_left", "cancelled", "lost_race"}
    wanted |= {"answered", "left", "timeout", "full", "no_agents"}
    assert wanted <= reached, wanted - reached
