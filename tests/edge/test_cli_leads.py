"""Leads at the terminal, on a ledger of its own: import, look up, export."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from click.testing import Result
from typer.testing import CliRunner

from engine import telemetry
from engine.cli.main import app

FILE = """\
Mobile No,full name,city
0987654321,Bình,Huế
0901 234 567,Lan,Hà Nội
0901234567,Lan again,Hà Nội
no number,Cúc,Huế
"""


class Terminal:
    """Types commands; the ledger is kept between them."""

    def __init__(self, folder: Path) -> None:
        with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as server:
            nobody = server.getsockname()[1]
        self._env = {
            "TONGDAI_API_PORT": str(nobody),
            "TONGDAI_STATE_DIR": str(folder),
            "TONGDAI_DATABASE_URL": f"sqlite:///{folder}/ledger.db",
        }

    def type(self, *words: str) -> Result:
        return CliRunner().invoke(app, list(words), env=self._env)


@pytest.fixture(autouse=True)
def quiet_logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Only what went wrong, as of a command, and not for the whole test process."""
    monkeypatch.setattr(telemetry, "configure", lambda **_: None)
    only_warnings = structlog.make_filtering_bound_logger(logging.WARNING)
    before = structlog.get_config()
    structlog.configure(wrapper_class=only_warnings, cache_logger_on_first_use=False)
    yield
    structlog.configure(**before)


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """One for all tests: making a ledger takes its time."""
    return Terminal(tmp_path_factory.mktemp("state"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "march.csv"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_a_file_is_imported_and_each_bad_row_is_told(terminal: Terminal, file: Path) -> None:
    words = ("leads", "import", str(file), "--list", "march", "--map", "phone=Mobile No")
    shown = terminal.type(*words, "--map", "name=full name")
    assert shown.exit_code == 0, shown.output
    assert "its number is none" in shown.output
    bad = file.with_name("march.bad.csv")
    assert str(bad) in shown.output
    rows = list(csv.reader(io.StringIO(bad.read_text(encoding="utf-8-sig"))))
    reasons = {row[1] for row in rows[1:]}
    assert reasons == {"another row has its id or number", "its number is none"}

    listed = json.loads(terminal.type("leads", "lists", "--json").stdout)
    assert [(each["name"], each["leads"]) for each in listed] == [("march", 2)]
    assert "march" in terminal.type("leads", "lists").stdout

    lan = terminal.type("leads", "show", "0901 234 567").stdout
    assert "Hà Nội" in lan
    assert "+84901234567 usable" in lan
    assert "ready" in terminal.type("leads", "report", "march").stdout

    exported = list(csv.DictReader(io.StringIO(terminal.type("leads", "export", "march").stdout)))
    assert {row["phone"] for row in exported} == {"+84987654321", "+84901234567"}
    assert json.loads(exported[0]["data"]) == {"city": "Huế"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("import", "FILE", "--list", "march"), "say which column has the `phone`"),
        (("import", "FILE", "--list", "march", "--map", "phone"), "write what a column holds as"),
        (("import", "/nowhere.csv", "--list", "march"), "/nowhere.csv"),
        (("show", "0912345678"), "no lead has 0912345678"),
        (("report", "nowhere"), "there is no list nowhere"),
    ],
)
def test_what_cannot_be_done_is_told_with_what_to_do(
    terminal: Terminal, file: Path, words: tuple[str, ...], told: str
) -> None:
    shown = terminal.type("leads", *(str(file) if word == "FILE" else word for word in words))
    assert shown.exit_code == 1
    assert told in " ".join(shown.output.split())


# -- who is called no more, and who agreed -------------------------------------------------------


def test_a_number_is_called_no_more_also_without_an_engine(terminal: Terminal) -> None:
    words = ("add", "0936 000 001", "--source", "letter", "--by", "linh", "--why", "wrote to us")
    assert "1 of 1 are new" in terminal.type("dnc", *words).stdout
    checked = terminal.type("dnc", "check", "0936000001").stdout
    assert "+84936000001: not to be called: letter" in checked
    assert "by linh wrote to us" in checked
    assert "letter" in terminal.type("dnc", "lists").stdout
    other = terminal.type("dnc", "remove", "0936000001", "--source", "shop")
    assert other.exit_code == 1
    assert "`shop` has no entry" in other.output
    assert terminal.type("dnc", "remove", "0936000001", "--source", "letter").exit_code == 0
    assert "on no list" in terminal.type("dnc", "check", "0936000001").stdout
    assert "no public telephone number" in terminal.type("dnc", "add", "113").output


def test_a_whole_list_is_replaced_at_one_stroke_or_not_at_all(
    terminal: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "list.txt"
    file.write_text("0936000002\n0936000003\n0936000004\n")
    words = ("dnc", "import", str(file), "--list", "vn-dnc")
    assert "vn-dnc: 3 numbers, 0 before" in terminal.type(*words).stdout
    assert "not to be called: vn-dnc" in terminal.type("dnc", "check", "0936000003").stdout
    file.write_text("0936000002\n")
    refused = terminal.type(*words)
    assert refused.exit_code == 1
    assert "say --trust" in " ".join(refused.output.split())
    assert "vn-dnc: 1 numbers, 3 before" in terminal.type(*words, "--trust").stdout
    [listed] = json.loads(terminal.type("dnc", "lists", "--json").stdout)["lists"]
    assert (listed["name"], listed["numbers"]) == ("vn-dnc", 1)


def test_who_agreed_is_kept_with_its_evidence(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "shop.csv"
    file.write_text("Mobile,agreed\n0936000005,2027-01-15\nnobody,2027-01-15\n")
    words = ("consent", "import", str(file), "--map", "phone=Mobile", "--map", "consent_at=agreed")
    assert "1 numbers of 2 rows have agreed; 1 rows were bad" in terminal.type(*words).stdout
    assert "shop.csv, row 2" in terminal.type("dnc", "check", "0936000005").stdout
    assert terminal.type("consent", "import", str(file)).exit_code == 1
