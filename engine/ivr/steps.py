"""What a node's script waits for, and what it goes on with: the words between script and engine."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.ivr.grammar import Grammar
from engine.ivr.messages import Errand, Request
from engine.ivr.schema import BargeIn, Exit, Part
from engine.ivr.values import Value


@dataclass(frozen=True, slots=True)
class Saying:
    """Say this; goes on with ``True`` when it was said or cut, ``False`` when it failed."""

    parts: tuple[Part, ...]
    barge_in: BargeIn = BargeIn.BOTH


@dataclass(frozen=True, slots=True)
class Question:
    """Say this and take one input, by keys (``grammar``) or voice; goes on with a ``Reply``.

    ``specials`` are keys that mean something at any time: ``clear`` (start over), or the kind of
    the reply. ``shortcuts`` are keys that count when they are pressed first: a ``global`` reply.
    ``phrases`` give what is meant for what may be said; ``free`` takes any words.
    """

    parts: tuple[Part, ...]
    barge_in: BargeIn
    grammar: Grammar | None
    timeout_seconds: float
    inter_digit_seconds: float
    terminator_seconds: float = 0.0
    specials: Mapping[str, str] = field(default_factory=dict)
    shortcuts: frozenset[str] = frozenset()
    phrases: Mapping[str, str] = field(default_factory=dict)
    free: bool = False

    @property
    def by_voice(self) -> bool:
        """Whether it can be answered in words."""
        return bool(self.phrases) or self.free


@dataclass(frozen=True, slots=True)
class Reply:
    """The end of a question: ``ok``, ``noinput``, ``wrong``, ``deaf``, ``global``, or a special.

    ``value`` is what was typed, or what was meant by ``said``.
    """

    kind: str
    value: str = ""
    by: str = "keys"
    confidence: float = 1.0
    said: str = ""


@dataclass(frozen=True, slots=True)
class Fetch:
    """Make this request; goes on with a ``LookupEnded``. The filler is said when it takes long."""

    request: Request
    filler: tuple[Part, ...] = ()
    filler_after_seconds: float = 1.5


Step = Saying | Question | Fetch | Errand


@dataclass(frozen=True, slots=True)
class Into:
    """Leave the node into another flow, with these variables."""

    flow: str
    variables: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Back:
    """Return to the flow that called this one."""

    name: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Over:
    """The end of the call."""

    outcome: str | None
    cause: str = "normal"


Way = Exit | Into | Back | Over | None
"""How a script leaves its node; None is the end of the flow."""

Script = Generator[Step, Any, Way]
"""What a node does: yields what it waits for, is sent how that ended, returns the way out."""
