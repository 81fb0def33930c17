"""The event link to Asterisk, against a loopback server that cuts, lies and stalls."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fake_asterisk import PASSWORD, Listener, fake_asterisk, linked, listening, until
from structlog.testing import capture_logs

from engine.asterisk.ari import LoginRefused, Replaced
from engine.asterisk.ari_models import ChannelDtmfReceived, Event, StasisStart
from engine.ports import Down


def digit(key: object, channel: str = "c1") -> dict[str, Any]:
    return {"type": "ChannelDtmfReceived", "digit": str(key), "channel": {"id": channel}}


async def next_digit(engine: Listener) -> str:
    event = await engine.next_event()
    assert isinstance(event, ChannelDtmfReceived)
    return event.digit


async def test_the_engine_hears_the_link_come_up_then_events_then_its_loss_then_its_return() -> (
    None
):
    async with linked() as (asterisk, engine):
        await asterisk.say(digit(1))
        assert await next_digit(engine) == "1"
        asterisk.cut()
        assert await engine.next_link() == (False, "")
        assert (await engine.next_link())[0]
        await asterisk.say(digit(2))
        assert await next_digit(engine) == "2"


async def test_an_event_sent_during_the_connect_is_told_after_the_link() -> None:
    async with fake_asterisk() as asterisk:

        async def busy_moment() -> tuple[int, Any]:
            await asterisk.say(digit(7))
            return 200, {"status": {"startup_time": asterisk.started}}

        asterisk.script("GET /asterisk/info", busy_moment)
        async with listening(asterisk) as engine:
            assert (await engine.next_link())[0]
            assert await next_digit(engine) == "7"


async def test_after_a_restart_of_asterisk_the_incarnation_is_another() -> None:
    async with linked() as (asterisk, engine):
        asterisk.started = "2026-01-31T09:00:00.000+0700"
        asterisk.cut()
        assert await engine.next_link() == (False, "")
        assert await engine.next_link() == (True, "1769824800.0")


async def test_filter_and_subscriptions_are_given_again_on_each_connect() -> None:
    async with linked() as (asterisk, engine):
        await engine.ari.subscribe("deviceState:PJSIP/101", "deviceState:PJSIP/102")
        asterisk.requests.clear()
        asterisk.cut()
        assert await engine.next_link() == (False, "")
        assert (await engine.next_link())[0]
        (wanted,) = asterisk.asked("PUT /applications/tongdai/eventFilter")
        assert {"type": "ChannelVarset"} in wanted.body["disallowed"]
        assert "allowed" not in wanted.body
        subscribed = asterisk.asked("POST /applications/tongdai/subscription")
        assert [each.query["eventSource"] for each in subscribed] == [
            "deviceState:PJSIP/101",
            "deviceState:PJSIP/102",
        ]


async def test_a_phone_that_asterisk_does_not_know_yet_costs_no_other_phone_its_events() -> None:
    async with linked() as (asterisk, engine):
        asterisk.script(
            "POST /applications/tongdai/subscription",
            (422, {"message": "Event source does not exist"}),
        )
        await engine.ari.subscribe("deviceState:PJSIP/new", "deviceState:PJSIP/101")
        assert len(asterisk.asked("POST /applications/tongdai/subscription")) == 2


async def test_an_engine_started_before_asterisk_waits_for_it() -> None:
    async with fake_asterisk() as asterisk:
        await asterisk.stop()
        with capture_logs() as logs:
            async with listening(asterisk) as engine:
                await until(lambda: len(logs) >= 3)
                await asterisk.start()
                assert (await engine.next_link())[0]
        told = [entry["log_level"] for entry in logs if entry["event"] == "unlinked"]
        assert told[:3] == ["warning", "debug", "debug"], "the operator is told once, not each time"


async def test_a_peer_that_stops_answering_pings_is_given_up() -> None:
    async with (
        fake_asterisk(answers_pings=False) as asterisk,
        listening(asterisk, heartbeat_seconds=0.1) as engine,
    ):
        assert (await engine.next_link())[0]
        assert await engine.next_link() == (False, "")
        assert (await engine.next_link())[0]


async def test_commands_still_reach_calls_while_the_event_link_is_down() -> None:
    async with linked() as (asterisk, engine):
        asterisk.accepts_websockets = False
        asterisk.cut()
        assert await engine.next_link() == (False, "")
        assert not engine.ari.connected
        await engine.ari.channels.answer("c1")
        assert asterisk.asked("POST /channels/c1/answer")


async def test_another_engine_under_our_name_ends_this_one_and_silences_it() -> None:
    async with fake_asterisk() as asterisk:
        engine = Listener(asterisk)
        running = asyncio.create_task(engine.ari.run())
        assert (await engine.next_link())[0]
        await asterisk.say({"type": "ApplicationReplaced", "application": "tongdai"})
        with pytest.raises(Replaced):
            await asyncio.wait_for(running, 60)
        assert await engine.next_link() == (False, "")
        asked = len(asterisk.requests)
        with pytest.raises(Down, match="another engine"):
            await engine.ari.channels.hangup("c1")
        assert (asterisk.links, len(asterisk.requests)) == (1, asked)


async def test_a_wrong_password_ends_the_start_with_a_clear_error() -> None:
    async with fake_asterisk(password="another") as asterisk:
        with pytest.raises(LoginRefused, match="refuses our ARI user") as caught:
            await asyncio.wait_for(Listener(asterisk).ari.run(), 60)
        assert PASSWORD not in str(caught.value)


async def test_a_login_refused_during_a_reload_does_not_end_a_running_engine() -> None:
    async with linked() as (asterisk, engine):
        asterisk.password = "another"
        with capture_logs() as logs:
            asterisk.cut()
            assert await engine.next_link() == (False, "")
            await until(lambda: any("401" in str(entry.get("reason")) for entry in logs))
        asterisk.password = PASSWORD
        assert (await engine.next_link())[0]


async def test_the_password_is_in_no_url_and_no_log_line() -> None:
    with capture_logs() as logs:
        async with linked() as (asterisk, engine):
            await engine.ari.channels.answer("c1")
            asterisk.cut()
            assert await engine.next_link() == (False, "")
            assert (await engine.next_link())[0]
    assert len(logs) >= 3
    assert PASSWORD not in repr(logs)
    assert not any("sesame" in url or "api_key" in url for url in asterisk.urls)


async def test_an_event_of_a_newer_asterisk_passes_with_all_it_says() -> None:
    async with linked() as (asterisk, engine):
        await asterisk.say({"type": "ChannelSang", "song": "Bèo dạt mây trôi"})
        event = await engine.next_event()
        assert type(event) is Event
        assert (event.type, event.raw["song"]) == ("ChannelSang", "Bèo dạt mây trôi")


async def test_a_faulty_event_costs_only_itself() -> None:
    async with linked() as (asterisk, engine):
        with capture_logs() as logs:
            await asterisk.say("{not json", {"type": "StasisStart", "channel": "c1"}, digit(5))
            assert await next_digit(engine) == "5"
        assert [entry["event"] for entry in logs] == ["event_failed", "event_failed"]


async def test_a_receiver_that_fails_on_one_event_gets_the_next() -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()

    def receive(event: Event) -> None:
        assert isinstance(event, ChannelDtmfReceived)
        if event.digit == "1":
            raise RuntimeError("a bug of ours")
        heard.put_nowait(event.digit)

    async with fake_asterisk() as asterisk, listening(asterisk, on_event=receive) as engine:
        assert (await engine.next_link())[0]
        await asterisk.say(digit(1), digit(2))
        assert await asyncio.wait_for(heard.get(), 60) == "2"
        assert engine.ari.connected


async def test_a_story_that_stalls_does_not_stop_the_reader() -> None:
    async with linked() as (asterisk, engine):
        stalled, over = asyncio.Event(), asyncio.Event()

        async def story() -> None:
            await engine.next()
            stalled.set()
            await over.wait()

        telling = asyncio.create_task(story())
        await asterisk.say(digit(0))
        await stalled.wait()
        await asterisk.say(*(digit(n) for n in range(1_000)))
        await until(lambda: engine.heard.qsize() == 1_000)
        await engine.ari.channels.answer("c1")
        over.set()
        await telling


async def test_a_burst_of_ten_thousand_events_arrives_whole_and_in_order() -> None:
    async with linked() as (asterisk, engine):
        sending = asyncio.create_task(asterisk.say(*(digit(n) for n in range(10_000))))
        heard = [await next_digit(engine) for _ in range(10_000)]
        await sending
        assert heard == [str(n) for n in range(10_000)]


async def test_a_leg_may_enter_the_application_before_its_request_is_answered() -> None:
    async with linked() as (asterisk, engine):
        seen = asyncio.Event()

        async def born_early() -> tuple[int, Any]:
            await asterisk.say({"type": "StasisStart", "channel": {"id": "leg-1"}})
            await seen.wait()
            return 200, {"id": "leg-1", "state": "Down"}

        asterisk.script("POST /channels/create", born_early)
        making = asyncio.create_task(
            engine.ari.channels.create("PJSIP/101", "tongdai", channel_id="leg-1")
        )
        event = await engine.next_event()
        assert isinstance(event, StasisStart)
        assert not making.done()
        seen.set()
        assert (await making).id == event.channel.id == "leg-1"


async def test_a_stopped_engine_leaves_no_connection_behind() -> None:
    async with fake_asterisk() as asterisk:
        async with listening(asterisk) as engine:
            assert (await engine.next_link())[0]
        assert await engine.next_link() == (False, "")
        with pytest.raises(Down):
            await engine.ari.channels.answer("c1")
        assert not asterisk.asked("POST /channels/c1/answer")
