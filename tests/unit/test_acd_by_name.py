"""An agent whose phone rings for a contact that no queue offers him: a consultation, a transfer."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from acd.core import Acd
from acd.messages import (
    AgentLoggedOut,
    AgentReady,
    AgentState,
    Configured,
    DispositionSet,
    TalkEnded,
    WorkBegan,
    WrappedUp,
    WrapUpRequested,
)
from acd.simulation.history import read_history
from acd.simulation.whatif import WhatIf
from tests.acd_story import Story, contacts


def center(**sales: object) -> Story:
    """Anna talks with caller c since 10; Binh is idle, longer than Chi."""
    story = Story({"sales": {"ring_seconds": 20, **sales}}, ["anna", "binh", "chi"])
    story.log_in("anna binh chi", 1)
    story.queue("c", 9)
    story.answer("c", 10)
    return story


def called(**sales: object) -> Story:
    """Anna has Binh called to her caller at 20."""
    story = center(**sales)
    story.tell_at(20, WorkBegan("binh", "c", "sales", rings=True))
    return story


def test_an_agent_who_is_called_by_name_is_offered_nothing_while_his_phone_rings() -> None:
    story = called()
    assert story.state_of("binh") == "offered"
    [task] = story.agent("binh").tasks
    assert (task.contact, task.queue, task.offer, task.until) == ("c", "sales", "", None)
    assert contacts(story.queue("next", 21)) == ["offer next to chi"]


def test_a_phone_that_rings_by_name_rings_as_long_as_who_calls_wants() -> None:
    story = called()
    assert story.until(500) == []
    assert story.state_of("binh") == "offered"


def test_who_answers_talks_and_has_the_wrap_up_of_the_queue_as_the_one_before_him() -> None:
    story = called(wrap_up=30)
    assert story.tell_at(25, WorkBegan("binh", "c", "sales")) == ["binh: talking"]
    assert story.tell_at(30, TalkEnded("anna", "c")) == ["anna: wrap_up"]
    assert story.tell_at(50, TalkEnded("binh", "c")) == ["binh: wrap_up"]
    story.until(80)
    wrapped = [(at, d.agent, d.since) for at, d in story.said if isinstance(d, WrappedUp)]
    assert wrapped == [(60, "anna", 30), (80, "binh", 50)]
    assert [story.agent(name).contacts_today for name in ("anna", "binh", "chi")] == [1, 1, 0]


def test_each_of_two_agents_says_what_came_of_his_part() -> None:
    story = called(wrap_up={"mode": "until_done", "dispositions": ["sold", "later"]})
    story.tell_at(25, WorkBegan("binh", "c", "sales"))
    story.tell_at(30, TalkEnded("anna", "c"), DispositionSet("anna", "c", "later"))
    story.tell_at(40, DispositionSet("binh", "c", "sold"), TalkEnded("binh", "c"))
    assert "c came to: later" in story.tell_at(50, AgentReady("anna"))
    assert "c came to: sold" in story.tell_at(51, AgentReady("binh"))


def test_the_handling_time_of_a_queue_is_learned_of_each_who_talked() -> None:
    story = called()
    story.tell_at(25, WorkBegan("binh", "c", "sales"))
    story.tell_at(30, TalkEnded("anna", "c"))
    story.tell_at(65, TalkEnded("binh", "c"))
    assert story.view().today.handled == 2


@pytest.mark.parametrize("how", [{"missed": True}, {"unheard": True}, {}])
def test_who_is_called_in_vain_is_free_at_his_old_place_and_not_blamed(how) -> None:
    story = called(rejected_seconds=60, max_misses=1)
    assert story.tell_at(40, TalkEnded("binh", "c", **how)) == ["binh: ready"]
    binh = story.agent("binh")
    assert (binh.contacts_today, binh.misses, binh.resting) == (0, 0, "")
    assert contacts(story.queue("next", 41)) == ["offer next to binh"]


def test_a_caller_gets_him_as_soon_as_he_was_called_in_vain() -> None:
    story = called()
    story.queue("first", 21)
    story.queue("second", 22)
    told = story.tell_at(30, TalkEnded("binh", "c", missed=True))
    assert contacts(told) == ["offer second to binh"]


def test_who_pauses_while_he_is_called_by_name_is_rung_on_and_paused_after_it() -> None:
    story = called()
    assert story.pause("binh", 21) == []
    assert (story.state_of("binh"), story.agent("binh").pending) == ("offered", "paused")
    story.tell_at(25, WorkBegan("binh", "c", "sales"))
    assert story.tell_at(60, TalkEnded("binh", "c")) == ["binh: paused"]


def test_who_goes_while_he_is_called_by_name_is_gone_when_nothing_came_of_it() -> None:
    story = called()
    assert story.tell_at(21, AgentLoggedOut("binh")) == []
    assert story.tell_at(25, TalkEnded("binh", "c", missed=True)) == ["binh: logged_out"]


def test_a_pause_takes_back_what_a_queue_offers_him_but_not_who_calls_him_by_name() -> None:
    media = {"agents": {"binh": {"capacity": 200, "media": ["voice", "chat"]}}}
    story = Story({"sales": {}}, media["agents"])
    story.log_in("binh", 1)
    story.queue("chat", 5, medium="chat")
    story.tell_at(6, WorkBegan("binh", "c", "sales", rings=True))
    assert contacts(story.pause("binh", 7)) == ["withdraw chat from binh: cancelled"]
    assert [task.contact for task in story.agent("binh").tasks] == ["c"]


def test_an_agent_taken_out_of_the_settings_while_he_is_called_answers_and_is_gone_after() -> None:
    story = called(wrap_up=5)
    story.configure({"sales": {"wrap_up": 5}}, ["anna", "chi"], 21)
    assert story.tell_at(25, WorkBegan("binh", "c", "sales")) == ["binh: talking"]
    story.tell_at(30, TalkEnded("binh", "c"))
    assert "binh: logged_out" in story.until(35)
    assert [view.name for view in story.acd.agents()] == ["anna", "chi"]


def test_who_answers_a_call_by_name_is_there_whatever_he_missed() -> None:
    story = center(max_misses=1)
    story.queue("missed", 11)
    story.until(31)
    story.give_up("missed", 32)
    assert story.state_of("binh") == "not_responding"
    story.tell_at(40, WorkBegan("binh", "c", "sales", rings=True))
    story.tell_at(45, WorkBegan("binh", "c", "sales"))
    assert story.tell_at(60, TalkEnded("binh", "c")) == ["binh: ready"]


def test_who_gets_a_caller_back_whom_he_wraps_up_has_done_with_the_first_wrap_up() -> None:
    story = called(wrap_up={"seconds": 30, "default_disposition": "other"})
    story.tell_at(25, WorkBegan("binh", "c", "sales"))
    story.tell_at(30, TalkEnded("anna", "c"))
    told = story.tell_at(40, WorkBegan("anna", "c", "sales", rings=True))
    assert told == ["WrappedUp c", "c came to: other by default", "anna: offered"]
    story.tell_at(45, WorkBegan("anna", "c", "sales"))
    assert story.until(100) == [], "the clock of the wrap-up that is over"
    assert story.agent("anna").contacts_today == 2


def test_a_caller_two_agents_talk_with_may_wait_in_a_queue_again_for_a_third() -> None:
    story = called(wrap_up=30)
    story.tell_at(25, WorkBegan("binh", "c", "sales"))
    story.tell_at(30, TalkEnded("anna", "c"), TalkEnded("binh", "c"))
    assert contacts(story.queue("c", 30, since=9.0)) == ["offer c to chi"]


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (WorkBegan("binh", "c", "sales", rings=True), "in somebody's hands already"),
        (WorkBegan("anna", "c", "sales", rings=True), "in somebody's hands already"),
        (WorkBegan("chi", "waits", "sales", rings=True), "in somebody's hands already"),
        (WorkBegan("chi", "x", "sales", "fax", rings=True), "there is no medium fax"),
        (WorkBegan("nobody", "x", rings=True), "not in the settings"),
        (DispositionSet("binh", "c", "sold"), "neither talks"),
        (WrapUpRequested("binh", "c"), "does not talk"),
    ],
)
def test_what_makes_no_sense_of_a_call_by_name_is_refused(event, why: str) -> None:
    story = called()
    story.pause("chi", 21)
    story.queue("waits", 22)
    assert why in story.refused(23, event)


def test_who_is_not_at_work_is_not_called_by_name() -> None:
    story = center()
    story.tell_at(15, AgentLoggedOut("binh"))
    assert "log in first" in story.refused(20, WorkBegan("binh", "c", "sales", rings=True))


def test_a_phone_that_rings_by_name_rings_on_after_a_crash() -> None:
    story = called()
    again = Acd.restore(json.loads(json.dumps(story.acd.snapshot())))
    assert again.agents() == story.acd.agents()
    moved = again.handle(WorkBegan("binh", "c", "sales"), 25)
    assert [(move.old, move.new) for move in moved] == [("offered", "talking")]  # type: ignore[union-attr]


def slower(before: Configured) -> Configured:
    """The day with half a minute of wrap-up."""
    (sales, other) = before.queues
    wrap_up = sales.wrap_up.model_validate(30)
    return replace(before, queues=(sales.model_copy(update={"wrap_up": wrap_up}), other))


def test_in_a_day_run_again_an_agent_is_brought_to_a_caller_as_long_after_the_answer() -> None:
    story = Story(
        {"sales": {}, "other": {}}, {"anna": {"queues": ("sales",)}, "binh": {"queues": ("other",)}}
    )
    story.log_in("anna binh", 1)
    story.queue("before", 3)
    story.answer("before", 4)
    story.end("before", 5)
    story.queue("c", 9)
    story.answer("c", 10)
    story.tell_at(20, WorkBegan("binh", "c", "other", rings=True))
    story.tell_at(25, WorkBegan("binh", "c", "other"))
    story.tell_at(30, TalkEnded("anna", "c"))
    story.tell_at(60, TalkEnded("binh", "c"))
    story.queue("last", 200)

    run = WhatIf(read_history(story.journal, None, 0.0), slower)
    course = run.run()

    talks = [s for s in course.log.stretches if s.state is AgentState.TALKING and s.began > 30]
    assert [(s.agent, s.began, s.ended) for s in talks] == [("anna", 36, 56), ("binh", 51, 86)]
    assert not run.refused
