"""What a run of the engine writes into its journal, for ``engine.recovery`` to read in the next."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import structlog

from acd import journal as acd_journal
from acd.core import Acd
from acd.messages import AcdEvent
from engine.call_record import AuditEntry
from engine.calls import notes as n
from engine.calls.record import Standing
from engine.clock import Clock
from engine.recovery import AUDITED, DEADLINE, EVENT, SAVED, audit_entry, compacted, note_entry
from engine.store.journal import Entry, Journal, JournalFull

log = structlog.get_logger("engine")

LONG_BYTES: Final = 16_000_000
"""A journal of this length is worth beginning anew."""


class RunJournal:
    """On a full disk calls go on without a journal: it is ``behind`` until it begins anew."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self.behind = False
        self._journal, self._clock = journal, clock

    @property
    def is_long(self) -> bool:
        """Whether replaying it would take its time."""
        return self._journal.path.stat().st_size > LONG_BYTES

    def told(self, at: float, event: AcdEvent | None) -> None:
        """The distributor is told an event, or, with None, that a deadline has come."""
        if event is None:
            self._append(Entry(at, DEADLINE, {}))
        else:
            self._append(Entry(at, EVENT, acd_journal.to_json(event)))

    def noted(self, call: str, note: n.Note) -> None:
        """Something happened to a call."""
        self._append(note_entry(call, note))

    def saved(self, call: str) -> None:
        """The ledger has the record of this call."""
        self._append(Entry(self._clock.now(), SAVED, {"call": call}))

    def to_audit(self, audit: AuditEntry) -> None:
        """This is for the audit log."""
        self._append(audit_entry(audit, self._clock.now()))

    def audited(self, entry: str) -> None:
        """The audit log has it."""
        self._append(Entry(self._clock.now(), AUDITED, {"entry": entry}))

    def begin_anew(
        self, acd: Acd, calls: Iterable[Standing], audit: Iterable[AuditEntry], at: float
    ) -> None:
        """With the state as it is: a snapshot of ``acd``, and what is not yet in the ledger."""
        try:
            self._journal.rewrite(compacted(acd, calls, audit, at))
            self.behind = False
        except JournalFull as error:
            log.error("journal_full", reason=str(error))

    def _append(self, entry: Entry) -> None:
        try:
            self._journal.append(entry.at, entry.kind, entry.data)
        except JournalFull as error:
            if not self.behind:
                log.error("journal_full", reason=str(error))
            self.behind = True
