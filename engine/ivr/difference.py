"""What callers will notice between two sets of flows, in sentences that a shift leader reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from engine.ivr.schema import Exit, Flow, Node, Part

_CHOICES = {
    # where an exit of its own name stands in its node, and what people call it
    "keys": "key {0}",
    "intents": "wish `{0}`",
    "cases": "case {0}",
    "arms": "arm `{0}`",
    "returns": "return `{0}`",
}
_FOR_READERS = ("note", "tags")
_TOLD_APART = ("flow", "start", "nodes", "prompts", "defaults", *_FOR_READERS)
"""Of a flow: what has sentences of its own, and the defaults, which each node has by now."""

_SECRETS = ("pin", "leader_pin")

_NOTHING: tuple[object, ...] = (None, "", [], {}, False)
_LONGEST_TEXT = 200

Settings = dict[tuple[str, ...], Any]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: its flows, the texts of its prompts by key and language ('' for one that is
    only recorded), and for each recording, as ``vi/welcome``, something that names its content."""

    flows: Mapping[str, Flow]
    prompts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    recordings: Mapping[str, str] = field(default_factory=dict)


def differences(before: Side, after: Side) -> list[str]:
    """A sentence for each difference; none when callers cannot notice any."""
    return [*_flows(before.flows, after.flows), *_prompts(before, after)]


# -- flows --------------------------------------------------------------------------------------


def _flows(before: Mapping[str, Flow], after: Mapping[str, Flow]) -> Iterator[str]:
    for name, flow in after.items():
        if name not in before:
            yield f"The flow `{name}` is new: {len(flow.nodes)} nodes, from `{flow.start}` on."
        else:
            yield from (f"In flow `{name}`: {told}." for told in _flow(before[name], flow))
    for name in before:
        if name not in after:
            yield f"The flow `{name}` is gone."


def _flow(before: Flow, after: Flow) -> Iterator[str]:
    renamed = _renamed(before, after)
    start = renamed.get(before.start, before.start)
    if start != after.start:
        yield f"calls begin at `{after.start}` now, no longer at `{start}`"
    yield from _settings("", _of_flow(before), _of_flow(after))
    for old, new in renamed.items():
        yield f"the {after.nodes[new].type} `{old}` is called `{new}` now"
    for name, node in after.nodes.items():
        old = next((o for o, new in renamed.items() if new == name), name)
        if old in before.nodes:
            yield from _node(name, before.nodes[old], node, renamed)
        else:
            yield _new(name, node)
    for name, node in before.nodes.items():
        if name not in after.nodes and name not in renamed:
            yield f"the {node.type} `{name}` is gone"


def _renamed(before: Flow, after: Flow) -> dict[str, str]:
    """Nodes that only have another name: one that is gone and one that is new, equal otherwise."""
    gone = [name for name in before.nodes if name not in after.nodes]
    fresh = [name for name in after.nodes if name not in before.nodes]
    found: dict[str, str] = {}
    for old in gone:
        like = [new for new in fresh if after.nodes[new] == before.nodes[old]]
        if like and like[0] not in found.values():
            found[old] = like[0]
    return found


def _new(name: str, node: Node) -> str:
    says = "; it says " + _said(node.speeches()) if any(s for _, s in node.speeches()) else ""
    ways = [f"{_choice(way)} leads to `{target}`" for way, target in _used(node)]
    return f"the {node.type} `{name}` is new{says}" + (f"; {', '.join(ways)}" if ways else "")


def _said(speeches: Iterable[tuple[Any, tuple[Part, ...]]]) -> str:
    return ", ".join(_part(part) for _, parts in speeches for part in parts)


def _node(name: str, before: Node, after: Node, renamed: Mapping[str, str]) -> Iterator[str]:
    what = f"the {after.type} `{name}`"
    if before.type != after.type:
        yield f"`{name}` was a {before.type} and is a {after.type} now"
    yield from _ways(what, before, after, renamed)
    yield from _speeches(what, before, after)
    yield from _settings(f" of {what}", _of_node(before, after), _of_node(after, before))


def _ways(what: str, before: Node, after: Node, renamed: Mapping[str, str]) -> Iterator[str]:
    old = {_choice(way): renamed.get(target, target) for way, target in _used(before)}
    new = {_choice(way) for way, _ in _used(after)}
    for way, target in _used(after):
        choice = _choice(way)
        if choice not in old:
            yield f"{what} has a new {choice}{_details(after, way)}, leading to `{target}`"
        elif old[choice] != target:
            yield f"{what} leads by {choice} to `{target}` now, no longer to `{old[choice]}`"
    for choice, target in old.items():
        if choice not in new:
            yield f"{what} has no {choice} any more; it led to `{target}`"


def _used(node: Node) -> list[tuple[Exit, str]]:
    return [(way, way.target) for way in node.exits() if way.target]


def _choice(way: Exit) -> str:
    form = _CHOICES.get(way.path[0]) if len(way.path) > 1 else None
    return form.format(way.name) if form else f"`{way.name}`"


def _details(node: Node, way: Exit) -> str:
    """What else is written of a choice, such as the share of an arm."""
    if len(way.path) < 2:
        return ""
    place = way.path[:2]
    settings = _flat(node).items()
    told = [
        f"{' '.join(path[2:])} {_value(value)}"
        for path, value in settings
        if path[:2] == place and path[2:] not in ((), ("to",)) and value not in _NOTHING
    ]
    return f" ({', '.join(told)})" if told else ""


def _speeches(what: str, before: Node, after: Node) -> Iterator[str]:
    old, new = dict(before.speeches()), dict(after.speeches())
    for place in dict.fromkeys([*old, *new]):
        said, says = old.get(place, ()), new.get(place, ())
        if said == says:
            continue
        where = "" if place == ("prompts",) else f" as `{' '.join(str(_from_1(p)) for p in place)}`"
        now = ", ".join(map(_part, says)) or "nothing"
        yield f"{what} says{where} {now} now (before: {', '.join(map(_part, said)) or 'nothing'})"


def _from_1(part: str | int) -> str | int:
    return part + 1 if isinstance(part, int) else part


def _part(part: Part) -> str:
    """A prompt by its name, anything else as it is written."""
    written = part.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    prompt = written.pop("prompt", None)
    rest = ", ".join(f"{name} {_value(value)}" for name, value in written.items())
    if prompt is None:
        return rest
    return f"`{prompt}`" + (f" ({rest})" if rest else "")


# -- settings -----------------------------------------------------------------------------------


def _settings(of: str, before: Settings, after: Settings) -> Iterator[str]:
    for path in dict.fromkeys([*before, *after]):
        was, now = before.get(path), after.get(path)
        if was == now or (was in _NOTHING and now in _NOTHING):
            continue
        name = f"`{' '.join(path)}`{of}"
        if path[-1] in _SECRETS:
            yield f"{name} is another now"
        elif now in _NOTHING and now is not False:
            yield f"{name} is not set any more (before: {_value(was)})"
        else:
            old = "" if was in _NOTHING and was is not False else f" (before: {_value(was)})"
            yield f"{name} is {_value(now)} now{old}"


def _of_flow(flow: Flow) -> Settings:
    return {path: value for path, value in _flat(flow).items() if path[0] not in _TOLD_APART}


def _of_node(node: Node, other: Node) -> Settings:
    """Without its exits and what it says, and without all of a choice that the other has not."""
    ways, others = [way for way, _ in _used(node)], {way.path for way, _ in _used(other)}
    told = {(*way.path, *to) for way in node.exits() for to in ((), ("to",))}
    lost = {way.path[:2] for way in ways if len(way.path) > 1 and way.path not in others}
    said = [tuple(map(str, place)) for place, _ in (*node.speeches(), *other.speeches())]
    return {
        path: value
        for path, value in _flat(node).items()
        if path not in told
        and path[:2] not in lost
        and path[0] not in ("type", *_FOR_READERS)
        and not any(path == place[: len(path)] or path[: len(place)] == place for place in said)
    }


def _flat(model: BaseModel) -> Settings:
    """Every value under its path; a list of plain values is one of them."""
    found: Settings = {}
    _flatten((), model.model_dump(mode="json", by_alias=True), found)
    return found


def _flatten(path: tuple[str, ...], value: Any, found: Settings) -> None:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            _flatten((*path, str(key)), inner, found)
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        for index, inner in enumerate(value):
            _flatten((*path, str(index)), inner, found)
    else:
        found[path] = value


def _value(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case list():
            return ", ".join(map(_value, value))
        case dict():
            return "; ".join(f"{key}: {_value(inner)}" for key, inner in value.items())
        case str():
            return _quoted(value)
        case _:
            return str(value)


def _quoted(text: str) -> str:
    short = text if len(text) <= _LONGEST_TEXT else text[:_LONGEST_TEXT] + "…"
    return f"“{short}”"


# -- prompts ------------------------------------------------------------------------------------


def _prompts(before: Side, after: Side) -> Iterator[str]:
    for key, texts in after.prompts.items():
        if key not in before.prompts:
            told = (_new_text(key, tag, texts[tag], after) for tag in sorted(texts))
            yield f"The prompt `{key}` is new: {', '.join(told)}."
        else:
            yield from _texts(key, before.prompts[key], texts)
    for key in before.prompts:
        if key not in after.prompts:
            yield f"The prompt `{key}` is gone."
    yield from _recordings(before, after)


def _new_text(key: str, tag: str, text: str, side: Side) -> str:
    recorded = " (recorded)" if text and f"{tag}/{key}" in side.recordings else ""
    return f"{tag} {_spoken(text)}{recorded}"


def _texts(key: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for tag in sorted({*before, *after}):
        if tag not in before:
            yield f"The prompt `{key}` is there in {tag} now: {_spoken(after[tag])}."
        elif tag not in after:
            yield f"The prompt `{key}` is not there in {tag} any more."
        elif before[tag] != after[tag]:
            change = f"from {_spoken(before[tag])} to {_spoken(after[tag])}"
            yield f"The prompt `{key}` in {tag} changed {change}."


def _spoken(text: str) -> str:
    return _quoted(text) if text else "a recording"


def _recordings(before: Side, after: Side) -> Iterator[str]:
    for name in sorted({*before.recordings, *after.recordings}):
        tag, _, key = name.partition("/")
        was, now = before.recordings.get(name), after.recordings.get(name)
        if was == now or key not in before.prompts or key not in after.prompts:
            continue
        if was and now:
            yield f"The prompt `{key}` in {tag} has another recording."
        elif now:
            yield f"The prompt `{key}` in {tag} is recorded by a person now."
        else:
            yield f"The prompt `{key}` in {tag} is not recorded any more."
