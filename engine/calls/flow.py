"""A caller in an IVR flow: performs what the interpreter wants, tells it what happened."""

from __future__ import annotations

import structlog

from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.lanes import ARI, IVR, SIP
from engine.calls.left import OVER
from engine.calls.service import serve
from engine.calls.switchboard import Switchboard
from engine.ivr import messages as ivr
from engine.ivr.interpreter import Context, Interpreter
from engine.ivr.schema import Flow
from engine.ports import (
    CallOutcome,
    DigitPressed,
    Down,
    PbxError,
    PlaybackEnded,
    SegmentKind,
)

log = structlog.get_logger("flow")

_LONGEST_PLAY_SECONDS = 300.0


class FlowFault(Exception):
    """A flow could not go on; its caller is handed to safety."""


class FlowRun:
    """One call in one flow, from where an earlier run left it, or ``from_start``."""

    def __init__(
        self, call: Call, sb: Switchboard, flow: Flow, *, from_start: bool = False
    ) -> None:
        self.call, self.sb, self.flow = call, sb, flow
        standing = call.standing
        resumed = None if from_start else standing.node
        self._ivr = Interpreter(
            flow,
            Context(standing.language, call.arrived.caller, call.arrived.did, self._hours),
            at=resumed.node if resumed else None,
            language=standing.language or None,
            variables=resumed.variables if resumed else None,
        )
        self._resuming = resumed is not None and resumed.node == self._ivr.node
        self._plays: dict[str, int] = {}
        self._playbacks: dict[int, str] = {}
        self._ended_by = "engine"

    def _hours(self, calendar: str, now: float) -> str:
        routed = self.call.standing.routed
        return self.sb.site.hours(calendar, now, routed.calendar if routed else "")

    async def run(self) -> str:
        """To the end of the flow. Returns who ended the call: 'engine' or 'agent'."""
        call = self.call
        if call.standing.playback:
            await self.sb.pbx.stop_playback(call.channel, call.standing.playback)
        actions = self._ivr.start(call.now())
        while not await self._perform(actions):
            actions = await self._next()
        return self._ended_by

    async def _next(self) -> list[ivr.Action]:
        deadline = self._ivr.next_deadline()
        mail = await self.call.receive(deadline or self.call.now() + _LONGEST_PLAY_SECONDS)
        now = self.call.now()
        match mail:
            case None if deadline is None:
                return self._give_up_plays(now)
            case None:
                return self._ivr.on_deadline(now)
            case PlaybackEnded(ok=False) if self.call.hanging_up:
                return []
            case DigitPressed(digit=digit):
                return self._ivr.handle(ivr.Digit(digit), now)
            case PlaybackEnded(playback=playback, ok=ok) if playback in self._plays:
                return self._ivr.handle(ivr.PlayEnded(self._plays.pop(playback), ok), now)
        return []

    def _give_up_plays(self, now: float) -> list[ivr.Action]:
        """No end of a prompt was ever told: go on as if it had failed, not in silence for ever."""
        log.warning("playback_lost", plays=len(self._plays))
        plays, self._plays = list(self._plays.values()), {}
        return [a for play in plays for a in self._ivr.handle(ivr.PlayEnded(play, ok=False), now)]

    async def _perform(self, actions: list[ivr.Action]) -> bool:
        """Do what the flow wants, in order; true when it is over."""
        for action in actions:
            match action:
                case ivr.Play():
                    await self._play(action)
                case ivr.StopPlay(play=play):
                    await self.sb.pbx.stop_playback(self.call.channel, self._playbacks[play])
                case ivr.Enqueue():
                    reason = await self._queue(action)
                    if reason == OVER:
                        return True
                    return await self._perform(
                        self._ivr.handle(ivr.QueueLeft(reason), self.call.now())
                    )
                case ivr.End(outcome=outcome):
                    self._set_outcome(outcome)
                    return True
                case ivr.Fault(text=text):
                    raise FlowFault(text)
                case ivr.Entered() | ivr.Heard() | ivr.NotPlayed():
                    self._trace(action)
        return False

    async def _play(self, play: ivr.Play) -> None:
        call = self.call
        playback = call.new_id("p")
        self._plays[playback] = play.play
        self._playbacks[play.play] = playback
        languages = (play.language, *play.fallback)
        media = [self.sb.prompts.media(key, languages) for key in play.prompts]
        call.note(n.Playing(call.now(), playback))
        call.step(IVR, "play", SIP, f"{', '.join(play.prompts)} ({play.language})")
        try:
            await self.sb.pbx.play(call.channel, playback, media, play.language)
        except Down:
            raise
        except PbxError:  # hung up just now, which the mailbox tells, or no such file
            call.deliver(PlaybackEnded(call.now(), call.channel, playback, ok=False))

    async def _queue(self, asked: ivr.Enqueue) -> str:
        reason = await serve(self.call, self.sb, asked)
        self._ended_by = self.call.standing.ended_by
        return reason

    def _set_outcome(self, outcome: str | None) -> None:
        if outcome is not None:
            self.call.note(n.OutcomeSet(self.call.now(), CallOutcome(outcome)))
        elif self.call.standing.outcome is None:
            self.call.note(n.OutcomeSet(self.call.now(), CallOutcome.SELF_SERVED))

    def _set_segment(self, now: float) -> None:
        """In the flow from now on, unless the call waits or talks already (after a crash)."""
        standing = self.call.standing
        in_flow = standing.segment is not None and standing.segment.kind is SegmentKind.IVR
        if not in_flow and standing.visit is None and standing.talk is None:
            self.call.segment(SegmentKind.IVR, now)

    def _trace(self, action: ivr.Entered | ivr.Heard | ivr.NotPlayed) -> None:
        call, now = self.call, self.call.now()
        match action:
            case ivr.Entered(node=node, type=type_, via=via):
                self._ended_by = "engine"
                self._set_segment(now)
                if self._ivr.language != call.standing.language:
                    call.note(n.LanguageSet(now, self._ivr.language))
                if self._ivr.outcome is not None:
                    call.note(n.OutcomeSet(now, CallOutcome(self._ivr.outcome)))
                if not self._resuming:  # a node entered again for a crash is no news
                    call.note(n.NodeEntered(now, self.flow.name, node, dict(self._ivr.variables)))
                self._resuming = False
                call.step(IVR, type_, IVR, f"{via} → {node}" if via else node)
            case ivr.Heard(keys=keys, result=result):
                call.step(SIP, "keys", IVR, f"{keys or 'none'}: {result}")
            case ivr.NotPlayed(prompts=prompts):
                log.warning("prompt_not_played", prompts=prompts)
                call.step(ARI, "not played", IVR, ", ".join(prompts))
