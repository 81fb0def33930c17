"""A parked caller waits in a numbered slot until somebody picks him up, or his time is over."""

from __future__ import annotations

from contextlib import suppress

import structlog

from acd.queues import Destination, DestinationKind
from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.errands.calling_agents import phone_of
from engine.calls.lanes import AGENT, ARI
from engine.calls.outcomes import Missed
from engine.calls.queueing.nailed_up import line_is
from engine.calls.switchboard import Switchboard
from engine.calls.talk import notes as t
from engine.calls.talk.asking import refuse, refuse_all
from engine.calls.talk.line_talk import talk_on_line
from engine.calls.talk.orders import Asked, PickUp
from engine.calls.talk.parting import LastWord, part
from engine.ports import PbxError

log = structlog.get_logger("park")


async def wait_in_slot(call: Call, sb: Switchboard, slot: str) -> None:
    """Until somebody has him, or he is on his way back to who parked him; ``call.standing.left``
    says where he goes on to. Raises ``CallerGone``."""
    standing = call.standing
    line = standing.line_taken or await _until_over(call, sb, slot)
    if line is not None:
        await _talk_on_line(call, sb, line)


async def _until_over(call: Call, sb: Switchboard, slot: str) -> n.LineTaken | None:
    """The line of who picked him up; None when he goes on to an agent's phone."""
    standing = call.standing
    parked, stay = standing.parked, standing.stay
    queue = sb.queue(stay.queue if stay is not None else "")
    if parked is None:
        parked = t.Parked(call.now(), slot, standing.agent or "", call.now() + queue.park_seconds)
        call.note(parked)
        log.info("parked", slot=slot, agent=parked.by)
    sb.parking.hold(parked.slot, call.id)
    try:
        with suppress(PbxError):  # he has just hung up: the mailbox says so
            await sb.pbx.start_music(call.channel, queue.music)
        line = await _until_picked_up(call, sb, parked)
        await part(call, sb)
        return line
    finally:
        sb.parking.free(parked.slot, call.id)
        refuse_all(call, "he is not parked any more")


async def _until_picked_up(call: Call, sb: Switchboard, parked: t.Parked) -> n.LineTaken | None:
    """As ``_until_over``."""
    word = LastWord(call, sb)
    await word.tell(parked.slot)
    while True:
        mail = await call.receive(min(parked.until, word.until))
        await word.follow(mail)
        if mail is None and call.now() < parked.until:
            continue
        if mail is None:
            call.step(ARI, "park is over", AGENT, parked.by)
            _send_to(call, parked.by, "")
            return None
        if not isinstance(mail, Asked) or mail.answer.done():  # nobody waits for it any more
            continue
        order = mail.order
        if not isinstance(order, PickUp):
            refuse(mail, f"he is parked in slot {parked.slot}: pick him up first")
        elif why := _why_not(sb, order):
            refuse(mail, why)
        else:
            call.step(AGENT, "picks up", ARI, f"{order.by}: slot {parked.slot}")
            if not mail.answer.done():
                mail.answer.set_result(call.id)
            if order.line:
                call.note(line := n.LineTaken(call.now(), order.by, order.line))
                return line
            _send_to(call, order.by, order.by)
            return None


def _why_not(sb: Switchboard, order: PickUp) -> str:
    """Why this agent cannot have him now, '' when he can."""
    if order.line:
        return "" if line_is(sb, order.by, order.line) else f"{order.by} has no such line"
    phone = phone_of(sb, order.by, lines=True)
    return f"agent {order.by}: {phone}" if isinstance(phone, Missed) else ""


def _send_to(call: Call, agent: str, by: str) -> None:
    call.note(t.Unparked(call.now(), by))
    call.note(t.Sent(call.now(), Destination(kind=DestinationKind.AGENT, name=agent)))


async def _talk_on_line(call: Call, sb: Switchboard, line: n.LineTaken) -> None:
    """At once: both are on the line. When the agent is gone again, to the queue as any other."""
    if await talk_on_line(call, sb, line, beep=False) is None:
        stay = call.standing.stay
        queue = stay.queue if stay is not None else ""
        to = Destination(kind=DestinationKind.QUEUE, name=queue) if queue else _NOWHERE
        call.note(t.Sent(call.now(), to))


_NOWHERE = Destination(kind=DestinationKind.EXIT)
