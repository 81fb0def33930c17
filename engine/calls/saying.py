"""A dialog with a caller: one thing is said at a time, cut by the next, and his keys are heard."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol, TypeVar

from engine.calls.announce import begin_playing, begin_saying
from engine.calls.call import Call, Mail
from engine.calls.switchboard import Switchboard
from engine.ports import DigitPressed, PbxError, PlaybackEnded

A = TypeVar("A", covariant=True)


class Dialog(Protocol[A]):
    """What is asked, decided by a core: each method gives what is to be done next, None for
    nothing."""

    def next_deadline(self) -> float:
        """When ``late`` is to be called."""

    def said(self, now: float) -> None:
        """What was said is over."""

    def pressed(self, key: str, now: float) -> A | None:
        """A key of his, also while something is said."""

    def late(self, now: float) -> A:
        """No key came in time."""


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

    async def answer(self, dialog: Dialog[A]) -> A:
        """What follows from his next key, or from his silence. Raises ``CallerGone``."""
        call = self._call
        while (mail := await call.receive(dialog.next_deadline())) is not None:
            if isinstance(mail, DigitPressed) and mail.channel == call.channel:
                if (answer := dialog.pressed(mail.digit, call.now())) is not None:
                    return answer
            elif self._is_over(mail):
                dialog.said(call.now())
        return dialog.late(call.now())

    def _is_over(self, mail: Mail) -> bool:
        """Whether this is the end of what is being said."""
        if not isinstance(mail, PlaybackEnded) or mail.playback != self._playback:
            return False
        self._playback = ""
        return True
