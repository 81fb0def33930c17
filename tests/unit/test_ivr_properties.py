"""Random callers in random flows: nobody is left in silence, outside the flow, or overheard."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from ivr_chance import FLOW_SETS, MOVES, WORLDS, context
from ivr_witness import Witness

from engine.ivr.flowset import FlowSet


@settings(max_examples=400, deadline=None)
@given(FLOW_SETS, WORLDS, MOVES, st.integers(0, 20))
def test_whatever_happens_a_caller_hears_something_is_listened_to_waits_or_is_done(
    flows: FlowSet, world: Any, history: list[Any], number: int
) -> None:
    someone = Witness(flows, context(world))
    for move in history:
        someone.live(move)
    someone.end_in_silence(number)


@settings(max_examples=200, deadline=None)
@given(FLOW_SETS, WORLDS, MOVES)
def test_a_call_is_over_soon_after_the_caller_hung_up(
    flows: FlowSet, world: Any, history: list[Any]
) -> None:
    someone = Witness(flows, context(world))
    for move in history:
        someone.live(move)
    someone.hang_up()


@settings(max_examples=200, deadline=None)
@given(FLOW_SETS, WORLDS, MOVES, MOVES, st.integers(0, 20))
def test_a_call_goes_on_soundly_after_a_crash_at_any_moment(
    flows: FlowSet, world: Any, before: list[Any], after: list[Any], number: int
) -> None:
    someone = Witness(flows, context(world))
    for move in before:
        someone.live(move)
    position = someone.ivr.position()
    again = Witness(flows, context(world), position, someone.now)
    if again.path:
        assert again.path[0] == (position.place.flow, position.place.node)
    for move in after:
        again.live(move)
    again.end_in_silence(number)


@settings(max_examples=100, deadline=None)
@given(FLOW_SETS, WORLDS, MOVES)
def test_the_same_history_gives_the_same_actions(
    flows: FlowSet, world: Any, history: list[Any]
) -> None:
    first, second = Witness(flows, context(world)), Witness(flows, context(world))
    for move in history:
        assert first.live(move) == second.live(move)
