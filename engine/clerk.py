"""The clerk writes records: in order, each until the ledger has taken it.

Stories hand over what is finished and go on; a slow or absent database holds up nobody's call.
What is not yet written is in the journal, so a crash loses nothing, and the ledger takes each
record once however often it is offered. What the ledger can never take is set aside as a file.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

import structlog

from engine.call_record import AgentStretch, AuditEntry, CallRecord, Disposition, Segment
from engine.ports import LedgerDown, LedgerRefused, Records

log = structlog.get_logger("clerk")

_Written = CallRecord | Segment | Disposition | AgentStretch | AuditEntry
_RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)


@dataclass(frozen=True, slots=True)
class _Work:
    """One write of ``what``. ``name`` is its file's, should the ledger refuse it."""

    name: str
    what: _Written
    write: Callable[[], Awaitable[None]]
    done: Callable[[], None]


class Clerk:
    """A queue of writes and one task that does them.

    ``ledger_up`` tells whether the last try reached the ledger; False before the first.
    ``audit`` are the entries for the audit log that are not yet safe, by their names.
    """

    def __init__(
        self,
        records: Records,
        on_saved: Callable[[str], None],
        refused_dir: Path,
        journal_audit: Callable[[AuditEntry], None],
        on_audited: Callable[[str], None],
    ) -> None:
        """``on_saved`` is told each call whose record is safe: in the ledger, or set aside;
        ``on_audited`` each entry for the audit log, which ``journal_audit`` keeps until then."""
        self.ledger_up = False
        self.audit: dict[str, AuditEntry] = {}
        self._journal_audit = journal_audit
        self._on_audited = on_audited
        self._records = records
        self._on_saved = on_saved
        self._refused_dir = refused_dir
        self._work: asyncio.Queue[_Work] = asyncio.Queue()
        self._under_way = 0

    def file_call(self, record: CallRecord) -> None:
        """A call is over."""
        self._file(
            record.call,
            record,
            lambda: self._records.save_call(record),
            lambda: self._on_saved(record.call),
        )

    def file_wrap_up(self, call: str, segment: Segment) -> None:
        """An agent's work after ``call`` is done."""
        self._file(
            f"{call}-wrap-up",
            segment,
            lambda: self._records.save_wrap_up(call, segment),
        )

    def file_disposition(self, call: str, disposition: Disposition) -> None:
        """What came of a talk of ``call`` is settled."""
        self._file(
            f"{call}-disposition-{disposition.at:.6f}",
            disposition,
            lambda: self._records.save_disposition(call, disposition),
        )

    def file_stretch(self, stretch: AgentStretch) -> None:
        """An agent went from one state to another."""
        self._file(
            f"{stretch.agent}-{stretch.started:.6f}",
            stretch,
            lambda: self._records.save_agent_stretch(stretch),
        )

    def file_audit(self, entry: AuditEntry) -> None:
        """Somebody did something that is to be known later."""
        self.audit[entry.entry] = entry
        self._journal_audit(entry)
        self._file(
            entry.entry,
            entry,
            lambda: self._records.save_audit(entry),
            lambda: self._audited(entry.entry),
        )

    @property
    def backlog(self) -> int:
        """How many writes are waiting, the one under way included."""
        return self._work.qsize() + self._under_way

    async def run(self, open_ledger: Callable[[], Awaitable[None]]) -> None:
        """Open the ledger, then write until cancelled. ``LedgerTooNew`` of the opening ends it."""
        await self._insist(open_ledger)
        while True:
            work = await self._work.get()
            self._under_way = 1
            await self._do(work)
            self._under_way = 0
            self._work.task_done()

    def _audited(self, entry: str) -> None:
        self.audit.pop(entry, None)  # it may have been handed over again after a crash
        self._on_audited(entry)

    async def finish(self) -> None:
        """Wait until everything handed over is written or set aside."""
        await self._work.join()

    def _file(
        self,
        name: str,
        what: _Written,
        write: Callable[[], Awaitable[None]],
        done: Callable[[], None] = lambda: None,
    ) -> None:
        self._work.put_nowait(_Work(name, what, write, done))

    async def _do(self, work: _Work) -> None:
        try:
            await self._insist(work.write)
        except LedgerRefused as error:
            if not self._set_aside(work, str(error)):
                return  # the journal still has it, for the next start
        work.done()

    async def _insist(self, write: Callable[[], Awaitable[None]]) -> None:
        """Try until the ledger is there. Raises ``LedgerRefused``."""
        attempt = 0
        while True:
            try:
                await write()
                self.ledger_up = True
                return
            except LedgerDown as error:
                self.ledger_up = False
                pause = _RETRY_SECONDS[min(attempt, len(_RETRY_SECONDS) - 1)]
                log.warning("ledger_down", reason=str(error), retry_in=pause, backlog=self.backlog)
                attempt += 1
                await asyncio.sleep(pause)

    def _set_aside(self, work: _Work, reason: str) -> bool:
        """Keep what the ledger refused where a person can find it; False when that fails, too."""
        file = self._refused_dir / f"{quote(work.name, safe='')}.json"
        try:
            self._refused_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            file.write_text(json.dumps({"reason": reason, "record": asdict(work.what)}, indent=1))
        except OSError as error:
            log.error("record_refused", reason=reason, not_set_aside=str(error), record=work.name)
            return False
        log.error("record_refused", reason=reason, set_aside=str(file))
        return True
