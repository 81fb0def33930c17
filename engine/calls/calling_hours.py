"""When a customer may be called back: by the calendar of his queue's callbacks."""

from __future__ import annotations

from acd.queues import CallbackSettings, QueueSettings
from dialplan.hours import HoursState
from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.switchboard import Switchboard

_EMERGENCY_SECONDS = 60.0
"""After so long it is looked again whether the emergency is over."""


def settings_of(queue: QueueSettings) -> CallbackSettings:
    """A queue's settings of callbacks, or the usual ones where it has none (any more)."""
    return queue.callback or CallbackSettings()


def heed_hours(call: Call, sb: Switchboard) -> bool:
    """Whether the hours have ended in which this customer is called: when he is due is noted."""
    now = call.now()
    if call.standing.due is not None and call.standing.due > now:
        return False  # it rests
    until = closed_until(call, sb, now)
    if until is None:
        return False
    call.note(n.CallbackDue(now, until))
    return True


def closed_until(call: Call, sb: Switchboard, at: float) -> float | None:
    """When customers of this queue are called again, if they are not called ``at`` that time; the
    end of the callback when they never are."""
    asked = call.standing.callback
    assert asked is not None
    status = sb.site.hours_status(settings_of(sb.queue(asked.queue)).calendar, at)
    match status.state:
        case HoursState.OPEN:
            return None
        case HoursState.EMERGENCY:  # nobody knows for how long
            return min(at + _EMERGENCY_SECONDS, asked.expires)
    return asked.expires if status.next_open is None else status.next_open


def is_never_called(sb: Switchboard, queue: QueueSettings, now: float) -> bool:
    """Whether a callback that is asked for ``now`` would be given up before its customer may be
    called."""
    settings = settings_of(queue)
    status = sb.site.hours_status(settings.calendar, now)
    if status.state in (HoursState.OPEN, HoursState.EMERGENCY):
        return False
    return status.next_open is None or status.next_open >= now + settings.expires_seconds
