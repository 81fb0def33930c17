"""Whether what was to be heard was heard: a prompt by its key, a text, or a regular expression."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from engine.ivr.rehearsal.script import is_regex
from engine.ivr.rehearsal.spoken_words import plain
from engine.ivr.rehearsal.transcript import Hears, Line
from engine.ivr.rehearsal.voice import Spoken


class Sound(NamedTuple):
    """One sound with words in it, and which play it was part of."""

    play: int
    spoken: Spoken


class Span(NamedTuple):
    """From the first to the last of the sounds in which something was heard."""

    first: int
    last: int


def sounds(lines: Sequence[Line]) -> list[Sound]:
    """Everything with words that is heard in these lines."""
    plays = [line.event for line in lines if isinstance(line.event, Hears)]
    return [
        Sound(number, part) for number, play in enumerate(plays) for part in play.parts if part.text
    ]


def found(wanted: str, heard: Sequence[Sound], begin: int, prompts: Collection[str]) -> Span | None:
    """Where ``wanted`` was heard first, from number ``begin`` on; a text may span several sounds of
    one play. ``prompts`` are the keys that there are: such a word means the prompt."""
    if wanted.partition(".")[0] in prompts:
        keys = (at for at in range(begin, len(heard)) if _is_prompt(wanted, heard[at].spoken))
        return next((Span(at, at) for at in keys), None)
    for last in range(begin, len(heard)):
        for first in range(last, begin - 1, -1):
            if heard[first].play != heard[last].play:
                break
            if _says(wanted, heard[first : last + 1]):
                return Span(first, last)
    return None


def is_all(wanted: Sequence[str], heard: Sequence[Sound], prompts: Collection[str]) -> bool:
    """Whether these were heard one after the other, and nothing else."""
    begin = 0
    for one in wanted:
        span = found(one, heard, begin, prompts)
        if span is None or span.first != begin:
            return False
        begin = span.last + 1
    return begin == len(heard)


def _is_prompt(wanted: str, spoken: Spoken) -> bool:
    return wanted in (spoken.name, f"{spoken.name}.{spoken.language}")


def _says(wanted: str, heard: Sequence[Sound]) -> bool:
    text = " ".join(sound.spoken.text for sound in heard)
    if is_regex(wanted):
        return re.search(wanted[1:-1], text) is not None
    return plain(wanted) in plain(text)
