"""What campaigns were told to do, when, by whom and why; and what their pacing has learned."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.messages import CampaignState, Moved
from engine.store.lead_tables import campaign_memory, campaign_states


@dataclass(frozen=True, slots=True)
class CampaignStanding:
    """A campaign's state, since when, and who wanted it so."""

    state: CampaignState
    since: float
    by: str
    why: str


async def last(connection: AsyncConnection) -> dict[str, CampaignStanding]:
    """The state of each campaign that ever had one."""
    state = campaign_states.c
    newest = select(func.max(state.id)).group_by(state.campaign)
    asked = select(state.campaign, state.state, state.since, state.by, state.why).where(
        state.id.in_(newest)
    )
    return {
        campaign: CampaignStanding(CampaignState(word), since, by, why)
        for campaign, word, since, by, why in await connection.execute(asked)
    }


async def began(connection: AsyncConnection, campaign: str) -> float | None:
    """When a campaign was first started."""
    state = campaign_states.c
    started = state.campaign == campaign, state.state == CampaignState.RUNNING.value
    first: float | None = await connection.scalar(select(func.min(state.since)).where(*started))
    return first


async def add(connection: AsyncConnection, moved: Moved, at: float) -> None:
    """A campaign is in another state."""
    row = {"campaign": moved.campaign, "state": moved.new.value, "since": at}
    row |= {"by": moved.by, "why": moved.why}
    await connection.execute(campaign_states.insert().values(row))


async def memory(connection: AsyncConnection, campaign: str) -> str | None:
    """What was kept for a campaign, as it was kept."""
    kept = campaign_memory.c
    text: str | None = await connection.scalar(select(kept.memory).where(kept.campaign == campaign))
    return text


async def remember(connection: AsyncConnection, campaign: str, text: str, at: float) -> None:
    """Keep this for a campaign, in place of what was kept before."""
    insert = (postgresql.Insert if connection.dialect.name == "postgresql" else sqlite.Insert)(
        campaign_memory
    )
    row = {"campaign": campaign, "memory": text, "at": at}
    kept = insert.values(row).on_conflict_do_update(
        index_elements=["campaign"], set_={"memory": text, "at": at}
    )
    await connection.execute(kept)
