"""The command of ``AsteriskPbx`` by which a supervisor listens to an agent, and whispers to him."""

from __future__ import annotations

from contextlib import suppress

from engine.asterisk.pbx_link import PbxLink
from engine.asterisk.translate import OWN_LEG
from engine.ports import NotInStasis, PbxError, Refused


class SupervisingCommands(PbxLink):
    """A snoop channel stands for the agent in the supervisor's bridge.

    It is an audio hook at the agent's leg: the bridge that he talks in does not know of it, so
    nobody there loses a frame, and it goes where the leg goes. A whisper is mixed into what is sent
    to the agent; to a leg to which nothing is sent, nothing is whispered (22.10).
    """

    async def snoop(self, channel: str, snoop: str, bridge: str) -> None:
        """Let ``bridge`` hear the channel, and whisper to it. ``Gone`` when it has just ended."""
        with suppress(Refused, NotInStasis):  # 409: an answer that was lost
            await self.ari.channels.snoop_channel(
                channel, self._app, spy="both", whisper="out", app_args=OWN_LEG, snoop_id=snoop
            )
        add = self.ari.bridges.add_channel
        try:
            await self._once_entered(lambda: add(bridge, [snoop]))
        except PbxError:
            await self.hang_up(snoop)  # it listens for nobody
            raise
