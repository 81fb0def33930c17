"""How long a prompt is and what it says: what a rehearsal plays instead of audio."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.ivr.sounds import Pause, Sound, Speak, Tone

CHARACTERS_PER_SECOND = 14.0
"""How fast a text is spoken that has no audio yet, in English as in Vietnamese."""

SHORTEST = 0.6  # seconds; a single word

Lengths = Callable[[str, str], float | None]
"""Prompt and language → seconds of its audio, None where there is none."""


def no_audio(prompt: str, language: str) -> float | None:
    """The ``Lengths`` of a place without any audio."""
    return None


@dataclass(frozen=True, slots=True)
class Spoken:
    """One sound as the caller gets it; ``language`` is the one it was found in.

    ``name`` is the prompt's key, '' for what is no prompt. ``ok`` is false when there is nothing
    to play: no text and no audio in any language.
    """

    name: str
    text: str
    language: str
    seconds: float
    ok: bool = True


@dataclass(frozen=True, slots=True)
class Voice:
    """Texts of prompts by key and language, and the lengths of those that have audio."""

    prompts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    lengths: Lengths = no_audio

    def spoken(self, sound: Sound, languages: Sequence[str]) -> Spoken:
        """What ``sound`` is in the first of ``languages`` that has it."""
        match sound:
            case Speak(text=text):
                return Spoken("", text, languages[0], estimate(text))
            case Tone(name=name, seconds=length):
                return Spoken("", f"({name})", languages[0], length)
            case Pause(seconds=length):
                return Spoken("", "", languages[0], length)
            case _:
                return self._prompt(sound, languages)

    def _prompt(self, key: str, languages: Sequence[str]) -> Spoken:
        texts = self.prompts.get(key, {})
        for language in languages:
            length = self.lengths(key, language)
            if length is not None or language in texts:
                text = texts.get(language) or f"[{key}]"
                return Spoken(key, text, language, estimate(text) if length is None else length)
        return Spoken(key, f"[{key}: no such prompt]", languages[0], 0.0, ok=False)


def estimate(text: str) -> float:
    """About how many seconds it takes to say ``text``."""
    return max(SHORTEST, round(len(text.strip()) / CHARACTERS_PER_SECOND, 1))
