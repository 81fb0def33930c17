"""Lets somebody listen to a recording over HTTP: all of it, or the range that his player wants.

Also to one that is encrypted, or lies in a store: what is sent is what one listens to.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing

import structlog
from aiohttp import web

from engine.api.access import caller_of
from engine.api.keys import ENGINE
from engine.api.problems import Problem
from engine.recordings.archive import CONTENT_TYPES, NotHere
from engine.recordings.keys import KeyUnusable
from engine.recordings.listening import Listeners
from engine.recordings.places import FileGone, PlaceError
from engine.store.recordings import FileState, RecordingFile

log = structlog.get_logger("recordings")

NOT_HERE = {FileState.NEW: 409, FileState.DELETED: 410}
"""How a request is answered that wants to hear what is in such a state; 404 in any other."""

LISTENERS: web.AppKey[Listeners] = web.AppKey("listeners", Listeners)


async def serve_audio(request: web.Request, file: RecordingFile) -> web.StreamResponse:
    """What is to be heard of a recording, all or the range that is asked for; whoever calls this
    has checked that he may hear it. Each listening is in the audit log."""
    archive = request.app[ENGINE].archive
    try:
        size = archive.bytes_of(file)
    except NotHere as error:
        raise Problem(NOT_HERE.get(file.state, 404), "Nothing to hear", str(error)) from error
    headers = _headers(file)
    etag = headers["ETag"]
    if request.headers.get("If-None-Match") in (etag, "*"):
        return web.Response(status=304, headers={"ETag": etag})
    if (found := _range(request, size, etag)) is None:
        return _out_of_range(size)
    start, length, is_part = found
    if is_part:
        headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{size}"
    response = web.StreamResponse(status=206 if is_part else 200, headers=headers)
    response.content_length = length
    if request.method == "HEAD":
        await response.prepare(request)
        return response
    async with aclosing(archive.read(file, start, length)) as pieces:
        await _send(request, response, file, pieces)
    return response


async def _send(
    request: web.Request,
    response: web.StreamResponse,
    file: RecordingFile,
    pieces: AsyncGenerator[bytes],
) -> None:
    """The first piece tells whether there is anything; after that an error cuts it off."""
    try:
        first = await anext(pieces, b"")
    except FileGone as error:
        log.error("recording_file_gone", recording=file.name, reason=str(error))
        raise Problem(
            404, "Nothing to hear", "Its file is gone; the log says where from."
        ) from error
    except (PlaceError, KeyUnusable) as error:
        log.warning("recording_not_read", recording=file.name, reason=str(error))
        raise Problem(
            503, "Not to be had now", "Its file cannot be read; the log says why."
        ) from error
    await _note(request, file)
    await response.prepare(request)
    await response.write(first)
    try:
        async for piece in pieces:
            await response.write(piece)
    except PlaceError as error:
        log.warning("recording_not_read", recording=file.name, reason=str(error))
        if request.transport is not None:
            request.transport.abort()  # so that he knows that it is not whole


def _headers(file: RecordingFile) -> dict[str, str]:
    return {
        "ETag": f'"{file.sha256}"',
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Content-Type": CONTENT_TYPES[file.format],
        "Content-Disposition": f'inline; filename="{_plain(file.name)}.{file.format}"',
    }


def _plain(name: str) -> str:
    """As it may stand in a header, and as a file's name on any machine."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", name)


async def _note(request: web.Request, file: RecordingFile) -> None:
    """In the audit log, once however many parts he asks for."""
    engine, who = request.app[ENGINE], caller_of(request).name
    listeners, now = request.app[LISTENERS], engine.clock.now()
    if listeners.begins(who, file.name, now):
        await engine.audit.note(now, who, "hear_recording", file.name, contact=file.call)
    listeners.listens(who, file.name, now)


def _range(request: web.Request, size: int, etag: str) -> tuple[int, int, bool] | None:
    """From which byte on, how many, and whether that is a part; None for what is not there.

    All of it for several ranges at once, and for a part of what has changed since.
    """
    asked = request.headers.get("Range", "")
    if not asked or "," in asked or request.headers.get("If-Range", etag) != etag:
        return 0, size, False
    try:
        wanted = request.http_range
    except ValueError:
        return None
    start, end, _ = slice(wanted.start, wanted.stop).indices(size)
    return (start, end - start, True) if start < end else None


def _out_of_range(size: int) -> web.Response:
    told = f"It has {size} bytes: ask for `Range: bytes=0-{size - 1}`, or a part of that."
    response = Problem(416, "Not in this recording", told).response()
    response.headers["Content-Range"] = f"bytes */{size}"
    return response
