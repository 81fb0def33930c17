"""Whoever reloads has in force what he wrote, also when two do it at once."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine.app import Engine
from engine.config.problems import Problem
from engine.config.site import Site, load
from engine.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path, ari_url="http://127.0.0.1:9", ari_password="none")


@pytest.fixture
async def engine(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    """An engine that is not linked to any switch."""
    site, _ = load(settings.site_paths, settings.region)
    assert site is not None
    engine = Engine(settings, site)
    engine.switchboard.registry = SimpleNamespace(calls={})

    async def no_phones() -> None:
        pass

    monkeypatch.setattr(engine.in_force, "_reloaded", no_phones)
    yield engine
    engine.desk.stop()
    engine.speaker.close()
    await engine.lookups.close()
    await engine.ledger.close()
    engine.journal.close()


def version(site: Site, name: str) -> Site:
    return replace(site, flow_set=replace(site.flow_set, version=name))


async def test_of_two_who_reload_at_once_the_second_has_his_files_in_force(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, begun, goes_on = engine.site, threading.Event(), threading.Event()
    versions = iter(["version 1", "version 2"])

    def read_site(_settings: Settings) -> tuple[Site, list[Problem]]:
        name = next(versions)
        if not begun.is_set():
            begun.set()
            goes_on.wait(5)
        return version(site, name), []

    monkeypatch.setattr("engine.in_force.read_in_force", read_site)
    first = asyncio.create_task(engine.in_force.reload())
    await asyncio.to_thread(begun.wait, 5)
    second = asyncio.create_task(engine.in_force.reload())
    await asyncio.wait({second}, timeout=0.1)
    goes_on.set()
    await asyncio.gather(first, second)
    assert engine.site.flow_set.version == "version 2"
    assert engine.prompts.version == "version 2"


async def test_a_file_that_goes_away_while_it_is_read_leaves_everything_as_it_was(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = engine.site

    def gone(*_: object) -> None:
        raise FileNotFoundError(2, "No such file or directory", "flows/recordings/vi/hello.wav")

    monkeypatch.setattr("engine.config.acceptance.accepted", gone)
    problems = await engine.in_force.reload()
    assert [(problem.file, problem.code) for problem in problems] == [
        ("flows/recordings/vi/hello.wav", "E101")
    ]
    assert engine.site is before
