"""A question of a survey is answered in words, which are recorded."""

from __future__ import annotations

from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.dictation import SHORTEST_SECONDS, Dictation, begin, drop
from engine.calls.switchboard import Switchboard
from engine.ivr.messages import RecordAnswer, Returned
from engine.ports import SURVEY


async def record_answer(call: Call, sb: Switchboard, action: RecordAnswer) -> Returned:
    """Beep and record, or go on where an earlier run left it: ``saved`` or ``too_short``, with
    the ``recording`` and its ``seconds``. Raises ``CallerGone``, with what he said kept."""
    standing = call.standing
    if (done := standing.returned) is not None:
        return Returned(done.by, done.values)
    began = standing.message
    closed = await Dictation(
        call,
        sb,
        began or begin(call, "s", "", SURVEY),
        seconds=action.seconds,
        silence_seconds=action.silence_seconds,
        again=began is not None,
    ).record()
    too_short = closed.seconds < SHORTEST_SECONDS
    by = "too_short" if too_short else "saved"
    values = {"recording": "" if too_short else closed.name, "seconds": closed.seconds}
    call.note(n.ErrandEnded(call.now(), by, values))
    if too_short and closed.complete:
        await drop(call, sb, closed.name)
    return Returned(by, values)
