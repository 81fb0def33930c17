"""What users of other distributors have asked for, complained of, and waited years for.

Each test is named after what they wanted and says where they said it. Those about whole calls are
in ``test_calls_complaints``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from acd.agent_settings import AgentSettings, Medium
from acd.core import Acd
from acd.messages import (
    AgentLoggedIn,
    AgentLoggedOut,
    AgentMoved,
    AgentPaused,
    AgentReady,
    Alert,
    AlertKind,
    Configured,
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
from acd.queues import QueueSettings, Step
from tests.acd_story import Story, contacts

NAMES = ("anna", "binh", "chi")


def center(agents: Any = NAMES, ready: str = "", **queue: Any) -> Story:
    """One queue; the ``ready`` ones sit down second by second."""
    story = Story({"sales": queue}, agents)
    story.log_in(ready or " ".join(story.agents), 0)
    return story


def seconds(story: Story, agent: str, state: str) -> float:
    """How long he was in a state, as it was told."""
    total, since = 0.0, None
    for at, move in story.said:
        if isinstance(move, AgentMoved) and move.agent == agent:
            total += at - since if since is not None else 0.0
            since = at if move.new == state else None
    return total + (story.now - since if since is not None else 0.0)


# -- app_queue -----------------------------------------------------------------------------------


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


def test_wrap_up_and_idle_time_outlive_a_transfer_to_another_queue() -> None:
    """asterisk/asterisk#607: the last call was at 0 after a transfer from queue to queue."""
    story = Story({"sales": {"wrap_up": 30}, "support": {}}, {"anna": {}, "binh": {}})
    story.log_in("anna", 0)
    story.queue("c1", 10)
    story.answer("c1", 10)
    story.log_in("binh", 15)
    story.tell_at(20, TalkEnded("anna", "c1"))
    story.queue("c1", 20, "support", since=10)
    assert story.ringing("c1") == ["binh"]
    story.answer("c1", 21)
    story.end("c1", 25)
    story.queue("c2", 30)
    assert story.ringing("c2") == ["binh"], "anna still wraps up"
    story.answer("c2", 30)
    assert story.until(50)[-1] == "anna: ready"
    story.end("c2", 60)
    story.queue("c3", 100)
    assert story.ringing("c3") == ["anna"], "free since 50; binh's wrap-up lasts until 90"


def test_wrap_up_and_idle_time_outlive_a_reload() -> None:
    """asterisk/asterisk#1255: a reload of the members silently forgot the last calls."""
    story = center(ready="anna binh", wrap_up=30)
    story.queue("c1", 10)
    story.answer("c1", 10)
    story.end("c1", 20)
    assert story.configure({"sales": {"wrap_up": 30}}, NAMES, 25) == []
    assert story.state_of("anna") == "wrap_up"
    assert story.until(50)[-1] == "anna: ready"
    story.queue("c2", 60)
    assert story.ringing("c2") == ["binh"], "idle since he came; anna since 50"


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


def restarted(story: Story) -> Acd:
    again = story.reborn()
    assert again.queues(story.now) == story.acd.queues(story.now)
    assert again.agents() == story.acd.agents()
    return again


def test_a_days_counters_outlive_a_restart() -> None:
    """roramirez/qpanel#113: they were in memory only."""
    story = center(ready="anna")
    story.queue("c1", 10)
    story.answer("c1", 12)
    story.end("c1", 20)
    story.queue("c2", 25)
    story.give_up("c2", 29)
    story.until(30)
    again = restarted(story)
    today = again.queues(30)[0].today
    assert (today.offered, today.answered, today.abandoned, today.waited) == (2, 1, 1, 2)
    anna = again.agents()[0]
    assert (anna.contacts_today, anna.idle_today) == (1, story.agent("anna").idle_today)


def test_the_reason_of_a_pause_outlives_a_restart() -> None:
    """asterisk/asterisk#66: an agent was paused, and nobody knew why."""
    story = center(ready="anna")
    story.pause("anna", 10, "training")
    (anna, *_) = restarted(story).agents()
    assert (anna.state, anna.reason, anna.since) == ("paused", "training", 10)


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


def test_callers_and_agents_of_two_switches_share_one_line() -> None:
    """irontec/ivozprovider#226, #310: a queue was tied to one Asterisk."""
    story = Story({"sales": {}}, {"anna": {}, "binh": {}})
    story.tell_at(0, AgentLoggedIn("anna", "east/3001"))
    story.work("anna", "w", 1)
    story.queue("east-1", 10)
    story.queue("west-1", 11)
    story.queue("east-2", 12)
    assert contacts(story.tell_at(20, AgentLoggedIn("binh", "west/3002"))) == [
        "offer east-1 to binh"
    ]
    assert story.offer_of("east-1").endpoint == "west/3002"
    assert contacts(story.tell_at(21, TalkEnded("anna", "w"))) == ["offer west-1 to anna"]


def test_when_a_switch_dies_its_callers_are_gone_its_agents_free_and_the_others_served() -> None:
    """irontec/ivozprovider#310: split brain instead of failover."""
    story = center(ready="anna binh", resume_seconds=600)
    story.queue("east-1", 10, customer="0901")
    story.queue("east-2", 11, customer="0902")
    story.queue("west-1", 12)
    story.answer("east-2", 13)
    now = story.tell_at(20, ContactLeft("east-1", LeaveReason.LOST), TalkEnded("binh", "east-2"))
    assert contacts(now) == ["withdraw east-1 from anna: cancelled", "offer west-1 to anna"]
    story.queue("rescued", 30, customer="0901")
    assert story.waiting("rescued").since == 10


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


def _calls(run: Callable[[], object]) -> int:
    """How many Python functions are called meanwhile: as good as time, and the same each run."""
    count = 0

    def one(frame: object, event: str, what: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(one)
    try:
        run()
    finally:
        sys.setprofile(None)
    return count


def _large(agents: int) -> tuple[Acd, Configured]:
    queues = tuple(QueueSettings(name=f"queue{number}") for number in range(20))
    served = tuple(queue.name for queue in queues)
    people = tuple(
        AgentSettings(name=f"agent{number}", extension=str(3000 + number), queues=served)
        for number in range(agents)
    )
    acd, configured = Acd(), Configured(queues, people)
    acd.handle(configured, 0)
    for person in people:
        acd.handle(AgentLoggedIn(person.name, person.extension), 1)
    return acd, configured


def test_a_reload_and_a_state_of_one_agent_among_thousands_look_at_nobody_twice() -> None:
    """asterisk PR 1973, PR 2029: queues times members, at each reload and each state."""
    costs: dict[int, tuple[int, int]] = {}
    for agents in (100, 2000):
        acd, configured = _large(agents)
        acd.handle(AgentPaused("agent7", "lunch"), 2)
        acd.handle(AgentReady("agent7"), 3)
        reload = _calls(lambda acd=acd, configured=configured: acd.handle(configured, 4))
        pause = _calls(lambda acd=acd: acd.handle(AgentPaused("agent8", "lunch"), 5))
        costs[agents] = reload, pause
    assert costs[2000][0] < 30 * costs[100][0], "20 times the members cost about 20 times as much"
    assert costs[2000][1] < 2 * costs[100][1], "one agent's pause costs what it costs"


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


# -- mod_callcenter ------------------------------------------------------------------------------


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


# -- OpenSIPS, OpenACD, Kazoo, FusionPBX ---------------------------------------------------------


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


# -- digital -------------------------------------------------------------------------------------

CHATS = (Medium(name="voice"), Medium(name="chat", most=3, weight=30))


def chats(agents: Any = ("anna", "binh"), **queue: Any) -> Story:
    story = Story({"sales": queue}, agents, CHATS)
    story.log_in(" ".join(story.agents), 0)
    return story


def test_an_agent_has_no_more_chats_than_he_can_bear() -> None:
    """chatwoot/chatwoot#1198, #1275; Zammad#854, #1581."""
    story = chats(["anna"])
    for number in range(5):
        story.queue(f"chat{number}", 10 + number, medium="chat")
        if story.ringing(f"chat{number}"):
            story.answer(f"chat{number}", 10 + number)
    assert len(story.agent("anna").tasks) == 3
    assert story.line() == ["chat3", "chat4"]


def test_chats_that_come_in_the_same_moment_do_not_overload_one_agent() -> None:
    """RocketChat/Rocket.Chat PR 19352, PR 35722: a race gave him too many."""
    story = chats()
    for number in range(8):
        story.queue(f"chat{number}", 10, medium="chat")
    assert [len(story.agent(name).tasks) for name in ("anna", "binh")] == [3, 3]


def test_chats_wait_in_a_line_of_limited_length() -> None:
    """chatwoot/chatwoot#13050: there was no queue at all."""
    story = chats(["anna"], max_waiting=4)
    for number in range(4):
        story.queue(f"chat{number}", 10 + number, medium="chat")
    assert [view.position for view in story.view().waiting] == [1, 2, 3, 4]
    assert contacts(story.queue("chat4", 20, medium="chat")) == ["chat4 leaves: full"]


def test_the_oldest_chat_of_the_backlog_comes_when_an_agent_has_room_not_the_newest() -> None:
    """chatwoot/chatwoot#10376, #10685: only new chats were assigned."""
    story = chats(["anna"])
    for number in range(5):
        story.queue(f"chat{number}", 10 + number, medium="chat")
    for number in range(3):
        story.answer(f"chat{number}", 20)
    assert contacts(story.end("chat1", 30)) == ["offer chat3 to anna"]
    story.answer("chat3", 31)
    story.queue("new", 32, medium="chat")
    assert story.ringing("new") == []
    assert contacts(story.end("chat0", 40)) == ["offer chat4 to anna"]


def test_chats_are_spread_evenly_over_those_who_are_there() -> None:
    """chatwoot/chatwoot#11034: one had all, the others none."""
    story = chats(NAMES)
    for number in range(6):
        story.queue(f"chat{number}", 10 + number, medium="chat")
        (offer,) = story.offers.values()
        story.answer(offer.contact, 10 + number)
    assert [len(story.agent(name).tasks) for name in NAMES] == [2, 2, 2]


def test_a_returning_chat_goes_to_its_agent_only_while_he_is_there() -> None:
    """chatwoot/chatwoot#4158, #7204, #9587: it went to him though he was at home."""
    story = chats(sticky={"seconds": 60})
    story.queue("back", 10, medium="chat", prefer="binh")
    assert story.ringing("back") == ["binh"]
    story.tell_at(11, AgentLoggedOut("binh"))
    assert story.ringing("back") == ["anna"]


def test_a_chat_that_is_not_answered_goes_to_the_next_agent() -> None:
    """chatwoot/chatwoot#13516, #14508."""
    story = chats(ring_seconds=30, max_misses=1)
    story.queue("chat", 10, medium="chat")
    assert contacts(story.until(40)) == [
        "withdraw chat from anna: timed_out",
        "offer chat to binh",
    ]
    assert story.state_of("anna") == "not_responding"


def test_a_chat_that_waits_too_long_is_escalated_by_itself() -> None:
    """chatwoot/chatwoot#6889."""
    story = Story(
        {
            "sales": {"overflow": [{"when": "waited", "over": 60, "to": {"queue": "leads"}}]},
            "leads": {},
        },
        {"anna": {"queues": ["sales"]}, "lead": {"queues": ["leads"]}},
        CHATS,
    )
    story.log_in("lead", 0)
    story.queue("chat", 10, medium="chat")
    assert contacts(story.until(70)) == [
        "chat moves to leads: waited over 60",
        "offer chat to lead",
    ]


# -- cloud ---------------------------------------------------------------------------------------


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
