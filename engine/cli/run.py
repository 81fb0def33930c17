"""Runs a private Asterisk with an engine beside it, and says what to dial."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from pathlib import Path

from rich.console import Console

from dialplan.features import Action
from engine.asterisk.accounts import derive, installation_secret
from engine.asterisk.port_block import PortsTaken, take
from engine.asterisk.process import AsteriskDied, PrivateAsterisk
from engine.asterisk.templates import TemplateError
from engine.center import Center, EngineDied
from engine.cli.accounts import accounts_table
from engine.config.site import Site
from engine.demo import example_systems
from engine.demo.example_systems import ExampleSystems
from engine.settings import Settings
from engine.setup import Prepared
from engine.store.journal import Journal, JournalBusy
from engine.tables import Table

SIP_PORT = 5060
CALLERS = ("caller1", "caller2")
"""Accounts that a person can dial in with, as a customer, when there is no trunk."""


class CannotRun(Exception):
    """The center did not come up, or fell; the text says why."""


async def run(settings: Settings, site: Site, prepared: Prepared, console: Console) -> None:
    """A center until Ctrl-C or SIGTERM; an engine that dies is started again.

    Raises ``CannotRun``.
    """
    task = asyncio.current_task()
    assert task is not None
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, task.cancel)
    try:
        _claim(settings.state_dir)
        await _serve(settings, site, prepared, console)
    except asyncio.CancelledError:
        console.print("stopped")
    except (
        AsteriskDied, EngineDied, JournalBusy, PortsTaken, TemplateError, OSError,
    ) as error:  # fmt: skip
        raise CannotRun(str(error)) from error


def _claim(state_dir: Path) -> None:
    """Refuse a folder in use before the Asterisk that runs there loses its configuration."""
    Journal.open(state_dir / "journal.jsonl").close()


async def _serve(settings: Settings, site: Site, prepared: Prepared, console: Console) -> None:
    state = settings.state_dir
    key = installation_secret(state)
    with contextlib.ExitStack() as ours:
        asterisk = PrivateAsterisk(
            prepared.installation,
            settings.asterisk_dir,
            prompts_dir=prepared.prompts_dir,
            music_dir=prepared.music_dir,
            dial_in={name: derive(key, name) for name in CALLERS},
            sip_port=_own(SIP_PORT, "SIP", ours, console),
        )
        api_port = _own(settings.api_port, "the API", ours, console)
        async with _systems(settings, console) as further:
            await _run(Center(asterisk, prepared, state, further, api_port), site, key, console)


@contextlib.asynccontextmanager
async def _systems(settings: Settings, console: Console) -> AsyncIterator[dict[str, str]]:
    """What flows ask: the systems of the settings or, where there are none, those of the examples;
    as settings of an engine."""
    if settings.systems:
        yield {}
        return
    async with ExampleSystems(lambda what: console.print(what, markup=False)) as systems:
        console.print(
            f"Flows ask example systems: whoever calls the bank has the PIN {example_systems.PIN}, "
            f"the card {example_systems.GOOD_CARD} pays, order {example_systems.ORDER} is on its "
            "way. Settings: `systems`",
            markup=False,
        )
        yield systems.environment


async def _run(center: Center, site: Site, key: bytes, console: Console) -> None:
    async with center:
        _tell(center, site, key, console)
        try:
            await _keep_up(center, console)
        except asyncio.CancelledError:
            console.print("stopping: calls are hung up, their records written")
            raise


def _own(port: int, what: str, ours: contextlib.ExitStack, console: Console) -> int | None:
    """``port`` while ``ours`` lasts, or None for one that will be free, when another has it."""
    claim = take(port)
    if claim is not None:
        ours.enter_context(claim)
        return port
    console.print(f"port {port} is taken by another program: {what} uses another", style="yellow")
    return None


async def _keep_up(center: Center, console: Console) -> None:
    while True:
        await center.engine_ended()
        console.print("the engine ended; starting it again", style="yellow")
        await center.start_engine()


def _tell(center: Center, site: Site, key: bytes, console: Console) -> None:
    address = center.asterisk.addresses
    console.print(
        f"\nTongdai serves at [bold]{address.sip_host}:{address.sip_port}[/] (SIP, UDP)\n"
    )
    dial = Table("dial", "leads to", "language", title="Numbers")
    for entry in site.routes.entries.values():
        route = entry.route
        dial.add_row(route.name, f"{route.kind} {route.target}", route.language)
    console.print(dial)
    console.print(accounts_table(key, site, CALLERS))
    codes = ", ".join(f"{action} {code}" for code, action in site.features.codes.items())
    console.print(f"Agents dial: {codes}", markup=False)
    console.print(_first_call(site), markup=False)
    console.print(f"API: {center.api_url}/v1/agents · log: {_short(center.engine_log)}")
    console.print("Ctrl-C stops.\n")


def _first_call(site: Site) -> str:
    """What to do with two softphones; nothing where an agent, a code or a number is missing."""
    agents = [agent.extension for agent in site.agents.values()]
    logins = [code for code, action in site.features.codes.items() if action is Action.LOGIN]
    numbers = [entry.route.name for entry in site.routes.entries.values()]
    if not (agents and logins and numbers):
        return ""
    return (
        f"To begin with: register {agents[0]} and dial {logins[0]}, then dial {numbers[0]} from "
        f"{CALLERS[0]}. Afterwards `tongdai trace last` draws the call."
    )


def _short(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
