"""Nodes and flows that tests of the interpreter write often."""

from __future__ import annotations

from typing import Any

from engine.ivr.schema import Flow
from tests.unit.ivr_caller import ends, flow_of

EXITS = ends("done", "silent", "lost")
CRM = {
    "type": "http",
    "url": "https://crm.example/customers/{{ call.caller }}",
    "save": {"tier": {"path": "$.tier", "as": "text", "default": "none"}, "n": "$.orders[0].id"},
    "ok": "done",
    "error": "lost",
}


def say(prompts: Any, next_: str = "done", **settings: Any) -> dict[str, Any]:
    """A node that says this and goes on."""
    return {"type": "say", "prompts": prompts, "next": next_, **settings}


def sub(name: str, nodes: dict[str, Any], **settings: Any) -> Flow:
    """Another flow."""
    return flow_of(nodes, flow=name, **settings)
