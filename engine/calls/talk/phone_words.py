"""What an agent is told on his phone about an order of his keys: a few words, or a beep. Pure.

He is told what he cannot hear by himself; that it rings, or that the caller is back, he hears.
"""

from __future__ import annotations

from typing import Final

from acd.queues import Destination, DestinationKind
from engine.calls.errands.calling_agents import phone_of
from engine.calls.outcomes import Missed
from engine.calls.spoken import Prompts
from engine.calls.switchboard import Switchboard
from engine.calls.talk import orders as o
from engine.ivr.saying import number_part

BEEP: Final = "beep"
"""Not a prompt: the sound of Asterisk's."""

NOT_POSSIBLE: Final = "not_possible"
_NO_NUMBER: Final = "no_such_number"

_MISSED: Final = {
    Missed.BUSY: "called_busy",
    Missed.REJECTED: "called_busy",
    Missed.NO_ANSWER: "called_no_answer",
    Missed.UNREACHABLE: "called_unreachable",
    Missed.INVALID: _NO_NUMBER,
    Missed.BARRED: _NO_NUMBER,
}


def done(order: o.Order, *, stays: bool) -> Prompts:
    """It was carried out; ``stays``: he is on the line still."""
    match order:
        case o.Hold(held=True):
            return ("talk_held",)
        case o.Mute(muted=muted):
            return ("talk_muted" if muted else "talk_unmuted",)
        case o.StartRecording() | o.ResumeRecording():
            return ("recording_on",)
        case o.StopRecording():
            return ("recording_off",)
        case o.PauseRecording():
            return ("recording_paused",)
        case o.Park(slot=slot) if stays and slot:
            return ("parked_in", number_part(int(slot)))
        case o.TransferTo() | o.Complete() | o.Leave() | o.Park():
            return ("talk_left",) if stays else ()
        case o.ConsultWith() | o.SendKeys():
            return ()
    return (BEEP,)


def refused(order: o.Order, why: str, sb: Switchboard) -> Prompts:
    """It was not; ``why`` is one of ``Missed``, or a text for people who read."""
    match order:
        case o.SendKeys():
            return ()
        case o.TransferTo(to=to) | o.ConsultWith(to=to) | o.Invite(to=to):
            missed = why if why in set(Missed) else _missing(to, sb)
            return (_MISSED.get(Missed(missed), NOT_POSSIBLE) if missed else NOT_POSSIBLE,)
    return (NOT_POSSIBLE,)


def _missing(to: Destination, sb: Switchboard) -> str:
    """Why whom he wanted is not to be had, '' when that is not why."""
    if to.kind is DestinationKind.AGENT:
        phone = phone_of(sb, to.name, lines=True)
        return phone if isinstance(phone, Missed) else ""
    barred = to.kind is DestinationKind.NUMBER and not sb.site.outbound.allows(to.name)
    return Missed.BARRED if barred else ""
