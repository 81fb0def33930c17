"""The story of a feature code: what an agent dials on his phone, and what he hears of it."""

from __future__ import annotations

import structlog

from acd.agent_settings import AgentSettings
from acd.core import IllegalEvent
from dialplan.features import Action, Feature
from engine.call_record import CallOutcome
from engine.calls import notes as n
from engine.calls.announce import answer, say_all
from engine.calls.call import Call
from engine.calls.emergency import switch_by_phone
from engine.calls.feature_agent import SAID, by_extension, seated_at, status, tell_desk
from engine.calls.feature_lines import LEADS_ON, asked_for, lead_on, lead_on_again
from engine.calls.keys import ask_keys
from engine.calls.lanes import ACD, AGENT
from engine.calls.queueing.nailed_up import keep_line
from engine.calls.spoken import Prompts
from engine.calls.switchboard import Switchboard
from engine.calls.talk.orders import NotPossible
from engine.calls.talk.phone_keys import language_of

log = structlog.get_logger("feature")

_PIN_ATTEMPTS = 3

NO_SUCH_CODE: Prompts = ("no_such_code",)
NOT_POSSIBLE: Prompts = ("not_possible",)


async def feature(call: Call, sb: Switchboard) -> str:
    """Do what the code asks, and say so. Returns who ended the call: 'engine'.

    A nailed-up agent who logs in stays connected, and who picks a caller up talks with him. After
    a crash any other call just ends: what it asked for may be done, and must not be done again.
    """
    if await lead_on_again(call, sb) or call.standing.outcome is CallOutcome.FEATURE:
        return "engine"
    call.note(n.OutcomeSet(call.now(), CallOutcome.FEATURE))
    wanted = asked_for(sb, call.arrived.did)
    agent = _agent_of(call, sb, wanted)
    await answer(call, sb)
    language = language_of(sb, agent.name if agent is not None else "")
    said = await _do(call, sb, wanted, agent, language)
    if agent is not None and agent.nailed_up and said == (SAID[Action.LOGIN],):
        return await keep_line(call, sb, agent.name, said[0], language)
    if said:
        await say_all(call, sb, said, language)
    return "engine"


def _agent_of(call: Call, sb: Switchboard, wanted: Feature | None) -> AgentSettings | None:
    """Who it is about: the agent who logs in at another's phone, else who sits at this one."""
    if wanted is not None and wanted.action is Action.LOGIN and wanted.what:
        return by_extension(sb, wanted.what)
    return seated_at(sb, call.arrived.endpoint)


def _who(call: Call, agent: AgentSettings | None) -> str:
    phone = f"phone {call.arrived.endpoint}"
    return phone if agent is None else f"{agent.name}, {phone}"


async def _do(
    call: Call,
    sb: Switchboard,
    wanted: Feature | None,
    agent: AgentSettings | None,
    language: str,
) -> Prompts:
    """Carry it out; returns what tells how it went, () when there is nothing to tell."""
    phone = call.arrived.endpoint
    if wanted is None:
        log.warning("feature_unknown", dialed=call.arrived.did, phone=phone)
        return NO_SUCH_CODE
    if wanted.action is Action.EMERGENCY:
        return (await switch_by_phone(call, sb, phone, _who(call, agent), language),)
    if agent is None:
        log.warning("feature_unknown", dialed=call.arrived.did, phone=phone)
        return NOT_POSSIBLE
    if wanted.action is Action.STATUS:
        return status(sb, agent)
    try:
        if wanted.action in LEADS_ON:
            return await lead_on(call, sb, wanted, agent, language)
        return await _say_of_himself(call, sb, wanted, agent, language)
    except (IllegalEvent, NotPossible) as error:
        log.warning("feature_refused", agent=agent.name, reason=str(error))
        return NOT_POSSIBLE


async def _say_of_himself(
    call: Call, sb: Switchboard, wanted: Feature, agent: AgentSettings, language: str
) -> Prompts:
    phone = call.arrived.endpoint
    elsewhere = wanted.action is Action.LOGIN and agent.extension != phone
    if elsewhere and not await _knows_pin(call, sb, agent, language):
        return ("bad_pin",)
    tell_desk(sb, wanted, agent, phone)
    call.step(AGENT, wanted.action, ACD, agent.name)
    return (SAID[wanted.action],)


async def _knows_pin(call: Call, sb: Switchboard, agent: AgentSettings, language: str) -> bool:
    """At another's phone an agent proves who he is. Without a PIN he cannot."""
    if agent.pin is None:
        return False
    for _ in range(_PIN_ATTEMPTS):
        if await ask_keys(call, sb, ("enter_pin",), len(agent.pin), language) == agent.pin:
            return True
    log.warning("pin_refused", agent=agent.name, phone=call.arrived.endpoint)
    return False
