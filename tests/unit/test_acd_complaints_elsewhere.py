"""What users of OpenSIPS, OpenACD, Kazoo and FusionPBX complained of, each test with where."""

from __future__ import annotations

from typing import Any

import pytest

from acd.messages import (
    AgentLoggedIn,
    AgentLoggedOut,
    AgentMoved,
    AgentReady,
    Offer,
    OfferOutcome,
    OfferRefused,
    TalkEnded,
)
from tests.acd_story import Story, contacts
from tests.unit.complaint_center import center, restarted


@pytest.mark.parametrize(
    "free",
    [AgentReady("anna"), AgentLoggedIn("anna", "3001"), AgentLoggedOut("anna")],
    ids=["ready", "login", "logout"],
)
def test_no_agent_is_stuck_in_a_call_that_is_over(free: Any) -> None:
    """OpenSIPS/opensips#2530, #3123: "incall" until somebody edited the database."""
    story = center(ready="anna", wrap_up="until_done")
    story.queue("c1", 10)
    story.answer("c1", 11)
    story.tell_at(20, TalkEnded("anna", "c1"))
    story.tell_at(25, free)
    assert story.state_of("anna") in ("ready", "logged_out")
    assert story.agent("anna").tasks == ()


def test_a_second_engine_knows_the_state_of_every_agent() -> None:
    """OpenSIPS/opensips#2920: it was not replicated."""
    story = center(wrap_up=30)
    story.queue("c1", 10)
    story.answer("c1", 11)
    story.end("c1", 20)
    story.queue("c2", 21)
    story.pause("chi", 22)
    again = restarted(story)
    states = {view.name: str(view.state) for view in again.agents()}
    assert states == {"anna": "wrap_up", "binh": "offered", "chi": "paused"}
    assert again.next_deadline() == story.acd.next_deadline()


def test_the_wrap_up_of_each_agent_ends_by_his_own_clock() -> None:
    """OpenSIPS/opensips#2679: all ended with the last agent's."""
    story = center(wrap_up=30)
    for number in range(3):
        story.queue(f"c{number}", 10)
        story.answer(f"c{number}", 10)
    for number, ended in enumerate((20, 25, 30)):
        story.end(f"c{number}", ended)
    ends = [
        (at, move.agent)
        for at, move in [*story.said, *_later(story, 100)]
        if isinstance(move, AgentMoved) and move.event == "WrapUpEnded"
    ]
    assert ends == [(50, "anna"), (55, "binh"), (60, "chi")]


def _later(story: Story, at: float) -> list[tuple[float, Any]]:
    before = len(story.said)
    story.until(at)
    return story.said[before:]


def test_callers_who_come_at_once_ring_different_agents() -> None:
    """OpenACD/OpenACD#5: all of them chose the same first agent."""
    story = center()
    for number in range(4):
        story.queue(f"c{number}", 10)
    assert [story.ringing(f"c{n}") for n in range(4)] == [["anna"], ["binh"], ["chi"], []]


def test_an_agent_who_comes_back_in_mid_ring_is_neither_rung_twice_nor_forgotten() -> None:
    """OpenACD/OpenACD#6: a race when he registered again while the ring failed."""
    story = center(ready="anna")
    story.queue("c1", 10)
    lost = story.offer_of("c1").offer
    story.refuse("c1", 12, OfferOutcome.UNREACHABLE)
    assert story.state_of("anna") == "not_responding"
    again = story.tell_at(13, AgentLoggedIn("anna", "3001"))
    assert contacts(again) == ["offer c1 to anna"]
    assert story.tell_at(13, OfferRefused(lost, OfferOutcome.UNREACHABLE)) == []
    assert story.ringing("c1") == ["anna"]


def test_an_agent_who_transferred_a_caller_is_not_in_limbo() -> None:
    """OpenACD/OpenACD#69: he was in no state after a transfer."""
    story = Story({"sales": {}, "support": {}}, {"anna": {}, "binh": {"queues": ["support"]}})
    story.log_in("anna binh", 0)
    story.queue("c1", 10)
    story.answer("c1", 11)
    story.tell_at(20, TalkEnded("anna", "c1"))
    story.queue("c1", 20, "support", since=10)
    assert (story.state_of("anna"), story.agent("anna").tasks) == ("ready", ())
    assert story.ringing("c1") == ["binh"]


def test_a_pause_asked_for_in_wrap_up_begins_after_it() -> None:
    """2600hz/kazoo#6609, PR 2689, PR 1331: it was lost, or cut the wrap-up short."""
    story = center(ready="anna", wrap_up=30)
    story.queue("c1", 10)
    story.answer("c1", 10)
    story.end("c1", 20)
    assert story.pause("anna", 25) == []
    assert (story.state_of("anna"), story.agent("anna").pending_reason) == ("wrap_up", "lunch")
    story.queue("c2", 26)
    assert story.until(50) == ["WrappedUp c1", "anna: paused"]


def test_an_agent_whose_phone_is_gone_is_not_available() -> None:
    """fusionpbx/fusionpbx#2831: unregistered, and still Available and Waiting."""
    story = center(ready="anna binh")
    story.queue("c1", 10)
    assert contacts(story.refuse("c1", 10.1, OfferOutcome.UNREACHABLE)) == ["offer c1 to binh"]
    assert (story.state_of("anna"), story.agent("anna").reason) == ("not_responding", "unreachable")
    story.queue("c2", 11)
    assert contacts(story.until(20)) == []
    assert story.all_of(Offer)[-1].agent == "binh"
