"""One running engine: puts the rooms together and starts them in order.

The journal is read first, so the distributor and the calls are as the last run left them. The
links come up, the switch tells what is alive, each call's story goes on where it was, and only
then do deadlines fire again.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog

from acd.messages import AgentMoved, AgentState, Disposed
from engine.agents_day import AgentsDay
from engine.api.server import ApiServer
from engine.asterisk import install
from engine.asterisk.accounts import Accounts
from engine.asterisk.box import watch_box
from engine.asterisk.pbx import AsteriskPbx
from engine.asterisk.witness import Witness
from engine.calls import notes as n
from engine.calls.adoption import Adoption, square_up
from engine.calls.flows.hearing import Hearing
from engine.calls.lanes import ARI
from engine.calls.mailboxes.books import LedgerBooks
from engine.calls.mailboxes.keeping import MailboxKeeper
from engine.calls.missed import record_missed
from engine.calls.record import Standing
from engine.calls.recording import MEGABYTE, Recorder
from engine.calls.registry import Registry
from engine.calls.switchboard import Switchboard, destroy_quietly, hang_up_quietly
from engine.campaigns.driver import Campaigns
from engine.clerk import Clerk
from engine.clock import Clock
from engine.config.site import Site
from engine.contacts import Contacts
from engine.desk import Desk, OfAgent
from engine.hours import tell_hours
from engine.in_force import InForce, read_secrets
from engine.lockouts import Lockouts
from engine.lookups.lookups import Lookups
from engine.ports import PbxError, Snapshot, SwitchEvent
from engine.recordings.archive import KeptForGood
from engine.recordings.opening import open_service
from engine.recovery import Recovered, recover
from engine.run_journal import RunJournal
from engine.secrets import Secrets
from engine.settings import Settings
from engine.sounds.media_uris import MediaUris
from engine.sounds.prompt_files import PromptFiles
from engine.sounds.speaking import SPOKEN, Speaker
from engine.sounds.text_to_speech import Espeak
from engine.sounds.tone_files import TONES, ToneFiles
from engine.speech import voice
from engine.store.audit import AuditLog
from engine.store.journal import Journal
from engine.store.last_agent import LastAgents
from engine.store.leads import LeadStore
from engine.store.ledger import Ledger
from engine.store.reports import Reports
from engine.store.voicemails import Voicemails
from engine.watch import watch

log = structlog.get_logger("engine")

AUDIT_SECONDS = 30.0
AUDIT_GRACE_SECONDS = 10.0
HOURS_SECONDS = 15.0
SETTLE_SECONDS = 5.0
CLOSE_SECONDS = 6.0
MISSED_GRACE_SECONDS = 5.0


class Engine:
    """Everything that lives while ``run`` runs. Made inside a running event loop."""

    def __init__(self, settings: Settings, site: Site) -> None:
        self.settings = settings
        self.journal = Journal.open(settings.state_dir / "journal.jsonl")
        self._recovered = recover(self.journal.entries)
        self.clock = Clock(not_before=self._recovered.last)
        self._kept = RunJournal(self.journal, self.clock)
        self.ledger = Ledger(settings.database_url)
        self.reports = Reports(self.ledger)
        self.audit = AuditLog(self.ledger)
        self.clerk = Clerk(
            self.ledger,
            self._saved,
            settings.state_dir / "refused",
            self._kept.to_audit,
            self._kept.audited,
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
        assert settings.ari_url is not None
        assert settings.ari_password is not None
        self.pbx = AsteriskPbx(
            f"{settings.ari_url}/ari",
            settings.ari_user,
            settings.ari_password.get_secret_value(),
            settings.app,
            self.clock.now,
            self._on_event,
            self._on_snapshot,
        )
        self.prompts = PromptFiles(settings.prompts_dir)
        self.switchboard = Switchboard(
            self.pbx,
            self.desk,
            self.clock,
            site,
            self.prompts,
            Recorder(settings.recordings_dir, settings.recordings_min_free_mb * MEGABYTE),
            settings.languages,
            last_agent=LastAgents(self.ledger).of,
            lockouts=Lockouts(settings.state_dir / "lockouts.json"),
        )
        self.switchboard.file_audit = self.clerk.file_audit
        self.switchboard.watches_phones = settings.ami_secret is not None
        programs = install.programs()
        self.speaker = Speaker(settings.prompts_dir / SPOKEN, Espeak(programs), programs)
        tones = ToneFiles(settings.prompts_dir / TONES)
        self.switchboard.sounds = MediaUris(self.prompts, tones, self.speaker)
        self.lookups = self.switchboard.lookups = Lookups(Secrets(), systems=settings.systems)
        read_secrets(self.lookups, settings)
        self.archive, self.recordings = open_service(
            settings.recordings,
            settings.recordings_dir,
            self.lookups.secrets,
            self.ledger,
            self.clock.now,
            self._keep_days,
        )
        self.recognisers = voice.workers(settings)
        if self.recognisers is not None:
            self.switchboard.ears = Hearing(self.pbx, self.recognisers, voice.judge)
        self.voicemails = Voicemails(self.ledger)
        self.switchboard.mailboxes = LedgerBooks(self.voicemails)
        self.mailboxes = MailboxKeeper(self.switchboard, self.voicemails, self._remove_message)
        self.accounts = Accounts(self.pbx, settings.state_dir)
        run = f"{self.clock.now():.6f}"
        self.campaigns = Campaigns(
            self.switchboard, site, LeadStore(self.ledger), run, lambda: self.pbx.in_step
        )
        self.in_force = InForce(
            settings,
            site,
            self.switchboard,
            self.prompts,
            self.lookups,
            self.campaigns,
            self.clerk,
            self._prepare_phones,
        )
        self.switchboard.switch_emergency = self.in_force.switch_emergency
        self.ready = asyncio.Event()
        self._unsaved: dict[str, Standing] = {}
        self._adopted = False
        self._incarnation = ""
        self._looked = self._recovered.last

    @property
    def site(self) -> Site:
        """The settings in force."""
        return self.in_force.site

    async def run(self) -> None:
        """Serve until cancelled; calls then stay up in Asterisk and wait for the next run."""
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                self.registry = Registry(
                    self.switchboard, tasks, self._journal_note, self._file_record
                )
                self._take_up()
                tasks.create_task(self._write_records())
                tasks.create_task(self.recordings.run())
                tasks.create_task(self.pbx.run())
                tasks.create_task(self._audit())
                tasks.create_task(ApiServer(self).run())
                if self.recognisers is not None:
                    tasks.create_task(self.recognisers.run())
                if self.settings.watch_flows:
                    tasks.create_task(watch(self.settings.flows_dir, self.in_force.try_flows))
                if self.settings.ami_secret is not None:
                    tasks.create_task(self._watch_box(self.settings.ami_secret.get_secret_value()))
        finally:
            self.desk.stop()
            self.speaker.close()
            await self.lookups.close()
            await self.ledger.close()
            self.journal.close()

    async def close_calls(self) -> None:
        """Hang up everybody and wait for the records: for a switch that is about to end.

        Gives up after a few seconds; what is not written then is in the journal, as are the
        customers who are still to be called back. Campaigns call nobody more.
        """
        self.campaigns.stop("the switch is about to end")
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                while calls := self.registry.to_close():  # somebody may arrive meanwhile
                    for call in calls:
                        with suppress(PbxError):
                            await self.registry.dismiss(call)
                    with suppress(TimeoutError):
                        async with asyncio.timeout(1.0):
                            await self.registry.quiet.wait()
                await self.clerk.finish()
        except TimeoutError:
            log.warning("not_closed", calls=len(self.registry.calls), records=self.clerk.backlog)

    # -- the journal --------------------------------------------------------------------------

    def _journal_note(self, call: str, note: n.Note) -> None:
        self._kept.noted(call, note)
        self.campaigns.heard(call, note)

    def _take_of_agent(self, decision: OfAgent, now: float) -> None:
        self._day.take(decision, now)
        if isinstance(decision, Disposed):
            self.campaigns.code_given(decision.contact, decision.code)
        if isinstance(decision, AgentMoved) and AgentState.LOGGED_OUT in (
            decision.old,
            decision.new,
        ):
            self.mailboxes.wake()

    def _saved(self, call: str) -> None:
        standing = self._unsaved.pop(call, None)
        self._kept.saved(call)
        if standing is not None and standing.touches_mailboxes:
            self.mailboxes.wake()
        self.recordings.wake()

    def _compact(self) -> None:
        """Begin the journal anew with the state as it is."""
        live = [call.standing for call in self.registry.calls.values()]
        standings, now = [*self._unsaved.values(), *live], self.desk.moment()
        self._kept.begin_anew(self.desk.acd, standings, self.clerk.audit.values(), now)

    # -- records ------------------------------------------------------------------------------

    def _file_record(self, standing: Standing) -> None:
        self._unsaved[standing.call] = standing
        self.clerk.file_call(standing.record())

    def _keep_days(self) -> dict[str, float | None]:
        return {name: queue.record.keep_days for name, queue in self.site.queues.items()}

    async def _remove_message(self, recording: str) -> None:
        file = await self.archive.files.one(recording)
        with suppress(KeptForGood):
            if file is not None:
                await self.archive.delete(file, "engine", "its message was deleted")

    async def _write_records(self) -> None:
        await self.clerk.run(self._open_ledger)

    async def _open_ledger(self) -> None:
        await self.ledger.claim()
        await self.ledger.open()
        self.mailboxes.open()

    # -- taking up what the last run left -----------------------------------------------------

    def _take_up(self) -> None:
        """Before any link is up: file what ended, tell the desk its settings of today."""
        for decision, at in self._recovered.decided:
            self._day.take(decision, at)
        for entry in self._recovered.audit.values():
            self.clerk.file_audit(entry)
        for call in self._recovered.saved:
            self.registry.forget(call)
        for call, standing in list(self._recovered.calls.items()):
            if standing.arrived is None:
                del self._recovered.calls[call]
            elif standing.ended is not None:
                self._file_record(self._recovered.calls.pop(call))
                self.registry.forget(call)
        self.contacts.take_up()
        # As of the last run's end: what ended since then is still to be told, with its own time.
        site = self.in_force.with_older_flows(self.site, self._recovered.calls.values())
        self.in_force.put(site, self._recovered.last or None)

    def _on_snapshot(self, snapshot: Snapshot) -> None:
        first, self._adopted = not self._adopted, True
        self._incarnation = snapshot.incarnation
        blind_since = self._looked
        if first:
            self._adopt(self._recovered, snapshot)
        else:
            self._compare(snapshot, grace=AUDIT_GRACE_SECONDS)
            self._tasks.create_task(self._prepare_phones())
        if blind_since:
            witness = Witness(self.settings.witness_file)
            record_missed(self.registry, witness, blind_since - MISSED_GRACE_SECONDS)

    def _adopt(self, left: Recovered, snapshot: Snapshot) -> None:
        """Give each call of the last run its story again."""
        adopted = [self.registry.begin(standing) for standing in left.calls.values()]
        for call in adopted:
            call.step(ARI, "adopted", ARI, "the engine is back")
        square_up(self.desk, self.registry.calls, self.site)
        self._compare(snapshot, grace=0.0)
        self.switchboard.strays |= self.switchboard.conferences.take_up(adopted)
        self._sweep()
        log.info("adopted", calls=len(adopted))
        self._tasks.create_task(self._settle([call.idle for call in adopted]))

    async def _settle(self, idle: list[asyncio.Event]) -> None:
        """Deadlines wait until each story has heard what it missed: an answer beats its timer."""
        try:
            async with asyncio.timeout(SETTLE_SECONDS):
                for each in idle:
                    await each.wait()
        except TimeoutError:
            log.warning("slow_to_settle", calls=len(idle))
        self.desk.start()
        self._tasks.create_task(self._watch_hours())
        if not self.clerk.backlog:
            self._compact()
        await self._prepare_phones()
        attempts = list(self.registry.calls.values())
        self._tasks.create_task(self.campaigns.run(self.registry, attempts, self.clerk.finish))
        self._tasks.create_task(self.mailboxes.run())
        self.ready.set()
        log.info("ready", calls=len(self.registry.calls))

    # -- the switch ---------------------------------------------------------------------------

    def _on_event(self, event: SwitchEvent) -> None:
        self.registry.deliver(event)

    def _compare(self, snapshot: Snapshot, grace: float) -> None:
        witness = Witness(self.settings.witness_file)
        self.switchboard.strays |= Adoption(self.registry, witness, grace).compare(snapshot)
        self._looked = snapshot.at
        self._sweep()

    def _sweep(self) -> None:
        if self.switchboard.strays:
            self._tasks.create_task(self._remove_strays())

    async def _remove_strays(self) -> None:
        strays, self.switchboard.strays = self.switchboard.strays, set()
        for name in strays:
            log.warning("stray", name=name)
            await hang_up_quietly(self.switchboard, name)
            await destroy_quietly(self.switchboard, name)

    async def _audit(self) -> None:
        """Every half minute: what the switch has against what we think it has."""
        while True:
            await asyncio.sleep(AUDIT_SECONDS)
            if not self.pbx.in_step or not self.ready.is_set():
                continue
            try:
                self._compare(await self.pbx.snapshot(), grace=AUDIT_GRACE_SECONDS)
            except PbxError as error:
                log.warning("audit_failed", reason=str(error))
            # While agents' days wait for the ledger, only the long journal has them.
            if self._kept.behind or (self._kept.is_long and not self.clerk.backlog):
                self._compact()

    async def _watch_hours(self) -> None:
        """Days begin and queues open and close on time, also when nothing else happens."""
        while True:
            tell_hours(self.desk, self.site)
            await asyncio.sleep(HOURS_SECONDS)

    async def _prepare_phones(self) -> None:
        """The agents' SIP accounts are as configured, and we know which phones are registered."""
        try:
            await self.accounts.ensure(self.site.agents.values(), self._incarnation)
            self.mailboxes.serve(self._incarnation)
            self.switchboard.online = set(await self.pbx.online_endpoints())
        except (PbxError, OSError) as error:
            log.error("accounts_not_made", reason=str(error))

    async def _watch_box(self, secret: str) -> None:
        host, port, user = self.settings.ami_host, self.settings.ami_port, self.settings.ami_user
        await watch_box(host, port, user, secret, self.clock.now, self._on_event)
