"""Where a call is in its flows: what the journal keeps, so that it goes on there after a crash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """One flow that the call is in, the node there, and the flow's variables that are not secret.

    In an outer flow the node is the ``flow`` node by which the call went on into the next one.
    """

    flow: str
    node: str
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Position:
    """The flows of a call from the outermost to the one it is in; ``shared`` are the variables of
    the whole call (``call.…`` in expressions). ``asked``: what the node asks before its errand was
    asked and answered, for the call was on it; ``answers`` are those that he has given in a survey
    there, by question. ``gone``: the caller had hung up, and this is what
    the flow does then. ``sent``: the node's request, which must not be sent twice, may have been
    sent."""

    places: tuple[Place, ...]
    language: str = ""
    shared: Mapping[str, Any] = field(default_factory=dict)
    asked: bool = False
    answers: Mapping[str, str] = field(default_factory=dict)
    gone: bool = False
    sent: bool = False

    @property
    def place(self) -> Place:
        """Where the call is itself."""
        return self.places[-1]


NOWHERE = Position(())
"""Of no call."""
