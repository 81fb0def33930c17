"""What becomes of a lead: read as the dialer's rules want it, and written as they say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.leads import LeadChange, LeadStanding, LeadState, NumberStanding, NumberState
from engine.store.lead_tables import attempts, lead_numbers, leads

_FREE: dict[str, Any] = {"run": None, "claimed": None}
"""In nobody's hopper and in no call."""


@dataclass(frozen=True, slots=True)
class Dialed:
    """Which number of which lead an attempt was made to, and since when."""

    attempt: str
    lead: int
    seq: int
    began: float


async def standing(connection: AsyncConnection, dialed: Dialed) -> LeadStanding | None:
    """The lead as it is beside this attempt, which is not counted; None if there is no such lead.

    It stays so until the end of this transaction. A code that was given while the attempt went on,
    also one for an earlier call of the lead, is the lead's.
    """
    asked = select(leads).where(leads.c.id == dialed.lead).with_for_update()
    row = (await connection.execute(asked)).mappings().first()
    if row is None:
        return None
    return LeadStanding(
        state=row["state"],
        attempts=row["attempts"],
        numbers=await _numbers(connection, dialed.lead),
        ended=await _ended(connection, dialed),
        code=await connection.scalar(_code(dialed)) or "",
        callback_due=row["callback_due"],
    )


async def apply(
    connection: AsyncConnection, dialed: Dialed, change: LeadChange, promise: float | None
) -> None:
    """Write what came of an attempt, or of its agent's code. ``promise`` is when he was promised to
    be called, if he is.

    A lead that was suppressed meanwhile stays so, and one that is in another call is that call's.
    """
    number = lead_numbers.c
    await connection.execute(
        lead_numbers.update()
        .where(number.lead == dialed.lead, number.seq == dialed.seq)
        .where(number.state != NumberState.SUPPRESSED)
        .values(state=change.number)
    )
    other = select(attempts.c.attempt).where(
        attempts.c.lead == dialed.lead,
        attempts.c.ended.is_(None),
        attempts.c.attempt != dialed.attempt,
    )
    values = _changed(change, promise) | await _next(connection, dialed, change) | _FREE
    await connection.execute(
        leads.update()
        .where(leads.c.id == dialed.lead, leads.c.state != LeadState.SUPPRESSED, ~other.exists())
        .values(**values)
    )


async def count(connection: AsyncConnection, dialed: Dialed) -> None:
    """This attempt counts: for the lead, and for the number."""
    number = lead_numbers.c
    await connection.execute(
        leads.update().where(leads.c.id == dialed.lead).values(attempts=leads.c.attempts + 1)
    )
    await connection.execute(
        lead_numbers.update()
        .where(number.lead == dialed.lead, number.seq == dialed.seq)
        .values(attempts=number.attempts + 1)
    )


async def release(
    connection: AsyncConnection, which: Sequence[int], due: float | None, why: str
) -> None:
    """Back from a hopper: due at ``due``, None for as they were."""
    promise = leads.c.callback_due
    held = (leads.c.id.in_(which), leads.c.state == LeadState.CLAIMED)
    back = leads.update().values(why=why, **_FREE)
    await connection.execute(
        back.where(*held, promise.is_(None)).values(state=LeadState.READY, due=due)
    )
    await connection.execute(
        back.where(*held, promise.is_not(None)).values(
            state=LeadState.CALLBACK, due=promise if due is None else due
        )
    )


async def suppress_number(connection: AsyncConnection, lead: int, seq: int, why: str) -> None:
    """One number of a claimed lead is on a list of numbers not to be called: the next one of it is
    dialed, or nobody is."""
    number = lead_numbers.c
    await connection.execute(
        lead_numbers.update()
        .where(number.lead == lead, number.seq == seq)
        .values(state=NumberState.SUPPRESSED)
    )
    asked = (
        select(number.seq, number.place)
        .where(number.lead == lead, number.state == NumberState.USABLE)
        .order_by(number.seq < seq, number.seq)
    )
    following = (await connection.execute(asked)).first()
    if following is None:
        await suppress_leads(connection, [lead], why)
        return
    next_seq, place = following
    await connection.execute(
        leads.update().where(leads.c.id == lead).values(seq=next_seq, place=place)
    )
    await release(connection, [lead], None, why)


async def suppress_leads(
    connection: AsyncConnection, which: Sequence[int] | Select[int], why: str
) -> None:
    """Nobody calls these leads any more. One that is done stays done."""
    await connection.execute(
        leads.update()
        .where(leads.c.id.in_(which), leads.c.state != LeadState.DONE)
        .values(state=LeadState.SUPPRESSED, due=None, why=why, **_FREE)
    )


def _changed(change: LeadChange, promise: float | None) -> dict[str, Any]:
    values: dict[str, Any] = {"state": change.state, "due": change.due, "why": change.why}
    if change.state is LeadState.CALLBACK:
        return values | {"callback_due": promise}
    return values | {"callback_due": None, "callback_owner": "", "callback_note": ""}


async def _next(connection: AsyncConnection, dialed: Dialed, change: LeadChange) -> dict[str, Any]:
    number = lead_numbers.c
    asked = select(number.place).where(number.lead == dialed.lead, number.seq == change.next_seq)
    place = await connection.scalar(asked)
    return {} if place is None else {"seq": change.next_seq, "place": place}


async def _numbers(connection: AsyncConnection, lead: int) -> tuple[NumberStanding, ...]:
    number = lead_numbers.c
    asked = (
        select(number.seq, number.state, number.attempts)
        .where(number.lead == lead)
        .order_by(number.seq)
    )
    return tuple(NumberStanding(*row) for row in await connection.execute(asked))


async def _ended(connection: AsyncConnection, dialed: Dialed) -> dict[str, int]:
    attempt = attempts.c
    asked = (
        select(attempt.disposition, func.count())
        .where(attempt.lead == dialed.lead, attempt.attempt != dialed.attempt)
        .where(attempt.disposition.is_not(None))
        .group_by(attempt.disposition)
    )
    return {word.value: times for word, times in await connection.execute(asked)}


def _code(dialed: Dialed) -> Select[str]:
    attempt = attempts.c
    own = attempt.attempt == dialed.attempt
    meanwhile = attempt.code_at > dialed.began
    return (
        select(attempt.code)
        .where(attempt.lead == dialed.lead, and_(attempt.code != "", or_(own, meanwhile)))
        .order_by(attempt.code_at.desc())
        .limit(1)
    )
