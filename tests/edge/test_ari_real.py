"""The ARI and AMI links against the real Asterisk, which the loopback fakes are to imitate."""

from __future__ import annotations

import asyncio
import os
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TypeVar

import pytest
from udp_caller import UdpCaller

from engine.asterisk import install
from engine.asterisk.ami import Ami
from engine.asterisk.ari import Ari, LoginRefused, Replaced
from engine.asterisk.ari_models import (
    ChannelDestroyed,
    ChannelStateChange,
    DeviceStateChanged,
    Event,
    StasisStart,
)
from engine.asterisk.process import PrivateAsterisk
from engine.ports import Down, Gone, NotInStasis, Refused

TRUNK = "127.0.0.2"
E = TypeVar("E", bound=Event)


def private_asterisk(tmp_path: Path, http_port: int | None = None) -> PrivateAsterisk:
    """A real Asterisk with a second of silence for everything that it could play."""
    for file in ("music/hold.wav", "prompts/en/held.wav", "prompts/en/engine_down.wav"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(tmp_path / file), "wb") as sound:
            sound.setparams((1, 2, 8000, 0, "NONE", ""))
            sound.writeframes(bytes(8000))
    return PrivateAsterisk(
        install.ensure(os.environ.get("TONGDAI_ASTERISK")),
        tmp_path / "pbx",
        prompts_dir=tmp_path / "prompts",
        music_dir=tmp_path / "music",
        trunk_addresses=(TRUNK,),
        http_port=http_port,
    )


@pytest.fixture
async def asterisk(tmp_path: Path) -> AsyncIterator[PrivateAsterisk]:
    async with private_asterisk(tmp_path) as running:
        yield running


class Engine:
    """An ``Ari`` and what it was told."""

    def __init__(self, asterisk: PrivateAsterisk, password: str | None = None) -> None:
        self.events: asyncio.Queue[Event] = asyncio.Queue()
        self.links: asyncio.Queue[tuple[bool, str]] = asyncio.Queue()
        self.ari = Ari(
            asterisk.ari_url,
            asterisk.ari_user,
            password or asterisk.ari_password,
            "tongdai",
            on_event=self.events.put_nowait,
            on_link=lambda up, incarnation: self.links.put_nowait((up, incarnation)),
        )

    async def link(self) -> tuple[bool, str]:
        return await asyncio.wait_for(self.links.get(), 60)

    async def until(self, kind: type[E]) -> E:
        """The next event of this kind; those before it are dropped."""
        async with asyncio.timeout(60):
            while not isinstance(event := await self.events.get(), kind):
                pass
            return event


@asynccontextmanager
async def running(asterisk: PrivateAsterisk) -> AsyncIterator[Engine]:
    engine = Engine(asterisk)
    task = asyncio.create_task(engine.ari.run())
    try:
        assert (await engine.link())[0]
        yield engine
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, Replaced):
            await task


def caller(asterisk: PrivateAsterisk) -> UdpCaller:
    return UdpCaller(TRUNK, (asterisk.addresses.sip_host, asterisk.addresses.sip_port))


async def test_a_caller_arrives_is_answered_and_hung_up(asterisk: PrivateAsterisk) -> None:
    async with running(asterisk) as engine:
        with caller(asterisk) as customer:
            await customer.invite("19001234")
            arrival = await engine.until(StasisStart)
            channel = arrival.channel.id
            assert arrival.args == ("inbound", "19001234", "")  # not yet answered
            assert arrival.channel.caller.number == "0900000001"
            assert 0 <= arrival.timestamp - arrival.channel.creationtime < 5
            # Without this, the end of a call that came by the dialplan would not be told.
            await engine.ari.applications.subscribe("tongdai", [f"channel:{channel}"])

            mark = {"CC_CALL": {"value": "k1", "report_events": True}}
            await engine.ari.channels.set_channel_vars(channel, mark)
            await engine.ari.channels.answer(channel)
            assert (await customer.until("SIP/2.0 200")).status == 200
            up = await engine.until(ChannelStateChange)
            assert (up.channel.state, up.channel.channelvars) == ("Up", {"CC_CALL": "k1"})
            (listed,) = await engine.ari.channels.list()
            assert listed.channelvars == {"CC_CALL": "k1"}

            await engine.ari.channels.hangup(channel, reason="normal")
            await customer.until("BYE")
            assert (await engine.until(ChannelDestroyed)).cause == 16
        with pytest.raises(Gone, match="404 Channel not found"):
            await engine.ari.channels.answer(channel)


async def test_a_call_outlives_the_engine_and_is_found_by_the_next(
    asterisk: PrivateAsterisk,
) -> None:
    with caller(asterisk) as customer:
        async with running(asterisk) as engine:
            await customer.invite("19001234")
            channel = (await engine.until(StasisStart)).channel.id
            incarnation = (await engine.ari.asterisk.get_info()).status
        async with running(asterisk) as successor:
            assert [each.id for each in await successor.ari.channels.list()] == [channel]
            assert (await successor.ari.asterisk.get_info()).status == incarnation
            await successor.ari.channels.answer(channel)
            await customer.until("SIP/2.0 200")
            await successor.ari.channels.hangup(channel)
            await customer.until("BYE")


async def test_an_asterisk_that_comes_back_is_linked_to_again_as_another_incarnation(
    tmp_path: Path,
) -> None:
    async with private_asterisk(tmp_path) as first:
        port = first.addresses.http_port
        second = private_asterisk(tmp_path, http_port=port)
        engine = Engine(first)
        task = asyncio.create_task(engine.ari.run())
        up, incarnation = await engine.link()
        assert up
    assert await engine.link() == (False, "")
    with pytest.raises(Down):
        await engine.ari.asterisk.ping()
    second.ari_password = first.ari_password
    async with second:
        again, reborn = await engine.link()
        assert again
        assert reborn > incarnation
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_state_that_the_engine_subscribed_to_is_told_on_this_link_and_the_next(
    asterisk: PrivateAsterisk,
) -> None:
    for state in ("BUSY", "NOT_INUSE"):
        async with running(asterisk) as engine:
            await engine.ari.subscribe("deviceState:Stasis:desk")
            await engine.ari.device_states.update("Stasis:desk", state)
            changed = await engine.until(DeviceStateChanged)
            assert (changed.device_state.name, changed.device_state.state) == (
                "Stasis:desk",
                state,
            )


async def test_a_second_engine_replaces_the_first_which_then_commands_nothing(
    asterisk: PrivateAsterisk,
) -> None:
    first = Engine(asterisk)
    task = asyncio.create_task(first.ari.run())
    assert (await first.link())[0]
    async with running(asterisk) as second:
        with pytest.raises(Replaced):
            await asyncio.wait_for(task, 60)
        with pytest.raises(Down):
            await first.ari.channels.list()
        assert await second.ari.channels.list() == ()


async def test_a_wrong_password_is_a_clear_error(asterisk: PrivateAsterisk) -> None:
    with pytest.raises(LoginRefused, match="401"):
        await asyncio.wait_for(Engine(asterisk, "wrong").ari.run(), 60)


async def test_a_leg_is_made_once_and_an_unknown_phone_is_refused_even_after_a_doubled_id(
    asterisk: PrivateAsterisk,
) -> None:
    async with running(asterisk) as engine:
        create = engine.ari.channels.create
        leg = await create("Local/19001234@from-trunk/n", "tongdai", channel_id="leg-1")
        # Asterisk loses a half of the refused one, and so takes five seconds to stop.
        doubled = await create("Local/19001234@from-trunk/n", "tongdai", channel_id="leg-1")
        assert doubled.id == leg.id == "leg-1"
        with pytest.raises(Refused):
            await create("PJSIP/nobody", "tongdai", channel_id="leg-2")
        with pytest.raises(Gone):
            await engine.ari.channels.get("leg-2")
        await engine.ari.channels.hangup("leg-1")


async def test_joining_a_channel_that_left_the_application_is_not_in_stasis(
    asterisk: PrivateAsterisk,
) -> None:
    async with running(asterisk) as engine:
        await engine.ari.bridges.create(type="mixing,dtmf_events", bridge_id="b1", name="k1")
        with caller(asterisk) as customer:
            await customer.invite("19001234")
            channel = (await engine.until(StasisStart)).channel.id
            await engine.ari.channels.continue_in_dialplan(channel, context="engine-down")
            await customer.until("SIP/2.0 200")
            with pytest.raises(NotInStasis):
                await engine.ari.channels.answer(channel)
            with pytest.raises(NotInStasis):
                await engine.ari.bridges.add_channel("b1", [channel])
            await engine.ari.channels.hangup(channel)
        await engine.ari.bridges.destroy("b1")


async def test_the_manager_tells_the_state_of_the_box_and_refuses_its_keys(
    asterisk: PrivateAsterisk,
) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    ami = Ami(
        "127.0.0.1",
        asterisk.addresses.ami_port,
        asterisk.ami_user,
        asterisk.ami_secret,
        on_event=lambda event: heard.put_nowait(event["Event"]),
    )
    task = asyncio.create_task(ami.run())
    try:
        async with asyncio.timeout(60):
            while await heard.get() != "SuccessfulAuth":
                pass
            while not ami.connected:  # noqa: ASYNC110 - a plain flag
                await asyncio.sleep(0)
        assert (await ami.action("CoreStatus"))["CoreCurrentCalls"] == "0"
        with pytest.raises(Refused, match="Permission denied"):
            await ami.action("Command", Command="core show channels")
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
