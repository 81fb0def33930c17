"""What `tongdai check` says of recordings: callers should not be the first to hear them."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.asterisk.install import Programs
from engine.config.check_sounds import check_sounds
from engine.demo import tones
from engine.sounds import wav


class Bare(Programs):
    """A machine without sox."""

    def program(self, name: str) -> None:
        return None


def check(flows: Path, content: bytes, name: str = "vi/welcome.wav") -> list[str]:
    """Codes and messages for a recording with this content."""
    file = flows / "recordings" / name
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    return [f"{problem.code} {problem.message}" for problem in check_sounds(flows, Bare())]


def sound(pcm: bytes) -> bytes:
    return wav.encode(wav.decode(pcm))


def test_a_good_recording_is_not_mentioned(tmp_path: Path) -> None:
    assert check(tmp_path, sound(tones.sine(440, 8000))) == []


@pytest.mark.parametrize(
    ("pcm", "told"),
    [
        (bytes(16000), "W504 nobody says anything in this recording (1.0 s)"),
        (b"", "W504 nobody says anything in this recording (0.0 s)"),
        (tones.sine(440, 8000, dbfs=-35), "W505 this recording is too quiet: -35 dB"),
        (tones.sine(440, 8000, dbfs=-8), "W505 this recording is too loud: -8 dB"),
        (b"\xff\x7f" * 8000, "W505 this recording is too loud: 0 dB, clipped"),
    ],
)
def test_a_recording_that_callers_do_not_hear_well_is_a_warning(
    tmp_path: Path, pcm: bytes, told: str
) -> None:
    assert check(tmp_path, sound(pcm)) == [told]


def test_a_recording_that_cannot_be_converted_is_a_warning_with_the_reason(tmp_path: Path) -> None:
    (told,) = check(tmp_path, b"these are no sounds", "vi/welcome.mp3")
    assert told.startswith("W503 this recording cannot be used: sox is not installed")
