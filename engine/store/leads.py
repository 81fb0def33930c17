"""The leads of campaigns, in the ledger's database: claimed, begun, given back, never lost.

A lead is in one hopper at a time, and a number in one call at a time. That holds across engines
and crashes, because each of these steps is one transaction, and whoever holds a lead is written
with it: the ``run`` is a name that an engine gives itself at its start. All times are seconds since
the epoch. Each method raises ``LedgerDown`` when the database cannot be asked.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.counts import Past, Tally
from dialer.leads import Candidate, LeadState
from dialer.messages import Moved
from dialer.plan import AttemptPlan
from engine.store import attempts as attempt_rows
from engine.store import campaign_states, do_not_call
from engine.store.campaign_states import CampaignStanding
from engine.store.lead_candidates import look_up, numbers_of
from engine.store.lead_changes import release, suppress_leads, suppress_number
from engine.store.lead_claims import ClaimAsk, Claims, take
from engine.store.lead_tables import (
    attempts,
    lead_lists,
    leads,
    list_places,
    places,
)
from engine.store.ledger import Ledger
from engine.store.places import Places
from engine.store.tallies import past, tallies

CLAIM_SECONDS: Final = 0.02
"""So long a claim looks for leads that a filter hides; then it goes on with the next one."""


@dataclass(frozen=True, slots=True)
class Return:
    """A claimed lead that was not dialed: due again at ``due`` (None: as it was). ``suppress``: its
    number is on a do-not-call list."""

    lead: int
    due: float | None = None
    why: str = ""
    suppress: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where numbers of a list are, and how many."""

    zones: tuple[str, ...]
    region: str
    count: int


class LeadStore:
    """The leads in an open ledger. One for each engine: it remembers how far its walks came."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._places = Places()
        self._claims = Claims()

    async def claim(self, ask: ClaimAsk) -> tuple[list[Candidate], bool]:
        """The campaign's next leads, which are in its hopper now: callbacks first, then the mix of
        its lists. The flag says that there are no more at the moment.

        Raises ``FilterError`` of a filter that cannot be read.
        """
        async with self.ledger.writing() as connection:
            await self._places.refresh(connection)
            stop = monotonic() + CLAIM_SECONDS
            rows, exhausted = await self._claims.find(
                connection, ask, self._places, lambda: monotonic() < stop
            )
            return await self._candidates(connection, ask, rows), exhausted

    async def claim_lead(self, lead: int, campaign: str, run: str, now: float) -> Candidate | None:
        """This very lead, for an agent who dials it himself; None when it may not be dialed now."""
        ask = ClaimAsk(campaign, run, (), 1, now)
        async with self.ledger.writing() as connection:
            await self._places.refresh(connection)
            rows = await take(connection, ask, [lead])
            found = await self._candidates(connection, ask, rows)
        return found[0] if found else None

    async def give_back(self, returns: Sequence[Return]) -> None:
        """Leads that are claimed but not to be dialed now. Others are left as they are."""
        async with self.ledger.writing() as connection:
            for each in returns:
                held = select(leads.c.seq).where(
                    leads.c.id == each.lead, leads.c.state == LeadState.CLAIMED
                )
                seq = await connection.scalar(held.with_for_update())
                if seq is not None and each.suppress:
                    await suppress_number(connection, each.lead, seq, each.why)
                elif seq is not None:
                    await release(connection, [each.lead], each.due, each.why)

    async def sweep(self, run: str, before: float) -> None:
        """What this run claimed so long ago, and has begun no attempt of, is free again."""
        held = (leads.c.run == run, leads.c.state == LeadState.CLAIMED, leads.c.claimed < before)
        async with self.ledger.writing() as connection:
            which = (await connection.scalars(select(leads.c.id).where(*held))).all()
            await release(connection, which, None, "in nobody's hopper")

    async def begin(self, plan: AttemptPlan, now: float, run: str) -> str:
        """An attempt is about to be made: enter it, before the switch is asked. '' when it may be;
        else why not, and the lead is the store's again."""
        async with self.ledger.writing() as connection:
            return await attempt_rows.begin(connection, plan, now, run)

    async def refuse(self, attempt: str, why: str, now: float) -> None:
        """The switch did not let a begun attempt be made: nobody's phone rang."""
        async with self.ledger.writing() as connection:
            await attempt_rows.guess(connection, attempt, why, now, dialed=None)

    async def recover(self, run: str, alive: Collection[str], now: float) -> list[str]:
        """At the start of this run: the leads of dead runs are free again, and their attempts whose
        call is not ``alive`` have failed. Returns those."""
        async with self.ledger.writing() as connection:
            return await attempt_rows.recover(connection, run, alive, now)

    async def schedule_callback(
        self, lead: int, due: float, owner: str, note: str, by: str, at: float
    ) -> bool:
        """Somebody (``by``) promised a lead to call it at ``due``: by ``owner``, or '' by anybody.
        While it is in a call this waits for its end. False: no such lead, or a suppressed one."""
        promised = {"callback_due": due, "callback_owner": owner, "callback_note": note}
        why = f"callback promised by {by}"
        async with self.ledger.writing() as connection:
            asked = select(leads.c.state).where(leads.c.id == lead).with_for_update()
            state = await connection.scalar(asked)
            if state is None or state is LeadState.SUPPRESSED:
                return False
            now_due: dict[str, Any] = {"state": LeadState.CALLBACK, "due": due, "why": why}
            now_due |= {"run": None, "claimed": None}
            later = promised if state is LeadState.DIALING else promised | now_due
            await connection.execute(leads.update().where(leads.c.id == lead).values(**later))
            return True

    async def suppress(
        self,
        numbers: Iterable[str],
        source: str,
        by: str,
        at: float,
        why: str = "",
        until: float | None = None,
    ) -> int:
        """Enter E.164 numbers as never to be called, or not before ``until``; at once, in every
        list. Returns how many this source had not entered before."""
        async with self.ledger.writing() as connection:
            return await do_not_call.suppress(connection, numbers, source, by, at, why, until)

    async def unsuppress(
        self, numbers: Iterable[str], source: str, by: str, at: float, why: str = ""
    ) -> int:
        """End what a source entered; returns how many entries were in force."""
        async with self.ledger.writing() as connection:
            return await do_not_call.unsuppress(connection, numbers, source, by, at, why)

    async def trust(self, required: Mapping[str, float], now: float) -> str:
        """Which do-not-call lists cannot be trusted, '' for none: ``required`` has the greatest age
        in seconds of each."""
        async with self.ledger.reading() as connection:
            return await do_not_call.distrust(connection, required, now)

    async def places(self, lists: Iterable[str]) -> list[Place]:
        """Where the numbers of these lists are, most of them first."""
        total = func.sum(list_places.c.numbers)
        asked = (
            select(places.c.zones, places.c.region, total)
            .join_from(places, list_places, list_places.c.place == places.c.id)
            .join(lead_lists, lead_lists.c.id == list_places.c.list)
            .where(lead_lists.c.name.in_(list(lists)))
            .group_by(places.c.id, places.c.zones, places.c.region)
            .order_by(total.desc(), places.c.id)
        )
        async with self.ledger.reading() as connection:
            return [
                Place(tuple(zones.split(",")) if zones else (), region, int(count))
                for zones, region, count in await connection.execute(asked)
            ]

    async def tallies(
        self, campaign: str, since: float, without: Collection[str] = ()
    ) -> list[Tally]:
        """The quarters of an hour of a campaign since a moment; see ``engine.store.tallies``."""
        async with self.ledger.reading() as connection:
            return await tallies(connection, campaign, since, without)

    async def past(self, campaign: str, without: Collection[str] = ()) -> Past:
        """All in all, what a campaign did since it first ran."""
        async with self.ledger.reading() as connection:
            began = await campaign_states.began(connection, campaign)
            return await past(connection, campaign, began, without)

    async def shown_today(self, day_start: float) -> dict[str, int]:
        """How often each caller id was shown since then."""
        attempt = attempts.c
        asked = (
            select(attempt.caller_id, func.count())
            .where(attempt.began >= day_start, attempt.caller_id != "")
            .where(or_(attempt.dialed.is_not(None), attempt.ended.is_(None)))
            .group_by(attempt.caller_id)
        )
        async with self.ledger.reading() as connection:
            return {caller_id: times for caller_id, times in await connection.execute(asked)}

    async def states(self) -> dict[str, CampaignStanding]:
        """What each campaign was last told to do."""
        async with self.ledger.reading() as connection:
            return await campaign_states.last(connection)

    async def save_state(self, moved: Moved, at: float) -> None:
        """A campaign's state changed."""
        async with self.ledger.writing() as connection:
            await campaign_states.add(connection, moved, at)

    async def memory(self, campaign: str) -> dict[str, Any] | None:
        """What a campaign's pacing had learned when it was last saved."""
        async with self.ledger.reading() as connection:
            text = await campaign_states.memory(connection, campaign)
        return None if text is None else json.loads(text)

    async def save_memory(self, campaign: str, memory: Mapping[str, Any], at: float) -> None:
        """Keep what a campaign's pacing has learned."""
        async with self.ledger.writing() as connection:
            await campaign_states.remember(connection, campaign, json.dumps(memory), at)

    async def _candidates(
        self, connection: AsyncConnection, ask: ClaimAsk, rows: Sequence[Any]
    ) -> list[Candidate]:
        """The claimed rows, but for those that cannot be dialed: they are put where they belong."""
        numbers = await numbers_of(connection, rows, first=ask.numbers == "first")
        known = await look_up(
            connection,
            {row["number"] for row in numbers.values()},
            self._places,
            ask.campaign,
            ask.now,
        )
        found = []
        for row in rows:
            number = numbers.get(row["id"])
            if number is None:
                await suppress_leads(connection, [row["id"]], "no number of it may be used")
                continue
            bar = known.barred.get(number["number"])
            if bar is not None and bar.until is not None:
                await release(connection, [row["id"]], bar.until, f"do not call: {bar.source}")
                continue
            if number["seq"] != row["seq"]:
                await _turn_to(connection, row["id"], number["seq"], number["place"])
            found.append(known.candidate(row, number))
        return found


async def _turn_to(connection: AsyncConnection, lead: int, seq: int, place: int) -> None:
    """The number of the lead that is dialed next."""
    await connection.execute(leads.update().where(leads.c.id == lead).values(seq=seq, place=place))
