"""What became of the files of recordings: the rows that ``engine.recordings`` works on.

Each change is one update, guarded by the state that the row must be in, so it takes effect once
however often it is tried. A file that a change makes superfluous is named in the same update, and
removed afterwards: a crash in between leaves a name to remove, never a file that nobody knows of.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    delete,
    literal,
    null,
    select,
    text,
    tuple_,
    union_all,
    update,
)

from engine.call_record import AuditEntry, Gap
from engine.store.columns import FileState, Moment, is_key
from engine.store.ledger import Ledger
from engine.store.tables import audit, party_stretches, recording_agents, recordings, segments

__all__ = ["FileState", "RecordingFile", "RecordingFiles", "Stay", "Wanted"]

HERE = (FileState.FINISHED, FileState.MOVED)
"""There is something to hear, and it was checked."""

_PAGE = 100


@dataclass(frozen=True, slots=True)
class RecordingFile:
    """A recording and its file. ``seconds``, ``bytes``, ``complete`` and ``problem`` tell what the
    call left; ``stored_…`` and ``trouble`` what there is of it now.

    ``place`` is an absolute path or ``s3://bucket/key``; while the state is ``new`` the file is at
    ``path``. ``sha256`` is of the file as it is stored. ``wrapped_key`` is empty for one that is
    not encrypted, or whose key was destroyed.
    """

    call: str
    name: str
    kind: str
    path: str
    started: float
    seconds: float
    bytes: int
    complete: bool
    problem: str
    gaps: tuple[Gap, ...]
    state: FileState
    place: str
    format: str
    channels: int
    stored_seconds: float
    stored_bytes: int
    sha256: str
    key_id: str
    wrapped_key: str
    trouble: str
    finished: float | None
    moved: float | None
    deleted: float | None
    kept: bool
    queue: str

    @property
    def file(self) -> str:
        """Where the file is now."""
        return self.place or self.path


@dataclass(frozen=True, slots=True)
class Stay:
    """A stretch of a call that an agent or a queue had."""

    kind: str
    started: float
    ended: float
    queue: str | None
    agent: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which recordings are asked for; '' and None: all. ``since`` in epoch seconds. ``only`` those
    in which one hears agents, and none but these."""

    call: str = ""
    agent: str = ""
    queue: str = ""
    since: float = 0.0
    only: Collection[str] | None = None


class RecordingFiles:
    """Questions to an open ledger, and changes; each raises ``LedgerDown`` when it is away."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def one(self, name: str) -> RecordingFile | None:
        """This recording; None for a name that is not in the ledger."""
        if not is_key(name):
            return None
        found = await self._files(_files().where(recordings.c.name == name))
        return found[0] if found else None

    async def find(self, wanted: Wanted, limit: int = 50) -> list[RecordingFile]:
        """The newest ``limit`` that are wanted, newest first."""
        table = recordings.c
        query = _files().where(table.started >= wanted.since)
        if wanted.call:
            query = query.where(table.call == wanted.call)
        if wanted.queue:
            query = query.where(table.queue == wanted.queue)
        heard = select(recording_agents.c.recording)
        if wanted.agent:
            his = heard.where(recording_agents.c.agent == wanted.agent)
            query = query.where(table.name.in_(his))
        if wanted.only is not None:
            others = heard.where(recording_agents.c.agent.not_in(wanted.only))
            query = query.where(table.name.in_(heard), table.name.not_in(others))
        return await self._files(_newest(query).limit(limit))

    async def in_state(
        self, state: FileState, but_kinds: Collection[str] = ()
    ) -> AsyncIterator[RecordingFile]:
        """All that are in this state, the oldest first; asked for in pages."""
        table, behind = recordings.c, tuple_(literal(0.0, Moment), literal(""))
        while True:
            query = _files().where(table.state == state, tuple_(table.started, table.name) > behind)
            query = query.where(table.kind.not_in(but_kinds))
            page = await self._files(_oldest(query).limit(_PAGE))
            for each in page:
                yield each
            if len(page) < _PAGE:
                return
            behind = tuple_(literal(page[-1].started, Moment), literal(page[-1].name))

    async def of_call(self, call: str) -> list[RecordingFile]:
        """All of a call, the oldest first."""
        return await self._files(_oldest(_files().where(recordings.c.call == call)))

    async def due(
        self,
        kinds: Collection[str],
        before: float,
        queue: str | None = None,
        but_queues: Collection[str] = (),
        limit: int = 100,
    ) -> list[RecordingFile]:
        """Those of these kinds that began before then and are not kept for good: of one queue, or
        of all but some."""
        table = recordings.c
        query = _files().where(
            table.state.in_((*HERE, FileState.FAILED)),
            table.kind.in_(kinds),
            table.started < before,
            table.kept.is_(False),
        )
        if queue is not None:
            query = query.where(table.queue == queue)
        elif but_queues:
            query = query.where(table.queue.not_in(but_queues))
        return await self._files(_oldest(query).limit(limit))

    async def under_other_keys(self, key_id: str, limit: int = 100) -> list[RecordingFile]:
        """Those whose own key is wrapped by another master key than this."""
        others = recordings.c.key_id.not_in(("", key_id))
        return await self._files(_oldest(_files().where(others)).limit(limit))

    async def change(
        self,
        name: str,
        was: Collection[FileState],
        agents: Collection[str] | None = None,
        superfluous: Sequence[str] = (),
        only_unkept: bool = False,
        entry: AuditEntry | None = None,
        **columns: Any,
    ) -> bool:
        """Change one that is still in a state of ``was``; False when it is not, or not any more.

        ``agents`` are whom one hears in it, from now on. ``superfluous`` are places to clear.
        ``entry`` comes into the audit log with the change, or not at all.
        """
        table = recordings.c
        is_still = [table.name == name, table.state.in_(was)]
        if only_unkept:
            is_still.append(table.kept.is_(False))
        async with self._ledger.writing() as connection:
            query = select(table.superfluous).where(*is_still).with_for_update()
            row = (await connection.execute(query)).first()
            if row is None:
                return False
            if superfluous:  # beside what could not be cleared before
                before = json.loads(row.superfluous or "[]")
                columns["superfluous"] = json.dumps([*before, *superfluous])
            await connection.execute(update(recordings).where(table.name == name).values(columns))
            if entry is not None:
                await connection.execute(audit.insert(), [asdict(entry)])
            if agents is not None:
                own = recording_agents.c.recording == name
                await connection.execute(delete(recording_agents).where(own))
                rows = [{"recording": name, "agent": agent} for agent in sorted(set(agents))]
                if rows:
                    await connection.execute(recording_agents.insert(), rows)
        return True

    async def superfluous(
        self, behind: str = "", limit: int = _PAGE
    ) -> list[tuple[str, list[str]]]:
        """Recordings with the places that are to be cleared of them: by their names, from the one
        behind that on."""
        query = select(recordings.c.name, recordings.c.superfluous)
        query = query.where(text("superfluous <> ''"), recordings.c.name > literal(behind))
        query = query.order_by(recordings.c.name)
        async with self._ledger.reading() as connection:
            rows = (await connection.execute(query.limit(limit))).all()
        return [(name, json.loads(places)) for name, places in rows]

    async def cleared(self, name: str, places: Sequence[str]) -> None:
        """These are gone. What has become superfluous since stays to be cleared."""
        written = json.dumps(list(places))
        same = (recordings.c.name == name, recordings.c.superfluous == written)
        async with self._ledger.writing() as connection:
            await connection.execute(update(recordings).where(*same).values(superfluous=""))

    async def agents(self, names: Collection[str]) -> dict[str, list[str]]:
        """Whom one hears in each of these; nobody in what is not finished yet."""
        table = recording_agents.c
        query = select(table.recording, table.agent).where(table.recording.in_(names))
        found: dict[str, list[str]] = {name: [] for name in names}
        async with self._ledger.reading() as connection:
            for name, agent in await connection.execute(query.order_by(table.agent)):
                found[name].append(agent)
        return found

    async def peaks(self, name: str) -> str:
        """The picture of its sound, as ``engine.recordings.waveform`` keeps it; '' for none."""
        query = select(recordings.c.peaks).where(recordings.c.name == name)
        async with self._ledger.reading() as connection:
            return str((await connection.execute(query)).scalar() or "")

    async def stays(self, call: str) -> list[Stay]:
        """Who had the call when."""
        own = [segments.c[field.name] for field in fields(Stay)]
        other = party_stretches.c
        theirs = (other.kind, other.started, other.ended, null(), other.name)
        both = union_all(
            select(*own).where(segments.c.call == call),
            select(*theirs).where(other.call == call, other.party == "agent"),
        )
        async with self._ledger.reading() as connection:
            found = [Stay(*row) for row in await connection.execute(both)]
        return sorted(found, key=lambda stay: stay.started)

    async def _files(self, query: Select[Any]) -> list[RecordingFile]:
        async with self._ledger.reading() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [RecordingFile(**row) for row in rows]


def _files() -> Select[Any]:
    own: list[ColumnElement[Any]] = [recordings.c[field.name] for field in fields(RecordingFile)]
    return select(*own)


def _newest(query: Select[Any]) -> Select[Any]:
    return query.order_by(recordings.c.started.desc(), recordings.c.name.desc())


def _oldest(query: Select[Any]) -> Select[Any]:
    return query.order_by(recordings.c.started, recordings.c.name)
