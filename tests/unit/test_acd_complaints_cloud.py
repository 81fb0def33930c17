"""What users of distributors in the cloud complained of, each test with where they said it."""

from __future__ import annotations

import pytest

from acd.messages import DayBegan, OfferOutcome, OfferRefused, TalkEnded
from tests.acd_story import contacts
from tests.unit.complaint_center import center


def test_a_caller_who_comes_back_has_his_place_again() -> None:
    """MicrosoftDocs/OfficeDocs-SkypeForBusiness#9902: he began at the end."""
    story = center(ready="anna", resume_seconds=300)
    story.work("anna", "w", 5)
    story.queue("first", 10, customer="0901")
    story.queue("second", 20)
    story.give_up("first", 60)
    story.queue("again", 90, customer="0901")
    assert story.line() == ["again", "second"]


def test_an_agent_who_is_busy_or_gone_does_not_ring() -> None:
    """MicrosoftDocs/OfficeDocs-SkypeForBusiness#3847: they were rung all the same."""
    story = center(["anna", "binh", "chi", "dung"], ready="anna binh chi", wrap_up=60)
    story.work("anna", "own call", 5)
    story.pause("binh", 5)
    story.work("chi", "w", 5, queue="sales")
    story.tell_at(6, TalkEnded("chi", "w"))
    story.queue("c1", 10)
    story.until(60)
    assert story.offers_of("c1") == []


def test_a_call_that_was_declined_does_not_pop_up_again_and_again() -> None:
    """MicrosoftDocs/OfficeDocs-SkypeForBusiness#9963, amazon-connect/amazon-connect-streams#292."""
    story = center(ready="anna binh", rejected_seconds=60, ring_seconds=20)
    story.queue("c1", 10)
    story.refuse("c1", 11)
    assert story.ringing("c1") == ["binh"]
    story.refuse("c1", 12)
    story.queue("c2", 13)
    assert contacts(story.until(70.9)) == [], "neither this one nor another"
    assert contacts(story.until(71)) == ["offer c1 to anna"]


@pytest.mark.parametrize(
    ("outcome", "state", "misses", "rests"),
    [
        (OfferOutcome.TIMED_OUT, "ready", 1, ""),
        (OfferOutcome.REJECTED, "ready", 0, "rejected"),
        (OfferOutcome.BUSY, "ready", 0, "busy"),
        (OfferOutcome.UNREACHABLE, "not_responding", 0, ""),
        (OfferOutcome.CANCELLED, "ready", 0, ""),
    ],
)
def test_missed_rejected_busy_unreachable_and_a_fault_are_told_apart(
    outcome: OfferOutcome, state: str, misses: int, rests: str
) -> None:
    """amazon-connect/amazon-connect-streams#344, #391, #272."""
    story = center(ready="anna")
    story.queue("c1", 10)
    story.refuse("c1", 12, outcome)
    anna = story.agent("anna")
    assert (anna.state, anna.misses, anna.resting) == (state, misses, rests)


@pytest.mark.parametrize(
    "outcome", [OfferOutcome.ANSWERED, OfferOutcome.CALLER_LEFT, OfferOutcome.LOST_RACE]
)
def test_an_outcome_that_is_not_the_agents_cannot_be_said_of_him(outcome: OfferOutcome) -> None:
    """The list of outcomes is closed: amazon-connect/amazon-connect-streams#391."""
    story = center(ready="anna")
    story.queue("c1", 10)
    refusal = OfferRefused(story.offer_of("c1").offer, outcome)
    assert story.refused(11, refusal).endswith(f"{outcome} is no refusal")


def test_midnight_does_not_end_what_is_going_on() -> None:
    """Only what is counted today begins anew."""
    story = center(ready="anna")
    story.queue("c1", 10)
    story.answer("c1", 12)
    story.queue("c2", 20)
    story.tell_at(30, DayBegan())
    assert (story.state_of("anna"), story.line()) == ("talking", ["c2"])
    assert contacts(story.end("c1", 40)) == ["offer c2 to anna"]
    assert story.view().today.offered == 0
