"""An agent who parked his caller by keys hears in which slot, before his leg is hung up.

The talk is over by then: the caller waits in his slot and may be picked up, the agent wraps up, and
only his phone is not rung yet. His leg (``call.parting``) ends at once when the caller is no longer
parked. A crash loses nothing but the words.
"""

from __future__ import annotations

import math
from contextlib import ExitStack
from typing import Final

from engine.calls.call import Call, Mail, Parting
from engine.calls.switchboard import Switchboard, hang_up_quietly
from engine.calls.talk import phone_words as words
from engine.calls.talk.conversation import Party
from engine.calls.talk.orders import Park
from engine.calls.talk.phone_keys import say_to
from engine.ports import LegGone, PlaybackEnded

_LONGEST_SECONDS: Final = 5.0
"""When the end of what is said is never told."""
_PAUSE_SECONDS: Final = 0.5
"""After it: a phone plays what it has buffered only as long as it is not hung up."""
_BYE_SECONDS: Final = 1.0
"""How long the end of his leg may be in coming; then his phone is rung all the same."""


def keep_for_a_word(call: Call, sb: Switchboard, party: Party) -> None:
    """The talk is over, and he is to be told something yet: his leg stays, until ``part``."""
    phone = ExitStack()
    phone.enter_context(sb.phone_busy(party.agent))
    call.parting = Parting(party, phone)


async def part(call: Call, sb: Switchboard, *, gone: bool = False) -> None:
    """The leg of an agent who was told something ends, or has (``gone``); his phone is not rung
    before that. Nothing when nobody was."""
    parting, call.parting = call.parting, None
    if parting is None:
        return
    leg = parting.party.leg
    with parting.phone:
        if not gone:
            await hang_up_quietly(sb, leg)
            until = call.now() + _BYE_SECONDS
            await call.find(LegGone, until, lambda end: end.channel == leg)


class LastWord:
    """Tells the agent who has parked this caller, if he is to hear it. ``until``: when ``follow``
    is to be called, whether there is mail or not."""

    def __init__(self, call: Call, sb: Switchboard) -> None:
        self.until = math.inf
        self._call, self._sb = call, sb
        self._playback = ""

    async def tell(self, slot: str) -> None:
        """Say it, in his language."""
        call, parting = self._call, self._call.parting
        if parting is None:
            return
        self.until = call.now() + _LONGEST_SECONDS
        prompts = words.done(Park(slot=slot), stays=True)
        self._playback = await say_to(call, self._sb, parting.party, prompts)
        if not self._playback:
            await self._part()

    async def follow(self, mail: Mail | None) -> None:
        """Something happened to the call, or it is time."""
        parting = self._call.parting
        if parting is None:
            return
        if isinstance(mail, LegGone) and mail.channel == parting.party.leg:
            await self._part(gone=True)
        elif self._call.now() >= self.until:
            await self._part()
        elif isinstance(mail, PlaybackEnded) and mail.playback == self._playback:
            self.until = self._call.now() + _PAUSE_SECONDS

    async def _part(self, *, gone: bool = False) -> None:
        self.until = math.inf
        await part(self._call, self._sb, gone=gone)
