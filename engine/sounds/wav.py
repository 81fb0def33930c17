"""Sound files of the one format that any Asterisk plays: WAV, 8 kHz, mono, 16-bit PCM."""

from __future__ import annotations

import array
import io
import sys
import wave
from pathlib import Path

RATE = 8000


def is_ours(path: Path) -> bool:
    """Whether ``path`` is a WAV file of this very format."""
    try:
        with wave.open(str(path)) as file:
            return tuple(file.getparams()[:3]) == (1, 2, RATE)
    except (wave.Error, EOFError):
        return False


def read(path: Path) -> array.array[int]:
    """The samples of a WAV file of this format."""
    with wave.open(str(path)) as file:
        return decode(file.readframes(file.getnframes()))


def decode(pcm: bytes) -> array.array[int]:
    """The samples in what a WAV file holds behind its header."""
    return _little_endian(array.array("h", pcm))


def seconds_of(path: Path) -> float:
    """How long one listens to a WAV file. Raises ``OSError`` when there is none."""
    try:
        with wave.open(str(path)) as file:
            return float(file.getnframes() / file.getframerate())
    except (wave.Error, EOFError) as error:
        raise OSError(f"{path} is no WAV file: {error}") from error


def encode(samples: array.array[int]) -> bytes:
    """The content of a WAV file with these samples."""
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(_little_endian(samples).tobytes())
    return content.getvalue()


def _little_endian(samples: array.array[int]) -> array.array[int]:
    """The same samples in, or from, the byte order of WAV files."""
    if sys.byteorder == "little":
        return samples
    swapped = samples[:]
    swapped.byteswap()
    return swapped
