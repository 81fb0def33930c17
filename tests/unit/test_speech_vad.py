"""What counts as a caller speaking: 5 of 15 frames open an utterance, 200 ms of voice begin it,
half a second without ends it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

import pytest

from engine.speech.vad import FRAME_BYTES, Began, Utterance, VoiceDetector

VOICE, SILENCE = b"\1" * FRAME_BYTES, bytes(FRAME_BYTES)


def heard(frames: Iterable[bytes], is_voice: Callable[[bytes], bool] = lambda f: f == VOICE):
    """What comes of these frames, with the number of the frame it came at."""
    detector = VoiceDetector(is_voice)
    found = [(number, detector.feed(frame)) for number, frame in enumerate(frames, start=1)]
    return [(number, event) for number, event in found if event is not None]


def test_a_caller_who_speaks_has_begun_after_200_ms_of_voice():
    events = heard([SILENCE] * 50 + [VOICE] * 30)

    assert events == [(60, Began())]


def test_an_utterance_ends_half_a_second_after_the_last_voice_and_has_half_a_second_before():
    events = heard([SILENCE] * 50 + [VOICE] * 30 + [SILENCE] * 40)

    number, utterance = events[-1]
    assert number == 50 + 30 + 25
    assert isinstance(utterance, Utterance)
    before = utterance.pcm.index(VOICE) // FRAME_BYTES
    assert before == 20  # the five voiced frames that opened it are in the half second, too
    assert len(utterance.pcm) == (before + 30 + 25) * FRAME_BYTES


def test_a_pause_within_a_sentence_does_not_end_it():
    events = heard([VOICE] * 20 + [SILENCE] * 24 + [VOICE] * 20 + [SILENCE] * 25)

    assert [type(event) for _, event in events] == [Began, Utterance]


def test_a_click_or_a_breath_interrupts_nobody():
    assert heard([SILENCE] * 20 + [VOICE] * 4 + [SILENCE] * 100) == []
    assert heard([SILENCE] * 20 + [VOICE] * 9 + [SILENCE] * 100) == []


def test_single_frames_of_noise_far_apart_are_no_speech():
    assert heard(([VOICE] + [SILENCE] * 4) * 100) == []


def test_who_never_stops_is_cut_after_ten_seconds_and_heard_on():
    events = heard([VOICE] * 1500)

    utterances = [(n, e) for n, e in events if isinstance(e, Utterance)]
    assert utterances[0][0] == 500
    assert len(utterances[0][1].pcm) == 500 * FRAME_BYTES
    assert len(utterances) == 3


def test_what_was_said_before_a_reset_is_forgotten():
    detector = VoiceDetector(lambda frame: frame == VOICE)
    for _ in range(9):
        detector.feed(VOICE)
    detector.reset()

    assert [detector.feed(frame) for frame in [VOICE] * 9 + [SILENCE] * 50] == [None] * 59


@pytest.mark.parametrize("level", [0, 30, 300, 600])
def test_silence_and_white_noise_on_the_line_are_no_speech(level: int):
    webrtcvad = pytest.importorskip("webrtcvad")
    judge = webrtcvad.Vad(2)
    dice = random.Random(level)

    def frame() -> bytes:
        samples = [round(dice.gauss(0, level)) for _ in range(FRAME_BYTES // 2)]
        return b"".join(max(-32768, min(32767, s)).to_bytes(2, "little", signed=True)
                        for s in samples)  # fmt: skip

    frames = [frame() for _ in range(1000)]
    assert heard(frames, lambda each: judge.is_speech(each, 8000)) == []
