"""What a waiting caller hears between the music, and the keys that lead him out of it.

Asterisk interrupts the music for a prompt by itself. The music is asked for again at once: that
command waits behind the prompt in the channel's own queue, so the music goes on where it was
without a gap, and also when the engine dies meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import structlog

from acd.queues import Announcements, DestinationKind, QueueSettings
from acd.waiting import Estimate
from engine.calls import notes as n
from engine.calls import spoken
from engine.calls.announce import begin_saying
from engine.calls.call import Call, Mail
from engine.calls.callbacks import number_dialog
from engine.calls.callbacks.asking import number_dialog_of, reachable
from engine.calls.callbacks.number_dialog import NumberDialog
from engine.calls.lanes import ACD, ARI, SIP
from engine.calls.queueing.told import Telling, tell
from engine.calls.switchboard import Switchboard
from engine.ports import DigitPressed, PbxError, PlaybackEnded

log = structlog.get_logger("announcing")

_LONGEST_SECONDS = 60.0
"""When the end of an announcement is never told."""
_DEAF_SECONDS = 1.0
"""Keys so soon after he began to wait were meant for the menu before."""
_RINGING_SECONDS = 20.0
"""So long an announcement waits for the answer of a phone that rings."""


@dataclass(frozen=True, slots=True)
class Wish:
    """He does not want to wait on: ``kind`` is callback, at ``number``, or voicemail."""

    kind: DestinationKind
    number: str = ""


class Announcer:
    """One caller in one queue, from the beginning or from where an earlier run left him.

    Whoever waits for his mail wakes it at ``next_deadline`` and hands it his keys and the ends of
    playbacks. ``estimate`` is what to expect now, None while nobody is staffed.
    """

    def __init__(
        self,
        call: Call,
        sb: Switchboard,
        queue: QueueSettings,
        estimate: Callable[[], Estimate | None],
    ) -> None:
        self._call, self._sb, self._queue = call, sb, queue
        self._estimate = estimate
        standing = call.standing
        self._callback = queue.callback if standing.callback is None else None  # he is one already
        keys = self._callback is not None or queue.voicemail is not None
        self._settings = queue.announcements or (Announcements() if keys else None)
        self._dialog: NumberDialog | None = None
        entered = standing.visit.at if standing.visit else call.now()
        self._began = max(entered, standing.answered or 0.0)  # who is called back: on the line
        told = standing.told
        self._playback = standing.playback if told else ""  # perhaps to be heard still
        self._over_by: float | None = None  # while one is: when it is over at the latest
        self._due = self._next_due(told[-1].at if told else self._began)

    # -- the schedule -------------------------------------------------------------------------

    def next_deadline(self) -> float | None:
        """When ``on_deadline`` is to be called, None for never."""
        if self._dialog is not None:
            return self._dialog.next_deadline()
        if self._over_by is not None or self._settings is None:
            return self._over_by
        ringing = self._call.standing.offers and not self._is_entry
        return self._due + _RINGING_SECONDS if ringing else self._due

    @property
    def _is_entry(self) -> bool:
        """What is said at entry is still to be said."""
        return bool(self._settings and self._settings.at_entry and not self._call.standing.told)

    def _next_due(self, after: float) -> float:
        """When the next one begins: at once, or so long after the last one, or the beginning."""
        settings = self._settings
        if settings is None or self._is_entry:
            return after
        first = self._announced == 0
        return after + (settings.first_seconds if first else settings.every_seconds)

    @property
    def _announced(self) -> int:
        """How many announcements there were, without the one at entry."""
        entry = self._settings is not None and bool(self._settings.at_entry)
        return max(0, len(self._call.standing.told) - entry)

    async def on_deadline(self, now: float) -> None:
        """Say what is due, or take the caller's silence for an answer."""
        if self._dialog is not None:
            await self._follow(self._dialog.late(now))
        elif self._over_by is not None:
            self._over(now)
        elif self._settings is not None and self._is_entry:
            await self._announce(self._settings.at_entry, n.Told(now, 0))
        elif self._settings is not None:
            await self._announce_now(self._settings, now)

    async def _announce_now(self, settings: Announcements, now: float) -> None:
        estimate = self._estimate()
        telling = self._telling(settings, estimate, now)
        prompts = (
            *self._comfort(settings),
            *spoken.telling(telling),
            *self._offers(estimate),
        )
        wait = telling.wait
        await self._announce(
            prompts,
            n.Told(
                now,
                estimate.position if estimate else 0,
                telling.position,
                wait.low if wait else None,
                wait.high if wait else None,
            ),
        )

    async def _announce(self, prompts: spoken.Prompts, told: n.Told) -> None:
        self._call.note(told)  # first: what was noted is not said again after a crash
        if prompts:
            await self._say(prompts)
        else:
            self._due = self._next_due(told.at)

    # -- what is said -------------------------------------------------------------------------

    def _telling(self, settings: Announcements, estimate: Estimate | None, now: float) -> Telling:
        if estimate is None:
            return Telling()
        return tell(
            self._call.standing.told,
            estimate,
            now,
            position=settings.position,
            only_up=settings.position_only_up,
            wait=settings.expected_wait,
        )

    def _comfort(self, settings: Announcements) -> spoken.Prompts:
        """The next of the comfort prompts, in turn."""
        comfort = settings.comfort
        return (comfort[self._announced % len(comfort)],) if comfort else ()

    def _offers(self, estimate: Estimate | None) -> spoken.Prompts:
        """The keys that he may press. A callback where it is worth it, or nobody is there."""
        callback, voicemail = self._callback, self._queue.voicemail
        said: list[str] = []
        if callback is not None and callback.key is not None:
            over = callback.offer_over_seconds
            if over is None or estimate is None or estimate.expected > over:
                said += spoken.offer("callback", callback.key)
        if voicemail is not None and voicemail.key is not None:
            said += spoken.offer("voicemail", voicemail.key)
        return tuple(said)

    async def _say(self, prompts: spoken.Prompts) -> None:
        """Begin to say this; the music follows. A switch that cannot costs the prompt only."""
        call, sb = self._call, self._sb
        self._over_by = call.now() + _LONGEST_SECONDS
        try:
            self._playback = await begin_saying(call, sb, prompts, call.standing.language)
            await sb.pbx.start_music(call.channel, self._queue.music)
        except PbxError as error:
            self._not_said(str(error))

    def _not_said(self, reason: str) -> None:
        if not self._call.hanging_up:
            log.warning("announcement_failed", queue=self._queue.name, reason=reason)
            self._call.step(ARI, "not played", ACD, reason)
        self._over(self._call.now())

    def _over(self, now: float) -> None:
        """Nothing is being said any more."""
        self._playback, self._over_by = "", None
        self._due = self._next_due(now)
        if self._dialog is not None:
            self._dialog.said(now)

    async def _hush(self) -> None:
        """Cut what is being said."""
        playback, self._playback, self._over_by = self._playback, "", None
        if playback:
            with suppress(PbxError):
                await self._sb.pbx.stop_playback(self._call.channel, playback)

    async def stop(self) -> None:
        """Silence before the talk, or before he goes elsewhere; the music is not ours to stop."""
        self._dialog = None
        await self._hush()

    # -- his keys -----------------------------------------------------------------------------

    async def take(self, mail: Mail) -> Wish | None:
        """A key of his or the end of a playback. Returns what he wants instead of waiting on."""
        match mail:
            case PlaybackEnded(playback=playback, ok=ok) if playback == self._playback:
                if ok:
                    self._over(self._call.now())
                else:
                    self._not_said("the prompt could not be played")
            case DigitPressed(channel=channel) if channel != self._call.channel:
                return None
            case DigitPressed(at=at, digit=key) if at >= self._began + _DEAF_SECONDS:
                return await self._pressed(key)
        return None

    async def _pressed(self, key: str) -> Wish | None:
        now, callback, voicemail = self._call.now(), self._callback, self._queue.voicemail
        if self._dialog is not None:
            return await self._follow(self._dialog.pressed(key, now))
        if callback is not None and key == callback.key:
            self._call.step(SIP, "callback key", ACD)
            return await self._ask_number(callback.confirm, now)
        if voicemail is not None and key == voicemail.key:
            self._call.step(SIP, "voicemail key", ACD)
            await self.stop()
            return Wish(DestinationKind.VOICEMAIL)
        return None

    async def _ask_number(self, confirm: bool, now: float) -> Wish | None:
        caller = self._call.arrived.caller
        known = reachable(self._sb, caller)
        if known is not None and not confirm:
            await self.stop()
            return Wish(DestinationKind.CALLBACK, known)
        self._dialog = number_dialog_of(self._sb)
        return await self._follow(self._dialog.begin(caller, now))

    async def _follow(self, answer: number_dialog.Answer | None) -> Wish | None:
        """Do what the dialog wants."""
        match answer:
            case number_dialog.Ask(prompts=prompts):
                await self._hush()
                await self._say(prompts)
            case number_dialog.Hush():
                await self._hush()
            case number_dialog.Chosen(number=number):
                await self.stop()
                return Wish(DestinationKind.CALLBACK, number)
            case number_dialog.Dropped():
                await self.stop()
                await self._say(("callback_dropped",))
        return None
