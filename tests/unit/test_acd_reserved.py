"""Customers whom the dialer calls: an agent is held for each, or shown them, or is the only one."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from acd.messages import (
    ONLY_HIM,
    AgentLoggedOut,
    AgentMoved,
    AgentPaused,
    AgentReady,
    CallbackFirst,
    ContactLeft,
    CustomerReached,
    LeaveReason,
    Offer,
    OfferAccepted,
    OfferOutcome,
    OfferRefused,
    TalkEnded,
)
from acd.offers import RESERVED_SECONDS
from acd.queues import OfferMode, QueueSettings
from tests.acd_story import Story, contacts

AGENT, CUSTOMER, RESERVED = CallbackFirst


def center(names: str = "mai john", **queue: object) -> Story:
    """Agents who are free, mai the longest."""
    story = Story({"sales": queue}, names.split())
    story.log_in(names, 0)
    return story


def held(**queue: object) -> Story:
    """Mai is held for a lead since 10."""
    story = center(**queue)
    story.queue("lead", 10, callback=RESERVED)
    return story


# -- held ----------------------------------------------------------------------------------------


def test_an_agent_is_held_while_her_customer_is_dialed_and_her_phone_stays_silent() -> None:
    story = held(offer_mode="auto_answer", ring_seconds=5)
    (offer,) = story.all_of(Offer)
    assert (offer.agent, offer.mode) == ("mai", OfferMode.RESERVED)
    mai = story.agent("mai")
    assert (mai.state, mai.reason, mai.since) == ("offered", "reserved", 10)
    assert story.until(60) == [], "no ring time counts against her"
    assert contacts(story.queue("c1", 61)) == ["offer c1 to john"], "she is taken"


def test_a_held_agent_whose_customer_answers_is_rung_for_a_whole_ring_time() -> None:
    story = held(ring_seconds=5)
    reached = story.tell_at(30, CustomerReached("lead"))
    assert reached == ["mai: offered"]
    assert (story.agent("mai").reason, story.agent("mai").since) == ("", 30)
    story.until(34)
    assert contacts(story.answer("lead", 34)) == []
    assert story.state_of("mai") == "talking"


def test_a_held_agent_who_does_not_answer_her_customer_has_missed_him() -> None:
    story = held(ring_seconds=5)
    story.tell_at(30, CustomerReached("lead"))
    assert contacts(story.until(35)) == ["withdraw lead from mai: timed_out", "offer lead to john"]
    assert story.agent("mai").misses == 1
    assert story.all_of(Offer)[-1].mode is OfferMode.RING, "he is on the line: the phone rings"


def test_a_customer_on_the_line_rings_at_as_many_phones_as_his_queue_says() -> None:
    story = held(ring_width="all")
    assert story.ringing("lead") == ["mai"], "one is held for one"
    assert contacts(story.tell_at(30, CustomerReached("lead"))) == ["offer lead to john"]
    assert story.ringing("lead") == ["john", "mai"]


@pytest.mark.parametrize("how", ["left", "refused"])
def test_an_agent_whose_customer_was_not_reached_is_the_next_as_if_nothing_had_been(
    how: str,
) -> None:
    story = held()
    if how == "left":
        ended = story.tell_at(40, ContactLeft("lead", LeaveReason.GIVEN_UP))
        assert ended == ["withdraw lead from mai: cancelled", "mai: ready"]
    else:
        refusal = OfferRefused(story.offer_of("lead").offer, OfferOutcome.CANCELLED)
        story.tell_at(40, refusal, ContactLeft("lead", LeaveReason.GIVEN_UP))
    mai = story.agent("mai")
    assert (mai.state, mai.resting, mai.misses) == ("ready", "", 0)
    assert contacts(story.queue("next", 41, callback=RESERVED)) == ["offer next to mai"]


@pytest.mark.parametrize("wish", [AgentPaused("mai", "lunch"), AgentLoggedOut("mai")])
def test_an_agent_who_goes_while_she_is_held_is_let_go_and_another_is_held(
    wish: AgentPaused | AgentLoggedOut,
) -> None:
    story = held()
    gone = contacts(story.tell_at(20, wish))
    assert gone == ["withdraw lead from mai: cancelled", "offer lead to john"]
    assert story.agent("john").reason == "reserved"
    assert story.agent("mai").misses == 0


def test_a_customer_who_answers_when_his_agent_has_gone_waits_on_the_line_for_the_next() -> None:
    story = center("mai")
    story.queue("lead", 10, callback=RESERVED)
    story.pause("mai", 20)
    assert contacts(story.tell_at(25, CustomerReached("lead"))) == []
    assert contacts(story.tell_at(26, AgentReady("mai"))) == ["offer lead to mai"]
    assert story.all_of(Offer)[-1].mode is OfferMode.RING
    assert story.state_of("mai") == "offered"
    assert story.agent("mai").reason == ""


def test_an_agent_whom_nobody_frees_is_free_after_a_while_and_has_missed_nothing() -> None:
    story = center("mai", retry_seconds=5)
    story.queue("lead", 10, callback=RESERVED)
    assert contacts(story.until(10 + RESERVED_SECONDS)) == ["withdraw lead from mai: cancelled"]
    mai = story.agent("mai")
    assert (mai.state, mai.misses, mai.resting) == ("ready", 0, "")
    assert contacts(story.queue("c1", 195)) == ["offer lead to mai"], "it waits on at its place"


def test_a_held_agent_and_her_customer_may_be_joined_at_once() -> None:
    """A nailed-up agent hears him without any ring."""
    story = held()
    offer = story.offer_of("lead").offer
    story.tell_at(30, CustomerReached("lead"), OfferAccepted(offer))
    assert story.state_of("mai") == "talking"


def test_a_customer_waits_from_when_he_answered_not_while_his_phone_rang() -> None:
    story = held(service_level={"percent": 80, "seconds": 2})
    story.tell_at(30, CustomerReached("lead"))
    story.answer("lead", 31)
    today = story.view().today
    assert (today.answered, today.answered_in_time, today.waited) == (1, 1, 1)


def test_an_agent_stays_held_through_a_restart() -> None:
    story = held()
    again = story.reborn()
    for acd in (again, story.acd):
        mai = next(agent for agent in acd.agents() if agent.name == "mai")
        assert (mai.state, mai.reason) == ("offered", "reserved")
        assert acd.next_deadline() == 10 + RESERVED_SECONDS
    assert again.handle(CustomerReached("lead"), 30) == story.acd.handle(
        CustomerReached("lead"), 30
    )


def test_the_day_of_an_agent_tells_being_held_from_being_rung() -> None:
    story = held()
    story.tell_at(30, CustomerReached("lead"))
    story.answer("lead", 33)
    moves = [(move.new, move.reason) for move in story.all_of(AgentMoved) if move.agent == "mai"]
    assert moves == [("ready", ""), ("offered", "reserved"), ("offered", ""), ("talking", "")]


def test_nobody_can_make_a_queue_that_only_holds_its_agents() -> None:
    with pytest.raises(ValidationError, match="is no setting"):
        QueueSettings(name="sales", offer_mode=OfferMode.RESERVED)


def test_who_was_dialed_and_given_no_agent_has_not_abandoned() -> None:
    story = center("mai")
    story.work("mai", "w", 5)
    story.queue("lead", 10)
    story.tell_at(12, ContactLeft("lead", LeaveReason.NO_AGENT))
    today = story.view().today
    assert (today.offered, today.abandoned, today.flowed_out) == (1, 0, 1)


# -- shown ---------------------------------------------------------------------------------------


def test_an_agent_who_skips_a_lead_is_shown_the_next_at_once_and_another_agent_this_one() -> None:
    story = center(offer_mode="preview", rejected_seconds=5)
    story.queue("lead1", 10, callback=AGENT)
    story.work("john", "w", 11)
    story.queue("lead2", 12, callback=AGENT)
    assert contacts(story.refuse("lead1", 15)) == ["offer lead2 to mai"]
    assert contacts(story.tell_at(16, TalkEnded("john", "w"))) == ["offer lead1 to john"]
    mai = story.agent("mai")
    assert (mai.resting, mai.misses) == ("", 0)


def test_an_agent_who_skips_the_only_lead_is_not_shown_it_again_at_once() -> None:
    story = center("mai", offer_mode="preview", retry_seconds=60)
    story.queue("lead", 10, callback=AGENT)
    assert contacts(story.refuse("lead", 15)) == []
    assert story.state_of("mai") == "ready"
    assert contacts(story.until(75)) == ["offer lead to mai"]


def test_a_lead_is_shown_as_long_as_its_campaign_says() -> None:
    story = center("mai", offer_mode="preview", ring_seconds=10)
    story.queue("lead", 10, callback=AGENT, ring_seconds=60)
    assert story.all_of(Offer)[-1].ring_seconds == 60
    assert story.until(69) == []
    assert contacts(story.until(70)) == ["withdraw lead from mai: timed_out"]


def test_a_caller_on_the_line_whom_an_agent_rejects_makes_her_rest() -> None:
    story = center("mai", offer_mode="preview", rejected_seconds=5)
    story.queue("c1", 10)
    story.refuse("c1", 12)
    assert story.agent("mai").resting == "rejected"


# -- for him alone -------------------------------------------------------------------------------


def test_a_customer_of_one_agent_waits_for_him_alone_then_anybody_may_take_him() -> None:
    story = center()
    story.work("mai", "w", 5)
    assert contacts(story.queue("lead", 10, callback=AGENT, prefer="mai", prefer_seconds=60)) == []
    assert contacts(story.until(70)) == ["offer lead to john"]


def test_a_customer_of_one_agent_waits_for_him_also_while_he_pauses() -> None:
    """In a sticky queue he would go on at once; here he insists."""
    story = center(sticky={"seconds": 30})
    story.pause("mai", 5)
    said = story.queue("lead", 10, callback=AGENT, prefer="mai", prefer_seconds=60)
    assert contacts(said) == []
    assert contacts(story.tell_at(20, AgentReady("mai"))) == ["offer lead to mai"]


def test_whom_an_agent_dials_himself_nobody_else_is_ever_offered() -> None:
    story = center(retry_seconds=5)
    story.queue("own", 10, callback=AGENT, prefer="mai", prefer_seconds=ONLY_HIM)
    assert story.ringing("own") == ["mai"]
    story.refuse("own", 12, OfferOutcome.CANCELLED)
    story.tell_at(13, AgentLoggedOut("mai"))
    story.until(86_400 * 30)
    assert {agent for _, agent in story.offers_of("own")} == {"mai"}
    assert story.line() == ["own"]


def test_a_sticky_queue_waits_as_long_as_the_contact_says() -> None:
    story = center(sticky={"seconds": 30})
    story.work("mai", "w", 5)
    story.queue("lead", 10, prefer="mai", prefer_seconds=5)
    assert contacts(story.until(15)) == ["offer lead to john"]


# -- at a glance ---------------------------------------------------------------------------------


def test_the_dialer_sees_the_floor_at_a_glance() -> None:
    story = Story(
        {"sales": {"service_level": {"seconds": 2}}, "support": {}},
        {"mai": {}, "john": {"queues": ("support",)}},
    )
    story.log_in("mai john", 0)
    story.queue("c1", 10)
    story.answer("c1", 20)
    story.queue("c2", 21)
    glance = story.acd.glance()
    mai, john = glance.agents
    assert mai[:-1] == ("mai", "talking", 20, ("sales", "support"), "sales", "", False)
    assert john[:-1] == ("john", "ready", 1, ("support",), "", "", False)
    assert {mai.endpoint, john.endpoint} == {view.endpoint for view in story.acd.agents()}
    assert glance.queues == (("sales", 1, True), ("support", 0, False))
