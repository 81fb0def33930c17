"""A talk of two, heard by everybody in it and by its recording: hold, mute, keys, park."""

from functools import partial

import pytest
import pytest_asyncio
from center import PATIENCE, kinds_of, until
from hearing_kit import EDGE_SECONDS, WORST_SECONDS, Room, intervals, stretches_of
from keypad import AGAIN_SECONDS, type_until
from live_site import write_site
from talk_site import FILES, SUPPORT

from engine.demo import tones
from engine.demo.example_systems import GOOD_CARD, ExampleSystems

pytestmark = pytest.mark.asyncio(loop_scope="module")
CALLS_THE_CARRIER = True

EXPIRY, CODE = "1239", "739"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def systems():
    """The payment gateway that the flow `pay` asks."""
    async with ExampleSystems() as systems:
        yield systems


@pytest.fixture(scope="module")
def center_settings(tmp_path_factory, systems):
    """A center of these files."""
    return write_site(tmp_path_factory.mktemp("site"), FILES) | systems.environment


@pytest_asyncio.fixture(loop_scope="module")
async def room(floor):
    """Mai and a caller talk."""
    room = Room(floor)
    await room.come(mai="3001")
    await room.begin(SUPPORT, "mai")
    return room


async def test_a_held_caller_has_music_whoever_holds_and_is_recorded_throughout(room):
    caller, mai = room.calls["caller"], room.calls["mai"]
    await room.order("mai", "hold")
    await room.hear(caller="music", mai="")
    await room.order("mai", "resume")
    await room.hear(caller="mai", mai="caller")
    await mai.hold()
    await room.hear(caller="music", mai="")
    await mai.resume()
    room.speak(mai=mai)
    await room.hear(caller="mai", mai="caller")
    await caller.hold()
    await room.hear(mai="music")
    await caller.resume()
    room.speak(caller=caller)
    await room.hear(caller="mai", mai="caller")
    await caller.hang_up()

    record = await room.record()

    assert stretches_of(record, "mai") == ["talk", "hold"] * 3 + ["talk"]
    assert kinds_of(record)[-7:] == ["talk", "hold"] * 3 + ["talk"]
    room.assert_talk_times(record)
    room.assert_recorded(record)


async def test_who_is_muted_is_not_heard_and_hears_and_keys_are_sent_to_the_caller(room):
    caller = room.calls["caller"]
    await room.order("mai", "mute")
    await room.hear(caller="", mai="caller")
    await room.order("mai", "mute", who="caller")
    await room.hear(caller="", mai="")
    await room.order("mai", "unmute")
    await room.hear(caller="mai", mai="")
    await room.order("mai", "unmute", who="caller")
    await room.hear(caller="mai", mai="caller")
    keys = []
    caller._call.on_dtmf(lambda event: keys.append(event.digit))
    await room.order("mai", "keys", keys="4711#")
    await until(lambda: "".join(keys) == "4711#")
    assert await room.order("mai", "keys", keys="x", expect=409)
    await caller.hang_up()

    record = await room.record()

    assert stretches_of(record, "mai") == ["talk"]
    room.assert_recorded(record)
    assert "4711" not in str(record["steps"])


async def test_a_parked_caller_is_picked_up_and_goes_back_when_nobody_does(room):
    await room.come(john="3002")
    slot = await room.order("mai", "park")
    await room.calls["mai"].wait_ended(PATIENCE)
    await room.hear(caller="music")
    [parked] = await room.floor.center.get("/v1/parked")
    assert (parked["slot"], parked["by"]) == (slot, "mai")
    status, answer = await room.floor.center.post(f"/v1/parked/{slot}/pick_up", agent="john")
    assert status == 200, answer
    await room.answer("john")
    await room.hear(caller="john", john="caller")

    await room.order("john", "park")
    await room.hear(caller="music")
    await room.answer("john")  # his time there is over
    await room.hear(caller="john", john="caller")
    await room.calls["john"].hang_up()

    record = await room.record()

    went = [kind for kind in kinds_of(record) if kind in ("talk", "parked", "dialing")]
    assert went == ["talk", "parked", "dialing"] * 2 + ["talk"]
    assert stretches_of(record, "john") == ["talk", "talk"]
    room.assert_talk_times(record)
    room.assert_recorded(record, unrecorded=(1, 3))


async def test_a_card_paid_in_a_talk_is_heard_recorded_and_written_by_nobody(room, systems):
    caller, mai = room.calls["caller"], room.calls["mai"]
    keys = []
    mai._call.on_dtmf(keys.append)

    def is_asked(prompt):
        return partial(until, lambda: room.floor.heard_prompt(caller, prompt), AGAIN_SECONDS)

    await room.order("mai", "secure", flow="pay")
    await room.hear(caller="music", mai="music")  # his is the voice that asks him
    assert await room.order("mai", "hold", expect=409)
    await type_until(caller, f"{GOOD_CARD}#", is_asked("payment_expiry"))
    await type_until(caller, EXPIRY, is_asked("payment_cvv"))
    paid = partial(until, lambda: systems.charges == {"B-1": 125000}, AGAIN_SECONDS)
    await type_until(caller, CODE, paid)
    await room.hear(caller="mai", mai="caller")
    await caller.hang_up()

    record = await room.record()

    assert stretches_of(record, "mai") == ["talk", "hold", "talk"]
    assert kinds_of(record)[-3:] == ["talk", "ivr", "talk"]
    assert {"name": "payment_token", "value": "tok_1"} in record["tags"]
    room.assert_talk_times(record)
    room.assert_recorded(record, silent=(1,))
    [made] = record["recordings"]
    [gap] = made["gaps"]
    [secure] = [each for each in record["segments"] if each["kind"] == "ivr"]
    assert gap["began"] <= secure["started"] + 0.1
    assert -EDGE_SECONDS <= gap["ended"] - secure["ended"] <= WORST_SECONDS
    aside = secure["started"] + EDGE_SECONDS, secure["ended"] - EDGE_SECONDS
    assert tones.level(room.recorded(record, *aside)) < tones.SILENCE_DBFS
    assert not any(
        began < aside[1] and aside[0] < ended for began, ended in intervals(mai, "caller")
    )
    assert keys == []
    written = [str(record), *written_by(room.floor.center)]
    assert [text for text in written if GOOD_CARD in text or EXPIRY + CODE in text] == []
    assert [text for text in written if "DTMF" in text] == []


def written_by(center):
    """All that the engine and Asterisk have written: logs, journal, ledger, traces."""
    files = [center.console, *center.state_dir.rglob("*"), *center.asterisk.run_dir.rglob("*")]
    return [file.read_bytes().decode("latin-1") for file in files if file.is_file()]
