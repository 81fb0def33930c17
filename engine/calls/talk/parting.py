"""An agent who parked his caller by keys hears in which slot, and only then is out of the talk.

Meanwhile the caller has music and nobody else can do anything with him. Hanging up is as good as
having heard it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from engine.calls.talk import notes as t
from engine.calls.talk.conversation import Party
from engine.calls.talk.live_talk import LiveTalk
from engine.calls.talk.orders import Order, Park
from engine.calls.talk.phone_keys import PhoneKeys
from engine.ports import LegGone

_LONGEST_SECONDS: Final = 10.0
"""When the end of what is said is never told."""
_PAUSE_SECONDS: Final = 0.5
"""After it: a phone plays what it has buffered only as long as it is not hung up."""


class Parting:
    """Tells the agents of one talk how their orders went, and who parks before he goes."""

    def __init__(self, talk: LiveTalk, keys: PhoneKeys) -> None:
        self._talk, self._keys = talk, keys
        self._leg = self._playback = ""
        self._until = 0.0

    async def tell(self, party: Party, order: Order, refused: str) -> None:
        """How it went (``refused``: why not, '' when it was done)."""
        slot_is_news = isinstance(order, Park) and not order.slot and not refused
        if not slot_is_news or party.line:
            await self._keys.tell(party, order, refused)
            return
        talk, now = self._talk, self._talk.call.now()
        talk.parting, talk.ending = talk.ending, None
        self._leg, self._until = party.leg, now + _LONGEST_SECONDS
        await talk.note(t.CallerHeld(now, True))
        self._playback = await self._keys.tell(party, order, "", stays=True)
        if not self._playback:
            self._part()

    def heard(self, playback: str) -> None:
        """Something was played to its end."""
        if playback == self._playback:
            self._until = self._talk.call.now() + _PAUSE_SECONDS

    def gone(self, gone: LegGone) -> bool:
        """Whether it was he who hung up, and so is out."""
        if self._talk.parting is None or gone.channel != self._leg:
            return False
        self._part(gone.at)
        return True

    def next_deadline(self) -> float | None:
        """When ``on_deadline`` is to be called."""
        return self._until if self._talk.parting is not None else None

    def on_deadline(self, now: float) -> None:
        """It took too long."""
        if self._talk.parting is not None and now >= self._until:
            self._part()

    def _part(self, at: float | None = None) -> None:
        talk = self._talk
        if talk.parting is not None:
            talk.ending, talk.parting = replace(talk.parting, at=at), None
