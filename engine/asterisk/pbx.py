"""``engine.ports.Pbx`` over ARI: how stories command Asterisk."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress

from engine.asterisk.pbx_hearing import HearingCommands
from engine.asterisk.pbx_link import ENDPOINT, checked
from engine.asterisk.pbx_phones import PhoneCommands
from engine.asterisk.pbx_recording import RecordingCommands
from engine.asterisk.pbx_supervising import SupervisingCommands
from engine.asterisk.translate import OWN_LEG
from engine.ports import Gone, NotInStasis, PbxError, Refused

_NUMBER = re.compile(r"[0-9+*#]{1,32}")
_ANSWER_BY_ITSELF = {
    "PJSIP_HEADER(add,Call-Info)": "<sip:127.0.0.1>;answer-after=0",  # most phones and softphones
    "PJSIP_HEADER(add,Alert-Info)": "<http://127.0.0.1>;info=alert-autoanswer",  # Polycom, Aastra
}
_MIXING = "mixing,dtmf_events,video_sfu"
"""The last keeps it in one technology: when a third came, two would lose 20 ms of each other."""
_DIAL_GRACE_SECONDS = 5
"""Asterisk's own ring timeout, behind ours: it only matters when the engine is away."""


class AsteriskPbx(RecordingCommands, HearingCommands, SupervisingCommands, PhoneCommands):
    """One Asterisk."""

    # -- the caller's channel -----------------------------------------------------------------

    async def answer(self, channel: str) -> None:
        """Answer a caller; answering twice does no harm."""
        async with self._lane(channel):
            await self.ari.channels.answer(channel)

    async def play(self, channel: str, playback: str, media: Sequence[str], language: str) -> None:
        """Play a list of media URIs under one id."""
        async with self._lane(channel):
            await self.ari.channels.play(channel, media, lang=language, playback_id=playback)

    async def stop_playback(self, channel: str, playback: str) -> None:
        """Stop a prompt; one that has ended by itself is a success."""
        async with self._lane(channel):
            with suppress(Gone):
                await self.ari.playbacks.stop(playback)

    async def play_to_all(self, bridge: str, playback: str, media: Sequence[str]) -> None:
        """Play a list of media URIs to everybody in a bridge."""
        await self.ari.bridges.play(bridge, media, playback_id=playback)

    async def start_music(self, channel: str, music: str) -> None:
        """Music on hold: it goes on when the engine dies."""
        async with self._lane(channel):
            await self.ari.channels.start_moh(channel, moh_class=music)

    async def stop_music(self, channel: str) -> None:
        """The music ends."""
        async with self._lane(channel):
            await self.ari.channels.stop_moh(channel)

    async def hand_over(self, channel: str, context: str, extension: str) -> None:
        """Give the channel back to the dialplan."""
        async with self._lane(channel):
            await self.ari.channels.continue_in_dialplan(
                channel, context=context, extension=extension, priority=1
            )

    # -- legs and bridges ---------------------------------------------------------------------

    async def dial(
        self,
        channel: str,
        endpoint: str,
        *,
        caller: str,
        ring_seconds: float,
        shows: str = "",
        auto_answer: bool = False,
    ) -> None:
        """Ring a phone. ``Refused`` when it is not registered."""
        target = f"PJSIP/{checked(endpoint, ENDPOINT)}"
        known = _NUMBER.fullmatch(shows) is not None  # else it is withheld, or a name
        face = _face(shows) if known and not caller else {}
        headers = _ANSWER_BY_ITSELF if auto_answer else {}
        await self._call(channel, target, caller or None, face | headers, ring_seconds)

    async def dial_number(
        self, channel: str, number: str, trunk: str, *, caller_id: str, ring_seconds: float
    ) -> None:
        """Ring a number outside. ``Refused`` when the trunk has no address."""
        target = f"PJSIP/{checked(number, _NUMBER)}@{checked(trunk, ENDPOINT)}"
        await self._call(channel, target, None, _face(caller_id), ring_seconds)

    async def ring(self, channel: str, ringing: bool) -> None:
        """The tone of a phone that rings elsewhere, made here."""
        async with self._lane(channel):
            if ringing:
                await self.ari.channels.ring(channel)
            else:
                await self.ari.channels.ring_stop(channel)

    async def _call(
        self,
        channel: str,
        target: str,
        caller: str | None,
        variables: dict[str, str],
        ring_seconds: float,
    ) -> None:
        """Make the leg and let it ring; one cancelled meanwhile is hung up."""
        async with self._lane(channel):
            await self.ari.channels.create(
                target,
                self._app,
                app_args=OWN_LEG,
                channel_id=channel,
                originator=caller,
                variables=variables or None,
            )
            if channel in self._cancelled:
                await self.ari.channels.hangup(channel)
                raise Gone(f"{channel} was cancelled")
            try:
                timeout = int(ring_seconds) + _DIAL_GRACE_SECONDS
                dial = self.ari.channels.dial
                await self._once_entered(lambda: dial(channel, caller=caller, timeout=timeout))
            except PbxError:
                await self.hang_up(channel)  # it is made, and would ring nobody
                raise

    async def create_bridge(self, bridge: str, name: str) -> None:
        """A mixing bridge in which DTMF stays visible to us; one that is there is a success."""
        try:
            await self.ari.bridges.create(type=_MIXING, bridge_id=bridge, name=name)
        except Refused as refused:  # an engine that crashed may have made it
            try:
                await self.ari.bridges.get(bridge)
            except Gone:
                raise refused from None

    async def destroy_bridge(self, bridge: str) -> None:
        """Remove a bridge; one that is gone is a success."""
        with suppress(Gone):
            await self.ari.bridges.destroy(bridge)

    async def join(self, bridge: str, channels: Sequence[str], *, keys: bool = True) -> None:
        """Put channels into a bridge. ``Gone`` when one of them has just ended."""
        try:
            await self.ari.bridges.add_channel(bridge, channels, absorb_dtmf=not keys)
        except (Refused, NotInStasis) as error:  # 400 and 422: unknown, or ended just now
            raise Gone(str(error)) from error

    async def leave(self, bridge: str, channel: str) -> None:
        """Out of a bridge; who is not in it, or is gone, is a success."""
        with suppress(Gone, Refused, NotInStasis):  # 404, 400 and 422
            await self.ari.bridges.remove_channel(bridge, [channel])

    async def send_keys(self, channel: str, keys: str) -> None:
        """One key each 0.2 s; what he hears of the others is cut meanwhile."""
        async with self._lane(channel):
            await self.ari.channels.send_dtmf(channel, dtmf=keys)

    async def mute(self, channel: str, muted: bool) -> None:
        """What is said at this channel goes nowhere; DTMF does."""
        async with self._lane(channel):
            if muted:
                await self.ari.channels.mute(channel, direction="in")
            else:
                await self.ari.channels.unmute(channel, direction="in")


def _face(number: str) -> dict[str, str]:
    """What makes a leg show ``number``: to SIP the connected party is who calls."""
    if not number:
        return {}
    return {"CONNECTEDLINE(num,i)": checked(number, _NUMBER), "CONNECTEDLINE(num-pres)": "allowed"}
