"""Who last talked with a customer, asked of both real databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from sample_call import CALL, T

from engine.store.last_agent import LastAgents
from engine.store.ledger import Ledger

pytest_plugins = ["databases"]

NUMBER = "0901234567"


async def _called(ledger: Ledger, call: str, at: float, agent: str | None) -> None:
    parts: dict[str, Any] = dict.fromkeys(("segments", "visits", "offers", "recordings"), ())
    record = replace(CALL, call=call, caller=NUMBER, arrived=at, ended=at, agent=agent, **parts)
    await ledger.save_call(record)


async def test_a_customer_is_known_to_the_agent_he_last_talked_with(ledger: Ledger) -> None:
    await _called(ledger, "c-2", T, "mai")
    await _called(ledger, "c-3", T + 60, "an")
    await _called(ledger, "c-4", T + 120, None)  # gave up in the queue
    assert await LastAgents(ledger).of(NUMBER) == "an"


async def test_a_customer_whom_nobody_knows_has_no_last_agent(ledger: Ledger) -> None:
    assert await LastAgents(ledger).of(NUMBER) is None


@pytest.mark.parametrize("ledger_url", ["sqlite"], indirect=True)
async def test_a_caller_is_not_kept_waiting_by_a_slow_ledger(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    @asynccontextmanager
    async def slow() -> AsyncIterator[Any]:
        await asyncio.sleep(60)
        yield None

    await _called(ledger, "c-2", T, "mai")
    monkeypatch.setattr(ledger, "reading", slow)
    assert await LastAgents(ledger, patience_seconds=0.01).of(NUMBER) is None
