"""The orders that may be given to a talk from outside: how they are written, and what they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from acd.queues import Destination
from acd.settings import Name
from engine.calls.talk import orders as o
from engine.calls.talk.parties import Role

Who = Annotated[str, Field(max_length=40)]


class Plain(BaseModel):
    """``by``: the agent in whose name it is done; the one who has the contact when absent."""

    model_config = ConfigDict(extra="forbid")
    by: Name | None = None


class ToWhom(Plain):
    """``who``: an agent, a number, or ``caller``; the agent himself, or the caller, when absent."""

    who: Who = ""


class Keys(ToWhom):
    """The keys that he hears."""

    keys: str = Field(max_length=32)


class Somebody(Plain):
    """Who of those in the talk."""

    who: Who = Field(min_length=1)


class RoleOf(Somebody):
    """What he is from now on."""

    role: Role


class Onward(Plain):
    """Where to: ``{"agent": "binh"}``, ``{"queue": "sales"}``, ``{"number": "+842873000001"}``."""

    to: Destination


class Invited(Onward):
    """As what he comes."""

    role: Role = Role.SPEAKER


class Leader(Plain):
    """Whether it is over for all when its leader leaves."""

    with_leader: bool = True


class Slot(Plain):
    """A slot of one's own choice, 1 to 99; the first free one when absent."""

    slot: str = Field("", pattern=r"^([1-9][0-9]?)?$")


class ByFlow(Plain):
    """The flow that the caller is alone with."""

    flow: Name


class Pause(Plain):
    """For so long at most; as the queue has it when absent."""

    seconds: float | None = Field(None, gt=0, allow_inf_nan=False)


ORDERS: Final[Mapping[str, tuple[type[Plain], Callable[..., o.Order]]]] = {
    "hold": (Plain, o.Hold),
    "resume": (Plain, partial(o.Hold, held=False)),
    "mute": (ToWhom, o.Mute),
    "unmute": (ToWhom, partial(o.Mute, muted=False)),
    "keys": (Keys, o.SendKeys),
    "transfer": (Onward, o.TransferTo),
    "consult": (Onward, o.ConsultWith),
    "swap": (Plain, o.Swap),
    "complete": (Plain, o.Complete),
    "cancel": (Plain, o.CancelConsult),
    "merge": (Plain, o.Merge),
    "invite": (Invited, o.Invite),
    "drop": (Somebody, o.Drop),
    "role": (RoleOf, o.GiveRole),
    "lock": (Plain, o.Lock),
    "unlock": (Plain, partial(o.Lock, locked=False)),
    "end_with_leader": (Leader, o.EndWithLeader),
    "park": (Slot, o.Park),
    "leave": (Plain, o.Leave),
    "hang_up": (Plain, o.HangUp),
    "secure": (ByFlow, o.Secure),
    "record/start": (Plain, o.StartRecording),
    "record/stop": (Plain, o.StopRecording),
    "record/pause": (Pause, o.PauseRecording),
    "record/resume": (Plain, o.ResumeRecording),
}
"""By their names in paths: what the body is, and the order; each field of one is one of the other.

Taking over and picking up on a line are no orders from outside: a phone comes with them.
"""


def about(order: o.Order) -> str:
    """Whom or what it is about, as the audit log tells it: never which keys were sent."""
    match order:
        case o.TransferTo(to=to) | o.ConsultWith(to=to) | o.Invite(to=to):
            return f"{to.kind} {to.name}".strip()
        case o.Mute(who=who) | o.SendKeys(who=who) | o.Drop(who=who) | o.GiveRole(who=who):
            return who
        case o.Park(slot=slot):
            return slot
        case o.Secure(flow=flow):
            return flow
    return ""
