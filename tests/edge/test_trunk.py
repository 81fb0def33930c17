"""Numbers outside, dialed through a trunk of the real Asterisk at a carrier of a few lines."""

from __future__ import annotations

import asyncio
import os
import time
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from engine.asterisk import install
from engine.asterisk.pbx import AsteriskPbx
from engine.asterisk.process import PrivateAsterisk
from engine.ports import LegAnswered, LegGone, LegRinging, Refused, SwitchEvent
from tests.udp_carrier import UdpCarrier

LEG = "cb-1-c1"


class Switch:
    """A real switch and what it told."""

    def __init__(self, asterisk: PrivateAsterisk) -> None:
        self.events: asyncio.Queue[SwitchEvent] = asyncio.Queue()
        self.ready = asyncio.Event()
        self.sip = (asterisk.addresses.sip_host, asterisk.addresses.sip_port)
        self.pbx = AsteriskPbx(
            asterisk.ari_url,
            asterisk.ari_user,
            asterisk.ari_password,
            asterisk.app,
            time.time,
            self.events.put_nowait,
            lambda snapshot: self.ready.set(),
        )

    async def next(self) -> SwitchEvent:
        return await asyncio.wait_for(self.events.get(), 60)


@asynccontextmanager
async def opened(folder: Path, contact: str) -> AsyncIterator[Switch]:
    for file in ("music/hold.wav", "prompts/en/held.wav", "prompts/en/engine_down.wav"):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(folder / file), "wb") as sound:
            sound.setparams((1, 2, 8000, 0, "NONE", ""))
            sound.writeframes(bytes(8000))
    private = PrivateAsterisk(
        install.ensure(os.environ.get("TONGDAI_ASTERISK")),
        folder / "pbx",
        prompts_dir=folder / "prompts",
        music_dir=folder / "music",
        trunk_contact=contact,
    )
    async with private as asterisk:
        switch = Switch(asterisk)
        task = asyncio.create_task(switch.pbx.run())
        await asyncio.wait_for(switch.ready.wait(), 60)
        try:
            yield switch
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


@pytest.fixture
async def carrier() -> AsyncIterator[UdpCarrier]:
    async with UdpCarrier() as carrier:
        yield carrier


async def test_customers_are_dialed_and_answer_are_busy_do_not_exist_or_are_left_alone(
    tmp_path: Path, carrier: UdpCarrier
) -> None:
    async with opened(tmp_path, carrier.contact) as switch:
        await switch.pbx.dial_number(
            LEG, "+84901234567", "trunk", caller_id="19001000", ring_seconds=20
        )
        customer = await carrier.next()
        assert (customer.number, customer.caller_id) == ("+84901234567", "19001000")
        customer.ring()
        assert isinstance(await switch.next(), LegRinging)
        await customer.answer()
        answered = await switch.next()
        assert isinstance(answered, LegAnswered)
        assert answered.channel == LEG
        await switch.pbx.ring(LEG, True)
        await switch.pbx.ring(LEG, False)
        await switch.pbx.hang_up(LEG)
        await customer.until_ended()
        assert isinstance(await _end(switch, LEG), LegGone)

        for name, status, cause in (
            ("cb-2-c1", "486 Busy Here", (17, 486)),
            ("cb-3-c1", "404 Not Found", (1, 404)),
            ("cb-4-c1", "603 Decline", (21, 603)),
            ("cb-5-c1", "484 Address Incomplete", (28, 484)),
        ):
            await switch.pbx.dial_number(name, "0901234567", "trunk", caller_id="", ring_seconds=20)
            (await carrier.next()).refuse(status)
            gone = await _end(switch, name)
            assert (gone.cause, gone.tech_cause) == cause

        await switch.pbx.dial_number("cb-6-c1", "1080", "trunk", caller_id="", ring_seconds=20)
        left_alone = await carrier.next()
        left_alone.ring()
        await switch.pbx.hang_up("cb-6-c1")
        await left_alone.until_ended()
        assert left_alone.cancelled


async def test_nothing_but_a_number_and_a_trunk_gets_into_what_is_dialed(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path, "") as switch:
        for number, trunk in (
            ("0901&PJSIP/3001", "trunk"),
            ("0901@evil", "trunk"),
            ("", "trunk"),
            ("0901", "trunk/sip:evil"),
        ):
            with pytest.raises(Refused, match="cannot be"):
                await switch.pbx.dial_number(LEG, number, trunk, caller_id="", ring_seconds=5)
        with pytest.raises(Refused, match="cannot be"):
            await switch.pbx.dial_number(
                LEG, "0901", "trunk", caller_id="1\r\nX: y", ring_seconds=5
            )
        with pytest.raises(Refused):  # a trunk without an address
            await switch.pbx.dial_number(LEG, "0901234567", "trunk", caller_id="", ring_seconds=5)


async def _end(switch: Switch, channel: str) -> LegGone:
    while True:
        event = await switch.next()
        if isinstance(event, LegGone) and event.channel == channel:
            return event
