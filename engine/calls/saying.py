"""What is said to a caller in a dialog: one thing at a time, cut by the next or by a key."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from engine.calls.announce import begin_playing, begin_saying
from engine.calls.call import Call, Mail
from engine.calls.switchboard import Switchboard
from engine.ports import PbxError, PlaybackEnded


class Saying:
    """One caller's ear, in a story that plays nothing else meanwhile."""

    def __init__(self, call: Call, sb: Switchboard, language: str) -> None:
        self._call, self._sb, self._language = call, sb, language
        self._playback = ""

    async def say(self, *prompts: str) -> None:
        """Some of the engine's own prompts, in place of what is being said."""
        await self.hush()
        self._playback = await begin_saying(self._call, self._sb, prompts, self._language)

    async def play(self, media: Sequence[str], what: str) -> None:
        """Media URIs, ``what`` in the ladder's words, in place of what is being said."""
        await self.hush()
        self._playback = await begin_playing(self._call, self._sb, media, self._language, what)

    async def hush(self) -> None:
        """Silence."""
        playback, self._playback = self._playback, ""
        if playback:
            with suppress(PbxError):
                await self._sb.pbx.stop_playback(self._call.channel, playback)

    def is_over(self, mail: Mail | None) -> bool:
        """Whether this is the end of what is being said."""
        if not isinstance(mail, PlaybackEnded) or mail.playback != self._playback:
            return False
        self._playback = ""
        return True
