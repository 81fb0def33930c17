"""The table of VoiceXML's behaviours, read: flows, what a caller does in them, and what he hears.

One case can run against the pure core in virtual time (``test_core.py``) and, where it says
``live``, on a telephone (``tests/live/test_voicexml.py``). ``README.md`` tells how one is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from engine.ivr.flowset import FlowSet
from engine.ivr.schema import AGAIN, BACK, Flow

TABLE = Path(__file__).parent / "table"
FLOW = "test"
DEFAULTS = {"next": "done", "ok": "done", "noinput": "silent", "nomatch": "lost", "invalid": "lost"}
PROMPT_SECONDS = 1.5
"""How long every prompt is: in virtual time, and on the line."""
SHORTEST_SECONDS = 0.3
"""A prompt that was cut sooner counts as not heard: nobody would recognise it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that the caller, or the world, does: ``press 12``."""

    verb: str
    argument: str


@dataclass(frozen=True, slots=True)
class Told:
    """An action that the flow must have given: its type, and some of its values as text."""

    action: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One line of the table.

    ``heard`` are the prompts in order, with a slash behind each that was cut short; ``keys`` what
    was typed or said, with what it meant; ``ends`` how it ended: ``over``, ``over busy``, ``left``
    (he hung up), ``waits Enqueue``, ``fault runaway``.
    """

    name: str
    section: str
    flows: FlowSet
    does: tuple[Step, ...]
    heard: tuple[str, ...]
    path: tuple[str, ...]
    keys: tuple[str, ...] | None
    ends: str
    assertion: int | None = None
    live: bool = False
    variables: Mapping[str, Any] = field(default_factory=dict)
    alarms: tuple[str, ...] = ()
    tells: tuple[Told, ...] = ()
    route: Mapping[str, Any] = field(default_factory=dict)


def read_table() -> list[Behaviour]:
    """All cases, in the order of the files. Raises ``ValueError`` for one that is badly written."""
    cases = [
        _behaviour(file.stem, case)
        for file in sorted(TABLE.glob("*.yaml"))
        for case in YAML(typ="base", pure=True).load(file.read_text(encoding="utf-8"))
    ]
    names = [case.name for case in cases]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"two cases of one name: {twice}")
    return cases


def _behaviour(theme: str, case: dict[str, Any]) -> Behaviour:
    unknown = case.keys() - _WORDS
    if unknown:
        raise ValueError(f"{theme}: {case.get('name')}: unknown {sorted(unknown)}")
    does = tuple(_step(each) for each in case.get("does", ()))
    left = any(step.verb == "hang_up" for step in does)
    keys = case.get("keys")
    return Behaviour(
        name=case["name"],
        section=case["section"],
        flows=_flows(case),
        does=does,
        heard=tuple(case["heard"].split()),
        path=tuple(case["path"].split()),
        keys=None if keys is None else tuple(key.strip() for key in keys.split(",") if key),
        ends=case.get("ends", "left" if left else "over"),
        assertion=int(case["assertion"]) if "assertion" in case else None,
        live=case.get("live") == "yes",
        variables=case.get("variables", {}),
        alarms=tuple(case.get("alarms", ())),
        tells=tuple(
            Told(name, values) for each in case.get("tells", ()) for name, values in each.items()
        ),
        route=case.get("route", {}),
    )


_WORDS = frozenset(
    {
        "name", "section", "assertion", "live", "nodes", "settings", "others", "route", "does",
        "heard", "path", "keys", "ends", "variables", "alarms", "tells",
    }
)  # fmt: skip


def _step(text: str) -> Step:
    verb, _, argument = text.partition(" ")
    return Step(verb, argument)


def _flows(case: dict[str, Any]) -> FlowSet:
    first = flow_of(FLOW, {"nodes": case["nodes"], **case.get("settings", {})})
    others = [flow_of(name, other) for name, other in case.get("others", {}).items()]
    return FlowSet({flow.name: flow for flow in (first, *others)})


def flow_of(name: str, written: dict[str, Any]) -> Flow:
    """A flow as the table has it: it starts at its first node, has the table's ``DEFAULTS``, and
    a node that is named and not written is a good-bye that says its own name."""
    flow = _flow(name, written)
    missing = sorted(set(_targets(flow)) - set(flow.nodes))
    byes = {target: {"type": "hangup", "prompts": target} for target in missing}
    return _flow(name, {**written, "nodes": {**written["nodes"], **byes}})


def _flow(name: str, written: dict[str, Any]) -> Flow:
    start = next(iter(written["nodes"]))
    return Flow.model_validate({"flow": name, "start": start, "defaults": DEFAULTS, **written})


def _targets(flow: Flow) -> Iterator[str]:
    for node in flow.nodes.values():
        yield from (way.target for way in node.exits() if way.target)
    yield from (target for target in flow.global_keys.values() if target not in (BACK, AGAIN))
    yield from (target for target in (flow.on_error, flow.on_hangup) if target)
