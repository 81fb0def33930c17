"""Each party hangs up at each instant of each shape of a transfer, and nothing is left of it.

An instant is the moment after a line of the journal or a command to the switch; between two of them
nothing can cross that could cross another way. Whoever hangs up when: no leg, bridge or recording
is left, the agents are free, times tile, and nobody hears music to whom nobody can come back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest

from acd.messages import AgentState
from acd.queues import Destination, DestinationKind
from engine.call_record import CallRecord
from engine.calls.talk import orders as o
from engine.calls.talk.asking import ask, find_talk
from tests.unit.fake_pbx import REJECTED, FakePbx, Phone
from tests.unit.small_center import SUPPORT, SmallCenter, Truth, small_site
from tests.unit.virtual_time import EPOCH, run

CALLER, OUTSIDE = "100.1", "+842873000001"
PHONES = {"anna": "3001", "binh": "3002", "chi": "3003"}
COMMAND_SECONDS = 0.001
LOOK_SECONDS = 0.25
PATIENT_LOOKS = 8
"""For two seconds somebody may hear nobody: commands are on their way, an end is awaited."""
OVER_SECONDS = 100.0
"""The caller hangs up then, wherever he is."""
EVERY = 12
"""Of the instants each twelfth is tried, beginning with another one for each party."""

Does = Callable[[SmallCenter], Any]


def order(agent: str, kind: type[o.Order], **fields: Any) -> Does:
    """The agent orders this, if he can."""

    async def do(center: SmallCenter) -> None:
        call = find_talk(center.switchboard, agent)
        if call is not None:
            with suppress(o.NotPossible):
                await ask(call, kind(agent, **fields))

    return do


def pick_up(agent: str) -> Does:
    """The agent picks up whoever is parked."""

    async def do(center: SmallCenter) -> None:
        for name in center.switchboard.parking.all().values():
            with suppress(o.NotPossible):
                await ask(center.registry.calls[name], o.PickUp(agent))

    return do


def to(kind: DestinationKind, name: str) -> dict[str, Destination]:
    """Where to, as the field of an order."""
    return {"to": Destination(kind=kind, name=name)}


BINH, CHI = to(DestinationKind.AGENT, "binh"), to(DestinationKind.AGENT, "chi")
NUMBER = to(DestinationKind.NUMBER, OUTSIDE)
SALES, SUPPORT_QUEUE = (to(DestinationKind.QUEUE, name) for name in ("sales", "support"))
BUSY, SILENT = {"3002": Phone(refuses=1)}, {"3002": Phone()}
CONSULT = order("anna", o.ConsultWith, **BINH)

SHAPES: dict[str, tuple[dict[float, Does], dict[str, Phone]]] = {
    "held and taken back": (
        {2: order("anna", o.Hold), 5: order("anna", o.Hold, held=False)},
        {},
    ),
    "blind to an agent": ({2: order("anna", o.TransferTo, **BINH)}, {}),
    "blind to an agent who rejects": ({2: order("anna", o.TransferTo, **BINH)}, BUSY),
    "blind to a queue": ({2: order("anna", o.TransferTo, **SALES)}, {}),
    "blind to a number": ({2: order("anna", o.TransferTo, **NUMBER)}, {}),
    "to a queue and back": (
        {
            2: order("anna", o.TransferTo, **SALES),
            8: order("binh", o.TransferTo, **SUPPORT_QUEUE),
            8.5: order("chi", o.TransferTo, **SUPPORT_QUEUE),
        },
        {},
    ),
    "attended": (
        {
            2: CONSULT,
            6: order("anna", o.Swap),
            8: order("anna", o.Swap),
            10: order("anna", o.Complete),
        },
        {},
    ),
    "attended, completed while it rings": ({2: CONSULT, 3: order("anna", o.Complete)}, {}),
    "attended with a number": (
        {2: order("anna", o.ConsultWith, **NUMBER), 6: order("anna", o.Complete)},
        {},
    ),
    "a consult cancelled": ({2: CONSULT, 6: order("anna", o.CancelConsult)}, {}),
    "a consult cancelled while it rings": ({2: CONSULT, 3: order("anna", o.CancelConsult)}, {}),
    "a consult of one who is busy": ({2: CONSULT}, BUSY),
    "a consult that nobody answers": ({2: CONSULT}, SILENT),
    "a transfer of a transfer": (
        {
            2: CONSULT,
            6: order("anna", o.Complete),
            9: order("binh", o.ConsultWith, **CHI),
            13: order("binh", o.Complete),
        },
        {},
    ),
    "merged, then left": (
        {2: CONSULT, 6: order("anna", o.Merge), 9: order("anna", o.Leave)},
        {},
    ),
    "a conference": (
        {
            2: order("anna", o.Invite, **NUMBER),
            5: order("anna", o.Invite, **BINH),
            9: order("anna", o.Drop, who=OUTSIDE),
            11: order("anna", o.Leave),
        },
        {},
    ),
    "parked and picked up": ({2: order("anna", o.Park), 5: pick_up("chi")}, {}),
    "parked and forgotten": ({2: order("anna", o.Park)}, {}),
}
PARTIES = ("caller", *PHONES, OUTSIDE)


class WatchedCenter(SmallCenter):
    """Somebody hangs up after the ``cut``-th thing that it does once ``armed``."""

    cut, armed = 0, False
    crosses: Callable[[], None]

    def _moment(self, what: str) -> None:
        super()._moment(what)
        if self.armed:
            self.cut -= 1
            if self.cut == 0:
                self.crosses()


def hang_up(switch: FakePbx, party: str) -> None:
    """Whatever this party's phone has: what rings is rejected."""
    if party == "caller":
        switch.put_down(CALLER)
        return
    for leg in switch.legs_of(PHONES.get(party, party)):
        if leg.state == "Up":
            switch.put_down(leg.id)
        else:
            switch.refuse_phone(leg.id, REJECTED, 603)


async def _talk(shape: str) -> WatchedCenter:
    """Anna and the caller talk; binh and chi are there, too."""
    loop = asyncio.get_running_loop()
    switch = FakePbx(lambda: EPOCH + loop.time())
    site = small_site(3, wrap_up=3, park_seconds=10)
    center = WatchedCenter(switch, site)
    await center.start()
    switch.phones |= {number: Phone(answers=1) for number in (*PHONES.values(), OUTSIDE)}
    switch.latency = COMMAND_SECONDS
    center.switchboard.online |= set(PHONES.values())
    center.log_in("anna")
    switch.arrive(CALLER, SUPPORT)
    await asyncio.sleep(3)
    assert center.state_of("anna") is AgentState.TALKING
    center.log_in("binh", "chi")
    switch.phones |= SHAPES[shape][1]
    return center


async def _story(shape: str, party: str, cut: int) -> bool:
    """One run; false when it had fewer instants."""
    center = await _talk(shape)
    switch, loop = center.switch, asyncio.get_running_loop()
    start = loop.time()
    center.crosses = lambda: hang_up(switch, party)
    center.cut, center.armed = cut, True
    doing = [
        loop.create_task(_at(start + when, do, center)) for when, do in SHAPES[shape][0].items()
    ]
    loop.call_at(start + OVER_SECONDS, switch.put_down, CALLER)
    listening = loop.create_task(_hear(center))
    try:
        await center.until_over()
        TalkTruth(center).check()
        await asyncio.gather(*doing)
        _nothing_is_wrong(center)
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
    finally:
        listening.cancel()
        await center.kill()
    return center.cut <= 0


async def _at(when: float, do: Does, center: SmallCenter) -> None:
    await asyncio.sleep(when - asyncio.get_running_loop().time())
    await do(center)


# -- what must hold -----------------------------------------------------------------------------


async def _hear(center: SmallCenter) -> None:
    """Nobody who is on the line is left with nobody for longer than commands take."""
    alone: dict[str, int] = {}
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        forlorn = set(_forlorn(center))
        alone = {leg: alone.get(leg, 0) + 1 for leg in forlorn}
        worst = max(alone.values(), default=0)
        assert worst < PATIENT_LOOKS, f"with nobody: {alone}, {center.switch.commands[-20:]}"


def _forlorn(center: SmallCenter) -> Iterator[str]:
    """Who hears nobody, and to whom nobody is on the way."""
    switch = center.switch
    for leg in switch.channels.values():
        if leg.state != "Up" or leg.id in switch.snoops:
            continue
        others = [each for each in switch.bridges.get(leg.bridge or "", ()) if each != leg.id]
        if leg.music is not None:
            if not _somebody_comes(center, leg.id):
                yield leg.id
        elif not others and not leg.ringing and not leg.playing:
            yield leg.id


def _somebody_comes(center: SmallCenter, leg: str) -> bool:
    """Whether whoever hears music waits for somebody who is there, or is being reached."""
    call = center.registry.calls[CALLER]
    standing, talk = call.standing, call.standing.conversation
    if leg == CALLER:
        waits = standing.visit is not None or standing.parked is not None
        return waits or (talk is not None and bool(talk.parties)) or standing.dialed is not None
    return talk is not None and talk.consult is not None and talk.consult.by in talk.parties


class TalkTruth(Truth):
    """Who talks for a caller may have come to him by no offer."""

    def _talks_are_right(self, record: CallRecord) -> None:
        """Each wrap-up begins where its agent's stay ends; who is offered is there when he says."""
        wrap_ups = {segment for call, segment in self.books.wrap_ups if call == record.call}
        stays = {(stretch.name, stretch.ended) for stretch in record.parties}
        borders = {segment.ended for segment in record.segments}  # of a talk of no length
        for wrap_up in wrap_ups:
            assert (wrap_up.agent, wrap_up.started) in stays or wrap_up.started in borders
        for offer in record.offers:
            if offer.outcome == "answered":
                answered = self.switch.answer_of(offer.offer)
                assert answered is not None
                assert -self.slack <= offer.ended - answered <= self.slack + self.away, offer


def _nothing_is_wrong(center: SmallCenter) -> None:
    sb = center.switchboard
    assert sb.parking.all() == {}
    assert sb.watching.talks == {}
    assert {center.state_of(name) for name in PHONES} <= {
        AgentState.READY,
        AgentState.NOT_RESPONDING,
    }
    _parties_tile(center.books.of(CALLER))


def _parties_tile(record: CallRecord) -> None:
    """The stretches of each leg follow each other without a gap, within the call."""
    legs: dict[str, list[tuple[float, float]]] = {}
    for stretch in record.parties:
        assert record.arrived <= stretch.started < stretch.ended <= record.ended
        legs.setdefault(stretch.leg, []).append((stretch.started, stretch.ended))
    for stretches in legs.values():
        for (_, ended), (began, _) in pairwise(stretches):
            assert began == ended


@pytest.mark.parametrize("shape", SHAPES)
def test_whoever_hangs_up_at_whatever_instant_leaves_nothing_behind(shape: str) -> None:
    failures, runs = [], 0
    for place, party in enumerate(PARTIES):
        cut, goes_on = 1 + (5 * place + len(shape)) % EVERY, True
        while goes_on:
            try:
                goes_on = run(_story(shape, party, cut))
            except Exception as error:
                failures.append(f"{party} after {cut}: {error!r:.400}")
            runs, cut = runs + 1, cut + EVERY
            assert cut < 1000
    assert not failures, f"{len(failures)} of {runs}:\n" + "\n".join(failures[:20])
