"""Calls recordings through a real Asterisk, and tells what was found at the other end.

Many at once: each call is a leg of its own, answered at once by the recording that it dialed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.called_numbers import CalledNumbers
from bench.greetings import Recording
from engine import paths
from engine.asterisk.install import Installation
from engine.asterisk.pbx import AsteriskPbx
from engine.asterisk.process import PrivateAsterisk
from engine.calls.beep import beep_on
from engine.ports import AnsweredBy, LegAnswered, LegGone, SwitchEvent
from engine.sounds.music import ensure_music

_PATIENCE = 60.0

Listen = Callable[["Listener", str], Awaitable[AnsweredBy]]
"""How one answered leg is listened to."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found out about a recording, and how long after the answer."""

    recording: Recording
    status: str
    cause: str
    seconds: float


class Listener:
    """A switch with a trunk that leads to the recordings."""

    def __init__(self, asterisk: PrivateAsterisk) -> None:
        self.ready = asyncio.Event()
        self.running: asyncio.Task[None] | None = None
        self._mailboxes: dict[str, asyncio.Queue[SwitchEvent]] = {}
        self._number = 0
        self.pbx = AsteriskPbx(
            asterisk.ari_url,
            asterisk.ari_user,
            asterisk.ari_password,
            asterisk.app,
            time.time,
            self._deliver,
            lambda snapshot: self.ready.set(),
        )

    def _deliver(self, event: SwitchEvent) -> None:
        mailbox = self._mailboxes.get(getattr(event, "channel", ""))
        if mailbox is not None:
            mailbox.put_nowait(event)

    async def until(self, leg: str, *kinds: type[SwitchEvent]) -> SwitchEvent:
        """The next event of these kinds about a leg."""
        while True:
            event = await asyncio.wait_for(self._mailboxes[leg].get(), _PATIENCE)
            if isinstance(event, kinds):
                return event

    async def call_all(
        self, recordings: Sequence[Recording], listen: Listen, at_once: int = 45
    ) -> list[Found]:
        """All recordings, ``recordings[n]`` at the number ``n``, so many at once."""
        found: list[Found] = []
        for first in range(0, len(recordings), at_once):
            places = range(first, min(first + at_once, len(recordings)))
            calls = (self._call(place, recordings[place], listen) for place in places)
            found += await asyncio.gather(*calls)
        return found

    async def dial(self, leg: str, place: int) -> None:
        """Let a leg ring."""
        self._mailboxes[leg] = asyncio.Queue()
        await self.pbx.dial_number(leg, str(place), "trunk", caller_id="", ring_seconds=20)

    async def _call(self, place: int, recording: Recording, listen: Listen) -> Found:
        self._number += 1
        leg = f"bench-{self._number}"
        await self.dial(leg, place)
        answered = await self.until(leg, LegAnswered)
        result = await listen(self, leg)
        await self.pbx.hang_up(leg)
        await self.until(leg, LegGone)
        del self._mailboxes[leg]
        return Found(recording, result.status, result.cause, result.at - answered.at)


def dialplan(context: str, extension: str) -> Listen:
    """By the dialplan; a leg that it hangs up on is ``GONE``."""

    async def listen(listener: Listener, leg: str) -> AnsweredBy:
        await listener.pbx.hand_over(leg, context, extension)
        event = await listener.until(leg, AnsweredBy, LegGone)
        if isinstance(event, AnsweredBy):
            return event
        listener._deliver(event)  # which is waited for again
        return AnsweredBy(event.at, leg, "GONE")

    return listen


async def for_a_beep(listener: Listener, leg: str) -> AnsweredBy:
    """By the engine itself."""
    found = await beep_on(listener.pbx, leg, f"{leg}-e1")
    return AnsweredBy(time.time(), leg, found)


@asynccontextmanager
async def listening(
    folder: Path, installation: Installation, called: CalledNumbers, more: str = ""
) -> AsyncIterator[Listener]:
    """A private Asterisk in ``folder``, with ``more`` added to its dialplan."""
    for file in ("held.wav", "engine_down.wav"):
        (folder / "prompts/en").mkdir(parents=True, exist_ok=True)
        (folder / "prompts/en" / file).write_bytes(b"")
    music = ensure_music(paths.cache_dir() / "music")
    private = PrivateAsterisk(
        installation,
        folder / "asterisk",
        prompts_dir=folder / "prompts",
        music_dir=music.parent,
        trunk_contact=called.contact,
    )
    async with called, private as asterisk:
        listener = Listener(asterisk)
        running = listener.running = asyncio.create_task(listener.pbx.run())
        await asyncio.wait_for(listener.ready.wait(), 10)
        try:
            if more:
                with (asterisk.run_dir / "etc/extensions.conf").open("a") as extensions:
                    extensions.write(more)
                await listener.pbx.ari.asterisk.load_module("app_talkdetect.so")
                await listener.pbx.ari.asterisk.reload_module("pbx_config.so")
            yield listener
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
