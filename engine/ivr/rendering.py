"""How the parts of a speech sound in this call now, and how they fall into plays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from engine.ivr.messages import Alarm
from engine.ivr.saying import CannotSay
from engine.ivr.schema import BargeIn, Part
from engine.ivr.sounds import Pause, Sound, Speak, Tone

if TYPE_CHECKING:
    from engine.ivr.turn import Turn


@dataclass(frozen=True, slots=True)
class Stretch:
    """Sounds that can be one play: one language, one rule for what cuts it."""

    sounds: tuple[Sound, ...]
    language: str
    fallback: tuple[str, ...]
    barge_in: BargeIn


def stretches(parts: Sequence[Part], barge_in: BargeIn, turn: Turn) -> list[Stretch]:
    """What is said of ``parts``; ``barge_in`` counts where a part has no rule of its own."""
    said = [
        (sounds, language, part.barge_in or barge_in)
        for part in parts
        for sounds, language in _sounds(part, turn)
    ]
    return [
        Stretch(
            tuple(sound for sounds, _, _ in group for sound in sounds),
            language,
            tuple(tag for tag in turn.languages() if tag != language),
            cut,
        )
        for (language, cut), group in groupby(said, lambda one: one[1:])
    ]


def _sounds(part: Part, turn: Turn) -> Iterator[tuple[tuple[Sound, ...], str]]:
    """The sounds of one part with their language; nothing when it is not said now."""
    if part.only_in not in (None, turn.language):
        return
    if part.when is not None and turn.quietly(part.when) is not True:
        return
    language = part.language or turn.language
    if part.prompt is not None:
        yield (part.prompt,), language
    elif part.tone is not None:
        yield (Tone(part.tone),), language
    elif part.pause is not None:
        yield (Pause(part.pause),), language
    elif part.text is not None:
        yield from _text(part, language, turn)
    elif part.value is not None:
        try:
            yield turn.say(turn.quietly(part.value), part, language), language
        except CannotSay as error:
            turn.act(Alarm(f"`{part.value}` is not said: {error}"))


def _text(part: Part, language: str, turn: Turn) -> Iterator[tuple[tuple[Sound, ...], str]]:
    texts = part.texts()
    tags = (language, "", *turn.frame.languages, *texts)
    tag = next(tag for tag in tags if tag in texts)
    filled = turn.fill(texts[tag], tag or language).strip()
    if filled:
        yield (Speak(filled),), tag or language


def as_parts(sounds: Sequence[Sound]) -> tuple[Part, ...]:
    """Sounds as parts, to stand between others."""
    return tuple(_as_part(sound) for sound in sounds)


def _as_part(sound: Sound) -> Part:
    match sound:
        case str():
            return Part(prompt=sound)
        case Speak(text):
            return Part(text=text.replace("{", "(").replace("}", ")"))
        case Tone():
            return Part(tone="beep")
        case Pause(seconds):
            return Part(pause=seconds)
