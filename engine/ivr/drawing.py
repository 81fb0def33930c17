"""A flow as an SVG picture: a box per node, an arrow per way out, yesterday's calls on them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from xml.sax.saxutils import escape

from engine.ivr.diagram import Box, Counts, Kind, Way, boxes, ways
from engine.ivr.layout import Arrow, Point, Size, layout
from engine.ivr.schema import Flow

_MARGIN = 16.0
_PADDING = 12.0
_LINE = 17.0
_LETTER = 7.0  # of 12 px text, on the wide side
_SMALL = 6.2
_COLOURS = {
    # the line and the filling of a box
    Kind.EDGE: ("#667085", "#f2f4f7"),
    Kind.TALK: ("#2e7d5b", "#e8f5ee"),
    Kind.ASK: ("#b06f00", "#fff4dc"),
    Kind.DECIDE: ("#5b4bb7", "#efecfb"),
    Kind.PEOPLE: ("#1667b7", "#e5f0fb"),
    Kind.END: ("#a3343a", "#fbeaea"),
}
_STYLE = """\
text{font:12px system-ui,sans-serif;fill:#1d2939;text-anchor:middle}
.title{font-weight:600}.detail,.label{font-size:11px;fill:#475467}
.label{paint-order:stroke;stroke:#fff;stroke-width:4px}
.way{fill:none;stroke:#8592a6}.anywhere{stroke-dasharray:4 4}"""
_HEAD = (
    '<marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
    'markerUnits="userSpaceOnUse" orient="auto"><path d="M0,0L8,4L0,8z" fill="#8592a6"/></marker>'
)


def svg(flow: Flow, counts: Counts | None = None) -> str:
    """The picture of a flow; with ``counts`` arrows are the thicker the more calls took them."""
    shown, arrows = boxes(flow), ways(flow, counts)
    sizes = {name: _size(box) for name, box in shown.items()}
    plan = layout(sizes, [Arrow(way.source, way.target, _label_size(way)) for way in arrows])
    width, height = plan.width + 2 * _MARGIN, plan.height + 2 * _MARGIN
    most = max((way.calls for way in arrows), default=0)
    drawn = [
        _arrow(way, points, sizes, most) for way, points in zip(arrows, plan.ways, strict=True)
    ]
    drawn += [_box(box, plan.boxes[name], sizes[name]) for name, box in shown.items()]
    drawn += [_label(way, at) for way, at in zip(arrows, plan.labels, strict=True) if way.label]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
            f'width="{width:.0f}" height="{height:.0f}">',
            f"<title>{escape(flow.name)}</title><style>{_STYLE}</style><defs>{_HEAD}</defs>",
            '<rect width="100%" height="100%" fill="#fff"/>',
            f'<g transform="translate({_MARGIN:g},{_MARGIN:g})">',
            *drawn,
            "</g></svg>\n",
        ]
    )


def _size(box: Box) -> Size:
    text = max(len(box.title) * _LETTER, len(box.detail) * _SMALL)
    return text + 2 * _PADDING, _LINE * (2 if box.detail else 1) + _PADDING


def _label_size(way: Way) -> Size:
    return (len(way.label) * _SMALL + 6, 14.0) if way.label else (0.0, 8.0)


def _box(box: Box, at: Point, size: Size) -> str:
    (x, y), (width, height) = at, size
    line, filling = _COLOURS[box.kind]
    corner = height / 2 if box.kind in (Kind.END, Kind.EDGE) else 5
    frame = (
        f'<rect x="{x - width / 2:.1f}" y="{y - height / 2:.1f}" width="{width:.1f}" '
        f'height="{height:.1f}" rx="{corner:.1f}" fill="{filling}" stroke="{line}"/>'
    )
    if not box.detail:
        return frame + _text("title", x, y + 4, box.title)
    title = _text("title", x, y - 4, box.title)
    return frame + title + _text("detail", x, y + 12, box.detail)


def _label(way: Way, at: Point) -> str:
    return _text("label", at[0], at[1] + 4, way.label)


def _text(kind: str, x: float, y: float, text: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'


def _arrow(way: Way, points: Sequence[Point], sizes: dict[str, Size], most: int) -> str:
    source, target = sizes[way.source], sizes[way.target]
    path = _path(points, source, target) if len(points) > 2 else _loop(points[0], source)
    kind = "way anywhere" if way.anywhere else "way"
    thick = 1.2 + 4 * math.sqrt(way.calls / most) if most else 1.2
    return f'<path class="{kind}" d="{path}" stroke-width="{thick:.1f}" marker-end="url(#head)"/>'


def _path(points: Sequence[Point], source: Size, target: Size) -> str:
    """From edge to edge of two boxes, through what lies between."""
    down = 1 if points[-1][1] > points[0][1] else -1
    first = _port(points[0], points[1], source, down)
    last = _port(points[-1], points[-2], target, -down)
    stops = [first, *points[1:-1], last]
    return f"M{first[0]:.1f},{first[1]:.1f}" + "".join(_curves(stops))


def _port(box: Point, towards: Point, size: Size, down: int) -> Point:
    """Where an arrow touches a box: nearer to the side on which its other end is."""
    room = size[0] / 2 - 10
    shift = max(-room, min(room, (towards[0] - box[0]) / 3))
    return box[0] + shift, box[1] + down * size[1] / 2


def _curves(stops: Sequence[Point]) -> Iterator[str]:
    """Upright at both ends, and in between towards the next but one."""
    leans = [0.0, *(_lean(a, c) for a, c in zip(stops, stops[2:], strict=False)), 0.0]
    for index, ((x0, y0), (x1, y1)) in enumerate(pairwise(stops)):
        third = (y1 - y0) / 3
        first = f"{x0 + leans[index] * third:.1f},{y0 + third:.1f}"
        second = f"{x1 - leans[index + 1] * third:.1f},{y1 - third:.1f}"
        yield f"C{first} {second} {x1:.1f},{y1:.1f}"


def _lean(before: Point, after: Point) -> float:
    return (after[0] - before[0]) / (after[1] - before[1])


def _loop(at: Point, size: Size) -> str:
    """From the right side of a box back to it."""
    x, y, r = at[0] + size[0] / 2, at[1], size[1] / 2
    out, back = f"{x + r:.1f},{y - r:.1f}", f"{x + r:.1f},{y + r:.1f}"
    return f"M{x:.1f},{y - r / 2:.1f}C{out} {back} {x:.1f},{y + r / 2:.1f}"
