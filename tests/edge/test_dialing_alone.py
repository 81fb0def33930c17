"""Two engines on one ledger: one dials, the other waits for its end."""

from __future__ import annotations

import asyncio

import pytest
from lead_lists import add, lead
from test_campaign_driver import Center, _quick_looks, all_written

from dialer.core import IllegalMove
from dialer.messages import CampaignState
from engine.campaigns import driver

__all__ = ["_quick_looks"]
pytest_plugins = ["databases"]

OTHER_ENGINE = "another engine works with this ledger"


@pytest.fixture(autouse=True)
def _asks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "_AGAIN_SECONDS", 0.02)


async def test_an_engine_that_has_records_to_write_says_why_it_starts_no_campaign(ledger):
    first, second = Center(ledger), Center(ledger.twin(), "run-2")
    written = asyncio.Event()
    await first.store.ledger.claim()
    waiting = asyncio.create_task(second.campaigns.run(second.calls, (), written.wait))
    try:
        await second.until(lambda: OTHER_ENGINE in second.campaigns.core.untrusted)
        with pytest.raises(IllegalMove, match=OTHER_ENGINE):
            second.campaigns.move("spring", CampaignState.RUNNING, "lan")
        await first.store.ledger.close()
        await second.until(lambda: OTHER_ENGINE not in second.campaigns.core.untrusted)
        with pytest.raises(IllegalMove, match="has not yet told what the last run left"):
            second.campaigns.move("spring", CampaignState.RUNNING, "lan")
        written.set()
        await second.until(second.campaigns.taken_up.is_set)
    finally:
        waiting.cancel()
        await asyncio.wait([waiting])
        await second.store.ledger.close()


async def test_the_second_engine_says_why_it_dials_nobody_until_the_first_is_gone(ledger):
    first, second = Center(ledger), Center(ledger.twin(), "run-2")
    await add(first.store, lead(1), lead(2))
    async with first.running():
        plan = await first.first()
        await first.until(first.is_kept)
        waiting = asyncio.create_task(second.campaigns.run(second.calls, (), all_written))
        await second.until(lambda: OTHER_ENGINE in second.campaigns.core.untrusted)
        with pytest.raises(IllegalMove, match=OTHER_ENGINE):
            second.campaigns.move("spring", CampaignState.RUNNING, "lan")
        assert await first.one_is_dialed(), "nothing was taken from it"
    await ledger.close()
    try:
        assert (await second.first()).number != plan.number
    finally:
        waiting.cancel()
        await asyncio.wait([waiting])
        await second.store.ledger.close()
