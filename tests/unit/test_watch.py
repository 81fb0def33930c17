"""Who tries a flow out hears it as soon as he has saved it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from engine import watch as watching
from engine.watch import watch


async def test_each_file_that_is_new_changed_or_gone_is_noticed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "EVERY_SECONDS", 0.01)
    (tmp_path / "recordings").mkdir()
    flow, recording = tmp_path / "main.yaml", tmp_path / "recordings" / "bye.wav"
    flow.write_text("flow: main")
    (tmp_path / "gone.yaml").symlink_to("nowhere")
    noticed: asyncio.Queue[None] = asyncio.Queue()

    async def changed() -> None:
        noticed.put_nowait(None)

    looked = asyncio.Event()
    stamps = watching._stamps

    def look(folder: Path) -> watching.Stamps:
        found = stamps(folder)
        loop.call_soon_threadsafe(looked.set)
        return found

    monkeypatch.setattr(watching, "_stamps", look)
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(watch(tmp_path, changed))
    await looked.wait()
    for change in (
        lambda: flow.write_text("flow: other"),
        lambda: os.utime(flow, ns=(0, 1)),
        lambda: recording.write_bytes(b"RIFF"),
        recording.unlink,
    ):
        change()
        await asyncio.wait_for(noticed.get(), 60)
    looked.clear()
    await looked.wait()
    assert noticed.empty()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
