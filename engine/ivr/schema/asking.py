"""Nodes that say something and ask: say, menu, gather, listen, survey."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from engine.ivr.expressions import fits
from engine.ivr.saying import Kind
from engine.ivr.schema.base import (
    Exit,
    Name,
    NodeBase,
    Outcome,
    Read,
    Settable,
    Strict,
    Where,
    reads_expression,
)
from engine.ivr.schema.speech import (
    BargeIn,
    ExpressionText,
    Language,
    MayCut,
    Part,
    Speech,
    Taper,
)
from engine.ivr.values import Type

KEYS_PATTERN = r"^[0-9*#A-DX]{1,8}$"
TERMINATOR_PATTERN = r"^[*#]{0,2}$"
KEY_PATTERN = r"^[0-9*#A-D]?$"

Keys = Annotated[str, Field(pattern=KEYS_PATTERN)]
Phrase = Annotated[str, Field(min_length=1, max_length=100)]


def _as_phrases(value: Any) -> Any:
    if isinstance(value, dict):
        return {tag: [said] if isinstance(said, str) else said for tag, said in value.items()}
    return value


Phrases = Annotated[
    dict[Language, Annotated[tuple[Phrase, ...], Field(min_length=1, max_length=20)]],
    BeforeValidator(
        _as_phrases, json_schema_input_type=dict[Language, Phrase | tuple[Phrase, ...]]
    ),
]
"""What callers may say, per language, with synonyms."""


class Say(NodeBase):
    """Says prompts and goes on."""

    EXITS: ClassVar[tuple[str, ...]] = ("next",)
    OPTIONAL_EXITS: ClassVar[tuple[str, ...]] = ("error",)
    AS: ClassVar[dict[str, str]] = {"error": "next"}

    type: Literal["say", "play"]
    prompts: Annotated[Speech, Field(min_length=1)]
    barge_in: MayCut = BargeIn.BOTH
    repeat: int = Field(1, ge=1, le=20, description="how often it is said")
    outcome: Outcome | None = Field(
        None, description="what the record says of who hangs up after it, where it is not plain"
    )
    next: Name | None = None
    error: Name | None = Field(None, description="when it cannot be played; absent: next")

    def speeches(self) -> Iterator[tuple[Where, tuple[Part, ...]]]:
        """Its prompts."""
        yield ("prompts",), self.prompts


class Bands(Strict):
    """What becomes of what the recogniser heard, by its confidence from 0 to 1."""

    accept: float = Field(0.75, ge=0, le=1, description="taken as it is from here on")
    confirm: float = Field(0.5, ge=0, le=1, description="asked back from here on; below: nomatch")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.confirm > self.accept:
            raise ValueError("`confirm` is above `accept`: nothing would ever be asked back")
        return self


class Asking(NodeBase):
    """What asking nodes have in common: prompts, the timers, the attempts.

    ``WRONG`` names the exit, and with ``_prompts`` the message, of an input that does not fit.
    """

    WRONG: ClassVar[str]

    prompts: Speech = ()
    again: Speech | None = Field(None, description="said on a further attempt instead of `prompts`")
    barge_in: MayCut = BargeIn.BOTH
    attempts: int = Field(3, ge=1, le=10, description="how often the caller may try in all")
    timeout_seconds: float = Field(5, ge=0.5, le=60, description="for the first key, from silence")
    inter_digit_seconds: float = Field(2, ge=0.5, le=30, description="for each further key")
    noinput_prompts: Taper = ()
    noinput: Name | None = None
    global_keys: bool = Field(True, description="whether the flow's global keys count here")
    confidence: Bands = Bands()

    def message(self, kind: str, count: int) -> tuple[Part, ...]:
        """What is said at the ``count``-th failure of this ``kind``: the last entry not past it."""
        taper: tuple[tuple[Part, ...], ...] = getattr(self, f"{kind}_prompts")
        return taper[min(count, len(taper)) - 1] if taper else ()

    def speeches(self) -> Iterator[tuple[Where, tuple[Part, ...]]]:
        """Its prompts, the short form, and the messages for failures."""
        yield ("prompts",), self.prompts
        yield ("again",), self.again or ()
        for kind in ("noinput", self.WRONG):
            field = f"{kind}_prompts"
            for index, parts in enumerate(getattr(self, field)):
                yield (field, index), parts


class Choice(Strict):
    """Where a choice of a menu leads; short form: the node's name alone."""

    to: Name
    phrases: Phrases = Field({})
    confirm: bool = Field(False, description="asked back, also after a key")


def _as_choice(value: Any) -> Any:
    return {"to": value} if isinstance(value, str) else value


class Menu(Asking):
    """Offers choices by key, by a string of keys (``X`` is any digit), and by voice."""

    EXITS: ClassVar[tuple[str, ...]] = ("noinput", "nomatch")
    WRONG: ClassVar[str] = "nomatch"

    type: Literal["menu"]
    keys: Annotated[
        dict[
            Keys,
            Annotated[Choice, BeforeValidator(_as_choice, json_schema_input_type=Name | Choice)],
        ],
        Field(min_length=1, max_length=50),
    ]
    variable: Settable | None = Field(None, description="takes the keys that were pressed")
    nomatch_prompts: Taper = ()
    nomatch: Name | None = None

    def exits(self) -> Iterator[Exit]:
        """One per choice, then the failures."""
        for keys, choice in self.keys.items():
            yield Exit(keys, ("keys", keys), choice.to)
        yield from super().exits()

    def sets(self) -> Iterator[tuple[str, bool]]:
        """The variable with the keys."""
        if self.variable:
            yield self.variable, False


class Gather(Asking):
    """Takes a number from the caller into a variable."""

    EXITS: ClassVar[tuple[str, ...]] = ("ok", "noinput", "invalid")
    OPTIONAL_EXITS: ClassVar[tuple[str, ...]] = ("cancel",)
    AS: ClassVar[dict[str, str]] = {"cancel": "invalid"}
    WRONG: ClassVar[str] = "invalid"

    type: Literal["gather"]
    variable: Settable
    as_: Type = Field(Type.TEXT, alias="as", description="what the variable becomes")
    min_digits: int = Field(1, ge=1, le=40)
    max_digits: int = Field(20, ge=1, le=40)
    terminator: str = Field("#", pattern=TERMINATOR_PATTERN, description="each key here ends it")
    terminator_seconds: float = Field(
        0, ge=0, le=30, description="wait for the terminator after the last possible digit"
    )
    clear_key: str = Field("", pattern=KEY_PATTERN, description="start over, as if nothing typed")
    cancel_key: str = Field("", pattern=KEY_PATTERN, description="leave by `cancel`")
    check: Literal["luhn", "date"] | None = Field(
        None, description="luhn: a card's or an account's check digit; date: DDMM or DDMMYYYY"
    )
    pattern: str = Field("", max_length=200, description="a regular expression that it must fit")
    valid: ExpressionText | None = Field(None, description="true for a right number; see `typed`")
    confirm: Kind | None = Field(None, description="read back as this, and asked whether right")
    secret: bool = Field(False, description="the digits appear in no trace, log or journal")
    invalid_prompts: Taper = ()
    ok: Name | None = None
    invalid: Name | None = None
    cancel: Name | None = None

    @field_validator("max_digits")
    @classmethod
    def _not_below_min(cls, value: int, info: ValidationInfo) -> int:
        if value < info.data.get("min_digits", 1):
            raise ValueError(
                "`max_digits` is less than `min_digits`: no number could ever be right"
            )
        return value

    @field_validator("pattern")
    @classmethod
    def _is_pattern(cls, pattern: str) -> str:
        fits(pattern, "")
        return pattern

    @field_validator("secret")
    @classmethod
    def _secrets_are_not_said(cls, secret: bool, info: ValidationInfo) -> bool:
        if secret and info.data.get("confirm"):
            raise ValueError("a secret is not read back: remove `confirm` or `secret`")
        if secret and str(info.data.get("variable")).startswith("call."):
            raise ValueError("a secret stays in its flow: remove `call.` of its variable")
        return secret

    def reads(self) -> Iterator[Read]:
        """Its own check of what was typed."""
        yield from reads_expression(("valid",), self.valid or "")

    def sets(self) -> Iterator[tuple[str, bool]]:
        """Its variable."""
        yield self.variable, self.secret


class Intent(Strict):
    """Something a caller may want: how he says it, which key does the same."""

    to: Name
    phrases: Phrases = Field({})
    key: str = Field("", pattern=KEY_PATTERN)
    confirm: bool = False


class Listen(Asking):
    """Listens for a wish in the caller's words, with keys beside; without ``intents`` for any
    words, into ``variable``."""

    EXITS: ClassVar[tuple[str, ...]] = ("noinput", "nomatch")
    OPTIONAL_EXITS: ClassVar[tuple[str, ...]] = ("ok", "deaf")
    AS: ClassVar[dict[str, str]] = {"deaf": "noinput", "ok": "nomatch"}
    WRONG: ClassVar[str] = "nomatch"

    type: Literal["listen"]
    intents: Annotated[dict[Name, Intent], Field(max_length=50)] = Field({})
    variable: Settable | None = Field(None, description="takes the words that were heard")
    nomatch_prompts: Taper = ()
    ok: Name | None = Field(None, description="after free speech")
    nomatch: Name | None = None
    deaf: Name | None = Field(None, description="no recogniser, and no keys; absent: noinput")

    @model_validator(mode="after")
    def _for_something(self) -> Self:
        if not self.intents and not (self.variable and self.ok):
            raise ValueError("write `intents`, or for free speech `variable` and `ok`")
        return self

    def exits(self) -> Iterator[Exit]:
        """One per wish, then the failures."""
        for name, intent in self.intents.items():
            yield Exit(name, ("intents", name, "to"), intent.to)
        yield from super().exits()

    def sets(self) -> Iterator[tuple[str, bool]]:
        """The variable with the words."""
        if self.variable:
            yield self.variable, False


class Answering(Strict):
    """One answer of a question by key; short form: its label alone."""

    label: str = Field(max_length=60)
    phrases: Phrases = Field({})


def _as_answering(value: Any) -> Any:
    return {"label": value} if isinstance(value, str) else value


def _as_scale(value: Any) -> Any:
    """``1-5``: a key for each number of a scale."""
    first, _, last = str(value).partition("-")
    if (
        isinstance(value, str)
        and first.isdigit()
        and last.isdigit()
        and int(first) < int(last) < 10
    ):
        return {str(key): str(key) for key in range(int(first), int(last) + 1)}
    return value


_Answers = dict[
    Annotated[str, Field(pattern="^[0-9]$")],
    Annotated[Answering, BeforeValidator(_as_answering, json_schema_input_type=str | Answering)],
]
_Scale = Annotated[str, Field(pattern="^[0-9]-[0-9]$")]


class Question(Strict):
    """One question of a survey: by key (``keys: 1-5``), or answered in words (``message``)."""

    id: Name
    prompts: Annotated[Speech, Field(min_length=1)]
    keys: Annotated[
        _Answers, BeforeValidator(_as_scale, json_schema_input_type=_Scale | _Answers)
    ] = Field({})
    message: bool = Field(False, description="he speaks after a beep, and it is recorded")
    seconds: float = Field(60, ge=3, le=300, description="of a message, at most")
    when: ExpressionText | None = Field(None, description="asked only when this is true")
    variable: Settable | None = Field(None, description="takes the answer, for later questions")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.keys) == self.message:
            raise ValueError("write `keys: 1-5` (or a table of keys), or `message: true`")
        return self


class Survey(NodeBase):
    """Asks questions in order; each answer is kept with the call and who served it."""

    EXITS: ClassVar[tuple[str, ...]] = ("done",)
    OPTIONAL_EXITS: ClassVar[tuple[str, ...]] = ("partial", "refused")
    AS: ClassVar[dict[str, str]] = {"partial": "done", "refused": "done"}

    type: Literal["survey"]
    survey: Name
    invitation: Speech = Field((), description="said first; `refuse_key` pressed then: refused")
    refuse_key: str = Field("", pattern=KEY_PATTERN)
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=20)]
    attempts: int = Field(2, ge=1, le=5, description="for each question; then it is skipped")
    timeout_seconds: float = Field(5, ge=0.5, le=60)
    done: Name | None = None
    partial: Name | None = None
    refused: Name | None = None

    def speeches(self) -> Iterator[tuple[Where, tuple[Part, ...]]]:
        """The invitation and the questions."""
        yield ("invitation",), self.invitation
        for index, question in enumerate(self.questions):
            yield ("questions", index, "prompts"), question.prompts

    def reads(self) -> Iterator[Read]:
        """When questions are asked."""
        for index, question in enumerate(self.questions):
            yield from reads_expression(("questions", index, "when"), question.when or "")

    def sets(self) -> Iterator[tuple[str, bool]]:
        """The variables of the answers."""
        for question in self.questions:
            if question.variable:
                yield question.variable, False
