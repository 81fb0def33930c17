"""`tongdai report flow`, `surveys` and `experiments`: what callers do in the flows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Annotated

import typer
from rich.text import Text

from engine.cli.report_parts import (
    From,
    To,
    as_percent,
    bounds,
    local,
    new_table,
    show_lines,
    span,
)
from engine.cli.show import open_reports
from engine.cli.terminal import AsJson, Config, answer, console, read_settings
from engine.settings import Settings
from engine.store.experiment_reports import ArmLine
from engine.store.flow_reports import FlowReport, MilestoneLine, NodeLine
from engine.store.queue_reports import Period
from engine.store.survey_reports import By, QuestionLine
from engine.tables import Table

_DAY_SECONDS = 86_400.0


def flow(
    flow: Annotated[str, typer.Argument(help="The name of the flow.")],
    config: Config = None,
    since: From = None,
    until: To = None,
    as_json: AsJson = False,
) -> None:
    """Show each node of a flow: visits, time, drop-outs, exits; and the milestones by day."""
    period = Period(*bounds(since, until), _DAY_SECONDS)
    report = answer(_flow(read_settings(config), flow, period))
    if as_json:
        print(json.dumps(asdict(report), ensure_ascii=False))
        return
    title = f"Flow {flow}, {span(period.since, period.until)}, {report.calls} calls"
    console.print(nodes_table(report.nodes, title) if report.nodes else _nobody(flow), markup=False)
    if report.milestones:
        console.print(milestones_table(report.milestones))


def surveys(
    config: Config = None,
    since: From = None,
    until: To = None,
    by: Annotated[
        By | None, typer.Option(help="A line for each of those who served the call before.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show how the questions of surveys were answered."""
    first, last = bounds(since, until)
    lines = answer(_surveys(read_settings(config), first, last, by))
    title = f"Surveys, {span(first, last)}"
    show_lines(lines, as_json, surveys_table(lines, title, by), "no answers in that time")


def experiments(
    config: Config = None, since: From = None, until: To = None, as_json: AsJson = False
) -> None:
    """Show the arms of each experiment beside each other."""
    first, last = bounds(since, until)
    lines = answer(_experiments(read_settings(config), first, last))
    title = f"Experiments, {span(first, last)}"
    show_lines(lines, as_json, experiments_table(lines, title), "no experiments in that time")


def nodes_table(lines: Iterable[NodeLine], title: str) -> Table:
    """The nodes of a flow as people read them."""
    table = new_table(title, "node")
    table.add_column("type")
    for name in ("visits", "calls", "share", "mean", "p50", "p90", "dropped"):
        table.add_column(name, justify="right")
    table.add_column("exits")
    for line in lines:
        seconds = (line.mean_seconds, line.p50_seconds, line.p90_seconds)
        table.add_row(
            Text(line.node),
            Text(line.type),
            str(line.visits),
            str(line.calls),
            as_percent(line.share),
            *(f"{each:.1f} s" for each in seconds),
            str(line.dropped),
            Text(_counts(line.exits)),
        )
    return table


def milestones_table(lines: Iterable[MilestoneLine]) -> Table:
    """Milestones by day; times are local."""
    table = new_table("Milestones", "milestone")
    table.add_column("from")
    for name in ("calls", "visits"):
        table.add_column(name, justify="right")
    for line in lines:
        table.add_row(Text(line.milestone), local(line.started), str(line.calls), str(line.visits))
    return table


def surveys_table(lines: Iterable[QuestionLine], title: str, by: By | None) -> Table:
    """The questions as people read them."""
    table = new_table(title, "survey")
    table.add_column("question")
    if by:
        table.add_column(by)
    for name in ("answers", "mean"):
        table.add_column(name, justify="right")
    table.add_column("by answer")
    for line in lines:
        mean = "" if line.mean is None else f"{line.mean:.2f}"
        of = [Text(line.of or "nobody")] if by else []
        counts = {**line.values, "others": line.others, "spoken": line.spoken}
        table.add_row(
            Text(line.survey),
            Text(line.question),
            *of,
            str(line.answers),
            mean,
            Text(_counts({name: count for name, count in counts.items() if count})),
        )
    return table


def experiments_table(lines: Iterable[ArmLine], title: str) -> Table:
    """The arms as people read them."""
    table = new_table(title, "experiment")
    table.add_column("arm")
    for name in ("calls", "share"):
        table.add_column(name, justify="right")
    for name in ("outcomes", "milestones"):
        table.add_column(name)
    for line in lines:
        table.add_row(
            Text(line.experiment),
            Text(line.arm),
            str(line.calls),
            as_percent(line.share),
            Text(_counts(line.outcomes)),
            Text(_counts(line.milestones)),
        )
    return table


def _counts(counts: Mapping[str, int]) -> str:
    return " · ".join(f"{name} {count}" for name, count in counts.items())


def _nobody(flow: str) -> str:
    return f"no calls in the flow {flow} in that time"


async def _flow(settings: Settings, flow: str, period: Period) -> FlowReport:
    async with open_reports(settings) as reports:
        return await reports.flow(flow, period)


async def _surveys(
    settings: Settings, since: float, until: float, by: By | None
) -> list[QuestionLine]:
    async with open_reports(settings) as reports:
        return await reports.surveys(since, until, by)


async def _experiments(settings: Settings, since: float, until: float) -> list[ArmLine]:
    async with open_reports(settings) as reports:
        return await reports.experiments(since, until)
