"""Flows that decide when they answer: what a caller hears before costs him nothing."""

import pytest
from center import until
from listening import heard_prompt
from live_site import usual_site
from wire import TRUNK, WireCall

from engine.demo import rtp, tones

pytestmark = pytest.mark.asyncio(loop_scope="module")

FREE, BUSY = "19001050", "19001051"
FILES = {
    "flows/free.yaml": """
        flow: free
        start: notice
        nodes:
          notice: {type: say, prompts: closed, next: pick_up}
          pick_up: {type: answer, ring_seconds: 1, next: bye}
          bye: {type: hangup, prompts: sorry}
        """,
    "flows/busy.yaml": """
        flow: busy
        start: notice
        nodes:
          notice: {type: say, prompts: closed, next: are_we_open}
          are_we_open: {type: hours, calendar: never, open: pick_up, closed: busy}
          pick_up: {type: answer, next: busy}
          busy: {type: hangup, cause: busy}
        """,
    "routes/early.yaml": f"""
        numbers:
          "{FREE}": {{flow: free}}
          "{BUSY}": {{flow: busy}}
        """,
}


@pytest.fixture(scope="module")
def center_settings(tmp_path_factory):
    """The site of the tests, with these flows."""
    return usual_site(tmp_path_factory.mktemp("site"), FILES)


async def calling(wire, party, number):
    """Call with an ear that listens from the first packet. Returns the provisional response."""
    own = wire.sdp().replace(f"m=audio {wire._rtp.getsockname()[1]}", f"m=audio {party.port}")
    await wire.invite(number, body=own)
    return await wire.until(lambda message: message.status == 183)


async def test_a_caller_hears_a_notice_and_the_ringing_before_he_pays(floor, prepared):
    party = rtp.RtpParty()
    async with rtp.parties(TRUNK, [party]):
        with WireCall(floor.address) as wire:
            progress = await calling(wire, party, FREE)
            assert "m=audio" in progress.text
            assert (await wire.final()).status == 200
            before = party.heard()
            await wire.ack()
            await wire.until(lambda message: message.text.startswith("BYE"))
    assert heard_prompt(before, prepared.prompts_dir / "en/closed.wav")
    assert tones.find(before, 440).seconds > 0.3, "Asterisk rings in the early media"
    assert heard_prompt(party.heard(), prepared.prompts_dir / "en/sorry.wav")
    record = await floor.record(wire)
    assert record["answered"] - record["arrived"] > 2
    assert record["outcome"] == "self_served"


async def test_a_key_cuts_the_notice_before_the_answer(floor, prepared):
    party = rtp.RtpParty([rtp.KeyPress(0.5, "1")])
    async with rtp.parties(TRUNK, [party]):
        with WireCall(floor.address) as wire:
            await calling(wire, party, FREE)
            assert (await wire.final()).status == 200
            assert not heard_prompt(party.heard(), prepared.prompts_dir / "en/closed.wav")
            await wire.ack()
            await wire.bye()
            await wire.final("BYE")
    assert (await floor.record(wire))["ended_by"] == "caller"


async def test_a_caller_who_gives_up_before_the_answer_was_never_answered(floor):
    party = rtp.RtpParty()
    async with rtp.parties(TRUNK, [party]):
        with WireCall(floor.address) as wire:
            await calling(wire, party, FREE)
            await until(party.heard)
            await wire.cancel()
            assert (await wire.final()).status == 487
    record = await floor.record(wire)
    assert (record["answered"], record["outcome"]) == (None, "abandoned")


async def test_a_caller_who_is_refused_hears_why_and_his_network_that_we_are_busy(floor, prepared):
    party = rtp.RtpParty()
    async with rtp.parties(TRUNK, [party]):
        with WireCall(floor.address) as wire:
            await calling(wire, party, BUSY)
            assert (await wire.final()).status == 486
    assert heard_prompt(party.heard(), prepared.prompts_dir / "en/closed.wav")
    assert (await floor.record(wire))["answered"] is None
