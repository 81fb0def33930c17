"""Where the sound of a file belongs in time. PURE.

A recording that was paused lacks that time in its file. Each gap is filled with silence of exactly
its length at exactly its place, counted in frames from the beginning: so an error never adds up,
and what was said at 10:15:30 is heard there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """So many frames of what the file has next, or of silence."""

    frames: int
    silent: bool


Span = tuple[float, float]
"""From when to when, in seconds since the epoch."""


def pieces(origin: float, gaps: Iterable[Span], frames: int, rate: int) -> Iterator[Piece]:
    """The whole of a recording from ``origin`` on: ``frames`` of the file, and its gaps.

    A gap for which the file is too short comes at its end: nothing is behind it then. What lies
    before ``origin`` does not count.
    """
    position, left = 0, frames
    for began, ended in _merged(origin, gaps):
        first, last = (round((moment - origin) * rate) for moment in (began, ended))
        heard = min(left, max(0, first - position))
        if heard:
            yield Piece(heard, silent=False)
        if last > first:
            yield Piece(last - first, silent=True)
        left -= heard
        position += heard + last - first
    if left:
        yield Piece(left, silent=False)


def length(origin: float, gaps: Iterable[Span], frames: int, rate: int) -> int:
    """How many frames all of it has."""
    return sum(piece.frames for piece in pieces(origin, gaps, frames, rate))


def _merged(origin: float, gaps: Iterable[Span]) -> list[Span]:
    """In their order, from ``origin`` on, without one that overlaps another."""
    merged: list[Span] = []
    for began, ended in sorted((max(began, origin), ended) for began, ended in gaps):
        if merged and began <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ended))
        elif ended > began:
            merged.append((began, ended))
    return merged
