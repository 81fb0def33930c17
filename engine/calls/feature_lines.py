"""Feature codes that lead on: to a parked caller, a talk of others, messages, a room."""

from __future__ import annotations

from typing import Final

from acd.agent_settings import AgentSettings
from dialplan.features import Action, Feature
from dialplan.rooms import room_of
from engine.calls.call import Call
from engine.calls.conferences.entering import enter_room
from engine.calls.feature_agent import by_extension, seated_at
from engine.calls.keys import ask_keys
from engine.calls.mailboxes.listening import listen_to_mailbox
from engine.calls.queueing.nailed_up import keep_line
from engine.calls.spoken import Prompts
from engine.calls.supervising.rights import may_hear
from engine.calls.supervising.supervising import supervise
from engine.calls.switchboard import Switchboard
from engine.calls.talk.lines import lend, return_line
from engine.calls.talk.orders import PickUp
from engine.calls.talk.parties import Watch
from engine.calls.talk.phone_orders import PHONE
from engine.ivr.saying import number_part

LEADS_ON: Final = frozenset({Action.PICK_UP, Action.SUPERVISE, Action.VOICEMAIL, Action.ROOM})
"""The actions that ``lead_on`` knows."""

_LONGEST_SLOT = 2


def asked_for(sb: Switchboard, dialed: str) -> Feature | None:
    """What a phone has dialed: a code, or the extension of a room."""
    wanted = sb.site.features.match(dialed)
    if wanted is None and room_of(sb.site.rooms, dialed) is not None:
        return Feature(Action.ROOM, dialed)
    return wanted


async def lead_on(
    call: Call, sb: Switchboard, wanted: Feature, agent: AgentSettings, language: str
) -> Prompts:
    """Put him through, and return when that is over: with what there is to say then.

    Raises ``NotPossible`` and ``CallerGone``.
    """
    match wanted.action:
        case Action.PICK_UP:
            return await _pick_up(call, sb, wanted.what, agent.name, language)
        case Action.SUPERVISE:
            return await _supervise(call, sb, agent, by_extension(sb, wanted.what))
        case Action.VOICEMAIL:
            await listen_to_mailbox(call, sb, agent.name)
            return ()
        case Action.ROOM:
            said = await enter_room(call, sb, wanted.what, agent.name)
            return (said,) if said else ()
    raise AssertionError(f"{wanted.action} leads nowhere")


async def lead_on_again(call: Call, sb: Switchboard) -> bool:
    """After a crash: what this phone is in goes on. False when it is in nothing."""
    standing, wanted = call.standing, asked_for(sb, call.arrived.did)
    agent = seated_at(sb, call.arrived.endpoint)
    was_in_room = standing.conference is not None or standing.returned is not None
    if (was := standing.supervised) is not None:
        await supervise(call, sb, was.supervisor, was.agent, was.watch)
    elif standing.forwarded is not None and agent is not None:  # with who had left a message
        await listen_to_mailbox(call, sb, agent.name)
    elif was_in_room and wanted is not None and wanted.action is Action.ROOM and agent is not None:
        await enter_room(call, sb, wanted.what, agent.name)
    elif standing.line and standing.lent:
        await return_line(call, sb, standing.line)
    elif standing.line:
        await keep_line(call, sb, standing.line)
    else:
        return False
    return True


async def _pick_up(call: Call, sb: Switchboard, slot: str, agent: str, language: str) -> Prompts:
    parked = sb.parking.all()
    if parked and not slot:
        slots = map(number_part, sorted(map(int, parked)))
        slot = await ask_keys(call, sb, ("parked_are", *slots), _LONGEST_SLOT, language)
        if not slot:
            return ()
    user = sb.registry.calls.get(parked.get(slot, ""))
    if user is None:
        return ("nobody_parked",)
    await lend(call, sb, agent, user, PickUp(agent, PHONE, line=call.channel))
    return ()


async def _supervise(
    call: Call, sb: Switchboard, supervisor: AgentSettings, agent: AgentSettings | None
) -> Prompts:
    if agent is None:
        return ("no_such_agent",)
    if not may_hear(supervisor, agent):
        return ("not_allowed",)
    await supervise(call, sb, supervisor.name, agent.name, Watch.LISTEN)
    return ()
