"""What a flow is told of its caller: what happened, in the past tense."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.ivr.values import Value


@dataclass(frozen=True, slots=True)
class Digit:
    """The caller pressed a key: one of ``0-9 * # A-D``."""

    key: str


@dataclass(frozen=True, slots=True)
class PlayEnded:
    """The play of this number ended; ``ok`` is false when it could not be (wholly) played."""

    play: int
    ok: bool = True


@dataclass(frozen=True, slots=True)
class SpeechBegan:
    """The caller began to speak while the flow listens."""


@dataclass(frozen=True, slots=True)
class Said:
    """The recogniser's answer to one utterance.

    ``phrase`` is the one of ``Listen.phrases`` that it is nearest to, None for none of them;
    ``confidence`` from 0 to 1; ``text`` what was heard, where the recogniser can tell.
    """

    phrase: str | None
    confidence: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class Deaf:
    """There is no recogniser for this call (none set up, overloaded, failed): keys only."""


@dataclass(frozen=True, slots=True)
class LookupEnded:
    """The request of this number ended.

    ``result`` is ``ok`` (2xx), ``not_found`` (404, 410), ``refused`` (other 4xx), ``failed`` (5xx),
    ``timeout`` or ``error`` (no answer, no JSON, too large, circuit open). ``body`` is the JSON.
    """

    lookup: int
    result: str
    body: object = None
    status: int = 0


@dataclass(frozen=True, slots=True)
class Returned:
    """An errand is over; ``by`` is the exit of its node. ``values`` are what it brought.

    - ``Enqueue``: answered (after the talk), timeout, full, no_agents, unmatched, overflow,
      callback (he will be called back), voicemail (he left a message)
    - ``AskCallback``: scheduled, declined, duplicate, out_of_hours
    - ``TakeMessage``: saved, too_short, deleted; values: ``seconds``
    - ``Transfer``: answered (the other hung up), busy, noanswer, congestion, rejected, failed,
      max_time
    - ``Confer``: left (by key), kicked, ended, full, locked
    - ``RecordAnswer``: saved, too_short; values: ``recording``, ``seconds``
    """

    by: str
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HungUp:
    """The caller is gone. The flow may still have something to do without media (``on_hangup``)."""


Input = Digit | PlayEnded | SpeechBegan | Said | Deaf | LookupEnded | Returned | HungUp
