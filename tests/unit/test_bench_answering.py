"""The recordings that answer, and the model of ``AMD()`` that the settings are tried on."""

from __future__ import annotations

import numpy as np
import pytest

from bench.amd_model import FRAME_MS, AmdSettings, amd, levels
from bench.greetings import RATE, Beep, Kind, Recording, room, tone, with_beep
from engine.demo import tones

LOUD, SOFT = 3000, 20
SETTINGS = AmdSettings()


def said(*seconds: float) -> list[int]:
    """Levels of silence, speech, silence, speech … of so many seconds each."""
    return [
        SOFT if place % 2 == 0 else LOUD
        for place, length in enumerate(seconds)
        for _ in range(round(length * 1000 / FRAME_MS))
    ]


@pytest.mark.parametrize(
    ("heard", "status", "cause", "seconds"),
    [
        (said(0.5, 0.4, 9), "HUMAN", "HUMAN-800-800", 1.7),
        (said(0.5, 0.08, 9), "MACHINE", "INITIALSILENCE-2500-2500", 3.08),
        (said(9), "MACHINE", "INITIALSILENCE-2500-2500", 2.5),
        (said(0.5, 9), "MACHINE", "LONGGREETING-1500-1500", 2.0),
        (said(0.5, 0.2, 0.1, 0.2, 0.1, 0.2), "MACHINE", "MAXWORDS-3-2", 1.2),
        (said(0.0, 0.2, 0.1, 0.2, 0.1, 0.2, 9), "HUMAN", "HUMAN-800-800", 1.6),
        (said(0.5, 0.3, 0.7, 0.3, 0.7, 0.1, 9), "MACHINE", "MAXWORDS-3-2", 2.6),
        (said(2.4, 0.3, 0.7, 0.3, 0.7, 0.0, 9), "HUMAN", "HUMAN-800-800", 4.5),
    ],
)
def test_the_model_decides_as_amd_does(
    heard: list[int], status: str, cause: str, seconds: float
) -> None:
    verdict = amd(heard, SETTINGS)
    assert (verdict.status, verdict.cause) == (status, cause)
    assert verdict.seconds == pytest.approx(seconds)


def test_who_is_not_done_in_time_is_not_known() -> None:
    heard = said(2.4, *[0.3, 0.7] * 5)
    verdict = amd(heard, AmdSettings(maximum_number_of_words=9))
    assert (verdict.status, verdict.cause) == ("NOTSURE", "TOOLONG-5000")


def test_the_settings_that_are_shipped_are_read_and_written_in_the_order_of_amd() -> None:
    shipped = AmdSettings.shipped()
    assert shipped != SETTINGS
    order = "initial_silence greeting after_greeting_silence total_analysis_time min_word_length"
    numbers = shipped.arguments.split(",")
    assert numbers[:5] == [str(getattr(shipped, name)) for name in order.split()]
    assert len(numbers) == 9


def test_a_frames_level_is_its_mean_amplitude() -> None:
    sine = tones.sine(997, 160, dbfs=-20)
    assert levels(sine + bytes(320)) == [pytest.approx(2950, rel=0.02), 0]


def test_a_mailbox_may_be_given_another_beep() -> None:
    spoken = np.concatenate([room("a", RATE, -20), np.zeros(RATE)])
    mailbox = Recording("a", Kind.MACHINE, "en", spoken, 1.0, Beep(440, 1.2, 1.5))
    other = with_beep(mailbox, 1000, 0.5)
    assert (other.beep, other.spoken_until) == (Beep(1000, 1.4, 1.9), 1.0)
    found = tones.find(other.pcm, 1000)
    assert (found.first, found.last) == pytest.approx((1.4, 1.9), abs=0.05)
    assert tones.find(other.pcm, 440).seconds < 0.1


def test_noise_and_tones_are_as_loud_as_they_are_told_and_always_the_same() -> None:
    noise = room("a", 4 * RATE, -40)
    assert 20 * np.log10(np.sqrt(np.mean(noise**2))) == pytest.approx(-40, abs=0.1)
    assert np.array_equal(noise, room("a", 4 * RATE, -40))
    assert not np.array_equal(noise, room("b", 4 * RATE, -40))
    assert 20 * np.log10(np.sqrt(np.mean(tone(425, 1, -19) ** 2))) == pytest.approx(-19, abs=0.2)
