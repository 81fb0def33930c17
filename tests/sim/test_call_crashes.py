"""The engine dies after each single thing it does to the outside, and the next one carries on.

Cut after every line of the journal and every command to the switch, with something happening (or
nothing) while no engine is there: the caller is never lost, nobody talks or waits twice, and the
record tells what happened.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from acd.messages import AgentState
from acd.queues import QueueSettings
from engine.call_record import CallOutcome
from engine.calls.mail import OfferTaken
from tests.sim.crashes import AWAY_SECONDS, die_everywhere, dies_before
from tests.unit.fake_pbx import FakePbx, Phone
from tests.unit.small_center import MENU, SUPPORT, SmallCenter, Truth, small_site
from tests.unit.virtual_time import EPOCH

CALLER, NEXT = "100.1", "100.2"
TO_SALES = {"when": "waited", "over": 2, "to": {"queue": "sales"}}


def _through_the_menu(switch: FakePbx) -> None:
    switch.phones.update({"3001": Phone(answers=3, talks=20), "3002": Phone(answers=3, talks=20)})
    switch.arrive(CALLER, MENU)
    asyncio.get_running_loop().call_later(2.5, switch.press, CALLER, "2")


def _nobody_answers(switch: FakePbx) -> None:
    switch.phones.update({"3001": Phone(refuses=1, talks=9), "3002": Phone(answers=16, talks=9)})
    switch.arrive(CALLER, SUPPORT)


def _two_wait_for_one(switch: FakePbx) -> None:
    switch.phones.update({"3001": Phone(answers=3, talks=9), "3002": Phone(registered=False)})
    switch.arrive(CALLER, SUPPORT)
    asyncio.get_running_loop().call_later(0.5, switch.arrive, NEXT, SUPPORT)


def _all_ring(switch: FakePbx) -> None:
    switch.phones.update({"3001": Phone(answers=3, talks=9), "3002": Phone(answers=3, talks=9)})
    switch.arrive(CALLER, SUPPORT)


def _gone_at_once(switch: FakePbx) -> None:
    switch.phones.update({"3001": Phone(answers=2, talks=0.0), "3002": Phone(answers=5, talks=9)})
    switch.arrive(CALLER, SUPPORT)


def _previewed(switch: FakePbx) -> None:
    switch.phones.update({"3001": Phone(talks=9), "3002": Phone(talks=9)})
    switch.arrive(CALLER, SUPPORT)


def _goes_on_to_sales(switch: FakePbx) -> None:
    switch.phones.update({"3001": Phone(refuses=0.5, talks=9), "3002": Phone(refuses=1, talks=9)})
    switch.arrive(CALLER, SUPPORT)
    answering = {"3001": Phone(answers=1, talks=9), "3002": Phone(answers=1, talks=9)}
    asyncio.get_running_loop().call_later(4, switch.phones.update, answering)


async def _read_screens(center: SmallCenter) -> None:
    """Agents take what they are shown, within a second."""
    while not center.dead.is_set():
        await asyncio.sleep(1)
        for call in list(center.registry.calls.values()):
            for offer in call.standing.offers:
                center.tell_offer(OfferTaken(offer))


def _legs(switch: FakePbx) -> list[str]:
    return [leg.id for phone in ("3001", "3002") for leg in switch.legs_of(phone)]


def _all(act: Callable[[str], None], legs: list[str]) -> None:
    for leg in legs:
        act(leg)


STORIES: dict[str, tuple[Callable[[FakePbx], None], dict[str, Any]]] = {
    "through the menu to an agent": (_through_the_menu, {}),
    "nobody answers": (_nobody_answers, {}),
    "two wait for one": (_two_wait_for_one, {}),
    "two answer at once": (_all_ring, {"ring_width": 2}),
    "the winner is gone at once": (_gone_at_once, {"ring_width": 2}),
    "an agent takes a preview": (_previewed, {"offer_mode": "preview"}),
    "on in another queue": (_goes_on_to_sales, {"overflow": (TO_SALES,)}),
}
MEANWHILE: dict[str, Callable[[FakePbx], None]] = {
    "nothing happens": lambda switch: None,
    "caller hangs up": lambda switch: switch.put_down(CALLER),
    "agent answers": lambda switch: _all(switch.answer_phone, _legs(switch)),
    "agent hangs up": lambda switch: _all(switch.put_down, _legs(switch)),
}


async def _live(story: str, meanwhile: str, cut: int, folder: Path) -> bool:
    """One run, cut after so many things; False when the story was over before."""
    loop = asyncio.get_running_loop()
    witness = folder / f"{cut}.csv"
    switch = FakePbx(lambda: EPOCH + loop.time(), folder, witness)
    tell, queue = STORIES[story]
    site = small_site(2, max_wait_seconds=50, **queue)
    site.queues["sales"] = QueueSettings(name="sales")
    first = SmallCenter(switch, site, witness_file=witness)
    await first.start()
    screens = loop.create_task(_read_screens(first))
    first.log_in("anna")
    await asyncio.sleep(1)
    first.log_in("binh")
    first.die_after(cut)
    tell(switch)
    died = await dies_before(first.until_over(), first)
    screens.cancel()
    await first.kill()
    if died:
        loop.call_later(0.2, MEANWHILE[meanwhile], switch)
        await asyncio.sleep(AWAY_SECONDS)
        await _carry_on(first, meanwhile, witness)
    return died


async def _carry_on(dead: SmallCenter, meanwhile: str, witness: Path | None) -> None:
    center = dead.successor(witness_file=witness)
    screens = asyncio.get_running_loop().create_task(_read_screens(center))
    try:
        await center.start()
        await center.until_over()
        Truth(center, away=AWAY_SECONDS, strays_allowed=True).check()
        _is_fair(center, meanwhile)
    finally:
        screens.cancel()
        await center.kill()


def _is_fair(center: SmallCenter, meanwhile: str) -> None:
    record = center.books.of(CALLER)
    assert record.outcome is not CallOutcome.FAILED
    assert record.ended_by != "engine" or record.agent is None, "torn out of a talk"
    talks = [offer for offer in record.offers if offer.outcome == "answered"]
    assert len(talks) <= 1, "he talked with an agent and was queued again"
    if meanwhile != "caller hangs up":
        assert record.outcome in (CallOutcome.ANSWERED, CallOutcome.OVERFLOWED)
    assert [each.problem for each in record.recordings if not each.complete] == []
    assert center.state_of("anna") is AgentState.READY
    cancelled = any('"cancelled"' in line for line in center.journal.history)  # passes anna over
    calls = {each.call for each in center.books.calls}
    if meanwhile == "nothing happens" and NEXT in calls and not cancelled:
        assert record.segments[-1].ended <= center.books.of(NEXT).offers[-1].ended


@pytest.mark.parametrize("meanwhile", MEANWHILE)
@pytest.mark.parametrize("story", STORIES)
def test_a_call_survives_the_death_of_the_engine_at_any_moment(
    story: str, meanwhile: str, tmp_path: Path
) -> None:
    die_everywhere(lambda cut: _live(story, meanwhile, cut, tmp_path))
