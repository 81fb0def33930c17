"""The engine dies after each single thing it does in a talk: a consult, a conference, a park."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from acd.messages import AgentState
from acd.queues import Destination, DestinationKind
from engine.calls.talk import orders as o
from engine.calls.talk.asking import ask, find_talk
from tests.sim.crashes import AWAY_SECONDS, die_everywhere, dies_before, next_engine
from tests.sim.test_talk_orders import CALLER, PHONES, TalkTruth
from tests.unit.fake_pbx import FakePbx, Phone
from tests.unit.small_center import SUPPORT, SmallCenter, small_site
from tests.unit.virtual_time import EPOCH

BINH = Destination(kind=DestinationKind.AGENT, name="binh")
BY_KEYS = "#9#"
SALES = Destination(kind=DestinationKind.QUEUE, name="sales")

STORIES: dict[str, dict[float, o.Order | str]] = {
    "held": {1: o.Hold("anna"), 3: o.Hold("anna", held=False)},
    "consulted and swapped": {
        1: o.ConsultWith("anna", to=BINH),
        4: o.Swap("anna"),
        5: o.Complete("anna"),
    },
    "consulted and given up": {1: o.ConsultWith("anna", to=BINH), 4: o.CancelConsult("anna")},
    "merged and left": {
        1: o.ConsultWith("anna", to=BINH),
        4: o.Merge("anna"),
        5: o.Leave("anna"),
    },
    "invited": {1: o.Invite("anna", to=BINH), 4: o.Drop("anna", who="binh")},
    "sent on to an agent": {1: o.TransferTo("anna", to=BINH)},
    "sent on to a queue": {1: o.TransferTo("anna", to=SALES)},
    "parked and picked up": {1: o.Park("anna"), 3: o.PickUp("binh")},
    "parked and forgotten": {1: o.Park("anna")},
    "parked by keys": {1: BY_KEYS},
    "parked by keys and picked up": {1: BY_KEYS, 2: o.PickUp("binh")},
}
MEANWHILE: dict[str, Callable[[FakePbx], None]] = {
    "nothing happens": lambda switch: None,
    "caller hangs up": lambda switch: switch.put_down(CALLER),
    "anna hangs up": lambda switch: _hang_up(switch, "anna"),
    "binh hangs up": lambda switch: _hang_up(switch, "binh"),
}


def _hang_up(switch: FakePbx, agent: str) -> None:
    for leg in switch.legs_of(PHONES[agent]):
        switch.put_down(leg.id)


async def _order(center: SmallCenter, order: o.Order | str) -> None:
    """By whoever may give it now, or by Anna's keys; an engine that is dead answers nobody."""
    if isinstance(order, str):
        for key in order:
            center.switch.press(center.switch.legs_of(PHONES["anna"])[0].id, key)
        return
    call = find_talk(center.switchboard, order.by)
    if isinstance(order, o.PickUp):
        call = center.registry.calls.get(CALLER)
    if call is not None:
        with suppress(o.NotPossible):
            await ask(call, order)


async def _talk(witness: Path) -> SmallCenter:
    loop = asyncio.get_running_loop()
    switch = FakePbx(lambda: EPOCH + loop.time(), witness_file=witness)
    center = SmallCenter(switch, small_site(2, park_seconds=5), witness_file=witness)
    await center.start()
    switch.phones |= {PHONES[name]: Phone(answers=1) for name in ("anna", "binh")}
    center.log_in("anna")
    switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(3)
    center.log_in("binh")
    center.switchboard.online |= set(PHONES.values())
    return center


async def _live(story: str, meanwhile: str, cut: int, folder: Path) -> bool:
    """One run, cut after so many things; false when the story was over before."""
    witness = folder / f"{cut}.csv"
    first = await _talk(witness)
    loop = asyncio.get_running_loop()
    first.die_after(cut)
    doing = [loop.create_task(give(when, first, order)) for when, order in STORIES[story].items()]
    died = await dies_before(asyncio.sleep(12), first)
    for task in doing:
        task.cancel()
    await first.kill()
    if died:
        loop.call_later(0.2, MEANWHILE[meanwhile], first.switch)
        await asyncio.sleep(AWAY_SECONDS)
        await _carry_on(first, meanwhile)
    return died


async def give(when: float, center: SmallCenter, order: o.Order | str) -> None:
    """This order, after so many seconds."""
    await asyncio.sleep(when)
    await _order(center, order)


async def _carry_on(dead: SmallCenter, meanwhile: str) -> None:
    switch = dead.switch
    said = len(switch.commands)
    async with next_engine(dead) as center:
        await asyncio.sleep(0.5)
        told = [command for command in switch.commands[said:] if command[0] == "play_to_all"]
        assert not told, "they hear that the engine is back"
        await asyncio.sleep(15)
        if meanwhile != "caller hangs up":
            _is_where_he_was_said_to_be(center)
        if meanwhile == "nothing happens":
            _is_served(center)
        switch.put_down(CALLER)
        await center.until_over()
        TalkTruth(center, away=AWAY_SECONDS, strays_allowed=True).check()
        assert center.switchboard.parking.all() == {}
        assert center.switchboard.watching.talks == {}
        assert {center.state_of(name) for name in ("anna", "binh")} == {AgentState.READY}


def _is_where_he_was_said_to_be(center: SmallCenter) -> None:
    """An agent who has heard a slot may hang up: his caller is in it until he is brought on."""
    played = [media for c in center.switch.commands if c[0] == "play" for media in c[3:]]
    if not any("parked_in" in media for media in played):
        return
    notes = [json.loads(line)["data"] for line in center.journal.history]
    moves = [note.get("message") for note in notes]
    assert "Parked" in moves
    if "Unparked" not in moves:
        assert center.switchboard.parking.all() == {"1": CALLER}
        assert center.registry.calls[CALLER].standing.parked is not None


def _is_served(center: SmallCenter) -> None:
    """The caller is with somebody, who hears him; or he waits where an agent put him."""
    switch, standing = center.switch, center.registry.calls[CALLER].standing
    assert CALLER in switch.channels, "the caller was lost"
    caller, talk = switch.channels[CALLER], standing.conversation
    assert talk is not None or standing.visit is not None, standing.stage
    if talk is None:
        return
    seats = talk.seats()
    for leg, seat in seats.items():
        there = switch.channels[leg]
        assert (there.bridge or "", there.music is not None, there.muted, there.ringing) == (
            seat.bridge,
            seat.music,
            seat.silent,
            seat.rings,
        ), leg
    assert set(switch.bridges) == set(talk.bridges())
    assert caller.bridge == talk.bridge


@pytest.mark.parametrize("meanwhile", MEANWHILE)
@pytest.mark.parametrize("story", STORIES)
def test_a_talk_survives_the_death_of_the_engine_at_any_moment(
    story: str, meanwhile: str, tmp_path: Path
) -> None:
    die_everywhere(lambda cut: _live(story, meanwhile, cut, tmp_path))
