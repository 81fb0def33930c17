"""Callees behind a trunk: SIPp signals for them and keeps the truth, this process is their voice.

What a callee does is in his number (``number_of``), so that the trunk's log says by itself what
was to be expected of each call. All callees of a trunk share one RTP port: a call is told by the
port that Asterisk speaks from.
"""

import asyncio
import contextlib
import itertools
import re
import tempfile
import time
from bisect import bisect_right
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

import numpy as np

from engine.asterisk.install import Installation
from engine.asterisk.port_block import PortBlock
from engine.demo import tones
from engine.demo.rtp import PACKET_SAMPLES, PACKET_SECONDS, SILENCE, RtpParty, to_mulaw
from engine.demo.sipp import NO_WATCHDOG
from engine.sounds import wav

SCENARIO = Path(__file__).parent / "sipp" / "callee.xml"
POLL_SECONDS = 0.01
AT_ONCE = 9
"""In place of the seconds of a talk."""
BEEP_HZ, FAX_HZ = 1000.0, 2100.0
"""Of an answering machine, and the answer tone of a fax (ITU-T V.8)."""

ENDS = {
    "refused": "callee",
    "hung_up": "callee",
    "far_hung_up": "far end",
    "cancelled": "cancelled",
}


class Does(IntEnum):
    """What a callee's phone does, once it has rung as long as his number says."""

    NOBODY = 0  # 404
    ANSWERS = 1
    BUSY = 2  # 486
    REJECTS = 3  # 603
    NO_ROOM = 4  # 503
    OFF = 5  # 480


def number_of(does: Does, place: int, *, rings: float = 0.0, talks: int = 0) -> str:
    """A Vietnamese mobile number whose callee does this. ``place`` makes it unique, up to 4999.

    He rings for ``rings`` seconds (in halves, at most 49), and hangs up ``talks`` seconds (at most
    8) after he answered, or ``AT_ONCE``; 0: he waits to be hung up on.
    """
    operator = ("90", "91", "93", "94", "98")[place // 1000]
    return f"+84{operator}{does:d}{round(rings * 2):02d}{talks}{place % 1000:03d}"


@dataclass(frozen=True)
class Voice:
    """What a callee says from the moment he answers: 8 kHz PCM; then he is silent."""

    pcm: bytes = b""


def first_word(hz: float, seconds: float = 0.7, *, after: float = 0.3) -> Voice:
    """A person's: a moment after he has picked up, a tone."""
    return Voice(silence(after) + tones.sine(hz, round(seconds * tones.RATE)))


def machine(greeting: Path) -> Voice:
    """An answering machine's: its greeting, and the beep."""
    spoken = np.asarray(wav.read(greeting)).astype("<i2").tobytes()
    return Voice(spoken + silence(0.4) + tones.sine(BEEP_HZ, tones.RATE // 2))


def fax() -> Voice:
    """A fax's: its answer tone."""
    return Voice(silence(0.2) + tones.sine(FAX_HZ, 3 * tones.RATE))


def silence(seconds: float) -> bytes:
    """So much of nothing."""
    return bytes(2 * round(seconds * tones.RATE))


@dataclass
class CalleeCall:
    """One call as the callee saw it; times in seconds since the epoch, by SIPp's own log."""

    number: str
    shown: str
    call_id: str
    dialed: float
    party: "Callee" = field(repr=False)
    rang: float | None = None
    answered: float | None = None
    status: int | None = None  # of his refusal
    ended: float | None = None
    ended_by: str = ""  # callee or far end; cancelled: by the far end before he answered

    @property
    def does(self) -> Does:
        """What his number says."""
        return Does(int(self.number[-7]))


class Callee(RtpParty):
    """A callee's ear and mouth, on the port that all of a trunk share."""

    def __init__(self, voice: Voice) -> None:
        super().__init__()
        self._voice = to_mulaw(voice.pcm)
        self._came: list[float] = []  # when each packet came

    def begin(self, transport: asyncio.DatagramTransport, peer: tuple[str, int]) -> None:
        """He has picked up: from now on he is heard."""
        self._transport, self._peer, self.first_heard = transport, peer, time.time()

    def close(self) -> None:
        """Fall silent; the port belongs to all."""
        self._transport = None

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """One RTP packet; noted with the time at which it came."""
        before = len(self._heard)
        super().datagram_received(data, addr)
        self._came += [time.time()] * ((len(self._heard) - before) // PACKET_SAMPLES)

    def heard_at(self, hz: float) -> float | None:
        """When he heard a tone begin, seconds since the epoch."""
        found = tones.find(self.heard(), hz)
        if not found.seconds:
            return None
        return self._came[min(round(found.first / PACKET_SECONDS), len(self._came) - 1)]

    @property
    def first_sound(self) -> float | None:
        """When he heard anything but silence for the first time, seconds since the epoch."""
        pcm, packet = self.heard(), 2 * PACKET_SAMPLES
        for number, at in enumerate(self._came):
            if tones.level(pcm[number * packet : (number + 1) * packet]) > tones.SILENCE_DBFS:
                return at
        return None

    def _sound(self) -> bytes:
        sound = self._voice[self._timestamp : self._timestamp + PACKET_SAMPLES]
        return sound + SILENCE[len(sound) :]


class Callees(asyncio.DatagramProtocol):
    """All callees behind one trunk, which is dialed at ``contact``.

    ``calls`` are those that came, in order, kept up to date within a few hundredths of a second;
    ``complaints`` is what SIPp found wrong.
    """

    def __init__(self, host: str, port: int, voice_of: Callable[[str], Voice]) -> None:
        """Made by ``callees_at``."""
        self.host, self.port = host, port
        self.calls: list[CalleeCall] = []
        self.complaints = ""
        self._voice_of = voice_of
        self._by_id: dict[str, CalleeCall] = {}
        self._peers: dict[str, tuple[str, int]] = {}  # where Asterisk speaks from, by Call-ID
        self._talking: dict[int, Callee] = {}  # by the port of it

    @property
    def contact(self) -> str:
        """Where the trunk is dialed."""
        return f"sip:{self.host}:{self.port}"

    @property
    def live(self) -> list[CalleeCall]:
        """Those that are not over."""
        return [call for call in self.calls if call.ended is None]

    async def follow(self, log: Path, transport: asyncio.DatagramTransport) -> None:
        """Take in what SIPp logs, for ever."""
        rest = ""
        with log.open(encoding="utf-8", errors="replace") as file:
            while True:
                *lines, rest = (rest + file.read()).split("\n")
                for line in lines:
                    self._note(line, transport)
                await asyncio.sleep(POLL_SECONDS)

    async def speak(self) -> None:
        """A packet of each who talks, every 20 ms by the clock, for ever."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            now = time.time()
            for callee in list(self._talking.values()):
                callee.tick(now)
            due += PACKET_SECONDS
            await asyncio.sleep(due - loop.time())

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """asyncio: an RTP packet for one of them."""
        callee = self._talking.get(addr[1])
        if callee is not None:
            callee.datagram_received(data, addr)

    def _note(self, line: str, transport: asyncio.DatagramTransport) -> None:
        event, _, call_id, detail, when = line.split(";")
        at = float(when.split("\t")[-1])
        if event == "dialed":
            self._dialed(call_id, detail, at)
            return
        call = self._by_id[call_id]
        if event == "ringing":
            call.rang = at
        elif event == "answered":
            call.answered = at
            peer = self._peers[call_id]
            call.party.begin(transport, peer)
            self._talking[peer[1]] = call.party
        else:
            self._over(call, event, detail, at)

    def _dialed(self, call_id: str, detail: str, at: float) -> None:
        number, shown, host, port = detail.split()
        call = CalleeCall(number, shown, call_id, at, Callee(self._voice_of(number)))
        self.calls.append(call)
        self._by_id[call_id], self._peers[call_id] = call, (host, int(port))

    def _over(self, call: CalleeCall, event: str, detail: str, at: float) -> None:
        call.ended = at
        call.ended_by = ENDS[event]
        call.status = int(detail) if event == "refused" else None
        port = self._peers[call.call_id][1]
        if self._talking.get(port) is call.party:
            del self._talking[port]
        call.party.close()


@contextlib.asynccontextmanager
async def callees_at(
    installation: Installation, host: str, voice_of: Callable[[str], Voice] = lambda _: Voice()
) -> AsyncIterator[Callees]:
    """Callees at an address that is a trunk's alone, until the block ends.

    ``voice_of`` gives each number's voice; without it all are silent.
    """
    loop = asyncio.get_running_loop()
    with PortBlock(0) as ports, tempfile.TemporaryDirectory(prefix="callees-") as name:
        callees = Callees(host, ports.first, voice_of)
        transport, _ = await loop.create_datagram_endpoint(lambda: callees, local_addr=(host, 0))
        folder = Path(name)
        (folder / "log").touch()
        process = await _sipp(installation, callees, transport, folder)
        working = [
            asyncio.create_task(callees.follow(folder / "log", transport)),
            asyncio.create_task(callees.speak()),
        ]
        try:
            yield callees
            assert process.returncode is None, _text(folder / "errors")
            for task in working:
                assert not task.done(), task.exception()
        finally:
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)
            if process.returncode is None:
                process.kill()
            await process.wait()
            transport.close()
            callees.complaints = _grave(_text(folder / "errors"))


def _grave(errors: str) -> str:
    """What SIPp complains of, but for what came once more to a call that was well over: answers to
    a BYE that it had repeated."""
    _heading, *each = re.split(r"^(?=\d{4}-\d\d-\d\d\t)", errors, flags=re.MULTILINE)
    return "".join(one for one in each if not ("Dead call" in one and "(successful)" in one))


async def _sipp(
    installation: Installation,
    callees: Callees,
    transport: asyncio.DatagramTransport,
    folder: Path,
) -> asyncio.subprocess.Process:
    command = installation.program("sipp")
    assert command is not None, "SIPp is not installed (Debian's package is called sip-tester)"
    media = transport.get_extra_info("sockname")[1]
    return await asyncio.create_subprocess_exec(
        *command,
        *("-sf", str(SCENARIO), "-i", callees.host, "-p", str(callees.port), "-mp", str(media)),
        *("-trace_logs", "-log_file", "log", "-trace_err", "-error_file", "errors", "-nostdin"),
        *NO_WATCHDOG,
        cwd=folder,
        env=installation.environment("sipp"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )


def most_at_once(calls: Iterable[CalleeCall]) -> int:
    """How many of these calls were there at the same time, at most, on the wire."""
    steps = [(call.dialed, 1) for call in calls]
    steps += [(call.ended, -1) for call in calls if call.ended is not None]
    return max(itertools.accumulate(step for _, step in sorted(steps)), default=0)


def most_within(moments: Iterable[float], seconds: float) -> int:
    """How many of these moments are within any so many seconds, at most."""
    times = sorted(moments)
    return max((bisect_right(times, at + seconds) - n for n, at in enumerate(times)), default=0)


def _text(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""
