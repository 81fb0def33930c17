"""``tongdai check``: everything that can be known to be wrong before a start.

Each check is by itself and returns ``Problem``s; what cannot be reached is a problem, too.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine import secrets
from engine.asterisk.install import programs
from engine.config.check_asterisk import check_asterisk, endpoints
from engine.config.check_flows import check_systems
from engine.config.check_recordings import check_recordings
from engine.config.check_sounds import check_sounds
from engine.config.check_speech import check_speech
from engine.config.check_trunks import check_trunks, trunks_used
from engine.config.check_users import check_users
from engine.config.problems import Problem
from engine.config.published import Publications, content_hash
from engine.config.site import Site, load
from engine.settings import Settings

_HOLIDAYS_AHEAD = timedelta(days=60)
_NAMES_SHOWN = 5


async def check(settings: Settings) -> list[Problem]:
    """Every problem of the site, the folders, the prompts and Asterisk."""
    site, problems = load(settings.paths_in_force, settings.region)
    problems += check_published(settings)
    problems += check_folders(settings)
    problems += secrets.load(settings.secrets_file)[1]
    problems += check_recordings(settings)
    problems += check_speech(settings)
    if site:
        problems += check_users(settings, site.agents)
        problems += check_systems(site.flows.values(), settings.systems)
        problems += check_holidays(site, settings.routes_dir, time.time())
        problems += check_languages(site, settings)
        problems += check_prompts(site, settings)
        problems += check_sounds(settings.paths_in_force.flows_dir, programs())
        if (there := await endpoints(settings)) is not None:
            used = trunks_used(site.outbound, site.campaigns.values())
            problems += check_trunks(dict(used), there)
    return problems + await check_asterisk(settings)


def check_published(settings: Settings) -> list[Problem]:
    """Whether people write what callers do not hear yet."""
    publications = Publications(settings.state_dir)
    if not publications.is_published():
        return []
    current = publications.current()
    if current is None:
        message = "this should lead to the published version in force, and leads to none"
        hint = "`tongdai flow versions` shows those that there are; `tongdai flow rollback VERSION`"
        return [Problem.about(publications.link, "E108", message, hint)]
    if content_hash(current.folder) != current.version:
        message = f"{current} is in force, and was changed after it was published"
        hint = "publish what you want instead: `tongdai flow publish`"
        return [Problem.about(current.folder, "E108", message, hint)]
    if content_hash(settings.flows_dir) == current.version:
        return []
    message = f"callers hear {current}, which was published; these working files differ from it"
    hint = "`tongdai flow diff` says how they differ, `tongdai flow publish` puts them in force"
    return [Problem.about(settings.flows_dir, "W108", message, hint)]


def check_folders(settings: Settings) -> list[Problem]:
    """Whether the engine can write where it keeps things, and sees Asterisk's recordings."""
    problems = []
    if not _can_be_made(settings.state_dir):
        problems.append(
            Problem.about(
                settings.state_dir,
                "E210",
                "this folder cannot be written",
                "change its rights, or choose another with TONGDAI_STATE_DIR",
            )
        )
    if settings.recordings_dir and not settings.recordings_dir.is_dir():
        problems.append(
            Problem.about(
                settings.recordings_dir,
                "W210",
                "there is no such folder: no recording can be measured",
                "mount Asterisk's recording folder here, or correct TONGDAI_RECORDINGS_DIR",
            )
        )
    return problems


def check_holidays(site: Site, routes_dir: Path, now: float) -> list[Problem]:
    """Calendars with dated holidays whose coming year is still empty."""
    year = (datetime.fromtimestamp(now, UTC) + _HOLIDAYS_AHEAD).year
    return [
        Problem.about(
            routes_dir,
            "W304",
            f"calendar `{name}` has no holiday in {year}",
            f"`tongdai calendar holidays {site.routes.region.lower()} {year} --calendar {name}` "
            "proposes them; governments move them late in the year",
        )
        for name, calendar in site.calendars.items()
        if any(holiday.first.year for holiday in calendar.holidays)
        and not calendar.has_holidays_in(year)
    ]


def check_languages(site: Site, settings: Settings) -> list[Problem]:
    """Languages, of the settings and of callers, in which the engine's own prompts are not all
    written."""
    of_flows = {key for flow in site.flows.values() for key in flow.prompts}
    own = site.prompts.keys() - of_flows
    missing = {
        language: [key for key in sorted(own) if language not in site.prompts[key]]
        for language in dict.fromkeys([*settings.languages, *_callers_languages(site)])
    }
    return [
        Problem.about(
            settings.flows_dir / "system.yaml",
            "W502",
            f"the engine has {len(keys)} prompts without {language}: {_some(keys)}",
            f"write them; until then these are heard in {settings.languages[0]}",
        )
        for language, keys in missing.items()
        if keys
    ]


def _callers_languages(site: Site) -> list[str]:
    """In which callers come by their number, or that their flows speak."""
    routes = {entry.route.language for entry in site.routes.entries.values()}
    return sorted(routes.union(*(flow.languages() for flow in site.flows.values())) - {""})


def check_prompts(site: Site, settings: Settings) -> list[Problem]:
    """Prompts that have a text but no sound file yet."""
    wanted = [f"{tag}/{key}" for key, texts in site.prompts.items() for tag in texts]
    missing = [name for name in wanted if not (settings.prompts_dir / f"{name}.wav").is_file()]
    if not missing:
        return []
    message = f"{len(missing)} of {len(wanted)} prompts have no sound file: {_some(missing)}"
    hint = "`tongdai setup` makes them"
    return [Problem.about(settings.prompts_dir, "W501", message, hint)]


def _some(names: list[str]) -> str:
    return ", ".join(names[:_NAMES_SHOWN]) + (", …" if len(names) > _NAMES_SHOWN else "")


def _can_be_made(folder: Path) -> bool:
    """Whether ``folder`` is writable, or the first folder above it that exists."""
    existing = next(
        path for path in (folder.absolute(), *folder.absolute().parents) if path.exists()
    )
    return existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)
