"""When a customer may be called back: by the calendar of his queue's callbacks."""

from __future__ import annotations

from acd.queues import CallbackSettings, QueueSettings
from dialplan.hours import HoursState, HoursStatus
from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.switchboard import Switchboard

_EMERGENCY_SECONDS = 300.0
"""As nobody knows when an emergency is over, a callback rests for so long, and then again."""

_AHEAD_SECONDS = 60.0
"""So long before it is due it begins to rest again, or it would be offered in the emergency."""


def settings_of(queue: QueueSettings) -> CallbackSettings:
    """A queue's settings of callbacks, or the usual ones where it has none (any more)."""
    return queue.callback or CallbackSettings()


def heed_hours(call: Call, sb: Switchboard) -> bool:
    """Whether the hours have ended in which this customer is called: when he is due is noted."""
    now, due = call.now(), call.standing.due
    ahead = _AHEAD_SECONDS if _status(call, sb, now).state is HoursState.EMERGENCY else 0.0
    if due is not None and due > now + ahead:
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
    status = _status(call, sb, at)
    match status.state:
        case HoursState.OPEN:
            return None
        case HoursState.EMERGENCY:
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


def _status(call: Call, sb: Switchboard, at: float) -> HoursStatus:
    asked = call.standing.callback
    assert asked is not None
    return sb.site.hours_status(settings_of(sb.queue(asked.queue)).calendar, at)
