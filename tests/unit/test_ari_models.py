"""What Asterisk says, read into the models made from its own description."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from engine.asterisk import ari_generate, ari_models, install
from engine.asterisk.ari_models import (
    ChannelDestroyed,
    Dial,
    Event,
    RecordingFinished,
    StasisStart,
    parse_event,
)

ARRIVAL: dict[str, Any] = {
    "type": "StasisStart",
    "timestamp": "2026-01-31T08:15:00.250+0700",
    "asterisk_id": "box-1",
    "application": "tongdai",
    "args": ["inbound", "02873001234"],
    "channel": {
        "id": "1769822100.7",
        "name": "PJSIP/trunk-00000003",
        "state": "Ring",
        "caller": {"name": "Nguyễn Văn A", "number": "0909123456"},
        "connected": {"name": "", "number": ""},
        "dialplan": {"context": "from-trunk", "exten": "02873001234", "priority": 8},
        "creationtime": "2026-01-31T08:14:59.750+0700",
        "channelvars": {"CC_CALL": "k1"},
    },
}


def test_an_arriving_caller_is_read_with_number_time_and_variables() -> None:
    event = parse_event(ARRIVAL)
    assert isinstance(event, StasisStart)
    assert event.args == ("inbound", "02873001234")
    assert event.channel.caller.name == "Nguyễn Văn A"
    assert event.channel.dialplan.priority == 8
    assert event.channel.channelvars == {"CC_CALL": "k1"}
    assert event.timestamp == 1769822100.25
    assert event.timestamp - event.channel.creationtime == 0.5
    assert event.replace_channel is None


def test_the_end_of_a_call_tells_both_its_causes() -> None:
    event = parse_event({"type": "ChannelDestroyed", "cause": 21, "tech_cause": 603})
    assert isinstance(event, ChannelDestroyed)
    assert (event.cause, event.tech_cause) == (21, 603)
    without = parse_event({"type": "ChannelDestroyed", "cause": 16})
    assert isinstance(without, ChannelDestroyed)
    assert without.tech_cause is None


def test_a_ringing_phone_without_a_caller_has_no_caller() -> None:
    event = parse_event({"type": "Dial", "dialstatus": "RINGING", "peer": {"id": "leg-1"}})
    assert isinstance(event, Dial)
    assert (event.caller, event.peer.id) == (None, "leg-1")


@pytest.mark.parametrize("name", sorted(ari_models._PARSERS))
def test_an_event_that_says_nothing_but_its_type_is_still_read(name: str) -> None:
    event = parse_event({"type": name})
    assert (event.type, event.timestamp) == (name, 0.0)
    assert type(event).__name__ == name


def test_nulls_and_dates_that_are_none_read_as_missing() -> None:
    event = parse_event(ARRIVAL | {"timestamp": "yesterday", "args": None, "channel": None})
    assert isinstance(event, StasisStart)
    assert (event.timestamp, event.args, event.channel.id) == (0.0, (), "")


def test_an_event_of_a_newer_asterisk_keeps_all_it_says() -> None:
    event = parse_event({"type": "ChannelSang", "song": "Lý cây bông"})
    assert type(event) is Event
    assert event.raw["song"] == "Lý cây bông"


def test_a_new_field_of_a_known_event_is_in_raw() -> None:
    event = parse_event({"type": "RecordingFinished", "recording": {"name": "r1", "codec": "x"}})
    assert isinstance(event, RecordingFinished)
    assert (event.recording.name, event.raw["recording"]["codec"]) == ("r1", "x")


@pytest.mark.parametrize("what", ["models", "operations"])
def test_the_checked_in_code_is_what_this_asterisk_describes(what: str) -> None:
    installed = install.ensure(os.environ.get("TONGDAI_ASTERISK"))
    checked_in = Path(ari_models.__file__).with_name(f"ari_{what}.py").read_text(encoding="utf-8")
    assert ari_generate.generate(installed.data_dir / "rest-api", what) == checked_in
