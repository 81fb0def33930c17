"""Leads at the terminal, on a ledger of its own: import, look up, export."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

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
        self._env = {
            "TONGDAI_STATE_DIR": str(folder),
            "TONGDAI_DATABASE_URL": f"sqlite:///{folder}/ledger.db",
        }

    def type(self, *words: str) -> Result:
        return CliRunner().invoke(app, list(words), env=self._env)


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
