"""Supervisors listen, whisper, join in and take over: real phones, told apart by their tones."""

import time

import numpy as np
import pytest
from center import PATIENCE, SUPPORT, until
from hearing_kit import TONES, Room
from live_site import usual_site

from engine.demo import tones

pytestmark = pytest.mark.asyncio(loop_scope="module")

AGENTS = """
    agents:
      mai: {extension: "3001", queues: [support], languages: [en], team: sales}
      john: {extension: "3002", languages: [en], supervises: [sales]}
      linh: {extension: "3003", queues: [support], languages: [en], supervises: ["*"]}
      minh:
        extension: "3004"
        queues: [sales, impatient, brief, closed_shop]
        languages: [vi, en]
        supervises: [support]
"""
LISTEN, WHISPER, BARGE, TAKE_OVER = "4", "5", "6", "9"
FRAME = 160  # samples: 20 ms
MOST_LOST = 5  # more than a phone beside, by chance; one for each move would be 12


@pytest.fixture(scope="module")
def center_settings(tmp_path_factory):
    """The usual numbers, with agents of teams."""
    return usual_site(tmp_path_factory.mktemp("site"), {"agents.yaml": AGENTS})


async def _talk(floor, agent="mai", extension="3001"):
    """A caller and an agent, who say their tones."""
    room, phone = Room(floor), await floor.agent(agent, extension, answer_after=0)
    calling = await floor.dial(SUPPORT)
    answered = await phone.next_call(PATIENCE)
    await answered.wait_established(PATIENCE)
    await floor.until_together(agent)
    room.speak(caller=calling, **{agent: answered})
    await room.hear(caller=agent, **{agent: "caller"})
    return room


async def _supervise(floor, room, name="john", extension="3002", watch="listen"):
    """A supervisor's phone rings, and he answers; returns it."""
    phone = await floor.phone(extension)
    phone.answer_after(0)
    path = "/v1/agents/mai/supervision"
    status, told = await floor.center.post(path, supervisor=name, watch=watch)
    assert (status, told["rings"]) == (202, True)
    call = await phone.next_call(PATIENCE)
    await call.wait_established(PATIENCE)
    room.speak(**{name: call})
    return phone


async def _audit(floor, who):
    """What he did since this floor was opened, oldest first."""
    path = f"/v1/audit?who={who}&since={floor.began}"
    entries = await floor.center.get(path)
    return [(entry["action"], entry["subject"], entry["contact"]) for entry in reversed(entries)]


def lost_frames(call, hz, since):
    """How many of the 20 ms frames heard since then have less than half of the tone; and how many
    there were."""
    samples = np.frombuffer(call.heard(since), "<i2") / 32768
    whole = len(samples) // FRAME
    frames = samples[: whole * FRAME].reshape(whole, FRAME)
    wave = np.hanning(FRAME) * np.exp(-2j * np.pi * hz / tones.RATE * np.arange(FRAME))
    level = np.abs(np.einsum("fs,s->f", frames, wave))
    return int(np.count_nonzero(level < np.median(level) / 2)), whole


async def test_a_supervisor_moves_among_the_three_and_nobody_misses_a_word(floor):
    room, beside = await _talk(floor), await _talk(floor, "linh", "3003")
    began = time.monotonic()
    await _supervise(floor, room)
    await room.hear(caller="mai", mai="caller", john="caller mai")
    for _ in range(2):
        await room.calls["john"].press(WHISPER)
        await room.hear(caller="mai", mai="caller john", john="caller mai")
        await room.calls["john"].press(BARGE)
        await room.hear(caller="mai john", mai="caller john", john="caller mai")
        await room.calls["john"].press(LISTEN + WHISPER + LISTEN)
        await room.hear(caller="mai", mai="caller", john="caller mai")
    for mine, his, speaker, other in (
        ("caller", "caller", "mai", "linh"),
        ("mai", "linh", "caller", "caller"),
    ):
        lost, frames = lost_frames(room.calls[mine], TONES[speaker], began)
        noise, _ = lost_frames(beside.calls[his], TONES[other], began)  # of a busy machine
        assert lost <= noise + MOST_LOST, f"{mine} lost {lost} of {frames}, {noise} beside"
    for call in (room.calls["john"], room.calls["caller"], beside.calls["caller"]):
        await call.hang_up()
    actions = [action for action, *_ in await _until_audited(floor, "john", "stop_supervising")]
    moves = ["whisper", "barge", "listen", "whisper", "listen"]
    assert actions == ["supervise", "listen", *moves, *moves, "leave", "stop_supervising"]


async def _until_audited(floor, who, action):
    async def there():
        done = await _audit(floor, who)
        return done if action in [each[0] for each in done] else None

    return await until(there)


async def test_two_supervisors_are_in_one_talk_and_stay_with_the_agent_while_he_holds(floor):
    room = await _talk(floor)
    await _supervise(floor, room)
    await _supervise(floor, room, "linh", "3003", "whisper")
    await room.hear(caller="mai", mai="caller linh", john="caller mai", linh="caller mai")
    await room.calls["john"].press(BARGE)
    everybody = {"caller": "mai john", "mai": "caller john linh", "linh": "caller mai john"}
    await room.hear(**everybody, john="caller mai")
    await room.calls["john"].press(LISTEN)
    await room.order("mai", "hold")
    await room.hear(caller="music", mai="linh")
    await room.order("mai", "resume")
    await room.hear(caller="mai", mai="caller linh", john="caller mai", linh="caller mai")
    shown = await floor.center.get("/v1/agents/mai/supervision")
    assert {(each["supervisor"], each["watch"]) for each in shown} == {
        ("john", "listen"),
        ("linh", "whisper"),
    }
    await room.calls["caller"].hang_up()


async def test_he_follows_his_agent_to_the_next_talk_and_hears_music_between(floor):
    room, mai = Room(floor), await floor.agent("mai", "3001", answer_after=0)
    await _supervise(floor, room, watch="whisper")
    for _ in range(2):
        await room.hear(john="music")
        calling = await floor.dial(SUPPORT)
        answered = await mai.next_call(PATIENCE)
        await answered.wait_established(PATIENCE)
        room.speak(caller=calling, mai=answered)
        await room.hear(caller="mai", mai="caller john", john="caller mai")
        await calling.hang_up()
    await room.hear(john="music")


async def test_he_stays_with_his_agent_who_consults_somebody(floor):
    room = await _talk(floor)
    await _supervise(floor, room, "linh", "3003", "whisper")
    john = await floor.phone("3002")
    john.answer_after(0)
    await room.order("mai", "consult", to={"agent": "john"})
    answered = await john.next_call(PATIENCE)
    await answered.wait_established(PATIENCE)
    room.speak(john=answered)
    await room.hear(caller="music", mai="john linh", john="mai", linh="mai john")
    await room.calls["linh"].press(BARGE)
    await room.hear(caller="music", mai="john linh", john="mai linh", linh="mai john")
    await room.order("mai", "cancel")
    await room.hear(caller="mai linh", mai="caller linh", linh="caller mai")
    await room.calls["caller"].hang_up()


async def test_who_takes_a_talk_over_has_the_caller_for_himself(floor):
    room = await _talk(floor)
    await _supervise(floor, room)
    await room.hear(caller="mai", mai="caller", john="caller mai")
    await room.calls["john"].press(TAKE_OVER)
    assert await room.calls["mai"].wait_ended(PATIENCE) == "hung up there"
    await room.hear(caller="john", john="caller")
    await room.calls["caller"].hang_up()
    await room.hear(john="music")
    await room.calls["john"].hang_up()
    record = await room.record()
    assert [each["agent"] for each in record["segments"] if each["kind"] == "talk"] == [
        "mai",
        "john",
    ]
    actions = [each[0] for each in await _until_audited(floor, "john", "stop_supervising")]
    assert actions == ["supervise", "listen", "leave", "take_over", "stop_supervising"]


async def test_nobody_hears_an_agent_of_another_team_or_himself(floor):
    for supervisor, agent, why in (
        ("minh", "mai", "does not supervise it"),
        ("mai", "mai", "cannot supervise himself"),
    ):
        path = f"/v1/agents/{agent}/supervision"
        status, told = await floor.center.post(path, supervisor=supervisor)
        assert (status, why in told["detail"]) == (403, True)
    await floor.until_online("3002", False)  # he may just have been there, in another test
    status, told = await floor.center.post("/v1/agents/mai/supervision", supervisor="john")
    assert (status, told["detail"]) == (409, "john cannot be rung: his phone is unreachable.")
    assert await _audit(floor, "minh") == []


async def test_he_goes_on_listening_when_the_engine_died_and_came_back(floor):
    room = await _talk(floor)
    await _supervise(floor, room, watch="whisper")
    await room.hear(caller="mai", mai="caller john", john="caller mai")
    await floor.center.kill_engine()
    await room.hear(caller="mai", mai="caller john", john="caller mai")
    await floor.center.start_engine()
    await room.hear(caller="mai", mai="caller john", john="caller mai")
    await room.calls["john"].press(LISTEN)
    await room.hear(caller="mai", mai="caller", john="caller mai")
    await room.calls["caller"].hang_up()
    await room.hear(john="music")
