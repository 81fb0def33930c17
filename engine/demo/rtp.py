"""The media of SIPp's callers: each hears one RTP stream, speaks a tone or silence, presses keys.

SIPp only signals. Its own ways to send DTMF need a raw socket (root); this needs a UDP port. A
party speaks from the moment it first hears something, back to where that came from, so it never
has to be told the far end's address. G.711 µ-law, 20 ms packets, keys by RFC 4733.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import struct
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from engine.demo import tones

PACKET_SECONDS = 0.02
PACKET_SAMPLES = 160
PCMU, TELEPHONE_EVENT = 0, 101
KEYS = "0123456789*#ABCD"  # RFC 4733 event codes 0…15, in order
KEY_PACKETS = 6  # 120 ms down
KEY_END_PACKETS = 3  # the end is said three times, for it may be lost
KEY_VOLUME = 10  # -10 dBm0
SILENCE = b"\xff" * PACKET_SAMPLES


@dataclass(frozen=True, slots=True)
class KeyPress:
    """A key pressed ``after`` seconds from the first sound heard."""

    after: float
    key: str


class RtpParty(asyncio.DatagramProtocol):
    """One caller's ear and mouth on one UDP port."""

    def __init__(self, keys: Sequence[KeyPress] = (), tone_hz: float | None = None) -> None:
        self._plan = deque(sorted(keys, key=lambda press: press.after))
        self.tone_hz = tone_hz
        self._transport: asyncio.DatagramTransport | None = None
        self._peer: tuple[str, int] | None = None
        self._key_packets: deque[tuple[bool, int, bytes]] = deque()
        self._heard = bytearray()
        self._sequence = random.getrandbits(15)
        self._timestamp = 0
        self._ssrc = random.getrandbits(32)
        self.first_heard: float | None = None  # seconds since the epoch

    @property
    def port(self) -> int:
        """The UDP port to name in the SDP."""
        assert self._transport is not None
        return int(self._transport.get_extra_info("sockname")[1])

    async def bind(self, host: str) -> None:
        """Take a port at ``host``."""
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, local_addr=(host, 0))

    def heard(self) -> bytes:
        """Everything heard so far, 8 kHz 16-bit PCM."""
        return from_mulaw(bytes(self._heard))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: the socket is bound."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """asyncio: one RTP packet. RTCP and events of the far end are not listened to."""
        if len(data) <= 12 or data[1] & 0x7F != PCMU:
            return
        if self.first_heard is None:
            self.first_heard = time.time()
        self._peer = addr
        self._heard += data[12:]

    def close(self) -> None:
        """Fall silent and give the port back."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def tick(self, now: float) -> None:
        """Send the packet that is due, every 20 ms, once something was heard."""
        if self._peer is None or self.first_heard is None or self._transport is None:
            return
        if self._plan and now - self.first_heard >= self._plan[0].after:
            self.press(self._plan.popleft().key)
        self._transport.sendto(self._packet(), self._peer)
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._timestamp = (self._timestamp + PACKET_SAMPLES) & 0xFFFFFFFF

    def press(self, key: str) -> None:
        """Press a key now: its packets all carry the timestamp of its start (RFC 4733 2.5.1.2)."""
        start = (self._timestamp + PACKET_SAMPLES * len(self._key_packets)) & 0xFFFFFFFF
        for number in range(1, KEY_PACKETS + KEY_END_PACKETS):
            end = number >= KEY_PACKETS
            duration = PACKET_SAMPLES * min(number, KEY_PACKETS)
            event = struct.pack("!BBH", KEYS.index(key), end << 7 | KEY_VOLUME, duration)
            self._key_packets.append((number == 1, start, event))

    def _packet(self) -> bytes:
        if self._key_packets:
            first, timestamp, event = self._key_packets.popleft()
            return self._header(first << 7 | TELEPHONE_EVENT, timestamp) + event
        return self._header(PCMU, self._timestamp) + self._sound()

    def _header(self, second_byte: int, timestamp: int) -> bytes:
        return struct.pack("!BBHII", 0x80, second_byte, self._sequence, timestamp, self._ssrc)

    def _sound(self) -> bytes:
        if self.tone_hz is None:
            return SILENCE
        return to_mulaw(tones.sine(self.tone_hz, PACKET_SAMPLES, start=self._timestamp))


@contextlib.asynccontextmanager
async def parties(host: str, wanted: Sequence[RtpParty]) -> AsyncIterator[None]:
    """Bind a port at ``host`` for each party and let them talk until the block ends."""
    try:
        for party in wanted:
            await party.bind(host)
        async with asyncio.TaskGroup() as group:
            pacer = group.create_task(_pace(wanted))
            yield
            pacer.cancel()
    finally:
        for party in wanted:
            party.close()


async def _pace(wanted: Sequence[RtpParty]) -> None:
    """Tick everybody each 20 ms by the clock, catching up after a stall instead of drifting."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        now = time.time()
        for party in wanted:
            party.tick(now)
        due += PACKET_SECONDS
        await asyncio.sleep(due - loop.time())


def to_mulaw(pcm: bytes) -> bytes:
    """ITU-T G.711 µ-law of 16-bit PCM."""
    samples = np.frombuffer(pcm, "<i2").astype(np.int32)
    magnitude = np.minimum(np.abs(samples), 32635) + 132
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    sign = np.where(samples < 0, 0x80, 0)
    return bytes((~(sign | exponent << 4 | mantissa) & 0xFF).astype(np.uint8))


def from_mulaw(encoded: bytes) -> bytes:
    """16-bit PCM of ITU-T G.711 µ-law."""
    return bytes(_MULAW[np.frombuffer(encoded, np.uint8)].astype("<i2"))


def _mulaw_table() -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    code = ~np.arange(256) & 0xFF
    magnitude = ((((code & 0x0F) << 3) + 132) << ((code & 0x70) >> 4)) - 132
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int32)


_MULAW = _mulaw_table()
