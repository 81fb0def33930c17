"""Actions that the flow waits for: each is over with ``Returned``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.ivr.schema.routing import NeedStep
from engine.ivr.sounds import Sound


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer the call, after ``ring_seconds`` of ringing; answer with ``Returned("answered")``."""

    ring_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Enqueue:
    """Put the caller into this queue.

    Also given when a call is resumed in a queue node: a caller who already waits stays as he is.
    ``needs`` replace the queue's own, ``offset_seconds`` are added to the caller's age, and
    ``owner`` is the name or the extension of the agent whose customer he is, as the flow has it.
    """

    queue: str
    needs: tuple[NeedStep, ...] = ()
    offset_seconds: float = 0.0
    owner: str = ""


@dataclass(frozen=True, slots=True)
class AskCallback:
    """Agree on a callback from this queue: the number is ``number``, or asked for and confirmed."""

    queue: str
    number: str = ""
    confirm: bool = True


@dataclass(frozen=True, slots=True)
class TakeMessage:
    """Greeting, beep, message; with ``review`` he may hear it, speak it again or delete it.

    ``mailbox`` is where it goes (``agent:an``), '' for that of ``queue``.
    """

    queue: str
    greeting: tuple[Sound, ...] = ("voicemail_greeting",)
    seconds: float = 120.0
    silence_seconds: float = 5.0
    review: bool = False
    mailbox: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Put the caller through to a number outside or, with ``agent``, to that agent's phone.

    ``refer`` lets the caller's own trunk do it (SIP REFER): then the call is over with it.
    ``whisper`` is what the called party hears first; with ``accept_key`` he has to press it.
    ``most_seconds`` 0 is without end; ``show_caller`` shows the caller's number where allowed.
    """

    to: str
    agent: bool = False
    refer: bool = False
    ring_seconds: float = 30.0
    most_seconds: float = 0.0
    whisper: tuple[Sound, ...] = ()
    accept_key: str = ""
    show_caller: bool = False


@dataclass(frozen=True, slots=True)
class Confer:
    """Join the conference room. A ``leader`` begins it; without ``until_leader`` anybody does.

    ``ends_with_leader``: it is over for all when its last leader leaves. A ``listener`` is heard by
    nobody. ``announce`` is how who comes and goes is told: none, tone, spoken, or name (which he
    speaks first). ``longest_seconds`` 0 is without end. ``keys`` are those of what a member may do
    that are not the usual ones: the key, '' for none, by what it does.
    """

    room: str
    leader: bool = False
    muted: bool = False
    until_leader: bool = False
    most_members: int = 20
    leave_key: str = "#"
    record: bool = False
    listener: bool = False
    ends_with_leader: bool = False
    announce: str = "tone"
    longest_seconds: float = 0.0
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordAnswer:
    """Beep, and record what he says: the spoken answer to a question, as ``<call>-s<n>``."""

    seconds: float = 60.0
    silence_seconds: float = 4.0


Errand = Answer | Enqueue | AskCallback | TakeMessage | Transfer | Confer | RecordAnswer
