"""Which of a menu's phrases a text is nearest to, and how sure that is. Pure.

Spelling is forgiven, what else was said around a phrase too; Vietnamese is compared with its tone
marks and, for a model that gets them wrong, without.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher

from engine.ivr.saying.language import without_accents
from engine.speech.numerals import spelled_out

NEAR = 0.6
"""Likeness of two texts below which they are not taken for the same words."""

_AMONG, _ALL = 0.6, 0.35  # the phrase itself among other words: more, the more of them it is
_LIKENESS_WITHOUT_MARKS = 0.9
_AMBIGUOUS = 0.08
_MOST_WHEN_AMBIGUOUS = 0.6
_WORD = re.compile(r"[\w']+")


def nearest(text: str, phrases: Sequence[str], language: str) -> tuple[str | None, float]:
    """The nearest phrase and the confidence in it, 0 to 1; None when none is near.

    The confidence is 1 for the very words, and 0.5 for what is just near enough. When two phrases
    are about as near, it is one to be confirmed.
    """
    said = _plain(text, language)
    if not said or not phrases:
        return None, 0.0
    likeness = {phrase: _likeness(said, _plain(phrase, language)) for phrase in phrases}
    best, *others = sorted(likeness, key=lambda phrase: -likeness[phrase])
    confidence = _confidence(likeness[best])
    if others and likeness[best] - likeness[others[0]] < _AMBIGUOUS:
        confidence = min(confidence, _MOST_WHEN_AMBIGUOUS)
    return (best, confidence) if likeness[best] >= NEAR else (None, confidence)


def _confidence(likeness: float) -> float:
    """Likeness 0, NEAR, 1 is confidence 0, 0.5, 1; straight lines between."""
    if likeness < NEAR:
        return 0.5 * likeness / NEAR
    return 0.5 + 0.5 * (likeness - NEAR) / (1.0 - NEAR)


def _likeness(said: str, phrase: str) -> float:
    exact = _likeness_as_written(said, phrase)
    if exact == 1.0:
        return exact
    return max(
        exact, _LIKENESS_WITHOUT_MARKS * _likeness_as_written(*map(without_accents, (said, phrase)))
    )


def _likeness_as_written(said: str, phrase: str) -> float:
    if f" {phrase} " in f" {said} ":
        return 1.0 if said == phrase else _AMONG + _ALL * math.sqrt(len(phrase) / len(said))
    return SequenceMatcher(None, said, phrase, autojunk=False).ratio()


def _plain(text: str, language: str) -> str:
    return " ".join(words_of(text, language))


def words_of(text: str, language: str) -> list[str]:
    """Its words: composed, small, without punctuation, numbers spelled out."""
    words = _WORD.findall(unicodedata.normalize("NFC", text).casefold())
    return " ".join(spelled_out(word, language) for word in words).split()
