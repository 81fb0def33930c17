"""A whole engine on a fake switch and in memory, so that it can be killed at any line.

``SmallCenter`` is the real ``engine.app.Engine`` with four things of the outside replaced: the
journal's file, the ledger, the links to Asterisk, and the HTTP API. Whatever it does after a crash
it does by the engine's own code.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from acd.messages import AgentLoggedIn, AgentState
from engine.agents_day import AgentsDay
from engine.app import Engine
from engine.asterisk.holds import Holds
from engine.calls.mail import OfferDeclined, OfferTaken
from engine.calls.names import call_of
from engine.calls.record import Standing
from engine.calls.recording import Recorder
from engine.calls.switchboard import Switchboard
from engine.clerk import Clerk
from engine.clock import Clock
from engine.contacts import Contacts
from engine.desk import Desk
from engine.ports import HoldChanged, LegGone, SwitchEvent
from engine.recovery import Recovered, recover
from engine.run_journal import RunJournal
from tests.unit.center_truth import Truth
from tests.unit.fake_pbx import FakePbx, Phone
from tests.unit.small_outside import (
    Books,
    Door,
    HasAllFlows,
    Hosts,
    Line,
    MemoryJournal,
    NoCampaigns,
    NoKeeper,
    OwnSounds,
)
from tests.unit.small_site import (
    ANNA,
    BINH,
    LOGIN,
    LOGOUT,
    MENU,
    NOBODY,
    PAUSE,
    READY,
    SUPPORT,
    SmallSite,
    small_site,
)

__all__ = [
    "ANNA", "BINH", "LOGIN", "LOGOUT", "MENU", "NOBODY", "PAUSE", "READY", "SUPPORT",
    "SmallCenter", "SmallSite", "Truth", "ended", "opened", "small_site",
]  # fmt: skip

LONGEST_SECONDS = 600.0
SETTLED_SECONDS = 45.0


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
        self.hosts = self.switchboard.lookups = Hosts(self._moment, self.dead)
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
        self._holds = Holds(pbx.is_held, self._hear, self.clock.now)

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
        tasks.create_task(self._holds.run())
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
        self._holds.begin(self.switch.talking_phones())

    def link_down(self) -> None:
        """What happens now, nobody hears."""
        self.switch.deliver = None
        self._holds.end()

    def _hear(self, event: SwitchEvent) -> None:
        if isinstance(event, HoldChanged):
            self._holds.known(event.channel)
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
