"""How campaigns did, asked of both real databases."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lead_lists import RUN, T, add, ask, lead, made, plan, record
from sample_call import STRETCH

from acd.messages import AgentState
from dialer.dispositions import Disposition
from engine.call_record import Disposition as Code
from engine.store.campaign_reports import CampaignLine, Progress, campaign_lines, progress
from engine.store.leads import LeadStore
from engine.store.ledger import Ledger

pytest_plugins = ["databases"]


@pytest.fixture
async def store(emptied: Ledger) -> LeadStore:
    """A store without leads, once in each kind of database."""
    return LeadStore(emptied)


async def called(
    store: LeadStore, n: int, came: Disposition, seconds: float, **more: object
) -> str:
    """The next lead is called at ``n`` seconds, for so long; returns the attempt."""
    [found], _ = await store.claim(ask(1, T + n))
    planned = plan(found, n, T + n)
    assert await store.begin(planned, T + n, RUN) == ""
    await store.ledger.save_call(record(made(planned, came, T + n + seconds, **more)))
    return planned.attempt


async def stretch(
    store: LeadStore, state: AgentState, since: float, until: float, call: str
) -> None:
    """A part of Mai's day."""
    await store.ledger.save_agent_stretch(
        replace(STRETCH, state=state, started=T + since, ended=T + until, call=call or None)
    )


async def test_a_campaign_is_told_by_what_came_of_its_calls(store: LeadStore) -> None:
    await add(store, *map(lead, range(6)))
    talk = await called(
        store,
        100,
        Disposition.CONNECTED,
        60,
        answered=T + 110,
        person=T + 111,
        connected=T + 112,
        agent="mai",
    )
    await called(
        store, 101, Disposition.ABANDONED, 20, answered=T + 110, person=T + 110, tech_cause=200
    )
    await called(store, 102, Disposition.BUSY, 3, cause=17, tech_cause=486)
    await called(store, 103, Disposition.BUSY, 3, cause=17, tech_cause=486)
    await called(store, 104, Disposition.CANCELLED, 3, dialed=None)
    await called(store, 900, Disposition.BUSY, 100, tech_cause=486)  # ended later
    await store.ledger.save_disposition(talk, Code("mai", "sales", "sale", False, T + 170))
    await stretch(store, AgentState.PAUSED, 0, 80, "")
    await stretch(store, AgentState.READY, 80, 110, "")
    await stretch(store, AgentState.OFFERED, 110, 111.5, talk)
    await stretch(store, AgentState.TALKING, 111.5, 160, talk)
    async with store.ledger.reading() as connection:
        assert await campaign_lines(connection, T + 1000, T + 1000) == []
        [line] = await campaign_lines(connection, T, T + 1000)
    assert line == CampaignLine(
        campaign="sale",
        dialed=4,
        answered=2,
        people=2,
        contacts=1,
        abandoned=1,
        leads=5,
        connect_rate=0.25,
        abandonment_rate=0.5,
        mean_wait_seconds=1.0,
        longest_wait_seconds=1.0,
        line_seconds=50.0 + 11.0,
        dispositions={"abandoned": 1, "busy": 2, "cancelled": 1, "connected": 1},
        codes={"sale": 1},
        mean_agent_wait_seconds=32.0,
        causes={"200": 1, "486": 2},
    )


async def test_how_far_a_campaign_is_with_its_lists(store: LeadStore) -> None:
    await add(store, *map(lead, range(4)))
    await called(store, 10, Disposition.CONNECTED, 60)
    await called(store, 20, Disposition.BUSY, 5)
    await called(store, 90, Disposition.MACHINE, 5)
    async with store.ledger.reading() as connection:
        found = await progress(connection, "sale", ["spring"], T)
        other = await progress(connection, "sale", ["autumn"], T)
    assert found == Progress(left=2, done=2, finished=2, minutes=2, since=T)
    assert (other.left, other.done) == (0, 0)
