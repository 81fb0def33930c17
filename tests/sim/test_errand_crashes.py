"""The engine dies after each single thing it does in an errand of a flow, and the next one carries
on: nobody is left connected, busy, recorded or waiting, whatever happened meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from acd.messages import AgentState
from engine.call_record import CONFERENCE, WHOLE_CALL, CallOutcome, CallRecord
from tests.sim.crashes import AWAY_SECONDS, die_everywhere, dies_before, next_engine
from tests.unit.fake_pbx import FakePbx, Phone
from tests.unit.ivr_caller import ends, flow_of
from tests.unit.small_center import MENU, SmallCenter, SmallSite, Truth
from tests.unit.test_calls_flow import site_with
from tests.unit.virtual_time import EPOCH

CALLER, OTHER, OUTSIDE = "100.1", "100.2", "+842873000001"
_TRANSFER = {"type": "transfer", "answered": "bye", "failed": "bye"}
_BYE = ends("bye")


def _number(switch: FakePbx) -> None:
    switch.phones[OUTSIDE] = Phone(answers=3, presses=(1.5, "1"), talks=15)
    switch.arrive(CALLER, MENU)


def _agent(switch: FakePbx) -> None:
    switch.phones["3001"] = Phone(answers=3, talks=9)
    switch.arrive(CALLER, MENU)


def _room(switch: FakePbx) -> None:
    loop = asyncio.get_running_loop()
    switch.arrive(CALLER, MENU)
    loop.call_later(1, switch.arrive, OTHER, MENU)
    loop.call_later(12, switch.press, OTHER, "#")
    loop.call_later(20, switch.press, CALLER, "#")


def _message(switch: FakePbx) -> None:
    switch.arrive(CALLER, MENU)
    for at, key in ((6, "#"), (9, "3"), (14, "#"), (18, "1")):
        asyncio.get_running_loop().call_later(at, switch.press, CALLER, key)


def _recorded(switch: FakePbx) -> None:
    switch.arrive(CALLER, MENU)


def _referred(switch: FakePbx) -> None:
    switch.refers[OUTSIDE] = (5.0, 486)
    switch.arrive(CALLER, MENU)


def _say(next_: str) -> dict[str, Any]:
    return {"type": "say", "prompts": "held", "next": next_}


def _do(do: str, next_: str) -> dict[str, Any]:
    return {"type": "record", "do": do, "next": next_}


STORIES: dict[str, tuple[Callable[[FakePbx], None], dict[str, Any]]] = {
    "to a number that accepts": (
        _number,
        {"put": {**_TRANSFER, "number": OUTSIDE, "whisper": "who", "accept_key": "1"}},
    ),
    "to an agent": (_agent, {"put": {**_TRANSFER, "agent": "anna"}}),
    "by his own trunk": (_referred, {"put": {**_TRANSFER, "number": OUTSIDE, "refer": "yes"}}),
    "in a room of two": (
        _room,
        {
            "room": {
                "type": "conference",
                "room": "r",
                "record": "yes",
                "left": "bye",
                "full": "bye",
            }
        },
    ),
    "a message spoken twice": (
        _message,
        {"speak": {"type": "voicemail", "queue": "support", "review": "yes", "saved": "bye"}},
    ),
    "recorded but for a pause": (
        _recorded,
        {
            "on": _do("start", "one"),
            "one": _say("hide"),
            "hide": _do("pause", "two"),
            "two": _say("show"),
            "show": _do("resume", "three"),
            "three": _say("bye"),
        },
    ),
}


def _legs(switch: FakePbx) -> list[str]:
    return [leg.id for phone in ("3001", OUTSIDE) for leg in switch.legs_of(phone)]


def _all(act: Callable[[str], None], legs: list[str]) -> None:
    for leg in legs:
        act(leg)


MEANWHILE: dict[str, Callable[[FakePbx], None]] = {
    "nothing happens": lambda switch: None,
    "caller hangs up": lambda switch: switch.put_down(CALLER),
    "the far side answers": lambda switch: _all(switch.answer_phone, _legs(switch)),
    "the far side hangs up": lambda switch: _all(switch.put_down, [*_legs(switch), OTHER]),
}


async def _live(story: str, meanwhile: str, cut: int, folder: Path) -> bool:
    """One run, cut after so many things; False when the story was over before."""
    loop = asyncio.get_running_loop()
    folder = folder / str(cut)
    folder.mkdir()
    switch = FakePbx(lambda: EPOCH + loop.time(), folder, folder / "witness.csv")
    tell, nodes = STORIES[story]
    site: SmallSite = site_with(flow_of({**nodes, **_BYE}))
    first = SmallCenter(switch, site, witness_file=folder / "witness.csv")
    await first.start()
    first.log_in("anna")
    first.switchboard.online.add("3001")
    await asyncio.sleep(1)
    first.die_after(cut)
    tell(switch)
    died = await dies_before(first.until_over(), first)
    await first.kill()
    if died:
        loop.call_later(0.2, MEANWHILE[meanwhile], switch)
        await asyncio.sleep(AWAY_SECONDS)
        await _carry_on(first, meanwhile)
    return died


async def _carry_on(dead: SmallCenter, meanwhile: str) -> None:
    async with next_engine(dead) as center:
        await center.until_over()
        Truth(center, away=AWAY_SECONDS, strays_allowed=True).check()
        record = center.books.of(CALLER)
        assert record.outcome is not CallOutcome.FAILED
        if meanwhile != "caller hangs up":
            assert record.ended_by == "engine" or ("hang_up", CALLER) in dead.switch.commands
        assert center.state_of("anna") is AgentState.READY
        assert list(center.switchboard.conferences) == []
        _is_honest(record, meanwhile)


def _is_honest(record: CallRecord, meanwhile: str) -> None:
    """A recording of the whole call may have begun too late, or stayed paused for too long; one
    whose caller was gone before it was begun is not there."""
    problems = {made.problem for made in record.recordings if made.problem}
    kinds = {made.kind for made in record.recordings}
    if WHOLE_CALL in kinds:
        problems.discard("3.0 s of 4.0 s")
    if meanwhile == "caller hangs up" and kinds <= {WHOLE_CALL, CONFERENCE}:
        problems.discard("no file")
    assert problems == set()


@pytest.mark.parametrize("meanwhile", MEANWHILE)
@pytest.mark.parametrize("story", STORIES)
def test_an_errand_survives_the_death_of_the_engine_at_any_moment(
    story: str, meanwhile: str, tmp_path: Path
) -> None:
    die_everywhere(lambda cut: _live(story, meanwhile, cut, tmp_path))
