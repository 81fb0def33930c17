"""A caller is put through to a number outside or to an agent: it rings, they talk, they part.

Both sides have ends of their own. The far one is busy, rejects, does not answer, cannot be reached
or hangs up after the talk, and the caller goes on in his flow by that exit; the caller hangs up,
while it rings or later, and that is raised as ``CallerGone``, wherever the story is.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Final

import structlog

from dialplan.numbers import normalise
from dialplan.outbound import Way
from engine.calls import notes as n
from engine.calls.call import Call, CallerGone
from engine.calls.errands.calling_agents import engage, occupy, phone_of, release
from engine.calls.errands.dialing import AgentPhone, Dialing, NotReached, way_to
from engine.calls.errands.referring import refer
from engine.calls.lanes import ARI, SIP
from engine.calls.left import SENT
from engine.calls.outcomes import Missed
from engine.calls.switchboard import Switchboard, destroy_quietly, hang_up_quietly
from engine.calls.talk.line_talk import talk_on_line
from engine.calls.talk.talking import Talking
from engine.ivr.messages import Returned, Transfer
from engine.ports import DigitPressed, Down, Gone, LegGone, PbxError, PlaybackEnded

log = structlog.get_logger("transfer")

ANSWERED: Final = "answered"
MAX_TIME: Final = "max_time"
_EXITS = {
    Missed.BUSY: "busy",
    Missed.NO_ANSWER: "noanswer",
    Missed.REJECTED: "rejected",
    Missed.CONGESTED: "congestion",
}
_ACCEPT_SECONDS = 10.0
"""For the key by which the called party accepts, after what he hears first."""
_WHISPER_SECONDS = 60.0
"""When the end of that is never told."""
_LEAVING_SECONDS = 1.0
"""How long the end of a leg may be in coming that could not be joined any more."""
_BYE_SECONDS = 1.0
"""How long the end of an agent's leg may be in coming; then his phone is rung all the same."""


async def transfer(call: Call, sb: Switchboard, action: Transfer, language: str) -> Returned:
    """Put the caller through, or go on where an earlier run left it.

    ``answered``: they have talked and the other hung up; ``max_time``: we ended it; else why not:
    busy, noanswer, rejected, congestion, failed. Raises ``CallerGone``.
    """
    if not action.refer:
        return Returned(await put_through(call, sb, action, language))
    done = call.standing.returned
    if done is None:
        done = n.ErrandEnded(call.now(), await refer(call, sb, action.to))
        call.note(done)
    return Returned(done.by)


async def put_through(call: Call, sb: Switchboard, action: Transfer, language: str) -> str:
    """Ring, talk and part. Returns the exit by which the caller goes on; raises ``CallerGone``.

    The exit is noted before they part, which is done again after a crash.
    """
    done = call.standing.returned
    if done is None:
        return await _PuttingThrough(call, sb, action, language).run()
    await settle(call, sb, call.now())
    return done.by


async def settle(call: Call, sb: Switchboard, at: float) -> None:
    """They part without their story: who was dialed for the caller is left with nobody."""
    standing = call.standing
    dialed = standing.dialed if standing.channel else None  # else it is he who is dialed
    leg, talk, agent = standing.far, standing.forwarded, standing.dialed_agent
    if not (leg or dialed or agent):
        return
    call.note(n.ForwardEnded(at))
    await hang_up_quietly(sb, leg or (dialed.leg if dialed else ""))
    if agent:
        release(call, sb, agent, at, heard=talk is not None)
    if talk is not None:
        await destroy_quietly(sb, talk.bridge)


class _PuttingThrough:
    """One attempt, and the talk that it leads to, from wherever an earlier run left it."""

    def __init__(self, call: Call, sb: Switchboard, action: Transfer, language: str) -> None:
        self._call, self._sb, self._action, self._language = call, sb, action, language
        self._far_gone = False

    async def run(self) -> str:
        """The exit."""
        call, standing = self._call, self._call.standing
        try:
            if standing.talk is not None:
                return await self._go_on_talking(standing.talk)
            if (line := self._on_line()) is not None:
                return await self._talk_on_line(line)
            if not standing.far and (missed := await self._reach()) is not None:
                return await self._miss(missed)
            if standing.forwarded is None:
                missed = await self._introduce()
                if missed is None and standing.dialed_agent:
                    return await self._talk()
                missed = missed or await self._connect()
                if missed is not None:
                    return await self._miss(missed)
            by, at = await self._until_apart()
        except CallerGone as gone:
            await self._part(gone.gone.at)
            raise
        except Exception:
            await self._part(call.now())
            raise
        call.note(n.ErrandEnded(call.now(), by))
        await self._part(at)
        log.info("transferred", agent=self._action.agent, by=by)
        return by

    # -- until they are together --------------------------------------------------------------

    async def _reach(self) -> Missed | None:
        """It rings, and the caller hears it; None when it is answered."""
        call, dialed = self._call, self._call.standing.dialed
        dialing = Dialing(call, self._sb, self._action.ring_seconds)
        if dialed is not None:
            answer = await dialing.go_on(dialed)
        else:
            await self._sb.pbx.stop_music(call.channel)
            await self._sb.pbx.ring(call.channel, True)
            if isinstance(to := self._target(), Missed):
                call.step(ARI, "not dialed", SIP, f"{self._action.to}: {to}")
                return to
            if isinstance(to, AgentPhone):
                occupy(call, self._sb, to.agent)  # at once, or he is offered another meanwhile
            answer = await dialing.begin(to)
        if isinstance(answer, NotReached):
            return answer.why
        call.note(n.NumberAnswered(answer.at, answer.channel))
        return None

    def _target(self) -> Way | AgentPhone | Missed:
        sb, action = self._sb, self._action
        if action.agent:
            return phone_of(sb, action.to, lines=True)
        way = way_to(sb, action.to)
        if way is None:
            return Missed.BARRED
        shown = normalise(self._call.arrived.caller, sb.site.outbound.region)
        return replace(way, caller_id=shown) if action.show_caller and shown else way

    async def _introduce(self) -> Missed | None:
        """Who answered hears what is said to him alone, and accepts with a key; None when he does.

        The key counts from the beginning, and some seconds after the end.
        """
        call, leg, key = self._call, self._call.standing.far, self._action.accept_key
        playback = await self._whisper(leg)
        until = call.now() + (_WHISPER_SECONDS if playback else _ACCEPT_SECONDS)
        while playback or key:
            match await call.receive(until):
                case LegGone(channel=channel) if channel == leg:
                    self._far_gone = True
                    return Missed.REJECTED
                case DigitPressed(channel=channel, digit=digit) if channel == leg and digit == key:
                    if playback:
                        with suppress(PbxError):
                            await self._sb.pbx.stop_playback(leg, playback)
                    return None
                case PlaybackEnded(playback=ended) if ended == playback:
                    playback, until = "", call.now() + _ACCEPT_SECONDS
                case None if not playback:
                    return Missed.NO_ANSWER
                case None:  # its end was never told
                    playback, until = "", call.now() + _ACCEPT_SECONDS
        return None

    async def _whisper(self, leg: str) -> str:
        """The id of the playback, '' for none."""
        if not self._action.whisper:
            return ""
        call, sb, languages = self._call, self._sb, (self._language, *self._sb.languages)
        version = call.flows.version if call.flows is not None else ""
        media = await sb.sounds.uris(self._action.whisper, languages, version=version)
        if not media:
            return ""
        playback = call.new_id("p")
        call.step(ARI, "whisper", SIP, self._action.to)
        try:
            await sb.pbx.play(leg, playback, media, self._language)
        except Down:
            raise
        except PbxError:  # he has hung up, which the mailbox tells, or no such file
            return ""
        return playback

    async def _connect(self) -> Missed | None:
        """Both into a bridge; None when they are."""
        call, pbx, leg = self._call, self._sb.pbx, self._call.standing.far
        bridge = call.new_id("b")
        try:
            await pbx.ring(call.channel, False)
            await pbx.create_bridge(bridge, call.id)
            await pbx.join(bridge, (call.channel, leg))
        except Gone:  # one of them has just hung up: the mailbox says who
            await destroy_quietly(self._sb, bridge)
            self._far_gone = await call.end_of(leg, call.now() + _LEAVING_SECONDS) is not None
            return Missed.REJECTED
        call.note(n.Forwarded(call.now(), leg, bridge))
        call.step(ARI, "bridge", SIP, f"caller and {self._action.to} hear each other")
        return None

    # -- with an agent: a talk as any other ----------------------------------------------------

    async def _talk(self) -> str:
        """Until the agents are out of it, or none has come: the exit."""
        call, sb, standing = self._call, self._sb, self._call.standing
        agent, queue = standing.dialed_agent, standing.stay.queue if standing.stay else ""
        with suppress(PbxError):  # he has just hung up: the mailbox says so
            await sb.pbx.ring(call.channel, False)
        engage(call, sb, agent, queue)
        began = n.TalkBegan(
            *(sb.desk.moment(), standing.far, agent, queue, call.bridge or call.new_id("b"))
        )
        talking = Talking(call, sb, began, self._ends_at(call.now()))
        if await talking.begin() is not None:
            self._far_gone = True
            return await self._miss(Missed.REJECTED)
        return self._talked(talking)

    async def _go_on_talking(self, began: n.TalkBegan) -> str:
        talking = Talking(self._call, self._sb, began, self._ends_at(began.at))
        await talking.go_on(self._call.in_bridge)
        return self._talked(talking)

    def _on_line(self) -> n.LineTaken | None:
        """That of the agent whose phone is connected, when they are not together yet."""
        call, standing = self._call, self._call.standing
        if standing.far or standing.dialed is not None or standing.forwarded is not None:
            return None
        if standing.line_taken is not None or not self._action.agent:
            return standing.line_taken
        to = self._target()
        if not isinstance(to, AgentPhone) or not to.line:
            return None
        return n.LineTaken(call.now(), to.agent, to.line)

    async def _talk_on_line(self, line: n.LineTaken) -> str:
        """He hears a beep and has the caller: nothing rings, and he is not asked to accept him."""
        call = self._call
        talking = await talk_on_line(
            call, self._sb, line, beep=True, until=self._ends_at(call.now())
        )
        if talking is not None:
            return self._talked(talking)
        call.note(n.ErrandEnded(call.now(), _EXITS[Missed.REJECTED]))
        return _EXITS[Missed.REJECTED]

    def _ends_at(self, began: float) -> float | None:
        return began + self._action.most_seconds if self._action.most_seconds else None

    def _talked(self, talking: Talking) -> str:
        by, left = MAX_TIME if talking.timed_out else ANSWERED, self._call.standing.left
        if left is None or left.reason != SENT:  # else it is not over yet
            self._call.note(n.ErrandEnded(self._call.now(), by))
        log.info("transferred", agent=True, by=by)
        return by

    # -- together, and apart ------------------------------------------------------------------

    async def _until_apart(self) -> tuple[str, float]:
        """The exit, and when it was."""
        call, leg, talk = self._call, self._call.standing.far, self._call.standing.forwarded
        assert talk is not None
        until = talk.at + self._action.most_seconds if self._action.most_seconds else None
        while True:
            mail = await call.receive(until)
            if mail is None:
                call.step(ARI, "BYE", SIP, "longest time")
                return MAX_TIME, call.now()
            if isinstance(mail, LegGone) and mail.channel == leg:
                self._far_gone = True
                call.step(SIP, "BYE", ARI, self._action.to)
                return ANSWERED, mail.at

    async def _miss(self, missed: Missed) -> str:
        """Not together: the caller hears it ring no more."""
        call, by = self._call, _EXITS.get(missed, "failed")
        now, leg, agent = call.now(), call.standing.far, call.standing.dialed_agent
        call.note(n.ErrandEnded(now, by))
        call.note(n.NumberMissed(now, missed, tried=False))
        call.step(SIP, missed, ARI, self._action.to)
        with suppress(PbxError):
            await self._sb.pbx.ring(call.channel, False)
        await self._let_go(leg, agent, now, heard=False)
        return by

    async def _part(self, at: float) -> None:
        """They are apart; when the engine only stops, they talk on without it."""
        standing = self._call.standing
        leg, agent, talk = standing.far, standing.dialed_agent, standing.forwarded
        self._call.note(n.ForwardEnded(at))
        await self._let_go(leg, agent, at, heard=talk is not None)
        if talk is not None:
            await destroy_quietly(self._sb, talk.bridge)

    async def _let_go(self, leg: str, agent: str, at: float, heard: bool) -> None:
        """The far leg ends. An agent is free at once, but his phone is not rung before the BYE."""
        if leg and not agent:
            await hang_up_quietly(self._sb, leg)
        if not agent:
            return
        with self._sb.phone_busy(agent):
            release(self._call, self._sb, agent, at, heard)
            if leg:
                await hang_up_quietly(self._sb, leg)
            if leg and not self._far_gone:
                until = self._call.now() + _BYE_SECONDS
                await self._call.end_of(leg, until)
