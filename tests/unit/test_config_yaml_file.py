"""A YAML file says what is written in it: texts stay texts, and every part has its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.config.problems import Problem
from engine.config.text_file import BadFile
from engine.config.yaml_file import Document, read


def written(tmp_path: Path, text: str) -> Document:
    path = tmp_path / "file.yaml"
    path.write_text(text, encoding="utf-8")
    return read(path)


def outcome_of(path: Path) -> Document | Problem:
    try:
        return read(path)
    except BadFile as refusal:
        return refusal.problem


@pytest.mark.parametrize(
    "text",
    ["0901234567", "+84901234567", "on", "off", "yes", "no", "true", "12:30", "0123", "0x1F", "1e3",
     "1_000", "1.50", ".inf", "2027-02-04", "2027-02-04..2027-02-10", "=", "00:00-24:00"],
)  # fmt: skip
def test_a_scalar_stays_the_text_that_was_written(tmp_path: Path, text: str) -> None:
    assert written(tmp_path, f"key: {text}\n").data == {"key": text}
    assert written(tmp_path, f"{text}: value\n").data == {text: "value"}


def test_only_an_empty_value_is_none(tmp_path: Path) -> None:
    data = written(tmp_path, "a:\nb: ~\nc: null\nd: 'null'\ne: ''\nf: none\n").data
    assert data == {"a": None, "b": None, "c": None, "d": "null", "e": "", "f": "none"}


def test_keys_and_values_have_their_places(tmp_path: Path) -> None:
    document = written(tmp_path, "# first\na:\n  b: [x, yy]\n  c:\n    - d: Chào\n    - {e: f}\n")
    assert document.data == {"a": {"b": ["x", "yy"], "c": [{"d": "Chào"}, {"e": "f"}]}}
    assert document.position(("a",), key=True) == (2, 1)
    assert document.position(("a", "b"), key=True) == (3, 3)
    assert document.position(("a", "b")) == (3, 6)
    assert document.position(("a", "b", 1)) == (3, 10)
    assert document.position(("a", "c", 0, "d")) == (5, 10)
    assert document.position(("a", "c", 1, "e"), key=True) == (6, 8)


def test_what_is_not_there_has_the_place_of_what_holds_it(tmp_path: Path) -> None:
    document = written(tmp_path, "a:\n  b: x\n")
    assert document.position(("a", "b", "c", 7)) == (2, 6)
    assert document.position(("z",)) == (1, 1)


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    assert written(tmp_path, "\ufeffa: b\n").data == {"a": "b"}


def test_a_file_of_many_aliases_is_refused_before_it_unfolds(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    with pytest.raises(BadFile) as refusal:
        written(tmp_path, "\n".join(lines))
    assert refusal.value.problem.code == "E106"


def test_a_file_of_too_many_values_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile) as refusal:
        written(tmp_path, "[" + "x," * 50_001 + "]")
    assert refusal.value.problem.code == "E102"


def test_a_file_without_the_right_to_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", denied)  # the tests may run as root
    with pytest.raises(BadFile) as refusal:
        written(tmp_path, "a: b\n")
    assert refusal.value.problem.code == "E101"
    assert "Permission denied" in refusal.value.problem.message


def test_what_a_file_says_cannot_drive_the_operators_terminal() -> None:
    problem = Problem("a\x1b[2Jb", 1, 3, "E201", "unknown `\x1b]0;x\x07`", "\u202e", "\t\x1bx")
    shown = problem.render()
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert shown.splitlines()[1:3] == ["    |  \N{REPLACEMENT CHARACTER}x", "    |   ^"]


def test_the_caret_stands_under_its_letter_in_any_language(tmp_path: Path) -> None:
    decomposed = "Tiế́ng: x"  # tone marks as characters of their own have no width
    document = written(tmp_path, f"{decomposed}\n")
    line, caret = document.problem(("Tiế́ng",), "E201", "m").render().splitlines()[1:3]
    assert line.endswith("x")
    assert caret.index("^") == len("    | Tiếng: ")


def test_a_very_long_line_is_shown_around_its_place(tmp_path: Path) -> None:
    document = written(tmp_path, "{" + "a: b, " * 0 + "k: " + "x" * 5000 + ", z: y}\n")
    rendered = document.problem(("z",), "E201", "m").render().splitlines()
    assert all(len(line) < 200 for line in rendered)
    assert rendered[1][rendered[2].index("^")] == "y"


@given(st.text(max_size=200) | st.text("ab: -[]{}#&*!|>'\"%@`\n\t,?~0\\xUu", max_size=60))
@settings(deadline=None)
def test_whatever_is_in_a_file_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(text, encoding="utf-8", errors="replace", newline="")
    outcome = outcome_of(path)
    if isinstance(outcome, Problem):
        assert outcome.message
        assert outcome.render()
    else:
        assert isinstance(outcome.data, dict | list | str | None)
