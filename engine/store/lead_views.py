"""Leads as people look at them: their lists, one of them with what was tried, and small changes.

Times are seconds since the epoch, None for what has not happened.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.dispositions import Disposition
from dialer.leads import LeadState, NumberState
from engine.store.lead_tables import (
    NEVER,
    attempts,
    consents,
    do_not_call,
    do_not_call_lists,
    lead_lists,
    lead_numbers,
    leads,
    places,
)

MOST_FOUND = 100
BATCH = 500


@dataclass(frozen=True, slots=True)
class ListLine:
    """A list of leads: how many are in which state, and how many were tried at all."""

    name: str
    created: float
    imported: float | None
    leads: int
    tried: int
    states: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class NumberView:
    """One number of a lead."""

    number: str
    state: NumberState
    attempts: int
    mobile: bool
    zones: str
    region: str


@dataclass(frozen=True, slots=True)
class LeadView:
    """A lead. ``key`` is its importer's id; ``next`` the number that is dialed next, from 0."""

    lead: int
    list: str
    key: str
    name: str
    state: LeadState
    due: float | None
    why: str
    priority: int
    owner: str
    language: str
    attempts: int
    last_attempt: float | None
    code: str
    campaign: str
    callback_due: float | None
    callback_owner: str
    callback_note: str
    added: float
    data: Mapping[str, Any]
    next: int
    numbers: tuple[NumberView, ...]


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One attempt: the evidence of what was done, and why it was allowed."""

    attempt: str
    campaign: str
    mode: str
    number: str
    trunk: str
    caller_id: str
    callback: bool
    decided: float
    dialed: float | None
    rang: float | None
    answered: float | None
    person: float | None
    connected: float | None
    ended: float | None
    disposition: Disposition | None
    agent: str
    cause: int
    tech_cause: int
    verdict: str
    spoken: Any
    opted_out: bool
    why: str
    code: str
    proof: Any


@dataclass(frozen=True, slots=True)
class Entry:
    """A number that is not called: entered by ``source``, not before ``until`` if that is given."""

    number: str
    source: str
    added: float
    until: float | None
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """A whole list of numbers that are not called: when it was last loaded, and how many."""

    name: str
    loaded: float
    numbers: int


async def lists(connection: AsyncConnection) -> list[ListLine]:
    """Every list, by name."""
    counted: dict[int, dict[str, int]] = defaultdict(dict)
    tried: dict[int, int] = defaultdict(int)
    lead = leads.c
    by_state = select(
        lead.list, lead.state, func.count(), func.count().filter(lead.attempts > 0)
    ).group_by(lead.list, lead.state)
    for list_, state, count, with_attempts in await connection.execute(by_state):
        counted[list_][state.value] = count
        tried[list_] += with_attempts
    rows = await connection.execute(select(lead_lists).order_by(lead_lists.c.name))
    return [
        ListLine(
            row["name"],
            row["created"],
            row["imported"],
            sum(counted[row["id"]].values()),
            tried[row["id"]],
            counted[row["id"]],
        )
        for row in rows.mappings()
    ]


async def lead(connection: AsyncConnection, which: int) -> LeadView | None:
    """One lead; None if there is none."""
    found = await _leads(connection, [which])
    return found[0] if found else None


async def with_number(connection: AsyncConnection, number: str) -> list[LeadView]:
    """The leads that have this number (E.164), in every list; at most ``MOST_FOUND``."""
    asked = select(lead_numbers.c.lead).where(lead_numbers.c.number == number).limit(MOST_FOUND)
    return await _leads(connection, list(await connection.scalars(asked)))


async def of_list(connection: AsyncConnection, name: str, after: int) -> list[LeadView]:
    """The leads of a list behind the id ``after``, in the order of their ids; ``BATCH`` at most."""
    asked = (
        select(leads.c.id)
        .join_from(leads, lead_lists, leads.c.list == lead_lists.c.id)
        .where(lead_lists.c.name == name, leads.c.id > after)
        .order_by(leads.c.id)
        .limit(BATCH)
    )
    return await _leads(connection, list(await connection.scalars(asked)))


async def outcomes(connection: AsyncConnection, name: str) -> list[tuple[str, str, int]]:
    """How many leads of a list are in which state, and why; the most frequent first."""
    count = func.count()
    asked = (
        select(leads.c.state, leads.c.why, count)
        .join_from(leads, lead_lists, leads.c.list == lead_lists.c.id)
        .where(lead_lists.c.name == name)
        .group_by(leads.c.state, leads.c.why)
        .order_by(count.desc(), leads.c.state, leads.c.why)
        .limit(MOST_FOUND)
    )
    return [(state.value, why, n) for state, why, n in await connection.execute(asked)]


async def attempts_of(connection: AsyncConnection, which: int, most: int) -> list[AttemptView]:
    """The last attempts of a lead, the newest first."""
    names = list(AttemptView.__dataclass_fields__)
    asked = (
        select(*(attempts.c[name] for name in names))
        .where(attempts.c.lead == which)
        .order_by(attempts.c.began.desc(), attempts.c.attempt.desc())
        .limit(most)
    )
    return [AttemptView(**row) for row in (await connection.execute(asked)).mappings()]


async def change(connection: AsyncConnection, which: int, values: Mapping[str, Any]) -> str:
    """Change a lead as a person says: ``state`` (ready or done) with ``why``, ``priority``,
    ``owner``, ``language``, ``data`` (merged; None takes a value out). Returns '' or why not."""
    asked = select(leads.c.state, leads.c.data).where(leads.c.id == which).with_for_update()
    row = (await connection.execute(asked)).mappings().first()
    if row is None:
        return "there is no such lead"
    if "state" in values and row["state"] in (LeadState.DIALING, LeadState.SUPPRESSED):
        return f"it is {row['state']}"
    own = {name: values[name] for name in ("owner", "language") if name in values}
    if "priority" in values:
        own["rank"] = -values["priority"]
    if "data" in values:
        own["data"] = {k: v for k, v in {**row["data"], **values["data"]}.items() if v is not None}
    if "state" in values:
        own |= {"state": values["state"], "why": values["why"], "due": None, "run": None}
        own |= {"claimed": None, "callback_due": None, "callback_owner": "", "callback_note": ""}
    if own:
        await connection.execute(leads.update().where(leads.c.id == which).values(**own))
    return ""


async def entries(connection: AsyncConnection, number: str, now: float) -> list[Entry]:
    """Why a number is not called: single entries in force."""
    entry = do_not_call.c
    in_force = entry.until.is_(None) | (entry.until > now)
    asked = select(do_not_call).where(entry.number == number, in_force).order_by(entry.source)
    return [Entry(**row) for row in (await connection.execute(asked)).mappings()]


async def sources(connection: AsyncConnection, now: float) -> dict[str, int]:
    """How many single entries are in force, by their source."""
    entry = do_not_call.c
    asked = (
        select(entry.source, func.count())
        .where(entry.until.is_(None) | (entry.until > now))
        .group_by(entry.source)
        .order_by(entry.source)
    )
    return {source: count for source, count in await connection.execute(asked)}


async def loaded(connection: AsyncConnection) -> list[Loaded]:
    """The whole lists, by name."""
    of = do_not_call_lists.c
    in_force = of.load.is_not(None)
    asked = select(of.name, of.loaded, of.numbers).where(in_force).order_by(of.name)
    return [Loaded(*row) for row in await connection.execute(asked)]


async def consents_of(connection: AsyncConnection, number: str) -> list[Mapping[str, Any]]:
    """What the owner of a number agreed to."""
    asked = select(consents).where(consents.c.number == number).order_by(consents.c.given)
    return [dict(row) for row in (await connection.execute(asked)).mappings()]


async def _leads(connection: AsyncConnection, which: list[int]) -> list[LeadView]:
    asked = (
        select(leads, lead_lists.c.name.label("list_name"))
        .join_from(leads, lead_lists, leads.c.list == lead_lists.c.id)
        .where(leads.c.id.in_(which))
        .order_by(leads.c.id)
    )
    rows = (await connection.execute(asked)).mappings().all()
    numbers = await _numbers(connection, which)
    return [_view(row, tuple(numbers[row["id"]])) for row in rows]


async def _numbers(connection: AsyncConnection, which: list[int]) -> dict[int, list[NumberView]]:
    number = lead_numbers.c
    asked = (
        select(lead_numbers, places.c.zones, places.c.region)
        .outerjoin_from(lead_numbers, places, number.place == places.c.id)
        .where(number.lead.in_(which))
        .order_by(number.lead, number.seq)
    )
    found: dict[int, list[NumberView]] = defaultdict(list)
    for row in (await connection.execute(asked)).mappings():
        own = {name: row[name] for name in ("number", "state", "attempts", "mobile")}
        found[row["lead"]].append(
            NumberView(**own, zones=row["zones"] or "", region=row["region"] or "")
        )
    return found


_AS_THEY_ARE = (
    *("key", "name", "state", "due", "why", "owner", "language", "attempts", "code", "campaign"),
    *("callback_due", "callback_owner", "callback_note", "added", "data"),
)


def _view(row: RowMapping, numbers: tuple[NumberView, ...]) -> LeadView:
    return LeadView(
        lead=row["id"],
        list=row["list_name"],
        priority=-row["rank"],
        last_attempt=None if row["last_attempt"] == NEVER else row["last_attempt"],
        next=row["seq"],
        numbers=numbers,
        **{name: row[name] for name in _AS_THEY_ARE},
    )
