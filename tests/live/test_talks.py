"""A talk of two, heard by everybody in it and by its recording: hold, mute, keys, park."""

import pytest
import pytest_asyncio
from center import PATIENCE, kinds_of
from hearing_kit import Room, stretches_of
from live_site import write_site
from talk_site import FILES, SUPPORT

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def center_settings(tmp_path_factory):
    """A center of these files."""
    return write_site(tmp_path_factory.mktemp("site"), FILES)


@pytest.fixture(scope="module")
def asterisk_settings(carrier):
    """Its trunk leads to the carrier."""
    return {"trunk_contact": carrier.contact}


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
    await room.order("mai", "keys", keys="4711#")
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


async def test_what_a_caller_types_alone_is_heard_and_recorded_by_nobody(room):
    caller = room.calls["caller"]
    await room.order("mai", "secure", flow="card")
    await room.hear(caller="music", mai="music")  # his is the voice that asks him
    assert await room.order("mai", "hold", expect=409)
    await caller.press("4728")
    await room.hear(caller="mai", mai="caller")
    await caller.hang_up()

    record = await room.record()

    assert stretches_of(record, "mai") == ["talk", "hold", "talk"]
    assert kinds_of(record)[-3:] == ["talk", "ivr", "talk"]
    room.assert_talk_times(record)
    room.assert_recorded(record, silent=(1,))
    [made] = record["recordings"]
    [gap] = made["gaps"]
    [secure] = [each for each in record["segments"] if each["kind"] == "ivr"]
    assert gap["began"] <= secure["started"] + 0.1
    assert abs(gap["ended"] - secure["ended"]) <= 0.2
    for written in (str(record), room.floor.center.console.read_text()):
        assert "4728" not in written
