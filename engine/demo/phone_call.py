"""One call at a real softphone: answer it, press keys, speak a tone, keep what was heard."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from baresip import AudioNotActive, AudioRestarted, Call, Event, StackEvent, StaleHandleError

from engine.demo import tones

PATIENCE_SECONDS = 20.0
PUMP_SECONDS = 0.04  # the stack keeps one second of received audio and drops half when we are late
HEARD_CHUNKS = round(300 / PUMP_SECONDS)  # five minutes, for a demo that runs all day
SPEAK_AHEAD = 3200  # bytes of tone handed over in advance: 0.2 s of a busy event loop go unheard


class PhoneError(Exception):
    """A phone cannot do what was asked; the text says why and what to do."""


class PhoneState(StrEnum):
    """Where a phone's call stands: dialing → (ringing →) up → ended."""

    DIALING = "dialing"  # our INVITE is out
    RINGING = "ringing"  # it rings here, or there
    UP = "up"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment on both clocks, in seconds."""

    wall: float  # since the epoch, to compare with records
    monotonic: float  # for durations and ``PhoneCall.heard``

    @classmethod
    def now(cls) -> Moment:
        """This moment."""
        return cls(time.time(), time.monotonic())


class PhoneCall:
    """One call at one phone, either direction."""

    def __init__(self, call: Call, state: PhoneState) -> None:
        """Made by ``Phone.dial`` and ``Phone.next_call``."""
        self._call = call
        self._hung_up_here = False
        self._heard: deque[tuple[float, bytes]] = deque(maxlen=HEARD_CHUNKS)
        self._tone_hz: float | None = None
        self._spoken = 0  # samples of the tone so far
        self._words = b""  # what is still to be said
        self._settled, self._over = asyncio.Event(), asyncio.Event()
        self.state = state
        self.began = Moment.now()
        self.rang: Moment | None = self.began if state is PhoneState.RINGING else None
        self.answered: Moment | None = None
        self.ended: Moment | None = None
        self.reason = ""  # why it ended, in the stack's words: "486 Busy Here", "hung up here"

    @property
    def sip_call_id(self) -> str:
        """The Call-ID on the wire between Asterisk and this phone."""
        return self._call.call_id or ""

    @property
    def peer(self) -> str:
        """The other party's SIP URI: who calls, or what was dialed."""
        return self._call.peer or ""

    async def answer(self) -> None:
        """Pick up a ringing call; a caller who left just before is no error."""
        with contextlib.suppress(StaleHandleError):
            await self._call.answer()

    async def reject(self) -> None:
        """Refuse a ringing call: 486 Busy Here, the only refusal the stack knows."""
        with contextlib.suppress(StaleHandleError):
            await self._call.reject()

    async def hang_up(self) -> None:
        """End the call, whoever called, answered or not; already over is no error."""
        self._hung_up_here = self.state is not PhoneState.ENDED
        with contextlib.suppress(StaleHandleError):
            await self._call.hangup()

    async def hold(self) -> None:
        """Put the other party on hold (re-INVITE)."""
        await self._call.hold()

    async def resume(self) -> None:
        """Take the other party back."""
        await self._call.resume()

    async def press(self, keys: str, *, gap_ms: int = 120) -> None:
        """Press keys one after another, 0.1 s each (RFC 4733 events in the RTP)."""
        await self._call.send_dtmf(keys, gap_ms)

    def start_tone(self, hz: float) -> None:
        """Speak a tone from now on, instead of silence."""
        self._tone_hz, self._spoken = hz, 0

    def stop_tone(self) -> None:
        """Be silent again at once."""
        self._tone_hz = None
        with contextlib.suppress(AudioNotActive, AudioRestarted):
            self._call.audio.flush_tx()

    def say(self, pcm: bytes) -> None:
        """Speak what was recorded (8 kHz, 16-bit PCM), after what is still being said."""
        self._words += pcm

    def heard(self, since: float | None = None) -> bytes:
        """What was heard in the last five minutes, 8 kHz 16-bit PCM, or after a monotonic time.

        Exact to 0.04 s. While the far end sends nothing (an answered call without prompt or music)
        nothing is added, not even silence.
        """
        return b"".join(pcm for at, pcm in self._heard if since is None or at > since)

    async def wait_established(self, timeout: float = PATIENCE_SECONDS) -> None:
        """Wait until both ends are talking.

        Raises ``PhoneError`` with the reason when the call ends first, ``TimeoutError`` when
        nothing happens.
        """
        await asyncio.wait_for(self._settled.wait(), timeout)
        if self.answered is None:
            raise PhoneError(f"the call to {self.peer} was not answered: {self.reason}")

    async def wait_ended(self, timeout: float = PATIENCE_SECONDS) -> str:
        """Wait for the end of the call and tell its reason."""
        await asyncio.wait_for(self._over.wait(), timeout)
        return self.reason

    def on_event(self, event: StackEvent) -> None:
        """What the stack tells about this call."""
        if event.event in (Event.CALL_RINGING, Event.CALL_PROGRESS):
            self.rang = self.rang or Moment.now()
            self.state = PhoneState.RINGING
        elif event.event is Event.CALL_ESTABLISHED:
            self.answered = Moment.now()
            self.state = PhoneState.UP
            self._settled.set()
        elif event.event is Event.CALL_CLOSED:
            self.ended = Moment.now()
            self.state = PhoneState.ENDED
            self.reason = self._reason(event.text or "")
            self._settled.set()
            self._over.set()

    def _reason(self, text: str) -> str:
        """The stack calls every BYE and CANCEL a connection reset, and every hang-up of ours a
        rejection. Behind a CANCEL it quotes the reason given: with 200 another phone has the call.
        """
        if self._hung_up_here:
            return "hung up here"
        if "SIP;cause=200" in text:
            return "answered elsewhere"
        return "hung up there" if text.startswith("Connection reset") else text

    def pump(self) -> None:
        """Take what was heard out of the stack's small buffer, and keep it fed with the tone."""
        audio = self._call.audio
        with contextlib.suppress(AudioNotActive, AudioRestarted):
            if pcm := audio.read(tones.RATE * 2):
                self._heard.append((time.monotonic(), pcm))
            if self._words:
                written = audio.write(self._words)  # as much as the stack takes
                self._words = self._words[written:]
            elif self._tone_hz is not None:
                wanted = (SPEAK_AHEAD - audio.info().tx_buffered) // 2
                pcm = tones.sine(self._tone_hz, max(0, wanted), start=self._spoken)
                self._spoken += audio.write(pcm) // 2
