"""A talk as its story has it: what happened is noted, and the switch and the others follow."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import ExitStack, suppress
from dataclasses import dataclass

import structlog

from acd.core import IllegalEvent
from acd.messages import TalkEnded, WorkBegan
from acd.queues import Destination, QueueSettings
from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.note import Note
from engine.calls.queueing.nailed_up import BEEP
from engine.calls.switchboard import Switchboard, destroy_quietly, hang_up_quietly
from engine.calls.talk import notes as t
from engine.calls.talk.conversation import Conversation, Party
from engine.calls.talk.orders import AgentTalks, LineFree
from engine.calls.talk.seating import Seating
from engine.calls.talk.talk_recording import TalkRecording
from engine.ports import LegGone, PbxError

log = structlog.get_logger("talk")

_AGAIN_SECONDS = 1.0
_BYE_SECONDS = 1.0
"""How long the end of an agent's leg may be in coming; then his phone is rung all the same."""


@dataclass(frozen=True, slots=True)
class Ending:
    """It is over for all: by whom, when, and where the caller goes on to (None: as usual).
    ``hears``: the leg of an agent who is told in which slot that is (``parting.py``)."""

    by: str
    at: float | None = None
    to: Destination | None = None
    hears: str = ""


@dataclass(frozen=True, slots=True)
class _Bye:
    """The leg of an agent on its way out; ``phone`` is closed when it may be rung again."""

    agent: str
    until: float
    phone: ExitStack


class LiveTalk:
    """One talk, while its story runs. ``ending`` is set when it is to be over."""

    def __init__(self, call: Call, sb: Switchboard, began: n.TalkBegan) -> None:
        self.call, self.sb, self.began = call, sb, began
        self.ending: Ending | None = None
        self.recording_again: float | None = None
        self.seating = Seating(call, sb)
        self.recording = TalkRecording(call, sb)
        self._joined: frozenset[str] = frozenset()
        self._told: dict[str, AgentTalks] = {}
        self._byes: dict[str, _Bye] = {}

    @property
    def conversation(self) -> Conversation:
        """Who is in it. Only after it was noted."""
        conversation = self.call.standing.conversation
        assert conversation is not None
        return conversation

    @property
    def queue(self) -> QueueSettings:
        """Whose caller it is; of nobody's, the settings for a talk outside any queue."""
        return self.sb.queue(self.began.queue)

    # -- what happens -------------------------------------------------------------------------

    async def note(self, *notes: Note) -> None:
        """Write it down, then let everything follow from it."""
        for note in notes:
            self.call.note(note)
        await self.follow()

    async def follow(self) -> None:
        """The switch, the recording and who watches do what the conversation says now."""
        self.tell_watchers()
        await self.seating.bring(self.conversation)
        await self._follow_recording()
        before, self._joined = self._joined, self.conversation.joined
        if before != self._joined:
            self._engage(self._joined - before)
            await self._announce(before, self._joined)

    async def _follow_recording(self) -> None:
        """What is not certain is tried again; but who types what nobody may hear is not kept in a
        recording of which that is not certain."""
        self.recording_again = None
        try:
            await self.recording.follow()
        except PbxError as error:
            if self.conversation.secure:
                raise
            log.warning("recording_not_as_wanted", reason=str(error))
            self.recording_again = self.call.now() + _AGAIN_SECONDS

    def take_up(self) -> None:
        """After a crash: who was in it is nobody who comes now. What the distributor was not told
        any more counts as of then: others may tell it of what was before the crash ended."""
        self._joined = self.conversation.joined
        self._engage(self._joined, self.sb.desk.time)

    def _engage(self, came: Collection[str], at: float | None = None) -> None:
        """The contact is theirs, too, from now on: wrap-up follows."""
        for leg in came:
            agent = self.conversation.parties[leg].agent
            if agent and leg != self.began.leg:
                self.occupy(agent, queue=self.began.queue, at=at)

    async def _announce(self, before: Collection[str], now: Collection[str]) -> None:
        """Those in a talk of several hear that somebody comes, or leaves."""
        if not self.queue.party_tones or max(len(before), len(now)) < 2:
            return
        tones = [BEEP] if len(now) > len(before) else [BEEP] * 2
        with suppress(PbxError):
            playback = self.call.new_id("p")
            await self.sb.pbx.play_to_all(self.conversation.bridge, playback, tones)

    def tell_watchers(self) -> None:
        """Supervisors learn which agent talks on which leg now, and in which bridge."""
        seats, there = self.conversation.seats(), self.conversation.parties.values()
        now = {
            p.name: AgentTalks(p.name, self.call.id, p.leg, seats[p.leg].bridge)
            for p in there
            if p.agent and not p.rings
        }
        for agent in self._told.keys() - now.keys():
            self.sb.watching.ended(agent, self.call.id)
        for agent, talks in now.items():
            if self._told.get(agent) != talks:
                self.sb.watching.began(talks)
        self._told = now

    # -- who comes ----------------------------------------------------------------------------

    def occupy(
        self, agent: str, *, rings: bool = False, queue: str = "", at: float | None = None
    ) -> None:
        """The distributor offers him nothing from now on; without a ``queue`` as one who is only
        consulted. Nothing, when it knows it already, or he is not logged in."""
        with suppress(IllegalEvent):
            self.sb.desk.post(WorkBegan(agent, self.call.id, queue, rings=rings), at)

    async def answered(self, party: Party, at: float) -> None:
        """His phone is up: he is with who wanted him."""
        if party.agent:
            self.occupy(party.agent)
        await self.note(t.PartyAnswered(at, party.leg))

    # -- who goes -----------------------------------------------------------------------------

    async def left(self, party: Party, why: str, at: float | None = None) -> None:
        """He is out of it: his leg is gone already, or is let go of."""
        now = self.sb.desk.moment(at)
        self.call.note(t.PartyLeft(now, party.leg, why))
        if party.agent:
            self.sb.desk.post(TalkEnded(party.agent, self.call.id, missed=party.rings), now)
        if not self.conversation.is_over:
            await self.follow()

    async def let_go(self, party: Party, why: str, reason: str = "normal") -> None:
        """We put him out of it."""
        if party.agent and not party.line:
            self.expect_bye(party)
        await self.left(party, why)
        await release(self.sb, party, reason)

    # -- phones on their way out --------------------------------------------------------------

    def expect_bye(self, party: Party) -> None:
        """His leg is about to be hung up: his phone is not rung before its end has come."""
        stack = ExitStack()
        stack.enter_context(self.sb.phone_busy(party.agent))
        self._byes[party.leg] = _Bye(party.agent, self.call.now() + _BYE_SECONDS, stack)

    def bye(self, leg: str) -> None:
        """The end of this leg came: its phone may be rung again."""
        if leg in self._byes:
            self._byes.pop(leg).phone.close()

    async def await_byes(self, agent: str = "") -> None:
        """No leg of this talk to his phone, or to anybody's, is on its way out (any more)."""
        for leg, bye in list(self._byes.items()):
            if agent in ("", bye.agent):
                await self._end_of(leg, bye.until)
                self.bye(leg)

    async def _end_of(self, leg: str, until: float) -> None:
        await self.call.find(LegGone, until, lambda gone: gone.channel == leg)

    def forget_byes(self, now: float) -> None:
        """Those that should have come by ``now``."""
        for leg, bye in list(self._byes.items()):
            if bye.until <= now:
                self.bye(leg)

    def next_bye(self) -> float | None:
        """When the next of them is overdue."""
        return min((bye.until for bye in self._byes.values()), default=None)


async def release(sb: Switchboard, party: Party, reason: str = "normal") -> None:
    """His leg ends; a line of his own is free for the next caller."""
    if not party.line:
        await hang_up_quietly(sb, party.leg, reason)
    else:
        leave_line(sb, party.name, party.leg)


def leave_line(sb: Switchboard, agent: str, channel: str) -> None:
    """The line of an agent, if it is still there, is nobody's."""
    line = sb.lines.get(agent)
    if line is not None and line.call.channel == channel:
        line.user = None
        line.call.deliver(LineFree())


async def hear_again(call: Call, sb: Switchboard) -> None:
    """After a crash: a talk that was over may have left its caller muted."""
    standing = call.standing
    if standing.parties and standing.conversation is None and call.channel and not call.end_told:
        with suppress(PbxError):  # he is gone, which the mailbox tells
            await sb.pbx.mute(call.channel, False)


async def free_all(call: Call, sb: Switchboard) -> None:
    """A story failed in a talk, or before it could end one: nobody is left in it."""
    conversation = call.standing.conversation
    if conversation is None:
        return
    parties, bridges = list(conversation.parties.values()), set(conversation.bridges())
    call.note(n.TalkEnded(call.now(), "engine"))
    for party in parties:
        if party.agent:
            sb.desk.post(TalkEnded(party.agent, call.id, missed=party.rings))
            sb.watching.ended(party.agent, call.id)
        await release(sb, party)
    for bridge in bridges:
        await destroy_quietly(sb, bridge)
