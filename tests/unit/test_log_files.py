"""The logs of a private center stay small for an operator who looks after nothing."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

from engine.log_files import empty_long, keep_small, older


def test_who_writes_a_log_that_is_emptied_goes_on_at_its_new_end(tmp_path: Path) -> None:
    log = tmp_path / "console.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"first\n")
        empty_long(log, most_bytes=6)
        assert not older(log).exists()
        writer.write(b"second\n")
        empty_long(log, most_bytes=6)
        writer.write(b"third\n")
    assert older(log).read_bytes() == b"first\nsecond\n"
    assert log.read_bytes() == b"third\n"


async def test_one_log_that_cannot_be_emptied_keeps_no_other_long(tmp_path: Path) -> None:
    stuck, long, none = tmp_path / "stuck.log", tmp_path / "long.log", tmp_path / "none.log"
    for log in (stuck, long):
        log.write_bytes(b"12345678")
    older(stuck).mkdir()
    keeping = asyncio.create_task(keep_small([stuck, none, long], most_bytes=4))
    while long.stat().st_size:  # noqa: ASYNC110  a thread empties it
        await asyncio.sleep(0.01)
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping
    assert stuck.read_bytes() == older(long).read_bytes() == b"12345678"
