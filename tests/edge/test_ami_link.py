"""The link to Asterisk's manager, against a peer that cuts, splits, refuses and falls silent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest
from scripted_ami import BANNER, SECRET, Peer, watching
from structlog.testing import capture_logs

from engine.ports import Down, Refused


async def test_an_operator_reads_the_state_of_the_box() -> None:
    async def script(peer: Peer) -> None:
        await peer.log_in()
        action = await peer.action()
        assert action["Action"] == "CoreStatus"
        await peer.send(Event="FullyBooted", Status="Fully Booted")
        await peer.answer(action, CoreCurrentCalls="3")
        await peer.silent()

    async with watching(script) as (_, engine):
        await engine.linked()
        status = await engine.ami.action("CoreStatus")
        assert status["CoreCurrentCalls"] == "3"
        assert (await engine.next())["Event"] == "FullyBooted"


async def test_an_action_unanswered_when_the_link_broke_is_never_sent_again() -> None:
    async def breaks(peer: Peer) -> None:
        await peer.log_in()
        assert (await peer.action())["Action"] == "Originate"

    async def returns(peer: Peer) -> None:
        await peer.log_in()
        await peer.send(Event="FullyBooted", Status="Fully Booted")
        action = await peer.action()
        assert action["Action"] == "CoreStatus", "the call would have been placed twice"
        await peer.answer(action)
        await peer.silent()

    async with watching(breaks, returns) as (asterisk, engine):
        await engine.linked()
        with pytest.raises(Down, match="lost before the answer"):
            await engine.ami.action("Originate", Channel="PJSIP/101", ChannelId="leg-1")
        assert (await engine.next())["Event"] == "FullyBooted"
        await engine.linked()
        await engine.ami.action("CoreStatus")
        assert asterisk.links == 2


async def test_every_action_that_waits_fails_when_the_link_is_lost() -> None:
    async def script(peer: Peer) -> None:
        await peer.log_in()
        for _ in range(3):
            await peer.action()

    async with watching(script) as (_, engine):
        await engine.linked()
        asked = [engine.ami.action("CoreStatus") for _ in range(3)]
        outcomes = await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), 60)
        assert [type(outcome) for outcome in outcomes] == [Down, Down, Down]


async def test_without_a_link_an_action_fails_at_once() -> None:
    async def script(peer: Peer) -> None:
        await peer.silent()

    async with watching(script) as (_, engine):
        with pytest.raises(Down):
            await engine.ami.action("CoreStatus")


@pytest.mark.parametrize("evil", ["1\r\nAction: Logoff", "1\n", "1\r", "a\x00b", "\x1b[2J", "\x85"])
async def test_a_callers_text_cannot_start_another_action(evil: str) -> None:
    async def script(peer: Peer) -> None:
        await peer.log_in()
        action = await peer.action()
        assert action["Action"] == "CoreStatus", "something was sent"
        await peer.answer(action)
        await peer.silent()

    async with watching(script) as (_, engine):
        await engine.linked()
        with pytest.raises(ValueError, match="control character"):
            await engine.ami.action("UserEvent", Caller=evil)
        with pytest.raises(ValueError, match="control character"):
            await engine.ami.action("UserEvent", **{f"X: {evil}": "1"})
        with pytest.raises(ValueError, match="control character"):
            await engine.ami.action(f"Ping{evil}")
        with pytest.raises(ValueError, match="header"):
            await engine.ami.action("UserEvent", **{"Caller: 1 X": "1"})
        await engine.ami.action("CoreStatus")


async def test_a_receiver_that_fails_costs_neither_the_link_nor_the_rest_of_the_packet() -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()

    def receive(event: Mapping[str, str]) -> None:
        if event["Event"] == "First":
            raise RuntimeError("a bug of ours")
        heard.put_nowait(event["Event"])

    async def script(peer: Peer) -> None:
        await peer.log_in()
        await peer.write("Event: First\r\n\r\nEvent: Second\r\n\r\n")
        await peer.answer(await peer.action())
        await peer.silent()

    async with watching(script, on_event=receive) as (asterisk, engine):
        with capture_logs() as logs:
            assert await asyncio.wait_for(heard.get(), 60) == "Second"
        assert [entry["type"] for entry in logs if entry["event"] == "event_failed"] == ["First"]
        await engine.linked()
        await engine.ami.action("CoreStatus")
        assert asterisk.links == 1


async def test_a_name_cut_by_a_packets_end_arrives_whole() -> None:
    async def script(peer: Peer) -> None:
        await peer.log_in()
        for byte in "Event: NewCallerid\r\nCallerIDName: Zoë Nguyễn\r\n\r\n".encode():
            await peer.write(bytes([byte]))
            await asyncio.sleep(0)
        await peer.silent()

    async with watching(script) as (_, engine):
        event = await engine.next()
        assert dict(event) == {"Event": "NewCallerid", "CallerIDName": "Zoë Nguyễn"}


async def test_a_peer_that_stops_answering_pings_is_given_up() -> None:
    async def falls_silent(peer: Peer) -> None:
        await peer.log_in()
        await peer.silent()

    async def returns(peer: Peer) -> None:
        await peer.log_in()
        await peer.send(Event="FullyBooted")
        await peer.silent()

    options = {"ping_seconds": 0.05, "action_seconds": 0.5}
    async with watching(falls_silent, returns, **options) as (asterisk, engine):
        assert (await engine.next())["Event"] == "FullyBooted"
        assert asterisk.links >= 2


async def test_pings_that_are_answered_keep_the_link() -> None:
    async def script(peer: Peer) -> None:
        await peer.log_in()
        for _ in range(5):
            await peer.answer(await peer.action(pings=True), Ping="Pong")
        await peer.send(Event="FivePings")
        await peer.silent()

    async with watching(script, ping_seconds=0.01) as (asterisk, engine):
        assert (await engine.next())["Event"] == "FivePings"
        assert asterisk.links == 1


async def test_a_wrong_secret_is_told_once_and_tried_again_slowly() -> None:
    tries = 0

    async def refuses(peer: Peer) -> None:
        nonlocal tries
        tries += 1
        await peer.write(BANNER)
        await peer.answer(await peer.action(), "Error", Message="Authentication failed")
        await peer.silent()

    async def accepts(peer: Peer) -> None:
        await peer.log_in()
        await peer.silent()

    with capture_logs() as logs:
        async with watching(refuses, refuses, refuses, accepts, login_pause=0.05) as (_, engine):
            await engine.linked()
    told = [entry for entry in logs if entry["log_level"] in ("warning", "error")]
    assert [(entry["event"], entry["reason"]) for entry in told] == [
        ("login_refused", "Login: Authentication failed")
    ]
    assert tries == 3
    assert SECRET not in repr(logs)


async def test_a_wrong_secret_is_not_tried_again_before_its_pause() -> None:
    async def refuses(peer: Peer) -> None:
        await peer.write(BANNER)
        await peer.answer(await peer.action(), "Error", Message="Authentication failed")

    with capture_logs() as logs:
        async with watching(refuses) as (asterisk, _):
            async with asyncio.timeout(60):
                while not logs:  # noqa: ASYNC110 - a plain list
                    await asyncio.sleep(0)
            await asyncio.sleep(0.3)  # the ordinary pause between two attempts is far shorter
            assert asterisk.links == 1


async def test_an_action_that_is_refused_says_why() -> None:
    async def script(peer: Peer) -> None:
        await peer.log_in()
        await peer.answer(await peer.action(), "Error", Message="Permission denied")
        await peer.silent()

    async with watching(script) as (_, engine):
        await engine.linked()
        with pytest.raises(Refused, match="Command: Permission denied"):
            await engine.ami.action("Command", Command="core show channels")


async def test_an_answer_that_comes_too_late_is_down_and_is_not_taken_for_the_next_one() -> None:
    async def script(peer: Peer) -> None:
        await peer.log_in()
        late, prompt = await peer.action(), await peer.action()
        await peer.answer(late, Which="late")
        await peer.answer(prompt, Which="prompt")
        await peer.silent()

    async with watching(script, action_seconds=0.5) as (_, engine):
        await engine.linked()
        with pytest.raises(Down, match=r"no answer in 0.5 s"):
            await engine.ami.action("CoreStatus")
        assert (await engine.ami.action("CoreStatus"))["Which"] == "prompt"


async def test_the_outcome_of_a_queued_call_is_an_event_not_a_response() -> None:
    async def script(peer: Peer) -> None:
        await peer.log_in()
        action = await peer.action()
        own = action["ActionID"]
        await peer.send(Event="OriginateResponse", Response="Failure", ActionID=own, Reason="5")
        await peer.answer(action, Message="Originate successfully queued")
        await peer.silent()

    async with watching(script) as (_, engine):
        await engine.linked()
        queued = await engine.ami.action("Originate", Channel="PJSIP/101", ActionID="call-1")
        assert queued["Message"] == "Originate successfully queued"
        outcome = await engine.next()
        assert (outcome["Response"], outcome["ActionID"]) == ("Failure", "call-1")


async def test_a_header_that_comes_twice_is_one_text_of_two_lines() -> None:
    async def script(peer: Peer) -> None:
        await peer.log_in()
        await peer.write("Event: Newchannel\r\nChanVariable: A=1\r\nChanVariable: B=2\r\n\r\n")
        await peer.silent()

    async with watching(script) as (_, engine):
        assert (await engine.next())["ChanVariable"] == "A=1\nB=2"
