"""Who writes flows, at the terminal: check, compare, publish, take back."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import structlog
from click.testing import Result
from typer.testing import CliRunner
from written_site import FLOW, write_site

from engine import telemetry
from engine.cli.main import app
from engine.config.drafts import SitePaths
from engine.config.published import Publications, content_hash

Tongdai = Callable[..., Result]

BILLING = FLOW.replace("closed: bye", "closed: night").replace(
    "  bye:\n    type: hangup",
    "  night:\n    type: hangup\n    prompts: bye\n  bye:\n    type: hangup",
)


@pytest.fixture(autouse=True)
def warnings_alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As the command sets it, but for this test only."""
    monkeypatch.setattr(telemetry, "configure", lambda *_, **__: None)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    yield
    structlog.reset_defaults()


@pytest.fixture
def paths(tmp_path: Path) -> SitePaths:
    return write_site(tmp_path)


@pytest.fixture
def publications(tmp_path: Path) -> Publications:
    return Publications(tmp_path / "state")


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The versions whose prompts were made, without a voice."""
    made: list[str] = []
    speak = lambda _settings, site, _console: made.append(site.flow_set.version)  # noqa: E731
    monkeypatch.setattr("engine.cli.publish.speak", speak)
    return made


@pytest.fixture
def tongdai(paths: SitePaths, tmp_path: Path, spoken: list[str]) -> Tongdai:
    """Run `tongdai flow` on the site; no engine is there unless ``api_port`` names one."""

    def run(*words: str, api_port: int = 9) -> Result:
        environ = {
            "TONGDAI_STATE_DIR": str(tmp_path / "state"),
            "TONGDAI_AGENTS_FILE": str(paths.agents_file),
            "TONGDAI_QUEUES_FILE": str(paths.queues_file),
            "TONGDAI_ROUTES_DIR": str(paths.routes_dir),
            "TONGDAI_FLOWS_DIR": str(paths.flows_dir),
            "TONGDAI_API_PORT": str(api_port),
        }
        result = CliRunner().invoke(app, words, env=environ)
        assert "Traceback" not in result.output
        assert result.exception is None or isinstance(result.exception, SystemExit), result
        return result

    return run


class FakeEngine:
    """Answers as the API of an engine does: it takes the flows in force, or refuses them all."""

    def __init__(self, publications: Publications) -> None:
        self.refuses = False
        self.written = ""
        self.reloads: list[str] = []
        self.calls: dict[str, int] = {}
        self._publications = publications
        engine = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                engine.answer(self, 422 if engine.refuses else 200, engine.reloaded())

            def do_GET(self) -> None:
                engine.answer(self, 200, {**engine.flows(), "calls": engine.calls})

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port

    def flows(self) -> dict[str, Any]:
        current = self._publications.current()
        if current is None:
            return {"version": self.written, "published": None, "pending": False}
        return {"version": current.version, "published": current.number, "pending": False}

    def reloaded(self) -> dict[str, Any]:
        self.reloads.append(self.flows()["version"])
        problem = {
            "file": "agents.yaml", "line": 3, "column": 5, "level": "error", "code": "E203",
            "message": "wrong", "hint": "",
        }  # fmt: skip
        return {
            "in_force": "old" if self.refuses else "new",
            "flows": self.flows(),
            "problems": [problem] if self.refuses else [],
        }

    def answer(self, request: BaseHTTPRequestHandler, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        request.send_response(status)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)


@pytest.fixture
def engine(publications: Publications) -> Iterator[FakeEngine]:
    engine = FakeEngine(publications)
    thread = threading.Thread(target=engine.server.serve_forever, args=(0.01,))
    thread.start()
    yield engine
    engine.server.shutdown()
    thread.join()
    engine.server.server_close()


# -- check ----------------------------------------------------------------------------------------


def test_flows_in_order_are_told_so(tongdai: Tongdai) -> None:
    result = tongdai("flow", "check")
    assert (result.exit_code, result.output) == (0, "ok: nothing to complain about\n")


def test_a_mistake_is_shown_with_its_line_a_caret_and_a_proposal(
    tongdai: Tongdai, paths: SitePaths
) -> None:
    file = paths.flows_dir / "main.yaml"
    file.write_text(FLOW.replace("open: line", "open: lime"))
    result = tongdai("flow", "check")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[:4] == [
        f"{file}:9:11: error[E602] there is no node `lime`",
        "    |     open: lime",
        "    |           ^",
        "    = did you mean `line`?",
    ]


def test_only_the_flows_that_are_asked_for_are_judged(tongdai: Tongdai, paths: SitePaths) -> None:
    other = FLOW.replace("flow: main", "flow: other").replace("open: line", "open: lime")
    (paths.flows_dir / "second.yaml").write_text(other)
    assert tongdai("flow", "check").exit_code == 1
    assert tongdai("flow", "check", "main").exit_code == 0
    assert tongdai("flow", "check", "other").exit_code == 1
    assert tongdai("flow", "check", "second").exit_code == 1  # by its file
    unknown = tongdai("flow", "check", "mian")
    assert unknown.exit_code == 1
    assert "there is no flow mian; did you mean `main`?" in unknown.stderr


def test_mistakes_elsewhere_are_not_the_writers_but_unreadable_files_are_told(
    tongdai: Tongdai, paths: SitePaths
) -> None:
    paths.agents_file.write_text("agents:\n  an: {extension: x}\n")
    assert tongdai("flow", "check").exit_code == 0
    paths.agents_file.write_text("agents: [\n")
    unread = tongdai("flow", "check")
    assert unread.exit_code == 1
    assert "agents.yaml:" in unread.stderr


def test_programs_read_json(tongdai: Tongdai, paths: SitePaths) -> None:
    (paths.flows_dir / "main.yaml").write_text(FLOW.replace("open: line", "open: lime"))
    result = tongdai("flow", "check", "--json")
    assert result.exit_code == 1
    first = json.loads(result.stdout)[0]
    assert (first["line"], first["column"], first["code"]) == (9, 11, "E602")


def test_a_pull_request_shows_mistakes_beside_their_lines(
    tongdai: Tongdai, paths: SitePaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where the repository is: paths are within it
    (paths.flows_dir / "main.yaml").write_text(FLOW.replace("open: line", "open: lime"))
    result = tongdai("flow", "check", "--github")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[0] == (
        "::error file=flows/main.yaml,line=9,col=11,title=E602::"
        "there is no node `lime`%0Adid you mean `line`?"
    )


# -- compare, draw, describe ----------------------------------------------------------------------


def test_what_is_written_is_compared_with_what_callers_hear(
    tongdai: Tongdai, paths: SitePaths
) -> None:
    nothing = tongdai("flow", "diff")
    assert nothing.exit_code == 1
    assert "nothing is published" in nothing.stderr
    tongdai("flow", "publish")
    assert tongdai("flow", "diff").stdout == "Callers notice no difference.\n"
    changed = BILLING.replace("Good-bye.", "See you.")
    (paths.flows_dir / "main.yaml").write_text(changed)
    assert tongdai("flow", "diff").stdout.splitlines() == [
        "In flow `main`: the hours `hours` leads by `closed` to `night` now, no longer to `bye`.",
        "In flow `main`: the hangup `night` is new; it says `bye`.",
        "The prompt `bye` in en changed from “Good-bye.” to “See you.”.",
    ]
    tongdai("flow", "publish")
    assert tongdai("flow", "diff", "1", "2").stdout.count("In flow `main`") == 2
    assert tongdai("flow", "diff", "2").stdout == "Callers notice no difference.\n"
    assert "there is no version 7" in tongdai("flow", "diff", "7").stderr


def test_a_flow_is_drawn_as_it_is_written(tongdai: Tongdai) -> None:
    drawn = tongdai("flow", "graph", "main")
    assert drawn.exit_code == 0
    assert drawn.stdout.startswith("flowchart TD")
    assert "support" in drawn.stdout
    assert tongdai("flow", "graph", "main", "--format", "svg").stdout.startswith("<svg ")
    refused = tongdai("flow", "graph", "nix")
    assert refused.exit_code == 1
    assert "there is no flow nix" in refused.stderr


def test_yesterdays_calls_are_on_the_arrows_of_the_flow_in_force(
    tongdai: Tongdai, paths: SitePaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[object, ...]] = []
    counted = {("hours", "open"): 7, ("hours", "closed"): 2}

    class Ledger:
        async def ways(self, *told: object) -> dict[tuple[str, str], int]:
            asked.append(told)
            return counted

    @asynccontextmanager
    async def open_reports(_settings: object) -> AsyncIterator[Ledger]:
        yield Ledger()

    monkeypatch.setattr("engine.cli.flow_sides.open_reports", open_reports)
    tongdai("flow", "publish")
    (paths.flows_dir / "main.yaml").write_text(BILLING)
    drawn = tongdai("flow", "graph", "main", "--counts").stdout
    assert '|"open (7)"|' in drawn
    assert "night" not in drawn
    midnight = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    yesterday = midnight - timedelta(days=1)
    assert asked == [("main", yesterday.timestamp(), midnight.timestamp())]


def test_an_editor_gets_its_schema(tongdai: Tongdai, tmp_path: Path) -> None:
    printed = json.loads(tongdai("flow", "schema").stdout)
    tongdai("flow", "schema", "--out", str(tmp_path / "schema.json"))
    assert json.loads((tmp_path / "schema.json").read_text()) == printed


def test_where_no_system_has_an_address_the_check_says_which_ones_flows_ask(
    tongdai: Tongdai, paths: SitePaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking = FLOW.replace("open: line", "open: who") + (
        "  who: {type: http, url: '${system:crm}/who', filler: bye, ok: line, error: line}\n"
    )
    (paths.flows_dir / "main.yaml").write_text(asking)
    for words in (("flow", "check"), ("flow", "check", "main")):
        checked = tongdai(*words)
        assert checked.exit_code == 0
        assert "notice[N223]" in checked.stderr
        assert "nothing to complain about" in checked.stdout
        assert "no system has an address, but flows ask `crm` (in `main`)" in checked.stderr
    monkeypatch.setenv("TONGDAI_SYSTEMS", "crm=https://crm.example")
    assert "N223" not in tongdai("flow", "check").stderr
    monkeypatch.setenv("TONGDAI_SYSTEMS", "crn=https://crm.example")
    assert "E621" in tongdai("flow", "check").stderr


# -- publish and take back ------------------------------------------------------------------------


def test_flows_are_published_with_their_prompts_and_the_engine_is_told(
    tongdai: Tongdai,
    paths: SitePaths,
    publications: Publications,
    engine: FakeEngine,
    spoken: list[str],
) -> None:
    written = content_hash(paths.flows_dir)
    result = tongdai("flow", "publish", "-m", "opening", "--by", "mai", api_port=engine.port)
    assert result.exit_code == 0
    assert f"ok: version 1 ({written}) is in force" in result.stdout
    current = publications.current()
    assert current is not None
    assert (current.number, current.by, current.note) == (1, "mai", "opening")
    assert spoken == engine.reloads == [written]
    again = tongdai("flow", "publish", api_port=engine.port)
    assert "nothing to publish" in again.stdout
    assert len(publications.versions()) == 1


def test_without_an_engine_the_next_one_begins_with_what_is_published(tongdai: Tongdai) -> None:
    result = tongdai("flow", "publish")
    assert result.exit_code == 0
    assert "is in force when the engine starts" in result.stdout


def test_broken_flows_are_not_published(
    tongdai: Tongdai, paths: SitePaths, publications: Publications, spoken: list[str]
) -> None:
    (paths.flows_dir / "main.yaml").write_text(FLOW.replace("open: line", "open: lime"))
    result = tongdai("flow", "publish")
    assert result.exit_code == 1
    assert "E602" in result.stderr
    assert "refused: callers go on hearing what they heard" in result.stderr
    assert (publications.versions(), spoken) == ([], [])


def test_a_folder_that_cannot_be_written_is_told(
    tongdai: Tongdai, publications: Publications
) -> None:
    folder = publications.link.parent
    folder.parent.mkdir()
    folder.write_text("no folder")
    refused = tongdai("flow", "publish")
    assert refused.exit_code == 1
    assert "not published: " in refused.stderr
    folder.unlink()
    publications.link.mkdir(parents=True)
    refused = tongdai("flow", "publish")
    assert refused.exit_code == 1
    assert "cannot be put in force" in refused.stderr


def test_flows_whose_prompts_cannot_be_made_are_not_published(
    tongdai: Tongdai, publications: Publications, monkeypatch: pytest.MonkeyPatch
) -> None:
    def speechless(*_: object) -> None:
        raise SystemExit(1)

    monkeypatch.setattr("engine.cli.publish.speak", speechless)
    assert tongdai("flow", "publish").exit_code == 1
    assert (publications.current(), publications.versions()) == (None, [])


def test_flows_whose_test_fails_are_not_published(
    tongdai: Tongdai, paths: SitePaths, publications: Publications
) -> None:
    test = """\
flow: main
tests:
  - name: on a Sunday we are closed
    at: 2026-11-22T10:00+07:00
    call: {to: "19001000"}
    expect:
      - goes_to: line
"""
    (paths.flows_dir / "main.test.yaml").write_text(test)
    result = tongdai("flow", "publish")
    assert result.exit_code == 1
    assert "main.test.yaml:" in result.stderr
    assert publications.versions() == []
    (paths.flows_dir / "main.test.yaml").write_text(test.replace("goes_to: line", "goes_to: bye"))
    assert tongdai("flow", "publish").exit_code == 0


def test_what_the_engine_refuses_is_not_in_force(
    tongdai: Tongdai, paths: SitePaths, publications: Publications, engine: FakeEngine
) -> None:
    engine.refuses = True
    result = tongdai("flow", "publish", api_port=engine.port)
    assert result.exit_code == 1
    assert "agents.yaml:3:5: error[E203] wrong" in result.stderr
    assert publications.current() is None
    engine.refuses = False
    tongdai("flow", "publish", api_port=engine.port)
    before = publications.current()
    (paths.flows_dir / "main.yaml").write_text(BILLING)
    engine.refuses = True
    assert tongdai("flow", "publish", api_port=engine.port).exit_code == 1
    assert publications.current() == before


def test_the_version_before_is_in_force_again_at_once(
    tongdai: Tongdai, paths: SitePaths, engine: FakeEngine, spoken: list[str]
) -> None:
    first = content_hash(paths.flows_dir)
    tongdai("flow", "publish", api_port=engine.port)
    assert "there is no version before" in tongdai("flow", "rollback").stderr
    (paths.flows_dir / "main.yaml").write_text(BILLING)
    tongdai("flow", "publish", api_port=engine.port)
    result = tongdai("flow", "rollback", api_port=engine.port)
    assert f"ok: version 1 ({first}) is in force" in result.stdout
    assert engine.reloads[-1] == spoken[-1] == first
    assert "is in force already" in tongdai("flow", "rollback", "1").stdout
    assert tongdai("flow", "rollback", "2", api_port=engine.port).exit_code == 0
    assert "there is no version 9" in tongdai("flow", "rollback", "9").stderr
    (paths.flows_dir.parent / "state/flows/current").unlink()
    assert "no version is in force: name one" in tongdai("flow", "rollback").stderr


def test_the_working_files_are_in_force_again_when_they_pass(
    tongdai: Tongdai, paths: SitePaths, publications: Publications, engine: FakeEngine
) -> None:
    assert "nothing is published" in tongdai("flow", "unpublish").stdout
    tongdai("flow", "publish", api_port=engine.port)
    published = publications.current()
    (paths.flows_dir / "main.yaml").write_text(FLOW.replace("open: line", "open: lime"))
    refused = tongdai("flow", "unpublish", api_port=engine.port)
    assert refused.exit_code == 1
    assert "E602" in refused.stderr
    (paths.flows_dir / "main.yaml").write_text(BILLING)
    written = content_hash(paths.flows_dir)
    engine.written = written
    engine.refuses = True
    refused = tongdai("flow", "unpublish", api_port=engine.port)
    assert "refused by the running engine" in refused.stderr
    assert publications.current() == published
    engine.refuses = False
    result = tongdai("flow", "unpublish", api_port=engine.port)
    assert f"ok: what is written ({written}) is in force" in result.stdout
    assert not publications.is_published()
    assert tongdai("flow", "rollback", "1", api_port=engine.port).exit_code == 0
    assert publications.current() == published


def test_a_version_that_does_not_fit_the_site_any_more_is_not_taken_back(
    tongdai: Tongdai, paths: SitePaths, publications: Publications
) -> None:
    (paths.flows_dir / "main.yaml").write_text(FLOW.replace("queue: support", "queue: sales"))
    tongdai("flow", "publish")
    (paths.flows_dir / "main.yaml").write_text(FLOW)
    tongdai("flow", "publish")
    now = publications.current()
    paths.queues_file.write_text("queues:\n  support: {}\n")
    agents = paths.agents_file.read_text()
    paths.agents_file.write_text(agents.replace("[support, sales]", "[support]"))
    result = tongdai("flow", "rollback")
    assert result.exit_code == 1
    assert "there is no queue `sales`" in result.stderr
    assert publications.current() == now


def test_the_versions_are_listed_with_the_calls_in_them(
    tongdai: Tongdai, paths: SitePaths, engine: FakeEngine
) -> None:
    assert "nothing is published" in tongdai("flow", "versions").stdout
    first = content_hash(paths.flows_dir)
    tongdai("flow", "publish", "-m", "first", api_port=engine.port)
    (paths.flows_dir / "main.yaml").write_text(BILLING)
    tongdai("flow", "publish", "-m", "second", api_port=engine.port)
    engine.calls = {first: 3}
    listed = json.loads(tongdai("flow", "versions", "--json", api_port=engine.port).stdout)
    told = [(one["number"], one["note"], one["in_force"], one["calls"]) for one in listed]
    assert told == [(1, "first", False, 3), (2, "second", True, 0)]
    table = tongdai("flow", "versions", api_port=engine.port).stdout
    assert "in force" in table
    assert first in table


def test_after_a_publication_the_check_says_that_working_files_are_not_in_force(
    tongdai: Tongdai, paths: SitePaths
) -> None:
    tongdai("flow", "publish")
    assert "W108" not in tongdai("check").output
    (paths.flows_dir / "main.yaml").write_text(BILLING)
    warned = tongdai("check").output
    assert "callers hear version 1" in warned
    assert "`tongdai flow publish` puts them in force" in warned


def test_a_published_version_that_somebody_changed_is_an_error_of_the_check(
    tongdai: Tongdai, publications: Publications
) -> None:
    tongdai("flow", "publish")
    current = publications.current()
    assert current is not None
    (current.folder / "main.yaml").write_text(BILLING)
    result = tongdai("check")
    assert result.exit_code == 1
    assert "was changed after it was published" in result.output


def test_a_pointer_to_nothing_is_an_error_of_the_check(
    tongdai: Tongdai, publications: Publications
) -> None:
    tongdai("flow", "publish")
    publications.link.unlink()
    publications.link.symlink_to("7-gone")
    result = tongdai("check")
    assert result.exit_code == 1
    assert "E108" in result.output
