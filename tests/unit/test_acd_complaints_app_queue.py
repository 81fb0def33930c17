"""What users of app_queue have asked for, complained of, and waited years for.

Each test is named after what they wanted and says where they said it. Those about whole calls are
in ``test_calls_complaints``.
"""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from acd.messages import (
    AgentMoved,
    AgentReady,
    Alert,
    AlertKind,
    OfferAccepted,
    PriorityChanged,
    TalkEnded,
)
from acd.queues import QueueSettings, Step
from tests.acd_story import Story, contacts
from tests.unit.complaint_center import NAMES, center, seconds


def test_two_agents_who_answer_in_the_same_moment_get_one_caller_between_them() -> None:
    """asterisk/asterisk#176: two auto-answering agents both had the caller."""
    story = center(ring_width="all", offer_mode="auto_answer")
    story.queue("c1", 10)
    answers = [OfferAccepted(story.offer_of("c1", name).offer) for name in NAMES]
    said = contacts(story.tell_at(10.2, *answers))
    assert sorted(said) == [
        "withdraw c1 from binh: lost_race",
        "withdraw c1 from chi: lost_race",
        "withdraw c1: lost_race",
        "withdraw c1: lost_race",
    ]
    assert [story.state_of(name) for name in NAMES] == ["talking", "ready", "ready"]
    assert [story.agent(name).contacts_today for name in NAMES] == [1, 0, 0]


def test_when_the_first_who_answered_is_gone_again_the_others_ring_for_the_caller() -> None:
    """asterisk/asterisk#1557: he hung up before the bridge, and all other legs were gone."""
    story = center(ring_width="all")
    story.queue("c1", 10)
    story.answer("c1", 12, "anna")
    story.tell_at(12.1, TalkEnded("anna", "c1"))
    story.queue("c1", 12.1, since=10)
    assert story.ringing("c1") == list(NAMES)
    story.queue("c2", 13, since=11)
    assert story.line() == ["c1", "c2"], "at his old place"


def test_agents_of_very_many_queues_and_callers_of_all_of_them_never_stop_each_other() -> None:
    """wazo-platform/asterisk#157, #158, #188: locks of queues within locks of queues."""
    queues = [f"queue{number}" for number in range(12)]
    story = Story({name: {} for name in queues}, NAMES)
    story.log_in(" ".join(NAMES), 0)
    for number, queue in enumerate(queues * 2):
        story.queue(f"c{number}", 10, queue)
    served: list[str] = []
    for at in range(11, 40):
        for offer in list(story.offers.values()):
            story.answer(offer.contact, at)
            served.append(offer.contact)
        for agent, contact in sorted(story.talks):
            story.tell_at(at, TalkEnded(agent, contact))
    assert served == [f"c{number}" for number in range(24)], "all of them, in their order"


def test_a_call_counts_once_for_an_agent_of_several_queues() -> None:
    """asterisk/asterisk#1737: counted once per queue, so the fewest-calls order was wrong."""
    story = Story(
        {name: {"strategy": "fewest_contacts"} for name in ("sales", "support", "vip")},
        {"anna": {}, "binh": {"queues": ["sales"]}},
    )
    story.log_in("anna", 0)
    for number in range(2):
        story.queue(f"c{number}", 10 + number)
        story.answer(f"c{number}", 10 + number)
        story.end(f"c{number}", 10.5 + number)
    assert story.agent("anna").contacts_today == 2
    story.log_in("binh", 20)
    for number in range(3):
        story.queue(f"d{number}", 30 + number)
        assert story.ringing(f"d{number}") == [["binh"], ["binh"], ["anna"]][number]
        story.answer(f"d{number}", 30 + number)
        story.end(f"d{number}", 30.5 + number)


def test_wrap_up_of_an_agent_in_several_queues_lasts_its_whole_time() -> None:
    """asterisk/asterisk#1006: it ended early for agents of several queues."""
    story = Story(
        {"sales": {"wrap_up": 30}, "support": {"wrap_up": 5}, "vip": {"wrap_up": 0}}, ["anna"]
    )
    story.log_in("anna", 0)
    story.queue("c1", 10)
    story.answer("c1", 10)
    story.queue("c2", 11, "support")
    story.queue("c3", 12, "vip", offset_seconds=1000)
    story.end("c1", 20)
    assert contacts(story.until(49.9)) == []
    assert contacts(story.until(50)) == ["offer c3 to anna"]


def test_an_agent_of_several_queues_gets_whoever_waits_longest_in_any_of_them() -> None:
    """asterisk/asterisk#108: each caller looked for himself, so queues were served unevenly."""
    story = Story({"sales": {}, "support": {}, "vip": {}}, ["anna"])
    story.log_in("anna", 0)
    story.work("anna", "w", 1)
    for contact, at, queue in (("b", 11, "vip"), ("c", 12, "sales"), ("d", 13, "support")):
        story.queue(contact, at, queue)
    story.queue("a", 14, "support", since=10)
    served = []
    at, talk = 20.0, "w"
    while len(served) < 4:
        story.tell_at(at, TalkEnded("anna", talk))
        ((offer, _),) = [(each.contact, each) for each in story.offers.values()]
        story.answer(offer, at)
        served.append(offer)
        at, talk = at + 10, offer
    assert served == ["a", "b", "c", "d"]


def test_the_longest_wait_over_all_queues_knows_of_priority() -> None:
    """asterisk/asterisk#1637: the option that made #108 fair ignored priority."""
    story = Story({"sales": {}, "vip": {"offset_seconds": 60}}, ["anna"])
    story.log_in("anna", 0)
    story.work("anna", "w", 1)
    story.queue("longest", 10, "sales")
    story.queue("important", 40, "vip")
    assert contacts(story.tell_at(50, TalkEnded("anna", "w"))) == ["offer important to anna"]


def test_a_caller_put_at_the_head_of_one_queue_stops_no_other_queue() -> None:
    """asterisk/asterisk#1691: a call at position 1 stalled all queues."""
    story = Story(
        {"sales": {}, "support": {}},
        {"anna": {"queues": ["sales"]}, "binh": {"queues": ["support"]}},
    )
    story.log_in("anna binh", 0)
    story.work("anna", "w1", 5)
    story.work("binh", "w2", 5)
    story.queue("c1", 10, "sales")
    story.queue("c2", 11, "support")
    story.queue("first", 12, "sales")
    story.tell_at(13, PriorityChanged("first", 86400))
    assert contacts(story.tell_at(20, TalkEnded("binh", "w2"))) == ["offer c2 to binh"]
    assert contacts(story.tell_at(21, TalkEnded("anna", "w1"))) == ["offer first to anna"]


def test_an_important_queue_whose_caller_the_agent_may_not_take_yet_blocks_no_other() -> None:
    """asterisk/asterisk#1561: weight counted agents who were not eligible."""
    story = Story(
        {"vip": {"offset_seconds": 3600, "tier_seconds": 60}, "sales": {}},
        {"anna": {"queues": ["vip"]}, "binh": {"tiers": {"vip": 1}}},
    )
    story.log_in("anna binh", 0)
    story.work("anna", "w", 5)
    story.queue("important", 10, "vip")
    story.queue("plain", 11, "sales")
    assert (story.ringing("important"), story.ringing("plain")) == ([], ["binh"])
    story.answer("plain", 12)
    story.end("plain", 20)
    assert contacts(story.until(70)) == ["offer important to binh"]


@pytest.mark.parametrize("setting", ["weight", "tier_second", "max_penalty"])
def test_a_setting_that_has_no_effect_is_not_swallowed(setting: str) -> None:
    """asterisk/asterisk#1901: a flag of a rule was dropped without a word."""
    with pytest.raises(ValidationError, match=setting):
        QueueSettings.model_validate({"name": "sales", setting: 5})
    with pytest.raises(ValidationError, match="raise"):
        Step.model_validate({"need": "vi", "raise": 3})


def test_an_agent_is_credited_with_the_time_he_talked_and_not_with_the_rest_of_the_call() -> None:
    """FreePBX/issue-tracker#124, asterisk/asterisk#759: after a transfer he talked for an hour."""
    story = center(ready="anna binh", wrap_up=10)
    story.queue("c1", 10)
    story.answer("c1", 12)
    story.tell_at(72, TalkEnded("anna", "c1"))
    story.work("binh", "c1", 72, queue="sales")
    story.until(200)
    assert story.state_of("anna") == "ready"
    story.tell_at(3672, TalkEnded("binh", "c1"))
    story.until(4000)
    assert (seconds(story, "anna", "talking"), seconds(story, "anna", "wrap_up")) == (60, 10)
    assert (seconds(story, "binh", "talking"), seconds(story, "binh", "wrap_up")) == (3600, 10)
    assert story.view().today.handling == (60 + 10) + (3600 + 10)


def test_a_new_pause_has_a_clock_of_its_own() -> None:
    """asterisk/asterisk#1760: the clock showed the first pause of the day."""
    story = center(ready="anna")
    story.pause("anna", 10, "lunch")
    story.tell_at(20, AgentReady("anna"))
    story.pause("anna", 100, "lunch")
    assert story.agent("anna").since == 100
    story.pause("anna", 130, "training")
    assert (story.agent("anna").since, story.agent("anna").reason) == (130, "training")
    story.pause("anna", 140, "training")
    assert story.agent("anna").since == 130, "the same wish again is the same pause"


def test_a_line_that_was_busy_is_idle_again_whatever_the_switch_says_meanwhile() -> None:
    """asterisk/asterisk#508, asterisk PR 2174: two sources of truth for the state of a device."""
    story = center(ready="anna")
    for number in range(3):
        story.queue(f"c{number}", 10 * number + 10)
        story.answer(f"c{number}", 10 * number + 11)
        at = 10 * number + 15
        story.tell_at(at, TalkEnded("anna", f"c{number}"), TalkEnded("anna", f"c{number}"))
        assert story.state_of("anna") == "ready"
    assert story.all_of(AgentMoved)[-1].new == "ready"


def test_an_agent_who_does_not_answer_is_not_first_again_for_ever() -> None:
    """FreePBX/issue-tracker#40: he had the least recent call, so each call rang him first."""
    story = center(ready="anna binh", ring_seconds=10, retry_seconds=5, max_misses=20)
    rings = []
    for number in range(6):
        at = 100.0 * (number + 1)
        story.queue(f"c{number}", at)
        rings.append(story.ringing(f"c{number}")[0])
        story.until(at + 10)
        story.give_up(f"c{number}", at + 11)
    assert rings == ["anna", "binh"] * 3


def test_an_agent_who_rejects_between_two_misses_is_there() -> None:
    """FreePBX/issue-tracker#816: misses in a row, and this is none."""
    story = center(ready="anna", ring_seconds=10, retry_seconds=5, rejected_seconds=5)
    story.queue("c1", 10)
    story.until(25)
    assert story.agent("anna").misses == 1
    story.refuse("c1", 26)
    assert story.agent("anna").misses == 0
    story.until(41)
    assert (story.agent("anna").misses, story.state_of("anna")) == (1, "ready")


@pytest.mark.parametrize("misses", [1, 2, 3])
def test_an_agent_is_taken_out_after_as_many_misses_as_the_queue_says(misses: int) -> None:
    """FreePBX/issue-tracker#816: the first miss paused him."""
    story = center(ready="anna", ring_seconds=10, retry_seconds=5, max_misses=misses)
    story.queue("c1", 10)
    story.until(10 + misses * 15 - 6)
    assert (story.agent("anna").misses, story.state_of("anna")) == (misses - 1, "offered")
    story.until(10 + misses * 15 - 5)
    assert story.state_of("anna") == "not_responding"
    said = "missed 1 offer" if misses == 1 else f"missed {misses} offers"
    assert story.agent("anna").reason == said
    assert story.all_of(Alert) == [Alert(AlertKind.NOT_RESPONDING, "anna", said)]


def test_an_agent_with_several_contacts_is_available_for_what_he_has_room_for() -> None:
    """asterisk/asterisk#1181: the state of a phone with several channels was wrong."""
    story = center(ready="anna")
    story.queue("chat1", 10, medium="chat")
    story.answer("chat1", 10)
    story.queue("call", 11)
    story.answer("call", 11)
    story.queue("next", 12)
    assert story.ringing("next") == [], "one call at a time"
    story.end("chat1", 20)
    assert (story.state_of("anna"), story.ringing("next")) == ("talking", [])
    assert contacts(story.end("call", 30)) == ["offer next to anna"]
