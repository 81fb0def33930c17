"""Contacts of other media, brought by another program: they wait, are offered and talked with as
calls are, and all of it goes by the API (``engine.contacts``)."""

from __future__ import annotations

from typing import Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from acd.core import IllegalEvent
from acd.messages import AgentState, ContactQueued, LeaveReason, TalkEnded
from acd.settings import Name
from engine.api.desk import (
    Foreign,
    Needs,
    place_of,
    post,
    refusal,
    require_medium,
    require_queue,
    tasks_for,
)
from engine.api.keys import ENGINE, ServedEngine
from engine.api.problems import Problem, body, query
from engine.api.queues import waiting
from engine.calls.names import is_foreign
from engine.calls.why import say_why


class Arrival(BaseModel):
    """A contact that is to wait in ``queue`` from now on; the rest as a flow says it of a call."""

    model_config = ConfigDict(extra="forbid")
    contact: Foreign
    queue: Name
    medium: Name
    customer: str = Field("", max_length=100)
    needs: Needs = ()
    language: str = Field("", max_length=35, pattern=r"^[A-Za-z0-9-]*$")
    offset_seconds: float = Field(0, ge=-86400, le=86400)
    prefer: str = Field("", max_length=40)


class Leaving(BaseModel):
    """Why it ends while it waits: ``abandoned`` by the customer, or ``moved`` elsewhere."""

    model_config = ConfigDict(extra="forbid")
    reason: Literal["abandoned", "moved"] = "abandoned"


async def _arrive(request: web.Request) -> web.Response:
    arrival, engine = await body(request, Arrival), request.app[ENGINE]
    require_queue(engine, arrival.queue)
    require_medium(engine, arrival.medium)
    fields = {name: getattr(arrival, name) for name in Arrival.model_fields}
    try:
        engine.contacts.queue(ContactQueued(**fields, since=engine.clock.now()))
    except IllegalEvent as error:
        raise refusal(error) from error
    return web.json_response(_shown(engine, arrival.contact), status=201)


async def _one(request: web.Request) -> web.Response:
    return web.json_response(_shown(request.app[ENGINE], _named(request)))


async def _leave(request: web.Request) -> web.Response:
    """Waiting it leaves its queue; talked with, the talk is over and the wrap-up begins."""
    asked, contact, engine = query(request, Leaving), _named(request), request.app[ENGINE]
    talks = [name for name, task in tasks_for(engine, contact) if task.state is AgentState.TALKING]
    if place_of(engine, contact) is not None:
        engine.contacts.leave(contact, LeaveReason(asked.reason))
    elif not talks:
        raise _unknown(contact)
    for agent in talks:
        post(request, TalkEnded(agent, contact))
    return web.Response(status=204)


def _named(request: web.Request) -> str:
    contact = request.match_info["contact"]
    if not is_foreign(contact):
        told = f"{contact!r} has no colon: calls are at /v1/calls and /v1/records."
        raise Problem(404, "Unknown contact", told)
    return contact


def _shown(engine: ServedEngine, contact: str) -> dict[str, Any]:
    """Where it stands, from waiting to ended. Raises 404."""
    found, now = place_of(engine, contact), engine.clock.now()
    if found is not None:
        queue, place = found
        offers = [each for each in engine.contacts.offers.values() if each.contact == contact]
        why = {offer.offer: say_why(offer.why) for offer in offers}
        told = waiting(place, now)
        del told["call"]
        for offer in told["offers"]:
            offer["why"] = why.get(offer["offer"])
        return {"contact": contact, "queue": queue} | told
    for agent, task in tasks_for(engine, contact):
        return {
            "contact": contact,
            "queue": task.queue,
            "medium": task.medium,
            "state": task.state,
            "agent": agent,
            "since": task.since,
            "until": task.until,
            "disposition": task.disposition,
        }
    end = engine.contacts.ended.get(contact)
    if end is None:
        raise _unknown(contact)
    to = end.to.model_dump(mode="json") if end.to else None
    rule = end.rule or None
    return {"contact": contact, "queue": end.queue, "state": "ended", "reason": end.reason} | {
        "to": to,
        "rule": rule,
    }


def _unknown(contact: str) -> Problem:
    return Problem(404, "Unknown contact", f"{contact!r} never came, or it is over.")


ROUTES = [
    web.post("/v1/contacts", _arrive),
    web.get("/v1/contacts/{contact}", _one),
    web.delete("/v1/contacts/{contact}", _leave),
]
