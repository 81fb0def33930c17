"""Claimed leads as the law wants to see them: with all that is known of their numbers.

A batch is looked up at once, by a handful of queries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.dispositions import Disposition
from dialer.leads import Candidate, Consent, NumberState
from engine.store.do_not_call import Barred, barred, list_names
from engine.store.lead_tables import attempts, consents, lead_lists, lead_numbers
from engine.store.places import Places

_DAY: Final = 86400.0
DIALED_SECONDS: Final = 30 * _DAY
DIALED_MOST: Final = 50
MET_SECONDS: Final = 90 * _DAY
"""So long ago, a talk or an abandoned call counts no more."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """What is known of the numbers of a batch."""

    places: Places
    lists: Mapping[int, str]
    looked_in: tuple[str, ...]
    barred: Mapping[str, Barred]
    consents: Mapping[str, Consent]
    met: Mapping[str, _Met]

    def candidate(self, lead: RowMapping, number: RowMapping) -> Candidate:
        """A lead, to be dialed at this number of it."""
        zones, region = self.places.place(number["place"])
        met = self.met.get(number["number"], _NEVER_MET)
        called_back = lead["callback_due"] is not None
        known = self.barred.get(number["number"])
        return Candidate(
            lead=lead["id"],
            list=self.lists[lead["list"]],
            number=number["number"],
            seq=number["seq"],
            zones=zones,
            region=region,
            language=lead["language"],
            owner=lead["callback_owner"] if called_back else lead["owner"],
            callback_due=lead["callback_due"],
            attempts=lead["attempts"],
            dialed=met.dialed,
            talked=met.talked,
            abandoned=met.abandoned,
            consent=self.consents.get(number["number"]),
            suppressed=known.source if known else "",
            do_not_call=self.looked_in,
            mobile=number["mobile"],
            data=lead["data"] | ({"name": lead["name"]} if lead["name"] else {}),
        )


@dataclass(frozen=True, slots=True)
class _Met:
    """What happened between us and a number."""

    dialed: tuple[float, ...] = ()
    talked: float | None = None
    abandoned: float | None = None


_NEVER_MET: Final = _Met()


async def numbers_of(
    connection: AsyncConnection, rows: Iterable[RowMapping], *, first: bool
) -> dict[int, RowMapping]:
    """By lead: the row of the number to be dialed next; of those whose numbers are all out of use,
    none. ``first``: the first that is in use, wherever the lead is in its turn."""
    turn = {row["id"]: row["seq"] for row in rows}
    asked = (
        select(lead_numbers)
        .where(lead_numbers.c.lead.in_(turn), lead_numbers.c.state == NumberState.USABLE)
        .order_by(lead_numbers.c.lead, lead_numbers.c.seq)
    )
    usable: dict[int, list[RowMapping]] = defaultdict(list)
    for number in (await connection.execute(asked)).mappings():
        usable[number["lead"]].append(number)
    return {
        lead: theirs[0] if first else min(theirs, key=lambda each: _in_turn(each, turn[lead]))
        for lead, theirs in usable.items()
    }


async def look_up(
    connection: AsyncConnection,
    numbers: Collection[str],
    places: Places,
    campaign: str,
    now: float,
) -> Numbers:
    """All that is known of these numbers; consents are those for this campaign, or for all."""
    listed = await connection.execute(select(lead_lists.c.id, lead_lists.c.name))
    return Numbers(
        places=places,
        lists={id_: name for id_, name in listed},
        looked_in=await list_names(connection),
        barred=await barred(connection, numbers, now),
        consents=await _consents(connection, numbers, campaign),
        met=await _met(connection, numbers, now),
    )


def _in_turn(number: RowMapping, turn: int) -> tuple[bool, int]:
    return number["seq"] < turn, number["seq"]


async def _consents(
    connection: AsyncConnection, numbers: Collection[str], campaign: str
) -> dict[str, Consent]:
    """By number, the latest."""
    consent = consents.c
    asked = (
        select(consent.number, consent.given, consent.until, consent.evidence, consent.scope)
        .where(consent.number.in_(numbers), consent.scope.in_(("", campaign)))
        .order_by(consent.given)
    )
    return {row[0]: Consent(*row[1:]) for row in await connection.execute(asked)}


async def _met(
    connection: AsyncConnection, numbers: Collection[str], now: float
) -> dict[str, _Met]:
    attempt = attempts.c
    asked = (
        select(
            attempt.number,
            attempt.began,
            attempt.dialed,
            attempt.ended,
            attempt.connected,
            attempt.disposition,
        )
        .where(attempt.number.in_(numbers), attempt.began > now - MET_SECONDS)
        .order_by(attempt.began.desc())
    )
    found: dict[str, list[RowMapping]] = defaultdict(list)
    for row in (await connection.execute(asked)).mappings():
        found[row["number"]].append(row)
    return {number: _meeting(rows, now) for number, rows in found.items()}


def _meeting(rows: Sequence[RowMapping], now: float) -> _Met:
    """Of the attempts to a number, newest first. One that goes on counts as dialed."""
    moments = (row["began"] if row["ended"] is None else row["dialed"] for row in rows)
    dialed = [at for at in moments if at is not None and at > now - DIALED_SECONDS]
    talks = [row["connected"] or row["ended"] for row in rows if _was_talk(row)]
    lost = [row["ended"] for row in rows if row["disposition"] is Disposition.ABANDONED]
    return _Met(tuple(dialed[:DIALED_MOST]), max(talks, default=None), max(lost, default=None))


def _was_talk(row: RowMapping) -> bool:
    return row["connected"] is not None or row["disposition"] is Disposition.SERVED
