"""What agents did for their contacts, from the stretches of their stays in calls.

A contact counts, with all the time that it took him, when its agent first came to it: so a talk
over midnight is whole, and on one day. Each stretch is that of the agent who had it: after a
transfer the first has his part and the second his. He has *handled* every contact that he was with,
alone or with others; one that he was only consulted about is no contact of his.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, distinct, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.call_record import SegmentKind
from engine.store.columns import microseconds_of
from engine.store.tables import party_stretches, transfers, wrap_ups

HANDLED: Final = (SegmentKind.TALK, SegmentKind.HOLD, SegmentKind.CONFERENCE)
"""What an agent may do for a contact while it is on the line with him."""
AGENT: Final = "agent"
"""``party`` of his stretches, ``target`` of a transfer to him."""


@dataclass(frozen=True, slots=True)
class Handling:
    """The ``contacts`` that an agent handled, and the time that they took him.

    ``aht_seconds`` is talk, hold, conference and wrap-up for each of them (None without one);
    consultations are apart, his own as well as those that others asked of him. ``transfers_out``
    counts whom he gave on, as ``blind_to_queue`` or ``attended_to_agent``; ``transfers_in`` whom he
    was given and then had, by ``blind``, ``attended`` and ``warm``.
    """

    contacts: int = 0
    talk_seconds: float = 0.0
    hold_seconds: float = 0.0
    conference_seconds: float = 0.0
    consult_seconds: float = 0.0
    wrap_up_seconds: float = 0.0
    aht_seconds: float | None = None
    transfers_out: Mapping[str, int] = field(default_factory=dict)
    transfers_in: Mapping[str, int] = field(default_factory=dict)


async def handling_by_agent(
    connection: AsyncConnection, since: float, until: float
) -> dict[str, Handling]:
    """That of each agent who came to a contact between the two moments, or gave one on then."""
    spent: dict[str, dict[str, int]] = defaultdict(dict)
    for agent, kind, microseconds in await connection.execute(_time(since, until)):
        spent[agent][kind] = int(microseconds)
    wrapped = {
        agent: int(spent) for agent, spent in await connection.execute(_wrap_ups(since, until))
    }
    contacts = {
        agent: int(many) for agent, many in await connection.execute(_contacts(since, until))
    }
    given = await _counts(connection, _given(since, until))
    had = await _counts(connection, _had(since, until))
    return {
        agent: _handling(
            contacts.get(agent, 0), spent[agent], wrapped.get(agent, 0), given[agent], had[agent]
        )
        for agent in sorted({*spent, *given})
    }


def _handling(
    contacts: int,
    spent: Mapping[str, int],
    wrapped: int,
    given: Mapping[str, int],
    had: Mapping[str, int],
) -> Handling:
    work = sum(spent.get(kind, 0) for kind in HANDLED) + wrapped
    return Handling(
        contacts,
        talk_seconds=spent.get(SegmentKind.TALK, 0) / 1_000_000,
        hold_seconds=spent.get(SegmentKind.HOLD, 0) / 1_000_000,
        conference_seconds=spent.get(SegmentKind.CONFERENCE, 0) / 1_000_000,
        consult_seconds=spent.get(SegmentKind.CONSULT, 0) / 1_000_000,
        wrap_up_seconds=wrapped / 1_000_000,
        aht_seconds=work / 1_000_000 / contacts if contacts else None,
        transfers_out=given,
        transfers_in=had,
    )


async def _counts(connection: AsyncConnection, query: Select[Any]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for agent, *words, many in await connection.execute(query):
        counts[agent]["_to_".join(words)] = int(many)
    return counts


# -- the stays of agents that began in the time asked for -----------------------------------------


def _stays(since: float, until: float) -> Any:
    """``call`` and ``agent``."""
    stretch, earlier = party_stretches.c, party_stretches.alias("earlier").c
    was_there = exists().where(
        earlier.call == stretch.call,
        earlier.name == stretch.name,
        earlier.party == AGENT,
        earlier.started < since,
    )
    began = and_(stretch.started >= since, stretch.started < until, ~was_there)
    stays = select(stretch.call, stretch.name.label("agent")).where(stretch.party == AGENT, began)
    return stays.distinct().subquery("stays")


def _time(since: float, until: float) -> Select[Any]:
    """Agent, kind, microseconds."""
    return _of_stays(since, until, party_stretches.c.kind, _total(party_stretches.c)).group_by(
        party_stretches.c.name, party_stretches.c.kind
    )


def _contacts(since: float, until: float) -> Select[Any]:
    """Agent, how many."""
    calls = func.count(distinct(party_stretches.c.call))
    handled = _of_stays(since, until, calls).where(party_stretches.c.kind.in_(HANDLED))
    return handled.group_by(party_stretches.c.name)


def _of_stays(since: float, until: float, *columns: ColumnElement[Any]) -> Select[Any]:
    stays, stretch = _stays(since, until), party_stretches.c
    his = and_(
        stretch.call == stays.c.call,
        stretch.name == stays.c.agent,
        stretch.party == AGENT,
    )
    return select(stretch.name, *columns).join_from(stays, party_stretches, his)


def _wrap_ups(since: float, until: float) -> Select[Any]:
    """Agent, microseconds."""
    stays, after = _stays(since, until), wrap_ups.c
    his = and_(after.call == stays.c.call, after.agent == stays.c.agent)
    return select(after.agent, _total(after)).join_from(stays, wrap_ups, his).group_by(after.agent)


def _total(part: Any) -> ColumnElement[int]:
    return func.sum(microseconds_of(part.ended) - microseconds_of(part.started))


# -- whom they gave on, and were given -------------------------------------------------------------


def _given(since: float, until: float) -> Select[Any]:
    """Agent, how, to what, how many."""
    made = transfers.c
    return (
        select(made.agent, made.how, made.target, func.count())
        .where(made.at >= since, made.at < until)
        .group_by(made.agent, made.how, made.target)
    )


def _had(since: float, until: float) -> Select[Any]:
    """Agent, how, how many: those after which he was with the caller."""
    made, stretch = transfers.c, party_stretches.c
    was_with_him = exists().where(
        stretch.call == made.call,
        stretch.name == made.name,
        stretch.party == AGENT,
        stretch.kind.in_(HANDLED),
        stretch.ended > made.at,
    )
    return (
        select(made.name, made.how, func.count())
        .where(made.at >= since, made.at < until, made.target == AGENT, was_with_him)
        .group_by(made.name, made.how)
    )
