"""The recording of a room: one file from when two talk there until it is over, whoever leaves.

It is begun with the call of the first who wants it, and named after that. When he leaves while
others stay, it goes on with the call of another, and the record of who was there last has it.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from engine.call_record import CONFERENCE
from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.conferences.notes import RecordingHandedOn
from engine.calls.conferences.rooms import Member, Room, hand_on
from engine.calls.lanes import ARI
from engine.calls.live_recording import close
from engine.calls.names import call_of, kind_of
from engine.calls.switchboard import Switchboard
from engine.calls.talk.recording_notes import RecordingPaused, RecordingResumed, is_paused
from engine.ports import PbxError

REFUSED: Final = "refused"
ALONE: Final = "alone"
"""Why something is missing in the file."""
_OF_A_ROOM = "k"
"""The letter in the name of such a recording."""


async def follow(sb: Switchboard, room: Room) -> None:
    """Begin it, pause it, go on with it, as who is there demands. Under the room's lock."""
    recorder = room.members.get(room.recorder)
    if recorder is None and not room.held and not room.is_refused:
        recorder = next((each for each in room.members.values() if each.joined.record), None)
        if recorder is not None:
            room.recorder, room.silenced = recorder.call.id, False
            await _begin(recorder, sb)
    began = _recording_of(recorder) if recorder is not None else None
    if recorder is not None and began is not None:
        await _pause_or_go_on(sb, room, recorder.call, began.recording)


async def leave(sb: Switchboard, room: Room, member: Member, at: float) -> None:
    """A member is out of the room: another has the recording, or it is over. Under the room's
    lock."""
    began, call = _recording_of(member), member.call
    if began is None:
        return
    if not room.members:
        return await close(call, sb, began, at)
    heir = next(iter(sorted(room.members.values(), key=lambda each: not each.joined.record)))
    hand_on(room, call, to=heir.call.id)
    call.note(RecordingHandedOn(call.now(), began.recording))
    call.step(ARI, "recording goes on", ARI, f"{began.recording}, with {heir.call.id}")


def keeper_of(calls: Iterable[Call], recording: str) -> str:
    """The call that has this recording now, which may have begun with another."""
    if kind_of(recording) == _OF_A_ROOM:
        for call in calls:
            began = call.standing.recording.get(CONFERENCE)
            if began is not None and began.recording == recording:
                return call.id
    return call_of(recording)


async def _pause_or_go_on(sb: Switchboard, room: Room, keeper: Call, recording: str) -> None:
    """Nothing is written while somebody refuses it, or is there alone. What cannot be paused is
    ended."""
    quiet = room.is_refused or room.held
    if room.silenced is None:  # an engine that crashed may have begun it
        with suppress(PbxError):
            await sb.pbx.record(room.bridge, recording)
    if room.silenced is quiet:
        return
    room.silenced = quiet
    try:
        await sb.pbx.pause_recording(recording, quiet)
    except PbxError as error:
        keeper.step(ARI, "recording stopped", ARI, f"could not be paused: {error}")
        with suppress(PbxError):
            await sb.pbx.stop_recording(recording)
        return
    if quiet is not is_paused(keeper.standing.notes, recording):
        why = REFUSED if room.is_refused else ALONE
        now = keeper.now()
        keeper.note(
            RecordingPaused(now, recording, why) if quiet else RecordingResumed(now, recording)
        )


async def _begin(member: Member, sb: Switchboard) -> None:
    """They confer without it when it cannot be begun."""
    call = member.call
    made = [each for each in call.standing.notes if isinstance(each, n.RecordingBegan)]
    began = n.RecordingBegan(call.now(), f"{call.id}-{_OF_A_ROOM}{len(made) + 1}", CONFERENCE)
    call.note(began)
    try:
        await sb.pbx.record(member.joined.bridge, began.recording)
    except PbxError as error:
        call.step(ARI, "recording failed", ARI, str(error))


def _recording_of(member: Member) -> n.RecordingBegan | None:
    return member.call.standing.recording.get(CONFERENCE)
