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
PLACES = (0.1, 0.35, 0.6, 0.85)
"""In a prompt, from 0 to 1; half of the excerpts there have to be found."""
ALIKE = 0.8
"""Correlation: 0.99 with what the codec leaves of it, below 0.5 with other words and chords."""

# Who waits for a prompt cannot wait for its end: of its beginning shorter pieces are looked for, as
# packets may be lost several times in a second. For another prompt may have some words in common
# with it, the pieces have to stand about as far from each other as they should.
_BEGINNING = round(1.6 * tones.RATE)
_PIECE, _PIECES = round(0.2 * tones.RATE), 8
_NEAR, _SLACK = round(0.1 * tones.RATE), 3  # what is lost between pieces brings them nearer

Samples = npt.NDArray[np.float64]
Spectrum = npt.NDArray[np.complex128]


def heard_prompt(pcm: bytes, file: Path) -> bool:
    """Whether at least half of the prompt in ``file`` is in ``pcm``."""
    sound, line = _sound(file), samples(pcm)
    starts = [round(place * max(0, len(sound) - EXCERPT)) for place in PLACES]
    found = places_of([sound[start : start + EXCERPT] for start in starts], line)
    return sum(bool(places.size) for places in found) * 2 >= len(PLACES)


def heard_beginning(pcm: bytes, file: Path) -> bool:
    """Whether at least half of the first second and a half of the prompt is in ``pcm``."""
    sound, line = _sound(file)[:_BEGINNING], samples(pcm)
    ends = np.linspace(0, max(0, len(sound) - _PIECE), _PIECES + 2).round().astype(int)
    starts = ends[1:-1]
    votes = np.zeros((len(line) + len(sound)) // _NEAR + 2 * _SLACK + 2, int)
    found = places_of([sound[start : start + _PIECE] for start in starts], line)
    for start, places in zip(starts, found, strict=True):
        began = np.unique((places - start + len(sound)) // _NEAR)
        votes[np.unique(began[:, None] + np.arange(2 * _SLACK + 1))] += 1
    return bool(votes.max() * 2 >= _PIECES)


def samples(pcm: bytes) -> Samples:
    """PCM as numbers."""
    return np.frombuffer(pcm, "<i2").astype(float)


def is_in(excerpt: Samples, line: Samples) -> bool:
    """Whether the excerpt is somewhere in the line."""
    return bool(places_of([excerpt], line)[0].size)


def places_of(excerpts: Sequence[Samples], line: Samples) -> list[npt.NDArray[np.intp]]:
    """Where in the line each excerpt is, by normalised cross-correlation; all are of one length."""
    length = len(excerpts[0])
    if len(line) < length:
        return [np.empty(0, np.intp) for _ in excerpts]
    size = 1 << (len(line) + length - 1).bit_length()
    spectrum = np.fft.rfft(line, size)
    energy = np.concatenate([[0.0], np.cumsum(line**2)])
    power = np.maximum(energy[length:] - energy[:-length], 1.0)
    return [np.flatnonzero(_alike(excerpt, spectrum, power, size) > ALIKE) for excerpt in excerpts]


def _alike(excerpt: Samples, spectrum: Spectrum, power: Samples, size: int) -> Samples:
    """1 where the excerpt is in the line as it is."""
    products = np.fft.irfft(spectrum * np.conj(np.fft.rfft(excerpt, size)), size)[: len(power)]
    own = max(1.0, float(np.sum(excerpt**2)))
    return np.asarray(products / np.sqrt(power * own))


@lru_cache
def _sound(file: Path) -> Samples:
    return np.asarray(wav.read(file), dtype=float)
