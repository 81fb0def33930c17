"""A caller comes to an agent whose phone is connected already: nothing rings, they talk at once."""

from __future__ import annotations

from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.errands.calling_agents import engage, occupy, release
from engine.calls.lanes import AGENT, ARI
from engine.calls.outcomes import Missed
from engine.calls.queueing.nailed_up import announce
from engine.calls.switchboard import Switchboard
from engine.calls.talk.live_talk import leave_line
from engine.calls.talk.talking import Talking
from engine.ports import PbxError


async def talk_on_line(
    call: Call, sb: Switchboard, line: n.LineTaken, *, beep: bool, until: float | None = None
) -> Talking | None:
    """Bring the caller to this line, or go on where an earlier run left it, and stay until the
    agents are out of it. None when the agent was gone before they were together, or could not be
    told of him: then he is free, and missed. Raises ``CallerGone``.

    The line is taken by a note before anything else: who attends it, and whoever looks after a
    crash, finds the caller to whom it belongs.
    """
    if call.standing.line_taken is None:
        call.note(line)
    talking = await _begin(call, sb, line, beep, until)
    if talking is None:
        _miss(call, sb, line)
    return talking


async def _begin(
    call: Call, sb: Switchboard, line: n.LineTaken, beep: bool, until: float | None
) -> Talking | None:
    stay = call.standing.stay
    queue, bridge = stay.queue if stay is not None else "", call.bridge or call.new_id("b")
    at = sb.desk.moment()
    began = n.TalkBegan(at, call.new_id("a"), line.agent, queue, bridge, line=line.line)
    occupy(call, sb, line.agent)
    if beep:
        try:
            await announce(sb, line.agent, line.line, call)
        except PbxError:  # he hangs up, or does not hear that anybody comes
            return None
    engage(call, sb, line.agent, queue)
    talking = Talking(call, sb, began, until)
    return talking if await talking.begin() is None else None


def _miss(call: Call, sb: Switchboard, line: n.LineTaken) -> None:
    """The agent is free before that is noted: a crash in between gives him no wrap-up."""
    now = call.now()
    release(call, sb, line.agent, now, heard=False)
    leave_line(sb, line.agent, line.line)
    call.note(n.NumberMissed(now, Missed.REJECTED, tried=False))
    call.step(AGENT, Missed.REJECTED, ARI, line.agent)
