"""A request as it leaves: its address, its secrets; and what tells it from others."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from yarl import URL

from engine.ivr.messages import Request
from engine.ivr.schema.lookups import SYSTEM
from engine.secrets import Secrets

_NO_HEADER = re.compile(r"[\r\n\0]")


class BadHeader(Exception):
    """A header's value would begin another header."""


@dataclass(frozen=True, slots=True, repr=False)
class Outgoing:
    """A request with its secrets in it: never to be shown."""

    method: str
    url: URL
    headers: Mapping[str, str]
    data: bytes | None
    repeatable: bool


def address_of(text: str, systems: Mapping[str, str]) -> URL | None:
    """The URL, with the address of the system that it names.

    None if it is not one of HTTP, to a host, or if a login would show in it.
    """
    if (named := SYSTEM.match(text)) is not None:
        text = systems.get(named[1], "").rstrip("/") + text[named.end() :]
    try:
        url = URL(text)
        port = url.port
    except ValueError:
        return None
    fine = url.scheme in ("http", "https") and url.host and port and url.user is None
    return url if fine and url.password is None else None


def unknown_system(text: str, systems: Mapping[str, str]) -> str:
    """The system that the URL names and nobody knows; '' for none."""
    named = SYSTEM.match(text)
    return named[1] if named is not None and named[1] not in systems else ""


def fill(request: Request, url: URL, secrets: Secrets) -> Outgoing:
    """Put the secrets in. Raises ``UnknownSecret`` and ``BadHeader``."""
    headers = {name: secrets.fill(value) for name, value in request.headers.items()}
    if any(_NO_HEADER.search(value) for value in headers.values()):
        raise BadHeader
    body = secrets.fill_texts(request.body)
    if not (body is None or isinstance(body, str) or _has(headers, "content-type")):
        headers["Content-Type"] = "application/json"
    return Outgoing(request.method, url, headers, _bytes(body), request.repeatable)


def _bytes(body: object) -> bytes | None:
    if body is None:
        return None
    return (body if isinstance(body, str) else json.dumps(body)).encode()


def key_of(request: Request) -> str:
    """The same for equal requests; of secrets it has the names."""
    headers = sorted((name.lower(), value) for name, value in request.headers.items())
    whole = json.dumps([request.method, request.url, headers, request.body], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()


def _has(headers: Mapping[str, str], name: str) -> bool:
    return any(given.lower() == name for given in headers)
