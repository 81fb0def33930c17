"""What is outside of a small center, in memory: ledger, journal, hosts, the way to the switch."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, ClassVar

from engine.call_record import AgentStretch, AuditEntry, CallRecord, Disposition, Segment
from engine.calls.notes import Note
from engine.in_force import InForce
from engine.ivr.messages import Request
from engine.ivr.sounds import Sound
from engine.lookups.result import LookupResult
from engine.ports import LedgerDown
from engine.store.journal import Entry
from tests.unit.fake_pbx import FakePbx
from tests.unit.small_site import SmallSite


@dataclass
class Books:
    """The ledger, in memory; keeps every write, so that a second one of the same is seen."""

    calls: list[CallRecord] = field(default_factory=list)
    wrap_ups: list[tuple[str, Segment]] = field(default_factory=list)
    dispositions: list[tuple[str, Disposition]] = field(default_factory=list)
    stretches: list[AgentStretch] = field(default_factory=list)
    audit: list[AuditEntry] = field(default_factory=list)
    away: bool = False

    async def claim(self) -> None:
        """There is no other engine."""

    async def open(self) -> None:
        """It is open, unless it is away."""
        if self.away:
            raise LedgerDown("away")

    async def save_call(self, record: CallRecord) -> None:
        """Keep it."""
        await asyncio.sleep(0)
        self.calls.append(record)

    async def save_wrap_up(self, call: str, segment: Segment) -> None:
        """Keep it."""
        await asyncio.sleep(0)
        self.wrap_ups.append((call, segment))

    async def save_disposition(self, call: str, disposition: Disposition) -> None:
        """Keep it."""
        await asyncio.sleep(0)
        self.dispositions.append((call, disposition))

    async def save_agent_stretch(self, stretch: AgentStretch) -> None:
        """Keep it."""
        await asyncio.sleep(0)
        self.stretches.append(stretch)

    async def save_audit(self, entry: AuditEntry) -> None:
        """Keep it."""
        await asyncio.sleep(0)
        self.audit.append(entry)

    def of(self, call: str) -> CallRecord:
        """The one record of a call, however often it was offered."""
        first, *again = [record for record in self.calls if record.call == call]
        assert all(record == first for record in again), f"different records of {call}: {again}"
        return first


class Door:
    """The engine's way to the ledger: closed once the engine is dead."""

    def __init__(self, books: Books, dead: asyncio.Event) -> None:
        self._books, self._dead = books, dead

    def __getattr__(self, name: str) -> Callable[..., Awaitable[None]]:
        write = getattr(self._books, name)

        async def guarded(*args: Any) -> None:
            if self._dead.is_set():
                await asyncio.Future()
            if self._books.away:
                raise LedgerDown("away")
            await write(*args)

        return guarded


class MemoryJournal:
    """Lines of JSON, as the journal's file has them. ``history`` outlives a rewrite."""

    def __init__(self, lines: Iterable[str], history: list[str], wrote: Callable[[], bool]) -> None:
        self.lines = list(lines)
        self.history = history
        self.entries = [Entry(**json.loads(line)) for line in self.lines]
        self.path = SimpleNamespace(stat=lambda: SimpleNamespace(st_size=0))
        self._may_write = wrote

    def append(self, at: float, kind: str, data: Any) -> None:
        """A line more, unless the engine is dead."""
        line = json.dumps({"at": at, "kind": kind, "data": data}, allow_nan=False)
        if self._may_write():
            self.lines.append(line)
            self.history.append(line)

    def rewrite(self, entries: Iterable[Entry]) -> None:
        """Begin anew."""
        if self._may_write():
            self.lines = [
                json.dumps({"at": e.at, "kind": e.kind, "data": dict(e.data)}) for e in entries
            ]

    def close(self) -> None:
        """Nothing to do."""


class OwnSounds:
    """Every prompt has audio in every language; what is spoken says so in its name."""

    async def uris(
        self, sounds: Sequence[Sound], languages: Sequence[str], *, version: str = ""
    ) -> list[str]:
        """One for each."""
        return [f"sound:{languages[0]}/{sound}" for sound in sounds]


class Hosts:
    """The hosts that flows ask. ``answers`` by the name of the request: a result, and after how
    many seconds it comes. A dead engine asks nothing."""

    def __init__(self, moment: Callable[[str], None], dead: asyncio.Event) -> None:
        self._moment, self._dead = moment, dead
        self.answers: dict[str, tuple[LookupResult, float]] = {}
        self.asked: list[Request] = []

    async def perform(self, request: Request) -> LookupResult:
        """As it is scripted; without a script there is no such customer."""
        if self._dead.is_set():
            await asyncio.Future()
        self.asked.append(request)
        self._moment("ask")
        result, seconds = self.answers.get(request.name, (LookupResult("not_found", 404), 0.0))
        await asyncio.sleep(seconds)
        return result


class NoCampaigns:
    """Nobody is dialed but by the test; ``told`` is what the dialer would be told of attempts."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Note]] = []

    def configure(self, site: SmallSite) -> None:
        """There are none."""

    def heard(self, call: str, note: Note) -> None:
        """Keep it."""
        if call.startswith("ob-"):
            self.told.append((call, note))

    def code_given(self, call: str, code: str) -> None:
        """Of no campaign."""

    def stop(self, why: str) -> None:
        """Nothing is begun."""

    async def run(
        self, registry: object, attempts: object, written: Callable[[], Awaitable[None]]
    ) -> None:
        """Nothing is looked at, but what ended before is in the books."""
        await written()


class NoKeeper:
    """Nobody is told of messages, and no lamp is lit."""

    counts: ClassVar[dict[str, object]] = {}

    def open(self) -> None:
        """Nothing is looked at."""

    def wake(self) -> None:
        """Nothing is looked at."""

    def serve(self, incarnation: str) -> None:
        """Nothing is looked at."""

    async def run(self) -> None:
        """Nothing is looked at."""


class Line:
    """The engine's way to the switch: nothing passes it once the engine is dead."""

    def __init__(self, pbx: FakePbx, moment: Callable[[str], None], dead: asyncio.Event) -> None:
        self._pbx, self._moment, self._dead = pbx, moment, dead
        self.in_step = True

    def hear(self, channel: str, ears: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """What is said into a channel."""
        return self._pbx.hear(channel, ears)

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        command = getattr(self._pbx, name)

        async def guarded(*args: Any, **kwargs: Any) -> Any:
            if self._dead.is_set():
                await asyncio.Future()
            try:
                return await command(*args, **kwargs)
            finally:
                self._moment(name)
                if self._dead.is_set():
                    await asyncio.Future()

        return guarded


class HasAllFlows(InForce):
    """Older flows are where the site has them."""

    def with_older_flows(self, site: Any, calls: Any) -> Any:
        """The site has them already."""
        return site
