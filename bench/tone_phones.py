"""Phones that speak a tone, and count what of the other's tone came: each 20 ms, lost or not."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from bench.sip_agent import SipAgent
from engine.demo.rtp import PACKET_SAMPLES, PACKET_SECONDS, PCMU, RtpParty, from_mulaw, to_mulaw
from engine.demo.tones import RATE, sine

CALLERS_HZ, AGENTS_HZ = 600.0, 1000.0
"""Whole periods of both fit into a packet, so one packet is as good as another."""
_TONE_SHARE = 0.2
"""Of the energy of its packet; less is no tone. A supervisor's may be in it, as loud."""


class ToneParty(RtpParty):
    """Keeps what comes as packets with their moments; its own tone is made once."""

    def __init__(self, keys: Sequence[object] = (), tone_hz: float | None = None) -> None:
        super().__init__((), tone_hz)
        self.packets: list[tuple[float, bytes]] = []
        self._tone = to_mulaw(sine(tone_hz, PACKET_SAMPLES)) if tone_hz else b""

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """One packet of audio."""
        now = time.time()
        if len(data) == 12 + PACKET_SAMPLES and data[1] & 0x7F == PCMU:
            self.first_heard = self.first_heard or now
            self._peer = addr
            self.packets.append((now, data[12:]))

    def _sound(self) -> bytes:
        return self._tone

    def lost(self, hz: float, began: float, ended: float) -> tuple[int, int]:
        """Of the packets between two moments: how many lacked the tone or did not come; of how
        many."""
        came = [pcm for at, pcm in self.packets if began <= at < ended]
        wanted = round((ended - began) / PACKET_SECONDS)
        return max(0, wanted - int(np.count_nonzero(_has_tone(came, hz)))), wanted

    def forget(self) -> None:
        """Begin anew, for the next round."""
        self.packets.clear()


class TonePhone(SipAgent):
    """An agent's phone with an ear and a mouth."""

    def __init__(self, extension: str, secret: str, target: tuple[str, int]) -> None:
        super().__init__(extension, secret, target)
        self.party, self._host = ToneParty(tone_hz=AGENTS_HZ), target[0]

    def _audio(self) -> tuple[str, int]:
        return self._host, self.party.port


def _has_tone(packets: Sequence[bytes], hz: float) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    if not packets:
        return np.zeros(0, bool)
    line = np.frombuffer(from_mulaw(b"".join(packets)), "<i2").reshape(len(packets), -1) / 32768
    wave = np.exp(-2j * np.pi * hz / RATE * np.arange(PACKET_SAMPLES))
    tone = 2 * np.abs(np.einsum("fs,s->f", line, wave) / PACKET_SAMPLES) ** 2
    return np.asarray(tone > _TONE_SHARE * np.maximum(np.mean(line**2, axis=1), 1e-5))
