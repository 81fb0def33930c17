"""The plays of a caller's flow: numbered by the flow, and under ids of ours at the switch."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.lanes import IVR, SIP
from engine.calls.switchboard import Switchboard
from engine.ivr.messages import Play, PlayEnded
from engine.ivr.sounds import Pause, Sound, Speak, Tone
from engine.ports import Down, PbxError, PlaybackEnded

log = structlog.get_logger("flow")

LONGEST_SECONDS = 300.0
"""Of a play: it is longer than anybody listens, or its end was never told."""
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class _Playing:
    number: int
    since: float


class Plays:
    """Those of one run of a flow."""

    def __init__(self, call: Call, sb: Switchboard) -> None:
        self._call, self._sb = call, sb
        self._playing: dict[str, _Playing] = {}

    async def begin(self, play: Play) -> None:
        """Start it; one that cannot be started has ended, which the mailbox tells."""
        call = self._call
        playback = call.new_id("p")
        self._playing[playback] = _Playing(play.play, call.now())
        call.note(n.Playing(call.now(), playback))
        call.step(IVR, "play", SIP, f"{', '.join(map(shown, play.prompts))} ({play.language})")
        languages = (play.language, *play.fallback)
        version = call.flows.version if call.flows is not None else ""
        media = await self._sb.sounds.uris(play.prompts, languages, version=version)
        try:
            await self._sb.pbx.play(call.channel, playback, media, play.language)
        except Down:
            raise
        except PbxError:  # hung up just now, which the mailbox tells, or no such file
            call.deliver(PlaybackEnded(call.now(), call.channel, playback, ok=False))

    async def stop(self, number: int) -> None:
        """Stop it, unless it has ended."""
        for playback, playing in list(self._playing.items()):
            if playing.number == number:
                await self._stop(playback)

    async def _stop(self, playback: str) -> None:
        del self._playing[playback]
        await self._sb.pbx.stop_playback(self._call.channel, playback)

    def ended(self, mail: PlaybackEnded) -> PlayEnded | None:
        """What the flow is told of this end; None when the play is none of its, or was stopped."""
        playing = self._playing.pop(mail.playback, None)
        return None if playing is None else PlayEnded(playing.number, mail.ok)

    @property
    def deadline(self) -> float | None:
        """When ``overdue`` has something to tell."""
        begun = [playing.since for playing in self._playing.values()]
        return min(begun) + LONGEST_SECONDS if begun else None

    async def overdue(self, now: float) -> list[PlayEnded]:
        """Plays that take too long: the flow goes on, not in silence for ever, and not while they
        still play."""
        lost = [each for each in self._playing.items() if each[1].since + LONGEST_SECONDS <= now]
        for playback, _playing in lost:
            await self._stop(playback)
        if lost:
            log.warning("playback_lost", plays=len(lost))
        return [PlayEnded(playing.number, ok=False) for _playback, playing in lost]


def shown(sound: Sound) -> str:
    """A sound as the ladder names it."""
    match sound:
        case Speak(text=text):
            return f"“{text[:_SHOWN]}”"
        case Tone(name=name):
            return f"tone {name}"
        case Pause(seconds=seconds):
            return f"{seconds:g} s of silence"
    return sound
