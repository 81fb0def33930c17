"""Whether a certain prompt, the hold music or a tone was heard: it is looked for in what came."""

import time
from functools import lru_cache

import numpy as np

from engine.demo import tones
from engine.demo.listening import heard_prompt, places_of, samples
from engine.sounds import wav

__all__ = ["heard_music", "heard_none", "heard_prompt"]

EXCERPT = round(0.4 * tones.RATE)
QUIET_SECONDS, MOMENT_SECONDS = 1.0, 0.2
"""So long a tone has to be away; so long a voice may strike it."""


def heard_music(pcm, file):
    """Whether the last full second in ``pcm`` that is no silence has a part of the music."""
    last = samples(pcm[-2 * tones.RATE :])
    if len(last) < tones.RATE or tones.level(pcm[-2 * tones.RATE :]) < tones.SILENCE_DBFS:
        return False
    excerpts = [last[start : start + EXCERPT] for start in (0, len(last) // 2)]
    return any(places.size for places in places_of(excerpts, _music(file)))


def heard_none(call, unwanted, since):
    """Whether a phone has heard none of these tones (Hz) for a while, all of it later than
    ``since``; a voice that tells him something may strike one for a moment."""
    last = call.heard(max(since, time.monotonic() - QUIET_SECONDS))
    return tones.seconds(last) > QUIET_SECONDS - 0.2 and not any(
        tones.find(last, hz, purity=0.12).longest > MOMENT_SECONDS for hz in unwanted
    )


@lru_cache
def _music(file):
    return np.asarray(wav.read(file), dtype=float)
