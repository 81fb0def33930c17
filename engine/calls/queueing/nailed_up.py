"""A nailed-up agent: his phone stays connected while he is logged in, and an offer is a beep.

He dials the code for logging in and stays on the line. Each caller he gets is put together with
this one leg; ``*`` ends a talk, and hanging up logs him out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import Final

import structlog

from acd.core import IllegalEvent
from acd.messages import AgentLoggedOut, AgentState
from engine.calls import notes as n
from engine.calls.announce import begin_saying
from engine.calls.call import Call, CallerGone, Mail
from engine.calls.lanes import ACD, AGENT
from engine.calls.switchboard import Line, Switchboard, hang_up_quietly
from engine.ports import DigitPressed, HoldChanged, LegAnswered, PbxError

log = structlog.get_logger("nailed_up")

BEEP: Final = "sound:beep"
"""Of Asterisk's own sounds; the bridge waits for its end, less than half a second."""
END_KEY: Final = "*"

_LOOK_SECONDS = 2.0
"""How soon a line ends whose agent was logged out elsewhere."""


def line_for(sb: Switchboard, agent: str) -> str:
    """The channel of his line, when it is there and free; else ''."""
    line = sb.lines.get(agent)
    return line.call.channel if line is not None and line.user is None else ""


def free_line(sb: Switchboard, agent: str) -> str:
    """The channel of a line that is his for good and that nobody has; else ''."""
    line = sb.lines.get(agent)
    return "" if line is None or line.call.standing.lent else line_for(sb, agent)


def line_is(sb: Switchboard, agent: str, channel: str) -> bool:
    """Whether this channel is his line."""
    line = sb.lines.get(agent)
    return line is not None and line.call.channel == channel


async def beep(sb: Switchboard, offer: n.OfferBegan, call: Call) -> None:
    """Announce a caller: the agent hears a beep, and has taken him. Raises ``PbxError``s."""
    await announce(sb, offer.agent, offer.line, call)
    call.deliver(LegAnswered(call.now(), offer.line))


async def announce(sb: Switchboard, agent: str, channel: str, call: Call) -> None:
    """His line is that of this caller from now on, and a beep says so. Raises ``PbxError``s."""
    line = sb.lines.get(agent)
    if line is not None and line.call.channel == channel:
        line.user = call
        line.call.step(ACD, "beep", AGENT, call.id)
        try:
            await sb.pbx.play(channel, line.call.new_id("p"), [BEEP], sb.default_language)
        except PbxError:
            line.user = None
            raise


async def let_go(
    sb: Switchboard, offer: n.OfferBegan | n.TalkBegan, reason: str = "normal"
) -> None:
    """An agent's leg is no longer needed: hung up, or a line that waits for the next caller."""
    line = sb.lines.get(offer.agent)
    if not offer.line:
        await hang_up_quietly(sb, offer.leg, reason)
    elif line is not None and line.call.channel == offer.line:
        line.user = None


async def let_go_all(
    sb: Switchboard, offers: Iterable[n.OfferBegan], reason: str = "normal"
) -> None:
    """Several legs at once."""
    async with asyncio.TaskGroup() as tasks:
        for offer in offers:
            tasks.create_task(let_go(sb, offer, reason))


async def keep_line(
    call: Call, sb: Switchboard, agent: str, greeting: str = "", language: str = ""
) -> str:
    """Until he hangs up, or is logged out elsewhere. Returns who ended it: 'engine'.

    The line is there at once, for the first caller may be offered before the ``greeting`` is over;
    his beep waits for its end.
    """
    if not call.standing.line:
        call.note(n.LineKept(call.now(), agent))
        log.info("line_kept", agent=agent)
    line = sb.lines[agent] = Line(call, _user(call, sb))
    try:
        if greeting:
            await begin_saying(call, sb, (greeting,), language)
        await attend(call, sb, agent, line)
    except CallerGone as gone:
        if agent not in sb.lines and _is_wanted(sb, agent):  # he has not called in on another one
            _log_out(sb, agent, gone.gone.at)
        raise
    finally:
        _forget(sb, agent, line)
    return "engine"


async def attend(call: Call, sb: Switchboard, agent: str, line: Line | None = None) -> None:
    """Bring what happens on the line to the caller who has it, as long as one has, or may get it.
    Without a ``line``, after a crash, it is found again. What came meanwhile for the story of a
    call that is lent is in the mailbox when it goes on."""
    if line is None:
        line = sb.lines[agent] = Line(call, _user(call, sb))
    kept: list[Mail] = []
    try:
        while line.user is not None or _waits_for_callers(call, sb, agent, line):
            mail = await call.receive(call.now() + _LOOK_SECONDS)
            if mail is None and line.user is not None and _user(call, sb) is not line.user:
                line.user = None  # let go of while another line of his was there
            if line.user is not None and isinstance(mail, DigitPressed | HoldChanged):
                line.user.deliver(mail)
            elif mail is not None and call.standing.lent:
                kept.append(mail)
    except CallerGone as gone:
        if line.user is not None:
            line.user.deliver(gone.gone)
        raise
    finally:
        call.put_back(kept)
        _forget(sb, agent, line)


def _forget(sb: Switchboard, agent: str, line: Line) -> None:
    if sb.lines.get(agent) is line:
        del sb.lines[agent]


def _user(call: Call, sb: Switchboard) -> Call | None:
    """After a crash: the caller who had this line, if there is one."""
    lines = ((user, line) for user in sb.registry.calls.values() for line in _lines_of(user))
    return next((user for user, line in lines if line == call.channel), None)


def _lines_of(user: Call) -> Iterator[str]:
    standing = user.standing
    rung = filter(standing.rings, standing.offers.values())  # not who is only held for him
    for held in (standing.accepted, standing.line_taken, *rung):
        if held is not None:
            yield held.line
    if standing.conversation is not None:
        yield from (party.leg for party in standing.conversation.parties.values() if party.line)


def _waits_for_callers(call: Call, sb: Switchboard, agent: str, line: Line) -> bool:
    """It is his for good, and he has not called in again on another one."""
    return not call.standing.lent and sb.lines.get(agent) is line and _is_wanted(sb, agent)


def _is_wanted(sb: Switchboard, agent: str) -> bool:
    """He is logged in."""
    views = (view for view in sb.desk.acd.agents() if view.name == agent)
    return any(view.state is not AgentState.LOGGED_OUT for view in views)


def _log_out(sb: Switchboard, agent: str, at: float) -> None:
    try:
        sb.desk.post(AgentLoggedOut(agent), at)
    except IllegalEvent as error:
        log.warning("logout_refused", agent=agent, reason=str(error))
