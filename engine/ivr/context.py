"""What a flow may know of its call and of the world; everything else it asks for by actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from engine.ivr.values import Value


@dataclass(frozen=True, slots=True)
class Opening:
    """What a calendar says of a moment: ``state`` is open, closed, holiday or emergency.

    ``names`` are the holiday's by language; ``next_open`` in seconds since the epoch, if known.
    """

    state: str
    names: Mapping[str, str] = field(default_factory=dict)
    next_open: float | None = None


def _never(_subject: str, _now: float) -> bool:
    return False


def _no_chance(_below: int) -> int:
    return 0


@dataclass(frozen=True, slots=True)
class Context:
    """One call, as its flows see it.

    ``hours(calendar, now)`` asks a calendar; ``language`` is the route's, '' for the flow's own.
    ``entry`` is ``call``, ``callback`` (he was called back), ``outbound`` (a campaign called him)
    or ``after_queue``. ``locked(subject, now)`` says whether nobody may be identified as this one
    now. ``draw(n)`` gives a number from 0 to n-1 by chance, for codes. ``prompts`` are the keys
    that have audio, by language; ``facts`` are read as ``call.…``.
    """

    language: str
    caller: str
    called: str
    hours: Callable[[str, float], Opening]
    call: str = ""
    zone: tzinfo = UTC
    entry: str = "call"
    locked: Callable[[str, float], bool] = _never
    draw: Callable[[int], int] = _no_chance
    prompts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    facts: Mapping[str, Value] = field(default_factory=dict)
