"""A call's own channel as an agent's line: somebody else's caller is brought to him on it.

So a supervisor takes a talk over, and an agent picks up a parked caller from any phone. A line is
there for one talk only; that of a nailed-up agent stays (``queueing/nailed_up.py``).
"""

from __future__ import annotations

from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.queueing.nailed_up import attend
from engine.calls.switchboard import Line, Switchboard
from engine.calls.talk.asking import ask
from engine.calls.talk.orders import NotPossible, Order


async def lend(call: Call, sb: Switchboard, agent: str, user: Call, order: Order) -> None:
    """Bring this call's channel to the talk of ``user`` as the line of ``agent``, by asking
    ``order`` there; returns when that talk has let go of it.

    Raises ``NotPossible`` when it is refused, and ``CallerGone`` when who has the phone hangs up.
    """
    if agent in sb.lines:
        raise NotPossible(f"{agent} has a line that stays connected: use that")
    line = Line(call, user)
    sb.lines[agent] = line
    call.note(n.LineKept(call.now(), agent, lent=True))
    try:
        await ask(user, order)
    except NotPossible:
        del sb.lines[agent]
        call.note(n.LineKept(call.now(), ""))
        raise
    await attend(call, sb, agent, line)


async def return_line(call: Call, sb: Switchboard, agent: str) -> None:
    """After a crash: until the talk that has it lets go of it; at once when there is none."""
    await attend(call, sb, agent)
