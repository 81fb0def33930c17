"""One call: its mailbox, its notes, and the exception that a hang-up is."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TypeVar

from acd.messages import AcdDecision
from engine.call_record import SegmentKind
from engine.calls import notes as n
from engine.calls.mail import (
    CallbackCancelled,
    CampaignMail,
    FlowMail,
    ScreenMail,
    SupervisorMail,
)
from engine.calls.record import Standing
from engine.calls.talk.conversation import Party
from engine.calls.talk.notes import PhoneHeld
from engine.calls.talk.orders import TalkMail
from engine.clock import Clock
from engine.ivr.flowset import FlowSet
from engine.ports import Gone, HangUpBegan, HoldChanged, LegGone, PbxError, SwitchEvent

_BYE_SECONDS, _LEAVING_SECONDS = 5.0, 1.0
"""How long the end of a channel may be in coming, when it is sure and when it is not."""

Mail = (
    SwitchEvent
    | AcdDecision
    | ScreenMail
    | FlowMail
    | CampaignMail
    | CallbackCancelled
    | TalkMail
    | SupervisorMail
)
M = TypeVar("M")


class CallerGone(Exception):
    """The caller hung up, or his channel is gone: raised at whatever wait the story is in."""

    def __init__(self, gone: LegGone) -> None:
        super().__init__(f"cause {gone.cause}")
        self.gone = gone


@dataclass(frozen=True, slots=True)
class Parting:
    """An agent whose talk is over, and whose leg stays until he has heard a last word; ``phone`` is
    closed when it may be rung again."""

    party: Party
    phone: ExitStack


class Call:
    """What a story holds of its call. Events of all its legs come to one mailbox, in order.

    ``hanging_up``: the caller's hang-up is in the mailbox, perhaps not yet read; ``end_told``: so
    is the end of his channel. ``dismissed``: we hung up on him; ``farewell`` is what the network is
    told when we do. ``flows`` are those that he is in, as they were when he came into the first of
    them. ``bridge`` is made for the talk to come. ``parting``: who has just parked him, while he
    hears in which slot. ``in_bridge``: who was found in the bridge of the talk after a
    crash, None when there was no such bridge. ``idle`` is set once the mailbox was empty.
    """

    def __init__(
        self, standing: Standing, clock: Clock, journal: Callable[[str, n.Note], None]
    ) -> None:
        if standing.arrived is None:
            raise ValueError(f"call {standing.call} never arrived")
        self.id = standing.call
        self.arrived = standing.arrived
        self.standing = standing
        self.clock = clock
        self.gone: LegGone | None = None
        self.hanging_up = False
        self.end_told = False
        self.dismissed = False
        self.farewell = "normal"
        self.flows: FlowSet | None = None
        self.bridge: str | None = None
        self.parting: Parting | None = None
        self.in_bridge: tuple[str, ...] | None = None
        self.idle = asyncio.Event()
        self._journal = journal
        self._mail: deque[Mail] = deque()
        self._arrival = asyncio.Event()
        self._numbers: dict[str, int] = {}

    @property
    def channel(self) -> str:
        """The caller's channel; that of a customer whom we call is '' until he has answered."""
        return self.standing.channel

    def deliver(self, mail: Mail) -> None:
        """Put something into the mailbox; called by the registry and the desk, never blocks."""
        self._look(mail)
        self._mail.append(mail)
        self._arrival.set()

    def _look(self, mail: Mail) -> None:
        if isinstance(mail, LegGone | HangUpBegan) and mail.channel == self.channel:
            self.hanging_up = True
            self.end_told = self.end_told or isinstance(mail, LegGone)
        if isinstance(mail, HoldChanged) and mail.channel == self.channel:
            self._keep_hold(mail)

    def _keep_hold(self, change: HoldChanged) -> None:
        """Whoever talks with him next has to know; a talk that he is in hears it by itself."""
        standing = self.standing
        if standing.conversation is None and standing.phone_held != change.held:
            self.note(PhoneHeld(change.at, change.channel, change.held))

    def connect(self, answered: n.NumberAnswered) -> None:
        """A customer whom we called is on the line, or was: his hang-up may be here already."""
        self.note(answered)
        for mail in self._mail:
            self._look(mail)

    async def receive(self, until: float | None = None) -> Mail | None:
        """The next thing that happens, or None at ``until`` (seconds since the epoch).

        Raises ``CallerGone`` once, when the caller's channel ends; what is cleaned up afterwards
        may go on receiving.
        """
        while not self._mail:
            if not await self._more(until):
                return None
        return self._read(self._mail[0])

    async def find(
        self, kind: type[M], until: float, wanted: Callable[[M], bool] = lambda mail: True
    ) -> M | None:
        """The first mail of this kind that is ``wanted``, or None at ``until``; all other mail
        stays where it is."""
        while True:
            for mail in self._mail:
                if isinstance(mail, kind) and wanted(mail):
                    self._mail.remove(mail)
                    return mail
            if not await self._more(until):
                return None

    def put_back(self, mails: Iterable[Mail]) -> None:
        """What was read and is for somebody else: first in the mailbox again, in this order."""
        self._mail.extendleft(reversed(list(mails)))
        self._arrival.set()

    def take(self, kind: type[M]) -> list[M]:
        """All mail of this kind that is there already; the other stays where it is."""
        found: list[M] = [mail for mail in self._mail if isinstance(mail, kind)]
        self._mail = deque(mail for mail in self._mail if not isinstance(mail, kind))
        return found

    def has(self, kind: type[Mail]) -> bool:
        """Whether mail of this kind is there already."""
        return any(isinstance(mail, kind) for mail in self._mail)

    async def end_of(self, leg: str, until: float) -> LegGone | None:
        """The end of this leg, or None at ``until``; other mail stays where it is.

        Raises ``CallerGone`` when the caller's channel ends first.
        """
        while True:
            for mail in self._mail:
                if isinstance(mail, LegGone) and mail.channel in (leg, self.channel):
                    self._read(mail)
                    return mail
            if not await self._more(until):
                return None

    def _read(self, mail: Mail) -> Mail:
        """Out of the mailbox; the end of the caller's channel is raised, once."""
        self._mail.remove(mail)
        if isinstance(mail, LegGone) and mail.channel == self.channel and self.gone is None:
            self.gone = mail
            raise CallerGone(mail)
        return mail

    async def _more(self, until: float | None) -> bool:
        """Wait for another mail; False at ``until``."""
        self._arrival.clear()
        self.idle.set()
        try:
            async with asyncio.timeout_at(None if until is None else self.clock.loop_time(until)):
                await self._arrival.wait()
        except TimeoutError:
            return False
        return True

    def note(self, note: n.Note) -> None:
        """Write down what happened: first into the journal, then into the call's standing."""
        self._journal(self.id, note)
        self.standing.take(note)

    def patience(self, error: PbxError) -> float:
        """How long the end of the caller's channel may be in coming, on which a command failed. A
        channel that leaves is at first refused, or not in the application, and only then gone."""
        return _BYE_SECONDS if self.hanging_up or isinstance(error, Gone) else _LEAVING_SECONDS

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.clock.now()

    def step(self, source: str, event: str, target: str = "", detail: str = "") -> None:
        """A line for the ladder, now."""
        self.note(n.Stepped(self.now(), source, event, target, detail))

    def segment(
        self,
        kind: SegmentKind,
        at: float | None = None,
        queue: str | None = None,
        agent: str | None = None,
    ) -> None:
        """A new stretch of the call's time begins."""
        self.note(n.SegmentBegan(self.now() if at is None else at, kind, queue, agent))

    def new_id(self, letter: str) -> str:
        """An id for a bridge (b) or playback (p) of this call, never used before by anyone.

        The time is in it, so that ids of a run before a crash cannot come again.
        """
        self._numbers[letter] = self._numbers.get(letter, 0) + 1
        return f"{self.id}-{letter}{int(self.now() * 1000) % 10**8}.{self._numbers[letter]}"
