"""Every shape of a transfer, heard by everybody in it at each stage and by the recording."""

import asyncio

import pytest
import pytest_asyncio
import talk_site
from center import PATIENCE, kinds_of
from hearing_kit import TONES, Room, stretches_of
from talk_site import OUTSIDE, RING_SECONDS, SALES, SUPPORT

pytestmark = pytest.mark.asyncio(loop_scope="module")
CALLS_THE_CARRIER = True
FILES = talk_site.FILES

JOHN, LINH = {"agent": "john"}, {"agent": "linh"}


@pytest_asyncio.fixture(loop_scope="module")
async def room(floor):
    """Mai and a caller talk; john is at his phone, and ready."""
    room = Room(floor)
    await room.come(mai="3001")
    await room.begin(SUPPORT, "mai")
    await room.come(john="3002")
    return room


@pytest_asyncio.fixture(loop_scope="module")
async def far(carrier):
    """The ear and mouth of who is dialed outside."""
    async with carrier.heard(TONES["far"]) as party:
        yield party


async def reach(room, carrier, far):
    """The number outside that is dialed now answers."""
    called = await carrier.next()
    called.ring()
    await called.answer()
    room.speak(far=far)
    return called


async def consult(room, agent="mai", other="john"):
    """They talk alone, and the caller has music."""
    await room.order(agent, "consult", to={"agent": other})
    await room.hear(**{"caller": "music", agent: "ringing"})
    await room.answer(other)
    await room.hear(**{"caller": "music", agent: other, other: agent})


# -- blind --------------------------------------------------------------------------------------


async def test_blind_to_an_agent_then_to_a_queue_where_his_age_counts(room):
    await room.order("mai", "transfer", to=JOHN)
    await room.calls["mai"].hang_up()  # his phone rings: she has no more to do with it
    await room.hear(caller="ringing")
    await room.answer("john")
    await room.hear(caller="john", john="caller")
    await room.come(linh="3003")
    await room.order("john", "transfer", to={"queue": "sales"})
    await room.answer("linh")
    await room.hear(caller="linh", linh="caller")
    await room.order("linh", "transfer", to={"queue": "support"})
    await room.answer("mai")
    await room.hear(caller="mai", mai="caller")
    await room.calls["caller"].hang_up()

    record = await room.record()

    assert [visit["queue"] for visit in record["visits"]] == ["support", "sales", "support"]
    assert [(t["how"], t["agent"], t["target"]) for t in record["transfers"]] == [
        ("blind", "mai", "agent"),
        ("blind", "john", "queue"),
        ("blind", "linh", "queue"),
    ]
    room.assert_talk_times(record)
    room.assert_recorded(record, unrecorded=(1,))


async def test_blind_to_a_number_that_is_busy_and_back_in_the_queue(room, carrier):
    await room.order("mai", "transfer", to={"number": OUTSIDE})
    called = await carrier.next()
    called.ring()
    await room.hear(caller="ringing")
    called.refuse("486 Busy Here")
    await room.answer("mai")  # he is back in line, and she is free
    await room.hear(caller="mai", mai="caller")
    await room.calls["caller"].hang_up()
    record = await room.record()
    room.assert_talk_times(record)
    assert [visit["outcome"] for visit in record["visits"]] == ["answered", "answered"]


async def test_blind_to_a_number_outside(room, carrier, far):
    await room.order("mai", "transfer", to={"number": OUTSIDE})
    called = await reach(room, carrier, far)
    await room.hear(caller="far", far="caller")
    called.hang_up()
    await room.calls["caller"].wait_ended(PATIENCE)
    record = await room.record()
    room.assert_talk_times(record)
    assert "forwarded" in kinds_of(record)


async def test_blind_to_a_flow_and_to_a_mailbox(room):
    await room.order("mai", "transfer", to={"flow": "thanks"})
    await room.calls["caller"].wait_ended(PATIENCE)
    assert room.floor.heard_prompt(room.calls["caller"], "connecting")
    record = await room.record()
    room.assert_talk_times(record)
    assert "ivr" in kinds_of(record)

    await room.begin(SUPPORT, "mai")
    await room.order("mai", "transfer", to={"voicemail": "agent:john"})
    await room.hear(caller="music")  # he is told to speak
    await room.hear(caller="")
    await asyncio.sleep(3)  # what is shorter is no message
    await room.calls["caller"].hang_up()
    record = await room.record()
    assert len(record["voicemails"]) == 1
    assert [(t["how"], t["target"], t["name"]) for t in record["transfers"]] == [
        ("blind", "voicemail", "agent:john")
    ]


# -- attended -----------------------------------------------------------------------------------


async def test_attended_swapped_and_completed(room):
    await consult(room)
    await room.order("mai", "swap")
    await room.hear(caller="mai", mai="caller", john="music")
    await room.order("mai", "swap")
    await room.hear(caller="music", mai="john", john="mai")
    await room.order("mai", "complete")
    await room.calls["mai"].wait_ended(PATIENCE)
    await room.hear(caller="john", john="caller")
    await room.calls["john"].hang_up()
    await room.calls["caller"].wait_ended(PATIENCE)

    record = await room.record()

    assert stretches_of(record, "mai") == ["talk", "consult", "talk", "consult"]
    assert stretches_of(record, "john") == ["ring", "consult", "hold", "consult", "talk"]
    assert [(t["how"], t["agent"], t["name"]) for t in record["transfers"]] == [
        ("attended", "mai", "john")
    ]
    room.assert_talk_times(record)
    room.assert_recorded(record)
    assert len(record["recordings"]) == 1


async def test_consults_that_fail_or_are_given_up_leave_all_as_it_was(room, carrier):
    await consult(room)
    await room.order("mai", "cancel")
    await room.calls["john"].wait_ended(PATIENCE)
    await room.hear(caller="mai", mai="caller")
    await room.order("mai", "consult", to=JOHN)
    rings = await room.phones["john"].next_call(PATIENCE)
    await room.hear(caller="music", mai="ringing")
    await rings.reject()
    await room.hear(caller="mai", mai="caller")
    await room.order("mai", "consult", to=JOHN)
    rings = await room.phones["john"].next_call(PATIENCE)
    await room.hear(caller="music", mai="ringing")
    await room.order("mai", "cancel")
    await rings.wait_ended(PATIENCE)
    await room.hear(caller="mai", mai="caller")
    await room.order("mai", "consult", to={"number": OUTSIDE})
    called = await carrier.next()
    await room.hear(caller="music", mai="ringing")
    called.refuse("486 Busy Here")
    await room.hear(caller="mai", mai="caller")
    await room.calls["caller"].hang_up()

    record = await room.record()

    assert stretches_of(record, "mai") == ["talk", "consult"] * 4 + ["talk"]
    assert record["transfers"] == []
    room.assert_talk_times(record)
    room.assert_recorded(record)
    assert len(record["recordings"]) == 1


async def test_who_does_not_answer_a_consult_is_let_be_and_all_is_as_it_was(floor):
    room = Room(floor)
    await room.come(john="3002")
    await room.begin(SALES, "john")
    await room.come(mai="3001")
    await room.order("john", "consult", to={"agent": "mai"})
    rings = await room.phones["mai"].next_call(PATIENCE)
    await rings.wait_ended(RING_SECONDS + PATIENCE)
    await room.hear(caller="john", john="caller")
    await floor.until_state("mai", "ready")
    await room.calls["caller"].hang_up()

    record = await room.record()

    assert stretches_of(record, "john") == ["talk", "consult", "talk"]
    [rang] = [each for each in record["parties"] if each["name"] == "mai"]
    assert rang["kind"] == "ring"
    assert rang["ended"] - rang["started"] >= RING_SECONDS
    assert record["transfers"] == []
    room.assert_talk_times(record)
    room.assert_recorded(record)
    assert len(record["recordings"]) == 1


async def test_an_agent_who_hangs_up_in_a_consult_has_transferred_also_a_transfer_again(room):
    await consult(room)
    await room.calls["mai"].hang_up()
    await room.hear(caller="john", john="caller")
    await room.come(linh="3003")
    await room.order("john", "consult", to=LINH)
    rings = await room.phones["linh"].next_call(PATIENCE)
    await room.hear(caller="music", john="ringing")
    await room.calls["john"].hang_up()  # while her phone rings
    await room.hear(caller="music")
    await rings.answer()
    await rings.wait_established(PATIENCE)
    room.speak(linh=rings)
    await room.hear(caller="linh", linh="caller")
    await room.calls["caller"].hang_up()

    record = await room.record()

    assert [(t["how"], t["agent"], t["name"]) for t in record["transfers"]] == [
        ("attended", "mai", "john"),
        ("attended", "john", "linh"),
    ]
    assert record["agent"] == "linh"
    room.assert_talk_times(record)
    room.assert_recorded(record)


# -- several ------------------------------------------------------------------------------------


async def test_a_warm_transfer_then_a_conference_that_goes_on_without_its_leader(
    room, carrier, far
):
    await consult(room)
    await room.order("mai", "merge")
    await room.hear(caller="mai john", mai="caller john", john="caller mai")
    await room.order("mai", "leave")
    await room.calls["mai"].wait_ended(PATIENCE)
    await room.hear(caller="john", john="caller")
    await room.come(linh="3003")
    await room.order("john", "invite", to=LINH)
    await room.answer("linh")
    await room.order("john", "invite", to={"number": OUTSIDE})
    called = await reach(room, carrier, far)
    await room.order("john", "role", who="john", role="leader")
    await room.hear(caller="john linh far", john="caller linh far", linh="caller john far")
    await room.calls["john"].hang_up()
    await room.hear(caller="linh far", linh="caller far", far="caller linh")
    await room.calls["caller"].hang_up()
    await called.until_ended()

    record = await room.record()

    assert stretches_of(record, "mai") == ["talk", "consult", "conference"]
    assert stretches_of(record, "john") == ["ring", "consult", "conference", "talk", "conference"]
    assert [(t["how"], t["agent"], t["name"]) for t in record["transfers"]] == [
        ("warm", "mai", "john"),
        ("warm", "john", "linh"),
    ]
    room.assert_talk_times(record)
    room.assert_recorded(record)


async def test_a_conference_of_four_with_roles_a_lock_and_an_end_with_its_leader(
    room, carrier, far
):
    await room.order("mai", "invite", to=JOHN)
    await room.answer("john")
    await room.hear(caller="mai john", mai="caller john", john="caller mai")
    await room.order("mai", "invite", to={"number": OUTSIDE})
    called = await reach(room, carrier, far)
    await room.hear(
        caller="mai john far", mai="caller john far", john="caller mai far", far="caller mai john"
    )
    await room.order("mai", "role", who="john", role="listener")
    await room.hear(caller="mai far", mai="caller far", john="caller mai far", far="caller mai")
    await room.order("mai", "lock")
    assert await room.order("mai", "invite", to=LINH, expect=409) == "the talk is locked."
    await room.order("mai", "drop", who=OUTSIDE)
    await called.until_ended()
    await room.hear(caller="mai", mai="caller", john="caller mai")
    await room.order("mai", "role", who="mai", role="leader")
    await room.order("mai", "end_with_leader")
    await room.calls["mai"].hang_up()
    await room.calls["john"].wait_ended(PATIENCE)
    await room.calls["caller"].wait_ended(PATIENCE)

    record = await room.record()

    assert stretches_of(record, "john") == ["ring", "conference"]
    assert stretches_of(record, "mai") == ["talk", "conference"]
    room.assert_talk_times(record)
    room.assert_recorded(record)
