"""A flow as a graph: which nodes lead where, and under what circumstances."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from engine.ivr.schema import (
    AGAIN,
    BACK,
    Answer,
    Asking,
    Callback,
    Conference,
    Exit,
    Flow,
    Goto,
    Hours,
    Http,
    Identify,
    If,
    Listen,
    Node,
    Payment,
    Queue,
    Record,
    Return,
    Say,
    Set,
    SetLanguage,
    Split,
    Start,
    SubFlow,
    Survey,
    Switch,
    Tag,
    Transfer,
    Voicemail,
)

Edges = Mapping[str, Collection[str]]
Ways = Callable[[Node, Mapping[str, Flow], int], Iterator[Exit]]

_DEEPEST = 16  # flows within each other, as the interpreter allows

MEDIA = (
    Say, Asking, Answer, Queue, Callback, Voicemail, Transfer, Conference,
    Survey, Payment, Identify,
)  # fmt: skip
"""Nodes that need the caller; where he is gone none of them may come."""

SILENT = (Start, Hours, Set, If, Switch, Split, Goto, Tag, Record, SetLanguage, SubFlow, Http)
"""Nodes that a call passes by itself, without a key, a timer of the caller's or a stay."""


def edges(flow: Flow) -> Edges:
    """All ways between nodes that exist, global keys among them."""
    keys = [target for target in flow.global_keys.values() if target not in (BACK, AGAIN)]
    known = [target for target in keys if target in flow.nodes]
    found = _edges(flow, lambda node: node.exits())
    return {
        name: targets + known if _asks(flow, name) else targets for name, targets in found.items()
    }


def _asks(flow: Flow, name: str) -> bool:
    node = flow.nodes[name]
    return isinstance(node, Asking) and node.global_keys


def edges_without_waiting(flow: Flow, flows: Mapping[str, Flow] | None = None) -> Edges:
    """Ways that a call takes by itself: no key, no timer of the caller's, no stay in a queue.

    ``flows`` are those that it may call; one that cannot be passed by itself is a wait.
    """
    return _edges(flow, lambda node: _without_waiting(node, flows or {}))


def edges_without_a_word(flow: Flow, flows: Mapping[str, Flow]) -> Edges:
    """Ways that a call takes by itself and without hearing anything; also those that it takes
    because another way was left out, as by ``timeout`` when nobody has the skills."""
    return _edges(flow, lambda node: _without_a_word(node, flows))


def edges_in_silence(flow: Flow, flows: Mapping[str, Flow] | None = None) -> Edges:
    """Ways that a call takes whose caller presses nothing."""
    return _edges(flow, lambda node: _in_silence(node, flows or {}))


def sub_flows_at_once(flow: Flow) -> set[str]:
    """The flows that a call comes into from the start of this one, before any queue."""
    ways = _edges(flow, lambda node: iter(()) if isinstance(node, Queue) else node.exits())
    nodes = (flow.nodes[name] for name in reachable(ways, [flow.start]) if name in flow.nodes)
    return {node.flow for node in nodes if isinstance(node, SubFlow)}


def _is_passed(flow: Flow, flows: Mapping[str, Flow], by: Ways, depth: int) -> bool:
    """Whether a call can come from the start to a return by such ways alone."""
    if depth > _DEEPEST:
        return True
    ways = _edges(flow, lambda node: by(node, flows, depth + 1))
    reached = reachable(ways, [flow.start])
    return any(isinstance(flow.nodes.get(name), Return) for name in reached)


def answers_itself(flow: Flow) -> bool:
    """Whether the flow decides when the call is answered: an ``answer`` node is on the way before
    anybody is asked anything."""
    seen: set[str] = set()
    waiting = [flow.start]
    while waiting:
        name = waiting.pop()
        node = flow.nodes.get(name)
        if node is None or name in seen:
            continue
        if isinstance(node, Answer):
            return True
        seen.add(name)
        if isinstance(node, (*SILENT, Say)):
            waiting += [way.target for way in node.exits() if way.target is not None]
    return False


def _edges(flow: Flow, ways: Callable[[Node], Iterator[Exit]]) -> dict[str, list[str]]:
    return {
        name: [way.target for way in ways(node) if way.target in flow.nodes]
        for name, node in flow.nodes.items()
    }


def _without_waiting(node: Node, flows: Mapping[str, Flow], depth: int = 0) -> Iterator[Exit]:
    if isinstance(node, (*SILENT, Say)):
        yield from _through(node, flows, _without_waiting, depth)
    for name in _at_once(node):
        yield node.exit(name)


def _without_a_word(node: Node, flows: Mapping[str, Flow], depth: int = 0) -> Iterator[Exit]:
    if isinstance(node, SILENT):
        yield from _through(node, flows, _without_a_word, depth)
    for name in _at_once(node):
        if (way := node.way_out(name)) is not None:
            yield way


def _through(node: Node, flows: Mapping[str, Flow], by: Ways, depth: int) -> Iterator[Exit]:
    """The ways out of a node that a call passes; out of a flow, if it passes that."""
    called = flows.get(node.flow) if isinstance(node, SubFlow) else None
    if called is None or _is_passed(called, flows, by, depth):
        yield from node.exits()


def _at_once(node: Node) -> tuple[str, ...]:
    """Ways out of a node that may be taken as soon as it is come to."""
    match node:
        case Answer():
            return ("next",)
        case Queue():
            return ("full", "no_agents", "unmatched", "overflow")
        case Transfer():
            return ("failed", "busy", "congestion", "rejected")
        case Conference():
            return ("full", "locked")
        case Callback():
            return ("duplicate", "out_of_hours")
        case Voicemail():
            return ("too_short",)
        case Identify():
            asks = node.pin or node.code
            return ("locked", "failed", "unknown") + (() if asks else ("known",))
        case Listen() if not any(intent.key for intent in node.intents.values()):
            return ("deaf",) if node.deaf else ("noinput",)
        case Survey() if not node.refuse_key and all(each.when for each in node.questions):
            return ("done",)
    return ()


def _in_silence(node: Node, flows: Mapping[str, Flow]) -> Iterator[Exit]:
    yield from _without_waiting(node, flows)
    if isinstance(node, Asking):
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
