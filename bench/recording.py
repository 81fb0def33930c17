"""Thirty talks at once: what recording and supervising them costs the engine, and what of the
talkers' tones is lost by it, beside the same talks unrecorded."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count, pairwise, repeat
from pathlib import Path
from statistics import median

from rich import box
from rich.console import Console
from rich.table import Table

from bench.center import bench_center
from bench.menu_load import Used
from bench.tone_phones import CALLERS_HZ, ToneParty, TonePhone
from engine.calls.talk.parties import Watch
from engine.center import Center
from engine.demo import sipp
from engine.demo.rtp import parties
from engine.paths import FLOWS
from engine.settings import PREFIX

TALKS = 30
ROUNDS = 3
ARRIVALS_PER_SECOND = 10.0
SETTLE_SECONDS = 2.0
WINDOWS, WINDOW_SECONDS = 4, 5.0
"""The share of the processor is the median of these; tones are counted over all of them."""
STAYS_SECONDS = TALKS / ARRIVALS_PER_SECOND + 4 * SETTLE_SECONDS + WINDOWS * WINDOW_SECONDS
SUPERVISOR, SUPERVISORS_PHONE = "boss", "4000"
SUPERVISES_SECONDS = 1.0
SPOKEN = ("system", "queue", "dialogs", "spoken")
"""The shipped files of prompts; they have no flows, which would name queues of their own."""
PLAIN, RECORDED = "19001801", "19001802"


@dataclass(frozen=True, slots=True)
class Way:
    """How the talks of a round are: to this number, with or without a supervisor who comes and
    goes."""

    name: str
    number: str
    supervised: bool = False


WAYS = (
    Way("neither", PLAIN),
    Way("recorded", RECORDED),
    Way("supervised", PLAIN, supervised=True),
    Way("both", RECORDED, supervised=True),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A round: shares of one core, and 20 ms frames of tones."""

    engine: float
    asterisk: float
    lost: int
    frames: int
    supervised: int


async def show(console: Console) -> None:
    """Measure all ways in turn, so that whatever else the machine does hits them alike."""
    outcomes: dict[Way, list[Outcome]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory(prefix="tongdai-bench-") as name:
        folder = Path(name)
        async with (
            bench_center(folder, 1, _write_site(folder / "site")) as center,
            _agents(center) as phones,
        ):
            for number in range(ROUNDS):
                for way in WAYS:
                    outcomes[way].append(await _measure(center, phones, way))
                console.print(f"round {number + 1} of {ROUNDS} measured")
    console.print(_table(outcomes))


async def _measure(center: Center, phones: Sequence[TonePhone], way: Way) -> Outcome:
    for phone in phones:
        phone.party.forget()
    calling = asyncio.create_task(_call(center, way.number))
    await _until_all_talk(center)
    visits: list[str] = []
    supervising = asyncio.create_task(_supervise(center, visits, way.supervised))
    began, used = time.time(), [Used.by(center)]
    for _ in range(WINDOWS):
        await asyncio.sleep(WINDOW_SECONDS)
        used.append(Used.by(center))
    ended = time.time()
    supervising.cancel()
    await asyncio.wait([supervising])
    lost = [phone.party.lost(CALLERS_HZ, began, ended) for phone in phones]
    await calling
    await asyncio.sleep(SETTLE_SECONDS)
    return Outcome(
        _share([each.engine for each in used], [each.at for each in used]),
        _share([each.asterisk for each in used], [each.at for each in used]),
        sum(gone for gone, _ in lost),
        sum(frames for _, frames in lost),
        len(visits),
    )


async def _until_all_talk(center: Center) -> None:
    async with asyncio.timeout(TALKS / ARRIVALS_PER_SECOND + 2 * SETTLE_SECONDS):
        talks: list[str] = []
        while len(talks) < TALKS:
            await asyncio.sleep(0.1)
            calls = await center.get("/v1/calls")
            talks = [call["call"] for call in calls if call["stage"] == "talk"]
    await asyncio.sleep(SETTLE_SECONDS)


def _share(used: Sequence[float], at: Sequence[float]) -> float:
    """Of a core, in the middle one of the windows."""
    windows = zip(pairwise(used), pairwise(at), strict=True)
    return median((after - before) / (end - start) for (before, after), (start, end) in windows)


async def _call(center: Center, number: str) -> None:
    plans = [
        sipp.CallPlan(number, f"09{n:08d}", STAYS_SECONDS, tone_hz=CALLERS_HZ) for n in range(TALKS)
    ]
    await sipp.run(
        center.asterisk.installation,
        _address(center),
        plans,
        rate=ARRIVALS_PER_SECOND,
        concurrent=TALKS,
        party=ToneParty,
    )


async def _supervise(center: Center, visits: list[str], wanted: bool) -> None:
    """A supervisor comes to one agent after the other, each time in another way; his phone answers
    at once and hangs up soon."""
    for number in count() if wanted else ():
        agent, watch = f"agent{number % TALKS + 1}", list(Watch)[number % 3]
        status, _ = await center.post(
            f"/v1/agents/{agent}/supervision", supervisor=SUPERVISOR, watch=watch
        )
        if status == 202:
            visits.append(agent)
        await asyncio.sleep(1.5 * SUPERVISES_SECONDS)


@asynccontextmanager
async def _agents(center: Center) -> AsyncIterator[list[TonePhone]]:
    """All at their phones and ready; the supervisor at his."""
    address = _address(center)
    async with AsyncExitStack() as stack:
        phones = []
        for extension in (*_EXTENSIONS.values(), SUPERVISORS_PHONE):
            phones.append(TonePhone(extension, center.sip_password(extension), address))
        await stack.enter_async_context(parties(address[0], [phone.party for phone in phones]))
        for phone in phones:
            await stack.enter_async_context(phone)
        for agent in _EXTENSIONS:
            await center.post(f"/v1/agents/{agent}/login")
        phones[-1].talks = repeat(SUPERVISES_SECONDS)
        yield phones[:-1]


def _address(center: Center) -> tuple[str, int]:
    return center.asterisk.addresses.sip_host, center.asterisk.addresses.sip_port


_EXTENSIONS = {f"agent{n}": str(3000 + n) for n in range(1, TALKS + 1)}


def _write_site(folder: Path) -> dict[str, str]:
    """Two queues of the same agents: one records, the other does not."""
    for name in ("routes", "flows"):
        (folder / name).mkdir(parents=True)
    for name in SPOKEN:
        shutil.copy(FLOWS / f"{name}.yaml", folder / "flows")
    queues = "queues: [plain, recorded]"
    agents = [f'  {name}: {{extension: "{at}", {queues}}}' for name, at in _EXTENSIONS.items()]
    boss = f'  {SUPERVISOR}: {{extension: "{SUPERVISORS_PHONE}", supervises: ["*"]}}'
    (folder / "agents.yaml").write_text("\n".join(["agents:", *agents, boss, ""]))
    (folder / "queues.yaml").write_text(
        "queues:\n  plain: {wrap_up: none, record: never}\n  recorded: {wrap_up: none}\n"
    )
    (folder / "routes" / "main.yaml").write_text(
        f'numbers:\n  "{PLAIN}": {{queue: plain, language: en}}\n'
        f'  "{RECORDED}": {{queue: recorded, language: en}}\n'
    )
    return {
        f"{PREFIX}AGENTS_FILE": str(folder / "agents.yaml"),
        f"{PREFIX}QUEUES_FILE": str(folder / "queues.yaml"),
        f"{PREFIX}ROUTES_DIR": str(folder / "routes"),
        f"{PREFIX}FLOWS_DIR": str(folder / "flows"),
    }


def _table(outcomes: Mapping[Way, Sequence[Outcome]]) -> Table:
    seconds = WINDOWS * WINDOW_SECONDS
    title = f"{TALKS} talks at once, {ROUNDS} x {seconds:.0f} s; shares of one core; 20 ms frames"
    table = Table(title=title, box=box.SIMPLE)
    table.add_column("talks")
    for heading in ("engine", "Asterisk", "frames", "lost", "share", "joined"):
        table.add_column(heading, justify="right")
    for way, rounds in outcomes.items():
        engine = [each.engine for each in rounds]
        lost, frames = sum(each.lost for each in rounds), sum(each.frames for each in rounds)
        table.add_row(
            way.name,
            f"{median(engine):.1%} ({min(engine):.1%}–{max(engine):.1%})",
            f"{median(each.asterisk for each in rounds):.1%}",
            str(frames),
            str(lost),
            f"{lost / frames:.3%}",
            str(sum(each.supervised for each in rounds)),
        )
    return table
