"""The script of the ``http`` node."""

from __future__ import annotations

from engine.ivr.messages import LookupEnded
from engine.ivr.schema import Http
from engine.ivr.steps import Fetch, Script
from engine.ivr.turn import Turn


def http(node: Http, turn: Turn) -> Script:
    """Ask, keep what is wanted of the answer, and leave by what became of it."""
    if turn.was_sent():
        return node.way_out("error")
    request = turn.request(node, node.lookup or turn.node)
    ended: LookupEnded = yield Fetch(request, node.filler, node.filler_after_seconds)
    if ended.result == "ok" and not turn.save(node.save, ended.body):
        return node.way_out("error")
    return node.way_out(ended.result)
