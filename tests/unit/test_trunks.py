"""Trunks: what they are given, when they are left alone, and what follows an outage."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.dispositions import Disposition
from dialer.trunk_health import TrunkState
from dialer.trunk_line import WINDOW_SECONDS
from dialer.trunks import TrunkLimits, Trunks

NOON = 1_800_014_400.0


def trunks(**limits: TrunkLimits) -> Trunks:
    made = Trunks()
    made.configure(limits)
    return made


def one(**limits: float) -> Trunks:
    return trunks(viettel=TrunkLimits.model_validate(limits))


def place(center: Trunks, now: float, *, fails: bool, names: tuple[str, ...] = ("viettel",)) -> str:
    """One call that ends at once: with 503, or as the callee is busy."""
    name = center.take(names, now)
    assert name is not None
    if fails:
        center.ended(name, Disposition.CONGESTED, 503, 0.0, now)
    else:
        center.ended(name, Disposition.BUSY, 486, 0.0, now)
    return name


def state(center: Trunks, now: float, name: str = "viettel") -> TrunkState:
    return next(trunk.state for trunk in center.view(now) if trunk.name == name)


def broken(now: float = NOON, **limits: float) -> Trunks:
    """A trunk that is down, since its last calls all failed until ``now``."""
    center = one(**({"calls_per_second": 10} | limits))
    for number in range(8):
        place(center, now - 8 * 1.05 + 1.05 * number, fails=True)
    assert state(center, now) is TrunkState.DOWN
    return center


# -- pace --


def test_all_calls_of_a_second_may_be_placed_at_once_and_then_none_for_a_second() -> None:
    center = one(calls_per_second=3)
    assert center.room(["viettel"], NOON) == 3
    assert [center.take(["viettel"], NOON) for _ in range(4)] == ["viettel"] * 3 + [None]
    assert center.next_room(["viettel"], NOON) == NOON + WINDOW_SECONDS
    assert center.room(["viettel"], NOON + 1.0) == 0
    assert center.room(["viettel"], NOON + WINDOW_SECONDS) == 3


def test_a_long_pause_saves_up_nothing() -> None:
    center = one(calls_per_second=3)
    center.take(["viettel"], NOON)
    assert center.room(["viettel"], NOON + 3600) == 3


def test_less_than_a_call_per_second_keeps_its_distance() -> None:
    center = one(calls_per_second=0.25)
    center.take(["viettel"], NOON)
    assert center.next_room(["viettel"], NOON) == pytest.approx(NOON + 4.2)


@settings(max_examples=60, deadline=None)
@given(
    rate=st.floats(0.1, 40),
    pauses=st.lists(st.one_of(st.floats(0, 0.3), st.floats(0, 30)), max_size=120),
)
def test_no_second_ever_has_more_calls_than_the_trunk_takes(
    rate: float, pauses: list[float]
) -> None:
    center, now, taken = one(calls_per_second=rate, channels=1000), NOON, []
    for pause in pauses:
        now += pause
        while center.room(["viettel"], now):
            assert center.take(["viettel"], now) == "viettel"
            taken.append(now)
    most = max(1, int(rate))
    assert all(b - a >= max(1.0, 1 / rate) for a, b in zip(taken, taken[most:], strict=False))


def test_a_clock_that_was_set_back_does_not_stop_the_trunk() -> None:
    center = one(calls_per_second=1)
    center.take(["viettel"], NOON)
    assert center.room(["viettel"], NOON - 3600) == 1


# -- channels --


def test_a_full_trunk_has_room_again_when_a_call_ends() -> None:
    center = one(calls_per_second=10, channels=2)
    center.take(["viettel"], NOON)
    center.take(["viettel"], NOON)
    assert center.take(["viettel"], NOON) is None
    assert center.next_room(["viettel"], NOON) is None
    assert center.why("viettel", NOON) == "2 of 2 channels"
    center.ended("viettel", Disposition.CONNECTED, 200, 95.0, NOON + 100)
    assert center.room(["viettel"], NOON + 100) == 1


def test_calls_that_outlived_the_engine_still_hold_their_channels() -> None:
    center = one(calls_per_second=10, channels=2)
    center.resumed("viettel", NOON)
    center.resumed("viettel", NOON)
    assert center.room(["viettel"], NOON) == 0
    center.ended("viettel", Disposition.CONNECTED, 200, 5.0, NOON + 5)
    assert center.room(["viettel"], NOON + 5) == 1


def test_a_call_of_a_trunk_that_is_no_longer_configured_is_still_accounted_for() -> None:
    center = one(channels=1)
    center.take(["viettel"], NOON)
    center.configure({})
    assert center.take(["viettel"], NOON) is None
    assert center.why("viettel", NOON) == "no such trunk is configured for campaigns"
    center.configure({"viettel": TrunkLimits(channels=1)})
    assert center.room(["viettel"], NOON + 9) == 0
    center.ended("viettel", Disposition.BUSY, 486, 0.0, NOON + 9)
    assert center.room(["viettel"], NOON + 9) == 1


def test_several_trunks_carry_together_what_each_carries() -> None:
    center = trunks(a=TrunkLimits(calls_per_second=2), b=TrunkLimits(calls_per_second=3))
    assert center.room(["a", "b", "a", "nowhere"], NOON) == 5
    assert [center.take(["b", "a"], NOON) for _ in range(6)] == ["b", "b", "b", "a", "a", None]


# -- toll fraud --


def test_the_calls_of_a_day_are_used_up_and_come_back_a_day_later() -> None:
    center = one(calls_per_second=10, calls_per_day=2)
    place(center, NOON, fails=False)
    place(center, NOON, fails=False)
    assert center.take(["viettel"], NOON + 23 * 3600) is None
    assert center.why("viettel", NOON + 60) == "2 of 2 calls in 24 hours"
    then = center.next_room(["viettel"], NOON)
    assert then is not None
    assert NOON + 24 * 3600 <= then <= NOON + 25 * 3600
    assert center.room(["viettel"], then) == 2


def test_the_minutes_of_a_day_are_used_up_also_by_calls_before_a_restart() -> None:
    center = one(minutes_per_day=90)
    center.spent("viettel", NOON - 3600, 40, 80 * 60)
    assert center.room(["viettel"], NOON) == 5
    center.take(["viettel"], NOON)
    center.ended("viettel", Disposition.CONNECTED, 200, 600, NOON + 600)
    assert center.room(["viettel"], NOON + 600) == 0
    assert center.why("viettel", NOON + 600) == "90 of 90 minutes in 24 hours"


@settings(max_examples=30, deadline=None)
@given(pauses=st.lists(st.floats(0, 20_000), max_size=60))
def test_no_24_hours_ever_have_more_calls_than_are_allowed(pauses: list[float]) -> None:
    center, now, taken = one(calls_per_second=100, calls_per_day=7), NOON, []
    for pause in pauses:
        now += pause
        while center.room(["viettel"], now):
            place(center, now, fails=False)
            taken.append(now)
    assert all(b - a >= 24 * 3600 for a, b in zip(taken, taken[7:], strict=False))


# -- health --


@pytest.mark.parametrize(
    ("disposition", "tech_cause", "cause"),
    [
        (Disposition.FAILED, 500, 0),
        (Disposition.UNREACHABLE, 408, 18),
        (Disposition.CONGESTED, 0, 34),
        (Disposition.CONGESTED, 503, 42),
        (Disposition.REJECTED, 403, 21),
    ],
)
def test_three_faults_of_its_own_make_a_trunk_suspect(
    disposition: Disposition, tech_cause: int, cause: int
) -> None:
    center = one()
    for _ in range(3):
        center.take(["viettel"], NOON)
        center.ended("viettel", disposition, tech_cause, 0.0, NOON, cause)
    assert state(center, NOON) is TrunkState.SUSPECT


@pytest.mark.parametrize(
    ("disposition", "tech_cause", "cause"),
    [
        (Disposition.BUSY, 486, 17),
        (Disposition.NO_ANSWER, 0, 19),
        (Disposition.INVALID, 404, 1),
        (Disposition.REJECTED, 603, 21),
        (Disposition.GIVEN_UP, 0, 0),
        (Disposition.CANCELLED, 0, 0),
        (Disposition.FAILED, 0, 0),
    ],
)
def test_a_callee_who_cannot_be_had_is_no_fault_of_the_trunk(
    disposition: Disposition, tech_cause: int, cause: int
) -> None:
    center = one()
    for number in range(50):
        center.take(["viettel"], NOON + 2 * number)
        center.ended("viettel", disposition, tech_cause, 0.0, NOON + 2 * number, cause)
    assert state(center, NOON + 100) is TrunkState.WELL


def test_a_trunk_that_never_says_anything_is_found_dead() -> None:
    center = one()
    for number in range(8):
        now = NOON + 2 * number
        center.take(["viettel"], now)
        center.ended("viettel", Disposition.CONGESTED, 0, 0.0, now)
    assert state(center, NOON + 14) is TrunkState.DOWN


def test_faults_among_good_calls_make_a_trunk_suspect_by_their_share() -> None:
    center = one(calls_per_second=100)
    for number in range(20):
        place(center, NOON + number, fails=number % 3 == 0)
    assert state(center, NOON + 20) is TrunkState.SUSPECT
    assert "% of its pace after" in center.why("viettel", NOON + 20)


def test_a_suspect_trunk_is_used_after_the_others_and_at_half_its_pace() -> None:
    center = trunks(a=TrunkLimits(calls_per_second=4), b=TrunkLimits(calls_per_second=1))
    for _ in range(3):
        place(center, NOON, fails=True, names=("a",))
    later = NOON + 2
    assert center.room(["a"], later) == 2
    assert [center.take(["a", "b"], later) for _ in range(4)] == ["b", "a", "a", None]


def test_a_suspect_trunk_that_has_been_calm_for_a_minute_takes_its_turn_again() -> None:
    center = trunks(a=TrunkLimits(), b=TrunkLimits())
    for _ in range(3):
        place(center, NOON, fails=True, names=("a",))
    assert center.take(["a", "b"], NOON + 59) == "b"
    assert center.take(["a", "b"], NOON + 61) == "a"
    assert state(center, NOON + 61, "a") is TrunkState.RECOVERING


def test_calls_go_to_the_next_trunk_while_the_first_is_down() -> None:
    center = trunks(
        a=TrunkLimits(calls_per_second=20), b=TrunkLimits(calls_per_second=20, channels=99)
    )
    for _ in range(8):
        place(center, NOON, fails=True, names=("a",))
    assert [center.take(["a", "b"], NOON + 2) for _ in range(5)] == ["b"] * 5


def test_one_call_at_a_time_probes_a_trunk_that_is_down_and_each_failure_lengthens_the_pause() -> (
    None
):
    center = broken()
    now, pauses = NOON, []
    for _ in range(7):
        due = center.next_room(["viettel"], now)
        assert due is not None
        pauses.append(due - now)
        now = due
        assert center.take(["viettel"], now) == "viettel"
        assert center.take(["viettel"], now) is None
        assert center.next_room(["viettel"], now) is None
        assert "one call probes it" in center.why("viettel", now)
        now += 5
        center.ended("viettel", Disposition.CONGESTED, 503, 0.0, now)
    assert [round(pause) for pause in pauses[1:]] == [30, 60, 120, 240, 300, 300]


def test_the_probing_call_goes_first_also_while_another_trunk_is_well() -> None:
    center = broken()
    center.configure({"viettel": TrunkLimits(), "vnpt": TrunkLimits()})
    assert center.take(["vnpt", "viettel"], NOON + 20) == "viettel"
    assert center.take(["vnpt", "viettel"], NOON + 20) == "vnpt"


def test_a_probing_call_that_was_never_placed_makes_way_for_another() -> None:
    center = broken()
    center.take(["viettel"], NOON + 20)
    center.ended("viettel", Disposition.CANCELLED, 0, 0.0, NOON + 21)
    assert center.room(["viettel"], NOON + 21) == 1


def test_calls_from_before_the_outage_do_not_lengthen_the_pause() -> None:
    center = broken()
    due = center.next_room(["viettel"], NOON)
    for _ in range(9):
        center.resumed("viettel", NOON + 1)
        center.ended("viettel", Disposition.CONGESTED, 503, 0.0, NOON + 1)
    assert center.next_room(["viettel"], NOON + 1) == due


def test_no_storm_follows_an_outage() -> None:
    center = broken(calls_per_second=20, channels=1000)
    now = center.next_room(["viettel"], NOON)
    assert now is not None
    center.take(["viettel"], now)
    center.answered("viettel", now)
    placed = [0] * 8
    for decisecond in range(800):
        moment = now + decisecond / 10
        while center.room(["viettel"], moment):
            place(center, moment, fails=False)
            placed[decisecond // 100] += 1
    assert placed[0] <= 20  # of 190 in ten seconds at its full pace
    assert all(a <= b for a, b in pairwise(placed))
    assert placed[-1] >= 180
    assert state(center, now + 80) is TrunkState.WELL


def test_a_trunk_that_fails_again_while_it_recovers_is_left_alone_for_longer() -> None:
    center = broken()
    now = center.next_room(["viettel"], NOON)
    assert now is not None
    place(center, now, fails=False)
    assert state(center, now) is TrunkState.RECOVERING
    while state(center, now) is not TrunkState.DOWN:
        now = center.next_room(["viettel"], now) or now
        place(center, now, fails=True)
    assert center.next_room(["viettel"], now) == pytest.approx(now + 15)


def test_a_trunk_whose_calls_are_suddenly_never_answered_is_used_after_the_others() -> None:
    center = trunks(a=TrunkLimits(calls_per_second=50), b=TrunkLimits(calls_per_second=50))
    now = NOON
    for number in range(1200):
        now += 0.1
        center.take(["a"], now)
        if number % 3 == 0:
            center.answered("a", now)
        center.ended(
            "a", (Disposition.NO_ANSWER, Disposition.CONNECTED)[number % 3 == 0], 0, 0, now
        )
    assert center.take(["a", "b"], now + 2) == "a"
    center.ended("a", Disposition.BUSY, 486, 0.0, now + 2)
    for _ in range(100):
        now += 0.1
        center.take(["a"], now)
        center.ended("a", Disposition.NO_ANSWER, 0, 0, now)
    assert center.take(["a", "b"], now + 2) == "b"
    assert "0 answers where" in center.why("a", now + 2)
    assert center.take(["a", "b"], now + 600) == "a"


def test_each_trunk_is_shown_with_what_goes_on_over_it() -> None:
    center = one(calls_per_second=3, channels=9)
    center.take(["viettel"], NOON)
    center.answered("viettel", NOON + 5)
    (shown,) = center.view(NOON + 6)
    assert (shown.name, shown.state, shown.active, shown.room) == ("viettel", "well", 1, 3)
    assert (shown.calls, shown.recent, shown.answered, shown.faults) == (1, 1, 1, 0)
    center.ended("viettel", Disposition.CONNECTED, 200, 90, NOON + 95)
    (shown,) = center.view(NOON + 95)
    assert (shown.active, shown.minutes, shown.answered) == (0, 1.5, 1)


END = st.sampled_from(
    [
        (Disposition.CONGESTED, 503),
        (Disposition.CONGESTED, 503),
        (Disposition.BUSY, 486),
        (Disposition.CONNECTED, 200),
        (Disposition.CANCELLED, 0),
    ]
)


@settings(max_examples=80, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["take", "take", "end", "answer"]), st.floats(0, 40), END),
        max_size=120,
    )
)
def test_whatever_happens_a_trunk_keeps_its_channels_and_promises_room_when_there_is_some(
    steps: list[tuple[str, float, tuple[Disposition, int]]],
) -> None:
    center, now, active = one(calls_per_second=2, channels=3, calls_per_day=60), NOON, 0
    for what, pause, (disposition, tech_cause) in steps:
        now += pause
        if what == "take" and center.take(["viettel"], now):
            active += 1
        elif what == "end" and active:
            center.ended("viettel", disposition, tech_cause, 10.0, now)
            active -= 1
        elif what == "answer" and active:
            center.answered("viettel", now)
        (shown,) = center.view(now)
        assert shown.active == active <= 3
        assert 0 <= shown.room <= 3 - active
        soon = center.next_room(["viettel"], now)
        if shown.room:
            assert soon == now
        elif soon is None:
            assert active
        else:
            assert center.room(["viettel"], soon) or center.next_room(["viettel"], soon) != soon
