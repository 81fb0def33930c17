"""Calls that came and went while no engine looked: all that is left of them is their record."""

from __future__ import annotations

from engine.asterisk.witness import Witness
from engine.calls import notes as n
from engine.calls.registry import Registry


def record_missed(registry: Registry, witness: Witness, since: float) -> None:
    """Of all that came after ``since`` (epoch seconds) and are over. What the ledger has already,
    it keeps as it is."""
    for call in witness.came_and_went(since):
        if call.end is not None:
            arrived = n.Arrived(call.began, call.channel, "inbound", call.did, call.caller)
            registry.missed(arrived, call.end)
