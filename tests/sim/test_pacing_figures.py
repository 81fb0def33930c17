"""What pacing is worth to agents, on a shift short enough for a test. The long table: ``bench``."""

from __future__ import annotations

from random import Random

import pytest

from dialer.pacing import Pace, PacingState, predictive, progressive
from dialer.simulation.shape import SHIFTING, STATIONARY
from dialer.simulation.world import World


def test_ten_agents_work_much_more_than_with_progressive() -> None:
    ahead = World(10, predictive(10, 0.03), Random(1), STATIONARY).run(2)
    one_by_one = World(10, progressive(), Random(1), STATIONARY).run(2)
    assert ahead.utilisation >= 0.81
    assert ahead.utilisation - one_by_one.utilisation >= 0.10
    assert ahead.abandonment <= 0.03


def test_they_do_when_the_list_and_the_talks_change() -> None:
    ahead = World(10, predictive(10, 0.03), Random(2), SHIFTING).run(2)
    assert ahead.utilisation >= 0.77
    assert ahead.abandonment <= 0.03


def test_a_thousand_agents_who_log_in_at_once_begin_without_a_wave_of_abandoned_calls() -> None:
    first_minutes = World(1000, predictive(1000, 0.03), Random(4), STATIONARY).run(2 / 60)
    assert first_minutes.connected > 800
    assert first_minutes.abandonment <= 0.03


class Hasty:
    """A policy that gives up what it must not."""

    def decide(self, state: PacingState) -> Pace:
        """One call, given up at once."""
        return Pace(0 if state.ringing else 1, (0,) if state.ringing else (), {})


def test_the_world_refuses_to_hang_up_before_the_callee_had_his_fifteen_seconds() -> None:
    with pytest.raises(ValueError, match="has not rung long enough"):
        World(1, Hasty(), Random(1), STATIONARY).run(0.1)


def test_the_same_contacts_answer_whoever_dials() -> None:
    runs = [World(5, progressive(), Random(3), STATIONARY).run(0.5) for _ in range(2)]
    assert runs[0] == runs[1]
    assert runs[0].answered == runs[0].connected
