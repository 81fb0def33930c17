"""Tones and silence as sound files: a play goes on behind them by itself.

Asterisk's own ``tone:`` never ends unless it is stopped, which holds up all that would follow; its
``silence`` comes in whole seconds and only with its package of sounds.
"""

from __future__ import annotations

import array
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine import whole_file
from engine.sounds import wav
from engine.sounds.loudness import OURS
from engine.sounds.wav import RATE

TONES = "tones"
"""Their folder beside those of the languages."""

LONGEST_SECONDS = 60.0
_FADE = RATE // 200  # 5 ms: a tone that begins at once is a click
_STEPS = (10_000, *range(1000, 0, -100))  # milliseconds: files that any silence is made of


@dataclass(frozen=True, slots=True)
class Signal:
    """A frequency, ``on`` and ``off`` for so many seconds; ``once`` or again and again."""

    hertz: int
    on: float
    off: float = 0.0
    once: bool = False


SIGNALS = {
    "beep": Signal(1000, on=0.25, once=True),
    "ring": Signal(425, on=1.0, off=4.0),
    "busy": Signal(425, on=0.5, off=0.5),
    "congestion": Signal(425, on=0.25, off=0.25),
}
"""The tones that a flow may play, by ITU-T E.180: 425 Hz, as in Vietnam and Europe."""


class ToneFiles:
    """Makes the files when they are first asked for, in a folder that Asterisk sees as we do."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()

    def tone(self, name: str, seconds: float) -> str:
        """The media URI of a tone. Raises ``KeyError`` for an unknown one, or ``OSError``."""
        signal = SIGNALS[name]
        milliseconds = round(min(seconds, LONGEST_SECONDS) * 1000)
        return self._uri(f"{name}-{milliseconds}", lambda: draw(signal, milliseconds / 1000))

    def silence(self, seconds: float) -> list[str]:
        """The media URIs of a pause, to a tenth of a second. Raises ``OSError``."""
        left = round(min(seconds, LONGEST_SECONDS) * 10) * 100
        uris = []
        for step in _STEPS:
            count, left = divmod(left, step)
            uris += [self._silence(step)] * count
        return uris

    def make_silence(self) -> None:
        """All the files that pauses are made of, for an engine that cannot write here."""
        for step in _STEPS:
            self._silence(step)

    def _silence(self, milliseconds: int) -> str:
        length = RATE * milliseconds // 1000
        return self._uri(f"silence-{milliseconds}", lambda: _nothing(length))

    def _uri(self, name: str, samples: Callable[[], array.array[int]]) -> str:
        file = self._folder / f"{name}.wav"
        if not whole_file.has_content(file):
            whole_file.write(file, wav.encode(samples()), durable=False)
        return f"sound:{self._folder}/{name}"


def draw(signal: Signal, seconds: float) -> array.array[int]:
    """So many seconds of a tone; one that sounds ``once`` ends when it is over."""
    wanted = round((min(seconds, signal.on) if signal.once else seconds) * RATE)
    cycle = _burst(signal) + _nothing(round(signal.off * RATE))
    return (cycle * math.ceil(wanted / len(cycle)))[:wanted]


def _burst(signal: Signal) -> array.array[int]:
    amplitude = 32767 * 10 ** (OURS / 20) * math.sqrt(2)
    turn = 2 * math.pi * signal.hertz / RATE
    length = round(signal.on * RATE)
    fades = (min(1.0, at / _FADE, (length - at) / _FADE) for at in range(length))
    return array.array(
        "h", (round(fade * amplitude * math.sin(turn * at)) for at, fade in enumerate(fades))
    )


def _nothing(length: int) -> array.array[int]:
    return array.array("h", bytes(2 * length))
