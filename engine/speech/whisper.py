"""Whisper by CTranslate2, cut to what a caller says to a menu. Runs in a worker process only.

The encoder sees ten seconds instead of thirty, which costs a quarter of the time and no accuracy;
the decoder may not repeat two words in a row, or it loops on short utterances.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import ctranslate2

from engine.speech.features import log_mel, upsampled
from engine.speech.matching import nearest
from engine.speech.recogniser import NOTHING, Heard

WINDOW_SECONDS = 10.0
COMMAND_TOKENS, FREE_TOKENS = 16, 100
HYPOTHESES = 5
_DOUBT = 0.25
_NO_SPEECH, _UNSURE = 0.6, -1.0


class Whisper:
    """One Whisper model in CTranslate2's format, from its folder."""

    def __init__(self, model_dir: Path) -> None:
        self._model = ctranslate2.models.Whisper(
            str(model_dir), device="cpu", compute_type="int8", intra_threads=1, inter_threads=1
        )

    def recognise(self, pcm: bytes, phrases: Sequence[str], language: str) -> Heard:
        """What was said, and the phrase that it is nearest to."""
        result = self.decode(pcm, language, COMMAND_TOKENS if phrases else FREE_TOKENS)
        if result.no_speech_prob > _NO_SPEECH and result.scores[0] < _UNSURE:
            return NOTHING
        texts = [spelled(tokens) for tokens in result.sequences]
        if not phrases:
            return Heard(None, min(1.0, math.exp(result.scores[0])), texts[0])
        return likeliest(texts, result.scores, phrases, language)

    def decode(self, pcm: bytes, language: str, most_tokens: int) -> Any:
        """CTranslate2's result for what was said, whatever it is to be compared with."""
        mel = log_mel(upsampled(pcm), self._model.n_mels, WINDOW_SECONDS)
        [result] = self._model.generate(
            ctranslate2.StorageView.from_array(mel),
            [self._prompt(language)],
            beam_size=HYPOTHESES,
            num_hypotheses=HYPOTHESES,
            no_repeat_ngram_size=2,
            max_length=most_tokens,
            return_scores=True,
            return_no_speech_prob=True,
        )
        return result

    def _prompt(self, language: str) -> list[str]:
        which = [f"<|{language}|>", "<|transcribe|>"] if self._model.is_multilingual else []
        return ["<|startoftranscript|>", *which, "<|notimestamps|>"]


def load(model_dir: Path) -> Whisper:
    """The model in this folder, loaded."""
    return Whisper(model_dir)


def likeliest(
    texts: Sequence[str], scores: Sequence[float], phrases: Sequence[str], language: str
) -> Heard:
    """The phrase that the best hypotheses come nearest to; a less likely one counts for less.

    ``scores`` are mean logarithms of probability, the best first.
    """
    found = []
    for text, score in zip(texts, scores, strict=True):
        phrase, confidence = nearest(text, phrases, language)
        found.append((confidence * math.exp(_DOUBT * (score - scores[0])), phrase))
    confidence, phrase = max(found, key=lambda each: each[0])
    return Heard(phrase, confidence, texts[0])


def spelled(tokens: Sequence[str]) -> str:
    """The text of byte-level BPE tokens, as the model's vocabulary writes them."""
    alphabet = _bytes_of_characters()
    joined = "".join(token for token in tokens if not token.startswith("<|"))
    return bytes(alphabet[c] for c in joined if c in alphabet).decode(errors="replace").strip()


@lru_cache(maxsize=1)
def _bytes_of_characters() -> dict[str, int]:
    """GPT-2's alphabet: printable bytes stand for themselves, the others for U+0100 and on."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(0x100) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {
        chr(0x100 + place): byte for place, byte in enumerate(others)
    }
