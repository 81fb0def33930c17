"""Makes the file that is kept of what Asterisk left: repaired, with its gaps, its sides together,
converted and sealed.

What Asterisk left is only read. The new file is written beside its place under a name that nobody
else uses, and is on the disk when ``make`` returns; whoever asked for it gives it its name. Nothing
here needs more memory for a long recording than for a short one.
"""

from __future__ import annotations

import array
import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from engine import whole_file
from engine.recordings import waveform
from engine.recordings.converting import Command, NotConverted, convert
from engine.recordings.sealing import seal
from engine.recordings.timeline import Piece, Span, length, pieces
from engine.recordings.wav import HEADER_BYTES, SAMPLE_BYTES, Unreadable, Wav, examine, header

_BLOCK_FRAMES = 32_768
_MOST_BYTES = 0xFFFFFFFF - HEADER_BYTES


@dataclass(frozen=True, slots=True)
class Track:
    """A file of Asterisk's, when it began, and what it lacks of its time since then."""

    path: str
    started: float
    gaps: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """One file to make of one track or, as a stereo file, of two: left and right.

    ``target`` is the name to write under, in a folder that is there. ``format`` with the
    ``command`` that makes it; ``wav`` needs none. With ``key`` (hex) the file is sealed.
    """

    tracks: tuple[Track, ...]
    target: str
    format: str = "wav"
    command: Command = ()
    key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Made:
    """What there is now. Not ``written``: the one track is right as it is.

    ``sha256`` and ``bytes`` are of the file as it is stored, ``peaks`` as the ledger keeps them.
    ``trouble`` is what could not be done without harm to what there is to hear.
    """

    written: bool
    format: str
    channels: int
    seconds: float
    bytes: int
    sha256: str
    peaks: str
    repaired: bool
    trouble: str = ""


def writes(job: Job) -> bool:
    """Whether a file is written for it: else its one track is right as it is. Raises ``Unreadable``
    and ``OSError``."""
    if job.key or job.command or len(job.tracks) > 1 or job.tracks[0].gaps:
        return True
    return not examine(Path(job.tracks[0].path)).is_right


def make(job: Job) -> Made:
    """Do the work. Raises ``Unreadable`` when there is nothing to hear, and ``OSError`` when it may
    succeed later: a full disk. Then nothing is left of it."""
    target = Path(job.target)
    with ExitStack() as leftovers:
        wavs = [examine(Path(track.path)) for track in job.tracks]
        sound = wavs[0]
        if len(wavs) > 1 or job.tracks[0].gaps or not sound.is_right:
            sound = _joined(job, wavs, _scrap(leftovers, target, "wav"))
        peaks = waveform.kept(waveform.peaks(sound))
        file, trouble = sound.path, ""
        if job.command:
            converted = _scrap(leftovers, target, job.format)
            try:
                convert(job.command, sound.path, converted, job.format)
                file = converted
            except NotConverted as error:
                trouble = f"not converted: {error}"
        written = bool(job.key) or file != wavs[0].path
        if job.key:
            file = _sealed(file, _scrap(leftovers, target, "sealed"), bytes.fromhex(job.key))
        whole_file.sync(file)  # also Asterisk's own, which it does not do
        if written:
            file = file.replace(target)
        return Made(
            written,
            job.format if job.command and not trouble else "wav",
            sound.channels,
            round(sound.seconds, 6),
            file.stat().st_size,
            digest(file),
            peaks,
            not all(wav.is_right for wav in wavs),
            trouble,
        )


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def scraps(job: Job) -> list[Path]:
    """What is left of a job whose process was killed."""
    kinds = ("", ".wav", ".sealed", f".{job.format}")
    return [Path(job.target + kind) for kind in kinds]


def _scrap(leftovers: ExitStack, target: Path, kind: str) -> Path:
    """A name beside ``target`` that is gone when the work is done."""
    scrap = target.with_name(f"{target.name}.{kind}")
    leftovers.callback(scrap.unlink, missing_ok=True)
    return scrap


def _joined(job: Job, wavs: list[Wav], target: Path) -> Wav:
    """All tracks in one WAV file on one time line, which begins with the earliest."""
    origin = min(track.started for track in job.tracks)
    rate, channels = wavs[0].rate, sum(wav.channels for wav in wavs)
    if len(wavs) > 1 and any((wav.channels, wav.rate) != (1, rate) for wav in wavs):
        raise Unreadable("the two sides do not fit together")
    plans = [
        (origin, _silences(track, origin), wav.frames, rate)
        for track, wav in zip(job.tracks, wavs, strict=True)
    ]
    frames = max(length(*plan) for plan in plans)
    if frames * channels * SAMPLE_BYTES > _MOST_BYTES:
        raise Unreadable("it is longer than a WAV file can be")
    with ExitStack() as files:
        lines = [
            _Line(files.enter_context(wav.path.open("rb")), wav, pieces(*plan))
            for wav, plan in zip(wavs, plans, strict=True)
        ]
        file = files.enter_context(target.open("wb"))
        file.write(header(frames, channels, rate))
        for first in range(0, frames, _BLOCK_FRAMES):
            block = min(_BLOCK_FRAMES, frames - first)
            file.write(_interleaved([line.read(block) for line in lines]))
    return examine(target)


def _silences(track: Track, origin: float) -> list[Span]:
    """A track that began later is silent until then."""
    return [(origin, track.started), *((max(a, track.started), b) for a, b in track.gaps)]


class _Line:
    """The sound of one track on the time line."""

    def __init__(self, file: BinaryIO, wav: Wav, plan: Iterator[Piece]) -> None:
        file.seek(wav.offset)
        self._file = file
        self._frame_bytes = wav.frame_bytes
        self._plan = plan
        self._piece = Piece(0, silent=True)

    def read(self, frames: int) -> bytes:
        """The next so many frames; silence where there are no more."""
        parts = []
        while frames:
            if not self._piece.frames:
                self._piece = next(self._plan, Piece(frames, silent=True))
            taken = min(frames, self._piece.frames)
            parts.append(self._silence(taken) if self._piece.silent else self._sound(taken))
            self._piece = Piece(self._piece.frames - taken, self._piece.silent)
            frames -= taken
        return b"".join(parts)

    def _silence(self, frames: int) -> bytes:
        return bytes(frames * self._frame_bytes)

    def _sound(self, frames: int) -> bytes:
        wanted = frames * self._frame_bytes
        return self._file.read(wanted).ljust(wanted, b"\0")  # it may be cut off while we read


def _interleaved(channels: list[bytes]) -> bytes:
    if len(channels) == 1:
        return channels[0]
    mixed = array.array("h", bytes(len(channels[0]) * len(channels)))
    for number, pcm in enumerate(channels):
        mixed[number :: len(channels)] = array.array("h", pcm)
    return mixed.tobytes()


def _sealed(source: Path, target: Path, key: bytes) -> Path:
    with source.open("rb") as content, target.open("wb") as file:
        seal(content, file, key)
    return target
