"""The notes of whom we dial: numbers, agents called for a caller, attempts of campaigns."""

from __future__ import annotations

from dataclasses import dataclass

from dialer.dispositions import Disposition
from dialer.plan import AttemptPlan
from engine.calls.note import Note

__all__ = [
    "AttemptBegan",
    "AttemptClosed",
    "ForwardEnded",
    "Forwarded",
    "MessageLeft",
    "NumberAnswered",
    "NumberDialed",
    "NumberMissed",
    "NumberRang",
    "OptedOut",
    "PersonFound",
    "SpokenTo",
    "WhoAnswered",
]


@dataclass(frozen=True, slots=True)
class NumberDialed(Note):
    """A number outside is dialed or, without a queue, an agent's phone; its leg is ``leg``: the
    stretch `dialing` begins."""

    leg: str
    number: str
    agent: str = ""


@dataclass(frozen=True, slots=True)
class NumberRang(Note):
    """The phone of who is dialed says that it rings."""

    leg: str


@dataclass(frozen=True, slots=True)
class NumberAnswered(Note):
    """Who was dialed is on the line; the customer of a callback or of a campaign is its caller from
    now on."""

    leg: str


@dataclass(frozen=True, slots=True)
class NumberMissed(Note):
    """Who was dialed is not on the line, for the reason ``why``; ``tried`` says that it counts as
    an attempt. He is not dialed again before ``due``.

    ``cause`` is Q.850, ``tech_cause`` the SIP status, 0 when it was not the network that ended it.
    """

    why: str
    tried: bool
    due: float = 0.0
    cause: int = 0
    tech_cause: int = 0


@dataclass(frozen=True, slots=True)
class AttemptBegan(Note):
    """A campaign calls a lead: a contact without a channel, until its customer has answered."""

    plan: AttemptPlan


@dataclass(frozen=True, slots=True)
class WhoAnswered(Note):
    """It was listened to who or what answered an attempt (``engine.ports.AnsweredBy``)."""

    status: str
    cause: str = ""
    waits_since: float | None = None


@dataclass(frozen=True, slots=True)
class PersonFound(Note):
    """A person answered the attempt, or nobody looked: from ``at`` on he waits for us."""


@dataclass(frozen=True, slots=True)
class SpokenTo(Note):
    """Who answered the attempt hears ``prompts`` from now on, and not an agent."""

    prompts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MessageLeft(Note):
    """The answering machine has heard all of it."""


@dataclass(frozen=True, slots=True)
class OptedOut(Note):
    """He wants to be called no more, and pressed ``key`` to say so."""

    key: str


@dataclass(frozen=True, slots=True)
class AttemptClosed(Note):
    """What came of an attempt, once, before ``Ended``. Causes as in ``NumberMissed``, or of the end
    of a call that was answered."""

    disposition: Disposition
    cause: int = 0
    tech_cause: int = 0


@dataclass(frozen=True, slots=True)
class Forwarded(Note):
    """A caller and who was dialed for him were put together: the stretch `forwarded` begins."""

    leg: str
    bridge: str


@dataclass(frozen=True, slots=True)
class ForwardEnded(Note):
    """They are apart again, or did not come together."""


NOTES = (
    NumberDialed,
    NumberRang,
    NumberAnswered,
    NumberMissed,
    AttemptBegan,
    WhoAnswered,
    PersonFound,
    SpokenTo,
    MessageLeft,
    OptedOut,
    AttemptClosed,
    Forwarded,
    ForwardEnded,
)
"""All of them."""
