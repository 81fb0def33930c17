"""`tongdai report`: how queues, agents and flows did, from the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer
from rich.console import Group
from rich.text import Text

from acd.messages import AgentState, OfferOutcome
from acd.service_level import Formula
from engine.cli.flow_reports import experiments, flow, surveys
from engine.cli.report_parts import (
    From,
    To,
    as_clock,
    as_counts,
    as_percent,
    as_seconds,
    bounds,
    local,
    new_table,
    show_lines,
    span,
)
from engine.cli.show import open_reports
from engine.cli.terminal import AsJson, Config, answer, configured
from engine.settings import Settings
from engine.store.agent_reports import AgentLine
from engine.store.queue_reports import Period, QueueLine, Targets
from engine.tables import Table

app = typer.Typer(help="Say how queues, agents and flows did.", no_args_is_help=True)


@app.command()
def queues(
    config: Config = None,
    since: From = None,
    until: To = None,
    interval: Annotated[
        int | None, typer.Option(min=1, max=10080, help="A line for so many minutes each.")
    ] = None,
    formula: Annotated[
        Formula | None, typer.Option(help="How abandons count; the queue's own when absent.")
    ] = None,
    percent: Annotated[
        float | None, typer.Option(min=0, max=100, help="Another target than the queue's.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(min=0, max=3600, help="Another target than the queue's.")
    ] = None,
    short_abandon: Annotated[
        float | None, typer.Option(min=0, max=120, help="Seconds; who left sooner is short.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show contacts, service level, waits and handling of each queue."""
    settings, site = configured(config)
    first, last = bounds(since, until)
    period = Period(first, last, interval * 60.0 if interval else None)
    asked = {
        "formula": formula,
        "percent": percent,
        "seconds": seconds,
        "short_abandon_seconds": short_abandon,
    }
    targets = Targets(site.queues, {k: v for k, v in asked.items() if v is not None})
    lines = answer(_queues(settings, period, targets))
    show_lines(lines, as_json, queues_table(lines, period), "no contacts in that time")


@app.command()
def agents(
    config: Config = None, since: From = None, until: To = None, as_json: AsJson = False
) -> None:
    """Show each agent's time, occupancy and offers, and what he handled."""
    settings, site = configured(config)
    first, last = bounds(since, until)
    billable = [reason.name for reason in site.reasons if reason.billable]
    lines = answer(_agents(settings, first, last, billable))
    both = Group(agents_table(lines, first, last), handling_table(lines, first, last))
    show_lines(lines, as_json, both, "no agents in that time")


for command in (flow, surveys, experiments):
    app.command()(command)


def queues_table(lines: Iterable[QueueLine], period: Period) -> Table:
    """The queues as people read them; times are local."""
    table = new_table(f"Queues, {span(period.since, period.until)}", "queue")
    if period.interval_seconds:
        table.add_column("from")
    for name in ("offered", "answered", "abandoned", "flow-outs", "service level", "target"):
        table.add_column(name, justify="right")
    for name in ("ASA", "p50", "p90", "p95", "longest", "AHT"):
        table.add_column(name, justify="right")
    table.add_column("given on")
    table.add_column("sent here", justify="right")
    for line in lines:
        began = [local(line.started)] if period.interval_seconds else []
        table.add_row(Text(line.queue), *began, *_contacts(line), *_waits(line))
    return table


def agents_table(lines: Iterable[AgentLine], since: float, until: float) -> Table:
    """The agents as people read them; times are local."""
    table = new_table(f"Agents, {span(since, until)}", "agent")
    states = [state for state in AgentState if state is not AgentState.LOGGED_OUT]
    ends = (OfferOutcome.ANSWERED, OfferOutcome.TIMED_OUT)
    for name in ("logged in", "billable", *states, "occupancy", "offers", *ends):
        table.add_column(name.replace("_", " "), justify="right")
    for line in lines:
        table.add_row(
            Text(line.agent),
            as_clock(line.logged_in_seconds),
            as_clock(line.billable_seconds),
            *(as_clock(line.seconds.get(state, 0.0)) for state in states),
            as_percent(line.occupancy),
            str(sum(line.offers.values())),
            *(str(line.offers.get(end, 0)) for end in ends),
        )
    return table


def handling_table(lines: Iterable[AgentLine], since: float, until: float) -> Table:
    """What each agent did for his contacts; times are local."""
    table = new_table(f"Handled, {span(since, until)}", "agent")
    for name in ("contacts", "talk", "hold", "conference", "wrap-up", "AHT", "consult"):
        table.add_column(name, justify="right")
    table.add_column("given on")
    table.add_column("given to him")
    for line in lines:
        did = line.handling
        table.add_row(
            Text(line.agent),
            str(did.contacts),
            as_clock(did.talk_seconds),
            as_clock(did.hold_seconds),
            as_clock(did.conference_seconds),
            as_clock(did.wrap_up_seconds),
            as_seconds(did.aht_seconds),
            as_clock(did.consult_seconds),
            as_counts(did.transfers_out),
            as_counts(did.transfers_in),
        )
    return table


def _contacts(line: QueueLine) -> list[Text]:
    missed = line.service_level is not None and 100 * line.service_level < line.target_percent
    abandoned = f"{line.abandoned}" + (
        f" ({line.abandoned_short} short)" if line.abandoned_short else ""
    )
    return [
        Text(str(line.offered)),
        Text(str(line.answered)),
        Text(abandoned),
        Text(", ".join(f"{count} {outcome}" for outcome, count in line.flow_outs.items())),
        Text(as_percent(line.service_level), style="red" if missed else ""),
        Text(f"{line.target_percent:g} % in {line.target_seconds:g} s"),
    ]


def _waits(line: QueueLine) -> list[str]:
    waits = (line.p50_wait_seconds, line.p90_wait_seconds, line.p95_wait_seconds)
    seconds = (line.asa_seconds, *waits, line.longest_wait_seconds, line.aht_seconds)
    given = [as_counts(line.transfers_out), str(line.transfers_in or "")]
    return [*map(as_seconds, seconds), *given]


async def _queues(settings: Settings, period: Period, targets: Targets) -> list[QueueLine]:
    async with open_reports(settings) as reports:
        return await reports.queues(period, targets)


async def _agents(
    settings: Settings, since: float, until: float, billable: list[str]
) -> list[AgentLine]:
    async with open_reports(settings) as reports:
        return await reports.agents(since, until, billable)
