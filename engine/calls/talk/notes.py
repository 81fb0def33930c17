"""The notes of a talk: who comes and goes, who is held, what is recorded.

``leg`` is a channel: that of an agent or a number that the talk has called, of an agent's line
(which belongs to a call of its own), or of the caller. The talk itself begins and ends with
``TalkBegan`` and ``TalkEnded`` (``engine.calls.notes``).
"""

from __future__ import annotations

from dataclasses import dataclass

from acd.queues import Destination
from engine.calls.note import Note
from engine.calls.talk.parties import PartyKind, Role, Side, Watch


@dataclass(frozen=True, slots=True)
class PartyCalled(Note):
    """Somebody's phone is rung for this talk. ``consult``: for the agent ``by`` (a leg) alone at
    first, in the bridge ``bridge``; else all hear him when he answers. ``line``: his phone stays
    connected (``leg`` is the channel of another call), and a beep is all that he hears.

    ``name`` is the agent's, or the number; ``phone`` is the extension of the agent who is rung.
    """

    leg: str
    kind: PartyKind
    name: str
    role: Role = Role.SPEAKER
    consult: bool = False
    by: str = ""
    bridge: str = ""
    line: bool = False
    phone: str = ""


@dataclass(frozen=True, slots=True)
class PartyAnswered(Note):
    """He is on the line: with the agent who consults him, or with all."""

    leg: str


@dataclass(frozen=True, slots=True)
class PartyJoined(Note):
    """An agent comes on a line of his own (``leg`` is the channel of another call), at once."""

    leg: str
    name: str


@dataclass(frozen=True, slots=True)
class PartyLeft(Note):
    """He is in it no more, or was not reached; ``why`` in a word (``hung_up``, ``dropped``,
    ``cancelled``, ``transferred``, or a ``Missed``)."""

    leg: str
    why: str


@dataclass(frozen=True, slots=True)
class Merged(Note):
    """Who was consulted is with all from now on."""


@dataclass(frozen=True, slots=True)
class Swapped(Note):
    """The agent who consults is now with ``side``; the other waits with music."""

    side: Side


@dataclass(frozen=True, slots=True)
class CallerHeld(Note):
    """An agent put the caller on hold, or took him back."""

    held: bool


@dataclass(frozen=True, slots=True)
class PhoneHeld(Note):
    """A phone put its call on hold, or took it back."""

    leg: str
    held: bool


@dataclass(frozen=True, slots=True)
class Muted(Note):
    """The others hear him no more, or again."""

    leg: str
    muted: bool


@dataclass(frozen=True, slots=True)
class RoleGiven(Note):
    """He is something else in it from now on."""

    leg: str
    role: Role


@dataclass(frozen=True, slots=True)
class TalkLocked(Note):
    """Nobody else may come in, or again."""

    locked: bool


@dataclass(frozen=True, slots=True)
class EndAgreed(Note):
    """Whether it is over for all when its leader leaves."""

    with_leader: bool


@dataclass(frozen=True, slots=True)
class HandedOver(Note):
    """The contact is that of another agent from now on: he has its hold, consult and transfer."""

    leg: str


@dataclass(frozen=True, slots=True)
class SecureBegan(Note):
    """The caller is alone with a flow, and types what nobody else may hear; the others wait with
    music."""

    flow: str


@dataclass(frozen=True, slots=True)
class SecureEnded(Note):
    """He is back with the others, by this exit of the flow."""

    by: str


@dataclass(frozen=True, slots=True)
class Watched(Note):
    """A supervisor is in the talk as ``watch``, with the agent ``agent``."""

    supervisor: str
    watch: Watch
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Parked(Note):
    """The caller waits in ``slot`` for whoever picks him up, until ``until``; then he is brought
    back to the agent ``by``."""

    slot: str
    by: str
    until: float


@dataclass(frozen=True, slots=True)
class Unparked(Note):
    """He was picked up by the agent ``by``, or his time there was over ('')."""

    by: str


@dataclass(frozen=True, slots=True)
class Sent(Note):
    """Where the caller goes on to; nobody has him now."""

    to: Destination


NOTES = (
    PartyCalled,
    PartyAnswered,
    PartyJoined,
    PartyLeft,
    Merged,
    Swapped,
    CallerHeld,
    PhoneHeld,
    Muted,
    RoleGiven,
    TalkLocked,
    EndAgreed,
    HandedOver,
    SecureBegan,
    SecureEnded,
    Watched,
    Parked,
    Unparked,
    Sent,
)
"""All of them."""
