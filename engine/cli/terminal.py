"""What the commands share: the screen, their common options, and the ways they end."""

from __future__ import annotations

import asyncio
import getpass
import os
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console

from engine.cli.floor import NoAnswer
from engine.config.problems import Level, Problem
from engine.config.site import Site
from engine.config.site import load as load_site
from engine.ports import LedgerDown
from engine.settings import Settings
from engine.settings import load as load_settings
from engine.store.errors import LedgerTooNew

T = TypeVar("T")
_WIDE = 200  # columns, for a file or a program: no cell of a table is folded

console = Console(highlight=False, soft_wrap=True)
if not console.is_terminal:
    console.width = _WIDE
errors = Console(stderr=True, highlight=False, soft_wrap=True)
_STYLES = {Level.ERROR: "red", Level.WARNING: "yellow", Level.NOTICE: "cyan"}

Config = Annotated[Path | None, typer.Option(help="A YAML file with settings.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def answer(question: Coroutine[Any, Any, T]) -> T:
    """The answer, or the end of the command when ledger or engine cannot be asked."""
    try:
        return asyncio.run(question)
    except (NoAnswer, LedgerDown, LedgerTooNew) as error:
        fail(str(error))


def read_settings(config: Path | None) -> Settings:
    """The settings, or the end of the command."""
    settings, problems = load_settings(config)
    print_problems(problems)
    if settings is None:
        raise typer.Exit(1)
    return settings


def configured(config: Path | None) -> tuple[Settings, Site]:
    """The settings and the site, or the end of the command."""
    settings = read_settings(config)
    site, problems = load_site(settings.paths_in_force, settings.region)
    if site is None:
        print_problems(problems)
        raise typer.Exit(1)
    return settings, site


def print_problems(problems: list[Problem]) -> None:
    """Say what is wrong with files and settings, on standard error."""
    for problem in problems:
        errors.print(from_here(problem).render(), style=_STYLES[problem.level], markup=False)


def accept(problems: list[Problem]) -> None:
    """Say that what was checked will do."""
    warnings = [problem for problem in problems if problem.level is Level.WARNING]
    told = f"warnings: {len(warnings)}" if warnings else "nothing to complain about"
    console.print(f"[green]ok[/]: {told}")


def from_here(problem: Problem) -> Problem:
    """The same with a path as one would type it, where the file is below this folder."""
    path, here = Path(problem.file), Path.cwd()
    if not path.is_relative_to(here):
        return problem
    return replace(problem, file=str(path.relative_to(here)))


def user() -> str:
    """Who types this, also behind sudo; in a container an id may have no name."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):
        return "the command"


def fail(text: str) -> NoReturn:
    """End the command with what is wrong and what to do."""
    errors.print(f"tongdai: {text}", style="red", markup=False)
    raise typer.Exit(1)
