"""What supervision asks of the real Asterisk: an ear at an agent's leg, which may whisper to it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from test_trunk import opened

from engine.demo import tones
from engine.demo.rtp import RtpParty, parties
from engine.ports import Gone, LegAnswered, PbxError
from tests.udp_carrier import UdpCarrier

AGENT, SUPERVISOR, BRIDGE, EAR = "100.1-c1", "100.1-c2", "100.1-b1", "100.1-v1"
AGENTS_TONE, SUPERVISORS_TONE = 440.0, 620.0


async def test_an_ear_hears_the_agent_and_whispers_to_him_unless_it_is_muted(
    tmp_path: Path,
) -> None:
    agent, supervisor = RtpParty(tone_hz=AGENTS_TONE), RtpParty(tone_hz=SUPERVISORS_TONE)
    async with (
        parties("127.0.0.2", [agent, supervisor]),
        UdpCarrier(parties=[agent, supervisor]) as carrier,
        opened(tmp_path, carrier.contact) as switch,
    ):
        pbx = switch.pbx
        for leg in (AGENT, SUPERVISOR):
            await pbx.dial_number(leg, "0901", "trunk", caller_id="", ring_seconds=20)
            await (await carrier.next()).answer()
            while not isinstance(await switch.next(), LegAnswered):
                pass
        await pbx.start_music(AGENT, "default")
        await pbx.create_bridge(BRIDGE, "supervision")
        for _ in range(2):  # an answer that was lost is asked for again
            await pbx.snoop(AGENT, EAR, BRIDGE)
        await pbx.mute(SUPERVISOR, True)
        await pbx.join(BRIDGE, [SUPERVISOR], keys=False)
        await _until_heard(supervisor, AGENTS_TONE)
        assert not tones.find(agent.heard(), SUPERVISORS_TONE).is_heard
        await pbx.mute(SUPERVISOR, False)
        await _until_heard(agent, SUPERVISORS_TONE)

        with pytest.raises(PbxError):
            await pbx.snoop(AGENT, "100.1-v2", "100.1-b9")
        with pytest.raises(Gone):
            await pbx.snoop("no.such", "100.1-v3", BRIDGE)
        await pbx.hang_up(AGENT)
        async with asyncio.timeout(60):  # the ear ends with him, and is not told of
            while True:
                if [seen.channel for seen in (await pbx.snapshot()).channels] == [SUPERVISOR]:
                    break
                await asyncio.sleep(0.05)
        await pbx.destroy_bridge(BRIDGE)
        await pbx.hang_up(SUPERVISOR)


async def _until_heard(party: RtpParty, hz: float) -> None:
    async with asyncio.timeout(60):
        while True:
            if tones.find(party.heard(), hz).seconds > 0.3:
                return
            await asyncio.sleep(0.05)
