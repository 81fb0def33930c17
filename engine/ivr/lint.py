"""What a flow that the schema accepts would still do wrong to a caller.

========  ============================  ========  =================================
E601      start is no node              W601      no way leads to a node
E602      exit leads to no node         W602      prompt missing in a language
E603      exit left out                 W603      a choice begins another
E604      no such queue                 W604      too many choices
E605      no such calendar              W605      no end and no queue from here
E606      prompt without text or audio  W606      part that a key can skip
E607      circle without waiting        W607      text that is never said
E608      one prompt key, two texts     W608      circle for a caller who is silent
E609      owner in no variable
========  ============================  ========  =================================
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.ivr.findings import Finding, Path, did_you_mean
from engine.ivr.graph import (
    Edges,
    circles,
    edges,
    edges_in_silence,
    edges_without_waiting,
    reachable,
    reversed_edges,
)
from engine.ivr.schema import (
    Exit,
    Flow,
    Gather,
    Hangup,
    Hours,
    Menu,
    Part,
    PromptTable,
    Queue,
    Say,
)

MAX_CHOICES = 5

_WHEN = {
    "next": "when its prompts are over",
    "noinput": "when the caller presses nothing",
    "nomatch": "when the caller keeps pressing wrong keys",
    "invalid": "when the caller's input stays invalid",
    "ok": "when the input is complete",
    "open": "when the calendar says open",
    "closed": "when the calendar says closed",
    "timeout": "when the caller has waited too long",
    "full": "when the queue is full",
    "no_agents": "when nobody serves the queue",
}


@dataclass(frozen=True, slots=True)
class Known:
    """What exists outside the flow.

    ``prompts``: per language the keys that have audio or a text (the flow's own need not be there).
    ``languages``: those in which routes start this flow.
    """

    queues: frozenset[str]
    calendars: frozenset[str]
    prompts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    languages: frozenset[str] = frozenset()
    agents: frozenset[str] = frozenset()


def lint(flow: Flow, known: Known) -> list[Finding]:
    """Every problem of one flow, errors first."""
    found = [*_nodes(flow, known), *_shape(flow), *_prompts(flow, known)]
    return sorted(found, key=lambda finding: finding.level)  # 'error' < 'warning'; stable


def prompt_clashes(tables: Mapping[str, PromptTable]) -> dict[str, list[Finding]]:
    """Prompt keys with different texts in several files (``tables`` by file): all files share keys.

    A finding is with each file but the first.
    """
    first: dict[str, str] = {}
    found: dict[str, list[Finding]] = {file: [] for file in tables}
    for file, table in tables.items():
        for key, texts in table.items():
            other = first.setdefault(key, file)
            if texts != tables[other][key]:
                message = f"prompt `{key}` has another text in {other}"
                found[file].append(_error(("prompts", key), "E608", message, "rename one of them"))
    return found


def _error(path: Path, code: str, message: str, hint: str = "") -> Finding:
    return Finding(path, "error", code, message, hint)


def _warning(path: Path, code: str, message: str, hint: str = "") -> Finding:
    return Finding(path, "warning", code, message, hint)


# -- each node by itself ------------------------------------------------------------------------


def _nodes(flow: Flow, known: Known) -> Iterator[Finding]:
    if flow.start not in flow.nodes:
        hint = did_you_mean(flow.start, flow.nodes)
        yield _error(("start",), "E601", f"the start `{flow.start}` is not a node", hint)
    for name, node in flow.nodes.items():
        at = ("nodes", name)
        for way in node.exits():
            yield from _exit(flow, name, way)
        match node:
            case Queue():
                yield from _known((*at, "queue"), "E604", "queue", node.queue, known.queues)
                yield from _owner(flow, (*at, "owner"), node.owner, known)
            case Hours():
                names = known.calendars
                yield from _known((*at, "calendar"), "E605", "calendar", node.calendar, names)
            case Menu():
                yield from _menu(at, node)
        if isinstance(node, Say | Menu | Gather):
            for place, parts in node.speeches():
                yield from _skippable((*at, *place), parts, node.barge_in.by_keys)


def _exit(flow: Flow, name: str, way: Exit) -> Iterator[Finding]:
    path = ("nodes", name, *way.path)
    if way.target is None and way.required:
        message = f"`{name}` does not say where the call goes {_WHEN[way.name]}"
        yield _error(path, "E603", message, f"add `{way.name}: <node>`")
    elif way.target is not None and way.target not in flow.nodes:
        hint = did_you_mean(way.target, flow.nodes)
        yield _error(path, "E602", f"there is no node `{way.target}`", hint)


def _known(path: Path, code: str, kind: str, name: str, names: frozenset[str]) -> Iterator[Finding]:
    if name not in names:
        yield _error(path, code, f"there is no {kind} `{name}`", did_you_mean(name, names))


def _owner(flow: Flow, path: Path, owner: str, known: Known) -> Iterator[Finding]:
    gathers = [node for node in flow.nodes.values() if isinstance(node, Gather)]
    variables = frozenset(f"${node.variable}" for node in gathers if not node.secret)
    if owner.startswith("$"):
        yield from _known(path, "E609", "variable", owner, variables)
    elif owner:
        yield from _known(path, "E609", "agent", owner, known.agents)


def _menu(at: Path, node: Menu) -> Iterator[Finding]:
    for keys in node.keys:
        longer = next((k for k in node.keys if k.startswith(keys) and k != keys), None)
        if longer:
            seconds = f"{node.inter_digit_seconds:g} s"
            message = f"`{keys}` begins `{longer}`: callers who press {keys} wait {seconds}"
            yield _warning((*at, "keys", keys), "W603", message, "use keys that differ at once")
    if len(node.keys) > MAX_CHOICES:
        message = f"{len(node.keys)} choices: callers remember {MAX_CHOICES} at most"
        yield _warning((*at, "keys"), "W604", message, "put some into a menu of their own")


def _skippable(path: Path, parts: tuple[Part, ...], node_barge_in: bool) -> Iterator[Finding]:
    cut = False
    for index, part in enumerate(parts):
        barge_in = node_barge_in if part.barge_in is None else part.barge_in.by_keys
        if cut and not barge_in:
            message = f"`{part.prompt}` is skipped by a key pressed during the prompt before it"
            yield _warning((*path, index), "W606", message, "put what must be heard first")
        cut = cut or barge_in


# -- the nodes together -------------------------------------------------------------------------


def _shape(flow: Flow) -> Iterator[Finding]:
    ways = edges(flow)
    used = reachable(ways, [flow.start])
    for name in flow.nodes:
        if name not in used:
            message = f"no way leads from the start to `{name}`"
            yield _warning(("nodes", name), "W601", message, "remove it, or lead a call to it")
    runaways = circles(edges_without_waiting(flow))
    for group in runaways:
        message = f"the call goes round by itself: {_round(group)}"
        hint = "put a menu or a hangup on the way"
        yield _error(("nodes", group[0]), "E607", message, hint)
    for group in circles(edges_in_silence(flow)):
        if not any(name in group for runaway in runaways for name in runaway):
            message = f"a caller who presses nothing goes round: {_round(group)}"
            hint = "lead `noinput` to a queue or a hangup"
            yield _warning(("nodes", group[0]), "W608", message, hint)
    yield from _no_end(flow, ways, used)


def _round(group: list[str]) -> str:
    return " → ".join([*group, group[0]])


def _no_end(flow: Flow, ways: Edges, used: set[str]) -> Iterator[Finding]:
    ends = (name for name, node in flow.nodes.items() if isinstance(node, Queue | Hangup))
    ending = reachable(reversed_edges(ways), ends)
    stuck = [name for name in flow.nodes if name in used and name not in ending]
    if stuck:
        message = f"from `{stuck[0]}` a call comes to no end and to no queue"
        yield _warning(("nodes", stuck[0]), "W605", message, "lead it to a hangup or a queue")


# -- prompts ------------------------------------------------------------------------------------


def _prompts(flow: Flow, known: Known) -> Iterator[Finding]:
    languages = list(dict.fromkeys([*flow.languages(), *sorted(known.languages)]))
    uses = _uses(flow)
    for key, places in uses.items():
        path = places[0][0]
        spoken = [tag for tag in [*languages, *known.prompts] if _speaks(flow, known, tag, key)]
        wanted = dict.fromkeys(tag for _, part in places for tag in _wanted(part, languages))
        missing = ", ".join(tag for tag in wanted if tag not in spoken)
        if not spoken:
            hint = did_you_mean(key, set(flow.prompts).union(*known.prompts.values()))
            yield _error(path, "E606", f"prompt `{key}` has no text and no recording", hint)
        elif missing:
            message = f"prompt `{key}` is missing in {missing}"
            yield _warning(path, "W602", message, f"callers hear it in {spoken[0]}")
    for key in flow.prompts:
        if key not in uses:
            yield _warning(("prompts", key), "W607", f"no node says the prompt `{key}`")


def _uses(flow: Flow) -> dict[str, list[tuple[Path, Part]]]:
    """Per prompt key, every place that says it."""
    uses: dict[str, list[tuple[Path, Part]]] = {}
    for name, node in flow.nodes.items():
        for place, parts in node.speeches():
            for index, part in enumerate(parts):
                path = ("nodes", name, *place, index)
                if part.prompt is not None:
                    uses.setdefault(part.prompt, []).append((path, part))
    return uses


def _wanted(part: Part, languages: list[str]) -> list[str]:
    """The languages in which a call may ask for this part."""
    fixed = part.language or part.only_in
    return [fixed] if fixed else languages


def _speaks(flow: Flow, known: Known, language: str, key: str) -> bool:
    return language in flow.prompts.get(key, ()) or key in known.prompts.get(language, ())
