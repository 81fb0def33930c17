"""A day run again from its journal: the same under its own settings, another under others."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from recorder import recorded_day
from test_simulated_day import SCENARIOS, SHOP, loaded, small

from acd.agent_settings import AgentSettings
from acd.core import Acd
from acd.journal import Entry, replay
from acd.messages import AgentState, Configured
from acd.queues import QueueSettings
from acd.simulation.comparison import Hands, compare
from acd.simulation.course import Course
from acd.simulation.daylog import ABANDONED, ANSWERED
from acd.simulation.history import History, read_history
from acd.simulation.whatif import WhatIf

SEED = 3


def unchanged(settings: Configured) -> Configured:
    return settings


def changed_queue(**settings: object) -> Callable[[Configured], Configured]:
    """The only queue with these settings."""

    def change(before: Configured) -> Configured:
        (queue,) = before.queues
        merged = QueueSettings.model_validate(queue.model_dump() | settings)
        return replace(before, queues=(merged,))

    return change


def history(journal: list[Entry]) -> History:
    return read_history(journal, None, journal[0][0])


def offers(course: Course) -> list[tuple[float, str, str]]:
    return [(at, offer.offer, offer.agent) for at, offer in course.offers]


@pytest.mark.parametrize("late", [0.0, 0.004], ids=["in_time", "late_timers"])
@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_day_under_its_own_settings_makes_the_same_offers(path: Path, late: float) -> None:
    day = history(recorded_day(loaded(path), SEED, late))
    run = WhatIf(day, unchanged)
    course = run.run()
    assert offers(course) == offers(day.course)
    assert course.log.visits == day.course.log.visits
    assert course.log.stretches == day.course.log.stretches
    assert len(course.offers) > 400
    assert not run.refused


def test_a_day_that_is_half_over_goes_on_from_its_snapshot() -> None:
    journal = recorded_day(loaded(SHOP), SEED)
    for half in (len(journal) // 3, len(journal) // 2):
        snapshot = json.loads(json.dumps(replay(journal[:half], Acd()).snapshot()))
        day = read_history(journal[half:], snapshot, journal[half - 1][0])
        course = WhatIf(day, unchanged).run()
        assert offers(course) == offers(day.course)
        assert len(course.offers) > 100


def test_nobody_changes_hands_when_nothing_changed() -> None:
    comparison = compare(history(recorded_day(loaded(SHOP), SEED)), unchanged)
    assert comparison.changed == {}
    assert comparison.was == comparison.would_be


def test_a_longer_wrap_up_costs_the_callers() -> None:
    day = history(recorded_day(small(), SEED))
    comparison = compare(day, changed_queue(wrap_up=120))
    was, would_be = comparison.was.queues["help"], comparison.would_be.queues["help"]
    assert would_be.offered == was.offered
    assert would_be.answered < was.answered
    assert would_be.waiting + would_be.flowed_out > 0 == was.waiting
    assert would_be.mean_wait > was.mean_wait  # type: ignore[operator]
    assert sum(comparison.would_be.contacts.values()) == would_be.answered
    kept = {Hands("help", ANSWERED, f"day{n}") for n in (1, 2, 3)}
    assert all(
        was in kept | {Hands("help", ABANDONED, "")} for was, _ in comparison.changed.values()
    )


def test_who_hung_up_hangs_up_after_the_same_time_unless_he_is_answered() -> None:
    day = history(recorded_day(small(), SEED))
    patience = {v.contact: v.waited for v in day.course.log.visits if v.how == ABANDONED}
    course = WhatIf(day, changed_queue(wrap_up=15)).run()
    again = [v for v in course.log.visits if v.contact in patience]
    assert {v.how for v in again} == {ANSWERED, ABANDONED}
    for visit in again:
        if visit.how == ABANDONED:
            assert visit.waited == pytest.approx(patience[visit.contact])
        else:
            assert visit.waited < patience[visit.contact]
    others = [v for v in course.log.visits if v.contact not in patience]
    assert {v.how for v in others} == {ANSWERED}


def test_a_talk_takes_its_time_with_another_agent_too() -> None:
    day = history(recorded_day(small(), SEED))
    course = WhatIf(day, changed_queue(strategy="fewest_contacts")).run()
    talks = [_talks(one) for one in (day.course, course)]
    both = talks[0].keys() & talks[1].keys()
    assert len(both) > 100
    assert any(talks[0][contact][0] != talks[1][contact][0] for contact in both)
    for contact in both:
        assert talks[1][contact][1] == pytest.approx(talks[0][contact][1])


def _talks(course: Course) -> dict[str, tuple[str, float]]:
    """Who talked with whom, and how long."""
    began = {(s.agent, s.began): s for s in course.log.stretches if s.state is AgentState.TALKING}
    return {
        v.contact: (v.agent, began[v.agent, v.ended].ended - v.ended)
        for v in course.log.visits
        if v.how == ANSWERED and (v.agent, v.ended) in began
    }


def test_an_agent_who_was_taken_out_of_the_settings_answers_nobody() -> None:
    day = history(recorded_day(small(), SEED))
    comparison = compare(day, lambda s: replace(s, agents=s.agents[:2]))
    assert comparison.would_be.contacts.keys() == {"day1", "day2"}
    assert comparison.refused == {"AgentLoggedIn for day3": 1}
    assert comparison.would_be.queues["help"].answered < comparison.was.queues["help"].answered


def test_a_new_agent_who_never_logged_in_is_named() -> None:
    day = history(recorded_day(small(), SEED))
    new = AgentSettings(name="new", extension="4000", queues=("help",))
    comparison = compare(day, lambda s: replace(s, agents=(*s.agents, new)))
    assert comparison.absent == ("new",)
    assert comparison.changed == {}


def test_a_wrap_up_until_done_ends_after_its_usual_time() -> None:
    day = history(recorded_day(small(), SEED))
    course = WhatIf(day, changed_queue(wrap_up="until_done")).run()
    ended = [s for s in course.log.stretches if s.state is AgentState.WRAP_UP][:-3]
    assert len(ended) > 100
    assert {round(s.ended - s.began, 3) for s in ended} == {30.0}


def test_a_contact_that_flowed_out_earlier_is_no_longer_in_line() -> None:
    day = history(recorded_day(small(), SEED))
    comparison = compare(day, changed_queue(max_wait_seconds=20))
    would_be = comparison.would_be.queues["help"]
    assert comparison.was.queues["help"].flowed_out == 0
    assert would_be.flowed_out > 20
    assert would_be.longest_wait < 40


def test_an_empty_journal_is_no_day() -> None:
    with pytest.raises(ValueError, match="no day in this journal"):
        compare(read_history([], None, 0.0), unchanged)
