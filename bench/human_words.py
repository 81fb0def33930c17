"""Single words that a human speaks: from Asterisk's own English prompts, as a telephone carries
them, and found in the line's silence as the engine finds them."""

from __future__ import annotations

import wave
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.asterisk import install
from engine.demo.rtp import from_mulaw, to_mulaw
from engine.speech import voice
from engine.speech.vad import FRAME_BYTES, Utterance, VoiceDetector

_DIGITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
)
_TENS = "thirty forty fifty sixty seventy eighty ninety"
_DAYS = "sunday monday tuesday wednesday thursday friday saturday"
_MONTHS = "january february march april may june july august september october november december"
_NAMED = "hundred thousand million today tomorrow yesterday star pound"
_COMMANDS = "goodbye hello hours extension cancelled location number minutes enabled disabled"

WORDS: Mapping[str, str] = {
    **{word: f"digits/{number}" for number, word in enumerate(_DIGITS.split())},
    **{word: f"digits/{tens}0" for tens, word in enumerate(_TENS.split(), start=3)},
    **{word: f"digits/day-{day}" for day, word in enumerate(_DAYS.split())},
    **{word: f"digits/mon-{month}" for month, word in enumerate(_MONTHS.split())},
    **{word: f"digits/{word}" for word in _NAMED.split()},
    **{word: word for word in _COMMANDS.split()},
}
"""65 words and their sound files: numbers, weekdays, months, and what one says to a menu."""

MENUS: Mapping[str, Sequence[str]] = {
    "departments": ("sales", "support", "billing", "operator"),
    "yes or no": ("yes", "no", "repeat"),
    "ten digits": tuple(_DIGITS.split()[:10]),
    "weekdays": tuple(_DAYS.split()),
    "commands": ("hours", "goodbye", "extension", "location"),
    "five phrases": (
        "opening hours", "speak to an agent", "track my order", "cancel my order",
        "account balance",
    ),
}  # fmt: skip
_AROUND = bytes(FRAME_BYTES * 40)
_SENTENCES = 40


@dataclass(frozen=True, slots=True)
class Spoken:
    """One utterance, and the word that it is; None for a sentence that is in no menu."""

    word: str | None
    pcm: bytes


def words() -> list[Spoken]:
    """The 65."""
    return [Spoken(word, _utterance(file)) for word, file in sorted(WORDS.items())]


def sentences() -> list[Spoken]:
    """The beginnings of 40 prompts of several words."""
    files = sorted(
        file.stem for file in sounds().glob("*-*-*.wav") if 20_000 < file.stat().st_size < 80_000
    )
    chosen = files[:: len(files) // _SENTENCES][:_SENTENCES]
    return [Spoken(None, _utterance(file)) for file in chosen]


def sounds() -> Path:
    """Asterisk's English prompts; Asterisk is made when there is none."""
    return install.ensure().data_dir / "sounds" / "en"


def pcm_of(file: str) -> bytes:
    """A prompt of Asterisk's, by its name there: 8 kHz, 16 bits."""
    with wave.open(str(sounds() / f"{file}.wav")) as sound:
        pcm: bytes = sound.readframes(sound.getnframes())
    return pcm


def _utterance(file: str) -> bytes:
    found = list(_utterances(_AROUND + on_the_line(pcm_of(file)) + _AROUND))
    assert found, f"no voice in {file}"
    return found[0]


def _utterances(pcm: bytes) -> Iterator[bytes]:
    detector = VoiceDetector(voice.judge())
    for start in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES):
        event = detector.feed(pcm[start : start + FRAME_BYTES])
        if isinstance(event, Utterance):
            yield event.pcm


def on_the_line(pcm: bytes) -> bytes:
    """As it is after a telephone network: 300 to 3400 Hz, and the steps of G.711 μ-law."""
    import numpy as np  # of the extra

    samples = np.frombuffer(pcm, "<i2").astype(float)
    spectrum, hz = np.fft.rfft(samples), np.fft.rfftfreq(len(samples), 1 / 8000)
    spectrum[(hz < 300) | (hz > 3400)] = 0
    band = np.clip(np.fft.irfft(spectrum, len(samples)), -32768, 32767)
    return bytes(from_mulaw(to_mulaw(band.astype("<i2").tobytes())))
