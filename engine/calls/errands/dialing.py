"""A number outside or an agent's phone is dialed: it is answered, or there is a reason why not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from dialplan.outbound import Barred, Way
from engine.calls import notes as n
from engine.calls.call import Call, CallerGone, Mail
from engine.calls.lanes import AGENT, ARI, SIP
from engine.calls.outcomes import NO_ANSWER, Missed, missed_call
from engine.calls.switchboard import Switchboard, hang_up_quietly
from engine.ports import (
    Down,
    EndpointChanged,
    LegAnswered,
    LegGone,
    LegProgressed,
    LegRinging,
    PbxError,
)

_PAUSE_WHEN_DOWN = 1.0
"""Seconds before a number is given up when the switch does not answer: no hot loop of attempts."""
_OUT_OF_ORDER = 27
"""Q.850, of a trunk that cannot be dialed."""


@dataclass(frozen=True, slots=True)
class AgentPhone:
    """The phone of an agent, by its extension; ``line`` is its channel where it is connected, and
    need not ring."""

    agent: str
    extension: str
    line: str = ""


@dataclass(frozen=True, slots=True)
class NotReached:
    """Why nobody is on the line, and whether his phone was tried; the network's causes, 0 where it
    was not the network that ended it."""

    why: Missed
    tried: bool
    cause: int = 0
    tech_cause: int = 0


Hear = Callable[[Mail], Awaitable[Missed | None]]
"""What else happens while it rings; the reason to stop that this is, None for none."""


async def _ignore(_mail: Mail) -> Missed | None:
    return None


class Dialing:
    """One attempt, from the dialing or from where an earlier run left it. ``listener`` is the leg
    of an agent who hears it ring, '' when there is none."""

    def __init__(
        self,
        call: Call,
        sb: Switchboard,
        ring_seconds: float,
        listener: str = "",
        hear: Hear = _ignore,
    ) -> None:
        self._call, self._sb = call, sb
        self._ring_seconds, self._listener = ring_seconds, listener
        self._hear = hear
        self._progressed = False

    async def begin(self, to: Way | AgentPhone) -> LegAnswered | NotReached:
        """Dial and wait for the answer.

        Raises ``CallerGone`` when the caller for whom it is dialed hangs up.
        """
        call = self._call
        leg = call.new_id("c")
        if isinstance(to, AgentPhone):
            call.note(n.NumberDialed(call.now(), leg, to.extension, to.agent))
            call.step(ARI, "dial", AGENT, f"{to.agent} at {to.extension}")
        else:
            call.note(n.NumberDialed(call.now(), leg, to.number))
            call.step(ARI, "dial", SIP, f"{to.number} through {to.trunk}")
        try:
            await self._let_hear_ringing()
            await self._dial(leg, to)
        except Down:
            await asyncio.sleep(_PAUSE_WHEN_DOWN)
            return await self._stop(leg, Missed.FAILED)
        except PbxError as error:  # this number, or this trunk, cannot be dialed
            call.step(ARI, "not dialed", SIP, str(error))
            return await self._stop(leg, Missed.UNREACHABLE, True, _OUT_OF_ORDER)
        return await self._wait(leg, call.now() + self._ring_seconds)

    async def go_on(self, dialed: n.NumberDialed) -> LegAnswered | NotReached:
        """After a crash: the mailbox tells whether the leg was answered, or is gone."""
        return await self._wait(dialed.leg, dialed.at + self._ring_seconds)

    async def _dial(self, leg: str, to: Way | AgentPhone) -> None:
        pbx, seconds = self._sb.pbx, self._ring_seconds
        if isinstance(to, AgentPhone):
            caller = self._call.channel
            await self._sb.phone_free(to.agent)
            await pbx.dial(leg, to.extension, caller=caller, ring_seconds=seconds)
        else:
            await pbx.dial_number(
                leg, to.dialed, to.trunk, caller_id=to.caller_id, ring_seconds=seconds
            )

    async def _let_hear_ringing(self) -> None:
        if self._listener:
            with suppress(PbxError):  # he is gone just now: the mailbox says so
                await self._sb.pbx.ring(self._listener, True)

    async def _wait(self, leg: str, until: float) -> LegAnswered | NotReached:
        call = self._call
        try:
            while True:
                match await call.receive(until):
                    case None:
                        return await self._stop(leg, Missed.NO_ANSWER, tried=True)
                    case LegAnswered(channel=channel) as answered if channel == leg:
                        return answered
                    case LegRinging(channel=channel) if channel == leg:
                        call.note(n.NumberRang(call.now(), leg))
                        call.step(SIP, "ringing", ARI)
                    case LegProgressed(channel=channel) if channel == leg:
                        self._progressed = True
                        call.step(SIP, "early media", ARI)
                    case LegGone(channel=channel) as gone if channel == leg:
                        return await self._gone(gone)
                    case EndpointChanged(endpoint=phone, online=False) if self._rings_at(phone):
                        return await self._stop(leg, Missed.UNREACHABLE, self._rang(leg))
                    case LegGone(channel=channel) if channel == self._listener:
                        call.step(AGENT, "BYE", ARI, "before the answer")
                        return await self._stop(leg, Missed.AGENT_GONE, self._rang(leg))
                    case mail:
                        if (reason := await self._hear(mail)) is not None:
                            return await self._stop(leg, reason)
        except CallerGone:
            await hang_up_quietly(self._sb, leg)
            raise

    def _rings_at(self, phone: str) -> bool:
        """Whether it is this phone of an agent; when it unregisters it would ring on for nobody."""
        dialed = self._call.standing.dialed
        return dialed is not None and bool(dialed.agent) and dialed.number == phone

    def _rang(self, leg: str) -> bool:
        return self._call.standing.rang == leg

    async def _gone(self, gone: LegGone) -> LegAnswered | NotReached:
        if gone.estimated:  # nobody saw why; it may not even be born
            return await self._stop(gone.channel, Missed.FAILED)
        rang = self._rang(gone.channel) or (self._progressed and gone.cause == NO_ANSWER)
        why = missed_call(gone.cause, gone.tech_cause, rang)
        return NotReached(why, True, gone.cause, gone.tech_cause)

    async def _stop(
        self, leg: str, why: Missed, tried: bool = False, cause: int = 0
    ) -> LegAnswered | NotReached:
        """We hang up, before anybody has answered."""
        await hang_up_quietly(self._sb, leg)
        return NotReached(why, tried, cause)


def way_to(sb: Switchboard, number: str) -> Way | None:
    """How a number is reached by the rules of today; None when it may not be dialed."""
    try:
        return sb.site.outbound.way(number)
    except Barred:
        return None
