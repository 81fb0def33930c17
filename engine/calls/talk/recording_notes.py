"""The notes of what is recorded of a talk: what is wanted, and what each file lacks. Pure.

That a recording is paused, or goes on, is noted when the switch has said so: the gaps that come out
of these notes are those of the file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.call_record import Gap
from engine.calls.note import Note


@dataclass(frozen=True, slots=True)
class TalkRecorded(Note):
    """This talk is to be recorded from now on, or no more, whatever its queue would do; ``why``
    says who wants it."""

    on: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class RecordingPaused(Note):
    """Nothing is written into this file any more; ``why`` says for whom."""

    recording: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class RecordingResumed(Note):
    """It is written into this file again."""

    recording: str


NOTES = (TalkRecorded, RecordingPaused, RecordingResumed)
"""All of them."""


def is_paused(notes: Iterable[Note], recording: str) -> bool:
    """Whether the switch has said that nothing is written into this file."""
    paused = False
    for note in notes:
        if isinstance(note, RecordingPaused | RecordingResumed) and note.recording == recording:
            paused = isinstance(note, RecordingPaused)
    return paused


def gaps_of(notes: Iterable[Note], recording: str, ended: float) -> tuple[Gap, ...]:
    """What this file lacks until ``ended``, in order."""
    gaps: list[Gap] = []
    paused: RecordingPaused | None = None
    for note in notes:
        if not isinstance(note, RecordingPaused | RecordingResumed) or note.recording != recording:
            continue
        if isinstance(note, RecordingPaused):
            paused = paused or note
        elif paused is not None:
            gaps.append(Gap(paused.at, max(paused.at, min(note.at, ended)), paused.why))
            paused = None
    if paused is not None:
        gaps.append(Gap(paused.at, max(paused.at, ended), paused.why))
    return tuple(gap for gap in gaps if gap.ended > gap.began)
