"""Ways between nodes, and from one flow into another."""

from __future__ import annotations

from collections.abc import Iterator

from engine.ivr.findings import Finding, did_you_mean
from engine.ivr.graph import (
    MEDIA,
    circles,
    edges,
    edges_in_silence,
    edges_without_a_word,
    edges_without_waiting,
    reachable,
    reversed_edges,
    sub_flows_at_once,
)
from engine.ivr.lint.known import Known, error, unknown, warning
from engine.ivr.schema import (
    AGAIN,
    BACK,
    Asking,
    Callback,
    Conference,
    Exit,
    Flow,
    Hangup,
    Queue,
    Return,
    SubFlow,
    Survey,
    Transfer,
    Voicemail,
)

_WHEN = {
    "next": "when it is done",
    "noinput": "when the caller presses nothing",
    "nomatch": "when the caller keeps pressing wrong keys",
    "invalid": "when the caller's input stays invalid",
    "ok": "when all went well",
    "error": "when it failed",
    "open": "when the calendar says open",
    "closed": "when the calendar says closed",
    "timeout": "when the caller has waited too long",
    "full": "when there is no room",
    "no_agents": "when nobody serves the queue",
    "then": "when it is true",
    "else": "when nothing of it is true",
    "to": "at all",
    "scheduled": "when the callback is agreed on",
    "declined": "when he wants no callback",
    "saved": "when the message is taken",
    "failed": "when it failed",
    "left": "when he leaves the conference",
    "done": "when all is answered",
    "paid": "when it is paid",
    "known": "when he is who he says",
    "unknown": "when nobody knows him",
    "gateway_error": "when the gateway does not answer",
}
_PERSON = (Queue, Callback, Voicemail, Transfer, Conference)


def check_ways(flow: Flow, known: Known) -> Iterator[Finding]:
    """Everything about where calls go."""
    yield from _named_nodes(flow)
    for name, node in flow.nodes.items():
        for way in node.exits():
            yield from _exit(flow, name, way)
        if isinstance(node, SubFlow):
            yield from _sub_flow(flow, name, node, known)
    yield from _shape(flow, known)
    yield from _after_hang_up(flow)


def _named_nodes(flow: Flow) -> Iterator[Finding]:
    """What the flow itself names."""
    if flow.start not in flow.nodes:
        hint = did_you_mean(flow.start, flow.nodes)
        yield error(("start",), "E601", f"the start `{flow.start}` is not a node", hint)
    named = [
        (("on_hangup",), flow.on_hangup),
        (("on_error",), flow.on_error),
        *((("global_keys", key), target) for key, target in flow.global_keys.items()),
    ]
    for path, target in named:
        is_move = path[0] == "global_keys" and target in (BACK, AGAIN)
        if target is not None and target not in flow.nodes and not is_move:
            hint = did_you_mean(target, flow.nodes)
            yield error(path, "E602", f"there is no node `{target}`", hint)


def _exit(flow: Flow, name: str, way: Exit) -> Iterator[Finding]:
    path = ("nodes", name, *_indexed(way.path))
    if way.target is None and way.required:
        message = f"`{name}` does not say where the call goes {_WHEN.get(way.name, way.name)}"
        yield error(path, "E603", message, f"add `{way.path[-1]}: <node>`")
    elif way.target is not None and way.target not in flow.nodes:
        hint = did_you_mean(way.target, flow.nodes)
        yield error(path, "E602", f"there is no node `{way.target}`", hint)


def _indexed(path: tuple[str, ...]) -> tuple[str | int, ...]:
    """The place of a case in its list is a number, a menu's keys are none."""
    if path[0] == "cases":
        return (path[0], int(path[1]), *path[2:])
    return path


# -- sub-flows ----------------------------------------------------------------------------------


def _sub_flow(flow: Flow, name: str, node: SubFlow, known: Known) -> Iterator[Finding]:
    at = ("nodes", name)
    names = known.broken | known.flows.keys()
    yield from unknown((*at, "flow"), "E610", "flow", node.flow, names)
    called = known.flows.get(node.flow)
    if called is None:
        return
    for given in node.with_:
        if given not in called.params:
            message = f"the flow `{node.flow}` has no parameter `{given}`"
            hint = did_you_mean(given, called.params)
            yield error((*at, "with", given), "E617", message, hint, key=True)
    for wanted, parameter in called.params.items():
        if wanted not in node.with_ and parameter.default is None:
            message = f"the flow `{node.flow}` must be given `{wanted}`"
            yield error((*at, "flow"), "E617", message, f"add `with: {{{wanted}: …}}`")
    yield from _returns(at, node, called)
    if node.flow in sub_flows_at_once(flow) and flow.name in _within(node.flow, known):
        message = f"the flow `{node.flow}` leads back into `{flow.name}`, without an end"
        hint = "use `goto` within one flow, or lead the call to a queue on the way"
        yield error((*at, "flow"), "E611", message, hint)


def _returns(at: tuple[str, str], node: SubFlow, called: Flow) -> Iterator[Finding]:
    ends = [each for each in called.nodes.values() if isinstance(each, Return)]
    for name in node.returns:
        if name not in {end.as_ for end in ends}:
            message = f"the flow `{node.flow}` never returns `{name}`"
            hint = did_you_mean(name, {end.as_ for end in ends})
            yield error((*at, "returns", name), "E618", message, hint, key=True)
    for end in ends:
        if end.as_ not in node.returns and node.next is None:
            message = f"`{at[1]}` does not say where the call goes when it returns `{end.as_}`"
            yield error((*at, "flow"), "E603", message, "add `next: <node>`, or to `returns`")
    values = {value for end in ends for value in end.values}
    for variable, value in node.results.items():
        if value not in values:
            message = f"the flow `{node.flow}` returns no `{value}`"
            hint = did_you_mean(value, values)
            yield error((*at, "results", variable), "E618", message, hint)


def _within(name: str, known: Known) -> set[str]:
    """The flows that a call comes into from this one without leaving it, this one among them."""
    graph = {each: list(sub_flows_at_once(flow)) for each, flow in known.flows.items()}
    return reachable(graph, [name])


# -- the nodes together -------------------------------------------------------------------------


def _shape(flow: Flow, known: Known) -> Iterator[Finding]:
    ways = edges(flow)
    starts = [flow.start, flow.on_hangup, flow.on_error]
    used = reachable(ways, [name for name in starts if name is not None])
    for name in flow.nodes if flow.start in flow.nodes else ():
        if name not in used:
            message = f"no way leads from the start to `{name}`"
            yield warning(("nodes", name), "W601", message, "remove it, or lead a call to it")
    by_itself = edges_without_waiting(flow, known.flows), edges_without_a_word(flow, known.flows)
    runaways: list[list[str]] = []
    for group in (group for ways_on in by_itself for group in circles(ways_on)):
        if any(name in other for other in runaways for name in group):
            continue
        runaways.append(group)
        message = f"the call goes round by itself: {_round(group)}"
        hint = "put a menu or a hangup on the way"
        yield error(("nodes", group[0]), "E607", message, hint)
    for group in circles(edges_in_silence(flow, known.flows)):
        if not any(name in group for runaway in runaways for name in runaway):
            message = f"a caller who presses nothing goes round: {_round(group)}"
            hint = "lead `noinput` to a queue or a hangup"
            yield warning(("nodes", group[0]), "W608", message, hint)
    ends = [
        name for name, node in flow.nodes.items() if isinstance(node, (*_PERSON, Hangup, Return))
    ]
    ending = reachable(reversed_edges(ways), ends)
    stuck = [name for name in flow.nodes if name in used and name not in ending]
    if stuck:
        message = f"from `{stuck[0]}` a call comes to no end and to no queue"
        yield warning(("nodes", stuck[0]), "W605", message, "lead it to a hangup or a queue")
    yield from _no_person(flow, used)


def _round(group: list[str]) -> str:
    return " → ".join([*group, group[0]])


def _no_person(flow: Flow, used: set[str]) -> Iterator[Finding]:
    nodes = [flow.nodes[name] for name in flow.nodes if name in used]
    elsewhere = (*_PERSON, SubFlow, Return, Survey)
    asks = any(isinstance(node, Asking) for node in nodes)
    if asks and not any(isinstance(node, elsewhere) for node in nodes):
        message = "no way leads to a person: no queue, no callback, no message, no transfer"
        yield warning(("start",), "W611", message, "give callers one, at least by a global key")


def _after_hang_up(flow: Flow) -> Iterator[Finding]:
    if flow.on_hangup is None:
        return
    for name in reachable(edges(flow), [flow.on_hangup]):
        node = flow.nodes.get(name)
        if isinstance(node, MEDIA):
            message = f"`{name}` needs the caller, who is gone after `on_hangup`"
            hint = "lead only to nodes such as tag, http, set, if and hangup"
            yield error(("nodes", name), "E616", message, hint)
