"""What each way of pacing decides, given what it sees."""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import replace

import pytest

from dialer.pacing import Snapshot, power, predictive, preview, progressive
from dialer.policy.base_stock import EXACT_COINS, ExactStock, NormalStock
from dialer.policy.forecast import DIAL_SECONDS, dial_tables
from dialer.policy.giving_up import given_up
from dialer.policy.learning import Hazard
from dialer.policy.predictive import Predictive

#: Ten agents, two of them ready; nothing rings.
FLOOR = Snapshot(
    now=0.0,
    tick=1.0,
    cap=0.03,
    n_agents=10,
    idle=[4.0, 1.0],
    talk=[5.0, 40.0, 60.0, 90.0, 130.0, 200.0],
    wrap=[3.0, 12.0],
    dialed=1000,
    answered=300,
    connected=297,
    abandoned=3,
)


def test_progressive_dials_one_call_for_each_ready_agent_who_has_none_coming() -> None:
    assert progressive().decide(FLOOR).launch == 2
    assert progressive().decide(replace(FLOOR, ringing=[3.0], ring_ok=[False])).launch == 1
    assert progressive().decide(replace(FLOOR, waiting=2)).launch == 0
    assert progressive().decide(replace(FLOOR, waiting=5)).launch == 0


def test_preview_gives_each_ready_agent_a_lead() -> None:
    assert preview().decide(FLOOR).launch == 2


def test_power_dials_its_ratio_and_refuses_one_below_a_call_for_each_agent() -> None:
    assert power(2.5).decide(FLOOR).launch == 5
    assert power(2.5).decide(replace(FLOOR, ringing=[1.0] * 9, ring_ok=[False] * 9)).launch == 0
    with pytest.raises(ValueError, match="at least 1"):
        power(0.5)


def test_predictive_dials_ahead_of_agents_who_will_be_ready() -> None:
    assert predictive(10, 0.03).decide(FLOOR).launch > 2


def test_a_window_that_is_spent_leaves_progressive() -> None:
    spent = replace(FLOOR, abandoned=10, connected=290)
    assert predictive(10, 0.03).decide(spent).launch == 2
    assert predictive(10, 0.03).decide(replace(spent, ringing=[1.0], ring_ok=[False])).launch == 1


def test_a_cap_of_nothing_is_progressive() -> None:
    no_cap = replace(FLOOR, cap=0.0, abandoned=0)
    assert predictive(10, 0.0).decide(no_cap).launch == 2


def test_calls_that_hold_are_counted_whether_told_as_a_number_or_as_times() -> None:
    by_number = predictive(10, 0.03).decide(replace(FLOOR, waiting=2))
    by_times = predictive(10, 0.03).decide(replace(FLOOR, waiting=[0.3, 1.2]))
    assert by_number == by_times
    assert by_number.why["ready"] == 0


def test_an_abandoned_call_costs_the_same_whether_told_as_a_tuple_or_as_a_list() -> None:
    by_tuple, by_list = predictive(10, 0.03), predictive(10, 0.03)
    news = [("answer", 7.0), ("drop",), ("drop",), ()]
    told = by_tuple.decide(replace(FLOOR, events=news))
    assert by_list.decide(replace(FLOOR, events=[list(event) for event in news])) == told
    assert by_list.snapshot() == by_tuple.snapshot()
    assert told.why["saved"] == pytest.approx(told.why["reserve"] + 0.99 * 0.03 - 2)


def test_agents_who_have_asked_to_leave_are_not_counted_on() -> None:
    all_stay = predictive(10, 0.03).decide(FLOOR)
    most_leave = predictive(10, 0.03).decide(replace(FLOOR, n_agents=3))
    assert most_leave.why["freed"] == pytest.approx(all_stay.why["freed"] / 8)
    assert most_leave.launch < all_stay.launch


def test_nobody_there_to_talk_means_nobody_is_dialed() -> None:
    empty = Snapshot(now=0.0, tick=1.0, cap=0.03, n_agents=0)
    assert predictive(0, 0.03).decide(empty).launch == 0


def test_agents_who_go_home_leave_only_calls_that_may_not_be_given_up() -> None:
    gone = Snapshot(
        now=0.0,
        tick=1.0,
        cap=0.03,
        n_agents=0,
        ringing=[22.0, 17.0, 9.0],
        ring_ok=[True, True, False],
    )
    assert predictive(10, 0.03).decide(gone).give_up == (0, 1)


def test_a_decision_is_told_in_plain_numbers() -> None:
    why = predictive(10, 0.03).decide(FLOOR).why
    assert json.loads(json.dumps(why)) == why
    assert all(math.isfinite(value) for value in why.values())
    assert why["tokens"] == pytest.approx(0.99 * 0.03 * 300 - 3)


def test_a_cap_that_is_no_share_is_refused() -> None:
    with pytest.raises(ValueError, match="cap of 3"):
        predictive(10, 3)


@pytest.mark.parametrize("waiting", [math.nan, math.inf, -3, [0.5, math.nan]])
def test_callers_who_hold_that_no_counter_gives_are_refused_and_teach_nothing(
    waiting: float | list[float],
) -> None:
    policy = Predictive(10, 0.03)
    learned = policy.snapshot()
    odd = replace(FLOOR, waiting=waiting, events=[("answer", 7.0), ("drop",)])
    with pytest.raises(ValueError, match="`waiting`"):
        policy.decide(odd)
    assert policy.snapshot() == learned


@pytest.mark.parametrize("name", ["dialed", "connected"])
@pytest.mark.parametrize("count", [math.nan, math.inf, -1])
def test_totals_that_no_counter_gives_are_refused(name: str, count: float) -> None:
    with pytest.raises(ValueError, match=f"`{name}` is no count"):
        Predictive(10, 0.03).decide(replace(FLOOR, **{name: count}))


def test_what_another_version_learned_is_refused() -> None:
    with pytest.raises(ValueError, match="version 0"):
        Predictive(10, 0.03).restore({"version": 0})


def test_what_was_learned_with_other_bins_is_refused() -> None:
    saved = Predictive(10, 0.03).snapshot()
    saved["forecast"]["hazards"]["talk"]["ended"] = [0.0]
    with pytest.raises(ValueError, match="other bins"):
        Predictive(10, 0.03).restore(saved)


class TestBaseStock:
    """The arithmetic of agents and answers, against counting every outcome."""

    READY, FREED, ANSWERED = 1, [0.1, 0.4, 0.7], [0.3, 0.2, 0.9, 0.5]

    def _counted(self) -> tuple[float, float]:
        none_left = shortage = 0.0
        for free in itertools.product((0, 1), repeat=len(self.FREED)):
            for live in itertools.product((0, 1), repeat=len(self.ANSWERED)):
                chance = math.prod(c if f else 1 - c for f, c in zip(free, self.FREED, strict=True))
                chance *= math.prod(
                    q if a else 1 - q for a, q in zip(live, self.ANSWERED, strict=True)
                )
                left = self.READY + sum(free) - sum(live)
                none_left += chance * (left <= 0)
                shortage += chance * max(0, -left)
        return none_left, shortage

    def test_risk_and_shortage_are_those_of_every_outcome_counted(self) -> None:
        risk, shortage = self._counted()
        stock = ExactStock(self.READY, self.FREED, self.ANSWERED)
        assert stock.risk() == pytest.approx(risk)
        assert stock.shortage() == pytest.approx(shortage)

    @pytest.mark.parametrize("kind", [ExactStock, NormalStock])
    def test_a_call_added_is_a_call_that_was_there(self, kind: type[ExactStock]) -> None:
        stock = kind(self.READY, self.FREED, self.ANSWERED[:-1])
        stock.add(self.ANSWERED[-1])
        whole = kind(self.READY, self.FREED, self.ANSWERED)
        assert stock.risk() == pytest.approx(whole.risk())
        assert stock.shortage() == pytest.approx(whole.shortage())

    @pytest.mark.parametrize("ready", [-3, 0, 4, 8])
    def test_the_curve_for_many_agents_is_close_to_counting(self, ready: int) -> None:
        freed = [0.03, 0.08, 0.15, 0.5] * (EXACT_COINS // 6)
        answered = [0.3, 0.25, 0.1, 0.02] * (EXACT_COINS // 6)
        exact, curve = ExactStock(ready, freed, answered), NormalStock(ready, freed, answered)
        assert curve.risk() == pytest.approx(exact.risk(), abs=0.004)
        assert curve.shortage() == pytest.approx(exact.shortage(), abs=0.02)

    @pytest.mark.parametrize("kind", [ExactStock, NormalStock])
    def test_agents_enough_for_every_call_are_no_risk(self, kind: type[ExactStock]) -> None:
        assert kind(5, [0.2], [0.9] * 4).risk() == 0.0
        assert kind(0, [], [0.9]).risk() == pytest.approx(1.0)


class TestGivingUp:
    """Calls that have rung long enough, when the agents run out."""

    def test_the_oldest_goes_first(self) -> None:
        rings, lawful = [18.0, 24.0, 16.0, 5.0], [True, True, True, False]
        gone = [given_up(ready, [], [0.4] * 4, rings, lawful) for ready in (4, 3, 2, 1)]
        assert gone[0] == ()
        assert gone[-1] == (0, 1, 2)
        assert (1,) in gone or (0, 1) in gone

    def test_a_call_that_has_not_rung_long_enough_rings_on(self) -> None:
        assert given_up(-2, [], [0.9, 0.9], [30.0, 30.0], [False, False]) == ()

    def test_lawfulness_not_told_is_not_given(self) -> None:
        assert given_up(-2, [], [0.9, 0.9], [30.0, 30.0], [True]) == (0,)


class TestLearning:
    """Hazards from what ended and from what runs."""

    def _hazard(self) -> Hazard:
        return Hazard((10, 20), [(0.5, 1.0)] * 3, half_life=1e9)

    def test_a_rate_is_what_ended_by_the_seconds_spent(self) -> None:
        hazard = self._hazard()
        for age in (4.0, 8.0, 15.0, 30.0):
            hazard.ended(age)
        first, second, third = _long(hazard)
        assert first == pytest.approx((0.5 + 2) / (1 + 4 + 8 + 10 + 10))
        assert second == pytest.approx((0.5 + 1) / (1 + 5 + 10))
        assert third == pytest.approx((0.5 + 1) / (1 + 10))

    def test_who_still_talks_counts_as_having_talked_so_long(self) -> None:
        hazard = self._hazard()
        hazard.ended(4.0)
        first, second, _ = _long(hazard, [25.0, 12.0])
        assert first == pytest.approx((0.5 + 1) / (1 + 4 + 10 + 10))
        assert second == pytest.approx(0.5 / (1 + 10 + 2))

    def test_a_dial_that_failed_is_time_spent_without_an_answer(self) -> None:
        hazard = self._hazard()
        hazard.ended(5.0, happened=False)
        assert _long(hazard)[0] == pytest.approx(0.5 / 6)

    def test_half_is_forgotten_after_the_half_life(self) -> None:
        hazard = Hazard((10,), [(0.0, 1e-9)] * 2, half_life=50)
        for _ in range(2000):
            hazard.ended(5.0)
        for _ in range(50):
            hazard.ended(10.0 - 1e-9)
        assert _long(hazard)[0] == pytest.approx(1 / 7.5, rel=0.01)

    def test_a_long_campaign_does_not_outgrow_its_weights(self) -> None:
        hazard = Hazard((10,), [(0.1, 1.0)] * 2, half_life=1)
        for _ in range(200):
            hazard.ended(5.0)
        assert _long(hazard)[0] == pytest.approx(2 / (1 + 10), rel=0.3)

    def test_a_small_surprise_is_doubted_and_a_great_one_followed(self) -> None:
        calm, tripled = self._watched(0.12), self._watched(0.3)
        assert calm == pytest.approx(0.1, rel=0.1)
        assert tripled == pytest.approx(0.3, rel=0.2)

    def test_a_thousand_agents_first_minute_is_no_surprise_when_it_is_as_expected(self) -> None:
        hazard = Hazard((1000,), [(0.1, 1e6)] * 2, half_life=1e9)
        for _ in range(30):
            for _ in range(100):
                hazard.ended(5.0)
            hazard.lived([5.0] * 1000, 1.0)
        assert hazard.rates(())[0] == pytest.approx(0.1, rel=0.02)

    def _watched(self, rate: float) -> float:
        """The rate believed after a minute of ``rate``, where 0.1 was believed firmly."""
        hazard = Hazard((1000,), [(0.1, 1e6)] * 2, half_life=1e9)
        for second in range(60):
            hazard.lived([5.0] * 5, 1.0)
            for _ in range(round(5 * rate * (second + 1)) - round(5 * rate * second)):
                hazard.ended(5.0)
        return hazard.rates(())[0]


def _long(hazard: Hazard, running: list[float] | None = None) -> list[float]:
    hazard.rates(running or [])
    rates: list[float] = hazard.snapshot()["rates"]
    return rates


def test_competing_ends_of_a_dial_share_it() -> None:
    answer, failure = [0.02] * (DIAL_SECONDS + 1), [0.06] * (DIAL_SECONDS + 1)
    at_all, soon, mean = dial_tables(answer, failure)
    assert at_all[0] == pytest.approx(0.25)
    assert at_all[30] == pytest.approx(0.25)
    assert soon[0] == pytest.approx(0.25 * (1 - math.exp(-0.08 * 5)))
    assert mean == pytest.approx(1 / 0.08, rel=0.1)
