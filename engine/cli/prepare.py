"""Set-up as a command: says what it does, and in plain words what is missing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

from engine import setup
from engine.asterisk.install import programs
from engine.config.site import Site
from engine.settings import Settings
from engine.sounds.prompt_inventory import inventory
from engine.tables import Table


def prepare(settings: Settings, site: Site, console: Console) -> setup.Prepared:
    """What a private center needs. Ends the program when something is missing."""
    with _plain_words(console):
        return setup.prepare(settings, site, lambda what: console.print(what, markup=False))


def speak(settings: Settings, site: Site, console: Console) -> None:
    """The prompts for an Asterisk that is not ours to make."""
    with _plain_words(console):
        setup.speak(settings, site, programs(), lambda what: console.print(what, markup=False))


def list_prompts(settings: Settings, site: Site, console: Console) -> None:
    """Every prompt with where its sound comes from; nothing is made."""
    table = Table("prompt", "sound", "seconds", "text", box=None, pad_edge=False)
    for entry in inventory(
        site.prompts, settings.languages, settings.prompts_dir, site.recordings_dir
    ):
        seconds = "" if entry.seconds is None else f"{entry.seconds:.1f}"
        table.add_row(f"{entry.language}/{entry.key}", entry.origin, seconds, escape(entry.text))
    console.print(table)


@contextmanager
def _plain_words(console: Console) -> Iterator[None]:
    try:
        yield
    except (setup.SetupError, OSError) as error:
        console.print(f"set-up: {error}", style="red", markup=False)
        sys.exit(1)
