"""Everything a center needs before its first call: prompts; of its own also Asterisk and music."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine import paths
from engine.asterisk import install
from engine.asterisk.install import Installation, Programs
from engine.config.published import Publications
from engine.config.site import Site
from engine.settings import Settings
from engine.sounds import prompts
from engine.sounds.music import ensure_music
from engine.sounds.prompt_inventory import summary
from engine.sounds.tone_files import TONES, ToneFiles


class SetupError(Exception):
    """Something is missing; the text says what and how to get it."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Where the things are that a private Asterisk needs."""

    installation: Installation
    prompts_dir: Path
    music_dir: Path


def prepare(settings: Settings, site: Site, say: Callable[[str], None]) -> Prepared:
    """Make what is not there yet; done before, it takes a fraction of a second.

    Raises ``SetupError``. Blocks: it runs programs and may download.
    """
    try:
        installation = install.ensure(
            str(settings.asterisk) if settings.asterisk else None,
            lambda what, part: say(what) if part is None else None,
        )
    except install.InstallError as error:
        raise SetupError(str(error)) from error
    say(f"Asterisk {installation.version}")
    speak(settings, site, installation, say)
    music = ensure_music(paths.cache_dir() / "music")
    return Prepared(installation, settings.prompts_dir, music.parent)


def speak(settings: Settings, site: Site, programs: Programs, say: Callable[[str], None]) -> None:
    """Make the prompts that are new or changed: all that an engine beside a given Asterisk needs.

    Nothing is said when there are none. Raises ``SetupError`` that names each prompt which could
    not be made.
    """
    folder, recorded = settings.prompts_dir, site.recordings_dir
    try:
        report = prompts.build(site.prompts, folder, programs, recordings=recorded)
    except prompts.PromptError as error:
        raise SetupError(str(error)) from error
    if report.missing:
        lines = "\n".join(f"  {name}: {why}" for name, why in report.missing.items())
        raise SetupError(f"these prompts could not be made:\n{lines}")
    if Publications(settings.state_dir).find(site.flow_set.version):
        prompts.keep(site.prompts, folder, site.flow_set.version)
    ToneFiles(settings.prompts_dir / TONES).make_silence()
    if report.made or report.recorded:
        for line in summary(report, site.prompts, settings.languages, settings.prompts_dir):
            say(line)
