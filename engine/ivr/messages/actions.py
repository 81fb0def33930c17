"""What a flow wants done: all of it, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass

from engine.ivr.messages.beside import Attempted, Lookup, Record, SurveyAnswered, Tag
from engine.ivr.messages.errands import Errand
from engine.ivr.messages.media import Listen, Play, StopListening, StopPlay
from engine.ivr.messages.trace import Trace


@dataclass(frozen=True, slots=True)
class End:
    """The flow is over: hang up. ``outcome`` is what the record says, if the flow knows;
    ``cause`` is what the network is told: normal, busy, congestion."""

    outcome: str | None
    cause: str = "normal"


@dataclass(frozen=True, slots=True)
class Fault:
    """The flow cannot go on (runaway, or a hole in a flow that was never checked): save the call.

    Nothing follows; the caller must be handed on, not left in silence.
    """

    text: str


Action = (
    Play
    | StopPlay
    | Listen
    | StopListening
    | Errand
    | Lookup
    | Tag
    | Record
    | SurveyAnswered
    | Attempted
    | End
    | Fault
    | Trace
)
