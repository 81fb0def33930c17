"""A caller in a conference: he comes in, talks with who is there, and leaves or is put out."""

from __future__ import annotations

from contextlib import suppress

from engine.call_record import CONFERENCE
from engine.calls import notes as n
from engine.calls.announce import begin_saying, say
from engine.calls.call import Call, CallerGone
from engine.calls.errands.call_recording import close_beside
from engine.calls.errands.conferences import ENDED, Member, Room
from engine.calls.lanes import ARI, SIP
from engine.calls.switchboard import Switchboard, destroy_quietly
from engine.ivr.messages import Confer, Returned
from engine.ports import DigitPressed, PbxError, PlaybackEnded, Refused

_LONGEST_SAYING_SECONDS = 20.0
"""When the end of what he is told first is never told."""
_SETTLING_SECONDS = 2.0
"""For so long the key by which he leaves is the late end of the PIN that he has typed."""
BEEP = "sound:beep"
"""Of Asterisk's own sounds: once for who comes, twice for who goes."""


async def confer(call: Call, sb: Switchboard, action: Confer, language: str) -> Returned:
    """Into the room, or on from where an earlier run left it, until he is out.

    ``left`` by the key, ``kicked``, ``ended`` when its last leader left, ``full``. Raises
    ``CallerGone``.
    """
    standing = call.standing
    if standing.returned is not None and standing.conference is None:
        return Returned(standing.returned.by)
    room = sb.conferences.room(action.room, call.now())
    if call.id not in room.members and len(room.members) >= action.most_members:
        call.note(n.ErrandEnded(call.now(), "full"))
        return Returned("full")
    by = await _Attending(call, sb, room, action, language).until_out()
    if by == ENDED:
        await say(call, sb, "conference_over", language)
    return Returned(by)


async def settle(call: Call, sb: Switchboard, at: float) -> None:
    """A member went without his story: he is in the room no more."""
    joined = call.standing.conference
    room = sb.conferences.find(joined.room) if joined is not None else None
    member = room.members.get(call.id) if room is not None else None
    if room is not None and member is not None:
        await _go_out(sb, room, member, at)


class _Attending:
    """One member in his room."""

    def __init__(
        self, call: Call, sb: Switchboard, room: Room, action: Confer, language: str
    ) -> None:
        self._call, self._sb, self._room, self._action = call, sb, room, action
        self._language = language

    async def until_out(self) -> str:
        known = self._room.members.get(self._call.id)
        member = known or self._come_in()
        try:
            by = await self._attend(member, new=known is None)
        except CallerGone as gone:
            await _go_out(self._sb, self._room, member, gone.gone.at)
            raise
        except Exception:
            await _go_out(self._sb, self._room, member, self._call.now())
            raise
        await _go_out(self._sb, self._room, member, self._call.now())
        return by

    async def _attend(self, member: Member, new: bool) -> str:
        """Until he leaves; the exit is noted before he is taken out, which is done again after a
        crash."""
        call, done = self._call, self._call.standing.returned
        if done is not None:
            return done.by
        if new and self._room.waits:
            await self._tell_that_he_waits()
        await self._connect(member)
        by = await self._until_out(member)
        call.note(n.ErrandEnded(call.now(), by))
        call.step(SIP, "leaves", ARI, f"{self._room.name}: {by}")
        return by

    def _come_in(self) -> Member:
        call, room, action = self._call, self._room, self._action
        joined = n.ConferenceJoined(
            call.now(),
            *(room.name, room.bridge),
            leader=action.leader,
            muted=action.muted,
            until_leader=action.until_leader,
            record=action.record,
        )
        call.note(joined)
        member = self._sb.conferences.enter(room, call, joined)
        call.step(SIP, "joins", ARI, room.name)
        return member

    async def _tell_that_he_waits(self) -> None:
        """To its end, for nobody can be joined who is played to; what comes meanwhile is kept."""
        call, prompts = self._call, ("conference_waits",)
        playback = await begin_saying(call, self._sb, prompts, self._language)
        until = call.now() + _LONGEST_SAYING_SECONDS
        await call.find(PlaybackEnded, until, lambda end: end.playback == playback)

    async def _connect(self, member: Member) -> None:
        """Into the bridge; he is in it already when an engine crashed."""
        call, pbx, room = self._call, self._sb.pbx, self._room
        async with room.lock:
            with suppress(Refused):  # it is there
                await pbx.create_bridge(room.bridge, room.name)
            if call.channel not in (call.in_bridge or ()):
                await pbx.join(room.bridge, (call.channel,))
            if member.muted:
                await pbx.mute(call.channel, True)
            await _follow_from_who_is_there(self._sb, room)
        if not room.held:
            await _beep(self._sb, room, call, 1)

    async def _until_out(self, member: Member) -> str:
        call = self._call
        settled = member.joined.at + _SETTLING_SECONDS
        while not member.out:
            if member.mute is not None:
                await self._mute(member.mute)
                member.mute = None
            mail = await call.receive()
            if isinstance(mail, DigitPressed) and mail.at > settled and self._leaves(mail):
                return "left"
        return member.out

    async def _mute(self, muted: bool) -> None:
        """Where the switch does not obey, he stays in the room as he was."""
        call = self._call
        try:
            await self._sb.pbx.mute(call.channel, muted)
        except PbxError as error:
            call.step(ARI, "not muted" if muted else "not heard again", SIP, str(error))
            return
        call.note(n.ConferenceMuted(call.now(), muted))
        call.step(ARI, "muted" if muted else "heard again", SIP)

    def _leaves(self, pressed: DigitPressed) -> bool:
        return pressed.channel == self._call.channel and pressed.digit == self._action.leave_key


async def _go_out(sb: Switchboard, room: Room, member: Member, at: float) -> None:
    """Out of the room; the last one takes it with him. Only the engine's own end leaves all as it
    is: they talk on without it."""
    call, muted = member.call, member.muted
    async with room.lock:
        sb.conferences.leave(room, member)
        began = _recording_of(member)
        if began is not None:
            await close_beside(call, sb, began, at)
        if call.gone is None:
            with suppress(PbxError):
                await sb.pbx.leave(room.bridge, call.channel)
                await sb.pbx.stop_music(call.channel)
                if muted:
                    await sb.pbx.mute(call.channel, False)
        call.note(n.ConferenceLeft(at))
        if not room.members:
            return await destroy_quietly(sb, room.bridge)
        await _follow_from_who_is_there(sb, room)
    if not room.held:
        await _beep(sb, room, call, 2)


async def _follow_from_who_is_there(sb: Switchboard, room: Room) -> None:
    """Music, and the recording. Under the room's lock."""
    await sb.conferences.settle(room, sb.pbx)
    await _record(sb, room)


async def _record(sb: Switchboard, room: Room) -> None:
    """From when two talk, with the call of the first who wants it, as long as he is there."""
    recorder = room.members.get(room.recorder)
    if recorder is None and not room.held and not room.is_refused:
        recorder = next((m for m in room.members.values() if m.joined.record), None)
        if recorder is not None:
            room.recorder, room.silenced = recorder.call.id, False
            await _begin_recording(recorder, sb)
    began = _recording_of(recorder) if recorder is not None else None
    if began is not None and room.silenced is None:  # an engine that crashed may have begun it
        with suppress(PbxError):
            await sb.pbx.record(room.bridge, began.recording)
    if began is not None and room.silenced is not room.is_refused:
        room.silenced = room.is_refused
        try:
            await sb.pbx.pause_recording(began.recording, room.silenced)
        except PbxError:
            with suppress(PbxError):
                await sb.pbx.stop_recording(began.recording)


async def _beep(sb: Switchboard, room: Room, call: Call, times: int) -> None:
    with suppress(PbxError):
        await sb.pbx.play_to_all(room.bridge, call.new_id("p"), [BEEP] * times)


def _recording_of(member: Member) -> n.RecordingBegan | None:
    return member.call.standing.recording.get(CONFERENCE)


async def _begin_recording(member: Member, sb: Switchboard) -> None:
    """They confer without it when it cannot be begun."""
    call = member.call
    made = [each for each in call.standing.notes if isinstance(each, n.RecordingBegan)]
    began = n.RecordingBegan(call.now(), f"{call.id}-k{len(made) + 1}", CONFERENCE)
    call.note(began)
    try:
        await sb.pbx.record(member.joined.bridge, began.recording)
    except PbxError as error:
        call.step(ARI, "recording failed", ARI, str(error))
