"""Campaigns: how each stands, why it dials so many, starting, stopping, and changing them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict
from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from acd.settings import Name
from dialer.core import IllegalMove
from dialer.messages import CampaignState
from engine.api.campaign_views import shown
from engine.api.keys import ENGINE, ServedEngine
from engine.api.problems import Problem, body, query, validated
from engine.config.campaign_changes import MOST_CHANGES, Change, Changes, changed, reverted
from engine.config.campaigns_in_force import problems_of
from engine.config.problems import Problem as Wrong
from engine.config.problems import has_errors

Told = Annotated[str, Field(max_length=200, pattern=r"^[^\p{C}]*$")]

_MOVES = {
    "start": CampaignState.RUNNING,
    "pause": CampaignState.PAUSED,
    "drain": CampaignState.DRAINING,
    "end": CampaignState.DONE,
}


class Who(BaseModel):
    """``by`` whom, and ``why``; both are kept and shown."""

    model_config = ConfigDict(extra="forbid")
    by: Told = "the API"
    why: Told = ""


class Edit(Who):
    """``settings`` as they are written in the campaigns' file."""

    settings: dict[str, JsonValue]


class Revert(BaseModel):
    """``last``: only the last change."""

    model_config = ConfigDict(extra="forbid")
    last: bool = False


class _Named(BaseModel):
    campaign: Name


async def _list(request: web.Request) -> web.Response:
    engine = request.app[ENGINE]
    return web.json_response([_shown(engine, name) for name in engine.campaigns.core.campaigns])


async def _one(request: web.Request) -> web.Response:
    return _answer(request.app[ENGINE], known_campaign(request))


async def _why(request: web.Request) -> web.Response:
    """The last decisions, the newest last: how many calls, what limited them, which numbers."""
    name = known_campaign(request)
    history = request.app[ENGINE].campaigns.history.get(name, ())
    return web.json_response([asdict(each) for each in history])


def _to(state: CampaignState) -> Callable[[web.Request], Awaitable[web.Response]]:
    """The handler that brings a campaign into this state."""

    async def move(request: web.Request) -> web.Response:
        engine, who, name = request.app[ENGINE], await body(request, Who), known_campaign(request)
        with suppress(TimeoutError):
            async with asyncio.timeout(_START_SECONDS):
                await engine.campaigns.taken_up.wait()
        try:
            engine.campaigns.move(name, state, who.by, who.why)
        except IllegalMove as error:
            raise Problem(409, "Not possible now", str(error)) from error
        starts = state is CampaignState.RUNNING
        return _answer(engine, name, problems_of(engine.site, name) if starts else None)

    return move


async def _confirm_clock(request: web.Request) -> web.Response:
    """204: the clock was set, and is right; what was stopped for that goes on."""
    request.app[ENGINE].campaigns.confirm_clock((await body(request, Who)).by)
    return web.Response(status=204)


async def _change(request: web.Request) -> web.Response:
    """200 with the campaign as it is in force; 422 left it as it was."""
    engine, edit, name = request.app[ENGINE], await body(request, Edit), known_campaign(request)
    return _answer(engine, name, await _put(engine, name, edit))


async def _add(request: web.Request) -> web.Response:
    engine, edit = request.app[ENGINE], await body(request, Edit)
    name = validated(dict(request.match_info), _Named, "path").campaign
    if name in engine.site.campaigns:
        told = f"There is a campaign {name!r}: PATCH /v1/campaigns/{name} changes it."
        raise Problem(409, "Already there", told)
    return _answer(engine, name, await _put(engine, name, edit), status=201)


async def _revert(request: web.Request) -> web.Response:
    """200 with the campaign as it is then; 204 when it was made by the API, and is no more."""
    engine, name, asked = (
        request.app[ENGINE],
        request.match_info["campaign"],
        query(request, Revert),
    )
    if name not in engine.site.campaign_changes:
        require_campaign(engine, name)
        raise Problem(404, "No changes", f"{name} is as it is written in the campaigns' file.")

    def edited(changes: Changes) -> Changes:
        return reverted(changes, name, last=asked.last)

    problems = await _in_force(engine, edited)
    if name not in engine.site.campaigns:
        return web.Response(status=204)
    return _answer(engine, name, problems)


async def _put(engine: ServedEngine, name: str, edit: Edit) -> list[Wrong]:
    """The warnings. Raises a ``Problem`` when it is not in force."""
    if len(engine.site.campaign_changes.get(name, ())) >= MOST_CHANGES:
        told = f"{name} has {MOST_CHANGES} changes: write it into the file, and take them back."
        raise Problem(409, "Too many changes", told)
    change = Change(at=engine.clock.now(), by=edit.by, why=edit.why, settings=edit.settings)
    return await _in_force(engine, lambda changes: changed(changes, name, change))


async def _in_force(engine: ServedEngine, edit: Callable[[Changes], Changes]) -> list[Wrong]:
    """The warnings of a change that is in force. Raises a ``Problem`` when it is not."""
    try:
        problems = await engine.in_force.change_campaigns(edit)
    except OSError as error:
        told = f"The change cannot be kept, and is not in force: {error.strerror}."
        raise Problem(503, "Disk full", told) from error
    if has_errors(problems):
        told = "; ".join(_told(each) for each in problems if each.level == "error")
        raise Problem(422, "Invalid settings", told)
    return problems


def _told(problem: Wrong) -> str:
    at = f" (in {problem.excerpt.strip()})" if problem.excerpt else ""
    hint = f" — {problem.hint}" if problem.hint else ""
    return f"{problem.message}{at}{hint}"


def known_campaign(request: web.Request) -> str:
    """The campaign in the request's path. Raises 404."""
    engine, name = request.app[ENGINE], request.match_info["campaign"]
    require_campaign(engine, name)
    return name


def require_campaign(engine: ServedEngine, name: str) -> None:
    """Raise 404 unless there is such a campaign; one that drains, as it is in no file, is there."""
    if name not in engine.campaigns.core.campaigns:
        raise Problem(404, "Unknown campaign", f"There is no campaign {name!r}.")


def _answer(
    engine: ServedEngine, name: str, problems: list[Wrong] | None = None, status: int = 200
) -> web.Response:
    """The campaign as it is now, with its settings; and what of them is doubtful, if asked."""
    settings = engine.site.campaigns.get(name)
    content: dict[str, Any] = {
        **_shown(engine, name),
        "settings": settings.model_dump(mode="json", exclude={"name"}) if settings else None,
        "changes": [each.model_dump() for each in engine.site.campaign_changes.get(name, ())],
    }
    if problems is not None:
        content["warnings"] = [each.as_json() for each in problems]
    return web.json_response(content, status=status)


def _shown(engine: ServedEngine, name: str) -> dict[str, Any]:
    core = engine.campaigns.core
    view = shown(core, core.campaigns[name], engine.clock.now())
    return view | {"changed": name in engine.site.campaign_changes}


_START_SECONDS: Final = 5.0
"""So long after a start of the engine an order waits for what the last run left."""
_CAMPAIGN = "/v1/campaigns/{campaign}"

ROUTES = [
    web.post("/v1/clock", _confirm_clock),
    web.get("/v1/campaigns", _list),
    web.get(_CAMPAIGN, _one),
    web.put(_CAMPAIGN, _add),
    web.patch(_CAMPAIGN, _change),
    web.delete(f"{_CAMPAIGN}/changes", _revert),
    web.get(f"{_CAMPAIGN}/why", _why),
    *(web.post(f"{_CAMPAIGN}/{move}", _to(state)) for move, state in _MOVES.items()),
]
