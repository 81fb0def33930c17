"""The two things outside the process: ``Pbx`` (Asterisk) and ``Records`` (the database).

Everything inside is called directly; tests fake only these two. Times are seconds since the Unix
epoch. A channel, a bridge, a playback and a recording are named by ids that *we* choose, except a
caller's channel, which Asterisk names.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from engine.call_record import AgentStretch, AuditEntry, CallRecord, Disposition, Segment

# -- what went wrong with a command: news about a channel, translated once at the edge --


class PbxError(Exception):
    """A command to the switch did not do what it says."""


class Gone(PbxError):
    """The channel, bridge, playback or recording does not exist (any more)."""


class NotInStasis(PbxError):
    """The channel lives but is not under our control now."""


class Refused(PbxError):
    """The switch understood and refused: unknown endpoint, wrong state, file exists."""


class Down(PbxError):
    """The switch cannot be reached, or did not answer in time: whether the command took effect is
    unknown."""


# -- switch events --


@dataclass(frozen=True, slots=True)
class SwitchEvent:
    """Something that happened at the switch, ``at`` its own time stamp."""

    at: float


@dataclass(frozen=True, slots=True)
class CallArrived(SwitchEvent):
    """A caller's or an agent's own call entered the application from the dialplan.

    ``entry`` is 'inbound' or 'agent'.
    """

    channel: str
    entry: str
    did: str
    caller: str
    caller_name: str = ""
    endpoint: str = ""  # which trunk or phone it came from: the PJSIP endpoint's name
    sip_call_id: str = ""
    created: float = 0.0  # when the channel was born (before any retry in the dialplan)
    answered: float | None = None  # when the dialplan answered, to tell him that he is held


@dataclass(frozen=True, slots=True)
class LegRinging(SwitchEvent):
    """The called phone said 180."""

    channel: str


@dataclass(frozen=True, slots=True)
class LegProgressed(SwitchEvent):
    """Early media: the network lets hear its own ringing, or says something. That is no answer, and
    not sure to be a phone that rings."""

    channel: str


@dataclass(frozen=True, slots=True)
class LegAnswered(SwitchEvent):
    """The called phone answered, or the caller's channel was answered by us."""

    channel: str


@dataclass(frozen=True, slots=True)
class HangUpBegan(SwitchEvent):
    """The far end hung up; ``LegGone`` follows. What fails on the channel now fails for that."""

    channel: str


@dataclass(frozen=True, slots=True)
class AnsweredBy(SwitchEvent):
    """Who or what has answered was listened to (``hand_over`` to ``answered-by``), and the channel
    is with us again: ``at`` is when it was known.

    ``status`` of extension ``s``: HUMAN, MACHINE, SILENCE (not a word), FAX, SIT (a number out of
    service) or NOTSURE; of ``beep``: SILENCE or TIMEOUT. ``cause`` is Asterisk's reason, such as
    LONGGREETING-3200-3200.
    """

    channel: str
    status: str
    cause: str = ""
    waits_since: float | None = None  # of a HUMAN: the end of his greeting, when the clock starts


@dataclass(frozen=True, slots=True)
class LegGone(SwitchEvent):
    """The only end of a channel.

    ``cause`` is Q.850, ``tech_cause`` the SIP status (0 when there was none).
    """

    channel: str
    cause: int
    tech_cause: int = 0
    estimated: bool = False  # it vanished while we were not looking and nobody recorded when
    answered: float | None = None  # of one that ended unseen: when it was answered, if it was
    answered_by: AnsweredBy | None = None  # … and by whom, if that was known


@dataclass(frozen=True, slots=True)
class DigitPressed(SwitchEvent):
    """A DTMF key, at key-up."""

    channel: str
    digit: str


@dataclass(frozen=True, slots=True)
class PlaybackEnded(SwitchEvent):
    """A prompt list ended. ``ok`` is false when a file was missing or the channel hung up."""

    channel: str
    playback: str
    ok: bool


@dataclass(frozen=True, slots=True)
class RecordingEnded(SwitchEvent):
    """A live recording was closed; ``seconds`` as Asterisk counted them."""

    recording: str
    ok: bool
    seconds: float
    cause: str = ""


@dataclass(frozen=True, slots=True)
class HoldChanged(SwitchEvent):
    """A phone put its call on hold (``held``) or took it back."""

    channel: str
    held: bool


@dataclass(frozen=True, slots=True)
class Referred(SwitchEvent):
    """The caller's trunk was asked to put him through itself (SIP REFER): ``ok`` when it did, and
    the call is over; else the caller is with us again. ``status`` is its SIP answer, 0 for none."""

    channel: str
    ok: bool
    status: int = 0


@dataclass(frozen=True, slots=True)
class EndpointChanged(SwitchEvent):
    """A phone registered (``online``) or went away."""

    endpoint: str
    online: bool


# -- the state of the switch, asked once per connect --


@dataclass(frozen=True, slots=True)
class ChannelSeen:
    """A channel as listed by the switch; ``arrival`` of one that came to us and is with us now,
    ``answered_by`` of one that came back with that."""

    channel: str
    state: str  # Down, Ring, Ringing, Up …
    created: float
    arrival: CallArrived | None = None
    answered_by: AnsweredBy | None = None


@dataclass(frozen=True, slots=True)
class BridgeSeen:
    """A bridge as listed by the switch."""

    bridge: str
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything alive at the switch at one moment."""

    at: float
    incarnation: str
    channels: tuple[ChannelSeen, ...]
    bridges: tuple[BridgeSeen, ...]
    started: float = 0.0  # when the switch did: calls older than that ended with it


@dataclass(frozen=True, slots=True)
class SipAccount:
    """A SIP account that the engine makes in Asterisk for an agent's phone."""

    extension: str
    secret: str
    display_name: str
    context: str = "from-agent"


class RecordedSide(StrEnum):
    """What is recorded of a channel."""

    BOTH = "both"
    SAID = "in"
    HEARD = "out"


class Pbx(Protocol):
    """Asterisk.

    Commands of one channel run in the order given; each has a deadline and raises
    ``PbxError``s.
    """

    async def answer(self, channel: str) -> None: ...
    async def play(self, channel: str, playback: str, media: Sequence[str], language: str) -> None:
        """Play ``media`` URIs in turn under one id; ``PlaybackEnded`` tells the end."""

    async def stop_playback(self, channel: str, playback: str) -> None: ...
    async def play_to_all(self, bridge: str, playback: str, media: Sequence[str]) -> None:
        """Play ``media`` URIs in turn to everybody in a bridge."""

    async def start_music(self, channel: str, music: str) -> None: ...
    async def stop_music(self, channel: str) -> None: ...
    async def create_bridge(self, bridge: str, name: str) -> None: ...
    async def destroy_bridge(self, bridge: str) -> None: ...
    async def join(self, bridge: str, channels: Sequence[str], *, keys: bool = True) -> None:
        """Into a bridge, out of another one. Without ``keys`` the others do not hear what keys
        these press; we are told of them all the same."""

    async def send_keys(self, channel: str, keys: str) -> None:
        """Let this phone alone hear these keys (RFC 4733), one after the other."""

    async def leave(self, bridge: str, channel: str) -> None:
        """Out of a bridge, still with us; who is not in it is a success."""

    async def mute(self, channel: str, muted: bool) -> None:
        """Whether what is said at this channel is heard by others; its keys always are."""

    async def dial(
        self,
        channel: str,
        endpoint: str,
        *,
        caller: str,
        ring_seconds: float,
        shows: str = "",
        auto_answer: bool = False,
    ) -> None:
        """Make a leg with our id towards a phone and let it ring; it shows ``caller``'s number.

        ``caller`` is the caller's channel; empty when there is none yet, and the number ``shows``
        is shown. ``auto_answer`` asks the phone to answer by itself. ``Refused`` when the phone is
        not registered.
        """

    async def dial_number(
        self, channel: str, number: str, trunk: str, *, caller_id: str, ring_seconds: float
    ) -> None:
        """Make a leg with our id towards a number outside, through a trunk, and let it ring.

        ``number`` as the trunk wants it (``dialplan.outbound``). ``Refused`` when the trunk cannot
        be dialed.
        """

    async def ring(self, channel: str, ringing: bool) -> None:
        """Let somebody who is connected hear that it rings elsewhere, or no longer."""

    async def hang_up(self, channel: str, reason: str = "normal") -> None:
        """Idempotent: a channel already gone is a success; one born later by a late create is
        hung up too. After ``answered_elsewhere`` a ringing phone shows no missed call."""

    async def record(self, bridge: str, recording: str) -> None:
        """Record what a room hears into ``recording`` (a name without extension), WAV 8 kHz mono.

        Nothing of the time in which fewer than two are in the bridge is in the file.
        """

    async def record_message(
        self, channel: str, recording: str, seconds: float, silence_seconds: float = 0.0
    ) -> None:
        """Beep, then record what the caller says, as WAV 8 kHz mono: until he presses ``#`` or
        hangs up, ``seconds`` at most, or until he is silent for ``silence_seconds`` (0: however
        long). One that runs already is a success."""

    async def record_call(
        self, channel: str, recording: str, side: RecordedSide = RecordedSide.BOTH
    ) -> None:
        """Record what this channel says and hears, or one of both, wherever it is, until it ends:
        menus, music and talks, as WAV 8 kHz mono. One that runs already is a success; ``Refused``
        for one that has ended."""

    async def pause_recording(self, recording: str, paused: bool) -> None:
        """Nothing is written into a recording from now on, or everything again; the time between
        is missing in the file. Idempotent. When it returns, the switch has said that it is so."""

    async def stop_recording(self, recording: str) -> None: ...
    async def delete_recording(self, recording: str) -> None:
        """Remove the file of a closed recording; one that is not there is a success."""

    def hear(self, channel: str, ears: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """What is said into the channel, while in the block: 16-bit PCM at 8 kHz, in pieces of any
        size. When the channel ends nothing more comes, or the audio ends. What it takes at the
        switch is named after ``ears``, and is removed at the end of the block."""

    async def snoop(self, channel: str, snoop: str, bridge: str) -> None:
        """Let who is in ``bridge`` hear what is said at the channel and to it; what they say there
        is heard at the channel, and by nobody else. ``snoop`` names what does it, which stays with
        the channel wherever that goes, and ends with it."""

    async def hand_over(self, channel: str, context: str, extension: str) -> None:
        """Give the channel back to the dialplan (``engine-down``, ``refer`` …)."""

    async def snapshot(self) -> Snapshot: ...
    async def ensure_account(self, account: SipAccount) -> None: ...
    async def remove_account(self, extension: str) -> None: ...
    async def online_endpoints(self) -> frozenset[str]: ...
    async def light_lamp(self, extension: str, new: int, old: int) -> None:
        """Let a phone show that so many messages wait, new and heard ones: none is dark."""


# -- the ledger --


class LedgerDown(Exception):
    """The database cannot be reached or is too slow now: the same write may succeed later."""


class LedgerRefused(Exception):
    """The database can never take this row: repeating it would not help."""


class Records(Protocol):
    """The ledger.

    Each write is one transaction and takes effect exactly once however often it is repeated.
    """

    async def save_call(self, record: CallRecord) -> None: ...
    async def save_wrap_up(self, call: str, segment: Segment) -> None: ...
    async def save_disposition(self, call: str, disposition: Disposition) -> None: ...
    async def save_agent_stretch(self, stretch: AgentStretch) -> None: ...
    async def save_audit(self, entry: AuditEntry) -> None: ...
