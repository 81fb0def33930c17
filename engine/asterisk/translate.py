"""Asterisk's words into ours: ARI events to switch events, listed channels to a snapshot. Pure."""

from __future__ import annotations

import re

from engine.asterisk import ari_models as ari
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

NORMAL_CLEARING = 16
"""Q.850; Asterisk says 0 when a caller outside any bridge just says BYE."""

OWN_LEG = "leg"
"""The application's argument for legs that we made ourselves."""

BACK_FROM_REFER = "referred"
"""The application's argument for a caller whose trunk did not put him through."""

BACK_FROM_LISTENING = "answered_by"
"""The application's argument for a leg of which it is known now who answered it."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_HUMAN = re.compile(r"HUMAN-([0-9]{1,6})-[0-9]+")
_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")
_NAME_LIMIT = 80


def switch_event(event: ari.Event) -> SwitchEvent | None:
    """What an ARI event means for a story; None when it means nothing to any."""
    at = event.timestamp
    match event:
        case ari.StasisStart(channel=channel, args=(entry, *how)) if entry == BACK_FROM_REFER:
            return _referred(at, channel.id, *how)
        case ari.StasisStart(channel=channel, args=(entry, *who)) if entry == BACK_FROM_LISTENING:
            return answered_by(at, channel.id, *who[:3])
        case ari.StasisStart(channel=channel, args=args):
            return _arrived(at, channel, args)
        case ari.ChannelStateChange(channel=ari.Channel(id=id_, state="Ringing")):
            return LegRinging(at, id_)
        case ari.ChannelStateChange(channel=ari.Channel(id=id_, state="Up")):
            return LegAnswered(at, id_)
        case ari.Dial(peer=ari.Channel(id=id_), dialstatus="PROGRESS"):
            return LegProgressed(at, id_)
        case ari.ChannelHangupRequest(channel=channel):
            return HangUpBegan(at, channel.id)
        case ari.ChannelDestroyed(channel=channel, cause=cause, tech_cause=tech_cause):
            return LegGone(at, channel.id, cause or NORMAL_CLEARING, tech_cause or 0)
        case ari.ChannelDtmfReceived(channel=channel, digit=digit):
            return DigitPressed(at, channel.id, digit)
        case ari.ChannelHold(channel=channel):
            return HoldChanged(at, channel.id, held=True)
        case ari.ChannelUnhold(channel=channel):
            return HoldChanged(at, channel.id, held=False)
        case ari.PlaybackFinished(playback=playback):
            ok = playback.state == "done"
            return PlaybackEnded(at, playback.target_uri.removeprefix("channel:"), playback.id, ok)
        case ari.RecordingFinished(recording=made) | ari.RecordingFailed(recording=made):
            ok = isinstance(event, ari.RecordingFinished)
            return RecordingEnded(at, made.name, ok, float(made.duration or 0), made.cause or "")
    return None


def _arrived(at: float, channel: ari.Channel, args: tuple[str, ...]) -> CallArrived | None:
    entry, did, answered = (*args, "", "", "")[:3]
    if entry in (OWN_LEG, BACK_FROM_REFER, BACK_FROM_LISTENING):
        return None
    return CallArrived(
        at,
        channel.id,
        entry,
        clean(did),
        clean(channel.caller.number),
        clean(channel.caller.name),
        endpoint_of(channel.name),
        clean(channel.protocol_id),
        channel.creationtime,
        _moment(answered),
    )


def _referred(at: float, channel: str, result: str = "", status: str = "") -> Referred:
    """``result`` is Asterisk's TRANSFERSTATUS, ``status`` the SIP answer."""
    return Referred(at, channel, result == "SUCCESS", int(status) if status.isdigit() else 0)


def answered_by(
    at: float, channel: str, status: str = "", cause: str = "", known: str = ""
) -> AnsweredBy:
    """``status`` and ``cause`` are AMD's. It calls it a machine when nothing at all is said; a line
    that is silent is neither. Of a person it tells for how many milliseconds he has been waiting.
    ``known`` is when it was known, if that was before ``at``.
    """
    at = _moment(known) or at
    if cause.startswith("INITIALSILENCE"):
        status = "SILENCE"
    waited = _HUMAN.fullmatch(cause)
    since = at - int(waited[1]) / 1000 if waited else None
    return AnsweredBy(at, channel, status or "NOTSURE", cause, since)


def channel_seen(channel: ari.Channel, app: str, at: float) -> ChannelSeen:
    """A channel of a listing made ``at``. How it came to us, or came back, is in the data of its
    ``Stasis()``."""
    into, *args = (channel.dialplan.app_data or "").split(",")
    ours = channel.dialplan.app_name == "Stasis" and into == app
    if not ours:
        return ChannelSeen(channel.id, channel.state, channel.creationtime)
    heard = answered_by(at, channel.id, *args[1:4]) if args[:1] == [BACK_FROM_LISTENING] else None
    arrival = _arrived(at, channel, tuple(args))
    return ChannelSeen(channel.id, channel.state, channel.creationtime, arrival, heard)


def bridge_seen(bridge: ari.Bridge) -> BridgeSeen:
    """A bridge of a listing."""
    return BridgeSeen(bridge.id, tuple(bridge.channels))


def endpoint_of(channel_name: str) -> str:
    """'3001' from the channel name 'PJSIP/3001-0000002a'."""
    return channel_name.partition("/")[2].rpartition("-")[0]


def _moment(text: str) -> float | None:
    return float(text) if _SECONDS.fullmatch(text) else None


def clean(text: str | None) -> str:
    """Text that a caller's phone supplied, without control characters and not too long."""
    return _CONTROL.sub("", text or "")[:_NAME_LIMIT]
