"""How much of a flow its tests came through: nodes, exits and languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.ivr.rehearsal.visits import Visits
from engine.ivr.schema import Flow, NodeBase, SubFlow


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to come through: ``kind`` is node, exit or language.

    ``path`` is its place in the flow's file.
    """

    kind: str
    name: str
    path: tuple[str, ...]
    covered: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    """All parts of one flow."""

    flow: str
    parts: tuple[Part, ...]

    def of(self, kind: str) -> list[Part]:
        """The parts of one kind."""
        return [part for part in self.parts if part.kind == kind]

    def missed(self) -> list[Part]:
        """What no test came through; of a node that none came to not also its exits."""
        nodes = {part.name for part in self.of("node") if not part.covered}
        return [
            part
            for part in self.parts
            if not part.covered and not (part.kind == "exit" and part.path[1] in nodes)
        ]


def percent(parts: list[Part]) -> float:
    """How much of these is covered, from 0 to 100."""
    return 100.0 * sum(part.covered for part in parts) / len(parts) if parts else 100.0


def coverage(flow: Flow, visits: Visits) -> Coverage:
    """What of ``flow`` was come through in ``visits``."""
    return Coverage(flow.name, tuple(_parts(flow, visits)))


def _parts(flow: Flow, visits: Visits) -> Iterator[Part]:
    taken = {
        (node, _written(flow.nodes[node], way))
        for name, node, way in visits.exits
        if name == flow.name and node in flow.nodes
    }
    for name, node in flow.nodes.items():
        yield Part("node", name, ("nodes", name), (flow.name, name) in visits.nodes)
        for way in node.exits():
            if way.target is not None:
                covered = (name, way.name) in taken
                yield Part("exit", f"{name}.{way.name}", ("nodes", name, *way.path), covered)
    for language in flow.languages():
        yield Part("language", language, ("language",), (flow.name, language) in visits.languages)


def _written(node: NodeBase, way: str) -> str:
    """The exit that stands in the file: what was left out goes where another one goes."""
    targets = {one.name: one.target for one in node.exits()}
    if isinstance(node, SubFlow) and way not in targets:
        return "next"
    while targets.get(way) is None and way in node.AS:
        way = node.AS[way]
    return way
