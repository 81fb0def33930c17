"""A caller is put through to a number outside: it rings, they talk, one of them hangs up."""

from __future__ import annotations

from contextlib import suppress

from engine.calls import notes as n
from engine.calls.call import Call, CallerGone
from engine.calls.dialing import Dialing, NotReached, way_to
from engine.calls.lanes import ARI, SIP
from engine.calls.switchboard import Switchboard, destroy_quietly, hang_up_quietly
from engine.ports import Gone, LegGone, PbxError

RING_SECONDS = 30.0


async def forward(call: Call, sb: Switchboard, number: str) -> bool:
    """Put the caller through to ``number``, or go on where an earlier run left it.

    True when they have talked and the other hung up, False when he was not reached: busy, no
    answer, or not allowed. Raises ``CallerGone``.
    """
    standing = call.standing
    if not standing.outside and not await _reach(call, sb, number):
        return False
    leg = standing.outside
    try:
        if standing.forwarded is None:
            await _connect(call, sb, leg, number)
        at = await _until_gone(call, leg)
    except CallerGone as gone:
        await _part(call, sb, leg, gone.gone.at)
        raise
    except Exception:
        await _part(call, sb, leg, call.now())
        raise
    call.step(SIP, "BYE", ARI, number)
    await _part(call, sb, leg, at)
    return True


async def _reach(call: Call, sb: Switchboard, number: str) -> bool:
    """Whether it was answered; the caller hears it ring meanwhile."""
    dialing = Dialing(call, sb, RING_SECONDS)
    if call.standing.dialed is not None:
        answer = await dialing.go_on(call.standing.dialed)
    elif (way := way_to(sb, number)) is not None:
        await sb.pbx.stop_music(call.channel)
        await sb.pbx.ring(call.channel, True)
        answer = await dialing.begin(way)
    else:
        call.step(ARI, "not allowed", SIP, number)
        return False
    if isinstance(answer, NotReached):
        call.note(n.NumberMissed(call.now(), answer.why, answer.tried))
        call.step(SIP, answer.why, ARI, number)
        with suppress(PbxError):
            await sb.pbx.ring(call.channel, False)
        return False
    call.note(n.NumberAnswered(answer.at, answer.channel))
    return True


async def _connect(call: Call, sb: Switchboard, leg: str, number: str) -> None:
    bridge = call.new_id("b")
    try:
        await sb.pbx.ring(call.channel, False)
        await sb.pbx.create_bridge(bridge, call.id)
        await sb.pbx.join(bridge, (call.channel, leg))
    except Gone:  # one of them has just hung up: the mailbox says who
        await destroy_quietly(sb, bridge)
        return
    call.note(n.Forwarded(call.now(), leg, bridge))
    call.step(ARI, "bridge", SIP, f"caller and {number} hear each other")


async def _until_gone(call: Call, leg: str) -> float:
    while True:
        mail = await call.receive()
        if isinstance(mail, LegGone) and mail.channel == leg:
            return mail.at


async def _part(call: Call, sb: Switchboard, leg: str, at: float) -> None:
    """They are apart; when the engine only stops, they talk on without it."""
    forwarded = call.standing.forwarded
    call.note(n.ForwardEnded(at))
    await hang_up_quietly(sb, leg)
    if forwarded is not None:
        await destroy_quietly(sb, forwarded.bridge)
