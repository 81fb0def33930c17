"""A switch with behaviour: channels that ring, answer, refuse and disappear, on the loop's clock.

It keeps the promises of ``engine.ports.Pbx`` and the habits of Asterisk that stories depend on: a
command on a channel that is gone raises ``Gone``, a bridge id is never taken twice, prompts of one
channel play one after the other, a recording ends with its bridge. ``truth`` is what really
happened, whoever listened.
"""

from __future__ import annotations

import asyncio
import csv
import json
import struct
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.ports import (
    AnsweredBy,
    BridgeSeen,
    CallArrived,
    ChannelSeen,
    DigitPressed,
    EndpointChanged,
    Gone,
    HangUpBegan,
    HoldChanged,
    LegAnswered,
    LegGone,
    LegProgressed,
    LegRinging,
    NotInStasis,
    PlaybackEnded,
    RecordedSide,
    RecordingEnded,
    Referred,
    Refused,
    SipAccount,
    Snapshot,
    SwitchEvent,
)

PROMPT_SECONDS = 1.0
SORRY_SECONDS = 3.0
DIAL_GRACE_SECONDS = 5.0
NORMAL, BUSY, NO_ANSWER, REJECTED, UNALLOCATED = 16, 17, 19, 21, 1
_FORMAT = (16, 1, 1, 8000, 16000, 2, 16)
"""Of a WAV file: 8 kHz, 16 bit, mono."""


@dataclass(frozen=True, slots=True)
class Phone:
    """What an agent's phone does when it is rung; seconds after the INVITE, None for never."""

    rings: float | None = 0.1
    progresses: float | None = None  # the network is heard
    answers: float | None = None
    refuses: float | None = None
    cause: int = BUSY
    status: int = 486
    talks: float | None = None  # he hangs up so long after his answer
    presses: tuple[float, str] | None = None  # so long after his answer, this key
    heard_as: tuple[float, str, str] = (1.0, "HUMAN", "HUMAN-800-800")  # after so long: what he is
    beeps: tuple[float, str] = (2.0, "SILENCE")  # a mailbox, so long after it is listened for
    registered: bool = True
    obeys: bool = True  # answers by itself when the INVITE asks for it


@dataclass(slots=True)
class Channel:
    """One leg as the switch has it."""

    id: str
    state: str
    created: float
    endpoint: str = ""
    arrival: CallArrived | None = None
    ours: bool = True
    answered_by: AnsweredBy | None = None
    music: str | None = None
    ringing: bool = False
    bridge: str | None = None
    muted: bool = False
    held: bool = False
    playing: deque[tuple[str, float]] = field(default_factory=deque)
    timers: list[asyncio.TimerHandle] = field(default_factory=list)


class FakePbx:
    """One switch. ``deliver`` is where its events go; None while no engine listens: then they are
    lost. ``latency`` is how long a command takes, half of it before it has an effect. ``delays``
    holds back the events of one channel without changing their order."""

    def __init__(
        self,
        now: Callable[[], float],
        recordings_dir: Path | None = None,
        witness_file: Path | None = None,
    ) -> None:
        self.now = now
        self.deliver: Callable[[SwitchEvent], None] | None = None
        self.latency = 0.0
        self.delays: dict[str, float] = {}
        self.faults: dict[str, Exception] = {}
        self.phones: dict[str, Phone] = {}
        self.incarnation = "first"
        self.channels: dict[str, Channel] = {}
        self.bridges: dict[str, list[str]] = {}
        self.recordings: dict[str, tuple[str, float]] = {}
        self.recording_share = 1.0
        self.paused: dict[str, float] = {}
        self.unheard: dict[str, float] = {}
        self.deleted: list[str] = []
        self.lamps: dict[str, tuple[int, int]] = {}
        self.snoops: dict[str, str] = {}
        self.refers: dict[str, tuple[float, int]] = {}
        self.recordings_dir = recordings_dir
        self.witness_file = witness_file
        self.truth: list[SwitchEvent] = []
        self.commands: list[tuple[str, ...]] = []
        self._used: set[str] = set()
        self._recorded: set[str] = set()
        self._cancelled: set[str] = set()
        self._due: dict[str, float] = {}
        self._voices: dict[str, asyncio.Queue[bytes]] = {}

    # -- what people do -----------------------------------------------------------------------

    def arrive(
        self, channel: str, did: str, caller: str = "0901234567", phone: str = "trunk"
    ) -> None:
        """A call from a trunk, or from the phone of an agent."""
        entry = "inbound" if phone == "trunk" else "agent"
        now = self.now()
        arrival = CallArrived(now, channel, entry, did, caller, endpoint=phone, created=now)
        self.channels[channel] = Channel(channel, "Ring", now, phone, arrival)
        self._used.add(channel)
        self._tell(channel, arrival)

    def say(self, channel: str, pcm: bytes) -> None:
        """Somebody speaks into this channel; nobody may be listening."""
        if channel in self._voices:
            self._voices[channel].put_nowait(pcm)

    def press(self, channel: str, digit: str) -> None:
        """A key on the phone of this channel, if it is still there."""
        if channel in self.channels:
            if digit == "#":
                self._end_messages(channel)
            self._tell(channel, DigitPressed(self.now(), channel, digit))

    def hold(self, channel: str, held: bool) -> None:
        """The phone of this channel holds its call, or takes it back."""
        if channel in self.channels:
            self.channels[channel].held = held
        self._tell(channel, HoldChanged(self.now(), channel, held))

    def put_down(self, channel: str, dying_seconds: float = 0.01) -> None:
        """The person at this channel hangs up."""
        if channel in self.channels:
            self._tell(channel, HangUpBegan(self.now(), channel))
            self._end_in(dying_seconds, channel)

    def answer_phone(self, channel: str) -> None:
        """The person at a ringing phone takes it."""
        leg = self.channels.get(channel)
        if leg is not None and leg.state in ("Down", "Ring", "Ringing"):
            leg.state = "Up"
            self._witness("ANSWER", channel)
            self._tell(channel, LegAnswered(self.now(), channel))
            talks = self.phones[leg.endpoint].talks
            if talks is not None:
                self._later(channel, talks, lambda: self.put_down(channel))
            presses = self.phones[leg.endpoint].presses
            if presses is not None:
                self._later(channel, presses[0], lambda: self.press(channel, presses[1]))

    def refuse_phone(self, channel: str, cause: int, status: int) -> None:
        """The phone sends a final answer that is no."""
        leg = self.channels.get(channel)
        if leg is not None and leg.state != "Up":
            self._end(channel, cause, status)

    def unregister(self, endpoint: str) -> None:
        """A phone loses its network; what rings there rings for nobody."""
        self.phones[endpoint] = replace(self.phones[endpoint], registered=False)
        for leg in self.legs_of(endpoint):
            if leg.state != "Up":
                for timer in leg.timers:
                    timer.cancel()
        self._tell(endpoint, EndpointChanged(self.now(), endpoint, online=False))

    def legs_of(self, endpoint: str) -> list[Channel]:
        """The legs at a phone."""
        return [leg for leg in self.channels.values() if leg.endpoint == endpoint]

    def restart(self) -> None:
        """The switch itself dies: every channel is gone and nobody is told."""
        self.incarnation += "+"
        link, self.deliver = self.deliver, None
        for channel in list(self.channels):
            self._end(channel, NORMAL)
        self.bridges.clear()
        self.recordings.clear()
        self.deliver = link

    # -- what is there ------------------------------------------------------------------------

    def look(self) -> Snapshot:
        """Everything alive now."""
        return Snapshot(
            self.now(),
            self.incarnation,
            tuple(
                ChannelSeen(c.id, c.state, c.created, c.arrival, c.answered_by)
                if c.ours
                else ChannelSeen(c.id, c.state, c.created)
                for c in self.channels.values()
            ),
            tuple(BridgeSeen(name, tuple(there)) for name, there in self.bridges.items()),
        )

    def talking_phones(self) -> list[str]:
        """Who may have us on hold."""
        return [channel.id for channel in self.channels.values() if channel.state == "Up"]

    def leftovers(self) -> list[str]:
        """What nobody has cleaned up."""
        return [*self.channels, *self.bridges, *self.recordings]

    def end_of(self, channel: str) -> LegGone | None:
        """How a channel really ended."""
        ends = (e for e in self.truth if isinstance(e, LegGone) and e.channel == channel)
        return next(ends, None)

    def answer_of(self, channel: str) -> float | None:
        """When a channel was really answered."""
        answers = (e.at for e in self.truth if isinstance(e, LegAnswered) and e.channel == channel)
        return next(answers, None)

    # -- commands -----------------------------------------------------------------------------

    async def answer(self, channel: str) -> None:
        """Answer a caller."""
        await self._command("answer", channel)
        caller = self._mine(channel)
        if caller.state != "Up":
            caller.state = "Up"
            self._tell(channel, LegAnswered(self.now(), channel))
        await self._replied()

    async def play(self, channel: str, playback: str, media: Sequence[str], language: str) -> None:
        """Each prompt lasts a second. Whoever heard it ring hears that no more."""
        await self._command("play", channel, playback, *media)
        self._new(playback)
        caller = self._mine(channel)
        caller.ringing = False
        caller.playing.append((playback, PROMPT_SECONDS * len(media)))
        if len(caller.playing) == 1:
            self._play_next(caller)
        await self._replied()

    async def stop_playback(self, channel: str, playback: str) -> None:
        """One that has ended is a success."""
        await self._command("stop_playback", channel, playback)
        caller = self.channels.get(channel)
        if caller is not None and any(name == playback for name, _ in caller.playing):
            self._played(caller, playback, ok=True)
        await self._replied()

    async def play_to_all(self, bridge: str, playback: str, media: Sequence[str]) -> None:
        """Each prompt lasts a second."""
        await self._command("play_to_all", bridge, playback, *media)
        if bridge not in self.bridges:
            raise Gone(bridge)
        self._new(playback)
        asyncio.get_running_loop().call_later(
            PROMPT_SECONDS * len(media),
            lambda: self._tell(bridge, PlaybackEnded(self.now(), bridge, playback, ok=True)),
        )
        await self._replied()

    async def start_music(self, channel: str, music: str) -> None:
        """Music on hold."""
        await self._command("start_music", channel, music)
        self._mine(channel).music = music
        await self._replied()

    async def stop_music(self, channel: str) -> None:
        """The music ends."""
        await self._command("stop_music", channel)
        self._mine(channel).music = None
        await self._replied()

    async def create_bridge(self, bridge: str, name: str) -> None:
        """One that is there is a success."""
        await self._command("create_bridge", bridge)
        if bridge not in self.bridges:
            self._new(bridge)
            self.bridges[bridge] = []
        await self._replied()

    async def destroy_bridge(self, bridge: str) -> None:
        """One that is gone is a success."""
        await self._command("destroy_bridge", bridge)
        for channel in self.bridges.pop(bridge, []):
            self.channels[channel].bridge = None
        for recording in [name for name, (where, _) in self.recordings.items() if where == bridge]:
            self._close_recording(recording)
        await self._replied()

    async def send_keys(self, channel: str, keys: str) -> None:
        """Only he hears them, and no music any more."""
        await self._command("send_keys", channel, keys)
        self._mine(channel).music = None
        await self._replied()

    async def join(self, bridge: str, channels: Sequence[str], *, keys: bool = True) -> None:
        """All of them or nobody."""
        await self._command("join", bridge, *channels)
        if bridge not in self.bridges:
            raise Gone(bridge)
        joining = [self._mine(channel) for channel in channels]
        for channel in joining:
            if channel.bridge is not None:
                self.bridges[channel.bridge].remove(channel.id)
            channel.bridge = bridge
            self.bridges[bridge].append(channel.id)
        await self._replied()

    async def leave(self, bridge: str, channel: str) -> None:
        """Who is not in it is a success."""
        await self._command("leave", bridge, channel)
        if channel in self.bridges.get(bridge, ()):
            self.bridges[bridge].remove(channel)
            self.channels[channel].bridge = None
        await self._replied()

    async def mute(self, channel: str, muted: bool) -> None:
        """Nobody hears him."""
        await self._command("mute", channel, str(muted))
        self._mine(channel).muted = muted
        await self._replied()

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
        """Ring a phone, which does as it is wont; most answer by themselves when asked to."""
        how = ["auto_answer"] if auto_answer else []
        face = [] if caller else [shows]
        await self._command("dial", channel, endpoint, *face, *how)
        if caller and caller not in self.channels:
            self._new(channel)
            raise Gone(f"{caller} is gone")
        await self._call(channel, endpoint, ring_seconds)
        if auto_answer and self.phones[endpoint].obeys:
            self._later(channel, 0.05, lambda: self.answer_phone(channel))

    async def dial_number(
        self, channel: str, number: str, trunk: str, *, caller_id: str, ring_seconds: float
    ) -> None:
        """Ring a customer: ``phones`` has his, by the number."""
        await self._command("dial_number", channel, number, trunk, caller_id)
        await self._call(channel, number, ring_seconds)

    async def _call(self, channel: str, endpoint: str, ring_seconds: float) -> None:
        phone = self.phones[endpoint]
        self._new(channel)
        if not phone.registered:
            raise Refused(f"{endpoint} is not registered")
        if channel in self._cancelled:
            raise Gone(f"{channel} was cancelled")
        self.channels[channel] = Channel(channel, "Down", self.now(), endpoint)
        self._behave(channel, phone, ring_seconds)
        await self._replied()

    async def ring(self, channel: str, ringing: bool) -> None:
        """He hears that it rings elsewhere."""
        await self._command("ring", channel, str(ringing))
        self._mine(channel).ringing = ringing
        await self._replied()

    async def hang_up(self, channel: str, reason: str = "normal") -> None:
        """A channel that is not there may be born late, and is then gone at once."""
        await self._command("hang_up", channel, *({reason} - {"normal"}))
        if channel in self.channels:
            self._end_in(0.001, channel)
        else:
            self._cancelled.add(channel)
        await self._replied()

    async def record(self, bridge: str, recording: str) -> None:
        """Refused for a name that was used before."""
        await self._command("record", bridge, recording)
        if bridge not in self.bridges:
            raise Gone(bridge)
        if recording in self._recorded:
            raise Refused(f"409 {recording} exists")
        self._recorded.add(recording)
        self.recordings[recording] = (bridge, self.now())
        await self._replied()

    async def record_message(
        self, channel: str, recording: str, seconds: float, silence_seconds: float = 0.0
    ) -> None:
        """Until ``#``, the end of the channel, or so long: nobody falls silent here. One that runs
        is a success."""
        await self._command("record_message", channel, recording)
        self._mine(channel)
        if recording not in self.recordings:
            if recording in self._recorded:
                raise Refused(f"409 {recording} exists")
            self._recorded.add(recording)
            self.recordings[recording] = (channel, self.now())
            self._later(channel, seconds, lambda: self._end_messages(channel))
        await self._replied()

    async def record_call(
        self, channel: str, recording: str, side: RecordedSide = RecordedSide.BOTH
    ) -> None:
        """By a channel that listens, and ends with the one it listens to."""
        await self._command("record_call", channel, recording, side)
        self._mine(channel)
        if recording not in self.recordings:
            if recording in self._recorded:
                raise Refused(f"409 {recording} exists")
            self._recorded.add(recording)
            self.channels[recording] = Channel(recording, "Up", self.now())
            self.snoops[recording] = channel
            self.recordings[recording] = (recording, self.now())
        await self._replied()

    async def pause_recording(self, recording: str, paused: bool) -> None:
        """Nothing is written meanwhile."""
        await self._command("pause_recording", recording, str(paused))
        if recording not in self.recordings:
            raise Gone(recording)
        if paused:
            self.paused.setdefault(recording, self.now())
        else:
            self._unpause(recording)
        await self._replied()

    async def delete_recording(self, recording: str) -> None:
        """One that is not there is a success."""
        await self._command("delete_recording", recording)
        self.deleted.append(recording)
        await self._replied()

    async def stop_recording(self, recording: str) -> None:
        """Close the file."""
        await self._command("stop_recording", recording)
        if recording not in self.recordings:
            raise Gone(recording)
        self._close_recording(recording)
        await self._replied()

    @asynccontextmanager
    async def hear(self, channel: str, ears: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """What ``say`` says. It takes one bridge."""
        await self._command("hear", channel, ears)
        self._mine(channel)
        self._new(ears)
        self.bridges[ears] = []
        voice = self._voices[channel] = asyncio.Queue()
        try:
            yield _all_of(voice)
        finally:
            del self._voices[channel], self.bridges[ears]

    async def snoop(self, channel: str, snoop: str, bridge: str) -> None:
        """By a channel that stands for it in the bridge, and ends with it."""
        await self._command("snoop", channel, snoop, bridge)
        self._mine(channel)
        if bridge not in self.bridges:
            raise Gone(bridge)
        self._new(snoop)
        self.channels[snoop] = Channel(snoop, "Up", self.now(), bridge=bridge)
        self.bridges[bridge].append(snoop)
        self.snoops[snoop] = channel
        await self._replied()

    async def hand_over(self, channel: str, context: str, extension: str) -> None:
        """The dialplan says that it is sorry, and hangs up; or the trunk puts him through, by
        ``refers``: after so long, with this SIP status; or it listens to who has answered."""
        await self._command("hand_over", channel, context, extension)
        self._mine(channel).ours = False
        if context == "refer":
            seconds, status = self.refers[extension]
            self._later(channel, seconds, lambda: self._refer(channel, status))
        elif context == "answered-by":
            phone = self.phones[self.channels[channel].endpoint]
            seconds, *answer = phone.heard_as if extension == "s" else phone.beeps
            self._later(channel, seconds, lambda: self._hand_back(channel, *answer))
        else:
            self._end_in(SORRY_SECONDS, channel)
        await self._replied()

    async def is_held(self, phone: str) -> bool:
        """Whether the phone of this channel has us on hold."""
        await self._command("is_held", phone)
        held = self._mine(phone).held
        await self._replied()
        return held

    async def snapshot(self) -> Snapshot:
        """Everything alive."""
        await self._command("snapshot")
        return self.look()

    async def ensure_account(self, account: SipAccount) -> None:
        """Nothing to do: the phones are there."""

    async def remove_account(self, extension: str) -> None:
        """Nothing to do."""

    async def light_lamp(self, extension: str, new: int, old: int) -> None:
        """It shows that."""
        await self._command("light_lamp", extension, str(new), str(old))
        self.lamps[extension] = (new, old)
        await self._replied()

    async def online_endpoints(self) -> frozenset[str]:
        """The phones that are registered."""
        return frozenset(name for name, phone in self.phones.items() if phone.registered)

    # -- inside -------------------------------------------------------------------------------

    async def _command(self, name: str, *arguments: str) -> None:
        await asyncio.sleep(self.latency / 2)
        self.commands.append((name, *arguments))
        if name in self.faults:
            raise self.faults[name]

    async def _replied(self) -> None:
        await asyncio.sleep(self.latency / 2)

    def _mine(self, channel: str) -> Channel:
        found = self.channels.get(channel)
        if found is None:
            raise Gone(f"404 {channel}")
        if not found.ours:
            raise NotInStasis(f"409 {channel}")
        return found

    def _new(self, name: str) -> None:
        assert name not in self._used, f"{name} is used a second time"
        self._used.add(name)

    def _behave(self, channel: str, phone: Phone, ring_seconds: float) -> None:
        if phone.rings is not None:
            self._later(channel, phone.rings, lambda: self._ring(channel))
        if phone.progresses is not None:
            progressed = LegProgressed(self.now() + phone.progresses, channel)
            self._later(channel, phone.progresses, lambda: self._tell(channel, progressed))
        if phone.answers is not None:
            self._later(channel, phone.answers, lambda: self.answer_phone(channel))
        if phone.refuses is not None:
            self._later(
                channel,
                phone.refuses,
                lambda: self.refuse_phone(channel, phone.cause, phone.status),
            )
        self._later(
            channel,
            ring_seconds + DIAL_GRACE_SECONDS,
            lambda: self.refuse_phone(channel, NO_ANSWER, 0),
        )

    def _ring(self, channel: str) -> None:
        leg = self.channels[channel]
        if leg.state == "Down":
            leg.state = "Ringing"
            self._tell(channel, LegRinging(self.now(), channel))

    def _refer(self, channel: str, status: int) -> None:
        self.channels[channel].ours = True
        self._tell(channel, Referred(self.now(), channel, status == 200, status))

    def _hand_back(self, channel: str, status: str, cause: str = "") -> None:
        """A person has been silent for a while when he is known to be one."""
        now, human = self.now(), status == "HUMAN"
        since = now - int(cause.rpartition("-")[2]) / 1000 if human else None
        self._witness("ANSWERED_BY", channel, json.dumps({"extra": f"{status} {cause}"}))
        self._enter_again(AnsweredBy(now, channel, status, cause, since), tries=3)

    def _enter_again(self, heard: AnsweredBy, tries: int) -> None:
        """With what was heard, if an engine is there; he is not kept for longer than this."""
        channel = heard.channel
        if self.deliver is not None:
            self.channels[channel].ours = True
            self.channels[channel].answered_by = heard
            self._tell(channel, heard)
        elif tries:
            self._later(channel, 1.0, lambda: self._enter_again(heard, tries - 1))
        else:
            self._end(channel, NORMAL)

    def _unpause(self, recording: str) -> None:
        since = self.paused.pop(recording, self.now())
        self.unheard[recording] = self.unheard.get(recording, 0.0) + self.now() - since

    def _end_in(self, seconds: float, channel: str) -> None:
        """What was hung up ends, whatever its phone does meanwhile."""
        asyncio.get_running_loop().call_later(seconds, self._end, channel, NORMAL)

    def _end(self, channel: str, cause: int, status: int = 0) -> None:
        """The channel is destroyed: with it its prompts and its place in a bridge."""
        ended = self.channels.get(channel)
        if ended is None:
            return
        for timer in ended.timers:
            timer.cancel()
        self._end_messages(channel)
        for playback, _ in list(ended.playing):
            self._tell(channel, PlaybackEnded(self.now(), channel, playback, ok=False))
        if ended.bridge is not None:
            self.bridges[ended.bridge].remove(channel)
        del self.channels[channel]
        self.snoops.pop(channel, None)
        self._witness("HANGUP", channel, json.dumps({"hangupcause": cause}))
        self._tell(channel, LegGone(self.now(), channel, cause, status))
        for snoop in [name for name, of in self.snoops.items() if of == channel]:
            self._end(snoop, NORMAL)

    def _witness(self, event: str, channel: str, extra: str = "") -> None:
        """A line in the channel event log, which is written whoever listens."""
        if self.witness_file is not None:
            row = (event, f"{self.now():.6f}", channel, extra)
            with self.witness_file.open("a", newline="") as file:
                csv.writer(file).writerow(row)

    def _play_next(self, channel: Channel) -> None:
        if channel.playing:
            playback, seconds = channel.playing[0]
            self._later(channel.id, seconds, lambda: self._played(channel, playback, ok=True))

    def _played(self, channel: Channel, playback: str, ok: bool) -> None:
        playing = [name for name, _ in channel.playing]
        if playback in playing:
            index = playing.index(playback)
            del channel.playing[index]
            self._tell(channel.id, PlaybackEnded(self.now(), channel.id, playback, ok))
            if index == 0:
                self._play_next(channel)

    def _end_messages(self, channel: str) -> None:
        for recording in [name for name, (who, _) in self.recordings.items() if who == channel]:
            self._close_recording(recording)

    def lose_recording(self, recording: str, cause: str) -> None:
        """A live recording ends by itself: a full disk, or no audio."""
        self._close_recording(recording, ok=not cause, cause=cause)

    def _close_recording(self, recording: str, ok: bool = True, cause: str = "") -> None:
        _, began = self.recordings.pop(recording)
        self._unpause(recording)
        seconds = (self.now() - began - self.unheard[recording]) * self.recording_share
        if self.recordings_dir is not None:
            _write_wav(self.recordings_dir / f"{recording}.wav", 2 * int(seconds * 8000))
        self._tell(recording, RecordingEnded(self.now(), recording, ok, seconds, cause))

    def _later(self, channel: str, seconds: float, happens: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        self.channels[channel].timers.append(loop.call_later(seconds, happens))

    def _tell(self, subject: str, event: SwitchEvent) -> None:
        """To whoever listens at that moment; the events of one channel keep their order."""
        self.truth.append(event)
        loop, listener = asyncio.get_running_loop(), self.deliver
        due = max(self._due.get(subject, 0.0), loop.time() + self.delays.get(subject, 0.0))
        self._due[subject] = due

        def arrive() -> None:
            if listener is not None and self.deliver == listener:
                listener(event)

        loop.call_at(due, arrive)


def _write_wav(path: Path, size: int) -> None:
    """As Asterisk closes it; so many bytes of silence, which take no room on the disk."""
    with path.open("wb") as file:
        file.write(struct.pack("<4sI4s4sIHHIIHH", b"RIFF", size + 36, b"WAVE", b"fmt ", *_FORMAT))
        file.write(struct.pack("<4sI", b"data", size))
        file.truncate(44 + size)


async def _all_of(voice: asyncio.Queue[bytes]) -> AsyncIterator[bytes]:
    while True:
        yield await voice.get()
