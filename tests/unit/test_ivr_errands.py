"""Nodes that bring the caller to somebody, or keep something of his call."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from engine.ivr.messages import (
    AskCallback,
    Attempted,
    Confer,
    End,
    Heard,
    Record,
    Tag,
    TakeMessage,
    Transfer,
)
from engine.ivr.rehearsal.world import place_of
from tests.unit.ivr_caller import Caller, flow_of
from tests.unit.ivr_nodes import EXITS


def test_a_transfer_leaves_by_what_came_of_it() -> None:
    node = {
        "type": "transfer",
        "number": "{{ to }}",
        "failed": "lost",
        "busy": "silent",
        "answered": "done",
    }
    flow = flow_of({"a": node, **EXITS})
    for by, exit_ in (
        ("busy", "silent"),
        ("noanswer", "lost"),
        ("answered", "done"),
        ("max_time", "done"),
    ):
        someone = Caller(flow, at="a", variables={"to": "+84281"})
        assert someone.of(Transfer)[0].to == "+84281"
        someone.come_back(by)
        assert someone.path == ["a", exit_], by


def test_after_a_transfer_that_says_nothing_else_the_call_is_over() -> None:
    flow = flow_of({"a": {"type": "transfer", "agent": "an", "failed": "lost"}, **EXITS})
    someone = Caller(flow)
    someone.come_back("answered")
    assert isinstance(someone.end, End)


def test_a_conference_asks_for_its_pin_and_knows_its_leader() -> None:
    node = {
        "type": "conference", "room": "team", "pin": "1234", "leader_pin": "9876",
        "left": "done", "full": "lost", "bad_pin": "silent",
    }  # fmt: skip
    someone = Caller(flow_of({"a": node, **EXITS}))
    someone.press("1111#")
    assert "conference_bad_pin" in someone.said
    someone.press("9876")
    assert someone.of(Confer)[0].leader
    assert "9876" not in repr(someone.of(Heard))
    someone.come_back("ended")
    assert someone.path == ["a", "done"]


def test_wrong_pins_at_a_conference_lock_its_doors_over_all_calls() -> None:
    node = {
        "type": "conference", "room": "team", "pin": "1234",
        "left": "done", "full": "lost", "bad_pin": "silent",
    }  # fmt: skip
    flow, tried = flow_of({"a": node, **EXITS}), list[str]()
    someone = Caller(flow, locked=lambda subject, now: subject in tried)
    someone.press("1111#")
    counted = [(each.subject, each.ok, each.attempts) for each in someone.of(Attempted)]
    own, outside = "room team 0901", "room team outside"
    assert counted == [(own, False, 3), (outside, False, 30)]
    tried.append(outside)
    someone.press("1234")
    assert someone.path == ["a", "silent"]
    again = Caller(flow, locked=lambda subject, now: subject in tried)
    again.listen()  # he is told so, or a flow could go round and round in silence
    assert again.path == ["a", "silent"]


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ({}, Confer("team")),
        ({"until_leader": "yes"}, Confer("team", until_leader=True, ends_with_leader=True)),
        (
            {"until_leader": "yes", "end_with_leader": "no"},
            Confer("team", until_leader=True),
        ),
        (
            {"listeners": "yes", "most_minutes": "30", "announce": "name", "keys": {"lock": ""}},
            Confer("team", listener=True, longest_seconds=1800, announce="name", keys={"lock": ""}),
        ),
    ],
)
def test_a_conference_goes_as_its_node_says(settings: dict[str, Any], wanted: Confer) -> None:
    node = {"type": "conference", "room": "team", "left": "done", "full": "lost", **settings}
    someone = Caller(flow_of({"a": node, **EXITS}))
    assert someone.of(Confer) == [wanted]
    someone.come_back("locked")
    assert someone.path == ["a", "lost"]


def test_a_callback_and_a_message_are_errands() -> None:
    node = {"type": "callback", "queue": "sales", "scheduled": "done", "declined": "lost"}
    someone = Caller(flow_of({"a": node, **EXITS}))
    assert someone.of(AskCallback) == [AskCallback("sales")]
    someone.come_back("duplicate")
    assert someone.path == ["a", "done"]
    node = {"type": "voicemail", "queue": "sales", "saved": "done", "review": True}
    someone = Caller(flow_of({"a": node, **EXITS}))
    assert someone.of(TakeMessage) == [TakeMessage("sales", review=True)]
    someone.come_back("too_short")
    assert someone.path == ["a", "done"]
    node = {"type": "voicemail", "agent": "mai", "saved": "done"}
    someone = Caller(flow_of({"a": node, **EXITS}))
    assert someone.of(TakeMessage) == [TakeMessage("", mailbox="agent:mai")]
    assert place_of(someone.of(TakeMessage)[0]) == "voicemail.mai"


@pytest.mark.parametrize("whose", [{}, {"queue": "sales", "agent": "mai"}])
def test_a_message_goes_into_one_mailbox(whose: dict[str, str]) -> None:
    node = {"type": "voicemail", "saved": "done", **whose}
    with pytest.raises(ValidationError, match="write one of `queue` and `agent`"):
        flow_of({"a": node, **EXITS})


def test_recording_is_announced_first() -> None:
    node = {"type": "record", "do": "start", "prompts": "notice", "next": "done"}
    someone = Caller(flow_of({"a": node, **EXITS}))
    assert not someone.of(Record)
    someone.press("1")
    assert someone.playing
    someone.listen()
    assert someone.of(Record) == [Record("start")]


def test_tags_are_kept_with_the_call() -> None:
    node = {"type": "tag", "values": {"tier": "'gold'"}, "script": "vip", "next": "done"}
    assert Caller(flow_of({"a": node, **EXITS})).of(Tag) == [Tag({"tier": "gold"}, "vip")]
