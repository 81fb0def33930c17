"""Hold music, composed here: Asterisk's package brings none, and silence sounds like a dead line.

Forty-eight seconds of soft broken chords that end where they begin, so the loop has no seam.
Operators replace the file, or put others beside it and remove it.
"""

from __future__ import annotations

import array
import math
from collections.abc import Iterator
from functools import cache
from operator import add
from pathlib import Path

from engine import whole_file
from engine.sounds import wav
from engine.sounds.wav import RATE

FILE = "hold.wav"
BAR = 3 * RATE  # samples; one chord each
LOUDNESS = 10 ** (-20 / 20)  # RMS against full scale: under a prompt's, easy on the ear

# Semitones from A4 (440 Hz): the low voices of the chord, then the notes that are plucked over it.
Chord = tuple[tuple[int, ...], tuple[int, ...]]
C_MAJOR: Chord = ((-21, -14, -9), (-9, -5, -2, 3, 7, 3, -2, -5))
A_MINOR: Chord = ((-24, -12, -9), (-12, -9, -5, 0, 3, 0, -5, -9))
F_MAJOR: Chord = ((-16, -12, -4), (-9, -4, 0, 3, 8, 3, 0, -4))
G_MAJOR: Chord = ((-14, -10, -7), (-10, -7, -2, 2, 5, 2, -2, -7))
E_MINOR: Chord = ((-17, -10, -5), (-10, -5, -2, 2, 7, 2, -2, -5))
BARS = (
    *(C_MAJOR, A_MINOR, F_MAJOR, G_MAJOR),
    *(C_MAJOR, E_MINOR, F_MAJOR, G_MAJOR),
    *(A_MINOR, E_MINOR, F_MAJOR, C_MAJOR),
    *(F_MAJOR, C_MAJOR, G_MAJOR, G_MAJOR),
)


def ensure_music(folder: Path) -> Path:
    """The music file in ``folder``: composed (about half a second) when the folder has none.

    Any file there is the operator's and stays; the first by name is returned.
    """
    present = sorted(path for path in folder.glob("[!.]*") if whole_file.has_content(path))
    if present:
        return present[0]
    file = folder / FILE
    whole_file.write(file, wav.encode(compose()), durable=False)
    return file


def compose() -> array.array[int]:
    """The whole loop: 16-bit samples at 8 kHz, the same in every run."""
    length = BAR * len(BARS)
    mix = [0.0] * length
    for start, note in _notes():
        _add(mix, start % length, note)
    loudness = math.sqrt(sum(sample * sample for sample in mix) / length)
    gain = LOUDNESS / loudness * 32767
    return array.array("h", (round(sample * gain) for sample in mix))


def _notes() -> Iterator[tuple[int, tuple[float, ...]]]:
    """Every note with the sample it starts at; the last ring on into the first bar."""
    for bar, (low, plucked) in enumerate(BARS):
        for place, semitones in enumerate(low):
            yield bar * BAR + place * RATE // 16, _pad(semitones)
        step = BAR // len(plucked)
        for place, semitones in enumerate(plucked):
            yield bar * BAR + place * step, _pluck(semitones)


def _add(mix: list[float], start: int, note: tuple[float, ...]) -> None:
    """Lay ``note`` into the loop; what hangs over its end goes on at its beginning."""
    here = min(len(note), len(mix) - start)
    mix[start : start + here] = map(add, mix[start : start + here], note)
    rest = note[here:]
    mix[: len(rest)] = map(add, mix[: len(rest)], rest)


@cache
def _pluck(semitones: int) -> tuple[float, ...]:
    """A soft bell: fast in, slow out, with an octave that dies sooner."""
    turn = _turn(semitones)
    length = RATE * 3 // 2
    return tuple(
        min(1.0, at / 80)
        * math.exp(-at / 3200)
        * (1 - at / length)
        * (math.sin(turn * at) + 0.35 * math.exp(-at / 1600) * math.sin(2 * turn * at))
        for at in range(length)
    )


@cache
def _pad(semitones: int) -> tuple[float, ...]:
    """A low voice that swells and fades over its bar; its octave carries it on small speakers."""
    turn = _turn(semitones)
    length = BAR + RATE // 2
    return tuple(
        0.3
        * math.sin(math.pi * at / length) ** 2
        * (math.sin(turn * at) + 0.5 * math.sin(2 * turn * at))
        for at in range(length)
    )


def _turn(semitones: int) -> float:
    """Radians a sample of the note's base frequency."""
    return 2 * math.pi * 440 * 2 ** (semitones / 12) / RATE
