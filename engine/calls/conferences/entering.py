"""Somebody dials into a conference room: by a number from outside, or from an agent's phone."""

from __future__ import annotations

import structlog

from dialplan.rooms import MeetMe, room_of
from engine.call_record import SegmentKind
from engine.calls.announce import say
from engine.calls.call import Call
from engine.calls.conferences.attending import confer
from engine.calls.conferences.settings import confer_of
from engine.calls.errands.calling_agents import engage
from engine.calls.keys import ask_keys
from engine.calls.lanes import ARI, SIP
from engine.calls.switchboard import Switchboard
from engine.calls.talk.parties import Role
from engine.ivr.doors import LOCKED_SECONDS, PIN_ATTEMPTS, doors_of

log = structlog.get_logger("conference")


async def enter_room(call: Call, sb: Switchboard, room: str, agent: str = "") -> str:
    """Into the room of this name or extension, when he knows its PIN, until he is out of it.

    ``agent`` is who sits at the phone, '' for a caller from outside: no caller is offered to him
    meanwhile. Returns the prompt that tells how it ended, '' when there is nothing to tell. Raises
    ``CallerGone``. After a crash he is in the room as before.
    """
    settings = room_of(sb.site.rooms, room)
    language = call.standing.language or _language_of(sb, agent)
    if settings is None:
        log.warning("room_unknown", room=room)
        return "not_possible"
    role = _role_again(call)
    if role is None:
        call.segment(SegmentKind.IVR)
        role = await _role(call, sb, settings, agent, language)
        if role is None:
            return "pin_locked" if _locked(call, sb, settings, agent) else "goodbye"
        if agent:
            engage(call, sb, agent, "")
    passes = role is Role.LEADER and bool(settings.leader_pin)  # else everybody leads
    action = confer_of(settings, role)
    await confer(call, sb, action, language, passes_lock=passes, agent=agent)
    return ""


async def room_number(call: Call, sb: Switchboard, room: str) -> str:
    """The story of a call to a number that leads to a room. Returns who ended it: 'engine'."""
    if said := await enter_room(call, sb, room):
        await say(call, sb, said, call.standing.language)
    return "engine"


def _language_of(sb: Switchboard, agent: str) -> str:
    """The first that an agent speaks."""
    spoken = sb.site.agents[agent].languages if agent in sb.site.agents else ()
    return spoken[0] if spoken else sb.default_language


def _role_again(call: Call) -> Role | None:
    """What he is in the room where a crash found him."""
    standing = call.standing
    if standing.conference is not None:
        return standing.conference.role
    return Role.SPEAKER if standing.returned is not None else None


async def _role(
    call: Call, sb: Switchboard, room: MeetMe, agent: str, language: str
) -> Role | None:
    """As what he comes in, by his PIN; None when he does not know one."""
    typed = ""
    if room.longest_pin:
        known = await _ask_pin(call, sb, room, agent, language)
        if known is None:
            return None
        typed = known
    if room.makes_leader(typed):
        return Role.LEADER
    return Role.LISTENER if room.listeners else Role.SPEAKER


async def _ask_pin(
    call: Call, sb: Switchboard, room: MeetMe, agent: str, language: str
) -> str | None:
    """The PIN that is right; a silence is no wrong one, and locks nobody out."""
    prompts: tuple[str, ...] = ("conference_pin",)
    for _ in range(PIN_ATTEMPTS):
        if _locked(call, sb, room, agent):
            return None
        typed = await ask_keys(call, sb, prompts, room.longest_pin, language)
        if not typed:
            continue
        if room.lets_in(typed):
            call.step(SIP, "PIN", ARI, room.name)
            return typed
        for door, attempts in _doors(call, room, agent):
            sb.lockouts.attempted(door, False, attempts, LOCKED_SECONDS, call.now())
        log.warning("pin_refused", phone=call.arrived.endpoint)
        prompts = ("conference_bad_pin", "conference_pin")
    return None


def _locked(call: Call, sb: Switchboard, room: MeetMe, agent: str) -> bool:
    return any(sb.lockouts.locked(door, call.now()) for door, _ in _doors(call, room, agent))


def _doors(call: Call, room: MeetMe, agent: str) -> list[tuple[str, int]]:
    """What is locked after so many wrong PINs: his own way in, and that of all from outside, who
    may forge their numbers."""
    if agent:
        return [(f"room {room.name} {call.arrived.endpoint}", PIN_ATTEMPTS)]
    return doors_of(room.name, call.arrived.caller)
