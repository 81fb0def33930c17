"""The story of a feature code: an agent logs in, goes ready or pauses; the emergency switch."""

from __future__ import annotations

import structlog

from acd.core import IllegalEvent
from acd.messages import AcdEvent, AgentLoggedIn, AgentLoggedOut, AgentPaused, AgentReady
from acd.queues import AgentSettings
from dialplan.features import Action, Feature
from engine.call_record import CallOutcome
from engine.calls import notes as n
from engine.calls.announce import answer, say
from engine.calls.call import Call
from engine.calls.emergency import switch_by_phone
from engine.calls.keys import ask_keys
from engine.calls.lanes import ACD, AGENT
from engine.calls.queueing.nailed_up import keep_line
from engine.calls.switchboard import Switchboard

log = structlog.get_logger("feature")

_PIN_ATTEMPTS = 3

_SAID = {
    Action.LOGIN: "logged_in",
    Action.LOGOUT: "logged_out",
    Action.READY: "ready",
    Action.PAUSE: "paused",
}


async def feature(call: Call, sb: Switchboard) -> str:
    """Do what the code asks, and say so. Returns who ended the call: 'engine'.

    A nailed-up agent who logs in stays connected. After a crash any other call just ends: what it
    asked for may be done, and must not be done again.
    """
    if call.standing.line:
        return await keep_line(call, sb, call.standing.line)
    if call.standing.outcome is CallOutcome.FEATURE:
        return "engine"
    call.note(n.OutcomeSet(call.now(), CallOutcome.FEATURE))
    wanted = sb.site.features.match(call.arrived.did)
    agent = _agent_of(call, sb, wanted)
    await answer(call, sb)
    language = (agent.languages[0] if agent and agent.languages else "") or sb.default_language
    if wanted is not None and wanted.action is Action.EMERGENCY:
        said = await switch_by_phone(call, sb, call.arrived.endpoint, _who(call, agent), language)
    else:
        said = await _do(call, sb, wanted, agent, language)
    if agent is not None and agent.nailed_up and said == _SAID[Action.LOGIN]:
        return await keep_line(call, sb, agent.name, said, language)
    await say(call, sb, said, language)
    return "engine"


def _agent_of(call: Call, sb: Switchboard, wanted: Feature | None) -> AgentSettings | None:
    """Who it is about: the agent named in the code, else who sits at this phone."""
    phone = call.arrived.endpoint
    if wanted is not None and wanted.agent:
        return _by_extension(sb, wanted.agent)
    for seated in sb.desk.acd.agents():
        if seated.endpoint == phone:
            return sb.site.agents.get(seated.name)
    return _by_extension(sb, phone)


def _who(call: Call, agent: AgentSettings | None) -> str:
    phone = f"phone {call.arrived.endpoint}"
    return phone if agent is None else f"{agent.name}, {phone}"


def _by_extension(sb: Switchboard, extension: str) -> AgentSettings | None:
    return next((a for a in sb.site.agents.values() if a.extension == extension), None)


async def _do(
    call: Call,
    sb: Switchboard,
    wanted: Feature | None,
    agent: AgentSettings | None,
    language: str,
) -> str:
    """Carry it out; returns the prompt that tells how it went."""
    phone = call.arrived.endpoint
    if wanted is None or agent is None:
        log.warning("feature_unknown", dialed=call.arrived.did, phone=phone)
        return "not_possible"
    elsewhere = wanted.action is Action.LOGIN and agent.extension != phone
    if elsewhere and not await _knows_pin(call, sb, agent, language):
        return "bad_pin"
    try:
        sb.desk.post(_event(wanted, agent, phone))
    except IllegalEvent as error:
        log.warning("feature_refused", agent=agent.name, reason=str(error))
        return "not_possible"
    call.step(AGENT, wanted.action, ACD, agent.name)
    return _SAID[wanted.action]


def _event(wanted: Feature, agent: AgentSettings, phone: str) -> AcdEvent:
    match wanted.action:
        case Action.LOGIN:
            return AgentLoggedIn(agent.name, phone)
        case Action.LOGOUT:
            return AgentLoggedOut(agent.name)
        case Action.READY:
            return AgentReady(agent.name)
        case Action.PAUSE:
            return AgentPaused(agent.name, wanted.reason or "break")
        case Action.EMERGENCY:
            raise AssertionError("no event of an agent")


async def _knows_pin(call: Call, sb: Switchboard, agent: AgentSettings, language: str) -> bool:
    """At another's phone an agent proves who he is. Without a PIN he cannot."""
    if agent.pin is None:
        return False
    for _ in range(_PIN_ATTEMPTS):
        if await ask_keys(call, sb, ("enter_pin",), len(agent.pin), language) == agent.pin:
            return True
    log.warning("pin_refused", agent=agent.name, phone=call.arrived.endpoint)
    return False
