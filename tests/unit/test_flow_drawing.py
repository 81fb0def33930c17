"""A flow as a picture: everything is on it, nothing lies upon something else."""

from __future__ import annotations

import itertools
import random
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from engine.ivr.diagram import Kind, boxes, mermaid, ways
from engine.ivr.drawing import svg
from engine.ivr.layout import Arrow, layout
from engine.ivr.schema import Flow

BANK: dict[str, Any] = {
    "flow": "bank",
    "start": "open",
    "global_keys": {"0": "agent", "9": "back"},
    "on_hangup": "note",
    "on_error": "agent",
    "nodes": {
        "open": {"type": "hours", "calendar": "office", "open": "menu", "closed": "bye"},
        "menu": {
            "type": "menu",
            "prompts": "choices",
            "keys": {"1": "tier", "2": "agent", "#": "menu"},
            "noinput": "agent",
            "nomatch": "nowhere",
        },
        "tier": {
            "type": "switch",
            "cases": [{"when": 'tier == "gold"', "to": "agent"}],
            "else": "card",
        },
        "card": {"type": "flow", "flow": "cards", "next": "menu"},
        "agent": {"type": "queue", "queue": "vip", "timeout": "bye", "full": "bye"},
        "note": {"type": "tag", "values": {"gone": "true"}, "next": "bye"},
        "bye": {"type": "hangup", "prompts": "bye"},
    },
}


@pytest.fixture
def flow() -> Flow:
    return Flow.model_validate(BANK)


def arrows(flow: Flow) -> list[tuple[str, str, str]]:
    return [(way.source, way.label, way.target) for way in ways(flow)]


def test_exits_to_one_node_are_one_arrow_and_holes_are_none(flow: Flow) -> None:
    assert arrows(flow) == [
        (" start", "", "open"),
        ("open", "open", "menu"),
        ("open", "closed", "bye"),
        ("menu", "1", "tier"),
        ("menu", "2, noinput", "agent"),
        ("menu", "#", "menu"),
        ("tier", 'tier == "gold"', "agent"),
        ("tier", "else", "card"),
        ("card", "", "menu"),
        ("agent", "timeout, full", "bye"),
        ("note", "", "bye"),
        (" keys", "0", "agent"),
        (" error", "", "agent"),
        (" hangup", "", "note"),
    ]


def test_a_box_says_what_the_node_is_about(flow: Flow) -> None:
    shown = boxes(flow)
    told = {name: (box.kind, box.detail) for name, box in shown.items()}
    assert told["open"] == (Kind.DECIDE, "hours office")
    assert told["menu"] == (Kind.ASK, "menu choices")
    assert told["card"] == (Kind.PEOPLE, "flow cards")
    assert told["bye"] == (Kind.END, "hangup bye")


def test_calls_are_counted_on_the_arrows(flow: Flow) -> None:
    counts = {("menu", "2"): 7, ("menu", "noinput"): 3, ("note", "next"): 2}
    told = {(way.source, way.target): (way.label, way.calls) for way in ways(flow, counts)}
    assert told["menu", "agent"] == ("2 (7), noinput (3)", 10)
    assert told["note", "bye"] == ("(2)", 2)
    assert told["menu", "tier"] == ("1", 0)


def test_mermaid_has_every_box_and_arrow(flow: Flow) -> None:
    text = mermaid(flow).splitlines()
    assert text[0] == "flowchart TD"
    assert sum("-->" in line or "-.->" in line for line in text) == len(ways(flow))
    assert '  n5{{"menu<br/>menu choices"}}' in text
    assert '  n5 -->|"#35;"| n5' in text
    assert '  n6 -->|"tier == #quot;gold#quot;"| n8' in text


def test_the_drawing_is_xml_with_every_box_arrow_and_label(flow: Flow) -> None:
    root = ET.fromstring(svg(flow, {("menu", "2"): 7}))
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    for box in boxes(flow).values():
        assert box.title in texts
    assert "2 (7), noinput" in texts
    paths = list(root.iter("{http://www.w3.org/2000/svg}path"))
    assert len([p for p in paths if p.get("marker-end")]) == len(ways(flow))


def test_a_flow_of_one_node_is_drawn() -> None:
    nodes = {"bye": {"type": "hangup"}}
    one = Flow.model_validate({"flow": "one", "start": "bye", "nodes": nodes})
    assert ET.fromstring(svg(one)).get("width") is not None


@pytest.mark.parametrize("seed", range(8))
def test_no_box_and_no_label_lies_upon_another(seed: int) -> None:
    chance = random.Random(seed)
    names = [f"n{number}" for number in range(20)]
    sizes = {name: (chance.uniform(40, 160), chance.uniform(20, 50)) for name in names}
    pairs = {(chance.choice(names), chance.choice(names)) for _ in range(45)}
    lines = [Arrow(*pair, (chance.uniform(0, 120), 14.0)) for pair in sorted(pairs)]
    plan = layout(sizes, lines)
    places = [(plan.boxes[name], sizes[name]) for name in names]
    places += [(at, line.label) for at, line in zip(plan.labels, lines, strict=True)]
    for (one, size), (other, other_size) in itertools.combinations(places, 2):
        beside = abs(one[0] - other[0]) >= (size[0] + other_size[0]) / 2 - 1e-6
        above = abs(one[1] - other[1]) >= (size[1] + other_size[1]) / 2 - 1e-6
        assert beside or above, (one, size, other, other_size)
    for (x, y), (width, height) in places:
        assert width / 2 - 1e-6 <= x <= plan.width - width / 2 + 1e-6
        assert height / 2 - 1e-6 <= y <= plan.height - height / 2 + 1e-6


def test_arrows_lead_downwards_unless_they_close_a_circle() -> None:
    sizes = dict.fromkeys("abcd", (50.0, 20.0))
    lines = [Arrow("a", "b"), Arrow("b", "c"), Arrow("a", "c"), Arrow("c", "a"), Arrow("d", "c")]
    plan = layout(sizes, lines)
    y = {name: at[1] for name, at in plan.boxes.items()}
    assert y["a"] < y["b"] < y["c"]
    assert y["d"] == y["b"]
    assert [way[0][1] < way[-1][1] for way in plan.ways] == [True, True, True, False, True]
