"""Finds utterances in a caller's audio, frame by frame. Pure; the judge of a frame is handed in.

An utterance opens when 5 of the last 15 frames are voice, and takes what came just before along,
for the judge hears a soft consonant late. It *began* for the flow, which then stops its prompt,
only after 200 ms of voice in all: a click or a breath interrupts nobody. It ends after half a
second without voice; one that never began is forgotten.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from engine.speech.recogniser import RATE

FRAME_SECONDS = 0.02
FRAME_BYTES = round(RATE * FRAME_SECONDS) * 2
OPENING_VOICED, OPENING_FRAMES = 5, 15
BEGAN_VOICED = 10
END_FRAMES = 25
PRE_ROLL_FRAMES = 25
LONGEST_FRAMES = 500


@dataclass(frozen=True, slots=True)
class Began:
    """The caller speaks, and has done so for 200 ms."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """What he said, with a little silence around it: 16-bit PCM at ``RATE``."""

    pcm: bytes


class VoiceDetector:
    """``is_voice`` judges one frame of 20 ms. Told frames in order, it says what they complete."""

    def __init__(self, is_voice: Callable[[bytes], bool]) -> None:
        self._is_voice = is_voice
        self.reset()

    def reset(self) -> None:
        """Forget what was heard: an utterance that is under way does not count."""
        self._before: deque[bytes] = deque(maxlen=PRE_ROLL_FRAMES)
        self._lately: deque[bool] = deque(maxlen=OPENING_FRAMES)
        self._frames: list[bytes] = []
        self._voiced = self._silent = 0

    def feed(self, frame: bytes) -> Began | Utterance | None:
        """One frame of ``FRAME_BYTES``."""
        voice = self._is_voice(frame)
        if self._frames:
            return self._go_on(frame, voice)
        self._watch(frame, voice)
        return None

    def _watch(self, frame: bytes, voice: bool) -> None:
        self._before.append(frame)
        self._lately.append(voice)
        if sum(self._lately) >= OPENING_VOICED:
            self._frames, self._voiced = list(self._before), sum(self._lately)
            self._silent = 0

    def _go_on(self, frame: bytes, voice: bool) -> Began | Utterance | None:
        self._frames.append(frame)
        self._voiced += voice
        self._silent = 0 if voice else self._silent + 1
        if self._silent >= END_FRAMES or len(self._frames) >= LONGEST_FRAMES:
            return self._close()
        return Began() if voice and self._voiced == BEGAN_VOICED else None

    def _close(self) -> Utterance | None:
        frames, voiced = self._frames, self._voiced
        self.reset()
        return Utterance(b"".join(frames)) if voiced >= BEGAN_VOICED else None
