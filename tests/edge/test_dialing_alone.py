"""Two engines on one ledger: one dials, the other waits for its end, whatever that is."""

from __future__ import annotations

import asyncio
import sys

import asyncpg
import pytest
from lead_lists import add, lead
from test_campaign_driver import Center, _quick_looks

from dialer.core import IllegalMove
from dialer.messages import CampaignState
from engine.campaigns import alone
from engine.campaigns.alone import OTHER_ENGINE
from engine.ports import LedgerDown
from engine.store.ledger import Ledger

__all__ = ["_quick_looks"]
pytest_plugins = ["databases"]

HOLDS = """
import asyncio, sys
from engine.store.ledger import Ledger

async def main():
    print(await Ledger(sys.argv[1]).lease().hold(), flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""
"""An engine that does nothing but to dial alone."""


@pytest.fixture(autouse=True)
def _asks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alone, "_AGAIN_SECONDS", 0.02)


async def test_the_second_engine_says_why_it_dials_nobody_until_the_first_is_gone(ledger):
    first, second = Center(ledger), Center(ledger.twin(), "run-2")
    await add(first.store, lead(1), lead(2))
    async with first.running():
        plan = await first.first()
        await first.until(first.is_kept)
        waiting = asyncio.create_task(second.campaigns.run(second.calls, ()))
        await second.until(lambda: second.campaigns.core.untrusted == OTHER_ENGINE)
        with pytest.raises(IllegalMove, match=OTHER_ENGINE):
            second.campaigns.move("spring", CampaignState.RUNNING, "lan")
        assert await first.one_is_dialed(), "nothing was taken from it"
    try:
        assert (await second.first()).number != plan.number
    finally:
        waiting.cancel()
        await asyncio.wait([waiting])
        await second.store.ledger.close()


async def test_an_engine_that_was_killed_keeps_nobody_from_dialing(ledger, database_url):
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDS, database_url, stdout=asyncio.subprocess.PIPE
    )
    lease = ledger.lease()
    try:
        assert other.stdout is not None
        assert await other.stdout.readline() == b"True\n"
        assert not await lease.hold()
    finally:
        other.kill()
        await other.wait()
    async with asyncio.timeout(20):
        while not await lease.hold():
            pass
    assert await lease.hold()
    await lease.release()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_who_has_lost_the_ledger_has_lost_his_turn_and_takes_it_again(database_url):
    ledger = Ledger(database_url)
    lease, other = ledger.lease(), ledger.lease()
    assert await lease.hold()
    assert not await other.hold()
    server = await asyncpg.connect(database_url)
    await server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
    )
    await server.close()
    with pytest.raises(LedgerDown):
        await lease.hold()
    assert await other.hold()
    assert not await lease.hold()
    await other.release()
    assert await lease.hold()
    await lease.release()
    await ledger.close()
