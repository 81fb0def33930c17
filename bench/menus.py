"""Two menus whose keys lead from one to the other: a flow of the engine, and Asterisk's dialplan.

Each prompt is one long tone, so a caller knows by every packet which menu he hears. The dialplan is
put into a center that runs already; the reason for each line is in bench/README.md.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import aiohttp
import numpy as np

from engine import paths
from engine.asterisk.process import PrivateAsterisk
from engine.demo import rtp, tones
from engine.demo.rtp import KeyPress, RtpParty
from engine.settings import PREFIX
from engine.sounds import wav

FLOW_NUMBER, BACKGROUND_NUMBER, READ_NUMBER = "19007000", "7003", "7004"
"""What a caller dials to come into the menus of the flow, of Background() and of Read()."""
KEY = "1"
PROMPT_SECONDS = 20
HERTZ = {"bench_a": 500.0, "bench_b": 900.0}

_AUDIBLE = 500.0  # amplitude
_SPOKEN = ("system", "queue", "dialogs", "spoken")
_FLOW = """\
flow: bench
start: a
prompts:
  bench_a: {en: A}
  bench_b: {en: B}
nodes:
  a: {type: menu, prompts: bench_a, keys: {"1": b}, noinput: bye, nomatch: bye}
  b: {type: menu, prompts: bench_b, keys: {"1": a}, noinput: bye, nomatch: bye}
  bye: {type: hangup}
"""
_ROUTES = f"""\
numbers:
  "{FLOW_NUMBER}": {{flow: bench, language: en}}
"""
_EXTENSIONS = f"""
[from-trunk](+)
exten => {BACKGROUND_NUMBER},1,Answer()
 same => n,Goto(bench-a,s,1)
exten => {READ_NUMBER},1,Answer()
 same => n(again),Read(key,{{a}},1)
 same => n,Read(key,{{b}},1)
 same => n,Goto(again)

[bench-a]
exten => s,1,Background({{a}})
 same => n,WaitExten(5)
exten => {KEY},1,Goto(bench-b,s,1)

[bench-b]
exten => s,1,Background({{b}})
 same => n,WaitExten(5)
exten => {KEY},1,Goto(bench-a,s,1)
"""


def write_site(folder: Path) -> dict[str, str]:
    """The flow, its sounds and its number; the settings of an engine that has them."""
    flows = folder / "flows"
    recordings = flows / "recordings/en"
    recordings.mkdir(parents=True)
    for name in _SPOKEN:
        shutil.copy(paths.FLOWS / f"{name}.yaml", flows)
    (flows / "bench.yaml").write_text(_FLOW)
    for prompt, hertz in HERTZ.items():
        tone = tones.sine(hertz, PROMPT_SECONDS * tones.RATE)
        (recordings / f"{prompt}.wav").write_bytes(wav.encode(wav.decode(tone)))
    (folder / "routes").mkdir()
    (folder / "routes/main.yaml").write_text(_ROUTES)
    return {
        f"{PREFIX}FLOWS_DIR": str(flows),
        f"{PREFIX}ROUTES_DIR": str(folder / "routes"),
        f"{PREFIX}PROMPTS_DIR": str(folder / "prompts"),
    }


async def load_dialplan(asterisk: PrivateAsterisk, prompts: Path) -> None:
    """Give a running Asterisk the same menus of its own, with the same sound files."""
    sounds = {name[-1]: prompts / "en" / name for name in HERTZ}
    with (asterisk.run_dir / "etc/extensions.conf").open("a") as extensions:
        extensions.write(_EXTENSIONS.format(**sounds))
    login = aiohttp.encode_basic_auth(asterisk.ari_user, asterisk.ari_password)
    async with aiohttp.ClientSession(headers={"Authorization": login}) as http:
        modules = f"{asterisk.ari_url}/asterisk/modules"
        for method, module in (("POST", "app_read.so"), ("PUT", "pbx_config.so")):
            async with http.request(method, f"{modules}/{module}") as answer:
                answer.raise_for_status()


@dataclass(frozen=True, slots=True)
class Pressed:
    """What one key did: seconds from its release until the prompt before it was silent, and until
    the next one was heard. Asterisk tells of a key when it is released, to its own menus too."""

    silent: float
    heard: float


class MenuCaller(RtpParty):
    """Notes when each of his keys was released, and when each packet came and what tone it was."""

    def __init__(self, keys: Sequence[KeyPress] = (), tone_hz: float | None = None) -> None:
        super().__init__(keys, tone_hz)
        self._releases: list[float] = []
        self._packets: list[tuple[float, bytes]] = []
        self._down = False

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """asyncio: one RTP packet."""
        self._packets.append((time.monotonic(), data))
        super().datagram_received(data, addr)

    def _packet(self) -> bytes:
        packet = super()._packet()
        if packet[1] & 0x7F == rtp.TELEPHONE_EVENT:
            ended = bool(packet[13] & 0x80)
            if ended and self._down:
                self._releases.append(time.monotonic())
            self._down = not ended
        return packet

    def pressed(self) -> list[Pressed]:
        """What his keys did, those that led to the other prompt."""
        heard = [(at, tone) for at, data in self._packets if (tone := _tone(data))]
        found = []
        for released, until in pairwise([*self._releases, float("inf")]):
            old = next((tone for at, tone in reversed(heard) if at < released), "")
            nexts = [at for at, tone in heard if released <= at < until and tone != old]
            if old and nexts:
                last = max(at for at, tone in heard if tone == old and at < nexts[0])
                silent = max(0.0, last + rtp.PACKET_SECONDS - released)
                found.append(Pressed(silent, nexts[0] - released))
        return found


def _tone(data: bytes) -> str:
    """Which prompt a packet is of; '' for silence and for what is no sound."""
    if len(data) <= 12 or data[1] & 0x7F != rtp.PCMU:
        return ""
    pcm = np.frombuffer(rtp.from_mulaw(data[12:]), "<i2").astype(float)
    time_ = np.arange(len(pcm)) / tones.RATE
    for name, hertz in HERTZ.items():
        amplitude = 2 * abs(np.mean(pcm * np.exp(-2j * np.pi * hertz * time_)))
        if amplitude > _AUDIBLE:
            return name
    return ""
