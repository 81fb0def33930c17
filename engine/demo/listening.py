"""Whether a certain prompt was heard: its sound is looked for in what came.

Pieces are looked for, not the whole: on a busy machine a phone loses some packets. PCM is as in
``tones``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from engine.demo import tones
from engine.sounds import wav

ALIKE = 0.8
"""Correlation: 0.99 with what the codec leaves of it, below 0.5 with other words and chords."""


class _Manner(NamedTuple):
    """How a sound is looked for: by so many pieces of a length, of which a share has to be found.

    Packets may be lost several times in a second, so the pieces are short. For another prompt may
    have some words in common with it, they stand about as far from each other as they should.
    """

    pieces: int
    length: int
    share: float


# Two words may have half of their sound in common (ten and fourteen, mười một and mười hai): more
# of a word has to be there, and by smaller pieces, of which one loss spoils less.
_SENTENCE = _Manner(8, round(0.2 * tones.RATE), 0.5)
_WORD = _Manner(12, round(0.1 * tones.RATE), 0.7)
_LONGEST_WORD = tones.RATE
_NEAR, _SLACK = round(0.1 * tones.RATE), 3  # what is lost between pieces brings them nearer
_BEGINNING = round(1.6 * tones.RATE)  # who waits for a prompt cannot wait for its end
_BLOCK = 1 << 14  # samples of the line that are transformed together; fits in a processor's cache

Samples = npt.NDArray[np.float64]


def heard_prompt(pcm: bytes, file: Path) -> bool:
    """Whether at least half of the prompt in ``file`` is in ``pcm``; most of a single word."""
    sound = _sound(file)
    return _is_heard(sound, samples(pcm), _WORD if len(sound) < _LONGEST_WORD else _SENTENCE)


def heard_beginning(pcm: bytes, file: Path) -> bool:
    """Whether at least half of the first second and a half of the prompt is in ``pcm``."""
    return _is_heard(_sound(file)[:_BEGINNING], samples(pcm), _SENTENCE)


def samples(pcm: bytes) -> Samples:
    """PCM as numbers."""
    return np.frombuffer(pcm, "<i2").astype(float)


def places_of(excerpts: Sequence[Samples], line: Samples) -> list[npt.NDArray[np.intp]]:
    """Where in the line each excerpt is, by normalised cross-correlation; all are of one length."""
    length = len(excerpts[0])
    if len(line) < length:
        return [np.empty(0, np.intp) for _ in excerpts]
    spectra = np.fft.rfft(_blocks(line, length)).astype(np.complex64, copy=False)
    energy = np.concatenate([[0.0], np.cumsum(line**2)])
    level = np.sqrt(np.maximum(energy[length:] - energy[:-length], 1.0)).astype(np.float32)
    return [np.flatnonzero(_alike(excerpt, spectra, level) > ALIKE) for excerpt in excerpts]


def _is_heard(sound: Samples, line: Samples, manner: _Manner) -> bool:
    """Whether enough of what a sound's pieces cover is in the line, each about where it should be.

    In a word the pieces overlap: one loss spoils several, and little of the word.
    """
    pieces, length, share = manner
    starts = np.linspace(0, max(0, len(sound) - length), pieces).round().astype(int)
    place = np.arange(len(sound)) - starts[:, None]
    covered = (place >= 0) & (place < length)
    votes = np.zeros(((len(line) + len(sound)) // _NEAR + 2 * _SLACK + 2, pieces), bool)
    found = places_of([sound[start : start + length] for start in starts], line)
    for piece, (start, places) in enumerate(zip(starts, found, strict=True)):
        began = np.unique((places - start + len(sound)) // _NEAR)
        votes[np.unique(began[:, None] + np.arange(2 * _SLACK + 1)), piece] = True
    heard = np.unique(votes, axis=0) @ covered
    return bool(heard.sum(axis=1).max() >= share * covered.any(axis=0).sum())


def _blocks(line: Samples, length: int) -> npt.NDArray[np.float32]:
    """The line in blocks which overlap by an excerpt of this length, short of one sample."""
    step = _BLOCK - length + 1
    count = -(-(len(line) - length + 1) // step)
    padded = np.zeros((count - 1) * step + _BLOCK, np.float32)
    padded[: len(line)] = line
    return np.lib.stride_tricks.sliding_window_view(padded, _BLOCK)[::step]


def _alike(
    excerpt: Samples, spectra: npt.NDArray[np.complex64], level: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """1 where the excerpt is in the line as it is."""
    own = np.sqrt(max(1.0, float(np.sum(excerpt**2))))
    turned = np.conj(np.fft.rfft((excerpt / own).astype(np.float32), _BLOCK))
    step = _BLOCK - len(excerpt) + 1
    products = np.fft.irfft(spectra * turned, _BLOCK)[:, :step].reshape(-1)
    return np.asarray(products[: len(level)] / level)


@lru_cache
def _sound(file: Path) -> Samples:
    return np.asarray(wav.read(file), dtype=float)
