"""Whether a phone has us on hold: Asterisk is asked, not only listened to."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

from fake_asterisk import APP, CUT, PASSWORD, USER, fake_asterisk
from test_trunk import Switch, opened
from udp_caller import UdpCaller

from engine.asterisk.pbx import AsteriskPbx
from engine.ports import CallArrived, HoldChanged, Snapshot
from tests.udp_carrier import UdpCarrier


async def test_an_engine_that_comes_back_learns_whose_phone_holds_now(tmp_path: Path) -> None:
    async with (
        asyncio.timeout(100),
        UdpCarrier() as carrier,
        opened(tmp_path, carrier.contact) as s,
    ):
        with UdpCaller("127.0.0.2", s.sip) as caller:
            await caller.invite("19001234")
            arrived = await s.next()
            assert isinstance(arrived, CallArrived)
            await s.pbx.answer(arrived.channel)
            await caller.final()
            assert await _held(s) == {arrived.channel: False}
            for held in (True, False):
                await caller.hold(held)
                while not isinstance(changed := await s.next(), HoldChanged):
                    pass
                assert changed.held is held
                assert await _held(s) == {arrived.channel: held}
            [unasked] = (await s.pbx.snapshot()).channels
            assert unasked.held is None
            await caller.hang_up()
            await caller.final()


async def _held(switch: Switch) -> dict[str, bool | None]:
    seen = (await switch.pbx.snapshot(holds=True)).channels
    return {each.channel: each.held for each in seen}


def _listed(channel: str, **other: Any) -> dict[str, Any]:
    """As ARI lists it."""
    since = "2026-09-21T21:33:19.000+0700"
    listed = {"id": channel, "name": f"PJSIP/trunk-{channel}", "state": "Up", "creationtime": since}
    return listed | other


async def test_an_engine_takes_up_its_calls_also_when_a_phone_cannot_be_asked() -> None:
    seen: asyncio.Queue[Snapshot] = asyncio.Queue()
    async with fake_asterisk() as asterisk:
        rings, ended, holds = _listed("1.1", state="Ringing"), _listed("1.2"), _listed("1.3")
        ours, broken, after = _listed("1.4", name="Snoop/1.3-0"), _listed("1.5"), _listed("1.6")
        listed = [rings, ended, holds, ours, broken, after]
        asterisk.script("GET /channels", (200, listed))
        asterisk.script("GET /bridges", (200, []))
        asterisk.script("GET /channels/1.2/variable", (404, {"message": "Channel not found"}))
        asterisk.script("GET /channels/1.3/variable", (200, {"value": "1"}))
        asterisk.script("GET /channels/1.5/variable", CUT, CUT)
        url, login = asterisk.url, (USER, PASSWORD, APP)
        pbx = AsteriskPbx(url, *login, time.time, lambda event: None, seen.put_nowait)
        running = asyncio.create_task(pbx.run())
        snapshot = await asyncio.wait_for(seen.get(), 10)
        running.cancel()
        await asyncio.wait([running])
    assert {each.channel: each.held for each in snapshot.channels} == {
        each["id"]: True if each is holds else None for each in listed
    }
