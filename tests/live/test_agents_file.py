"""The agents' file decides who has a SIP account: adding an agent touches nothing else."""

from pathlib import Path

import pytest
from center import PATIENCE, SUPPORT
from live_site import usual_site

from engine.demo.phones import PhoneError

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


async def test_a_new_agent_can_register_after_a_restart_and_one_who_left_cannot(floor, agents_file):
    with pytest.raises(PhoneError, match="401"):
        await floor.phones.register("3099", "hoa-has-one", *floor.address)

    await restarted_with(floor, agents_file, MAI + NEWCOMER)
    phone = await floor.phones.register("3099", "hoa-has-one", *floor.address)
    await floor.until_online("3099")
    await floor.center.post("/v1/agents/hoa/login")
    calling = await floor.dial(SUPPORT)
    await (await phone.next_call(PATIENCE)).answer()
    await floor.until_state("hoa", "talking")
    await calling.hang_up()
    assert (await floor.record(calling))["agent"] == "hoa"
    await floor.until_state("hoa", "ready")

    await restarted_with(floor, agents_file, MAI)
    assert [a["name"] for a in await floor.center.get("/v1/agents")] == ["mai"]
    with pytest.raises(PhoneError, match="401"):
        await phone.register()
    for kind in ("endpoint", "aor", "auth"):
        path = f"asterisk/config/dynamic/res_pjsip/{kind}"
        assert (await floor.asterisk(f"{path}/3099"))[0] == 404
        assert (await floor.asterisk(f"{path}/3001"))[0] == 200


async def restarted_with(floor, file, agents):
    """The file as somebody has just edited it, and an engine that has read it."""
    await floor.center.stop_engine()
    file.write_text(agents)
    await floor.center.start_engine()
