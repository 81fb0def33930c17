"""Set-up as a command: says what it does, and in plain words what is missing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from engine import setup
from engine.asterisk.install import programs
from engine.config.site import Site
from engine.settings import Settings


def prepare(settings: Settings, site: Site, console: Console) -> setup.Prepared:
    """What a private center needs. Ends the program when something is missing."""
    with _plain_words(console):
        return setup.prepare(settings, site, lambda what: console.print(what, markup=False))


def speak(settings: Settings, site: Site, console: Console) -> None:
    """The prompts for an Asterisk that is not ours to make."""
    with _plain_words(console):
        setup.speak(settings, site, programs(), lambda what: console.print(what, markup=False))


@contextmanager
def _plain_words(console: Console) -> Iterator[None]:
    try:
        yield
    except (setup.SetupError, OSError) as error:
        console.print(f"set-up: {error}", style="red", markup=False)
        sys.exit(1)
