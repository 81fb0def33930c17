"""Which phones have us on hold: asked after each connect, since nobody heard what they did before.

It is a question for each phone, so no call waits for it: the calls are adopted first. An event
of a phone is newer than any answer that comes after it, so it ends the question.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection

import structlog

from engine.ports import Down, Gone, HoldChanged, NotInStasis, Refused

log = structlog.get_logger("pbx")

SIDE_BY_SIDE = 4
"""Questions at a time; the other connections to Asterisk are for the commands of the calls."""
AGAIN_SECONDS = 30.0
"""After which one that was not answered is asked again."""


class Holds:
    """Asks of each phone, and tells the answer as if the phone had just done it.

    ``ask`` says whether a phone has us on hold, or raises ``PbxError``s; ``tell`` is a plain call.
    """

    def __init__(
        self,
        ask: Callable[[str], Awaitable[bool]],
        tell: Callable[[HoldChanged], None],
        now: Callable[[], float],
    ) -> None:
        self._ask = ask
        self._tell = tell
        self._now = now
        self._unknown: set[str] = set()
        self._queue: asyncio.Queue[tuple[str, set[str]]] = asyncio.Queue()

    def begin(self, phones: Collection[str]) -> None:
        """A link is up: of these nothing is known."""
        self.end()
        self._unknown = set(phones)
        for phone in phones:
            self._queue.put_nowait((phone, self._unknown))

    def end(self) -> None:
        """The link is lost. What is still answered may be older than what was not heard."""
        self._unknown.clear()

    def known(self, phone: str) -> None:
        """It said so itself, or is gone."""
        self._unknown.discard(phone)

    async def run(self) -> None:
        """Ask whatever is to be asked, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(SIDE_BY_SIDE):
                tasks.create_task(self._ask_in_turn())

    async def _ask_in_turn(self) -> None:
        while True:
            phone, unknown = await self._queue.get()
            if phone in unknown:
                await self._learn(phone, unknown)

    async def _learn(self, phone: str, unknown: set[str]) -> None:
        """``unknown`` is that of the link of the question, and empty when another one is up."""
        try:
            held = await self._ask(phone)
        except (Gone, NotInStasis, Refused):  # it has just ended, or is not with us
            unknown.discard(phone)
        except Down as error:
            if phone in unknown:
                log.warning("hold_unknown", channel=phone, reason=str(error))
                later = asyncio.get_running_loop().call_later
                later(AGAIN_SECONDS, self._queue.put_nowait, (phone, unknown))
        else:
            if phone in unknown:
                unknown.discard(phone)
                self._tell(HoldChanged(self._now(), phone, held))
