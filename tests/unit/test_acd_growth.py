"""What the distributor keeps in mind does not grow with the years that it runs."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import pytest

from acd import floor, visits
from acd.agent_settings import Medium
from acd.floor import Floor
from acd.messages import TalkEnded
from acd.queues import Step
from tests.acd_story import Story

MEDIA = tuple(Medium(name=name, most=4, weight=5) for name in ("voice", "chat", "mail"))


def test_of_the_customers_who_may_resume_the_last_are_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(visits, "_MOST_REMEMBERED", 3)
    story = Story({"sales": {"resume_seconds": 86400}}, ["mai"])
    for number in range(5):
        story.queue(f"c{number}", 10 * number, customer=f"090{number}")
        story.give_up(f"c{number}", 10 * number + 5)
    story.queue("again", 60, customer="0904")
    story.queue("forgotten", 70, customer="0900")
    assert [story.waiting(name).since for name in ("again", "forgotten")] == [40, 70]
    assert len(story.acd.snapshot()["remembered"]) == 2


def test_who_came_too_late_to_resume_is_forgotten_when_the_next_one_leaves() -> None:
    story = Story({"sales": {"resume_seconds": 30}}, ["mai"])
    for number in range(5):
        story.queue(f"c{number}", 100 * number, customer=f"090{number}")
        story.give_up(f"c{number}", 100 * number + 5)
    assert len(story.acd.snapshot()["remembered"]) == 1


def test_the_order_in_which_an_agents_contacts_came_makes_no_difference_to_his_room() -> None:
    story = Story({"sales": {}}, {"mai": {"media": tuple(each.name for each in MEDIA)}}, MEDIA)
    story.log_in("mai", 0)
    for order in permutations(["voice", "chat", "mail", "chat"]):
        for number, medium in enumerate(order):
            story.work("mai", f"w{number}", story.now, medium=medium)
        for number, _ in enumerate(order):
            story.tell_at(story.now, TalkEnded("mai", f"w{number}"))
    assert len(story.acd._floor.rooms) < 3 * 3 * 2


def test_many_kinds_of_callers_waiting_at_once_are_not_sorted_out_at_each_new_kind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sorted_out: list[int] = []

    def drop(self: Floor, sort_out: Callable[[Floor], None] = Floor._drop_empty_groups) -> None:
        sorted_out.append(len(self.groups))
        sort_out(self)

    monkeypatch.setattr(floor, "MOST_EMPTY_GROUPS", 10)
    monkeypatch.setattr(Floor, "_drop_empty_groups", drop)
    story = Story({"sales": {}}, ["mai"])
    story.acd._floor.most_groups = 10
    for number in range(80):
        story.queue(f"c{number}", number, needs=(Step(need=f"vi >= {number}"),))
    assert len(story.line()) == 80
    assert sorted_out == [10, 20, 40]
