"""Which phones hold, asked while calls go on: answers and events come in any order."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from engine.asterisk.holds import AGAIN_SECONDS, SIDE_BY_SIDE, Holds
from engine.ports import Down, Gone, HoldChanged, NotInStasis, Refused
from tests.unit.virtual_time import in_virtual_time

ANNA, BINH = "100.1-a1", "200.1-a1"
A_MOMENT = 0.001
"""In which everybody does what can be done at once."""


class Floor:
    """Phones that are asked, and answer when a test says so."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.told: list[tuple[str, bool]] = []
        self.holds = Holds(self._ask, self._tell, asyncio.get_running_loop().time)
        self._questions: dict[str, list[asyncio.Future[bool]]] = defaultdict(list)

    async def _ask(self, phone: str) -> bool:
        self.asked.append(phone)
        question = asyncio.get_running_loop().create_future()
        self._questions[phone].append(question)
        return await question

    def _tell(self, change: HoldChanged) -> None:
        self.told.append((change.channel, change.held))

    async def link(self, *phones: str) -> None:
        """A connect, with these in calls."""
        self.holds.begin(phones)
        await asyncio.sleep(A_MOMENT)

    async def answers(self, phone: str, answer: bool | Exception) -> None:
        """Its oldest question is answered."""
        question = self._questions[phone].pop(0)
        if isinstance(answer, bool):
            question.set_result(answer)
        else:
            question.set_exception(answer)
        await asyncio.sleep(A_MOMENT)

    def says(self, phone: str, held: bool) -> None:
        """Its own event."""
        self.holds.known(phone)
        self.told.append((phone, held))


@asynccontextmanager
async def floor() -> AsyncIterator[Floor]:
    here = Floor()
    asking = asyncio.create_task(here.holds.run())
    try:
        yield here
    finally:
        asking.cancel()
        await asyncio.wait([asking])


@in_virtual_time
async def test_each_phone_in_a_call_is_brought_to_what_it_does_now() -> None:
    async with floor() as here:
        await here.link(ANNA, BINH)
        await here.answers(BINH, True)
        await here.answers(ANNA, False)
        assert here.told == [(BINH, True), (ANNA, False)]


@in_virtual_time
async def test_a_phone_that_held_before_it_could_be_asked_is_not_asked() -> None:
    async with floor() as here:
        here.holds.begin([ANNA])
        here.says(ANNA, held=True)
        await asyncio.sleep(AGAIN_SECONDS * 2)
        assert (here.asked, here.told) == ([], [(ANNA, True)])


@pytest.mark.parametrize("answer", [False, True, Down("no answer in 3 s")], ids=str)
@in_virtual_time
async def test_a_phone_that_held_while_it_was_asked_stays_as_it_said(
    answer: bool | Exception,
) -> None:
    async with floor() as here:
        await here.link(ANNA)
        here.says(ANNA, held=True)
        await here.answers(ANNA, answer)
        await asyncio.sleep(AGAIN_SECONDS * 2)
        assert (here.asked, here.told) == ([ANNA], [(ANNA, True)])


@in_virtual_time
async def test_a_phone_that_holds_after_it_was_asked_has_the_last_word() -> None:
    async with floor() as here:
        await here.link(ANNA)
        await here.answers(ANNA, False)
        here.says(ANNA, held=True)
        assert here.told == [(ANNA, False), (ANNA, True)]


@in_virtual_time
async def test_an_answer_of_a_link_that_was_lost_says_nothing_of_the_next() -> None:
    async with floor() as here:
        await here.link(ANNA)
        here.holds.end()
        await here.link(ANNA)  # she took her caller back in between, and nobody heard it
        await here.answers(ANNA, True)
        assert here.told == []
        await here.answers(ANNA, False)
        assert (here.asked, here.told) == ([ANNA, ANNA], [(ANNA, False)])


@in_virtual_time
async def test_a_question_that_failed_with_its_link_is_not_asked_twice_on_the_next() -> None:
    async with floor() as here:
        await here.link(ANNA)
        await here.answers(ANNA, Down("no answer in 3 s"))
        await here.link(ANNA)
        await here.answers(ANNA, True)
        await asyncio.sleep(AGAIN_SECONDS * 2)
        assert (here.asked, here.told) == ([ANNA, ANNA], [(ANNA, True)])


@in_virtual_time
async def test_a_lost_link_ends_the_asking() -> None:
    phones = [f"{n}.1" for n in range(10)]
    async with floor() as here:
        await here.link(*phones)
        here.holds.end()
        for phone in phones[:SIDE_BY_SIDE]:
            await here.answers(phone, True)
        await asyncio.sleep(AGAIN_SECONDS * 2)
        assert (here.asked, here.told) == (phones[:SIDE_BY_SIDE], [])


@in_virtual_time
async def test_few_phones_are_asked_at_a_time_so_that_calls_can_be_served() -> None:
    phones = [f"{n}.1" for n in range(10)]
    async with floor() as here:
        await here.link(*phones)
        for done, phone in enumerate(phones):
            assert len(here.asked) == min(done + SIDE_BY_SIDE, len(phones))
            await here.answers(phone, False)
        assert here.told == [(phone, False) for phone in phones]


@in_virtual_time
async def test_a_phone_that_hangs_keeps_nobody_waiting_and_is_asked_again() -> None:
    others = [f"{n}.1" for n in range(10)]
    async with floor() as here:
        await here.link(ANNA, *others)
        for phone in others:
            await here.answers(phone, True)
        assert here.told == [(phone, True) for phone in others]
        await here.answers(ANNA, Down("no answer in 3 s"))
        assert here.asked.count(ANNA) == 1
        await asyncio.sleep(AGAIN_SECONDS)
        await here.answers(ANNA, False)
        await asyncio.sleep(AGAIN_SECONDS * 2)
        assert here.told[-1] == (ANNA, False)
        assert (here.asked.count(ANNA), len(here.told)) == (2, 11)


@pytest.mark.parametrize("gone", [Gone, NotInStasis, Refused])
@in_virtual_time
async def test_a_phone_that_is_not_with_us_any_more_is_not_asked_again(
    gone: Callable[[str], Exception],
) -> None:
    async with floor() as here:
        await here.link(ANNA)
        await here.answers(ANNA, gone("it is not there"))
        await asyncio.sleep(AGAIN_SECONDS * 2)
        assert (here.asked, here.told) == ([ANNA], [])
