"""The audit log in both real databases: what is asked of it, and that nothing is in it twice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sample_call import CALL

from engine.call_record import AuditEntry
from engine.store.audit import AuditLog
from engine.store.ledger import Ledger

pytest_plugins = ["databases"]

LISTENED = AuditEntry("sv-1-0", 1790000010.0, "lan", "listen", "mai", "c-1")
LEFT = AuditEntry("sv-1-1", 1790000070.5, "lan", "leave", "mai", "c-1", "after 60.5 s of listen")


@pytest.fixture
def audit(ledger: Ledger) -> AuditLog:
    return AuditLog(ledger)


async def test_what_was_told_early_and_again_with_the_call_is_there_once(
    ledger: Ledger, audit: AuditLog
) -> None:
    await ledger.save_audit(LISTENED)
    await ledger.save_call(replace(CALL, audit=(LISTENED, LEFT)))
    await ledger.save_audit(LEFT)
    assert await audit.entries() == [LEFT, LISTENED]


async def test_an_auditor_asks_who_did_what_to_whom_since_when(
    ledger: Ledger, audit: AuditLog
) -> None:
    await ledger.save_audit(LISTENED)
    await ledger.save_audit(LEFT)
    await audit.note(1790000020.0, "screen", "hang_up", "c-1", "by the wallboard", contact="c-1")
    newest, hung_up, oldest = await audit.entries()
    assert (newest, oldest) == (LEFT, LISTENED)
    assert (hung_up.who, hung_up.action, hung_up.detail) == (
        "screen",
        "hang_up",
        "by the wallboard",
    )
    assert await audit.entries(who="lan", action="listen") == [LISTENED]
    assert await audit.entries(subject="c-1") == [hung_up]
    assert await audit.entries(since=1790000070.0) == [LEFT]
    assert await audit.entries(limit=1) == [LEFT]


async def test_the_same_thing_done_twice_is_there_twice(audit: AuditLog) -> None:
    for _ in range(2):
        await audit.note(1790000000.0, "lan", "hear_recording", "c-1-r1")
    assert len(await audit.entries(who="lan")) == 2
