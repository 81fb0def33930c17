"""What all settings of queues and agents have: their form, and the spelling of names."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$", examples=["support"])]
Skill = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", examples=["billing"])]


class AcdSettings(BaseModel):
    """What operations people write: nothing unknown, and never changed afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid")
