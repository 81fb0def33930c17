"""The link of ``AsteriskPbx`` to its Asterisk: events in order, snapshots, one lane per channel.

Three rules of the edge live here. Every id is ours and known before the request goes out. The
commands of one channel go out one after the other. And a snapshot is asked for after each
connect, while new events wait: told first, they would be about calls that nobody knows yet.
Which phones hold is asked after it (``holds.py``).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import structlog

from engine.asterisk import ari_models
from engine.asterisk.ari import Ari
from engine.asterisk.holds import Holds
from engine.asterisk.translate import NORMAL_CLEARING, bridge_seen, channel_seen, switch_event
from engine.ports import (
    CallArrived,
    Down,
    Gone,
    HoldChanged,
    LegGone,
    NotInStasis,
    PbxError,
    Refused,
    Snapshot,
    SwitchEvent,
)

log = structlog.get_logger("pbx")

ENDPOINT = re.compile(r"[A-Za-z0-9_-]{1,40}")
"""What may be the name of a phone or a trunk."""
_TOMBSTONES = 10_000
_ENTER_SECONDS = 1.0
_PHONES = "PJSIP/"
_IS_HELD = "CHANNEL(rtp,hold,audio)"
"""Whether the other side's last offer has us on hold: 1 or 0."""

T = TypeVar("T")


class PbxLink:
    """What all commands stand on.

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
        self._media_url = f"{url.removesuffix('/ari')}/media"
        self._now = now
        self._on_event = on_event
        self._on_snapshot = on_snapshot
        self._held: list[ari_models.Event] = []
        self._linked = asyncio.Event()
        self._links = 0
        self._holds = Holds(self.is_held, on_event, now)
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
            tasks.create_task(self._holds.run())

    # -- events -------------------------------------------------------------------------------

    def _on_link(self, up: bool, incarnation: str) -> None:
        self.in_step = False
        self._held.clear()
        self._holds.end()
        if up:
            self._links += 1
            self._incarnation = incarnation
            self._linked.set()
        else:
            self._linked.clear()

    async def _keep_in_step(self) -> None:
        """After each connect: the snapshot first, then the events that came meanwhile."""
        while True:
            await self._linked.wait()
            link = self._links
            try:
                snapshot, phones = await self._look()
            except PbxError as error:
                log.warning("snapshot_failed", reason=str(error))
                await asyncio.sleep(0.2)
                continue
            if not self._linked.is_set() or link != self._links:  # it is of a link that was lost
                continue
            self._linked.clear()
            for seen in snapshot.channels:
                if seen.arrival is not None:
                    self._unwatched.put_nowait(seen.channel)
            self._on_snapshot(snapshot)
            held, self._held = self._held, []
            self.in_step = True
            self._holds.begin(phones)
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
        if isinstance(translated, HoldChanged | LegGone):
            self._holds.known(translated.channel)
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
        snapshot, _ = await self._look()
        return snapshot

    async def _look(self) -> tuple[Snapshot, list[str]]:
        """The snapshot, and the phones that talk with us and may have us on hold."""
        at = self._now()
        channels = await self.ari.channels.list()
        bridges = await self.ari.bridges.list()
        snapshot = Snapshot(
            at,
            self._incarnation,
            tuple(channel_seen(each, self._app, at) for each in channels),
            tuple(bridge_seen(each) for each in bridges),
            float(self._incarnation),
        )
        phones = [c.id for c in channels if c.state == "Up" and c.name.startswith(_PHONES)]
        return snapshot, phones

    async def is_held(self, phone: str) -> bool:
        """Whether the phone of this channel has us on hold."""
        asked = await self.ari.channels.get_channel_var(phone, _IS_HELD)
        return asked.value == "1"

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

    async def _once_entered(self, command: Callable[[], Awaitable[T]]) -> T:
        """Asterisk answers the making of a channel before it is in our application; until then
        commands on it are 409."""
        deadline = self._now() + _ENTER_SECONDS
        while True:
            try:
                return await command()
            except NotInStasis:
                if self._now() > deadline:
                    raise
                await asyncio.sleep(0.001)

    @asynccontextmanager
    async def _lane(self, channel: str) -> AsyncIterator[None]:
        """One command of a channel at a time, in the order of asking."""
        async with self._lanes.setdefault(channel, asyncio.Lock()):
            yield


def checked(name: str, pattern: re.Pattern[str]) -> str:
    """A name that may stand in an endpoint or a file name. Anything else never goes out."""
    if not pattern.fullmatch(name):
        raise Refused(f"{name!r} cannot be the name of an endpoint or a recording")
    return name
