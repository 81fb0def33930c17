"""Leads as people read them at the terminal; times are local."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from rich.text import Text

from dialer.leads import LeadState
from engine.lead_import.leads import ImportReport
from engine.store.lead_views import AttemptView, LeadView, ListLine
from engine.tables import Table


def lists_table(lines: Iterable[ListLine]) -> Table:
    """The lists with how far they are."""
    table = Table(title="Lists")
    for name in ("list", "imported"):
        table.add_column(name)
    for name in ("leads", "tried", *LeadState):
        table.add_column(name, justify="right")
    for line in lines:
        counts = (str(line.states.get(state, 0)) for state in LeadState)
        tried = f"{line.tried} ({line.tried / line.leads:.0%})" if line.leads else "0"
        table.add_row(Text(line.name), _clock(line.imported), str(line.leads), tried, *counts)
    return table


def lead_table(lead: LeadView) -> Table:
    """One lead, in lines of name and value."""
    table = Table(title=f"Lead {lead.lead}", show_header=False)
    table.add_column()
    table.add_column()
    due = f", due {_clock(lead.due)}" if lead.due else ""
    why = f" ({lead.why})" if lead.why else ""
    callback = f"{_clock(lead.callback_due)} by {lead.callback_owner or 'anybody'}"
    lines = {
        "name": lead.name,
        "list": f"{lead.list}, as {lead.key}",
        "state": f"{lead.state}{why}{due}",
        "numbers": "\n".join(_numbers(lead)),
        "callback": f"{callback} {lead.callback_note}" if lead.callback_due else "",
        "owner": lead.owner,
        "priority": str(lead.priority) if lead.priority else "",
        "attempts": f"{lead.attempts}, the last one {_clock(lead.last_attempt) or 'never'}",
        "code": lead.code,
        "data": json.dumps(lead.data, ensure_ascii=False) if lead.data else "",
    }
    for name, value in lines.items():
        if value:
            table.add_row(Text(name), Text(value))
    return table


def attempts_table(tried: Iterable[AttemptView]) -> Table:
    """What was tried, the newest first."""
    table = Table(title="Attempts")
    for name in ("attempt", "dialed", "number", "campaign", "came of it", "agent", "rang", "SIP"):
        table.add_column(name)
    for each in tried:
        code = f", {each.code}" if each.code else ""
        cells = (
            each.attempt,
            _clock(each.dialed),
            each.number,
            each.campaign,
            f"{each.disposition or 'goes on'}{code}",
            each.agent,
            _seconds(each.dialed, each.answered or each.ended),
            str(each.tech_cause or ""),
        )
        table.add_row(*map(Text, cells))
    return table


def report_table(report: ImportReport) -> Table:
    """What came of the rows of a file."""
    table = Table(title=f"Imported into {report.list}")
    table.add_column("rows")
    table.add_column("", justify="right")
    rate = report.rows / report.seconds if report.seconds else 0
    lines = {
        f"read, {report.seconds:.1f} s, {rate:.0f} a second": report.rows,
        "added": report.added,
        "  of them not to be called": report.barred,
        "in the list before": report.known,
        "twice in the file": report.duplicates,
        "without consent": report.no_consent,
        "bad": report.bad,
        **{f"  {why}": count for why, count in sorted(report.reasons.items())},
    }
    for name, count in lines.items():
        if count or name == "added":
            table.add_row(Text(name), str(count))
    return table


def _numbers(lead: LeadView) -> Iterable[str]:
    for seq, each in enumerate(lead.numbers):
        next_ = " ← next" if seq == lead.next and len(lead.numbers) > 1 else ""
        place = f"{each.region} {each.zones}".strip()
        yield f"{each.number} {each.state}, {place}, {each.attempts} attempts{next_}"


def _clock(moment: float | None) -> str:
    return f"{datetime.fromtimestamp(moment).astimezone():%Y-%m-%d %H:%M}" if moment else ""


def _seconds(since: float | None, until: float | None) -> str:
    return "" if since is None or until is None else f"{until - since:.0f} s"
