"""Somebody is asked into a room: by a member's key, or by the API.

Who is invited is a call of its own, as a callback is: a contact without a channel until he answers,
with its own notes. So his phone that rings belongs to nobody who may hang up meanwhile, and after a
crash it goes on to ring, or is hung up, whoever else is in the room.
"""

from __future__ import annotations

from dialplan.numbers import normalise
from dialplan.outbound import Way
from engine.calls.call import Call
from engine.calls.conferences.notes import Invited
from engine.calls.conferences.rooms import Member
from engine.calls.errands.calling_agents import phone_of, release
from engine.calls.errands.dialing import AgentPhone, way_to
from engine.calls.mail import CallbackCancelled
from engine.calls.outcomes import Missed
from engine.calls.switchboard import Switchboard
from engine.calls.talk.parties import Role


def invite(
    sb: Switchboard, room: str, wanted: str, role: Role, by: Member | None = None
) -> Call | None:
    """Ring an agent (by his name or his extension) or a number for this room; None when neither
    may be rung, or he is busy or not there."""
    to = whom(sb, wanted)
    if isinstance(to, Missed):
        return None
    now = sb.clock.now()
    caller = by.call if by is not None else None
    asked = Invited(
        now,
        room,
        to.number if isinstance(to, Way) else to.extension,
        agent=to.agent if isinstance(to, AgentPhone) else "",
        role=role,
        by=caller.arrived.caller if caller is not None else "",
        name=by.joined.name if by is not None else "",
        language=caller.standing.language if caller is not None else sb.default_language,
    )
    return sb.registry.open(_new_id(sb, now), asked)


def whom(sb: Switchboard, wanted: str) -> Way | AgentPhone | Missed:
    """How he is reached: an agent by his name or extension, else a number by the rules for those.
    Why not, when he is not there or must not be dialed."""
    agents = sb.site.agents
    if wanted in agents or any(wanted == agent.extension for agent in agents.values()):
        return phone_of(sb, wanted)
    number = normalise(wanted, sb.site.outbound.region)
    return (way_to(sb, number) if number else None) or Missed.BARRED


def uninvite(sb: Switchboard, room: str) -> None:
    """Nobody is there any more: phones that ring for it stop."""
    for call in sb.registry.calls.values():
        asked = call.standing.invited
        if asked is not None and asked.room == room and not call.channel:
            call.deliver(CallbackCancelled("nobody is in the room any more"))


def _new_id(sb: Switchboard, now: float) -> str:
    """``iv-`` and when it was: never used before."""
    number = 1
    while sb.registry.knows(name := f"iv-{int(now * 1000)}.{number}"):
        number += 1
    return name


def free_agent(call: Call, sb: Switchboard, agent: str, at: float) -> None:
    """He has time for callers again; nothing, when he had all the while."""
    tasks = (task for view in sb.desk.acd.agents() if view.name == agent for task in view.tasks)
    if any(task.contact == call.id for task in tasks):
        release(call, sb, agent, at, heard=False)
