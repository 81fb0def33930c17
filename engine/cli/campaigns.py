"""`tongdai campaign`: what campaigns do and why, starting and stopping them, changing settings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from engine.cli.campaign_tables import (
    campaign_table,
    campaigns_table,
    forecast_told,
    looks_table,
    report_table,
    sentence,
)
from engine.cli.floor import ask
from engine.cli.report_parts import From, To, bounds, show_lines
from engine.cli.show import open_reports
from engine.cli.terminal import (
    AsJson,
    Config,
    answer,
    configured,
    console,
    fail,
    print_problems,
    read_settings,
)
from engine.cli.terminal import user as this_user
from engine.config.problems import Problem
from engine.config.text_file import BadFile
from engine.config.yaml_file import parse
from engine.settings import Settings
from engine.store.campaign_reports import CampaignLine
from engine.tables import Table

app = typer.Typer(help="See campaigns, start and stop them, change them.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The campaign.")]
Why = Annotated[str, typer.Option(help="Why; kept, and shown to who looks at it.")]
By = Annotated[str | None, typer.Option(help="Who; you, when absent.")]


@app.command("list")
def list_(config: Config = None, as_json: AsJson = False) -> None:
    """List the campaigns: what each does now, and what came of it today."""
    found = answer(ask(read_settings(config), "/v1/campaigns"))
    _show(found, campaigns_table(found), as_json)


@app.command()
def show(name: Name, config: Config = None, as_json: AsJson = False) -> None:
    """Show one campaign: what keeps it from dialing, its settings, and who changed them."""
    settings = read_settings(config)
    found = answer(ask(settings, f"/v1/campaigns/{name}"))
    if found["settings"] is not None:
        found["hindrances"] = _hindrances(settings, name)
    _show(found, campaign_table(found), as_json)


@app.command()
def why(name: Name, config: Config = None, as_json: AsJson = False) -> None:
    """Say in numbers why it dials so many: as `tongdai why campaign NAME`."""
    explain(name, config, as_json)


def explain(name: str, config: Path | None, as_json: bool) -> None:
    """The last decisions of a campaign, the last one in a sentence."""
    settings = read_settings(config)
    campaign = answer(ask(settings, f"/v1/campaigns/{name}"))
    looks = answer(ask(settings, f"/v1/campaigns/{name}/why"))
    hindrances = _hindrances(settings, name) if campaign["settings"] is not None else []
    if as_json:
        told = {"campaign": campaign, "looks": looks, "hindrances": hindrances}
        print(json.dumps(told, ensure_ascii=False))
        return
    console.print(sentence(campaign, looks), markup=False)
    _tell_hindrances(hindrances)
    if looks:
        console.print(looks_table(looks))


@app.command()
def start(name: Name, why: Why = "", by: By = None, config: Config = None) -> None:
    """Start it, or go on after a pause: from now on it places calls, unless something hinders it.

    What does is said, and what `tongdai check` would warn of.
    """
    settings = read_settings(config)
    _tell_warnings(_move(name, "start", why, by, settings))
    _tell_hindrances(_hindrances(settings, name))


@app.command()
def pause(name: Name, why: Why = "", by: By = None, config: Config = None) -> None:
    """Place no more calls; those under way are finished."""
    _move(name, "pause", why, by, read_settings(config))


@app.command()
def drain(name: Name, why: Why = "", by: By = None, config: Config = None) -> None:
    """Place no more calls; when the last one has ended it is done."""
    _move(name, "drain", why, by, read_settings(config))


@app.command()
def end(name: Name, why: Why = "", by: By = None, config: Config = None) -> None:
    """It is done; calls under way are finished."""
    _move(name, "end", why, by, read_settings(config))


def _move(name: str, move: str, why: str, by: str | None, settings: Settings) -> dict[str, Any]:
    """The campaign as it is then."""
    told = {"by": by or this_user(), "why": why}
    path = f"/v1/campaigns/{name}/{move}"
    campaign: dict[str, Any] = answer(ask(settings, path, "POST", body=told))
    console.print(f"{name} is {campaign['state']}", markup=False)
    return campaign


def _hindrances(settings: Settings, name: str) -> list[str]:
    found: list[str] = answer(ask(settings, f"/v1/campaigns/{name}/hindrances"))
    return found


def _tell_hindrances(found: Iterable[str]) -> None:
    for each in found:
        console.print(f"what hinders it: {each}", markup=False)


@app.command("set")
def set_(
    name: Name,
    settings: Annotated[
        list[str], typer.Argument(help="As in the file: channels=20 attempts.most=4 lists=[a,b]")
    ],
    why: Why = "",
    by: By = None,
    new: Annotated[bool, typer.Option("--new", help="There is no such campaign yet.")] = False,
    config: Config = None,
) -> None:
    """Change settings while it runs, without losing a call; a name without a value takes it back.

    The file stays as it is: `tongdai campaign revert` undoes what was changed here.
    """
    told = {"settings": _settings(settings), "by": by or this_user(), "why": why}
    method = "PUT" if new else "PATCH"
    path, done = f"/v1/campaigns/{name}", (200, 201)
    campaign = answer(ask(read_settings(config), path, method, accept=done, body=told))
    _tell_warnings(campaign)
    console.print(f"[green]ok[/]: in force, with {_changes(campaign)} over its file")


@app.command()
def revert(
    name: Name,
    last: Annotated[bool, typer.Option("--last", help="Only the last change.")] = False,
    config: Config = None,
) -> None:
    """Take back what was changed while it ran: it is again as its file says."""
    path = f"/v1/campaigns/{name}/changes"
    query = {"last": "true"} if last else {}
    campaign = answer(ask(read_settings(config), path, "DELETE", query=query, accept=(200, 204)))
    if campaign is None:
        console.print(f"[green]ok[/]: {name} is in no file, and is no more", highlight=False)
    else:
        console.print(f"[green]ok[/]: with {_changes(campaign)} over its file")


@app.command()
def clock(by: By = None, config: Config = None) -> None:
    """Confirm that this machine's clock is right, after it was set: dialing stopped for that."""
    told = {"by": by or this_user()}
    answer(ask(read_settings(config), "/v1/clock", "POST", accept=(204,), body=told))
    console.print("[green]ok[/]: confirmed")


@app.command()
def forecast(name: Name, config: Config = None, as_json: AsJson = False) -> None:
    """Say when its lists will be through, if it goes on as in the last week."""
    found = answer(ask(read_settings(config), f"/v1/campaigns/{name}/forecast"))
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        console.print(forecast_told(name, found), markup=False)


@app.command()
def report(
    config: Config = None, since: From = None, until: To = None, as_json: AsJson = False
) -> None:
    """Show what came of each campaign's calls: contacts, abandonment, waits, cost."""
    settings, site = configured(config)
    first, last = bounds(since, until)
    lines = answer(_report(settings, first, last))
    costs = {name: each.cost_per_minute for name, each in site.campaigns.items()}
    show_lines(lines, as_json, report_table(lines, costs, first, last), "no calls in that time")


async def _report(settings: Settings, since: float, until: float) -> list[CampaignLine]:
    async with open_reports(settings) as reports:
        return await reports.campaigns(since, until)


def _tell_warnings(campaign: Mapping[str, Any]) -> None:
    told = [{k: v for k, v in each.items() if k != "level"} for each in campaign["warnings"]]
    print_problems([Problem(**each) for each in told])


def _settings(written: Iterable[str]) -> dict[str, Any]:
    """``attempts.most=4`` as ``{"attempts": {"most": "4"}}``."""
    settings: dict[str, Any] = {}
    for each in written:
        path, given, text = each.partition("=")
        if not given:
            fail(f"`{each}`: write name=value, as channels=20")
        *groups, name = path.strip().split(".")
        there = settings
        for group in groups:
            there = there.setdefault(group, {})
        there[name] = _value(path, text)
    return settings


def _value(path: str, text: str) -> Any:
    try:
        return parse(Path(path), text).data
    except BadFile as error:
        fail(f"{path}: {error.problem.message}")


def _show(found: Any, table: Table | Text, as_json: bool) -> None:
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        console.print(table)


def _changes(campaign: Mapping[str, Any]) -> str:
    count = len(campaign["changes"])
    return "1 change" if count == 1 else f"{count or 'no'} changes"
