"""`tongdai setup --list`: where the sound of each prompt comes from."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from engine import paths, telemetry
from engine.cli.main import app
from engine.demo import tones
from engine.sounds import wav


@pytest.fixture(autouse=True)
def warnings_alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As the command sets it, but for this test only."""
    monkeypatch.setattr(telemetry, "configure", lambda *_, **__: None)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    yield
    structlog.reset_defaults()


def test_an_operator_sees_which_prompts_are_recorded_spoken_and_missing(tmp_path: Path) -> None:
    flows = tmp_path / "flows"
    shutil.copytree(paths.FLOWS, flows)
    made = tmp_path / "made/vi"
    recorded = flows / "recordings/vi/held.wav"
    for folder in (made, recorded.parent):
        folder.mkdir(parents=True)
    sound = wav.encode(wav.decode(tones.sine(440, 12_000)))
    for file in (recorded, made / "held.wav", made / "connecting.wav"):
        file.write_bytes(sound)

    listed = CliRunner().invoke(
        app,
        ["setup", "--list"],
        env={
            "TONGDAI_FLOWS_DIR": str(flows),
            "TONGDAI_PROMPTS_DIR": str(made.parent),
            "TONGDAI_STATE_DIR": str(tmp_path / "state"),
            "TONGDAI_LANGUAGES": "vi,fr",
        },
    )

    assert listed.exit_code == 0, listed.output
    lines = [" ".join(line.split()) for line in listed.output.splitlines()]
    assert "vi/held recorded 1.5 Xin quý khách vui lòng giữ máy." in lines
    assert "vi/connecting spoken 1.5 Xin quý khách chờ trong giây lát." in lines
    assert "en/held not made yet Please hold." in lines
    assert "fr/held no text" in lines
    assert sorted(made.parent.rglob("*.wav")) == [made / "connecting.wav", made / "held.wav"]
