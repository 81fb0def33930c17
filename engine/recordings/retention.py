"""For how long recordings are kept: by their queue, by what they are, or by the default. PURE."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.call_record import (
    CONFERENCE,
    GREETING,
    SIDE_IN,
    SIDE_OUT,
    SURVEY,
    TALK,
    VOICEMAIL,
    WHOLE_CALL,
)

DAY_SECONDS = 86_400.0

TALKS = (TALK, SIDE_IN, SIDE_OUT, CONFERENCE, WHOLE_CALL)
PLAYED = (VOICEMAIL, GREETING)
"""Callers and agents hear these by phone: they stay where and as Asterisk can play them."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Recordings of these kinds that began before then are deleted: of one queue, or of all but
    some."""

    kinds: tuple[str, ...]
    before: float
    queue: str | None = None
    but_queues: tuple[str, ...] = ()


def rules(
    now: float,
    queues: Mapping[str, float | None],
    talks: float | None,
    voicemails: float | None,
    surveys: float | None,
) -> list[Rule]:
    """What is to be deleted at ``now``. All are days, None for never; ``queues`` each queue's own,
    which goes before ``talks``."""
    own = {queue: days for queue, days in queues.items() if days is not None}
    found = [Rule(TALKS, now - days * DAY_SECONDS, queue) for queue, days in own.items()]
    if talks is not None:
        found.append(Rule(TALKS, now - talks * DAY_SECONDS, None, tuple(sorted(own))))
    for kind, kept in ((VOICEMAIL, voicemails), (SURVEY, surveys)):
        if kept is not None:
            found.append(Rule((kind,), now - kept * DAY_SECONDS))
    return found
