"""Virtual hold: contacts without a channel keep their place; who lost his line may resume it."""

from __future__ import annotations

import json

import pytest

from acd.core import Acd
from acd.messages import (
    AgentLoggedIn,
    CallBack,
    CallbackFirst,
    CallbackPostponed,
    ContactLeft,
    CustomerReached,
    LeaveReason,
    TalkEnded,
)
from acd.queues import Step
from tests.acd_story import Story, contacts

AGENT, CUSTOMER = CallbackFirst.AGENT, CallbackFirst.CUSTOMER


def busy(*agents: str, **queue: object) -> Story:
    """Queues whose agents all talk until told."""
    story = Story({"sales": queue, "support": queue}, agents or ["mai"])
    story.log_in(" ".join(story.agents), 0)
    for name in story.agents:
        story.work(name, f"with {name}", 5)
    return story


def free(story: Story, agent: str, at: float) -> list[str]:
    return contacts(story.tell_at(at, TalkEnded(agent, f"with {agent}")))


# -- agent first ---------------------------------------------------------------------------------


def test_a_callback_waits_at_its_age_between_those_on_the_line() -> None:
    story = busy()
    story.queue("young", 20)
    story.queue("callback", 21, since=12, callback=AGENT)
    story.queue("old", 22, since=11)
    assert story.line() == ["old", "callback", "young"]
    assert free(story, "mai", 30) == ["offer old to mai"]
    story.answer("old", 31)
    assert contacts(story.end("old", 32)) == ["offer callback to mai"]


def test_a_callback_whose_agent_did_not_answer_keeps_its_place_like_anybody() -> None:
    story = busy(ring_seconds=5, retry_seconds=5)
    story.queue("callback", 10, callback=AGENT)
    story.queue("c1", 11)
    free(story, "mai", 20)
    story.until(25)
    assert story.line() == ["callback", "c1"]


def test_who_waits_at_home_is_neither_thrown_out_nor_sent_elsewhere() -> None:
    story = busy(
        max_wait_seconds=30,
        hold_when_unstaffed=False,
        max_waiting=1,
        overflow=[
            {"when": "waited", "over": 20, "to": "voicemail"},
            {"when": "closed", "to": "hang_up"},
            {"when": "unstaffed", "to": "hang_up"},
        ],
    )
    story.queue("live", 10)
    assert contacts(story.queue("callback", 11, callback=AGENT)) == []
    story.until(100)
    assert story.line() == ["callback"]


# -- customer first ------------------------------------------------------------------------------


def test_a_customer_is_dialed_when_his_turn_has_come_and_somebody_is_free() -> None:
    story = busy()
    assert contacts(story.queue("callback", 10, callback=CUSTOMER)) == []
    assert free(story, "mai", 20) == ["dial callback"]
    assert story.waiting("callback").state == "dialing"
    assert story.state_of("mai") == "ready", "nobody is held for a phone that rings"
    assert contacts(story.tell_at(25, CustomerReached("callback"))) == ["offer callback to mai"]


def test_an_older_caller_on_the_line_has_the_free_agent_before_any_customer_is_dialed() -> None:
    story = busy()
    story.queue("old", 10)
    story.queue("callback", 11, callback=CUSTOMER)
    assert free(story, "mai", 20) == ["offer old to mai"]
    story.answer("old", 21)
    assert contacts(story.end("old", 30)) == ["dial callback"]


def test_no_more_customers_are_dialed_than_agents_are_free() -> None:
    story = busy("mai", "john")
    for number in range(4):
        story.queue(f"callback{number}", 10 + number, callback=CUSTOMER)
    assert free(story, "mai", 20) == ["dial callback0"]
    assert free(story, "john", 21) == ["dial callback1"]
    story.until(60)
    assert len(story.all_of(CallBack)) == 2
    postponed = story.tell_at(61, CallbackPostponed("callback0", 300))
    assert contacts(postponed) == ["dial callback2"]


def test_customers_of_two_queues_with_one_free_agent_are_dialed_one_after_the_other() -> None:
    """Each queue counted only its own, and the second customer was called to hear music."""
    story = busy()
    story.queue("a", 10, "sales", callback=CUSTOMER)
    story.queue("b", 11, "support", callback=CUSTOMER)
    assert free(story, "mai", 20) == ["dial a"]
    assert contacts(story.tell_at(30, CallbackPostponed("a", 300))) == ["dial b"]


def test_a_customer_whose_own_expert_is_free_is_not_held_back_by_one_for_another_expert() -> None:
    story = Story({"sales": {}}, {"mai": {"skills": {"vi": 3}}, "john": {"skills": {"en": 3}}})
    story.log_in("mai john", 0)
    story.queue("vi", 10, callback=CUSTOMER, needs=(Step(need="vi"),))
    assert contacts(story.queue("en", 11, callback=CUSTOMER, needs=(Step(need="en"),))) == [
        "dial en"
    ]
    assert contacts(story.queue("vi2", 12, callback=CUSTOMER, needs=(Step(need="vi"),))) == []


def test_one_on_the_line_whom_the_free_agent_just_missed_holds_no_callback_back() -> None:
    story = Story({"sales": {"ring_seconds": 5, "retry_seconds": 600}}, ["mai"])
    story.log_in("mai", 0)
    story.queue("missed", 10)
    story.until(15)
    assert contacts(story.queue("a", 16, callback=CUSTOMER)) == ["dial a"]
    assert contacts(story.queue("b", 17, callback=CUSTOMER)) == []
    assert contacts(story.tell_at(20, CallbackPostponed("a", 300))) == ["dial b"]


def test_a_callback_held_for_one_who_lost_his_agent_to_another_is_dialed_then() -> None:
    """Mai and john are free; two are being dialed for mai or linh; then mai is taken."""
    able = {"mai": {"a": 1, "b": 1}, "john": {"b": 1}, "linh": {"a": 1}}
    story = Story(
        {"sales": {}, "support": {}},
        {name: {"skills": skills} for name, skills in able.items()},
    )
    story.log_in("mai john linh", 0)
    for name in ("a1", "a2"):
        story.queue(name, 10, callback=CUSTOMER, needs=(Step(need="a"),))
    story.work("linh", "w1", 11)
    assert contacts(story.queue("b", 12, callback=CUSTOMER, needs=(Step(need="b"),))) == []
    assert contacts(story.work("mai", "w2", 13)) == ["dial b"], "john is free, for it alone"


def test_a_customer_who_is_reached_when_all_are_busy_again_is_the_next() -> None:
    story = busy()
    story.queue("callback", 10, callback=CUSTOMER)
    free(story, "mai", 20)
    story.queue("quick", 21)
    story.answer("quick", 22)
    story.queue("c1", 23)
    assert contacts(story.tell_at(24, CustomerReached("callback"))) == []
    assert story.line() == ["callback", "c1"]
    assert contacts(story.end("quick", 30)) == ["offer callback to mai"]


def test_a_reached_customer_is_offered_again_and_not_dialed_again() -> None:
    story = busy(ring_seconds=5, retry_seconds=5)
    story.queue("callback", 10, callback=CUSTOMER)
    free(story, "mai", 20)
    story.tell_at(21, CustomerReached("callback"))
    story.until(40)
    assert story.offers_of("callback")[:2] == [(21, "mai"), (31, "mai")]
    assert len(story.all_of(CallBack)) == 1


def test_a_customer_not_reached_keeps_his_place_and_is_tried_when_he_is_due() -> None:
    story = busy()
    story.queue("callback", 10, callback=CUSTOMER)
    free(story, "mai", 20)
    story.tell_at(30, CallbackPostponed("callback", 330))
    assert story.waiting("callback").state == "postponed"
    story.queue("c1", 100)
    story.answer("c1", 101)
    story.queue("c2", 200)
    story.until(331)
    assert story.line() == ["callback", "c2"]
    assert contacts(story.end("c1", 340)) == ["dial callback", "offer c2 to mai"]


def test_a_callback_that_is_not_due_yet_is_left_alone_through_a_restart() -> None:
    story = Story({"sales": {}}, ["mai"])
    story.queue("callback", 10, callback=AGENT, not_before=500)
    story.log_in("mai", 20)
    again = story.reborn()
    for acd in (again, story.acd):
        assert acd.next_deadline() == 500
    assert contacts(story.until(500)) == ["offer callback to mai"]
    assert again.on_deadline(500) == story.told[-1]


def test_a_callback_that_was_due_already_when_it_came_is_not_lost_in_a_restart() -> None:
    story = Story({"sales": {}}, ["mai"])
    story.queue("callback", 10, callback=AGENT, not_before=5)
    again = Acd.restore(json.loads(json.dumps(story.acd.snapshot())))
    assert contacts(story.log_in("mai", 20)) == ["offer callback to mai"]
    assert again.handle(AgentLoggedIn("mai", "3001"), 20) == story.told[-1]


def test_a_callback_that_is_given_up_is_gone_and_nobody_abandoned() -> None:
    story = busy()
    story.queue("a", 10, callback=CUSTOMER)
    story.queue("b", 11, callback=CUSTOMER)
    free(story, "mai", 20)
    given_up = story.tell_at(30, ContactLeft("a", LeaveReason.GIVEN_UP))
    assert contacts(given_up) == ["dial b"]
    today = story.view().today
    assert (today.offered, today.abandoned, today.flowed_out) == (2, 0, 1)


def test_who_asks_to_be_called_back_did_not_abandon_and_does_not_come_twice() -> None:
    story = busy(resume_seconds=600)
    story.queue("c1", 10, customer="0901")
    story.tell_at(60, ContactLeft("c1", LeaveReason.CALLBACK))
    story.queue("c1-back", 60, since=10, customer="0901", callback=AGENT)
    assert story.line() == ["c1-back"]
    assert story.view().today.abandoned == 0
    assert "is in sales already" in story.refused(
        61,
        story.journal[-1][1],  # type: ignore[arg-type]
    )


# -- resume --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "back", "customer", "resumes"),
    [
        (LeaveReason.ABANDONED, 150, "0901", True),
        (LeaveReason.LOST, 150, "0901", True),
        (LeaveReason.ABANDONED, 151, "0901", False),
        (LeaveReason.ABANDONED, 100, "0902", False),
        (LeaveReason.ABANDONED, 100, "", False),
        (LeaveReason.VOICEMAIL, 100, "0901", False),
        (LeaveReason.MOVED, 100, "0901", False),
    ],
)
def test_who_lost_his_place_and_comes_back_soon_has_it_again(
    reason: LeaveReason, back: float, customer: str, resumes: bool
) -> None:
    story = busy(resume_seconds=100)
    story.queue("first", 10, customer="0901" if customer else "")
    story.queue("other", 20)
    story.tell_at(50, ContactLeft("first", reason))
    story.queue("again", back, customer=customer)
    assert story.line() == (["again", "other"] if resumes else ["other", "again"])
    assert story.waiting("again").since == (10 if resumes else back)


def test_a_place_is_given_back_once() -> None:
    story = busy(resume_seconds=100)
    story.queue("first", 10, customer="0901")
    story.give_up("first", 50)
    story.queue("again", 60, customer="0901")
    story.queue("third", 61, customer="0901")
    assert (story.waiting("again").since, story.waiting("third").since) == (10, 61)


def test_who_gives_up_twice_still_has_his_first_age() -> None:
    story = busy(resume_seconds=100)
    story.queue("first", 10, customer="0901")
    story.give_up("first", 50)
    story.queue("second", 60, customer="0901")
    story.give_up("second", 70)
    story.queue("third", 80, customer="0901")
    assert story.waiting("third").since == 10


def test_a_place_that_is_given_back_makes_nobody_younger() -> None:
    story = busy(resume_seconds=100)
    story.queue("first", 40, customer="0901")
    story.give_up("first", 50)
    story.queue("again", 60, since=20, customer="0901")
    assert story.waiting("again").since == 20


def test_a_queue_that_gives_no_places_back_remembers_nobody() -> None:
    story = busy()
    story.queue("first", 10, customer="0901")
    story.give_up("first", 50)
    story.queue("again", 51, customer="0901")
    assert story.waiting("again").since == 51


def test_who_hung_up_after_an_overflow_finds_his_place_where_he_calls_again() -> None:
    """He calls the number he knows, which leads to the first queue, not to where he was sent."""
    queues = {
        "sales": {
            "resume_seconds": 300,
            "overflow": [{"when": "waited", "over": 30, "to": {"queue": "support"}}],
        },
        "support": {"resume_seconds": 300},
    }
    story = Story(queues, ["mai"])
    story.queue("first", 10, customer="0901")
    story.until(45)
    assert story.line("support") == ["first"]
    story.give_up("first", 50)
    story.queue("again", 60, customer="0901")
    assert story.waiting("again").since == 10
    story.queue("third", 61, "support", customer="0901")
    assert story.waiting("third").since == 61, "once, wherever he comes next"


def test_a_remembered_place_outlives_a_restart() -> None:
    story = busy(resume_seconds=100)
    story.queue("first", 10, customer="0901")
    story.give_up("first", 50)
    story.acd = story.reborn()
    story.queue("again", 60, customer="0901")
    assert story.waiting("again").since == 10
