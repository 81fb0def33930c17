"""What the settings say of recording: who may be recorded, whose talks, and who may order it."""

from __future__ import annotations

import pytest

from acd.recording import Recording
from engine.call_record import Gap
from engine.calls.note import Note
from engine.calls.talk.recording_notes import (
    RecordingPaused,
    RecordingResumed,
    gaps_of,
    is_paused,
)
from engine.calls.talk.recording_rules import begins, is_drawn, may_order, refusal

CALLS = [f"1790000000.{n}" for n in range(5000)]


@pytest.mark.parametrize(
    ("rules", "unasked", "agreed"),
    [
        ({"when": "always"}, True, True),
        ({"when": "on_demand"}, False, True),
        ({"when": "never"}, False, False),
        ({"when": "always", "consent": True}, False, True),
        ({"when": "on_demand", "consent": True}, False, True),
        ({"when": "always", "share": 0}, False, False),
    ],
)
def test_a_talk_is_recorded_as_its_queue_says_and_never_of_who_refused(
    rules: dict[str, object], unasked: bool, agreed: bool
) -> None:
    recording = Recording.model_validate(rules)
    assert begins(recording, CALLS[0], "") is unasked
    assert begins(recording, CALLS[0], "start") is agreed
    assert begins(recording, CALLS[0], "stop") is False


def test_who_refused_or_was_not_asked_cannot_be_recorded_by_anybody() -> None:
    assert refusal(Recording(), "") == ""
    assert "not agreed" in refusal(Recording(), "stop")
    assert "asked" in refusal(Recording(consent=True), "")
    assert refusal(Recording(consent=True), "start") == ""


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        ({}, False),
        ({"by_agents": True}, True),
        ({"when": "on_demand"}, True),
        ({"when": "never"}, False),
        ({"when": "never", "by_agents": True}, True),
    ],
)
def test_agents_begin_and_end_recordings_where_the_queue_lets_them(
    rules: dict[str, object], allowed: bool
) -> None:
    assert may_order(Recording.model_validate(rules)) is allowed


@pytest.mark.parametrize("share", [0, 10, 50, 99.5, 100])
def test_of_many_calls_the_share_is_drawn_and_always_the_same_ones(share: float) -> None:
    drawn = [call for call in CALLS if is_drawn(call, share)]
    assert len(drawn) / len(CALLS) * 100 == pytest.approx(share, abs=2.5)
    assert drawn == [call for call in CALLS if is_drawn(call, share)]


def test_who_is_drawn_for_a_share_is_drawn_for_a_larger_one() -> None:
    assert {c for c in CALLS if is_drawn(c, 20)} < {c for c in CALLS if is_drawn(c, 60)}


def test_the_gaps_of_a_file_are_what_the_switch_confirmed_of_it() -> None:
    notes: list[Note] = [
        RecordingPaused(10, "a", "flow"),
        RecordingPaused(12, "b", "an (phone)"),
        RecordingResumed(15, "a"),
        RecordingPaused(20, "a", "secure"),
    ]
    assert gaps_of(notes, "a", 30) == (Gap(10, 15, "flow"), Gap(20, 30, "secure"))
    assert gaps_of(notes, "a", 14) == (Gap(10, 14, "flow"),)
    assert gaps_of(notes, "b", 11) == ()
    assert gaps_of(notes, "c", 30) == ()
    assert (is_paused(notes, "a"), is_paused(notes[:3], "a"), is_paused(notes, "c")) == (
        *(True, False),
        False,
    )
