"""The places of some flows that a test may say something of: their lookups, queues, calendars …"""

from __future__ import annotations

from collections.abc import Iterator

from engine.ivr import schema
from engine.ivr.flowset import FlowSet

ANY = "*"
"""A name that is only known in the call, so that any name may be given."""


def places(flows: FlowSet, flow: str) -> frozenset[str]:
    """All that a call in ``flow`` may come to, such as ``queue.sales``; ``transfer.*`` where the
    number is in a variable."""
    return frozenset(
        place
        for one in _through(flows, flow)
        for name, node in flows.flows[one].nodes.items()
        for place in _places(name, node)
    )


def _through(flows: FlowSet, flow: str) -> set[str]:
    """The flows that a call in ``flow`` may go through."""
    found: set[str] = set()
    coming = [flow]
    while coming:
        name = coming.pop()
        if name in flows.flows and name not in found:
            found.add(name)
            nodes = flows.flows[name].nodes.values()
            coming += [node.flow for node in nodes if isinstance(node, schema.SubFlow)]
    return found


def _places(name: str, node: schema.Node) -> Iterator[str]:
    match node:
        case schema.Http():
            yield f"http.{node.lookup or name}"
        case schema.Identify():
            kinds = {"lookup": name, "pin": f"{name}.pin", "code": f"{name}.code"}
            yield from (f"http.{kinds[str(at[0])]}" for at, _ in node.calls())
            yield "locked.*"
        case schema.Payment():
            yield f"http.{name}.gateway"
        case schema.Hours():
            yield f"hours.{node.calendar}"
        case schema.Queue():
            yield f"queue.{node.queue}"
        case schema.Callback():
            yield f"callback.{node.queue}"
        case schema.Voicemail():
            yield f"voicemail.{node.queue or node.agent}"
        case schema.Transfer():
            yield f"transfer.{_fixed(node.number or node.agent)}"
        case schema.Conference():
            yield f"conference.{_fixed(node.room)}"
        case _:
            pass


def _fixed(template: str) -> str:
    return ANY if "{{" in template else template
