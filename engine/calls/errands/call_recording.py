"""What is recorded of a call by the word of its flow: all of it with its menus, nothing, or nothing
just now.

The word is noted before the switch is told, so that it holds after a crash: what is to be paused is
paused again. A pause fails closed. Where the switch does not confirm it, the recording is ended,
and where that fails, too, the story does: what a caller types then is in no recording.

A talk whose queue records it has a recording of its own also while the whole call is recorded: what
a queue promises, a file for each agent's talk and nothing beside it, depends on no flow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Literal

import structlog

from acd.queues import QueueSettings, RecordWhen
from engine.call_record import WHOLE_CALL
from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.lanes import ARI
from engine.calls.switchboard import Switchboard, hang_up_quietly
from engine.ports import Gone, PbxError, RecordingEnded

log = structlog.get_logger("recording")

_CLOSING_SECONDS = 2.0
"""How long Asterisk may take to close a file."""


async def control(
    call: Call, sb: Switchboard, do: Literal["start", "stop", "pause", "resume"]
) -> None:
    """Heed what the flow wants. Done twice it is done once; nothing to pause is a success.

    Raises ``PbxError`` when it is not certain that a pause, or a stop, took effect.
    """
    call.note(n.RecordingWanted(call.now(), do))
    call.step(ARI, "recording", ARI, do)
    match do:
        case "stop":
            await _stop(call, sb)
        case "pause":
            for recording in _live(call):
                await pause(call, sb, recording)
        case "start" | "resume":
            await _go_on(call, sb)


def records_talks(call: Call, queue: QueueSettings) -> bool:
    """Whether a talk of this queue is recorded: a caller who refused his consent never is."""
    return queue.record.when is RecordWhen.ALWAYS and call.standing.wanted != "stop"


async def take_up(call: Call, sb: Switchboard) -> None:
    """After a crash: what was noted may not have reached the switch."""
    began = call.standing.recording.get(WHOLE_CALL)
    if began is not None and not call.end_told:
        with suppress(PbxError):  # Refused: it has ended
            await sb.pbx.record_call(call.channel, began.recording)
    if call.standing.paused:
        for recording in _live(call):
            await pause(call, sb, recording)
    elif call.standing.wanted == "stop":
        await _stop(call, sb)
    elif call.standing.wanted == "start" and not call.end_told:
        await _go_on(call, sb)


async def pause(call: Call, sb: Switchboard, recording: str) -> None:
    """Nothing more is in it when this returns; where it cannot be paused it is ended."""
    try:
        await sb.pbx.pause_recording(recording, True)
    except Gone:  # it has ended already
        return
    except PbxError as error:
        log.error("recording_not_paused", recording=recording, reason=str(error))
        call.step(ARI, "recording stopped", ARI, f"could not be paused: {error}")
        await _end(call, sb, recording, "stopped, for it could not be paused")


async def finish(call: Call, sb: Switchboard, at: float) -> None:
    """The call is over at ``at``: so is what runs beside its story."""
    for began in list(call.standing.recording.values()):
        await close_beside(call, sb, began, at)


async def close_beside(call: Call, sb: Switchboard, began: n.RecordingBegan, at: float) -> None:
    """End a recording that runs beside the story, at ``at``, and look at what there is of it."""
    patience = _CLOSING_SECONDS
    try:
        await sb.pbx.stop_recording(began.recording)
    except Gone:  # his hang-up has ended it, too
        patience = 0.0
    except PbxError:
        pass
    await _close(call, sb, began, at, patience=patience)


def paused_seconds(notes: Iterable[n.Note], since: float, until: float) -> float:
    """For how long nothing was to be recorded, of the time between these two."""
    total, began = 0.0, None
    for note in notes:
        if isinstance(note, n.RecordingWanted) and note.do in ("pause", "resume"):
            if note.do == "pause":
                began = note.at if began is None else began
            elif began is not None:
                total += _overlap(began, note.at, since, until)
                began = None
    return total if began is None else total + _overlap(began, until, since, until)


def _overlap(began: float, ended: float, since: float, until: float) -> float:
    return max(0.0, min(ended, until) - max(began, since))


def _live(call: Call) -> Iterator[str]:
    """What is recorded now: the whole call, and the talk."""
    standing = call.standing
    if (began := standing.recording.get(WHOLE_CALL)) is not None:
        yield began.recording
    if standing.talk is not None and standing.talk.recording is not None:
        yield standing.talk.recording


async def _go_on(call: Call, sb: Switchboard) -> None:
    """What was paused is not; the whole call is recorded if that is wanted."""
    standing = call.standing
    if standing.paused:  # it is begun when the pause is over
        return
    for recording in _live(call):
        with suppress(PbxError):  # one that was ended instead of paused
            await sb.pbx.pause_recording(recording, False)
    began = WHOLE_CALL in standing.recording
    if standing.wanted == "start" and not began and call.gone is None:
        await _begin(call, sb)


async def _begin(call: Call, sb: Switchboard) -> None:
    """The call goes on without its recording when that cannot be begun; the record says so."""
    made = [each for each in call.standing.notes if isinstance(each, n.RecordingBegan)]
    began = n.RecordingBegan(call.now(), f"{call.id}-i{len(made) + 1}")
    call.note(began)
    try:
        await sb.pbx.record_call(call.channel, began.recording)
    except PbxError as error:
        call.step(ARI, "recording failed", ARI, str(error))
        await _close(call, sb, began, call.now(), f"could not be started: {error}")


async def _stop(call: Call, sb: Switchboard) -> None:
    for recording in list(_live(call)):
        await _end(call, sb, recording, "")


async def _end(call: Call, sb: Switchboard, recording: str, problem: str) -> None:
    """No more of it; the talk's own is looked at when that is over. Raises ``PbxError``."""
    with suppress(Gone):
        await sb.pbx.stop_recording(recording)
    began = call.standing.recording.get(WHOLE_CALL)
    if began is not None and began.recording == recording:
        await _close(call, sb, began, call.now(), problem)


async def _close(
    call: Call,
    sb: Switchboard,
    began: n.RecordingBegan,
    at: float,
    problem: str = "",
    patience: float = _CLOSING_SECONDS,
) -> None:
    """Look at what there is of it."""
    name = began.recording
    report = None
    if not problem:
        until = call.now() + patience
        report = await call.find(RecordingEnded, until, lambda end: end.recording == name)
    if began.kind == WHOLE_CALL:
        await hang_up_quietly(sb, name)  # the channel that listens
    paused = paused_seconds(call.standing.notes, began.at, at)
    call.note(await sb.recorder.inspect(name, began.at, at, report, problem, began.kind, paused))
