"""Who uses the API, and as what: ``users`` in the settings.

Without users there is one who may do all: whoever has the ``api_token``, or is on this machine.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from acd.settings import Name
from engine.secrets import Secrets, UnknownSecret


class UserRole(StrEnum):
    """What a user may do; each may do what those before him may (``engine.api.access``)."""

    AGENT = "agent"  # his own things
    SUPERVISOR = "supervisor"  # see all, hear his teams
    ADMIN = "admin"  # all


def _secret(reference: str) -> str:
    """A token never stands in the settings as it is."""
    if not reference.startswith("${secret:"):
        raise ValueError(
            "a token does not stand in the settings: write `${secret:NAME}`, or its SHA-256 as "
            "`token_sha256`"
        )
    return reference


class User(BaseModel):
    """One user: what he is, which agent, and how he proves it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    role: UserRole
    agent: Name | None = Field(None, description="his name in the agents' file")
    token: Annotated[str, AfterValidator(_secret)] | None = Field(
        None, description="the secret that is his token: `${secret:NAME}`"
    )
    token_sha256: str | None = Field(
        None, pattern=r"^[0-9a-f]{64}$", description="or the SHA-256 of his token, in hex"
    )

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.token is None) == (self.token_sha256 is None):
            raise ValueError("write either `token` or `token_sha256`")
        if self.agent is None and self.role is not UserRole.ADMIN:
            raise ValueError("`agent` is missing: which agent of the agents' file he is")
        return self

    def digest(self, secrets: Secrets) -> str:
        """The SHA-256 of his token; '' when there is no such secret: then nobody has it."""
        if self.token is None:
            return self.token_sha256 or ""
        try:
            return digest_of(secrets.fill(self.token))
        except UnknownSecret:
            return ""


def digest_of(token: str) -> str:
    """SHA-256 in hex. Tokens are long and random, so nothing slower is needed."""
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()
