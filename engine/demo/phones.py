"""Real softphones in this process: they register, ring, answer, talk tones and hear them.

One process can run one SIP stack (baresip), so one ``Phones``, which serves as many phones as the
demo or a test needs: thirty register in 0.04 s; ten of them talking cost a seventh of a core. The
stack sends from 127.0.0.1 only, so callers are not a trunk here but accounts that dial in with a
password; callers on a trunk are ``engine/demo/sipp.py``.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import defaultdict
from types import TracebackType
from typing import Self

from baresip import (
    Account,
    BaresipError,
    Call,
    Config,
    Event,
    RegistrationError,
    Runtime,
    StackEvent,
    UserAgent,
)

from engine.demo.phone_call import (
    PATIENCE_SECONDS,
    PUMP_SECONDS,
    Moment,
    PhoneCall,
    PhoneError,
    PhoneState,
)

__all__ = ["Moment", "Phone", "PhoneCall", "PhoneError", "PhoneState", "Phones"]

REGISTER_SECONDS = 10.0
LEAVE_SECONDS = 2.0
HOW_TO_ANSWER = "Call-Info"
"""The header that may ask a phone to answer by itself."""


class Phone:
    """One account on one softphone."""

    def __init__(self, phones: Phones, agent: UserAgent, account: str, host: str, port: int):
        """Made by ``Phones.register`` and ``Phones.caller``."""
        self._phones = phones
        self._agent = agent
        self._where = f"{host}:{port}"
        self._arrived: asyncio.Queue[PhoneCall] = asyncio.Queue()
        self._answer_after: float | None = None
        self.account = account
        agent.on_incoming(self._on_incoming)

    async def register(self) -> None:
        """Tell Asterisk where this phone is, so that it can ring. ``PhoneError`` says why not."""
        try:
            await self._agent.register(timeout=REGISTER_SECONDS)
        except RegistrationError as error:
            raise PhoneError(self._why_not_registered(error)) from error

    async def unregister(self) -> None:
        """Go away: Asterisk cannot ring this phone any more."""
        with contextlib.suppress(RegistrationError):  # it only dials, or Asterisk is gone
            await self._agent.unregister(timeout=LEAVE_SECONDS)

    async def dial(self, number: str, *, shown: str = "") -> PhoneCall:
        """Call ``number``. ``shown`` is the caller's number (P-Asserted-Identity), when Asterisk
        trusts this account with it; otherwise the account's name is shown."""
        identity = {"P-Asserted-Identity": f"<sip:{shown}@{self._where}>"} if shown else None
        try:
            call = await self._agent.dial(f"sip:{number}@{self._where}", headers=identity)
        except BaresipError as error:
            raise PhoneError(f"{self.account} cannot dial {number}: {error}") from error
        return self._adopt(call, PhoneState.DIALING)

    async def next_call(self, timeout: float = PATIENCE_SECONDS) -> PhoneCall:
        """The next call that came in, over or not; ``TimeoutError`` when none comes.

        Calls that are never asked for are kept, with their sound.
        """
        return await asyncio.wait_for(self._arrived.get(), timeout)

    def answer_after(self, seconds: float | None) -> None:
        """From now on answer each call after ``seconds`` of ringing; None: let it ring, unless the
        call asks to be answered by itself."""
        self._answer_after = seconds

    def _on_incoming(self, incoming: Call) -> None:
        call = self._adopt(incoming, PhoneState.RINGING)
        after = self._answer_after
        if after is None:
            after = _told_to_answer(incoming)
        if after is not None:
            self._phones.answer_later(call, after)
        self._arrived.put_nowait(call)

    def _adopt(self, call: Call, state: PhoneState) -> PhoneCall:
        adopted = PhoneCall(call, state)
        self._phones.adopt(call.handle, adopted)
        return adopted

    def _why_not_registered(self, error: RegistrationError) -> str:
        phone = f"phone {self.account} cannot register at {self._where}: "
        if error.status in (401, 403, 404):
            return phone + (
                f"Asterisk refused it ({error.status} {error.reason}). Either the account does not "
                "exist there yet, or its secret is another one: compare both"
            )
        if error.status is None:
            return phone + (
                f"no answer ({error}). Is Asterisk running, with its SIP transport on this address "
                "and port?"
            )
        return phone + f"{error.status} {error.reason}"


class Phones:
    """The SIP stack and all phones on it: ``async with Phones() as phones``.

    Leaving the block hangs up every call and unregisters every phone. ``PhoneError`` when this
    process already runs one.
    """

    def __init__(self) -> None:
        self._runtime = Runtime()
        self._phones: list[Phone] = []
        self._calls: dict[int, PhoneCall] = {}
        # A call's first events can come before the coroutine that dialed it runs again.
        self._early: defaultdict[int, list[StackEvent]] = defaultdict(list)
        self._tasks: set[asyncio.Task[None]] = set()
        self._pump_task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        try:
            config = Config(
                net_interface="127.0.0.1",
                max_concurrent_calls=None,
                expose_headers=(HOW_TO_ANSWER,),
            )
            await self._runtime.start(config)
        except BaresipError as error:
            raise PhoneError(f"the softphones cannot start: {error}") from error
        self._runtime.subscribe(self._on_event)
        self._pump_task = asyncio.create_task(self._pump())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            await self._leave()
        finally:
            assert self._pump_task is not None
            self._pump_task.cancel()
            await self._runtime.close()
        with contextlib.suppress(asyncio.CancelledError):
            await self._pump_task

    async def register(self, extension: str, secret: str, host: str, port: int) -> Phone:
        """A desk phone that can be rung. ``PhoneError`` says why it cannot register."""
        phone = await self._add(extension, secret, host, port, refresh_seconds=600)
        await phone.register()
        return phone

    async def caller(self, account: str, secret: str, host: str, port: int) -> Phone:
        """A phone that only dials: a customer. Asterisk asks for its secret at each call."""
        return await self._add(account, secret, host, port, refresh_seconds=0)

    def adopt(self, handle: int, call: PhoneCall) -> None:
        """Deliver the stack's events about ``handle`` to ``call``, from its very first."""
        self._calls[handle] = call
        for event in self._early.pop(handle, []):
            self._deliver(event, call)

    def answer_later(self, call: PhoneCall, seconds: float) -> None:
        """Answer ``call`` after ``seconds``, unless the phones are put away before."""
        task = asyncio.create_task(_answer_later(call, seconds))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _add(
        self, account: str, secret: str, host: str, port: int, *, refresh_seconds: int
    ) -> Phone:
        identity = Account(
            account,
            f"{host}:{port}",
            secret,
            reg_interval=refresh_seconds,
            audio_codecs=("pcmu",),  # two in an answer make the stack re-INVITE to settle on one
        )
        try:
            agent = await UserAgent.create(self._runtime, identity)
        except BaresipError as error:
            raise PhoneError(f"phone {account} cannot be made: {error}") from error
        self._phones.append(Phone(self, agent, account, host, port))
        return self._phones[-1]

    def _on_event(self, event: StackEvent) -> None:
        if not event.call:
            return
        if call := self._calls.get(event.call):
            self._deliver(event, call)
        else:
            self._early[event.call].append(event)

    def _deliver(self, event: StackEvent, call: PhoneCall) -> None:
        call.on_event(event)
        if event.event is Event.CALL_CLOSED:
            self._calls.pop(event.call, None)

    async def _pump(self) -> None:
        while True:
            for call in self._calls.values():
                call.pump()
            await asyncio.sleep(PUMP_SECONDS)

    async def _leave(self) -> None:
        await asyncio.gather(*(call.hang_up() for call in self._calls.values()))
        await asyncio.gather(*(phone.unregister() for phone in self._phones))


def _told_to_answer(incoming: Call) -> float | None:
    """After how many seconds a call is to be answered by itself; None when it is not."""
    found = re.search(r"answer-after=(\d+)", incoming.headers.get(HOW_TO_ANSWER, ""))
    return float(found[1]) if found else None


async def _answer_later(call: PhoneCall, seconds: float) -> None:
    await asyncio.sleep(seconds)
    await call.answer()
