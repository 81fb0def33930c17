"""How loud speech is, and how it is made as loud as all other: no caller should reach for a knob.

Loudness is the RMS of the spoken parts, without the silence between them, in dB against full scale.
"""

from __future__ import annotations

import array
import math
from collections.abc import Iterator
from dataclasses import dataclass
from operator import mul

from engine.sounds.tools import SoundError
from engine.sounds.wav import RATE

OURS = -20.0
QUIETEST, LOUDEST = -26.0, -14.0
"""Between these a recording is left as loud as it is."""

_SILENCE = -45.0
_PEAK = -1.0
_FULL = 32767
_FRAME = RATE // 50
_CLIPPED_SAMPLES = 20  # so many at the very edge are no chance


@dataclass(frozen=True, slots=True)
class Loudness:
    """``level`` in dBFS, minus infinity for silence; ``clipped`` when the peaks are cut off."""

    level: float
    clipped: bool = False

    def __str__(self) -> str:
        level = "silent" if self.silent else f"{self.level:.0f} dB"
        return f"{level}, clipped" if self.clipped else level

    @property
    def silent(self) -> bool:
        """Nobody says anything."""
        return self.level == -math.inf

    @property
    def quiet(self) -> bool:
        """Callers would strain their ears."""
        return not self.silent and self.level < QUIETEST

    @property
    def loud(self) -> bool:
        """Callers would hold the phone away, or hear it rattle."""
        return self.level > LOUDEST or self.clipped


def measure(samples: array.array[int]) -> Loudness:
    """The loudness of 16-bit samples."""
    floor = _power(_SILENCE)
    spoken = [power for power in _powers(samples) if power > floor]
    if not spoken:
        return Loudness(-math.inf)
    at_the_edge = samples.count(_FULL) + samples.count(-_FULL) + samples.count(-_FULL - 1)
    level = 10 * math.log10(sum(spoken) / len(spoken) / _FULL**2)
    return Loudness(level, clipped=at_the_edge >= _CLIPPED_SAMPLES)


def at_our_loudness(samples: array.array[int]) -> array.array[int]:
    """The same at ``OURS``, or as near as it comes without its peak being cut off.

    Raises ``SoundError`` for silence.
    """
    loudness = measure(samples)
    if loudness.silent:
        raise SoundError("nothing is said in it")
    gain = min(_gain(OURS - loudness.level), _gain(_PEAK) * _FULL / max(map(abs, samples)))
    return array.array("h", (round(sample * gain) for sample in samples))


def _powers(samples: array.array[int]) -> Iterator[float]:
    """Mean square of each 20 ms."""
    for start in range(0, len(samples) - _FRAME + 1, _FRAME):
        frame = samples[start : start + _FRAME]
        yield sum(map(mul, frame, frame)) / _FRAME


def _gain(decibels: float) -> float:
    return float(10 ** (decibels / 20))


def _power(decibels: float) -> float:
    return (_gain(decibels) * _FULL) ** 2
