"""An agent's ear: what is told to him of messages, on his own call or on the leg of an offer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC
from typing import Final

import structlog

from engine.calls import notes as n
from engine.calls.call import Call, Mail
from engine.calls.flows.plays import shown
from engine.calls.lanes import AGENT, ARI
from engine.calls.mailboxes.message_dialog import Answer, Ask, MessageDialog, Tell, Wish
from engine.calls.switchboard import Switchboard
from engine.ivr.saying import CannotSay, Kind, digit_parts, say_value
from engine.ivr.sounds import Sound
from engine.mailbox import Message
from engine.ports import DigitPressed, LegGone, PbxError, PlaybackEnded

log = structlog.get_logger("mailboxes")

Hear = Callable[[Mail], Awaitable[None]]
"""What else happens while he listens."""

KEYS_PROMPT: Final = "voicemail_keys"
_SHORTEST_NUMBER = 3


class Ear:
    """One phone that messages are played at. ``leg`` is its channel, ``language`` its agent's."""

    def __init__(self, call: Call, sb: Switchboard, leg: str, language: str) -> None:
        self.leg = leg
        self._call, self._sb, self._language = call, sb, language
        self._playback = ""

    async def attend(
        self,
        message: Message,
        dialog: MessageDialog,
        introduction: Sequence[Sound],
        hear: Hear,
        on_heard: Callable[[], None],
    ) -> Wish:
        """Tell him of a message and play it, until he says what is next; ``introduction`` comes
        first, once. ``on_heard`` is called when he has heard it whole.

        Raises ``CallerGone`` on his own call, and ``PbxError``s.
        """
        answer, known = dialog.begin(self._call.now()), dialog.heard
        while True:
            if isinstance(answer, Wish):
                if answer is Wish.UNHEARD:
                    log.warning("message_unheard", recording=message.recording)
                await self.hush()
                return answer
            await self._play(message, answer, introduction)
            introduction = ()
            answer = await self._until_answered(dialog, hear)
            if dialog.heard and not known:
                on_heard()
                known = True

    async def say(self, *sounds: Sound) -> None:
        """Begin to say something, in place of what is being said."""
        await self._begin(await self._uris(sounds), ", ".join(map(shown, sounds)))

    async def hush(self) -> None:
        """Silence."""
        playback, self._playback = self._playback, ""
        if playback:
            with suppress(PbxError):
                await self._sb.pbx.stop_playback(self.leg, playback)

    async def _play(
        self, message: Message, answer: Tell | Ask, introduction: Sequence[Sound]
    ) -> None:
        if isinstance(answer, Ask):
            return await self.say(*introduction, KEYS_PROMPT)
        told = [*introduction, *self._origin(message)]
        media = [*await self._uris(told), f"recording:{message.recording}"]
        await self._begin(media, f"message {message.recording}")

    def _origin(self, message: Message) -> list[Sound]:
        """From whom, and when."""
        number = message.caller.removeprefix("+")
        known = number.isdecimal() and len(number) >= _SHORTEST_NUMBER
        who = ["message_from", *digit_parts(number)] if known else ["message_from_unknown"]
        zone = self._sb.desk.zone or UTC
        at, now = int(message.at), self._call.now()
        try:
            when = say_value(at, Kind.DATETIME, self._language, zone=zone, now=now)
        except CannotSay:
            when = ()
        return [*(["message_urgent"] if message.urgent else []), *who, *when]

    async def _uris(self, sounds: Sequence[Sound]) -> list[str]:
        languages = (self._language, *self._sb.languages)
        return await self._sb.sounds.uris(sounds, languages)

    async def _begin(self, media: Sequence[str], what: str) -> None:
        await self.hush()
        if not media:
            return
        call = self._call
        self._playback = call.new_id("p")
        call.note(n.Playing(call.now(), self._playback))
        call.step(ARI, "say", AGENT, f"{what} ({self._language})")
        await self._sb.pbx.play(self.leg, self._playback, media, self._language)

    async def _until_answered(self, dialog: MessageDialog, hear: Hear) -> Answer:
        call = self._call
        while (mail := await call.receive(dialog.next_deadline())) is not None:
            match mail:
                case DigitPressed(channel=leg) if leg == self.leg:
                    return dialog.pressed(mail.digit, call.now())
                case PlaybackEnded(playback=playback) if playback == self._playback:
                    self._playback = ""
                    dialog.said(mail.ok, call.now())
                case LegGone(channel=leg) if leg == self.leg:
                    return Wish.GONE
                case _:
                    await hear(mail)
        return dialog.late(call.now())
