"""WAV files as Asterisk leaves them, also after it was killed: then their header says length 0.

Only 16-bit PCM. What is behind the header counts, not what the header says of it: Asterisk writes
the sizes when it closes a file, and what it had flushed before is there all the same.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

HEADER_BYTES = 44
SAMPLE_BYTES = 2

_CHUNK = struct.Struct("<4sI")
_FORMAT = struct.Struct("<HHIIHH")  # tag, channels, rate, bytes per second, per frame, bits
_PCM = 1
_LOOK_BYTES = 4096  # the sound begins within these; Asterisk's at 44


class Unreadable(Exception):
    """There is nothing to hear in this file; says why."""


@dataclass(frozen=True, slots=True)
class Wav:
    """What a file holds. ``is_right``: its header says the same."""

    path: Path
    channels: int
    rate: int
    offset: int
    frames: int
    is_right: bool

    @property
    def frame_bytes(self) -> int:
        """Of one moment, all channels."""
        return self.channels * SAMPLE_BYTES

    @property
    def seconds(self) -> float:
        """How long one listens to it."""
        return self.frames / self.rate


def examine(path: Path) -> Wav:
    """What is in a file. Raises ``Unreadable``; and ``OSError`` when it is there but cannot be
    opened, which may pass."""
    try:
        with path.open("rb") as file:
            beginning = file.read(_LOOK_BYTES)
            size = file.seek(0, 2)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise Unreadable(f"there is no file {path}") from error
    if beginning[:4] != b"RIFF" or beginning[8:12] != b"WAVE":
        raise Unreadable(f"{size} bytes that are no WAV file")
    channels, rate, offset, told = _chunks(beginning)
    there = size - offset
    data = told if 0 < told <= there else there
    frames = data // (channels * SAMPLE_BYTES)
    if not frames:
        raise Unreadable("nothing was recorded")
    (riff,) = struct.unpack_from("<I", beginning, 4)
    is_right = told == frames * channels * SAMPLE_BYTES and riff + 8 == size
    return Wav(path, channels, rate, offset, frames, is_right)


def header(frames: int, channels: int, rate: int) -> bytes:
    """The beginning of a file with so much behind it."""
    per_frame = channels * SAMPLE_BYTES
    size = frames * per_frame
    told = _FORMAT.pack(_PCM, channels, rate, rate * per_frame, per_frame, SAMPLE_BYTES * 8)
    riff = _CHUNK.pack(b"RIFF", HEADER_BYTES - _CHUNK.size + size) + b"WAVE"
    return riff + _CHUNK.pack(b"fmt ", len(told)) + told + _CHUNK.pack(b"data", size)


def _chunks(beginning: bytes) -> tuple[int, int, int, int]:
    """Channels, rate, where the sound begins, and how many bytes of it the header tells of."""
    shape: tuple[int, int] | None = None
    at = 12
    while at + _CHUNK.size <= len(beginning):
        kind, size = _CHUNK.unpack_from(beginning, at)
        at += _CHUNK.size
        if kind == b"data":
            if shape is None:
                break
            return (*shape, at, size)
        if kind == b"fmt " and at + _FORMAT.size <= len(beginning):
            shape = _shape(*_FORMAT.unpack_from(beginning, at))
        at += size + size % 2
    raise Unreadable("a WAV file without sound")


def _shape(tag: int, channels: int, rate: int, _: int, frame: int, bits: int) -> tuple[int, int]:
    if tag != _PCM or bits != SAMPLE_BYTES * 8 or not channels or not rate:
        raise Unreadable(f"sound that is no 16-bit PCM (format {tag}, {bits} bits)")
    if frame != channels * SAMPLE_BYTES:
        raise Unreadable("a WAV file whose header contradicts itself")
    return channels, rate
