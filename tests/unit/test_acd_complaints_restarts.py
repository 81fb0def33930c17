"""What users of app_queue complained of that a restart, a reload or a dead switch undid, each test
with where they said it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from acd.agent_settings import AgentSettings
from acd.core import Acd
from acd.messages import (
    AgentLoggedIn,
    AgentPaused,
    AgentReady,
    Configured,
    ContactLeft,
    LeaveReason,
    TalkEnded,
)
from acd.queues import QueueSettings
from tests.acd_story import Story, contacts
from tests.unit.complaint_center import NAMES, center, restarted


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
