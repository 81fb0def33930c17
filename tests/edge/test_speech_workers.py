"""The processes that recognise: one that dies or hangs costs one utterance, too many are refused at
once, and the engine's event loop never waits."""

import asyncio
import contextlib
import os
import sys
from pathlib import Path

import pytest
from obedient_worker import NONSENSE

from engine.speech.recogniser import NOTHING, Heard
from engine.speech.workers import Workers

COMMAND = (sys.executable, str(Path(__file__).with_name("obedient_worker.py")))
PATIENCE = 60.0


@contextlib.asynccontextmanager
async def workers(count=1, command=COMMAND, answer_seconds=5.0):
    """Workers that are ready; none is left afterwards."""
    pool = Workers("obedient", {"en": Path("nowhere")}, count, command, answer_seconds)
    running = asyncio.create_task(pool.run())
    try:
        await asyncio.wait_for(pool.ready.wait(), PATIENCE)
        yield pool
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def say(pool, text, phrases=("yes", "no")):
    """What was understood."""
    return await asyncio.wait_for(pool.recognise(text.encode(), phrases, "en"), PATIENCE)


async def understood(pool, text):
    """What was understood, by the first worker that is not too slow."""
    while True:
        await asyncio.wait_for(pool.ready.wait(), PATIENCE)
        heard = await say(pool, text)
        if heard not in (None, NOTHING):
            return heard


def at_once(coroutine):
    """What a coroutine returns that waits for nothing."""
    with pytest.raises(StopIteration) as ended:
        coroutine.send(None)
    return ended.value.value


def lives(pid):
    """Whether there is such a process."""
    return Path(f"/proc/{pid}").exists()


async def test_a_caller_is_understood_and_no_worker_is_left_when_the_engine_stops():
    async with workers() as pool:
        heard = await say(pool, "yes")
        pid = int(heard.text.split()[1])

        assert heard == Heard("yes", 1.0, f"yes {pid}")
        assert (await say(pool, "maybe")).phrase is None
        assert pid != os.getpid()
        assert lives(pid)
    assert not lives(pid)


async def test_a_worker_that_dies_costs_one_utterance_and_is_replaced():
    async with workers() as pool:
        before = await say(pool, "yes")

        assert await say(pool, "die") == NOTHING
        assert not pool.can("en")  # nobody has to wait for the next one to load
        await asyncio.wait_for(pool.ready.wait(), PATIENCE)
        after = await say(pool, "yes")

        assert after.phrase == "yes"
        assert after.text != before.text


async def test_a_worker_that_hangs_is_given_up_and_replaced():
    async with workers(answer_seconds=0.5) as pool:
        pid = int((await understood(pool, "yes")).text.split()[1])

        assert await say(pool, "hang") == NOTHING
        after = await understood(pool, "no")

        assert not lives(pid)
        assert after.phrase == "no"


@pytest.mark.parametrize("nonsense", NONSENSE)
async def test_a_worker_that_talks_nonsense_is_replaced(nonsense):
    async with workers() as pool:
        assert await say(pool, nonsense) == NOTHING
        await asyncio.wait_for(pool.ready.wait(), PATIENCE)

        assert (await say(pool, "no")).phrase == "no"


async def test_who_speaks_when_too_many_wait_already_is_told_at_once():
    async with workers() as pool:

        def ask(text):
            return pool.recognise(text.encode(), ("yes", "no"), "en")

        waiting = [asyncio.create_task(ask("work 0.1")) for _ in range(3)]
        await asyncio.sleep(0)

        assert at_once(ask("yes")) is None
        assert all(heard is not None for heard in await asyncio.gather(*waiting))
        assert (await say(pool, "yes")).phrase == "yes"


async def test_a_language_without_a_model_is_refused_at_once():
    async with workers() as pool:
        assert not pool.can("vi")
        assert await pool.recognise(b"", (), "vi") is None


async def test_workers_that_cannot_begin_harm_nobody():
    pool = Workers("obedient", {"en": Path("nowhere")}, 1, ("/no/such/program",))
    running = asyncio.create_task(pool.run())
    async with asyncio.timeout(PATIENCE):
        while not pool.can("en") and not running.done():
            assert await pool.recognise(b"", (), "en") is None
            await asyncio.sleep(0.01)
            break
    assert not running.done()
    running.cancel()


async def test_two_workers_share_the_work():
    async with workers(2) as pool:
        pids = set()
        async with asyncio.timeout(PATIENCE):
            while len(pids) < 2:  # the second one may still be starting
                heard = await asyncio.gather(say(pool, "work 0.1"), say(pool, "work 0.1"))
                pids = {each.text for each in heard}


async def test_the_event_loop_never_waits_while_they_work():
    async with workers() as pool:
        busy = asyncio.gather(*(say(pool, "work 0.2") for _ in range(3)))
        turns = 0
        while not busy.done():
            await asyncio.sleep(0.001)
            turns += 1
        assert None not in await busy
        assert turns > 20, "else it waits for each of the three"


async def test_a_worker_ends_with_its_engine_however_that_ends():
    async with workers() as pool:
        pid = int((await say(pool, "yes")).text.split()[1])
        process = await asyncio.create_subprocess_exec(
            *COMMAND, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdin is not None
        process.stdin.close()  # as the kernel does for an engine that was killed
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
        assert lives(pid)
