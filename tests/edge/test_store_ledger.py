"""The ledger on both real databases: what an operator can count on finding there."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_call import CALL, SOLD, STRETCH, WRAP_UP, T
from sqlalchemy import Table, func, select
from sqlalchemy.exc import StatementError

from engine.call_record import (
    AgentStretch,
    CallOutcome,
    CallRecord,
    CallTag,
    Disposition,
    ExperimentArm,
    NodeVisit,
    OfferMade,
    PartyStretch,
    QueueVisit,
    RecordingMade,
    Segment,
    SegmentKind,
    Step,
    SurveyAnswer,
    TransferHow,
    TransferMade,
)
from engine.calls import notes as n
from engine.calls.record import fold
from engine.ivr.position import Place
from engine.ports import LedgerRefused
from engine.store.ledger import Ledger
from engine.store.reports import Reports
from engine.store.tables import (
    PARTS,
    agent_stretches,
    calls,
    dispositions,
    metadata,
    recordings,
    wrap_ups,
)

pytest_plugins = ["databases"]


async def rows_in(ledger: Ledger, table: Table) -> int:
    async with ledger.reading() as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


async def rows_in_all(ledger: Ledger) -> dict[str, int]:
    return {table.name: await rows_in(ledger, table) for table in metadata.sorted_tables}


def test_every_field_of_a_record_has_its_column() -> None:
    for part, table in [(part, table) for _, part, table in PARTS] + [
        (AgentStretch, agent_stretches)
    ]:
        columns = set(table.columns.keys()) - (
            {"call", "seq"} if part is not AgentStretch else set()
        )
        written = {field.name for field in fields(part)}
        assert written == columns or (written < columns and table is recordings)
    own = {field.name for field in fields(CallRecord)} - {field for field, _, _ in PARTS}
    elsewhere = {"dispositions", "attempt", "voicemails", "marks", "greetings", "audit"}
    assert own - elsewhere == set(calls.columns.keys())
    assert {field.name for field in fields(Disposition)} == set(dispositions.c.keys()) - {"call"}
    assert {field.name for field in fields(Segment)} - {"kind"} == set(wrap_ups.c.keys()) - {"call"}


async def test_a_call_is_read_back_as_it_was_written(ledger: Ledger) -> None:
    await ledger.save_call(CALL)
    assert await Reports(ledger).call("c-1") == CALL


async def test_a_call_nobody_wrote_is_not_found(ledger: Ledger) -> None:
    await ledger.save_call(CALL)
    assert await Reports(ledger).call("c-2") is None


async def test_a_call_written_again_stays_as_it_was_and_alone(ledger: Ledger) -> None:
    await ledger.save_call(CALL)
    once = await rows_in_all(ledger)
    await ledger.save_call(CALL)
    await ledger.save_call(
        replace(CALL, caller="someone else", steps=(*CALL.steps, Step(T, "x", "y")))
    )
    assert await rows_in_all(ledger) == once
    assert await Reports(ledger).call("c-1") == CALL


async def test_a_call_written_by_many_at_once_is_there_once(ledger: Ledger) -> None:
    await asyncio.gather(*(ledger.save_call(CALL) for _ in range(20)))
    rows = {table: many for table, many in (await rows_in_all(ledger)).items() if many}
    assert rows == {
        "calls": 1,
        "segments": 5,
        "party_stretches": 3,
        "transfers": 2,
        "queue_visits": 1,
        "offers": 2,
        "recordings": 1,
        "steps": 3,
        "node_visits": 3,
        "call_tags": 2,
        "survey_answers": 2,
        "experiment_arms": 1,
    }


async def test_two_programs_may_write_to_one_ledger(ledger_url: str) -> None:
    one, other = Ledger(ledger_url), Ledger(ledger_url)
    await asyncio.gather(one.open(), other.open())
    many = [replace(_empty(f"c-{n}"), caller=str(n)) for n in range(30)]
    await asyncio.gather(*(engine.save_call(call) for call in many for engine in (one, other)))
    assert await rows_in(one, calls) == 30
    await one.close()
    await other.close()


async def test_a_wrap_up_is_kept_once_whether_it_comes_before_or_after_its_call(
    ledger: Ledger,
) -> None:
    await ledger.save_wrap_up("c-1", WRAP_UP)
    await ledger.save_call(CALL)
    await asyncio.gather(*(ledger.save_wrap_up("c-1", WRAP_UP) for _ in range(5)))
    later = replace(WRAP_UP, agent="an", started=T + 90, ended=T + 95)
    await ledger.save_wrap_up("c-1", later)
    kept = await Reports(ledger).call("c-1")
    assert kept == replace(CALL, segments=(*CALL.segments, WRAP_UP, later))


async def test_a_wrap_up_within_the_record_is_not_kept_twice(ledger: Ledger) -> None:
    await ledger.save_wrap_up("c-1", WRAP_UP)
    with_it = replace(CALL, segments=(*CALL.segments, WRAP_UP))
    await ledger.save_call(with_it)
    assert await Reports(ledger).call("c-1") == with_it


async def test_what_came_of_a_talk_is_kept_once_before_or_after_its_call(ledger: Ledger) -> None:
    await ledger.save_disposition("c-1", SOLD)
    await ledger.save_call(CALL)
    await asyncio.gather(*(ledger.save_disposition("c-1", SOLD) for _ in range(5)))
    later = replace(SOLD, agent="an", code="no_answer", by_default=True, at=T + 95)
    await ledger.save_disposition("c-1", later)
    kept = await Reports(ledger).call("c-1")
    assert kept == replace(CALL, dispositions=(SOLD, later))
    assert kept is not None
    await ledger.save_call(replace(kept, call="c-2", offers=(), recordings=()))
    copied = await Reports(ledger).call("c-2")
    assert copied is not None
    assert copied.dispositions == (SOLD, later)


async def test_a_stretch_of_an_agents_day_is_kept_once(ledger: Ledger) -> None:
    await asyncio.gather(*(ledger.save_agent_stretch(STRETCH) for _ in range(5)))
    await ledger.save_agent_stretch(replace(STRETCH, started=STRETCH.ended, ended=T + 70))
    assert await rows_in(ledger, agent_stretches) == 2


async def test_a_stretch_without_time_does_not_take_the_place_of_the_one_that_follows(
    ledger: Ledger,
) -> None:
    await ledger.save_agent_stretch(replace(STRETCH, state="wrap_up", ended=STRETCH.started))
    await ledger.save_agent_stretch(STRETCH)
    [day] = await Reports(ledger).agents_day(T, T + 86400)
    assert day.state == "talking"


@pytest.mark.parametrize(
    "bad",
    [
        replace(CALL, call="c-2"),  # its offers belong to another call already
        replace(CALL, call="x" * 201),
        replace(CALL, call="c\0"),
        replace(CALL, arrived=float("nan")),
        replace(CALL, ended=1e300),
        replace(CALL, visits=(QueueVisit(None, T, T, "answered"),)),  # type: ignore[arg-type]
        replace(CALL, segments=(replace(WRAP_UP, agent=None),)),
        replace(CALL, recordings=(replace(CALL.recordings[0], bytes=2**70),)),
        replace(CALL, nodes=(replace(CALL.nodes[0], left=float("inf")),)),
    ],
    ids=[
        "offer taken",
        "long id",
        "odd id",
        "no time",
        "far time",
        "no queue",
        "no agent",
        "bytes",
        "endless node",
    ],
)
async def test_a_record_that_can_never_be_written_is_refused_and_leaves_nothing(
    ledger: Ledger, bad: CallRecord
) -> None:
    before = await rows_in_all(ledger)
    if bad.call == "c-2":
        await ledger.save_call(CALL)
        before = await rows_in_all(ledger)
    with pytest.raises(LedgerRefused):
        await ledger.save_call(bad)
    assert await rows_in_all(ledger) == before
    await Reports(ledger).calls()  # it still answers


async def test_a_refusal_tells_no_numbers_of_callers(ledger: Ledger) -> None:
    await ledger.save_call(CALL)
    with pytest.raises(LedgerRefused) as caught:
        await ledger.save_call(replace(CALL, call="c-2", caller="+84999999999"))
    assert "+84999999999" not in str(caught.value)
    assert isinstance(caught.value.__cause__, StatementError)
    assert "+84999999999" not in str(caught.value.__cause__)


async def test_what_a_flow_has_gathered_of_its_caller_is_in_no_table(ledger: Ledger) -> None:
    card = "4111111111111111"
    gathered = {"card": card, "orders": [card]}
    record = fold(
        "c-1",
        [
            n.Arrived(T, "c-1", "inbound", "1900", "0901"),
            n.NodeEntered(T, "pay", "ask", gathered, "gather", shared=gathered),
            n.NodeEntered(T + 1, "card", "luhn", {}, "if", outer=(Place("pay", "ask", gathered),)),
            n.Ended(T + 9, "caller", 16),
        ],
    ).record()
    await ledger.save_call(record)
    async with ledger.reading() as connection:
        rows = [
            row
            for table in metadata.sorted_tables
            for row in (await connection.execute(select(table))).all()
        ]
    assert len(rows) >= 3
    assert card not in repr(rows)


KILLED_HALF_WAY = """
import asyncio, os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from engine.store.ledger import Ledger
from sample_call import CALL

@event.listens_for(Engine, "after_cursor_execute")
def kill_at_the_last_part(connection, cursor, statement, *_):
    if statement.startswith("INSERT INTO steps"):
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(Ledger(sys.argv[1]).save_call(CALL))
"""


async def test_an_engine_killed_in_the_middle_of_writing_a_call_leaves_nothing_of_it(
    ledger_url: str,
) -> None:
    ledger = Ledger(ledger_url)
    await ledger.open()
    killed = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", KILLED_HALF_WAY, ledger_url],
        env={"PYTHONPATH": f"{Path(__file__).parent}:{Path(__file__).parents[2]}"},
        check=False,
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL
    assert set((await rows_in_all(ledger)).values()) == {0}
    await ledger.save_call(CALL)
    assert await Reports(ledger).call("c-1") == CALL
    await ledger.close()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Nguyễn Văn Ánh", "Nguyễn Văn Ánh"),
        ("📞👩‍💻", "📞👩‍💻"),
        ("a\0b", "a\ufffdb"),
        ("a\ud83db", "a\ufffdb"),
        ("\ud83d\udcde", "📞"),
        ("x" * 10_000, "x" * 127 + "…"),
        ("📞" * 10_000, "📞" * 127 + "…"),
        ("'; DROP TABLE calls; --", "'; DROP TABLE calls; --"),
        ("", ""),
    ],
    ids=["vietnamese", "emoji", "nul", "half a pair", "a pair", "10 kB", "40 kB", "sql", "nothing"],
)
async def test_whatever_a_phone_calls_itself_is_kept_as_well_as_it_can_be(
    ledger: Ledger, sent: str, kept: str
) -> None:
    steps = (Step(T, "sip", "INVITE", sent, sent),)
    tags, nodes = (CallTag(sent, sent),), (replace(CALL.nodes[0], milestone=sent, exit=sent),)
    answers, arms = (replace(CALL.answers[0], value=sent),), (ExperimentArm(sent, sent),)
    flows = {"tags": tags, "nodes": nodes, "answers": answers, "arms": arms}
    await ledger.save_call(
        replace(CALL, caller=sent, sip_call_id=sent, steps=steps, flow_version=sent, **flows)  # type: ignore[arg-type]
    )
    call = await Reports(ledger).call("c-1")
    assert call is not None
    assert call.caller == kept
    assert call.steps[0].detail[:10] == kept[:10]
    assert (call.tags[0].name, call.nodes[0].exit, call.arms[0].arm) == (kept, kept, kept)
    assert call.answers[0].value[:10] == kept[:10]


def _empty(call: str) -> CallRecord:
    return replace(CALL, call=call, segments=(), visits=(), offers=(), recordings=(), steps=())


moments = st.integers(0, 4_000_000_000_000_000).map(lambda microseconds: microseconds / 1_000_000)
texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=32
)  # fmt: skip
maybe = st.none() | texts
own_kinds = st.sampled_from([kind for kind in SegmentKind if kind is not SegmentKind.WRAP_UP])
doubles = st.floats(0, 1e6)


def some(*fields: st.SearchStrategy[object], of: type) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(st.tuples(*fields).map(lambda values: of(*values)), max_size=4).map(tuple)


def with_unique(
    parts: st.SearchStrategy[tuple[object, ...]], name: str
) -> st.SearchStrategy[tuple[object, ...]]:
    return parts.map(
        lambda each: tuple(replace(part, **{name: f"{n}"}) for n, part in enumerate(each))  # type: ignore[type-var]
    )


records = st.builds(
    CallRecord,
    call=st.just("c"),
    **dict.fromkeys(["direction", "caller", "called", "language", "route", "flow"], texts),
    arrived=moments,
    answered=st.none() | moments,
    ended=moments,
    ended_by=texts,
    outcome=st.sampled_from(CallOutcome),
    cause=st.integers(-(2**31), 2**31 - 1),
    agent=maybe,
    estimated_end=st.booleans(),
    sip_call_id=texts,
    segments=some(own_kinds, moments, moments, maybe, maybe, of=Segment),
    visits=some(texts, moments, moments, texts, maybe, of=QueueVisit),
    offers=with_unique(some(*[texts] * 3, moments, moments, *[texts] * 3, of=OfferMade), "offer"),
    recordings=with_unique(
        some(
            *(texts, texts, moments, doubles, st.integers(0, 2**63 - 1), st.booleans(), texts),
            of=RecordingMade,
        ),
        "name",
    ),
    steps=some(moments, *[texts] * 5, of=Step),
    flow_version=texts,
    nodes=some(*[texts] * 4, moments, moments, texts, texts, of=NodeVisit),
    tags=some(texts, texts, of=CallTag),
    answers=some(*[texts] * 4, maybe, maybe, moments, of=SurveyAnswer),
    arms=some(texts, texts, of=ExperimentArm),
    parties=some(
        texts,
        st.sampled_from(["agent", "number"]),
        texts,
        st.sampled_from(SegmentKind),
        moments,
        moments,
        of=PartyStretch,
    ),
    transfers=some(*(moments, st.sampled_from(TransferHow), *[texts] * 3, maybe), of=TransferMade),
)


@pytest.mark.parametrize("ledger_url", ["sqlite"], indirect=True)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(record=records)
def test_any_record_is_read_back_equal(ledger_url: str, record: CallRecord) -> None:
    async def write_and_read() -> CallRecord | None:
        ledger = Ledger(ledger_url)
        try:
            async with ledger.writing() as connection:
                await connection.execute(calls.delete())
            await ledger.save_call(record)
            return await Reports(ledger).call("c")
        finally:
            await ledger.close()

    assert asyncio.run(write_and_read()) == record
