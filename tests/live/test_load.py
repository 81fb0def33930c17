"""Two hundred callers at ten a second through menu, queue and thirty agents."""

import os
import re
import resource
import sqlite3
import time
from dataclasses import dataclass, fields
from itertools import groupby, pairwise
from pathlib import Path
from statistics import quantiles

import pytest
from center import MENU, assert_tiled, open_center, open_floor, until
from crowd import (
    AGENT_COUNT,
    AGREE_SECONDS,
    Agents,
    Crowd,
    crowd_site,
    extension_of,
    plan,
    records_of,
    seconds_apart,
    states,
)

from engine.demo.rtp import KeyPress

CALLS, RATE = 200, 10.0
TALK_SECONDS = 1.2  # thirty agents then serve twice as many as come
WORST_SECONDS = 4.0
"""How far one record may be from what its caller saw: SIP says twice what is lost on the way."""
LACKS_SOUND = re.compile(r"[\d.]+ s of [\d.]+ s")
TICKS = os.sysconf("SC_CLK_TCK")


@pytest.fixture
async def floor(prepared, tmp_path):
    settings = crowd_site(tmp_path / "site")
    async with open_center(prepared, tmp_path, settings) as center, open_floor(center) as floor:
        yield floor


@pytest.mark.timeout(240)
async def test_two_hundred_callers_are_all_answered_recorded_and_told_to_the_second(floor):
    async with Agents(floor) as agents:
        for n in range(1, AGENT_COUNT + 1):
            await agents.log_in(f"agent{n}", extension_of(n))
        agents.hang_up_after = TALK_SECONDS
        before = Usage.of(floor.center)
        plans = [plan(MENU, f"09{n:08d}", keys=[KeyPress(0.5, "2")]) for n in range(CALLS)]
        async with Crowd(floor, plans, rate=RATE, timeout=150.0) as crowd:
            result = await crowd.ended()
        records = await records_of(floor, CALLS, patience=30)
        await until(lambda: all_ready(floor))
        database = floor.center.state_dir / "tongdai.db"
        await until(lambda: len(talks_in(database)) >= CALLS)
        after = Usage.of(floor.center)
        print(f"\n{before}\n{after}\n{after.since(before)}")

    assert (result.created, result.successful, result.failed) == (CALLS, CALLS, 0)
    for call in result.calls:
        record = records[call.call_id]
        assert_tiled(record)
        assert (record["outcome"], record["ended_by"]) == ("answered", "agent")
        assert call.ended_by == "far end"
    assert_told_to_the_second([(records[call.call_id], call) for call in result.calls])
    assert_recorded([records[call.call_id]["recordings"] for call in result.calls])
    assert after.files < before.files + CALLS / 2  # its connections to Asterisk; not one per call
    assert_agents_days_tile(database)
    assert len(talks_in(database)) == CALLS


def assert_told_to_the_second(told):
    """Nineteen of twenty records agree with SIPp's calls, and no other is far off."""
    apart = [seconds_apart(record, c.started, c.answered, c.ended) for record, c in told]
    assert quantiles(apart, n=20)[-1] < AGREE_SECONDS, sorted(apart)[-20:]
    assert max(apart) < WORST_SECONDS, max(apart)


def assert_recorded(recordings):
    """Each talk has its file. Of some, a machine that cannot keep up has lost sound: told so."""
    lacking = []
    for [made] in recordings:
        assert bytes_of(made["path"]) == made["bytes"]
        assert made["complete"] or LACKS_SOUND.fullmatch(made["problem"]), made
        lacking += [] if made["complete"] else [made["problem"]]
    assert len(lacking) < CALLS / 3, lacking


def bytes_of(path):
    return Path(path).stat().st_size


async def all_ready(floor):
    return all(state == "ready" for state, *_ in (await states(floor)).values())


def talks_in(database):
    """The agents' talks that are written."""
    return [stretch for stretch in stretches_in(database) if stretch[3] == "talking"]


def stretches_in(database):
    """Agent, beginning, end and state of each stretch of the agents' days, in order."""
    with sqlite3.connect(database) as ledger:
        stretches = ledger.execute(
            "SELECT agent, started, ended, state FROM agent_stretches ORDER BY agent, started"
        ).fetchall()
    ledger.close()
    return stretches


def assert_agents_days_tile(database):
    """Each agent was always in one state, and in one talk at a time."""
    for _, day in groupby(stretches_in(database), key=lambda stretch: stretch[0]):
        for one, next_ in pairwise(list(day)):
            assert one[2] == next_[1], (one, next_)


@dataclass(frozen=True)
class Usage:
    """What everybody has used so far: processor seconds; the engine's open files and memory."""

    at: float
    engine: float
    asterisk: float
    phones: float  # and SIPp's callers' sound: this process
    sipp: float
    files: int
    megabytes: float

    @classmethod
    def of(cls, center):
        engine = int((center.state_dir / "journal.jsonl.lock").read_text())
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return cls(
            time.monotonic(),
            cpu_seconds(engine),
            cpu_seconds(center.asterisk.pid),
            cpu_seconds("self"),
            children.ru_utime + children.ru_stime,
            len(list(Path(f"/proc/{engine}/fd").iterdir())),
            int(Path(f"/proc/{engine}/statm").read_text().split()[1])
            * resource.getpagesize()
            / 1e6,
        )

    def since(self, before):
        """The difference: what the test itself has used."""
        return Usage(*(getattr(self, f.name) - getattr(before, f.name) for f in fields(self)))


def cpu_seconds(pid):
    """User and system time of a process and its threads."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / TICKS
