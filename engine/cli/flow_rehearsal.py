"""``tongdai flow simulate``, ``test`` and ``coverage``: flows without a phone."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.cli.flow_session import Session
from engine.cli.flow_simulate import converse, keep_audio
from engine.cli.terminal import AsJson, Config, console, fail, print_problems, read_settings
from engine.config.drafts import read_flows
from engine.config.flow_tests import TestResult, WrittenTest, read_tests, run_tests
from engine.config.problems import Problem, suggestion
from engine.config.site import load
from engine.config.stage import Stage
from engine.config.yaml_file import Document
from engine.ivr.rehearsal.coverage import Coverage, Part, coverage, percent
from engine.ivr.rehearsal.rehearsal import Endless
from engine.ivr.rehearsal.script import Call
from engine.ivr.rehearsal.transcript import rendered
from engine.ivr.rehearsal.visits import Visits
from engine.settings import Settings
from engine.tables import Table

Flows = Annotated[list[str] | None, typer.Argument(help="Only these flows; none: all.")]

# -- simulate -----------------------------------------------------------------------------------


def simulate(
    flow: Annotated[str, typer.Argument(help="The flow's name.")],
    at: Annotated[
        str | None, typer.Option(help="When: 2027-02-06 10:00, where the site is; absent: now.")
    ] = None,
    from_: Annotated[str, typer.Option("--from", help="Who calls.")] = Call().from_,
    to: Annotated[str, typer.Option(help="The number that is called; absent: the flow's.")] = "",
    language: Annotated[str, typer.Option(help="The caller's; absent: the number's.")] = "",
    play: Annotated[bool, typer.Option("--play", help="Make it heard, and keep a WAV.")] = False,
    config: Config = None,
) -> None:
    """Call a flow from the keyboard: what the caller would hear, in no time. `!help` helps."""
    settings, stage = _stage(config)
    _known(stage, [flow])
    try:
        call = Call.model_validate({"from": from_, "to": to, "language": language})
        began = time.time() if at is None else stage.moment(at, flow, call)
    except ValueError:
        fail("write --at as 2027-02-06 10:00 and --language as vi or en-GB")
    try:
        session = Session(stage, flow, call, began)
        converse(session, settings, play)
    except Endless as error:
        fail(str(error))
    if play:
        keep_audio(session, settings)


# -- test ---------------------------------------------------------------------------------------


def run_flow_tests(
    flows: Flows = None,
    config: Config = None,
    as_json: AsJson = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show every call.")] = False,
) -> None:
    """Run the tests beside the flows; of what fails, say where and show what happened."""
    _, results, problems = _run(config, flows or [])
    failed = [result for result in results if result.failure]
    if as_json:
        print(json.dumps(_results(results, problems), ensure_ascii=False))
    else:
        print_problems(problems)
        for result in results:
            _show_result(result, verbose)
        if not results:
            console.print("there are no tests: write NAME.test.yaml beside a flow")
        style, passed = ("red" if failed else "green"), len(results) - len(failed)
        console.print(f"[{style}]{passed} of {len(results)} tests passed[/]")
    if failed or problems:
        raise typer.Exit(1)


def _show_result(result: TestResult, verbose: bool) -> None:
    if result.failure:
        console.print(_told(result.failure), style="red", markup=False)
    elif verbose:
        console.print(f"passed: {result.written.test.name}", style="green", markup=False)
    if result.failure or verbose:
        for line in result.transcript:
            console.print(f"    {rendered(line)}", markup=False)


def _told(failure: Problem) -> str:
    return f"{failure.file}:{failure.line}:{failure.column}: {failure.message}"


def _results(results: Sequence[TestResult], problems: Sequence[Problem]) -> dict[str, Any]:
    return {
        "problems": [problem.as_json() for problem in problems],
        "tests": [
            {
                "flow": result.written.flow,
                "name": result.written.test.name,
                "place": result.written.place(),
                "passed": result.failure is None,
                "failure": result.failure.as_json() if result.failure else None,
                "transcript": [rendered(line).strip() for line in result.transcript],
            }
            for result in results
        ],
    }


# -- coverage -----------------------------------------------------------------------------------


def show_coverage(
    flows: Flows = None,
    config: Config = None,
    as_json: AsJson = False,
    fail_under: Annotated[
        float, typer.Option(min=0, max=100, help="Fail below this percentage of exits.")
    ] = 0,
) -> None:
    """Run the tests and say which nodes, exits and languages none of them comes through."""
    stage, results, problems = _run(config, flows or [])
    visits = Visits()
    for result in results:
        visits.add(result.visits)
    chosen = flows or sorted(stage.site.flow_set.flows)
    found = [coverage(stage.site.flow_set.flows[name], visits) for name in chosen]
    documents = _documents(config)
    if as_json:
        print(json.dumps([_coverage(one, documents[one.flow]) for one in found]))
    else:
        print_problems(problems)
        _show_missed(found, documents)
        console.print(_coverage_table(found))
    if problems or any(percent(one.of("exit")) < fail_under for one in found):
        raise typer.Exit(1)


def _coverage_table(found: Sequence[Coverage]) -> Table:
    table = Table("flow", "nodes", "exits", "languages", box=None)
    for one in found:
        shares = (one.of(kind) for kind in ("node", "exit", "language"))
        table.add_row(one.flow, *(_share(parts) for parts in shares))
    return table


def _share(parts: list[Part]) -> str:
    return f"{sum(part.covered for part in parts)}/{len(parts)} ({percent(parts):.0f} %)"


def _show_missed(found: Sequence[Coverage], documents: dict[str, Document]) -> None:
    for one in found:
        for part in one.missed():
            place = _place(documents[one.flow], part)
            console.print(f"{place}: no test: {part.kind} {part.name}", markup=False)


def _coverage(one: Coverage, document: Document) -> dict[str, Any]:
    kinds = {kind: round(percent(one.of(kind)), 1) for kind in ("node", "exit", "language")}
    missed = [
        {"kind": part.kind, "name": part.name, "place": _place(document, part)}
        for part in one.missed()
    ]
    return {"flow": one.flow, "percent": kinds, "missed": missed}


def _place(document: Document, part: Part) -> str:
    data: Any = document.data
    path: list[str | int] = []
    for step in part.path:
        key: Any = int(step) if isinstance(data, list) else step
        path.append(key)
        data = data[key] if isinstance(data, list) or (data and key in data) else None
    return f"{document.path}:{document.position(tuple(path), key=True).line}"


def _documents(config: Path | None) -> dict[str, Document]:
    draft = read_flows(read_settings(config).flows_dir)
    return {name: written.document for name, written in draft.flows.items()}


# -- what they share ----------------------------------------------------------------------------


def _run(
    config: Path | None, flows: Collection[str]
) -> tuple[Stage, list[TestResult], list[Problem]]:
    """All tests of these flows, run; and what is wrong with the files of tests."""
    settings, stage = _stage(config)
    _known(stage, flows)
    tests, problems = read_tests(settings.flows_dir, stage.site.flow_set)
    chosen: list[WrittenTest] = [one for one in tests if not flows or one.flow in flows]
    return stage, run_tests(stage, chosen), problems


def _stage(config: Path | None) -> tuple[Settings, Stage]:
    """The site as it is written, published or not; or the end of the command."""
    settings = read_settings(config)
    site, problems = load(settings.site_paths, settings.region)
    if site is None:
        print_problems(problems)
        raise typer.Exit(1)
    return settings, Stage(site, settings.prompts_dir)


def _known(stage: Stage, flows: Collection[str]) -> None:
    known = stage.site.flow_set.flows
    if unknown := next((name for name in flows if name not in known), None):
        fail(f"there is no flow {unknown}{suggestion(unknown, known)}; {', '.join(sorted(known))}")
