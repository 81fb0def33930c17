"""What operations people read of recordings is what the settings are."""

from __future__ import annotations

import re
from pathlib import Path

from test_docs_queues import BLOCK

from engine.config.yaml_file import parse
from engine.recordings.sealing import CHUNK_BYTES, MAGIC, TAG_BYTES
from engine.recordings.settings import RecordingsSettings, S3Settings
from engine.recordings.worker import NICE
from engine.store.recordings import FileState

MANUAL = (Path(__file__).parents[2] / "docs" / "recordings.md").read_text(encoding="utf-8")
SHOWN = {"dir": "`finished` in `recordings_dir`"}
NEVER = ("keep_days", "voicemail_keep_days", "survey_keep_days")


def section(title: str) -> str:
    return MANUAL.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_an_operator_finds_every_setting_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `([a-z_0-9]+)` \| (.+?) \|", section("Settings"), re.MULTILINE))
    expected = {}
    for name, field in RecordingsSettings.model_fields.items():
        value = "never" if name in NEVER else field.default or "none"
        expected[name] = SHOWN.get(name, f"`{value}`" if name == "format" else str(value))
    assert rows == expected
    assert {name for name in S3Settings.model_fields if f"`{name}`" not in MANUAL} == set()


def test_every_state_is_explained() -> None:
    rows = re.findall(
        r"^\| `([a-z]+)` \| [^|]+ \|$", section("What becomes of a file"), re.MULTILINE
    )
    assert rows == list(FileState)


def test_the_example_is_one_that_is_accepted() -> None:
    [block] = BLOCK.findall(MANUAL)
    written = parse(Path("tongdai.yaml"), block).data["recordings"]
    assert RecordingsSettings.model_validate(written).s3 is not None


def test_the_format_of_encrypted_files_is_told_as_it_is() -> None:
    assert f"`{MAGIC.decode()}`" in MANUAL
    assert f"{CHUNK_BYTES:,} bytes of sound" in MANUAL
    assert f"tag of\n{TAG_BYTES} bytes" in MANUAL
    assert f"`nice` {NICE}" in MANUAL
