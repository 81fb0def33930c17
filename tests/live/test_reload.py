"""The site's files are read again while callers wait and agents talk."""

from pathlib import Path

import pytest
from center import PATIENCE, SUPPORT, until
from live_site import usual_site

pytestmark = pytest.mark.asyncio(loop_scope="module")

MAI = 'agents:\n  mai: {extension: "3001", queues: [support, sales, impatient, brief]}\n'
NEWCOMER = '  hoa: {extension: "3099", queues: [support], secret: "hoa-has-one"}\n'


@pytest.fixture(scope="module")
def center_settings(tmp_path_factory):
    """The site of the tests, with mai alone."""
    return usual_site(tmp_path_factory.mktemp("site"), {"agents.yaml": MAI})


@pytest.fixture(scope="module")
def agents_file(center_settings):
    """The file that mai is in."""
    return Path(center_settings["TONGDAI_AGENTS_FILE"])


async def test_an_agent_added_while_a_caller_waits_serves_him_without_a_restart(floor, agents_file):
    agents_file.write_text(MAI)
    await floor.center.post("/v1/reload")
    waiting = await floor.dial(SUPPORT)
    await until_queued(floor)

    agents_file.write_text(MAI + NEWCOMER)
    status, answer = await floor.center.post("/v1/reload")
    assert (status, answer["in_force"]) == (200, "new")
    phone = await floor.phones.register("3099", "hoa-has-one", *floor.address)
    await floor.until_online("3099")
    await floor.center.post("/v1/agents/hoa/login")
    await (await phone.next_call(PATIENCE)).answer()
    await floor.until_state("hoa", "talking")
    await waiting.hang_up()
    assert (await floor.record(waiting))["agent"] == "hoa"
    await floor.until_state("hoa", "ready")
    await floor.center.post("/v1/agents/hoa/logout")


async def test_a_broken_file_is_refused_with_its_place_and_nothing_changes(floor, agents_file):
    waiting = await floor.dial(SUPPORT)
    await until_queued(floor)
    before = await floor.center.get("/v1/agents")
    agents_file.write_text(MAI + '  hoa: {extension: "30x9"}\n')
    status, answer = await floor.center.post("/v1/reload")
    [problem] = [p for p in answer["problems"] if p["level"] == "error"]
    assert (status, answer["in_force"]) == (422, "old")
    assert (problem["file"], problem["line"]) == (str(agents_file), 3)
    assert await floor.center.get("/v1/agents") == before
    [call] = await floor.center.get("/v1/calls")
    assert call["stage"] == "queue"
    await waiting.hang_up()
    await floor.record(waiting)


async def until_queued(floor):
    """The one caller there is waits in the queue."""

    async def queued():
        return [call["stage"] for call in await floor.center.get("/v1/calls")] == ["queue"]

    await until(queued)
