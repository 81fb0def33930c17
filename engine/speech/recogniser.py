"""What a recogniser is: an adapter that lives in a worker process and never in the engine's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

RATE = 8000
"""Samples a second of what is recognised: telephone audio, 16 bits, mono."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What one utterance was taken for.

    ``phrase`` is the nearest of those asked for, None for none of them. ``confidence`` is 0 to 1:
    from 0.75 it may be believed, from 0.5 the caller should be asked whether it is right. ``text``
    is what was understood, where the recogniser can tell.
    """

    phrase: str | None
    confidence: float
    text: str = ""


NOTHING = Heard(None, 0.0)
"""Not understood."""


class Recogniser(Protocol):
    """One model, loaded. Not shared between threads."""

    def recognise(self, pcm: bytes, phrases: Sequence[str], language: str) -> Heard:
        """One utterance of ``RATE`` samples a second; without ``phrases`` it is free speech, and
        only ``text`` matters."""
