"""Records reach the ledger, in order and once, whatever the database does; so do agents' days."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from acd.agent_settings import AgentSettings
from acd.core import Acd
from acd.messages import (
    AgentLoggedIn,
    AgentLoggedOut,
    AgentMoved,
    AgentPaused,
    AgentState,
    Configured,
    ContactQueued,
    Disposed,
    OfferAccepted,
    TalkEnded,
    WrappedUp,
)
from acd.queues import QueueSettings
from engine import clerk as clerks
from engine.agents_day import AgentsDay
from engine.call_record import (
    AgentStretch,
    AuditEntry,
    CallOutcome,
    CallRecord,
    Disposition,
    Segment,
    SegmentKind,
)
from engine.clerk import Clerk
from engine.ports import LedgerDown, LedgerRefused
from engine.store.errors import LedgerTooNew

T = 1790000000.0


def call(name: str) -> CallRecord:
    return CallRecord(
        name, "inbound", "+84901234567", "19001000", "vi", "main", "main", T, T, T + 1, "caller",
        CallOutcome.ABANDONED, 16, None, False, "", (), (), (), (), (),
    )  # fmt: skip


WRAP_UP = Segment(SegmentKind.WRAP_UP, T, T + 10, "support", "mai")
SOLD = Disposition("mai", "support", "sold", False, T + 10)
STRETCH = AgentStretch("mai", "ready", "", T, T + 10)


class MoodyLedger:
    """Takes rows, except those it ``refuses``; down for the next ``down`` tries."""

    def __init__(self) -> None:
        self.rows: list[str] = []
        self.down = 0
        self.was_down = asyncio.Event()
        self.refuses: set[str] = set()

    async def open(self) -> None:
        self._take("opened")

    async def save_call(self, record: CallRecord) -> None:
        self._take(record.call)

    async def save_wrap_up(self, call: str, segment: Segment) -> None:
        self._take(f"wrap-up of {call}")

    async def save_disposition(self, call: str, disposition: Disposition) -> None:
        self._take(f"{call} was {disposition.code}")

    async def save_agent_stretch(self, stretch: AgentStretch) -> None:
        self._take(f"{stretch.agent} {stretch.state}")

    async def save_audit(self, entry: AuditEntry) -> None:
        self._take(entry.entry)

    def _take(self, row: str) -> None:
        if self.down:
            self.down -= 1
            self.was_down.set()
            raise LedgerDown("connection refused")
        if row in self.refuses:
            raise LedgerRefused("a value too long")
        self.rows.append(row)


class Desk:
    """A clerk at work, his ledger, and what he has reported as saved."""

    def __init__(self, folder: Path) -> None:
        self.ledger = MoodyLedger()
        self.saved: list[str] = []
        self.refused_dir = folder / "refused"
        self.journal: list[str] = []
        self.clerk = Clerk(
            self.ledger,
            self.saved.append,
            self.refused_dir,
            lambda entry: self.journal.append(f"{entry.entry} to be written"),
            lambda entry: self.journal.append(f"{entry} written"),
        )

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        working = asyncio.create_task(self.clerk.run(self.ledger.open))
        try:
            yield
        finally:
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(clerks, "_RETRY_SECONDS", (0.0, 0.001))
    return Desk(tmp_path)


# -- writing --------------------------------------------------------------------------------------


async def test_everything_is_written_in_the_order_it_was_handed_over(desk: Desk) -> None:
    desk.clerk.file_call(call("c-1"))
    desk.clerk.file_stretch(STRETCH)
    desk.clerk.file_wrap_up("c-1", WRAP_UP)
    desk.clerk.file_disposition("c-1", SOLD)
    desk.clerk.file_call(call("c-2"))
    async with desk.at_work():
        await desk.clerk.finish()
    assert desk.ledger.rows == [
        "opened", "c-1", "mai ready", "wrap-up of c-1", "c-1 was sold", "c-2",
    ]  # fmt: skip
    assert desk.saved == ["c-1", "c-2"]
    assert (desk.clerk.backlog, desk.clerk.ledger_up) == (0, True)


async def test_a_database_that_comes_late_gets_everything_in_order(desk: Desk) -> None:
    desk.ledger.down = 5
    desk.clerk.file_call(call("c-1"))
    desk.clerk.file_call(call("c-2"))
    async with desk.at_work():
        await desk.clerk.finish()
    assert desk.ledger.rows == ["opened", "c-1", "c-2"]


async def test_a_database_that_goes_away_in_between_loses_nothing(desk: Desk) -> None:
    async with desk.at_work():
        desk.clerk.file_call(call("c-1"))
        await desk.clerk.finish()
        desk.ledger.down = 3
        desk.clerk.file_call(call("c-2"))
        desk.clerk.file_call(call("c-3"))
        await desk.clerk.finish()
    assert desk.ledger.rows == ["opened", "c-1", "c-2", "c-3"]


async def test_the_backlog_counts_the_record_that_is_being_tried(desk: Desk) -> None:
    async with desk.at_work():
        desk.clerk.file_call(call("c-0"))
        await desk.clerk.finish()
        desk.ledger.down = 1_000_000
        desk.clerk.file_call(call("c-1"))
        desk.clerk.file_call(call("c-2"))
        await desk.ledger.was_down.wait()
        assert (desk.clerk.backlog, desk.clerk.ledger_up) == (2, False)
        assert desk.saved == ["c-0"]


async def test_a_ledger_of_a_newer_version_ends_the_clerk(desk: Desk) -> None:
    async def open_ledger() -> None:
        raise LedgerTooNew("start the newer Tongdai again")

    with pytest.raises(LedgerTooNew):
        await desk.clerk.run(open_ledger)


# -- what the ledger refuses ----------------------------------------------------------------------


async def test_a_refused_record_is_set_aside_whole_and_the_others_go_on(desk: Desk) -> None:
    desk.ledger.refuses = {"c-1", "wrap-up of c-1", "mai ready"}
    desk.clerk.file_call(call("c-1"))
    desk.clerk.file_wrap_up("c-1", WRAP_UP)
    desk.clerk.file_stretch(STRETCH)
    desk.clerk.file_call(call("c-2"))
    async with desk.at_work():
        await desk.clerk.finish()
    assert desk.ledger.rows == ["opened", "c-2"]
    assert desk.saved == ["c-1", "c-2"]  # the journal may forget it: the file has it
    aside = json.loads((desk.refused_dir / "c-1.json").read_text())
    assert aside["reason"] == "a value too long"
    assert (aside["record"]["call"], aside["record"]["caller"]) == ("c-1", "+84901234567")
    assert {file.name for file in desk.refused_dir.iterdir()} == {
        "c-1.json",
        "c-1-wrap-up.json",
        f"mai-{T:.6f}.json",
    }


async def test_a_call_s_name_cannot_lead_out_of_the_folder(desk: Desk) -> None:
    desk.ledger.refuses = {"../../etc/c-1"}
    desk.clerk.file_call(call("../../etc/c-1"))
    async with desk.at_work():
        await desk.clerk.finish()
    assert [file.name for file in desk.refused_dir.iterdir()] == ["..%2F..%2Fetc%2Fc-1.json"]


async def test_a_refused_record_that_cannot_be_set_aside_stays_in_the_journal(desk: Desk) -> None:
    desk.refused_dir.write_text("a file where the folder should be")
    desk.ledger.refuses = {"c-1"}
    desk.clerk.file_call(call("c-1"))
    desk.clerk.file_call(call("c-2"))
    async with desk.at_work():
        await desk.clerk.finish()
    assert desk.saved == ["c-2"]


async def test_what_is_for_the_audit_log_is_in_the_journal_until_it_is_safe(desk: Desk) -> None:
    desk.refused_dir.write_text("a file where the folder should be")
    desk.ledger.refuses = {"e-2"}
    for name in ("e-1", "e-2"):
        desk.clerk.file_audit(AuditEntry(name, T, "boss", "hang_up", "c-1"))
    assert desk.journal == ["e-1 to be written", "e-2 to be written"]
    async with desk.at_work():
        await desk.clerk.finish()
    assert desk.journal[2:] == ["e-1 written"]
    assert list(desk.clerk.audit) == ["e-2"]


async def test_what_is_handed_over_again_for_the_audit_log_does_no_harm(desk: Desk) -> None:
    for _ in range(2):
        desk.clerk.file_audit(AuditEntry("e-1", T, "boss", "hang_up", "c-1"))
    async with desk.at_work():
        await desk.clerk.finish()
    assert desk.clerk.audit == {}


# -- agents' days ---------------------------------------------------------------------------------


class Filed:
    """Keeps what an agent's day hands to the clerk."""

    def __init__(self) -> None:
        self.stretches: list[AgentStretch] = []
        self.wrap_ups: list[tuple[str, Segment]] = []
        self.dispositions: list[tuple[str, Disposition]] = []

    def file_stretch(self, stretch: AgentStretch) -> None:
        self.stretches.append(stretch)

    def file_wrap_up(self, call: str, segment: Segment) -> None:
        self.wrap_ups.append((call, segment))

    def file_disposition(self, call: str, disposition: Disposition) -> None:
        self.dispositions.append((call, disposition))


SETTINGS = Configured(
    (QueueSettings(name="support", wrap_up=10),),
    (AgentSettings(name="mai", extension="3001", queues=("support",)),),
)
MORNING = [
    (0.0, SETTINGS),
    (1.0, AgentLoggedIn("mai", "3001")),
    (5.0, ContactQueued("c-1", "support", T + 5)),
    (7.5, OfferAccepted("c-1-a1")),
    (60.0, TalkEnded("mai", "c-1")),
]


def live(acd: Acd, day: AgentsDay, events: list[tuple[float, object]]) -> None:
    for at, event in events:
        for decision in acd.handle(event, T + at):  # type: ignore[arg-type]
            if isinstance(decision, AgentMoved | WrappedUp | Disposed):
                day.take(decision, T + at)


def told(filed: Filed) -> list[tuple[str, float, float, str | None]]:
    return [(s.state, s.started - T, s.ended - T, s.call) for s in filed.stretches]


def test_an_agent_s_day_is_stretches_that_tile() -> None:
    acd, filed = Acd(), Filed()
    day = AgentsDay(filed)  # type: ignore[arg-type]
    live(acd, day, MORNING)
    for decision in acd.on_deadline(T + 70.0):
        if isinstance(decision, AgentMoved | WrappedUp | Disposed):
            day.take(decision, T + 70.0)
    live(acd, day, [(80.0, AgentPaused("mai", "lunch")), (90.0, AgentLoggedOut("mai"))])
    assert told(filed) == [
        ("ready", 1.0, 5.0, None),
        ("offered", 5.0, 7.5, "c-1"),
        ("talking", 7.5, 60.0, "c-1"),
        ("wrap_up", 60.0, 70.0, "c-1"),
        ("ready", 70.0, 80.0, None),
        ("paused", 80.0, 90.0, None),
    ]
    assert filed.stretches[-1].reason == "lunch"
    [(of_call, wrap_up)] = filed.wrap_ups
    assert of_call == "c-1"
    assert wrap_up == Segment(SegmentKind.WRAP_UP, T + 60, T + 70, "support", "mai")


def test_after_a_crash_his_day_goes_on_from_the_snapshot_without_a_gap() -> None:
    before = Acd()
    live(before, AgentsDay(Filed()), MORNING)  # type: ignore[arg-type]
    after, filed = Acd.restore(before.snapshot()), Filed()
    day = AgentsDay(filed, after.agents())  # type: ignore[arg-type]
    live(after, day, [(65.0, AgentLoggedOut("mai"))])
    for decision in after.on_deadline(T + 70.0):
        if isinstance(decision, AgentMoved | WrappedUp | Disposed):
            day.take(decision, T + 70.0)
    assert told(filed) == [("wrap_up", 60.0, 70.0, "c-1")]
    assert [name for name, _ in filed.wrap_ups] == ["c-1"]


def test_a_replay_files_the_same_stretches_again_for_the_ledger_to_take_once() -> None:
    filed = Filed(), Filed()
    for each in filed:
        live(Acd(), AgentsDay(each), MORNING)  # type: ignore[arg-type]
    assert filed[0].stretches == filed[1].stretches != []


def test_the_first_that_is_heard_of_an_agent_begins_his_day() -> None:
    filed = Filed()
    day = AgentsDay(filed)  # type: ignore[arg-type]
    first = AgentMoved("mai", AgentState.LOGGED_OUT, AgentState.READY, "AgentLoggedIn")
    day.take(first, T)
    assert filed.stretches == []


def test_his_reason_or_contact_alone_begins_a_new_stretch() -> None:
    filed = Filed()
    day = AgentsDay(filed)  # type: ignore[arg-type]
    wrap_up, paused = AgentState.WRAP_UP, AgentState.PAUSED
    for at, move in (
        (0.0, AgentMoved("mai", paused, paused, "AgentPaused", "break")),
        (10.0, AgentMoved("mai", paused, paused, "AgentPaused", "lunch")),
        (10.0, AgentMoved("mai", paused, paused, "AgentPaused", "training")),
        (20.0, AgentMoved("mai", paused, wrap_up, "TalkEnded", "", "c-1", "support")),
        (25.0, AgentMoved("mai", wrap_up, wrap_up, "TalkEnded", "", "chat:2", "sales")),
        (40.0, AgentMoved("mai", wrap_up, AgentState.READY, "WrapUpEnded")),
    ):
        day.take(move, T + at)
    assert [(s.reason, s.started - T, s.ended - T) for s in filed.stretches] == [
        ("break", 0, 10), ("training", 10, 20), ("", 20, 25), ("", 25, 40),
    ]  # fmt: skip


def test_each_contact_has_the_whole_of_its_wrap_up_also_beside_another() -> None:
    filed = Filed()
    day = AgentsDay(filed)  # type: ignore[arg-type]
    day.take(WrappedUp("mai", "c-1", "support", T + 20), T + 25)
    day.take(WrappedUp("mai", "chat:2", "sales", T + 22), T + 40)
    assert [(call, s.queue, s.started - T, s.ended - T) for call, s in filed.wrap_ups] == [
        ("c-1", "support", 20, 25), ("chat:2", "sales", 22, 40),
    ]  # fmt: skip


def test_what_came_of_a_talk_is_filed() -> None:
    filed = Filed()
    day = AgentsDay(filed)  # type: ignore[arg-type]
    day.take(Disposed("mai", "c-1", "support", "sold", False), T)
    assert filed.dispositions == [("c-1", Disposition("mai", "support", "sold", False, T))]
