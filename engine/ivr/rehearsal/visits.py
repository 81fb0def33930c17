"""Where calls came through: the nodes, the exits they left by, and the languages they heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.ivr.rehearsal.voice import Spoken


@dataclass(slots=True)
class Visits:
    """Nodes as ``(flow, node)``, exits as ``(flow, node, exit)``, languages as ``(flow, tag)``."""

    nodes: set[tuple[str, str]] = field(default_factory=set)
    exits: set[tuple[str, str, str]] = field(default_factory=set)
    languages: set[tuple[str, str]] = field(default_factory=set)
    _at: list[tuple[str, str]] = field(default_factory=list)  # the outermost flow first

    def enter(self, flow: str, node: str, via: str) -> None:
        """Come to a node by this exit of the one before, in the same flow or back in an outer
        one; a flow that the call is not in begins inside of the node before."""
        while flow in (name for name, _ in self._at[:-1]):
            self._at.pop()
        if self._at and self._at[-1][0] == flow:
            self.exits.add((*self._at.pop(), via))
        self._at.append((flow, node))
        self.nodes.add((flow, node))

    def speak(self, parts: Sequence[Spoken]) -> None:
        """Hear these in the flow that the call is in."""
        if self._at:
            self.languages |= {(self._at[-1][0], part.language) for part in parts if part.text}

    def add(self, other: Visits) -> None:
        """Take in the visits of another call."""
        self.nodes |= other.nodes
        self.exits |= other.exits
        self.languages |= other.languages
