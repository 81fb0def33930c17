"""Settings of queues and agents, as the distributor sees them.

Read from YAML by ``engine.config``.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from acd.service_level import ServiceLevel

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$", examples=["support"])]


class QueueSettings(BaseModel):
    """One queue. Times in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    ring_seconds: float = Field(15, ge=1, le=120, description="how long one agent rings")
    wrap_up_seconds: float = Field(10, ge=0, le=3600, description="time after a talk; 0 for none")
    retry_seconds: float = Field(
        5,
        ge=1,  # a phone on do-not-disturb refuses within milliseconds: never ring it in a loop
        le=600,
        description="how long an agent who missed or refused a contact is passed over",
    )
    max_misses: int = Field(
        2, ge=1, le=20, description="misses in a row that make an agent not responding"
    )
    max_wait_seconds: float = Field(
        1800, ge=1, le=86400, description="waiting longer leaves by `timeout`"
    )
    max_waiting: int = Field(200, ge=1, le=10000, description="a contact more leaves by `full`")
    hold_when_unstaffed: bool = Field(
        True,
        description=(
            "keep callers waiting while nobody is logged in; otherwise they leave by `no_agents`"
        ),
    )
    service_level: ServiceLevel = Field(ServiceLevel(), description="the target")
    music: str = Field("default", description="music-on-hold class")
    record: bool = Field(True, description="record the talk")


class AgentSettings(BaseModel):
    """One agent and the queues he serves."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    extension: Annotated[
        str, Field(pattern=r"^[0-9]{2,8}$", description="his own SIP account and number")
    ]
    display_name: str = ""
    queues: tuple[Name, ...] = ()
    languages: tuple[str, ...] = ()
    pin: str | None = Field(
        None, pattern=r"^[0-9]{4,10}$", description="for logging in at another's phone"
    )
    secret: str | None = Field(
        None,
        min_length=8,
        description="SIP password; made from the installation's own secret when absent",
    )
