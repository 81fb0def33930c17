"""A caller in a conference: he comes in, talks with who is there, and leaves or is put out."""

from __future__ import annotations

from contextlib import suppress

from engine.calls import notes as n
from engine.calls.announce import begin_saying, say
from engine.calls.call import Call, CallerGone, Mail
from engine.calls.conferences import room_recording
from engine.calls.conferences.announcing import (
    Announce,
    ask_name,
    delete_name,
    forget_name,
    is_key_of,
    tell_before,
    tell_others,
)
from engine.calls.conferences.inviting import free_agent, uninvite
from engine.calls.conferences.keypad import KeyPad, Pressed
from engine.calls.conferences.notes import (
    ConferenceJoined,
    ConferenceLeft,
    ConferenceMuted,
    ConferenceRole,
)
from engine.calls.conferences.room_keys import obey
from engine.calls.conferences.rooms import ENDED, Member, Room
from engine.calls.lanes import ARI, SIP
from engine.calls.switchboard import Switchboard, destroy_quietly
from engine.calls.talk.parties import Role
from engine.ivr.messages import Confer, Returned
from engine.ports import DigitPressed, PbxError, PlaybackEnded, Refused

_SETTLING_SECONDS = 2.0
"""For so long a key is the late end of the PIN that he has typed."""


async def confer(
    call: Call,
    sb: Switchboard,
    action: Confer,
    language: str,
    *,
    passes_lock: bool | None = None,
    agent: str = "",
) -> Returned:
    """Into the room, or on from where an earlier run left it, until he is out.

    ``left`` by the key, ``kicked``, ``ended`` for all, ``full``, ``locked``. ``passes_lock``:
    whether he comes into a locked room; None for leaders only. ``agent`` is who sits at his phone:
    he has no time for callers then. Raises ``CallerGone``.
    """
    standing = call.standing
    if standing.returned is not None and standing.conference is None:
        return Returned(standing.returned.by)
    attending = _Attending(call, sb, action, language, agent)
    passes = action.leader if passes_lock is None else passes_lock
    if sb.conferences.member(action.room, call.id) is None:
        if not (closed := _closed(sb, action, passes)) and action.announce == Announce.NAME:
            attending.name = await ask_name(call, sb, language)
            closed = _closed(sb, action, passes)
        if closed:
            await delete_name(sb, attending.name)
            return await _turn_away(call, sb, closed, language)
    by = await attending.until_out()
    if by == ENDED:
        await say(call, sb, "conference_over", language)
    return Returned(by)


async def settle(call: Call, sb: Switchboard, at: float) -> None:
    """A member, or who was to be one, went without his story: he is in the room no more."""
    joined = call.standing.conference
    room = sb.conferences.find(joined.room) if joined is not None else None
    member = room.members.get(call.id) if room is not None else None
    if room is not None and member is not None:
        await _go_out(sb, room, member, at)
    elif call.standing.invited is not None:
        free_agent(call, sb, call.standing.invited.agent, at)


def _closed(sb: Switchboard, action: Confer, passes_lock: bool) -> str:
    """Why he is not let in: ``locked``, ``full``, '' when he is."""
    room = sb.conferences.find(action.room)
    if room is None:
        return ""
    if room.locked and not passes_lock:
        return "locked"
    return "full" if len(room.members) >= action.most_members else ""


async def _turn_away(call: Call, sb: Switchboard, closed: str, language: str) -> Returned:
    await say(call, sb, f"conference_{closed}", language)
    call.note(n.ErrandEnded(call.now(), closed))
    return Returned(closed)


class _Attending:
    """One member in his room; ``name`` is the recording of his name."""

    def __init__(
        self, call: Call, sb: Switchboard, action: Confer, language: str, agent: str
    ) -> None:
        self._call, self._sb, self._action = call, sb, action
        self._language, self._agent = language, agent
        self._room = Room(action.room, "")
        self._keys = KeyPad({"leave": action.leave_key, **action.keys})
        self._said = ""
        self.name = ""

    async def until_out(self) -> str:
        """From the door to the door: the exit."""
        call, conferences = self._call, self._sb.conferences
        self._room = conferences.room(self._action.room, call.now(), self._action.longest_seconds)
        known = self._room.members.get(call.id)
        member = known or self._come_in()
        try:
            by = await self._attend(member, new=known is None)
        except CallerGone as gone:
            await _go_out(self._sb, self._room, member, gone.gone.at)
            raise
        except Exception:
            await _go_out(self._sb, self._room, member, call.now())
            raise
        await _go_out(self._sb, self._room, member, call.now())
        return by

    async def _attend(self, member: Member, new: bool) -> str:
        """Until he leaves; the exit is noted before he is taken out, which is done again after a
        crash."""
        call, done = self._call, self._call.standing.returned
        if done is not None:
            return done.by
        if new and self._room.waits:
            await tell_before(call, self._sb, ("conference_waits",), self._language)
        await self._connect(member)
        if new:
            await _announce(self._sb, self._room, member, comes=True)
        by = await self._until_out(member)
        call.note(n.ErrandEnded(call.now(), by))
        call.step(SIP, "leaves", ARI, f"{self._room.name}: {by}")
        return by

    def _come_in(self) -> Member:
        call, room, action = self._call, self._room, self._action
        role = Role.LISTENER if action.listener else Role.SPEAKER
        joined = ConferenceJoined(
            call.now(),
            *(room.name, room.bridge),
            role=Role.LEADER if action.leader else role,
            muted=not action.leader and (action.muted or room.hushed),
            until_leader=action.until_leader,
            ends_with_leader=action.ends_with_leader,
            record=action.record,
            until=room.until,
            announce=action.announce,
            name=self.name,
            agent=self._agent,
            locked=room.locked,
            hushed=room.hushed,
            led=room.led,
        )
        call.note(joined)
        member = self._sb.conferences.enter(room, call, joined)
        call.step(SIP, "joins", ARI, f"{room.name} as {joined.role}")
        return member

    async def _connect(self, member: Member) -> None:
        """Into the bridge; he is in it already when an engine crashed."""
        call, pbx, room = self._call, self._sb.pbx, self._room
        async with room.lock:
            with suppress(Refused):  # it is there
                await pbx.create_bridge(room.bridge, room.name)
            if call.channel not in (call.in_bridge or ()):
                await pbx.join(room.bridge, (call.channel,), keys=False)
            if not member.heard:
                await pbx.mute(call.channel, True)
            await _follow_from_who_is_there(self._sb, room)

    # -- in the room --------------------------------------------------------------------------

    async def _until_out(self, member: Member) -> str:
        call, room = self._call, self._room
        settled = member.joined.at + _SETTLING_SECONDS
        while not member.out:
            await self._change(member)
            await self._tell(member)
            ends = (each for each in (room.until, self._keys.deadline) if each)
            mail = await call.receive(min(ends, default=None))
            if room.until and call.now() >= room.until:
                return ENDED
            pressed = await self._hear(mail, member, settled)
            if pressed and (exit_ := obey(self._sb, room, member, pressed, self._keys)):
                return exit_
        return member.out

    async def _hear(self, mail: Mail | None, member: Member, settled: float) -> Pressed | None:
        """What he wants with this key, or by typing no more."""
        match mail:
            case None if self._keys.deadline is not None:
                return self._keys.late()
            case DigitPressed() if is_key_of(self._call, mail) and mail.at > settled:
                await self._hush()
                return self._keys.press(mail.digit, member.leads, self._call.now())
            case PlaybackEnded(playback=playback) if playback == self._said:
                await self._hear_music_again(member)
            case PlaybackEnded():
                await forget_name(self._sb, self._room, mail)
        return None

    async def _tell(self, member: Member) -> None:
        """What is for him alone, one after the other."""
        call = self._call
        while member.hears:
            prompts = member.hears.pop(0)
            with suppress(PbxError):  # he is gone just now: the mailbox says so
                self._said = await begin_saying(call, self._sb, prompts, self._language)

    async def _hush(self) -> None:
        """What he hears alone stops; its end is told like any other."""
        if self._said:
            with suppress(PbxError):
                await self._sb.pbx.stop_playback(self._call.channel, self._said)

    async def _hear_music_again(self, member: Member) -> None:
        """What is played to somebody ends his music."""
        self._said = ""
        if member.held:
            member.held = None
            async with self._room.lock:
                await self._sb.conferences.settle(self._room, self._sb.pbx)

    async def _change(self, member: Member) -> None:
        """What he is to be, and whether he is heard. Where the switch does not obey, he stays in
        the room as he was."""
        call, now = self._call, member.now
        muted = now.muted if member.mute is None else member.mute
        role = now.role if member.role is None else member.role
        member.mute = member.role = None
        heard = not muted and role is not Role.LISTENER
        if heard is not member.heard:
            try:
                await self._sb.pbx.mute(call.channel, not heard)
            except PbxError as error:
                call.step(ARI, "heard again" if heard else "not muted", SIP, str(error))
                return
            member.hears.append(("conference_unmuted" if heard else "conference_muted",))
            call.step(ARI, "heard again" if heard else "muted", SIP)
        if muted is not now.muted:
            call.note(ConferenceMuted(call.now(), muted))
        if role is not now.role:
            await self._become(member, role)

    async def _become(self, member: Member, role: Role) -> None:
        self._call.note(ConferenceRole(self._call.now(), role))
        self._call.step(ARI, "becomes", SIP, role)
        if role is Role.LEADER:
            member.hears.append(("conference_leads",))
            if not self._room.led:
                self._room.rule(led=True)
                async with self._room.lock:
                    await _follow_from_who_is_there(self._sb, self._room)


async def _go_out(sb: Switchboard, room: Room, member: Member, at: float) -> None:
    """Out of the room; the last one takes it with him. Only the engine's own end leaves all as it
    is: they talk on without it."""
    call, silent = member.call, not member.heard
    async with room.lock:
        sb.conferences.leave(room, member)
        await room_recording.leave(sb, room, member, at)
        if call.gone is None:
            with suppress(PbxError):
                await sb.pbx.leave(room.bridge, call.channel)
                await sb.pbx.stop_music(call.channel)
                if silent:
                    await sb.pbx.mute(call.channel, False)
        call.note(ConferenceLeft(at))
        free_agent(call, sb, member.joined.agent, at)
        if not room.members:
            await _close(sb, room)
        else:
            await _follow_from_who_is_there(sb, room)
    await _announce(sb, room, member, comes=False)


async def _close(sb: Switchboard, room: Room) -> None:
    """Nobody is there: nobody is invited any more, and no name is needed."""
    uninvite(sb, room.name)
    for name in room.names.values():
        await delete_name(sb, name)
    await destroy_quietly(sb, room.bridge)


async def _announce(sb: Switchboard, room: Room, member: Member, *, comes: bool) -> None:
    language = member.call.standing.language or sb.default_language
    how, name = Announce(member.joined.announce), member.joined.name
    await tell_others(sb, room, member, how, language, comes=comes)
    if not comes and name not in room.names.values():
        await delete_name(sb, name)


async def _follow_from_who_is_there(sb: Switchboard, room: Room) -> None:
    """Music, and the recording. Under the room's lock."""
    await sb.conferences.settle(room, sb.pbx)
    await room_recording.follow(sb, room)
