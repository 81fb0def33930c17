"""Hears what callers say: their audio from the switch, cut into utterances, to the recogniser.

The channels and the bridge that it takes are made when a flow listens, and kept for the next menu;
a prompt never waits for them. They go when nobody has listened for a while (he waits in a queue, or
talks), and at the end of the flow. Whatever fails, the caller still has his keys.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

import structlog

from engine.calls.call import Call
from engine.calls.mail import SpeechHeard, SpeechLost, SpeechStarted
from engine.ports import Pbx, PbxError
from engine.speech.vad import FRAME_BYTES, Began, Utterance, VoiceDetector
from engine.speech.workers import Workers

log = structlog.get_logger("hearing")

IDLE_FRAMES = 500
"""After ten seconds that matter to nobody."""

IsVoice = Callable[[bytes], bool]


@dataclass(frozen=True, eq=False, slots=True)
class _Wanted:
    """What the flow listens for now; each ``listen`` is another one."""

    phrases: tuple[str, ...]
    language: str


class Hearing:
    """Voice commands for every caller. ``judge`` makes a judge of voice for one caller."""

    def __init__(self, pbx: Pbx, workers: Workers, judge: Callable[[], IsVoice]) -> None:
        self._pbx = pbx
        self._workers = workers
        self._judge = judge

    def open(self, call: Call) -> CallEars:
        """Somebody who can listen to this caller."""
        return CallEars(call, self._pbx, self._workers, self._judge())


class CallEars:
    """``engine.calls.switchboard.Ears`` of one call."""

    def __init__(self, call: Call, pbx: Pbx, workers: Workers, is_voice: IsVoice) -> None:
        self._call = call
        self._pbx = pbx
        self._workers = workers
        self._detector = VoiceDetector(is_voice)
        self._wanted: _Wanted | None = None
        self._hearing: asyncio.Task[None] | None = None

    async def listen(self, phrases: Sequence[str], language: str) -> None:
        """From now on these phrases. Returns at once, before there is any audio."""
        language = language.partition("-")[0]  # vi of vi-VN
        if not self._workers.can(language):
            self._call.deliver(SpeechLost())
            return
        self._wanted = _Wanted(tuple(phrases), language)
        self._detector.reset()
        if self._hearing is None or self._hearing.done():
            self._hearing = asyncio.create_task(self._hear(), name=f"ears {self._call.id}")

    async def stop(self) -> None:
        """What he says from now on, and what is being recognised, does not matter; nor what was
        heard and is not read yet, which would answer the next question."""
        self._wanted = None
        self._call.take(SpeechStarted)
        self._call.take(SpeechHeard)

    async def close(self) -> None:
        """Remove the channels and the bridge."""
        self._wanted = None
        if self._hearing is not None:
            self._hearing.cancel()
            await asyncio.gather(self._hearing, return_exceptions=True)

    async def _hear(self) -> None:
        """Until ``close``, until nothing matters for a while, or there is no audio to be had."""
        try:
            while self._wanted is not None and await self._hear_until_idle():
                pass
        except PbxError as error:
            log.warning("ears_failed", reason=str(error))
        except Exception:  # of this task; the call goes on by keys
            log.exception("ears_failed", reason="a fault of ours")
        self._lose()

    async def _hear_until_idle(self) -> bool:
        """False when the audio ended before."""
        idle = 0
        async with (
            self._pbx.hear(self._call.channel, self._call.new_id("e")) as audio,
            asyncio.TaskGroup() as recognitions,
        ):
            async for frame in _frames(audio):
                if self._wanted is not None:
                    idle = 0
                    self._take(frame, self._wanted, recognitions)
                elif (idle := idle + 1) == IDLE_FRAMES:
                    return True
        return False

    def _take(self, frame: bytes, wanted: _Wanted, recognitions: asyncio.TaskGroup) -> None:
        match self._detector.feed(frame):
            case Began():
                self._call.deliver(SpeechStarted())
            case Utterance(pcm):
                recognitions.create_task(self._recognise(pcm, wanted))

    async def _recognise(self, pcm: bytes, wanted: _Wanted) -> None:
        """Tell what was said, unless that matters to nobody any more."""
        heard = await self._workers.recognise(pcm, wanted.phrases, wanted.language)
        if wanted is not self._wanted:
            return
        if heard is None:
            log.warning("speech_overloaded")
            self._lose()
        else:
            self._call.deliver(SpeechHeard(heard.phrase, heard.confidence, heard.text))

    def _lose(self) -> None:
        if self._wanted is not None:
            self._wanted = None
            self._call.deliver(SpeechLost())


async def _frames(audio: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The audio in frames of 20 ms, however it was cut."""
    rest = b""
    async for piece in audio:
        rest += piece
        while len(rest) >= FRAME_BYTES:
            yield rest[:FRAME_BYTES]
            rest = rest[FRAME_BYTES:]
