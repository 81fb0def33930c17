"""The way of a whole call through its flows, as its record tells it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, replace
from itertools import pairwise
from typing import Any

from engine.call_record import CallRecord, CallTag, ExperimentArm, SegmentKind
from engine.ivr.schema import Flow
from tests.unit.fake_pbx import Phone
from tests.unit.small_center import ANNA, MENU, SmallCenter, opened, small_site
from tests.unit.virtual_time import in_virtual_time

CALLER = "100.1"
PIN = "8642"
MAIN: dict[str, Any] = {
    "flow": "main",
    "start": "hello",
    "nodes": {
        "hello": {"type": "say", "prompts": "welcome", "next": "who", "log": "came"},
        "who": {"type": "flow", "flow": "pin", "returns": {"known": "arm"}, "next": "bye"},
        "arm": {
            "type": "split",
            "experiment": "greeting",
            "arms": {"short": {"percent": 100, "to": "tag"}, "long": {"percent": 0, "to": "tag"}},
        },
        "tag": {"type": "tag", "values": {"tier": "'gold'"}, "next": "line"},
        "line": {
            "type": "queue", "queue": "support",
            "timeout": "bye", "full": "bye", "no_agents": "bye", "answered": "after",
        },
        "after": {
            "type": "survey",
            "survey": "after",
            "questions": [{"id": "score", "prompts": "rate", "keys": "1-5"}],
            "done": "bye",
        },
        "bye": {"type": "hangup"},
    },
}  # fmt: skip
ASK: dict[str, Any] = {
    "flow": "pin",
    "start": "ask",
    "nodes": {
        "ask": {
            "type": "gather", "prompts": "account", "variable": "pin", "secret": True,
            "min_digits": 4, "max_digits": 4, "ok": "known", "noinput": "no", "invalid": "no",
        },
        "known": {"type": "return", "as": "known"},
        "no": {"type": "return", "as": "unknown"},
    },
}  # fmt: skip


async def _center(typed: str = PIN) -> SmallCenter:
    """A caller has heard the welcome and typed so much of his PIN."""
    flows = {flow["flow"]: Flow.model_validate(flow) for flow in (MAIN, ASK)}
    center = await opened(replace(small_site(), flows=flows, version="v7"))
    center.switch.phones[ANNA] = Phone(answers=3, talks=20)
    center.log_in("anna")
    center.switch.arrive(CALLER, MENU)
    await asyncio.sleep(3)
    for key in typed:
        center.switch.press(CALLER, key)
    return center


async def _over(center: SmallCenter) -> CallRecord:
    await center.until_over()
    await center.kill()
    return center.books.of(CALLER)


def _way(record: CallRecord) -> list[tuple[str, str, str]]:
    return [(stay.flow, stay.node, stay.exit) for stay in record.nodes]


@in_virtual_time
async def test_a_caller_s_whole_way_is_in_his_record_with_his_answer_tags_and_arm() -> None:
    center = await _center()
    await asyncio.sleep(30)
    center.switch.press(CALLER, "4")
    record = await _over(center)
    assert _way(record) == [
        ("main", "hello", "next"),
        ("main", "who", "known"),
        ("pin", "ask", "ok"),
        ("pin", "known", "known"),
        ("main", "arm", "short"),
        ("main", "tag", "next"),
        ("main", "line", "answered"),
        ("main", "after", "done"),
        ("main", "bye", "end"),
    ]
    assert (record.flow_version, record.nodes[0].milestone) == ("v7", "came")
    assert record.tags == (CallTag("tier", "gold"),)
    assert record.arms == (ExperimentArm("greeting", "short"),)
    [answer] = record.answers
    assert (answer.value, answer.agent, answer.queue) == ("4", "anna", "support")
    [talk] = [part for part in record.segments if part.kind is SegmentKind.TALK]
    line, after = record.nodes[6:8]
    assert (line.left, after.entered) == (talk.started, talk.ended)
    assert all(one.left == other.entered for one, other in pairwise(record.nodes[:7]))


@in_virtual_time
async def test_a_crash_in_a_called_flow_leaves_no_trace_in_the_way() -> None:
    dead = await _center(typed=PIN[:2])
    await dead.kill()
    await asyncio.sleep(1)
    center = dead.successor()
    await center.start()
    for key in PIN:
        center.switch.press(CALLER, key)
    await asyncio.sleep(1)
    center.switch.put_down(CALLER)
    assert _way(await _over(center)) == [
        ("main", "hello", "next"),
        ("main", "who", "known"),
        ("pin", "ask", "ok"),
        ("pin", "known", "known"),
        ("main", "arm", "short"),
        ("main", "tag", "next"),
        ("main", "line", "hangup"),
    ]


@in_virtual_time
async def test_a_caller_who_hangs_up_in_the_talk_leaves_no_drop_out() -> None:
    center = await _center()
    await asyncio.sleep(12)
    center.switch.put_down(CALLER)
    assert _way(await _over(center))[-1] == ("main", "line", "answered")


@in_virtual_time
async def test_a_secret_that_a_caller_typed_is_nowhere() -> None:
    center = await _center()
    await asyncio.sleep(12)
    center.switch.put_down(CALLER)
    record = await _over(center)
    assert ("pin", "ask", "ok") in _way(record)
    written = json.dumps([asdict(record), center.journal.history], ensure_ascii=False)
    assert PIN not in written
    assert any("•" in step.detail for step in record.steps)
