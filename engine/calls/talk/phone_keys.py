"""The keys of the agents' phones in one talk: codes become orders, all others go on.

Asterisk lets nobody hear an agent's keys (``Pbx.join`` with ``keys=False``); those that are no code
are sent on by us. Nothing of what is pressed is logged.
"""

from __future__ import annotations

from dataclasses import replace

from dialplan.talk_codes import Passed, Read, Reader
from engine.calls.call import Call
from engine.calls.lanes import AGENT, ARI
from engine.calls.queueing import nailed_up
from engine.calls.spoken import Prompts
from engine.calls.switchboard import Switchboard
from engine.calls.talk import phone_words as words
from engine.calls.talk.conversation import Conversation, Party
from engine.calls.talk.orders import Order, Park
from engine.calls.talk.phone_orders import order_of, passed_on
from engine.ports import PbxError


class PhoneKeys:
    """A reader for each phone that has pressed something."""

    def __init__(self, call: Call, sb: Switchboard) -> None:
        self._call, self._sb = call, sb
        self._readers: dict[str, Reader] = {}
        self._told: dict[str, str] = {}
        """The legs of those who are being told something, by playback."""

    def press(self, party: Party, digit: str, at: float) -> Order | None:
        """A key of somebody in the talk; what it asks for, None for nothing yet."""
        if not party.agent:
            return None
        if party.leg not in self._readers:
            self._readers[party.leg] = self._sb.site.features.talk.reader()
        return self._meant(party, self._readers[party.leg].press(digit, at))

    def next_deadline(self) -> float | None:
        """When ``on_deadline`` is to be called."""
        deadlines = (reader.next_deadline() for reader in self._readers.values())
        return min((each for each in deadlines if each is not None), default=None)

    def on_deadline(self, now: float) -> tuple[Party, Order] | None:
        """Somebody presses no more: what that asks for. Called again while there is more due."""
        for leg, reader in list(self._readers.items()):
            party = self._talk.parties.get(leg)
            if party is None:
                del self._readers[leg]
            elif (order := self._meant(party, reader.on_deadline(now))) is not None:
                return party, order
        return None

    async def tell(self, party: Party, order: Order, refused: str) -> None:
        """Tell him alone how it went (``refused``: why not, '' when it was done); not to the end,
        for he talks. One who has gone needs no telling."""
        if refused:
            prompts = words.refused(order, refused, self._sb)
        else:
            prompts = words.done(self._with_slot(order), stays=party.line)
        if prompts:
            self._told[await say_to(self._call, self._sb, party, prompts)] = party.leg

    def was_told(self, playback: str) -> str:
        """Whose leg it was that this was played to, to its end; '' for nobody's in it."""
        return self._told.pop(playback, "")

    def _with_slot(self, order: Order) -> Order:
        """The slot that a caller was parked in, where he was parked in any."""
        if not isinstance(order, Park):
            return order
        slots = self._sb.parking.all().items()
        return replace(
            order, slot=next((slot for slot, call in slots if call == self._call.id), "")
        )

    @property
    def _talk(self) -> Conversation:
        conversation = self._call.standing.conversation
        assert conversation is not None
        return conversation

    def _meant(self, party: Party, read: Read) -> Order | None:
        if read is None:
            return None
        if isinstance(read, Passed):
            return passed_on(read, party, self._talk)
        return order_of(read, party, self._talk, self._sb.site)


async def say_to(call: Call, sb: Switchboard, party: Party, prompts: Prompts) -> str:
    """Say this on an agent's phone, in his language. Returns the playback, '' when he has gone."""
    language = language_of(sb, party.name)
    media = [_media(sb, prompt, language) for prompt in prompts]
    call.step(ARI, "say", AGENT, f"{', '.join(prompts)} to {party.name} ({language})")
    playback = call.new_id("p")
    try:
        await sb.pbx.play(party.leg, playback, media, language)
    except PbxError:  # he has hung up, which the mailbox tells
        return ""
    return playback


def _media(sb: Switchboard, prompt: str, language: str) -> str:
    if prompt == words.BEEP:
        return nailed_up.BEEP
    return sb.prompts.media(prompt, (language, *sb.languages))


def language_of(sb: Switchboard, agent: str) -> str:
    """What an agent is spoken to in on his phone."""
    settings = sb.site.agents.get(agent)
    spoken = settings.languages if settings is not None else ()
    return spoken[0] if spoken else sb.default_language
