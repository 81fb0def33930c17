"""Holds a call's record against what the phones themselves saw and heard. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.call_record import TALK, CallOutcome, CallRecord, SegmentKind
from engine.demo import tones
from engine.demo.listening import heard_prompt

_CLOSE_SECONDS = 2.0
"""How far the records may be from the phones: on a busy machine both notice things late, and it
loses some of the sound."""

_PROMPT_SECONDS = 1.0
_SHARE_OF_TALK = 0.3  # each speaks only when he has heard the other, and some may be lost
_STRAY_SECONDS = 0.3
_TALKED = (SegmentKind.TALK, SegmentKind.HOLD, SegmentKind.CONFERENCE)


@dataclass(frozen=True, slots=True)
class Heard:
    """Sound at one place, PCM as in ``tones``, and which tones ought and must not be in it."""

    where: str
    pcm: bytes
    wanted: tuple[tuple[str, float], ...]  # (whose, Hz)
    unwanted: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """Sound at one place, and which prompts (audio files) ought and must not be in it."""

    where: str
    pcm: bytes
    wanted: tuple[Path, ...] = ()
    unwanted: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """One call as the phones saw it. Times are seconds since the epoch.

    ``chose``: he pressed keys of a flow that could serve him to the end. ``recorded``: he was told
    that the whole call is.
    """

    name: str
    number: str
    dialed: str
    sip_call_id: str
    began: float
    ended: float
    hung_up_by: str  # caller, agent, engine
    agent: str | None  # whose phone answered
    talked: float  # seconds
    heard: bytes  # by the caller, all the time
    trouble: str = ""  # what went wrong at the phone itself
    chose: bool = False
    recorded: bool = False

    @property
    def outcome(self) -> CallOutcome:
        """Who reached nobody and did not hang up himself was served by the keys that he pressed, or
        sent away by an announcement."""
        if self.agent is not None:
            return CallOutcome.ANSWERED
        if self.hung_up_by == "caller":
            return CallOutcome.ABANDONED
        return CallOutcome.SELF_SERVED if self.chose else CallOutcome.OUT_OF_HOURS


def compare(seen: Seen, record: CallRecord) -> list[str]:
    """What the record says otherwise than the phones, each in a sentence; empty when they agree."""
    return [f"{seen.name} ({record.call}): {text}" for text in _differences(seen, record)]


def _differences(seen: Seen, record: CallRecord) -> Iterator[str]:
    if seen.trouble:
        yield seen.trouble
    for what, phone, said in (
        ("caller", seen.number, record.caller),
        ("number", seen.dialed, record.called),
        ("outcome", seen.outcome, record.outcome),
        ("agent", seen.agent, record.agent),
        ("hung up by", seen.hung_up_by, record.ended_by),
        ("recordings", int(seen.agent is not None) + seen.recorded, len(record.recordings)),
    ):
        if phone != said:
            yield f"{what}: the phones saw {phone}, the record says {said}"
    talked = sum(s.ended - s.started for s in record.segments if s.kind in _TALKED)
    yield from apart("talk", seen.talked, talked)
    yield from apart("beginning", seen.began, record.arrived)
    yield from apart("end", seen.ended, record.ended)
    for recording in record.recordings:
        if recording.kind == TALK:
            yield from apart("recording", seen.talked, recording.seconds)
        if not recording.complete:
            yield f"recording {recording.name} is not complete: {recording.problem}"


def apart(what: str, phones: float, said: float) -> Iterator[str]:
    """What there is to say when a record is too far from the phones, in seconds."""
    if abs(phones - said) > _CLOSE_SECONDS:
        yield f"{what}: {abs(phones - said):.1f} s between the phones and the record"


def listen(seen: Seen, places: list[Heard]) -> list[str]:
    """What was not heard, or by the wrong one."""
    wrong = voices(seen.name, seen.talked, places)
    spoken = [hz for place in places for _, hz in place.wanted]
    if tones.speech_seconds(seen.heard, known_tones=spoken) < _PROMPT_SECONDS:
        wrong.append(f"{seen.name} heard neither a prompt nor music")
    return wrong


def voices(name: str, talked: float, places: list[Heard]) -> list[str]:
    """Whose tones were not heard in a talk of so many seconds, and whose should not have been."""
    return [f"{name}: {text}" for place in places for text in _wrong(place, talked)]


def prompts(name: str, places: list[Said]) -> list[str]:
    """Which prompts were not said where they ought to be, or where they must not be."""
    return [f"{name}: {text}" for place in places for text in _unsaid(place)]


def _unsaid(place: Said) -> Iterator[str]:
    for file in place.wanted:
        if not heard_prompt(place.pcm, file):
            yield f"{place.where}, {file.stem} is not to be heard"
    for file in place.unwanted:
        if heard_prompt(place.pcm, file):
            yield f"{place.where}, {file.stem} is to be heard and should not be"


def _wrong(place: Heard, talked: float) -> Iterator[str]:
    for whose, hz in place.wanted:
        seconds = tones.find(place.pcm, hz).seconds
        if seconds < talked * _SHARE_OF_TALK:
            yield f"{place.where}, {whose} is heard for {seconds:.1f} s of {talked:.1f} s"
    for whose, hz in place.unwanted:
        seconds = tones.find(place.pcm, hz).seconds
        if seconds > _STRAY_SECONDS:
            yield f"{place.where}, {whose} is heard for {seconds:.1f} s and should not be"
