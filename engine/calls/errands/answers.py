"""A question of a survey is answered in words, which are recorded."""

from __future__ import annotations

from engine.call_record import SURVEY
from engine.calls.call import Call
from engine.calls.errands.dictation import Dictation, begin, drop
from engine.calls.mailboxes.leaving import SHORTEST_SECONDS
from engine.calls.switchboard import Switchboard
from engine.ivr.messages import RecordAnswer, Returned


async def record_answer(call: Call, sb: Switchboard, action: RecordAnswer) -> Returned:
    """Beep and record: ``saved`` or ``too_short``, with the ``recording`` and its ``seconds``.

    Raises ``CallerGone``, with what he said kept.
    """
    closed = await Dictation(
        call,
        sb,
        begin(call, "s", "", SURVEY),
        seconds=action.seconds,
        silence_seconds=action.silence_seconds,
    ).record()
    if closed.seconds >= SHORTEST_SECONDS:
        return Returned("saved", {"recording": closed.name, "seconds": closed.seconds})
    if closed.complete:
        await drop(call, sb, closed.name)
    return Returned("too_short", {"recording": "", "seconds": closed.seconds})
