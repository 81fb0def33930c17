"""The tests of flows: ``<name>.test.yaml`` beside the flow, read with places and run at once.

Whoever puts flows in force asks ``failures_of``; nothing with a test that fails is published.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from engine.config.problems import Problem, listed, suggestion
from engine.config.site import Site
from engine.config.stage import Stage
from engine.config.text_file import BadFile
from engine.config.validation import validated
from engine.config.yaml_file import Document, Loc, read
from engine.ivr.flowset import FlowSet
from engine.ivr.rehearsal.given import KINDS, SINGLE, BadGiven, Given, given
from engine.ivr.rehearsal.places import places
from engine.ivr.rehearsal.script import FlowTest
from engine.ivr.rehearsal.story import play
from engine.ivr.rehearsal.transcript import Line
from engine.ivr.rehearsal.visits import Visits

_FILES = ("*.test.yaml", "*.test.yml")

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)


class _TestFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    flow: str
    tests: Annotated[list[Any], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class WrittenTest:
    """A test of a flow, how the world answers in it, and where it is written."""

    flow: str
    test: FlowTest
    given: Mapping[str, Sequence[Given]]
    document: Document
    path: Loc

    def place(self) -> str:
        """``file:line`` of the test."""
        return f"{self.document.path}:{self.document.position(self.path).line}"


@dataclass(frozen=True, slots=True)
class TestResult:
    """What became of a test: ``failure`` is at the step that came otherwise, None when all is well.

    ``transcript`` is all that happened; ``visits`` the nodes and exits it came through.
    """

    __test__ = False  # no class of pytest's

    written: WrittenTest
    failure: Problem | None
    transcript: Sequence[Line]
    visits: Visits


def failures_of(site: Site, flows_dir: Path) -> list[Problem]:
    """What is wrong with the tests in ``flows_dir`` or comes otherwise; empty when all is well."""
    tests, problems = read_tests(flows_dir, site.flow_set)
    results = run_tests(Stage(site), tests)
    return problems + [result.failure for result in results if result.failure]


def run_tests(stage: Stage, tests: Sequence[WrittenTest]) -> list[TestResult]:
    """Run these tests, each in a world of its own. Milliseconds each; nothing is waited for."""
    return [_run(stage, written) for written in tests]


def read_tests(flows_dir: Path, flows: FlowSet) -> tuple[list[WrittenTest], list[Problem]]:
    """The tests of ``flows``, and what is wrong with their files."""
    found: list[WrittenTest] = []
    problems: list[Problem] = []
    for path in sorted(path for pattern in _FILES for path in flows_dir.glob(pattern)):
        try:
            document = read(path)
        except BadFile as error:
            problems.append(error.problem)
            continue
        tests, wrong = _tests(document, flows)
        found += tests
        problems += wrong
    return found, problems


def _run(stage: Stage, written: WrittenTest) -> TestResult:
    test = written.test
    at = stage.moment(test.at, written.flow, test.call)
    rehearsal = stage.rehearsal(written.flow, test.call, written.given, at)
    failure = play(rehearsal, test.steps)
    problem = None
    if failure:
        steps = "steps" if _is_written(written, "steps") else "expect"
        step = test.steps[failure.step]
        path = (*written.path, steps, failure.step, step.kind)
        message = f"failed: {test.name}: {failure.message}"
        has_value = getattr(step, step.kind) is not None
        problem = written.document.problem(path, "E701", message, key=not has_value)
    return TestResult(written, problem, rehearsal.transcript, rehearsal.visits)


def _is_written(written: WrittenTest, name: str) -> bool:
    return written.document.position((*written.path, name), key=True) != (
        written.document.position(written.path, key=True)
    )


def _tests(document: Document, flows: FlowSet) -> tuple[list[WrittenTest], list[Problem]]:
    file, problems = validated(_TestFile, document)
    if file is None:
        return [], problems
    if file.flow not in flows.flows:
        message = f"there is no flow `{file.flow}`{suggestion(file.flow, flows.flows)}"
        hint = f"known: {listed(flows.flows)}"
        return [], [document.problem(("flow",), "E302", message, hint)]
    known = places(flows, file.flow)
    found = []
    for number in range(len(file.tests)):
        written, wrong = _test(document, file.flow, ("tests", number), known)
        found += [written] if written else []
        problems += wrong
    return found, problems


def _test(
    document: Document, flow: str, path: Loc, known: frozenset[str]
) -> tuple[WrittenTest | None, list[Problem]]:
    test, problems = validated(FlowTest, document, path)
    if test is None:
        return None, problems
    answers: dict[str, Sequence[Given]] = {}
    for place in test.given:
        at = (*path, "given", place)
        problem = _unknown(document, at, place, known)
        if problem is None:
            answers[place], problem = _answers(document, at, place)
        problems += [problem] if problem else []
    return None if problems else WrittenTest(flow, test, answers, document, path), problems


def _unknown(document: Document, at: Loc, place: str, known: frozenset[str]) -> Problem | None:
    """What is wrong with a place that no call of this flow ever comes to."""
    kind, _, name = place.partition(".")
    if kind not in KINDS:
        message = f"`{place}` is no place{suggestion(kind, KINDS)}"
        hint = f"places begin with {listed(KINDS)}"
        return document.problem(at, "E702", message, hint, key=True)
    if kind in SINGLE or kind == "locked":
        return None
    here = {one for one in known if one.startswith(f"{kind}.")}
    if (name == "*" and here) or place in here or f"{kind}.*" in here:
        return None
    message = f"the flow never comes to `{place}`{suggestion(place, here)}"
    hint = f"it comes to {listed(here)}"
    return document.problem(at, "E702", message, hint, key=True)


def _answers(document: Document, at: Loc, place: str) -> tuple[Sequence[Given], Problem | None]:
    try:
        return given(place, typed(document, at)), None
    except BadGiven as error:
        return (), document.problem((*at, *error.at), "E209", str(error))


def typed(document: Document, path: Loc) -> Any:
    """The value at ``path`` as JSON would have it: unquoted numbers, ``true`` and ``false`` are
    no texts."""
    value = document.data
    for part in path:
        value = value[part]
    return _typed(document, path, value)


def _typed(document: Document, path: Loc, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _typed(document, (*path, key), inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_typed(document, (*path, at), inner) for at, inner in enumerate(value)]
    if value is None or document.is_quoted(path):
        return value
    return json.loads(value) if value in ("true", "false") or _NUMBER.fullmatch(value) else value
