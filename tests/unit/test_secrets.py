"""Secrets come from a file that only the engine's user reads, or from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import settings
from engine.secrets import Secrets, UnknownSecret, load

VALUE = "s3cr3t-value"


def written(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def test_lines_of_names_and_values(tmp_path: Path) -> None:
    text = f"# of the CRM\nCRM_KEY={VALUE}\n\nexport SMS_KEY = 'a = b'\nPAY=\"x\"\n"
    secrets, problems = load(written(tmp_path / "secrets", text), {})
    assert problems == []
    assert secrets.fill("${secret:CRM_KEY},${secret:SMS_KEY},${secret:PAY}") == f"{VALUE},a = b,x"


def test_a_yaml_file(tmp_path: Path) -> None:
    secrets, problems = load(written(tmp_path / "secrets.yaml", "CRM_KEY: 0123\n"), {})
    assert problems == []
    assert secrets.fill("${secret:CRM_KEY}") == "0123"


def test_the_environment_wins(tmp_path: Path) -> None:
    path = written(tmp_path / "secrets", "CRM_KEY=old\nSMS_KEY=kept\n")
    given = {"TONGDAI_SECRET_CRM_KEY": "new", "TONGDAI_SECRET_EMPTY": ""}
    secrets, _problems = load(path, given)
    assert secrets.names() == {"CRM_KEY", "SMS_KEY"}
    assert secrets.fill("${secret:CRM_KEY} ${secret:SMS_KEY}") == "new kept"


def test_without_a_file_there_is_only_the_environment() -> None:
    secrets, problems = load(None, {"TONGDAI_SECRET_CRM_KEY": VALUE})
    assert (secrets.fill("${secret:CRM_KEY}"), problems) == (VALUE, [])


@pytest.mark.parametrize(
    ("mode", "code", "usable"),
    [(0o600, None, True), (0o400, None, True), (0o640, "W211", True), (0o604, "E211", False)],
)
def test_a_file_that_everybody_reads_is_refused(
    tmp_path: Path, mode: int, code: str | None, usable: bool
) -> None:
    secrets, problems = load(written(tmp_path / "secrets", f"CRM_KEY={VALUE}\n", mode), {})
    assert [problem.code for problem in problems] == ([code] if code else [])
    assert bool(secrets.names()) is usable


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("secrets", f"A=b\n{VALUE}\n", 2),
        ("secrets", f"crm key={VALUE}\n", 1),
        ("secrets", "CRM_KEY=\n", 1),
        ("secrets.yaml", f"- {VALUE}\n", 1),
        ("secrets.yaml", f"A: b\nCRM_KEY: [{VALUE}]\n", 2),
        ("secrets.yaml", f"A: b\n  {VALUE}: @\n", 2),
    ],
)
def test_a_wrong_line_is_told_by_its_number_and_never_shown(
    tmp_path: Path, name: str, text: str, line: int
) -> None:
    secrets, problems = load(written(tmp_path / name, text), {})
    assert [problem.line for problem in problems] == [line]
    assert VALUE not in problems[0].render()
    assert secrets.names() == frozenset()


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    _secrets, problems = load(tmp_path / "secrets", {})
    assert [problem.code for problem in problems] == ["E101"]


def test_a_name_that_nobody_gave_a_value_is_refused() -> None:
    with pytest.raises(UnknownSecret) as refused:
        Secrets({"CRM_KEY": VALUE}).fill("${secret:OTHER}")
    assert refused.value.name == "OTHER"
    assert VALUE not in str(refused.value)


def test_a_value_is_not_looked_through_for_further_names() -> None:
    assert Secrets({"A": "${secret:B}", "B": VALUE}).fill("${secret:A}") == "${secret:B}"


def test_nobody_sees_a_secret_by_printing_all_of_them() -> None:
    assert VALUE not in repr(Secrets({"CRM_KEY": VALUE}))


def test_a_secret_in_the_environment_is_no_unknown_setting() -> None:
    _settings, problems = settings.load(None, {"TONGDAI_SECRET_CRM_KEY": VALUE})
    assert problems == []
