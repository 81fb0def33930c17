"""Where a supervisor is at the switch: with an agent, or with music between two of his talks.

He has a bridge of his own, in which a snoop stands for the agent: there he hears the agent and
whoever that one talks with. Muted, he listens; else he whispers. To join in he goes over into the
bridge of the talk. The talk itself is never touched.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

import structlog

from engine.calls.call import Call
from engine.calls.lanes import ARI
from engine.calls.switchboard import Switchboard, destroy_quietly, hang_up_quietly
from engine.calls.talk.orders import AgentTalks
from engine.calls.talk.parties import Watch
from engine.ports import Gone, PbxError

log = structlog.get_logger("supervising")

MUSIC: Final = "default"
_AGAIN_SECONDS, _SOON_SECONDS = 1.0, 0.2
"""When a command is given again that the switch did not obey, or for which it had not all yet."""


class ListeningPost:
    """What the switch does for one supervisor, and the commands that make it what is wanted.

    What fails is tried again at ``again_at``.
    """

    def __init__(self, call: Call, sb: Switchboard) -> None:
        self.again_at: float | None = None
        self.snoop = ""
        self._call, self._sb = call, sb
        self._bridge = ""
        self._leg = ""
        """Whose leg the snoop is on."""
        self._where = ""
        self._muted: bool | None = None
        self._music = False

    async def bring(self, talk: AgentTalks | None, watch: Watch) -> None:
        """To this talk, to be in it like this; without one, to the music."""
        self.again_at = None
        try:
            if talk is None:
                await self._wait()
            else:
                await self._attend(talk, watch)
        except Gone:  # the agent's leg, of which the mailbox tells; or a bridge still to be made
            self.again_at = self._call.now() + _SOON_SECONDS
        except PbxError as error:
            self.again_at = self._call.now() + _AGAIN_SECONDS
            log.warning("not_supervised", reason=str(error))
            self._call.step(ARI, "not obeyed", ARI, str(error))

    def lost(self, leg: str) -> bool:
        """Whether the leg that ended was the snoop; it is to be made again if the agent's lives."""
        if leg != self.snoop:
            return False
        self.snoop = self._leg = ""
        return True

    async def step_out(self) -> None:
        """He is where he may be taken from: in no bridge of ours, without music, and heard."""
        await self._drop_snoop()
        with suppress(PbxError):  # whoever takes him puts him where he is wanted
            await self._play_music(False)
            await self._mute(False)

    async def close(self) -> None:
        """Nothing is left of it."""
        await self._drop_snoop()
        if self._bridge:
            await destroy_quietly(self._sb, self._bridge)
            self._bridge = ""

    def forget(self) -> None:
        """He was in other hands, which let go of him: he is in no bridge, and hears no music."""
        self._where, self._muted, self._music = "", None, False

    # -- inside -------------------------------------------------------------------------------

    async def _wait(self) -> None:
        await self._drop_snoop()
        if self._where:
            await self._sb.pbx.leave(self._where, self._call.channel)
            self._where = ""
        await self._play_music(True)

    async def _attend(self, talk: AgentTalks, watch: Watch) -> None:
        """Silent before he is anywhere else, and heard again only when he is there."""
        if watch is Watch.LISTEN:
            await self._mute(True)
        if self._leg != talk.leg:
            await self._drop_snoop()
            await self._listen_to(talk.leg)
        await self._play_music(False)
        joins = watch is Watch.BARGE and talk.bridge  # whom the agent calls rings, without one
        await self._go(talk.bridge if joins else self._bridge)
        if watch is not Watch.LISTEN:
            await self._mute(False)

    async def _listen_to(self, leg: str) -> None:
        call, pbx = self._call, self._sb.pbx
        if not self._bridge:
            bridge = call.new_id("b")
            await pbx.create_bridge(bridge, call.id)
            self._bridge = bridge
        snoop = call.new_id("v")
        try:
            await pbx.snoop(leg, snoop, self._bridge)
        except PbxError:  # it may be there, and in no bridge
            await hang_up_quietly(self._sb, snoop)
            raise
        self.snoop, self._leg = snoop, leg

    async def _go(self, bridge: str) -> None:
        if self._where != bridge:
            await self._sb.pbx.join(bridge, (self._call.channel,), keys=False)
            self._where = bridge

    async def _mute(self, muted: bool) -> None:
        if self._muted is not muted:
            await self._sb.pbx.mute(self._call.channel, muted)
            self._muted = muted

    async def _play_music(self, playing: bool) -> None:
        pbx, channel = self._sb.pbx, self._call.channel
        if playing and not self._music:
            await pbx.start_music(channel, MUSIC)
        elif self._music and not playing:
            await pbx.stop_music(channel)
        self._music = playing

    async def _drop_snoop(self) -> None:
        snoop, self.snoop, self._leg = self.snoop, "", ""
        if snoop:
            await hang_up_quietly(self._sb, snoop)
