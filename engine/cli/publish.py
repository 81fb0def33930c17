"""Puts written flows in force, and takes them back: check, tests, prompts, the copy, the reload."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import replace

from rich.console import Console
from rich.text import Text

from engine.cli.floor import NoAnswer, ask, reload
from engine.cli.prepare import speak
from engine.cli.terminal import fail, print_problems, user
from engine.config.acceptance import accepted
from engine.config.published import ChangedMeanwhile, Publications, Version
from engine.config.site import load
from engine.settings import Settings
from engine.tables import Table


def publish(settings: Settings, by: str, note: str, console: Console) -> None:
    """The working files become the next version, in force at once. Ends the program if refused."""
    site, problems = accepted(settings.site_paths, settings.region)
    print_problems(problems)
    if site is None:
        fail("refused: callers go on hearing what they heard")
    publications = Publications(settings.state_dir)
    current = publications.current()
    if current is not None and current.version == site.flow_set.version:
        console.print(f"nothing to publish: {current} is what is written", markup=False)
        return
    try:
        made = publications.add(settings.flows_dir, site.flow_set.version, by or user(), note)
    except (ChangedMeanwhile, OSError) as error:
        fail(f"not published: {error}")
    try:
        speak(settings, site, console)
    except SystemExit:
        publications.remove(made)
        raise
    _put_in_force(settings, publications, made, made.version, console)
    _prune(settings, publications)


def roll_back(settings: Settings, name: str | None, console: Console) -> None:
    """An earlier version is in force again. Ends the program if there is none, or it is refused."""
    publications = Publications(settings.state_dir)
    target = _target(publications, name)
    if publications.current() == target:
        console.print(f"{target} is in force already", markup=False)
        return
    site, problems = load(replace(settings.site_paths, flows_dir=target.folder), settings.region)
    if site is None:
        print_problems(problems)
        fail(f"{target} does not fit the site any more: callers go on hearing what they heard")
    speak(settings, site, console)
    _put_in_force(settings, publications, target, target.version, console)


def unpublish(settings: Settings, console: Console) -> None:
    """The working files are in force again. Ends the program if they are refused."""
    publications = Publications(settings.state_dir)
    if not publications.is_published():
        console.print("nothing is published: callers hear the working files", markup=False)
        return
    site, problems = accepted(settings.site_paths, settings.region)
    print_problems(problems)
    if site is None:
        fail("refused: callers go on hearing what they heard")
    speak(settings, site, console)
    _put_in_force(settings, publications, None, site.flow_set.version, console)


def _target(publications: Publications, name: str | None) -> Version:
    if name is not None:
        target = publications.find(name)
        if target is None:
            fail(f"there is no version {name}: `tongdai flow versions` lists them")
        return target
    current = publications.current()
    if current is None and publications.versions():
        fail("no version is in force: name one, as `tongdai flow versions` lists them")
    before = publications.before(current) if current else None
    if before is None:
        fail("there is no version before; `tongdai flow versions` lists them")
    return before


def _put_in_force(
    settings: Settings,
    publications: Publications,
    target: Version | None,
    version: str,
    console: Console,
) -> None:
    """This publication, None for the working files, of this ``version``. Refused by the running
    engine, what was in force stays so."""
    before, name = publications.current(), _name(target, version)
    try:
        publications.put_in_force(target)
    except OSError as error:
        fail(f"{name} cannot be put in force: {error}")
    try:
        answer = asyncio.run(reload(settings))
    except NoAnswer as error:
        console.print(f"{name} is in force when the engine starts: {error}", markup=False)
        return
    if not answer.in_force:
        publications.put_in_force(before)
        print_problems(answer.problems)
        fail("refused by the running engine: callers go on hearing what they heard")
    if answer.version != version:
        where = f"{settings.state_dir}; the engine that answers has other flows"
        fail(f"{name} is in force in {where}")
    console.print(f"[green]ok[/]: {name} is in force; calls end in the version they began in")


def _name(target: Version | None, version: str) -> str:
    return f"what is written ({version})" if target is None else str(target)


def versions_table(
    versions: Iterable[Version], current: Version | None, calls: Mapping[str, int] | None
) -> Table:
    """The versions as people read them; ``calls`` are the live ones in each, None: not known."""
    table = Table(title="Published flows")
    for name in ("", "version", "hash", "published", "by", "calls", "note"):
        table.add_column(name, justify="right" if name in ("version", "calls") else "left")
    for one in versions:
        cells = (
            "in force" if one == current else "",
            str(one.number),
            one.version,
            f"{one.published.astimezone():%Y-%m-%d %H:%M}",
            one.by,
            "" if calls is None else str(calls.get(one.version, 0)),
            one.note,
        )
        table.add_row(*map(Text, cells))
    return table


def calls_by_version(settings: Settings) -> Mapping[str, int] | None:
    """How many live calls are in which version of the flows; None when no engine answers."""
    try:
        answer = asyncio.run(ask(settings, "/v1/flows"))
    except NoAnswer:
        return None
    return dict(answer["calls"])


def _prune(settings: Settings, publications: Publications) -> None:
    """Old versions go, but not while it is unknown which of them calls are in."""
    calls = calls_by_version(settings)
    if calls is not None:
        for gone in publications.prune(calls.keys()):
            shutil.rmtree(settings.prompts_dir / gone.version, ignore_errors=True)
