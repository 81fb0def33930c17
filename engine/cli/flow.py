"""``tongdai flow``: what people who write flows do with them, from the check to the publication."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from engine.cli import publish as publishing
from engine.cli.flow_rehearsal import run_flow_tests, show_coverage, simulate
from engine.cli.flow_sides import CURRENT, calls_of_yesterday, side
from engine.cli.terminal import (
    AsJson,
    Config,
    accept,
    answer,
    console,
    fail,
    from_here,
    print_problems,
    read_settings,
)
from engine.config.check_flows import check_systems
from engine.config.drafts import read_flows, settings_files
from engine.config.problems import Problem, has_errors, suggestion
from engine.config.published import Publications, Version
from engine.config.site import load
from engine.ivr.diagram import mermaid
from engine.ivr.difference import differences
from engine.ivr.drawing import svg
from engine.ivr.json_schema import flow_schema
from engine.ivr.schema import Flow
from engine.settings import Settings

app = typer.Typer(help="Check, try, publish and take back flows.", no_args_is_help=True)


@app.command()
def check(
    flows: Annotated[list[str] | None, typer.Argument(help="Only these; none: all.")] = None,
    config: Config = None,
    as_json: AsJson = False,
    github: Annotated[bool, typer.Option(help="Print annotations for GitHub Actions.")] = False,
) -> None:
    """Check the flows that are written, published or not: what is wrong, where, what to do."""
    problems = _problems_of_flows(read_settings(config), flows or [])
    if as_json:
        print(json.dumps([problem.as_json() for problem in problems], ensure_ascii=False))
    elif github:
        print("".join(f"{from_here(problem).annotation()}\n" for problem in problems), end="")
    else:
        print_problems(problems)
    if has_errors(problems):
        raise typer.Exit(1)
    if not as_json and not github:
        accept(problems)


def _problems_of_flows(settings: Settings, names: Collection[str]) -> list[Problem]:
    """Those of the flows' files; and of other files what keeps flows from being judged."""
    files = _files_of(settings.flows_dir, names)
    site, problems = load(settings.site_paths, settings.region)
    asking = (
        [flow for flow in site.flows.values() if not names or flow.name in names] if site else []
    )
    told = [one for one in problems if Path(one.file) in files or _blinds(one, settings.flows_dir)]
    return told + check_systems(asking, settings.systems)


def _files_of(flows_dir: Path, names: Collection[str]) -> set[Path]:
    """The files of these flows, and all of the folder without a name."""
    draft = read_flows(flows_dir)
    files = settings_files(flows_dir) if flows_dir.is_dir() else []
    written = {path.stem: path for path in [flows_dir, *files]}
    written |= {name: flow.document.path for name, flow in draft.flows.items()}
    if unknown := next((name for name in names if name not in written), None):
        fail(f"there is no flow {unknown}{suggestion(unknown, written)}")
    return {written[name] for name in names or written}


def _blinds(problem: Problem, flows_dir: Path) -> bool:
    """Whether a file of the site cannot be read: then nothing is judged across files."""
    return problem.code.startswith("E1") and flows_dir not in Path(problem.file).parents


app.command()(simulate)
app.command("test")(run_flow_tests)
app.command("coverage")(show_coverage)


@app.command()
def diff(
    before: Annotated[str | None, typer.Argument(help="A version; none: the one in force.")] = None,
    after: Annotated[
        str | None, typer.Argument(help="Another version; none: what is written.")
    ] = None,
    config: Config = None,
) -> None:
    """Say in words what callers will notice between two versions of the flows."""
    settings = read_settings(config)
    sentences = differences(*(side(settings, name) for name in (before or CURRENT, after)))
    for sentence in sentences or ["Callers notice no difference."]:
        console.print(sentence, markup=False)


@app.command()
def schema(
    out: Annotated[Path | None, typer.Option(help="Write it here instead of printing it.")] = None,
) -> None:
    """Print the JSON Schema of a flow, with which editors complete and underline."""
    text = json.dumps(flow_schema(), indent=1, ensure_ascii=False) + "\n"
    if out is None:
        print(text, end="")
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"not written: {error}")


class Format(StrEnum):
    """As what a flow is drawn."""

    MERMAID = "mermaid"
    SVG = "svg"


@app.command()
def graph(
    flow: Annotated[str, typer.Argument(help="The flow's name.")],
    config: Config = None,
    format_: Annotated[Format, typer.Option("--format", help="Text or picture.")] = Format.MERMAID,
    counts: Annotated[
        bool, typer.Option("--counts", help="With yesterday's calls, as it is in force.")
    ] = False,
) -> None:
    """Draw a flow as it is written: every node, every way out."""
    settings = read_settings(config)
    paths = settings.paths_in_force if counts else settings.site_paths
    shown = _flow_in(paths.flows_dir, flow)
    calls = answer(calls_of_yesterday(settings, flow)) if counts else None
    draw = svg if format_ is Format.SVG else mermaid
    print(draw(shown, calls), end="")


def _flow_in(flows_dir: Path, name: str) -> Flow:
    draft = read_flows(flows_dir)
    if name in draft.flows:
        return draft.flows[name].value
    print_problems(draft.problems)
    fail(f"there is no flow {name}{suggestion(name, draft.flows)}")


@app.command()
def publish(
    note: Annotated[str, typer.Option("--message", "-m", help="What is new, for the list.")] = "",
    by: Annotated[str, typer.Option(help="Who publishes, if not this user.")] = "",
    config: Config = None,
) -> None:
    """Put the flows that are written in force, if they pass their check and their tests.

    Calls that are in a flow stay in the version they began with.
    """
    publishing.publish(read_settings(config), by, note, console)


@app.command()
def rollback(
    version: Annotated[
        str | None, typer.Argument(help="A number or a hash; none: the version before.")
    ] = None,
    config: Config = None,
) -> None:
    """Put an earlier version of the flows in force again, as it was published."""
    publishing.roll_back(read_settings(config), version, console)


@app.command()
def unpublish(config: Config = None) -> None:
    """Put the working files in force again, if they pass their check and their tests.

    `tongdai reload` takes them from then on. Published versions stay there for `rollback`.
    """
    publishing.unpublish(read_settings(config), console)


@app.command()
def versions(config: Config = None, as_json: AsJson = False) -> None:
    """List the published versions: when, by whom, why, and how many calls are in each."""
    settings = read_settings(config)
    publications = Publications(settings.state_dir)
    kept, current = publications.versions(), publications.current()
    calls = publishing.calls_by_version(settings)
    if as_json:
        print(json.dumps([_as_json(one, current, calls) for one in kept], ensure_ascii=False))
    elif not kept:
        console.print("nothing is published: callers hear the working files")
    else:
        console.print(publishing.versions_table(kept, current, calls))


def _as_json(
    one: Version, current: Version | None, calls: Mapping[str, int] | None
) -> dict[str, object]:
    told = one.model_dump(mode="json")
    live = None if calls is None else calls.get(one.version, 0)
    return {**told, "in_force": one == current, "calls": live}
