"""Simulated campaigns: the real dialer among made callees and agents."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from pydantic import ValidationError

from dialer.dispositions import Disposition
from dialer.plan import AttemptPlan, Mode
from dialer.simulation.campaign_day import CampaignDays
from dialer.simulation.campaign_figures import CampaignFigures, Part
from dialer.simulation.campaign_study import days_of, study
from dialer.simulation.past import PastDial, TooLittlePast, callees_of
from dialer.simulation.scenario import CampaignScenario

CAMPAIGN = {
    "mode": "predictive",
    "machines": {"detect": True},
    "attempts": {"most": 3, "per_day": 3, "gap_seconds": 0},
    "calls_per_second": 20,
}


def scenario(campaign: dict[str, Any] | None = None, **more: Any) -> CampaignScenario:
    written = {
        "campaign": {**CAMPAIGN, **(campaign or {})},
        "leads": 5000,
        "agents": 8,
        "hours": 0.5,
        "callees": {"answered": 0.3},
    }
    return CampaignScenario.model_validate({**written, **more})


def run(days: CampaignScenario, mode: Mode = Mode.PREDICTIVE, seed: int = 1) -> CampaignFigures:
    return days_of(days, mode, seed)


def whole(days: CampaignScenario, mode: Mode = Mode.PREDICTIVE) -> Part:
    return run(days, mode).whole


def test_the_same_seed_gives_the_same_day() -> None:
    assert run(scenario(hours=0.1)) == run(scenario(hours=0.1))
    assert run(scenario(hours=0.1)) != run(scenario(hours=0.1), seed=2)


@pytest.mark.parametrize("mode", [Mode.PROGRESSIVE, Mode.PREVIEW])
def test_whose_agent_is_held_first_is_never_abandoned(mode: Mode) -> None:
    day = whole(scenario(), mode)
    assert day.connected == day.answered > 30
    assert day.abandoned == 0
    assert day.peak_lines <= 8


def test_predictive_keeps_agents_busier_than_progressive_and_preview() -> None:
    days = scenario(agents=12)
    busy = [whole(days, mode).utilisation for mode in (Mode.PREVIEW, Mode.PROGRESSIVE)]
    predictive = whole(days)
    assert [*busy, predictive.utilisation] == sorted([*busy, predictive.utilisation])
    assert predictive.utilisation - busy[1] > 0.05
    assert predictive.abandonment < 0.05


def test_a_higher_cap_abandons_more_and_keeps_agents_busier() -> None:
    strict, loose = (whole(scenario({"abandonment": {"cap_percent": cap}})) for cap in (0.5, 9))
    assert strict.abandoned < loose.abandoned
    assert strict.utilisation < loose.utilisation


def test_more_people_answer_where_the_scenario_says_so() -> None:
    day = run(scenario(callees={"answered": [0.1, 0.5]}, interval_minutes=15))
    first, second = day.intervals
    assert first.answer_rate == pytest.approx(0.1, abs=0.06)
    assert second.answer_rate == pytest.approx(0.5, abs=0.12)
    assert first.dialed > second.dialed
    assert first.dialed + second.dialed == day.whole.dialed


def test_agents_come_and_go_by_the_interval() -> None:
    day = run(scenario(agents=[4, 12, 0, 2], interval_minutes=7.5))
    staffed = [interval.staffed / 450 for interval in day.intervals]
    assert staffed[0] == pytest.approx(4, rel=0.02)
    assert staffed[1] == pytest.approx(12, rel=0.02)
    assert staffed[2] < 6  # those who talk still end their call
    assert staffed[3] == pytest.approx(2, abs=1.5)


def test_the_campaign_stays_within_the_lines_of_its_trunk() -> None:
    day = whole(scenario(trunks={"trunk": {"calls_per_second": 5, "channels": 5}}, hours=0.2))
    assert day.peak_lines == 5


def test_the_campaign_uses_the_pace_of_its_trunk_and_no_more() -> None:
    trunks = {"trunk": {"calls_per_second": 0.2, "channels": 90}}
    day = whole(scenario(trunks=trunks, agents=20, hours=0.2))
    assert 100 < day.dialed <= 0.2 * 720 + 1


def test_agents_talk_to_machines_that_nobody_tells_from_people() -> None:
    day = whole(scenario({"machines": {}}))
    told = whole(scenario())
    assert day.answer_rate == pytest.approx(0.3 + 0.7 * 0.35, abs=0.08)
    assert told.answer_rate == pytest.approx(0.3, abs=0.08)


def test_a_list_is_dialed_to_its_end_and_no_lead_oftener_than_allowed(monkeypatch) -> None:
    recycle = {kind: {"seconds": 60, "times": 9} for kind in ("busy", "no_answer", "machine")}
    days = scenario({"recycle": recycle}, leads=60, hours=2)
    simulated, dialed = CampaignDays(days, Mode.PROGRESSIVE, Random(1)), []
    known = simulated._list.dialed
    monkeypatch.setattr(
        simulated._list, "dialed", lambda lead, now: (dialed.append(lead), known(lead, now))
    )
    day = simulated.run()
    assert day.done == 60
    assert day.list_ended is not None
    assert day.list_ended < 2 * 3600
    assert day.whole.staffed == pytest.approx(8 * day.list_ended)
    assert set(dialed) == set(range(60))
    assert max(map(dialed.count, dialed)) == 3


def test_who_is_to_be_tried_tomorrow_is_dialed_on_the_next_day() -> None:
    one_a_day = {"attempts": {"most": 2, "per_day": 1, "gap_seconds": 0}}
    day = run(scenario(one_a_day, leads=40, days=2), Mode.PROGRESSIVE)
    assert day.list_ended is not None
    assert day.list_ended > 1800
    assert 40 < day.whole.dialed <= 80
    assert run(scenario(one_a_day, leads=40), Mode.PROGRESSIVE).list_ended is None


def everybody(ends: str) -> dict[str, Any]:
    """Callees whose dials all end so."""
    return {"answered": 0.0, "otherwise": {ends: 1}}


def test_each_number_of_a_lead_is_dialed_until_it_is_found_to_be_nobodys() -> None:
    callees = everybody("invalid_number")
    day = run(scenario(leads=20, numbers_per_lead=3, callees=callees), Mode.PROGRESSIVE)
    assert (day.done, day.whole.dialed) == (20, 60)
    assert day.list_ended is not None


def test_the_numbers_of_a_lead_are_dialed_in_turn_or_the_first_alone() -> None:
    recycle = {"no_answer": {"seconds": 0, "times": 9}}
    for turn, numbers in (("in_turn", 2), ("first", 1)):
        days = scenario(
            {"recycle": recycle, "numbers": turn},
            leads=5,
            numbers_per_lead=2,
            callees=everybody("no_answer"),
        )
        simulated, dialed = CampaignDays(days, Mode.PROGRESSIVE, Random(1)), set()
        began = simulated._begin
        simulated._begin = lambda plan, began=began, dialed=dialed: (
            dialed.add(plan.number),
            began(plan),
        )
        day = simulated.run()
        assert (day.done, len(dialed)) == (5, 5 * numbers)


def test_who_asks_to_be_called_back_is_called_then_and_an_agent_is_held_for_him() -> None:
    hour = {"type": "fixed", "seconds": 1200}
    callees = {"answered": 0.5, "call_back": 0.5, "call_back_after": hour}
    days = scenario(leads=60, hours=2, callees=callees)
    simulated, promised, kept = CampaignDays(days, Mode.PREDICTIVE, Random(1)), {}, []
    begin, end = simulated._begin, simulated._end

    def begun(plan: AttemptPlan) -> None:
        if plan.callback:
            kept.append((plan.mode, simulated._now - promised[plan.lead]))
        begin(plan)

    def ended(call: Any, disposition: Disposition, at: float | None = None) -> None:
        promised[call.plan.lead] = at if at is not None else promised.get(call.plan.lead)
        end(call, disposition, at)

    simulated._begin, simulated._end = begun, ended
    day = simulated.run()
    assert {mode for mode, _ in kept} == {Mode.PROGRESSIVE}
    assert min(late for _, late in kept) >= 0.0
    assert 0 < day.whole.called_back <= len(kept)
    assert day.whole.called_back < day.whole.connected


def test_a_list_with_somebody_to_be_called_back_is_not_at_its_end() -> None:
    tomorrow = {"type": "fixed", "seconds": 86400}
    callees = {"answered": 1.0, "call_back": 1.0, "call_back_after": tomorrow}
    day = run(scenario(leads=5, callees=callees), Mode.PROGRESSIVE)
    assert (day.done, day.list_ended, day.whole.connected) == (0, None, 5)
    two = run(scenario(leads=5, callees=callees, days=2), Mode.PROGRESSIVE)
    assert two.whole.called_back == 5


def broadcast(**more: Any) -> CampaignScenario:
    settings = {"mode": "broadcast", "lines": 6, "machines": {"detect": True}}
    talk = {"type": "fixed", "seconds": 30}
    written = {"campaign": settings, "agents": 0, "callees": {"answered": 0.4, "talk": talk}}
    return scenario(**{**written, **more})


def test_a_broadcast_serves_who_answers_on_its_lines_and_needs_no_agent() -> None:
    day = run(broadcast(), Mode.BROADCAST).whole
    assert day.peak_lines == 6
    assert day.connected > 60
    assert day.answered - day.connected == day.abandoned == 0
    assert day.answer_rate == pytest.approx(0.4, abs=0.1)
    agents = (day.utilisation, day.wait_between_calls, day.connected_per_hour, day.out_of_leads)
    assert set(agents) == {None}


def test_more_lines_of_a_broadcast_come_to_the_end_of_the_list_sooner() -> None:
    ends = []
    for lines in (5, 20):
        settings = {**CAMPAIGN, "mode": "broadcast", "lines": lines}
        callees = {"answered": 1.0, "ring": {"type": "fixed", "seconds": 5}}
        days = broadcast(campaign=settings, callees=callees, leads=60, hours=2)
        ends.append(run(days, Mode.BROADCAST))
    slow, fast = (day.list_ended for day in ends)
    assert fast is not None
    assert slow is not None
    assert fast < slow / 2


def test_beside_a_broadcast_no_mode_with_agents_is_shown() -> None:
    assert broadcast().compared == (Mode.BROADCAST,)


def test_agents_without_leads_are_told() -> None:
    day = whole(scenario(leads=20, hours=0.3))
    assert day.out_of_leads > 0.5


def test_nobody_is_dialed_outside_the_hours_of_the_law() -> None:
    days = scenario({"rules": ["vn"], "purpose": "advertising"}, start="07:45", interval_minutes=15)
    before, after = run(days).intervals
    assert before.dialed == 0
    assert after.dialed > 30


def test_the_day_ends_with_every_call_served() -> None:
    simulated = CampaignDays(scenario(hours=0.2), Mode.PREDICTIVE, Random(3))
    simulated.run()
    assert not simulated._calls


def test_drawings_are_put_together_with_their_intervals() -> None:
    days = scenario(hours=0.2, leads=30)
    drawn = [run(days, Mode.POWER, seed) for seed in (1, 2, 3)]
    found = study(days, Mode.POWER, drawn)
    assert found.drawn == 3
    assert found.whole["dialed"].mean == pytest.approx(sum(d.whole.dialed for d in drawn) / 3)
    assert found.ended == sum(d.list_ended is not None for d in drawn)
    assert found.done.mean == pytest.approx(sum(d.done for d in drawn) / 90)
    assert len(found.intervals) == 1


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"campaign": {**CAMPAIGN, "mode": "manual"}}, "mode `manual` cannot be simulated"),
        ({"modes": ["broadcast"]}, "`broadcast` is not among those compared"),
        ({"campaign": {"mode": "broadcast"}}, "a broadcast has no agents"),
        ({"campaign": {**CAMPAIGN, "rules": ["atlantis"]}}, "there are no rules `atlantis`"),
        ({"campaign": {**CAMPAIGN, "trunks": ["vnpt"]}}, "trunk `vnpt` is not among"),
        ({"agents": 0}, "there are no agents at all"),
        ({"zone": "Hanoi"}, "`Hanoi` is no time zone"),
        ({"region": "ZZ"}, "`ZZ` is no country with mobile phones"),
    ],
)
def test_a_scenario_that_cannot_be_run_says_why(more: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        scenario(**more)


# -- the campaign's own past --

ANSWERED = PastDial(9, Disposition.CONNECTED, set_up=2.0, ring=7.0, talk=90.0, wrap=15.0)
AWAY = PastDial(9, Disposition.NO_ANSWER, set_up=2.0)


def test_callees_are_as_the_campaign_met_them() -> None:
    past = [ANSWERED] * 40 + [AWAY] * 60 + [replace(AWAY, disposition=Disposition.BUSY)] * 60
    callees = callees_of(past, scenario())
    assert callees.answered == (0.25,)
    assert callees.otherwise == {"busy": 60.0, "no_answer": 60.0}
    assert callees.talk.mean_seconds() == 90.0
    assert callees.wrap_up.mean_seconds() == 15.0
    assert callees.ring.mean_seconds() == 7.0
    assert callees.machine_ring is None  # too few machines were met
    day = whole(scenario(callees=callees))
    assert day.answer_rate == pytest.approx(0.25, abs=0.08)


def test_what_the_past_does_not_know_is_as_the_scenario_says() -> None:
    own = {"answered": 0.9, "talk": {"type": "fixed", "seconds": 25}, "call_back": 0.1}
    callees = callees_of([AWAY] * 60, scenario(callees=own))
    assert callees.answered == (0.0,)
    assert (callees.talk.mean_seconds(), callees.call_back) == (25, 0.1)


def test_each_hour_answers_as_it_did_and_one_that_is_not_known_as_all_did() -> None:
    past = [ANSWERED] * 40 + [AWAY] * 40 + [replace(AWAY, hour=10)] * 80
    callees = callees_of(past, scenario(hours=3, start="09:00", interval_minutes=30))
    assert callees.answered == (0.5, 0.5, 0.0, 0.0, 0.25, 0.25)


def test_our_own_faults_tell_nothing_of_callees_and_calls_given_up_were_not_answered() -> None:
    ours = [replace(AWAY, disposition=Disposition.FAILED)] * 50
    given_up = [replace(AWAY, disposition=Disposition.GIVEN_UP)] * 20
    callees = callees_of([ANSWERED] * 20 + given_up + ours, scenario())
    assert callees.answered == (0.5,)
    assert callees.otherwise == {"no_answer": 20.0}


def test_a_campaign_that_hardly_dialed_has_no_past() -> None:
    with pytest.raises(TooLittlePast, match="5 dials are too few"):
        callees_of([ANSWERED] * 5, scenario())
