"""A whole engine on a fake switch and in memory, so that it can be killed at any line.

``SmallCenter`` is the real ``engine.app.Engine`` with four things of the outside replaced: the
journal's file, the ledger, the links to Asterisk, and the HTTP API. Whatever it does after a crash
it does by the engine's own code.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

from acd.agent_settings import DEFAULT_MEDIA, AgentSettings, Medium, PauseReason
from acd.messages import AgentLoggedIn, AgentState
from acd.queues import QueueSettings
from dialplan.features import Action, Features
from dialplan.hours import Calendar, HoursState, HoursStatus
from dialplan.inbound import Route
from dialplan.outbound import Outbound, Rule, Trunk
from dialplan.rooms import MeetMe
from engine.agents_day import AgentsDay
from engine.app import Engine
from engine.call_record import (
    AgentStretch,
    AuditEntry,
    CallRecord,
    Disposition,
    Segment,
    SegmentKind,
)
from engine.calls.entries import CALLBACK, INVITED, MESSAGE, OUTBOUND
from engine.calls.mail import OfferDeclined, OfferTaken
from engine.calls.names import call_of
from engine.calls.notes import Note
from engine.calls.record import Standing
from engine.calls.recording import Recorder
from engine.calls.switchboard import Switchboard
from engine.clerk import Clerk
from engine.clock import Clock
from engine.contacts import Contacts
from engine.desk import Desk
from engine.in_force import InForce
from engine.ivr.flowset import FlowSet
from engine.ivr.messages import Request
from engine.ivr.schema import Flow
from engine.ivr.sounds import Sound
from engine.lookups.result import LookupResult
from engine.ports import LedgerDown, LegGone, SwitchEvent
from engine.recovery import NOTE, Recovered, recover
from engine.run_journal import RunJournal
from engine.store.journal import Entry
from tests.unit.fake_pbx import FakePbx, Phone
from tests.unit.ivr_caller import FLOWS, load

MENU, SUPPORT, NOBODY = "1900", "1901", "1999"
ANNA, BINH = "3001", "3002"
LOGIN, LOGOUT, READY, PAUSE = "*10", "*11", "*12", "*13"
LONGEST_SECONDS = 600.0
SETTLED_SECONDS = 45.0
_DIALED = (CALLBACK, OUTBOUND, MESSAGE, INVITED)
_ANSWERED = (SegmentKind.TALK, SegmentKind.CONSULT, SegmentKind.CONFERENCE, SegmentKind.HOLD)


@dataclass
class SmallSite:
    """Two numbers, two queues, two agents, and the shipped flow."""

    queues: dict[str, QueueSettings]
    agents: dict[str, AgentSettings]
    flows: dict[str, Flow]
    features: Features
    table: dict[str, Route]
    state: str = "open"
    media: tuple[Medium, ...] = DEFAULT_MEDIA
    reasons: tuple[PauseReason, ...] = ()
    calendars: dict[str, Calendar] = field(default_factory=dict)
    rooms: dict[str, MeetMe] = field(default_factory=dict)
    outbound: Outbound = field(
        default_factory=lambda: Outbound({"+84.": Rule(Trunk("trunk"), "1900")})
    )

    version: str = "v1"
    older_flows: dict[str, FlowSet] = field(default_factory=dict)
    prompts: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def flow_set(self) -> FlowSet:
        """The flows, all of one version."""
        return FlowSet(self.flows, self.version)

    def flow_version(self, version: str) -> FlowSet | None:
        """The flows as they were then."""
        return self.flow_set if version == self.version else self.older_flows.get(version)

    @property
    def routes(self) -> Any:
        """Numbers are matched as they are written."""
        return SimpleNamespace(
            match=lambda did, caller, now: self.table.get(did), calendars=self.calendars
        )

    def hours_status(self, calendar: str, now: float, route_calendar: str = "") -> HoursStatus:
        """As ``state`` says, unless it has this calendar; what is closed opens in an hour."""
        if calendar in self.calendars:
            return self.calendars[calendar].status(now)
        if self.state == "open" or not calendar:
            return HoursStatus(HoursState.OPEN)
        return HoursStatus(HoursState(self.state), next_open=now + 3600)

    def in_emergency(self, calendars: Collection[str]) -> SmallSite:
        """The same, with these calendars in emergency."""
        if not calendars:
            return self
        switched = {
            name: replace(calendar, emergency=name in calendars)
            for name, calendar in self.calendars.items()
        }
        return replace(self, calendars=switched)


@cache
def main_flow() -> Flow:
    """The shipped main menu; sweeps open thousands of small centers."""
    return Flow.model_validate(load(FLOWS / "main.yaml"))


def small_site(agents: int = 1, **queue: Any) -> SmallSite:
    """The site; ``queue`` are settings of the queue `support`."""
    names = ("anna", "binh", "chi")[:agents]
    return SmallSite(
        {
            "support": QueueSettings(name="support", **queue),
            "sales": QueueSettings(name="sales", **queue),
        },
        {
            name: AgentSettings(
                name=name,
                extension=str(3001 + number),
                queues=("support", "sales"),
                pin="4711" if name == "anna" else None,
            )
            for number, name in enumerate(names)
        },
        {"main": main_flow()},
        Features(
            {
                LOGIN: Action.LOGIN,
                LOGOUT: Action.LOGOUT,
                READY: Action.READY,
                PAUSE: Action.PAUSE,
            },
            {"1": "lunch"},
        ),
        {
            MENU: Route("1900", "flow", "main", "en", "office"),
            SUPPORT: Route("1901", "queue", "support", "vi"),
        },
    )


@dataclass
class Books:
    """The ledger, in memory; keeps every write, so that a second one of the same is seen."""

    calls: list[CallRecord] = field(default_factory=list)
    wrap_ups: list[tuple[str, Segment]] = field(default_factory=list)
    dispositions: list[tuple[str, Disposition]] = field(default_factory=list)
    stretches: list[AgentStretch] = field(default_factory=list)
    audit: list[AuditEntry] = field(default_factory=list)
    away: bool = False

    async def claim(self) -> None:
        """There is no other engine."""

    async def open(self) -> None:
        """It is open, unless it is away."""
        if self.away:
            raise LedgerDown("away")

    async def save_call(self, record: CallRecord) -> None:
        """Keep it."""
        await asyncio.sleep(0)
        self.calls.append(record)

    async def save_wrap_up(self, call: str, segment: Segment) -> None:
        """Keep it."""
        await asyncio.sleep(0)
        self.wrap_ups.append((call, segment))

    async def save_disposition(self, call: str, disposition: Disposition) -> None:
        """Keep it."""
        await asyncio.sleep(0)
        self.dispositions.append((call, disposition))

    async def save_agent_stretch(self, stretch: AgentStretch) -> None:
        """Keep it."""
        await asyncio.sleep(0)
        self.stretches.append(stretch)

    async def save_audit(self, entry: AuditEntry) -> None:
        """Keep it."""
        await asyncio.sleep(0)
        self.audit.append(entry)

    def of(self, call: str) -> CallRecord:
        """The one record of a call, however often it was offered."""
        first, *again = [record for record in self.calls if record.call == call]
        assert all(record == first for record in again), f"different records of {call}: {again}"
        return first


class Door:
    """The engine's way to the ledger: closed once the engine is dead."""

    def __init__(self, books: Books, dead: asyncio.Event) -> None:
        self._books, self._dead = books, dead

    def __getattr__(self, name: str) -> Callable[..., Awaitable[None]]:
        write = getattr(self._books, name)

        async def guarded(*args: Any) -> None:
            if self._dead.is_set():
                await asyncio.Future()
            if self._books.away:
                raise LedgerDown("away")
            await write(*args)

        return guarded


class MemoryJournal:
    """Lines of JSON, as the journal's file has them. ``history`` outlives a rewrite."""

    def __init__(self, lines: Iterable[str], history: list[str], wrote: Callable[[], bool]) -> None:
        self.lines = list(lines)
        self.history = history
        self.entries = [Entry(**json.loads(line)) for line in self.lines]
        self.path = SimpleNamespace(stat=lambda: SimpleNamespace(st_size=0))
        self._may_write = wrote

    def append(self, at: float, kind: str, data: Any) -> None:
        """A line more, unless the engine is dead."""
        line = json.dumps({"at": at, "kind": kind, "data": data}, allow_nan=False)
        if self._may_write():
            self.lines.append(line)
            self.history.append(line)

    def rewrite(self, entries: Iterable[Entry]) -> None:
        """Begin anew."""
        if self._may_write():
            self.lines = [
                json.dumps({"at": e.at, "kind": e.kind, "data": dict(e.data)}) for e in entries
            ]

    def close(self) -> None:
        """Nothing to do."""


class OwnSounds:
    """Every prompt has audio in every language; what is spoken says so in its name."""

    async def uris(
        self, sounds: Sequence[Sound], languages: Sequence[str], *, version: str = ""
    ) -> list[str]:
        """One for each."""
        return [f"sound:{languages[0]}/{sound}" for sound in sounds]


class Hosts:
    """The hosts that flows ask. ``answers`` by the name of the request: a result, and after how
    many seconds it comes."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[LookupResult, float]] = {}
        self.asked: list[Request] = []

    async def perform(self, request: Request) -> LookupResult:
        """As it is scripted; without a script there is no such customer."""
        self.asked.append(request)
        result, seconds = self.answers.get(request.name, (LookupResult("not_found", 404), 0.0))
        await asyncio.sleep(seconds)
        return result


class NoCampaigns:
    """Nobody is dialed but by the test; ``told`` is what the dialer would be told of attempts."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Note]] = []

    def configure(self, site: SmallSite) -> None:
        """There are none."""

    def heard(self, call: str, note: Note) -> None:
        """Keep it."""
        if call.startswith("ob-"):
            self.told.append((call, note))

    def code_given(self, call: str, code: str) -> None:
        """Of no campaign."""

    def stop(self, why: str) -> None:
        """Nothing is begun."""

    async def run(self, registry: object, attempts: object) -> None:
        """Nothing is looked at."""


class NoKeeper:
    """Nobody is told of messages, and no lamp is lit."""

    counts: ClassVar[dict[str, object]] = {}

    def open(self) -> None:
        """Nothing is looked at."""

    def wake(self) -> None:
        """Nothing is looked at."""

    def serve(self, incarnation: str) -> None:
        """Nothing is looked at."""

    async def run(self) -> None:
        """Nothing is looked at."""


class Line:
    """The engine's way to the switch: nothing passes it once the engine is dead."""

    def __init__(self, pbx: FakePbx, moment: Callable[[str], None], dead: asyncio.Event) -> None:
        self._pbx, self._moment, self._dead = pbx, moment, dead
        self.in_step = True

    def hear(self, channel: str, ears: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """What is said into a channel."""
        return self._pbx.hear(channel, ears)

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        command = getattr(self._pbx, name)

        async def guarded(*args: Any, **kwargs: Any) -> Any:
            if self._dead.is_set():
                await asyncio.Future()
            try:
                return await command(*args, **kwargs)
            finally:
                self._moment(name)
                if self._dead.is_set():
                    await asyncio.Future()

        return guarded


class HasAllFlows(InForce):
    """Older flows are where the site has them."""

    def with_older_flows(self, site: Any, calls: Any) -> Any:
        """The site has them already."""
        return site


class SmallCenter(Engine):
    """An engine that can be killed: as ``kill -9`` does, after anything it does to the outside
    (a line in the journal, a command to the switch)."""

    def __init__(
        self,
        pbx: FakePbx,
        site: SmallSite,
        *,
        books: Books | None = None,
        lines: Iterable[str] = (),
        history: list[str] | None = None,
        witness_file: Path | None = None,
        state_dir: Path = Path("/dev/null/nothing-is-kept"),
    ) -> None:
        self.switch = pbx
        self.books = books or Books()
        self.dead = asyncio.Event()
        self.moments: list[str] = []
        self.strays_found: set[str] = set()
        self._dies_after: int | None = None
        self.settings = SimpleNamespace(witness_file=witness_file, state_dir=state_dir)
        self.journal = MemoryJournal(lines, [] if history is None else history, self._write)
        self._recovered: Recovered = recover(self.journal.entries)
        self.clock = Clock(not_before=self._recovered.last)
        self._kept = RunJournal(self.journal, self.clock)
        self.ledger = Door(self.books, self.dead)
        self.clerk = Clerk(
            self.ledger, self._saved, Path("refused"), self._kept.to_audit, self._kept.audited
        )
        self._day = AgentsDay(self.clerk, self._recovered.agents)
        self.desk = Desk(
            self._recovered.acd,
            self.clock,
            self._kept.told,
            self._take_of_agent,
            self._recovered.told,
        )
        self.contacts = Contacts(self.desk)
        self.campaigns = NoCampaigns()
        self.recordings = SimpleNamespace(wake=lambda: None)
        self.mailboxes = NoKeeper()
        self.pbx = Line(pbx, self._moment, self.dead)
        self.prompts = SimpleNamespace(
            media=lambda key, languages: f"sound:{languages[0]}/{key}", version=""
        )
        self.switchboard = Switchboard(
            self.pbx,
            self.desk,
            self.clock,
            site,
            self.prompts,
            Recorder(pbx.recordings_dir),
        )
        self.switchboard.file_audit = self.clerk.file_audit
        self.switchboard.sounds = OwnSounds()
        self.hosts = self.switchboard.lookups = Hosts()
        self.in_force = HasAllFlows(
            self.settings,
            site,
            self.switchboard,
            self.prompts,
            self.hosts,
            self.campaigns,
            self.clerk,
            self._prepare_phones,
        )
        self.switchboard.switch_emergency = self.in_force.switch_emergency
        self.accounts = SimpleNamespace(ensure=self._no_accounts)
        self.ready = asyncio.Event()
        self._unsaved: dict[str, Standing] = {}
        self._adopted = False
        self._incarnation = ""
        self._looked = self._recovered.last

    # -- its life -----------------------------------------------------------------------------

    def successor(self, **settings: Any) -> SmallCenter:
        """The next engine, after this one died: the same switch, site, books and journal."""
        journal = self.journal
        return SmallCenter(
            self.switch,
            self.site,
            books=self.books,
            lines=journal.lines,
            history=journal.history,
            **settings,
        )

    async def run(self) -> None:
        """As the engine's own, without links and API."""
        async with asyncio.TaskGroup() as tasks:
            self._start(tasks)

    def _start(self, tasks: asyncio.TaskGroup) -> None:
        from engine.calls.registry import Registry

        self._tasks = tasks
        self.registry = Registry(self.switchboard, tasks, self._journal_note, self._file_record)
        self._take_up()
        tasks.create_task(self._write_records())
        tasks.create_task(self._audit())
        self.link_up()

    async def start(self) -> None:
        """Begin to serve; returns when the engine says that it is ready, or is dead."""
        self._life = asyncio.get_running_loop().create_task(self.run())
        ready = asyncio.ensure_future(self.ready.wait())
        dead = asyncio.ensure_future(self.dead.wait())
        await asyncio.wait([ready, dead, self._life], return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        dead.cancel()
        if self._life.done():
            self._life.result()

    def link_up(self) -> None:
        """The snapshot first, then events."""
        self._on_snapshot(self.switch.look())
        self.switch.deliver = self._hear

    def link_down(self) -> None:
        """What happens now, nobody hears."""
        self.switch.deliver = None

    def _hear(self, event: SwitchEvent) -> None:
        if not self.dead.is_set():
            self._on_event(event)

    async def kill(self) -> None:
        """It is gone; nothing of it does anything any more."""
        self.dead.set()
        self.link_down()
        self.desk.stop()
        self._life.cancel()
        await asyncio.wait([self._life])

    async def _remove_strays(self) -> None:
        self.strays_found |= self.switchboard.strays
        await super()._remove_strays()

    async def _no_accounts(self, agents: Any, incarnation: str) -> None:
        """The phones are there."""

    # -- its end ------------------------------------------------------------------------------

    def _write(self) -> bool:
        if self.dead.is_set():
            return False
        self._moment("journal")
        return True

    def die_after(self, things: int) -> None:
        """Be killed after so many more things done to the outside."""
        self._dies_after = len(self.moments) + things

    def _moment(self, what: str) -> None:
        self.moments.append(what)
        if len(self.moments) == self._dies_after:
            self.dead.set()

    # -- what people do -----------------------------------------------------------------------

    def log_in(self, *agents: str) -> None:
        """These agents sit at their own phones."""
        for name in agents:
            extension = self.site.agents[name].extension
            self.switch.phones.setdefault(extension, Phone())
            self.desk.post(AgentLoggedIn(name, extension))

    def tell_offer(self, mail: OfferTaken | OfferDeclined) -> bool:
        """An agent takes or declines on his screen; False when it is no longer offered."""
        call = self.registry.calls.get(call_of(mail.offer))
        if call is None or mail.offer not in call.standing.offers:
            return False
        call.deliver(mail)
        return True

    def state_of(self, agent: str) -> AgentState:
        """What the distributor thinks of him."""
        return next(view.state for view in self.desk.acd.agents() if view.name == agent)

    async def until_over(self) -> None:
        """Until no call lives, wrap-ups are done, and everything is written."""
        async with asyncio.timeout(LONGEST_SECONDS):
            await asyncio.sleep(1)  # who is on the way arrives
            await self.registry.quiet.wait()
            await asyncio.sleep(SETTLED_SECONDS)
            await self.clerk.finish()
        assert not self._life.done()


class Truth:
    """Checks everything that must hold when all calls are over, against what really happened."""

    def __init__(
        self,
        center: SmallCenter,
        slack: float = 0.05,
        away: float = 0.0,
        strays_allowed: bool = False,
    ) -> None:
        """``slack``: by how many seconds an end may be off; ``away``: for how long no engine was
        there to hear an answer; ``strays_allowed``: the audit may have had to clean up."""
        self.strays_allowed = strays_allowed
        self.center, self.slack, self.away = center, slack, away
        self.switch, self.books = center.switch, center.books

    def check(self) -> None:
        """All of it."""
        self.nothing_left()
        self.agents_are_free()
        self.days_tile()
        for call in {entry["data"]["call"] for entry in self._notes()}:
            self.record_is_right(self.books.of(call))
            self.record_is_the_fold(call)

    def nothing_left(self) -> None:
        """Neither in the switch nor in the engine."""
        center = self.center
        assert self.switch.leftovers() == []
        assert center.registry.calls == {}
        assert center.desk._waiting == {}
        assert center.switchboard.strays == set()
        assert self.strays_allowed or center.strays_found == set(), "found by the audit alone"
        stories = [t.get_name() for t in asyncio.all_tasks() if t.get_name().startswith("call ")]
        assert stories == []

    def agents_are_free(self) -> None:
        """Nobody waits, nobody rings, nobody talks or wraps up."""
        queues = self.center.desk.acd.queues(self.center.clock.now())
        assert [queue.waiting for queue in queues if queue.waiting] == []
        busy = (AgentState.OFFERED, AgentState.TALKING, AgentState.WRAP_UP)
        views = self.center.desk.acd.agents()
        assert [view for view in views if view.state in busy or view.contact] == []

    def days_tile(self) -> None:
        """Each agent's stretches follow each other without gap or overlap."""
        for agent in self.center.site.agents:
            stretches = sorted(
                {each for each in self.books.stretches if each.agent == agent},
                key=lambda each: (each.started, each.ended),
            )
            for before, after in pairwise(stretches):
                assert before.ended == after.started, (before, after)

    def record_is_right(self, record: CallRecord) -> None:
        """Times tile, every offer is closed once, wrap-up begins where the talk ended."""
        at = record.arrived
        for segment in record.segments:
            assert segment.started == at < segment.ended, (segment, at)
            at = segment.ended
        assert at == record.ended
        names = [offer.offer for offer in record.offers]
        assert len(names) == len(set(names))
        for stay in (*record.visits, *record.offers):
            began = getattr(stay, "entered", None) or getattr(stay, "offered", 0.0)
            ended = getattr(stay, "left", None) or getattr(stay, "ended", 0.0)
            assert record.arrived - 1e-6 <= began <= ended <= record.ended, stay
        taken = [offer.outcome for offer in record.offers].count("answered")
        answered = sum(visit.outcome == "answered" for visit in record.visits)
        in_vain = record.direction in _DIALED  # an agent took it, and the customer was not reached
        assert taken >= answered if in_vain else taken == answered
        self._talks_are_right(record)
        self._ends_as_it_did(record)

    def _talks_are_right(self, record: CallRecord) -> None:
        held = [s for s in record.segments if s.kind in (SegmentKind.TALK, SegmentKind.HOLD)]
        talks = [o for o in record.offers if o.outcome == "answered"]
        wrap_ups = {segment for call, segment in self.books.wrap_ups if call == record.call}
        picked_up = [o for o in record.offers if self.switch.answer_of(o.offer) is not None]
        offered = {offer.offer for offer in record.offers}
        brought = {p.leg for p in record.parties if p.kind in _ANSWERED} - offered
        assert len(wrap_ups) <= len(picked_up) + len(brought), "more wrap-ups than answers"
        if held and any(wrap_up.agent == record.agent for wrap_up in wrap_ups):
            assert held[-1].ended in {wrap_up.started for wrap_up in wrap_ups}
        for offer in talks:
            answered = self.switch.answer_of(offer.offer)
            assert answered is not None
            assert -self.slack <= offer.ended - answered <= self.slack + self.away, offer

    def _ends_as_it_did(self, record: CallRecord) -> None:
        if record.direction in _DIALED:
            return  # it has no channel of its own
        gone = self.switch.end_of(record.call)
        assert gone is not None
        if not record.estimated_end and record.ended_by != "agent":
            assert abs(record.ended - gone.at) <= self.slack, (record.ended, gone)

    def _notes(self) -> list[dict[str, Any]]:
        entries = [json.loads(line) for line in self.center.journal.history]
        return [entry for entry in entries if entry["kind"] == NOTE]

    def record_is_the_fold(self, call: str) -> None:
        """The notes in the journal alone make the same record."""
        lines = [json.loads(line) for line in self.center.journal.history]
        mine = [Entry(**e) for e in lines if e["kind"] == NOTE and e["data"]["call"] == call]
        assert recover(mine).calls[call].record() == self.books.of(call)


async def opened(
    site: SmallSite | None = None, pbx: FakePbx | None = None, **more: Any
) -> SmallCenter:
    """A center that is ready."""
    loop = asyncio.get_running_loop()
    from tests.unit.virtual_time import EPOCH

    switch = pbx or FakePbx(lambda: EPOCH + loop.time())
    center = SmallCenter(switch, site or small_site(), **more)
    await center.start()
    return center


def ended(switch: FakePbx, channel: str) -> LegGone:
    """How a channel ended."""
    gone = switch.end_of(channel)
    assert gone is not None
    return gone
