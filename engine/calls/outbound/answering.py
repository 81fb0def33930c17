"""Who or what has answered an attempt: a person, an answering machine, a fax, silence, or tones.

The leg is handed to the dialplan, which listens (``answered-by``), and comes back with the answer.
What is not sure is a person. His two seconds begin where his greeting ended, which is known only
when he has been silent for a while after it: that while is counted in. Whom nobody is known to have
listened to has waited since his answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from engine.calls import notes as n
from engine.calls.call import Call, CallerGone, Mail
from engine.calls.lanes import ARI, SIP
from engine.calls.switchboard import Switchboard
from engine.ports import AnsweredBy, PbxError

CONTEXT: Final = "answered-by"
WHO: Final = "s"

LISTEN_SECONDS: Final = 8.0
"""After which it is taken for a person: longer than Asterisk ever analyses."""


async def listen(
    call: Call,
    sb: Switchboard,
    answered: float,
    hear: Callable[[Mail], Awaitable[object]],
    *,
    begun: bool,
) -> None:
    """Find out who answered at ``answered``, and note it; ``hear`` gets what else happens.

    ``begun``: perhaps, by an engine that crashed. The switch may be at it still, or its answer is
    lost: then it is a person. Raises ``CallerGone``.
    """
    listens = False
    try:
        if not begun:
            await sb.pbx.hand_over(call.channel, CONTEXT, WHO)
            listens = True
        found = await _heard(call, answered, hear)
    except (CallerGone, PbxError):
        if not listens:
            call.note(n.PersonFound(answered))
        raise
    call.note(found)
    call.step(ARI, "answered by", SIP, f"{found.status} {found.cause}".strip())


async def _heard(
    call: Call, answered: float, hear: Callable[[Mail], Awaitable[object]]
) -> n.WhoAnswered:
    while (mail := await call.receive(answered + LISTEN_SECONDS)) is not None:
        if isinstance(mail, AnsweredBy):
            return n.WhoAnswered(mail.at, mail.status, mail.cause, mail.waits_since)
        await hear(mail)
    return n.WhoAnswered(call.now(), "NOTSURE", waits_since=answered)
