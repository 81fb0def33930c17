"""The dialer's core: which calls are placed, through which gates, and what becomes of leads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialer.compliance import WindowRule
from dialer.core import IllegalMove, UnknownCampaign
from dialer.counts import Past, Tally
from dialer.dispositions import Disposition
from dialer.messages import (
    AttemptHeld,
    AttemptLetGo,
    AttemptRefused,
    AttemptResumed,
    CampaignMoved,
    CampaignState,
    Cancel,
    CodeGiven,
    FloorSeen,
    GiveUp,
    Moved,
    NumberSuppressed,
    Paced,
    QueueSeen,
    ReturnLead,
    TalkOver,
    TrustChanged,
)
from dialer.placing import NEVER_SECONDS
from dialer.plan import Mode
from dialer.trunks import TrunkLimits
from tests.unit.dialing_floor import ANY_HOUR, NOON, OFFICE, Story, agent, campaign, lead

TWO = (agent("mai"), agent("john"))


def limited_by(decisions, name="spring"):
    return next(d.limited_by for d in decisions if isinstance(d, Paced) and d.campaign == name)


def returned(decisions):
    return [(d.candidate.lead, d.why) for d in decisions if isinstance(d, ReturnLead)]


def moves(decisions):
    return [(d.campaign, d.new, d.by) for d in decisions if isinstance(d, Moved)]


# -- how many ----------------------------------------------------------------------------------


def test_a_progressive_campaign_places_one_call_for_each_free_agent():
    story = Story((campaign(),))
    story.fill(*map(lead, range(1, 9)))

    first = story.dialed(story.look(*TWO))
    assert [plan.lead for plan in first] == [1, 2]
    assert story.dialed(story.look(*TWO)) == []

    for plan, who in zip(first, ("mai", "john"), strict=True):
        story.tell(AttemptHeld(plan.attempt, who))
    held = (agent("mai", "offered"), agent("john", "offered"))
    assert story.dialed(story.look(*held)) == []
    story.end(first[0], Disposition.NO_ANSWER)
    assert [plan.lead for plan in story.dialed(story.look(agent("mai"), held[1]))] == [3]


def test_an_agent_who_does_not_want_a_previewed_lead_leaves_it_to_the_next_one():
    story = Story((campaign(mode="preview"),))
    story.fill(*map(lead, range(1, 5)))
    [plan] = story.dialed(story.look(agent("mai")))
    story.tell(AttemptHeld(plan.attempt, "mai"))
    story.tell(AttemptLetGo(plan.attempt))

    assert story.dialed(story.look(agent("john"))) == []  # the same lead is for him
    assert len(story.dialed(story.look(*TWO))) == 1


def test_a_power_campaign_places_its_ratio_and_counts_who_waits():
    story = Story((campaign(mode="power", ratio=3),))
    story.fill(*map(lead, range(1, 20)))
    plans = story.dialed(story.look(*TWO))
    assert len(plans) == 5  # calls_per_second
    plans += story.dialed(story.look(*TWO))
    assert len(plans) == 6
    story.ring(plans[0])
    story.answer(plans[0])
    assert story.dialed(story.look(*TWO)) == []


def test_a_broadcast_keeps_its_lines_busy_without_any_agent():
    story = Story((campaign(mode="broadcast", lines=3, calls_per_second=50),))
    story.fill(*map(lead, range(1, 9)))
    plans = story.dialed(story.look())
    assert len(plans) == 3
    story.end(plans[0], Disposition.SERVED)
    assert len(story.dialed(story.look())) == 1


def test_in_a_manual_campaign_only_agents_dial():
    story = Story((campaign(mode="manual"),))
    story.fill(*map(lead, range(1, 9)))
    assert story.dialed(story.look(*TWO)) == []

    decisions, permission = story.dialer.dial_manually("spring", "mai", lead(7), story.now)
    [plan] = story.dialed(decisions)
    assert permission.allowed
    assert (plan.mode, plan.agent, plan.lead) == (Mode.MANUAL, "mai", 7)


def test_who_pauses_rests_or_talks_is_not_dialed_for():
    story = Story((campaign(),))
    story.fill(*map(lead, range(1, 9)))
    away = [agent(f"a{i}", state) for i, state in enumerate(("paused", "talking", "wrap_up"))]
    assert story.dialed(story.look(*away, agent("rest", resting=True))) == []
    assert limited_by(story.told[-1:]) == "no more were wanted"


def test_what_a_campaign_lacks_is_said_when_it_wants_no_calls():
    story = Story((campaign(),))
    story.fill(*map(lead, range(1, 9)))
    story.look()
    assert limited_by(story.told[-1:]) == "nobody works in the queue out"

    story = Story((campaign(),))
    story.fill(exhausted=True)
    story.look(*TWO)
    assert limited_by(story.told[-1:]) == "nobody in its lists may be called now"


def test_calls_ringing_are_given_up_only_after_the_least_ring_time_and_once():
    story = Story((campaign(mode="predictive"),))
    story.fill(*map(lead, range(1, 60)))
    agents = [agent(f"a{i}") for i in range(10)]
    rings = []
    for _ in range(10):
        rings += story.dialed(story.look(*agents))
        for plan in rings:
            story.ring(plan) if story.dialer.attempt(plan.attempt).dialed is None else None
    began = story.now
    given_up = []
    while story.now < began + 30:
        gone = story.look(agent("a0", "talking", story.now))
        given_up += [d.attempt for d in gone if isinstance(d, GiveUp)]
        if given_up and story.now < began + 5:
            pytest.fail("hung up before the least ring time")
    assert given_up
    assert len(given_up) == len(set(given_up))


# -- the gates ---------------------------------------------------------------------------------


def test_nobody_is_dialed_until_lists_clock_and_ledger_are_trusted():
    story = Story((campaign(),))
    story.fill(lead(1))
    story.tell(TrustChanged("the national list is 40 days old"))
    decisions = story.look(*TWO)
    assert (story.dialed(decisions), limited_by(decisions)) == (
        [],
        "the national list is 40 days old",
    )
    story.tell(TrustChanged(""))
    assert len(story.dialed(story.look(*TWO))) == 1


@pytest.mark.parametrize("state", ["paused", "draining", "done"])
def test_a_campaign_that_does_not_run_gives_its_leads_back_and_dials_nobody(state):
    story = Story((campaign(),))
    story.fill(lead(1), lead(2))
    back = story.tell(CampaignMoved("spring", CampaignState(state), "lan", "enough"))
    assert returned(back) == [(n, f"the campaign is {state}") for n in (1, 2)]
    assert story.dialed(story.look(*TWO)) == []


@pytest.mark.parametrize("state", ["paused", "draining", "done"])
def test_a_lead_that_an_agent_looks_at_is_not_dialed_any_more_when_its_campaign_stops(state):
    story = Story((campaign(mode="preview"),))
    story.fill(*map(lead, range(1, 9)))
    looked_at, rings = story.dialed(story.look(*TWO))
    story.tell(AttemptHeld(looked_at.attempt, "mai"))
    story.tell(AttemptHeld(rings.attempt, "john"))
    story.ring(rings)
    moved = story.tell(CampaignMoved("spring", CampaignState(state), "lan"))
    assert [d for d in moved if isinstance(d, Cancel)] == [
        Cancel(looked_at.attempt, f"the campaign is {state}")
    ]


def test_leads_that_come_after_the_pause_go_back():
    story = Story((campaign(),))
    story.tell(CampaignMoved("spring", CampaignState.PAUSED, "lan"))
    story.fill(lead(1))
    assert returned(story.told[-1:]) == [(1, "the campaign does not run")]


def test_a_campaign_whose_calendar_is_closed_dials_nobody():
    story = Story((campaign(calendar="office"),))
    story.fill(lead(1))
    decisions = story.look(*TWO, closed=frozenset({"spring"}))
    assert limited_by(decisions) == "the calendar office is closed"
    assert story.dialed(decisions) == []


def test_before_its_start_a_campaign_waits_and_after_its_stop_it_drains_and_is_done():
    begins, ends = "2026-09-22T00:00:00+00:00", "2026-09-22T00:01:00+00:00"
    story = Story((campaign(start=begins, stop=ends),), now=1_790_035_190.0)
    story.fill(*map(lead, range(1, 99)))
    assert limited_by(story.look(*TWO)) == f"it begins at {begins}"
    story.now += 10
    [first, _] = story.dialed(story.look(*TWO))
    story.now += 60
    assert ("spring", CampaignState.DRAINING, "schedule") in moves(story.look(*TWO))
    for name in list(story.dialer.campaigns["spring"].attempts):
        story.end(replace(first, attempt=name), Disposition.NO_ANSWER)
    assert moves(story.look(*TWO)) == [("spring", CampaignState.DONE, "schedule")]


def test_a_lead_outside_its_hours_goes_back_until_they_begin():
    story = Story((campaign(),), rules=OFFICE)
    story.now = NOON - 43200 + 20 * 3600  # 03:00 in Vietnam
    story.fill(lead(1))
    [back] = [d for d in story.look(*TWO) if isinstance(d, ReturnLead)]
    assert back.why == "hours"
    assert back.due > story.now
    assert (back.due / 3600 + 7) % 24 == 8


def test_a_listed_number_is_never_dialed_and_suppressed_for_good():
    story = Story((campaign(),))
    story.fill(lead(1, suppressed="own"))
    [back] = [d for d in story.look(*TWO) if isinstance(d, ReturnLead)]
    assert (back.candidate.lead, back.suppress) == (1, True)


def test_who_opts_out_is_out_of_the_hopper_at_once_and_of_what_waits_for_an_agent():
    story = Story((campaign(mode="preview"),))
    story.fill(lead(1), lead(2), lead(3))
    [plan] = story.dialed(story.look(agent("mai")))
    assert story.dialer.permits(plan.attempt, story.now) == ""
    for number in (plan.number, lead(3).number):
        story.tell(NumberSuppressed(number, "opted out"))

    assert story.dialer.permits(plan.attempt, story.now) != ""
    assert [d.candidate.lead for d in story.told if isinstance(d, ReturnLead) and d.suppress] == [3]
    assert [p.lead for p in story.dialed(story.look(*TWO))] == [2]


def test_what_the_law_never_permits_is_not_asked_for_again_and_again():
    story = Story((campaign(),), rules=OFFICE.model_copy(update={"consent": "always"}))
    story.fill(lead(1))
    [back] = [d for d in story.look(*TWO) if isinstance(d, ReturnLead)]
    assert (back.why, back.suppress) == ("consent", False)
    assert back.due == story.now + NEVER_SECONDS


def test_a_number_that_no_rule_lets_out_is_not_dialed_and_the_next_one_is():
    story = Story((campaign(),))
    story.fill(lead(1, number="+12125550123", region="US"), lead(2))
    assert [plan.lead for plan in story.dialed(story.look(agent("mai")))] == [2]
    assert returned(story.told) == [(1, "no rule of `outbound` lets it be dialed")]


def test_the_same_number_is_not_dialed_again_within_the_gap_whichever_campaign_wants_it():
    story = Story((campaign("spring"), campaign("summer")))
    twin = lead(2, number=lead(1).number)
    story.fill(lead(1))
    [plan] = story.dialed(story.look(*TWO))
    story.ring(plan)
    story.fill(twin, campaign="summer")
    decisions = story.look(*TWO)
    assert story.dialed(decisions) == []
    assert [each[0] for each in returned(decisions)] == [2]


def test_whom_no_agent_was_there_for_is_dialed_again_only_with_one_held():
    story = Story((campaign(mode="predictive"),))
    story.fill(lead(1, abandoned=NOON - 86400), lead(2))
    modes = {plan.lead: plan.mode for plan in story.dialed(story.look(*TWO))}
    assert modes[1] is Mode.PROGRESSIVE
    assert modes[2] is Mode.PREDICTIVE


# -- limits ------------------------------------------------------------------------------------


def test_the_campaigns_own_pace_and_channels_bind():
    story = Story((campaign(mode="power", ratio=20, calls_per_second=2, channels=3),))
    story.fill(*map(lead, range(1, 30)))
    assert len(story.dialed(story.look(*TWO))) == 2
    decisions = story.look(*TWO)
    assert (len(story.dialed(decisions)), limited_by(decisions)) == (1, "channels")


def test_a_full_trunk_leaves_the_call_to_the_next_one_and_then_to_later():
    limits = dict.fromkeys(("main", "second"), TrunkLimits(channels=1, calls_per_second=9))
    story = Story((campaign(mode="power", ratio=9, trunks=["main", "second"]),), limits=limits)
    story.fill(*map(lead, range(1, 30)))
    plans = story.dialed(story.look(*TWO))
    assert [plan.trunk for plan in plans] == ["main", "second"]
    decisions = story.look(*TWO)
    assert (story.dialed(decisions), limited_by(decisions)) == ([], "no trunk has room")
    story.end(plans[1], Disposition.BUSY)
    assert [plan.trunk for plan in story.dialed(story.look(*TWO))] == ["second"]


def test_abandoned_calls_of_yesterday_by_the_callees_clock_count_no_more_today():
    day = WindowRule(kind="rolling", days=1, zone="Asia/Ho_Chi_Minh")
    story = Story((campaign(),), rules=ANY_HOUR.model_copy(update={"windows": (day,)}))
    running = story.dialer.campaigns["spring"]
    midnight = NOON + 5 * 3600  # in Vietnam
    running.recall(Past(), [Tally(midnight - 900, 40, 3), Tally(midnight, 10, 1)])
    running.count(midnight + 1800, answered=2)
    [window] = running.windows
    totals = window.totals(midnight + 3600)
    assert (totals.answered, totals.abandoned, totals.since) == (12, 1, midnight)


def test_what_hinders_a_campaign_is_no_busy_second_but_a_trunk_that_is_used_up_for_today():
    limits = {"main": TrunkLimits(calls_per_day=2, calls_per_second=1)}
    story = Story((campaign(mode="power", ratio=9),), limits=limits)
    story.fill(*map(lead, range(1, 9)))
    story.look(*TWO)
    assert story.dialer.hindrances("spring", story.now) == []
    story.now += 2
    story.look(*TWO)
    for plan in story.dialed(story.told):
        story.end(plan, Disposition.BUSY)
    hindered = ["trunk main: 2 of 2 calls in 24 hours"]
    assert story.dialer.hindrances("spring", story.now + 60) == hindered


def test_leads_of_a_trunk_without_room_hold_up_nobody_whom_another_one_reaches():
    limits = {"main": TrunkLimits(channels=1, calls_per_second=9), "abroad": TrunkLimits()}
    story = Story((campaign(mode="power", ratio=9),), limits=limits)
    story.ways = {"+852": "abroad"}
    abroad = lead(7, number="+85230001234", zones=("Asia/Hong_Kong",), region="HK")
    story.fill(lead(1), lead(2), lead(3), abroad)
    assert [plan.lead for plan in story.dialed(story.look(*TWO))] == [1, 7]
    story.end(story.dialed(story.told)[0], Disposition.BUSY)
    assert [plan.lead for plan in story.dialed(story.look(*TWO))] == [2]  # as they stood


def test_a_lead_that_waits_for_a_trunk_grows_stale_all_the_same():
    story = Story((campaign(),), limits={"main": TrunkLimits(channels=1, calls_per_second=9)})
    story.fill(lead(1), lead(2))
    story.look(*TWO)
    for _ in range(8):
        story.now += 100
        story.look(*TWO)
    assert (2, "long in the hopper") in returned(story.told)


def test_a_refused_attempt_frees_its_place_and_its_trunk():
    limits = {"main": TrunkLimits(channels=1, calls_per_second=9)}
    story = Story((campaign(),), limits=limits)
    story.fill(lead(1), lead(2))
    [plan] = story.dialed(story.look(*TWO))
    story.tell(AttemptRefused(plan.attempt, "its number is on the list own"))
    assert [p.lead for p in story.dialed(story.look(*TWO))] == [2]


# -- campaigns ---------------------------------------------------------------------------------


def test_illegal_moves_and_unknown_campaigns_are_refused_and_change_nothing():
    story = Story((campaign(),))
    with pytest.raises(IllegalMove, match="running"):
        story.tell(CampaignMoved("spring", CampaignState.DRAFT, "lan"))
    with pytest.raises(UnknownCampaign):
        story.tell(CampaignMoved("autumn", CampaignState.RUNNING, "lan"))
    assert story.dialer.campaigns["spring"].state is CampaignState.RUNNING


def test_a_campaign_that_is_left_out_of_the_settings_drains_and_goes_when_its_calls_are_over():
    story = Story((campaign("spring"), campaign("summer")))
    story.fill(lead(1), campaign="summer")
    [plan] = story.dialed(story.look(*TWO))
    assert moves(story.configure(campaign("spring"))) == [
        ("summer", CampaignState.DRAINING, "settings")
    ]
    story.look(*TWO)
    story.end(plan, Disposition.BUSY)
    story.look(*TWO)
    assert list(story.dialer.campaigns) == ["spring"]


def test_a_change_of_settings_touches_no_call_under_way():
    story = Story((campaign(mode="power", ratio=5),))
    story.fill(*map(lead, range(1, 20)))
    plans = story.dialed(story.look(*TWO))
    story.configure(campaign(mode="power", ratio=1))
    assert story.dialer.campaigns["spring"].in_flight == len(plans)
    assert story.dialed(story.look(*TWO)) == []


def test_a_goal_that_is_reached_drains_the_campaign():
    story = Story((campaign(goals={"codes": {"sale": 2}}),))
    story.tell(CodeGiven("spring", "sale"))
    assert moves(story.look(*TWO)) == []
    story.tell(CodeGiven("spring", "sale"))
    assert moves(story.look(*TWO))[0] == ("spring", CampaignState.DRAINING, "schedule")


def test_an_attempt_of_the_last_run_counts_until_it_ends():
    story = Story((campaign(channels=1),))
    story.fill(lead(1), lead(2))
    [plan] = story.dialed(story.look(*TWO))
    after = Story((campaign(channels=1),))
    after.tell(AttemptResumed(plan))
    after.fill(lead(2))
    assert after.dialed(after.look(*TWO)) == []
    after.end(plan, Disposition.CONNECTED)
    assert [p.lead for p in after.dialed(after.look(*TWO))] == [2]


# -- callbacks ---------------------------------------------------------------------------------


def test_who_asked_to_be_called_comes_first_with_an_agent_held():
    story = Story((campaign(mode="predictive"),))
    story.fill(lead(1), lead(2, callback_due=NOON), lead(3, callback_due=NOON, owner="mai"))
    plans = {plan.lead: plan for plan in story.dialed(story.look(*TWO))}
    assert (plans[2].mode, plans[2].agent) == (Mode.PROGRESSIVE, "")
    assert (plans[3].mode, plans[3].agent, plans[3].callback) == (Mode.MANUAL, "mai", True)
    assert 1 not in plans  # both agents are as good as taken


# -- agents of several ------------------------------------------------------------------------


def test_two_campaigns_share_the_agents_and_none_is_starved():
    story = Story((campaign("spring", weight=100), campaign("summer")))
    for name in ("spring", "summer"):
        story.fill(*[lead(n + len(name) * 100) for n in range(1, 20)], campaign=name)
    agents = [agent(f"a{i}") for i in range(4)]
    plans = story.dialed(story.look(*agents))
    counts = {name: sum(p.campaign == name for p in plans) for name in ("spring", "summer")}
    assert counts == {"spring": 3, "summer": 1}


def test_agents_are_left_for_inbound_while_its_service_level_is_missed():
    story = Story((campaign(),))
    story.fill(*map(lead, range(1, 20)))
    both = [agent(f"a{i}", queues=("out", "support")) for i in range(4)]
    missed = (QueueSeen("support", 0, True),)
    assert len(story.dialed(story.look(*both, queues=missed))) == 3
    waits = (QueueSeen("support", 1, False),)
    other = Story((campaign(),))
    other.fill(*map(lead, range(1, 20)))
    assert other.dialed(other.look(*both, queues=waits)) == []


# -- what is told ------------------------------------------------------------------------------


def test_the_hopper_asks_for_leads_before_it_is_empty_and_rests_when_there_are_none():
    story = Story((campaign(),))
    [claim] = story.claims(story.look(*TWO))
    assert claim.count >= 20
    assert story.claims(story.look(*TWO)) == []  # on their way
    story.fill(exhausted=True)
    assert story.claims(story.look(*TWO)) == []
    story.now += 10
    assert len(story.claims(story.look(*TWO))) == 1


def test_leads_that_grew_stale_in_the_hopper_are_looked_up_anew():
    story = Story((campaign(),))
    story.fill(lead(1))
    story.now += 700
    assert returned(story.look()) == [(1, "long in the hopper")]


def test_every_look_says_in_numbers_why():
    story = Story((campaign(),))
    story.fill(lead(1))
    [paced] = [d for d in story.look(*TWO) if isinstance(d, Paced)]
    assert (paced.launch, paced.limited_by) == (1, "no lead is in the hopper")
    assert paced.numbers["agents"] == 2
    assert paced.numbers["ready"] == 2


def test_people_without_an_agent_count_once_against_the_cap():
    story = Story((campaign(mode="power", ratio=5),))
    story.fill(*map(lead, range(1, 20)))
    plans = story.dialed(story.look(*TWO))
    for plan in plans[:2]:
        story.ring(plan)
        story.answer(plan)
    story.connect(plans[0])
    story.drop(plans[1])
    story.look(*TWO)
    numbers = story.dialer.campaigns["spring"].paced.numbers
    assert (numbers["answered"], numbers["abandoned"]) == (2, 1)


# -- days, agents of one's own, goals ----------------------------------------------------------


def test_caller_ids_are_counted_anew_from_midnight():
    story = Story((campaign(caller_ids={"numbers": ["+842873000001"], "most_per_day": 1}),))
    story.fill(lead(1), lead(2))
    (first,) = story.dialed(story.look(agent("mai")))
    story.end(first, Disposition.BUSY)
    assert story.dialed(story.look(agent("mai"))) == []

    night = FloorSeen((agent("mai"),), midnight=story.now)
    assert [plan.lead for plan in story.dialed(story.tell(night))] == [2]


def test_an_attempt_that_the_store_has_told_meanwhile_counts_once():
    twice_a_day = campaign(attempts={"per_day": 2, "gap_seconds": 0})
    story = Story((twice_a_day,))
    story.fill(lead(1))
    (first,) = story.dialed(story.look(agent("mai")))
    story.ring(first)
    at = story.now - 0.4  # as its own note has it
    story.end(first, Disposition.BUSY)

    story.now += 900
    story.fill(lead(1, dialed=(at,)))
    assert [plan.lead for plan in story.dialed(story.look(agent("mai")))] == [1]


def test_a_personal_callback_waits_in_the_hopper_until_its_agent_is_free():
    story = Story((campaign(),))
    mine = lead(1, owner="mai", callback_due=NOON)
    story.fill(mine, lead(2))
    busy, john = agent("mai", "talking"), agent("john")
    assert [plan.lead for plan in story.dialed(story.look(busy, john))] == [2]

    (plan,) = story.dialed(story.look(agent("mai"), agent("john", "offered")))
    assert (plan.lead, plan.agent, plan.mode) == (1, "mai", Mode.MANUAL)


def test_an_agent_has_one_personal_callback_at_a_time():
    story = Story((campaign(),))
    story.fill(*[lead(i, owner="mai", callback_due=NOON) for i in (1, 2)])
    assert len(story.dialed(story.look(*TWO))) == 1
    assert story.dialed(story.look(*TWO)) == []


def test_a_personal_callback_that_is_too_late_is_anybodys():
    story = Story((campaign(callback_patience_seconds=60),))
    story.fill(lead(1, owner="mai", callback_due=NOON - 61))
    (plan,) = story.dialed(story.look(agent("john")))
    assert (plan.agent, plan.mode) == ("", Mode.PROGRESSIVE)


def test_whoever_waits_for_an_agent_of_his_own_keeps_no_others_out_of_the_hopper():
    story = Story((campaign(),))
    story.fill(*[lead(i, owner="mai", callback_due=NOON) for i in range(1, 41)])
    assert story.claims(story.look(agent("john")))


def test_a_personal_callback_finds_its_agent_also_while_he_counts_for_another_campaign():
    story = Story((campaign(), campaign("summer")))
    for name in ("spring", "summer"):
        story.fill(*map(lead, (1, 2) if name == "spring" else (3, 4)), campaign=name)
    story.look(agent("mai"))
    assert all("mai" in running.staff for running in story.dialer.campaigns.values())


@pytest.mark.parametrize("rests", ["closed", "nobody left", "manual"])
def test_a_campaign_that_dials_nobody_now_keeps_no_agents_from_the_others(rests):
    other = campaign("summer", mode="manual" if rests == "manual" else "progressive")
    story = Story((campaign(), other))
    story.fill(*map(lead, range(1, 9)))
    if rests == "nobody left":
        story.fill(campaign="summer", exhausted=True)
    closed = frozenset({"summer"} if rests == "closed" else ())
    assert len(story.dialed(story.look(*TWO, closed=closed))) == 2


def test_a_broadcast_calls_back_over_its_lines_only():
    story = Story((campaign(mode="broadcast", lines=2),))
    story.fill(*[lead(i, callback_due=NOON) for i in range(1, 9)])
    assert len(story.dialed(story.look())) == 2


def test_other_lists_hold_at_once():
    story = Story((campaign(),))
    story.fill(lead(1), lead(2))
    assert len(returned(story.configure(campaign(lists=["vip"])))) == 2
    assert returned(story.configure(campaign(lists=["vip"], ring_seconds=60))) == []


def test_what_an_agent_dials_himself_keeps_to_the_hours_of_the_campaign_and_says_why_not():
    story = Story((campaign(mode="manual"),), limits={"main": TrunkLimits(calls_per_second=1)})
    story.look(closed=frozenset({"spring"}))
    decisions, permission = story.dialer.dial_manually("spring", "mai", lead(1), story.now)
    assert (story.dialed(decisions), permission.allowed) == ([], False)
    assert "closed" in permission.why

    story.look()
    story.dialer.dial_manually("spring", "mai", lead(2), story.now)
    decisions, permission = story.dialer.dial_manually("spring", "mai", lead(3), story.now)
    assert returned(decisions) == [(3, permission.why)]
    assert permission.why == "no trunk has room"


def test_an_agent_dials_a_lead_out_of_the_hopper_himself():
    story = Story((campaign(),))
    story.fill(lead(1), lead(2))
    assert story.dialer.take("spring", 2) == lead(2)
    assert story.dialer.take("spring", 2) is None
    assert [plan.lead for plan in story.dialed(story.look(*TWO))] == [1]


def test_goals_count_the_whole_life_of_a_campaign():
    story = Story((campaign(goals={"dials": 100}),))
    story.dialer.campaigns["spring"].recall(Past(NOON, dialed=100), ())
    assert ("spring", CampaignState.DRAINING, "schedule") in moves(story.look())


def test_periods_of_law_begin_when_a_campaign_is_first_started():
    story = Story((campaign(),))
    running = story.dialer.campaigns["spring"]
    assert running.past.began == NOON
    running.recall(Past(NOON - 86400), ())
    story.tell(CampaignMoved("spring", CampaignState.PAUSED, "lan"))
    story.tell(CampaignMoved("spring", CampaignState.RUNNING, "lan"))
    assert running.past.began == NOON - 86400


def test_who_is_transferred_has_talked_once():
    story = Story((campaign(),))
    story.fill(lead(1))
    (plan,) = story.dialed(story.look(agent("mai")))
    story.ring(plan)
    story.answer(plan)
    story.connect(plan, "mai")
    story.tell(TalkOver(plan.attempt))
    story.connect(plan, "john")
    assert story.dialer.campaigns["spring"].counts.connected == 1
