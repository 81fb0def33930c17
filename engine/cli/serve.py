"""Runs engines: one alone against a given Asterisk, or one beside a private Asterisk."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from rich.console import Console
from rich.table import Table

from engine import setup
from engine.app import Engine
from engine.asterisk.accounts import derive, installation_secret
from engine.asterisk.ari import LoginRefused, Replaced
from engine.asterisk.install import programs
from engine.asterisk.process import AsteriskDied, PrivateAsterisk
from engine.center import Center, EngineDied
from engine.config.site import Site
from engine.settings import Settings
from engine.store.errors import LedgerTooNew, LedgerUrlInvalid
from engine.store.journal import JournalBusy

log = structlog.get_logger("engine")

SIP_PORT = 5060
CALLERS = ("caller1", "caller2")
"""Accounts that a person can dial in with, as a customer, when there is no trunk."""

_FATAL = (
    JournalBusy, LoginRefused, Replaced, LedgerTooNew, LedgerUrlInvalid, OSError,
)  # fmt: skip


async def serve(settings: Settings, site: Site) -> int:
    """One engine until SIGTERM or SIGINT; calls stay up in Asterisk. Returns the exit code."""
    try:
        engine = Engine(settings, site)
    except _FATAL as error:
        log.error("cannot_start", reason=str(error))
        return 1
    task = asyncio.create_task(engine.run())
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        log.info("stopped")
        return 0
    except ExceptionGroup as group:
        fatal, others = group.split(_FATAL)
        for leaf in _leaves(fatal):
            log.error("stopped_by", reason=str(leaf) or type(leaf).__name__)
        if others is not None:
            log.error("engine_failed", exc_info=others)
        return 1
    return 0


def _leaves(group: BaseExceptionGroup[BaseException] | None) -> list[BaseException]:
    if group is None:
        return []
    found: list[BaseException] = []
    for each in group.exceptions:
        found += _leaves(each) if isinstance(each, BaseExceptionGroup) else [each]
    return found


def prepare(settings: Settings, site: Site, console: Console) -> setup.Prepared:
    """What a private center needs, with a plain word when something is missing."""
    with _plain_words(console):
        return setup.prepare(settings, site, lambda what: console.print(what, markup=False))


def speak(settings: Settings, site: Site, console: Console) -> None:
    """The prompts for an Asterisk that is not ours to make."""
    with _plain_words(console):
        setup.speak(settings, site, programs(), lambda what: console.print(what, markup=False))


@contextmanager
def _plain_words(console: Console) -> Iterator[None]:
    try:
        yield
    except setup.SetupError as error:
        console.print(f"set-up: {error}", style="red", markup=False)
        sys.exit(1)


async def run(settings: Settings, site: Site, console: Console) -> int:
    """A private Asterisk and an engine until Ctrl-C; an engine that dies is started again."""
    prepared = prepare(settings, site, console)
    state = settings.state_dir
    key = installation_secret(state)
    asterisk = PrivateAsterisk(
        prepared.installation,
        state / "asterisk",
        prompts_dir=prepared.prompts_dir,
        music_dir=prepared.music_dir,
        dial_in={name: derive(key, name) for name in CALLERS},
        sip_port=SIP_PORT,
    )
    center = Center(asterisk, prepared, state, api_port=settings.api_port)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    try:
        async with center:
            _tell(center, site, key, console)
            await _until(stop, center, console)
            console.print("stopping")
    except (AsteriskDied, EngineDied, OSError) as error:
        console.print(f"[red]tongdai:[/] {error}", markup=True)
        return 1
    return 0


async def _until(stop: asyncio.Event, center: Center, console: Console) -> None:
    asked = asyncio.create_task(stop.wait())
    while not asked.done():
        ended = asyncio.create_task(center.engine_ended())
        await asyncio.wait({asked, ended}, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        if not asked.done():
            console.print("[yellow]the engine ended; starting it again[/]")
            await center.start_engine()


def _tell(center: Center, site: Site, key: bytes, console: Console) -> None:
    address = center.asterisk.addresses
    console.print(
        f"\nTongdai serves at [bold]{address.sip_host}:{address.sip_port}[/] (SIP, UDP)\n"
    )
    dial = Table("dial", "leads to", "language", title="Numbers", title_justify="left")
    for number, entry in site.routes.entries.items():
        route = entry.route
        dial.add_row(number, f"{route.kind} {route.target}", route.language)
    console.print(dial)
    accounts = Table("account", "password", "who", title="Softphones", title_justify="left")
    for name in CALLERS:
        accounts.add_row(name, derive(key, name), "a customer who dials in")
    for agent in site.agents.values():
        who = f"agent {agent.display_name or agent.name}: {', '.join(agent.queues)}"
        accounts.add_row(agent.extension, agent.secret or derive(key, agent.extension), who)
    console.print(accounts)
    codes = ", ".join(f"{action} {code}" for code, action in site.features.codes.items())
    console.print(f"Agents dial: {codes}")
    console.print(f"API: {center.api_url}/v1/agents · log: {_short(center.engine_log)}")
    console.print("Ctrl-C stops.\n")


def _short(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
