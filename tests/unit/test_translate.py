"""What Asterisk says, in our words: each event that a story hears, as it comes over the wire."""

from __future__ import annotations

from typing import Any

import pytest

from engine.asterisk.ari_models import Bridge, Channel, parse_date, parse_event
from engine.asterisk.translate import bridge_seen, channel_seen, clean, endpoint_of, switch_event
from engine.ports import (
    AnsweredBy,
    BridgeSeen,
    CallArrived,
    ChannelSeen,
    DigitPressed,
    HangUpBegan,
    HoldChanged,
    LegAnswered,
    LegGone,
    LegProgressed,
    LegRinging,
    PlaybackEnded,
    RecordingEnded,
    Referred,
    SwitchEvent,
)

STAMP = "2026-09-21T21:33:20.125+0700"
AT = parse_date(STAMP)
BORN = "2026-09-21T21:33:19.000+0700"

CHANNEL = {
    "id": "1790001199.0",
    "name": "PJSIP/trunk-viettel-0000002a",
    "state": "Ring",
    "protocol_id": "3c26700d@10.0.0.9",
    "caller": {"name": "", "number": "+84901234567"},
    "connected": {"name": "", "number": ""},
    "accountcode": "",
    "dialplan": {
        "context": "from-trunk",
        "exten": "19001000",
        "priority": 5,
        "app_name": "Stasis",
        "app_data": "tongdai,inbound,19001000",
    },
    "creationtime": BORN,
    "language": "en",
}
RECORDING = {
    "name": "c-1-r1",
    "format": "wav",
    "state": "done",
    "target_uri": "bridge:c-1-b1",
    "duration": 48,
}
PLAYBACK = {
    "id": "c-1-p1",
    "media_uri": "sound:/prompts/vi/welcome",
    "target_uri": "channel:c-1",
    "language": "vi",
    "state": "done",
}


def heard(kind: str, **fields: Any) -> SwitchEvent | None:
    received = {"type": kind, "timestamp": STAMP, "application": "tongdai", **fields}
    return switch_event(parse_event(received))


def leg(state: str) -> dict[str, Any]:
    return CHANNEL | {"id": "c-1-a1", "state": state}


@pytest.mark.parametrize(
    ("kind", "fields", "event"),
    [
        ("ChannelStateChange", {"channel": leg("Ringing")}, LegRinging(AT, "c-1-a1")),
        ("Dial", {"peer": leg("Down"), "dialstatus": "PROGRESS"}, LegProgressed(AT, "c-1-a1")),
        ("Dial", {"peer": leg("Down"), "dialstatus": ""}, None),
        ("ChannelStateChange", {"channel": leg("Up")}, LegAnswered(AT, "c-1-a1")),
        ("ChannelStateChange", {"channel": leg("Down")}, None),
        ("ChannelHangupRequest", {"channel": leg("Up"), "cause": 16}, HangUpBegan(AT, "c-1-a1")),
        (
            "ChannelDestroyed",
            {"channel": leg("Up"), "cause": 17, "cause_txt": "User busy", "tech_cause": 486},
            LegGone(AT, "c-1-a1", 17, 486),
        ),
        (
            "ChannelDestroyed",
            {"channel": leg("Up"), "cause": 16, "cause_txt": "Normal Clearing"},
            LegGone(AT, "c-1-a1", 16, 0),
        ),
        (
            "ChannelDtmfReceived",
            {"channel": leg("Up"), "digit": "#", "duration_ms": 120},
            DigitPressed(AT, "c-1-a1", "#"),
        ),
        (
            "ChannelHold",
            {"channel": leg("Up"), "musicclass": "default"},
            HoldChanged(AT, "c-1-a1", True),
        ),
        ("ChannelUnhold", {"channel": leg("Up")}, HoldChanged(AT, "c-1-a1", False)),
        ("PlaybackFinished", {"playback": PLAYBACK}, PlaybackEnded(AT, "c-1", "c-1-p1", True)),
        (
            "PlaybackFinished",
            {"playback": PLAYBACK | {"state": "failed"}},
            PlaybackEnded(AT, "c-1", "c-1-p1", False),
        ),
        (
            "RecordingFinished",
            {"recording": RECORDING},
            RecordingEnded(AT, "c-1-r1", True, 48.0),
        ),
        (
            "RecordingFailed",
            {"recording": {**RECORDING, "state": "failed", "cause": "disk full", "duration": None}},
            RecordingEnded(AT, "c-1-r1", False, 0.0, "disk full"),
        ),
        (
            "StasisStart",
            {"channel": CHANNEL, "args": ["referred", "SUCCESS", "200"]},
            Referred(AT, CHANNEL["id"], True, 200),
        ),
        (
            "StasisStart",
            {"channel": CHANNEL, "args": ["referred", "FAILURE", "486"]},
            Referred(AT, CHANNEL["id"], False, 486),
        ),
        (
            "StasisStart",
            {"channel": CHANNEL, "args": ["referred", "UNSUPPORTED", ""]},
            Referred(AT, CHANNEL["id"], False, 0),
        ),
        (
            "StasisStart",
            {"channel": leg("Up"), "args": ["answered_by", "HUMAN", "HUMAN-800-800"]},
            AnsweredBy(AT, "c-1-a1", "HUMAN", "HUMAN-800-800", AT - 0.8),
        ),
        (
            "StasisStart",
            {"channel": leg("Up"), "args": ["answered_by", "HUMAN", "HUMAN-800-800", "1.5"]},
            AnsweredBy(1.5, "c-1-a1", "HUMAN", "HUMAN-800-800", 0.7),
        ),
        (
            "StasisStart",
            {"channel": leg("Up"), "args": ["answered_by", "MACHINE", "INITIALSILENCE-2500-2500"]},
            AnsweredBy(AT, "c-1-a1", "SILENCE", "INITIALSILENCE-2500-2500"),
        ),
        (
            "StasisStart",
            {"channel": leg("Up"), "args": ["answered_by", "", ""]},
            AnsweredBy(AT, "c-1-a1", "NOTSURE"),
        ),
        ("RecordingStarted", {"recording": RECORDING}, None),
        ("StasisEnd", {"channel": CHANNEL}, None),
        ("BridgeCreated", {"bridge": {"id": "c-1-b1", "channels": []}}, None),
        ("SomethingOfTheFuture", {"channel": CHANNEL}, None),
    ],
)
def test_each_event_is_told_as_a_story_understands_it(
    kind: str, fields: dict[str, Any], event: SwitchEvent | None
) -> None:
    assert heard(kind, **fields) == event


def test_a_caller_arrives_with_all_that_is_known_of_him() -> None:
    assert heard("StasisStart", channel=CHANNEL, args=["inbound", "19001000"]) == CallArrived(
        AT,
        "1790001199.0",
        "inbound",
        "19001000",
        "+84901234567",
        "",
        "trunk-viettel",
        "3c26700d@10.0.0.9",
        parse_date(BORN),
    )


def test_a_leg_of_our_own_is_no_arrival() -> None:
    assert heard("StasisStart", channel=leg("Down"), args=["leg"]) is None


@pytest.mark.parametrize(
    ("args", "entry", "did"),
    [([], "", ""), (["inbound"], "inbound", ""), (["agent", "*10", "more"], "agent", "*10")],
)
def test_too_few_or_too_many_arguments_still_make_an_arrival(
    args: list[str], entry: str, did: str
) -> None:
    event = heard("StasisStart", channel=CHANNEL, args=args)
    assert isinstance(event, CallArrived)
    assert (event.entry, event.did) == (entry, did)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Nguyễn, Thị Mai", "Nguyễn, Thị Mai"),
        ('"; DROP TABLE calls', '"; DROP TABLE calls'),
        ("red\x1b[31m\x9b1m\r\nalarm\x00\x07\x7f", "red[31m1malarm"),
        ("half of an emoji \ud83d", "half of an emoji "),
        ("x" * 500, "x" * 80),
        (None, ""),
    ],
)
def test_a_caller_s_name_carries_no_control_characters_and_is_not_too_long(
    sent: str | None, kept: str
) -> None:
    caller = {"name": sent, "number": sent}
    event = heard("StasisStart", channel=CHANNEL | {"caller": caller}, args=["inbound", "1900"])
    assert isinstance(event, CallArrived)
    assert (event.caller, event.caller_name) == (kept, kept)
    assert clean(sent) == kept


def test_a_number_dialed_with_control_characters_is_cleaned_wherever_it_is_read() -> None:
    event = heard("StasisStart", channel=CHANNEL, args=["inbound", "1900\n1000"])
    assert isinstance(event, CallArrived)
    assert event.did == "19001000"
    dialplan = CHANNEL["dialplan"] | {"app_data": "tongdai,inbound,1900\n1000"}  # type: ignore[operator]
    seen = channel_seen(Channel.parse(CHANNEL | {"dialplan": dialplan}), "tongdai", AT)
    assert seen.arrival is not None
    assert seen.arrival.did == "19001000"


def test_an_event_without_a_time_or_fields_does_not_fail() -> None:
    assert switch_event(parse_event({"type": "ChannelDestroyed"})) == LegGone(0.0, "", 16, 0)


# -- listings -------------------------------------------------------------------------------------


def test_a_listed_channel_of_ours_tells_where_it_entered() -> None:
    arrival = CallArrived(
        AT,
        "1790001199.0",
        "inbound",
        "19001000",
        "+84901234567",
        "",
        "trunk-viettel",
        "3c26700d@10.0.0.9",
        parse_date(BORN),
    )
    seen = channel_seen(Channel.parse(CHANNEL), "tongdai", AT)
    assert seen == ChannelSeen("1790001199.0", "Ring", parse_date(BORN), arrival)


def test_a_listed_leg_that_we_made_did_not_arrive() -> None:
    for entry in ("leg", "answered_by,HUMAN,HUMAN-800-800"):
        into = {"context": "x", "exten": "s", "app_name": "Stasis", "app_data": f"tongdai,{entry}"}
        seen = channel_seen(Channel.parse(CHANNEL | {"dialplan": into}), "tongdai", AT)
        assert (seen.state, seen.arrival) == ("Ring", None)


@pytest.mark.parametrize(
    ("app_name", "app_data"),
    [
        ("Stasis", "another,inbound,19001000"),
        ("Stasis", "tongdai2,inbound,19001000"),
        ("MusicOnHold", "default,1"),
        ("", None),
    ],
)
def test_a_channel_elsewhere_is_listed_as_not_ours(app_name: str, app_data: str | None) -> None:
    dialplan = {"context": "x", "exten": "s", "app_name": app_name, "app_data": app_data}
    seen = channel_seen(Channel.parse(CHANNEL | {"dialplan": dialplan}), "tongdai", AT)
    assert seen.arrival is None


def test_a_listed_bridge_tells_who_is_in_it() -> None:
    bridge = Bridge.parse({"id": "c-1-b1", "channels": ["c-1", "c-1-a1"]})
    assert bridge_seen(bridge) == BridgeSeen("c-1-b1", ("c-1", "c-1-a1"))


@pytest.mark.parametrize(
    ("channel", "endpoint"),
    [
        ("PJSIP/3001-0000002a", "3001"),
        ("PJSIP/trunk-viettel-0000002a", "trunk-viettel"),
        ("Local/s@x-00000001;1", "s@x"),
        ("odd", ""),
        ("", ""),
    ],
)
def test_the_phone_is_read_from_the_channel_s_name(channel: str, endpoint: str) -> None:
    assert endpoint_of(channel) == endpoint


def test_a_leg_that_came_back_with_who_answered_is_listed_with_that() -> None:
    dialplan = {
        "context": "answered-by",
        "exten": "back",
        "priority": 3,
        "app_name": "Stasis",
        "app_data": "tongdai,answered_by,HUMAN,HUMAN-800-800",
    }
    seen = channel_seen(Channel.parse(leg("Up") | {"dialplan": dialplan}), "tongdai", AT)
    assert seen.arrival is None
    assert seen.answered_by == AnsweredBy(AT, "c-1-a1", "HUMAN", "HUMAN-800-800", AT - 0.8)
