"""The wheel as an operator gets it: unpacked into a fresh environment, run from another folder.

Its dependencies come from the environment of the tests, so that nothing is downloaded.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
Run = Callable[..., subprocess.CompletedProcess[str]]

COMMAND = (
    "import sys; from importlib.metadata import entry_points;"
    "(tongdai,) = entry_points(group='console_scripts', name='tongdai');"
    "sys.argv[0] = 'tongdai'; tongdai.load()()"
)
SHIPPED = (
    "acd/agents.yaml",
    "acd/queues.yaml",
    "dialplan/asterisk/extensions.conf",
    "dialplan/routes/main.yaml",
    "engine/data/asterisk-config/pjsip.conf",
    "engine/data/ivr_flows/main.yaml",
    "engine/data/ivr_flows/system.yaml",
    "engine/demo/sipp/caller.xml",
    "engine/store/migrations/env.py",
)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=TOP, check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    (built,) = folder.glob("tongdai-*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs the fresh environment's Python, in an empty folder with settings of its own."""
    home = tmp_path_factory.mktemp("operator")
    venv.create(home / "venv", symlinks=True)
    (site,) = (home / "venv/lib").glob("python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    empty = home / "empty"
    empty.mkdir()

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        unset = {
            name: value
            for name, value in os.environ.items()
            if "TONGDAI_" not in name and name != "PYTHONPATH"
        }
        return subprocess.run(
            [home / "venv/bin/python", *arguments],
            cwd=empty, env=unset | {"HOME": str(home)} | environment,
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    return run


def test_what_an_operator_edits_and_asterisk_needs_is_in_the_wheel(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    assert not set(SHIPPED) - inside
    templates = {
        f"engine/data/asterisk-config/{t.name}" for t in TOP.glob("asterisk-config/*.conf")
    }
    steps = {str(s.relative_to(TOP)) for s in TOP.glob("engine/store/migrations/versions/*.py")}
    assert templates
    assert steps
    assert not (templates | steps) - inside


def test_nothing_of_the_workshop_is_in_the_wheel(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {name for name in tops if not name.endswith(".dist-info")} == {
        "acd", "dialer", "dialplan", "engine",
    }  # fmt: skip


def test_the_licence_is_in_the_wheel(wheel: Path) -> None:
    assert any(name.endswith("/LICENSE") for name in zipfile.ZipFile(wheel).namelist())


def test_an_operator_is_told_the_commands(installed: Run) -> None:
    ran = installed("-c", COMMAND, "--help")
    assert ran.returncode == 0, ran.stderr
    for command in ("check", "serve", "run", "demo", "tail", "trace", "calls", "setup"):
        assert f" {command} " in ran.stdout


def test_the_code_that_runs_is_that_of_the_wheel(installed: Run) -> None:
    ran = installed("-c", "import engine, acd; print(engine.__file__, acd.__file__)")
    assert ran.returncode == 0, ran.stderr
    assert str(TOP) not in ran.stdout


def test_the_shipped_center_is_found_and_has_no_errors(installed: Run) -> None:
    """There is neither Asterisk nor prompts in a fresh home: warnings, no errors."""
    ran = installed("-c", COMMAND, "check", "--json")
    problems = json.loads(ran.stdout)
    assert [p for p in problems if p["level"] == "error"] == []
    assert ran.returncode == 0, ran.stderr


def test_an_agent_of_an_unknown_queue_is_an_error_of_the_shipped_command(
    installed: Run, tmp_path: Path
) -> None:
    agents = tmp_path / "agents.yaml"
    agents.write_text('agents:\n  mai: {extension: "3001", queues: [nowhere]}\n')
    ran = installed("-c", COMMAND, "check", TONGDAI_AGENTS_FILE=str(agents))
    assert ran.returncode == 1
    assert f"{agents}:2:" in ran.stderr


def test_a_new_database_gets_its_tables_from_the_wheel(installed: Run, tmp_path: Path) -> None:
    database = tmp_path / "ledger.db"
    program = (
        "import asyncio, sys\n"
        "from engine.store.ledger import Ledger\n"
        "from engine.store.reports import Reports\n"
        "async def main():\n"
        "    ledger = Ledger(f'sqlite:///{sys.argv[1]}')\n"
        "    await ledger.open()\n"
        "    print(await Reports(ledger).calls(10))\n"
        "    await ledger.close()\n"
        "asyncio.run(main())\n"
    )
    ran = installed("-c", program, str(database))
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[-1] == "[]"
    assert database.exists()
