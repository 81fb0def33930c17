"""ARI's models and events as frozen dataclasses. Made by ``ari_generate.py``: do not edit.

A field that the description requires but the wire lacks is empty ("", 0, an empty model); an
optional one is None. Dates are seconds since the epoch. Every event keeps what was received in
``raw``, so a field or an event type newer than this file is not lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = Mapping[str, Any]


def parse_date(text: str | None) -> float:
    """Seconds since the epoch of '2026-01-31T08:15:00.123+0700'; 0.0 for what is not a date."""
    try:
        return datetime.fromisoformat(text or "").timestamp()
    except ValueError:
        return 0.0


@dataclass(frozen=True, slots=True)
class Application:
    """Details of a Stasis application."""

    name: str = ""
    channel_ids: tuple[str, ...] = ()
    bridge_ids: tuple[str, ...] = ()
    endpoint_ids: tuple[str, ...] = ()
    device_names: tuple[str, ...] = ()
    events_allowed: tuple[Json, ...] = ()
    events_disallowed: tuple[Json, ...] = ()

    @classmethod
    def parse(cls, received: Json) -> Application:
        return cls(
            name=received.get("name") or "",
            channel_ids=tuple(received.get("channel_ids") or ()),
            bridge_ids=tuple(received.get("bridge_ids") or ()),
            endpoint_ids=tuple(received.get("endpoint_ids") or ()),
            device_names=tuple(received.get("device_names") or ()),
            events_allowed=tuple(received.get("events_allowed") or ()),
            events_disallowed=tuple(received.get("events_disallowed") or ()),
        )


@dataclass(frozen=True, slots=True)
class BuildInfo:
    """Info about how Asterisk was built."""

    os: str = ""
    kernel: str = ""
    options: str = ""
    machine: str = ""
    date: str = ""
    user: str = ""

    @classmethod
    def parse(cls, received: Json) -> BuildInfo:
        return cls(
            os=received.get("os") or "",
            kernel=received.get("kernel") or "",
            options=received.get("options") or "",
            machine=received.get("machine") or "",
            date=received.get("date") or "",
            user=received.get("user") or "",
        )


@dataclass(frozen=True, slots=True)
class SystemInfo:
    """Info about Asterisk."""

    version: str = ""
    entity_id: str = ""

    @classmethod
    def parse(cls, received: Json) -> SystemInfo:
        return cls(
            version=received.get("version") or "",
            entity_id=received.get("entity_id") or "",
        )


@dataclass(frozen=True, slots=True)
class SetId:
    """Effective user/group id."""

    user: str = ""
    group: str = ""

    @classmethod
    def parse(cls, received: Json) -> SetId:
        return cls(
            user=received.get("user") or "",
            group=received.get("group") or "",
        )


@dataclass(frozen=True, slots=True)
class ConfigInfo:
    """Info about Asterisk configuration."""

    name: str = ""
    default_language: str = ""
    max_channels: int | None = None
    max_open_files: int | None = None
    max_load: float | None = None
    setid: SetId = SetId()

    @classmethod
    def parse(cls, received: Json) -> ConfigInfo:
        return cls(
            name=received.get("name") or "",
            default_language=received.get("default_language") or "",
            max_channels=received.get("max_channels"),
            max_open_files=received.get("max_open_files"),
            max_load=received.get("max_load"),
            setid=SetId.parse(received.get("setid") or {}),
        )


@dataclass(frozen=True, slots=True)
class StatusInfo:
    """Info about Asterisk status."""

    startup_time: float = 0.0
    last_reload_time: float = 0.0

    @classmethod
    def parse(cls, received: Json) -> StatusInfo:
        return cls(
            startup_time=parse_date(received.get("startup_time")),
            last_reload_time=parse_date(received.get("last_reload_time")),
        )


@dataclass(frozen=True, slots=True)
class AsteriskInfo:
    """Asterisk system information."""

    build: BuildInfo | None = None
    system: SystemInfo | None = None
    config: ConfigInfo | None = None
    status: StatusInfo | None = None

    @classmethod
    def parse(cls, received: Json) -> AsteriskInfo:
        return cls(
            build=BuildInfo.parse(sub) if (sub := received.get("build")) else None,
            system=SystemInfo.parse(sub) if (sub := received.get("system")) else None,
            config=ConfigInfo.parse(sub) if (sub := received.get("config")) else None,
            status=StatusInfo.parse(sub) if (sub := received.get("status")) else None,
        )


@dataclass(frozen=True, slots=True)
class AsteriskPing:
    """Asterisk ping information."""

    asterisk_id: str = ""
    ping: str = ""
    timestamp: str = ""

    @classmethod
    def parse(cls, received: Json) -> AsteriskPing:
        return cls(
            asterisk_id=received.get("asterisk_id") or "",
            ping=received.get("ping") or "",
            timestamp=received.get("timestamp") or "",
        )


@dataclass(frozen=True, slots=True)
class Module:
    """Details of an Asterisk module."""

    name: str = ""
    description: str = ""
    use_count: int = 0
    status: str = ""
    support_level: str = ""

    @classmethod
    def parse(cls, received: Json) -> Module:
        return cls(
            name=received.get("name") or "",
            description=received.get("description") or "",
            use_count=received.get("use_count") or 0,
            status=received.get("status") or "",
            support_level=received.get("support_level") or "",
        )


@dataclass(frozen=True, slots=True)
class LogChannel:
    """Details of an Asterisk log channel."""

    channel: str = ""
    type: str = ""
    status: str = ""
    configuration: str = ""

    @classmethod
    def parse(cls, received: Json) -> LogChannel:
        return cls(
            channel=received.get("channel") or "",
            type=received.get("type") or "",
            status=received.get("status") or "",
            configuration=received.get("configuration") or "",
        )


@dataclass(frozen=True, slots=True)
class Variable:
    """The value of a channel variable."""

    value: str = ""

    @classmethod
    def parse(cls, received: Json) -> Variable:
        return cls(
            value=received.get("value") or "",
        )


@dataclass(frozen=True, slots=True)
class Variables:
    """A dictionary of channel variables."""

    variables: Json = field(default_factory=dict)

    @classmethod
    def parse(cls, received: Json) -> Variables:
        return cls(
            variables=received.get("variables") or {},
        )


@dataclass(frozen=True, slots=True)
class ConfigTuple:
    """A key/value pair that makes up part of a configuration object."""

    attribute: str = ""
    value: str = ""

    @classmethod
    def parse(cls, received: Json) -> ConfigTuple:
        return cls(
            attribute=received.get("attribute") or "",
            value=received.get("value") or "",
        )


@dataclass(frozen=True, slots=True)
class Bridge:
    """The merging of media from one or more channels.

    Everyone on the bridge receives the same audio.
    """

    id: str = ""
    technology: str = ""
    bridge_type: str = ""
    bridge_class: str = ""
    creator: str = ""
    name: str = ""
    channels: tuple[str, ...] = ()
    video_mode: str | None = None
    video_source_id: str | None = None
    creationtime: float = 0.0
    bridgevars: Json = field(default_factory=dict)

    @classmethod
    def parse(cls, received: Json) -> Bridge:
        return cls(
            id=received.get("id") or "",
            technology=received.get("technology") or "",
            bridge_type=received.get("bridge_type") or "",
            bridge_class=received.get("bridge_class") or "",
            creator=received.get("creator") or "",
            name=received.get("name") or "",
            channels=tuple(received.get("channels") or ()),
            video_mode=received.get("video_mode"),
            video_source_id=received.get("video_source_id"),
            creationtime=parse_date(received.get("creationtime")),
            bridgevars=received.get("bridgevars") or {},
        )


@dataclass(frozen=True, slots=True)
class Dialed:
    """Dialed channel information."""

    @classmethod
    def parse(cls, received: Json) -> Dialed:
        return cls()


@dataclass(frozen=True, slots=True)
class DialplanCEP:
    """Dialplan location (context/extension/priority)."""

    context: str = ""
    exten: str = ""
    priority: int = 0
    app_name: str = ""
    app_data: str = ""

    @classmethod
    def parse(cls, received: Json) -> DialplanCEP:
        return cls(
            context=received.get("context") or "",
            exten=received.get("exten") or "",
            priority=received.get("priority") or 0,
            app_name=received.get("app_name") or "",
            app_data=received.get("app_data") or "",
        )


@dataclass(frozen=True, slots=True)
class CallerID:
    """Caller identification."""

    name: str = ""
    number: str = ""

    @classmethod
    def parse(cls, received: Json) -> CallerID:
        return cls(
            name=received.get("name") or "",
            number=received.get("number") or "",
        )


@dataclass(frozen=True, slots=True)
class RTPstat:
    """A statistics of a RTP."""

    txcount: int = 0
    rxcount: int = 0
    txjitter: float | None = None
    rxjitter: float | None = None
    remote_maxjitter: float | None = None
    remote_minjitter: float | None = None
    remote_normdevjitter: float | None = None
    remote_stdevjitter: float | None = None
    local_maxjitter: float | None = None
    local_minjitter: float | None = None
    local_normdevjitter: float | None = None
    local_stdevjitter: float | None = None
    txploss: int = 0
    rxploss: int = 0
    remote_maxrxploss: float | None = None
    remote_minrxploss: float | None = None
    remote_normdevrxploss: float | None = None
    remote_stdevrxploss: float | None = None
    local_maxrxploss: float | None = None
    local_minrxploss: float | None = None
    local_normdevrxploss: float | None = None
    local_stdevrxploss: float | None = None
    rtt: float | None = None
    maxrtt: float | None = None
    minrtt: float | None = None
    normdevrtt: float | None = None
    stdevrtt: float | None = None
    local_ssrc: int = 0
    remote_ssrc: int = 0
    txoctetcount: int = 0
    rxoctetcount: int = 0
    channel_uniqueid: str = ""

    @classmethod
    def parse(cls, received: Json) -> RTPstat:
        return cls(
            txcount=received.get("txcount") or 0,
            rxcount=received.get("rxcount") or 0,
            txjitter=received.get("txjitter"),
            rxjitter=received.get("rxjitter"),
            remote_maxjitter=received.get("remote_maxjitter"),
            remote_minjitter=received.get("remote_minjitter"),
            remote_normdevjitter=received.get("remote_normdevjitter"),
            remote_stdevjitter=received.get("remote_stdevjitter"),
            local_maxjitter=received.get("local_maxjitter"),
            local_minjitter=received.get("local_minjitter"),
            local_normdevjitter=received.get("local_normdevjitter"),
            local_stdevjitter=received.get("local_stdevjitter"),
            txploss=received.get("txploss") or 0,
            rxploss=received.get("rxploss") or 0,
            remote_maxrxploss=received.get("remote_maxrxploss"),
            remote_minrxploss=received.get("remote_minrxploss"),
            remote_normdevrxploss=received.get("remote_normdevrxploss"),
            remote_stdevrxploss=received.get("remote_stdevrxploss"),
            local_maxrxploss=received.get("local_maxrxploss"),
            local_minrxploss=received.get("local_minrxploss"),
            local_normdevrxploss=received.get("local_normdevrxploss"),
            local_stdevrxploss=received.get("local_stdevrxploss"),
            rtt=received.get("rtt"),
            maxrtt=received.get("maxrtt"),
            minrtt=received.get("minrtt"),
            normdevrtt=received.get("normdevrtt"),
            stdevrtt=received.get("stdevrtt"),
            local_ssrc=received.get("local_ssrc") or 0,
            remote_ssrc=received.get("remote_ssrc") or 0,
            txoctetcount=received.get("txoctetcount") or 0,
            rxoctetcount=received.get("rxoctetcount") or 0,
            channel_uniqueid=received.get("channel_uniqueid") or "",
        )


@dataclass(frozen=True, slots=True)
class Channel:
    """A specific communication connection between Asterisk and an Endpoint."""

    id: str = ""
    protocol_id: str = ""
    name: str = ""
    state: str = ""
    caller: CallerID = CallerID()
    connected: CallerID = CallerID()
    accountcode: str = ""
    dialplan: DialplanCEP = DialplanCEP()
    creationtime: float = 0.0
    language: str = ""
    channelvars: Json = field(default_factory=dict)
    caller_rdnis: str | None = None
    tenantid: str | None = None

    @classmethod
    def parse(cls, received: Json) -> Channel:
        return cls(
            id=received.get("id") or "",
            protocol_id=received.get("protocol_id") or "",
            name=received.get("name") or "",
            state=received.get("state") or "",
            caller=CallerID.parse(received.get("caller") or {}),
            connected=CallerID.parse(received.get("connected") or {}),
            accountcode=received.get("accountcode") or "",
            dialplan=DialplanCEP.parse(received.get("dialplan") or {}),
            creationtime=parse_date(received.get("creationtime")),
            language=received.get("language") or "",
            channelvars=received.get("channelvars") or {},
            caller_rdnis=received.get("caller_rdnis"),
            tenantid=received.get("tenantid"),
        )


@dataclass(frozen=True, slots=True)
class DeviceState:
    """Represents the state of a device."""

    name: str = ""
    state: str = ""

    @classmethod
    def parse(cls, received: Json) -> DeviceState:
        return cls(
            name=received.get("name") or "",
            state=received.get("state") or "",
        )


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An external device that may offer/accept calls to/from Asterisk.

    Unlike most resources, which have a single unique identifier, an endpoint is uniquely
    identified by the technology/resource pair.
    """

    technology: str = ""
    resource: str = ""
    state: str | None = None
    channel_ids: tuple[str, ...] = ()

    @classmethod
    def parse(cls, received: Json) -> Endpoint:
        return cls(
            technology=received.get("technology") or "",
            resource=received.get("resource") or "",
            state=received.get("state"),
            channel_ids=tuple(received.get("channel_ids") or ()),
        )


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A text message."""

    from_: str = ""
    to: str = ""
    body: str = ""
    variables: Json = field(default_factory=dict)

    @classmethod
    def parse(cls, received: Json) -> TextMessage:
        return cls(
            from_=received.get("from") or "",
            to=received.get("to") or "",
            body=received.get("body") or "",
            variables=received.get("variables") or {},
        )


@dataclass(frozen=True, slots=True)
class Event:
    """Base type for asynchronous events from Asterisk."""

    type: str = ""
    asterisk_id: str | None = None
    application: str = ""
    timestamp: float = 0.0
    raw: Json = field(default_factory=dict, repr=False)

    @classmethod
    def parse(cls, received: Json) -> Event:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
        )


@dataclass(frozen=True, slots=True)
class ContactInfo:
    """Detailed information about a contact on an endpoint."""

    uri: str = ""
    contact_status: str = ""
    aor: str = ""
    roundtrip_usec: str | None = None

    @classmethod
    def parse(cls, received: Json) -> ContactInfo:
        return cls(
            uri=received.get("uri") or "",
            contact_status=received.get("contact_status") or "",
            aor=received.get("aor") or "",
            roundtrip_usec=received.get("roundtrip_usec"),
        )


@dataclass(frozen=True, slots=True)
class Peer:
    """Detailed information about a remote peer that communicates with Asterisk."""

    peer_status: str = ""
    cause: str | None = None
    address: str | None = None
    port: str | None = None
    time: str | None = None

    @classmethod
    def parse(cls, received: Json) -> Peer:
        return cls(
            peer_status=received.get("peer_status") or "",
            cause=received.get("cause"),
            address=received.get("address"),
            port=received.get("port"),
            time=received.get("time"),
        )


@dataclass(frozen=True, slots=True)
class DeviceStateChanged(Event):
    """Notification that a device state has changed."""

    device_state: DeviceState = DeviceState()

    @classmethod
    def parse(cls, received: Json) -> DeviceStateChanged:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            device_state=DeviceState.parse(received.get("device_state") or {}),
        )


@dataclass(frozen=True, slots=True)
class Playback:
    """Object representing the playback of media to a channel."""

    id: str = ""
    media_uri: str = ""
    next_media_uri: str | None = None
    target_uri: str = ""
    language: str | None = None
    state: str = ""

    @classmethod
    def parse(cls, received: Json) -> Playback:
        return cls(
            id=received.get("id") or "",
            media_uri=received.get("media_uri") or "",
            next_media_uri=received.get("next_media_uri"),
            target_uri=received.get("target_uri") or "",
            language=received.get("language"),
            state=received.get("state") or "",
        )


@dataclass(frozen=True, slots=True)
class PlaybackStarted(Event):
    """Event showing the start of a media playback operation."""

    playback: Playback = Playback()

    @classmethod
    def parse(cls, received: Json) -> PlaybackStarted:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            playback=Playback.parse(received.get("playback") or {}),
        )


@dataclass(frozen=True, slots=True)
class PlaybackContinuing(Event):
    """Event showing the continuation of a media playback operation from one media URI to the
    next in the list.
    """

    playback: Playback = Playback()

    @classmethod
    def parse(cls, received: Json) -> PlaybackContinuing:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            playback=Playback.parse(received.get("playback") or {}),
        )


@dataclass(frozen=True, slots=True)
class PlaybackFinished(Event):
    """Event showing the completion of a media playback operation."""

    playback: Playback = Playback()

    @classmethod
    def parse(cls, received: Json) -> PlaybackFinished:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            playback=Playback.parse(received.get("playback") or {}),
        )


@dataclass(frozen=True, slots=True)
class LiveRecording:
    """A recording that is in progress."""

    name: str = ""
    format: str = ""
    target_uri: str = ""
    state: str = ""
    duration: int | None = None
    talking_duration: int | None = None
    silence_duration: int | None = None
    cause: str | None = None

    @classmethod
    def parse(cls, received: Json) -> LiveRecording:
        return cls(
            name=received.get("name") or "",
            format=received.get("format") or "",
            target_uri=received.get("target_uri") or "",
            state=received.get("state") or "",
            duration=received.get("duration"),
            talking_duration=received.get("talking_duration"),
            silence_duration=received.get("silence_duration"),
            cause=received.get("cause"),
        )


@dataclass(frozen=True, slots=True)
class RecordingStarted(Event):
    """Event showing the start of a recording operation."""

    recording: LiveRecording = LiveRecording()

    @classmethod
    def parse(cls, received: Json) -> RecordingStarted:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            recording=LiveRecording.parse(received.get("recording") or {}),
        )


@dataclass(frozen=True, slots=True)
class RecordingFinished(Event):
    """Event showing the completion of a recording operation."""

    recording: LiveRecording = LiveRecording()

    @classmethod
    def parse(cls, received: Json) -> RecordingFinished:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            recording=LiveRecording.parse(received.get("recording") or {}),
        )


@dataclass(frozen=True, slots=True)
class RecordingFailed(Event):
    """Event showing failure of a recording operation."""

    recording: LiveRecording = LiveRecording()

    @classmethod
    def parse(cls, received: Json) -> RecordingFailed:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            recording=LiveRecording.parse(received.get("recording") or {}),
        )


@dataclass(frozen=True, slots=True)
class ApplicationMoveFailed(Event):
    """Notification that trying to move a channel to another Stasis application failed."""

    channel: Channel = Channel()
    destination: str = ""
    args: tuple[str, ...] = ()

    @classmethod
    def parse(cls, received: Json) -> ApplicationMoveFailed:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            channel=Channel.parse(received.get("channel") or {}),
            destination=received.get("destination") or "",
            args=tuple(received.get("args") or ()),
        )


@dataclass(frozen=True, slots=True)
class ApplicationRegistered(Event):
    """Notification that a Stasis app has been registered."""

    @classmethod
    def parse(cls, received: Json) -> ApplicationRegistered:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
        )


@dataclass(frozen=True, slots=True)
class ApplicationUnregistered(Event):
    """Notification that a Stasis app has been unregistered."""

    @classmethod
    def parse(cls, received: Json) -> ApplicationUnregistered:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
        )


@dataclass(frozen=True, slots=True)
class ApplicationReplaced(Event):
    """Notification that another WebSocket has taken over for an application.

    An application may only be subscribed to by a single WebSocket at a time. If multiple
    WebSockets attempt to subscribe to the same application, the newer WebSocket wins, and
    the older one receives this event.
    """

    @classmethod
    def parse(cls, received: Json) -> ApplicationReplaced:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
        )


@dataclass(frozen=True, slots=True)
class BridgeCreated(Event):
    """Notification that a bridge has been created."""

    bridge: Bridge = Bridge()

    @classmethod
    def parse(cls, received: Json) -> BridgeCreated:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            bridge=Bridge.parse(received.get("bridge") or {}),
        )


@dataclass(frozen=True, slots=True)
class BridgeDestroyed(Event):
    """Notification that a bridge has been destroyed."""

    bridge: Bridge = Bridge()

    @classmethod
    def parse(cls, received: Json) -> BridgeDestroyed:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            bridge=Bridge.parse(received.get("bridge") or {}),
        )


@dataclass(frozen=True, slots=True)
class BridgeMerged(Event):
    """Notification that one bridge has merged into another."""

    bridge: Bridge = Bridge()
    bridge_from: Bridge = Bridge()

    @classmethod
    def parse(cls, received: Json) -> BridgeMerged:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            bridge=Bridge.parse(received.get("bridge") or {}),
            bridge_from=Bridge.parse(received.get("bridge_from") or {}),
        )


@dataclass(frozen=True, slots=True)
class BridgeVideoSourceChanged(Event):
    """Notification that the source of video in a bridge has changed."""

    bridge: Bridge = Bridge()
    old_video_source_id: str | None = None

    @classmethod
    def parse(cls, received: Json) -> BridgeVideoSourceChanged:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            bridge=Bridge.parse(received.get("bridge") or {}),
            old_video_source_id=received.get("old_video_source_id"),
        )


@dataclass(frozen=True, slots=True)
class BridgeBlindTransfer(Event):
    """Notification that a blind transfer has occurred."""

    channel: Channel = Channel()
    replace_channel: Channel | None = None
    transferee: Channel | None = None
    exten: str = ""
    context: str = ""
    result: str = ""
    is_external: bool = False
    bridge: Bridge | None = None

    @classmethod
    def parse(cls, received: Json) -> BridgeBlindTransfer:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            channel=Channel.parse(received.get("channel") or {}),
            replace_channel=Channel.parse(sub)
            if (sub := received.get("replace_channel"))
            else None,
            transferee=Channel.parse(sub) if (sub := received.get("transferee")) else None,
            exten=received.get("exten") or "",
            context=received.get("context") or "",
            result=received.get("result") or "",
            is_external=received.get("is_external") or False,
            bridge=Bridge.parse(sub) if (sub := received.get("bridge")) else None,
        )


@dataclass(frozen=True, slots=True)
class BridgeAttendedTransfer(Event):
    """Notification that an attended transfer has occurred."""

    transferer_first_leg: Channel = Channel()
    transferer_second_leg: Channel = Channel()
    replace_channel: Channel | None = None
    transferee: Channel | None = None
    transfer_target: Channel | None = None
    result: str = ""
    is_external: bool = False
    transferer_first_leg_bridge: Bridge | None = None
    transferer_second_leg_bridge: Bridge | None = None
    destination_type: str = ""
    destination_bridge: str | None = None
    destination_application: str | None = None
    destination_link_first_leg: Channel | None = None
    destination_link_second_leg: Channel | None = None
    destination_threeway_channel: Channel | None = None
    destination_threeway_bridge: Bridge | None = None

    @classmethod
    def parse(cls, received: Json) -> BridgeAttendedTransfer:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            transferer_first_leg=Channel.parse(received.get("transferer_first_leg") or {}),
            transferer_second_leg=Channel.parse(received.get("transferer_second_leg") or {}),
            replace_channel=Channel.parse(sub)
            if (sub := received.get("replace_channel"))
            else None,
            transferee=Channel.parse(sub) if (sub := received.get("transferee")) else None,
            transfer_target=Channel.parse(sub)
            if (sub := received.get("transfer_target"))
            else None,
            result=received.get("result") or "",
            is_external=received.get("is_external") or False,
            transferer_first_leg_bridge=Bridge.parse(sub)
            if (sub := received.get("transferer_first_leg_bridge"))
            else None,
            transferer_second_leg_bridge=Bridge.parse(sub)
            if (sub := received.get("transferer_second_leg_bridge"))
            else None,
            destination_type=received.get("destination_type") or "",
            destination_bridge=received.get("destination_bridge"),
            destination_application=received.get("destination_application"),
            destination_link_first_leg=Channel.parse(sub)
            if (sub := received.get("destination_link_first_leg"))
            else None,
            destination_link_second_leg=Channel.parse(sub)
            if (sub := received.get("destination_link_second_leg"))
            else None,
            destination_threeway_channel=Channel.parse(sub)
            if (sub := received.get("destination_threeway_channel"))
            else None,
            destination_threeway_bridge=Bridge.parse(sub)
            if (sub := received.get("destination_threeway_bridge"))
            else None,
        )


@dataclass(frozen=True, slots=True)
class ChannelCreated(Event):
    """Notification that a channel has been created."""

    channel: Channel = Channel()

    @classmethod
    def parse(cls, received: Json) -> ChannelCreated:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            channel=Channel.parse(received.get("channel") or {}),
        )


@dataclass(frozen=True, slots=True)
class ChannelDestroyed(Event):
    """Notification that a channel has been destroyed."""

    cause: int = 0
    cause_txt: str = ""
    tech_cause: int | None = None
    channel: Channel = Channel()

    @classmethod
    def parse(cls, received: Json) -> ChannelDestroyed:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            cause=received.get("cause") or 0,
            cause_txt=received.get("cause_txt") or "",
            tech_cause=received.get("tech_cause"),
            channel=Channel.parse(received.get("channel") or {}),
        )


@dataclass(frozen=True, slots=True)
class ChannelEnteredBridge(Event):
    """Notification that a channel has entered a bridge."""

    bridge: Bridge = Bridge()
    channel: Channel | None = None

    @classmethod
    def parse(cls, received: Json) -> ChannelEnteredBridge:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            bridge=Bridge.parse(received.get("bridge") or {}),
            channel=Channel.parse(sub) if (sub := received.get("channel")) else None,
        )


@dataclass(frozen=True, slots=True)
class ChannelLeftBridge(Event):
    """Notification that a channel has left a bridge."""

    bridge: Bridge = Bridge()
    channel: Channel = Channel()

    @classmethod
    def parse(cls, received: Json) -> ChannelLeftBridge:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            bridge=Bridge.parse(received.get("bridge") or {}),
            channel=Channel.parse(received.get("channel") or {}),
        )


@dataclass(frozen=True, slots=True)
class ChannelStateChange(Event):
    """Notification of a channel's state change."""

    channel: Channel = Channel()

    @classmethod
    def parse(cls, received: Json) -> ChannelStateChange:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            channel=Channel.parse(received.get("channel") or {}),
        )


@dataclass(frozen=True, slots=True)
class ChannelDtmfReceived(Event):
    """DTMF received on a channel.

    This event is sent when the DTMF ends. There is no notification about the start of DTMF
    """

    digit: str = ""
    duration_ms: int = 0
    channel: Channel = Channel()

    @classmethod
    def parse(cls, received: Json) -> ChannelDtmfReceived:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            digit=received.get("digit") or "",
            duration_ms=received.get("duration_ms") or 0,
            channel=Channel.parse(received.get("channel") or {}),
        )


@dataclass(frozen=True, slots=True)
class ChannelDialplan(Event):
    """Channel changed location in the dialplan."""

    channel: Channel = Channel()
    dialplan_app: str = ""
    dialplan_app_data: str = ""

    @classmethod
    def parse(cls, received: Json) -> ChannelDialplan:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            channel=Channel.parse(received.get("channel") or {}),
            dialplan_app=received.get("dialplan_app") or "",
            dialplan_app_data=received.get("dialplan_app_data") or "",
        )


@dataclass(frozen=True, slots=True)
class ChannelCallerId(Event):
    """Channel changed Caller ID."""

    caller_presentation: int = 0
    caller_presentation_txt: str = ""
    channel: Channel = Channel()

    @classmethod
    def parse(cls, received: Json) -> ChannelCallerId:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            caller_presentation=received.get("caller_presentation") or 0,
            caller_presentation_txt=received.get("caller_presentation_txt") or "",
            channel=Channel.parse(received.get("channel") or {}),
        )


@dataclass(frozen=True, slots=True)
class ChannelUserevent(Event):
    """User-generated event with additional user-defined fields in the object."""

    eventname: str = ""
    channel: Channel | None = None
    bridge: Bridge | None = None
    endpoint: Endpoint | None = None
    userevent: Json = field(default_factory=dict)

    @classmethod
    def parse(cls, received: Json) -> ChannelUserevent:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            eventname=received.get("eventname") or "",
            channel=Channel.parse(sub) if (sub := received.get("channel")) else None,
            bridge=Bridge.parse(sub) if (sub := received.get("bridge")) else None,
            endpoint=Endpoint.parse(sub) if (sub := received.get("endpoint")) else None,
            userevent=received.get("userevent") or {},
        )


@dataclass(frozen=True, slots=True)
class ChannelHangupRequest(Event):
    """A hangup was requested on the channel."""

    cause: int | None = None
    tech_cause: int | None = None
    soft: bool | None = None
    channel: Channel = Channel()

    @classmethod
    def parse(cls, received: Json) -> ChannelHangupRequest:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            cause=received.get("cause"),
            tech_cause=received.get("tech_cause"),
            soft=received.get("soft"),
            channel=Channel.parse(received.get("channel") or {}),
        )


@dataclass(frozen=True, slots=True)
class ChannelVarset(Event):
    """Channel variable changed."""

    variable: str = ""
    value: str = ""
    channel: Channel | None = None

    @classmethod
    def parse(cls, received: Json) -> ChannelVarset:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            variable=received.get("variable") or "",
            value=received.get("value") or "",
            channel=Channel.parse(sub) if (sub := received.get("channel")) else None,
        )


@dataclass(frozen=True, slots=True)
class ChannelHold(Event):
    """A channel initiated a media hold."""

    channel: Channel = Channel()
    musicclass: str | None = None

    @classmethod
    def parse(cls, received: Json) -> ChannelHold:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            channel=Channel.parse(received.get("channel") or {}),
            musicclass=received.get("musicclass"),
        )


@dataclass(frozen=True, slots=True)
class ChannelUnhold(Event):
    """A channel initiated a media unhold."""

    channel: Channel = Channel()

    @classmethod
    def parse(cls, received: Json) -> ChannelUnhold:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            channel=Channel.parse(received.get("channel") or {}),
        )


@dataclass(frozen=True, slots=True)
class ChannelToneDetected(Event):
    """Tone was detected on the channel."""

    channel: Channel = Channel()

    @classmethod
    def parse(cls, received: Json) -> ChannelToneDetected:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            channel=Channel.parse(received.get("channel") or {}),
        )


@dataclass(frozen=True, slots=True)
class ChannelTalkingStarted(Event):
    """Talking was detected on the channel."""

    channel: Channel = Channel()

    @classmethod
    def parse(cls, received: Json) -> ChannelTalkingStarted:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            channel=Channel.parse(received.get("channel") or {}),
        )


@dataclass(frozen=True, slots=True)
class ChannelTalkingFinished(Event):
    """Talking is no longer detected on the channel."""

    channel: Channel = Channel()
    duration: int = 0

    @classmethod
    def parse(cls, received: Json) -> ChannelTalkingFinished:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            channel=Channel.parse(received.get("channel") or {}),
            duration=received.get("duration") or 0,
        )


@dataclass(frozen=True, slots=True)
class ContactStatusChange(Event):
    """The state of a contact on an endpoint has changed."""

    endpoint: Endpoint = Endpoint()
    contact_info: ContactInfo = ContactInfo()

    @classmethod
    def parse(cls, received: Json) -> ContactStatusChange:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            endpoint=Endpoint.parse(received.get("endpoint") or {}),
            contact_info=ContactInfo.parse(received.get("contact_info") or {}),
        )


@dataclass(frozen=True, slots=True)
class PeerStatusChange(Event):
    """The state of a peer associated with an endpoint has changed."""

    endpoint: Endpoint = Endpoint()
    peer: Peer = Peer()

    @classmethod
    def parse(cls, received: Json) -> PeerStatusChange:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            endpoint=Endpoint.parse(received.get("endpoint") or {}),
            peer=Peer.parse(received.get("peer") or {}),
        )


@dataclass(frozen=True, slots=True)
class EndpointStateChange(Event):
    """Endpoint state changed."""

    endpoint: Endpoint = Endpoint()

    @classmethod
    def parse(cls, received: Json) -> EndpointStateChange:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            endpoint=Endpoint.parse(received.get("endpoint") or {}),
        )


@dataclass(frozen=True, slots=True)
class Dial(Event):
    """Dialing state has changed."""

    caller: Channel | None = None
    peer: Channel = Channel()
    forward: str | None = None
    forwarded: Channel | None = None
    dialstring: str | None = None
    dialstatus: str = ""

    @classmethod
    def parse(cls, received: Json) -> Dial:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            caller=Channel.parse(sub) if (sub := received.get("caller")) else None,
            peer=Channel.parse(received.get("peer") or {}),
            forward=received.get("forward"),
            forwarded=Channel.parse(sub) if (sub := received.get("forwarded")) else None,
            dialstring=received.get("dialstring"),
            dialstatus=received.get("dialstatus") or "",
        )


@dataclass(frozen=True, slots=True)
class StasisEnd(Event):
    """Notification that a channel has left a Stasis application."""

    channel: Channel = Channel()

    @classmethod
    def parse(cls, received: Json) -> StasisEnd:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            channel=Channel.parse(received.get("channel") or {}),
        )


@dataclass(frozen=True, slots=True)
class StasisStart(Event):
    """Notification that a channel has entered a Stasis application."""

    args: tuple[str, ...] = ()
    channel: Channel = Channel()
    replace_channel: Channel | None = None

    @classmethod
    def parse(cls, received: Json) -> StasisStart:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            args=tuple(received.get("args") or ()),
            channel=Channel.parse(received.get("channel") or {}),
            replace_channel=Channel.parse(sub)
            if (sub := received.get("replace_channel"))
            else None,
        )


@dataclass(frozen=True, slots=True)
class TextMessageReceived(Event):
    """A text message was received from an endpoint."""

    message: TextMessage = TextMessage()
    endpoint: Endpoint | None = None

    @classmethod
    def parse(cls, received: Json) -> TextMessageReceived:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            message=TextMessage.parse(received.get("message") or {}),
            endpoint=Endpoint.parse(sub) if (sub := received.get("endpoint")) else None,
        )


@dataclass(frozen=True, slots=True)
class ChannelConnectedLine(Event):
    """Channel changed Connected Line."""

    channel: Channel = Channel()

    @classmethod
    def parse(cls, received: Json) -> ChannelConnectedLine:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            channel=Channel.parse(received.get("channel") or {}),
        )


@dataclass(frozen=True, slots=True)
class AdditionalParam:
    """Protocol specific additional parameter."""

    parameter_name: str = ""
    parameter_value: str = ""

    @classmethod
    def parse(cls, received: Json) -> AdditionalParam:
        return cls(
            parameter_name=received.get("parameter_name") or "",
            parameter_value=received.get("parameter_value") or "",
        )


@dataclass(frozen=True, slots=True)
class RequiredDestination:
    """Information about the requested destination."""

    protocol_id: str | None = None
    destination: str | None = None
    additional_protocol_params: tuple[AdditionalParam, ...] = ()

    @classmethod
    def parse(cls, received: Json) -> RequiredDestination:
        return cls(
            protocol_id=received.get("protocol_id"),
            destination=received.get("destination"),
            additional_protocol_params=tuple(
                AdditionalParam.parse(each)
                for each in received.get("additional_protocol_params") or ()
            ),
        )


@dataclass(frozen=True, slots=True)
class ReferTo:
    """transfer destination requested by transferee."""

    requested_destination: RequiredDestination = RequiredDestination()
    destination_channel: Channel | None = None
    connected_channel: Channel | None = None
    bridge: Bridge | None = None

    @classmethod
    def parse(cls, received: Json) -> ReferTo:
        return cls(
            requested_destination=RequiredDestination.parse(
                received.get("requested_destination") or {}
            ),
            destination_channel=Channel.parse(sub)
            if (sub := received.get("destination_channel"))
            else None,
            connected_channel=Channel.parse(sub)
            if (sub := received.get("connected_channel"))
            else None,
            bridge=Bridge.parse(sub) if (sub := received.get("bridge")) else None,
        )


@dataclass(frozen=True, slots=True)
class ReferredBy:
    """transfer destination requested by transferee."""

    source_channel: Channel = Channel()
    connected_channel: Channel | None = None
    bridge: Bridge | None = None

    @classmethod
    def parse(cls, received: Json) -> ReferredBy:
        return cls(
            source_channel=Channel.parse(received.get("source_channel") or {}),
            connected_channel=Channel.parse(sub)
            if (sub := received.get("connected_channel"))
            else None,
            bridge=Bridge.parse(sub) if (sub := received.get("bridge")) else None,
        )


@dataclass(frozen=True, slots=True)
class ChannelTransfer(Event):
    """transfer on a channel."""

    state: str | None = None
    refer_to: ReferTo = ReferTo()
    referred_by: ReferredBy = ReferredBy()

    @classmethod
    def parse(cls, received: Json) -> ChannelTransfer:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            state=received.get("state"),
            refer_to=ReferTo.parse(received.get("refer_to") or {}),
            referred_by=ReferredBy.parse(received.get("referred_by") or {}),
        )


@dataclass(frozen=True, slots=True)
class CallBroadcast(Event):
    """Notification that a channel is being broadcast to ARI applications for claiming."""

    channel: Channel = Channel()
    caller: str | None = None
    called: str | None = None

    @classmethod
    def parse(cls, received: Json) -> CallBroadcast:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            channel=Channel.parse(received.get("channel") or {}),
            caller=received.get("caller"),
            called=received.get("called"),
        )


@dataclass(frozen=True, slots=True)
class CallClaimed(Event):
    """Notification that a broadcast channel has been successfully claimed by an ARI
    application.
    """

    channel: Channel = Channel()
    winner_app: str = ""

    @classmethod
    def parse(cls, received: Json) -> CallClaimed:
        return cls(
            type=received.get("type") or "",
            asterisk_id=received.get("asterisk_id"),
            application=received.get("application") or "",
            timestamp=parse_date(received.get("timestamp")),
            raw=received,
            channel=Channel.parse(received.get("channel") or {}),
            winner_app=received.get("winner_app") or "",
        )


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Represents the state of a mailbox."""

    name: str = ""
    old_messages: int = 0
    new_messages: int = 0

    @classmethod
    def parse(cls, received: Json) -> Mailbox:
        return cls(
            name=received.get("name") or "",
            old_messages=received.get("old_messages") or 0,
            new_messages=received.get("new_messages") or 0,
        )


@dataclass(frozen=True, slots=True)
class StoredRecording:
    """A past recording that may be played back."""

    name: str = ""
    format: str = ""

    @classmethod
    def parse(cls, received: Json) -> StoredRecording:
        return cls(
            name=received.get("name") or "",
            format=received.get("format") or "",
        )


@dataclass(frozen=True, slots=True)
class FormatLangPair:
    """Identifies the format and language of a sound file."""

    language: str = ""
    format: str = ""

    @classmethod
    def parse(cls, received: Json) -> FormatLangPair:
        return cls(
            language=received.get("language") or "",
            format=received.get("format") or "",
        )


@dataclass(frozen=True, slots=True)
class Sound:
    """A media file that may be played back."""

    id: str = ""
    text: str | None = None
    formats: tuple[FormatLangPair, ...] = ()

    @classmethod
    def parse(cls, received: Json) -> Sound:
        return cls(
            id=received.get("id") or "",
            text=received.get("text"),
            formats=tuple(FormatLangPair.parse(each) for each in received.get("formats") or ()),
        )


_PARSERS: Mapping[str, Callable[[Json], Event]] = {
    "DeviceStateChanged": DeviceStateChanged.parse,
    "PlaybackStarted": PlaybackStarted.parse,
    "PlaybackContinuing": PlaybackContinuing.parse,
    "PlaybackFinished": PlaybackFinished.parse,
    "RecordingStarted": RecordingStarted.parse,
    "RecordingFinished": RecordingFinished.parse,
    "RecordingFailed": RecordingFailed.parse,
    "ApplicationMoveFailed": ApplicationMoveFailed.parse,
    "ApplicationRegistered": ApplicationRegistered.parse,
    "ApplicationUnregistered": ApplicationUnregistered.parse,
    "ApplicationReplaced": ApplicationReplaced.parse,
    "BridgeCreated": BridgeCreated.parse,
    "BridgeDestroyed": BridgeDestroyed.parse,
    "BridgeMerged": BridgeMerged.parse,
    "BridgeBlindTransfer": BridgeBlindTransfer.parse,
    "BridgeAttendedTransfer": BridgeAttendedTransfer.parse,
    "BridgeVideoSourceChanged": BridgeVideoSourceChanged.parse,
    "ChannelCreated": ChannelCreated.parse,
    "ChannelDestroyed": ChannelDestroyed.parse,
    "ChannelEnteredBridge": ChannelEnteredBridge.parse,
    "ChannelLeftBridge": ChannelLeftBridge.parse,
    "ChannelStateChange": ChannelStateChange.parse,
    "ChannelDtmfReceived": ChannelDtmfReceived.parse,
    "ChannelDialplan": ChannelDialplan.parse,
    "ChannelCallerId": ChannelCallerId.parse,
    "ChannelUserevent": ChannelUserevent.parse,
    "ChannelHangupRequest": ChannelHangupRequest.parse,
    "ChannelVarset": ChannelVarset.parse,
    "ChannelToneDetected": ChannelToneDetected.parse,
    "ChannelTalkingStarted": ChannelTalkingStarted.parse,
    "ChannelTalkingFinished": ChannelTalkingFinished.parse,
    "ChannelHold": ChannelHold.parse,
    "ChannelUnhold": ChannelUnhold.parse,
    "ContactStatusChange": ContactStatusChange.parse,
    "EndpointStateChange": EndpointStateChange.parse,
    "Dial": Dial.parse,
    "StasisEnd": StasisEnd.parse,
    "StasisStart": StasisStart.parse,
    "TextMessageReceived": TextMessageReceived.parse,
    "ChannelConnectedLine": ChannelConnectedLine.parse,
    "PeerStatusChange": PeerStatusChange.parse,
    "ChannelTransfer": ChannelTransfer.parse,
    "CallBroadcast": CallBroadcast.parse,
    "CallClaimed": CallClaimed.parse,
}


def parse_event(received: Json) -> Event:
    """The event in one JSON object from the websocket; a plain ``Event`` for an unknown type."""
    return _PARSERS.get(received.get("type", ""), Event.parse)(received)
