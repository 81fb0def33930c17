"""The flows that come with the product, rehearsed: their own tests, through the pure core."""

from __future__ import annotations

from functools import cache

import pytest

from engine import paths
from engine.config.drafts import SitePaths
from engine.config.flow_tests import TestResult, WrittenTest, read_tests, run_tests
from engine.config.site import load
from engine.config.stage import Stage
from engine.ivr.rehearsal.coverage import coverage
from engine.ivr.rehearsal.visits import Visits

SITE, PROBLEMS = load(
    SitePaths(
        paths.CENTER / "agents.yaml",
        paths.CENTER / "queues.yaml",
        paths.ROUTES,
        paths.FLOWS,
        campaigns_file=paths.CAMPAIGNS,
    )
)
assert SITE is not None, PROBLEMS
TESTS, WRONG = read_tests(paths.FLOWS, SITE.flow_set)


@cache
def results() -> dict[str, TestResult]:
    """What became of each test, by its place."""
    return {result.written.place(): result for result in run_tests(Stage(SITE), TESTS)}


def name_of(written: WrittenTest) -> str:
    return f"{written.flow}: {written.test.name}"


@pytest.mark.parametrize("written", TESTS, ids=name_of)
def test_a_caller_of_an_example_hears_what_its_test_says(written: WrittenTest) -> None:
    failure = results()[written.place()].failure
    assert failure is None, failure.render()


def test_nothing_is_to_be_said_against_the_examples_and_their_tests() -> None:
    assert [problem.render() for problem in (*PROBLEMS, *WRONG)] == []


@pytest.mark.parametrize("flow", sorted(SITE.flows))
def test_each_node_exit_and_language_of_an_example_is_come_through(flow: str) -> None:
    visits = Visits()
    for result in results().values():
        visits.add(result.visits)
    assert coverage(SITE.flows[flow], visits).missed() == []


def test_each_example_has_its_tests_beside_it() -> None:
    files = {file.name.removesuffix(".test.yaml") for file in paths.FLOWS.glob("*.test.yaml")}
    assert files == set(SITE.flows)
