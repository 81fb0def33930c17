"""Places boxes in layers so that most arrows lead downwards, and finds a way for each arrow.

The method of Sugiyama, Tagawa and Toda (1981): turn the arrows that close a circle, give each box
a layer, cut long arrows into pieces of one layer, order each layer by where its neighbours stand,
then move everything towards its neighbours as far as there is room. An arrow's label is a box of a
layer in between, so no label lies upon another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

Point = tuple[float, float]
Size = tuple[float, float]

_ORDERINGS = 12
_MOVES = 24
_SIDE_GAP = 18.0
_LAYER_GAP = 16.0


@dataclass(frozen=True, slots=True)
class Arrow:
    """From one box to another; ``label`` is the size of what is written on it."""

    source: str
    target: str
    label: Size = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything is: the middles of the boxes, and for each arrow the points of its way from
    its source to its target, and the middle of its label."""

    boxes: Mapping[str, Point]
    ways: Sequence[Sequence[Point]]
    labels: Sequence[Point]
    width: float
    height: float


@dataclass(slots=True)
class _Spot:
    """A box, a label, or a piece of an arrow, in one layer."""

    layer: int
    size: Size
    above: list[_Spot] = field(default_factory=list)
    below: list[_Spot] = field(default_factory=list)
    x: float = 0.0
    order: int = 0
    beside: float = 0.0
    """Room to its right for an arrow to itself."""


def layout(boxes: Mapping[str, Size], arrows: Sequence[Arrow]) -> Layout:
    """Lay this out; the first box comes to the top. No two arrows have the same two ends."""
    turned = _turned(boxes, arrows)
    layers = _layers(boxes, arrows, turned)
    spots = {name: _Spot(layers[name], size) for name, size in boxes.items()}
    for arrow in arrows:
        if arrow.source == arrow.target:
            spots[arrow.source].beside = arrow.label[0] + spots[arrow.source].size[1]
    pieces = [_pieces(spots, arrow, arrow in turned) for arrow in arrows]
    rows = _rows([*spots.values(), *(spot for way in pieces for spot in way)])
    _order(rows)
    _move(rows)
    heights = _heights(rows)
    left = min(spot.x - spot.size[0] / 2 for row in rows for spot in row)
    right = max(spot.x + spot.size[0] / 2 + spot.beside for row in rows for spot in row)

    def place(spot: _Spot) -> Point:
        return spot.x - left, heights[spot.layer]

    ways, labels = [], []
    for arrow, way in zip(arrows, pieces, strict=True):
        ends = spots[arrow.source], spots[arrow.target]
        between = [place(spot) for spot in way]
        ways.append([place(ends[0]), *between, place(ends[1])])
        labels.append(between[0] if between else _beside(ends[0], place(ends[0]), arrow.label))
    bottom = heights[-1] + max(spot.size[1] for spot in rows[-1]) / 2
    middles = {name: place(spot) for name, spot in spots.items()}
    return Layout(middles, ways, labels, right - left, bottom)


def _beside(spot: _Spot, at: Point, label: Size) -> Point:
    """Where the label of an arrow goes that leads from a box to itself."""
    return at[0] + spot.size[0] / 2 + spot.size[1] / 2 + label[0] / 2, at[1]


# -- layers -------------------------------------------------------------------------------------


def _turned(boxes: Mapping[str, Size], arrows: Sequence[Arrow]) -> set[Arrow]:
    """Arrows that lead back to a box that one came from: taken the other way round, no circle is
    left."""
    out: dict[str, list[Arrow]] = {name: [] for name in boxes}
    for arrow in arrows:
        out[arrow.source].append(arrow)
    turned: set[Arrow] = set()
    seen: set[str] = set()
    for root in boxes:
        if root in seen:
            continue
        seen.add(root)
        path, trail = {root}, [(root, iter(out[root]))]
        while trail:
            name, rest = trail[-1]
            way = next(rest, None)
            if way is None:
                path.discard(name)
                trail.pop()
            elif way.target in path:
                turned.add(way)
            elif way.target not in seen:
                seen.add(way.target)
                path.add(way.target)
                trail.append((way.target, iter(out[way.target])))
    return turned


def _layers(
    boxes: Mapping[str, Size], arrows: Sequence[Arrow], turned: set[Arrow]
) -> dict[str, int]:
    """Even layers, as the odd ones are for labels: each box below all that lead to it."""
    ways = [(a.target, a.source) if a in turned else (a.source, a.target) for a in arrows]
    ways = [(upper, lower) for upper, lower in ways if upper != lower]
    layer = dict.fromkeys(boxes, 0)
    for _ in boxes:
        lower = {b: max(layer[a] + 2 for a, c in ways if c == b) for _, b in ways}
        if lower.items() <= layer.items():
            break
        layer |= lower
    entered = {lower for _, lower in ways}
    for name in list(boxes)[1:]:  # what nothing leads to stands right above what it leads to
        nexts = [layer[lower] for upper, lower in ways if upper == name]
        if name not in entered and nexts:
            layer[name] = max(0, min(nexts) - 2)
    return layer


def _pieces(spots: Mapping[str, _Spot], arrow: Arrow, turned: bool) -> list[_Spot]:
    """The label and the pieces of an arrow, from its source on."""
    source, target = spots[arrow.source], spots[arrow.target]
    if source is target:
        return []
    upper, lower = (target, source) if turned else (source, target)
    between = [_Spot(layer, (2.0, 0.0)) for layer in range(upper.layer + 1, lower.layer)]
    between[-1 if turned else 0].size = (max(2.0, arrow.label[0]), arrow.label[1])
    chain = [upper, *between, lower]
    for above, below in pairwise(chain):
        above.below.append(below)
        below.above.append(above)
    return between[::-1] if turned else between


# -- places -------------------------------------------------------------------------------------


def _rows(spots: Sequence[_Spot]) -> list[list[_Spot]]:
    """The layers from the top, each first in the order in which one comes to its spots."""
    rows: list[list[_Spot]] = [[] for _ in range(max(spot.layer for spot in spots) + 1)]
    seen: set[int] = set()
    for root in spots:
        waiting = [root]
        while waiting:
            spot = waiting.pop()
            if id(spot) not in seen:
                seen.add(id(spot))
                rows[spot.layer].append(spot)
                waiting += reversed(spot.below)
    _number(rows)
    return rows


def _order(rows: list[list[_Spot]]) -> None:
    """Sort each layer by the middle of its neighbours, downwards and upwards by turns; the order
    with the fewest crossings stays."""
    best, fewest = [list(row) for row in rows], _crossings(rows)
    for turn in range(_ORDERINGS):
        for row in rows if turn % 2 == 0 else reversed(rows):
            row.sort(key=lambda spot: _middle(spot, downwards=turn % 2 == 0))
            _number([row])
        crossings = _crossings(rows)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    rows[:] = best
    _number(rows)


def _middle(spot: _Spot, downwards: bool) -> float:
    others = spot.above if downwards else spot.below
    if not others:
        return float(spot.order)
    return sum(other.order for other in others) / len(others)


def _number(rows: Sequence[list[_Spot]]) -> None:
    for row in rows:
        for order, spot in enumerate(row):
            spot.order = order


def _crossings(rows: Sequence[list[_Spot]]) -> int:
    count = 0
    for row in rows:
        ends = [below.order for spot in row for below in sorted(spot.below, key=lambda s: s.order)]
        count += sum(a > b for i, a in enumerate(ends) for b in ends[i + 1 :])
    return count


def _move(rows: Sequence[list[_Spot]]) -> None:
    for row in rows:
        _spread(row, [0.0] * len(row))
    for turn in range(_MOVES):
        for row in rows if turn % 2 == 0 else reversed(rows):
            _spread(row, [_wish(spot) for spot in row])


def _wish(spot: _Spot) -> float:
    """Where a spot would like to be: in the middle of its neighbours, of those in line first."""
    others = [*spot.above, *spot.below]
    if not others:
        return spot.x
    return sum(other.x for other in others) / len(others)


def _spread(row: Sequence[_Spot], wishes: Sequence[float]) -> None:
    """As near to the wishes as the sizes allow: least squares in a given order, by pooling."""
    offset, offsets = 0.0, []
    for index, spot in enumerate(row):
        if index:
            before = row[index - 1]
            offset += (before.size[0] + spot.size[0]) / 2 + before.beside + _SIDE_GAP
        offsets.append(offset)
    pools: list[tuple[float, int]] = []  # mean, how many
    for wish, shift in zip(wishes, offsets, strict=True):
        mean, many = wish - shift, 1
        while pools and pools[-1][0] > mean:
            other, more = pools.pop()
            mean, many = (other * more + mean * many) / (more + many), more + many
        pools.append((mean, many))
    places = [mean for mean, many in pools for _ in range(many)]
    for spot, place, shift in zip(row, places, offsets, strict=True):
        spot.x = place + shift


def _heights(rows: Sequence[list[_Spot]]) -> list[float]:
    """The middle of each layer."""
    return list(_stacked([max(spot.size[1] for spot in row) if row else 0.0 for row in rows]))


def _stacked(sizes: Sequence[float]) -> Iterator[float]:
    top = 0.0
    for size in sizes:
        yield top + size / 2
        top += size + _LAYER_GAP
