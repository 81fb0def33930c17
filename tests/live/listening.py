"""Whether a certain prompt or the hold music was heard: its sound is looked for in what came."""

import numpy as np

from engine.demo import tones
from engine.demo.listening import heard_prompt, is_in, samples
from engine.sounds import wav

__all__ = ["heard_music", "heard_prompt"]

EXCERPT = round(0.4 * tones.RATE)


def heard_music(pcm, file):
    """Whether the last full second in ``pcm`` that is no silence has a part of the music."""
    line = samples(pcm)
    music = np.asarray(wav.read(file), dtype=float)
    last = line[-tones.RATE :]
    if len(last) < tones.RATE or tones.level(last.astype("<i2").tobytes()) < tones.SILENCE_DBFS:
        return False
    return any(is_in(last[start : start + EXCERPT], music) for start in (0, len(last) // 2))
