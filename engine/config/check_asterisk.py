"""What ``tongdai check`` asks of Asterisk: its version, its modules, and our files for it.

A running one is asked over ARI when ``ari_url`` is set; otherwise the one that would be started is
looked at on the disk.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import aiohttp

from engine import paths
from engine.asterisk.install import Installation, InstallError, find, version_of
from engine.config.check_trunks import Endpoints, written_endpoints
from engine.config.problems import Problem, listed
from engine.settings import Settings

ANSWER_SECONDS = 5

_REQUIRED = re.compile(r"^\s*require\s*=\s*(\S+)", re.MULTILINE)
_CONTEXT_USED = re.compile(r"^\s*context\s*=\s*([\w-]+)", re.MULTILINE)
_CONTEXT_DEFINED = re.compile(r"^\[([\w-]+)\]", re.MULTILINE)
_CONTEXTS_OF_THE_ENGINE = frozenset({"from-agent", "engine-down", "refer", "mailbox-lamp"})


async def check_asterisk(settings: Settings) -> list[Problem]:
    """Whether Asterisk can be driven, and whether our configuration for it fits together."""
    problems = check_contexts(paths.ASTERISK_TEMPLATES, paths.DIALPLAN_TEMPLATE)
    if settings.ari_url:
        return problems + await check_running(settings)
    return problems + await asyncio.to_thread(check_installed, settings.asterisk)


def required_modules(templates: Path) -> set[str]:
    """The modules that the engine cannot do without: ``require`` in ``modules.conf``."""
    return set(_REQUIRED.findall((templates / "modules.conf").read_text(encoding="utf-8")))


def check_contexts(templates: Path, dialplan: Path) -> list[Problem]:
    """Contexts that endpoints or the engine send calls to, and the dialplan does not have."""
    defined = set(_CONTEXT_DEFINED.findall(dialplan.read_text(encoding="utf-8")))
    used = set(_CONTEXTS_OF_THE_ENGINE)
    for template in templates.glob("*.conf"):
        used |= set(_CONTEXT_USED.findall(template.read_text(encoding="utf-8")))
    return [
        Problem.about(
            dialplan,
            "E404",
            f"there is no context [{name}], and calls are sent to it",
            "add it, or correct the `context =` that names it",
        )
        for name in sorted(used - defined)
    ]


def check_installed(asterisk: Path | None) -> list[Problem]:
    """The Asterisk on this machine, which the engine would start itself."""
    try:
        installation = find(str(asterisk) if asterisk else None)
    except InstallError as error:
        hint = "correct TONGDAI_ASTERISK, or unset it for a private Asterisk"
        return [Problem.about("Asterisk", "E401", str(error), hint)]
    if installation is None:
        hint = "`tongdai setup` makes a private one"
        return [Problem.about("Asterisk", "W401", "there is none on this machine yet", hint)]
    return _missing(_files(installation), "install the package that has them")


async def check_running(settings: Settings) -> list[Problem]:
    """The Asterisk behind ``ari_url``."""
    where = str(settings.ari_url)
    try:
        async with _ari(settings) as http:
            info = await _get(http, f"{where}/ari/asterisk/info?only=system")
            modules = await _get(http, f"{where}/ari/asterisk/modules")
        return check_version(where, info) + check_modules(modules)
    except aiohttp.ClientResponseError as error:
        return [
            Problem.about(
                where,
                "E402",
                f"ARI answered {error.status} {error.message}",
                _ADVICE.get(error.status, "look at Asterisk's log"),
            )
        ]
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        hint = "start Asterisk, or correct TONGDAI_ARI_URL"
        return [
            Problem.about(where, "E402", f"ARI cannot be reached: {error or 'no answer'}", hint)
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        return [
            Problem.about(where, "E402", "what answers there is not ARI", "correct TONGDAI_ARI_URL")
        ]


async def endpoints(settings: Settings) -> Endpoints | None:
    """The SIP endpoints that Asterisk has; None when it cannot be asked, as ``check_running`` then
    tells."""
    if not settings.ari_url:
        return written_endpoints(settings.asterisk_dir / "etc")
    try:
        async with _ari(settings) as http:
            found = await _get(http, f"{settings.ari_url}/ari/endpoints/PJSIP")
        return Endpoints(str(settings.ari_url), frozenset(each["resource"] for each in found))
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError, TypeError):
        return None


def check_version(where: str, info: Any) -> list[Problem]:
    """Whether it is new enough; ``info`` is what ARI says of the system."""
    try:
        version_of(f"Asterisk {info['system']['version']}")
    except InstallError as error:
        return [Problem.about(where, "E401", str(error), "upgrade Asterisk")]
    return []


def check_modules(modules: Any) -> list[Problem]:
    """Whether every required module runs; ``modules`` is ARI's list."""
    running = {module["name"] for module in modules if module["status"] == "Running"}
    return _missing(running, "load them in modules.conf")


_ADVICE = {
    401: "correct TONGDAI_ARI_USER and TONGDAI_ARI_PASSWORD, or ari.conf",
    403: "this ARI user may not do that: take `read_only` from it in ari.conf",
    404: "TONGDAI_ARI_URL is not Asterisk's HTTP server, or res_ari is not loaded there",
}


def _ari(settings: Settings) -> aiohttp.ClientSession:
    password = settings.ari_password.get_secret_value() if settings.ari_password else ""
    return aiohttp.ClientSession(
        headers={"Authorization": aiohttp.encode_basic_auth(settings.ari_user, password)},
        timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS),
    )


async def _get(http: aiohttp.ClientSession, url: str) -> Any:
    async with http.get(url) as response:
        response.raise_for_status()
        return await response.json()


def _files(installation: Installation) -> set[str]:
    return {file.name for file in installation.modules_dir.glob("*.so")}


def _missing(there: set[str], hint: str) -> list[Problem]:
    missing = required_modules(paths.ASTERISK_TEMPLATES) - there
    if not missing:
        return []
    return [Problem.about("Asterisk", "E403", f"modules are missing: {listed(missing)}", hint)]
