"""Many callers and many agents at one center, and what both saw, to hold the records against."""

import asyncio
import contextlib

import aiohttp
from center import MENU, PATIENCE, SUPPORT, assert_tiled, until
from live_site import shipped_flow, write_site

from engine.demo import sipp, tones
from engine.demo.phones import PhoneState

AGENT_COUNT = 30
AGREE_SECONDS = 1.0
"""How far a record's time may be from what the caller's end noted."""


def crowd_site(folder):
    """A site with thirty agents for `support`, and a main menu that waits a minute for a key."""
    agents = [
        f'  agent{n}: {{extension: "{extension_of(n)}", queues: [support]}}'
        for n in range(1, AGENT_COUNT + 1)
    ]
    special = [
        '  lan: {extension: "3101", queues: [sales]}',
        '  hoa: {extension: "3102", queues: [slow]}',
    ]
    menu = shipped_flow("main").replace("timeout_seconds: 4", "timeout_seconds: 60")
    files = {
        "agents.yaml": "\n".join(["agents:", *agents, *special, ""]),
        "queues.yaml": """
            queues:
              support: {ring_seconds: 15, wrap_up: 0, retry_seconds: 1}
              sales: {wrap_up: 0}
              slow: {wrap_up: 600}
        """,
        "routes/main.yaml": f"""
            numbers:
              "{MENU}": {{flow: main, language: en, calendar: always}}
              "{SUPPORT}": {{queue: support, language: en}}
              "{SLOW}": {{queue: slow, language: en}}
            calendars:
              always: {{timezone: Asia/Ho_Chi_Minh, open: {{daily: 00:00-24:00}}}}
        """,
        "flows/main.yaml": menu,
    }
    return write_site(folder, files)


SLOW = "19001009"


def extension_of(number):
    """The phone of ``agent<number>``."""
    return f"{3000 + number}"


def callers_tone(number):
    """Each talking caller has a tone of his own, 50 Hz from the next."""
    return 400.0 + 50 * number


def agents_tone(number):
    """Each agent has one, too, above all callers'."""
    return 1600.0 + 50 * number


class Crowd:
    """SIPp's callers of one run, from their start to their end; ``calls`` by the number shown."""

    def __init__(self, floor, plans, **options):
        self._floor, self._plans, self._options = floor, plans, options
        self.calls, self.size = {}, len(plans)

    async def __aenter__(self):
        self._task = asyncio.create_task(
            self._floor.sipp(
                *self._plans,
                on_event=self._note,
                **{"rate": 20.0, "concurrent": len(self._plans)} | self._options,
            )
        )
        return self

    async def __aexit__(self, *_):
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    def _note(self, event, call):
        self.calls[call.plan.caller] = call

    async def ended(self):
        """Wait for the end of all calls; SIPp's result."""
        return await self._task

    async def until_answered(self):
        """Wait until SIPp has told of every caller that he was answered."""
        await until(lambda: sum(c.answered is not None for c in self.calls.values()) == self.size)

    def all(self, place):
        """The calls whose caller's number begins with ``place``, in order of their start."""
        found = [call for number, call in self.calls.items() if number.startswith(place)]
        return sorted(found, key=lambda call: call.started)


class Agents:
    """Agents at real phones: ``calls`` are all that each answered, by name."""

    def __init__(self, floor):
        self.floor = floor
        self.phones, self.calls, self.tone = {}, {}, {}
        self._tasks = []
        self.hang_up_after = None

    async def log_in(self, name, extension, tone=None, answer_after=0.0):
        """At his own phone, and ready; speaks ``tone`` to whoever he answers."""
        floor = self.floor
        password = floor.center.sip_password(extension)
        phone = await floor.phones.register(extension, password, *floor.address)
        phone.answer_after(answer_after)
        status, answer = await floor.center.post(f"/v1/agents/{name}/login")
        assert status == 200, answer
        self.phones[name], self.calls[name], self.tone[name] = phone, [], tone
        self._tasks.append(asyncio.create_task(self._answer(name, phone, tone)))

    async def _answer(self, name, phone, tone):
        while True:
            call = await phone.next_call(timeout=3600)
            self.calls[name].append(call)
            self._tasks.append(asyncio.create_task(self._talk(call, tone)))

    async def _talk(self, call, tone):
        await call.wait_established(60)
        if tone is not None:
            call.start_tone(tone)
        if self.hang_up_after is not None:
            await until(lambda: call.heard() or call.state is PhoneState.ENDED, 60)  # the caller
            await asyncio.sleep(self.hang_up_after)
            await call.hang_up()

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def talking(self, name):
        """The call that an agent is in."""
        return self.calls[name][-1]


async def states(floor):
    """Every agent's state as the API shows it, by name."""
    return {
        agent["name"]: (agent["state"], agent["reason"], agent["call"], round(agent["since"], 3))
        for agent in await floor.center.get("/v1/agents")
        if agent["state"] != "logged_out"
    }


async def line(floor, queue="support"):
    """Who waits in a queue, in order: call and seconds."""
    found = next(q for q in await floor.center.get("/v1/queues") if q["name"] == queue)
    return [(place["call"], place["waiting_seconds"]) for place in found["waiting"]]


async def stages(floor):
    """How many calls are where."""
    counts = {}
    try:
        for call in await floor.center.get("/v1/calls"):
            counts[call["stage"]] = counts.get(call["stage"], 0) + 1
    except aiohttp.ClientError:
        return {}
    return counts


async def until_stages(floor, patience=20.0, **wanted):
    """Wait until so many calls are in each of these stages."""

    async def there():
        found = await stages(floor)
        return all(found.get(stage) == count for stage, count in wanted.items())

    try:
        await until(there, patience)
    except AssertionError:
        raise AssertionError(f"wanted {wanted}, found {await stages(floor)}") from None


def assert_unbroken(pcm, hz, seconds, whose):
    """A tone was heard in every second of at least ``seconds``.

    A busy machine loses a phone's packets now and then; an interrupted talk is silent for longer.
    """
    second = 2 * tones.RATE
    parts = [pcm[at : at + second] for at in range(0, len(pcm) - second + 1, second)]
    assert len(parts) >= seconds, f"{whose}: only {len(parts)} s of sound came"
    heard = [tones.find(part, hz).seconds for part in parts]
    assert min(heard) > 0.3, f"{whose}: {hz} Hz was heard for {heard} s of each second"


def assert_agrees(record, call):
    """The record tells SIPp's call as the caller saw it, to the second."""
    assert_same(record, call.started, call.answered, call.ended)


def assert_same(record, *seen):
    """The record's arrival, answer and end are what the caller's end noted, to the second."""
    apart = seconds_apart(record, *seen)
    assert apart < AGREE_SECONDS, f"{record['caller']}: {apart} s apart: {record}, caller {seen}"
    assert_tiled(record)


def seconds_apart(record, *seen):
    """How far the record's arrival, answer and end are from what the caller's end noted, at
    most."""
    told = record["arrived"], record["answered"], record["ended"]
    return max(abs(t - s) for t, s in zip(told, seen, strict=True))


async def records_of(floor, count, patience=PATIENCE):
    """All records of the test, when there are ``count``; fails when a call has two."""

    async def written():
        records = await floor.records()
        return records if len(records) >= count else None

    records = await until(written, patience)
    ids = [record["sip_call_id"] for record in records]
    assert len(set(ids)) == len(ids) == count
    return {record["sip_call_id"]: record for record in records}


def plan(number, shown, **more):
    """A caller who hangs up only when the test is over."""
    return sipp.CallPlan(number, shown, more.pop("patience", 240.0), **more)
