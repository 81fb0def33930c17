"""Sounds in the one format that any Asterisk plays, at one loudness: spoken, or from recordings."""

from __future__ import annotations

import array
import hashlib
import json
from pathlib import Path
from typing import NamedTuple

from engine.sounds import wav
from engine.sounds.loudness import Loudness, at_our_loudness, measure
from engine.sounds.text_to_speech import Voice
from engine.sounds.tools import Programs, SoundError, run
from engine.sounds.wav import RATE

RECIPE = 2  # raise it when the sound of the same text changes: all prompts are made again

RECORDED = {  # suffix → what sox must be told, because such files say nothing about themselves
    ".wav": (),
    ".ulaw": ("-t", "ul", "-r", "8000", "-c", "1"),
    ".alaw": ("-t", "al", "-r", "8000", "-c", "1"),
    ".sln": ("-t", "s16", "-r", "8000", "-c", "1"),
    ".gsm": (),
    ".flac": (),
    ".ogg": (),
    ".mp3": (),
}
"""The kinds of recordings that can be used."""

_TRIM = ("silence", "1", "0.02", "-50d", "reverse")  # twice: the beginning, then the end
_TRIMMED = ("gain", "-3", "highpass", "120", *_TRIM, *_TRIM)
_PIECE_WORDS = 4
_PCM = ("-r", str(RATE), "-c", "1", "-b", "16", "-e", "signed-integer", "-L", "-t", "raw", "-")


class Recorded(NamedTuple):
    """A recording as it will be played, how loud it was, and how long it is."""

    content: bytes
    was: Loudness
    seconds: float


def fingerprint(text: str, language: str, voice: Voice) -> str:
    """Changes whenever the sound of a spoken text would."""
    how = [RECIPE, voice.recipe(language), text]
    return hashlib.sha256(json.dumps(how).encode()).hexdigest()


def spoken(
    text: str, language: str, voice: Voice, programs: Programs, seconds: float = 60.0
) -> bytes:
    """The text as a WAV file's content: trimmed, at our loudness.

    Raises ``SoundError``; ``NoVoice`` when the voice knows no such language.
    """
    if not text.strip():
        raise SoundError("the text is empty")
    said = voice.speak(text, language, seconds)
    pcm = run(programs, "sox", "-t", "wav", "-", *_PCM, *_TRIMMED, *_breath(text),
              content=said, seconds=seconds)  # fmt: skip
    return wav.encode(at_our_loudness(wav.decode(pcm)))


def _breath(text: str) -> tuple[str, ...]:
    """The silence around a text: less for a piece of a sentence, as numbers and dates are."""
    is_piece = text.rstrip()[-1] not in ".?!" and len(text.split()) <= _PIECE_WORDS
    return ("pad", "0.05", "0.05") if is_piece else ("pad", "0.1", "0.2")


def recorded(recording: Path, programs: Programs) -> Recorded:
    """A recording in our format, made louder or quieter only when it is far off.

    Raises ``SoundError`` or ``OSError`` when it cannot be read.
    """
    ours = recording.suffix == ".wav" and wav.is_ours(recording)
    samples = wav.read(recording) if ours else _converted(recording, programs)
    was = measure(samples)
    if was.quiet or was.loud:
        content = wav.encode(at_our_loudness(samples))
    else:
        content = recording.read_bytes() if ours else wav.encode(samples)
    return Recorded(content, was, len(samples) / RATE)


def _converted(recording: Path, programs: Programs) -> array.array[int]:
    return wav.decode(
        run(programs, "sox", "-G", *RECORDED[recording.suffix], str(recording), *_PCM)
    )
