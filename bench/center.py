"""The center that is measured: as many agents as wanted, one queue, no wrap-up."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from rich.console import Console

from engine.asterisk.process import PrivateAsterisk
from engine.center import Center
from engine.cli.prepare import prepare
from engine.config.site import load as load_site
from engine.settings import PREFIX
from engine.settings import load as load_settings

QUEUE_NUMBER = "19001003"
"""Leads straight to the queue `support`."""


@asynccontextmanager
async def bench_center(
    folder: Path, agents: int, more: Mapping[str, str] | None = None
) -> AsyncIterator[Center]:
    """Asterisk and an engine with ``agents`` agents, agent1 at phone 3001 and so on; ``more`` are
    further settings of the engine."""
    site_settings = _site(folder, agents) | dict(more or {})
    environ = dict(os.environ) | site_settings
    settings, problems = load_settings(None, environ)
    assert settings is not None, problems
    site, problems = load_site(settings.site_paths, settings.region)
    assert site is not None, problems
    prepared = prepare(settings, site, Console(quiet=True))
    asterisk = PrivateAsterisk(
        prepared.installation,
        folder / "asterisk",
        prompts_dir=prepared.prompts_dir,
        music_dir=prepared.music_dir,
    )
    async with Center(asterisk, prepared, folder / "state", site_settings) as center:
        yield center


def _site(folder: Path, agents: int) -> dict[str, str]:
    """Write the agents and queues; routes and flows are those that are shipped."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        f'  agent{n}: {{extension: "{3000 + n}", queues: [sales, support]}}'
        for n in range(1, agents + 1)
    ]
    (folder / "agents.yaml").write_text("\n".join(["agents:", *lines, ""]))
    (folder / "queues.yaml").write_text(
        "queues:\n  sales: {}\n  support: {ring_seconds: 15, wrap_up: 0}\n"
    )
    return {
        f"{PREFIX}AGENTS_FILE": str(folder / "agents.yaml"),
        f"{PREFIX}QUEUES_FILE": str(folder / "queues.yaml"),
    }
