"""The recording of a talk: what its queue says, what is ordered, what a card leaves out of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Literal

import pytest

from acd.queues import Destination, DestinationKind
from acd.recording import Recording
from dialer.plan import Mode
from engine.call_record import SIDE_IN, SIDE_OUT, TALK, WHOLE_CALL, CallOutcome, CallRecord
from engine.calls.errands.call_recording import control
from engine.calls.recording import Recorder
from engine.calls.talk.asking import ask
from engine.calls.talk.orders import (
    Hold,
    NotPossible,
    Order,
    PauseRecording,
    ResumeRecording,
    Secure,
    StartRecording,
    StopRecording,
    TransferTo,
)
from engine.ports import Down, RecordedSide, Refused
from tests.unit.fake_pbx import FakePbx, Phone
from tests.unit.ivr_caller import flow_of, menu
from tests.unit.outbound_center import dial, dialing_center
from tests.unit.outbound_center import recorded as recorded_call
from tests.unit.small_center import SUPPORT, SmallCenter, Truth, opened, small_site
from tests.unit.test_calls_conference import come_back
from tests.unit.virtual_time import EPOCH, in_virtual_time

CALLER = "100.1"
FIRST, SECOND = f"{CALLER}-r1", f"{CALLER}-r2"
TALK_SECONDS = 60.0


async def talking(
    *,
    folder: Path | None = None,
    asked: Literal["", "start", "stop"] = "",
    queue: str = SUPPORT,
    **record: Any,
) -> SmallCenter:
    """A caller and anna, who talk; a flow has asked him before (``start``, ``stop``)."""
    switch = FakePbx(lambda: EPOCH + asyncio.get_running_loop().time(), folder)
    site = small_site(2, wrap_up="none", record=record or {"when": "always"})
    center = await opened(site, switch)
    switch.phones["3001"] = Phone(answers=2, talks=TALK_SECONDS)
    center.log_in("anna")
    switch.arrive(CALLER, queue)
    await asyncio.sleep(1)
    if asked:
        await control(center.registry.calls[CALLER], center.switchboard, asked)
    await asyncio.sleep(2)
    return center


async def order(center: SmallCenter, order: Order) -> None:
    """Somebody wants it."""
    await ask(center.registry.calls[CALLER], order)


async def over(center: SmallCenter) -> CallRecord:
    """The record, when everything is as it must be."""
    await center.until_over()
    Truth(center).check()
    await center.kill()
    return center.books.of(CALLER)


def made(record: CallRecord, kind: str = TALK) -> list[tuple[str, float, bool]]:
    """Of each file of this kind: its name, its seconds, and whether it is complete."""
    return [(r.name, round(r.seconds), r.complete) for r in record.recordings if r.kind == kind]


def live(center: SmallCenter) -> list[str]:
    """What is recorded now."""
    return list(center.switch.recordings)


# -- whose talks -----------------------------------------------------------------------------------


@in_virtual_time
async def test_a_talk_is_one_file_through_hold() -> None:
    center = await talking()
    await order(center, Hold(held=True))
    await asyncio.sleep(10)
    await order(center, Hold(held=False))
    record = await over(center)
    assert made(record) == [(FIRST, TALK_SECONDS, True)]


@pytest.mark.parametrize(
    ("rules", "asked"),
    [
        ({"when": "never"}, ""),
        ({"when": "always", "share": 0}, ""),
        ({"when": "always", "consent": True}, ""),
        ({"when": "on_demand"}, ""),
        ({"when": "always"}, "stop"),
    ],
)
@in_virtual_time
async def test_whom_the_rules_leave_out_is_not_recorded(
    rules: dict[str, Any], asked: Literal["", "stop"]
) -> None:
    center = await talking(asked=asked, **rules)
    assert live(center) == []
    assert (await over(center)).recordings == ()


@in_virtual_time
async def test_who_has_agreed_is_recorded_where_the_queue_asks_for_consent() -> None:
    center = await talking(asked="start", when="always", consent=True)
    assert FIRST in live(center)
    assert made(await over(center)) == [(FIRST, TALK_SECONDS, True)]


@in_virtual_time
async def test_a_caller_who_refused_is_not_recorded_whatever_anybody_orders() -> None:
    center = await talking(asked="stop", when="on_demand", by_agents=True)
    with pytest.raises(NotPossible, match="not agreed"):
        await order(center, StartRecording())
    assert (await over(center)).recordings == ()


@in_virtual_time
async def test_each_side_has_a_file_of_its_own_where_the_queue_wants_stereo() -> None:
    center = await talking(when="always", stereo=True)
    sides = [c[2:] for c in center.switch.commands if c[0] == "record_call"]
    assert sides == [
        (FIRST, RecordedSide.BOTH),
        (f"{FIRST}.1", RecordedSide.SAID),
        (f"{FIRST}.2", RecordedSide.HEARD),
    ]
    record = await over(center)
    assert made(record, SIDE_IN) == [(f"{FIRST}.1", TALK_SECONDS, True)]
    assert made(record, SIDE_OUT) == [(f"{FIRST}.2", TALK_SECONDS, True)]


@in_virtual_time
async def test_the_wait_is_in_the_file_of_the_talk_where_the_queue_begins_with_it() -> None:
    center = await talking(when="always", since="queue")
    record = await over(center)
    assert made(record) == [(FIRST, TALK_SECONDS + 2, True)]
    assert record.recordings[0].started == pytest.approx(record.visits[0].entered, abs=0.1)


@in_virtual_time
async def test_who_gives_up_waiting_ends_the_recording_of_his_wait() -> None:
    switch = FakePbx(lambda: EPOCH + asyncio.get_running_loop().time())
    center = await opened(small_site(record={"when": "always", "since": "queue"}), switch)
    switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(8)
    switch.put_down(CALLER)
    record = await over(center)
    assert record.outcome is CallOutcome.ABANDONED
    assert made(record) == [(FIRST, 8, True)]


# -- on demand -------------------------------------------------------------------------------------


@in_virtual_time
async def test_an_agent_records_twice_in_one_talk_and_has_two_files() -> None:
    center = await talking(when="on_demand")
    assert live(center) == []
    await order(center, StartRecording(by="anna", source="phone"))
    await asyncio.sleep(10)
    await order(center, StopRecording(by="anna", source="phone"))
    assert live(center) == []
    await asyncio.sleep(10)
    await order(center, StartRecording(by="anna", source="phone"))
    await asyncio.sleep(5)
    await order(center, StartRecording(by="anna", source="phone"))
    record = await over(center)
    assert made(record) == [(FIRST, 10, True), (SECOND, 39, True)]


@in_virtual_time
async def test_an_agent_cannot_end_what_his_queue_records_always() -> None:
    center = await talking()
    with pytest.raises(NotPossible, match="by_agents"):
        await order(center, StopRecording())
    assert made(await over(center)) == [(FIRST, TALK_SECONDS, True)]


@in_virtual_time
async def test_what_was_ordered_holds_for_the_next_engine() -> None:
    center = await talking(when="always", by_agents=True)
    await order(center, StopRecording())
    center = await come_back(center)
    await asyncio.sleep(1)
    assert live(center) == []
    await order(center, StartRecording())
    center = await come_back(center)
    await asyncio.sleep(1)
    assert live(center) == [SECOND]
    await center.until_over()
    assert [m[0] for m in made(center.books.of(CALLER))] == [FIRST, SECOND]
    await center.kill()


# -- pause -----------------------------------------------------------------------------------------


@in_virtual_time
async def test_a_card_is_not_in_the_file_and_its_gap_is_told() -> None:
    center = await talking()
    paused = center.clock.now()
    await order(center, PauseRecording(by="anna", source="phone"))
    await asyncio.sleep(10)
    await order(center, ResumeRecording(by="anna", source="phone"))
    record = await over(center)
    assert made(record) == [(FIRST, TALK_SECONDS - 10, True)]
    [gap] = record.recordings[0].gaps
    assert gap.began == pytest.approx(paused, abs=0.1)
    assert gap.ended == pytest.approx(paused + 10)
    assert gap.why == "anna (phone)"
    told = [step.detail for step in record.steps if step.event == "recording"]
    assert told == ["paused by anna (phone), for 180 s at most", "goes on: anna (phone)"]


@in_virtual_time
async def test_a_pause_that_nobody_ends_is_over_by_itself() -> None:
    center = await talking(when="always", pause_seconds=20)
    await order(center, PauseRecording())
    await asyncio.sleep(19)
    assert list(center.switch.paused) == [FIRST]
    await asyncio.sleep(2)
    assert center.switch.paused == {}
    record = await over(center)
    assert made(record) == [(FIRST, TALK_SECONDS - 20, True)]


@in_virtual_time
async def test_a_pause_is_as_long_as_it_was_when_the_engine_dies_in_it() -> None:
    center = await talking(when="always", pause_seconds=20)
    await order(center, PauseRecording())
    await asyncio.sleep(5)
    center = await come_back(center)
    await asyncio.sleep(12)
    assert list(center.switch.paused) == [FIRST]
    await asyncio.sleep(4)
    assert center.switch.paused == {}
    await center.until_over()
    [made] = center.books.of(CALLER).recordings
    assert sum(gap.ended - gap.began for gap in made.gaps) == pytest.approx(20, abs=0.5)
    await center.kill()


@in_virtual_time
async def test_a_pause_survives_a_transfer_and_the_next_talk_is_recorded_after_it() -> None:
    center = await talking(when="always", pause_seconds=30)
    center.switch.phones["3002"] = Phone(answers=1, talks=40)
    center.switchboard.online.add("3002")
    center.log_in("binh")
    await order(center, PauseRecording())
    await asyncio.sleep(5)
    to = Destination(kind=DestinationKind.AGENT, name="binh")
    await order(center, TransferTo(to=to))
    await asyncio.sleep(5)
    assert center.registry.calls[CALLER].standing.agent == "binh"
    assert live(center) == []
    await asyncio.sleep(25)
    assert live(center) == [SECOND]
    record = await over(center)
    assert [(name, complete) for name, _, complete in made(record)] == [
        (FIRST, True),
        (SECOND, True),
    ]


@in_virtual_time
async def test_a_recording_that_cannot_be_paused_is_ended_and_another_begins_after_it() -> None:
    center = await talking()
    center.switch.faults["pause_recording"] = Refused("still recording")
    await order(center, PauseRecording())
    assert live(center) == []
    await asyncio.sleep(10)
    await order(center, ResumeRecording())
    record = await over(center)
    assert [(m.name, m.complete) for m in record.recordings] == [(FIRST, False), (SECOND, True)]
    assert "could not be paused" in record.recordings[0].problem


@in_virtual_time
async def test_an_agent_is_told_when_nobody_knows_whether_it_is_paused() -> None:
    center = await talking()
    center.switch.faults.update(dict.fromkeys(("pause_recording", "stop_recording"), Down("dead")))
    with pytest.raises(NotPossible, match="not certain"):
        await order(center, PauseRecording())
    center.switch.faults.clear()
    await order(center, PauseRecording())
    assert list(center.switch.paused) == [FIRST]
    await over(center)


@in_virtual_time
async def test_the_whole_call_is_paused_with_its_talk() -> None:
    center = await talking(asked="start", when="always")
    await order(center, PauseRecording())
    assert sorted(center.switch.paused) == [f"{CALLER}-i1", FIRST]
    await asyncio.sleep(5)
    await order(center, ResumeRecording())
    record = await over(center)
    assert {r.kind: len(r.gaps) for r in record.recordings} == {TALK: 1, WHOLE_CALL: 1}


@pytest.mark.parametrize("seconds", [0, -1, 3601])
@in_virtual_time
async def test_nobody_pauses_for_hours(seconds: float) -> None:
    center = await talking()
    with pytest.raises(NotPossible, match="at most"):
        await order(center, PauseRecording(seconds=seconds))
    await over(center)


# -- truth -----------------------------------------------------------------------------------------


@in_virtual_time
async def test_a_recording_that_the_disk_ended_is_not_called_complete(tmp_path: Path) -> None:
    center = await talking(folder=tmp_path)
    await asyncio.sleep(10)
    center.switch.lose_recording(FIRST, "")
    record = await over(center)
    assert not record.recordings[0].complete
    assert record.recordings[0].problem.startswith("11.")
    assert "recording stopped early" in [step.event for step in record.steps]


@in_virtual_time
async def test_an_agent_may_begin_another_file_when_one_was_lost() -> None:
    center = await talking(when="on_demand")
    await order(center, StartRecording())
    await asyncio.sleep(5)
    center.switch.lose_recording(FIRST, "broken")
    await asyncio.sleep(1)
    await order(center, StartRecording())
    record = await over(center)
    assert [(m.name, m.complete) for m in record.recordings] == [(FIRST, False), (SECOND, True)]
    assert record.recordings[0].problem == "ended by itself: broken"


@in_virtual_time
async def test_on_a_disk_that_is_nearly_full_the_call_goes_on_without_a_recording(
    tmp_path: Path,
) -> None:
    switch = FakePbx(lambda: EPOCH + asyncio.get_running_loop().time(), tmp_path)
    center = await opened(small_site(wrap_up="none"), switch)
    center.switchboard.recorder = Recorder(tmp_path, 1 << 60)
    switch.phones["3001"] = Phone(answers=2, talks=10)
    center.log_in("anna")
    switch.arrive(CALLER, SUPPORT)
    record = await over(center)
    assert record.outcome is CallOutcome.ANSWERED
    [made] = record.recordings
    assert (made.complete, made.bytes) == (False, 0)
    assert "MB are free" in made.problem
    assert center.switchboard.recorder.alarms == {"recording_no_room": 1}
    assert [c for c in switch.commands if c[0] == "record_call"] == []


@in_virtual_time
async def test_on_a_disk_that_is_away_the_call_goes_on_without_a_recording(tmp_path: Path) -> None:
    center = await opened(small_site(wrap_up="none"))
    center.switchboard.recorder = Recorder(tmp_path / "unmounted", 1)
    center.switch.phones["3001"] = Phone(answers=2, talks=10)
    center.log_in("anna")
    center.switch.arrive(CALLER, SUPPORT)
    record = await over(center)
    assert record.outcome is CallOutcome.ANSWERED
    assert "the disk cannot be read" in record.recordings[0].problem


@in_virtual_time
async def test_when_asterisk_dies_the_recording_is_not_called_complete(tmp_path: Path) -> None:
    center = await talking(folder=tmp_path)
    await asyncio.sleep(10)
    center.link_down()
    center.switch.restart()
    (tmp_path / f"{FIRST}.wav").write_bytes(bytes(44 + 16_000 * 9))
    await asyncio.sleep(3)
    center.link_up()
    await center.until_over()
    [made] = center.books.of(CALLER).recordings
    assert not made.complete
    assert made.seconds == 9
    await center.kill()


# -- who else says what is recorded ----------------------------------------------------------------


@pytest.mark.parametrize(("of_campaign", "recorded"), [(None, True), ("never", False)])
@in_virtual_time
async def test_a_campaign_may_record_other_than_its_queue(
    of_campaign: str | None, recorded: bool
) -> None:
    center = await dialing_center(record={"when": "always"})
    rules = None if of_campaign is None else Recording.model_validate(of_campaign)
    dial(center, Mode.PROGRESSIVE, record=rules)
    record = await recorded_call(center)
    assert record.outcome is CallOutcome.ANSWERED
    assert bool(record.recordings) is recorded


@in_virtual_time
async def test_a_secure_step_is_a_gap_and_no_pause_of_the_agent_ends_in_it() -> None:
    center = await talking(when="always", pause_seconds=5)
    nodes = {"ask": menu({"1": "back"}, noinput="back", nomatch="back", timeout_seconds="60")}
    card = flow_of({**nodes, "back": {"type": "return", "as": "done"}})
    center.site.flow_set.flows["card"] = card  # type: ignore[index]  # as a reload would
    await order(center, PauseRecording())
    await asyncio.sleep(2)
    await order(center, Secure(flow="card"))
    await asyncio.sleep(18)
    assert list(center.switch.paused) == [FIRST]
    center.switch.press(CALLER, "1")
    await asyncio.sleep(1)
    assert center.switch.paused == {}
    record = await over(center)
    [made] = record.recordings
    [gap] = made.gaps
    assert gap.ended - gap.began == pytest.approx(20, abs=0.5)
    assert made.complete
