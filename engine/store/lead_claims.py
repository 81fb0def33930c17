"""The next leads of a campaign: callbacks that are due, then its lists by their shares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.filters import parse_filter
from dialer.leads import LeadState
from engine.store.lead_tables import lead_lists, leads
from engine.store.lead_walk import LITERALLY_READY, Walk, Wanted
from engine.store.places import Places

ROUSED_AT_ONCE: Final = 500
"""So many leads at most come out of their waiting time with one claim."""

_SHOWN: Final = (
    *("id", "list", "seq", "name", "language", "owner", "attempts", "data"),
    *("callback_due", "callback_owner"),
)
"""What a candidate is made of."""


@dataclass(frozen=True, slots=True)
class ClaimAsk:
    """What a campaign's hopper wants.

    ``lists`` have their shares of the mix. ``open_places`` are the (zones, region) where it may
    call now, None for everywhere. ``owners`` are the agents who are there: a callback of one who is
    not is left to the others once it is ``patience_seconds`` late. ``numbers`` is as in the
    campaign. Raises ``FilterError`` of a ``filter`` that cannot be read.
    """

    campaign: str
    run: str
    lists: tuple[tuple[str, float], ...]
    want: int
    now: float
    open_places: frozenset[tuple[tuple[str, ...], str]] | None = None
    filter: str = ""
    order: str = "priority"
    numbers: str = "in_turn"
    owners: frozenset[str] = frozenset()
    patience_seconds: float = 900.0


@dataclass(frozen=True, slots=True)
class _List:
    """A list of the campaign, as the tables have it."""

    id: int
    share: float
    best_times: bool


class Claims:
    """What is remembered of claims: how far each walk came, and the shares still owed."""

    def __init__(self) -> None:
        self._walks: dict[tuple[str, int], Walk] = {}
        self._owed: dict[tuple[str, int], float] = defaultdict(float)

    async def find(
        self,
        connection: AsyncConnection,
        ask: ClaimAsk,
        places: Places,
        goes_on: Callable[[], bool],
    ) -> tuple[list[RowMapping], bool]:
        """The rows of those to be dialed next, in their order, which are in the campaign's hopper
        now; and whether these are all there are at the moment. ``goes_on`` says whether there is
        time to look further."""
        lists = await _lists(connection, ask)
        if not lists or ask.want <= 0:
            return [], not lists
        open_ = None if ask.open_places is None else places.ids(ask.open_places)
        await _rouse(connection, lists, ask.now)
        found = await take(connection, ask, await _callbacks(connection, ask, lists, open_))
        wanted = Wanted(ask.order, parse_filter(ask.filter), open_)
        walks = {each.id: self._walk(ask, each, wanted, places) for each in lists}
        active = list(lists)
        while active and len(found) < ask.want:
            quotas = self._quotas(ask.campaign, active, ask.want - len(found))
            for each in [each for each in active if quotas[each.id]]:
                some = await walks[each.id].find(connection, each.id, quotas[each.id], goes_on)
                found += await take(connection, ask, some)
                if len(some) < quotas[each.id]:
                    active.remove(each)
                    self._owed.pop((ask.campaign, each.id), None)
        return found, len(found) < ask.want and all(walk.ended for walk in walks.values())

    def _walk(self, ask: ClaimAsk, which: _List, wanted: Wanted, places: Places) -> Walk:
        """The walk in this list; a new one when it looks for others than before."""
        key = ask.campaign, which.id
        if which.best_times:
            wanted = replace(wanted, minutes=_minutes(places.zones(), ask.now))
        known = self._walks.get(key)
        if known is None or replace(known.wanted, minutes=()) != replace(wanted, minutes=()):
            known = self._walks[key] = Walk(wanted)
        known.wanted = wanted
        return known

    def _quotas(self, campaign: str, lists: Sequence[_List], want: int) -> dict[int, int]:
        """How many of each list come next. What a share lacks to a whole lead is owed to it."""
        total = sum(each.share for each in lists)
        due = {each.id: self._owed[campaign, each.id] + want * each.share / total for each in lists}
        quotas = {id_: int(wanted) for id_, wanted in due.items()}
        by_rest = sorted(due, key=lambda id_: quotas[id_] - due[id_])
        for id_ in by_rest[: want - sum(quotas.values())]:
            quotas[id_] += 1
        for id_, wanted in due.items():
            self._owed[campaign, id_] = wanted - quotas[id_]
        return {id_: max(0, quota) for id_, quota in quotas.items()}


async def _lists(connection: AsyncConnection, ask: ClaimAsk) -> list[_List]:
    shares = dict(ask.lists)
    asked = (
        select(lead_lists.c.id, lead_lists.c.name, lead_lists.c.best_times)
        .where(lead_lists.c.name.in_(shares))
        .order_by(lead_lists.c.name)
    )
    return [_List(id_, shares[name], best) for id_, name, best in await connection.execute(asked)]


async def _rouse(connection: AsyncConnection, lists: Sequence[_List], now: float) -> None:
    """Those whose time has come may be dialed at once."""
    waiting = (
        select(leads.c.id)
        .where(leads.c.list.in_([each.id for each in lists]))
        .where(leads.c.state == LITERALLY_READY, leads.c.due.is_not(None), leads.c.due <= now)
        .order_by(leads.c.due)
        .limit(ROUSED_AT_ONCE)
    )
    ids = (await connection.scalars(waiting)).all()
    if ids:
        await connection.execute(leads.update().where(leads.c.id.in_(ids)).values(due=None))


async def _callbacks(
    connection: AsyncConnection,
    ask: ClaimAsk,
    lists: Sequence[_List],
    open_: frozenset[int] | None,
) -> list[int]:
    owner = leads.c.callback_owner
    asked = (
        select(leads.c.id)
        .where(leads.c.list.in_([each.id for each in lists]))
        .where(leads.c.state == literal_column("'callback'"), leads.c.due <= ask.now)
        .where(
            or_(
                owner == "",
                owner.in_(ask.owners),
                leads.c.due <= ask.now - ask.patience_seconds,
            )
        )
        .order_by(leads.c.due)
        .limit(ask.want)
    )
    if open_ is not None:
        asked = asked.where(leads.c.place.in_(open_))
    return list((await connection.scalars(asked)).all())


async def take(connection: AsyncConnection, ask: ClaimAsk, ids: Sequence[int]) -> list[RowMapping]:
    """These leads are the campaign's now, but for those that another one took at this moment."""
    if not ids:
        return []
    free = leads.c.state.in_((LeadState.READY, LeadState.CALLBACK))
    ours = select(leads.c.id).where(leads.c.id.in_(ids), free).with_for_update(skip_locked=True)
    taken = (
        leads.update()
        .where(leads.c.id.in_(ours))
        .values(
            state=LeadState.CLAIMED,
            due=None,
            campaign=ask.campaign,
            run=ask.run,
            claimed=ask.now,
        )
        .returning(*(leads.c[name] for name in _SHOWN))
    )
    rows = {row["id"]: row for row in (await connection.execute(taken)).mappings()}
    return [rows[id_] for id_ in ids if id_ in rows]


def _minutes(zones: Mapping[int, tuple[str, ...]], now: float) -> tuple[tuple[int, int], ...]:
    """The minute of the day in each place, by its first zone."""
    moment = datetime.fromtimestamp(now, UTC)
    local = {id_: moment.astimezone(ZoneInfo(names[0])) for id_, names in zones.items() if names}
    return tuple((id_, there.hour * 60 + there.minute) for id_, there in local.items())
