"""The test files beside flows, read and run: every failure with its place in the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from written_site import FLOW, QUEUES, ROUTES, told, write_site

from engine.config.flow_tests import TestResult, failures_of, read_tests, run_tests
from engine.config.problems import Problem
from engine.config.site import Site, load
from engine.config.stage import Stage
from engine.ivr.rehearsal.coverage import coverage, percent
from engine.ivr.rehearsal.visits import Visits

GOOD = """\
flow: main
tests:
  - name: A caller in office hours comes to the queue
    at: 2026-01-07T10:00+07:00
    steps:
      - goes_to: queue.support
      - ends: answered
  - name: A caller at night is told good-bye
    at: 2026-01-07 22:00
    call: {to: "19001000"}
    steps:
      - hear: bye
      - ends: out_of_hours
"""


def site_with(folder: Path, tests: str, **more: str) -> tuple[Site, Path]:
    paths = write_site(folder, **more)
    (paths.flows_dir / "main.test.yaml").write_text(tests, encoding="utf-8")
    site, problems = load(paths)
    assert site, told(problems)
    return site, paths.flows_dir


def problems_of(folder: Path, tests: str) -> list[Problem]:
    return failures_of(*site_with(folder, tests))


def results_of(folder: Path, tests: str) -> list[TestResult]:
    site, flows_dir = site_with(folder, tests)
    written, problems = read_tests(flows_dir, site.flow_set)
    assert not problems
    return run_tests(Stage(site), written)


def one(steps: str, more: str = "") -> str:
    """A test file with a single test, whose steps begin in line 5, or later with ``more``."""
    return f"flow: main\ntests:\n  - name: One\n{more}    steps:\n{steps}"


def test_calendars_are_asked_for_the_moment_of_the_test(tmp_path: Path) -> None:
    assert problems_of(tmp_path, GOOD) == []


def test_a_test_without_a_moment_is_on_a_wednesday_morning(tmp_path: Path) -> None:
    assert problems_of(tmp_path, one("      - goes_to: queue.support\n")) == []


def test_a_number_that_does_not_lead_to_the_flow_has_no_calendar(tmp_path: Path) -> None:
    night = '    at: 2026-01-07 22:00\n    call: {to: "5550"}\n'
    assert problems_of(tmp_path, one("      - goes_to: queue.support\n", night)) == []


def test_a_failure_is_told_at_its_step(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, GOOD.replace("hear: bye", "hear: welcome"))
    assert told([problem]) == ["main.test.yaml:12:15 E701"]
    assert problem.message == (
        "failed: A caller at night is told good-bye: expected to hear `welcome`, but heard "
        "bye “Good-bye.”; the flow hung up (out_of_hours)"
    )


def test_a_step_without_a_value_is_told_at_its_place_too(tmp_path: Path) -> None:
    tests = one("      - ends:\n      - hangup:\n", '    call: {to: "19001000"}\n')
    assert told(problems_of(tmp_path, tests)) == ["main.test.yaml:7:9 E701"]


def test_steps_that_are_called_expect_have_their_places_too(tmp_path: Path) -> None:
    tests = one("      - hear: welcome\n").replace("steps:", "expect:")
    assert told(problems_of(tmp_path, tests)) == ["main.test.yaml:5:15 E701"]


def test_each_test_has_a_world_of_its_own(tmp_path: Path) -> None:
    full = GOOD.replace("    steps:", "    given: {queue.support: full}\n    steps:", 1)
    results = results_of(tmp_path, full.replace("ends: answered", "ends: overflowed", 1))
    assert [result.failure for result in results] == [None, None]


@pytest.mark.parametrize(
    ("tests", "place", "piece"),
    [
        ("flow: mian\ntests:\n  - name: A\n", "1:7 E302", "did you mean `main`?"),
        ("flow: main\n", "1:1 E202", "`tests` is missing"),
        (one("      - hears: bye\n"), "5:9 E201", "did you mean `hear`?"),
        (one("      - press: one\n"), "5:16 E209", "`one` are no keys"),
        (one("      - press: '1'\n        hear: bye\n"), "5:9 E209", "a step is one of"),
        (one("      - wait: soon\n"), "5:15 E209", "no length of time"),
        (one("      - hear: bye\n", "    at: noon\n"), "4:9 E209", "`noon` is no moment"),
        (
            one("      - hear: bye\n", "    given:\n      queue.suport: full\n"),
            "5:7 E702",
            "the flow never comes to `queue.suport`; did you mean `queue.support`?",
        ),
        (
            one("      - hear: bye\n", "    given:\n      http.crm: 503\n"),
            "5:7 E702",
            "never comes to `http.crm`",
        ),
        (
            one("      - hear: bye\n", "    given:\n      que.support: full\n"),
            "5:7 E702",
            "did you mean `queue`?",
        ),
        (
            one("      - hear: bye\n", "    given:\n      queue.support: {outcome: busy}\n"),
            "5:32 E209",
            "`busy` is none of",
        ),
    ],
)
def test_a_file_of_tests_that_is_wrong_is_told_where(
    tmp_path: Path, tests: str, place: str, piece: str
) -> None:
    (problem,) = problems_of(tmp_path, tests)
    assert told([problem]) == [f"main.test.yaml:{place}"]
    assert piece in problem.message


def test_a_file_that_is_no_yaml_is_told_once(tmp_path: Path) -> None:
    assert len(problems_of(tmp_path, "flow: [main\n")) == 1


def test_what_looks_like_a_number_in_json_is_one_unless_it_is_quoted(tmp_path: Path) -> None:
    node = (
        "  ask: {type: http, url: 'https://crm.example/', ok: line, error: bye,\n"
        "        save: {id: $.id, orders: $.orders, vip: $.vip}}\n"
    )
    flow = _flow_starting_at("ask", node)
    tests = one(
        "      - variable: {id: '007', orders: '3', vip: 'true'}\n",
        '    given:\n      http.ask: {json: {id: "007", orders: 3, vip: true}}\n',
    )
    site, flows_dir = site_with(tmp_path, tests, flow=flow)
    assert failures_of(site, flows_dir) == []
    (written,), _ = read_tests(flows_dir, site.flow_set)
    (answer,) = written.given["http.ask"]
    assert getattr(answer, "body", None) == {"id": "007", "orders": 3, "vip": True}


def test_the_nodes_and_exits_that_no_test_comes_through_are_known(tmp_path: Path) -> None:
    results = results_of(tmp_path, GOOD)
    visits = Visits()
    for result in results:
        visits.add(result.visits)
    site, _ = site_with(tmp_path, GOOD)
    found = coverage(site.flow_set.flows["main"], visits)
    assert percent(found.of("node")) == 100
    assert [part.name for part in found.missed()] == ["line.timeout", "line.full", "line.no_agents"]


def _flow_starting_at(name: str, nodes: str) -> str:
    return FLOW.replace("start: hours", f"start: {name}").replace("nodes:\n", f"nodes:\n{nodes}")


OUTWARD = ROUTES + 'outbound: {caller_id: "19001000", trunk: trunk, numbers: {"+84.": {}}}\n'
TOKYO = """\
numbers:
  "19001000": {flow: main, language: en, calendar: office}
  "19001003": {queue: support}
  "19008100": {flow: main, language: en, calendar: tokyo}
calendars:
  office: {timezone: Asia/Ho_Chi_Minh, open: {mon-fri: 08:00-17:00}}
  tokyo: {timezone: Asia/Tokyo, open: {mon-fri: 08:00-17:00}}
"""
BY_THE_CLOCK = """\
flow: main
start: hours
prompts: {bye: {en: Good-bye.}}
nodes:
  hours: {type: hours, calendar: route, open: tell, closed: bye}
  tell: {type: tag, values: {hour: call.hour}, next: keep}
  keep: {type: set, variables: {hour: call.hour}, next: bye}
  bye: {type: hangup, prompts: bye}
"""


def test_a_test_goes_by_the_clock_of_the_dialed_number_as_its_calls_do(tmp_path: Path) -> None:
    tests = """\
flow: main
tests:
  - name: Half past four in Tokyo
    at: 2026-01-07 16:30
    call: {to: "19008100"}
    steps:
      - hear: bye
      - variable: {hour: "16"}
  - name: The same moment in Hanoi is before hours
    at: 2026-01-07T08:30+09:00
    call: {to: "19001000"}
    steps: [{ends: out_of_hours}]
"""
    site, flows_dir = site_with(tmp_path, tests, routes=TOKYO, flow=BY_THE_CLOCK)
    assert failures_of(site, flows_dir) == []


def test_a_key_of_the_queue_leads_the_caller_out_of_it(tmp_path: Path) -> None:
    tests = """\
flow: main
tests:
  - name: He asks for a callback after ten seconds
    at: 2026-01-07 10:00
    given: {queue.support: {outcome: timeout, after: 60s}}
    steps:
      - goes_to: queue.support
      - wait: 10s
      - press: {keys: "1", early: true}
      - ends: callback
  - name: Another key means nothing there
    at: 2026-01-07 10:00
    given: {queue.support: {outcome: timeout, after: 60s}}
    steps:
      - goes_to: queue.support
      - press: {keys: "9", early: true}
      - hear: bye
      - ends: overflowed
"""
    queues = QUEUES.replace("ring_seconds: 15", "ring_seconds: 15\n    callback: {}")
    site, flows_dir = site_with(tmp_path, tests, queues=queues, routes=OUTWARD)
    assert failures_of(site, flows_dir) == []
