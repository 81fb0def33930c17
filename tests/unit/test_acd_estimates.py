"""Expected waits: who hears what, how far off it was, and that it means what it says."""

from __future__ import annotations

import random
from collections.abc import Iterator
from heapq import heappop, heappush

import pytest

from acd.agent_settings import AgentSettings
from acd.core import Acd
from acd.messages import (
    AgentLoggedIn,
    Configured,
    ContactLeft,
    ContactQueued,
    LeaveReason,
    OfferAccepted,
    PriorityChanged,
    TalkEnded,
)
from acd.queues import QueueSettings, Step
from tests.acd_story import Story, contacts

HANDLING = 100.0
VI = Step(need="vi >= 3")
GUARDED = {"overflow": [{"when": "expected_wait", "over": 150, "to": "voicemail"}]}


def busy(agents: int = 1, **queue: object) -> Story:
    """A queue of 100 seconds a contact, all of whose agents talk."""
    names = [f"agent{number}" for number in range(agents)]
    story = Story({"sales": {"expected_handling_seconds": HANDLING, **queue}}, names)
    story.log_in(" ".join(names), 1)
    for name in names:
        story.work(name, f"with {name}", 50)
    return story


def expected(story: Story, contact: str) -> float:
    estimate = story.acd.estimate(contact, story.now)
    assert estimate is not None
    assert 0 <= estimate.low <= estimate.expected <= estimate.high
    return estimate.expected


# -- who hears what ------------------------------------------------------------------------------


def test_each_caller_is_told_one_turn_more_than_the_one_before_him() -> None:
    story = busy()
    for number in range(4):
        story.queue(f"c{number}", 60 + number)
    assert [expected(story, f"c{n}") for n in range(4)] == pytest.approx([100, 200, 300, 400])


def test_ten_agents_make_a_wait_ten_times_shorter_than_one_does() -> None:
    story = busy(10)
    for number in range(3):
        story.queue(f"c{number}", 60 + number)
    assert [expected(story, f"c{n}") for n in range(3)] == pytest.approx([10, 20, 30])


def test_a_caller_beside_an_agent_who_is_free_waits_for_nothing() -> None:
    """A wait of one turn was expected where nobody had to become free, and sent him away."""
    story = Story({"sales": GUARDED}, ["mai"])
    story.log_in("mai", 1)
    assert contacts(story.queue("c1", 10)) == ["offer c1 to mai"]
    assert contacts(story.queue("c2", 11)) == ["c2 leaves: expected_wait over 150 to voicemail"]


def test_an_agent_who_is_free_for_others_makes_no_wait_shorter() -> None:
    story = Story({"sales": GUARDED}, {"mai": {"skills": {"vi": 5}}, "john": {}})
    story.log_in("mai john", 1)
    story.work("mai", "w", 5)
    vi = story.queue("c1", 10, needs=(VI,))
    assert contacts(vi) == ["c1 leaves: expected_wait over 150 to voicemail"]
    assert contacts(story.queue("c2", 11)) == ["offer c2 to john"]


def test_a_caller_who_just_missed_the_only_free_agent_still_waits_for_somebody() -> None:
    story = Story({"sales": {"ring_seconds": 5, "retry_seconds": 60}}, ["mai", "john"])
    story.log_in("mai john", 1)
    story.work("john", "w", 5)
    story.queue("c1", 10)
    story.until(16)
    assert story.state_of("mai") == "ready"
    assert expected(story, "c1") > 0


def test_equals_in_a_queue_whose_contacts_do_not_age_wait_in_the_order_they_came() -> None:
    story = busy(rate=0)
    for number in range(3):
        story.queue(f"c{number}", 60 + number)
    assert [expected(story, f"c{n}") for n in range(3)] == pytest.approx([100, 200, 300])
    assert [story.acd.estimate(f"c{n}", 70).position for n in range(3)] == [1, 2, 3]


def test_a_caller_set_before_others_is_told_so_and_they_are_told_longer() -> None:
    story = busy()
    for number in range(3):
        story.queue(f"c{number}", 60 + number)
    story.tell_at(70, PriorityChanged("c2", 300))
    assert [expected(story, f"c{n}") for n in range(3)] == pytest.approx([200, 300, 100])


def test_callers_for_whom_half_of_the_agents_are_asked_count_half() -> None:
    story = Story(
        {"sales": {"expected_handling_seconds": HANDLING}},
        {"mai": {"skills": {"vi": 5}}, "john": {}},
    )
    story.log_in("mai john", 1)
    story.work("mai", "w1", 5)
    story.work("john", "w2", 5)
    story.queue("any", 10)
    story.queue("vi", 11, needs=(VI,))
    story.queue("last", 12)
    assert expected(story, "vi") == pytest.approx(150), "half of the one before, then mai"
    assert expected(story, "last") == pytest.approx((1 + 1 + 1) * HANDLING / 2)


def test_callers_of_another_queue_with_the_same_agents_are_counted_in_their_own_handling_time() -> (
    None
):
    queues = {
        "sales": {"expected_handling_seconds": 100},
        "support": {"expected_handling_seconds": 400},
    }
    story = Story(queues, ["mai"])
    story.log_in("mai", 1)
    story.work("mai", "w", 5)
    story.queue("long", 10, "support")
    story.queue("short", 11, "sales")
    assert expected(story, "short") == pytest.approx(500)
    assert expected(story, "long") == pytest.approx(400)


def test_a_callers_wait_counts_agents_at_work_not_those_at_lunch() -> None:
    story = busy(2)
    story.queue("c1", 60)
    assert expected(story, "c1") == pytest.approx(50)
    story.pause("agent0", 61)
    assert expected(story, "c1") == pytest.approx(100)


def test_nobody_staffed_is_no_number() -> None:
    story = Story({"sales": {}}, {"mai": {"skills": {"vi": 5}}, "john": {}})
    story.queue("c1", 10)
    assert story.acd.estimate("c1", 10) is None
    assert story.view().expected_wait is None
    story.log_in("john", 11)
    story.work("john", "w", 12)
    story.queue("c2", 13, needs=(VI,))
    assert story.acd.estimate("c2", 13) is None
    assert story.acd.estimate("nobody", 13) is None


def test_who_gives_up_shortens_the_wait_of_those_behind_by_as_much_as_others_gave_up_today() -> (
    None
):
    story = busy()
    for number in range(4):
        story.queue(f"left{number}", 60 + number)
        story.give_up(f"left{number}", 60.5 + number)
    story.tell_at(64, TalkEnded("agent0", "with agent0"))
    for number in range(4):
        story.queue(f"done{number}", 65 + number)
        story.answer(f"done{number}", 65.5 + number)
        story.end(f"done{number}", 65.9 + number)
    story.work("agent0", "w", 70)
    story.queue("c1", 71)
    story.queue("c2", 72)
    first = expected(story, "c1")
    assert expected(story, "c2") == pytest.approx(first * 1.5)


# -- how it is learned and measured --------------------------------------------------------------


def test_talk_and_wrap_up_are_learned_from_what_agents_need() -> None:
    story = Story({"sales": {"expected_handling_seconds": 100, "wrap_up": 20}}, ["mai"])
    story.log_in("mai", 1)
    at = 10.0
    for number in range(60):
        story.queue(f"c{number}", at)
        story.answer(f"c{number}", at)
        story.end(f"c{number}", at + 40)
        at += 70
    story.work("mai", "w", at)
    story.queue("c", at)
    assert expected(story, "c") == pytest.approx(60, abs=2)
    today = story.view().today
    assert (today.handled, today.handling) == (60, 60 * 60)


def test_a_forecast_is_compared_with_the_wait_in_the_queue_that_it_was_made_for() -> None:
    """Who overflowed was counted there with the forecast of the queue he came from."""
    queues = {
        "sales": {
            "overflow": [
                {"when": "expected_wait", "over": 9999, "to": "voicemail"},
                {"when": "waited", "over": 10, "to": {"queue": "support"}},
            ]
        },
        "support": {},
    }
    story = Story(queues, ["mai"])
    story.log_in("mai", 1)
    story.work("mai", "w", 2)
    story.queue("c1", 10)
    story.until(25)
    story.tell_at(30, TalkEnded("mai", "w"))
    story.answer("c1", 31)
    assert story.view("support").today.answered == 1
    assert story.view("support").today.estimated == 0


def test_its_own_error_is_counted() -> None:
    announced = {"announcements": {"expected_wait": True}, "expected_handling_seconds": 100}
    story = Story({"sales": announced}, ["mai"])
    story.log_in("mai", 1)
    story.work("mai", "w", 5)
    story.queue("c1", 10)
    told = story.acd.estimate("c1", 10)
    assert told is not None
    assert (told.low, told.expected, told.high) == pytest.approx((0, 100, 200))
    story.tell_at(40, TalkEnded("mai", "w"))
    story.answer("c1", 41)
    today = story.view().today
    assert (today.estimated, today.estimates_held) == (1, 1.0)
    assert (today.estimate_error, today.estimate_bias) == pytest.approx((69, 69))


# -- that it means what it says ------------------------------------------------------------------


def _day(seed: int, agents: int, contacts: int, patience: float = 0.0) -> Acd:
    """Callers come at random to agents whose handling times are exponential, mostly all busy."""
    rng = random.Random(seed)
    acd = Acd()
    queue = QueueSettings(
        name="sales",
        wrap_up=0,
        expected_handling_seconds=HANDLING,
        announcements={"expected_wait": True},
        max_wait_seconds=86400,
        max_waiting=10000,
    )
    people = [f"agent{number}" for number in range(agents)]
    acd.handle(
        Configured(
            (queue,),
            tuple(
                AgentSettings(name=name, extension=str(3000 + n), queues=("sales",))
                for n, name in enumerate(people)
            ),
        ),
        0,
    )
    for name in people:
        acd.handle(AgentLoggedIn(name, name), 0)
    for at, event in _drawn(rng, acd, agents, contacts, patience):
        acd.handle(event, at)
    return acd


def _drawn(
    rng: random.Random, acd: Acd, agents: int, count: int, patience: float
) -> Iterator[tuple[float, object]]:
    """What happens, in its order; answers come at once."""
    what: list[tuple[float, int, object]] = []
    at = 0.0
    for number in range(count):
        at += rng.expovariate(agents * 0.95 / HANDLING)
        heappush(what, (at, number, ContactQueued(f"c{number}", "sales", at)))
        if patience:
            gone = at + rng.expovariate(1 / patience)
            left = ContactLeft(f"c{number}", LeaveReason.ABANDONED)
            heappush(what, (gone, count + number, left))
    serial = 3 * count
    while what:
        at, _, event = heappop(what)
        yield at, event
        for view in acd.agents():
            for task in view.tasks:
                if task.state == "offered":
                    acd.handle(OfferAccepted(task.offer), at)
                    serial += 1
                    ended = TalkEnded(view.name, task.contact)
                    heappush(what, (at + rng.expovariate(1 / HANDLING), serial, ended))


@pytest.mark.parametrize("agents", [1, 6])
def test_waits_are_as_long_as_was_told_in_the_mean_and_in_the_range_two_times_in_three(
    agents: int,
) -> None:
    held = told = error = bias = waited = 0.0
    for seed in range(4):
        today = _day(seed, agents, 600).queues(1e9)[0].today
        assert today.answered == 600
        told += today.estimated
        held += today.estimates_held * today.estimated
        error += today.estimate_error * today.estimated
        bias += today.estimate_bias * today.estimated
        waited += today.waited
    mean = waited / told
    assert told == 2400
    assert mean > HANDLING / agents, "there is something to forecast"
    assert abs(bias / told) < 0.2 * mean
    assert 0 < error / told < mean
    assert 0.55 < held / told < 0.9, held / told


def test_with_callers_who_give_up_the_forecast_of_who_stays_is_still_right_in_the_mean() -> None:
    today = [_day(seed, 4, 800, patience=200).queues(1e9)[0].today for seed in range(3)]
    assert sum(day.abandoned for day in today) > 50
    told = sum(day.estimated for day in today)
    mean = sum(day.waited for day in today) / told
    bias = sum(day.estimate_bias * day.estimated for day in today) / told
    assert abs(bias) < 0.75 * mean


# -- the promise -----------------------------------------------------------------------------------

WAITS = {"answered": (3, 20, 30), "abandoned": (1, 20, 40)}


@pytest.mark.parametrize(
    ("formula", "kept"),
    [
        ("early_abandons_met", 4 / 6),
        ("abandons_ignored", 2 / 3),
        ("abandons_missed", 2 / 6),
        ("early_abandons_ignored", 2 / 4),
        ("short_abandons_met", 3 / 6),
        ("short_abandons_ignored", 2 / 5),
    ],
)
def test_the_service_level_of_the_moment_is_counted_by_the_formula_of_the_queue(
    formula: str, kept: float
) -> None:
    """It was counted by one formula for all, and the day's report by another."""
    level = {"percent": 80, "seconds": 20, "short_abandon_seconds": 5, "formula": formula}
    story = Story({"sales": {"service_level": level, "ring_seconds": 120}}, ["mai"])
    story.log_in("mai", 1)
    assert story.view().service_level is None
    at = 10.0
    for number, wait in enumerate(WAITS["answered"]):
        story.queue(f"a{number}", at)
        story.answer(f"a{number}", at + wait)
        story.end(f"a{number}", at + wait + 1)
        at += 100
    for number, wait in enumerate(WAITS["abandoned"]):
        story.queue(f"b{number}", at)
        story.give_up(f"b{number}", at + wait)
        at += 100
    assert story.view().service_level == pytest.approx(kept)
