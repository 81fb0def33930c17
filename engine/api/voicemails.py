"""Messages in mailboxes: listed, marked as heard or saved, deleted; and what each mailbox holds.

Who may hear an agent may hear what was left for him; a queue's messages are for its agents, and for
who may hear one of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from engine.api.access import caller_of, may_hear
from engine.api.keys import ENGINE, ServedEngine
from engine.api.problems import Problem, body, query
from engine.call_record import MessageMark, MessageState
from engine.calls.mailboxes.booking import take_back, work_of
from engine.mailbox import AGENT, Message, of_agent, of_queue, owner, settings_of
from engine.store.voicemails import Counts
from engine.users import UserRole


class Asked(BaseModel):
    """Which messages: of one ``mailbox``, in one ``state``; deleted ones only when asked for."""

    model_config = ConfigDict(extra="forbid")
    mailbox: str = Field("", max_length=64)
    state: MessageState | None = None
    limit: int = Field(100, ge=1, le=1000)


class Marked(BaseModel):
    """What a message is from now on."""

    model_config = ConfigDict(extra="forbid")
    state: Literal["heard", "saved"]


async def _mailboxes(request: web.Request) -> web.Response:
    engine = request.app[ENGINE]
    counts = await engine.voicemails.counts()
    return web.json_response(
        [_box(engine, name, counts.get(name, Counts())) for name in _allowed(request)]
    )


async def _list(request: web.Request) -> web.Response:
    engine, asked = request.app[ENGINE], query(request, Asked)
    if asked.mailbox:
        _require(request, asked.mailbox)
    allowed = [asked.mailbox] if asked.mailbox else list(_allowed(request))
    states = [asked.state] if asked.state else [s for s in MessageState if s != "deleted"]
    everything = not asked.mailbox and caller_of(request).role is UserRole.ADMIN
    found = await engine.voicemails.search(None if everything else allowed, states, asked.limit)
    return web.json_response([_shown(engine, message) for message in found])


async def _one(request: web.Request) -> web.Response:
    return web.json_response(_shown(request.app[ENGINE], await _named(request)))


async def _mark(request: web.Request) -> web.Response:
    wanted = await body(request, Marked)
    return await _change(request, MessageState(wanted.state))


async def _delete(request: web.Request) -> web.Response:
    await _change(request, MessageState.DELETED)
    return web.Response(status=204)


async def _change(request: web.Request, state: MessageState) -> web.Response:
    """What an agent hears just now as work is his, until he is done with it."""
    engine, message = request.app[ENGINE], await _named(request)
    name, by = message.recording, caller_of(request).agent or caller_of(request).name
    work = work_of(engine.switchboard, name)
    if work is not None and work.standing.accepted is not None:
        told = f"{work.standing.accepted.agent} is with it, in contact {work.id!r}."
        raise Problem(409, "Not possible now", told)
    if not await engine.voicemails.mark(MessageMark(name, state, by, engine.clock.now())):
        told = f"{name!r} is {message.state} and cannot be {state}."
        raise Problem(409, "Not possible now", told)
    take_back(engine.switchboard, name, f"{state} by {by}")
    engine.mailboxes.wake()
    return web.json_response(_shown(engine, await _named(request)))


async def may_hear_message(request: web.Request, recording: str) -> bool:
    """Whether this recording is a message in a mailbox that who asks may listen to."""
    message = await request.app[ENGINE].voicemails.one(recording)
    return message is not None and _may_hear(request, message.mailbox)


async def _named(request: web.Request) -> Message:
    """The message in the path, if who asks may hear it; of others he does not learn that they
    are there."""
    name = request.match_info["voicemail"]
    message = await request.app[ENGINE].voicemails.one(name)
    if message is None or not _may_hear(request, message.mailbox):
        raise Problem(404, "Unknown voicemail", f"There is no message {name!r}.")
    return message


def _require(request: web.Request, mailbox: str) -> None:
    site = request.app[ENGINE].site
    known = settings_of(mailbox, site.agents, site.queues) is not None
    if not known or not _may_hear(request, mailbox):
        told = f"There is no mailbox {mailbox!r}: write `agent:NAME` or `queue:NAME`."
        raise Problem(404, "Unknown mailbox", told)


def _allowed(request: web.Request) -> Iterator[str]:
    """The mailboxes of the settings that who asks may listen to."""
    site = request.app[ENGINE].site
    names = [*map(of_agent, site.agents), *map(of_queue, site.queues)]
    return (name for name in names if _may_hear(request, name))


def _may_hear(request: web.Request, mailbox: str) -> bool:
    kind, name = owner(mailbox)
    if kind == AGENT:
        return may_hear(request, name)
    agents = request.app[ENGINE].site.agents.values()
    serving = [agent.name for agent in agents if name in agent.queues]
    return may_hear(request, "") or any(may_hear(request, agent) for agent in serving)


def _box(engine: ServedEngine, mailbox: str, counts: Counts) -> dict[str, Any]:
    settings = settings_of(mailbox, engine.site.agents, engine.site.queues)
    return {
        "mailbox": mailbox,
        "new": counts.new,
        "old": counts.old,
        "urgent": counts.urgent,
        "most_messages": settings.most_messages if settings else None,
    }


def _shown(engine: ServedEngine, message: Message) -> dict[str, Any]:
    work = work_of(engine.switchboard, message.recording)
    accepted = work.standing.accepted if work is not None else None
    return {
        "voicemail": message.recording,
        "mailbox": message.mailbox,
        "caller": message.caller,
        "language": message.language,
        "at": message.at,
        "seconds": message.seconds,
        "urgent": message.urgent,
        "state": message.state,
        "by": message.by or None,
        "marked": message.marked,
        "call": message.call,
        "contact": work.id if work is not None else None,
        "agent": accepted.agent if accepted is not None else None,
        "audio": f"/v1/recordings/{message.recording}/audio",
    }


ROUTES = [
    web.get("/v1/voicemails", _list),
    web.get("/v1/voicemails/mailboxes", _mailboxes),
    web.get("/v1/voicemails/{voicemail}", _one),
    web.post("/v1/voicemails/{voicemail}", _mark),
    web.delete("/v1/voicemails/{voicemail}", _delete),
]
