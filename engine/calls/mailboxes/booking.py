"""Messages of a call become contacts of their queues, and are taken back."""

from __future__ import annotations

import structlog

from engine.call_record import VoicemailLeft
from engine.calls.call import Call
from engine.calls.callbacks.living import cancel
from engine.calls.lanes import ACD, IVR
from engine.calls.mailboxes.notes import MessageQueued
from engine.calls.queueing.waiting import stand_in_line
from engine.calls.switchboard import Switchboard
from engine.mailbox import is_work, queue_of

log = structlog.get_logger("mailboxes")


def book_messages(call: Call, sb: Switchboard) -> None:
    """The call ends: each message that is work begins to wait. Done twice (after a crash) it is
    done once."""
    for left in call.standing.messages_left():
        name = work_id(left.recording)
        if is_work(left.mailbox, sb.site.queues) and not sb.registry.knows(name):
            work = sb.registry.open(name, _queued(call, sb, left))
            call.step(IVR, "message is work", ACD, name)
            log.info("message_queued", call_id=name, mailbox=left.mailbox, parent=call.id)
            stand_in_line(work, sb.desk)


def work_id(recording: str) -> str:
    """The contact of a message: ``100.1-m2`` waits as ``vm-100.1.2``."""
    call, _, number = recording.rpartition("-m")
    return f"vm-{call}.{number}"


def work_of(sb: Switchboard, recording: str) -> Call | None:
    """The contact of this message, while it lives."""
    return sb.registry.calls.get(work_id(recording))


def take_back(sb: Switchboard, recording: str, why: str) -> None:
    """Somebody has seen to this message: nobody need be offered it."""
    work = work_of(sb, recording)
    if work is not None and not work.channel:
        cancel(work, why)


def _queued(call: Call, sb: Switchboard, left: VoicemailLeft) -> MessageQueued:
    queue, stay = queue_of(left.mailbox), call.standing.stay
    settings = sb.queue(queue).voicemail
    of_queue = stay is not None and stay.queue == queue
    return MessageQueued(
        call.now(),
        left.recording,
        left.mailbox,
        queue,
        left.at,
        left.caller,
        call.arrived.did,
        left.language,
        call.id,
        left.seconds,
        left.urgent,
        settings.offset_seconds if settings is not None else 0.0,
        stay.needs if stay is not None and of_queue else (),
    )
