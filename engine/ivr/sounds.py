"""What a play is made of: prompts by key, text to be spoken, tones and pauses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Speak:
    """Words without a prompt of their own: spoken by text-to-speech in the play's language."""

    text: str


@dataclass(frozen=True, slots=True)
class Tone:
    """A tone by its name in Asterisk's indications: ``beep``, ``ring``, ``busy``."""

    name: str
    seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence."""

    seconds: float


Sound = str | Speak | Tone | Pause
"""A prompt's key, or one of the above."""
