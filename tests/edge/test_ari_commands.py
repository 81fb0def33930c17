"""Commands to Asterisk: what goes on the wire, and what each kind of failure means."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fake_asterisk import CUT, HANG, linked, until

from engine.asterisk import ari
from engine.ports import Down, Gone, NotInStasis, PbxError, Refused


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (400, Refused),
        (404, Gone),
        (409, NotInStasis),
        (412, Refused),
        (422, NotInStasis),
        (500, Refused),
    ],
)
async def test_a_refused_answer_to_a_caller_says_why_in_our_words_and_asterisks(
    status: int, meaning: type[PbxError]
) -> None:
    async with linked() as (asterisk, engine):
        asterisk.script("POST /channels/c1/answer", (status, {"message": "Not as you think"}))
        with pytest.raises(PbxError, match=f"{status} Not as you think") as caught:
            await engine.ari.channels.answer("c1")
        assert type(caught.value) is meaning


async def test_a_recording_that_exists_is_refused_and_says_nothing_of_the_channels() -> None:
    async with linked() as (asterisk, engine):
        asterisk.script("POST /bridges/b1/record", (409, {"message": "File exists"}))
        with pytest.raises(Refused, match="File exists"):
            await engine.ari.bridges.record("b1", "r1", "wav")


async def test_a_phone_that_is_not_registered_is_refused() -> None:
    async with linked() as (asterisk, engine):
        asterisk.script("POST /channels/create", (500, {"error": "Allocation failed"}))
        with pytest.raises(Refused, match="Allocation failed"):
            await engine.ari.channels.create("PJSIP/101", "tongdai", channel_id="leg-1")


async def test_an_id_said_to_exist_is_asked_for_and_the_leg_that_is_there_is_taken() -> None:
    async with linked() as (asterisk, engine):
        asterisk.script("POST /channels/create", (409, {"message": "already exists"}))
        asterisk.script("GET /channels/leg-1", (200, {"id": "leg-1", "state": "Ringing"}))
        leg = await engine.ari.channels.create("PJSIP/101", "tongdai", channel_id="leg-1")
        assert (leg.id, leg.state) == ("leg-1", "Ringing")


async def test_an_id_said_to_exist_that_does_not_is_a_phone_that_cannot_be_called() -> None:
    async with linked() as (asterisk, engine):
        asterisk.script("POST /channels/create", (409, {"message": "already exists"}))
        asterisk.script("GET /channels/leg-1", (404, {"message": "Channel not found"}))
        with pytest.raises(Refused, match="already exists"):
            await engine.ari.channels.create("PJSIP/101", "tongdai", channel_id="leg-1")


async def test_an_answer_that_comes_too_late_leaves_the_outcome_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ari, "COMMAND_SECONDS", 0.05)
    async with linked() as (asterisk, engine):
        asterisk.script("POST /channels/c1/answer", HANG)
        with pytest.raises(Down, match=r"no answer in 0.05 s \(POST /channels/c1/answer\)"):
            await engine.ari.channels.answer("c1")
        monkeypatch.undo()
        await engine.ari.channels.answer("c1")


async def test_a_command_that_waits_for_its_turn_in_a_burst_of_calls_is_sent_in_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ari, "COMMAND_SECONDS", 2.0)
    monkeypatch.setattr(ari, "POOL_SIZE", 1)
    callers = [f"c{n}" for n in range(6)]

    async def slowly() -> tuple[int, Any]:
        await asyncio.sleep(0.4)
        return 204, None

    async with linked() as (asterisk, engine):
        for caller in callers:
            asterisk.script(f"POST /channels/{caller}/answer", slowly)
        await asyncio.gather(*(engine.ari.channels.answer(caller) for caller in callers))
        assert asterisk.most_at_work == 1


async def test_a_command_whose_turn_never_comes_says_that_it_was_not_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ari, "POOL_SIZE", 1)
    async with linked() as (asterisk, engine):
        monkeypatch.setattr(ari, "TURN_SECONDS", 0.05)
        monkeypatch.setattr(ari, "COMMAND_SECONDS", 0.5)
        asterisk.script("POST /channels/c1/answer", HANG)
        first = asyncio.create_task(engine.ari.channels.answer("c1"))
        await until(lambda: bool(asterisk.asked("POST /channels/c1/answer")))
        with pytest.raises(Down, match="not sent"):
            await engine.ari.channels.answer("c2")
        assert not asterisk.asked("POST /channels/c2/answer")
        with pytest.raises(Down, match="no answer"):
            await first


async def test_ringing_a_phone_may_take_longer_than_other_commands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ari, "COMMAND_SECONDS", 0.05)
    async with linked() as (asterisk, engine):

        async def slowly() -> tuple[int, Any]:
            with pytest.raises(Down):
                await engine.ari.asterisk.ping()
            return 200, {"id": "leg-1"}

        asterisk.script("GET /asterisk/ping", HANG)
        asterisk.script("POST /channels/create", slowly)
        leg = await engine.ari.channels.create("PJSIP/101", "tongdai", channel_id="leg-1")
        assert leg.id == "leg-1"


async def test_a_question_on_a_connection_closed_while_idle_is_asked_again() -> None:
    async with linked() as (asterisk, engine):
        asterisk.script("GET /channels/c1", CUT, (200, {"id": "c1"}))
        assert (await engine.ari.channels.get("c1")).id == "c1"
        assert len(asterisk.asked("GET /channels/c1")) == 2


async def test_a_hang_up_on_a_connection_closed_while_idle_is_sent_again() -> None:
    async with linked() as (asterisk, engine):
        asterisk.script("DELETE /channels/c1", CUT)
        await engine.ari.channels.hangup("c1")
        assert len(asterisk.asked("DELETE /channels/c1")) == 2


async def test_a_call_to_a_phone_is_never_placed_twice() -> None:
    async with linked() as (asterisk, engine):
        asterisk.script("POST /channels/create", CUT)
        with pytest.raises(Down):
            await engine.ari.channels.create("PJSIP/101", "tongdai", channel_id="leg-1")
        await engine.ari.asterisk.ping()
        assert len(asterisk.asked("POST /channels/create")) == 1


async def test_an_asterisk_that_is_not_there_is_down() -> None:
    async with linked() as (asterisk, engine):
        await asterisk.stop()
        with pytest.raises(Down):
            await engine.ari.channels.answer("c1")


async def test_many_commands_at_once_share_sixteen_connections() -> None:
    async with linked() as (asterisk, engine):
        gate = asyncio.Event()

        async def wait() -> tuple[int, Any]:
            await gate.wait()
            return 200, {"ping": "pong"}

        asterisk.script("GET /asterisk/ping", *[wait] * 40)
        asking = [asyncio.create_task(engine.ari.asterisk.ping()) for _ in range(40)]
        await until(lambda: asterisk.at_work == 16)
        gate.set()
        await asyncio.gather(*asking)
        assert asterisk.most_at_work == 16


async def test_defaults_that_asterisk_declares_but_forgets_are_sent() -> None:
    async with linked() as (asterisk, engine):
        await engine.ari.channels.mute("c1")
        (asked,) = asterisk.asked("POST /channels/c1/mute")
        assert asked.query == {"direction": "both"}


async def test_lists_flags_and_variables_go_as_asterisk_reads_them() -> None:
    async with linked() as (asterisk, engine):
        await engine.ari.bridges.add_channel("b1", ["c1", "c2"], mute=True)
        variables = {"CC_CALL": {"value": "Nguyễn, A & B", "report_events": True}}
        await engine.ari.channels.create(
            "PJSIP/101", "tongdai", app_args="leg", channel_id="leg-1", variables=variables
        )
        await engine.ari.channels.dial("leg-1", caller="+84 28&x=1", timeout=20)
    (added,) = asterisk.asked("POST /bridges/b1/addChannel")
    assert added.query["channel"] == "c1,c2"
    assert (added.query["mute"], added.query["absorbDTMF"]) == ("true", "false")
    (created,) = asterisk.asked("POST /channels/create")
    assert created.body == {"variables": variables}
    assert "otherChannelId" not in created.query
    (dialed,) = asterisk.asked("POST /channels/leg-1/dial")
    assert dialed.query == {"caller": "+84 28&x=1", "timeout": "20"}


async def test_a_strange_id_cannot_reach_another_resource() -> None:
    async with linked() as (asterisk, engine):
        await engine.ari.recordings.stop("../a b?c")
        assert asterisk.asked("POST /recordings/live/..%2Fa%20b%3Fc/stop")


async def test_a_recording_comes_back_as_its_bytes() -> None:
    async with linked() as (asterisk, engine):
        asterisk.files["GET /recordings/stored/r1/file"] = b"RIFF\x00\xff"
        assert await engine.ari.recordings.get_stored_file("r1") == b"RIFF\x00\xff"
