"""A test of a flow as people write it: when, who calls, what is given, and the steps."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from engine.ivr.rehearsal.duration import seconds
from engine.ivr.rehearsal.rehearsal import SURE

USUAL_MOMENT = "2026-01-07T10:00"
"""When a test happens that does not say: a Wednesday morning, where the site is."""

_CALLER = "+84901234567"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def _moment(written: Any) -> str:
    """A date and a time of ISO 8601; without a zone it is the site's."""
    try:
        datetime.fromisoformat(str(written))
    except ValueError:
        raise ValueError(
            f"`{written}` is no moment: write 2027-02-06 10:00, or with its zone "
            "2027-02-06T10:00+07:00"
        ) from None
    return str(written)


def _some(steps: Any) -> Any:
    if steps == []:
        raise ValueError("there is no step")
    return steps


def _length(written: Any) -> float:
    return seconds(str(written))


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _as_said(value: Any) -> Any:
    return {"text": value} if isinstance(value, str) else value


def _as_pressed(value: Any) -> Any:
    return {"keys": value} if isinstance(value, str) else value


Moment = Annotated[str, BeforeValidator(_moment)]
Length = Annotated[float, BeforeValidator(_length)]


def _keys(written: str) -> str:
    if not re.fullmatch("[0-9*#A-D]{1,40}", written):
        raise ValueError(f"`{written}` are no keys: 0-9, * and #, in quotes")
    return written


def _pattern(written: str) -> str:
    if is_regex(written):
        try:
            re.compile(written[1:-1])
        except re.error as error:
            raise ValueError(f"`{written}` is no regular expression: {error}") from None
    return written


Heard = Annotated[str, Field(min_length=1), AfterValidator(_pattern)]
"""A prompt's key (also ``key.vi``), a text, or a regular expression between slashes."""


def is_regex(written: str) -> bool:
    """Whether what is to be heard is written as ``/regex/``."""
    return len(written) > 2 and written.startswith("/") and written.endswith("/")


class Pressed(_Strict):
    """Keys; ``early`` presses them while the flow still speaks."""

    keys: Annotated[str, AfterValidator(_keys)]
    early: bool = False


class Said(_Strict):
    """Words, and how well the recogniser hears them; ``early`` as with keys."""

    text: str = Field(min_length=1)
    confidence: float = Field(SURE, ge=0, le=1)
    early: bool = False


class Step(_Strict):
    """One step: something the caller does, or something that must have come of it."""

    press: Annotated[Pressed, BeforeValidator(_as_pressed)] | None = None
    say: Annotated[Said, BeforeValidator(_as_said)] | None = None
    wait: Length | None = None
    silence: None = None
    hangup: None = None
    hear: Heard | None = None
    hear_only: Annotated[tuple[Heard, ...], BeforeValidator(_as_list)] | None = None
    not_hear: Heard | None = None
    goes_to: str | None = None
    variable: dict[str, str | None] | None = None
    ends: str | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if len(self.model_fields_set) != 1:
            names = ", ".join(f"`{name}`" for name in type(self).model_fields)
            raise ValueError(f"a step is one of {names}")
        empty = getattr(self, self.kind) is None
        if empty and self.kind not in ("silence", "hangup", "ends"):
            raise ValueError(f"`{self.kind}` has no value")
        return self

    @property
    def kind(self) -> str:
        """Which step it is."""
        return next(iter(self.model_fields_set))


class Call(_Strict):
    """Who calls, where ('' for a number that leads to the flow), in which language ('' for that of
    the number, or of the flow); whom a campaign calls, the columns of his ``lead``."""

    from_: str = Field(_CALLER, alias="from")
    to: str = ""
    language: str = Field("", pattern=r"^([a-z]{2}(-[A-Z]{2})?)?$")
    entry: Literal["call", "callback", "after_queue", "outbound"] = "call"
    facts: dict[str, str] = {}
    lead: dict[str, str] = {}


class FlowTest(_Strict):
    """One test. ``given`` says how the world answers (``engine.ivr.rehearsal.given``)."""

    name: str = Field(min_length=1, max_length=200)
    at: Moment = USUAL_MOMENT
    call: Call = Call()
    given: dict[str, Any] = {}
    steps: Annotated[tuple[Step, ...], BeforeValidator(_some)] = Field(
        validation_alias=AliasChoices("steps", "expect")
    )
