"""What is recorded of a call by the word of its flow; above all, what is not."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from engine.call_record import TALK, WHOLE_CALL, CallOutcome
from engine.calls.talk.asking import ask
from engine.calls.talk.orders import ResumeRecording
from engine.ports import Down, Refused
from tests.unit.fake_pbx import Phone
from tests.unit.ivr_caller import ends, flow_of, menu
from tests.unit.small_center import MENU, SmallCenter, Truth, opened
from tests.unit.test_calls_conference import come_back
from tests.unit.test_calls_flow import CALLER, over, site_with
from tests.unit.virtual_time import in_virtual_time

WHOLE = f"{CALLER}-i1"


def record(do: str, next_: str) -> dict[str, Any]:
    """A node."""
    return {"type": "record", "do": do, "next": next_}


async def center_with(*dos: str, then: str = "choose", **queue: Any) -> SmallCenter:
    """A caller for whom these are done, one each time that he presses 1, before he is where 0
    leads: the queue."""
    nodes: dict[str, Any] = {}
    for place, do in enumerate(dos):
        nodes[f"do{place}"] = record(do, f"ask{place}")
        following = f"do{place + 1}" if place + 1 < len(dos) else "bye"
        keys = {"1": following, "0": "queue"}
        nodes[f"ask{place}"] = menu(keys, noinput="bye", nomatch="bye", timeout_seconds="60")
    nodes["queue"] = {"type": "queue", "queue": "support", "answered": "bye"}
    center = await opened(site_with(flow_of({**nodes, **ends("bye")}), **queue))
    center.switch.phones["3001"] = Phone(answers=1, talks=20)
    center.log_in("anna")
    center.switch.arrive(CALLER, MENU)
    await asyncio.sleep(2)
    return center


def asked(center: SmallCenter) -> list[tuple[str, ...]]:
    """What the switch was told of recordings."""
    names = ("record", "record_call", "pause_recording", "stop_recording")
    return [command for command in center.switch.commands if command[0] in names]


@in_virtual_time
async def test_a_whole_call_is_recorded_from_where_its_flow_says_to_its_end() -> None:
    center = await center_with("start")
    center.switch.press(CALLER, "0")
    record = await over(center)
    made = {each.kind: each for each in record.recordings}
    assert made[WHOLE_CALL].name == WHOLE
    assert made[WHOLE_CALL].complete
    assert made[WHOLE_CALL].seconds == pytest.approx(record.ended - made[WHOLE_CALL].started, abs=1)
    assert made[TALK].name == f"{CALLER}-r1"


@in_virtual_time
async def test_a_caller_who_hangs_up_ends_the_recording_of_his_call() -> None:
    center = await center_with("start", "start")
    center.switch.press(CALLER, "1")
    await asyncio.sleep(5)
    center.switch.put_down(CALLER)
    record = await over(center)
    [made] = record.recordings
    assert (made.kind, made.complete) == (WHOLE_CALL, True)


@in_virtual_time
async def test_what_is_paused_is_missing_and_nothing_else() -> None:
    center = await center_with("start", "pause", "pause", "resume", "resume")
    for _ in range(4):
        center.switch.press(CALLER, "1")
        await asyncio.sleep(5)
    center.switch.put_down(CALLER)
    record = await over(center)
    [made] = record.recordings
    assert made.complete
    assert made.seconds == pytest.approx(record.ended - made.started - 10, abs=0.1)
    [gap] = made.gaps
    assert (gap.ended - gap.began, gap.why) == (pytest.approx(10), "flow")


@in_virtual_time
async def test_of_a_talk_that_begins_in_a_pause_nothing_is_recorded_before_that_is_over() -> None:
    center = await center_with("pause")
    center.switch.press(CALLER, "0")
    await asyncio.sleep(5)
    assert asked(center) == []
    await ask(center.registry.calls[CALLER], ResumeRecording())
    record = await over(center)
    [made] = record.recordings
    assert (made.kind, made.complete, made.gaps) == (TALK, True, ())
    assert made.seconds < 17


@in_virtual_time
async def test_a_caller_who_refuses_is_not_recorded_in_his_talk_either() -> None:
    center = await center_with("start", "stop")
    center.switch.press(CALLER, "1")
    await asyncio.sleep(5)
    center.switch.press(CALLER, "0")
    record = await over(center)
    assert record.outcome is CallOutcome.ANSWERED
    assert [(made.kind, made.complete) for made in record.recordings] == [(WHOLE_CALL, True)]
    assert "record" not in [command[0] for command in center.switch.commands]


@in_virtual_time
async def test_a_caller_who_consents_after_all_has_a_second_recording() -> None:
    center = await center_with("start", "stop", "start")
    for _ in range(2):
        center.switch.press(CALLER, "1")
        await asyncio.sleep(5)
    center.switch.put_down(CALLER)
    record = await over(center)
    assert [made.name for made in record.recordings] == [f"{CALLER}-i1", f"{CALLER}-i2"]


@in_virtual_time
async def test_a_recording_that_cannot_be_paused_is_ended_and_another_begins_after_it() -> None:
    center = await center_with("start", "pause", "resume")
    center.switch.faults["pause_recording"] = Refused("still recording")
    center.switch.press(CALLER, "1")
    await asyncio.sleep(2)
    assert center.switch.recordings == {}
    center.switch.press(CALLER, "1")
    await asyncio.sleep(2)
    assert list(center.switch.recordings) == [f"{CALLER}-i2"]
    center.switch.put_down(CALLER)
    record = await over(center)
    assert "could not be paused" in record.recordings[0].problem
    assert record.recordings[1].complete


@in_virtual_time
async def test_a_pause_of_which_nobody_is_certain_ends_the_flow() -> None:
    center = await center_with("start", "pause")
    center.switch.faults["pause_recording"] = Down("no answer")
    center.switch.faults["stop_recording"] = Down("no answer")
    center.switch.press(CALLER, "1")
    await asyncio.sleep(2)
    assert ("hand_over", CALLER, "engine-down", "s") in center.switch.commands
    await center.until_over()
    assert center.books.of(CALLER).outcome is CallOutcome.FAILED
    await center.kill()


@in_virtual_time
async def test_a_call_goes_on_without_the_recording_that_cannot_be_begun() -> None:
    center = await center_with("pause", "start", "resume")
    center.switch.faults["record_call"] = Refused("no such format")
    for _ in range(2):
        center.switch.press(CALLER, "1")
        await asyncio.sleep(2)
    center.switch.put_down(CALLER)
    record = await over(center)
    assert [made.problem for made in record.recordings] == ["could not be started: no such format"]


@pytest.mark.parametrize("dos", [("start", "pause"), ("start", "stop"), ("start", "resume")])
@in_virtual_time
async def test_what_was_wanted_holds_for_the_next_engine(dos: tuple[str, ...]) -> None:
    center = await center_with(*dos)
    center.switch.press(CALLER, "1")
    await asyncio.sleep(2)
    center = await come_back(center)
    await asyncio.sleep(1)
    assert list(center.switch.paused) == ([WHOLE] if "pause" in dos else [])
    assert list(center.switch.recordings) == ([] if "stop" in dos else [WHOLE])
    center.switch.put_down(CALLER)
    await center.until_over()
    Truth(center, away=1).check()
    assert [made.complete for made in center.books.of(CALLER).recordings] == [True]
    await center.kill()


@pytest.mark.parametrize("cut", range(1, 12))
@in_virtual_time
async def test_an_engine_that_dies_at_any_moment_of_a_pause_leaves_it_paused(cut: int) -> None:
    center = await center_with("start", "pause")
    center.die_after(cut)
    center.switch.press(CALLER, "1")
    await asyncio.sleep(1)
    wanted = any('"pause"' in line for line in center.journal.history)
    center = await come_back(center)
    await asyncio.sleep(1)
    assert not wanted or list(center.switch.paused) == [WHOLE]
    center.switch.put_down(CALLER)
    await center.until_over()
    Truth(center, away=1, strays_allowed=True).check()
    await center.kill()


@in_virtual_time
async def test_the_file_is_looked_at_when_all_is_over(tmp_path: Path) -> None:
    center = await center_with("start")
    center.switch.recordings_dir = tmp_path
    center.switchboard.recorder._directory = tmp_path
    await asyncio.sleep(5)
    center.switch.put_down(CALLER)
    record = await over(center)
    assert record.recordings[0].path == str(tmp_path / f"{WHOLE}.wav")
    assert record.recordings[0].bytes > 50_000
