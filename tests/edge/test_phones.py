"""Real softphones and SIPp callers on a real Asterisk: what the other tests' ears and mouths are.

The engine is not in this: a few lines of ARI take every call, ring a phone or just answer.
"""

import asyncio
import contextlib
import os
import time

import aiohttp
import pytest

from engine.asterisk import install
from engine.asterisk.process import PrivateAsterisk
from engine.demo import sipp, tones
from engine.demo.phones import PhoneError, Phones, PhoneState
from engine.demo.rtp import KeyPress
from engine.sounds import music

AGENT, CALLER = ("1001", "agent-secret"), ("caller", "caller-secret")
DESK, MUSIC = "19001001", "19001002"
AGENTS_TONE, CALLERS_TONE = 440.0, 620.0


@pytest.fixture
def installation():
    found = install.find(os.environ.get("TONGDAI_ASTERISK"))
    if found is None:
        pytest.skip("no Asterisk here: python -m engine.asterisk.install brings one")
    return found


@pytest.fixture
async def asterisk(installation, tmp_path):
    music.ensure_music(tmp_path / "music")
    async with PrivateAsterisk(
        installation,
        tmp_path / "asterisk",
        prompts_dir=tmp_path / "prompts",
        music_dir=tmp_path / "music",
        dial_in=dict([AGENT, CALLER]),
        rtp_ports=100,
    ) as running:
        yield running


@pytest.fixture
async def operator(asterisk):
    login = aiohttp.encode_basic_auth(asterisk.ari_user, asterisk.ari_password)
    async with aiohttp.ClientSession(headers={"Authorization": login}) as http:
        operator = Operator(http, asterisk.ari_url)
        async with operator.at_work():
            yield operator


@pytest.fixture
async def phones(operator):
    async with Phones() as phones:
        yield phones


class Operator:
    """Takes every call. DESK rings the agent and connects both; MUSIC answers and plays music, and
    hangs up on whoever presses 9."""

    def __init__(self, http, url):
        self.http, self.url = http, url
        self.digits = []  # (caller's number, digit), as Asterisk heard them
        self.causes = asyncio.Queue()  # Q.850, of each leg to the agent

    @contextlib.asynccontextmanager
    async def at_work(self):
        async with self.http.ws_connect(f"{self.url}/events?app=tongdai") as socket:
            working = asyncio.create_task(self._work(socket))
            try:
                yield
            finally:
                working.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await working

    async def _work(self, socket):
        async for message in socket:
            event = message.json()
            if event["type"] == "StasisStart" and event["args"][0] == "inbound":
                await self._take(event["channel"], event["args"][1])
            elif event["type"] == "StasisStart":
                await self._connect(event["args"][1], event["channel"]["id"])
            elif event["type"] == "ChannelDtmfReceived":
                await self._hear(event["channel"], event["digit"])
            elif event["type"] == "ChannelDestroyed" and event["channel"]["id"] == "agent-leg":
                self.causes.put_nowait(event["cause"])
            elif event["type"] == "StasisEnd":
                await self.hang_up("agent-leg")  # one left: both leave

    async def _take(self, channel, number):
        if number == DESK:
            await self.post(
                "channels",
                endpoint=f"PJSIP/{AGENT[0]}",
                app="tongdai",
                appArgs=f"agent,{channel['id']}",
                channelId="agent-leg",
            )
            return
        await self.post(f"channels/{channel['id']}/answer")
        await self.post(f"channels/{channel['id']}/moh")

    async def _hear(self, channel, digit):
        self.digits.append((channel["caller"]["number"], digit))
        if digit == "9":
            await self.hang_up(channel["id"])

    async def _connect(self, caller, agent):
        await self.post(f"channels/{caller}/answer")
        await self.post("bridges", bridgeId="talk", type="mixing")
        await self.post("bridges/talk/addChannel", channel=f"{caller},{agent}")

    async def hang_up(self, channel):
        async with self.http.delete(f"{self.url}/channels/{channel}") as answer:
            assert answer.status in (204, 404)

    async def post(self, path, **parameters):
        async with self.http.post(f"{self.url}/{path}", params=parameters) as answer:
            assert answer.status < 300, await answer.text()


def where(asterisk):
    return asterisk.addresses.sip_host, asterisk.addresses.sip_port


async def until(condition):
    """Wait for what the sound on the line brings; the test's own time limit ends it."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - sound arrives without an event
            await asyncio.sleep(0.02)


async def test_a_caller_and_an_agent_hear_each_other(asterisk, phones):
    agent = await phones.register(*AGENT, *where(asterisk))
    caller = await phones.caller(*CALLER, *where(asterisk))
    agent.answer_after(0.2)

    calling = await caller.dial(DESK)
    ringing = await agent.next_call()
    assert ringing.state is PhoneState.RINGING
    await calling.wait_established()
    await ringing.wait_established()
    assert ringing.answered.monotonic - ringing.rang.monotonic >= 0.19
    ringing.start_tone(AGENTS_TONE)
    calling.start_tone(CALLERS_TONE)
    await until(lambda: tones.find(calling.heard(), AGENTS_TONE).seconds > 1)
    await until(lambda: tones.find(ringing.heard(), CALLERS_TONE).seconds > 1)

    assert not tones.find(calling.heard(), CALLERS_TONE).is_heard  # no echo of himself
    assert not tones.find(ringing.heard(), AGENTS_TONE).is_heard
    before = time.time()
    await calling.hang_up()
    assert await ringing.wait_ended() == "hung up there"
    assert await calling.wait_ended() == "hung up here"
    assert before <= ringing.ended.wall <= time.time()


async def test_a_caller_hears_nothing_more_of_an_agent_who_fell_silent(asterisk, phones):
    agent = await phones.register(*AGENT, *where(asterisk))
    agent.answer_after(0)
    calling = await (await phones.caller(*CALLER, *where(asterisk))).dial(DESK)
    talking = await agent.next_call()
    await calling.wait_established()
    talking.start_tone(AGENTS_TONE)
    await until(lambda: tones.find(calling.heard(), AGENTS_TONE).seconds > 0.5)

    talking.stop_tone()
    silent = time.monotonic() + 0.5  # what is on its way is heard until then
    await until(lambda: tones.seconds(calling.heard(since=silent)) > 0.5)

    assert not tones.find(calling.heard(since=silent), AGENTS_TONE).is_heard


async def test_an_agent_who_refuses_a_call_is_busy_to_asterisk(asterisk, operator, phones):
    agent = await phones.register(*AGENT, *where(asterisk))
    calling = await (await phones.caller(*CALLER, *where(asterisk))).dial(DESK)

    await (await agent.next_call()).reject()

    assert await asyncio.wait_for(operator.causes.get(), 60) == 17  # Q.850: user busy
    await calling.hang_up()


async def test_an_agent_sees_that_the_call_he_ignored_stopped_ringing(asterisk, operator, phones):
    agent = await phones.register(*AGENT, *where(asterisk))
    calling = await (await phones.caller(*CALLER, *where(asterisk))).dial(DESK)
    ringing = await agent.next_call()

    await operator.hang_up("agent-leg")

    assert await ringing.wait_ended() == "hung up there"
    assert ringing.answered is None
    await calling.hang_up()


async def test_a_caller_presses_keys_and_hears_the_music(asterisk, operator, phones):
    caller = await phones.caller(*CALLER, *where(asterisk))
    calling = await caller.dial(MUSIC)
    await calling.wait_established()

    await calling.press("1#")

    await until(lambda: len(operator.digits) == 2)
    assert operator.digits == [("caller", "1"), ("caller", "#")]
    await until(lambda: tones.speech_seconds(calling.heard()) > 1)


async def test_an_agent_who_logged_off_is_not_rung(asterisk, operator, phones):
    agent = await phones.register(*AGENT, *where(asterisk))
    await agent.unregister()

    async with operator.http.get(f"{operator.url}/endpoints/PJSIP/{AGENT[0]}") as answer:
        assert (await answer.json())["state"] == "offline"
    await agent.register()
    async with operator.http.get(f"{operator.url}/endpoints/PJSIP/{AGENT[0]}") as answer:
        assert (await answer.json())["state"] == "online"


async def test_a_phone_with_a_wrong_secret_says_why_it_cannot_register(asterisk, phones):
    with pytest.raises(PhoneError, match=r"1001 .*refused it \(401 Unauthorized\).*secret"):
        await phones.register(AGENT[0], "wrong", *where(asterisk))


async def test_a_phone_whose_call_nobody_takes_says_why(asterisk, phones):
    caller = await phones.caller(CALLER[0], "wrong", *where(asterisk))
    calling = await caller.dial(MUSIC)

    with pytest.raises(PhoneError, match="not answered: 401 Unauthorized"):
        await calling.wait_established()


async def test_a_second_set_of_phones_in_one_process_is_refused(phones):
    with pytest.raises(PhoneError, match="only one"):
        await Phones().__aenter__()


async def test_callers_on_a_trunk_press_keys_and_note_their_times(installation, asterisk, operator):
    menu = (KeyPress(0.3, "1"), KeyPress(0.7, "5"))
    wanted = [
        sipp.CallPlan(MUSIC, "0900000001", patience=2.0, keys=menu),
        sipp.CallPlan(MUSIC, "0900000002", patience=60.0, keys=(KeyPress(0.5, "9"),)),
        sipp.CallPlan("not-a-number", "0900000003", patience=1.0),
    ]
    began = time.time()

    result = await sipp.run(installation, where(asterisk), wanted, rate=10)

    patient, hung_up_on, refused = result.calls
    assert (result.created, result.successful, result.failed) == (3, 2, 1)
    assert began < patient.started <= patient.answered < patient.ended < time.time()
    assert 1.9 < patient.ended - patient.answered < 4
    assert (patient.ended_by, hung_up_on.ended_by) == ("caller", "far end")
    assert hung_up_on.ended - hung_up_on.answered < 30  # not the 60 of his patience
    assert (refused.status, refused.answered) == (404, None)
    assert sorted(operator.digits) == [
        ("0900000001", "1"),
        ("0900000001", "5"),
        ("0900000002", "9"),
    ]
    assert tones.speech_seconds(patient.heard) > 1  # the music
    assert len({call.call_id for call in result.calls}) == 3


async def test_sipp_that_cannot_run_says_what_it_printed(installation, asterisk):
    wanted = [sipp.CallPlan(MUSIC, "0900000001", patience=1.0)]

    with pytest.raises(sipp.SippFailed, match="exit code"):
        await sipp.run(installation, ("no such host", 5060), wanted)
