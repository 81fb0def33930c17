"""Errors of the API as problem details (RFC 9457): what is wrong and what to do."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from aiohttp import web
from pydantic import BaseModel, ValidationError

from engine.ports import LedgerDown

log = structlog.get_logger("api")

M = TypeVar("M", bound=BaseModel)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Problem(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.title, self.detail = status, title, detail

    def response(self) -> web.Response:
        """The error as ``application/problem+json``."""
        body = {"type": "about:blank", "title": self.title, "status": self.status}
        return web.json_response(
            body | {"detail": self.detail},
            status=self.status,
            content_type="application/problem+json",
        )


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every way a handler can fail into a problem; a fault of ours tells nothing inside."""
    try:
        return await handler(request)
    except Problem as problem:
        return problem.response()
    except web.HTTPException as error:
        detail = f"{request.method} {request.path}: {error.reason}"
        response = Problem(error.status, error.reason, detail).response()
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
        return response
    except LedgerDown:
        return Problem(503, "Ledger down", "The database cannot be reached now.").response()
    except Exception:
        log.exception("request_failed", method=request.method, path=request.path)
        return Problem(500, "Internal error", "This is our fault; the log has it.").response()


async def body(request: web.Request, model: type[M]) -> M:
    """The request's JSON as ``model``; an empty body is an empty object."""
    content = await request.read()
    try:
        return validated(json.loads(content or b"{}"), model, "body")
    except (ValueError, RecursionError) as error:
        raise Problem(400, "Invalid JSON", str(error)) from error


def query(request: web.Request, model: type[M]) -> M:
    """What stands behind the ``?`` of the request."""
    return validated(dict(request.query), model, "query")


def validated(data: object, model: type[M], place: str) -> M:
    """``data`` as ``model``. Raises a ``Problem`` that names each fault."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        told = "; ".join(f"{'.'.join(map(str, f['loc'])) or place}: {f['msg']}" for f in faults)
        raise Problem(422, f"Invalid {place}", told) from error
