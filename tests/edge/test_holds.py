"""Whether a phone has us on hold: Asterisk is asked, not only listened to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fake_asterisk import APP, HANG, PASSWORD, USER, FakeAsterisk, fake_asterisk, until
from test_trunk import opened
from udp_caller import UdpCaller

from engine.asterisk.pbx import AsteriskPbx
from engine.ports import CallArrived, HoldChanged, Snapshot, SwitchEvent
from tests.udp_carrier import UdpCarrier


async def test_asterisk_tells_whose_phone_holds_now(tmp_path: Path) -> None:
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
            assert not await s.pbx.is_held(arrived.channel)
            for held in (True, False):
                await caller.hold(held)
                while not isinstance(changed := await s.next(), HoldChanged):
                    pass
                assert changed.held is held
                assert await s.pbx.is_held(arrived.channel) is held
            await caller.hang_up()
            await caller.final()


def _listed(channel: str, **other: Any) -> dict[str, Any]:
    """As ARI lists it."""
    since = "2026-09-21T21:33:19.000+0700"
    listed = {"id": channel, "name": f"PJSIP/trunk-{channel}", "state": "Up", "creationtime": since}
    return listed | other


class Told:
    """What an engine is told, in order."""

    def __init__(self, asterisk: FakeAsterisk) -> None:
        self.all: asyncio.Queue[Snapshot | SwitchEvent] = asyncio.Queue()
        put = self.all.put_nowait
        self.pbx = AsteriskPbx(asterisk.url, USER, PASSWORD, APP, time.time, put, put)

    async def next(self) -> Snapshot | SwitchEvent:
        return await asyncio.wait_for(self.all.get(), 60)

    async def next_snapshot(self) -> list[str]:
        snapshot = await self.next()
        assert isinstance(snapshot, Snapshot)
        return [each.channel for each in snapshot.channels]


@asynccontextmanager
async def told_by(asterisk: FakeAsterisk) -> AsyncIterator[Told]:
    told = Told(asterisk)
    running = asyncio.create_task(told.pbx.run())
    try:
        yield told
    finally:
        running.cancel()
        await asyncio.wait([running])


async def test_calls_are_taken_up_before_any_phone_is_asked_and_one_that_hangs_stops_nobody() -> (
    None
):
    adopted = asyncio.Event()

    async def answer() -> tuple[int, Any]:
        await adopted.wait()
        return 200, {"value": "1"}

    async with fake_asterisk() as asterisk, told_by(asterisk) as told:
        rings, ended, hangs = _listed("1.1", state="Ringing"), _listed("1.2"), _listed("1.3")
        ours, holds, after = _listed("1.4", name="Snoop/1.3-0"), _listed("1.5"), _listed("1.6")
        listed = [rings, ended, hangs, ours, holds, after]
        asterisk.script("GET /channels", (200, listed))
        asterisk.script("GET /bridges", (200, []))
        asterisk.script("GET /channels/1.2/variable", (404, {"message": "Channel not found"}))
        asterisk.script("GET /channels/1.3/variable", HANG)
        asterisk.script("GET /channels/1.5/variable", answer)
        asterisk.script("GET /channels/1.6/variable", answer)
        assert await told.next_snapshot() == [each["id"] for each in listed]
        assert told.pbx.in_step
        adopted.set()
        changes = [await told.next(), await told.next()]
        assert {each.channel for each in changes if isinstance(each, HoldChanged)} == {"1.5", "1.6"}
        assert not asterisk.asked("GET /channels/1.1/variable")
        assert not asterisk.asked("GET /channels/1.4/variable")


async def test_a_phone_that_takes_its_call_back_while_it_is_asked_has_done_so() -> None:
    heard, asked = asyncio.Event(), asyncio.Event()

    async def late() -> tuple[int, Any]:
        asked.set()
        await heard.wait()
        return 200, {"value": "1"}

    async with fake_asterisk() as asterisk, told_by(asterisk) as told:
        asterisk.script("GET /channels", (200, [_listed("1.1")]))
        asterisk.script("GET /bridges", (200, []))
        asterisk.script("GET /channels/1.1/variable", late)
        assert await told.next_snapshot() == ["1.1"]
        await asyncio.wait_for(asked.wait(), 60)
        took_back = {"type": "ChannelUnhold", "channel": _listed("1.1")}
        await asterisk.say(took_back | {"timestamp": "2026-09-21T21:33:20.000+0700"})
        change = await told.next()
        assert isinstance(change, HoldChanged)
        assert not change.held
        heard.set()
        await until(lambda: asterisk.at_work == 0)
        # It is told in the order of its answers: what came before this one has been told.
        await told.pbx.ari.asterisk.get_info()
        assert told.all.empty()


async def test_an_answer_that_comes_after_its_link_was_lost_is_not_believed() -> None:
    lost, asked = asyncio.Event(), asyncio.Event()

    async def late() -> tuple[int, Any]:
        asked.set()
        await lost.wait()
        return 200, {"value": "1"}

    async with fake_asterisk() as asterisk, told_by(asterisk) as told:
        asterisk.script("GET /channels", (200, [_listed("1.1")]), (200, [_listed("1.1")]))
        asterisk.script("GET /bridges", (200, []), (200, []))
        asterisk.script("GET /channels/1.1/variable", late, (200, {"value": "0"}))
        assert await told.next_snapshot() == ["1.1"]
        await asyncio.wait_for(asked.wait(), 60)
        asterisk.accepts_websockets = False
        asterisk.cut()
        await until(lambda: not told.pbx.ari.connected)
        lost.set()
        await until(lambda: asterisk.at_work == 0)
        asterisk.accepts_websockets = True
        assert await told.next_snapshot() == ["1.1"]
        change = await told.next()
        assert isinstance(change, HoldChanged)
        assert not change.held


async def test_what_was_listed_before_the_link_was_lost_is_not_the_state_of_the_next() -> None:
    linked_again = asyncio.Event()
    asked = asyncio.Event()

    async def slowly() -> tuple[int, Any]:
        asked.set()
        await linked_again.wait()
        return 200, [_listed("1.1")]

    async with fake_asterisk() as asterisk:
        asterisk.script("GET /channels", slowly, (200, [_listed("1.2", state="Ring")]))
        asterisk.script("GET /bridges", (200, []), (200, []))
        async with told_by(asterisk) as told:
            await asyncio.wait_for(asked.wait(), 60)
            asterisk.cut()
            await until(lambda: asterisk.links == 2 and told.pbx.ari.connected)
            linked_again.set()
            assert await told.next_snapshot() == ["1.2"]
            assert told.pbx.in_step
