"""How flows, surveys and experiments did, asked of both real databases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sample_call import CALL, T

from engine.call_record import CallOutcome, ExperimentArm, NodeVisit, SurveyAnswer
from engine.store.experiment_reports import ArmLine
from engine.store.flow_reports import FlowReport, MilestoneLine, NodeLine
from engine.store.ledger import Ledger
from engine.store.queue_reports import Period
from engine.store.reports import Reports
from engine.store.survey_reports import MOST_VALUES, QuestionLine

pytest_plugins = ["databases"]

HOUR = (T, T + 3600)


def at(node: str, seconds: float, exit_: str, after: float = 0.0, **more: Any) -> NodeVisit:
    """A stay of so many seconds, begun some seconds ``after`` T."""
    began = T + after
    own = {"flow": "main", "version": "v1", "type": "menu"} | more
    return NodeVisit(node=node, entered=began, left=began + seconds, exit=exit_, **own)


async def ended(ledger: Ledger, call: str, *nodes: NodeVisit, **more: Any) -> None:
    """A call of which only this matters."""
    bare: dict[str, Any] = {"offers": (), "recordings": (), "answers": (), "arms": ()}
    await ledger.save_call(replace(CALL, call=call, nodes=nodes, **bare | more))


async def nodes(ledger: Ledger) -> list[NodeLine]:
    """The nodes of the flow `main` in the hour."""
    return (await Reports(ledger).flow("main", Period(*HOUR))).nodes


async def test_a_node_has_its_visits_calls_time_and_drop_outs(ledger: Ledger) -> None:
    await ended(ledger, "c-1", at("hello", 2, "next", type="say"), at("menu", 3, "1"))
    await ended(ledger, "c-2", at("menu", 1, "nomatch"), at("menu", 4.5, "hangup"))
    await ended(ledger, "c-3", at("hello", 4, "next", type="say"), at("menu", 2.000001, "1"))
    await ended(ledger, "c-4", at("hello", 9, "hangup", flow="other"))
    menu, hello = await nodes(ledger)
    assert (menu.node, menu.type, menu.visits, menu.calls) == ("menu", "menu", 4, 3)
    assert (hello.node, hello.type, hello.visits, hello.calls) == ("hello", "say", 2, 2)
    assert (menu.share, hello.share) == (1.0, 2 / 3)
    assert (menu.dropped, hello.dropped) == (1, 0)
    assert menu.exits == {"1": 2, "hangup": 1, "nomatch": 1}
    assert menu.mean_seconds == 10.500001 / 4
    assert (menu.p50_seconds, menu.p90_seconds, menu.longest_seconds) == (2.000001, 4.5, 4.5)
    assert (hello.mean_seconds, hello.p50_seconds, hello.longest_seconds) == (3, 2, 4)


async def test_a_percentile_is_the_stay_that_so_many_did_not_exceed(ledger: Ledger) -> None:
    await ended(ledger, "c-1", *(at("menu", float(n), "1") for n in range(40, 0, -1)))
    [menu] = await nodes(ledger)
    assert (menu.p50_seconds, menu.p90_seconds) == (20, 36)


async def test_the_ways_between_nodes_are_counted(ledger: Ledger) -> None:
    for n in range(3):
        await ended(ledger, f"c-{n}", at("menu", 1, "1"), at("line", 1, "answered"))
    await ended(ledger, "c-9", at("menu", 1, "2"), at("menu", 1, "1", flow="other"))
    counts = await Reports(ledger).ways("main", *HOUR)
    assert list(counts.items()) == [
        (("line", "answered"), 3), (("menu", "1"), 3), (("menu", "2"), 1),
    ]  # fmt: skip


async def test_stays_count_in_the_time_in_which_they_began(ledger: Ledger) -> None:
    moments = (-0.000001, 0.0, 3599.999999, 3600.0)
    await ended(ledger, "c-1", *(at("menu", 7200, "1", after) for after in moments))
    [menu] = await nodes(ledger)
    assert menu.visits == 2
    assert await Reports(ledger).ways("main", *HOUR) == {("menu", "1"): 2}


async def test_milestones_are_counted_by_day(ledger: Ledger) -> None:
    paid: dict[str, Any] = {"milestone": "paid"}
    await ended(ledger, "c-1", at("a", 1, "x", **paid), at("b", 1, "x", 5, **paid), at("c", 1, "x"))
    await ended(ledger, "c-2", at("a", 1, "x", 86_400, **paid))
    await ended(ledger, "c-3", at("a", 1, "x", 9, milestone="asked"))
    report = await Reports(ledger).flow("main", Period(T, T + 100_000, 86_400))
    assert (report.flow, report.calls, len(report.nodes)) == ("main", 3, 3)
    day, next_ = (T, T + 86_400), (T + 86_400, T + 100_000)
    assert report.milestones == [
        MilestoneLine("asked", *day, 1, 1),
        MilestoneLine("paid", *day, 1, 2),
        MilestoneLine("paid", *next_, 1, 1),
    ]


async def test_a_flow_that_nobody_called_has_nothing_to_show(ledger: Ledger) -> None:
    reports = Reports(ledger)
    assert await reports.flow("main", Period(*HOUR)) == FlowReport("main", 0, [], [])
    assert await reports.surveys(*HOUR) == []
    assert await reports.surveys(*HOUR, "agent") == []
    assert await reports.experiments(*HOUR) == []


# -- surveys ---------------------------------------------------------------------------------------


def said(value: str, agent: str | None = "mai", after: float = 0.0, **more: Any) -> SurveyAnswer:
    queue = "support" if agent else None
    return SurveyAnswer("after", "score", value, more.pop("recording", ""), agent, queue, T + after)


def shown(lines: Sequence[QuestionLine]) -> list[tuple[str, int, float | None, dict[str, int]]]:
    return [(line.of, line.answers, line.mean, dict(line.values)) for line in lines]


async def test_a_question_has_its_answers_by_value_and_their_mean(ledger: Ledger) -> None:
    values = ("5", "4", "5", "1", "nan", "không biết")
    await ended(ledger, "c-1", answers=tuple(map(said, values)))
    await ended(ledger, "c-2", answers=(said("", recording="c-2-s1"), said("3", after=3600)))
    assert await Reports(ledger).surveys(*HOUR) == [
        QuestionLine(
            "after", "score", "", answers=7, mean=3.75,
            values={"1": 1, "4": 1, "5": 2, "không biết": 1, "nan": 1}, others=0, spoken=1,
        )
    ]  # fmt: skip


async def test_answers_are_told_by_the_agent_or_queue_of_the_talk(ledger: Ledger) -> None:
    await ended(ledger, "c-1", answers=(said("5"), said("2", "an"), said("1", None)))
    await ended(ledger, "c-2", answers=(said("4"), said("", "an", recording="c-2-s1")))
    reports = Reports(ledger)
    assert shown(await reports.surveys(*HOUR, "agent")) == [
        ("", 1, 1.0, {"1": 1}), ("an", 2, 2.0, {"2": 1}), ("mai", 2, 4.5, {"4": 1, "5": 1}),
    ]  # fmt: skip
    assert shown(await reports.surveys(*HOUR, "queue")) == [
        ("", 1, 1.0, {"1": 1}), ("support", 4, 11 / 3, {"2": 1, "4": 1, "5": 1}),
    ]  # fmt: skip


async def test_of_answers_in_many_words_the_most_frequent_are_told(ledger: Ledger) -> None:
    words = [f"w{n:03}" for n in range(MOST_VALUES + 30)]
    await ended(ledger, "c-1", answers=tuple(map(said, [*words, *words[-2:]])))
    [line] = await Reports(ledger).surveys(*HOUR)
    assert (line.answers, len(line.values), line.others, line.mean) == (52, 20, 30, None)
    assert [value for value, times in line.values.items() if times == 2] == words[-2:]


# -- experiments -----------------------------------------------------------------------------------


async def test_an_arm_has_its_calls_what_became_of_them_and_their_milestones(
    ledger: Ledger,
) -> None:
    long, short = ((ExperimentArm("greeting", arm),) for arm in ("long", "short"))
    paid = at("pay", 1, "paid", milestone="paid")
    await ended(ledger, "c-1", paid, paid, arms=short)
    await ended(ledger, "c-2", arms=(*short, ExperimentArm("menu", "new")))
    await ended(ledger, "c-3", arms=short, outcome=CallOutcome.ABANDONED)
    await ended(ledger, "c-4", paid, arms=long, outcome=CallOutcome.SELF_SERVED)
    await ended(ledger, "c-5", arms=long, arrived=T + 3600, ended=T + 3601)
    assert await Reports(ledger).experiments(*HOUR) == [
        ArmLine("greeting", "long", 1, 0.25, {"self_served": 1}, {"paid": 1}),
        ArmLine("greeting", "short", 3, 0.75, {"abandoned": 1, "answered": 2}, {"paid": 1}),
        ArmLine("menu", "new", 1, 1.0, {"answered": 1}, {}),
    ]
