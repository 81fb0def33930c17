"""A clock that was set is not trusted until it kept step again, or a person says it is right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.compliance.clock import JUMP_SECONDS, SETTLED_SECONDS, ClockTrust, confirmed, trusted

START = ClockTrust(wall=1_000_000.0, steady=50.0)


def looked(trust, seconds, set_by=0.0):
    return trusted(trust, trust.wall + seconds + set_by, trust.steady + seconds)


def test_a_clock_that_keeps_step_is_trusted():
    trust = START
    for _ in range(100):
        trust = looked(trust, 1.0, set_by=0.01)  # ten milliseconds a second: it drifts, no more
    assert trust.why == ""


@pytest.mark.parametrize("jump", [-86400.0, -5.01, 5.01, 3600.0])
def test_a_clock_that_was_set_stops_the_dialing_until_it_settles(jump):
    trust = looked(START, 1.0, set_by=jump)
    assert f"{jump:+.0f} s" in trust.why
    for _ in range(599):
        trust = looked(trust, 1.0)
        assert trust.why
    assert looked(trust, 1.0).why == ""


def test_a_small_step_is_forgiven():
    assert looked(START, 1.0, set_by=JUMP_SECONDS).why == ""


def test_a_clock_that_is_set_again_begins_to_settle_again():
    trust = looked(START, 1.0, set_by=3600.0)
    trust = looked(trust, SETTLED_SECONDS - 1)
    trust = looked(trust, 1.0, set_by=60.0)
    assert "+3660 s" in trust.why
    assert looked(trust, SETTLED_SECONDS - 1).why


def test_a_clock_that_is_set_and_set_back_is_still_not_trusted():
    trust = looked(looked(START, 1.0, set_by=3600.0), 1.0, set_by=-3600.0)
    assert trust.why


def test_a_person_may_say_that_it_is_right():
    trust = confirmed(looked(START, 1.0, set_by=3600.0))
    assert trust.why == ""
    assert looked(trust, 1.0).why == ""


@given(st.lists(st.tuples(st.floats(0.5, 60), st.sampled_from([0.0, 0.0, 0.0, 60.0, -60.0, 7e5]))))
def test_no_moment_soon_after_a_jump_is_trusted(looks):
    trust, last_jump = START, None
    for seconds, set_by in looks:
        trust = looked(trust, seconds, set_by)
        if set_by:
            last_jump = trust.steady
        settled = last_jump is None or trust.steady - last_jump >= SETTLED_SECONDS
        assert (trust.why == "") == settled
