"""Actions: what the caller hears, and how he is heard."""

from __future__ import annotations

from dataclasses import dataclass

from engine.ivr.sounds import Sound


@dataclass(frozen=True, slots=True)
class Play:
    """Play these sounds in turn; answer with ``PlayEnded(play)`` when the last one is over.

    A prompt without audio in ``language`` is taken from the first of ``fallback`` that has it.
    Plays are numbered from 1 in each ``Interpreter``, so after a crash the numbers begin anew.
    """

    play: int
    prompts: tuple[Sound, ...]
    language: str
    fallback: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StopPlay:
    """Stop this play at once: the caller pressed a key into it. Its end needs no answer."""

    play: int


@dataclass(frozen=True, slots=True)
class Listen:
    """Listen for one of these phrases; each utterance is answered by ``SpeechBegan`` and ``Said``,
    until ``StopListening``. No phrases: whatever he says (free speech)."""

    phrases: tuple[str, ...]
    language: str


@dataclass(frozen=True, slots=True)
class StopListening:
    """What he says is no concern of the flow any more."""
