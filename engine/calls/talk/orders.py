"""What may be asked of a talk: by its agents, from their phones or screens, and by supervisors.

An order comes as mail (``Asked``) into the mailbox of the call whose talk it is; the talk's own
story carries it out, between two things that happen, and answers. So no two orders cross, and none
comes in the middle of a hang-up.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from acd.queues import Destination, DestinationKind
from engine.calls.talk.parties import Role, Watch


class NotPossible(Exception):
    """The order was not carried out. The text says why, and what to do instead; that somebody was
    dialed in vain, or that a pause is tried again, is in the ladder of the call."""


NOWHERE: Final = Destination(kind=DestinationKind.HANG_UP)


@dataclass(frozen=True, slots=True)
class Order:
    """``by`` is the agent in whose name it is done, '' for the one who has the contact; ``source``
    is who asked for it, as the ladder and the audit log tell it (``phone``, ``api``, a name)."""

    by: str = ""
    source: str = "api"


@dataclass(frozen=True, slots=True)
class Hold(Order):
    """Put the caller on hold, or take him back."""

    held: bool = True


@dataclass(frozen=True, slots=True)
class Mute(Order):
    """Let the others not hear ``who`` (an agent, a number, ``caller``; '' for the agent himself),
    or again."""

    who: str = ""
    muted: bool = True


@dataclass(frozen=True, slots=True)
class SendKeys(Order):
    """Send keys (0-9 * # A-D) to ``who``, as if the agent had pressed them: '' for the caller."""

    keys: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class TransferTo(Order):
    """Blind: send the caller there; the agent is out at once."""

    to: Destination = NOWHERE


@dataclass(frozen=True, slots=True)
class ConsultWith(Order):
    """Ring an agent or a number, and talk with him alone first; the caller waits with music."""

    to: Destination = NOWHERE


@dataclass(frozen=True, slots=True)
class Swap(Order):
    """Talk with the other one of the two: the caller, or who is consulted."""


@dataclass(frozen=True, slots=True)
class Complete(Order):
    """Give the caller to who is consulted, and leave."""


@dataclass(frozen=True, slots=True)
class CancelConsult(Order):
    """Back to the caller; who is consulted is hung up on."""


@dataclass(frozen=True, slots=True)
class Merge(Order):
    """All three together: a warm transfer when the agent leaves, a conference when he stays."""


@dataclass(frozen=True, slots=True)
class Invite(Order):
    """Ring an agent or a number, who comes to all when he answers."""

    to: Destination = NOWHERE
    role: Role = Role.SPEAKER


@dataclass(frozen=True, slots=True)
class Drop(Order):
    """Put ``who`` out: an agent or a number, also one who rings or is consulted."""

    who: str = ""


@dataclass(frozen=True, slots=True)
class GiveRole(Order):
    """``who`` is a leader, speaker or listener from now on."""

    who: str = ""
    role: Role = Role.SPEAKER


@dataclass(frozen=True, slots=True)
class Lock(Order):
    """Nobody else may come in, or again."""

    locked: bool = True


@dataclass(frozen=True, slots=True)
class EndWithLeader(Order):
    """Whether it is over for all when its leader leaves."""

    with_leader: bool = True


@dataclass(frozen=True, slots=True)
class Park(Order):
    """The caller waits in a slot until somebody picks him up; the agent is out at once. Answered
    with the number of the slot."""

    slot: str = ""


@dataclass(frozen=True, slots=True)
class Leave(Order):
    """The agent is out of it; the caller stays with who else is there."""


@dataclass(frozen=True, slots=True)
class HangUp(Order):
    """It is over for all: the caller is hung up on, too."""


@dataclass(frozen=True, slots=True)
class Secure(Order):
    """The caller alone goes through ``flow``, to type what nobody may hear, and comes back."""

    flow: str = ""


@dataclass(frozen=True, slots=True)
class StartRecording(Order):
    """Record from now on, where the queue lets its agents do it; one that is paused goes on."""


@dataclass(frozen=True, slots=True)
class StopRecording(Order):
    """Record no more of this talk, where the queue lets its agents do it."""


@dataclass(frozen=True, slots=True)
class PauseRecording(Order):
    """Silence is written for ``seconds`` (the queue's, for None), or until it is resumed."""

    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class ResumeRecording(Order):
    """What is said is recorded again."""


@dataclass(frozen=True, slots=True)
class TakeOver(Order):
    """The supervisor ``by`` has the contact from now on, on his own line (the channel ``line``,
    of another call); the ``agent`` whom he follows is out at once."""

    agent: str = ""
    line: str = ""


@dataclass(frozen=True, slots=True)
class PickUp(Order):
    """The agent ``by`` takes a parked caller: on his own line (the channel ``line``, of another
    call), or on his phone, which is rung ('')."""

    line: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """An order in the mailbox; ``answer`` is set once, with what is to be told ('' for nothing), or
    with ``NotPossible``."""

    order: Order
    answer: asyncio.Future[str]


@dataclass(frozen=True, slots=True)
class SupervisorIs:
    """Mail of a supervisor's own call: how he is in this talk from now on."""

    supervisor: str
    watch: Watch
    agent: str


@dataclass(frozen=True, slots=True)
class AgentTalks:
    """Mail of a supervisor's call: his agent talks from now on, on the channel ``leg``, in the talk
    of ``call``, whose bridge is ``bridge``."""

    agent: str
    call: str
    leg: str
    bridge: str


@dataclass(frozen=True, slots=True)
class AgentIsQuiet:
    """Mail of a supervisor's call: his agent is out of the talk of ``call``."""

    agent: str
    call: str


@dataclass(frozen=True, slots=True)
class LineFree:
    """Mail of a call whose channel is an agent's line: the talk that had it has let go of it."""


TalkMail = Asked | SupervisorIs | AgentTalks | AgentIsQuiet | LineFree
