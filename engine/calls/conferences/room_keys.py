"""What becomes of a key that a member presses in his room, and the menu that tells the keys."""

from __future__ import annotations

from dialplan.rooms import RoomKey
from engine.calls.conferences.inviting import invite
from engine.calls.conferences.keypad import KeyPad, Pressed
from engine.calls.conferences.rooms import KICKED, Member, Room, put_out
from engine.calls.lanes import ARI, SIP
from engine.calls.spoken import LAST_NUMBER, Prompts, digits
from engine.calls.switchboard import Switchboard
from engine.calls.talk.parties import Role
from engine.ivr.saying import number_part


def obey(sb: Switchboard, room: Room, member: Member, pressed: Pressed, keys: KeyPad) -> str:
    """Do it, or have it done by whom it is about. Returns the exit of who leaves, else ''."""
    if pressed.what is RoomKey.LEAVE:
        return "left"
    member.call.step(SIP, "key", ARI, pressed.what)
    match pressed.what:
        case RoomKey.MENU:
            member.hears.append(_menu(keys, member.leads))
        case RoomKey.COUNT:
            member.hears.append(_count(len(room.members)))
        case RoomKey.MUTE if member.now.role is Role.LISTENER:
            member.hears.append(("conference_listens",))
        case RoomKey.MUTE:
            member.mute = not member.now.muted
        case RoomKey.LOCK:
            room.rule(locked=not room.locked)
            member.hears.append(("conference_locked" if room.locked else "conference_unlocked",))
        case RoomKey.MUTE_ALL:
            room.hush(not room.hushed)
            all_ = "conference_all_muted" if room.hushed else "conference_all_unmuted"
            member.hears.append((all_,))
        case RoomKey.DROP_LAST:
            _drop_last(room, member)
        case RoomKey.INVITE:
            _invite(sb, room, member, pressed.number)
        case RoomKey.END:
            room.end()
    return ""


def _drop_last(room: Room, member: Member) -> None:
    last = room.last_but(member)
    if last is None:
        member.hears.append(("not_possible",))
    else:
        put_out(last, KICKED)


def _invite(sb: Switchboard, room: Room, member: Member, number: str) -> None:
    """Whom he typed is rung; nobody, or nobody who can be, is told to him."""
    if number and invite(sb, room.name, number, Role.SPEAKER, by=member) is not None:
        member.hears.append(("conference_calling",))
    else:
        member.hears.append(("not_possible",))


def _menu(keys: KeyPad, leads: bool) -> Prompts:
    """To mute yourself, press one …"""
    parts: list[str] = []
    for what, key in keys.keys_of(leads):
        parts += (f"conference_key_{what}", *digits(key))
    return tuple(parts)


def _count(members: int) -> Prompts:
    """There are three of you."""
    if members == 1:
        return ("conference_alone",)
    number = (number_part(members),) if members <= LAST_NUMBER else digits(str(members))
    return ("conference_count", *number)
