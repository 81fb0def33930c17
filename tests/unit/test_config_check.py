"""`tongdai check` before a start: what the operator is told of folders, prompts and Asterisk."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import encode_basic_auth, web

from engine import paths
from engine.config.check import (
    check,
    check_folders,
    check_holidays,
    check_languages,
    check_prompts,
)
from engine.config.check_asterisk import (
    check_contexts,
    check_installed,
    check_running,
    check_version,
    endpoints,
    required_modules,
)
from engine.config.check_trunks import Endpoints, check_trunks
from engine.config.problems import Problem
from engine.config.site import Site, load
from engine.settings import Settings

MODULES = sorted(required_modules(paths.ASTERISK_TEMPLATES))


def codes(problems: list[Problem]) -> list[str]:
    return [problem.code for problem in problems]


@pytest.fixture
def site() -> Site:
    site, _ = load(Settings().site_paths)
    assert site is not None
    return site


# -- folders, prompts, calendars ------------------------------------------------------------------


def test_a_state_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = Settings(state_dir=tmp_path / "file" / "state")
    assert codes(check_folders(settings)) == ["E210"]
    assert check_folders(Settings(state_dir=tmp_path / "new" / "state")) == []


def test_recordings_that_the_engine_cannot_see_are_a_warning(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path, recordings_dir=tmp_path / "spool")
    assert codes(check_folders(settings)) == ["W210"]


def test_prompts_without_sound_are_counted(site: Site, tmp_path: Path) -> None:
    settings = Settings(prompts_dir=tmp_path)
    (problem,) = check_prompts(site, settings)
    assert problem.code == "W501"
    assert "prompts have no sound file: " in problem.message
    for key, texts in site.prompts.items():
        for language in texts:
            (tmp_path / language).mkdir(exist_ok=True)
            (tmp_path / language / f"{key}.wav").touch()
    assert check_prompts(site, settings) == []


def test_the_engine_must_speak_every_language_it_is_set_to(site: Site) -> None:
    assert check_languages(site, Settings(languages=("en", "vi"))) == []
    (problem,) = check_languages(site, Settings(languages=("vi", "fr")))
    assert (problem.code, "without fr" in problem.message) == ("W502", True)


@pytest.mark.parametrize(
    ("day", "expected"),
    [(datetime(2027, 6, 1, tzinfo=UTC), []), (datetime(2027, 11, 15, tzinfo=UTC), ["W304"])],
)
def test_the_holidays_of_the_coming_year_are_asked_for(
    site: Site, day: datetime, expected: list[str]
) -> None:
    assert codes(check_holidays(site, paths.ROUTES, day.timestamp())) == expected


# -- our files for Asterisk -----------------------------------------------------------------------


def test_our_contexts_are_all_there() -> None:
    assert check_contexts(paths.ASTERISK_TEMPLATES, paths.DIALPLAN_TEMPLATE) == []


def test_a_context_that_a_trunk_needs_and_nobody_wrote_is_named(tmp_path: Path) -> None:
    dialplan = tmp_path / "extensions.conf"
    text = paths.DIALPLAN_TEMPLATE.read_text().replace("[from-trunk]", "[from-trnk]")
    dialplan.write_text(text)
    (problem,) = check_contexts(paths.ASTERISK_TEMPLATES, dialplan)
    assert (problem.code, "[from-trunk]" in problem.message) == ("E404", True)


# -- an Asterisk on the disk ----------------------------------------------------------------------


def program(path: Path, banner: str) -> Path:
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\necho '{banner}'\n")
    path.chmod(0o755)
    return path


def installed(root: Path, banner: str, modules: list[str]) -> Path:
    """Something that looks like an Asterisk at ``root``."""
    folder = root / "lib" / "asterisk" / "modules"
    folder.mkdir(parents=True)
    for name in modules:
        (folder / name).touch()
    (root / "share" / "asterisk" / "rest-api").mkdir(parents=True)
    return program(root / "sbin" / "asterisk", banner)


def test_a_good_asterisk_on_the_disk_is_not_mentioned(tmp_path: Path) -> None:
    assert check_installed(installed(tmp_path, "Asterisk 22.10.1", MODULES)) == []


def test_an_old_asterisk_is_refused(tmp_path: Path) -> None:
    old = installed(tmp_path, "Asterisk 22.10.0", MODULES)
    assert codes(check_installed(old)) == ["E401"]


def test_missing_modules_are_named(tmp_path: Path) -> None:
    few = installed(tmp_path, "Asterisk 22.10.1", [m for m in MODULES if m != "app_stasis.so"])
    (problem,) = check_installed(few)
    assert (problem.code, "`app_stasis.so`" in problem.message) == ("E403", True)


def test_a_machine_without_asterisk_is_told_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("TONGDAI_CACHE", str(tmp_path))
    assert codes(check_installed(None)) == ["W401"]


# -- a running Asterisk ---------------------------------------------------------------------------

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class FakeAri:
    """Answers what an ARI of ``version`` with ``modules`` answers to the right password."""

    def __init__(self) -> None:
        self.version: Any = "22.10.1~dfsg-1"
        self.modules = [{"name": name, "status": "Running"} for name in MODULES]
        self.url = ""

    async def start(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_get("/ari/asterisk/info", self._info)
        app.router.add_get("/ari/asterisk/modules", self._modules)
        app.router.add_get("/ari/endpoints/PJSIP", self._endpoints)
        app.router.add_get("/html/ari/asterisk/{what}", self._html)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    async def _info(self, request: web.Request) -> web.Response:
        login = encode_basic_auth("tongdai", "right")
        if request.headers.get("Authorization") != login:
            raise web.HTTPUnauthorized
        return web.json_response({"system": {"version": self.version}})

    async def _modules(self, request: web.Request) -> web.Response:
        return web.json_response(self.modules)

    async def _endpoints(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != encode_basic_auth("tongdai", "right"):
            raise web.HTTPUnauthorized
        return web.json_response([{"technology": "PJSIP", "resource": "viettel"}])

    async def _html(self, request: web.Request) -> web.Response:
        return web.json_response(["something else"])


@pytest.fixture
async def ari() -> AsyncIterator[FakeAri]:
    fake = FakeAri()
    runner = await fake.start()
    yield fake
    await runner.cleanup()


def settings_for(url: str, password: str = "right") -> Settings:
    return Settings.model_validate({"ari_url": url, "ari_password": password})


async def test_a_running_asterisk_that_has_all_is_not_mentioned(ari: FakeAri) -> None:
    assert await check_running(settings_for(ari.url)) == []


async def test_a_running_asterisk_that_is_too_old_is_refused(ari: FakeAri) -> None:
    ari.version = "20.9.3"
    assert codes(await check_running(settings_for(ari.url))) == ["E401"]


async def test_a_module_that_is_not_running_is_named(ari: FakeAri) -> None:
    ari.modules[0]["status"] = "Not Running"
    (problem,) = await check_running(settings_for(ari.url))
    assert (problem.code, MODULES[0] in problem.message) == ("E403", True)


@pytest.mark.parametrize(
    ("path", "password", "advice"),
    [
        ("", "wrong", "TONGDAI_ARI_PASSWORD"),
        ("/pbx", "right", "res_ari is not loaded"),
        ("/html", "right", "correct TONGDAI_ARI_URL"),
    ],
)
async def test_an_ari_that_cannot_be_used_is_told_with_advice(
    ari: FakeAri, path: str, password: str, advice: str
) -> None:
    (problem,) = await check_running(settings_for(ari.url + path, password))
    assert (problem.code, advice in problem.hint) == ("E402", True)


async def test_trunks_are_those_that_the_running_asterisk_has(ari: FakeAri) -> None:
    there = await endpoints(settings_for(ari.url))
    assert there == Endpoints(ari.url, frozenset({"viettel"}))
    used = {"viettel": "numbers are dialed", "mobile": "the campaign `may` dials"}
    (problem,) = check_trunks(used, there)
    assert (problem.code, "[mobile]" in problem.message) == ("W405", True)


@pytest.mark.parametrize(("path", "password"), [("", "wrong"), ("/html", "right"), ("/x", "right")])
async def test_an_asterisk_that_cannot_be_asked_is_complained_of_once(
    ari: FakeAri, path: str, password: str
) -> None:
    assert await endpoints(settings_for(ari.url + path, password)) is None


async def test_an_ari_that_is_not_there_is_told_not_raised(ari: FakeAri) -> None:
    closed = ari.url.rpartition(":")[0] + ":9"
    (problem,) = await check_running(settings_for(closed))
    assert problem.code == "E402"


def test_a_version_that_is_no_release_is_refused() -> None:
    assert codes(check_version("x", {"system": {"version": "GIT-master-abc"}})) == ["E401"]


async def test_the_whole_check_tells_all_at_once(ari: FakeAri, tmp_path: Path) -> None:
    ari.version = "20.9.3"
    queues = tmp_path / "queues.yaml"
    queues.write_text("queues: [support]\n")
    shutil.copytree(paths.FLOWS, tmp_path / "flows")
    settings = settings_for(ari.url).model_copy(
        update={"queues_file": queues, "flows_dir": tmp_path / "flows"}
    )
    found = {problem.code for problem in await check(settings)}
    assert {"E203", "E401"} <= found
