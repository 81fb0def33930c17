"""The mailboxes in the ledger: what is in them, for agents by phone and for the API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, and_, case, func, select

from engine.call_record import VOICEMAIL, MessageMark, MessageState
from engine.mailbox import Mailbox, Message
from engine.store import message_changes
from engine.store.columns import FileState, is_key
from engine.store.ledger import Ledger
from engine.store.tables import mailbox_greetings, recordings, voicemails

_MESSAGE = tuple(
    voicemails.c[name]
    for name in (
        *("recording", "call", "mailbox", "caller", "language", "at", "seconds", "urgent"),
        *("state", "by", "marked"),
    )
)
_KEPT = voicemails.c.state != MessageState.DELETED
_NEW = voicemails.c.state == MessageState.NEW


@dataclass(frozen=True, slots=True)
class Counts:
    """The messages of a mailbox: ``new``, ``old`` (heard or saved), ``urgent`` of the new ones."""

    new: int = 0
    old: int = 0
    urgent: int = 0


class Voicemails:
    """Questions to an open ledger, and marks on messages; each raises ``LedgerDown``."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def look(self, mailbox: str) -> Mailbox:
        """How full it is, and its greeting."""
        kept = select(func.count()).where(voicemails.c.mailbox == mailbox, _KEPT)
        own = mailbox_greetings.c
        greeting = select(own.recording).where(own.mailbox == mailbox)
        async with self._ledger.reading() as connection:
            return Mailbox(
                int(await connection.scalar(kept) or 0), await connection.scalar(greeting) or ""
            )

    async def messages(self, mailboxes: Sequence[str], most: int) -> list[Message]:
        """Those to be heard: new ones, urgent first, then the oldest; then the others, from the
        newest."""
        message = voicemails.c
        place = case((and_(_NEW, message.urgent), 0), (_NEW, 1), else_=2)
        old_last = case((_NEW, None), else_=message.at)
        new_first = case((_NEW, message.at), else_=None)
        query = (
            select(*_MESSAGE)
            .where(message.mailbox.in_(mailboxes), _KEPT)
            .order_by(place, new_first, old_last.desc(), message.recording)
        )
        return await self._ask(query.limit(most))

    async def search(
        self, mailboxes: Sequence[str] | None, states: Sequence[MessageState], limit: int
    ) -> list[Message]:
        """The newest messages of these mailboxes (None: of all) in these states."""
        message = voicemails.c
        query = select(*_MESSAGE).where(message.state.in_(states))
        if mailboxes is not None:
            query = query.where(message.mailbox.in_(mailboxes))
        return await self._ask(query.order_by(message.at.desc(), message.recording).limit(limit))

    async def one(self, recording: str) -> Message | None:
        """A message, also a deleted one."""
        if not is_key(recording):
            return None
        found = await self._ask(select(*_MESSAGE).where(voicemails.c.recording == recording))
        return found[0] if found else None

    async def mark(self, made: MessageMark) -> bool:
        """Whether the message is so now; False for one that is not there, or deleted."""
        async with self._ledger.writing() as connection:
            return await message_changes.mark(connection, made)

    async def counts(self) -> dict[str, Counts]:
        """By mailbox, of those that hold something."""
        new = func.sum(case((_NEW, 1), else_=0))
        urgent = func.sum(case((and_(_NEW, voicemails.c.urgent), 1), else_=0))
        mailbox = voicemails.c.mailbox
        query = select(mailbox, func.count(), new, urgent).where(_KEPT).group_by(mailbox)
        async with self._ledger.reading() as connection:
            rows = (await connection.execute(query)).all()
        return {name: Counts(int(n), int(all_) - int(n), int(u)) for name, all_, n, u in rows}

    # -- what the keeper carries out ------------------------------------------------------------

    async def untold(self, limit: int, after: str = "") -> list[Message]:
        """New messages that nobody was told of: the next after this one, by name."""
        message = voicemails.c
        query = select(*_MESSAGE).where(message.told.is_(None), _NEW)
        if after:
            query = query.where(message.recording > after)
        return await self._ask(query.order_by(message.recording).limit(limit))

    async def set_told(self, recording: str, at: float) -> None:
        """Who is to be told of this message was told."""
        await self._set(recording, told=at)

    async def unremoved(self, limit: int) -> list[str]:
        """The recordings of deleted messages that are still there."""
        message = voicemails.c
        query = (
            select(message.recording)
            .where(message.state == MessageState.DELETED, message.removed.is_(None))
            .limit(limit)
        )
        async with self._ledger.reading() as connection:
            return list((await connection.execute(query)).scalars())

    async def set_removed(self, recording: str, at: float) -> None:
        """The recording of this message is gone."""
        await self._set(recording, removed=at)

    async def forget_retired(self, at: float) -> None:
        """Messages whose recordings were deleted for their age are deleted, too."""
        message, file = voicemails.c, recordings.c
        retired = select(file.name).where(
            file.state == FileState.DELETED, file.kind == VOICEMAIL, file.name == message.recording
        )
        async with self._ledger.writing() as connection:
            await connection.execute(
                voicemails.update()
                .where(_KEPT, retired.exists())
                .values(state=MessageState.DELETED, marked=at, removed=at)
            )

    async def _set(self, recording: str, **values: float) -> None:
        where = voicemails.c.recording == recording
        async with self._ledger.writing() as connection:
            await connection.execute(voicemails.update().where(where).values(**values))

    async def _ask(self, query: Select[Any]) -> list[Message]:
        async with self._ledger.reading() as connection:
            return [_message(row) for row in (await connection.execute(query)).all()]


def _message(row: Row[Any]) -> Message:
    return Message(**row._mapping)
