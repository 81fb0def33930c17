"""The ``tongdai`` command."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from engine import telemetry
from engine.asterisk.accounts import installation_secret
from engine.cli import (
    calendar,
    campaigns,
    consent,
    do_not_call,
    floor,
    flow,
    leads,
    logs,
    recordings,
    reports,
    show,
    talks,
)
from engine.cli.accounts import accounts_table
from engine.cli.audit import audit as audit_log
from engine.cli.calendars import calendars as calendars_now
from engine.cli.calendars import calendars_at
from engine.cli.calendars import show as show_calendars
from engine.cli.callbacks import callbacks as waiting_callbacks
from engine.cli.campaign_scenario_file import is_of_campaign
from engine.cli.conferences import conferences as open_conferences
from engine.cli.prepare import list_prompts, prepare, speak
from engine.cli.replay import CannotReplay, changes_in
from engine.cli.replay import replay as replay_day
from engine.cli.report_parts import From, bounds
from engine.cli.run import CannotRun
from engine.cli.run import run as run_center
from engine.cli.scenario_file import load_scenario
from engine.cli.serve import serve as serve_alone
from engine.cli.simulate import BadStaffing, simulate_days
from engine.cli.simulate_campaign import drawn_from, simulate_campaign
from engine.cli.terminal import (
    AsJson,
    Config,
    accept,
    answer,
    configured,
    console,
    errors,
    fail,
    print_problems,
    read_settings,
)
from engine.cli.voicemails import voicemails as kept_messages
from engine.cli.why import why as explain
from engine.config.check import check as check_all
from engine.config.problems import has_errors
from engine.settings import load as load_settings

_BEGIN = "To begin with"
_NOW = "Who talks, who waits"
_PAST = "What happened, and why"
_FLOWS = "Flows and hours"
_CAMPAIGNS = "Campaigns"
_TRY = "Other days, other settings"

app = typer.Typer(
    help="An open call-center engine that drives a real Asterisk.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(calendar.app, name="calendar", rich_help_panel=_FLOWS)
app.add_typer(campaigns.app, name="campaign", rich_help_panel=_CAMPAIGNS)
app.add_typer(leads.app, name="leads", rich_help_panel=_CAMPAIGNS)
app.add_typer(do_not_call.app, name="dnc", rich_help_panel=_CAMPAIGNS)
app.add_typer(consent.app, name="consent", rich_help_panel=_CAMPAIGNS)
app.add_typer(flow.app, name="flow", rich_help_panel=_FLOWS)
app.add_typer(reports.app, name="report", rich_help_panel=_PAST)
app.add_typer(talks.app, name="talk", rich_help_panel=_NOW)
app.add_typer(recordings.app, name="recordings", rich_help_panel=_PAST)


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


@app.command(rich_help_panel=_BEGIN)
def check(config: Config = None, as_json: AsJson = False) -> None:
    """Check settings, flows, routes, agents, prompts and Asterisk before a start."""
    settings, problems = load_settings(config)
    if settings is not None:
        problems = [*problems, *asyncio.run(check_all(settings))]
    if as_json:
        print(json.dumps([problem.as_json() for problem in problems], ensure_ascii=False))
    else:
        print_problems(problems)
    if has_errors(problems):
        raise typer.Exit(1)
    if not as_json:
        accept(problems)


@app.command(rich_help_panel=_BEGIN)
def setup(
    config: Config = None,
    only_list: Annotated[
        bool, typer.Option("--list", help="Only list the prompts: recorded, spoken, or missing.")
    ] = False,
) -> None:
    """Make what is missing: prompts, and without `ari_url` a private Asterisk and music."""
    settings, site = configured(config)
    if only_list:
        list_prompts(settings, site, console)
    else:
        (speak if settings.ari_url else prepare)(settings, site, console)
        console.print("[green]ok[/]: nothing is missing")


@app.command(rich_help_panel=_BEGIN)
def run(config: Config = None) -> None:
    """Serve until Ctrl-C on a private Asterisk, and say what to dial."""
    settings, site = configured(config)
    prepared = prepare(settings, site, console)
    try:
        asyncio.run(run_center(settings, site, prepared, console))
    except CannotRun as error:
        fail(str(error))


@app.command(rich_help_panel=_BEGIN)
def serve(config: Config = None) -> None:
    """Run the engine alone, against the Asterisk that the settings name (production)."""
    settings, site = configured(config)
    if settings.ari_url is None:
        fail("set TONGDAI_ARI_URL and TONGDAI_ARI_PASSWORD, or use `tongdai run`")
    log_file = settings.log_file or settings.state_dir / "engine.log"
    os.umask(0o027)  # the database and the log hold callers' numbers: not for everybody here
    try:
        telemetry.configure(settings.log_format, settings.log_level, log_file)
    except OSError as error:
        fail(f"the log cannot be written ({error}): set TONGDAI_STATE_DIR or TONGDAI_LOG_FILE")
    gc.freeze()  # what is loaded stays: no collection looks through it again, nor does the end
    raise typer.Exit(asyncio.run(serve_alone(settings, site)))


@app.command(rich_help_panel=_BEGIN)
def demo(
    keep: Annotated[Path | None, typer.Option(help="Keep database and recordings here.")] = None,
) -> None:
    """Real phones call a real center; prints what happened, from the records."""
    settings, site = configured(None)
    try:
        from engine.demo.show import run_demo
    except ImportError as error:
        fail(f"the demo's softphones are not installed ({error}): pip install 'tongdai[demo]'")
    raise typer.Exit(asyncio.run(run_demo(settings, site, console, keep)))


@app.command(rich_help_panel=_PAST)
def tail(
    config: Config = None,
    call: Annotated[str | None, typer.Option(help="Only this call.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for more.")] = False,
    lines: Annotated[int, typer.Option("-n", min=0, help="How many last lines first.")] = 50,
) -> None:
    """Read the engine's log, one call's or all."""
    settings = read_settings(config)
    file = settings.log_file or settings.state_dir / "engine.log"
    try:
        logs.tail(file, call, follow, lines, console)
    except OSError as error:
        fail(f"no log at {file} ({error.strerror}): has the engine run with this state_dir?")
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


@app.command(rich_help_panel=_PAST)
def trace(
    call: Annotated[str, typer.Argument(help="The call's id, or `last`.")],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Draw one call as a ladder: SIP, ARI, IVR, ACD and agent in one picture."""
    if not answer(show.trace(read_settings(config), call, as_json, console)):
        if call == "last":
            fail("no calls yet")
        fail(
            f"there is no record of call {call}: `tongdai calls` lists them. One that goes on has "
            f"`tongdai why {call}` and `tongdai tail --call {call}`"
        )


@app.command(rich_help_panel=_PAST)
def why(
    call: Annotated[str, typer.Argument(help="The call's id, `last`, or `campaign` and a name.")],
    campaign: Annotated[str | None, typer.Argument(metavar="NAME", show_default=False)] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Say why a call waits, or why it was offered to whom it was; why a campaign dials so many."""
    if call == "campaign" and campaign is not None:
        campaigns.explain(campaign, config, as_json)
        return
    if not answer(explain(read_settings(config), call, as_json, console)):
        fail(
            "no calls yet"
            if call == "last"
            else f"no call or contact {call} waits, lives or has a record"
        )


@app.command(rich_help_panel=_PAST)
def calls(
    config: Config = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    as_json: AsJson = False,
) -> None:
    """List the newest calls."""
    answer(show.calls(read_settings(config), limit, as_json, console))


@app.command(rich_help_panel=_PAST)
def audit(
    who: Annotated[str, typer.Option(help="Only what he did: an agent, a user of the API.")] = "",
    action: Annotated[str, typer.Option(help="Only this: listen, hang_up …")] = "",
    subject: Annotated[str, typer.Option(help="Only what was done to him, or to it.")] = "",
    since: From = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 100,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List who did what: supervisors, users of the API, who listened to recordings."""
    first, _ = bounds(since, None)
    asked = audit_log(read_settings(config), who, action, subject, first, limit, as_json, console)
    answer(asked)


@app.command(rich_help_panel=_NOW)
def agents(config: Config = None, as_json: AsJson = False) -> None:
    """List the agents with their phones, states and work, as the running engine has them."""
    answer(floor.agents(read_settings(config), as_json, console))


@app.command(rich_help_panel=_NOW)
def queues(config: Config = None, as_json: AsJson = False) -> None:
    """Show each queue, now and since midnight, and who waits in it."""
    answer(floor.queues(read_settings(config), as_json, console))


@app.command(rich_help_panel=_FLOWS)
def calendars(
    config: Config = None,
    at: Annotated[
        str | None, typer.Option(help="By the routes, at this time: 2027-02-06 10:00.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show which calendars are open, when they open next, and who switched an emergency on."""
    if at is None:
        answer(calendars_now(read_settings(config), as_json, console))
        return
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        fail(f"`{at}` is no time: write 2027-02-06 10:00")
    _, site = configured(config)
    show_calendars(calendars_at(site.calendars.values(), moment), as_json, console)


@app.command(rich_help_panel=_NOW)
def callbacks(config: Config = None, as_json: AsJson = False) -> None:
    """List the customers who are to be called back."""
    answer(waiting_callbacks(read_settings(config), as_json, console))


@app.command(rich_help_panel=_NOW)
def conferences(config: Config = None, as_json: AsJson = False) -> None:
    """Show who is in which conference room, and who is heard there."""
    answer(open_conferences(read_settings(config), as_json, console))


@app.command(rich_help_panel=_NOW)
def voicemails(
    mailbox: Annotated[str, typer.Option(help="Of this one only: agent:an or queue:sales.")] = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List the messages in the mailboxes, the newest first."""
    answer(kept_messages(read_settings(config), mailbox, as_json, console))


@app.command(rich_help_panel=_BEGIN)
def reload(config: Config = None) -> None:
    """Have the running engine read agents, queues, routes and flows again. No call is disturbed."""
    told = answer(floor.reload(read_settings(config)))
    print_problems(told.problems)
    if not told.in_force:
        fail("refused: the settings of before stay in force")
    console.print(f"[green]ok[/]: in force, with the flows {told.which}")


@app.command(rich_help_panel=_TRY)
def simulate(
    scenario: Annotated[
        Path,
        typer.Argument(help="A YAML file: docs/simulation.md, docs/campaign-simulation.md."),
    ],
    seeds: Annotated[int | None, typer.Option(min=1, max=1000, help="How many days.")] = None,
    agents: Annotated[
        str | None, typer.Option(help="Vary them: 8..14, or of one group: day=8..14.")
    ] = None,
    past: Annotated[
        str | None, typer.Option(help="Callees as this campaign met them, from the ledger.")
    ] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Run days that are drawn by chance through the real distributor or dialer, and show them.

    How many agents does a day need? What would another strategy, priority or overflow change? How
    busy does each way of dialing keep agents, whom does it abandon, when does the list end?
    """
    try:
        if is_of_campaign(scenario):
            days = drawn_from(scenario, seeds, past, config)
            simulate_campaign(days, agents, as_json, console, errors)
            return
        day, problems = load_scenario(scenario)
        print_problems(problems)
        if day is None:
            raise typer.Exit(1)
        if seeds is not None:
            day = day.model_copy(update={"seeds": seeds})
        simulate_days(day, agents, as_json, console, errors)
    except BadStaffing as error:
        fail(str(error))


@app.command(rich_help_panel=_TRY)
def replay(
    journals: Annotated[list[Path], typer.Argument(help="A day's journal, or several in order.")],
    config: Annotated[
        Path, typer.Option(help="A folder with the changed queues.yaml, agents.yaml or both.")
    ],
    as_json: AsJson = False,
) -> None:
    """Run a real day again under other settings: what happened, what would have, who changed hands.

    The engine's journal is `journal.jsonl` in its state_dir, with the older ones beside it.
    """
    changes, problems = changes_in(config)
    print_problems(problems)
    if changes is None:
        raise typer.Exit(1)
    try:
        replay_day(journals, changes, as_json, console)
    except CannotReplay as error:
        fail(str(error))


@app.command(rich_help_panel=_BEGIN)
def accounts(config: Config = None) -> None:
    """List the agents' SIP accounts with their passwords, to set up softphones."""
    settings, site = configured(config)
    console.print(accounts_table(installation_secret(settings.state_dir), site))


if __name__ == "__main__":
    sys.exit(app())
