"""Who is never to be called: single entries, and whole lists as registers publish them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.leads import LeadState, NumberState
from engine.store.lead_changes import suppress_leads
from engine.store.lead_tables import (
    do_not_call,
    do_not_call_lists,
    lead_numbers,
    leads,
    listed_numbers,
)

OWN = "own"
"""What the single entries are called, among the lists that a number is looked up in."""

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Barred:
    """A number is not to be called: by which source, and until when if not for ever."""

    source: str
    until: float | None


async def barred(
    connection: AsyncConnection, numbers: Collection[str], now: float
) -> dict[str, Barred]:
    """Those of the numbers that may not be called now; what holds longest comes first."""
    found: dict[str, Barred] = {}
    for number, source, until in await connection.execute(_single(numbers, now)):
        known = found.get(number)
        if known is None or (known.until is not None and (until or now) > known.until):
            found[number] = Barred(source, until)
        if until is None:
            found[number] = Barred(source, None)
    for digits, name in await connection.execute(_listed(numbers)):
        found[f"+{digits}"] = Barred(name, None)
    return found


async def list_names(connection: AsyncConnection) -> tuple[str, ...]:
    """What a number is looked up in: the single entries, and each list that is loaded."""
    listed = do_not_call_lists.c
    names = await connection.scalars(
        select(listed.name).where(listed.load.is_not(None)).order_by(listed.name)
    )
    return OWN, *names


async def suppress(
    connection: AsyncConnection,
    numbers: Iterable[str],
    source: str,
    by: str,
    at: float,
    why: str,
    until: float | None,
) -> int:
    """Enter the numbers, and take them out of every list of leads at once; returns how many were
    not entered by this source before. With ``until`` only the calls before are barred."""
    new = 0
    for some in _batches(sorted(set(numbers))):
        known = await connection.scalars(_entered(some, source, at))
        new += len(set(some) - set(known))
        rows = [
            {"number": n, "source": source, "added": at, "until": until, "by": by, "why": why}
            for n in some
        ]
        await connection.execute(_enter(connection.dialect.name), rows)
        if until is None:
            await _take_out(connection, some, f"do not call: {source}")
    return new


async def unsuppress(
    connection: AsyncConnection, numbers: Iterable[str], source: str, by: str, at: float, why: str
) -> int:
    """End the entries of these numbers by this source, which stay in the books; returns how many
    were in force. Leads that nothing else bars may be dialed again."""
    ended = 0
    entry = do_not_call.c
    for some in _batches(sorted(set(numbers))):
        known = (await connection.scalars(_entered(some, source, at))).all()
        await connection.execute(
            do_not_call.update()
            .where(entry.number.in_(known), entry.source == source)
            .values(until=at, by=by, why=why)
        )
        ended += len(known)
        still = await barred(connection, known, at)
        await _let_in(connection, [n for n in known if n not in still])
    return ended


async def distrust(connection: AsyncConnection, required: Mapping[str, float], now: float) -> str:
    """Which of the lists that have to be there is not, or is older than the seconds it may be; ''
    when all are."""
    listed = do_not_call_lists.c
    rows = await connection.execute(
        select(listed.name, listed.loaded).where(listed.loaded.is_not(None))
    )
    loaded = {name: at for name, at in rows}
    problems = []
    for name, most in sorted(required.items()):
        if name not in loaded:
            problems.append(f"the do-not-call list {name!r} was never loaded")
        elif now - loaded[name] > most:
            days = (now - loaded[name]) / 86400
            problems.append(
                f"the do-not-call list {name!r} is {days:.1f} days old, {most / 86400:g} may it be"
            )
    return "; ".join(problems)


async def _take_out(connection: AsyncConnection, numbers: Sequence[str], why: str) -> None:
    await connection.execute(
        lead_numbers.update()
        .where(lead_numbers.c.number.in_(numbers))
        .values(state=NumberState.SUPPRESSED)
    )
    theirs = select(lead_numbers.c.lead).where(lead_numbers.c.number.in_(numbers))
    await suppress_leads(connection, theirs, why)


async def _let_in(connection: AsyncConnection, numbers: Sequence[str]) -> None:
    number = lead_numbers.c
    await connection.execute(
        lead_numbers.update()
        .where(number.number.in_(numbers), number.state == NumberState.SUPPRESSED)
        .values(state=NumberState.USABLE)
    )
    theirs = select(number.lead).where(number.number.in_(numbers))
    other = lead_numbers.alias("other")
    barred_still = select(other.c.lead).where(
        other.c.lead == leads.c.id, other.c.state == NumberState.SUPPRESSED
    )
    await connection.execute(
        leads.update()
        .where(leads.c.id.in_(theirs), leads.c.state == LeadState.SUPPRESSED)
        .where(~barred_still.exists())
        .values(state=LeadState.READY, due=None, why="may be called again")
    )


def _single(numbers: Collection[str], now: float) -> Select[Any]:
    entry = do_not_call.c
    return select(entry.number, entry.source, entry.until).where(
        entry.number.in_(numbers), or_(entry.until.is_(None), entry.until > now)
    )


def _listed(numbers: Collection[str]) -> Select[Any]:
    listed, names = listed_numbers.c, do_not_call_lists.c
    return (
        select(listed.number, names.name)
        .join_from(listed_numbers, do_not_call_lists, listed.load == names.load)
        .where(listed.number.in_([int(number[1:]) for number in numbers]))
        .order_by(names.name.desc())
    )


def _entered(numbers: Sequence[str], source: str, now: float) -> Select[str]:
    entry = do_not_call.c
    in_force = or_(entry.until.is_(None), entry.until > now)
    return select(entry.number).where(
        and_(entry.number.in_(numbers), entry.source == source, in_force)
    )


def _enter(dialect: str) -> postgresql.Insert | sqlite.Insert:
    insert = (postgresql.Insert if dialect == "postgresql" else sqlite.Insert)(do_not_call)
    new = insert.excluded
    return insert.on_conflict_do_update(
        index_elements=do_not_call.primary_key.columns,
        set_={"added": new.added, "until": new.until, "by": new.by, "why": new.why},
    )


def _batches(numbers: Sequence[str]) -> Iterable[Sequence[str]]:
    return (numbers[at : at + _BATCH] for at in range(0, len(numbers), _BATCH))
