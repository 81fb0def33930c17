"""CMU PocketSphinx with a grammar of the menu's phrases. Runs in a worker process only.

Its model is made for 16 kHz, so the upper band that a telephone lacks is filled: once with noise
alone, once also with the uppermost of what the line has, mirrored. Both have to agree. It takes
everything for one of the phrases, so how well the sounds fit decides how far to believe it: several
words that fit may be accepted, a single one is to be confirmed at best.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pocketsphinx

from engine.speech.features import MODEL_RATE, Floats, upsampled
from engine.speech.matching import words_of
from engine.speech.recogniser import NOTHING, Heard

DICTIONARY = "cmudict-en-us.dict"
"""In the folder of the model, beside the folder of its sounds (``en-us``)."""

_GRAMMAR = "menu"
_NOISE = 50.0  # of 32768: enough to fill the empty band, and not heard
_MIRROR_HZ, _LINE_HZ = 3000.0, 3400.0
_LONG_FRAMES = 60  # of 10 ms
_GOOD_FIT, _POOR_FIT = -2.0, -3.8
"""Mean logarithm, over the frames, of how likely the phrase is beside the best of all sounds."""


class PocketSphinx:
    """The English model that comes with the package, or one of the same layout."""

    def __init__(self, model_dir: Path) -> None:
        self._decoder = pocketsphinx.Decoder(
            hmm=str(model_dir / "en-us"),
            dict=str(model_dir / DICTIONARY),
            lm=None,
            loglevel="FATAL",
        )
        self._noise = np.random.default_rng(0)
        self._loaded: tuple[str, ...] = ()

    def recognise(self, pcm: bytes, phrases: Sequence[str], language: str) -> Heard:
        """The phrase of the grammar that both ways of listening find. Free speech it cannot."""
        spoken = self._pronounceable(phrases, language)
        if not spoken:
            return NOTHING
        self._take_grammar(tuple(spoken))
        audio = upsampled(pcm)
        plain, _ = self._decode(audio)
        found, fit = self._decode(mirrored(audio))
        if found != plain or found not in spoken:  # it may have come halfway through a phrase
            return NOTHING
        is_long = " " in found and self._frames() >= _LONG_FRAMES
        return Heard(spoken[found], confidence(fit, is_long), found)

    def _pronounceable(self, phrases: Sequence[str], language: str) -> dict[str, str]:
        """What is listened for: words as the dictionary has them, and the phrase they are of."""
        spoken = {" ".join(words_of(phrase, language)): phrase for phrase in phrases}
        known = self._decoder.lookup_word
        return {
            words: phrase
            for words, phrase in spoken.items()
            if words and all(known(word) for word in words.split())
        }

    def _take_grammar(self, spoken: tuple[str, ...]) -> None:
        if spoken != self._loaded:
            grammar = f"#JSGF V1.0; grammar menu; public <phrase> = {' | '.join(spoken)};"
            self._decoder.add_jsgf_string(_GRAMMAR, grammar)
            self._decoder.activate_search(_GRAMMAR)
            self._loaded = spoken

    def _decode(self, audio: Floats) -> tuple[str, float]:
        """The words found, '' for none, and how well they fit."""
        noisy = audio * 32768 + self._noise.normal(0.0, _NOISE, len(audio))
        samples = np.clip(noisy, -32768, 32767).astype("<i2").tobytes()
        self._decoder.start_utt()
        self._decoder.process_raw(samples, full_utt=True)
        self._decoder.end_utt()
        found = self._decoder.hyp()
        return (found.hypstr, self._fit()) if found else ("", -math.inf)

    def _fit(self) -> float:
        logs = sum(math.log(max(word.ascore, 1e-300)) for word in self._words())
        return logs / max(1, self._frames())

    def _frames(self) -> int:
        return sum(word.end_frame - word.start_frame + 1 for word in self._words())

    def _words(self) -> list[pocketsphinx.Segment]:
        """The segments that are words, not silence."""
        segments = self._decoder.seg() or ()
        return [each for each in segments if not each.word.startswith(("<", "["))]


def load(model_dir: Path) -> PocketSphinx:
    """The model in this folder, loaded."""
    return PocketSphinx(model_dir)


def confidence(fit: float, is_long: bool) -> float:
    """A poor fit is 0.5, a good one just below acceptance; a long phrase may come above it."""
    share = (fit - _POOR_FIT) / (_GOOD_FIT - _POOR_FIT)
    highest = 0.9 if is_long else 0.74
    return max(0.0, min(highest, 0.5 + (highest - 0.5) * share))


def mirrored(audio: Floats) -> Floats:
    """With the uppermost part of the line's band repeated above it: it hints at an s or an f."""
    spectrum = np.fft.rfft(audio)
    line, low = (int(hz * len(audio) / MODEL_RATE) for hz in (_LINE_HZ, _MIRROR_HZ))
    spectrum[line : 2 * line - low] = spectrum[low:line][::-1]
    return np.fft.irfft(spectrum, len(audio)).astype(np.float32)
