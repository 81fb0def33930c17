"""How long each agent talked, by the ledger's own rows and by the packets at his phone."""

import asyncio
import sqlite3
import time
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from center import until
from hearing_kit import TONES
from live_site import write_site
from talk_site import FILES, SUPPORT
from wire_phone import WirePhone

pytestmark = pytest.mark.asyncio(loop_scope="module")

EXACT_SECONDS = 0.1
"""On a machine that does at once what is due; a busy one may be as late as it was seen to be, at
each of the hops from an order to a packet: the API, Asterisk's commands, its mixer."""
HOPS = 5
PROBE_SECONDS, NEAR_SECONDS = 0.01, 0.5
ENOUGH_SECONDS = 0.4
"""That two hear each other, before something changes."""


@pytest.fixture(scope="module")
def center_settings(tmp_path_factory):
    """A center of these files."""
    return write_site(tmp_path_factory.mktemp("site"), FILES)


class Busyness:
    """How late this machine does what is due: measured beside the test, all the time."""

    def __init__(self):
        self._late = []

    async def measure(self):
        """Until it is cancelled."""
        while True:
            due = time.time() + PROBE_SECONDS
            await asyncio.sleep(PROBE_SECONDS)
            self._late.append((due, time.time() - due))

    def around(self, at):
        """The worst of it about this time."""
        return max((late for due, late in self._late if abs(due - at) < NEAR_SECONDS), default=0.0)


class Agent:
    """At his phone on the wire."""

    def __init__(self, floor, name, phone):
        self.floor, self.name, self.phone = floor, name, phone

    async def order(self, order, **body):
        """Of his talk."""
        path = f"/v1/agents/{self.name}/talk/{order}"
        status, answer = await self.floor.center.post(path, **body)
        assert status == 200, answer
        return answer["answer"]

    def heard(self, who="caller"):
        """When he has heard him."""
        return self.phone.ear.intervals(TONES[who])

    async def hears(self, who="caller"):
        """Wait until he has heard him for a while from now on."""
        since = time.time()
        await until(lambda: any(b - max(a, since) > ENOUGH_SECONDS for a, b in self.heard(who)))

    async def is_quiet(self):
        """Wait until he has not heard the caller for a while."""
        await until(lambda: time.time() - self.heard()[-1][1] > ENOUGH_SECONDS)


@pytest_asyncio.fixture(loop_scope="module")
async def busyness():
    """That of this test."""
    found = Busyness()
    measuring = asyncio.get_running_loop().create_task(found.measure())
    yield found
    measuring.cancel()


@pytest_asyncio.fixture(loop_scope="module")
async def agents(floor):
    """Mai and john, ready."""
    wanted = {"mai": "3001", "john": "3002"}
    phones = [
        WirePhone(extension, floor.center.sip_password(extension), floor.address, TONES[name])
        for name, extension in wanted.items()
    ]
    async with phones[0].at_desk(), phones[1].at_desk():
        for name, extension in wanted.items():
            await floor.until_online(extension)
            assert (await floor.center.post(f"/v1/agents/{name}/login"))[0] == 200
        yield [Agent(floor, name, phone) for name, phone in zip(wanted, phones, strict=True)]


async def test_each_agents_talks_begin_and_end_as_the_packets_at_his_phone_do(
    floor, agents, busyness
):
    mai, john = agents
    caller = await floor.dial(SUPPORT)
    caller.start_tone(TONES["caller"])
    await mai.phone.answer()
    await mai.hears()
    await mai.order("hold")
    await mai.is_quiet()
    await mai.order("resume")
    await mai.hears()
    await mai.order("consult", to={"agent": "john"})
    await john.phone.answer()
    await john.hears("mai")
    await mai.order("swap")
    await mai.hears()
    await mai.order("complete")
    await john.hears()
    await john.order("invite", to={"agent": "mai"})
    leg = await mai.phone.answer()
    await mai.hears()
    leg.hang_up()
    await floor.until_state("mai", "ready")
    await john.hears()
    await john.order("transfer", to={"agent": "mai"})
    await mai.phone.answer()
    await mai.hears()
    await caller.hang_up()
    record = await floor.record(caller)

    for agent, times in ((mai, 5), (john, 1)):
        talks = talks_in_ledger(floor.center, record["call"], agent.name)
        heard, told = agent.heard(), f"{agent.name}: {talks}, heard {agent.heard()}"
        assert len(talks) == times, told
        assert all(any(overlap(each, talk) for talk in talks) for each in heard), told
        for talk in talks:
            mine = [each for each in heard if overlap(each, talk)]
            assert mine, told
            for real, written in ((mine[0][0], talk[0]), (mine[-1][1], talk[1])):
                assert abs(real - written) <= EXACT_SECONDS + HOPS * busyness.around(real), told


def overlap(one, other):
    """Whether two stretches of time have a moment in common."""
    return one[0] < other[1] and other[0] < one[1]


def talks_in_ledger(center, call, agent):
    """From when until when he talked with the caller, as the rows of the ledger have it."""
    asked = """
        select started, ended from party_stretches
        where call = ? and name = ? and kind in ('talk', 'conference') order by started
    """
    with sqlite3.connect(center.state_dir / "tongdai.db") as ledger:
        rows = ledger.execute(asked, (call, agent)).fetchall()
    found = []
    for started, ended in (map(moment, row) for row in rows):
        if found and found[-1][1] == started:
            found[-1][1] = ended
        else:
            found.append([started, ended])
    return found


def moment(written):
    """Seconds since the epoch of a time in the ledger."""
    return datetime.fromisoformat(written).replace(tzinfo=UTC).timestamp()
