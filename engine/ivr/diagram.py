"""A flow as a picture: what is drawn of it, and the text of a mermaid flowchart.

``engine.ivr.drawing`` makes SVG of the same boxes and arrows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.ivr.schema import Exit, Flow, Node, Switch

Counts = Mapping[tuple[str, str], int]
"""How often calls left a node by an exit: ``(node, exit)``."""

_LONGEST = 40


class Kind(StrEnum):
    """What a node is for, which gives its box a shape and a colour."""

    EDGE = "edge"
    """No node: where calls begin, or what may happen anywhere."""
    TALK = "talk"
    ASK = "ask"
    DECIDE = "decide"
    PEOPLE = "people"
    END = "end"


_KINDS = {
    Kind.ASK: ("menu", "gather", "listen", "identify", "payment", "survey"),
    Kind.DECIDE: (
        "hours", "set", "if", "switch", "split", "goto", "http", "tag", "screenpop", "start",
    ),
    Kind.PEOPLE: ("queue", "callback", "voicemail", "transfer", "conference", "flow"),
    Kind.END: ("hangup", "return"),
}  # fmt: skip
_SUBJECTS = (
    # the setting that says most about a node, in this order
    "queue", "calendar", "flow", "survey", "experiment", "variable", "lookup", "url", "language",
    "when", "number", "agent", "room", "do", "to",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Box:
    """A node, or a beginning; ``detail`` is its second line."""

    kind: Kind
    title: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """All exits from one box to another, as one arrow; ``calls`` 0 when they are not counted.

    ``anywhere`` is one that does not belong to one node: a key of every menu, a hang-up.
    """

    source: str
    target: str
    label: str
    calls: int = 0
    anywhere: bool = False


def boxes(flow: Flow) -> dict[str, Box]:
    """The boxes by name, the beginning first; names that begin with a space are no nodes."""
    found = {" start": Box(Kind.EDGE, flow.name)}
    found |= {source: Box(Kind.EDGE, title) for source, title, _, _ in _anywhere(flow)}
    return found | {name: _box(name, node) for name, node in flow.nodes.items()}


def ways(flow: Flow, counts: Counts | None = None) -> list[Way]:
    """The arrows; what leads to no node of the flow is left out, ``lint`` tells of it."""
    found = [Way(" start", flow.start, "")] if flow.start in flow.nodes else []
    for name, node in flow.nodes.items():
        by_target: dict[str, list[Exit]] = {}
        for way in node.exits():
            if way.target in flow.nodes:
                by_target.setdefault(way.target, []).append(way)
        for target, exits in by_target.items():
            calls = sum((counts or {}).get((name, way.name), 0) for way in exits)
            labels = (_labelled(name, node, way, counts) for way in exits)
            found.append(Way(name, target, ", ".join(filter(None, labels)), calls))
    by_place: dict[tuple[str, str], list[str]] = {}
    for source, _, label, target in _anywhere(flow):
        by_place.setdefault((source, target), []).append(label)
    return found + [
        Way(source, target, ", ".join(filter(None, labels)), anywhere=True)
        for (source, target), labels in by_place.items()
    ]


def mermaid(flow: Flow, counts: Counts | None = None) -> str:
    """The text of a mermaid ``flowchart``: a box per node, an arrow per way, the start on top."""
    shown = boxes(flow)
    ids = {name: f"n{index}" for index, name in enumerate(shown)}
    lines = ["flowchart TD"]
    lines += [f"  {ids[name]}{_shape(box)}" for name, box in shown.items()]
    for way in ways(flow, counts):
        line = "-.->" if way.anywhere else "-->"
        label = f'|"{_escape(way.label)}"|' if way.label else ""
        lines.append(f"  {ids[way.source]} {line}{label} {ids[way.target]}")
    return "\n".join(lines) + "\n"


def _anywhere(flow: Flow) -> Iterator[tuple[str, str, str, str]]:
    """What may happen at any node: the box it comes from and its title, the label, the target."""
    for key, target in flow.global_keys.items():
        if target in flow.nodes:
            yield " keys", "in every menu", key, target
    if flow.on_error in flow.nodes:
        yield " error", "something failed", "", flow.on_error
    if flow.on_hangup in flow.nodes:
        yield " hangup", "the caller hung up", "", flow.on_hangup


def _box(name: str, node: Node) -> Box:
    kind = next((kind for kind, types in _KINDS.items() if node.type in types), Kind.TALK)
    return Box(kind, name, _cut(f"{node.type} {_subject(node)}".strip()))


def _subject(node: Node) -> str:
    """What a node is about: the queue, the calendar …, else what it says."""
    settings = (getattr(node, name, None) for name in _SUBJECTS)
    if found := next((value for value in settings if value and isinstance(value, str)), ""):
        return found
    first = next((parts for _, parts in node.speeches() if parts), ())
    return ", ".join(part.prompt for part in first if part.prompt)


def _labelled(name: str, node: Node, way: Exit, counts: Counts | None) -> str:
    label = _label(node, way)
    calls = counts.get((name, way.name), 0) if counts is not None else 0
    return f"{label} ({calls})".strip() if calls else label


def _label(node: Node, way: Exit) -> str:
    """Its name; of a case what must be true, and nothing for the plain way on."""
    if isinstance(node, Switch) and way.name.isdigit():
        return _cut(node.cases[int(way.name) - 1].when)
    return "" if way.name in ("next", "to") else way.name


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _shape(box: Box) -> str:
    """Rounded for talk, a hexagon for decisions, a cylinder for people, a pill for the ends."""
    lines = (_escape(line) for line in (box.title, box.detail) if line)
    text = f'"{"<br/>".join(lines)}"'
    match box.kind:
        case Kind.TALK:
            return f"({text})"
        case Kind.ASK | Kind.DECIDE:
            return f"{{{{{text}}}}}"
        case Kind.PEOPLE:
            return f"[({text})]"
        case Kind.END | Kind.EDGE:
            return f"([{text}])"


def _escape(text: str) -> str:
    """``#`` begins an entity in mermaid, and quotes end the text."""
    return text.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;")
