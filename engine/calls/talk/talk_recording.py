"""The recording of a talk: one file of what the caller says and hears, through all that happens.

It is brought to what is wanted whenever something was noted: begun and ended by the rules of the
queue or the campaign (``recording_rules.py``) and by orders; paused while somebody asked for that,
or while the caller types what nobody may hear. An order to pause has a deadline, which is in the
notes: it holds through transfers and crashes. What is ended and begun again is another file.
"""

from __future__ import annotations

import structlog

from acd.queues import QueueSettings
from acd.recording import Recording
from engine.call_record import SIDE_IN, SIDE_OUT, TALK
from engine.calls import live_recording
from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.errands.call_recording import FLOW
from engine.calls.lanes import AGENT, ARI
from engine.calls.live_recording import OF_TALK
from engine.calls.switchboard import Switchboard
from engine.calls.talk.orders import (
    NotPossible,
    Order,
    PauseRecording,
    ResumeRecording,
    StartRecording,
    StopRecording,
)
from engine.calls.talk.recording_notes import TalkRecorded
from engine.calls.talk.recording_rules import begins, may_order, refusal
from engine.ports import PbxError, RecordingEnded

log = structlog.get_logger("recording")

_LONGEST_PAUSE_SECONDS = 3600.0
_SECURE = "secure"
"""For whom a pause is while the caller is alone with a flow."""


class TalkRecording:
    """The recording of one talk."""

    def __init__(self, call: Call, sb: Switchboard) -> None:
        self._call, self._sb = call, sb
        self._rules, self._since = Recording(), 0.0
        self._begun = False
        self._ended: dict[str, RecordingEnded] = {}
        self._given_up = False

    async def begin(self, queue: QueueSettings, began: n.TalkBegan) -> None:
        """The two are together. What runs already, since before a crash or since he began to wait,
        goes on."""
        self._rules, self._since = rules_of(self._call, queue), began.at
        self._begun = True
        await self.follow()

    def hear(self, ended: RecordingEnded) -> None:
        """One has ended without our word: a full disk, a failure, or the end of the caller."""
        if not any(began.recording == ended.recording for began in self._running()):
            return
        self._ended[ended.recording] = ended
        if not self._call.hanging_up:
            log.error("recording_lost", recording=ended.recording, reason=ended.cause)
            self._sb.recorder.alarms["recording_lost"] += 1
            self._call.step(ARI, "recording stopped early", ARI, ended.cause)

    async def follow(self) -> None:
        """What runs is as it is wanted now. Raises ``PbxError`` when it is not certain that a
        pause, or an end, took effect."""
        if not self._begun:
            return
        wanted = self._is_wanted()
        if not wanted:
            for began in self._running():
                await live_recording.end(self._call, self._sb, began)
        if quiet := self._is_quiet():
            await live_recording.pause(self._call, self._sb, quiet)
            return
        await live_recording.resume(self._call, self._sb)
        if wanted and not self._running() and not self._given_up:
            await self._start()

    async def obey(self, order: Order) -> str:
        """Begin, end, pause or go on. Raises ``NotPossible``, and nothing has changed; but a pause
        that the switch does not confirm is in force all the same, and is tried again."""
        match order:
            case StartRecording():
                await self._order_start(order)
            case StopRecording():
                await self._order_stop(order)
            case PauseRecording(seconds=seconds):
                await self._order_pause(order, seconds)
            case ResumeRecording():
                await self._go_on(self._who(order))
        return ""

    def next_deadline(self) -> float | None:
        """When a pause is over that nobody has ended; a secure step is not cut short."""
        if not self._call.standing.paused or self._is_secure():
            return None
        pause = live_recording.pause_of(self._call)
        return None if pause is None else pause.until

    async def on_deadline(self) -> None:
        """Everything is recorded again."""
        due = self.next_deadline()
        if due is not None and due <= self._call.now():
            await self._go_on("its time is over")

    async def close(self, at: float) -> None:
        """The talk was over at ``at``; a pause goes on, and holds for the next one."""
        self._begun = False
        for began in self._running():
            report = self._ended.pop(began.recording, None)
            await live_recording.close(self._call, self._sb, began, at, report)

    # -- what is wanted -----------------------------------------------------------------------

    def _is_wanted(self) -> bool:
        """By the last order in this talk, else by the rules."""
        standing = self._call.standing
        if refusal(self._rules, standing.wanted):
            return False
        orders = (note for note in reversed(standing.notes) if note.at >= self._since)
        ordered = next((note for note in orders if isinstance(note, TalkRecorded)), None)
        if ordered is not None:
            return ordered.on
        return begins(self._rules, self._call.id, standing.wanted)

    def _is_quiet(self) -> str:
        """For whom nothing may be recorded now, '' when everything may."""
        if self._is_secure():
            return _SECURE
        pause = live_recording.pause_of(self._call)
        return "" if pause is None else pause.why or FLOW

    def _is_secure(self) -> bool:
        conversation = self._call.standing.conversation
        return conversation is not None and bool(conversation.secure)

    def _running(self) -> list[n.RecordingBegan]:
        return [each for each in live_recording.running(self._call) if each.kind in OF_TALK]

    async def _start(self) -> None:
        """The next file, and its two sides where that is set."""
        self._given_up = not await begin_file(self._call, self._sb, self._rules)

    # -- orders -------------------------------------------------------------------------------

    async def _order_start(self, order: Order) -> None:
        self._check_may_order(order)
        if why := refusal(self._rules, self._call.standing.wanted):
            raise NotPossible(why)
        await self._close_lost()
        self._given_up = False
        self._call.note(TalkRecorded(self._call.now(), True, self._who(order)))
        await self._go_on(self._who(order))
        if not self._running() and not self._is_quiet():
            raise NotPossible("it could not be begun: the trace of the call says why")

    async def _order_stop(self, order: Order) -> None:
        self._check_may_order(order)
        who = self._who(order)
        self._call.note(TalkRecorded(self._call.now(), False, who))
        self._call.step(AGENT, "recording", ARI, f"ended by {who}")
        await self._follow_order("ended")

    async def _order_pause(self, order: Order, seconds: float | None) -> None:
        seconds = self._rules.pause_seconds if seconds is None else seconds
        if not 0 < seconds <= _LONGEST_PAUSE_SECONDS:
            raise NotPossible(f"a pause is at most {_LONGEST_PAUSE_SECONDS:.0f} seconds long")
        who, now = self._who(order), self._call.now()
        self._call.note(n.RecordingWanted(now, "pause", who, now + seconds))
        self._call.step(AGENT, "recording", ARI, f"paused by {who}, for {seconds:.0f} s at most")
        await self._follow_order("paused")

    async def _go_on(self, why: str) -> None:
        """What was paused is not; done twice it is done once."""
        if self._call.standing.paused:
            self._call.note(n.RecordingWanted(self._call.now(), "resume", why))
            self._call.step(AGENT, "recording", ARI, f"goes on: {why}")
            self._given_up = False
        await self.follow()

    async def _follow_order(self, done: str) -> None:
        try:
            await self.follow()
        except PbxError as error:
            text = f"it is not certain that the recording is {done}: {error}"
            raise NotPossible(text) from error

    async def _close_lost(self) -> None:
        """What has ended by itself is looked at, so that another may begin."""
        for began in self._running():
            report = self._ended.pop(began.recording, None)
            if report is not None:
                problem = f"ended by itself: {report.cause or 'a full disk?'}"
                await live_recording.close(
                    self._call, self._sb, began, self._call.now(), report, problem
                )

    def _check_may_order(self, order: Order) -> None:
        if not may_order(self._rules):
            raise NotPossible(
                "the queue's settings begin and end its recordings: "
                "`by_agents` lets those in the talk do it; a pause is always possible"
            )

    def _who(self, order: Order) -> str:
        conversation = self._call.standing.conversation
        agent = order.by or (conversation.agent if conversation is not None else "")
        return f"{agent} ({order.source})" if agent else order.source


def rules_of(call: Call, queue: QueueSettings) -> Recording:
    """Those of the campaign that called him, where it has its own; else those of the queue."""
    plan = call.standing.attempt
    return queue.record if plan is None or plan.record is None else plan.record


async def begin_file(call: Call, sb: Switchboard, rules: Recording) -> bool:
    """Record the caller into the next file, ``<call>-r<n>``; each side where that is set."""
    noted = (each for each in call.standing.notes if isinstance(each, n.RecordingBegan))
    name = f"{call.id}-r{sum(each.kind == TALK for each in noted) + 1}"
    if not await live_recording.begin(call, sb, name, TALK):
        return False
    if rules.stereo:
        await live_recording.begin(call, sb, f"{name}.1", SIDE_IN)
        await live_recording.begin(call, sb, f"{name}.2", SIDE_OUT)
    return True


async def follow_wait(call: Call, sb: Switchboard) -> None:
    """While he waits he is recorded where the queue says so: into the file that the talk goes on
    with."""
    visit, standing = call.standing.visit, call.standing
    if visit is None or not call.channel:
        return
    rules = rules_of(call, sb.queue(visit.queue))
    wanted = rules.since == "queue" and begins(rules, call.id, standing.wanted)
    if not wanted:
        await leave_wait(call, sb, call.now())
    elif TALK not in standing.recording and not standing.paused:
        await begin_file(call, sb, rules)


async def leave_wait(call: Call, sb: Switchboard, at: float) -> None:
    """He waits no longer, and has not come to an agent."""
    for began in list(live_recording.running(call)):
        if began.kind in OF_TALK:
            await live_recording.close(call, sb, began, at)
