"""What the ledger tells of talks of several: time, contacts, transfers of each agent and queue."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_call import CALL, T

from engine.call_record import (
    CallRecord,
    PartyStretch,
    QueueVisit,
    Segment,
    SegmentKind,
    TransferHow,
    TransferMade,
)
from engine.calls.record import fold
from engine.store.handling import HANDLED, Handling
from engine.store.ledger import Ledger
from engine.store.queue_reports import Period, Targets
from engine.store.reports import Reports
from engine.store.tables import calls
from tests.random_talk import CALL as DRAWN
from tests.random_talk import a_talk

pytest_plugins = ["databases"]

TALK, HOLD, CONFERENCE = HANDLED
CONSULT, RING, WRAP_UP = SegmentKind.CONSULT, SegmentKind.RING, SegmentKind.WRAP_UP
BLIND, ATTENDED, WARM = TransferHow


def stretch(agent: str, kind: SegmentKind, started: float, ended: float) -> PartyStretch:
    """Of an agent's stay, in seconds after T."""
    return PartyStretch(f"leg of {agent}", "agent", agent, kind, T + started, T + ended)


def given_on(at: float, agent: str, how: TransferHow, target: str, name: str) -> TransferMade:
    return TransferMade(T + at, how, agent, target, name, "support")


def talk(name: str, *parts: PartyStretch | TransferMade | QueueVisit | Segment) -> CallRecord:
    """A call of which only these parts matter."""

    def of(kind: type) -> tuple[object, ...]:
        return tuple(part for part in parts if isinstance(part, kind))

    return replace(
        CALL,
        call=name,
        offers=(),
        recordings=(),
        parties=of(PartyStretch),  # type: ignore[arg-type]
        transfers=of(TransferMade),  # type: ignore[arg-type]
        visits=of(QueueVisit),  # type: ignore[arg-type]
        segments=of(Segment),  # type: ignore[arg-type]
    )


CONSULTED = talk(
    "c-1",
    stretch("mai", TALK, 10, 70),
    stretch("mai", CONSULT, 70, 100),
    stretch("an", RING, 70, 80),
    stretch("an", CONSULT, 80, 100),
    stretch("an", TALK, 100, 400.5),
    given_on(100, "mai", ATTENDED, "agent", "an"),
)
"""Mai talks a minute, consults An, and leaves the caller to her."""


async def handled(ledger: Ledger, since: float = T, until: float = T + 3600) -> dict[str, Handling]:
    return {line.agent: line.handling for line in await Reports(ledger).agents(since, until)}


async def test_each_agent_has_the_time_that_he_had_the_caller(ledger: Ledger) -> None:
    await ledger.save_call(CONSULTED)
    await ledger.save_wrap_up("c-1", Segment(WRAP_UP, T + 100, T + 110, "support", "mai"))
    await ledger.save_wrap_up("c-1", Segment(WRAP_UP, T + 400.5, T + 420, "support", "an"))
    of = await handled(ledger)
    assert (of["mai"].talk_seconds, of["mai"].consult_seconds) == (60, 30)
    assert (of["an"].talk_seconds, of["an"].consult_seconds) == (300.5, 20)
    assert (of["mai"].contacts, of["mai"].aht_seconds) == (1, 70)
    assert (of["an"].contacts, of["an"].aht_seconds) == (1, 320)
    assert (of["mai"].transfers_out, of["mai"].transfers_in) == ({"attended_to_agent": 1}, {})
    assert (of["an"].transfers_out, of["an"].transfers_in) == ({}, {"attended": 1})


async def test_who_was_only_consulted_has_handled_nobody(ledger: Ledger) -> None:
    asked = talk("c-1", stretch("an", RING, 0, 5), stretch("an", CONSULT, 5, 65))
    await ledger.save_call(asked)
    assert (await handled(ledger))["an"] == Handling(consult_seconds=60)


async def test_a_contact_that_came_back_to_an_agent_is_one_contact(ledger: Ledger) -> None:
    there_and_back = talk(
        "c-1",
        stretch("mai", TALK, 0, 10),
        stretch("mai", HOLD, 10, 15),
        stretch("mai", CONFERENCE, 15, 35),
        stretch("mai", TALK, 300, 301),
    )
    await ledger.save_call(there_and_back)
    await ledger.save_call(talk("c-2", stretch("mai", TALK, 900, 904)))
    mai = (await handled(ledger))["mai"]
    assert (mai.contacts, mai.talk_seconds, mai.hold_seconds) == (2, 15, 5)
    assert (mai.conference_seconds, mai.aht_seconds) == (20, 20)


async def test_a_talk_over_the_end_of_the_time_is_whole_where_it_began(ledger: Ledger) -> None:
    late = talk("c-1", stretch("mai", TALK, 3590, 3610), stretch("mai", HOLD, 3610, 3700))
    await ledger.save_call(late)
    assert (await handled(ledger))["mai"].aht_seconds == 110
    assert await handled(ledger, T + 3600, T + 7200) == {}


async def test_a_transfer_that_never_reached_him_is_none_that_he_got(ledger: Ledger) -> None:
    vain = talk(
        "c-1",
        stretch("mai", TALK, 0, 10),
        stretch("an", RING, 10, 30),
        given_on(10, "mai", BLIND, "agent", "an"),
        given_on(40, "mai", BLIND, "queue", "sales"),
    )
    await ledger.save_call(vain)
    of = await handled(ledger)
    assert of["mai"].transfers_out == {"blind_to_agent": 1, "blind_to_queue": 1}
    assert (of["an"].transfers_in, of["an"].contacts) == ({}, 0)


async def test_a_number_with_an_agents_name_is_no_agent(ledger: Ledger) -> None:
    outside = replace(stretch("mai", TALK, 0, 10), party="number")
    await ledger.save_call(talk("c-1", outside, given_on(10, "an", WARM, "number", "mai")))
    assert set(await handled(ledger)) == {"an"}


async def test_a_queue_tells_whom_its_agents_gave_on_and_whom_it_was_sent(ledger: Ledger) -> None:
    moved = talk(
        "c-1",
        QueueVisit("support", T, T + 5, "answered", "mai"),
        QueueVisit("sales", T + 60, T + 90, "answered", "an"),
        Segment(TALK, T + 5, T + 60, "support", "mai"),
        Segment(CONFERENCE, T + 90, T + 100, "sales", "an"),
        Segment(HOLD, T + 100, T + 107, "sales", None),
        given_on(60, "mai", BLIND, "queue", "sales"),
        replace(given_on(100, "an", WARM, "number", "0901"), queue="sales"),
    )
    await ledger.save_call(moved)
    sales, support = await Reports(ledger).queues(Period(T, T + 3600), Targets({}))
    assert (support.transfers_out, support.transfers_in) == ({"blind_to_queue": 1}, 0)
    assert (sales.transfers_out, sales.transfers_in) == ({"warm_to_number": 1}, 1)
    assert (sales.conference_seconds, sales.hold_seconds, sales.aht_seconds) == (10, 0, 10)


async def test_who_came_to_a_queue_by_its_own_rules_was_sent_by_no_agent(ledger: Ledger) -> None:
    overflowed = talk(
        "c-1",
        QueueVisit("support", T + 60, T + 90, "overflow"),
        QueueVisit("sales", T + 90, T + 95, "answered", "an"),
        given_on(60, "mai", BLIND, "queue", "support"),
        given_on(50, "mai", BLIND, "queue", "sales"),
    )
    await ledger.save_call(overflowed)
    sales, support = await Reports(ledger).queues(Period(T, T + 3600), Targets({}))
    assert (support.transfers_in, sales.transfers_in) == (1, 0)


async def test_a_call_is_as_long_in_its_line_as_somebody_was_with_the_caller(
    ledger: Ledger,
) -> None:
    parts = (
        Segment(TALK, T, T + 10, "support", "mai"),
        Segment(CONFERENCE, T + 10, T + 30, "support", "mai"),
        Segment(CONFERENCE, T + 30, T + 99),  # a room
    )
    await ledger.save_call(talk("c-1", *parts))
    [line] = await Reports(ledger).calls()
    assert line.talked == 30


die = st.tuples(st.integers(0, 500), st.sampled_from([0.25, 3.0]))
dice = st.lists(die, max_size=30) | st.lists(die, min_size=20, max_size=30)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(thrown=dice)
def test_in_sql_everybodys_time_is_that_of_the_talk(
    ledger_url: str, thrown: list[tuple[int, float]]
) -> None:
    record = fold(DRAWN, a_talk(T, thrown)).record()
    spent: dict[str, dict[SegmentKind, float]] = defaultdict(lambda: defaultdict(float))
    for each in record.parties:
        if each.party == "agent":
            spent[each.name][each.kind] += each.ended - each.started

    async def in_sql() -> dict[str, Handling]:
        ledger = Ledger(ledger_url)
        try:
            async with ledger.writing() as connection:
                await connection.execute(calls.delete())
            await ledger.save_call(record)
            return await handled(ledger)
        finally:
            await ledger.close()

    told = asyncio.run(in_sql())
    assert set(told) == set(spent)
    for agent, his in spent.items():
        handling = told[agent]
        seconds = {
            TALK: handling.talk_seconds,
            HOLD: handling.hold_seconds,
            CONFERENCE: handling.conference_seconds,
            CONSULT: handling.consult_seconds,
        }
        assert seconds == {kind: pytest.approx(his[kind], abs=1e-5) for kind in seconds}
        assert handling.contacts == any(his[kind] for kind in HANDLED)
