"""What Asterisk's ``AMD()`` says to a recording, without Asterisk: for the many settings that are
compared, a millisecond each. A copy of ``apps/app_amd.c`` of 22.10, frame by frame;
``answering_machines.py`` holds it against the real one.
"""

from __future__ import annotations

from configparser import ConfigParser
from dataclasses import dataclass

import numpy as np

from engine import paths
from engine.demo.rtp import from_mulaw, to_mulaw

FRAME_MS = 20
_FRAME = FRAME_MS * 8


@dataclass(frozen=True, slots=True, kw_only=True)
class AmdSettings:
    """As in ``amd.conf``: milliseconds, a count, and a mean amplitude of 16-bit samples. The
    defaults are Asterisk's."""

    initial_silence: int = 2500
    greeting: int = 1500
    after_greeting_silence: int = 800
    total_analysis_time: int = 5000
    min_word_length: int = 100
    between_words_silence: int = 50
    maximum_number_of_words: int = 2
    silence_threshold: int = 256
    maximum_word_length: int = 5000

    @classmethod
    def shipped(cls) -> AmdSettings:
        """Those of our ``amd.conf``."""
        file = ConfigParser()
        file.read(paths.ASTERISK_TEMPLATES / "amd.conf")
        return cls(**{name: int(value) for name, value in file["general"].items()})

    @property
    def arguments(self) -> str:
        """As ``AMD()`` takes them."""
        return ",".join(
            str(value)
            for value in (
                self.initial_silence, self.greeting, self.after_greeting_silence,
                self.total_analysis_time, self.min_word_length, self.between_words_silence,
                self.maximum_number_of_words, self.silence_threshold, self.maximum_word_length,
            )
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """``AMDSTATUS``, ``AMDCAUSE`` and seconds since the first frame."""

    status: str
    cause: str
    seconds: float


def levels(pcm: bytes) -> list[int]:
    """Each frame's mean amplitude, as Asterisk's silence detector has it behind G.711."""
    heard = np.frombuffer(from_mulaw(to_mulaw(pcm)), "<i2").astype(np.int64)
    whole = len(heard) // _FRAME
    frames = np.abs(heard[: whole * _FRAME]).reshape(whole, _FRAME)
    return [int(level) for level in frames.sum(axis=1) // _FRAME]


def amd(frames: list[int], settings: AmdSettings) -> Verdict:
    """The answer to a sound of these ``levels``; what ends too early goes on in silence."""
    total = voice = silence = run_of_silence = word = words = 0
    greeted = in_silence = False
    while True:
        level = frames[total // FRAME_MS] if total // FRAME_MS < len(frames) else 0
        total += FRAME_MS
        seconds = total / 1000
        if total >= settings.total_analysis_time:
            return Verdict("NOTSURE", f"TOOLONG-{total}", seconds)
        if level < settings.silence_threshold:
            run_of_silence += FRAME_MS
            silence = run_of_silence
            if silence >= settings.between_words_silence:
                in_silence, word = True, 0
            if not greeted and silence >= settings.initial_silence:
                cause = f"INITIALSILENCE-{silence}-{settings.initial_silence}"
                return Verdict("MACHINE", cause, seconds)
            if greeted and silence >= settings.after_greeting_silence:
                cause = f"HUMAN-{silence}-{settings.after_greeting_silence}"
                return Verdict("HUMAN", cause, seconds)
            continue
        run_of_silence = 0
        word += FRAME_MS
        voice += FRAME_MS
        if word >= settings.min_word_length and in_silence:
            words, in_silence = words + 1, False
        if word >= settings.maximum_word_length:
            return Verdict("MACHINE", f"MAXWORDLENGTH-{word}", seconds)
        if words > settings.maximum_number_of_words:
            cause = f"MAXWORDS-{words}-{settings.maximum_number_of_words}"
            return Verdict("MACHINE", cause, seconds)
        if greeted and voice >= settings.greeting:
            return Verdict("MACHINE", f"LONGGREETING-{voice}-{settings.greeting}", seconds)
        if word >= settings.min_word_length:
            greeted = True
