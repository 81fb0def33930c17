"""Recordings: which there are, and listening to them, for those who may hear all agents in them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from engine.api.access import caller_of, may_hear, require, require_hearing
from engine.api.audio import LISTENERS, NOT_HERE, serve_audio
from engine.api.calls import Moment
from engine.api.keys import ENGINE
from engine.api.problems import Problem, body, query
from engine.api.voicemails import may_hear_message
from engine.call_record import VOICEMAIL
from engine.recordings import waveform
from engine.recordings.archive import KeptForGood
from engine.recordings.listening import Listeners
from engine.store.recordings import RecordingFile, Wanted
from engine.users import UserRole

_HIDDEN = ("path", "place", "wrapped_key", "key_id")


class Asked(BaseModel):
    """The newest ``limit`` of a call, agent or queue, that began at ``since`` or later."""

    model_config = ConfigDict(extra="forbid")
    call: str = ""
    agent: str = ""
    queue: str = ""
    since: Moment = 0
    limit: int = Field(50, ge=1, le=1000)


class Kept(BaseModel):
    """Whether neither retention nor anybody deletes it."""

    model_config = ConfigDict(extra="forbid")
    kept: bool


async def _list(request: web.Request) -> web.Response:
    engine, asked = request.app[ENGINE], query(request, Asked)
    wanted = Wanted(asked.call, asked.agent, asked.queue, asked.since, _only(request))
    files = await engine.archive.files.find(wanted, asked.limit)
    agents = await engine.archive.files.agents([file.name for file in files])
    return web.json_response([_shown(file, agents[file.name]) for file in files])


async def _one(request: web.Request) -> web.Response:
    file, agents = await _heard(request)
    return web.json_response(_shown(file, agents))


async def _audio(request: web.Request) -> web.StreamResponse:
    file, _ = await _heard(request)
    return await serve_audio(request, file)


async def _waveform(request: web.Request) -> web.Response:
    file, channels = await _picture(request)
    told = {"seconds": file.stored_seconds, "channels": [list(values) for values in channels]}
    return web.json_response(told)


async def _drawing(request: web.Request) -> web.Response:
    file, channels = await _picture(request)
    drawn = waveform.svg(channels, file.stored_seconds)
    return web.Response(text=drawn, content_type="image/svg+xml")


async def _delete(request: web.Request) -> web.Response:
    require(request, UserRole.ADMIN)
    archive, (file, _) = request.app[ENGINE].archive, await _heard(request)
    try:
        if not await archive.delete(file, caller_of(request).name):
            raise Problem(410, "Gone", f"{file.name} was deleted, or is in another one.")
    except KeptForGood as error:
        raise Problem(409, "Kept for good", str(error)) from error
    return web.Response(status=204)


async def _keep(request: web.Request) -> web.Response:
    require(request, UserRole.ADMIN)
    wanted = await body(request, Kept)
    archive, (file, _) = request.app[ENGINE].archive, await _heard(request)
    if not await archive.keep(file.name, wanted.kept):
        raise Problem(410, "Gone", f"{file.name} was deleted.")
    await _audit(request, "keep_recording" if wanted.kept else "release_recording", file)
    return web.Response(status=204)


async def _heard(request: web.Request) -> tuple[RecordingFile, list[str]]:
    """The recording in the path, which who asks may hear, and the agents in it."""
    files, name = request.app[ENGINE].archive.files, request.match_info["recording"]
    file = await files.one(name)
    agents = (await files.agents([name]))[name] if file is not None else []
    if file is not None and file.kind == VOICEMAIL and await may_hear_message(request, name):
        return file, agents
    for agent in agents or [""]:  # who may not hear it need not know whether it is there
        require_hearing(request, agent)
    if file is None:
        raise Problem(404, "Unknown recording", f"There is no recording {name!r}.")
    return file, agents


def _only(request: web.Request) -> list[str] | None:
    """The agents whom he may hear; None: there is nothing that he may not."""
    if may_hear(request, ""):
        return None
    return [agent for agent in request.app[ENGINE].site.agents if may_hear(request, agent)]


async def _picture(request: web.Request) -> tuple[RecordingFile, list[bytes]]:
    file, _ = await _heard(request)
    channels = waveform.of_kept(await request.app[ENGINE].archive.files.peaks(file.name))
    if not channels:
        raise Problem(NOT_HERE.get(file.state, 404), "No picture", f"It is {file.state}.")
    return file, channels


async def _audit(request: web.Request, action: str, file: RecordingFile) -> None:
    engine, who = request.app[ENGINE], caller_of(request).name
    await engine.audit.note(engine.clock.now(), who, action, file.name, contact=file.call)


def _shown(file: RecordingFile, agents: list[str]) -> dict[str, Any]:
    told = {name: value for name, value in asdict(file).items() if name not in _HIDDEN}
    return told | {"agents": agents, "encrypted": file.key_id != ""}


async def keep_listeners(app: web.Application) -> AsyncIterator[None]:
    """Who listens to what, while the API serves."""
    app[LISTENERS] = Listeners()
    yield


ROUTES = [
    web.get("/v1/recordings", _list),
    web.get("/v1/recordings/{recording}", _one),
    web.delete("/v1/recordings/{recording}", _delete),
    web.put("/v1/recordings/{recording}/kept", _keep),
    web.get("/v1/recordings/{recording}/audio", _audio),
    web.get("/v1/recordings/{recording}/waveform.json", _waveform),
    web.get("/v1/recordings/{recording}/waveform.svg", _drawing),
]
