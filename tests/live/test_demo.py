"""`tongdai demo` as people start it: a process of its own, with its own Asterisk and engine."""

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

import pytest

from engine.asterisk import install
from engine.speech.models import brought_along, not_installed

pytestmark = pytest.mark.timeout(360)

SPEECH = not not_installed("whisper") and brought_along("whisper") is not None
LAST_LINES = [
    f"demo: {13 + SPEECH} calls, 6 answered, {3 + SPEECH} self-served, 3 abandoned, "
    "1 out of hours, 7 recordings, 0 lost",
    "campaign: 7 leads, 3 talked with an agent, 1 busy, 1 rejected, 1 invalid, "
    "1 on the do-not-call list, 0 lost",
]


@pytest.fixture(autouse=True)
def _asterisk_is_here():
    if install.find(os.environ.get("TONGDAI_ASTERISK")) is None:
        pytest.skip("no Asterisk here: `make setup` brings one")


async def demo(*options, **variables):
    """Start it in a process group of its own, so that everything it starts can be found."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "engine.cli.main", "demo", *options,
        env=os.environ | variables,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip


def processes_of(folder):
    """Whoever names this folder in his command line or environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in words:
            found.append(process.name)
    return found


async def test_someone_who_tries_the_demo_sees_calls_and_records_that_agree(tmp_path):
    process = await demo("--keep", str(tmp_path / "kept"))

    output, _ = await process.communicate()

    said = output.decode()
    assert said.splitlines()[-2:] == LAST_LINES, said
    assert process.returncode == 0, said
    assert "SIP          ARI          IVR          ACD         agent" in said
    kept = (tmp_path / "kept/asterisk/spool/recording").rglob("*.wav")
    assert len({file.name for file in kept}) == 7 + 3  # one that rested is in another folder
    assert "8 rows, 7 leads, 1 of them on a do-not-call list; left out: 1 nobody" in said
    assert re.search(r"are in none of \d+ files", said), said
    assert re.search(r"service +│ score +│ (mai|linh) +│ +1 x 5", said), said
    assert processes_of(tmp_path / "kept") == []


async def test_someone_who_stops_the_demo_half_way_finds_nothing_left_running(tmp_path):
    process = await demo("--keep", str(tmp_path / "kept"))
    async for line in process.stdout:
        if re.search(rb"answers Emma", line):
            break
    process.send_signal(signal.SIGINT)

    output, _ = await process.communicate()

    assert "demo: stopped" in output.decode().splitlines()[-1]
    assert process.returncode == 130
    assert processes_of(tmp_path / "kept") == []


async def test_someone_who_names_a_full_folder_is_told_to_name_another(tmp_path):
    (tmp_path / "mine").write_text("precious")

    process = await demo("--keep", str(tmp_path))

    output, _ = await process.communicate()
    assert "is not empty" in output.decode()
    assert process.returncode == 1


async def test_someone_whose_routes_are_his_own_is_told_what_the_demo_needs(tmp_path):
    (tmp_path / "main.yaml").write_text(
        'numbers:\n  "19009999": {queue: sales, language: en}\n'
        'outbound: {caller_id: "19009999", trunk: trunk, numbers: {"+84.": {}}}\n'
    )

    process = await demo(TONGDAI_ROUTES_DIR=str(tmp_path))

    output, _ = await process.communicate()
    assert "lack what the demo uses: 19001000" in output.decode()
    assert process.returncode == 1
