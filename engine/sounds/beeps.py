"""A mailbox's beep, found in what is heard: a pure tone of any pitch, by itself for a moment.

Asterisk's own detectors wait for one frequency, and every mailbox has another. The samples of a
pure tone obey ``x[n+1] + x[n-1] = 2 cos(w) x[n]``: the best ``cos(w)`` of a frame tells the pitch,
and what is left over, how pure it is. Speech leaves over far more.
"""

from __future__ import annotations

import array
import math
from dataclasses import dataclass
from operator import add, mul

from engine.sounds import wav
from engine.sounds.wav import RATE

FRAME_SECONDS = 0.02
_FRAME = round(RATE * FRAME_SECONDS)
_LOUD = 0.01 * 32768
"""-40 dBFS (RMS): softer than that no beep is."""

_LOWEST_HZ, _HIGHEST_HZ = 350.0, 2200.0
_IMPURE = 0.03
"""How little must be left over. More of it would find beeps in noise, and vowels that are sung."""

_DRIFT_HZ = 10.0
_LONG_ENOUGH = 7
"""Frames: 0.14 s of a beep that lasts 0.2 s."""


@dataclass(slots=True)
class BeepFinder:
    """Listens to one line, from the beginning of a mailbox's greeting on.

    ``feed`` it with 8 kHz 16-bit PCM in pieces of any size. ``beeped`` once a beep is over, which
    is the time to speak; ``silent_seconds`` is how long the line has been silent by now.
    """

    beeped: bool = False
    silent_seconds: float = 0.0
    _rest: bytes = b""
    _hz: float = 0.0
    _frames: int = 0

    def feed(self, pcm: bytes) -> None:
        """Listen on."""
        self._rest += pcm
        whole = len(self._rest) // (2 * _FRAME) * 2 * _FRAME
        heard, self._rest = wav.decode(self._rest[:whole]), self._rest[whole:]
        for begin in range(0, len(heard), _FRAME):
            self._hear(heard[begin : begin + _FRAME])

    def _hear(self, frame: array.array[int]) -> None:
        hz, loud = pitch(frame)
        self.silent_seconds = 0.0 if loud else self.silent_seconds + FRAME_SECONDS
        if hz and (not self._frames or abs(hz - self._hz) <= _DRIFT_HZ):
            self._hz, self._frames = hz, self._frames + 1
            return
        self.beeped = self.beeped or self._frames >= _LONG_ENOUGH
        self._hz, self._frames = hz, 1 if hz else 0


def pitch(frame: array.array[int]) -> tuple[float, bool]:
    """The frequency of a pure tone, 0 when it is none; and whether the frame is loud at all."""
    middle = frame[1:-1]
    energy = sum(map(mul, middle, middle))
    if energy < _LOUD**2 * len(middle):
        return 0.0, False
    around = list(map(add, frame[2:], frame[:-2]))
    twice_cosine = sum(map(mul, around, middle)) / energy
    if abs(twice_cosine) >= 2:
        return 0.0, True
    left = sum(map(mul, around, around)) - twice_cosine**2 * energy
    hz = math.acos(twice_cosine / 2) * RATE / (2 * math.pi)
    pure = left <= _IMPURE * energy * 4 * math.sin(math.pi * hz / RATE) ** 2
    return (hz if pure and _LOWEST_HZ <= hz <= _HIGHEST_HZ else 0.0), True
