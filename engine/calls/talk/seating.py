"""Brings the switch to what a conversation says: who is in which bridge, hears music, is heard."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import structlog

from engine.calls.call import Call
from engine.calls.lanes import ARI
from engine.calls.switchboard import Switchboard, destroy_quietly
from engine.calls.talk.conversation import Conversation, Seat
from engine.ports import Gone, PbxError

log = structlog.get_logger("talk")

_AGAIN_SECONDS = 1.0
"""When a command is given again that the switch did not obey."""


_NOWHERE = "?"
"""In a bridge, or in none: nobody knows."""


def _opposite(seat: Seat, bridge: str) -> Seat:
    """From where all has to be done to come to this seat."""
    return Seat(bridge, not seat.music, not seat.silent, not seat.rings)


class Seating:
    """What the switch does now, as far as we know, and the commands that make it what is wanted.

    A leg that is gone is forgotten: the mailbox tells of it. What fails for another reason is tried
    again at ``again_at``.
    """

    def __init__(self, call: Call, sb: Switchboard) -> None:
        self.again_at: float | None = None
        self._call, self._sb = call, sb
        self._now: dict[str, Seat | None] = {}
        """None where nobody knows how much of what was wanted was done."""
        self._bridges: set[str] = set()
        self._lines: set[str] = set()
        """Channels of other calls, which stay when they leave the talk."""
        self._agents: set[str] = set()
        """The legs whose keys nobody hears: they may be codes."""

    def found(self, bridge: str, legs: Collection[str], unsure: Collection[str] = ()) -> None:
        """These are in this bridge, hear no music, and are heard; of those who are ``unsure`` a
        talk before this one may have left something."""
        self._bridges.add(bridge)
        self._now |= {leg: Seat(bridge, leg in unsure, leg in unsure) for leg in legs}

    async def recover(self, conversation: Conversation, connected: Collection[str] | None) -> None:
        """After a crash: with ``connected`` in the bridge, or without any (None), do all that is
        wanted, for nobody knows what was done."""
        seats, bridge = conversation.seats(), conversation.bridge
        if connected is not None:
            self._bridges.add(bridge)
        for leg, seat in seats.items():
            there = bridge if leg in (connected or ()) else _NOWHERE
            self._now[leg] = _opposite(seat, there)
        await self.bring(conversation)

    async def bring(self, conversation: Conversation) -> None:
        """Everybody to his seat, the caller first."""
        self.again_at = None
        wanted, bridges = conversation.seats(), set(conversation.bridges())
        for bridge in bridges - self._bridges:
            await self._make(bridge)
        for leg in [leg for leg in self._now if leg not in wanted]:
            await self._see_off(leg)
        self._agents = {party.leg for party in conversation.parties.values() if party.agent}
        self._lines |= {party.leg for party in conversation.parties.values() if party.line}
        for leg, seat in wanted.items():
            await self._lead(leg, self._now.get(leg, Seat("")), seat)
        for bridge in self._bridges - bridges:
            self._bridges.discard(bridge)
            await destroy_quietly(self._sb, bridge)

    async def disturbed(self, leg: str, conversation: Conversation) -> None:
        """He was sent keys, or told something: that has ended his music, or his ringing."""
        was = self._now.get(leg)
        if was is not None:
            self._now[leg] = replace(was, music=False, rings=False)
            await self.bring(conversation)

    async def disband(self, conversation: Conversation, caller: str) -> None:
        """All are apart; the caller, and lines that stay connected, hear no music and are heard."""
        for leg, was in list(self._now.items()):
            if leg == caller or leg in self._lines:
                await self._lead(leg, was, Seat(was.bridge if was is not None else ""))
        for bridge in {*self._bridges, *conversation.bridges()}:
            await destroy_quietly(self._sb, bridge)

    async def _see_off(self, leg: str) -> None:
        """He left: our own leg is hung up, a line goes back to what it was."""
        if leg not in self._lines or await self._lead(leg, self._now[leg], Seat("")):
            del self._now[leg]

    async def _make(self, bridge: str) -> None:
        try:
            await self._sb.pbx.create_bridge(bridge, self._call.id)
            self._bridges.add(bridge)
        except PbxError as error:
            self._failed(bridge, error)

    async def _lead(self, leg: str, was: Seat | None, seat: Seat) -> bool:
        """Whether nothing more is to be done: he is there, or gone. ``Gone`` may be the bridge, so
        of who is still wanted nobody knows where he is."""
        was = _opposite(seat, _NOWHERE) if was is None else was
        if was == seat:
            return True
        self._now[leg] = None
        try:
            await self._move(leg, was, seat)
            self._now[leg] = seat
        except Gone:
            return True
        except PbxError as error:
            self._failed(leg, error)
            return False
        return True

    async def _move(self, leg: str, was: Seat, seat: Seat) -> None:
        """Silent before he is anywhere else, and heard again only when he is there."""
        pbx = self._sb.pbx
        if was.rings and not seat.rings:
            await pbx.ring(leg, False)
        if seat.silent and not was.silent:
            await pbx.mute(leg, True)
        if was.music and not seat.music:
            await pbx.stop_music(leg)
        if was.bridge != seat.bridge:
            if seat.bridge:
                await pbx.join(seat.bridge, (leg,), keys=leg not in self._agents)
            elif was.bridge != _NOWHERE:
                await pbx.leave(was.bridge, leg)
            else:
                for bridge in self._bridges:
                    await pbx.leave(bridge, leg)
        if seat.music and not was.music:
            await pbx.start_music(leg, self._music)
        if was.silent and not seat.silent:
            await pbx.mute(leg, False)
        if seat.rings and not was.rings:
            await pbx.ring(leg, True)

    @property
    def _music(self) -> str:
        talk = self._call.standing.talk
        return self._sb.queue(talk.queue if talk is not None else "").music

    def _failed(self, what: str, error: PbxError) -> None:
        self.again_at = self._call.now() + _AGAIN_SECONDS
        log.warning("not_seated", channel=what, reason=str(error))
        self._call.step(ARI, "not obeyed", ARI, str(error))
