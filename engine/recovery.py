"""What the journal of an earlier run tells the next one. Reads only; changes nothing outside.

The journal holds, in order: a snapshot of the distributor (first, after each compaction), the
events and deadlines it was told since, the notes of each call, which records are saved, and what
is for the audit log until that has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field

import structlog

from acd import journal as acd_journal
from acd.core import Acd
from acd.messages import AcdEvent, AgentMoved, Disposed, WrappedUp
from acd.views import AgentView
from engine.call_record import AuditEntry
from engine.calls import notes as n
from engine.calls.record import Standing
from engine.store.journal import Entry

log = structlog.get_logger("recovery")

SNAPSHOT, EVENT, DEADLINE, NOTE, SAVED = "snapshot", "event", "deadline", "note", "saved"
AUDIT, AUDITED = "audit", "audited"


@dataclass(slots=True)
class Recovered:
    """The state an earlier run left.

    ``calls`` are those whose record is not yet saved, ended ones among them; ``saved`` the others.
    ``audit`` is what the audit log has not yet, by name. ``agents`` are as of the snapshot, and
    ``decided`` what was decided of them since. ``last`` is the time of the last entry, ``told`` of
    the last one that the distributor was told.
    """

    acd: Acd = field(default_factory=Acd)
    calls: dict[str, Standing] = field(default_factory=dict)
    saved: set[str] = field(default_factory=set)
    audit: dict[str, AuditEntry] = field(default_factory=dict)
    agents: tuple[AgentView, ...] = ()
    decided: list[tuple[AgentMoved | WrappedUp | Disposed, float]] = field(default_factory=list)
    last: float = 0.0
    told: float = 0.0


def recover(entries: Iterable[Entry]) -> Recovered:
    """Replay a journal. An entry of another version is left out, and logged."""
    found = Recovered()
    for entry in entries:
        found.last = max(found.last, entry.at)
        try:
            _take(found, entry)
        except (ValueError, KeyError, TypeError) as error:
            log.error("journal_entry_unknown", kind=entry.kind, reason=str(error))
    return found


def _take(found: Recovered, entry: Entry) -> None:
    match entry.kind:
        case "snapshot":
            found.acd = Acd.restore(dict(entry.data))
            found.agents, found.decided = found.acd.agents(), []
            found.told = entry.at
        case "event":
            _tell_again(found, acd_journal.from_json(dict(entry.data)), entry.at)
        case "deadline":
            _tell_again(found, None, entry.at)
        case "note":
            call = str(entry.data["call"])
            note = n.from_json({k: v for k, v in entry.data.items() if k != "call"})
            found.calls.setdefault(call, Standing(call)).take(note)
        case "saved":
            found.calls.pop(str(entry.data["call"]), None)
            found.saved.add(str(entry.data["call"]))
        case "audit":
            audit = AuditEntry(**entry.data)  # type: ignore[arg-type]  # as it was written
            found.audit[audit.entry] = audit
        case "audited":
            found.audit.pop(str(entry.data["entry"]), None)


def _tell_again(found: Recovered, event: AcdEvent | None, at: float) -> None:
    decisions = acd_journal.tell_again(found.acd, event, at)
    found.decided += [
        (d, at) for d in decisions if isinstance(d, AgentMoved | WrappedUp | Disposed)
    ]
    found.told = at


def note_entry(call: str, note: n.Note) -> Entry:
    """A call's note as the journal keeps it."""
    return Entry(note.at, NOTE, {"call": call, **n.to_json(note)})


def audit_entry(audit: AuditEntry, at: float) -> Entry:
    """What is for the audit log, as the journal keeps it."""
    return Entry(at, AUDIT, asdict(audit))


def compacted(
    acd: Acd, calls: Iterable[Standing], audit: Iterable[AuditEntry], at: float
) -> Iterator[Entry]:
    """The shortest journal with the same state."""
    yield Entry(at, SNAPSHOT, acd.snapshot())
    for standing in calls:
        for note in standing.notes:
            yield note_entry(standing.call, note)
    for each in audit:
        yield audit_entry(each, at)
