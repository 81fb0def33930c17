"""What an agent does at his phone: log in, answer, talk, until the demo is over."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

from dialplan.numbers import normalise
from engine.center import Center
from engine.demo import tones
from engine.demo.cast import EVERYBODY, REGION, AgentPlan
from engine.demo.leads import Lead, leads
from engine.demo.phones import Phone, PhoneCall, PhoneError, PhoneState
from engine.demo.stage import Stage

_SHIFT_SECONDS = 3600.0
_LISTENS_SECONDS = 0.1
_VOICE_SECONDS = 0.3
_PATIENCE = 30.0
_SAYS_SECONDS = 1.5  # to whom he has reached
_BY_NUMBER = {caller.number: caller for caller in EVERYBODY}


@dataclass(frozen=True, slots=True)
class Talk:
    """A call that this agent's phone answered; ``number`` is what it showed."""

    number: str
    leg: PhoneCall


class Agent:
    """One agent at a registered phone. ``talks`` are all calls that he answered."""

    def __init__(self, plan: AgentPlan, phone: Phone, stage: Stage, login_code: str) -> None:
        self.plan = plan
        self.talks: list[Talk] = []
        self.login_call: PhoneCall | None = None
        self._phone = phone
        self._stage = stage
        self._login_code = login_code
        phone.answer_after(plan.answers_after)

    @property
    def extension(self) -> str:
        """The number of his phone."""
        return self._phone.account

    async def log_in(self, center: Center) -> None:
        """By the feature code from his phone, or over the API. ``PhoneError`` when refused."""
        if self.plan.dials_login:
            self._tell(f"dials {self._login_code} on phone {self.extension}: logs in")
            self.login_call = await self._phone.dial(self._login_code)
            await self.login_call.wait_established(_PATIENCE)
            await self.login_call.wait_ended(_PATIENCE)
        else:
            self._tell(f"logs in over the API, phone {self.extension}")
            await self._post(center, "login")

    async def go_home(self, center: Center) -> None:
        """Be done with the work after the last talk, and log out."""
        await self._post(center, "ready")
        await self._post(center, "logout")

    async def work(self) -> None:
        """Answer call after call; ends by being cancelled."""
        while True:
            leg = await self._phone.next_call(_SHIFT_SECONDS)
            with contextlib.suppress(PhoneError):  # the caller left while it rang
                await leg.wait_established()
                await self._talk(leg)

    async def reach_out(self, center: Center) -> None:
        """Talk with one after the other whom the campaign reaches; ends by being cancelled.

        His phone answers by itself.
        """
        self._phone.answer_after(None)
        while True:
            leg = await self._phone.next_call(_SHIFT_SECONDS)
            with contextlib.suppress(PhoneError):  # whom we called left before
                await leg.wait_established()
                talk = self._take(leg)
                await self._hear_out(leg, leads()[normalise(talk.number, REGION) or ""])
                await self._be_ready(center)

    async def until_free(self) -> None:
        """Wait until his phone knows that his last talk is over."""
        for talk in self.talks:
            await talk.leg.wait_ended()

    async def _talk(self, leg: PhoneCall) -> None:
        talk = self._take(leg)
        plan = _BY_NUMBER.get(talk.number)
        self._tell(f"answers {plan.name if plan else talk.number}")
        self._stage.agent_talks()
        if plan is not None and plan.agent_hangs_up:
            await self._stage.talk(plan)
            self._tell("says goodbye and hangs up")
            await leg.hang_up()
        await leg.wait_ended(_SHIFT_SECONDS)
        self._stage.agent_is_free()

    def _take(self, leg: PhoneCall) -> Talk:
        """He has answered, and speaks."""
        talk = Talk(leg.peer.removeprefix("sip:").partition("@")[0], leg)
        self.talks.append(talk)
        leg.start_tone(self.plan.tone_hz)
        return talk

    async def _hear_out(self, leg: PhoneCall, lead: Lead) -> None:
        self._tell(f"talks with {lead.name}")
        if not lead.hangs_up:
            with contextlib.suppress(TimeoutError):  # not heard at all: the verdict says so
                await asyncio.wait_for(_hears(leg, lead.tone_hz), _PATIENCE)
            await asyncio.sleep(_SAYS_SECONDS)
            self._tell("says goodbye and hangs up")
            await leg.hang_up()
        await leg.wait_ended(_SHIFT_SECONDS)

    async def _be_ready(self, center: Center) -> None:
        """Be done with the work after the talk, once the engine knows that it is over."""
        talking = True
        while talking:
            await asyncio.sleep(_LISTENS_SECONDS)
            now = await center.get(f"/v1/agents/{self.plan.name}")
            talking = now["state"] == "talking"
        await self._post(center, "ready")

    async def _post(self, center: Center, what: str) -> None:
        status, answer = await center.post(f"/v1/agents/{self.plan.name}/{what}")
        if status != 200:
            raise PhoneError(f"agent {self.plan.name} cannot {what}: {answer}")

    def _tell(self, what: str) -> None:
        self._stage.tell(self.plan.name.capitalize(), what)


async def _hears(leg: PhoneCall, hz: float) -> None:
    """Until the other's tone was heard, or the call is over."""
    while leg.state is not PhoneState.ENDED:
        if tones.find(leg.heard(), hz).seconds > _VOICE_SECONDS:
            return
        await asyncio.sleep(_LISTENS_SECONDS)
