"""Caller and agent talk: one bridge, recorded, until one of them hangs up."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from contextlib import suppress

from acd.messages import DispositionSet, OfferOutcome, TalkEnded
from engine.call_record import SegmentKind
from engine.calls import notes as n
from engine.calls.call import Call, CallerGone
from engine.calls.errands.call_recording import pause, paused_seconds, records_talks
from engine.calls.lanes import ACD, AGENT, ARI, SIP
from engine.calls.queueing.nailed_up import END_KEY, let_go, let_go_all
from engine.calls.queueing.offering import ELSEWHERE
from engine.calls.queueing.waiting import stand_in_line
from engine.calls.switchboard import Switchboard, destroy_quietly
from engine.ports import DigitPressed, Gone, HoldChanged, LegGone, PbxError, RecordingEnded, Refused

_LEAVING_SECONDS = 1.0
"""How long the end of a channel may be in coming that could not be joined any more."""

_BYE_SECONDS = 1.0
"""How long the end of an agent's leg may be in coming; then his phone is rung all the same."""

_CLOSING_SECONDS = 2.0
"""How long Asterisk may take to close the file of a recording."""


async def talk(call: Call, sb: Switchboard, offer: n.OfferBegan) -> bool:
    """Put caller and agent together and stay until the agent is out of it.

    Returns True when the agent hung up; raises ``CallerGone`` when the caller did. False when the
    agent's leg was gone before they were together: then he waits again, at his place.
    """
    queue = sb.queue(offer.queue)
    bridge = call.bridge or call.new_id("b")
    recording = _recording_name(call) if records_talks(call, queue) else None
    began = n.TalkBegan(
        *(sb.desk.time, offer.offer, offer.agent, queue.name, bridge, recording), offer.line
    )
    gone = await Talking(call, sb, began).begin()
    if gone is not None:
        await _put_back(call, sb, offer, sb.desk.moment(gone.at))
    return gone is None


async def _put_back(call: Call, sb: Switchboard, offer: n.OfferBegan, at: float) -> None:
    """The agent was gone again at once: the caller waits on at his place, and is offered anew.

    The music comes first: after a crash nothing tells that it is off.
    """
    with suppress(Gone):  # he has just hung up, too: the mailbox says so
        await sb.pbx.start_music(call.channel, sb.queue(offer.queue).music)
    call.note(n.OfferEnded(at, offer.offer, OfferOutcome.REJECTED))
    call.step(AGENT, "gone at once", ACD, offer.agent)
    stand_in_line(call, sb.desk, at)  # first: the agent is free for the next in line after it
    sb.desk.post(TalkEnded(offer.agent, call.id, unheard=True), at)


def _recording_name(call: Call) -> str:
    """The call's id; a further talk of the same call is numbered."""
    made = len(call.standing.recordings)
    return call.id if not made else f"{call.id}-r{made + 1}"


class Talking:
    """One talk, from the agent's answer or from where an earlier run left it."""

    def __init__(self, call: Call, sb: Switchboard, began: n.TalkBegan) -> None:
        self.call, self.sb, self.began = call, sb, began
        self._recording_ended: RecordingEnded | None = None
        self._recording_problem = ""
        self._recording_tried = False
        self._recorded_from = began.at
        self._late: list[n.OfferBegan] = []

    async def begin(self) -> LegGone | None:
        """From the agent's answer to the end; his leg's end when it was gone before they were
        together.

        Cancelled (the engine stops) it leaves everything as it is: talk goes on without us.
        """
        return await self._until_over(self._meet())

    async def go_on(self, connected: Sequence[str] | None) -> None:
        """From where an earlier run of the engine left it: with ``connected`` in the bridge, or
        without any (None)."""
        await self._until_over(self._take_up(connected))

    async def _until_over(self, connecting: Awaitable[LegGone | None]) -> LegGone | None:
        try:
            gone = await connecting
            if gone is not None:
                return gone
            at = await self._listen()
        except CallerGone as gone:
            await self._end("caller", gone.gone.at)
            raise
        except Exception:
            await self._end("engine", None)
            raise
        await self._end("agent", at)
        return None

    async def _meet(self) -> LegGone | None:
        """Together in the bridge, and the talk is noted; the phones that were too late are told."""
        call, pbx, began = self.call, self.sb.pbx, self.began
        try:
            await pbx.stop_music(call.channel)
            if call.bridge is None:
                await pbx.create_bridge(began.bridge, call.id)
                call.bridge = began.bridge
            await pbx.join(began.bridge, (call.channel, began.leg))
        except Gone:
            gone = await call.end_of(began.leg, call.now() + _LEAVING_SECONDS)
            if gone is None:
                raise  # both are there: a fault of ours
            return gone
        self._note_began()
        call.step(ARI, "bridge", AGENT, f"caller and {began.agent} hear each other")
        await self._begin_recording(again=False)
        await self._tell_late()
        return None

    def _note_began(self) -> None:
        """He answered: whatever comes now ends a talk, however short."""
        standing, began = self.call.standing, self.began
        if standing.talk is None:
            others = (o for o in standing.offers.values() if o.offer != began.offer)
            self._late = [offer for offer in others if standing.rings(offer)]
            self.call.note(began)
            self.call.step(AGENT, "answer", ACD, began.agent)
            self._preset_disposition()

    def _preset_disposition(self) -> None:
        """What the flow said came of the call is what the agent set, until he says otherwise."""
        desk, began, code = self.sb.desk, self.began, self.call.standing.course.disposition
        codes = self.sb.queue(began.queue).wrap_up.dispositions
        if code in codes and desk.talks(began.agent, self.call.id):
            desk.post(DispositionSet(began.agent, self.call.id, code))

    async def _tell_late(self) -> None:
        """The phones that rang, too, need not ring on."""
        late, self._late = self._late, []
        await let_go_all(self.sb, late, ELSEWHERE)

    async def _take_up(self, connected: Sequence[str] | None) -> None:
        """One who is missing has hung up: the mailbox says so."""
        began, pbx = self.began, self.sb.pbx
        if connected:
            await self._unhold()
        else:
            try:
                if connected is None:
                    await pbx.create_bridge(began.bridge, self.call.id)
                await pbx.join(began.bridge, (self.call.channel, began.offer))
            except Gone:
                return
        await self._begin_recording(again=bool(connected))

    async def _begin_recording(self, again: bool) -> None:
        if self.began.recording is not None:
            self._recording_tried = True
            await self._record(self.began.recording, again)

    async def _unhold(self) -> None:
        """After a crash: who took the call back meanwhile must not talk against the music."""
        for leg in (self.call.channel, self.began.leg):
            with suppress(PbxError):
                await self.sb.pbx.stop_music(leg)

    async def _record(self, recording: str, again: bool) -> None:
        """A talk goes on without its recording; the record says so.

        ``again``: after a crash, where the name in use means that it runs already.
        """
        try:
            if not again:
                self._recorded_from = self.call.now()  # a beep may come before the talk
            await self.sb.pbx.record(self.began.bridge, recording)
            self.call.step(ARI, "record", ARI, recording)
            if self.call.standing.paused:
                await pause(self.call, self.sb, recording)
        except PbxError as error:
            if again and isinstance(error, Refused):
                return
            self._recording_problem = f"could not be started: {error}"
            self.call.step(ARI, "recording failed", ARI, str(error))

    async def _listen(self) -> float:
        """Until the agent's leg is gone; returns when that was."""
        while True:
            match await self.call.receive():
                case LegGone(channel=leg, at=at) if leg == self.began.leg:
                    return at
                case DigitPressed(channel=leg, digit=key, at=at) if self._ends(leg, key):
                    return at
                case HoldChanged() as change:
                    await self._hold(change)
                case RecordingEnded() as ended if ended.recording == self.began.recording:
                    self._recording_ended = ended
                    self.call.step(ARI, "recording stopped early", ARI, ended.cause)

    def _ends(self, leg: str, key: str) -> bool:
        """A nailed-up agent does not hang up to end a talk."""
        return bool(self.began.line) and leg == self.began.line and key == END_KEY

    async def _hold(self, change: HoldChanged) -> None:
        """A phone held its call or took it back; the bridge leaves the other in silence."""
        began, by_agent = self.began, change.channel == self.began.leg
        kind = SegmentKind.HOLD if change.held else SegmentKind.TALK
        self.call.segment(kind, change.at, began.queue, began.agent)
        self.call.step(AGENT if by_agent else SIP, "hold" if change.held else "resume", ARI)
        other = self.call.channel if by_agent else began.leg
        with suppress(PbxError):
            if change.held:
                await self.sb.pbx.start_music(other, self.sb.queue(began.queue).music)
            else:
                await self.sb.pbx.stop_music(other)

    async def _end(self, by: str, at: float | None) -> None:
        """The agent is free of this contact: tell the desk before anything that may take time."""
        self._note_began()
        at = self.sb.desk.moment(at)
        self.call.note(n.TalkEnded(at, by))  # first: what was noted, square_up makes good
        with self.sb.phone_busy(self.began.agent):
            self.sb.desk.post(TalkEnded(self.began.agent, self.call.id), at)
            self.call.step({"caller": SIP, "agent": AGENT}.get(by, ARI), "BYE", ARI, by)
            await let_go(self.sb, self.began)
            if by == "caller" and not self.began.line:
                await self.call.end_of(self.began.leg, self.call.now() + _BYE_SECONDS)
        await self._tell_late()
        if self.began.recording is not None and self._recording_tried:
            await self._close_recording(self.began.recording, at)
        await destroy_quietly(self.sb, self.began.bridge)
        self.call.bridge = None

    async def _close_recording(self, recording: str, at: float) -> None:
        """Stop it, wait for Asterisk to close the file, and look at the file."""
        call, early = self.call, self._recording_ended
        if early is None and not self._recording_problem:
            with suppress(PbxError):  # Gone: it never began
                await self.sb.pbx.stop_recording(recording)
                until = call.now() + _CLOSING_SECONDS
                early = await call.find(
                    RecordingEnded, until, lambda end: end.recording == recording
                )
        paused = paused_seconds(call.standing.notes, self._recorded_from, at)
        note = await self.sb.recorder.inspect(
            recording, self._recorded_from, at, early, self._recording_problem, missing=paused
        )
        call.note(note)
