"""The demo: real phones call a real center; then its records are held against the phones."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import signal
import tempfile
import time
import wave
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from rich.console import Console

from dialplan.features import Action
from engine import setup
from engine.asterisk.accounts import derive, installation_secret
from engine.asterisk.process import AsteriskDied, PrivateAsterisk
from engine.asterisk.templates import TemplateError
from engine.center import Center, EngineDied
from engine.config.site import Site
from engine.demo import findings, tones
from engine.demo.agents import Agent
from engine.demo.callers import Caller
from engine.demo.cast import (
    AGENTS,
    CALLERS,
    CAMPAIGNERS,
    EVERYBODY,
    OUTREACH,
    QUEUE,
    SPEAKER,
    AgentPlan,
    CallerPlan,
)
from engine.demo.example_systems import ExampleSystems
from engine.demo.outreach import CAMPAIGNS_FILE, Campaign, customers
from engine.demo.outreach_evidence import judge
from engine.demo.phones import PhoneError, Phones
from engine.demo.stage import Stage
from engine.settings import Settings
from engine.sounds import making
from engine.sounds.text_to_speech import Espeak
from engine.speech.models import brought_along, not_installed

_LONGEST_SECONDS = 300.0
_WRITTEN_SECONDS = 60.0
_POLL_SECONDS = 0.1
_SILENCE = bytes(2 * tones.RATE)  # behind words, so that it is heard that they are over
_FAILURES = (
    setup.SetupError, AsteriskDied, TemplateError, EngineDied, PhoneError, TimeoutError,
    aiohttp.ClientError, OSError,
)  # fmt: skip


async def run_demo(settings: Settings, site: Site, console: Console, keep: Path | None) -> int:
    """Everything from set-up to the last line; the exit code is 0 when records and phones agree.

    Database, logs and recordings stay in ``keep``, a new or empty folder; without it nothing stays.
    """
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, task.cancel)
    # On a busy machine the phones warn of every 20 ms that came late.
    logging.getLogger("baresip").setLevel(logging.ERROR)
    try:
        _check(site)
        with _folder(keep) as folder:
            return await _run(settings, site, console, folder)
    except asyncio.CancelledError:
        console.print("demo: stopped before its end; nothing is left running")
        return 130
    except _FAILURES as error:
        reason = str(error) or "something took much too long"
        console.print(f"demo: {reason}", style="red", markup=False)
        return 1


def _check(site: Site) -> None:
    """The demo plays with the numbers, agents and codes that are shipped."""
    now = time.time()
    missing = {c.dials for c in EVERYBODY if site.routes.match(c.dials, c.number, now) is None}
    missing |= {agent.name for agent in (*AGENTS, OUTREACH)} - site.agents.keys()
    missing |= {QUEUE} - site.queues.keys()
    missing |= {Action.LOGIN} - set(site.features.codes.values())
    if missing:
        raise setup.SetupError(
            f"your routes and agents lack what the demo uses: {', '.join(sorted(missing))}. Run it "
            "without TONGDAI_ROUTES_DIR and TONGDAI_AGENTS_FILE"
        )


@contextlib.contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="tongdai-demo-") as name:
            yield Path(name)
        return
    keep.mkdir(parents=True, exist_ok=True)
    if any(keep.iterdir()):
        raise setup.SetupError(f"{keep} is not empty: name a new folder to keep the demo in")
    yield keep.absolute()


async def _run(settings: Settings, site: Site, console: Console, folder: Path) -> int:
    prepared = setup.prepare(settings, site, lambda what: console.print(what, markup=False))
    state = folder / "state"
    key = installation_secret(state)
    secrets = {caller.number: derive(key, caller.number) for caller in EVERYBODY}
    database = f"sqlite:///{state}/tongdai.db"
    async with (
        asyncio.timeout(_LONGEST_SECONDS),
        ExampleSystems() as systems,
        customers(prepared.installation) as callees,
    ):
        asterisk = PrivateAsterisk(
            prepared.installation,
            folder / "asterisk",
            prompts_dir=prepared.prompts_dir,
            music_dir=prepared.music_dir,
            trunk_contact=callees.contact if callees else "",
            dial_in=secrets,
        )
        if callees is None:
            console.print("No campaign is shown: SIPp is missing (Debian: sip-tester)")
        callers = _callers(console)
        speech = {"TONGDAI_SPEECH": "whisper" if SPEAKER in callers else "none"}
        alone = _alone(settings, database) | systems.environment | speech
        async with Center(asterisk, prepared, state, alone) as center:
            since = time.time()
            async with Phones() as phones:
                people = _Cast(center, site, phones, secrets, prepared, callers)
                stage = Stage(console, len(AGENTS))
                campaign = Campaign(center, stage, callees, database) if callees else None
                agents, called = await _play(people, stage, campaign)
            await _until_written(center)
            found = await findings.read(database, since)
        verdict = await findings.judge(found, called, agents, systems, folder)
        outreach = await judge(found.attempts, campaign, agents) if campaign else None
    findings.show(found, verdict, outreach, called, console)
    return 1 if verdict.wrong or (outreach and outreach.wrong) else 0


def _callers(console: Console) -> Sequence[CallerPlan]:
    """Who calls: with a recogniser, also somebody who speaks."""
    if not_installed("whisper") or brought_along("whisper") is None:
        console.print("Voice commands are not shown: pip install 'tongdai[speech]'", markup=False)
        return CALLERS
    return EVERYBODY


def _alone(settings: Settings, database: str) -> dict[str, str]:
    """The user's own center is not touched: of his settings only what says how to serve counts."""
    site = settings.site_paths
    return {
        "TONGDAI_CONFIG": "",
        "TONGDAI_DATABASE_URL": database,
        "TONGDAI_AMI_HOST": "",
        "TONGDAI_API_HOST": "",
        "TONGDAI_API_TOKEN": "",
        "TONGDAI_APP": "",
        "TONGDAI_AGENTS_FILE": str(site.agents_file.absolute()),
        "TONGDAI_CAMPAIGNS_FILE": str(CAMPAIGNS_FILE),
        "TONGDAI_QUEUES_FILE": str(site.queues_file.absolute()),
        "TONGDAI_ROUTES_DIR": str(site.routes_dir.absolute()),
        "TONGDAI_FLOWS_DIR": str(site.flows_dir.absolute()),
        "TONGDAI_REGION": settings.region,
        "TONGDAI_LANGUAGES": ",".join(settings.languages),
    }


@dataclass(frozen=True, slots=True)
class _Cast:
    """What everybody needs who plays: where to call, with which passwords, and what he knows."""

    center: Center
    site: Site
    phones: Phones
    secrets: Mapping[str, str]
    prepared: setup.Prepared
    plans: Sequence[CallerPlan]

    @property
    def where(self) -> tuple[str, int]:
        addresses = self.center.asterisk.addresses
        return addresses.sip_host, addresses.sip_port

    async def agents(self, stage: Stage) -> list[Agent]:
        codes = self.site.features.codes.items()
        code = next(code for code, action in codes if action is Action.LOGIN)
        return [await self._agent(plan, stage, code) for plan in (*AGENTS, OUTREACH)]

    async def _agent(self, plan: AgentPlan, stage: Stage, code: str) -> Agent:
        settings = self.site.agents[plan.name]
        secret = settings.secret or self.center.sip_password(settings.extension)
        phone = await self.phones.register(settings.extension, secret, *self.where)
        return Agent(plan, phone, stage, code)

    async def callers(self, stage: Stage) -> list[Caller]:
        words = await asyncio.to_thread(self._words)
        found = []
        for plan in self.plans:
            phone = await self.phones.caller(plan.number, self.secrets[plan.number], *self.where)
            found.append(Caller(plan, phone, stage, self.prepared.prompts_dir, words))
        return found

    def _words(self) -> dict[str, bytes]:
        """The sound of all that is said, in the voice that speaks the prompts."""
        programs = self.prepared.installation
        said = {p.words: plan.language for plan in self.plans for p in plan.presses if p.words}
        found = {}
        for text, language in said.items():
            content = making.spoken(text, language, Espeak(programs), programs)
            with wave.open(io.BytesIO(content)) as sound:
                found[text] = sound.readframes(sound.getnframes()) + _SILENCE
        return found


async def _play(
    people: _Cast, stage: Stage, campaign: Campaign | None
) -> tuple[list[Agent], list[Caller]]:
    """Everybody comes, calls, talks and goes."""
    agents, callers = await people.agents(stage), await people.callers(stage)
    present = [each for each in agents if each.plan is not OUTREACH]
    for each in present:
        await each.log_in(people.center)
    await _serve(callers, present)
    if campaign is not None:
        present = agents
        await agents[-1].log_in(people.center)
        await campaign.run([each for each in agents if each.plan.name in CAMPAIGNERS])
    for each in present:
        await each.go_home(people.center)
    return agents, callers


async def _serve(callers: Sequence[Caller], agents: Sequence[Agent]) -> None:
    """Until the last caller has hung up, and all phones have noticed."""
    async with asyncio.TaskGroup() as people:
        working = [people.create_task(agent.work()) for agent in agents]
        async with asyncio.TaskGroup() as calling:
            for caller in callers:
                calling.create_task(caller.live())
        for agent in agents:
            await agent.until_free()
        for work in working:
            work.cancel()


async def _until_written(center: Center) -> None:
    """Wait until every record is in SQL; what is not there then is lost."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_WRITTEN_SECONDS):
            while True:
                health = await center.get("/health")
                if not health["calls"] and not health["records_waiting"]:
                    return
                await asyncio.sleep(_POLL_SECONDS)
