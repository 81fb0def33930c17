"""Many callers at once on a trunk, made by SIPp: the load, and the second opinion on our records.

SIPp notes when each call started, was answered and ended, with its own clock and by its own
Call-ID, so a test can hold the engine's records against what the callers saw. The callers' media
come from ``engine/demo/rtp.py``: they press keys, and what each heard is kept.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.asterisk.install import Installation
from engine.demo.rtp import KeyPress, RtpParty, parties

SCENARIO = Path(__file__).parent / "sipp" / "caller.xml"
MAX_CALLS = 400  # each has a socket of its own in this process, and 1024 files is a usual limit
LOG_POLL_SECONDS = 0.05
NO_WATCHDOG = ("-watchdog_interval", "0")
"""Else SIPp complains of a machine that stands still for half a second, and ends at the tenth time
that it does so for three."""


class SippFailed(Exception):
    """SIPp could not run at all; says what it printed."""


@dataclass(frozen=True, slots=True)
class CallPlan:
    """What one caller does."""

    number: str  # the number dialed
    caller: str  # the number shown
    patience: float  # seconds from the answer until he hangs up, if he is not hung up on
    keys: tuple[KeyPress, ...] = ()
    tone_hz: float | None = None  # what he says; silence when None


@dataclass(slots=True)
class SippCall:
    """What became of one call, as the caller saw it; times in seconds since the epoch."""

    plan: CallPlan
    party: RtpParty = field(repr=False)  # his ear and mouth, to press keys and listen meanwhile
    call_id: str = ""  # SIP Call-ID
    started: float | None = None
    answered: float | None = None
    ended: float | None = None
    ended_by: str = ""  # caller, far end, or empty: never answered
    status: int | None = None  # the SIP status of a refusal
    heard: bytes = field(default=b"", repr=False)  # 8 kHz 16-bit PCM

    @property
    def successful(self) -> bool:
        """Answered and properly ended."""
        return self.answered is not None and self.ended is not None


@dataclass(frozen=True, slots=True)
class SippResult:
    """All calls of one run, in the order of their plans, and what SIPp complained about."""

    calls: tuple[SippCall, ...]
    complaints: str

    @property
    def created(self) -> int:
        """Calls that sent their INVITE."""
        return sum(call.started is not None for call in self.calls)

    @property
    def successful(self) -> int:
        """Calls that were answered and ended by a BYE."""
        return sum(call.successful for call in self.calls)

    @property
    def failed(self) -> int:
        """Calls that were refused, or got lost."""
        return self.created - self.successful


def plans(
    calls: int,
    *,
    number: str,
    patience: tuple[float, float],
    keys: Sequence[KeyPress] = (),
    seed: int = 1,
) -> list[CallPlan]:
    """So many alike callers, each with a number of his own and his patience drawn from a range."""
    draw = random.Random(seed)
    return [
        CallPlan(number, f"09{place:08d}", draw.uniform(*patience), tuple(keys))
        for place in range(1, calls + 1)
    ]


async def run(
    installation: Installation,
    target: tuple[str, int],
    wanted: Sequence[CallPlan],
    *,
    rate: float = 5.0,
    concurrent: int = 30,
    source: str = "127.0.0.2",
    timeout: float = 120.0,
    on_event: Callable[[str, SippCall], None] = lambda event, call: None,
    party: type[RtpParty] = RtpParty,
) -> SippResult:
    """Place the calls at ``target``, ``rate`` a second and at most ``concurrent`` at once, and
    wait for all.

    ``source`` is the trunk's address: Asterisk knows the trunk by it. ``on_event`` hears
    ``started``, ``answered``, ``refused``, ``hung_up`` and ``far_hung_up`` about 0.05 s later. Each
    caller's ear and mouth is a ``party``.
    After ``timeout`` seconds SIPp is stopped and the calls stand as they are. Raises
    ``SippFailed`` when SIPp does not run, ``ValueError`` for more than 400 calls.
    """
    if not 0 < len(wanted) <= MAX_CALLS:
        raise ValueError(f"{len(wanted)} calls: one run places 1 to {MAX_CALLS}; run several")
    command = installation.program("sipp")
    if command is None:
        raise SippFailed("SIPp is not installed (Debian's package is called sip-tester)")
    callers = [party(plan.keys, plan.tone_hz) for plan in wanted]
    calls = [SippCall(plan, party) for plan, party in zip(wanted, callers, strict=True)]
    with tempfile.TemporaryDirectory(prefix="sipp-") as name:
        folder = Path(name)
        async with parties(source, callers):
            (folder / "calls.csv").write_text(_injection(wanted, callers))
            process = await asyncio.create_subprocess_exec(
                *command,
                *_arguments(target, source, len(wanted), rate, concurrent),
                cwd=folder,
                env=installation.environment("sipp"),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            try:
                await _follow(process, folder / "log", calls, callers, timeout, on_event)
            finally:
                await _stop(process)
        complaints = _text(folder / "errors")
    for call, caller in zip(calls, callers, strict=True):
        call.heard = caller.heard()
    if not any(call.started for call in calls):
        raise SippFailed(f"SIPp placed no call (exit code {process.returncode}): {complaints}")
    return SippResult(tuple(calls), complaints)


def _arguments(
    target: tuple[str, int], source: str, calls: int, rate: float, concurrent: int
) -> list[str]:
    return [
        *(f"{target[0]}:{target[1]}", "-i", source, "-sf", str(SCENARIO), "-inf", "calls.csv"),
        *("-m", str(calls), "-l", str(concurrent), "-r", str(round(rate * 1000)), "-rp", "1000000"),
        *("-trace_logs", "-log_file", "log", "-trace_err", "-error_file", "errors", "-nostdin"),
        *NO_WATCHDOG,
    ]


def _injection(wanted: Iterable[CallPlan], callers: Iterable[RtpParty]) -> str:
    """One line per call; the fields are described in the scenario."""
    lines = [
        f"{plan.number};{plan.caller};{caller.port};{round(plan.patience * 1000)}"
        for plan, caller in zip(wanted, callers, strict=True)
    ]
    return "\n".join(["SEQUENTIAL", *lines, ""])


async def _follow(
    process: asyncio.subprocess.Process,
    log: Path,
    calls: Sequence[SippCall],
    callers: Sequence[RtpParty],
    timeout: float,
    on_event: Callable[[str, SippCall], None],
) -> None:
    """Note what SIPp logs until it ends.

    A caller whose call is over falls silent at once: the far end may give the RTP port that he
    speaks to, to another call.
    """
    loop = asyncio.get_running_loop()
    deadline, read = loop.time() + timeout, 0
    running = True
    while running and loop.time() < deadline:
        running = process.returncode is None  # asked before reading, so nothing is missed
        lines = _text(log).splitlines(keepends=True)
        for line in lines[read:]:
            if not line.endswith("\n"):
                break
            read += 1
            number, event = _note(line, calls)
            if event in ("refused", "hung_up", "far_hung_up"):
                callers[number].close()
            on_event(event, calls[number])
        if running:
            await asyncio.sleep(LOG_POLL_SECONDS)


def _note(line: str, calls: Sequence[SippCall]) -> tuple[int, str]:
    """Put one line of the scenario's log into its call: its place in the run and the event."""
    event, number, call_id, status, time = line.rstrip("\n").split(";")
    at = float(time.split("\t")[-1])
    call = calls[int(number) - 1]
    call.call_id = call_id
    if event == "started":
        call.started = at
    elif event == "answered":
        call.answered = at
    elif event == "refused":
        call.status = int(status)
    else:
        call.ended = at
        call.ended_by = "caller" if event == "hung_up" else "far end"
    return int(number) - 1, event


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()


def _text(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""
