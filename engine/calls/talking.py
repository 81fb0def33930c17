"""Caller and agent talk: one bridge, recorded, until one of them hangs up."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from acd.messages import TalkEnded
from acd.queues import QueueSettings
from engine.calls import notes as n
from engine.calls.call import Call, CallerGone
from engine.calls.lanes import ACD, AGENT, ARI, SIP
from engine.calls.switchboard import Switchboard, destroy_quietly, hang_up_quietly
from engine.ports import (
    Gone,
    HoldChanged,
    LegGone,
    PbxError,
    RecordingEnded,
    Refused,
    SegmentKind,
)

_CLOSING_SECONDS = 2.0
"""How long Asterisk may take to close the file of a recording."""


async def talk(call: Call, sb: Switchboard, queue: QueueSettings, offer: n.OfferBegan) -> None:
    """Put the two together and stay until the agent is out of it.

    Returns when the agent hung up; raises ``CallerGone`` when the caller did.
    """
    began = n.TalkBegan(
        sb.desk.time,
        offer.offer,
        offer.agent,
        queue.name,
        call.bridge or call.new_id("b"),
        _recording_name(call) if queue.record else None,
    )
    call.note(began)
    call.step(AGENT, "answer", ACD, offer.agent)
    await Talking(call, sb, began).go_on()


def _recording_name(call: Call) -> str:
    """The call's id; a further talk of the same call is numbered."""
    made = len(call.standing.recordings)
    return call.id if not made else f"{call.id}-r{made + 1}"


class Talking:
    """One talk, from its beginning or from where an earlier run left it."""

    def __init__(self, call: Call, sb: Switchboard, began: n.TalkBegan) -> None:
        self.call, self.sb, self.began = call, sb, began
        self._recording_ended: RecordingEnded | None = None
        self._recording_problem = ""
        self._recording_tried = False

    async def go_on(self, connected: Sequence[str] | None = None) -> None:
        """Connect the two, unless they were ``connected`` by an earlier run of the engine (None: it
        did not even make the bridge), and stay until the agent is out of it.

        Cancelled (the engine stops) it leaves everything as it is: talk goes on without us.
        """
        try:
            await self._connect(connected)
            at = await self._listen()
        except CallerGone as gone:
            await self._end("caller", gone.gone.at)
            raise
        except Exception:
            await self._end("engine", None)
            raise
        await self._end("agent", at)

    async def _connect(self, connected: Sequence[str] | None) -> None:
        call, pbx, began = self.call, self.sb.pbx, self.began
        if connected:  # before a crash; one who is missing has hung up: the mailbox says so
            await self._unhold()
        else:
            try:
                await pbx.stop_music(call.channel)
                if connected is None and call.bridge != began.bridge:
                    await pbx.create_bridge(began.bridge, call.id)
                await pbx.join(began.bridge, (call.channel, began.offer))
            except Gone:  # one of them has just hung up: the mailbox says who
                return
            call.step(ARI, "bridge", AGENT, f"caller and {began.agent} hear each other")
        if began.recording is not None:
            self._recording_tried = True
            await self._record(began.recording, again=bool(connected))

    async def _unhold(self) -> None:
        """After a crash: who took the call back meanwhile must not talk against the music."""
        for leg in (self.call.channel, self.began.offer):
            with suppress(PbxError):
                await self.sb.pbx.stop_music(leg)

    async def _record(self, recording: str, again: bool) -> None:
        """A talk goes on without its recording; the record says so.

        ``again``: after a crash, where the name in use means that it runs already.
        """
        try:
            await self.sb.pbx.record(self.began.bridge, recording)
            self.call.step(ARI, "record", ARI, recording)
        except PbxError as error:
            if again and isinstance(error, Refused):
                return
            self._recording_problem = f"could not be started: {error}"
            self.call.step(ARI, "recording failed", ARI, str(error))

    async def _listen(self) -> float:
        """Until the agent's leg is gone; returns when that was."""
        while True:
            match await self.call.receive():
                case LegGone(channel=leg, at=at) if leg == self.began.offer:
                    return at
                case HoldChanged() as change:
                    await self._hold(change)
                case RecordingEnded() as ended:
                    self._recording_ended = ended
                    self.call.step(ARI, "recording stopped early", ARI, ended.cause)

    async def _hold(self, change: HoldChanged) -> None:
        """A phone held its call or took it back; the bridge leaves the other in silence."""
        began, by_agent = self.began, change.channel == self.began.offer
        kind = SegmentKind.HOLD if change.held else SegmentKind.TALK
        self.call.segment(kind, change.at, began.queue, began.agent)
        self.call.step(AGENT if by_agent else SIP, "hold" if change.held else "resume", ARI)
        other = self.call.channel if by_agent else began.offer
        with suppress(PbxError):
            if change.held:
                await self.sb.pbx.start_music(other, self.sb.queue(began.queue).music)
            else:
                await self.sb.pbx.stop_music(other)

    async def _end(self, by: str, at: float | None) -> None:
        """The agent is free of this contact: tell the desk before anything that may take time."""
        at = self.sb.desk.moment(at)
        self.call.note(n.TalkEnded(at, by))  # first: what was noted, square_up makes good
        self.sb.desk.post(TalkEnded(self.began.agent, self.call.id), at)
        self.call.step({"caller": SIP, "agent": AGENT}.get(by, ARI), "BYE", ARI, by)
        await hang_up_quietly(self.sb, self.began.offer)
        if self.began.recording is not None and self._recording_tried:
            await self._close_recording(self.began.recording, at)
        await destroy_quietly(self.sb, self.began.bridge)
        self.call.bridge = None

    async def _close_recording(self, recording: str, at: float) -> None:
        """Stop it, wait for Asterisk to close the file, and look at the file."""
        early = self._recording_ended
        if early is None and not self._recording_problem:
            with suppress(PbxError):  # Gone: it never began
                await self.sb.pbx.stop_recording(recording)
                early = await self.call.find(RecordingEnded, self.call.now() + _CLOSING_SECONDS)
        note = await self.sb.recorder.inspect(
            recording, self.began.at, at, early, self._recording_problem
        )
        self.call.note(note)
