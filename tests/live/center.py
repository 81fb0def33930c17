"""A call center for a test: its Asterisk, its engine, its phones, and the look around after it."""

import asyncio
import contextlib
import inspect
import os
import re
import time
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from listening import heard_music, heard_prompt

from engine import paths
from engine.asterisk.process import PrivateAsterisk
from engine.center import Center
from engine.demo import sipp, tones
from engine.demo.phones import Phones
from engine.sounds.music import ensure_music

MENU, MENU_VI, CLOSED = "19001000", "19001001", "19001002"
SUPPORT, SALES, IMPATIENT, BRIEF, CLOSED_SHOP = (f"1900100{n}" for n in range(3, 8))
"""The numbers of ``site/routes``, and the queues behind them."""

CALLERS = ("caller1", "caller2", "caller3", "caller4")
CALLERS_TONE, AGENTS_TONE = 440.0, 620.0
PATIENCE = 20.0
"""Seconds that a thing may take on a busy machine which takes a tenth of one on an idle one."""

LEFT_SECONDS = 10.0
FAULTS = re.compile(r"\[(error|critical) *\]|Traceback")


async def until(condition, patience=PATIENCE):
    """Wait until ``condition()``, plain or async, is true; returns what it gave."""
    deadline = time.monotonic() + patience
    while True:
        found = condition()
        if inspect.isawaitable(found):
            found = await found
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {patience} s"
        await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def open_center(prepared, folder, settings, **asterisk):
    """A center of its own in ``folder``; when it closes, none of its processes is left.

    ``settings`` are those of its engine; ``asterisk`` are further arguments of ``PrivateAsterisk``.
    """
    before = _children()
    private = PrivateAsterisk(
        prepared.installation,
        folder / "asterisk",
        prompts_dir=prepared.prompts_dir,
        music_dir=prepared.music_dir,
        dial_in={name: _secret(name) for name in CALLERS},
        **asterisk,
    )
    async with Center(private, prepared, folder / "state", settings) as center:
        yield center
    assert _children() <= before, "a process of the center is left"


@contextlib.asynccontextmanager
async def open_floor(center, *, faults_expected=False):
    """Phones at a center. When it closes all is as before: nothing rings, talks or records.

    ``faults_expected``: the engine may log errors.
    """
    login = aiohttp.encode_basic_auth(center.asterisk.ari_user, center.asterisk.ari_password)
    said = _size(center.console)
    async with aiohttp.ClientSession(headers={"Authorization": login}) as ari:
        async with Phones() as phones:
            floor = Floor(center, phones, ari)
            await until(floor.ledger_is_up)
            yield floor
        try:
            await floor.assert_nothing_is_left()
        finally:
            await floor.clear()
    faults = [] if faults_expected else faults_in(center.console, said)
    assert not faults, "\n".join(faults)


@dataclass
class Floor:
    """The center as a test sees it: callers, agents, records."""

    center: Center
    phones: Phones
    ari: aiohttp.ClientSession
    began: float = field(default_factory=time.time)
    _callers: list = field(default_factory=lambda: list(CALLERS))
    _records: dict = field(default_factory=dict)
    _looked: dict = field(default_factory=dict)

    @property
    def address(self):
        """Where Asterisk takes SIP: host, port."""
        addresses = self.center.asterisk.addresses
        return addresses.sip_host, addresses.sip_port

    # -- callers and agents -------------------------------------------------------------------

    async def caller(self):
        """Another customer's phone; there are four."""
        name = self._callers.pop(0)
        return await self.phones.caller(name, _secret(name), *self.address)

    async def dial(self, number, *, phone=None, keys=""):
        """A customer calls and is answered; he presses ``keys`` as soon as he hears something."""
        phone = phone or await self.caller()
        call = await phone.dial(number)
        await call.wait_established(PATIENCE)
        if keys:
            await until(lambda: len(call.heard()) > 0)
            await call.press(keys)
        return call

    async def phone(self, extension):
        """An agent's desk phone, registered; the engine knows."""
        password = self.center.sip_password(extension)
        phone = await self.phones.register(extension, password, *self.address)
        await self.until_online(extension)
        return phone

    async def agent(self, name, extension, *, answer_after=None):
        """An agent at his own phone, logged in and ready."""
        phone = await self.phone(extension)
        phone.answer_after(answer_after)
        status, answer = await self.center.post(f"/v1/agents/{name}/login")
        assert status == 200, answer
        return phone

    async def sipp(self, *plans, **options):
        """SIPp's callers on the trunk; returns what each saw and heard."""
        installation = self.center.asterisk.installation
        return await sipp.run(installation, self.address, plans, **options)

    async def talk(self, number=SUPPORT, agent=("mai", "3001"), *, keys=""):
        """A caller and an agent who talk: both ends of the call."""
        phone = await self.agent(*agent, answer_after=0)
        calling = await self.dial(number, keys=keys)
        answered = await phone.next_call(PATIENCE)
        await answered.wait_established(PATIENCE)
        await self.until_together(agent[0])
        return calling, answered

    async def hang_up(self, call):
        """A supervisor hangs up on a live caller, through the API."""
        async with self.ari.delete(f"{self.center.api_url}/v1/calls/{call['call']}") as answer:
            assert answer.status == 204, await answer.text()

    # -- what they hear -----------------------------------------------------------------------

    def heard_prompt(self, call, key, language="en", *, since=None):
        """Whether a caller or an agent heard a prompt (half of it), perhaps after a moment.

        Who waits for it asks again and again: all but what came since, and before it as much as
        the prompt may be long, has been looked at.
        """
        prompts = Path(self.center.environment()["TONGDAI_PROMPTS_DIR"])
        file = prompts / language / f"{key}.wav"
        line, asked = call.heard(since), (call, file, since)
        found = heard_prompt(line[self._looked.get(asked, 0) :], file)
        if not found:
            longest = file.stat().st_size // 2 * 2 + 2 * tones.RATE  # and what filled a gap
            self._looked[asked] = max(0, len(line) - longest)
        return found

    def heard_music(self, call, *, since=None):
        """Whether hold music is what was heard last."""
        return heard_music(call.heard(since), ensure_music(paths.cache_dir() / "music"))

    # -- what the engine tells ----------------------------------------------------------------

    async def seen(self, name):
        """The agent as the API shows him."""
        return next(a for a in await self.center.get("/v1/agents") if a["name"] == name)

    async def until_state(self, name, state, patience=PATIENCE):
        """Wait until the agent is in that state; returns him."""

        async def there():
            agent = await self.seen(name)
            return agent if agent["state"] == state else None

        return await until(there, patience)

    async def until_together(self, name):
        """Wait until this agent and a caller hear each other; who hangs up before has not talked,
        and the caller gets another agent."""

        async def together():
            return any(call["agent"] == name for call in await self.live())

        await until(together)

    async def until_online(self, extension, online=True):
        """Wait until the engine knows that a phone came or went."""

        async def known():
            agents = await self.center.get("/v1/agents")
            return any(a["phone"] == extension and a["phone_online"] is online for a in agents)

        await until(known)

    async def live(self, count=None):
        """The live calls; with ``count``, wait until there are so many."""
        if count is None:
            return await self.center.get("/v1/calls")

        async def so_many():
            calls = await self.live()
            return (calls,) if len(calls) == count else None

        return (await until(so_many))[0]

    async def record(self, call):
        """The record of a caller's or SIPp's call, when it is written, found by its Call-ID."""
        wanted = call if isinstance(call, str) else _sip_call_id(call)

        async def written():
            found = [r for r in await self.records() if r["sip_call_id"] == wanted]
            assert len(found) < 2, "a call has two records"
            return found[0] if found else None

        record = await until(written)
        assert_tiled(record)
        return record

    async def records(self):
        """All records of calls that arrived since this floor was opened, oldest first."""
        await until(self.ledger_is_up)  # the engine may have been started again
        since = self.began - 0.001  # Asterisk's clock is read in whole milliseconds
        lines = await self.center.get(f"/v1/records?limit=1000&since={since}")
        for line in lines:
            if line["call"] not in self._records:
                record = await self.center.get(f"/v1/records/{line['call']}")
                self._records[line["call"]] = record
        return [self._records[line["call"]] for line in reversed(lines)]

    async def ledger_is_up(self):
        """Calls are served before the engine has opened its ledger; until then it tells none."""
        return (await self.center.get("/health"))["ledger"] == "up"

    async def with_wrap_up(self, record):
        """The record again, when the agent's wrap-up is over and written."""

        async def written():
            again = await self.center.get(f"/v1/records/{record['call']}")
            return again if again["segments"][-1]["kind"] == "wrap_up" else None

        again = await until(written)
        assert_tiled(again)
        return again

    # -- the switch, asked directly -----------------------------------------------------------

    async def asterisk(self, path):
        """Status and answer of ARI: the second opinion."""
        async with self.ari.get(f"{self.center.asterisk.ari_url}/{path}") as answer:
            return answer.status, await answer.json(content_type=None)

    async def is_recorded(self, recording):
        """Whether this recording runs."""
        return (await self.asterisk(f"recordings/live/{recording}"))[0] == 200

    async def leftovers(self):
        """What a finished test may not leave: nothing of it is empty while a call lives."""
        left = {
            "channels": [c["name"] for c in (await self.asterisk("channels"))[1]],
            "bridges": [b["id"] for b in (await self.asterisk("bridges"))[1]],
            "calls": await self.center.get("/v1/calls"),
            "agents": [
                a
                for a in await self.center.get("/v1/agents")
                if a["call"] or a["state"] in ("offered", "talking", "wrap_up")
            ],
            "waiting": [q for q in await self.center.get("/v1/queues") if q["waiting"]],
            "records": (await self.center.get("/health"))["records_waiting"],
        }
        return {kind: found for kind, found in left.items() if found}

    async def assert_nothing_is_left(self):
        """No channel, bridge, call, busy agent, waiting record or live recording."""
        deadline = time.monotonic() + LEFT_SECONDS
        while left := await self.leftovers():
            assert time.monotonic() < deadline, f"left behind: {left}"
            await asyncio.sleep(0.05)
        for record in await self.records():
            for made in record["recordings"]:
                status, _ = await self.asterisk(f"recordings/live/{made['name']}")
                assert status == 404, f"{made['name']} is still recorded"

    async def clear(self):
        """Log everybody out, and hang up whatever a failed test has left to the next one."""
        for channel in (await self.asterisk("channels"))[1]:
            await self.ari.delete(f"{self.center.asterisk.ari_url}/channels/{channel['id']}")
        for agent in await self.center.get("/v1/agents"):
            if agent["state"] != "logged_out":
                await self.center.post(f"/v1/agents/{agent['name']}/logout")


def assert_tiled(record):
    """The segments cover the call from arrival to end, each beginning where the one before ends;
    a wrap-up begins where the talk ends."""
    of_call = [s for s in record["segments"] if s["kind"] != "wrap_up"]
    borders = [record["arrived"], *(s["ended"] for s in of_call)]
    assert borders[:-1] == [s["started"] for s in of_call]
    assert borders[-1] == record["ended"]
    assert borders == sorted(borders)
    for wrap_up in (s for s in record["segments"] if s["kind"] == "wrap_up"):
        talk = [s for s in of_call if s["kind"] in ("talk", "hold")]
        assert wrap_up["started"] == talk[-1]["ended"]
        assert wrap_up["agent"] == talk[-1]["agent"]


def seconds_of(record, *kinds):
    """How long a call was in segments of these kinds."""
    return sum(s["ended"] - s["started"] for s in record["segments"] if s["kind"] in kinds)


def kinds_of(record):
    """What the call was, one after the other."""
    return [s["kind"] for s in record["segments"]]


def faults_in(console, start=0):
    """The engine's complaints about itself, from byte ``start`` of its console."""
    with console.open("rb") as file:
        file.seek(start)
        said = file.read().decode(errors="replace")
    return [line for line in said.splitlines() if FAULTS.search(line)]


def _secret(account):
    return f"{account}-is-secret"


def _sip_call_id(call):
    return getattr(call, "sip_call_id", None) or call.call_id


def _size(file):
    return file.stat().st_size if file.exists() else 0


def _children():
    """The processes that this one has started and that live."""
    found = set()
    for task in Path(f"/proc/{os.getpid()}/task").glob("*/children"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a thread that has ended
            found.update(task.read_text().split())
    return found
