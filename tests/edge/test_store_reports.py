"""The ledger's answers on both real databases."""

from __future__ import annotations

from dataclasses import replace

from sample_call import CALL, STRETCH, T

from engine.call_record import CallOutcome, CallRecord, Segment, SegmentKind
from engine.store.ledger import Ledger
from engine.store.reports import AgentDay, CallLine, RecordingLine, Reports

pytest_plugins = ["databases"]


def another(call: str, after: float = 0.0, **changes: object) -> CallRecord:
    """A call like the sample, with its own ids, that arrived some seconds ``after`` it."""
    own: dict[str, object] = {
        "call": call,
        "arrived": T + after,
        "ended": T + after + 30,
        "offers": (),
        "recordings": (),
        "segments": (),
    }
    return replace(CALL, **own | changes)  # type: ignore[arg-type]


async def test_a_call_in_one_line_tells_where_its_time_went(ledger: Ledger) -> None:
    await ledger.save_call(CALL)
    assert await Reports(ledger).calls() == [
        CallLine(
            call="c-1",
            arrived=T,
            caller="+84901234567",
            called="+842873001234",
            language="vi",
            route="main",
            outcome=CallOutcome.ANSWERED,
            ended_by="caller",
            agent="mai",
            seconds=60.000001,
            ivr=5.023457,
            waited=6.876543,
            talked=48.000001,
            recordings=1,
        )
    ]


async def test_time_just_before_a_full_second_is_counted_exactly(ledger: Ledger) -> None:
    hold = (Segment(SegmentKind.HOLD, T + 0.000001, T + 0.999999, agent="mai"),)
    await ledger.save_call(another("c-2", segments=hold))
    [line] = await Reports(ledger).calls()
    assert line.talked == 0.999998
    assert (line.ivr, line.waited, line.recordings) == (0, 0, 0)


async def test_calls_come_newest_first_up_to_the_limit(ledger: Ledger) -> None:
    for n in (3, 1, 2):
        await ledger.save_call(another(f"c-{n}", after=n))
    reports = Reports(ledger)
    assert [line.call for line in await reports.calls(limit=2)] == ["c-3", "c-2"]
    assert [line.call for line in await reports.calls(since=T + 2)] == ["c-3", "c-2"]
    assert await reports.calls(since=T + 3.000001) == []


async def test_a_recording_is_listed_with_its_call(ledger: Ledger) -> None:
    await ledger.save_call(CALL)
    await ledger.save_call(another("c-2", after=9))
    line = RecordingLine(
        call="c-1",
        caller="+84901234567",
        agent="mai",
        name="c-1-r1",
        path="2026/c-1-r1.wav",
        started=T + 12,
        seconds=48.000125,
        bytes=768_044,
        complete=True,
        problem="",
        kind="talk",
    )
    assert await Reports(ledger).recordings() == [line]
    assert await Reports(ledger).recordings(since=T + 13) == []


async def test_an_agents_day_adds_up_to_the_time_asked_for(ledger: Ledger) -> None:
    day = [
        ("ready", T - 100, T + 12.000001),
        ("talking", T + 12.000001, T + 60),
        ("ready", T + 60, T + 90.5),
        ("talking", T + 90.5, T + 3600),
        ("logged_out", T + 3600, T + 90_000),
    ]
    for state, started, ended in day:
        await ledger.save_agent_stretch(replace(STRETCH, state=state, started=started, ended=ended))
    await ledger.save_agent_stretch(replace(STRETCH, agent="an", started=T - 9, ended=T))
    assert await Reports(ledger).agents_day(T, T + 100) == [
        AgentDay("mai", "ready", seconds=42.500001, times=2),
        AgentDay("mai", "talking", seconds=57.499999, times=2),
    ]


async def test_an_empty_ledger_has_answers_too(ledger: Ledger) -> None:
    reports = Reports(ledger)
    assert await reports.calls() == []
    assert await reports.recordings() == []
    assert await reports.agents_day(T, T + 86400) == []
