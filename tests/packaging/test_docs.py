"""The documents name what exists: links, make targets, commands, settings, log events."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import settings
from engine.cli.main import app

TOP = Path(__file__).resolve().parents[2]
FOLDERS = ("acd", "asterisk-config", "dialer", "dialplan", "docker", "docs", "engine", "ivr_flows")
DOCUMENTS = sorted(
    {
        *TOP.glob("*.md"),
        *TOP.glob("tests/*.md"),
        *(document for folder in FOLDERS for document in (TOP / folder).rglob("*.md")),
    }
)
OPERATIONS = TOP / "docs" / "operations.md"
LADDER = re.compile(r"^```\ncall .+?^```$", re.MULTILINE | re.DOTALL)

documents = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: str(d.relative_to(TOP)))


def commands() -> set[str]:
    single = {c.name or c.callback.__name__ for c in app.registered_commands if c.callback}
    return single | {group.name for group in app.registered_groups if group.name}


def options() -> set[str]:
    """What stands behind `tongdai` and is no command."""
    return {"--help", "--version"}


def code(document: Path) -> str:
    """Everything in backticks, blocks and spans; where commands stand."""
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", document.read_text(), re.DOTALL))


@documents
def test_every_link_leads_somewhere(document: Path) -> None:
    text = re.sub(r"```.*?```", "", document.read_text(), flags=re.DOTALL)  # Asterisk's have ](
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    local = [t.partition("#")[0] for t in targets if not t.startswith(("http", "#"))]
    assert [t for t in local if not (document.parent / t).exists()] == []


@documents
def test_every_make_target_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (TOP / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?<![\w-])make ([a-z]+)", code(document)))
    assert named <= targets


@documents
def test_every_command_exists(document: Path) -> None:
    told = re.compile(r"(?:^|[`/ ])tongdai (--?[a-z]+|[a-z]+)(?=[`\s\]])", re.MULTILINE)
    named = set(told.findall(code(document)))
    assert named <= commands() | options()


@documents
def test_every_module_that_is_to_be_run_exists(document: Path) -> None:
    for module in re.findall(r"python3? -m ([a-z_.]+)", code(document)):
        path = TOP / module.replace(".", "/")
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists()


@pytest.mark.parametrize("name", ["README.md", "README.vi.md"])
def test_the_two_commands_are_on_top(name: str) -> None:
    lines = (TOP / name).read_text().splitlines()
    assert [line.split("  ")[0] for line in lines[3:5]] == ["make demo", "make test"]


def test_both_languages_show_the_same_call_and_lead_to_the_same_places() -> None:
    english, vietnamese = ((TOP / name).read_text() for name in ("README.md", "README.vi.md"))
    assert LADDER.findall(english) == LADDER.findall(vietnamese) != []
    readme = re.compile(r"\(README(?:\.vi)?\.md\)")
    links = re.compile(r"\]\([^)]+\)")
    assert links.findall(readme.sub("", english)) == links.findall(readme.sub("", vietnamese))


def test_every_top_folder_says_what_lives_there() -> None:
    assert [folder for folder in (*FOLDERS, "tests") if not _has_readme(TOP / folder)] == []


def _has_readme(folder: Path) -> bool:
    return folder.name == "docs" or (folder / "README.md").exists()


def test_an_operator_finds_every_setting() -> None:
    table = set(re.findall(r"^\| `([a-z_]+)` \|", OPERATIONS.read_text(), re.MULTILINE))
    assert table >= set(settings.Settings.model_fields)


def test_an_operator_finds_every_log_event() -> None:
    documented = set(re.findall(r"`([a-z_]+)`", OPERATIONS.read_text()))
    assert set(logged()) - documented == set()


def test_no_log_event_is_explained_that_is_never_logged() -> None:
    section = OPERATIONS.read_text().partition("## Log events")[2].partition("\n## ")[0]
    rows = re.findall(
        r"^\| ((?:`[a-z_]+`(?:, )?)+) \| (?:info|warning|error) ", section, re.MULTILINE
    )
    explained = {event for row in rows for event in re.findall(r"`([a-z_]+)`", row)}
    assert explained
    assert explained - set(logged()) == set()


def logged() -> Iterator[str]:
    """The constant names of all events that the engine's code logs."""
    for file in (TOP / "engine").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and _is_log(node.func):
                event = node.args[0] if node.args else None
                if isinstance(event, ast.Constant) and isinstance(event.value, str):
                    yield event.value


def _is_log(function: ast.expr) -> bool:
    levels = ("info", "warning", "error", "exception", "critical")
    if isinstance(function, ast.Attribute):
        name = function.value
        return function.attr in levels and isinstance(name, ast.Name) and name.id == "log"
    return isinstance(function, ast.Name) and function.id == "say"
