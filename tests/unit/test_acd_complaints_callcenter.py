"""What users of FreeSWITCH's mod_callcenter complained of, each test with where they said it."""

from __future__ import annotations

from acd.messages import (
    ContactLeft,
    ContactQueued,
    LeaveReason,
    OfferOutcome,
    OfferRefused,
    TalkEnded,
)
from tests.acd_story import Story, contacts
from tests.unit.complaint_center import NAMES, center


def test_one_order_holds_whichever_engine_decides_from_the_same_journal() -> None:
    """signalwire/freeswitch#1674, PR 3092: two nodes over one database served at random."""
    story = center(ready="anna binh", strategy="random")
    for number in range(5):
        story.queue(f"c{number}", 10 + number)
    other = story.reborn()
    ended = OfferRefused(story.offer_of("c0").offer, OfferOutcome.BUSY)
    assert other.handle(ended, 20) == story.acd.handle(ended, 20)
    assert other.snapshot() == story.acd.snapshot()


def test_agents_whose_phone_rang_for_nothing_are_free_again() -> None:
    """signalwire/freeswitch#2540, PR 2565: stuck in Reserved under ring-all."""
    story = center(ring_width="all", max_misses=5, retry_seconds=1, ring_seconds=10)
    story.queue("c1", 10)
    story.answer("c1", 11, "anna")
    assert [story.state_of(name) for name in NAMES[1:]] == ["ready", "ready"]
    story.queue("c2", 12)
    story.give_up("c2", 13)
    assert [story.state_of(name) for name in NAMES[1:]] == ["ready", "ready"]
    story.queue("c3", 14)
    story.until(24)
    story.give_up("c3", 24.5)
    assert [story.state_of(name) for name in NAMES[1:]] == ["ready", "ready"]
    assert all(not view.tasks for view in story.acd.agents() if view.name != "anna")


def test_a_ring_of_which_nothing_is_heard_ends_by_itself() -> None:
    """signalwire/freeswitch#1062: frozen, the agent Receiving and the member Trying."""
    story = center(ready="anna", ring_seconds=10, retry_seconds=5)
    story.queue("c1", 10)
    assert contacts(story.until(20)) == ["withdraw c1 from anna: timed_out"]
    assert contacts(story.until(25)) == ["offer c1 to anna"]


def test_an_answered_caller_is_in_no_line_any_more_whoever_hangs_up_first() -> None:
    """signalwire/freeswitch#1973: "Answered" for hours after everybody had hung up."""
    for late in (
        (ContactLeft("c1", LeaveReason.ABANDONED), TalkEnded("anna", "c1")),
        (TalkEnded("anna", "c1"), ContactLeft("c1", LeaveReason.ABANDONED)),
    ):
        story = center(ready="anna")
        story.queue("c1", 10)
        story.answer("c1", 11)
        story.tell_at(20, *late)
        assert (story.line(), story.state_of("anna")) == ([], "ready")
        assert story.view().today.abandoned == 0


def test_callers_are_served_in_order_however_many_agents_become_free_at_once() -> None:
    """signalwire/freeswitch#2511: the order was a list made before the agents were free."""
    story = center([*NAMES, "dung"])
    for number, name in enumerate(story.agents):
        story.work(name, f"w{number}", 5)
    order = [("c3", 8.0), ("c1", 6.0), ("c4", 9.0), ("c2", 7.0), ("c5", 9.5)]
    for contact, since in order:
        story.queue(contact, 10, since=since)
    freed = [TalkEnded(name, f"w{number}") for number, name in enumerate(story.agents)]
    offered = [said.split()[1] for said in contacts(story.tell_at(20, *freed))]
    assert offered == ["c1", "c2", "c3", "c4"]


def test_agents_in_the_order_of_a_list_are_asked_on_though_the_last_one_is_away() -> None:
    """signalwire/freeswitch#1216: top-down stopped for good at an unavailable last agent."""
    story = center(strategy="linear", ring_seconds=10, retry_seconds=5, max_misses=20)
    story.pause("chi", 5)
    story.queue("c1", 10)
    story.until(45)
    assert [agent for _, agent in story.offers_of("c1")][:4] == ["anna", "binh", "anna", "binh"]


def test_no_phone_rings_for_a_caller_who_has_hung_up() -> None:
    """signalwire/freeswitch#2529: a zombie call to the agent."""
    story = center(ready="anna", ring_seconds=10, retry_seconds=5)
    story.queue("c1", 10)
    story.until(20)
    story.give_up("c1", 22)
    assert contacts(story.until(500)) == []
    assert story.acd.next_deadline() is None


def test_a_queue_that_was_taken_away_is_gone_though_callers_were_in_it() -> None:
    """signalwire/freeswitch#1822: an abandoned row brought the queue back."""
    story = Story({"sales": {}, "support": {}}, ["anna"])
    story.log_in("anna", 0)
    story.queue("c1", 10)
    story.queue("c2", 11)
    gone = story.configure({"support": {}}, ["anna"], 20)
    assert contacts(gone) == [
        "withdraw c1 from anna: cancelled",
        "c1 leaves: no_agents",
        "c2 leaves: no_agents",
    ]
    story.tell_at(21, ContactLeft("c2", LeaveReason.ABANDONED))
    assert [view.name for view in story.acd.queues(21)] == ["support"]
    assert "no queue sales" in story.refused(22, ContactQueued("c3", "sales", 22))


def test_nobody_waits_longer_than_the_queue_lets_him() -> None:
    """signalwire/freeswitch#1140: there was no longest hold."""
    story = center(ready="anna", max_wait_seconds=60)
    story.work("anna", "w", 5)
    story.queue("c1", 10)
    assert contacts(story.until(69.9)) == []
    assert contacts(story.until(70)) == ["c1 leaves: timeout"]


def test_an_agent_whose_line_stays_connected_is_logged_in_after_a_transfer() -> None:
    """signalwire/freeswitch#2118: an attended transfer logged the standby agent out."""
    story = center({"anna": {"nailed_up": True}})
    story.queue("c1", 10)
    story.answer("c1", 11)
    story.tell_at(20, TalkEnded("anna", "c1"))
    story.queue("c1", 20, since=10)
    assert (story.state_of("anna"), story.agent("anna").endpoint) == ("offered", "3001")
    assert story.offer_of("c1").mode == "nailed_up"
