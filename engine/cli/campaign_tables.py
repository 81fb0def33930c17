"""Campaigns as people read them at the terminal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.text import Text

from engine.cli.report_parts import as_clock, as_percent, new_table, span
from engine.store.campaign_reports import CampaignLine
from engine.tables import Table

Shown = Mapping[str, Any]
"""A campaign as the API shows it."""

_LOOKS = 8
_COLUMNS = ("agents", "ready", "talking", "ringing", "waiting", "hopper")
_TODAY = ("dialed", "answered", "connected", "abandoned")


def campaigns_table(campaigns: Iterable[Shown]) -> Table:
    """All of them, a line each; calls are counted since the engine began."""
    table = Table(title="Campaigns", nothing="no campaigns")
    for name in ("campaign", "mode", "state", "since"):
        table.add_column(name)
    for name in (*_COLUMNS, *_TODAY):
        table.add_column(name, justify="right")
    table.add_column("limited by")
    for each in campaigns:
        cells = (
            each["name"] + (" *" if each["changed"] else ""),
            each["mode"],
            each["state"],
            _clock(each["since"]),
            *map(str, _now(each)),
            *(str(each["today"][name]) for name in _TODAY),
            each["limited_by"],
        )
        table.add_row(*map(Text, cells))
    if table.row_count:
        table.caption, table.caption_justify = "*: changed while it runs", "left"
    return table


def campaign_table(campaign: Shown) -> Table:
    """One of them, in lines of name and value."""
    table = Table(title=f"Campaign {campaign['name']}", show_header=False)
    table.add_column()
    table.add_column()
    by, cap = f" by {campaign['by']}" if campaign["by"] else "", campaign["cap"]
    why = f": {campaign['why']}" if campaign["why"] else ""
    lines = {
        "title": campaign["title"],
        "mode": campaign["mode"],
        "state": f"{campaign['state']}{by} since {_clock(campaign['since'])}{why}",
        "agents": _counted(campaign["agents"]),
        "calls": _counted(campaign["calls"]),
        "hopper": f"{campaign['hopper']['leads']} leads",
        "placed just now": f"{campaign['launch']}; {campaign['limited_by']}",
        "what hinders it": "\n".join(campaign.get("hindrances", ())),
        "since the start of the engine": _counted(campaign["today"]),
        **{f"window {n}": _window(w, cap) for n, w in enumerate(campaign["windows"], 1)},
        **_settings(campaign["settings"] or {}),
    }
    for name, value in lines.items():
        if value:
            table.add_row(Text(name), Text(value))
    for change in campaign["changes"]:
        told = f"{json.dumps(change['settings'], ensure_ascii=False)} {change['why']}".strip()
        table.add_row(Text(f"changed by {change['by']}, {_clock(change['at'])}"), Text(told))
    return table


def looks_table(looks: Sequence[Shown]) -> Table:
    """The numbers behind the last decisions, the newest on the left."""
    shown = list(reversed(looks[-_LOOKS:]))
    names = list(dict.fromkeys(name for look in shown for name in look["numbers"]))
    table = Table(title="The last looks")
    table.add_column()
    for place in range(len(shown)):
        table.add_column("now" if place == 0 else f"-{place}", justify="right")
    table.add_row("placed", *(str(look["launch"]) for look in shown))
    for name in names:
        table.add_row(Text(name), *(_number(look["numbers"].get(name, "")) for look in shown))
    return table


def sentence(campaign: Shown, looks: Sequence[Shown]) -> str:
    """What it does now and why, in words."""
    name = campaign["name"]
    if not looks:
        return f"{name} is {campaign['state']}; no decision was made since the engine began"
    last = looks[-1]
    placed = f"placed {last['launch']} calls just now" if last["launch"] else "places no call"
    because = f": {last['limited_by']}" if last["limited_by"] else ""
    agents, calls = campaign["agents"], campaign["calls"]
    return (
        f"{name} is {campaign['state']} and {placed}{because}. Of {agents['all']} agents "
        f"{agents.get('ready', 0)} are ready and {agents.get('talking', 0)} talk; "
        f"{calls.get('ringing', 0)} calls ring, {calls.get('waiting', 0)} people wait."
    )


def forecast_told(name: str, found: Shown) -> str:
    """When its lists will be through, in words."""
    left, done = found["left"], found["done"]
    told = f"{name}: {left} leads are left, {done} are done"
    if found["per_hour"] is None:
        return f"{told}; it finished none in the last week, so nobody knows how fast it is"
    ends = _clock(found["ends"]) if found["ends"] else "not within 90 days"
    return (
        f"{told}. It finished {found['per_hour']:.0f} an hour in the last week "
        f"({found['dialing_hours']:.1f} h of dialing), so they need {found['hours_left']:.1f} h "
        f"more; in its hours that is {ends}"
    )


def report_table(
    lines: Iterable[CampaignLine], costs: Mapping[str, float], since: float, until: float
) -> Table:
    """What came of their calls; ``costs`` are what a minute costs in each."""
    table = new_table(f"Campaigns, {span(since, until)}", "campaign")
    for name in ("dialed", "answered", "contacts", "connect rate", "abandoned", "abandonment"):
        table.add_column(name, justify="right")
    for name in ("wait", "longest", "line", "cost"):
        table.add_column(name, justify="right")
    table.add_column("what came of it")
    for line in lines:
        cost = line.line_seconds / 60 * costs.get(line.campaign, 0.0)
        ends = {**line.codes, **line.dispositions}
        table.add_row(
            Text(line.campaign),
            *map(str, (line.dialed, line.answered, line.contacts)),
            as_percent(line.connect_rate),
            str(line.abandoned),
            as_percent(line.abandonment_rate),
            _seconds(line.mean_wait_seconds),
            _seconds(line.longest_wait_seconds),
            as_clock(line.line_seconds),
            f"{cost:.2f}" if cost else "",
            Text(", ".join(f"{count} {end}" for end, count in ends.items())),
        )
    return table


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} s"


def _now(campaign: Shown) -> tuple[int, ...]:
    agents, calls = campaign["agents"], campaign["calls"]
    of_agents = (agents["all"], agents.get("ready", 0), agents.get("talking", 0))
    return (
        *of_agents,
        calls.get("ringing", 0),
        calls.get("waiting", 0),
        campaign["hopper"]["leads"],
    )


def _counted(counts: Shown) -> str:
    """``{"all": 3, "ready": 2}`` as ``3 (2 ready)``."""
    own = {name: count for name, count in counts.items() if name != "all" and count}
    told = ", ".join(
        f"{json.dumps(count) if isinstance(count, dict) else count} {name.replace('_', ' ')}"
        for name, count in own.items()
    )
    if "all" not in counts:
        return told
    return f"{counts['all']} ({told})" if told else str(counts["all"])


def _window(window: Shown, cap: float) -> str:
    since = f"{datetime.fromtimestamp(window['since']).astimezone():%Y-%m-%d}"
    return (
        f"{window['abandoned']:g} of {window['answered']:g} abandoned since {since}: "
        f"{100 * window['rate']:.2f} % (at most {100 * cap:g} %)"
    )


def _settings(settings: Shown) -> dict[str, str]:
    """What is written, not what is left out."""
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in settings.items()
        if value not in (None, "", [], {}) and name not in ("title", "mode")
    }


def _number(value: float | int | str) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _clock(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment).astimezone():%Y-%m-%d %H:%M}" if moment else ""
