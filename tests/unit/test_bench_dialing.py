"""The dialers that pacing is compared with."""

from __future__ import annotations

import pytest

from bench.dialing.contestants import CONTESTANTS, TUNED_RATIO, TUNED_VICIDIAL
from bench.dialing.issabel import Issabel
from bench.dialing.shifts import HOURS, Outcome, Shift, run
from bench.dialing.table import PARTS, cell
from bench.dialing.vicidial import Vicidial, average, hard_limit, tapered
from dialer.pacing import Snapshot


def seen(now: float, **more: object) -> Snapshot:
    return Snapshot(now, 1.0, 0.03, 10, **more)  # type: ignore[arg-type]


def level(policy: Vicidial, seconds: int, **more: object) -> float:
    """Its dial level after so many seconds of the same."""
    pace = [policy.decide(seen(now, **more)) for now in range(seconds)][-1]
    return pace.why["level"]


def test_vicidial_raises_its_level_by_the_share_of_agents_that_is_idle() -> None:
    assert level(Vicidial(average), 16, idle=[9.0] * 5) == pytest.approx(1.5)
    assert level(Vicidial(average), 46, idle=[9.0] * 5) == pytest.approx(3.0)


def test_vicidial_lowers_its_level_while_callees_wait() -> None:
    policy = Vicidial(average, intensity=-20)
    assert level(policy, 31, idle=[9.0] * 5) == pytest.approx(1.4**2)
    after = [policy.decide(seen(now, waiting=5)).why["level"] for now in range(31, 47)]
    assert after[-1] < 1.4**2


@pytest.mark.parametrize(
    ("overflow", "then"), [(hard_limit, 1.0), (average, 1.5), (tapered(3600 * 5), 1.5)]
)
def test_vicidial_slows_down_when_too_many_were_dropped_today(overflow, then) -> None:
    policy = Vicidial(overflow)
    level(policy, 61, idle=[9.0] * 10)
    dropped = {"dialed": 400, "answered": 100, "connected": 96, "abandoned": 4}
    for now in range(61, 136):
        pace = policy.decide(seen(now, idle=[9.0] * 10, **dropped))
    assert pace.why["level"] == pytest.approx(then, abs=0.05)


def test_vicidial_counts_busy_agents_or_only_free_ones() -> None:
    state = seen(3.0, idle=[9.0] * 4, talk=[60.0] * 6, ringing=[2.0])
    assert Vicidial(average).decide(state).launch == 3
    assert Vicidial(average, available_only=True).decide(state).launch == 3
    assert Vicidial(average).decide(seen(1.0, idle=[9.0])).launch == 0


def test_issabel_dials_for_agents_whose_talk_is_long_and_for_calls_nobody_answers() -> None:
    policy = Issabel()
    events = [("talk", 20.0)] * 10 + [("answer", 10.0)] * 5 + [("fail", 25.0, "busy")] * 5
    pace = policy.decide(seen(1.0, idle=[9.0], talk=[5.0, 90.0], events=events))
    assert pace.launch == 4  # one idle, one nearly free, every other call is answered
    assert policy.decide(seen(2.0, idle=[9.0])).launch == 0
    assert policy.decide(seen(4.0, idle=[9.0])).launch == 2


def test_every_peer_is_tuned_for_every_measured_size() -> None:
    sizes = {(part.cap, size) for part in PARTS for size in HOURS}
    assert sizes == set(TUNED_RATIO) == set(TUNED_VICIDIAL)
    assert all(set(part.aims) == set(HOURS) for part in PARTS)


@pytest.mark.parametrize("contestant", sorted(CONTESTANTS))
def test_every_contestant_runs_a_shift_on_the_same_calls(contestant, monkeypatch) -> None:
    monkeypatch.setitem(HOURS, 5, 0.25)
    outcome = run(Shift(contestant, "stationary", 5, 0.03, seed=1))
    assert 0.3 < outcome.utilisation < 1.0
    assert outcome.connected + outcome.abandoned <= outcome.answered


def test_the_table_says_in_how_many_shifts_the_cap_was_broken() -> None:
    outcomes = [Outcome(0.80, 104, 4, 100, 0.1), Outcome(0.84, 100, 0, 100, 0.1)]
    assert cell(outcomes, 0.03) == "82.0±2.8 / 1.96 (1/2)"
    assert cell(outcomes[1:], 0.03) == "84.0 / 0.00"
