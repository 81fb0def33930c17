"""Telephone audio as Whisper wants it: 16 kHz, then a log-mel spectrogram. Needs numpy.

The same numbers as OpenAI's ``whisper/audio.py`` (a 25 ms Hann window each 10 ms, Slaney's mel
filters), without torch or a sound library.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.speech.recogniser import RATE

MODEL_RATE = 16_000
FFT, HOP = 400, 160
_LINEAR_HZ, _HZ_PER_MEL, _LOG_STEP = 1000.0, 200.0 / 3, np.log(6.4) / 27.0

Floats = NDArray[np.float32]


def upsampled(pcm: bytes) -> Floats:
    """16-bit samples at 8 kHz as floats from -1 to 1 at 16 kHz, the new upper band empty."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768.0
    factor = MODEL_RATE // RATE
    spectrum = np.fft.rfft(samples)
    return (np.fft.irfft(spectrum, len(samples) * factor) * factor).astype(np.float32)


def log_mel(audio: Floats, mels: int, seconds: float) -> Floats:
    """The spectrogram ``[1, mels, frames]`` of the first ``seconds``, filled up with silence."""
    length = int(seconds * MODEL_RATE)
    filled = np.zeros(length, np.float32)
    filled[: min(length, len(audio))] = audio[:length]
    padded = np.pad(filled, FFT // 2, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, FFT)[::HOP][: length // HOP]
    power = np.abs(np.fft.rfft(windows * np.hanning(FFT + 1)[:-1])) ** 2
    logs = np.log10(np.maximum(_filters(mels) @ power.T, 1e-10))
    logs = np.maximum(logs, logs.max() - 8.0)
    return np.ascontiguousarray(((logs + 4.0) / 4.0).astype(np.float32)[np.newaxis])


@lru_cache(maxsize=2)
def _filters(mels: int) -> NDArray[np.float64]:
    """Slaney's triangles ``[mels, FFT // 2 + 1]``, each of the same area."""
    bins = np.fft.rfftfreq(FFT, 1 / MODEL_RATE)
    corners = _hz(np.linspace(0.0, _mel(MODEL_RATE / 2), mels + 2))
    slopes = corners[:, np.newaxis] - bins
    widths = np.diff(corners)[:, np.newaxis]
    rising, falling = -slopes[:-2] / widths[:-1], slopes[2:] / widths[1:]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    return triangles * (2.0 / (corners[2:] - corners[:-2]))[:, np.newaxis]


def _mel(hz: float) -> float:
    """Linear below 1 kHz, logarithmic above."""
    return float(_LINEAR_HZ / _HZ_PER_MEL + np.log(hz / _LINEAR_HZ) / _LOG_STEP)


def _hz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    knee = _LINEAR_HZ / _HZ_PER_MEL
    bent = _LINEAR_HZ * np.exp(_LOG_STEP * (np.maximum(mels, knee) - knee))
    return np.where(mels < knee, mels * _HZ_PER_MEL, bent)
