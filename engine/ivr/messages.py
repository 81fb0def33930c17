"""What a flow is told about its caller (inputs, past tense) and what it wants done (actions).

Frozen values without a clock in them; the time is the ``now`` beside them, in seconds since the
Unix epoch. In a list of actions ``Enqueue``, ``End`` and ``Fault`` are always the last.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.ivr.schema import NeedStep

# -- inputs -------------------------------------------------------------------------------------


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
class QueueLeft:
    """The caller is out of the queue: ``answered`` (after the talk), ``timeout``, ``full``,
    ``no_agents``, ``unmatched``, ``overflow``, ``callback`` (he will be called back) or
    ``voicemail`` (he left a message)."""

    reason: str


@dataclass(frozen=True, slots=True)
class HungUp:
    """The caller is gone."""


Input = Digit | PlayEnded | QueueLeft | HungUp

# -- actions ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Play:
    """Play these prompts in turn; answer with ``PlayEnded(play)`` when the last one is over.

    A prompt without audio in ``language`` is taken from the first of ``fallback`` that has it.
    Plays are numbered from 1 in each ``Interpreter``, so after a crash the numbers begin anew.
    """

    play: int
    prompts: tuple[str, ...]
    language: str
    fallback: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StopPlay:
    """Stop this play at once: the caller pressed a key into it. Its end needs no answer."""

    play: int


@dataclass(frozen=True, slots=True)
class Enqueue:
    """Put the caller into this queue; answer with ``QueueLeft``.

    Also given when a call is resumed in a queue node: a caller who already waits stays as he is.
    ``needs`` replace the queue's own, ``offset_seconds`` are added to the caller's age, and
    ``owner`` is the name or the extension of the agent whose customer he is, as the flow has it.
    """

    queue: str
    needs: tuple[NeedStep, ...] = ()
    offset_seconds: float = 0.0
    owner: str = ""


@dataclass(frozen=True, slots=True)
class End:
    """The flow is over: hang up. ``outcome`` is what the record says, if the flow knows."""

    outcome: str | None


@dataclass(frozen=True, slots=True)
class Fault:
    """The flow cannot go on (runaway, or a hole in a flow that was never checked): save the call.

    Nothing follows; the caller must be handed on, not left in silence.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Entered:
    """Trace: the call is at this node now, by exit ``via`` of the one before ('' at the start)."""

    node: str
    type: str
    via: str


@dataclass(frozen=True, slots=True)
class Heard:
    """Trace: what the caller typed in all and what it meant: ``ok`` or the name of the failure.

    Keys of a secret input are dots.
    """

    keys: str
    result: str


@dataclass(frozen=True, slots=True)
class NotPlayed:
    """Trace: these prompts could not be played; the flow goes on as if they had been."""

    prompts: tuple[str, ...]


Action = Play | StopPlay | Enqueue | End | Fault | Entered | Heard | NotPlayed
