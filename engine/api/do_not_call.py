"""Who is called no more: by a person's word, at once, in every list and in every hopper."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from acd.settings import Name
from engine.api.campaigns import Told
from engine.api.keys import ENGINE
from engine.api.leads import plain_number
from engine.api.problems import Problem, body, query
from engine.store import do_not_call, lead_views

_AGENT = "agent"


class Asked(BaseModel):
    """``number``: only what bars this one."""

    model_config = ConfigDict(extra="forbid")
    number: str | None = Field(None, min_length=3, max_length=40)


class Barred(BaseModel):
    """These ``numbers`` are called no more; ``source`` is who says so."""

    model_config = ConfigDict(extra="forbid")
    numbers: Annotated[list[str], Field(min_length=1, max_length=1000)]
    source: Name = "api"
    by: Told = "the API"
    why: Told = ""


class Lifted(BaseModel):
    """Which ``source`` takes its word back."""

    model_config = ConfigDict(extra="forbid")
    source: Name = "api"
    by: Told = "the API"
    why: Told = ""


class OptOut(BaseModel):
    """Who says it for the customer, and why."""

    model_config = ConfigDict(extra="forbid")
    by: Told = "the API"
    why: Told = ""


async def _show(request: web.Request) -> web.Response:
    """Without a number: the whole lists, when they were loaded, and how many single entries which
    source has."""
    engine, asked = request.app[ENGINE], query(request, Asked)
    now = engine.clock.now()
    async with engine.campaigns.store.ledger.reading() as connection:
        if asked.number is None:
            lists = await lead_views.loaded(connection)
            sources = await lead_views.sources(connection, now)
            content: dict[str, Any] = {"lists": [asdict(e) for e in lists], "sources": sources}
        else:
            number = plain_number(engine, asked.number)
            barred = await do_not_call.barred(connection, [number], now)
            content = {
                "number": number,
                "barred": barred[number].source if number in barred else None,
                "entries": [asdict(e) for e in await lead_views.entries(connection, number, now)],
                "consents": await lead_views.consents_of(connection, number),
            }
    return web.json_response(content)


async def _add(request: web.Request) -> web.Response:
    engine, wanted = request.app[ENGINE], await body(request, Barred)
    numbers = [plain_number(engine, each) for each in wanted.numbers]
    new = await engine.campaigns.suppress(numbers, wanted.source, wanted.by, wanted.why)
    return web.json_response({"numbers": numbers, "new": new}, status=201)


async def _lift(request: web.Request) -> web.Response:
    engine, asked = request.app[ENGINE], query(request, Lifted)
    number = plain_number(engine, request.match_info["number"])
    ended = await engine.campaigns.store.unsuppress(
        [number], asked.source, asked.by, engine.clock.now(), asked.why
    )
    if not ended:
        raise Problem(404, "No such entry", f"{asked.source!r} has no entry of {number}.")
    return web.Response(status=204)


async def _opt_out(request: web.Request) -> web.Response:
    """The other party of a live call wants to be called no more."""
    engine, wanted = request.app[ENGINE], await body(request, OptOut)
    name = request.match_info["call"]
    call = engine.registry.calls.get(name)
    if call is None:
        raise Problem(404, "Unknown call", f"There is no call {name!r} now.")
    plan = call.standing.attempt
    number = plain_number(engine, plan.number if plan else call.arrived.caller)
    why = wanted.why or f"in call {name}"
    new = await engine.campaigns.suppress([number], _AGENT, wanted.by, why)
    return web.json_response({"numbers": [number], "new": new}, status=201)


ROUTES = [
    web.get("/v1/do_not_call", _show),
    web.post("/v1/do_not_call", _add),
    web.delete("/v1/do_not_call/{number}", _lift),
    web.post("/v1/calls/{call}/do_not_call", _opt_out),
]
