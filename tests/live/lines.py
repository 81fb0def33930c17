"""A site with a queue for each thing that lines are about, and what tests ask of lines."""

import asyncio
import os
import re
import sys
from asyncio.subprocess import DEVNULL, PIPE
from dataclasses import dataclass, field
from pathlib import Path

from center import PATIENCE, until
from live_site import settings_of, write_site

QUEUES = (
    "resumed", "regulars", "private", "shop", "stall", "night", "blended",
    "changing", "late", "brief", "general", "slight", "vip", "skilled", "pair", "paper",
)  # fmt: skip
NUMBERS = {queue: f"190040{place:02d}" for place, queue in enumerate(QUEUES)}
STICKY_SECONDS, STEP_SECONDS = 3, 10

FILES = {
    "queues.yaml": f"""
        queues:
          resumed: {{wrap_up: none, resume_seconds: 60}}
          regulars: {{wrap_up: none, sticky: {{to: last, seconds: {STICKY_SECONDS}}}}}
          private: {{wrap_up: none}}
          shop:
            wrap_up: none
            calendar: office
            overflow: [{{when: closed, to: {{queue: night}}}}]
          stall:
            wrap_up: none
            calendar: office
            overflow: [{{when: closed, to: {{hang_up: engine_down}}}}]
          night: {{wrap_up: none}}
          blended: {{wrap_up: none}}
          changing:
            wrap_up: none
            ring_seconds: 60
            strategy: longest_idle
            needs: [billing >= 9]
          late: {{wrap_up: none, ring_seconds: 60, needs: [billing > 8]}}
          brief: {{wrap_up: none, max_wait_seconds: 600}}
          general: {{wrap_up: none}}
          slight: {{wrap_up: none, offset_seconds: 1}}
          vip: {{wrap_up: none, offset_seconds: 60}}
          skilled: {{wrap_up: none, needs: [{{need: billing >= 9, seconds: {STEP_SECONDS}}}]}}
          pair: {{wrap_up: none, ring_width: 2, ring_seconds: 60}}
          paper: {{wrap_up: {{mode: until_done, dispositions: [sold, lost]}}}}
    """,
    "agents.yaml": """
        media:
          form: {most: 2, weight: 50}
        agents:
          mai:
            extension: "3001"
            queues: [resumed, regulars, private, night, blended, changing, general, slight, vip,
                     skilled, paper]
            skills: {billing: 2}
            media: [voice, chat, form]
          john:
            extension: "3002"
            queues: [regulars, changing, pair]
            skills: {billing: 2}
          linh:
            extension: "3003"
            queues: [shop, stall, changing, late, pair]
            skills: {billing: 2}
          expert:
            extension: "3004"
            queues: [changing, late, brief, skilled]
            skills: {billing: 9}
    """,
    "routes/main.yaml": "numbers:\n"
    + "".join(f'  "{n}": {{queue: {queue}, language: en}}\n' for queue, n in NUMBERS.items())
    + "calendars:\n"
    "  office: {timezone: Asia/Ho_Chi_Minh, open: {daily: 00:00-24:00}, emergency: no}\n",
}


@dataclass
class Site:
    """The site's files, and the command that has them read again."""

    folder: Path
    environment: dict = field(default_factory=dict)

    @property
    def settings(self):
        """Where the engine finds it."""
        return settings_of(self.folder)

    def write(self):
        """As every test finds them."""
        write_site(self.folder, FILES)

    def change(self, name, old, new):
        """Write ``new`` where ``old`` stands; returns the file and its line."""
        file = self.folder / name
        text = file.read_text()
        assert text.count(old) == 1
        file.write_text(text.replace(old, new))
        return file, text[: text.index(old)].count("\n") + 1

    async def reload(self):
        """`tongdai reload`: its exit code and what it says."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "engine.cli.main", "reload",
            env=os.environ | self.environment | {"COLUMNS": "400"},
            stdin=DEVNULL, stdout=PIPE, stderr=PIPE,
        )  # fmt: skip
        said = b"".join(await process.communicate()).decode()
        return process.returncode, said


async def seen(floor, queue):
    """A queue as the API shows it."""
    return next(q for q in await floor.center.get("/v1/queues") if q["name"] == queue)


async def places(floor, queue):
    """The line of a queue, in order, as the API shows it."""
    return (await seen(floor, queue))["waiting"]


async def until_waiting(floor, queue, count):
    """Wait until so many are in the line; returns it."""

    async def there():
        found = await places(floor, queue)
        return (found,) if len(found) == count else None

    return (await until(there))[0]


async def callers_in(floor, queue):
    """The numbers of who waits, in the order of the line."""
    callers = {call["call"]: call["caller"] for call in await floor.live()}
    return [callers[place["call"]] for place in await places(floor, queue)]


async def answer(floor, phone, agent, patience=PATIENCE):
    """The agent takes the next call, and they hear each other; returns it."""
    answered = await phone.next_call(patience)
    await answered.answer()
    await until_together(floor, agent)
    return answered


async def until_together(floor, agent):
    """Wait until the agent and a caller are in one bridge: before, it counts as no talk."""

    async def together():
        return any(call["agent"] == agent for call in await floor.live())

    await until(together)


def number_of(call):
    """The caller's number as an agent's phone shows it."""
    return re.search(r"sip:([^@]*)@", call.peer)[1]


async def serve(floor, phone, agent, callers):
    """The agent talks with so many callers, one after the other; returns what his phone showed."""
    shown = []
    for _ in range(callers):
        answered = await answer(floor, phone, agent)
        shown.append(number_of(answered))
        await answered.hang_up()
        await floor.until_state(agent, "ready" if len(shown) == callers else "offered")
    return shown


async def log_in_at_lunch(floor, agent):
    """An agent without a phone, who is there and takes no calls."""
    status, _ = await floor.center.post(f"/v1/agents/{agent}/login", pause_reason="lunch")
    assert status == 200


async def has_waited(floor, queue, seconds):
    """Whether all who wait there have waited so long."""
    return all(place["waiting_seconds"] > seconds for place in await places(floor, queue))


async def in_order(floor):
    """Who waits, in all queues, best score first."""
    callers = {call["call"]: call["caller"] for call in await floor.live()}
    line = [place for q in await floor.center.get("/v1/queues") for place in q["waiting"]]
    return [callers[p["call"]] for p in sorted(line, key=lambda place: -place["score"])]


async def agents_now(floor):
    """All that the API shows of who is logged in, but for what is counted today."""
    agents = await floor.center.get("/v1/agents")
    return {
        agent["name"]: {key: value for key, value in agent.items() if key != "today"}
        for agent in agents
        if agent["state"] != "logged_out"
    }


def waits_for(place):
    """Who waits at a place of a line, at which step, and for whom."""
    return place["call"], place["step"], place["need"], place["state"]
