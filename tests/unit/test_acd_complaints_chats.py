"""What users of distributors of chats complained of, each test with where they said it."""

from __future__ import annotations

from typing import Any

from acd.agent_settings import Medium
from acd.messages import AgentLoggedOut
from tests.acd_story import Story, contacts
from tests.unit.complaint_center import NAMES

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
