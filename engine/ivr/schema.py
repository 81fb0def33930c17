"""The flow language: what an ``ivr_flows/*.yaml`` file may say, as pydantic models.

Text in, models out: numbers and yes/no arrive as text from the YAML reader and are converted here.
Exits are optional in the models and asked for by ``engine.ivr.lint``, which can say in a shift
leader's words what would happen to the caller. ``ivr_flows/README.md`` is the language's manual.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

NAME_PATTERN = r"^[a-z][a-z0-9_-]{0,39}$"
PROMPT_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,59}$"
LANGUAGE_PATTERN = r"^[a-z]{2}(-[A-Z]{2})?$"
KEYS_PATTERN = r"^[0-9*#A-D]{1,8}$"
TERMINATOR_PATTERN = r"^[*#]{0,2}$"
VARIABLE_PATTERN = r"^[a-z][a-z0-9_]{0,39}$"
OWNER_PATTERN = r"^(\$[a-z][a-z0-9_]{0,39}|[a-z][a-z0-9_-]{0,39})?$"

Name = Annotated[str, Field(pattern=NAME_PATTERN)]
PromptKey = Annotated[str, Field(pattern=PROMPT_PATTERN)]
Language = Annotated[str, Field(pattern=LANGUAGE_PATTERN)]
Keys = Annotated[str, Field(pattern=KEYS_PATTERN)]
PromptText = Annotated[str, Field(min_length=1, max_length=1000)]
PromptTable = dict[PromptKey, Annotated[dict[Language, PromptText], Field(min_length=1)]]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Part(_Strict):
    """One prompt of a list; in YAML a bare key, or a mapping for one with rules of its own."""

    prompt: PromptKey
    barge_in: bool | None = Field(None, description="may a key cut it; absent: as the node says")
    language: Language | None = Field(None, description="always said in this language")
    only_in: Language | None = Field(None, description="said only while the call is in this one")


def _as_part(item: Any) -> Any:
    return {"prompt": item} if isinstance(item, str) else item


def _as_parts(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_part(item) for item in value]
    return [_as_part(value)] if isinstance(value, str | dict) else value


def _as_rounds(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_parts(item) for item in value]
    return [_as_parts(value)]


Speech = Annotated[tuple[Part, ...], BeforeValidator(_as_parts), Field(max_length=20)]
"""What is said in one go: one prompt or a list."""

Taper = Annotated[tuple[Speech, ...], BeforeValidator(_as_rounds), Field(max_length=10)]
"""What is said the first time, the second time …; the last entry serves all further times."""


@dataclass(frozen=True, slots=True)
class Exit:
    """A way out of a node.

    ``path`` is its place inside the node's YAML; ``target`` is None when it was left out.
    """

    name: str
    path: tuple[str, ...]
    target: str | None
    required: bool = True


class _Node(_Strict):
    EXITS: ClassVar[tuple[str, ...]] = ()
    OPTIONAL_EXITS: ClassVar[tuple[str, ...]] = ()

    def exits(self) -> Iterator[Exit]:
        """Every way out, in the order of the file."""
        for name in self.EXITS:
            yield Exit(name, (name,), getattr(self, name))
        for name in self.OPTIONAL_EXITS:
            yield Exit(name, (name,), getattr(self, name), required=False)

    def exit(self, name: str) -> Exit:
        """The way out called ``name``; for a menu also the keys of a choice."""
        return {way.name: way for way in self.exits()}[name]

    def speeches(self) -> Iterator[tuple[tuple[str | int, ...], tuple[Part, ...]]]:
        """Everything the node may say, each with its place inside the node's YAML."""
        yield from ()


class Say(_Node):
    """Says prompts and goes on."""

    EXITS: ClassVar[tuple[str, ...]] = ("next",)

    type: Literal["say"]
    prompts: Annotated[Speech, Field(min_length=1)]
    barge_in: bool = True
    next: Name | None = None

    def speeches(self) -> Iterator[tuple[tuple[str | int, ...], tuple[Part, ...]]]:
        """Its prompts."""
        yield ("prompts",), self.prompts


class _Asking(_Node):
    """What ``menu`` and ``gather`` have in common: prompts, the timers, the attempts.

    ``WRONG`` names the exit, and with ``_prompts`` the message, of an input that does not fit.
    """

    WRONG: ClassVar[str]

    prompts: Speech = ()
    again: Speech | None = Field(None, description="said on a further attempt instead of `prompts`")
    barge_in: bool = True
    attempts: int = Field(3, ge=1, le=10, description="how often the caller may try in all")
    timeout_seconds: float = Field(5, ge=0.5, le=60, description="for the first key, from silence")
    inter_digit_seconds: float = Field(2, ge=0.5, le=30, description="for each further key")
    noinput_prompts: Taper = ()
    noinput: Name | None = None

    def message(self, kind: str, count: int) -> tuple[Part, ...]:
        """What is said at the ``count``-th failure of this ``kind``: the last entry not past it."""
        taper: tuple[tuple[Part, ...], ...] = getattr(self, f"{kind}_prompts")
        return taper[min(count, len(taper)) - 1] if taper else ()

    def speeches(self) -> Iterator[tuple[tuple[str | int, ...], tuple[Part, ...]]]:
        """Its prompts, the short form, and the messages for failures."""
        yield ("prompts",), self.prompts
        yield ("again",), self.again or ()
        for kind in ("noinput", self.WRONG):
            field = f"{kind}_prompts"
            for index, parts in enumerate(getattr(self, field)):
                yield (field, index), parts


class Menu(_Asking):
    """Offers choices by key or by a string of keys."""

    EXITS: ClassVar[tuple[str, ...]] = ("noinput", "nomatch")
    WRONG: ClassVar[str] = "nomatch"

    type: Literal["menu"]
    keys: Annotated[dict[Keys, Name], Field(min_length=1, max_length=50)]
    nomatch_prompts: Taper = ()
    nomatch: Name | None = None

    def exits(self) -> Iterator[Exit]:
        """One per choice, then the failures."""
        for keys, target in self.keys.items():
            yield Exit(keys, ("keys", keys), target)
        yield from super().exits()


class Gather(_Asking):
    """Takes a number from the caller into a variable."""

    EXITS: ClassVar[tuple[str, ...]] = ("ok", "noinput", "invalid")
    WRONG: ClassVar[str] = "invalid"

    type: Literal["gather"]
    variable: Annotated[str, Field(pattern=VARIABLE_PATTERN)]
    min_digits: int = Field(1, ge=1, le=40)
    max_digits: int = Field(20, ge=1, le=40)
    terminator: str = Field("#", pattern=TERMINATOR_PATTERN, description="each key here ends it")
    terminator_seconds: float = Field(
        0, ge=0, le=30, description="wait for the terminator after the last possible digit"
    )
    secret: bool = Field(False, description="the digits appear in no trace, log or journal")
    invalid_prompts: Taper = ()
    ok: Name | None = None
    invalid: Name | None = None

    @field_validator("max_digits")
    @classmethod
    def _not_below_min(cls, value: int, info: ValidationInfo) -> int:
        if value < info.data.get("min_digits", 1):
            raise ValueError("is less than min_digits: no input could ever be right")
        return value


class SetLanguage(_Node):
    """Changes the language of everything said from here on."""

    EXITS: ClassVar[tuple[str, ...]] = ("next",)

    type: Literal["language"]
    language: Language
    next: Name | None = None


class Hours(_Node):
    """Asks a calendar. ``holiday`` left out means the same as ``closed``."""

    EXITS: ClassVar[tuple[str, ...]] = ("open", "closed")
    OPTIONAL_EXITS: ClassVar[tuple[str, ...]] = ("holiday",)

    type: Literal["hours"]
    calendar: Name
    open: Name | None = None
    closed: Name | None = None
    holiday: Name | None = None


class NeedStep(_Strict):
    """One step of what a caller needs of an agent, as a queue's own settings have it."""

    need: str = Field("", max_length=500)
    seconds: float | None = Field(None, gt=0, le=86400)
    skip_if_unstaffed: bool = True
    max_expected_wait_seconds: float | None = Field(None, gt=0)


def _as_steps(value: Any) -> Any:
    """A step that is only its need may be that text, and so may be all of them together."""
    steps = [value] if isinstance(value, str | dict) else value
    if isinstance(steps, list):
        return [{"need": step} if isinstance(step, str) else step for step in steps]
    return value


class Queue(_Node):
    """Waits for an agent. ``answered`` is where the caller goes after the talk.

    Left out, ``unmatched`` and ``overflow`` go where ``timeout`` goes, and ``answered``,
    ``callback`` (he will be called back) and ``voicemail`` (he left a message) to the end.
    """

    EXITS: ClassVar[tuple[str, ...]] = ("timeout", "full", "no_agents")
    OPTIONAL_EXITS: ClassVar[tuple[str, ...]] = (
        "unmatched", "overflow", "answered", "callback", "voicemail",
    )  # fmt: skip
    AS_TIMEOUT: ClassVar[tuple[str, ...]] = ("unmatched", "overflow")

    type: Literal["queue"]
    queue: Name
    needs: Annotated[tuple[NeedStep, ...], BeforeValidator(_as_steps), Field(max_length=20)] = ()
    priority_seconds: float = Field(
        0, ge=-86400, le=86400, description="as if he had waited so long already"
    )
    owner: str = Field(
        "",
        pattern=OWNER_PATTERN,
        description="the agent whose customer he is: a name, or `$variable` with an extension",
    )
    timeout: Name | None = None
    full: Name | None = None
    no_agents: Name | None = None
    unmatched: Name | None = None
    overflow: Name | None = None
    answered: Name | None = None
    callback: Name | None = None
    voicemail: Name | None = None

    def left_by(self, reason: str) -> Exit | None:
        """The way out for this reason; None is the end of the flow."""
        way = self.exit(reason)
        if way.target is None and reason in self.AS_TIMEOUT:
            return self.exit("timeout")
        return way if way.target is not None or way.required else None


Outcome = Literal["out_of_hours", "self_served", "overflowed"]


class Hangup(_Node):
    """Says its prompts to the end and hangs up."""

    type: Literal["hangup"]
    prompts: Speech = ()
    outcome: Outcome | None = Field(None, description="what the record says, where it is not plain")

    def speeches(self) -> Iterator[tuple[tuple[str | int, ...], tuple[Part, ...]]]:
        """The good-bye."""
        yield ("prompts",), self.prompts


Node = Say | Menu | Gather | SetLanguage | Hours | Queue | Hangup


class Flow(_Strict):
    """One flow: one file."""

    name: Name = Field(alias="flow")
    language: Language = "en"
    start: Name
    prompts: PromptTable = {}
    nodes: Annotated[
        dict[Name, Annotated[Node, Field(discriminator="type")]],
        Field(min_length=1, max_length=500),
    ]

    def languages(self) -> list[str]:
        """Every language the flow itself speaks, its default first."""
        found = [self.language]
        found += [node.language for node in self.nodes.values() if isinstance(node, SetLanguage)]
        found += [language for texts in self.prompts.values() for language in texts]
        return list(dict.fromkeys(found))


class PromptFile(_Strict):
    """A file of prompts without a flow, as ``ivr_flows/system.yaml``."""

    prompts: PromptTable
