"""Tones made and found in audio: how a test knows who heard whom.

PCM is always 8 kHz mono, signed 16-bit, as bytes. Levels are RMS against full scale, in dBFS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RATE = 8000
FRAME = 320  # samples looked at together: 40 ms, so tones 50 Hz apart are told apart
CLICK_SECONDS = (
    0.1  # a lost packet is heard at all frequencies, in a frame or two; a tone is longer
)
SILENCE_DBFS = -45.0  # quieter than this is nobody talking: line noise, comfort noise

Frames = npt.NDArray[np.float64]

_WINDOW = np.hanning(FRAME)
_TINY = 1e-12  # keeps the logarithm of digital silence finite


@dataclass(frozen=True, slots=True)
class ToneFound:
    """Where a tone was heard; all zero when nothing like it was."""

    seconds: float = 0.0  # for how long in all
    longest: float = 0.0  # its longest stretch without a gap, seconds
    share: float = 0.0  # of the whole recording's energy, 0…1
    first: float = 0.0  # offset of its first frame, seconds
    last: float = 0.0  # offset of the end of its last frame, seconds

    @property
    def is_heard(self) -> bool:
        """Whether it was there for longer than the click of a lost packet."""
        return self.longest > CLICK_SECONDS


def sine(hz: float, samples: int, *, start: int = 0, dbfs: float = -15.0) -> bytes:
    """``samples`` of a tone, beginning ``start`` samples into it, so that chunks join without a
    click."""
    amplitude = 32767 * 2**0.5 * 10 ** (dbfs / 20)
    phase = 2 * np.pi * hz / RATE * np.arange(start, start + samples)
    return bytes(np.rint(amplitude * np.sin(phase)).astype("<i2"))


def seconds(pcm: bytes) -> float:
    """How long the audio is."""
    return len(pcm) / 2 / RATE


def level(pcm: bytes) -> float:
    """RMS level of the whole, in dBFS; digital silence is -120."""
    samples = np.frombuffer(pcm, "<i2") / 32768
    return float(10 * np.log10(np.mean(samples**2) + _TINY)) if len(samples) else -120.0


def find(pcm: bytes, hz: float, *, purity: float = 0.3) -> ToneFound:
    """Look for a tone of ``hz``.

    A 40 ms frame counts when at least ``purity`` of its energy is the tone; 0.3 finds each of two
    equally loud tones talking at once.
    """
    frames = _frames(pcm)
    total = _power(frames)
    tone = _tone_power(frames, hz)
    there = (tone >= purity * total) & (total > _silence())
    if not there.any():
        return ToneFound()
    where = np.flatnonzero(there)
    return ToneFound(
        seconds=_offset(len(where)),
        longest=_offset(_longest_run(where)),
        share=float(min(1.0, tone[there].sum() / total.sum())),
        first=_offset(int(where[0])),
        last=_offset(int(where[-1]) + 1),
    )


def speech_seconds(pcm: bytes, *, known_tones: Sequence[float] = ()) -> float:
    """How long something other than silence and the known tones was heard: prompts, music, a voice.

    The frames in which a tone begins and ends look like speech: count up to 0.1 s for each.
    """
    frames = _frames(pcm)
    rest = _power(frames)
    for hz in known_tones:
        rest = rest - _tone_power(frames, hz)
    # A tone twenty times stronger than what is left over is a tone with a codec's noise on it.
    floor = np.maximum(_silence(), _power(frames) / 20) if known_tones else _silence()
    return _offset(int(np.count_nonzero(rest > floor)))


def _longest_run(where: npt.NDArray[np.intp]) -> int:
    """How many of these numbers, in order, follow each other without a gap at most."""
    breaks = np.flatnonzero(np.diff(where) > 1) + 1
    return max(len(run) for run in np.split(where, breaks))


def _frames(pcm: bytes) -> Frames:
    samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2") / 32768
    whole = len(samples) // FRAME
    return samples[: whole * FRAME].reshape(whole, FRAME)


def _power(frames: Frames) -> Frames:
    return np.asarray(np.mean(frames**2, axis=1))


def _tone_power(frames: Frames, hz: float) -> Frames:
    """Power of the sine at ``hz`` in each frame: one bin of a windowed Fourier transform.

    Not by ``@``: its threads would keep a core busy for a while after each small product.
    """
    wave = _WINDOW * np.exp(-2j * np.pi * hz / RATE * np.arange(FRAME))
    amplitude = 2 * np.abs(np.einsum("fs,s->f", frames, wave)) / _WINDOW.sum()
    return np.asarray(amplitude**2 / 2)


def _silence() -> float:
    return float(10 ** (SILENCE_DBFS / 10))


def _offset(frame: int) -> float:
    return frame * FRAME / RATE
