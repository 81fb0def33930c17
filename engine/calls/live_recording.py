"""What is recorded of a call now: each recording is begun, paused and closed here, with its notes.

The decision is noted first, then the switch is told; that nothing is written into a file is noted
when the switch has confirmed it. A pause fails closed: where it is not confirmed the recording is
ended, and where that fails, too, the story does.

A recording is of the caller's channel, not of a bridge: it goes on wherever he is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import structlog

from engine.call_record import CONFERENCE, SIDE_IN, SIDE_OUT, TALK
from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.lanes import ARI
from engine.calls.switchboard import Switchboard, hang_up_quietly
from engine.calls.talk.recording_notes import (
    RecordingPaused,
    RecordingResumed,
    gaps_of,
    is_paused,
)
from engine.ports import Gone, PbxError, RecordedSide, RecordingEnded

log = structlog.get_logger("recording")

_CLOSING_SECONDS = 2.0
"""How long Asterisk may take to close a file."""
_NOTHING_SECONDS = 1.0
"""What is shorter and has no file is no recording: he hung up as it began."""
_SIDES = {SIDE_IN: RecordedSide.SAID, SIDE_OUT: RecordedSide.HEARD}
OF_TALK = (TALK, SIDE_IN, SIDE_OUT)
"""The kinds of a talk's own recordings."""


def running(call: Call) -> Iterator[n.RecordingBegan]:
    """What is recorded of this call itself, not of a room that it is in."""
    began = list(call.standing.recording.values())
    yield from (each for each in began if each.kind != CONFERENCE)


def pause_of(call: Call) -> n.RecordingWanted | None:
    """The pause that somebody wants now."""
    if not call.standing.paused:
        return None
    wanted = (each for each in reversed(call.standing.notes) if isinstance(each, n.RecordingWanted))
    return next((each for each in wanted if each.do == "pause"), None)


async def begin(call: Call, sb: Switchboard, recording: str, kind: str) -> bool:
    """Record it from now on. False when that cannot be: the call goes on, and its record says so.

    Nothing is said of a caller who has just hung up.
    """
    began = n.RecordingBegan(call.now(), recording, kind)
    call.note(began)
    if problem := await sb.recorder.no_room():
        log.error("recording_no_room", recording=recording, reason=problem)
        sb.recorder.alarms["recording_no_room"] += 1
    else:
        try:
            await sb.pbx.record_call(call.channel, recording, _side(kind))
            call.step(ARI, "record", ARI, recording)
            return True
        except Gone:
            call.note(n.RecordingDropped(call.now(), recording))
            return False
        except PbxError as error:
            problem = f"could not be started: {error}"
            log.error("recording_not_begun", recording=recording, reason=str(error))
            sb.recorder.alarms["recording_not_begun"] += 1
    call.step(ARI, "recording failed", ARI, problem)
    await close(call, sb, began, call.now(), problem=problem)
    return False


async def take_up(call: Call, sb: Switchboard) -> None:
    """After a crash: what was noted may not have reached the switch. What has ended meanwhile is
    looked at when it is closed."""
    if call.end_told:
        return
    for began in running(call):
        with suppress(PbxError):
            await sb.pbx.record_call(call.channel, began.recording, _side(began.kind))


async def pause(call: Call, sb: Switchboard, why: str) -> None:
    """Nothing more is in any file when this returns; what cannot be paused is ended."""
    for began in list(running(call)):
        if not is_paused(call.standing.notes, began.recording):
            await _pause(call, sb, began, why)


async def _pause(call: Call, sb: Switchboard, began: n.RecordingBegan, why: str) -> None:
    try:
        await sb.pbx.pause_recording(began.recording, True)
    except Gone:  # it has ended already
        return
    except PbxError as error:
        log.error("recording_not_paused", recording=began.recording, reason=str(error))
        sb.recorder.alarms["recording_not_paused"] += 1
        call.step(ARI, "recording stopped", ARI, f"could not be paused: {error}")
        await end(call, sb, began, "stopped, for it could not be paused")
        return
    call.note(RecordingPaused(call.now(), began.recording, why))


async def resume(call: Call, sb: Switchboard) -> None:
    """Everything is in the files again; one that stays paused is ended, so that another may
    begin."""
    for began in list(running(call)):
        if is_paused(call.standing.notes, began.recording):
            await _resume(call, sb, began)


async def _resume(call: Call, sb: Switchboard, began: n.RecordingBegan) -> None:
    try:
        await sb.pbx.pause_recording(began.recording, False)
    except Gone:  # it has ended
        return
    except PbxError as error:
        log.error("recording_not_resumed", recording=began.recording, reason=str(error))
        sb.recorder.alarms["recording_not_resumed"] += 1
        call.step(ARI, "recording stopped", ARI, f"stayed paused: {error}")
        with suppress(PbxError):
            await end(call, sb, began, "stopped, for it stayed paused")
        return
    call.note(RecordingResumed(call.now(), began.recording))


async def end(call: Call, sb: Switchboard, began: n.RecordingBegan, problem: str = "") -> None:
    """No more of it, and it is looked at. Raises ``PbxError`` when that is not certain."""
    patience = 0.0
    with suppress(Gone):
        await sb.pbx.stop_recording(began.recording)
        patience = _CLOSING_SECONDS
    await _look(call, sb, began, call.now(), problem=problem, patience=patience)


async def close(
    call: Call,
    sb: Switchboard,
    began: n.RecordingBegan,
    at: float,
    report: RecordingEnded | None = None,
    problem: str = "",
) -> None:
    """It was over at ``at``; ``report`` is of one that has ended by itself."""
    patience = 0.0
    if report is None and not problem:
        with suppress(PbxError):  # Gone: his hang-up has ended it, too
            await sb.pbx.stop_recording(began.recording)
            patience = _CLOSING_SECONDS
    await _look(call, sb, began, at, report, problem, patience)


async def _look(
    call: Call,
    sb: Switchboard,
    began: n.RecordingBegan,
    at: float,
    report: RecordingEnded | None = None,
    problem: str = "",
    patience: float = 0.0,
) -> None:
    """Wait so long for Asterisk to close the file, and see what there is of it."""
    name = began.recording
    if report is None and not problem:
        until = call.now() + patience
        report = await call.find(RecordingEnded, until, lambda ended: ended.recording == name)
    if began.kind != CONFERENCE:
        await hang_up_quietly(sb, name)  # the channel that listens
    gaps = gaps_of(call.standing.notes, name, at)
    closed = await sb.recorder.inspect(name, began.at, at, report, problem, began.kind, gaps=gaps)
    if report is None and closed.bytes == 0 and not problem and at - began.at < _NOTHING_SECONDS:
        call.note(n.RecordingDropped(call.now(), name))
    else:
        call.note(closed)


def _side(kind: str) -> RecordedSide:
    return _SIDES.get(kind, RecordedSide.BOTH)
