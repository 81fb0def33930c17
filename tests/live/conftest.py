"""Live tests: a private Asterisk, an engine in a process of its own, real phones, real audio.

A module's tests share one center, which takes two seconds to start; each has its own phones, and
after each nothing of it may be left. A module with another center in mind overrides
``center_settings`` or ``asterisk_settings``; a test that needs one for itself uses ``open_center``
and ``open_floor``.
"""

import pytest
import pytest_asyncio
from center import open_center, open_floor
from live_site import usual_site, write_site

from engine import setup
from engine.config import site as sites
from engine.settings import load
from tests.udp_carrier import UdpCarrier


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """The first live test on a fresh machine waits for the set-up, which downloads Asterisk."""
    first = next((item for item in items if "prepared" in item.fixturenames), None)
    if first is not None:
        first.add_marker(pytest.mark.timeout(900))


@pytest.fixture(scope="session")
def prepared():
    """Asterisk, prompts and music, made or downloaded where they are not there yet."""
    settings, problems = load()
    assert settings is not None, problems
    site, problems = sites.load(settings.site_paths, settings.region)
    assert site is not None, problems
    return setup.prepare(settings, site, print)


@pytest.fixture(scope="module")
def center_settings(request, tmp_path_factory):
    """Settings of the module's engine: of a site of the module's ``FILES``, or of the usual one."""
    files, folder = getattr(request.module, "FILES", None), tmp_path_factory.mktemp("site")
    return usual_site(folder) if files is None else write_site(folder, files)


@pytest.fixture(scope="module")
def asterisk_settings(request):
    """Further arguments of the module's ``PrivateAsterisk``: its trunk leads to the carrier in a
    module of which ``CALLS_THE_CARRIER`` is true."""
    if not getattr(request.module, "CALLS_THE_CARRIER", False):
        return {}
    return {"trunk_contact": request.getfixturevalue("carrier").contact}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def carrier():
    """The far side of a trunk, for a module whose Asterisk has one."""
    async with UdpCarrier() as carrier:
        yield carrier


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def center(prepared, center_settings, asterisk_settings, tmp_path_factory):
    """The module's center. Its tests carry ``pytest.mark.asyncio(loop_scope="module")``."""
    folder = tmp_path_factory.mktemp("center")
    async with open_center(prepared, folder, center_settings, **asterisk_settings) as center:
        yield center


@pytest_asyncio.fixture(loop_scope="module")
async def floor(center):
    """The module's center and this test's phones; nothing of the test may be left after it."""
    async with open_floor(center) as floor:
        yield floor
