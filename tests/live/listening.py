"""Whether a certain prompt or the hold music was heard: its sound is looked for in what came.

Excerpts are looked for, not the whole: on a busy machine a phone loses some packets.
"""

import numpy as np

from engine.demo import tones
from engine.sounds import wav

EXCERPT = round(0.4 * tones.RATE)
PLACES = (0.1, 0.35, 0.6, 0.85)  # of a prompt; half of them have to be found
ALIKE = 0.8
"""Correlation: 0.99 with what the codec leaves of it, below 0.5 with other words and chords."""


def heard_prompt(pcm, file):
    """Whether at least half of the prompt in ``file`` is in ``pcm``."""
    sound = np.asarray(wav.read(file), dtype=float)
    starts = [round(place * (len(sound) - EXCERPT)) for place in PLACES]
    found = [_is_in(sound[start : start + EXCERPT], _samples(pcm)) for start in starts]
    return sum(found) * 2 >= len(PLACES)


def heard_music(pcm, file):
    """Whether the last full second in ``pcm`` that is no silence has a part of the music."""
    line = _samples(pcm)
    music = np.asarray(wav.read(file), dtype=float)
    last = line[-tones.RATE :]
    if len(last) < tones.RATE or tones.level(last.astype("<i2").tobytes()) < tones.SILENCE_DBFS:
        return False
    return any(_is_in(last[start : start + EXCERPT], music) for start in (0, len(last) // 2))


def _samples(pcm):
    return np.frombuffer(pcm, "<i2").astype(float)


def _is_in(excerpt, line):
    """Whether the excerpt is somewhere in the line, by normalised cross-correlation."""
    if len(line) < len(excerpt):
        return False
    size = 1 << (len(line) + len(excerpt)).bit_length()
    spectrum = np.fft.rfft(line, size) * np.conj(np.fft.rfft(excerpt, size))
    products = np.fft.irfft(spectrum, size)[: len(line) - len(excerpt) + 1]
    energy = np.concatenate([[0.0], np.cumsum(line**2)])
    power = energy[len(excerpt) :] - energy[: len(products)]
    own = max(1.0, float(np.sum(excerpt**2)))
    return bool(np.max(products / np.sqrt(np.maximum(power, 1.0) * own)) > ALIKE)
