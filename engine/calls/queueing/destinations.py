"""Where a caller goes from a queue without having talked with an agent."""

from __future__ import annotations

import structlog

from acd.messages import ExpireReason
from acd.queues import CallbackSettings, DestinationKind, QueueSettings
from engine.call_record import CallOutcome, SegmentKind
from engine.calls import notes as n
from engine.calls.announce import say
from engine.calls.call import Call
from engine.calls.callbacks.asking import ask_number
from engine.calls.callbacks.booking import ask_back
from engine.calls.errands.voicemail import take_message
from engine.calls.flows.context import flows_of
from engine.calls.lanes import ACD, IVR
from engine.calls.left import CALLBACK, OVER, VOICEMAIL, Left, Onward
from engine.calls.queueing.forwarding import forward
from engine.calls.switchboard import Switchboard
from engine.ivr.messages import TakeMessage
from engine.mailbox import of_queue, queue_of, settings_of

log = structlog.get_logger("destinations")

_EXPIRED = frozenset(ExpireReason)
_MOST_VISITS = 20
"""Stays in queues of one call, after which no rule sends it round by a flow again."""


async def go_on(call: Call, sb: Switchboard, queue: QueueSettings, left: Left) -> str | Onward:
    """Send him where ``left`` says. After a crash the way begins anew.

    Returns the exit by which his flow goes on, ``OVER``, or the flow that he goes on to. Raises
    ``CallerGone``.
    """
    if left.to is None or left.to.kind in (DestinationKind.EXIT, DestinationKind.QUEUE):
        return left.reason
    unserved = left.reason if left.reason in _EXPIRED else ExpireReason.TIMEOUT
    name = left.to.name
    call.step(ACD, "sent on", IVR, f"{left.to.kind} {name}".strip())
    match left.to.kind:
        case DestinationKind.FLOW:
            return _flow(call, sb, name, unserved)
        case DestinationKind.NUMBER:
            return OVER if await forward(call, sb, queue, name) else unserved
    call.segment(SegmentKind.CLOSING)
    match left.to.kind:
        case DestinationKind.HANG_UP:
            call.note(n.OutcomeSet(call.now(), CallOutcome.OVERFLOWED))
            await say(call, sb, name or "nobody_free", call.standing.language)
        case DestinationKind.VOICEMAIL:
            return await _take_message(call, sb, name or of_queue(queue.name), unserved)
        case DestinationKind.CALLBACK:
            return await _call_back(call, sb, queue, name, unserved)
    return OVER


async def _take_message(call: Call, sb: Switchboard, mailbox: str, otherwise: str) -> str:
    settings = settings_of(mailbox, sb.site.agents, sb.site.queues)
    if settings is None:  # a reload took it away
        log.warning("not_sent_on", mailbox=mailbox)
        return otherwise
    action = TakeMessage(
        queue_of(mailbox),
        (settings.greeting,),
        settings.seconds,
        review=settings.review,
        mailbox=mailbox,
    )
    await take_message(call, sb, action, call.standing.language)
    return VOICEMAIL


def _flow(call: Call, sb: Switchboard, name: str, otherwise: str) -> str | Onward:
    if name not in flows_of(call, sb).flows or len(call.standing.visits) > _MOST_VISITS:
        log.warning("not_sent_on", flow=name, visits=len(call.standing.visits))
        return otherwise
    return Onward(name)


async def _call_back(
    call: Call, sb: Switchboard, queue: QueueSettings, number: str, otherwise: str
) -> str:
    """Hang up and be called back; who was sent here by a rule is asked at which number."""
    settings = queue.callback or CallbackSettings()
    wanted = number or await ask_number(call, sb, settings.confirm)
    if wanted is not None and await ask_back(call, sb, queue, wanted):
        return CALLBACK
    return otherwise
