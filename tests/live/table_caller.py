"""A caller of VoiceXML's table on a real phone: acts by what he hears."""

import asyncio
import time

from center import PATIENCE
from prompt_tones import Ear

LISTEN_SECONDS = 0.04
SILENT_SECONDS = 0.4
"""Longer than between one play and the next, on a busy machine too."""
HEARD_NOW_SECONDS = 0.15
INTO_SECONDS = 0.35
KEY_GAP_MS = 40


class TableCaller:
    """Does what the case says, by the sounds that it hears."""

    def __init__(self, call, tones_of_prompts):
        self.call, self.ear, self.marks = call, Ear(tones_of_prompts), []
        self._since = self._anchor = self._polled = time.monotonic()

    async def do(self, case):
        """The whole case, and to the end of the call."""
        for step in case.does:
            await getattr(self, step.verb)(step.argument)
        while self.call.ended is None:
            await self._poll()
        self._take()

    async def hear(self, prompt):
        """Until this prompt is heard, and is a little way into it."""
        await self._until(lambda last: last.prompt == prompt and self._is_heard_now(last))
        self._anchor = self.ear.hearings[-1].started + INTO_SECONDS
        await self.wait("0")

    async def listen(self, _):
        """Until what is said now, or next, is over."""
        since = self._since
        await self._until(
            lambda last: last.ended > since and time.monotonic() - last.ended > SILENT_SECONDS
        )
        self._anchor = self._since = self.ear.hearings[-1].ended

    async def wait(self, seconds):
        """Until so long after the last thing that happened."""
        self._anchor += float(seconds)
        while time.monotonic() < self._anchor:
            await self._poll()

    async def press(self, keys):
        """Press keys, one after another."""
        self._since = time.monotonic()
        await self.call.press(keys, gap_ms=KEY_GAP_MS)
        self._anchor = time.monotonic()

    async def hang_up(self, _):
        """Hang up."""
        await self.call.hang_up()

    async def at(self, node):
        """The call has to be at this node now, which its record will tell."""
        self.marks.append((time.time(), node))

    async def _until(self, reached):
        deadline = time.monotonic() + PATIENCE
        while not (self.ear.hearings and reached(self.ear.hearings[-1])):
            assert time.monotonic() < deadline, f"heard {self.ear.hearings}"
            assert self.call.ended is None, f"the call ended; heard {self.ear.hearings}"
            await self._poll()

    async def _poll(self):
        await asyncio.sleep(LISTEN_SECONDS)
        self._take()

    def _take(self):
        now = time.monotonic()
        self.ear.take(self.call.heard(self._polled), now)
        self._polled = now

    def _is_heard_now(self, last):
        return time.monotonic() - last.ended < HEARD_NOW_SECONDS
