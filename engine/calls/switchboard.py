"""What every story may use: the switch, the desk, the site's settings, prompts and the recorder."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol

from acd.agent_settings import AgentSettings
from acd.queues import QueueSettings
from acd.recording import Recording, RecordWhen
from dialplan.features import Features
from dialplan.hours import HoursStatus
from dialplan.inbound import Routes
from dialplan.outbound import Outbound
from dialplan.rooms import MeetMe
from engine.call_record import AuditEntry
from engine.calls.call import Call, Mail
from engine.calls.conferences.notes import Invited
from engine.calls.conferences.rooms import Conferences
from engine.calls.mailboxes.books import MailboxBooks, NoBooks
from engine.calls.mailboxes.notes import MessageQueued
from engine.calls.notes import CallbackAsked
from engine.calls.recording import Recorder
from engine.calls.talk.slots import ParkingLot
from engine.calls.talk.watching import Watching
from engine.clock import Clock
from engine.desk import Desk
from engine.ivr.flowset import FlowSet
from engine.ivr.messages import Request
from engine.ivr.sounds import Sound
from engine.lockouts import Lockouts
from engine.lookups.result import LookupResult
from engine.ports import Pbx, PbxError


class SiteView(Protocol):
    """What stories read of the site's settings (``engine.config.site.Site``)."""

    @property
    def queues(self) -> Mapping[str, QueueSettings]: ...
    @property
    def agents(self) -> Mapping[str, AgentSettings]: ...
    @property
    def flow_set(self) -> FlowSet: ...
    @property
    def prompts(self) -> Mapping[str, Mapping[str, str]]: ...
    @property
    def features(self) -> Features: ...
    @property
    def routes(self) -> Routes: ...
    @property
    def outbound(self) -> Outbound: ...
    @property
    def rooms(self) -> Mapping[str, MeetMe]: ...
    def hours_status(self, calendar: str, now: float, route_calendar: str = "") -> HoursStatus: ...
    def flow_version(self, version: str) -> FlowSet | None: ...


class Prompts(Protocol):
    """Where the audio of a prompt is, as Asterisk names it."""

    def media(self, key: str, languages: Sequence[str]) -> str:
        """The media URI of a prompt in the first of these languages that has it."""


class Sounds(Protocol):
    """Turns what a flow says into what the switch plays."""

    async def uris(
        self, sounds: Sequence[Sound], languages: Sequence[str], *, version: str = ""
    ) -> list[str]:
        """Media URIs, each in the first of these languages that has it, as this version of the
        flows says it; '' is the one in force."""


class LookupDesk(Protocol):
    """Makes the HTTP requests of flows (``engine.lookups``)."""

    async def perform(self, request: Request) -> LookupResult:
        """Make it; never raises for what a host does."""


class LiveCalls(Protocol):
    """What a story may ask of the registry: the calls that live, and to begin one."""

    @property
    def calls(self) -> Mapping[str, Call]: ...
    def knows(self, call_id: str) -> bool:
        """Whether there is such a call, or was."""

    def open(self, call_id: str, first: CallbackAsked | MessageQueued | Invited) -> Call:
        """Begin the story of a callback, of a message that is work, or of who is invited."""


class Ears(Protocol):
    """Who listens to one caller. What is heard comes into the call's mailbox: ``SpeechStarted`` and
    ``SpeechHeard`` of each utterance, ``SpeechLost`` when there is nobody to listen."""

    async def listen(self, phrases: Sequence[str], language: str) -> None:
        """Listen for these phrases from now on, instead of others; none: whatever he says."""

    async def stop(self) -> None:
        """What he says does not matter until the next ``listen``."""

    async def close(self) -> None:
        """Remove what it takes at the switch. Not an error when there is nothing."""


class EarsFactory(Protocol):
    """Voice commands, as the engine is set up for them."""

    def open(self, call: Call) -> Ears:
        """Somebody who can listen to this caller; it takes nothing until he does."""


@dataclass(slots=True)
class Line:
    """A nailed-up agent's connected phone; ``user`` is the caller who has it, or is announced."""

    call: Call
    user: Call | None = None


SecureRun = Callable[[Call, "Switchboard", str, Callable[[Mail], None]], Awaitable[str]]
"""Takes a caller through the flow of this name in the middle of a talk; what else is told of him
goes aside."""
_NO_QUEUE = QueueSettings(name="direct", record=Recording(when=RecordWhen.ON_DEMAND))

_LEAVING_SECONDS = 6.0
"""How long the end of a leg may be in coming, and what its agent still hears; then the phone is
rung all the same. Whoever keeps it busy knows better, and is done sooner."""

LastAgent = Callable[[str], Awaitable[str | None]]
SwitchEmergency = Callable[[Collection[str], bool, str, str], None]
"""These calendars, on or off, by whom, and why."""


Pace = Callable[[str], Awaitable[None]]
"""Waits until the trunk of this name may be dialed."""
Permit = Callable[[str], str]
"""Why an attempt of this name may not be dialed now; '' when it may."""


async def _nobody(_number: str) -> None:
    """No ledger to ask."""


async def _at_once(_trunk: str) -> None:
    """No trunk has a pace."""


def _as_decided(_attempt: str) -> str:
    """What was decided holds."""
    return ""


def _as_recorded(_entry: AuditEntry) -> None:
    """His call's record has it."""


@dataclass(slots=True)
class Switchboard:
    """One engine's worth of everything; ``site`` is replaced as a whole when settings change."""

    pbx: Pbx
    desk: Desk
    clock: Clock
    site: SiteView
    prompts: Prompts
    recorder: Recorder
    languages: tuple[str, ...] = ("en", "vi")
    """What callers without a route's language hear, in this order."""
    online: set[str] = field(default_factory=set)
    """The phones that are registered now, by endpoint."""

    watches_phones: bool = False
    """Whether it is told at once that a phone comes or goes; else ``online`` may be old."""

    lines: dict[str, Line] = field(default_factory=dict)
    """The phones of nailed-up agents that are connected now, by agent."""

    leaving: dict[str, asyncio.Event] = field(default_factory=dict)
    """Agents who are free again while their last leg is still on its way out."""

    last_agent: LastAgent = _nobody
    """Who last talked with this number, if that is known soon."""

    permit: Permit = _as_decided
    """Asked just before a lead is dialed, for an agent may have looked at it for minutes."""

    pace: Pace = _at_once
    """Asked just before a lead is dialed over a trunk: returns when its next INVITE may leave."""

    ears: EarsFactory | None = None
    """Who listens for voice commands; None: keys only."""

    sounds: Sounds = field(init=False)
    """Of the prompts, tones and text-to-speech of the engine that has this switchboard."""

    lookups: LookupDesk = field(init=False)
    """Of the engine that has this switchboard."""

    registry: LiveCalls = field(init=False)
    """Of this switchboard, as soon as there is one."""

    secure_run: SecureRun = field(init=False)
    """Comes with the registry."""

    switch_emergency: SwitchEmergency = field(init=False)
    """Of the engine that has this switchboard; in force when it returns."""

    lockouts: Lockouts = field(default_factory=Lockouts)
    """Who typed too many wrong PINs; the engine's are kept over a restart."""

    conferences: Conferences = field(default_factory=Conferences)
    """The rooms, and who is in them."""

    watching: Watching = field(default_factory=Watching)
    """Which supervisors follow which agents."""

    parking: ParkingLot = field(default_factory=ParkingLot)
    """Who is parked where."""

    mailboxes: MailboxBooks = field(default_factory=NoBooks)
    """What is in the mailboxes, as the ledger has it."""

    file_audit: Callable[[AuditEntry], None] = _as_recorded
    """Takes what a supervisor does for the audit log, as soon as he does it."""

    strays: set[str] = field(default_factory=set)
    """Legs and bridges that could not be removed when they should; the audit tries again."""

    def queue(self, name: str) -> QueueSettings:
        """A queue's settings; a call may outlive them, and then has the usual ones. A talk outside
        any queue ('') is recorded only when somebody says so."""
        if not name:
            return _NO_QUEUE
        return self.site.queues.get(name) or QueueSettings(name=name)

    @contextmanager
    def phone_busy(self, agent: str) -> Iterator[None]:
        """His last leg is on its way out: the next INVITE waits, or it would overtake the BYE and
        find a phone with one line busy."""
        gone = self.leaving[agent] = asyncio.Event()
        try:
            yield
        finally:
            gone.set()
            if self.leaving.get(agent) is gone:
                del self.leaving[agent]

    async def phone_free(self, agent: str) -> None:
        """Return when no leg of his is on its way out, or should long be gone."""
        if (gone := self.leaving.get(agent)) is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LEAVING_SECONDS):
                    await gone.wait()

    @property
    def default_language(self) -> str:
        """Spoken where nothing says otherwise."""
        return self.languages[0]


async def hang_up_quietly(sb: Switchboard, leg: str, reason: str = "normal") -> None:
    """Hang up; when the switch does not answer now, the audit will."""
    try:
        await sb.pbx.hang_up(leg, reason)
    except PbxError:
        sb.strays.add(leg)


async def destroy_quietly(sb: Switchboard, bridge: str) -> None:
    """Remove a bridge; when the switch does not answer now, the audit will."""
    try:
        await sb.pbx.destroy_bridge(bridge)
    except PbxError:
        sb.strays.add(bridge)
