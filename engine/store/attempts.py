"""Attempts in the ledger: begun in one transaction, ended exactly once, whatever comes first.

An attempt is a row from before the switch is asked. It begins only while its lead is in the hopper
of this run of the engine, its number is on no list of numbers not to be called, and nobody else is
calling that number. What came of it is written with the record of its call, and so is the lead's
new state; an agent's code may come before or after.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import fields
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import RowMapping, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.dispositions import Disposition
from dialer.leads import LeadState
from dialer.plan import AttemptMade, AttemptPlan
from dialer.recycling import DEFAULT_CODES, after_attempt, after_code
from engine.store import do_not_call
from engine.store.lead_changes import (
    Dialed,
    apply,
    count,
    release,
    standing,
    suppress_number,
)
from engine.store.lead_tables import attempts, leads

BUSY_SECONDS = 60.0
"""A lead whose number is being called by another one is due again after so long."""

_PLAN = TypeAdapter(AttemptPlan)
_COLUMNS = ("attempt", "campaign", "mode", "list", "lead", "seq", "number", "trunk", "caller_id")
_PLANNED = (*_COLUMNS, "callback", "decided", "proof")
_MADE = tuple(
    field.name for field in fields(AttemptMade) if field.name not in ("plan", "opted_out")
)


async def begin(connection: AsyncConnection, plan: AttemptPlan, now: float, run: str) -> str:
    """Enter an attempt that is about to be made; '' , or why it may not be.

    A lead that may not be dialed now is in no hopper afterwards. Beginning it again does nothing.
    """
    if await _row(connection, plan.attempt) is not None:
        return ""
    asked = select(leads).where(leads.c.id == plan.lead).with_for_update()
    lead = (await connection.execute(asked)).mappings().first()
    if lead is None:
        return "there is no such lead"
    if lead["state"] is not LeadState.CLAIMED or lead["run"] != run:
        return f"the lead is {lead['state']}, not in this hopper"
    if lead["campaign"] != plan.campaign:
        return f"the lead is in the hopper of {lead['campaign']}"
    refusal = await _barred(connection, plan, now) or await _busy(connection, plan, lead, now)
    if refusal:
        return refusal
    if not await _insert(connection, plan, now, run):
        return await _rest(connection, plan, now)
    await connection.execute(
        leads.update()
        .where(leads.c.id == plan.lead)
        .values(state=LeadState.DIALING, last_attempt=now)
    )
    return ""


async def close(connection: AsyncConnection, made: AttemptMade) -> None:
    """What came of an attempt, once. One that was only guessed after a crash is corrected."""
    row = await _row(connection, made.plan.attempt)
    if row is None:  # a ledger that was restored from a backup, or was away: evidence comes first
        await _insert(connection, made.plan, made.plan.decided, run="")
    elif row["ended"] is not None and not row["guessed"]:
        return
    await _end(connection, made, why="", guessed=False)
    await _settle(connection, made, row["began"] if row is not None else made.plan.decided)


async def guess(
    connection: AsyncConnection, attempt: str, why: str, now: float, dialed: float | None
) -> None:
    """An attempt whose call is gone and left no record: it failed. ``dialed``: when it may have
    rung, None for not at all."""
    row = await _row(connection, attempt)
    if row is None or row["ended"] is not None:
        return
    made = AttemptMade(_plan(row), Disposition.FAILED, ended=now, dialed=dialed)
    await _end(connection, made, why=why, guessed=True)
    await _settle(connection, made, row["began"])


async def coded(connection: AsyncConnection, call: str, code: str, at: float) -> None:
    """An agent said at ``at`` what came of a talk of this call; if it is an attempt, its lead goes
    by it. Of several codes the last counts, but one that asks never to be called always does."""
    row = await _row(connection, call)
    if row is None:
        return
    newest = row["code_at"] is None or at >= row["code_at"]
    if newest:
        theirs = attempts.c.attempt == call
        await connection.execute(attempts.update().where(theirs).values(code=code, code_at=at))
    plan = _plan(row)
    dialed = Dialed(call, plan.lead, plan.seq, row["began"])
    lead = await standing(connection, dialed)
    if lead is None:
        return
    change = after_code(lead, plan, code, at)
    if newest and change.state is not LeadState.DIALING:
        await apply(connection, dialed, change, promise=change.due)
    if effect_of(plan, code) == "suppress":
        await _suppress(connection, plan, "agent", "", at, change.why)


async def made(connection: AsyncConnection, attempt: str) -> AttemptMade | None:
    """What came of an attempt, None if that is no attempt or it goes on. Its plan has no data."""
    row = await _row(connection, attempt)
    if row is None or row["ended"] is None:
        return None
    own = {name: row[name] for name in _MADE} | {"spoken": tuple(row["spoken"])}
    return AttemptMade(_plan(row), opted_out=row["opted_out"], **own)


async def recover(
    connection: AsyncConnection, run: str, alive: Collection[str], now: float
) -> list[str]:
    """After a restart: what other runs left open and is not ``alive`` has failed, and what their
    hoppers had is free. Returns the attempts that are given up."""
    asked = select(attempts.c.attempt, attempts.c.began).where(
        attempts.c.ended.is_(None), attempts.c.run != run
    )
    lost = [(a, began) for a, began in await connection.execute(asked) if a not in alive]
    for attempt, began in lost:
        await guess(connection, attempt, "the engine died", now, dialed=began)
    open_ = select(attempts.c.lead).where(attempts.c.ended.is_(None))
    left = await connection.scalars(
        select(leads.c.id).where(leads.c.run != run, leads.c.id.not_in(open_))
    )
    which = left.all()
    await connection.execute(
        leads.update()
        .where(leads.c.id.in_(which), leads.c.state == LeadState.DIALING)
        .values(state=LeadState.CLAIMED)
    )
    await release(connection, which, None, "its engine died")
    return [attempt for attempt, _ in lost]


async def _barred(connection: AsyncConnection, plan: AttemptPlan, now: float) -> str:
    found = (await do_not_call.barred(connection, [plan.number], now)).get(plan.number)
    if found is None:
        return ""
    why = f"do not call: {found.source}"
    if found.until is None:
        await suppress_number(connection, plan.lead, plan.seq, why)
    else:
        await release(connection, [plan.lead], found.until, why)
    return why


async def _busy(
    connection: AsyncConnection, plan: AttemptPlan, lead: RowMapping, now: float
) -> str:
    """Whether the number is in another call, or was since this lead was looked at; or the lead is
    at another of its numbers, having been suppressed and let in again meanwhile."""
    attempt = attempts.c
    this = attempt.number == plan.number
    going_on = select(attempt.attempt).where(
        or_(this, attempt.lead == plan.lead), attempt.ended.is_(None)
    )
    lately = select(attempt.attempt).where(this, attempt.began >= lead["claimed"])
    if not await connection.scalar(select(or_(going_on.exists(), lately.exists()))):
        return ""
    return await _rest(connection, plan, now)


async def _rest(connection: AsyncConnection, plan: AttemptPlan, now: float) -> str:
    why = "its number is being called, or just was"
    await release(connection, [plan.lead], now + BUSY_SECONDS, why)
    return why


async def _insert(connection: AsyncConnection, plan: AttemptPlan, now: float, run: str) -> bool:
    """False when an attempt to this number was begun by another engine at the same moment."""
    dumped = _PLAN.dump_python(plan, mode="json", exclude={"data"})
    row: dict[str, Any] = {name: getattr(plan, name) for name in _PLANNED}
    row |= {"run": run, "began": now, "agent": "", "cause": 0, "tech_cause": 0, "verdict": ""}
    row |= {"spoken": [], "opted_out": False, "guessed": False, "why": "", "code": ""}
    row |= {"proof": dumped["proof"]}
    row |= {"terms": {name: dumped[name] for name in dumped if name not in _PLANNED}}
    insert = (postgresql.Insert if connection.dialect.name == "postgresql" else sqlite.Insert)(
        attempts
    )
    done = await connection.execute(
        insert.values(row).on_conflict_do_nothing().returning(attempts.c.attempt)
    )
    return done.first() is not None


async def _end(connection: AsyncConnection, made: AttemptMade, why: str, *, guessed: bool) -> None:
    values = {name: getattr(made, name) for name in _MADE} | {"spoken": list(made.spoken)}
    await connection.execute(
        attempts.update()
        .where(attempts.c.attempt == made.plan.attempt)
        .values(**values, opted_out=made.opted_out, why=why, guessed=guessed)
    )


async def _settle(connection: AsyncConnection, made: AttemptMade, began: float) -> None:
    """The lead after an attempt."""
    plan = made.plan
    dialed = Dialed(plan.attempt, plan.lead, plan.seq, began)
    lead = await standing(connection, dialed)
    if lead is None:
        return
    change = after_attempt(lead, made)
    promise = change.due if lead.code else lead.callback_due
    await apply(connection, dialed, change, promise)
    if change.counts:
        await count(connection, dialed)
    if change.suppress or made.opted_out:
        source = "opt_out" if made.opted_out else "agent"
        await _suppress(connection, plan, source, made.agent, made.ended, change.why)


def effect_of(plan: AttemptPlan, code: str) -> str:
    """What a code does to the lead: the word of the campaign, or the usual one."""
    return plan.codes.get(code) or DEFAULT_CODES.get(code, "done")


async def _suppress(
    connection: AsyncConnection, plan: AttemptPlan, source: str, by: str, at: float, why: str
) -> None:
    await do_not_call.suppress(connection, [plan.number], source, by, at, why, until=None)


async def _row(connection: AsyncConnection, attempt: str) -> RowMapping | None:
    asked = select(attempts).where(attempts.c.attempt == attempt).with_for_update()
    return (await connection.execute(asked)).mappings().first()


def _plan(row: RowMapping) -> AttemptPlan:
    """The plan of an attempt, without the lead's data."""
    return _PLAN.validate_json(json.dumps({name: row[name] for name in _PLANNED} | row["terms"]))
