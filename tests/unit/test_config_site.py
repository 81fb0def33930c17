"""A site on disk: what loads, and what an operator is told when it does not."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from written_site import AGENTS, FLOW, QUEUES, ROUTES, told, write_site

from acd.queues import QueueSettings
from engine.config.drafts import SitePaths
from engine.config.problems import Level, has_errors, listed
from engine.config.site import Site, load
from engine.settings import Settings

Write = Callable[..., SitePaths]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a good site, with some of its files replaced."""

    return partial(write_site, tmp_path)


def good(paths: SitePaths) -> Site:
    site, problems = load(paths)
    assert site is not None, [problem.render() for problem in problems]
    return site


def test_a_good_site_loads_without_a_word(write: Write) -> None:
    site, problems = load(write())
    assert problems == []
    assert site is not None
    assert site.queues["support"].ring_seconds == 15
    assert site.agents["an"].extension == "3001"
    assert site.prompts == {"bye": {"en": "Good-bye."}}
    assert site.features.match("*131") is not None


def test_the_shipped_site_loads_without_a_word() -> None:
    site, problems = load(Settings().site_paths)
    assert [problem.render() for problem in problems] == []
    assert site is not None


@pytest.mark.parametrize("queues", ["", "queues:\n", "- support\n", "queus: {support: {}}\n"])
def test_of_a_file_without_its_section_only_that_is_told(write: Write, queues: str) -> None:
    _, problems = load(write(queues=queues))
    assert {Path(problem.file).name for problem in problems} == {"queues.yaml"}


def test_a_file_full_of_mistakes_is_cut_into_lines_once_and_not_for_each_of_them(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    class Text(str):
        def splitlines(self, keepends: bool = False) -> list[str]:
            read.append("once")
            return super().splitlines(keepends)

    monkeypatch.setattr("engine.config.yaml_file.read_text", lambda file: Text(file.read_text()))
    mistakes = "".join(f"  q{n}: {{ring_seconds: x}}\n" for n in range(300))
    _, problems = load(write(queues=f"queues:\n{mistakes}"))
    assert len(problems) >= 300
    assert len(read) < 100


@pytest.mark.parametrize("now", [0.0, 1_802_000_000.0, 1_900_050_000.5])
def test_the_demo_numbers_do_the_same_at_any_hour(now: float) -> None:
    site = good(Settings().site_paths)
    found = {}
    for did in ("19001000", "19001001", "19001002", "19001003"):
        route = site.route(did, "0901234567", now)
        assert route is not None
        hours = site.hours_status("route", now, route.calendar).state
        found[did] = (route.kind, route.target, route.language, hours)
    assert found == {
        "19001000": ("flow", "main", "en", "open"),
        "19001001": ("flow", "main", "vi", "open"),
        "19001002": ("flow", "main", "vi", "closed"),
        "19001003": ("queue", "support", "vi", "open"),
    }


def test_a_site_cannot_be_changed_under_a_running_call(write: Write) -> None:
    site = good(write())
    with pytest.raises(dataclasses.FrozenInstanceError):
        site.queues = {}  # type: ignore[misc]


def test_a_call_whose_calendar_is_gone_after_a_reload_finds_it_closed(write: Write) -> None:
    assert good(write()).hours_status("nights", 0.0).state == "closed"


def test_a_recorded_prompt_needs_no_text(write: Write, tmp_path: Path) -> None:
    site_paths = write(flow=FLOW.replace("    prompts: bye\n", "    prompts: jingle\n"))
    _, problems = load(site_paths)
    assert "E606" in {problem.code for problem in problems}
    recording = tmp_path / "flows" / "recordings" / "en" / "jingle.wav"
    recording.parent.mkdir(parents=True)
    recording.write_bytes(b"RIFF")
    assert good(site_paths).prompts["jingle"] == {"en": ""}


# -- broken files ---------------------------------------------------------------------------------

BROKEN: list[tuple[str, dict[str, str], list[str]]] = [
    # what is wrong, the file replaced, where it is told
    ("a tab indents", {"queues": "queues:\n\tsupport: {}\n"}, ["queues.yaml:2:1 E104"]),
    ("bad indentation", {"queues": "queues:\n  a: {}\n b: {}\n"}, ["queues.yaml:3:2 E104"]),
    ("an open quote", {"queues": 'queues:\n  a: "x\n'}, ["queues.yaml:2:6 E104"]),
    ("a bracket open to the end", {"queues": "queues:\n  a: [\n\n"}, ["queues.yaml:2:7 E104"]),
    ("an open bracket", {"queues": "queues: {a: {}\n"}, ["queues.yaml:1:9 E104"]),
    ("a merge left open", {"queues": "queues:\n<<<<<<< HEAD\n  a: {}\n"}, ["queues.yaml:2:1 E104"]),
    ("a key without a space", {"queues": "queues:\n  a:{}\n  b: {}\n"}, ["queues.yaml:2:3 E104"]),
    ("a star for a key", {"queues": "queues:\n  a: {}\n  *: x\nb: {}\n"}, ["queues.yaml:3:3 E104"]),
    ("a line without colon", {"queues": "queues\nmore: x\n"}, ["queues.yaml:1:1 E104"]),
    ("two colons", {"queues": "queues: a: b\n"}, ["queues.yaml:1:10 E104"]),
    ("a braced text unquoted", {"queues": "queues: {{ x }}\n"}, ["queues.yaml:1:10 E104"]),
    ("an empty key", {"queues": "queues:\n  : {}\n"}, ["queues.yaml:2:3 E104"]),
    ("a list for a key", {"queues": "? [a]\n: b\n"}, ["queues.yaml:1:3 E104"]),
    ("a bad escape", {"queues": 'queues: "\\q"\n'}, ["queues.yaml:1:11 E104"]),
    (
        "a queue written twice",
        {"queues": "queues:\n  a: {}\n  support: {}\n  a: {}\n"},
        ["queues.yaml:4:3 E105"],
    ),
    ("an alias", {"queues": "queues: &x {a: *x}\n"}, ["queues.yaml:1:9 E106"]),
    ("an unquoted star", {"routes": "features:\n  login: *10\n"}, ["main.yaml:2:10 E106"]),
    ("a tag", {"queues": "queues: !!python/object:os.system x\n"}, ["queues.yaml:1:9 E106"]),
    ("two documents", {"queues": "queues: {}\n---\nx: y\n"}, ["queues.yaml:2:1 E106"]),
    ("an escaped zero", {"queues": 'queues:\n  "a\\0": {}\n'}, ["queues.yaml:2:3 E103"]),
    ("half a character", {"queues": 'queues: "\\ud800"\n'}, ["queues.yaml:1:9 E103"]),
    ("no character", {"queues": 'queues: "\\UFFFFFFFF"\n'}, ["queues.yaml:1:1 E104"]),
    ("a control character", {"queues": "queues:\n  a\x00b: {}\n"}, ["queues.yaml:2:4 E103"]),
    ("very deep", {"queues": "queues: " + "[" * 500}, ["queues.yaml:1:49 E102"]),
    ("an empty file", {"queues": ""}, ["queues.yaml:1:1 E203"]),
    ("only a text", {"queues": "hello\n"}, ["queues.yaml:1:1 E203"]),
    ("a list of queues", {"queues": "queues:\n  - support\n"}, ["queues.yaml:2:3 E203"]),
    (
        "another section",
        {"queues": "queus:\n  a: {}\n"},
        ["queues.yaml:1:1 E202", "queues.yaml:1:1 E201"],
    ),
    (
        "an unknown setting",
        {"queues": "queues:\n  support:\n    rign_seconds: 5\n  sales: {}\n"},
        ["queues.yaml:3:5 E201"],
    ),
    (
        "a word for a number",
        {"queues": "queues:\n  support:\n    ring_seconds: soon\n  sales: {}\n"},
        ["queues.yaml:3:19 E203"],
    ),
    (
        "too small",
        {"queues": "queues:\n  support:\n    ring_seconds: 0\n  sales: {}\n"},
        ["queues.yaml:3:19 E204"],
    ),
    (
        "not a number at all",
        {"queues": "queues:\n  support: {ring_seconds: nan}\n  sales: {}\n"},
        ["queues.yaml:2:27 E204"],
    ),
    (
        "half a wait",
        {"queues": "queues:\n  support: {max_waiting: 1.5}\n  sales: {}\n"},
        ["queues.yaml:2:26 E203"],
    ),
    (
        "neither yes nor no",
        {"queues": "queues:\n  support: {record: perhaps}\n  sales: {}\n"},
        ["queues.yaml:2:21 E206"],
    ),
    (
        "no value",
        {"queues": "queues:\n  support:\n    ring_seconds:\n  sales: {}\n"},
        ["queues.yaml:3:5 E202"],
    ),
    (
        "a queue that is a number",
        {"queues": "queues:\n  support: 15\n  sales: {}\n"},
        ["queues.yaml:2:3 E203"],
    ),
    (
        "a name with a capital",
        {"queues": QUEUES + "  Billing: {}\n"},
        ["queues.yaml:6:3 E205"],
    ),
    (
        "a name inside",
        {"queues": "queues:\n  support:\n    name: x\n  sales: {}\n"},
        ["queues.yaml:3:5 E201"],
    ),
    (
        "an agent without extension",
        {"agents": "agents:\n  an:\n    queues: [support, sales]\n"},
        ["agents.yaml:2:3 E202"],
    ),
    (
        "an extension with letters",
        {"agents": "agents:\n  an:\n    extension: 30a\n    queues: [support, sales]\n"},
        ["agents.yaml:3:16 E205"],
    ),
    (
        "queues that are no list",
        {"agents": AGENTS + '  chi:\n    extension: "3003"\n    queues: support\n'},
        ["agents.yaml:10:13 E203"],
    ),
    (
        "an unknown queue",
        {"agents": AGENTS.replace("queues: [support]", "queues: [suport]")},
        ["agents.yaml:7:14 E301"],
    ),
    (
        "an extension twice",
        {"agents": AGENTS.replace("3002", "3001")},
        ["agents.yaml:6:16 E305"],
    ),
    (
        "a queue that nobody serves",
        {"agents": AGENTS.replace("[support, sales]", "[support]")},
        ["queues.yaml:4:3 E313"],
    ),
    (
        "an unknown flow",
        {"routes": ROUTES.replace("flow: main", "flow: mian")},
        ["main.yaml:1:7 W302", "main.yaml:2:22 E302"],
    ),
    (
        "an unknown calendar",
        {"routes": ROUTES.replace("calendar: office", "calendar: offce")},
        ["main.yaml:2:52 E303"],
    ),
    (
        "an unknown queue behind a number",
        {"routes": ROUTES.replace("queue: support", "queue: help")},
        ["main.yaml:3:23 E301"],
    ),
    (
        "flow and queue",
        {"routes": ROUTES.replace("{queue: support}", "{queue: support, flow: main}")},
        ["main.yaml:3:3 E209"],
    ),
    (
        "a number that is none",
        {"routes": ROUTES.replace('"19001003"', '"1900; drop"')},
        ["main.yaml:3:3 E205"],
    ),
    (
        "one number in two spellings",
        {"routes": ROUTES.replace('"19001003"', '"1900 1000"')},
        ["main.yaml:3:3 E306"],
    ),
    (
        "a number that is an extension",
        {"routes": ROUTES.replace('"19001003"', '"3001"')},
        ["main.yaml:3:3 E308"],
    ),
    (
        "no calendar for a flow that asks",
        {"routes": ROUTES.replace(", calendar: office", "")},
        ["main.yaml:2:3 W303"],
    ),
    (
        "closed without a calendar",
        {"routes": ROUTES.replace("{queue: support}", "{queue: support, closed: {flow: main}}")},
        ["main.yaml:3:3 E209"],
    ),
    (
        "a zone that does not exist",
        {"routes": ROUTES.replace("Ho_Chi_Minh", "Saigon_City")},
        ["main.yaml:6:15 E209"],
    ),
    (
        "a day that does not exist",
        {"routes": ROUTES.replace("mon-fri", "mon-fry")},
        ["main.yaml:8:7 E209"],
    ),
    (
        "hours of 25 hours",
        {"routes": ROUTES.replace("17:00", "25:00")},
        ["main.yaml:8:16 E209"],
    ),
    (
        "hours that overlap",
        {"routes": ROUTES.replace("08:00-17:00", "08:00-12:00, 11:00-17:00")},
        ["main.yaml:8:16 E209"],
    ),
    (
        "a day in two lines",
        {"routes": ROUTES.replace("features:", "      wed: 10:00-11:00\nfeatures:")},
        ["main.yaml:7:5 E209"],
    ),
    (
        "a holiday on 30 February",
        {
            "routes": ROUTES.replace(
                "features:", "    holidays:\n      - date: 2027-02-30\nfeatures:"
            )
        },
        ["main.yaml:10:15 E209"],
    ),
    (
        "a calendar called route",
        {"routes": ROUTES.replace("  office:", "  route: {timezone: UTC}\n  office:")},
        ["main.yaml:5:3 E309"],
    ),
    (
        "a feature code without star",
        {"routes": ROUTES.replace('"*13"', '"13"')},
        ["main.yaml:11:10 E205"],
    ),
    (
        "a code that begins another",
        {"routes": ROUTES.replace('"*13"', '"*101"')},
        ["main.yaml:11:10 E307"],
    ),
    (
        "the same code twice",
        {"routes": ROUTES.replace('"*13"', '"*10"')},
        ["main.yaml:11:10 E307"],
    ),
    (
        "a second default",
        {
            "routes": ROUTES + "default: {flow: main, calendar: office}\n",
            "routes__more": "default: {queue: support}\n",
        },
        ["more.yaml:1:1 E309"],
    ),
    (
        "an unknown node type",
        {"flow": FLOW.replace("type: hangup", "type: hangpu")},
        ["main.yaml:18:11 E206"],
    ),
    (
        "an unknown setting of a node",
        {"flow": FLOW.replace("    timeout: bye", "    timeuot: bye")},
        ["main.yaml:14:5 E201"],
    ),
    (
        "an unknown node",
        {"flow": FLOW.replace("    full: bye", "    full: by")},
        ["main.yaml:15:11 E602"],
    ),
    (
        "an unknown queue in a flow",
        {"flow": FLOW.replace("queue: support", "queue: suport")},
        ["main.yaml:13:12 E604"],
    ),
    (
        "an unknown calendar in a flow",
        {"flow": FLOW.replace("calendar: route", "calendar: ofice")},
        ["main.yaml:8:15 E605"],
    ),
    (
        "a flow in two files",
        {"flow": FLOW, "flows__second": FLOW},
        ["second.yaml:1:1 E309"],
    ),
    (
        "one prompt with two texts",
        {"flow": FLOW, "flows__system": "prompts:\n  bye: {en: So long.}\n"},
        ["system.yaml:2:3 E608"],
    ),
    (
        "two wrong things in two files",
        {"queues": QUEUES.replace("15", "x"), "flow": FLOW.replace("start: hours", "start: x")},
        ["main.yaml:2:8 E601", "queues.yaml:3:19 E203"],
    ),
]


@pytest.mark.parametrize(
    ("files", "expected"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN]
)
def test_the_operator_is_told_file_line_and_column(
    write: Write, files: dict[str, str], expected: list[str]
) -> None:
    site, problems = load(write(**files))
    assert told([p for p in problems if p.code in {c.split()[1] for c in expected}]) == expected
    assert has_errors(problems) == any(" E" in one for one in expected)
    assert (site is None) == has_errors(problems)
    assert all(p.message and p.render() for p in problems)


def test_a_mistyped_setting_names_the_nearest_one(write: Write) -> None:
    _, problems = load(write(queues=QUEUES.replace("ring_seconds", "rign_seconds")))
    file = problems[0].file
    assert problems[0].render().splitlines() == [
        f"{file}:3:5: error[E201] unknown setting `rign_seconds`; did you mean `ring_seconds`?",
        "    |     rign_seconds: 15",
        "    |     ^",
        f"    = settings here: {listed(QueueSettings.model_fields.keys() - {'name'})}",
    ]


def test_a_mistyped_setting_of_a_flow_node_names_that_nodes_own(write: Write) -> None:
    _, problems = load(write(flow=FLOW.replace("    timeout: bye", "    timeuot: bye")))
    assert problems[0].message == "unknown setting `timeuot`; did you mean `timeout`?"


def test_a_wrong_queue_is_not_also_called_unknown(write: Write) -> None:
    _, problems = load(write(queues=QUEUES.replace("ring_seconds: 15", "ring_seconds: x")))
    assert told(problems) == ["queues.yaml:3:19 E203"]


def test_a_file_that_cannot_be_read_is_the_only_thing_told(write: Write) -> None:
    _, problems = load(write(queues="queues: [\n"))
    assert [problem.code for problem in problems] == ["E104"]


def test_a_wrong_agent_is_not_also_missed_at_his_queue(write: Write) -> None:
    _, problems = load(write(agents=AGENTS.replace('"3001"', "x")))
    assert told(problems) == ["agents.yaml:3:16 E205"]


def test_a_wrong_password_is_not_shown(write: Write) -> None:
    agents = AGENTS.replace(
        "    queues: [support]\n", "    queues: [support]\n    secret: hush12\n"
    )
    _, problems = load(write(agents=agents))
    (problem,) = problems
    assert problem.code == "E204"
    assert "hush12" not in problem.render() + str(problem.as_json())


def test_problems_as_json_have_place_and_level(write: Write) -> None:
    queues = QUEUES.replace("wrap_up: 5", "hold_when_unstaffed: no")
    _, problems = load(write(queues, AGENTS.replace("[support, sales]", "[support]")))
    shown = problems[0].as_json()
    assert (shown["line"], shown["column"], shown["level"]) == (4, 3, "warning")
    assert problems[0].level is Level.WARNING


@pytest.mark.parametrize("missing", ["agents_file", "queues_file", "routes_dir", "flows_dir"])
def test_a_missing_file_or_folder_is_named(write: Write, missing: str) -> None:
    lost = Path("nowhere") / missing
    site, problems = load(dataclasses.replace(write(), **{missing: lost}))
    assert site is None
    assert (str(lost), "E101") in {(problem.file, problem.code) for problem in problems}


def test_files_that_are_no_text_are_refused(write: Write, tmp_path: Path) -> None:
    site_paths = write()
    unusual: dict[str, tuple[Callable[[Path], object], str]] = {
        "a folder": (Path.mkdir, "E101"),
        "Latin-1": (lambda path: path.write_bytes("queues:\n  sữa".encode("utf-16")), "E103"),
        "a pipe": (os.mkfifo, "E101"),
        "very long": (lambda path: path.write_bytes(b"#" * 1_000_001), "E102"),
        "a loop": (lambda path: path.symlink_to(path), "E101"),
    }
    for name, (make, code) in unusual.items():
        path = tmp_path / name
        make(path)
        site, problems = load(dataclasses.replace(site_paths, queues_file=path))
        assert site is None
        assert (str(path), code) in {(one.file, one.code) for one in problems}, name
