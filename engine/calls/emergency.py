"""The emergency switch by telephone: who has the PIN of a calendar turns it, and hears its state.

An agent's phone dials the feature code; from anywhere, a number of the routes leads here. The PIN
says which calendar is meant; calendars with the same PIN are switched together.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import structlog

from dialplan.hours import Calendar, HoursState
from engine.call_record import CallOutcome
from engine.calls import notes as n
from engine.calls.announce import answer, say
from engine.calls.call import Call
from engine.calls.keys import ask_keys
from engine.calls.lanes import AGENT, IVR
from engine.calls.switchboard import Switchboard

log = structlog.get_logger("emergency")

PIN_ATTEMPTS = 3
LOCKED_SECONDS = 300.0

_OUTSIDE = "outside"
"""The one door of all who call from outside, as numbers can be forged."""

_ON, _OFF = "1", "2"
_CHOICES = 3


async def emergency_number(call: Call, sb: Switchboard) -> str:
    """The story of a call to the number of the switch. Returns who ended it: 'engine'.

    After a crash it just ends, as a feature code does.
    """
    if call.standing.outcome is CallOutcome.FEATURE:
        return "engine"
    call.note(n.OutcomeSet(call.now(), CallOutcome.FEATURE))
    await answer(call, sb)
    said = await switch_by_phone(call, sb, _OUTSIDE, f"call {call.id}", call.standing.language)
    await say(call, sb, said, call.standing.language)
    return "engine"


async def switch_by_phone(call: Call, sb: Switchboard, door: str, by: str, language: str) -> str:
    """Ask for a PIN, tell the state, and switch. Returns the prompt that tells how it is now.

    ``door`` is what is locked after too many wrong PINs.
    """
    calendars = {name: one for name, one in sb.site.routes.calendars.items() if one.emergency_pin}
    if not calendars:
        log.warning("emergency_without_pin")
        return "not_possible"
    lock = f"emergency {door}"
    meant = await _by_pin(call, sb, calendars, lock, language)
    if not meant:
        return "pin_locked" if sb.lockouts.locked(lock, call.now()) else "goodbye"
    call.step(AGENT, "PIN", IVR, ", ".join(meant))
    for _ in range(_CHOICES):
        prompts = (_state(sb, meant, call.now()), "emergency_choice")
        key = await ask_keys(call, sb, prompts, 1, language)
        if key in (_ON, _OFF):
            sb.switch_emergency(meant, key == _ON, by, "by telephone")
            break
    return _state(sb, meant, call.now())


async def _by_pin(
    call: Call, sb: Switchboard, calendars: Mapping[str, Calendar], door: str, language: str
) -> list[str]:
    """The calendars of the PIN that is typed; none when he types nothing, or the door is locked
    first: a silence is no wrong PIN, and locks nobody out."""
    longest = max(len(one.emergency_pin or "") for one in calendars.values())
    prompts: tuple[str, ...] = ("enter_pin",)
    silences = 0
    while silences < PIN_ATTEMPTS and not sb.lockouts.locked(door, call.now()):
        typed = await ask_keys(call, sb, prompts, longest, language)
        if not typed:
            silences += 1
            continue
        meant = [name for name, one in calendars.items() if one.emergency_pin == typed]
        sb.lockouts.attempted(door, bool(meant), PIN_ATTEMPTS, LOCKED_SECONDS, call.now())
        if meant:
            return meant
        log.warning("pin_refused", phone=call.arrived.endpoint)
        prompts = ("bad_pin", "enter_pin")
    return []


def _state(sb: Switchboard, calendars: Collection[str], now: float) -> str:
    """On when any of them is, by the switch or by the routes."""
    states = {sb.site.hours_status(name, now).state for name in calendars}
    return "emergency_is_on" if HoursState.EMERGENCY in states else "emergency_is_off"
