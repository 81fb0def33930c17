"""A caller's own trunk puts him through to another number (SIP REFER), and leaves us with it."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from engine.call_record import CallOutcome, SegmentKind
from engine.calls import notes as n
from engine.calls.call import Call, CallerGone
from engine.calls.errands.dialing import way_to
from engine.calls.lanes import ARI, SIP
from engine.calls.switchboard import Switchboard, hang_up_quietly
from engine.ports import Down, NotInStasis, PbxError, Referred

CONTEXT: Final = "refer"
"""Of the dialplan: it asks the trunk, and brings the caller back."""

_LOOK_SECONDS = 45.0
"""How long until we look where the caller is, whose way back may have been told to nobody."""


async def refer(call: Call, sb: Switchboard, number: str) -> str:
    """Have the trunk do it, by the rules of what may be dialed from here.

    Returns 'failed', or the exit that the trunk's answer is, when the caller is back. When he is
    not, he is gone: raises ``CallerGone``. Many trunks take him over and hang up without a word;
    one who hangs up himself meanwhile looks the same, and counts as put through, too. Whom we hung
    up on does not, and neither does one of whom nobody saw the end.
    """
    way = way_to(sb, number)
    if way is None:
        call.step(ARI, "not allowed", SIP, number)
        return "failed"
    call.segment(SegmentKind.DIALING)
    call.step(ARI, "REFER", SIP, way.number)
    with suppress(NotInStasis):  # an engine that crashed has sent him there
        await sb.pbx.stop_music(call.channel)
        await sb.pbx.hand_over(call.channel, CONTEXT, way.dialed)
    try:
        referred = await _until_back(call, sb)
    except CallerGone as caller:
        if not (call.dismissed or caller.gone.estimated):
            call.note(n.OutcomeSet(call.now(), CallOutcome.FORWARDED))
            call.step(SIP, "taken away", ARI, "by his trunk, or he hung up")
        raise
    call.step(SIP, "referred" if referred.ok else "not referred", ARI, str(referred.status))
    if not referred.ok:
        return _EXITS.get(referred.status, "failed")
    call.note(n.OutcomeSet(call.now(), CallOutcome.FORWARDED))
    call.dismissed = True  # it is for us to end it
    await hang_up_quietly(sb, call.channel)
    while True:
        await call.receive()


_EXITS = {
    486: "busy",
    600: "busy",
    408: "noanswer",
    480: "noanswer",
    487: "noanswer",
    603: "rejected",
    503: "congestion",
}


async def _until_back(call: Call, sb: Switchboard) -> Referred:
    while True:
        mail = await call.receive(call.now() + _LOOK_SECONDS)
        if isinstance(mail, Referred):
            return mail
        if mail is None and await _is_here(call, sb):
            return Referred(call.now(), call.channel, ok=False)


async def _is_here(call: Call, sb: Switchboard) -> bool:
    """Commands work only on channels in our application."""
    try:
        await sb.pbx.stop_music(call.channel)
    except (NotInStasis, Down):
        return False
    except PbxError:  # he is gone, which the mailbox tells
        return False
    return True
