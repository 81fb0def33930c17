"""Settings of what is recorded of a queue's talks, and for how long it is kept."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field, model_validator

from acd.settings import AcdSettings


class RecordWhen(StrEnum):
    """When a talk is recorded."""

    ALWAYS = "always"
    ON_DEMAND = "on_demand"  # when its agent, the API or the flow says so
    NEVER = "never"


_YES_OR_NO = {"yes": "always", "on": "always", "no": "never", "off": "never"}
"""Words to YAML 1.2, and once a truth value."""


class Recording(AcdSettings):
    """What is recorded of a queue's talks. `record: true`, `false` and `on_demand` are short for
    `when: always`, `never` and `on_demand`."""

    when: RecordWhen = Field(RecordWhen.ALWAYS, description="always, on_demand or never")
    share: float = Field(100, ge=0, le=100, description="percent of the talks, drawn by call")
    consent: bool = Field(
        False, description="only callers whose flow said `record: start`, having asked them"
    )
    since: Literal["answer", "queue"] = Field(
        "answer", description="from the agent's answer, or from when the caller begins to wait"
    )
    stereo: bool = Field(
        False, description="a second file too: the caller on the left, what he hears on the right"
    )
    by_agents: bool = Field(False, description="agents may begin and end it themselves")
    pause_seconds: float = Field(
        180, ge=1, le=3600, description="a pause that nobody ends is over then"
    )
    keep_days: float | None = Field(None, gt=0, description="deleted then; without: never")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, written: Any) -> Any:
        if isinstance(written, bool):
            return {"when": RecordWhen.ALWAYS if written else RecordWhen.NEVER}
        if isinstance(written, str):
            return {"when": _YES_OR_NO.get(written.lower(), written)}
        return written
