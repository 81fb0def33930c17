"""Why this agent, why that caller first, and why somebody still waits: as data, rule by rule."""

from __future__ import annotations

from typing import Any

import pytest

from acd.agent_settings import Medium
from acd.messages import (
    AgentLoggedOut,
    AgentReady,
    Candidate,
    NeedsChanged,
    OfferOutcome,
    PassedOver,
    StillWaiting,
    TalkEnded,
    WhyWaiting,
    WorkBegan,
)
from acd.queues import Step
from tests.acd_story import Story, contacts


def center(queue: dict[str, Any] | None = None, **agents: dict[str, Any]) -> Story:
    story = Story({"sales": queue or {}}, agents or ["mai", "john", "linh"])
    story.log_in(" ".join(story.agents), 0)
    return story


def rules(story: Story, contact: str) -> dict[str, str]:
    """Agent by agent, what keeps him from it."""
    why = story.acd.why(contact, story.now)
    assert why is not None
    assert sum(count for _, count in why.agents) == len(why.examples)
    return {each.who: each.rule for each in why.examples}


# -- an offer ------------------------------------------------------------------------------------


def test_an_offer_names_the_candidates_in_their_order_the_winner_first() -> None:
    story = center()
    story.queue("c1", 10, since=4)
    why = story.offer_of("c1").why
    assert (why.strategy, why.score, why.need) == ("longest_idle", 6, "")
    assert why.candidates == (
        Candidate("mai", "idle 10 s"),
        Candidate("john", "idle 9 s"),
        Candidate("linh", "idle 8 s"),
    )
    assert (why.passed_over, why.overtaken) == ((), ())


@pytest.mark.parametrize(
    ("strategy", "details"),
    [
        ("longest_idle", ["idle 10 s", "idle 9 s"]),
        ("most_idle_today", ["idle 10 s today", "idle 9 s today"]),
        ("fewest_contacts", ["0 contacts today", "0 contacts today"]),
        ("round_robin", ["never offered", "never offered"]),
        ("random", ["drawn, weight 1", "drawn, weight 1"]),
        ("linear", ["number 1 in the list", "number 2 in the list"]),
    ],
)
def test_each_strategy_says_by_what_it_compared(strategy: str, details: list[str]) -> None:
    story = center({"strategy": strategy}, mai={}, john={})
    story.queue("c1", 10)
    assert [each.detail for each in story.offer_of("c1").why.candidates] == details


def test_the_best_skilled_are_compared_by_the_levels_that_the_need_names() -> None:
    story = center(
        {"strategy": "best_skilled", "needs": ["vi >= 1 and billing >= 1"]},
        mai={"skills": {"vi": 2, "billing": 2, "cooking": 90}},
        john={"skills": {"vi": 4, "billing": 1}},
    )
    story.queue("c1", 10)
    why = story.offer_of("c1").why
    assert why.need == "vi >= 1 and billing >= 1"
    assert why.candidates == (Candidate("john", "levels 5"), Candidate("mai", "levels 4"))


def test_a_tier_and_other_work_are_told_with_the_candidate() -> None:
    story = center(None, mai={}, john={"tiers": {"sales": 1}})
    story.queue("chat1", 5, medium="chat")
    story.answer("chat1", 6)
    story.queue("chat2", 10, medium="chat")
    assert story.offer_of("chat2").why.candidates == (
        Candidate("john", "idle 9 s, tier 1"),
        Candidate("mai", "idle 10 s, busy with 1"),
    )


def test_an_offer_names_who_was_passed_over_and_by_which_rule() -> None:
    story = center(
        {"ring_seconds": 5, "retry_seconds": 60, "rejected_seconds": 60, "tier_seconds": 100},
        mai={"skills": {"vi": 3}},
        john={"skills": {"vi": 3}},
        linh={},
        late={"tiers": {"sales": 1}, "skills": {"vi": 3}},
        last={"skills": {"vi": 3}},
    )
    story.queue("c1", 10, needs=(Step(need="vi >= 3"),))
    story.until(15)
    assert story.ringing("c1") == ["john"]
    story.refuse("c1", 16)
    assert story.ringing("c1") == ["last"]
    assert set(story.offer_of("c1").why.passed_over) == {
        PassedOver("mai", "timed_out just now"),
        PassedOver("john", "rests: rejected"),
        PassedOver("linh", "lacks vi >= 3"),
        PassedOver("late", "of a later tier"),
    }


def test_an_offer_names_those_before_it_and_why_he_could_not_take_them() -> None:
    story = center({"ring_seconds": 5, "retry_seconds": 60}, mai={}, john={"skills": {"vi": 3}})
    story.work("mai", "w1", 2)
    story.work("john", "w2", 2)
    story.queue("missed", 3)
    story.queue("vi", 4, needs=(Step(need="vi >= 3"),))
    story.queue("c1", 5)
    story.tell_at(10, TalkEnded("mai", "w1"))
    story.until(15)
    assert story.ringing("c1") == ["mai"]
    assert story.offer_of("c1").why.overtaken == (
        PassedOver("missed", "timed_out just now"),
        PassedOver("vi", "lacks vi >= 3"),
    )


def test_a_reason_is_told_in_the_same_order_after_a_crash() -> None:
    """What came after the last snapshot is replayed on it, and is decided and told as it was."""
    story = center({"rejected_seconds": 60})
    for at, name in ((3, "john"), (4, "mai")):  # both rest now
        story.work(name, "w1", at, queue="sales")
        story.tell_at(at, TalkEnded(name, "w1", unheard=True))
    story.work("linh", "w2", 5)
    story.queue("c1", 5)
    story.queue("c2", 6, needs=(Step(need="vi >= 3"),))
    story.tell_at(7, NeedsChanged("c1", (Step(need="en >= 3"),)))
    story.queue("c3", 8)
    reborn, ended = story.reborn(), TalkEnded("linh", "w2")
    story.tell_at(9, ended)
    why = story.offer_of("c3").why
    assert [each.who for each in why.overtaken] == ["c1", "c2"]
    assert [each.who for each in why.passed_over] == ["john", "mai"]
    assert reborn.handle(ended, 9) == story.told[-1]


def test_who_waits_for_one_agent_alone_is_overtaken_for_that_reason() -> None:
    story = center({"sticky": {"seconds": 60}}, mai={}, john={})
    story.work("mai", "w1", 2)
    story.queue("own", 10, prefer="mai")
    assert contacts(story.queue("c1", 11)) == ["offer c1 to john"]
    why = story.offer_of("c1").why
    assert why.overtaken == (PassedOver("own", "it waits for mai"),)


def test_only_the_first_five_of_a_thousand_are_told() -> None:
    names = [f"agent{number:03}" for number in range(40)]
    story = Story({"sales": {}}, names)
    story.log_in(" ".join(names), 0)
    story.queue("c1", 50)
    why = story.offer_of("c1").why
    assert [each.agent for each in why.candidates] == names[:5]


# -- a wait --------------------------------------------------------------------------------------


def test_each_agent_is_kept_from_a_waiting_caller_by_the_rule_that_is_told() -> None:
    names = ["talks", "wraps", "pauses", "leaves", "silent", "busy", "rings", "gone"]
    story = center(
        {"ring_seconds": 5, "busy_seconds": 600, "wrap_up": 900, "max_misses": 1},
        texts={"media": ["chat"]},
        lacks={"skills": {"cooking": 3}},
        **{name: {} for name in names},
    )
    skilled = (Step(need="not cooking"),)
    story.tell_at(21, AgentLoggedOut("gone"))
    story.pause("pauses", 22)
    story.tell_at(23, WorkBegan("talks", "w1"), WorkBegan("leaves", "w2"), AgentLoggedOut("leaves"))
    story.tell_at(24, WorkBegan("wraps", "w3", "sales"), TalkEnded("wraps", "w3"))
    story.queue("c0", 25, needs=skilled)
    story.until(30)
    assert story.state_of("silent") == "not_responding"
    story.refuse("c0", 31, OfferOutcome.BUSY)
    assert story.ringing("c0") == ["rings"]
    story.queue("c1", 32, needs=skilled)
    assert rules(story, "c1") == {
        "talks": "talking with w1",
        "wraps": "wrap_up with w3",
        "pauses": "paused: lunch",
        "leaves": "talking, then logged_out",
        "silent": "not_responding: missed 1 offer",
        "busy": "rests: busy",
        "texts": "does not do voice",
        "lacks": "lacks not cooking",
        "rings": "offered with c0",
        "gone": "logged out",
    }
    assert rules(story, "c0")["rings"] == "rings for it"


def test_who_missed_it_just_now_is_told_so() -> None:
    story = center({"ring_seconds": 5, "retry_seconds": 60}, mai={})
    story.queue("c1", 10)
    story.until(15)
    assert rules(story, "c1") == {"mai": "timed_out just now"}
    story.until(75)
    assert rules(story, "c1") == {"mai": "rings for it"}


def test_an_agent_of_a_later_tier_does_not_lack_what_he_has() -> None:
    """He was said to lack the skill for which he is there."""
    story = center(
        {"tier_seconds": 30, "needs": ["vi"]},
        mai={"skills": {"vi": 3}},
        john={"skills": {"vi": 3}, "tiers": {"sales": 1}},
        linh={"tiers": {"sales": 1}},
    )
    story.work("mai", "w", 3)
    story.queue("c1", 10)
    assert rules(story, "c1") == {
        "mai": "talking with w",
        "john": "of a later tier",
        "linh": "lacks vi",
    }
    told = dict(story.all_of(StillWaiting)[0].why.agents)
    assert told == {"of a later tier": 1, "lacks vi": 1, "busy, resting or passed over": 1}


def test_a_chat_is_kept_from_those_who_only_talk_not_from_a_later_tier() -> None:
    story = center(None, mai={"media": ["voice"]}, john={"media": ["voice"]})
    story.queue("chat", 10, medium="chat")
    (told,) = story.all_of(StillWaiting)
    assert told.why.agents == (("does not do chat", 2),)
    assert set(rules(story, "chat").values()) == {"does not do chat"}


def test_who_waits_for_his_own_agent_is_told_that_of_all_others() -> None:
    story = center({"sticky": {"seconds": 60}}, mai={}, john={})
    story.work("mai", "w", 3)
    story.queue("c1", 10, prefer="mai")
    assert rules(story, "c1") == {"mai": "talking with w", "john": "it waits for mai"}
    assert dict(story.all_of(StillWaiting)[0].why.agents)["it waits for mai"] == 1


def test_an_agent_who_keeps_his_room_for_a_better_one_is_told_so() -> None:
    """A call may not interrupt this chat; a second chat behind it must not take his room."""
    media = (Medium(name="voice"), Medium(name="chat", most=4, weight=25))
    story = Story({"sales": {}}, ["mai"], media)
    story.log_in("mai", 0)
    story.queue("chat1", 10, medium="chat")
    story.answer("chat1", 11)
    story.queue("call", 12)
    story.queue("chat2", 13, medium="chat")
    assert rules(story, "chat2") == {"mai": "keeps his room for a better one"}
    assert rules(story, "call") == {"mai": "talking with chat1"}


def test_a_wait_is_told_with_place_score_and_need_when_it_begins_and_when_the_need_changes() -> (
    None
):
    story = center(
        {
            "offset_seconds": 30,
            "needs": [{"need": "vi >= 3", "seconds": 20, "skip_if_unstaffed": False}],
        },
        mai={},
    )
    story.work("mai", "w", 3)
    story.queue("c0", 5)
    story.queue("c1", 10)
    story.until(30)
    told = [(each.contact, each.why) for each in story.all_of(StillWaiting)]
    lacks = (("lacks vi >= 3", 1),)
    busy = (("busy, resting or passed over", 1),)
    assert told == [
        ("c0", WhyWaiting(1, 30, "vi >= 3", lacks)),
        ("c1", WhyWaiting(2, 30, "vi >= 3", lacks)),
        ("c0", WhyWaiting(1, 50, "", busy)),
        ("c1", WhyWaiting(2, 50, "", busy)),
    ]
    story.tell_at(40, NeedsChanged("c1", (Step(need="vi >= 9", seconds=None),)))
    assert story.all_of(StillWaiting)[-1].why == WhyWaiting(
        2, 60, "vi >= 9", (("lacks vi >= 9", 1),)
    )


def test_a_caller_who_is_offered_at_once_did_not_wait() -> None:
    story = center()
    story.queue("c1", 10)
    assert story.all_of(StillWaiting) == []
    assert story.acd.why("nobody", 10) is None


def test_those_at_home_are_told_last_and_counted_all() -> None:
    names = [f"agent{number:02}" for number in range(30)]
    story = Story({"sales": {}}, names)
    story.log_in(names[-1], 0)
    story.pause(names[-1], 5)
    story.queue("c1", 10)
    why = story.acd.why("c1", 10)
    assert why is not None
    assert why.agents == (("logged out", 29), ("paused: lunch", 1))
    assert len(why.examples) == 20
    assert why.examples[0] == PassedOver(names[-1], "paused: lunch")
    story.tell_at(11, AgentReady(names[-1]))
    assert story.ringing("c1") == [names[-1]]
