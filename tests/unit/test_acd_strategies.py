"""Who of several agents, which of several contacts, and how many phones."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from acd.messages import (
    AgentReady,
    ContactLeft,
    ContactQueued,
    DayBegan,
    LeaveReason,
    Offer,
    OfferAccepted,
    OfferOutcome,
    OfferRefused,
    PriorityChanged,
    TalkEnded,
)
from acd.queues import OfferMode
from tests.acd_story import Story, contacts

NAMES = ("anna", "binh", "chi")


def center(strategy: str = "longest_idle", agents: Any = NAMES, **queue: Any) -> Story:
    """Agents who sat down in this order."""
    story = Story({"sales": {"strategy": strategy, **queue}, "support": {}}, agents)
    story.log_in(" ".join(story.agents), 0)
    return story


def served(story: Story, contact: str, at: float, talk: float = 1) -> str:
    """A contact comes, is answered at once and talks so long: by whom?"""
    story.queue(contact, at)
    (agent,) = story.ringing(contact)
    story.answer(contact, at)
    story.end(contact, at + talk)
    return agent


# -- who of several ------------------------------------------------------------------------------


def test_longest_idle_goes_by_the_end_of_the_last_work_of_any_kind() -> None:
    story = center()
    assert [served(story, f"c{n}", 10 + 2 * n) for n in range(4)] == ["anna", "binh", "chi", "anna"]
    story.work("binh", "his own call", 20)
    story.tell_at(30, TalkEnded("binh", "his own call"))
    assert [served(story, f"d{n}", 40 + 2 * n) for n in range(3)] == ["chi", "anna", "binh"]


def test_most_idle_today_goes_by_the_sum_of_the_day() -> None:
    story = center("most_idle_today")
    assert served(story, "c1", 100, talk=50) == "anna"
    assert served(story, "c2", 151, talk=10) == "binh"
    assert served(story, "c3", 162, talk=1) == "chi"
    assert served(story, "c4", 170) == "chi", "idle for 167 s: binh 159 s, anna 120 s"
    story.tell_at(200, DayBegan())
    assert served(story, "c5", 210) == "anna", "since midnight all alike: then idle longest"


def test_at_midnight_the_sums_begin_anew() -> None:
    story = center("most_idle_today", ["anna", "binh"])
    story.pause("binh", 5)
    story.until(1000)
    story.tell_at(1000, DayBegan())
    story.tell_at(1001, AgentReady("binh"))
    story.work("anna", "w", 1002)
    story.tell_at(1050, TalkEnded("anna", "w"))
    assert served(story, "c1", 1060) == "binh", "59 s today, anna 12 s"


def test_the_day_of_an_agent_who_is_idle_since_yesterday_outlives_a_restart() -> None:
    story = center("most_idle_today", ["anna"])
    story.tell_at(1000, DayBegan())
    story.until(1100)
    story.acd = story.reborn()
    story.queue("c1", 1200)
    assert story.offer_of("c1").why.candidates[0].detail == "idle 200 s today"


def test_fewest_contacts_goes_by_those_answered_today_and_begins_anew_at_midnight() -> None:
    story = center("fewest_contacts")
    for number, agent in enumerate(["anna", "binh", "chi", "anna", "binh"]):
        assert served(story, f"c{number}", 10 + 2 * number) == agent
    assert served(story, "c6", 30) == "chi"
    assert [story.agent(name).contacts_today for name in NAMES] == [2, 2, 2]
    story.queue("missed", 40)
    story.give_up("missed", 41)
    assert story.agent("anna").contacts_today == 2, "not answered, not counted"
    story.tell_at(50, DayBegan())
    assert [story.agent(name).contacts_today for name in NAMES] == [0, 0, 0]


def test_round_robin_remembers_whose_turn_it_was_also_when_he_did_not_answer() -> None:
    story = center("round_robin", ring_seconds=5, retry_seconds=5)
    story.queue("c1", 10)
    assert story.ringing("c1") == ["anna"]
    story.until(15)
    assert story.ringing("c1") == ["binh"]
    story.answer("c1", 16)
    story.end("c1", 17)
    assert [served(story, f"d{n}", 30 + 2 * n) for n in range(4)] == ["chi", "anna", "binh", "chi"]


def test_round_robin_has_its_memory_per_queue_and_through_a_restart() -> None:
    story = center("round_robin")
    served(story, "c1", 10)
    story.queue("other", 20, "support")
    assert story.ringing("other") == ["binh"]
    story.answer("other", 20)
    story.end("other", 21)
    story.acd = story.reborn()
    assert [served(story, f"d{n}", 30 + 2 * n) for n in range(3)] == ["chi", "binh", "anna"]


def test_linear_goes_by_the_order_of_the_file() -> None:
    story = Story({"sales": {"strategy": "linear"}}, NAMES)
    story.log_in("chi binh anna", 0)
    assert [served(story, f"c{n}", 10 + 2 * n) for n in range(3)] == ["anna"] * 3
    story.pause("anna", 20)
    assert served(story, "c4", 30) == "binh"


def test_the_best_skilled_goes_by_the_levels_that_the_need_names_then_by_idle_time() -> None:
    agents = {
        "anna": {"skills": {"vi": 3, "golf": 90}},
        "binh": {"skills": {"vi": 5}},
        "chi": {"skills": {"vi": 5}},
    }
    story = center("best_skilled", agents, needs=["vi >= 1"])
    assert [served(story, f"c{n}", 10 + 2 * n) for n in range(3)] == ["binh", "chi", "binh"]


def test_random_goes_by_weight_and_a_replay_draws_the_same() -> None:
    agents = {"anna": {"weight": 1}, "binh": {"weight": 3}}
    drawn = []
    for _ in range(2):
        story = center("random", agents)
        drawn.append([served(story, f"c{n}", 10 + 2 * n) for n in range(400)])
    assert drawn[0] == drawn[1]
    counts = Counter(drawn[0])
    assert 0.68 < counts["binh"] / 400 < 0.82
    assert any(a == b for a, b in zip(drawn[0], drawn[0][1:], strict=False)), "not in turn"


@pytest.mark.parametrize(
    "strategy",
    ["longest_idle", "most_idle_today", "fewest_contacts", "round_robin", "random", "linear"],
)
def test_a_lower_tier_comes_first_in_every_strategy(strategy: str) -> None:
    agents = {"anna": {"tiers": {"sales": 2}}, "binh": {"tiers": {"sales": 1}}, "chi": {}}
    story = center(strategy, agents)
    rings = []
    for number in range(3):
        story.queue(f"c{number}", 10)
        rings += story.ringing(f"c{number}")
    assert rings == ["chi", "binh", "anna"]


# -- how many phones -----------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "rings"), [(1, 1), (2, 2), (3, 3), ("all", 4)])
def test_as_many_phones_ring_as_the_queue_says(width: Any, rings: int) -> None:
    story = center(agents=["anna", "binh", "chi", "dung"], ring_width=width)
    story.queue("c1", 10)
    assert len(story.ringing("c1")) == rings


def test_each_caller_has_one_phone_before_any_has_a_second() -> None:
    story = center(ring_width="all")
    for name in NAMES:
        story.work(name, f"with {name}", 5)
    story.queue("c1", 10)
    story.queue("c2", 11)
    story.tell_at(20, TalkEnded("anna", "with anna"))
    story.tell_at(21, TalkEnded("binh", "with binh"))
    assert (story.ringing("c1"), story.ringing("c2")) == (["anna"], ["binh"])
    story.tell_at(22, TalkEnded("chi", "with chi"))
    assert story.ringing("c1") == ["anna", "chi"], "the first in line has the next"


def test_who_becomes_free_rings_for_one_who_rings_already() -> None:
    story = center(ring_width=2)
    for name in ("binh", "chi"):
        story.work(name, f"with {name}", 5)
    story.queue("c1", 10)
    assert story.ringing("c1") == ["anna"]
    story.tell_at(15, TalkEnded("binh", "with binh"))
    story.tell_at(16, TalkEnded("chi", "with chi"))
    assert story.ringing("c1") == ["anna", "binh"], "two, not three"


def test_a_phone_that_refuses_is_replaced_and_each_rings_its_own_time() -> None:
    story = center(ring_width=2, ring_seconds=10, retry_seconds=60, rejected_seconds=60)
    story.queue("c1", 10)
    anna = story.offer_of("c1", "anna").offer
    assert contacts(story.tell_at(15, OfferRefused(anna, OfferOutcome.REJECTED))) == [
        "offer c1 to chi"
    ]
    assert contacts(story.until(20)) == ["withdraw c1 from binh: timed_out"]
    assert story.ringing("c1") == ["chi"]
    assert contacts(story.until(25)) == ["withdraw c1 from chi: timed_out"]


def test_the_first_answer_has_the_caller_and_the_others_are_free_at_their_old_place() -> None:
    story = center(ring_width="all", max_misses=1)
    story.queue("c1", 10)
    assert sorted(contacts(story.answer("c1", 15, "chi"))) == [
        "withdraw c1 from anna: lost_race",
        "withdraw c1 from binh: lost_race",
    ]
    assert [story.state_of(name) for name in NAMES] == ["ready", "ready", "talking"]
    story.configure({"sales": {}}, NAMES, 16)
    assert served(story, "c2", 20) == "anna", "still idle since he sat down"


def test_a_caller_who_hangs_up_while_all_phones_ring_blames_nobody() -> None:
    story = center(ring_width="all", max_misses=1)
    story.queue("c1", 10)
    story.give_up("c1", 15)
    assert [story.agent(name).misses for name in NAMES] == [0, 0, 0]
    assert story.offers == {}


def test_when_all_phones_rang_in_vain_the_caller_is_at_his_place_and_each_has_missed_it() -> None:
    story = center(ring_width="all", ring_seconds=10, retry_seconds=5, max_misses=2)
    story.queue("c1", 10)
    story.queue("c2", 11)
    story.until(20)
    assert story.ringing("c2") == list(NAMES), "those who missed the first are free for the second"
    assert story.line() == ["c1", "c2"]
    assert [story.agent(name).misses for name in NAMES] == [1, 1, 1]


@pytest.mark.parametrize(
    ("mode", "nailed_up", "offered"),
    [
        ("ring", False, OfferMode.RING),
        ("auto_answer", False, OfferMode.AUTO_ANSWER),
        ("preview", False, OfferMode.PREVIEW),
        ("ring", True, OfferMode.NAILED_UP),
        ("preview", True, OfferMode.NAILED_UP),
    ],
)
def test_an_offer_says_how_it_reaches_the_agent(
    mode: str, nailed_up: bool, offered: OfferMode
) -> None:
    story = center(agents={"anna": {"nailed_up": nailed_up}}, offer_mode=mode)
    story.queue("c1", 10)
    assert story.offer_of("c1").mode is offered


# -- which of several ----------------------------------------------------------------------------


def two_queues(general: dict[str, Any], vip: dict[str, Any]) -> Story:
    """One agent, who talks, for both."""
    story = Story({"general": general, "vip": vip}, ["mai"])
    story.log_in("mai", 0)
    story.work("mai", "w", 1)
    return story


def first(story: Story, at: float) -> str:
    (offer,) = [
        said for said in story.tell_at(at, TalkEnded("mai", "w")) if said.startswith("offer")
    ]
    return offer.split()[1]


@pytest.mark.parametrize(
    ("came", "wins"), [(131, "general"), (130, "general"), (129, "vip")], ids=str
)
def test_priority_is_said_in_seconds_of_waiting(came: float, wins: str) -> None:
    story = two_queues({}, {"offset_seconds": 120})
    story.queue("general", 10, "general")
    story.queue("vip", came, "vip")
    assert first(story, 200) == wins


@pytest.mark.parametrize(("at", "wins"), [(109, "general"), (111, "vip")])
def test_who_ages_faster_overtakes_when_his_time_has_come(at: float, wins: str) -> None:
    """From 10 at 1, from 60 at 2: level at 110."""
    story = two_queues({}, {"rate": 2})
    story.queue("general", 10, "general")
    story.queue("vip", 60, "vip")
    assert first(story, at) == wins


def test_a_score_is_told_in_seconds_of_age_with_offset_and_rate_in_it() -> None:
    story = two_queues({}, {"rate": 2, "offset_seconds": 30})
    story.queue("vip", 20, "vip", offset_seconds=-5)
    story.until(50)
    assert story.waiting("vip").score == 30 - 5 + 2 * 30
    story.tell_at(60, TalkEnded("mai", "w"))
    assert story.offer_of("vip").why.score == 30 - 5 + 2 * 40


def test_a_queue_whose_contacts_do_not_age_waits_for_the_others_by_its_offset() -> None:
    story = two_queues({}, {"rate": 0, "offset_seconds": 50})
    story.queue("vip", 10, "vip")
    story.queue("general", 20, "general")
    assert first(story, 69) == "vip"
    late = two_queues({}, {"rate": 0, "offset_seconds": 50})
    late.queue("vip", 10, "vip")
    late.queue("general", 20, "general")
    assert first(late, 71) == "general"


def test_a_contacts_own_priority_adds_to_the_queues_and_may_change() -> None:
    story = two_queues({}, {"offset_seconds": 30})
    story.queue("old", 10, "general")
    story.queue("vip", 30, "vip", offset_seconds=-20)
    story.queue("mine", 60, "general", offset_seconds=45)
    scores = {name: story.waiting(name).score for name in ("old", "vip", "mine")}
    assert scores == {"old": 50, "vip": 40, "mine": 45}
    story.tell_at(60, PriorityChanged("vip", 0))
    assert first(story, 61) == "vip"


@pytest.mark.parametrize("seconds", [float("nan"), float("inf")])
def test_an_age_that_is_no_number_is_refused(seconds: float) -> None:
    story = two_queues({}, {})
    story.queue("old", 10, "general")
    new = ContactQueued("new", "general", seconds)
    assert "no seconds" in story.refused(20, PriorityChanged("old", seconds))
    assert "no seconds" in story.refused(20, new)
    assert "no seconds" in story.refused(20, replace(new, since=20, offset_seconds=-seconds))
    assert first(story, 61) == "old"


def test_priority_changed_while_a_phone_rings_counts_when_it_was_not_answered() -> None:
    story = center(agents=["anna"], ring_seconds=10, retry_seconds=1)
    story.queue("c1", 10)
    story.queue("c2", 11)
    story.tell_at(12, PriorityChanged("c1", -50))
    assert contacts(story.until(20)) == ["withdraw c1 from anna: timed_out", "offer c2 to anna"]
    assert story.line() == ["c2", "c1"]


def test_whoever_waits_is_served_in_a_time_that_does_not_depend_on_who_comes_after_him() -> None:
    """Important ones come without end, each ten minutes before him: he is served when he has waited
    ten minutes longer."""
    story = two_queues({}, {"offset_seconds": 600})
    story.queue("plain", 10, "general")
    at, number, talks = 10.0, 0, "w"
    while not story.offers_of("plain"):
        at += 20
        story.queue(f"vip{number}", at - 1, "vip")
        story.tell_at(at, TalkEnded("mai", talks))
        (ringing,) = story.offers.values()
        story.answer(ringing.contact, at)
        talks, number = ringing.contact, number + 1
        assert at < 2000
    assert story.offers_of("plain")[0][0] == pytest.approx(620, abs=20)


def test_an_age_that_began_with_the_call_is_kept_from_queue_to_queue() -> None:
    story = two_queues({}, {})
    story.queue("from_menu", 50, "general", since=5)
    story.queue("c2", 51, "vip", since=51)
    story.tell_at(60, ContactLeft("from_menu", LeaveReason.MOVED))
    story.queue("from_menu", 60, "vip", since=5)
    assert first(story, 70) == "from_menu"


# -- the moment ----------------------------------------------------------------------------------


def test_a_busy_agent_rests_and_takes_no_other_meanwhile_but_ends_it_himself() -> None:
    story = center(agents=["anna"], busy_seconds=30, rejected_seconds=60)
    story.queue("c1", 10)
    story.refuse("c1", 11, OfferOutcome.BUSY)
    story.queue("c2", 12)
    assert story.agent("anna").resting == "busy"
    assert contacts(story.until(40.9)) == []
    assert contacts(story.until(41)) == ["offer c1 to anna"]
    story.refuse("c1", 42)
    assert contacts(story.tell_at(50, AgentReady("anna"))) == ["offer c1 to anna"]


def test_a_phone_that_is_gone_rests_where_the_queue_gives_it_time() -> None:
    story = center(agents=["anna"], unreachable_seconds=20)
    story.queue("c1", 10)
    story.refuse("c1", 11, OfferOutcome.UNREACHABLE)
    assert (story.state_of("anna"), story.agent("anna").resting) == ("ready", "unreachable")
    assert contacts(story.until(31)) == ["offer c1 to anna"]


def test_an_offer_that_ended_is_not_answered_twice() -> None:
    story = center(ring_width=2)
    story.queue("c1", 10)
    late = story.offer_of("c1", "binh").offer
    story.answer("c1", 11, "anna")
    assert story.tell_at(11, OfferAccepted(late)) == ["withdraw c1: lost_race"]
    assert story.state_of("binh") == "ready"
    assert len(story.all_of(Offer)) == 2
