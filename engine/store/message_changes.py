"""What a call's record says of messages, written with it: those left in it, and those heard."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.call_record import CallRecord, GreetingMade, MessageMark, MessageState, VoicemailLeft
from engine.store.tables import mailbox_greetings, voicemails

_LEFT = ("recording", "mailbox", "caller", "language", "at", "seconds", "urgent")


async def write(connection: AsyncConnection, record: CallRecord) -> None:
    """The messages of a call that was inserted just now, and what was done with others in it."""
    rows = [
        asdict(left) | {"call": record.call, "state": MessageState.NEW, "by": ""}
        for left in record.voicemails
    ]
    if rows:
        await connection.execute(voicemails.insert(), rows)
    for made in record.marks:
        await mark(connection, made)
    for greeting in record.greetings:
        await _set_greeting(connection, greeting)


async def mark(connection: AsyncConnection, made: MessageMark) -> bool:
    """Whether the message is what the mark says now, or was so before.

    What is deleted stays so, and what was heard before is not heard anew.
    """
    message = voicemails.c
    allowed: ColumnElement[bool] = message.state != MessageState.DELETED
    if made.state is MessageState.HEARD:
        allowed = message.state.in_((MessageState.NEW, MessageState.HEARD))
    changed = await connection.execute(
        voicemails.update()
        .where(message.recording == made.recording, allowed)
        .values(state=made.state, by=made.by, marked=made.at)
    )
    return changed.rowcount > 0


async def left_in(connection: AsyncConnection, call: str) -> tuple[VoicemailLeft, ...]:
    """The messages that were left in a call, as they were then."""
    columns = [voicemails.c[name] for name in _LEFT]
    asked = select(*columns).where(voicemails.c.call == call).order_by(voicemails.c.at)
    rows = (await connection.execute(asked)).mappings()
    return tuple(VoicemailLeft(**row) for row in rows)


async def _set_greeting(connection: AsyncConnection, greeting: GreetingMade) -> None:
    mailbox = mailbox_greetings.c.mailbox == greeting.mailbox
    await connection.execute(mailbox_greetings.delete().where(mailbox))
    if greeting.recording:
        await connection.execute(mailbox_greetings.insert(), [asdict(greeting)])
