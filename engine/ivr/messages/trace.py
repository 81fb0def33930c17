"""Actions that say what the flow does, for its record, its tests and its watchers."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.ivr.position import NOWHERE, Position
from engine.ivr.sounds import Sound


@dataclass(frozen=True, slots=True)
class Entered:
    """The call is at this node now, by exit ``via`` of the one before ('' at the start).

    ``milestone`` is the name to report it under, '' for none; ``position`` is where to go on after
    a crash.
    """

    node: str
    type: str
    via: str
    flow: str = ""
    milestone: str = ""
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Heard:
    """What the caller typed or said in all and what it meant: ``ok`` or the name of the failure.

    Keys of a secret input are dots. ``by`` is 'keys' or 'speech', with its ``confidence``.
    """

    keys: str
    result: str
    by: str = "keys"
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Evaluated:
    """An expression and what it came to; what is written of a secret is dots."""

    expression: str
    value: str


@dataclass(frozen=True, slots=True)
class NotPlayed:
    """These sounds could not be played; the flow goes on as if they had been."""

    prompts: tuple[Sound, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """An arm of an experiment (``split``), which the record keeps."""

    experiment: str
    arm: str


@dataclass(frozen=True, slots=True)
class Served:
    """He has heard what he called for: what the record says if he goes now."""

    outcome: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that who runs the center must know: a runaway, an expression that failed. The
    flow goes on by ``on_error`` or the node's own exit, if there is one."""

    text: str


Trace = Entered | Heard | Evaluated | NotPlayed | Chosen | Served | Alarm
