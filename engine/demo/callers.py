"""What a caller does at his phone. He knows of agents only what he hears."""

from __future__ import annotations

import asyncio
import time

from engine.demo import tones
from engine.demo.cast import AGENTS, CallerPlan
from engine.demo.phones import Phone, PhoneCall, PhoneError, PhoneState
from engine.demo.stage import Stage

_LISTENS_SECONDS = 0.1
_VOICE_SECONDS = 0.3
_LONGEST_WAIT = 45.0


class Caller:
    """One caller. ``call`` is his call once he has dialed; ``trouble`` what went wrong for him."""

    def __init__(self, plan: CallerPlan, phone: Phone, stage: Stage) -> None:
        self.plan = plan
        self.call: PhoneCall | None = None
        self.trouble = ""
        self._phone = phone
        self._stage = stage

    async def live(self) -> None:
        """From lifting the phone to the end of the call."""
        try:
            await self._until_his_turn()
            self._tell(f"dials {self.plan.dials}: {self.plan.way}")
            self.call = await self._phone.dial(self.plan.dials)
            await self.call.wait_established()
            await self._go_through(self.call)
        except (PhoneError, TimeoutError) as error:
            self.trouble = str(error) or "nothing happened for too long"
            self._tell(f"gives up: {self.trouble}")
            if self.call is not None:
                await self.call.hang_up()
        if self.call is not None:
            await self.call.wait_ended()

    async def _until_his_turn(self) -> None:
        if self.plan.when_all_busy:
            await self._stage.moment(self._stage.all_busy)
        await asyncio.sleep(self.plan.starts)

    async def _go_through(self, call: PhoneCall) -> None:
        for pause, key in self.plan.keys:
            await asyncio.sleep(pause)
            await call.press(key)
            self._tell(f"presses {key}")
        if self.plan.gives_up_after is not None:
            await asyncio.sleep(self.plan.gives_up_after)
            self._tell("hangs up")
            await call.hang_up()
            return
        if self.plan.someone_waits_after is not None:
            await asyncio.sleep(self.plan.someone_waits_after)
            self._stage.someone_waits.set()
        if await self._hears_an_agent(call):
            await self._talk(call)
        else:
            self._tell("hears an announcement, and is hung up on")

    async def _hears_an_agent(self, call: PhoneCall) -> bool:
        """Wait for a voice; false when the call ends before."""
        async with asyncio.timeout(_LONGEST_WAIT):
            while call.state is not PhoneState.ENDED:
                heard = call.heard(since=time.monotonic() - 1.0)
                if any(tones.find(heard, a.tone_hz).seconds > _VOICE_SECONDS for a in AGENTS):
                    return True
                await asyncio.sleep(_LISTENS_SECONDS)
        return False

    async def _talk(self, call: PhoneCall) -> None:
        call.start_tone(self.plan.tone_hz)
        if self.plan.agent_hangs_up:
            await call.wait_ended(_LONGEST_WAIT)
            return
        await self._stage.talk(self.plan)
        self._tell("says goodbye and hangs up")
        await call.hang_up()

    def _tell(self, what: str) -> None:
        self._stage.tell(self.plan.name, what)
