"""``engine.ports.Pbx`` over ARI: stories command Asterisk here and hear of it in their own words.

Three rules of the edge live here. Every id is ours and known before the request goes out. The
commands of one channel go out one after the other. And a snapshot is asked for after each
connect, while new events wait: told first, they would be about calls that nobody knows yet.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

import structlog

from engine.asterisk import ari_models
from engine.asterisk.ari import Ari
from engine.asterisk.translate import (
    NORMAL_CLEARING,
    OWN_LEG,
    bridge_seen,
    channel_seen,
    switch_event,
)
from engine.ports import (
    CallArrived,
    Down,
    Gone,
    LegGone,
    NotInStasis,
    PbxError,
    Refused,
    SipAccount,
    Snapshot,
    SwitchEvent,
)

log = structlog.get_logger("pbx")

_ENDPOINT = re.compile(r"[A-Za-z0-9_-]{1,40}")
_NUMBER = re.compile(r"[0-9+*#]{1,32}")
_RECORDING = re.compile(r"[A-Za-z0-9._-]{1,80}")
_ANSWER_BY_ITSELF = {
    "PJSIP_HEADER(add,Call-Info)": "<sip:127.0.0.1>;answer-after=0",  # most phones and softphones
    "PJSIP_HEADER(add,Alert-Info)": "<http://127.0.0.1>;info=alert-autoanswer",  # Polycom, Aastra
}
_DIAL_GRACE_SECONDS = 5
"""Asterisk's own ring timeout, behind ours: it only matters when the engine is away."""
_ENTER_SECONDS = 1.0
_TOMBSTONES = 10_000


class AsteriskPbx:
    """One Asterisk.

    ``on_event`` gets switch events in order; ``on_snapshot`` gets the state of the switch after
    each connect, before any event newer than it. Both are plain calls.
    """

    def __init__(
        self,
        url: str,
        user: str,
        password: str,
        app: str,
        now: Callable[[], float],
        on_event: Callable[[SwitchEvent], None],
        on_snapshot: Callable[[Snapshot], None],
    ) -> None:
        self.ari = Ari(url, user, password, app, on_event=self._take, on_link=self._on_link)
        self.in_step = False
        self._app = app
        self._now = now
        self._on_event = on_event
        self._on_snapshot = on_snapshot
        self._held: list[ari_models.Event] = []
        self._linked = asyncio.Event()
        self._incarnation = ""
        self._lanes: dict[str, asyncio.Lock] = {}
        self._cancelled: dict[str, None] = {}
        self._born_late: asyncio.Queue[str] = asyncio.Queue()
        self._unwatched: asyncio.Queue[str] = asyncio.Queue()

    async def run(self) -> None:
        """Hold the link until cancelled. Raises what ``Ari.run`` raises."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.ari.run())
            tasks.create_task(self._keep_in_step())
            tasks.create_task(self._bury())
            tasks.create_task(self._watch())

    # -- events -------------------------------------------------------------------------------

    def _on_link(self, up: bool, incarnation: str) -> None:
        self.in_step = False
        self._held.clear()
        if up:
            self._incarnation = incarnation
            self._linked.set()
        else:
            self._linked.clear()

    async def _keep_in_step(self) -> None:
        """After each connect: the snapshot first, then the events that came meanwhile."""
        while True:
            await self._linked.wait()
            try:
                snapshot = await self.snapshot()
            except PbxError as error:
                log.warning("snapshot_failed", reason=str(error))
                await asyncio.sleep(0.2)
                continue
            if not self._linked.is_set():
                continue
            self._linked.clear()
            for seen in snapshot.channels:
                if seen.arrival is not None:
                    self._unwatched.put_nowait(seen.channel)
            self._on_snapshot(snapshot)
            held, self._held = self._held, []
            self.in_step = True
            for event in held:
                self._hand_on(event)

    def _take(self, event: ari_models.Event) -> None:
        if self.in_step:
            self._hand_on(event)
        else:
            self._held.append(event)

    def _hand_on(self, event: ari_models.Event) -> None:
        if isinstance(event, ari_models.StasisStart) and event.channel.id in self._cancelled:
            self._born_late.put_nowait(event.channel.id)
            return
        translated = switch_event(event)
        if translated is None:
            return
        if isinstance(translated, CallArrived):
            self._unwatched.put_nowait(translated.channel)
        if isinstance(translated, LegGone):
            self._lanes.pop(translated.channel, None)
        self._on_event(translated)

    async def _watch(self) -> None:
        """Asterisk tells the end of a channel that came from the dialplan only who asks for it."""
        while True:
            channel = await self._unwatched.get()
            try:
                await self.ari.applications.subscribe(self._app, [f"channel:{channel}"])
            except (Gone, NotInStasis, Refused):  # it ended first, and nobody will say so
                self._on_event(LegGone(self._now(), channel, NORMAL_CLEARING))
            except Down as error:
                log.warning("channel_unwatched", channel=channel, reason=str(error))

    async def snapshot(self) -> Snapshot:
        """All channels and bridges; ``at`` is before the question, so nothing in it is older."""
        at = self._now()
        channels = await self.ari.channels.list()
        bridges = await self.ari.bridges.list()
        return Snapshot(
            at,
            self._incarnation,
            tuple(channel_seen(each, self._app, at) for each in channels),
            tuple(bridge_seen(each) for each in bridges),
            float(self._incarnation),
        )

    # -- the caller's channel -----------------------------------------------------------------

    async def answer(self, channel: str) -> None:
        """Answer a caller; answering twice does no harm."""
        async with self._lane(channel):
            await self.ari.channels.answer(channel)

    async def play(self, channel: str, playback: str, media: Sequence[str], language: str) -> None:
        """Play a list of media URIs under one id."""
        async with self._lane(channel):
            await self.ari.channels.play(channel, media, lang=language, playback_id=playback)

    async def stop_playback(self, channel: str, playback: str) -> None:
        """Stop a prompt; one that has ended by itself is a success."""
        async with self._lane(channel):
            with suppress(Gone):
                await self.ari.playbacks.stop(playback)

    async def start_music(self, channel: str, music: str) -> None:
        """Music on hold: it goes on when the engine dies."""
        async with self._lane(channel):
            await self.ari.channels.start_moh(channel, moh_class=music)

    async def stop_music(self, channel: str) -> None:
        """The music ends."""
        async with self._lane(channel):
            await self.ari.channels.stop_moh(channel)

    async def hand_over(self, channel: str, context: str, extension: str) -> None:
        """Give the channel back to the dialplan."""
        async with self._lane(channel):
            await self.ari.channels.continue_in_dialplan(
                channel, context=context, extension=extension, priority=1
            )

    # -- legs and bridges ---------------------------------------------------------------------

    async def dial(
        self,
        channel: str,
        endpoint: str,
        *,
        caller: str,
        ring_seconds: float,
        shows: str = "",
        auto_answer: bool = False,
    ) -> None:
        """Ring a phone. ``Refused`` when it is not registered."""
        target = f"PJSIP/{_checked(endpoint, _ENDPOINT)}"
        face = {} if caller else _face(shows)
        headers = _ANSWER_BY_ITSELF if auto_answer else {}
        await self._call(channel, target, caller or None, face | headers, ring_seconds)

    async def dial_number(
        self, channel: str, number: str, trunk: str, *, caller_id: str, ring_seconds: float
    ) -> None:
        """Ring a number outside. ``Refused`` when the trunk has no address."""
        target = f"PJSIP/{_checked(number, _NUMBER)}@{_checked(trunk, _ENDPOINT)}"
        await self._call(channel, target, None, _face(caller_id), ring_seconds)

    async def ring(self, channel: str, ringing: bool) -> None:
        """The tone of a phone that rings elsewhere, made here."""
        async with self._lane(channel):
            if ringing:
                await self.ari.channels.ring(channel)
            else:
                await self.ari.channels.ring_stop(channel)

    async def _call(
        self,
        channel: str,
        target: str,
        caller: str | None,
        variables: dict[str, str],
        ring_seconds: float,
    ) -> None:
        """Make the leg and let it ring; one cancelled meanwhile is hung up."""
        async with self._lane(channel):
            await self.ari.channels.create(
                target,
                self._app,
                app_args=OWN_LEG,
                channel_id=channel,
                originator=caller,
                variables=variables or None,
            )
            if channel in self._cancelled:
                await self.ari.channels.hangup(channel)
                raise Gone(f"{channel} was cancelled")
            try:
                await self._ring(channel, caller, int(ring_seconds) + _DIAL_GRACE_SECONDS)
            except PbxError:
                await self.hang_up(channel)  # it is made, and would ring nobody
                raise

    async def _ring(self, channel: str, caller: str | None, timeout: int) -> None:
        """Asterisk answers a create before the channel is in our application; then dial is 409."""
        deadline = self._now() + _ENTER_SECONDS
        while True:
            try:
                return await self.ari.channels.dial(channel, caller=caller, timeout=timeout)
            except NotInStasis:
                if self._now() > deadline:
                    raise
                await asyncio.sleep(0.001)

    async def hang_up(self, channel: str, reason: str = "normal") -> None:
        """Hang up; a leg that is not there is remembered, for it may be born late."""
        try:
            await self.ari.channels.hangup(channel, reason=reason)
        except Gone:
            self._cancelled[channel] = None
            if len(self._cancelled) > _TOMBSTONES:
                del self._cancelled[next(iter(self._cancelled))]

    async def _bury(self) -> None:
        """Hang up the legs whose creation was overtaken by their own cancel."""
        while True:
            channel = await self._born_late.get()
            try:
                await self.ari.channels.hangup(channel)
            except PbxError as error:
                log.warning("late_leg_left", channel=channel, reason=str(error))

    async def create_bridge(self, bridge: str, name: str) -> None:
        """A mixing bridge in which DTMF stays visible to us; one that is there is a success."""
        try:
            await self.ari.bridges.create(type="mixing,dtmf_events", bridge_id=bridge, name=name)
        except Refused as refused:  # an engine that crashed may have made it
            try:
                await self.ari.bridges.get(bridge)
            except Gone:
                raise refused from None

    async def destroy_bridge(self, bridge: str) -> None:
        """Remove a bridge; one that is gone is a success."""
        with suppress(Gone):
            await self.ari.bridges.destroy(bridge)

    async def join(self, bridge: str, channels: Sequence[str]) -> None:
        """Put channels into a bridge. ``Gone`` when one of them has just ended."""
        try:
            await self.ari.bridges.add_channel(bridge, channels)
        except (Refused, NotInStasis) as error:  # 400 and 422: unknown, or ended just now
            raise Gone(str(error)) from error

    async def record(self, bridge: str, recording: str) -> None:
        """Record what the bridge hears, as WAV; a recording that runs already is a success."""
        try:
            await self.ari.recordings.get_live(_checked(recording, _RECORDING))
        except Gone:
            await self.ari.bridges.record(bridge, recording, "wav")

    async def record_message(self, channel: str, recording: str, seconds: float) -> None:
        """Beep, and record what the caller says; a recording that runs already is a success."""
        async with self._lane(channel):
            try:
                await self.ari.recordings.get_live(_checked(recording, _RECORDING))
            except Gone:
                await self.ari.channels.record(
                    channel,
                    recording,
                    "wav",
                    max_duration_seconds=round(seconds),
                    beep=True,
                    terminate_on="#",
                )

    async def stop_recording(self, recording: str) -> None:
        """Close a recording; ``RecordingEnded`` follows."""
        await self.ari.recordings.stop(recording)

    # -- phones -------------------------------------------------------------------------------

    async def ensure_account(self, account: SipAccount) -> None:
        """Make a phone's SIP account in Asterisk, or bring it up to date."""
        name = _checked(account.extension, _ENDPOINT)
        await self._object("auth", name, auth_type="digest", username=name, password=account.secret)
        await self._object("aor", name, max_contacts="1", remove_existing="yes")
        await self._object(
            "endpoint",
            name,
            context=account.context,
            transport="udp",
            identify_by="username",
            aors=name,
            auth=name,
            callerid=f"{account.display_name} <{name}>",
            disallow="all",
            allow="ulaw,alaw",
            dtmf_mode="rfc4733",
            direct_media="no",
            rtp_symmetric="yes",
            force_rport="yes",
            rewrite_contact="yes",
            allow_transfer="no",
            device_state_busy_at="1",
        )

    async def remove_account(self, extension: str) -> None:
        """Take a phone's SIP account out of Asterisk again."""
        for kind in ("endpoint", "aor", "auth"):
            with suppress(Gone, Refused):
                await self.ari.asterisk.delete_object("res_pjsip", kind, extension)

    async def online_endpoints(self) -> frozenset[str]:
        """The phones that are registered now."""
        endpoints = await self.ari.endpoints.list_by_tech("PJSIP")
        return frozenset(each.resource for each in endpoints if each.state == "online")

    async def _object(self, kind: str, name: str, **fields: str) -> None:
        pairs = [{"attribute": key, "value": value} for key, value in fields.items()]
        await self.ari.asterisk.update_object("res_pjsip", kind, name, fields=pairs)

    @asynccontextmanager
    async def _lane(self, channel: str) -> AsyncIterator[None]:
        """One command of a channel at a time, in the order of asking."""
        async with self._lanes.setdefault(channel, asyncio.Lock()):
            yield


def _face(number: str) -> dict[str, str]:
    """What makes a leg show ``number``: to SIP the connected party is who calls."""
    if not number:
        return {}
    return {"CONNECTEDLINE(num,i)": _checked(number, _NUMBER), "CONNECTEDLINE(num-pres)": "allowed"}


def _checked(name: str, pattern: re.Pattern[str]) -> str:
    """A name that may stand in an endpoint or a file name. Anything else never goes out."""
    if not pattern.fullmatch(name):
        raise Refused(f"{name!r} cannot be the name of an endpoint or a recording")
    return name
