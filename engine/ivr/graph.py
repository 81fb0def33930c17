"""A flow as a graph: which nodes lead where, and under what circumstances."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from engine.ivr.schema import Exit, Flow, Gather, Hours, Menu, Node, Queue, Say, SetLanguage

Edges = Mapping[str, Collection[str]]


def edges(flow: Flow) -> Edges:
    """All ways between nodes that exist."""
    return _edges(flow, lambda node: node.exits())


def edges_without_waiting(flow: Flow) -> Edges:
    """Ways that a call takes by itself: no key, no timer of the caller's, no stay in a queue."""
    return _edges(flow, _without_waiting)


def edges_in_silence(flow: Flow) -> Edges:
    """Ways that a call takes whose caller presses nothing."""
    return _edges(flow, _in_silence)


def _edges(flow: Flow, ways: Callable[[Node], Iterator[Exit]]) -> Edges:
    return {
        name: [way.target for way in ways(node) if way.target in flow.nodes]
        for name, node in flow.nodes.items()
    }


def _without_waiting(node: Node) -> Iterator[Exit]:
    match node:
        case Say() | SetLanguage() | Hours():
            yield from node.exits()
        case Queue():
            for reason in ("full", "no_agents", "unmatched", "overflow"):
                yield node.exit(reason)


def _in_silence(node: Node) -> Iterator[Exit]:
    yield from _without_waiting(node)
    if isinstance(node, Menu | Gather):
        yield node.exit("noinput")


def reversed_edges(graph: Edges) -> Edges:
    """The same ways, walked backwards."""
    back: dict[str, list[str]] = {name: [] for name in graph}
    for name, targets in graph.items():
        for target in targets:
            back[target].append(name)
    return back


def reachable(graph: Edges, starts: Iterable[str]) -> set[str]:
    """Every node that can be come to from any of ``starts``, these among them."""
    found: set[str] = set()
    waiting = list(starts)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += graph.get(name, ())
    return found


def circles(graph: Edges) -> list[list[str]]:
    """Groups of nodes from each of which every other of the group, and itself, can be come to."""
    beyond = {name: reachable(graph, targets) for name, targets in graph.items()}
    groups: list[list[str]] = []
    for name, further in beyond.items():
        if name in further and not any(name in group for group in groups):
            groups.append([other for other in graph if other in further and name in beyond[other]])
    return groups
