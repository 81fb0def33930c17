"""A flow as a mermaid flowchart, for documentation and for the eye."""

from __future__ import annotations

from engine.ivr.schema import Flow, Gather, Hangup, Hours, Menu, Node, Queue, Say, SetLanguage


def mermaid(flow: Flow) -> str:
    """The text of a mermaid ``flowchart``: a box per node, an arrow per exit, the start on top.

    Exits that lead to no node of the flow are left out; ``lint`` tells of them.
    """
    ids = {name: f"n{index}" for index, name in enumerate(flow.nodes)}
    lines = ["flowchart TD", f'  start(["{flow.name}"])']
    if flow.start in ids:
        lines.append(f"  start --> {ids[flow.start]}")
    for name, node in flow.nodes.items():
        lines.append(f"  {ids[name]}{_box(name, node)}")
        lines += [
            f'  {ids[name]} -->|"{_escape(way.name)}"| {ids[way.target]}'
            for way in node.exits()
            if way.target in ids
        ]
    return "\n".join(lines) + "\n"


def _box(name: str, node: Node) -> str:
    """Rounded for talk, a hexagon for decisions, a cylinder for a queue, a pill for the end."""
    text = f'"{name}<br/>{_detail(node)}"'
    match node:
        case Say() | SetLanguage():
            return f"({text})"
        case Menu() | Gather() | Hours():
            return f"{{{{{text}}}}}"
        case Queue():
            return f"[({text})]"
        case Hangup():
            return f"([{text}])"


def _detail(node: Node) -> str:
    match node:
        case Gather():
            return f"gather {node.variable}"
        case SetLanguage():
            return f"language {node.language}"
        case Hours():
            return f"hours {node.calendar}"
        case Queue():
            return f"queue {node.queue}"
        case _:
            return " ".join([node.type, *(part.prompt for part in node.prompts)])


def _escape(label: str) -> str:
    """``#`` begins an entity in mermaid."""
    return label.replace("#", "#35;")
