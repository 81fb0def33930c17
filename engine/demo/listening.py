"""Whether a certain prompt was heard: its sound is looked for in what came.

Excerpts are looked for, not the whole: on a busy machine a phone loses some packets. PCM is as in
``tones``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.demo import tones
from engine.sounds import wav

EXCERPT = round(0.4 * tones.RATE)
THROUGHOUT = (0.1, 0.35, 0.6, 0.85)
"""Places in a prompt, from 0 to 1, that are looked for; half of them have to be found."""
BEGINNING = (0.3, 0.7, 1.1)
"""Seconds into a prompt; many have their first word in common."""
ALIKE = 0.8
"""Correlation: 0.99 with what the codec leaves of it, below 0.5 with other words and chords."""

Samples = npt.NDArray[np.float64]
Spectrum = npt.NDArray[np.complex128]


def heard_prompt(pcm: bytes, file: Path) -> bool:
    """Whether at least half of the prompt in ``file`` is in ``pcm``."""
    sound = _sound(file)
    return _half_is_in(sound, [place * (len(sound) - EXCERPT) for place in THROUGHOUT], pcm)


def heard_beginning(pcm: bytes, file: Path) -> bool:
    """Whether the first second and a half of the prompt in ``file`` is in ``pcm``."""
    return _half_is_in(_sound(file), [seconds * tones.RATE for seconds in BEGINNING], pcm)


def samples(pcm: bytes) -> Samples:
    """PCM as numbers."""
    return np.frombuffer(pcm, "<i2").astype(float)


def is_in(excerpts: Sequence[Samples], line: Samples) -> list[bool]:
    """Whether each excerpt is somewhere in the line, by normalised cross-correlation.

    They are of one length.
    """
    length = len(excerpts[0])
    if len(line) < length:
        return [False] * len(excerpts)
    size = 1 << (len(line) + length - 1).bit_length()
    spectrum = np.fft.rfft(line, size)
    energy = np.concatenate([[0.0], np.cumsum(line**2)])
    power = np.maximum(energy[length:] - energy[:-length], 1.0)
    return [_alike(excerpt, spectrum, power, size) > ALIKE for excerpt in excerpts]


def _alike(excerpt: Samples, spectrum: Spectrum, power: Samples, size: int) -> float:
    """1 where the excerpt is in the line as it is."""
    products = np.fft.irfft(spectrum * np.conj(np.fft.rfft(excerpt, size)), size)[: len(power)]
    own = max(1.0, float(np.sum(excerpt**2)))
    return float(np.max(products / np.sqrt(power * own)))


def _half_is_in(sound: Samples, starts: Sequence[float], pcm: bytes) -> bool:
    last = max(0, len(sound) - EXCERPT)
    places = dict.fromkeys(min(round(start), last) for start in starts)
    found = is_in([sound[at : at + EXCERPT] for at in places], samples(pcm))
    return sum(found) * 2 >= len(found)


@lru_cache
def _sound(file: Path) -> Samples:
    return np.asarray(wav.read(file), dtype=float)
