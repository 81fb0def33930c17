"""Nodes that decide, remember or lead elsewhere, without a word to the caller."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from engine.ivr.schema.base import (
    Exit,
    Name,
    NodeBase,
    Read,
    Settable,
    Strict,
    Variable,
    reads_expression,
)
from engine.ivr.schema.speech import ExpressionText, Language
from engine.ivr.values import Type, typed


class Start(NodeBase):
    """Where a call begins: guesses its language by the caller's number, and tells apart who comes
    by himself from who is called back."""

    EXITS: ClassVar[tuple[str, ...]] = ("next",)
    OPTIONAL_EXITS: ClassVar[tuple[str, ...]] = ("callback", "after_queue")
    AS: ClassVar[dict[str, str]] = {"callback": "next", "after_queue": "next"}

    type: Literal["start"]
    languages: dict[Annotated[str, Field(pattern=r"^\+?[0-9]{1,15}$")], Language] = Field(
        default={}, description="the beginning of a caller's number, and his language"
    )
    next: Name | None = None
    callback: Name | None = Field(None, description="he was called back")
    after_queue: Name | None = Field(None, description="a queue sent him here")


class SetLanguage(NodeBase):
    """Changes the language of everything said from here on."""

    EXITS: ClassVar[tuple[str, ...]] = ("next",)

    type: Literal["language", "lang"]
    language: Language | None = None
    value: ExpressionText | None = Field(None, description="comes to a language; else unchanged")
    next: Name | None = None

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if (self.language is None) == (self.value is None):
            raise ValueError("write `language: vi`, or `value:` with an expression")
        return self

    def reads(self) -> Iterator[Read]:
        """The expression of the language."""
        yield from reads_expression(("value",), self.value or "")


class Hours(NodeBase):
    """Asks a calendar, in the order emergency, holiday, closed, open. Sets ``hours``."""

    EXITS: ClassVar[tuple[str, ...]] = ("open", "closed")
    OPTIONAL_EXITS: ClassVar[tuple[str, ...]] = ("holiday", "emergency")
    AS: ClassVar[dict[str, str]] = {"holiday": "closed", "emergency": "closed"}

    type: Literal["hours"]
    calendar: Name
    open: Name | None = None
    closed: Name | None = None
    holiday: Name | None = None
    emergency: Name | None = None


class Set(NodeBase):
    """Gives variables values; each expression may use those above it."""

    EXITS: ClassVar[tuple[str, ...]] = ("next",)
    OPTIONAL_EXITS: ClassVar[tuple[str, ...]] = ("error",)

    type: Literal["set"]
    variables: Annotated[dict[Settable, ExpressionText], Field(min_length=1, max_length=50)]
    next: Name | None = None
    error: Name | None = Field(None, description="an expression failed; absent: `on_error`")

    def reads(self) -> Iterator[Read]:
        """The expressions."""
        for name, source in self.variables.items():
            yield from reads_expression(("variables", name), source)

    def sets(self) -> Iterator[tuple[str, bool]]:
        """The variables."""
        for name in self.variables:
            yield name, False


class If(NodeBase):
    """Goes one way when an expression is true, and the other when it is not."""

    EXITS: ClassVar[tuple[str, ...]] = ("then", "else")
    OPTIONAL_EXITS: ClassVar[tuple[str, ...]] = ("error",)

    type: Literal["if"]
    when: ExpressionText
    then: Name | None = None
    else_: Name | None = Field(None, alias="else")
    error: Name | None = Field(None, description="the expression failed; absent: `on_error`")

    def reads(self) -> Iterator[Read]:
        """The expression."""
        yield from reads_expression(("when",), self.when)


class Case(Strict):
    """One way of a switch."""

    when: ExpressionText
    to: Name


class Switch(NodeBase):
    """Goes the way of the first case that is true."""

    EXITS: ClassVar[tuple[str, ...]] = ("else",)
    OPTIONAL_EXITS: ClassVar[tuple[str, ...]] = ("error",)

    type: Literal["switch"]
    cases: Annotated[tuple[Case, ...], Field(min_length=1, max_length=50)]
    else_: Name | None = Field(None, alias="else")
    error: Name | None = Field(None, description="an expression failed; absent: `on_error`")

    def exits(self) -> Iterator[Exit]:
        """One per case, called by its number from 1, then ``else``."""
        for index, case in enumerate(self.cases):
            yield Exit(str(index + 1), ("cases", str(index), "to"), case.to)
        yield from super().exits()

    def reads(self) -> Iterator[Read]:
        """The expressions."""
        for index, case in enumerate(self.cases):
            yield from reads_expression(("cases", index, "when"), case.when)


class Goto(NodeBase):
    """Goes to another node of this flow."""

    EXITS: ClassVar[tuple[str, ...]] = ("to",)

    type: Literal["goto"]
    to: Name | None = None


class Arm(Strict):
    """One arm of an experiment."""

    percent: float = Field(ge=0, le=100)
    to: Name


class Split(NodeBase):
    """Divides callers among arms by chance, but the same caller always into the same one."""

    type: Literal["split"]
    experiment: Name
    arms: Annotated[dict[Name, Arm], Field(min_length=2, max_length=10)]

    def exits(self) -> Iterator[Exit]:
        """One per arm."""
        for name, arm in self.arms.items():
            yield Exit(name, ("arms", name, "to"), arm.to)


class Parameter(Strict):
    """What a sub-flow is given; without a default it must be."""

    as_: Type = Field(Type.ANY, alias="as")
    default: str | None = None

    @model_validator(mode="after")
    def _default_fits(self) -> Self:
        if self.default is not None:
            typed(self.default, self.as_)
        return self


class SubFlow(NodeBase):
    """Goes through another flow and comes back; it sees only its parameters and ``call``."""

    OPTIONAL_EXITS: ClassVar[tuple[str, ...]] = ("next",)

    type: Literal["flow"]
    flow: Name
    with_: dict[Variable, ExpressionText] = Field(default={}, alias="with")
    results: dict[Settable, Variable] = Field(
        default={}, description="a variable here, and the value that was returned"
    )
    returns: dict[Name, Name] = Field(
        default={}, description="how the flow returned, and where it goes on"
    )
    next: Name | None = Field(None, description="for every return that `returns` has not")

    @model_validator(mode="after")
    def _next_once(self) -> Self:
        if "next" in self.returns and self.next is not None:
            raise ValueError("`next` stands here and in `returns`: keep one of them")
        return self

    def exits(self) -> Iterator[Exit]:
        """One per named return, then ``next``."""
        for name, target in self.returns.items():
            yield Exit(name, ("returns", name), target)
        yield from super().exits()

    def exit(self, name: str) -> Exit:
        """The way out for a return: its own, or ``next``."""
        found = {way.name: way for way in self.exits()}
        return found.get(name) or found["next"]

    def reads(self) -> Iterator[Read]:
        """What the parameters are."""
        for name, source in self.with_.items():
            yield from reads_expression(("with", name), source)

    def sets(self) -> Iterator[tuple[str, bool]]:
        """The results."""
        for name in self.results:
            yield name, False


class Return(NodeBase):
    """The end of a sub-flow: back to who called it. In a flow of its own, the end of the call."""

    type: Literal["return"]
    as_: Name = Field("next", alias="as", description="the name of the return")
    values: dict[Variable, ExpressionText] = Field({})

    def reads(self) -> Iterator[Read]:
        """What it brings back."""
        for name, source in self.values.items():
            yield from reads_expression(("values", name), source)


class Tag(NodeBase):
    """Keeps values with the call: in its record, and on the screen of its agent."""

    EXITS: ClassVar[tuple[str, ...]] = ("next",)

    type: Literal["tag", "screenpop"]
    values: dict[Name, ExpressionText] = Field({})
    script: str = Field("", max_length=100, description="which script the agent is shown")
    disposition: str = Field("", max_length=40, description="what came of it, if he says nothing")
    next: Name | None = None

    def reads(self) -> Iterator[Read]:
        """The values."""
        for name, source in self.values.items():
            yield from reads_expression(("values", name), source)
