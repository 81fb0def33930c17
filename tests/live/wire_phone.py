"""A desk phone that hears what is on the wire: packets, each with the moment at which the kernel
had it, however busy the phone was then."""

import asyncio
import contextlib
import socket
import struct
from itertools import pairwise

import numpy as np
from registering import register

from engine.demo import tones
from engine.demo.rtp import PACKET_SECONDS, PCMU, RtpParty, from_mulaw, parties
from tests.udp_carrier import PATIENCE, UdpCarrier

_SO_TIMESTAMPNS = 35
_TIMESPEC = struct.Struct("qq")
SHARE = 0.3
"""Of what is in a packet, when a tone is heard in it."""
GAP_SECONDS = 0.3
"""Less than this without the tone is no end of it: packets that were lost, or came late."""


class WirePhone(UdpCarrier):
    """A phone that is registered as ``extension`` within ``at_desk``, and says ``hz``."""

    def __init__(self, extension, secret, server, hz):
        self.ear = WireEar(tone_hz=hz)
        super().__init__("127.0.0.1")
        self._login = extension, secret, server
        self._replies = asyncio.Queue()

    @contextlib.asynccontextmanager
    async def at_desk(self):
        """Registered, and able to speak, until the block ends."""
        async with self, parties(self.host, [self.ear]):
            await register(*self._login, (self.host, self.port), self._ask)
            yield self

    async def answer(self):
        """The call that comes now; returns it."""
        call = await self.next()
        call.ring()
        await call.answer()
        return call

    def datagram_received(self, data, peer):
        """A message of Asterisk's."""
        if data.startswith(b"SIP/2.0"):
            self._replies.put_nowait(data.decode())
            return
        if not self.parties:
            self.parties.append(self.ear)
        super().datagram_received(data, peer)

    async def _ask(self, request):
        self.send(request, self._login[2])
        return await asyncio.wait_for(self._replies.get(), PATIENCE)


class WireEar(RtpParty):
    """Keeps each packet with its moment."""

    async def bind(self, host):
        """A socket of its own: asyncio's would not tell the moment."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind((host, 0))
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self.packets = []
        self.connection_made(_Wire(sock, self))

    def hear(self, data, at, peer):
        """One packet."""
        self.datagram_received(data, peer)
        if len(data) > 12 and data[1] & 0x7F == PCMU:
            self.packets.append((at, data[12:]))

    def heard(self):
        """Everything so far, 8 kHz 16-bit PCM."""
        return from_mulaw(b"".join(sound for _, sound in self.packets))

    def intervals(self, hz):
        """When this tone was heard: from and to, seconds since the epoch, in order."""
        there = [at for at, sound in self.packets if _has(from_mulaw(sound), hz)]
        if not there:
            return []
        began = [there[0], *(b for a, b in pairwise(there) if b - a > GAP_SECONDS)]
        ended = [*(a for a, b in pairwise(there) if b - a > GAP_SECONDS), there[-1]]
        return [(a - PACKET_SECONDS, b) for a, b in zip(began, ended, strict=True)]


class _Wire:
    """What ``RtpParty`` asks of a transport, over a socket whose packets have times."""

    def __init__(self, sock, ear):
        self._socket, self._ear = sock, ear
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(sock, self._read)

    def get_extra_info(self, _name):
        return self._socket.getsockname()

    def sendto(self, data, peer):
        self._socket.sendto(data, peer)

    def close(self):
        self._loop.remove_reader(self._socket)
        self._socket.close()

    def _read(self):
        with contextlib.suppress(BlockingIOError):
            while True:
                data, [(_, _, stamp)], _, peer = self._socket.recvmsg(2048, 64)
                seconds, nanoseconds = _TIMESPEC.unpack(stamp)
                self._ear.hear(data, seconds + nanoseconds / 1e9, peer)


def _has(pcm, hz):
    """Whether a packet is this tone, in good part."""
    samples = np.frombuffer(pcm, "<i2").astype(float)
    energy = float(samples @ samples)
    wave = np.exp(-2j * np.pi * hz / tones.RATE * np.arange(len(samples)))
    return energy > len(samples) * 100 and 2 * abs(samples @ wave) ** 2 > (
        SHARE * len(samples) * energy
    )
