"""What the keys of somebody in a conference room mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplan.rooms import LEADERS, RoomKey
from engine.calls.conferences.keypad import KEY_SECONDS, KeyPad, Pressed


@pytest.mark.parametrize(
    ("key", "leads", "wanted"),
    [
        ("1", False, RoomKey.MUTE),
        ("2", False, RoomKey.COUNT),
        ("#", False, RoomKey.LEAVE),
        ("*", False, RoomKey.MENU),
        ("8", True, RoomKey.END),
        ("8", False, None),
        ("9", True, None),
    ],
)
def test_a_key_does_one_thing_and_some_only_for_leaders(
    key: str, leads: bool, wanted: RoomKey | None
) -> None:
    pressed = KeyPad({}).press(key, leads, 0.0)
    assert pressed == (Pressed(wanted) if wanted else None)


def test_a_number_is_typed_behind_the_key_that_calls_somebody_in() -> None:
    pad = KeyPad({})
    for key in "70901":
        assert pad.press(key, True, 5.0) is None
    assert pad.deadline == 5.0 + KEY_SECONDS
    assert pad.press("#", True, 6.0) == Pressed(RoomKey.INVITE, "0901")
    assert pad.deadline is None
    assert pad.press("1", True, 7.0) == Pressed(RoomKey.MUTE)


@pytest.mark.parametrize("end", ["*", "late"])
def test_a_number_that_is_not_typed_to_its_end_calls_nobody(end: str) -> None:
    pad = KeyPad({})
    pad.press("7", True, 0.0)
    pad.press("1", True, 0.0)
    assert (pad.late() if end == "late" else pad.press("*", True, 0.0)) == Pressed(RoomKey.INVITE)
    assert pad.press("2", True, 0.0) == Pressed(RoomKey.COUNT)


def test_a_room_has_keys_of_its_own_and_some_not_at_all() -> None:
    pad = KeyPad({"mute": "0", "leave": ""})
    assert pad.press("0", False, 0.0) == Pressed(RoomKey.MUTE)
    assert pad.press("1", False, 0.0) is None
    assert pad.press("#", False, 0.0) is None
    assert pad.keys_of(leads=False) == [(RoomKey.MUTE, "0"), (RoomKey.COUNT, "2")]


@given(st.text("0123456789*#", max_size=40), st.booleans())
def test_who_does_not_lead_never_does_what_leaders_do(keys: str, leads: bool) -> None:
    pad = KeyPad({})
    done = [pressed for key in keys if (pressed := pad.press(key, leads, 0.0))]
    if not leads:
        assert not {pressed.what for pressed in done} & LEADERS
    assert all(pressed.number.isdecimal() or not pressed.number for pressed in done)
