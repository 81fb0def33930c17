"""What all nodes have in common: names, ways out, what they say, set and read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from engine.ivr.expressions import Expression, expression, holes
from engine.ivr.schema.speech import (
    Language,
    Part,
    PromptKey,
    Speech,
    Template,
)

NAME_PATTERN = r"^[a-z][a-z0-9_-]{0,39}$"
VARIABLE_PATTERN = r"^[a-z][a-z0-9_]{0,39}$"
SETTABLE_PATTERN = r"^(call\.)?[a-z][a-z0-9_]{0,39}$"
"""A variable of the flow, or with ``call.`` one of the whole call."""
RESERVED = frozenset({"call", "node", "hours", "payment", "true", "false", "null", "in"})


def _not_reserved(name: str) -> str:
    if name in RESERVED:
        raise ValueError(f"`{name}` has a meaning of its own: choose another name")
    return name


Name = Annotated[str, Field(pattern=NAME_PATTERN)]
Variable = Annotated[str, Field(pattern=VARIABLE_PATTERN), AfterValidator(_not_reserved)]
Settable = Annotated[str, Field(pattern=SETTABLE_PATTERN), AfterValidator(_not_reserved)]

Outcome = Literal["out_of_hours", "self_served", "overflowed"]
"""What a flow may know of what became of a call."""

Where = tuple[str | int, ...]


class Strict(BaseModel):
    """Settings as written: unknown ones are refused, and nothing changes afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


@dataclass(frozen=True, slots=True)
class Exit:
    """A way out of a node.

    ``path`` is its place inside the node's YAML; ``target`` is None when it was left out.
    """

    name: str
    path: tuple[str, ...]
    target: str | None
    required: bool = True


@dataclass(frozen=True, slots=True)
class Read:
    """An expression or a template within a node: ``names`` are the variables it reads.

    ``sends`` is true of a body that goes out with a request, where alone a secret may stand.
    """

    path: Where
    source: str
    names: frozenset[str]
    sends: bool = False


class NodeBase(Strict):
    """What every node may say beside its own settings."""

    EXITS: ClassVar[tuple[str, ...]] = ()
    OPTIONAL_EXITS: ClassVar[tuple[str, ...]] = ()
    AS: ClassVar[dict[str, str]] = {}
    """An optional exit that was left out goes where this other one goes, else it is the end."""

    note: str = Field("", max_length=1000, description="for who reads the file")
    tags: tuple[str, ...] = Field((), description="for who searches the files")
    log: str = Field(
        "", pattern=r"^[a-z][a-z0-9_-]{0,39}$|^$", description="a milestone of the reports"
    )

    def exits(self) -> Iterator[Exit]:
        """Every way out, in the order of the file."""
        for name in self.EXITS:
            yield Exit(name, (_alias(self, name),), getattr(self, _attribute(name)))
        for name in self.OPTIONAL_EXITS:
            target = getattr(self, _attribute(name))
            yield Exit(name, (_alias(self, name),), target, required=False)

    def exit(self, name: str) -> Exit:
        """The way out called ``name``; for a menu also the keys of a choice."""
        return {way.name: way for way in self.exits()}[name]

    def way_out(self, name: str) -> Exit | None:
        """Where the call really goes by ``name``; None is the end of the flow."""
        way = self.exit(name)
        if way.target is not None or way.required:
            return way
        other = self.AS.get(name)
        return None if other is None else self.way_out(other)

    def speeches(self) -> Iterator[tuple[Where, tuple[Part, ...]]]:
        """Everything the node may say, each with its place inside the node's YAML."""
        yield from ()

    def reads(self) -> Iterator[Read]:
        """Every expression and template outside of what it says."""
        yield from ()

    def sets(self) -> Iterator[tuple[str, bool]]:
        """The variables that the node may set, and whether they are secret."""
        yield from ()


def _attribute(name: str) -> str:
    return f"{name}_" if name in ("else", "as", "with") else name


def _alias(node: NodeBase, name: str) -> str:
    return type(node).model_fields[_attribute(name)].alias or name


def reads_expression(path: Where, source: str) -> Iterator[Read]:
    """An expression as something that is read; nothing for an empty one."""
    if source:
        yield Read(path, source, expression(source).names)


def reads_template(path: Where, text: str, sends: bool = False) -> Iterator[Read]:
    """A template as something that is read."""
    found = frozenset(hole.root for hole in holes(text))
    if found:
        yield Read(path, text, found, sends)


def reads_json(path: Where, value: Any) -> Iterator[Read]:
    """All templates in a body."""
    if isinstance(value, str):
        yield from reads_template(path, value, sends=True)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from reads_json((*path, key), inner)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from reads_json((*path, index), inner)


__all__ = [
    "Exit", "Expression", "Language", "Name", "NodeBase", "Outcome", "Part", "PromptKey", "Read",
    "Settable", "Speech", "Strict", "Template", "Variable", "Where",
]  # fmt: skip
