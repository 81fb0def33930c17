"""Calendars: what they say now, as the running engine has them, or at any moment, by the routes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.text import Text

from dialplan.hours import Calendar, HoursState
from engine.cli.floor import ask
from engine.settings import Settings
from engine.tables import Table


async def calendars(settings: Settings, as_json: bool, console: Console) -> None:
    """List them. Raises ``NoAnswer``."""
    show(await ask(settings, "/v1/calendars"), as_json, console)


def show(found: list[Mapping[str, Any]], as_json: bool, console: Console) -> None:
    """The calendars as JSON or as a table."""
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        console.print(calendars_table(found))


def calendars_at(known: Iterable[Calendar], at: datetime) -> list[Mapping[str, Any]]:
    """What the routes say of a moment; without a zone it is the wall time of each calendar."""
    return [_at(calendar, at) for calendar in known]


def _at(calendar: Calendar, at: datetime) -> Mapping[str, Any]:
    moment = at if at.tzinfo else at.replace(tzinfo=calendar.zone)
    status = calendar.status(moment.timestamp())
    return {
        "name": calendar.name,
        "timezone": calendar.zone.key,
        "state": status.state,
        "holiday": dict(status.names) if status.state is HoursState.HOLIDAY else None,
        "next_open": status.next_open,
        "emergency": None,
    }


def calendars_table(found: Iterable[Mapping[str, Any]]) -> Table:
    """The calendars as people read them; times are those of each calendar's zone."""
    table = Table(title="Calendars")
    for name in ("calendar", "state", "opens", "emergency", "zone"):
        table.add_column(name)
    for each in found:
        zone = ZoneInfo(each["timezone"])
        holiday = each["holiday"] or {}
        name = holiday.get("en") or next(iter(holiday.values()), "")
        cells = (
            each["name"],
            each["state"] + (f": {name}" if name else ""),
            _clock(each["next_open"], zone),
            _emergency(each["emergency"], zone),
            each["timezone"],
        )
        table.add_row(*map(Text, cells))
    return table


def _emergency(switched: Mapping[str, Any] | None, zone: ZoneInfo) -> str:
    if switched is None:
        return ""
    since = _clock(switched["since"], zone)
    reason = f": {switched['reason']}" if switched["reason"] else ""
    return f"{since} by {switched['by']}{reason}".strip()


def _clock(moment: float | None, zone: ZoneInfo) -> str:
    return "" if moment is None else f"{datetime.fromtimestamp(moment, zone):%a %Y-%m-%d %H:%M}"
