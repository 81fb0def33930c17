"""What a caller does at his phone. He knows of agents only what he hears."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path

from engine.demo import tones
from engine.demo.cast import AGENTS, CallerPlan, Press
from engine.demo.listening import heard_beginning, heard_prompt
from engine.demo.phones import Phone, PhoneCall, PhoneError, PhoneState
from engine.demo.stage import Stage

_LISTENS_SECONDS = 0.1
_LOOKS_SECONDS = 0.25  # for a prompt: that costs more
_VOICE_SECONDS = 0.3
_LONGEST_WAIT = 90.0
_CUT_SECONDS = 1.5  # what a key cuts may be heard so long on a busy machine: it is not said again
_EAR_SECONDS = 2.5  # of what was heard just now, in which a prompt that begins is looked for


class Caller:
    """One caller. ``call`` is his call once he has dialed; ``trouble`` what went wrong for him.

    ``words`` is the sound of what he says.
    """

    def __init__(
        self,
        plan: CallerPlan,
        phone: Phone,
        stage: Stage,
        prompts_dir: Path,
        words: Mapping[str, bytes],
    ) -> None:
        self.plan = plan
        self.call: PhoneCall | None = None
        self.trouble = ""
        self._phone = phone
        self._stage = stage
        self._prompts = prompts_dir / plan.language
        self._words = words

    def prompt(self, key: str) -> Path:
        """The audio of a prompt in his language."""
        return self._prompts / f"{key}.wav"

    async def live(self) -> None:
        """From lifting the phone to the end of the call."""
        try:
            await self._until_his_turn()
            self._tell(f"dials {self.plan.dials}: {self.plan.way}")
            self.call = await self._phone.dial(self.plan.dials)
            if self.plan.before_answer:
                await self._hear_early(self.call)
            else:
                await self.call.wait_established(_LONGEST_WAIT)
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
            if self.plan.when_all_busy:
                self._stage.gave_up.set()
            return
        if self.plan.someone_waits_after is not None:
            await asyncio.sleep(self.plan.someone_waits_after)
            await self._stage.moment(self._stage.gave_up)
            self._stage.someone_waits.set()
        await self._press_at(call, self.plan.presses)
        if self.plan.serves_himself:
            await call.wait_ended(_LONGEST_WAIT)
            self._tell("is served, and told good-bye")
        elif await self._hears_an_agent(call):
            await self._talk(call)
        else:
            self._tell("hears an announcement, and is hung up on")

    async def _hear_early(self, call: PhoneCall) -> None:
        """Listen to what is said before the answer, and hang up."""
        for prompt in self.plan.hears:
            while not await asyncio.to_thread(heard_prompt, call.heard(), self.prompt(prompt)):
                if call.state is PhoneState.ENDED:
                    raise PhoneError(f"the call ended before {prompt} was heard")
                await asyncio.sleep(_LOOKS_SECONDS)
        self._tell("has heard enough before anybody answered, and hangs up")
        await call.hang_up()

    async def _press_at(self, call: PhoneCall, presses: tuple[Press, ...]) -> None:
        """Press the keys, each time at its prompt; once more when that is said again, for a key may
        be lost or doubled on the way."""
        since, before = 0.0, None
        for press in presses:
            asked_again = (before.again or before.at) if before else ""
            while await self._hears(call, press.at, since, asked_again):
                assert before is not None
                since = await self._press(call, before)
            since, before = await self._press(call, press), press

    async def _press(self, call: PhoneCall, press: Press) -> float:
        await asyncio.sleep(press.after)
        if press.words:
            call.say(self._words[press.words])
            self._tell(f"says “{press.words}”")
        else:
            await call.press(press.keys)
            self._tell(press.tells or f"presses {press.keys}")
        return time.monotonic()

    async def _hears(self, call: PhoneCall, wanted: str, since: float = 0.0, or_: str = "") -> bool:
        """Wait until ``wanted`` begins, not heard at ``since`` yet; true for the other prompt."""
        async with asyncio.timeout(_LONGEST_WAIT):
            while call.state is not PhoneState.ENDED:
                lately = time.monotonic() - _EAR_SECONDS
                for prompt, after in ((wanted, since), (or_ or wanted, since + _CUT_SECONDS)):
                    heard = call.heard(since=max(after, lately))
                    file = self.prompt(prompt)
                    if await asyncio.to_thread(heard_beginning, heard, file):
                        return prompt != wanted
                await asyncio.sleep(_LOOKS_SECONDS)
        raise PhoneError(f"the call ended before {wanted} was heard")

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
        if self.plan.survey:
            await self._hears(call, self.plan.survey[0].at)
            call.stop_tone()
            await self._press_at(call, self.plan.survey)
        if self.plan.agent_hangs_up:
            await call.wait_ended(_LONGEST_WAIT)
            return
        await self._stage.talk(self.plan)
        self._tell("says goodbye and hangs up")
        await call.hang_up()

    def _tell(self, what: str) -> None:
        self._stage.tell(self.plan.name, what)
