"""Whether a certain prompt or the hold music was heard: its sound is looked for in what came."""

from functools import lru_cache

import numpy as np

from engine.demo import tones
from engine.demo.listening import heard_prompt, places_of, samples
from engine.sounds import wav

__all__ = ["heard_music", "heard_prompt"]

EXCERPT = round(0.4 * tones.RATE)


def heard_music(pcm, file):
    """Whether the last full second in ``pcm`` that is no silence has a part of the music."""
    last = samples(pcm[-2 * tones.RATE :])
    if len(last) < tones.RATE or tones.level(pcm[-2 * tones.RATE :]) < tones.SILENCE_DBFS:
        return False
    excerpts = [last[start : start + EXCERPT] for start in (0, len(last) // 2)]
    return any(places.size for places in places_of(excerpts, _music(file)))


@lru_cache
def _music(file):
    return np.asarray(wav.read(file), dtype=float)
