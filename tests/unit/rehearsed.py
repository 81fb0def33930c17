"""A small flow on a stage of its own, for the tests of rehearsals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.ivr.context import Context, Opening
from engine.ivr.flowset import FlowSet
from engine.ivr.rehearsal.given import given
from engine.ivr.rehearsal.rehearsal import Rehearsal
from engine.ivr.rehearsal.transcript import rendered
from engine.ivr.rehearsal.voice import Voice
from engine.ivr.rehearsal.world import World
from engine.ivr.schema import Flow

NOON = 1_800_000_000.0
PROMPTS = {
    "welcome": {"en": "Welcome to the shop.", "vi": "Chào mừng quý khách."},
    "choose": {"en": "For sales, press 1. For your account, press 2."},
    "nothing_heard": {"en": "We heard nothing."},
    "wrong_key": {"en": "That key is not in use."},
    "pin": {"en": "Your PIN, please."},
    "closed": {"en": "We are closed now."},
    "sorry": {"en": "Sorry, nobody is free."},
    "bye": {"en": "Good-bye."},
}
NODES: dict[str, Any] = {
    "hours": {"type": "hours", "calendar": "office", "open": "welcome", "closed": "closed"},
    "welcome": {"type": "say", "prompts": "welcome", "next": "main_menu"},
    "main_menu": {
        "type": "menu",
        "prompts": "choose",
        "keys": {"1": {"to": "sales", "phrases": {"en": "sales"}}, "2": "pin"},
        "attempts": 2,
        "timeout_seconds": 4,
        "noinput_prompts": "nothing_heard",
        "nomatch_prompts": "wrong_key",
        "noinput": "bye",
        "nomatch": "bye",
    },
    "pin": {
        "type": "gather",
        "prompts": "pin",
        "variable": "pin",
        "secret": "true",
        "min_digits": "4",
        "max_digits": "6",
        "ok": "account",
        "noinput": "bye",
        "invalid": "bye",
    },
    "account": {
        "type": "http",
        "lookup": "crm",
        "url": "https://crm.example/account",
        "timeout_seconds": 3,
        "save": {"tier": "$.tier", "orders": {"path": "$.orders", "as": "number", "default": "0"}},
        "ok": "tier",
        "error": "sorry",
    },
    "tier": {"type": "if", "when": 'tier == "vip"', "then": "vip", "else": "sales"},
    "vip": {"type": "transfer", "number": "+84901112222", "failed": "sorry"},
    "sales": {
        "type": "queue",
        "queue": "sales",
        "timeout": "sorry",
        "full": "sorry",
        "no_agents": "message",
    },
    "message": {"type": "voicemail", "queue": "sales", "prompts": "sorry", "saved": "bye"},
    "closed": {"type": "hangup", "prompts": "closed"},
    "sorry": {"type": "hangup", "prompts": "sorry", "outcome": "overflowed"},
    "bye": {"type": "hangup", "prompts": "bye"},
}


def flows(nodes: Mapping[str, Any] = NODES, **settings: Any) -> FlowSet:
    """One flow, ``shop``, that starts at its first node."""
    written = {"flow": "shop", "start": next(iter(nodes)), "prompts": PROMPTS, "nodes": nodes}
    return FlowSet({"shop": Flow.model_validate(written | settings)})


def rehearsal(answers: Mapping[str, object] | None = None, **more: Any) -> Rehearsal:
    """A call that has just begun; ``answers`` as in the ``given`` of a test."""
    told = {place: given(place, written) for place, written in (answers or {}).items()}
    world = World(lambda calendar, now: Opening("open"), told)
    context = Context("", "0908887766", "1900", world.hours)
    one = more.pop("flows", None) or flows()
    return Rehearsal(one, "shop", context, world, Voice(PROMPTS, **more), NOON)


def told(call: Rehearsal) -> str:
    """The whole transcript as it is printed."""
    return "\n".join(map(rendered, call.transcript))
