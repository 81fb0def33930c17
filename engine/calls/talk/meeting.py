"""A caller and the agent who has answered are put together, or one is gone at once."""

from __future__ import annotations

from contextlib import suppress

from acd.messages import OfferOutcome, TalkEnded
from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.lanes import ACD, AGENT
from engine.calls.queueing.waiting import stand_in_line
from engine.calls.switchboard import Switchboard
from engine.calls.talk.talking import Talking
from engine.ports import Gone


async def talk(call: Call, sb: Switchboard, offer: n.OfferBegan) -> bool:
    """Put caller and agent together and stay until the agents are out of it.

    Returns True when they are, and ``call.standing.left`` says where the caller goes on to; raises
    ``CallerGone`` when he hung up. False when the agent's leg was gone before they were together:
    then the caller waits again, at his place.
    """
    queue = sb.queue(offer.queue)
    bridge = call.bridge or call.new_id("b")
    began = n.TalkBegan(
        *(sb.desk.time, offer.offer, offer.agent, queue.name, bridge), line=offer.line
    )
    gone = await Talking(call, sb, began).begin()
    if gone is not None:
        await _put_back(call, sb, offer, sb.desk.moment(gone.at))
    return gone is None


async def _put_back(call: Call, sb: Switchboard, offer: n.OfferBegan, at: float) -> None:
    """The agent was gone again at once: the caller waits on at his place, and is offered anew.

    The music comes first: after a crash nothing tells that it is off.
    """
    with suppress(Gone):  # he has just hung up, too: the mailbox says so
        await sb.pbx.start_music(call.channel, sb.queue(offer.queue).music)
    call.note(n.OfferEnded(at, offer.offer, OfferOutcome.REJECTED))
    call.step(AGENT, "gone at once", ACD, offer.agent)
    stand_in_line(call, sb.desk, at)  # first: the agent is free for the next in line after it
    sb.desk.post(TalkEnded(offer.agent, call.id, unheard=True), at)
