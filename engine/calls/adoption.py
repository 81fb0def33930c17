"""Holds the calls we know against what the switch has: after a crash, a lost link, and in audits.

What a call missed is put into its mailbox as if it had just been told: an answer, the end of a
leg. The stories need no second way of hearing things.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog

from engine.calls.call import Call
from engine.calls.names import call_of, is_ours
from engine.calls.registry import Registry
from engine.ports import CallArrived, LegAnswered, LegGone, Snapshot

log = structlog.get_logger("adoption")

Witness = Callable[[str], LegGone | None]
"""Who may know when a channel ended while we were not looking."""


class Adoption:
    """Compares the registry's calls with a snapshot. ``grace_seconds``: legs and calls younger than
    that at the time of the snapshot may be on their way, and are left alone."""

    def __init__(self, registry: Registry, witness: Witness, grace_seconds: float) -> None:
        self._registry = registry
        self._witness = witness
        self._grace = grace_seconds

    def compare(self, snapshot: Snapshot) -> set[str]:
        """Bring every call up to date. Returns legs and bridges of ours that no call wants."""
        for call in list(self._registry.calls.values()):
            self._catch_up(call, snapshot)
        for seen in snapshot.channels:
            if seen.ours and not is_ours(seen.channel):
                self._registry.arrived(
                    CallArrived(
                        snapshot.at,
                        seen.channel,
                        seen.entry,
                        seen.did,
                        seen.caller,
                        seen.caller_name,
                        seen.endpoint,
                        seen.sip_call_id,
                        seen.created,
                    )
                )
        return self._strays(snapshot)

    def _catch_up(self, call: Call, snapshot: Snapshot) -> None:
        standing, horizon = call.standing, snapshot.at - self._grace
        states = {seen.channel: seen.state for seen in snapshot.channels}
        bridges = {seen.bridge: seen.channels for seen in snapshot.bridges}
        if standing.talk is not None:
            call.in_bridge = bridges.get(standing.talk.bridge, ())
            if standing.talk.at <= horizon and standing.talk.offer not in states:
                call.deliver(self._end_of(standing.talk.offer, snapshot.at))
        elif standing.offer is not None and standing.offer.at <= horizon:
            leg = standing.offer.offer
            if leg not in states:
                call.deliver(self._end_of(leg, snapshot.at))
            elif states[leg] == "Up":
                call.deliver(LegAnswered(snapshot.at, leg))
        if call.arrived.at <= horizon and call.channel not in states and not call.hanging_up:
            call.deliver(self._end_of(call.channel, snapshot.at))

    def _end_of(self, channel: str, now: float) -> LegGone:
        seen = self._witness(channel)
        log.info("ended_unseen", channel=channel, witnessed=seen is not None)
        return seen or LegGone(now, channel, 0, 0, estimated=True)

    def _strays(self, snapshot: Snapshot) -> set[str]:
        horizon = snapshot.at - self._grace
        legs = {s.channel for s in snapshot.channels if s.created <= horizon}
        names = legs | {seen.bridge for seen in snapshot.bridges}
        return {
            name for name in names if is_ours(name) and call_of(name) not in self._registry.calls
        }
