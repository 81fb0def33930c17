"""Rules that send contacts elsewhere, at entry and while they wait; and reloads meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from acd.messages import AgentLoggedOut, AgentReady, ContactQueued, Expire, HoursChanged, TalkEnded
from tests.acd_story import Story, contacts

Rule = dict[str, Any]


def rule(when: str, over: float | None = None, at: str = "both", to: Any = "voicemail") -> Rule:
    limit = {} if over is None else {"over": over}
    return {"when": when, "at": at, "to": to, **limit}


def center(*rules: Rule, agents: str = "mai", **queue: Any) -> Story:
    """Agents who are logged in and talk."""
    story = Story({"sales": {"overflow": list(rules), **queue}, "support": {}}, agents.split())
    if agents:
        story.log_in(agents, 0)
        for name in agents.split():
            story.work(name, f"with {name}", 5)
    return story


# -- at entry ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "before", "leaves"),
    [
        (rule("waiting", 2), 1, None),
        (rule("waiting", 2), 2, "waiting over 2"),
        (rule("waiting_per_staffed", 1.5), 0, None),
        (rule("waiting_per_staffed", 1.5), 1, "waiting_per_staffed over 1.5"),
        (rule("expected_wait", 400), 1, None),
        (rule("expected_wait", 400), 2, "expected_wait over 400"),
        (rule("none_ready"), 0, "none_ready"),
        (rule("unstaffed"), 0, None),
        (rule("all_paused"), 0, None),
        (rule("closed"), 0, None),
    ],
)
def test_at_entry_a_caller_is_sent_elsewhere_when_the_rule_says_so(
    said: Rule, before: int, leaves: str | None
) -> None:
    story = center(said, expected_handling_seconds=180)
    for number in range(before):
        story.queue(f"before{number}", 10)
    expected = [f"c1 leaves: {leaves} to voicemail"] if leaves else []
    assert contacts(story.queue("c1", 11)) == expected


def test_nobody_free_is_asked_of_agents_who_serve_the_queue() -> None:
    story = Story(
        {"sales": {"overflow": [rule("none_ready")]}, "support": {}},
        {"mai": {"queues": ["sales"]}, "john": {"queues": ["support"]}},
    )
    story.log_in("mai john", 0)
    assert contacts(story.queue("c1", 10)) == ["offer c1 to mai"]
    assert contacts(story.queue("c2", 11)) == ["c2 leaves: none_ready to voicemail"]


@pytest.mark.parametrize(
    ("when", "leaves"), [("unstaffed", True), ("all_paused", False), ("none_ready", True)]
)
def test_a_queue_where_nobody_is_logged_in(when: str, leaves: bool) -> None:
    story = center(rule(when), agents="")
    assert contacts(story.queue("c1", 10)) == ([f"c1 leaves: {when} to voicemail"] * leaves)


@pytest.mark.parametrize(
    ("when", "leaves"), [("unstaffed", False), ("all_paused", True), ("none_ready", True)]
)
def test_a_queue_where_all_are_at_lunch(when: str, leaves: bool) -> None:
    story = Story({"sales": {"overflow": [rule(when)]}}, ["mai"])
    story.log_in("mai", 0)
    story.pause("mai", 5)
    assert contacts(story.queue("c1", 10)) == ([f"c1 leaves: {when} to voicemail"] * leaves)


def test_rules_are_asked_in_their_order_and_the_first_counts() -> None:
    first = rule("none_ready", to={"number": "+84901"})
    story = center(rule("waiting", 5), first, rule("none_ready"))
    story.queue("c1", 10)
    (gone,) = story.all_of(Expire)
    assert gone.to is not None
    assert (gone.to.kind, gone.to.name, gone.rule) == ("number", "+84901", "none_ready")


def test_a_rule_for_who_waits_is_not_asked_at_entry_and_the_other_way_round() -> None:
    story = center(rule("closed", at="waiting"))
    story.queue("early", 10)
    assert contacts(story.tell_at(20, HoursChanged("sales", False))) == [
        "early leaves: closed to voicemail"
    ]
    assert contacts(story.queue("late", 21)) == []
    other = center(rule("closed", at="entry"))
    other.queue("early", 10)
    assert contacts(other.tell_at(20, HoursChanged("sales", False))) == []
    assert contacts(other.queue("late", 21)) == ["late leaves: closed to voicemail"]


def test_a_rule_sends_elsewhere_what_the_queue_itself_would_only_send_out() -> None:
    story = center(rule("waiting", 1, to={"queue": "support"}), max_waiting=1)
    story.queue("c1", 10)
    assert contacts(story.queue("c2", 11)) == ["c2 moves to support: waiting over 1"]


# -- while waiting -------------------------------------------------------------------------------


def test_who_waited_long_enough_goes_on_with_his_age() -> None:
    story = center(rule("waited", 30, to={"queue": "support"}))
    story.queue("c1", 12, since=3)
    story.queue("there", 20, "support")
    assert story.until(41) == []
    assert contacts(story.until(42)) == ["c1 moves to support: waited over 30"]
    assert story.line("support") == ["c1", "there"]
    assert (story.waiting("c1").since, story.waiting("c1").entered) == (3, 42)


def test_a_second_limit_holds_for_one_who_could_not_go_where_the_first_leads() -> None:
    """He came from there; while the first limit passed a phone rang, and the second was lost."""
    story = Story(
        {
            "sales": {
                "ring_seconds": 8,
                "retry_seconds": 60,
                "overflow": [rule("waited", 10, to={"queue": "support"}), rule("waited", 20)],
            },
            "support": {"overflow": [rule("unstaffed", to={"queue": "sales"})]},
        },
        {"mai": {"queues": ["sales"]}},
    )
    story.log_in("mai", 0)
    story.work("mai", "w", 1)
    assert contacts(story.queue("c1", 10, "support")) == ["c1 moves to sales: unstaffed"]
    assert contacts(story.tell_at(17, TalkEnded("mai", "w"))) == ["offer c1 to mai"]
    assert contacts(story.until(29)) == ["withdraw c1 from mai: timed_out"]
    assert contacts(story.until(30)) == ["c1 leaves: waited over 20 to voicemail"]


def test_a_ringing_caller_is_not_torn_away_and_goes_when_the_agent_does_not_answer() -> None:
    story = center(rule("waited", 10), ring_seconds=15)
    story.queue("c1", 10)
    story.tell_at(15, TalkEnded("mai", "with mai"))
    assert story.until(29) == []
    assert contacts(story.until(30)) == [
        "withdraw c1 from mai: timed_out",
        "c1 leaves: waited over 10 to voicemail",
    ]


def test_the_wait_of_a_rule_is_that_in_the_queue_not_that_of_the_age() -> None:
    story = center(rule("waited", 30), ring_seconds=10, retry_seconds=60)
    story.queue("c1", 12, since=3)
    story.tell_at(25, TalkEnded("mai", "with mai"))
    assert contacts(story.until(41.9)) == ["withdraw c1 from mai: timed_out"]
    assert contacts(story.until(42)) == ["c1 leaves: waited over 30 to voicemail"]


def test_a_rule_about_the_wait_comes_before_the_queues_own_limit_of_the_same_time() -> None:
    story = center(rule("waited", 30), max_wait_seconds=30)
    story.queue("c1", 10)
    assert contacts(story.until(40)) == ["c1 leaves: waited over 30 to voicemail"]


def test_when_the_last_agent_goes_home_those_who_wait_go_too() -> None:
    story = center(rule("unstaffed"), agents="mai john")
    story.queue("c1", 10)
    story.queue("c2", 11)
    story.tell_at(20, TalkEnded("mai", "with mai"))
    story.tell_at(21, AgentLoggedOut("mai"))
    assert story.line() == ["c1", "c2"]
    story.tell_at(22, AgentLoggedOut("john"))
    assert story.line() == ["c1", "c2"], "john talks: he is there until he is done"
    assert contacts(story.tell_at(30, TalkEnded("john", "with john"))) == [
        "c1 leaves: unstaffed to voicemail",
        "c2 leaves: unstaffed to voicemail",
    ]


def test_when_the_last_agent_pauses_those_who_wait_go_too() -> None:
    story = Story({"sales": {"overflow": [rule("all_paused")]}}, ["mai", "john"])
    story.log_in("mai", 0)
    story.queue("c1", 10)
    assert contacts(story.pause("mai", 11)) == [
        "withdraw c1 from mai: cancelled",
        "c1 leaves: all_paused to voicemail",
    ]


def test_closing_time_finds_also_who_rings_when_his_offer_fails() -> None:
    story = Story({"sales": {"overflow": [rule("closed", to="hang_up")]}}, ["mai"])
    story.log_in("mai", 0)
    story.queue("rings", 10)
    story.queue("waits", 11)
    assert contacts(story.tell_at(20, HoursChanged("sales", False))) == [
        "waits leaves: closed to hang_up"
    ]
    assert contacts(story.until(25)) == [
        "withdraw rings from mai: timed_out",
        "rings leaves: closed to hang_up",
    ]
    story.tell_at(30, HoursChanged("sales", True))
    assert contacts(story.queue("later", 31)) == ["offer later to mai"]


def test_rules_keep_their_order_for_one_whose_offer_failed() -> None:
    story = center(rule("closed", to="hang_up"), rule("waited", 10), ring_seconds=10)
    story.queue("c1", 10)
    story.tell_at(15, TalkEnded("mai", "with mai"))
    story.tell_at(16, HoursChanged("sales", False))
    assert contacts(story.until(25))[-1] == "c1 leaves: closed to hang_up"


@pytest.mark.parametrize(
    "said", [rule("waiting_per_staffed", 1.5), rule("expected_wait", 300)], ids=["ratio", "wait"]
)
def test_numbers_are_asked_again_while_they_wait_and_who_came_last_goes_first(said: Rule) -> None:
    story = center(said, agents="mai john", expected_handling_seconds=180)
    for number in range(3):
        story.queue(f"c{number}", 10 + number)
    assert story.until(50) == [], "for two agents they are not too many"
    story.pause("john", 51)
    story.tell_at(52, TalkEnded("john", "with john"), AgentLoggedOut("john"))
    assert contacts(story.until(57)) == [
        f"c2 leaves: {said['when']} over {said['over']} to voicemail",
        f"c1 leaves: {said['when']} over {said['over']} to voicemail",
    ]
    assert story.until(400) == [], "who came first has waited most, and stays"


# -- it cannot go round --------------------------------------------------------------------------


def test_a_circle_of_queues_ends_where_it_closes() -> None:
    names = ("sales", "support", "vip")
    following = dict(zip(names, (*names[1:], names[0]), strict=True))
    story = Story(
        {name: {"overflow": [rule("none_ready", to={"queue": following[name]})]} for name in names},
        ["mai"],
    )
    assert contacts(story.queue("c1", 10)) == [
        "c1 moves to support: none_ready",
        "c1 moves to vip: none_ready",
    ]
    assert story.line("vip") == ["c1"]


def test_a_circle_by_waiting_ends_too_and_each_limit_counts_from_its_own_queue() -> None:
    story = Story(
        {
            "sales": {"overflow": [rule("waited", 10, to={"queue": "support"})]},
            "support": {"overflow": [rule("waited", 10, to={"queue": "sales"})]},
        },
        ["mai"],
    )
    story.queue("c1", 10)
    assert contacts(story.until(1000)) == ["c1 moves to support: waited over 10"]
    assert story.line("support") == ["c1"]


def test_a_rule_that_leads_to_a_queue_that_is_not_there_leads_nowhere() -> None:
    story = center(rule("none_ready", to={"queue": "gone"}))
    assert contacts(story.queue("c1", 10)) == []
    assert story.line() == ["c1"]


def test_a_moved_caller_gets_the_agents_of_the_other_queue_at_once() -> None:
    story = Story(
        {"sales": {"overflow": [rule("waited", 10, to={"queue": "support"})]}, "support": {}},
        {"mai": {"queues": ["sales"]}, "john": {"queues": ["support"]}},
    )
    story.log_in("john", 0)
    story.queue("c1", 10)
    assert contacts(story.until(20)) == [
        "c1 moves to support: waited over 10",
        "offer c1 to john",
    ]


def test_an_agent_who_missed_a_caller_gets_him_from_the_other_queue_at_once() -> None:
    story = center(rule("waited", 20, to={"queue": "support"}), ring_seconds=15, retry_seconds=600)
    story.queue("c1", 10)
    story.tell_at(12, TalkEnded("mai", "with mai"))
    assert contacts(story.until(29)) == ["withdraw c1 from mai: timed_out"]
    assert contacts(story.until(30)) == ["c1 moves to support: waited over 20", "offer c1 to mai"]


def test_who_comes_to_the_queue_again_is_new_to_an_agent_who_missed_him() -> None:
    story = center(ring_seconds=5, retry_seconds=60, max_misses=5)
    story.tell_at(6, TalkEnded("mai", "with mai"))
    story.queue("c1", 10)
    story.until(15)
    story.give_up("c1", 20)
    assert contacts(story.queue("c1", 30)) == ["offer c1 to mai"]
    assert contacts(story.until(35)) == ["withdraw c1 from mai: timed_out"]
    assert contacts(story.until(94.9)) == [], "60 s from this miss, not from the one before"
    assert contacts(story.until(95)) == ["offer c1 to mai"]


def test_what_an_agent_missed_of_a_caller_before_does_not_come_due_for_him_later() -> None:
    story = center(ring_seconds=5, retry_seconds=60, max_misses=5)
    story.tell_at(6, TalkEnded("mai", "with mai"))
    story.queue("c1", 10)
    story.until(15)
    story.give_up("c1", 20)
    story.pause("mai", 25)
    story.queue("c1", 30)
    assert story.until(200) == []


def test_a_moved_caller_is_counted_where_he_was_and_where_he_is() -> None:
    story = center(rule("waited", 10, to={"queue": "support"}))
    story.queue("c1", 10)
    story.until(20)
    story.give_up("c1", 27)
    sales, support = story.view("sales").today, story.view("support").today
    assert (sales.offered, sales.flowed_out, sales.abandoned) == (1, 1, 0)
    assert (support.offered, support.flowed_out, support.abandoned) == (1, 0, 1)


# -- new settings meanwhile ----------------------------------------------------------------------

SLOW: Rule = {"ring_seconds": 10, "retry_seconds": 100}


def test_a_longer_wait_in_new_settings_holds_also_for_one_who_rang_meanwhile() -> None:
    story = Story({"sales": {**SLOW, "max_wait_seconds": 15}}, ["mai"])
    story.log_in("mai", 0)
    story.queue("c1", 10)
    story.configure({"sales": {**SLOW, "max_wait_seconds": 60}}, ["mai"], 11)
    assert contacts(story.until(69)) == ["withdraw c1 from mai: timed_out"]
    assert contacts(story.until(70)) == ["c1 leaves: timeout"]


def test_a_shorter_wait_in_new_settings_holds_also_for_one_who_rang_meanwhile() -> None:
    story = Story({"sales": SLOW}, ["mai"])
    story.log_in("mai", 0)
    story.queue("c1", 10)
    story.configure({"sales": {**SLOW, "max_wait_seconds": 30}}, ["mai"], 11)
    assert contacts(story.until(40))[-1] == "c1 leaves: timeout"


def test_a_rule_of_new_settings_holds_for_those_who_wait_already() -> None:
    story = center()
    story.queue("c1", 10)
    story.configure({"sales": {"overflow": [rule("waited", 30)]}, "support": {}}, ["mai"], 20)
    assert contacts(story.until(40)) == ["c1 leaves: waited over 30 to voicemail"]
    paused = Story({"sales": {}}, ["mai"])
    paused.log_in("mai", 0)
    paused.pause("mai", 1)
    paused.queue("c1", 10)
    now = paused.configure({"sales": {"overflow": [rule("all_paused")]}}, ["mai"], 20)
    assert contacts(now) == ["c1 leaves: all_paused to voicemail"]


def test_need_of_old_settings_does_not_stay_with_one_who_rang_meanwhile() -> None:
    """Nobody has the skill that the settings do not name any more; he would have waited on."""
    old = {"sales": {**SLOW, "needs": ["vi >= 3"]}}
    story = Story(old, {"mai": {"skills": {"vi": 3}}, "john": {}})
    story.log_in("mai john", 0)
    story.queue("c1", 10)
    assert story.ringing("c1") == ["mai"]
    story.configure({"sales": SLOW}, ["mai", "john"], 12)
    assert contacts(story.until(20)) == [
        "withdraw c1 from mai: timed_out",
        "offer c1 to john",
    ]


def test_reload_with_the_same_settings_changes_nothing_for_anybody() -> None:
    story = center(rule("waited", 60), rule("expected_wait", 9000), agents="mai john")
    story.queue("c1", 10)
    story.queue("c2", 11)
    story.tell_at(12, TalkEnded("mai", "with mai"))
    before = story.acd.snapshot()
    queues = {
        "sales": {"overflow": [rule("waited", 60), rule("expected_wait", 9000)]},
        "support": {},
    }
    assert story.configure(queues, ["mai", "john"], 13) == []
    assert story.acd.snapshot() == before
    assert contacts(story.tell_at(14, TalkEnded("john", "with john"))) == ["offer c2 to john"]
    story.tell_at(15, AgentReady("mai"))
    assert isinstance(story.journal[-1][1], AgentReady)
    assert story.refused(16, ContactQueued("c1", "sales", 16)).endswith("it is in sales already")
