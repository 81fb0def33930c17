"""What is recorded of a call by the word of its flow: all of it with its menus, nothing, or nothing
just now.

The word is noted before the switch is told, so that it holds after a crash: what is to be paused is
paused again.

A talk whose queue records it has a recording of its own also while the whole call is recorded: what
a queue promises, a file for each agent's talk and nothing beside it, depends on no flow.
"""

from __future__ import annotations

from typing import Literal

from engine.call_record import WHOLE_CALL
from engine.calls import live_recording
from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.lanes import ARI
from engine.calls.switchboard import Switchboard

FLOW = "flow"
"""For whom a pause is that a flow asked for."""


async def control(
    call: Call, sb: Switchboard, do: Literal["start", "stop", "pause", "resume"], why: str = ""
) -> None:
    """Heed what the flow wants, or who ``why`` says. Done twice it is done once; nothing to pause
    is a success.

    Raises ``PbxError`` when it is not certain that a pause, or a stop, took effect.
    """
    call.note(n.RecordingWanted(call.now(), do, why))
    call.step(ARI, "recording", ARI, do)
    await _heed(call, sb)


async def take_up(call: Call, sb: Switchboard) -> None:
    """After a crash: what was noted may not have reached the switch."""
    await live_recording.take_up(call, sb)
    if not call.end_told:
        await _heed(call, sb)


async def finish(call: Call, sb: Switchboard, at: float) -> None:
    """The call is over at ``at``: so is what runs beside its story."""
    for began in list(call.standing.recording.values()):
        await live_recording.close(call, sb, began, at)


async def _heed(call: Call, sb: Switchboard) -> None:
    """What runs is as the notes want it."""
    standing = call.standing
    if standing.wanted == "stop":
        for began in list(live_recording.running(call)):
            await live_recording.end(call, sb, began)
    elif (pause := live_recording.pause_of(call)) is not None:  # nothing begins before it is over
        await live_recording.pause(call, sb, pause.why or FLOW)
    else:
        await live_recording.resume(call, sb)
        if standing.wanted == "start" and WHOLE_CALL not in standing.recording:
            await _begin(call, sb)


async def _begin(call: Call, sb: Switchboard) -> None:
    if call.gone is not None:
        return
    made = [
        each
        for each in call.standing.notes
        if isinstance(each, n.RecordingBegan) and each.kind == WHOLE_CALL
    ]
    await live_recording.begin(call, sb, f"{call.id}-i{len(made) + 1}", WHOLE_CALL)
