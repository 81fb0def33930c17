"""What errands ask of the real Asterisk: a whole call recorded, paused and gone on with; a caller
put through by his own trunk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from test_trunk import Switch, opened
from udp_caller import UdpCaller

from engine.demo import tones
from engine.demo.rtp import RtpParty, parties
from engine.ports import (
    CallArrived,
    Gone,
    LegAnswered,
    LegGone,
    PbxError,
    RecordingEnded,
    Referred,
    SwitchEvent,
)
from engine.sounds import wav
from tests.udp_carrier import UdpCarrier

LEG, WHOLE = "100.1-c1", "100.1-i1"
TONE = 440.0
E = TypeVar("E", bound=SwitchEvent)


@asynccontextmanager
async def _one_who_speaks(folder: Path) -> AsyncIterator[tuple[Switch, RtpParty]]:
    """A leg on which somebody speaks a tone, and hears music."""
    party = RtpParty(tone_hz=TONE)
    async with (
        parties("127.0.0.2", [party]),
        UdpCarrier(parties=[party]) as carrier,
        opened(folder, carrier.contact) as switch,
    ):
        await switch.pbx.dial_number(LEG, "0901", "trunk", caller_id="", ring_seconds=20)
        await (await carrier.next()).answer()
        await _until(switch, LegAnswered)
        await switch.pbx.start_music(LEG, "default")
        yield switch, party
        await switch.pbx.hang_up(LEG)
        await _until(switch, LegGone, lambda gone: gone.channel == LEG)


async def test_a_whole_call_is_recorded_but_for_what_was_said_in_a_pause(tmp_path: Path) -> None:
    async with _one_who_speaks(tmp_path) as (switch, party):
        for _ in range(2):  # an engine that does not know whether it did it, does it again
            await switch.pbx.record_call(LEG, WHOLE)
        await asyncio.sleep(1)
        for _ in range(2):
            await switch.pbx.pause_recording(WHOLE, True)
        party.tone_hz = 620.0
        for key in "4711":
            party.press(key)
        await asyncio.sleep(1.5)
        party.tone_hz = TONE
        await asyncio.sleep(0.5)  # what is on its way has passed
        for _ in range(2):
            await switch.pbx.pause_recording(WHOLE, False)
        await asyncio.sleep(1)
        await switch.pbx.stop_recording(WHOLE)
        assert (await _until(switch, RecordingEnded)).ok
        pcm = wav.read(next(tmp_path.rglob(f"{WHOLE}.wav"))).tobytes()  # noqa: ASYNC240
        assert 1.8 <= tones.seconds(pcm) <= 3.2  # with the pause, four
        assert tones.find(pcm, TONE).seconds >= 1.5
        assert not tones.find(pcm, 620.0).is_heard
        with pytest.raises(Gone):
            await switch.pbx.pause_recording(WHOLE, True)
        await switch.pbx.delete_recording(WHOLE)
        await switch.pbx.delete_recording(WHOLE)
        assert list(tmp_path.rglob(f"{WHOLE}.wav")) == []  # noqa: ASYNC240  a test's own folder
        await switch.pbx.hang_up(WHOLE)  # it listens on, for a next recording
        with pytest.raises(PbxError):
            await switch.pbx.record_call("no.such", "no.such-i1")
        async with asyncio.timeout(60):  # nobody is told the end of a channel that listened
            while True:
                if [seen.channel for seen in (await switch.pbx.snapshot()).channels] == [LEG]:
                    break
                await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("status", "ok"), [("200 OK", True), ("486 Busy Here", False), ("503 No", False)]
)
async def test_a_caller_is_put_through_by_his_own_trunk_or_is_back(
    tmp_path: Path, status: str, ok: bool
) -> None:
    async with opened(tmp_path, "sip:127.0.0.2:9") as switch:
        with UdpCaller("127.0.0.2", switch.sip) as caller:
            await caller.invite("19001234")
            arrived = await _until(switch, CallArrived)
            await switch.pbx.answer(arrived.channel)
            await caller.until("SIP/2.0 200")
            await switch.pbx.hand_over(arrived.channel, "refer", "0901234567")
            refer = await caller.until("REFER")
            assert refer.header("Refer-To").startswith("sip:0901234567@127.0.0.2")
            await caller.notify(refer, status)
            referred = await _until(switch, Referred)
            assert (referred.channel, referred.ok) == (arrived.channel, ok)
            await switch.pbx.hang_up(arrived.channel)
            await _until(switch, LegGone)


async def _until(
    switch: Switch, kind: type[E], wanted: Callable[[E], bool] = lambda event: True
) -> E:
    while True:
        event = await switch.next()
        if isinstance(event, kind) and wanted(event):
            return event
