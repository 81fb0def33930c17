"""Messages for real: left in a queue, heard as work, by a feature code, and shown by a lamp."""

import asyncio

import pytest
from center import CALLERS_TONE, PATIENCE, kinds_of, until
from lamp_phone import LampPhone

from engine.demo import tones

pytestmark = pytest.mark.asyncio(loop_scope="module")

WORK, BOX = "19004001", "19004002"
LISTEN = "*98"
MESSAGE_SECONDS = 4.0

FILES = {
    "queues.yaml": """
        queues:
          work:
            wrap_up: none
            voicemail: {key: "2", as_work: true}
          box:
            wrap_up: none
            voicemail: {key: "2"}
    """,
    "agents.yaml": """
        agents:
          mai: {extension: "3001", queues: [work]}
          an: {extension: "3002", queues: [box]}
          binh: {extension: "3003", queues: [box]}
    """,
    "routes/main.yaml": f"""
        numbers:
          "{WORK}": {{queue: work, language: en}}
          "{BOX}": {{queue: box, language: en}}
        features:
          voicemail: "{LISTEN}"
    """,
}


async def leave_message(floor, number):
    """A caller waits, presses the key, sends his tone after the beep, and hangs up."""
    calling = await floor.dial(number)
    await until(lambda: floor.heard_music(calling))
    await calling.press("2")
    await until(lambda: floor.heard_prompt(calling, "voicemail_greeting"))
    [live] = await floor.live()
    await until(lambda: floor.is_recorded(f"{live['call']}-m1"))
    calling.start_tone(CALLERS_TONE)
    await asyncio.sleep(MESSAGE_SECONDS)
    await calling.hang_up()
    record = await floor.record(calling)
    assert record["outcome"] == "voicemail"
    return record


async def messages(floor, query=""):
    return await floor.center.get(f"/v1/voicemails{query}")


def heard_the_message(call):
    return tones.find(call.heard(), CALLERS_TONE).seconds > MESSAGE_SECONDS - 1.5


async def test_an_agent_is_offered_a_message_and_hears_the_tone_that_was_left(floor):
    left = await leave_message(floor, WORK)
    [waiting] = next(q for q in await floor.center.get("/v1/queues") if q["name"] == "work")[
        "waiting"
    ]
    assert waiting["callback"]
    phone = await floor.agent("mai", "3001", answer_after=0)
    answered = await phone.next_call(PATIENCE)
    await answered.wait_established(PATIENCE)
    await until(lambda: heard_the_message(answered), 30)
    await until(lambda: floor.heard_prompt(answered, "voicemail_keys"), 15)
    await answered.press("2")
    assert await answered.wait_ended(PATIENCE) == "hung up there"

    async def written():
        return next((r for r in await floor.records() if r["parent"] == left["call"]), None)

    record = await until(written)
    assert (record["direction"], record["outcome"], record["agent"]) == (
        "voicemail",
        "answered",
        "mai",
    )
    assert kinds_of(record)[:3] == ["queue", "ring", "talk"]
    [message] = await messages(floor, "?mailbox=queue:work")
    assert (message["by"], message["call"]) == ("mai", left["call"])

    async def is_saved():
        [message] = await messages(floor, "?mailbox=queue:work")
        return message["state"] == "saved"

    await until(is_saved)


async def test_a_lamp_tells_of_a_message_until_somebody_has_heard_it_by_phone_and_deleted_it(
    floor,
):
    center = floor.center
    async with LampPhone("3002", center.sip_password("3002"), floor.address) as lamp:
        await leave_message(floor, BOX)
        await until(lambda: any("Voice-Message: 1/0" in shown for shown in lamp.shown), 20)
        assert lamp.shown[-1].startswith("Messages-Waiting: yes")
        assert (await floor.seen("an"))["voicemails"] == 1

        listening = await (await floor.phone("3003")).dial(LISTEN)
        await listening.wait_established(PATIENCE)
        await until(lambda: heard_the_message(listening), 40)
        await listening.press("3")
        await until(lambda: floor.heard_prompt(listening, "mailbox_no_more"), 15)
        await listening.hang_up()
        await until(lambda: lamp.shown[-1].startswith("Messages-Waiting: no"), 20)

    assert await messages(floor, "?mailbox=queue:box") == []
    [deleted] = await messages(floor, "?mailbox=queue:box&state=deleted")
    assert deleted["by"] == "binh"

    async def is_gone():
        status, _ = await floor.asterisk(f"recordings/stored/{deleted['voicemail']}")
        return status == 404

    await until(is_gone, 40)
