"""What holds for any state that pacing may be shown, however odd the hour."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.pacing import PacingEvent, Snapshot, progressive
from dialer.policy.predictive import Predictive

ages = st.floats(0.0, 3000.0, allow_nan=False)
news = st.one_of(
    st.just(()),
    st.tuples(st.sampled_from(["answer", "cancel", "talk", "wrap"]), ages),
    st.tuples(st.just("fail"), ages, st.sampled_from(["busy", "machine", "no_answer", "odd"])),
    st.just(("drop",)),
    st.just(("something_new", 3)),
)


@st.composite
def states(draw: st.DrawFn) -> Snapshot:
    """Any legal state; counts are of a rolling window, so they fall as well as rise."""
    ringing = draw(st.lists(st.floats(0.0, 90.0), max_size=60))
    abandoned = draw(st.integers(0, 60))
    connected = draw(st.integers(0, 3000))
    events: list[PacingEvent] = draw(st.lists(news, max_size=20))
    return Snapshot(
        now=draw(st.floats(0.0, 1e9)),
        tick=draw(st.sampled_from([0.0, 0.3, 1.0, 3.0, 600.0])),
        cap=draw(st.sampled_from([0.0, 0.01, 0.03, 0.5, 1.0])),
        n_agents=draw(st.integers(0, 300)),
        idle=draw(st.lists(ages, max_size=40)),
        talk=draw(st.lists(ages, max_size=60)),
        wrap=draw(st.lists(ages, max_size=20)),
        ringing=ringing,
        ring_ok=[draw(st.booleans()) for _ in ringing],
        waiting=draw(st.one_of(st.integers(0, 30), st.lists(st.floats(0.0, 2.0), max_size=30))),
        dialed=draw(st.integers(0, 10_000)),
        answered=abandoned + connected,
        connected=connected,
        abandoned=abandoned,
        events=events,
    )


histories = st.lists(states(), min_size=1, max_size=6)


@settings(max_examples=120, deadline=None)
@given(histories)
def test_a_decision_can_always_be_carried_out(history: list[Snapshot]) -> None:
    policy = Predictive(20, 0.03)
    for state in history:
        pace = policy.decide(state)
        most = max(10, state.n_agents, len(state.idle))
        assert 0 <= pace.launch <= most
        assert all(state.ring_ok[i] for i in pace.give_up), "gave up a call that must ring on"
        assert len(set(pace.give_up)) == len(pace.give_up)
        assert all(math.isfinite(value) for value in pace.why.values())


@settings(max_examples=120, deadline=None)
@given(histories)
def test_no_ready_agent_is_left_without_a_call_of_his_own(history: list[Snapshot]) -> None:
    policy = Predictive(20, 0.03)
    for state in history:
        pace = policy.decide(state)
        assert pace.launch >= progressive().decide(state).launch


@settings(max_examples=120, deadline=None)
@given(histories)
def test_a_window_that_is_spent_gets_no_call_beyond_progressive(history: list[Snapshot]) -> None:
    policy = Predictive(20, 0.03)
    for state in history:
        pace = policy.decide(state)
        if state.abandoned > state.cap * state.answered:
            waiting = state.waiting if isinstance(state.waiting, int) else len(state.waiting)
            ringing = len(state.ringing) - len(pace.give_up)
            assert pace.launch == max(0, len(state.idle) - waiting - ringing)


@settings(max_examples=60, deadline=None)
@given(histories, histories)
def test_a_restart_changes_no_decision(before: list[Snapshot], after: list[Snapshot]) -> None:
    policy, witness = Predictive(20, 0.03), Predictive(20, 0.03)
    for state in before:
        assert policy.decide(state) == witness.decide(state)
    restarted = Predictive(20, 0.03)
    restarted.restore(json.loads(json.dumps(policy.snapshot())))
    for state in after:
        assert restarted.decide(state) == witness.decide(state)


NAN, FOREVER = math.nan, math.inf
nonsense: st.SearchStrategy[dict[str, object]] = st.sampled_from(
    [
        {"tick": NAN},
        {"tick": FOREVER},
        {"cap": NAN},
        {"cap": -0.01},
        {"cap": 3.0},
        {"n_agents": NAN},
        {"answered": NAN},
        {"answered": FOREVER},
        {"answered": -1},
        {"abandoned": NAN},
        {"dialed": -1},
        {"connected": NAN},
        {"waiting": NAN},
        {"waiting": FOREVER},
        {"waiting": -3},
        {"waiting": [0.5, NAN]},
        {"idle": [1.0, NAN]},
        {"talk": [NAN]},
        {"wrap": [FOREVER, -FOREVER]},
        {"ringing": [3.0, NAN], "ring_ok": [False, False]},
        {"events": [("answer", NAN)]},
        {"events": [("fail", FOREVER, "busy")]},
    ]
)


@settings(max_examples=25, deadline=None)
@given(histories, nonsense, histories)
def test_a_state_that_no_clock_or_counter_gives_is_refused_and_teaches_nothing(
    before: list[Snapshot], spoilt: dict[str, object], after: list[Snapshot]
) -> None:
    policy, witness = Predictive(20, 0.03), Predictive(20, 0.03)
    for state in before:
        assert policy.decide(state) == witness.decide(state)
    with pytest.raises(ValueError, match=r"finite|no count|no time|share"):
        policy.decide(replace(before[-1], **spoilt))
    for state in after:
        assert policy.decide(state) == witness.decide(state)


def test_a_clock_that_was_set_back_does_not_make_fresh_dials_look_old() -> None:
    fresh = Snapshot(0.0, 1.0, 0.03, 20, talk=[50.0] * 20, ringing=[0.0] * 8, answered=90)
    back = replace(fresh, now=-3.0, tick=-3.0, ringing=[-3.0] * 8)
    assert Predictive(20, 0.03).decide(back).launch <= Predictive(20, 0.03).decide(fresh).launch


def test_a_policy_is_not_made_for_what_is_no_number() -> None:
    for agents, cap in ((20, NAN), (NAN, 0.03), (-1, 0.03), (20, 1.01)):
        with pytest.raises(ValueError, match="no pacing"):
            Predictive(agents, cap)
