"""Requests to other systems: the ``http`` node, and those within other nodes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from engine.ivr.schema.base import (
    Name,
    NodeBase,
    Read,
    Settable,
    Strict,
    Where,
    reads_json,
    reads_template,
)
from engine.ivr.schema.speech import Part, Speech, Template
from engine.ivr.values import Type, is_path

SECRET = re.compile(r"\$\{secret:([A-Za-z_][A-Za-z0-9_]{0,39})\}")
"""A secret of the installation, by reference."""

SYSTEM = re.compile(r"\$\{system:([a-z][a-z0-9_]{0,39})\}")
"""The address of another system of this installation, by its name."""

_HOST = re.compile(rf"(https?://[A-Za-z0-9.-]+(:[0-9]{{1,5}})?|{SYSTEM.pattern})(/|\?|$)")
_HEADER = r"^[A-Za-z0-9-]{1,60}$"


class Save(Strict):
    """One value of the answer; short form: its path alone."""

    path: str
    as_: Type = Field(Type.ANY, alias="as")
    default: str | None = Field(None, description="when it is not there, or is no such thing")

    @field_validator("path")
    @classmethod
    def _is_path(cls, path: str) -> str:
        if not is_path(path):
            raise ValueError(f"`{path}` is no path: write $.customer.tier or $.orders[0].id")
        return path


def _as_save(value: Any) -> Any:
    return {"path": value} if isinstance(value, str) else value


Saved = Annotated[Save, BeforeValidator(_as_save, json_schema_input_type=str | Save)]
"""A value of the answer, as it is written."""


class Call(Strict):
    """One HTTP request. The host stands in the file: no variable can choose it."""

    url: Template
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    params: dict[str, Template] = Field({})
    headers: dict[Annotated[str, Field(pattern=_HEADER)], Template] = Field({})
    body: Any = Field(None, description="sent as JSON; `{{ name }}` alone keeps its type")
    timeout_seconds: float = Field(3, ge=0.1, le=30, description="for everything, retries as well")
    retries: int = Field(0, ge=0, le=3, description="only of GET, or with an Idempotency-Key")
    cache_seconds: float = Field(0, ge=0, le=86400)

    @field_validator("url")
    @classmethod
    def _host_is_written(cls, url: str) -> str:
        if not _HOST.match(url):
            raise ValueError(
                "write https://host/… or ${system:NAME}/…: no variable may name the host"
            )
        return url

    @field_validator("body")
    @classmethod
    def _templates(cls, body: Any) -> Any:
        list(reads_json((), body))
        return body

    @field_validator("retries")
    @classmethod
    def _safe_to_repeat(cls, retries: int, info: ValidationInfo) -> int:
        method, headers = info.data.get("method", "GET"), info.data.get("headers", {})
        keyed = any(name.lower() == "idempotency-key" for name in headers)
        if retries and method != "GET" and not keyed:
            raise ValueError(
                f"a {method} that is repeated may be done twice: add the header "
                "`Idempotency-Key`, or remove `retries`"
            )
        return retries

    def reads(self, at: Where = ()) -> Iterator[Read]:
        """The templates in it."""
        yield from reads_template((*at, "url"), self.url)
        for field in ("params", "headers"):
            for name, text in getattr(self, field).items():
                yield from reads_template((*at, field, name), text)
        yield from reads_json((*at, "body"), self.body)

    def secrets(self) -> Iterator[tuple[Where, str]]:
        """The secrets of the installation that it refers to, each with its place."""
        for name, text in self.headers.items():
            for found in SECRET.findall(text):
                yield ("headers", name), found
        for path, text in _texts(("body",), self.body):
            for found in SECRET.findall(text):
                yield path, found


def _texts(path: Where, value: Any) -> Iterator[tuple[Where, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts((*path, key), inner)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts((*path, index), inner)


class Http(Call, NodeBase):
    """Asks another system; a way out for each kind of failure, all but ``error`` as that."""

    EXITS: ClassVar[tuple[str, ...]] = ("ok", "error")
    OPTIONAL_EXITS: ClassVar[tuple[str, ...]] = ("not_found", "refused", "failed", "timeout")
    AS: ClassVar[dict[str, str]] = {
        "not_found": "error",
        "refused": "error",
        "failed": "error",
        "timeout": "error",
    }

    type: Literal["http"]
    lookup: Name | None = Field(None, description="its name in reports and tests; else the node's")
    save: dict[Settable, Saved] = Field({})
    filler: Speech = Field((), description="said over and over when it takes longer")
    filler_after_seconds: float = Field(1.5, ge=0, le=10)
    ok: Name | None = None
    not_found: Name | None = Field(None, description="404 or 410")
    refused: Name | None = Field(None, description="another 4xx")
    failed: Name | None = Field(None, description="5xx")
    timeout: Name | None = None
    error: Name | None = None

    def speeches(self) -> Iterator[tuple[Where, tuple[Part, ...]]]:
        """The filler."""
        yield ("filler",), self.filler

    def reads(self, at: Where = ()) -> Iterator[Read]:
        """The templates in the request."""
        yield from Call.reads(self, at)

    def sets(self) -> Iterator[tuple[str, bool]]:
        """What is saved of the answer."""
        for name in self.save:
            yield name, False
