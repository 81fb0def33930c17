"""Whose a recording is: the queue that it belongs to, and the agents whom one hears in it. PURE."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.call_record import CONFERENCE, SegmentKind
from engine.store.recordings import Stay

_HEARD = frozenset({SegmentKind.TALK, SegmentKind.CONFERENCE})


def agents_in(kind: str, stays: Iterable[Stay], started: float, ended: float) -> set[str]:
    """Whom one may hear between these two. Nobody knows who was in a room: what is recorded of it
    goes through several calls, and is told by the last of them."""
    if kind == CONFERENCE:
        return set()
    return {
        stay.agent for stay in _within(stays, started, ended) if stay.agent and stay.kind in _HEARD
    }


def queue_of(kind: str, stays: Iterable[Stay], started: float, ended: float) -> str:
    """The queue of the first talk in it; before any talk, the last one that he waited in. A room
    has none."""
    if kind == CONFERENCE:
        return ""
    stays = [stay for stay in stays if stay.queue]
    for stay in _within(stays, started, ended):
        if stay.kind in _HEARD:
            return stay.queue or ""
    before = [stay.queue or "" for stay in stays if stay.started < ended]
    return before[-1] if before else ""


def _within(stays: Iterable[Stay], started: float, ended: float) -> Iterator[Stay]:
    return (stay for stay in stays if stay.started < ended and stay.ended > started)
