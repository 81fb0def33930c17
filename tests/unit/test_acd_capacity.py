"""Several media at once: what fits beside what, who interrupts whom, and that nobody starves."""

from __future__ import annotations

from typing import Any

import pytest

from acd.agent_settings import DEFAULT_MEDIA, Medium
from acd.messages import Alert, ContactQueued, PriorityChanged, TalkEnded, WorkBegan
from acd.queues import Step
from tests.acd_story import Story, contacts

VOICE, CHAT, MAIL = "voice", "chat", "mail"
EXCLUSIVE = (Medium(name=VOICE), Medium(name=CHAT, most=4, weight=25))


def desk(
    *work: str, media: tuple[Medium, ...] = DEFAULT_MEDIA, queue: Any = None, **agent: Any
) -> Story:
    """Mai, at work with these media."""
    story = Story({"sales": queue or {}}, {"mai": agent}, media)
    story.log_in("mai", 0)
    for number, medium in enumerate(work):
        story.work("mai", f"w{number}", 1 + number, medium=medium)
    return story


@pytest.mark.parametrize(
    ("work", "medium", "fits"),
    [
        ((), VOICE, True),
        ((VOICE,), VOICE, False),
        ((VOICE,), CHAT, False),
        ((VOICE,), MAIL, False),
        ((), CHAT, True),
        ((CHAT,), CHAT, True),
        ((CHAT,) * 3, CHAT, True),
        ((CHAT,) * 4, CHAT, False),
        ((CHAT,), VOICE, True),
        ((CHAT,) * 4, VOICE, True),
        ((CHAT, VOICE), CHAT, False),
        ((CHAT, VOICE), VOICE, False),
        ((CHAT,), MAIL, False),
        ((), MAIL, True),
        ((MAIL,), MAIL, False),
        ((MAIL,), CHAT, True),
        ((MAIL,), VOICE, True),
        ((MAIL, CHAT, CHAT, CHAT), CHAT, True),
        ((MAIL, VOICE), CHAT, False),
    ],
)
def test_what_fits_beside_what_an_agent_has(work: tuple[str, ...], medium: str, fits: bool) -> None:
    story = desk(*work)
    story.queue("new", 20, medium=medium)
    assert story.ringing("new") == (["mai"] if fits else [])


@pytest.mark.parametrize(
    ("chat", "second", "third"),
    [
        (Medium(name=CHAT, most=2, weight=10), True, False),
        (Medium(name=CHAT, most=3, weight=0), True, True),
        (Medium(name=CHAT, most=9, weight=60, interrupted_by=(CHAT,)), False, False),
    ],
    ids=["most", "no weight", "interrupts itself"],
)
def test_a_medium_has_a_number_and_a_weight_and_either_may_be_the_limit(
    chat: Medium, second: bool, third: bool
) -> None:
    story = desk(CHAT, media=(chat,))
    story.queue("second", 10, medium=CHAT)
    story.queue("third", 11, medium=CHAT)
    assert (bool(story.ringing("second")), bool(story.ringing("third"))) == (second, third)


@pytest.mark.parametrize(
    ("capacity", "work", "medium", "fits"),
    [
        (200, (VOICE,), CHAT, True),
        (124, (VOICE,), CHAT, False),
        (125, (VOICE,), CHAT, True),
        (200, (VOICE,), VOICE, False),
        (49, (CHAT,), CHAT, False),
        (50, (CHAT,), CHAT, True),
        (10, (), VOICE, True),
    ],
)
def test_an_agents_own_capacity_says_how_much_he_can_bear_and_one_thing_always_fits(
    capacity: int, work: tuple[str, ...], medium: str, fits: bool
) -> None:
    story = desk(*work, capacity=capacity)
    story.queue("new", 20, medium=medium)
    assert story.ringing("new") == (["mai"] if fits else [])


def test_what_rings_takes_its_room_already() -> None:
    story = desk()
    for number in range(5):
        story.queue(f"chat{number}", 10, medium=CHAT)
    assert [story.ringing(f"chat{n}") for n in range(5)] == [["mai"]] * 4 + [[]]
    assert story.state_of("mai") == "offered"


def test_an_agent_is_offered_only_the_media_that_are_his() -> None:
    story = desk(media=DEFAULT_MEDIA, queue=None)
    story.configure({"sales": {}}, {"mai": {"media": [CHAT]}}, 5)
    story.queue("call", 10)
    story.queue("chat", 11, medium=CHAT)
    assert (story.ringing("call"), story.ringing("chat")) == ([], ["mai"])


def test_a_medium_that_there_is_not_is_refused() -> None:
    story = desk()
    assert "no medium fax" in story.refused(5, ContactQueued("f", "sales", 5, "fax"))
    assert "no medium fax" in story.refused(5, WorkBegan("mai", "f", "sales", "fax"))


def test_the_least_busy_agent_is_asked_first_whoever_is_idle_longer() -> None:
    story = Story({"sales": {}}, ["mai", "john"])
    story.log_in("mai", 0)
    story.queue("chat1", 5, medium=CHAT)
    story.answer("chat1", 6)
    story.log_in("john", 10)
    assert contacts(story.queue("chat2", 11, medium=CHAT)) == ["offer chat2 to john"]


def test_who_has_nothing_to_do_is_asked_before_one_whose_mail_weighs_nothing() -> None:
    story = Story({"sales": {}}, ["mai", "john"], (Medium(name=VOICE), Medium(name=MAIL, weight=0)))
    story.log_in("mai", 0)
    story.work("mai", "w1", 5, medium=MAIL)
    story.log_in("john", 10)
    assert contacts(story.queue("call", 11)) == ["offer call to john"]


def test_work_of_his_own_takes_his_room_too() -> None:
    """One he called himself, outside any queue."""
    story = desk(VOICE)
    story.queue("call", 10)
    assert story.ringing("call") == []
    assert contacts(story.tell_at(20, TalkEnded("mai", "w0"))) == ["offer call to mai"]


def test_when_one_of_several_ends_the_others_go_on_and_he_is_still_talking() -> None:
    story = desk(CHAT, CHAT)
    story.queue("call", 10)
    story.answer("call", 11)
    assert story.agent("mai").contact == "call"
    assert contacts(story.end("call", 20)) == []
    assert (story.state_of("mai"), len(story.agent("mai").tasks)) == ("talking", 2)
    story.tell_at(21, TalkEnded("mai", "w0"), TalkEnded("mai", "w1"))
    assert story.state_of("mai") == "ready"


def test_a_wrap_up_takes_the_room_of_its_contact_until_it_is_over() -> None:
    story = desk(queue={"wrap_up": 30})
    for number in range(4):
        story.queue(f"chat{number}", 10, medium=CHAT)
        story.answer(f"chat{number}", 10)
    story.queue("waits", 11, medium=CHAT)
    story.end("chat0", 20)
    assert contacts(story.until(49)) == []
    assert contacts(story.until(50)) == ["offer waits to mai"]


def test_an_agent_in_a_chat_who_misses_a_call_goes_on_with_his_chat() -> None:
    story = desk(CHAT, queue={"ring_seconds": 5, "max_misses": 1})
    story.queue("call", 10)
    story.until(15)
    mai = story.agent("mai")
    assert (mai.state, mai.pending) == ("talking", "not_responding")
    story.queue("chat", 16, medium=CHAT)
    assert story.ringing("chat") == [], "nothing new until he says that he is there"
    story.tell_at(20, TalkEnded("mai", "w0"))
    assert story.state_of("mai") == "not_responding"


def test_chats_that_ring_and_are_missed_together_raise_one_alert() -> None:
    story = desk(queue={"ring_seconds": 10, "max_misses": 2, "retry_seconds": 60})
    for number in range(4):
        story.queue(f"chat{number}", 10, medium=CHAT)
    story.until(20)
    assert [alert.detail for alert in story.all_of(Alert)] == ["missed 2 offers"]
    assert (story.state_of("mai"), story.agent("mai").reason) == (
        "not_responding",
        "missed 2 offers",
    )


def test_who_missed_one_and_answers_another_that_still_rings_is_there() -> None:
    story = desk(queue={"ring_seconds": 10, "max_misses": 1, "retry_seconds": 60})
    story.queue("chat0", 10, medium=CHAT)
    story.queue("chat1", 15, medium=CHAT)
    story.until(20)
    assert story.agent("mai").state == "offered"
    story.answer("chat1", 21)
    assert (story.state_of("mai"), story.agent("mai").pending) == ("talking", None)
    story.end("chat1", 30)
    assert story.state_of("mai") == "ready"


# -- nobody starves ------------------------------------------------------------------------------


def chats_without_end(story: Story, until: float) -> None:
    """A new chat every three seconds; each takes eleven."""
    at = story.now
    while at < until:
        at += 3
        story.queue(f"chat{at:g}", at, medium=CHAT)
        for view in story.acd.agents():
            for task in view.tasks:
                if task.state == "offered":
                    story.answer(task.contact, at)
                elif task.state == "talking" and task.medium == CHAT and at >= task.since + 11:
                    story.end(task.contact, at)


def test_a_stream_of_chats_does_not_keep_a_call_from_an_agent_for_ever() -> None:
    """A call may not come between these chats, and there is always a chat to fill his room."""
    story = desk(media=EXCLUSIVE)
    chats_without_end(story, 29)
    assert len(story.agent("mai").tasks) == 4
    story.queue("call", 30)
    chats_without_end(story, 90)
    ((at, _),) = story.offers_of("call")
    assert at <= 50, "when the chats that he had are over"


def test_a_stream_of_calls_does_not_keep_a_chat_from_an_agent_for_ever() -> None:
    story = desk()
    at = 10.0
    story.queue("call0", at)
    story.answer("call0", at)
    story.queue("chat", 11, medium=CHAT)
    for number in range(1, 10):
        story.queue(f"call{number}", at + 5)
        at += 10
        story.end(f"call{number - 1}", at)
        if story.ringing("chat"):
            break
        story.answer(f"call{number}", at)
    assert story.offers_of("chat") == [(20, "mai")], "it was first in line when he was free"


def test_room_is_kept_for_the_best_of_all_media_and_not_for_what_he_could_not_take_anyway() -> None:
    story = desk(CHAT, media=EXCLUSIVE)
    story.queue("call", 10)
    story.queue("chat", 11, medium=CHAT)
    assert story.ringing("chat") == [], "it came after the call, and would be in its way"
    other = desk(VOICE, capacity=200)
    other.queue("call", 10)
    assert contacts(other.queue("chat", 11, medium=CHAT)) == ["offer chat to mai"]


def test_when_the_better_one_is_gone_those_held_back_for_it_come() -> None:
    story = desk(CHAT, media=EXCLUSIVE)
    story.queue("call", 10)
    story.queue("chat1", 11, medium=CHAT)
    story.queue("chat2", 12, medium=CHAT)
    assert contacts(story.give_up("call", 20)) == ["offer chat1 to mai", "offer chat2 to mai"]


def test_a_call_that_another_takes_holds_no_chat_back() -> None:
    story = Story({"sales": {}}, ["mai", "john"], EXCLUSIVE)
    story.log_in("mai john", 0)
    story.work("mai", "w", 5, medium=CHAT)
    story.work("john", "v", 5)
    story.queue("call", 10)
    story.queue("chat", 11, medium=CHAT)
    assert story.ringing("chat") == []
    assert set(contacts(story.tell_at(20, TalkEnded("john", "v")))) == {
        "offer call to john",
        "offer chat to mai",
    }


def test_a_chat_that_rings_everywhere_does_not_take_room_that_is_kept_for_a_call() -> None:
    """Its further phones were chosen without a look at who waits."""
    story = Story(
        {"sales": {"ring_width": "all"}},
        {"mai": {"skills": {"vi": 3}}, "john": {}},
        EXCLUSIVE,
    )
    story.log_in("mai john", 0)
    story.work("mai", "w", 5, medium=CHAT)
    story.queue("call", 10, needs=(Step(need="vi"),))
    story.queue("chat", 11, medium=CHAT)
    assert story.ringing("chat") == ["john"]
    story.give_up("call", 12)
    assert story.ringing("chat") == ["john", "mai"]


def test_a_chat_that_ages_faster_than_the_call_has_the_room_when_it_has_overtaken_it() -> None:
    story = Story({"calls": {}, "chats": {"rate": 5}}, ["mai"], EXCLUSIVE)
    story.log_in("mai", 0)
    story.work("mai", "w", 5, medium=CHAT)
    story.queue("call", 10, "calls")
    story.queue("chat", 34, "chats", medium=CHAT)
    story.tell_at(39, PriorityChanged("nobody", 0))
    assert story.ringing("chat") == [], "25 s to 29"
    story.tell_at(41, PriorityChanged("nobody", 0))
    assert story.ringing("chat") == ["mai"], "35 s to 31, seen as soon as anything happens"


def test_one_who_is_held_back_for_a_better_one_is_told_a_wait() -> None:
    story = desk(CHAT, media=EXCLUSIVE)
    story.queue("call", 10)
    story.queue("chat", 11, medium=CHAT)
    estimate = story.acd.estimate("chat", 12)
    assert estimate is not None
    assert estimate.expected > 0
    fits = desk(
        CHAT,
        media=EXCLUSIVE,
        queue={"overflow": [{"when": "expected_wait", "over": 1, "to": "voicemail"}]},
    )
    assert contacts(fits.queue("chat", 11, medium=CHAT)) == ["offer chat to mai"]


def test_an_agent_who_talks_and_is_offered_more_talks() -> None:
    story = desk()
    story.queue("chat1", 10, medium=CHAT)
    story.answer("chat1", 11)
    story.queue("call", 12)
    mai = story.agent("mai")
    assert (mai.state, mai.contact) == ("talking", "chat1")
    story.answer("call", 13)
    story.queue("chat2", 14, medium=CHAT)
    assert story.agent("mai").contact == "call"
    story.configure({"sales": {"wrap_up": 60}}, ["mai"], 15)
    story.end("call", 16)
    assert (story.state_of("mai"), story.agent("mai").contact) == ("talking", "chat1")


def test_a_call_by_priority_before_a_chat_makes_room_and_one_behind_does_not() -> None:
    for offset, chat_rings in ((0, True), (60, False)):
        story = desk(CHAT, media=EXCLUSIVE)
        story.queue("chat0", 10, medium=CHAT)
        story.answer("chat0", 10)
        story.queue("call", 20, offset_seconds=offset)
        story.queue("old chat", 21, since=15, medium=CHAT)
        assert bool(story.ringing("old chat")) is chat_rings
