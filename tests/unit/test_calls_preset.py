"""What came of a call as the flow foresaw it, when its agent says nothing."""

from __future__ import annotations

import asyncio
from typing import Any

from acd.messages import DispositionSet
from acd.queues import WrapUp
from engine.calls import notes as n
from tests.unit.fake_pbx import Phone
from tests.unit.small_center import ANNA, SUPPORT, SmallCenter, opened, small_site
from tests.unit.virtual_time import in_virtual_time

CALLER = "100.1"
CODES: dict[str, Any] = {"dispositions": ("renewal", "other"), "default_disposition": "other"}


async def _talking(preset: str, **wrap_up: Any) -> SmallCenter:
    """Anna talks with a caller for whom the flow has said so."""
    center = await opened(small_site(wrap_up=WrapUp(seconds=5, **wrap_up)))
    center.switch.phones[ANNA] = Phone(answers=5, talks=20)
    center.log_in("anna")
    await asyncio.sleep(1)
    center.switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(1)
    call = center.registry.calls[CALLER]
    call.note(n.Tagged(call.now(), {}, disposition=preset))
    await asyncio.sleep(9)
    return center


async def _came_of(center: SmallCenter) -> list[tuple[str, bool]]:
    await center.until_over()
    await asyncio.sleep(10)
    await center.kill()
    return [(each.code, each.by_default) for _, each in center.books.dispositions]


@in_virtual_time
async def test_what_the_flow_foresaw_stands_when_the_agent_says_nothing() -> None:
    assert await _came_of(await _talking("renewal", **CODES)) == [("renewal", False)]


@in_virtual_time
async def test_what_the_agent_says_counts_more_than_what_the_flow_foresaw() -> None:
    center = await _talking("renewal", **CODES)
    center.desk.post(DispositionSet("anna", CALLER, "other"))
    assert await _came_of(center) == [("other", False)]


@in_virtual_time
async def test_a_code_that_the_queue_does_not_have_is_left_out() -> None:
    assert await _came_of(await _talking("gone", **CODES)) == [("other", True)]
    assert await _came_of(await _talking("renewal")) == []
