"""The ``tongdai`` command."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Coroutine
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console

from engine import telemetry
from engine.asterisk.accounts import installation_secret
from engine.cli import floor, logs, show
from engine.cli.accounts import accounts_table
from engine.cli.prepare import prepare, speak
from engine.cli.run import CannotRun
from engine.cli.run import run as run_center
from engine.cli.scenario_file import load_scenario
from engine.cli.serve import serve as serve_alone
from engine.cli.simulate import BadStaffing, simulate_days
from engine.cli.why import why as explain
from engine.config.check import check as check_all
from engine.config.problems import Problem, has_errors
from engine.config.site import Site
from engine.config.site import load as load_site
from engine.ivr.diagram import mermaid
from engine.ports import LedgerDown
from engine.settings import Settings
from engine.settings import load as load_settings
from engine.store.errors import LedgerTooNew

T = TypeVar("T")
_WIDE = 200  # columns, for a file or a program: no cell of a table is folded

app = typer.Typer(
    help="An open call-center engine that drives a real Asterisk.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
console = Console(highlight=False, soft_wrap=True)
if not console.is_terminal:
    console.width = _WIDE
errors = Console(stderr=True, highlight=False, soft_wrap=True)

Config = Annotated[Path | None, typer.Option(help="A YAML file with settings.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def _version(asked: bool) -> None:
    if asked:
        console.print(f"tongdai {version('tongdai')}")
        raise typer.Exit


@app.callback()
def begin(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which it is.")
    ] = False,
) -> None:
    """Commands speak for themselves: of the log only what went wrong is shown beside them."""
    telemetry.configure(level="warning")


@app.command()
def check(config: Config = None, as_json: AsJson = False) -> None:
    """Check settings, flows, routes, agents, prompts and Asterisk before a start."""
    settings, problems = load_settings(config)
    if settings is not None:
        problems = [*problems, *asyncio.run(check_all(settings))]
    if as_json:
        print(json.dumps([problem.as_json() for problem in problems], ensure_ascii=False))
    else:
        _print(problems)
    if has_errors(problems):
        raise typer.Exit(1)
    if not as_json:
        told = f"warnings: {len(problems)}" if problems else "nothing to complain about"
        console.print(f"[green]ok[/]: {told}")


@app.command()
def setup(config: Config = None) -> None:
    """Make what is missing: prompts, and without `ari_url` a private Asterisk and music."""
    settings, site = _configured(config)
    (speak if settings.ari_url else prepare)(settings, site, console)


@app.command()
def run(config: Config = None) -> None:
    """Serve until Ctrl-C on a private Asterisk, and say what to dial."""
    settings, site = _configured(config)
    prepared = prepare(settings, site, console)
    try:
        asyncio.run(run_center(settings, site, prepared, console))
    except CannotRun as error:
        _fail(str(error))


@app.command()
def serve(config: Config = None) -> None:
    """Run the engine alone, against the Asterisk that the settings name (production)."""
    settings, site = _configured(config)
    if settings.ari_url is None:
        _fail("set TONGDAI_ARI_URL and TONGDAI_ARI_PASSWORD, or use `tongdai run`")
    log_file = settings.log_file or settings.state_dir / "engine.log"
    os.umask(0o027)  # the database and the log hold callers' numbers: not for everybody here
    try:
        telemetry.configure(settings.log_format, settings.log_level, log_file)
    except OSError as error:
        _fail(f"the log cannot be written ({error}): set TONGDAI_STATE_DIR or TONGDAI_LOG_FILE")
    raise typer.Exit(asyncio.run(serve_alone(settings, site)))


@app.command()
def demo(
    keep: Annotated[Path | None, typer.Option(help="Keep database and recordings here.")] = None,
) -> None:
    """Real phones call a real center; prints what happened, from the records."""
    settings, site = _configured(None)
    try:
        from engine.demo.show import run_demo
    except ImportError as error:
        _fail(f"the demo's softphones are not installed ({error}): pip install 'tongdai[demo]'")
    raise typer.Exit(asyncio.run(run_demo(settings, site, console, keep)))


@app.command()
def diagram(
    flow: Annotated[str, typer.Argument(help="The flow's name.")], config: Config = None
) -> None:
    """Print a flow as a mermaid flowchart, for documentation."""
    _, site = _configured(config)
    if flow not in site.flows:
        _fail(f"there is no flow {flow}; there are {', '.join(sorted(site.flows))}")
    print(mermaid(site.flows[flow]))


@app.command()
def tail(
    config: Config = None,
    call: Annotated[str | None, typer.Option(help="Only this call.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for more.")] = False,
    lines: Annotated[int, typer.Option("-n", min=0, help="How many last lines first.")] = 50,
) -> None:
    """Read the engine's log, one call's or all."""
    settings = _settings(config)
    file = settings.log_file or settings.state_dir / "engine.log"
    try:
        logs.tail(file, call, follow, lines, console)
    except OSError as error:
        _fail(f"no log at {file} ({error.strerror}): has the engine run with this state_dir?")
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


@app.command()
def trace(
    call: Annotated[str, typer.Argument(help="The call's id, or `last`.")],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Draw one call as a ladder: SIP, ARI, IVR, ACD and agent in one picture."""
    if not _answer(show.trace(_settings(config), call, as_json, console)):
        _fail(f"there is no record of call {call}: `tongdai calls` lists them")


@app.command()
def why(
    call: Annotated[str, typer.Argument(help="The call's id, or `last`.")],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Say why a call waits, or why it was offered to whom it was."""
    if not _answer(explain(_settings(config), call, as_json, console)):
        _fail(f"no call or contact {call} waits, lives or has a record")


@app.command()
def calls(
    config: Config = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    as_json: AsJson = False,
) -> None:
    """List the newest calls."""
    _answer(show.calls(_settings(config), limit, as_json, console))


@app.command()
def agents(config: Config = None, as_json: AsJson = False) -> None:
    """List the agents with their phones, states and work, as the running engine has them."""
    _answer(floor.agents(_settings(config), as_json, console))


@app.command()
def queues(config: Config = None, as_json: AsJson = False) -> None:
    """Show each queue, now and since midnight, and who waits in it."""
    _answer(floor.queues(_settings(config), as_json, console))


@app.command()
def reload(config: Config = None) -> None:
    """Have the running engine read agents, queues, routes and flows again. No call is disturbed."""
    in_force, problems = _answer(floor.reload(_settings(config)))
    _print(problems)
    if not in_force:
        _fail("refused: the settings of before stay in force")
    console.print("[green]ok[/]: in force")


@app.command()
def simulate(
    scenario: Annotated[Path, typer.Argument(help="A YAML file: docs/simulation.md.")],
    seeds: Annotated[int | None, typer.Option(min=1, max=1000, help="How many days.")] = None,
    agents: Annotated[
        str | None, typer.Option(help="Vary them: 8..14, or of one group: day=8..14.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run days that are drawn by chance through the real distributor, and show what they are like.

    How many agents does a day need? What would another strategy, priority or overflow change?
    """
    day, problems = load_scenario(scenario)
    _print(problems)
    if day is None:
        raise typer.Exit(1)
    if seeds is not None:
        day = day.model_copy(update={"seeds": seeds})
    try:
        simulate_days(day, agents, as_json, console, errors)
    except BadStaffing as error:
        _fail(str(error))


@app.command()
def accounts(config: Config = None) -> None:
    """List the agents' SIP accounts with their passwords, to set up softphones."""
    settings, site = _configured(config)
    console.print(accounts_table(installation_secret(settings.state_dir), site))


def _answer(question: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(question)
    except (floor.NoAnswer, LedgerDown, LedgerTooNew) as error:
        _fail(str(error))


def _settings(config: Path | None) -> Settings:
    settings, problems = load_settings(config)
    _print(problems)
    if settings is None:
        raise typer.Exit(1)
    return settings


def _configured(config: Path | None) -> tuple[Settings, Site]:
    settings = _settings(config)
    site, problems = load_site(settings.site_paths, settings.region)
    if site is None:
        _print(problems)
        raise typer.Exit(1)
    return settings, site


def _print(problems: list[Problem]) -> None:
    for problem in problems:
        style = "red" if problem.level == "error" else "yellow"
        errors.print(problem.render(), style=style, markup=False)


def _fail(text: str) -> NoReturn:
    errors.print(f"tongdai: {text}", style="red", markup=False)
    raise typer.Exit(1)


if __name__ == "__main__":
    sys.exit(app())
