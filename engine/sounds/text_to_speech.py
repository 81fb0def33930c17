"""Text-to-speech: a voice turns text into a WAV file. The one that comes with us is espeak-ng."""

from __future__ import annotations

from typing import Protocol

from engine.sounds.tools import Programs, SoundError, run

WORDS_PER_MINUTE = {"vi": 140}  # its tones need time
USUAL_WORDS_PER_MINUTE = 155
_VOICES = {"en": "en-us"}  # languages whose espeak-ng voice is not named as they are


class CannotSpeak(SoundError):
    """The text cannot be spoken now; says why."""


class NoVoice(CannotSpeak):
    """There is no voice for this language, today or tomorrow."""


class Voice(Protocol):
    """Speaks. Called in threads, several at a time; it may take its time and wait."""

    def recipe(self, language: str) -> str:
        """Changes whenever the sound of the same text would: spoken texts are kept by it."""

    def speak(self, text: str, language: str, seconds: float) -> bytes:
        """The content of a WAV file of any rate and loudness, within ``seconds``.

        Raises ``NoVoice``, or another ``SoundError``.
        """


class Espeak:
    """espeak-ng: quick, understandable, no beauty; it speaks English, Vietnamese and 100 more."""

    def __init__(self, programs: Programs) -> None:
        self._programs = programs

    def recipe(self, language: str) -> str:
        """Its voice and speed."""
        return f"espeak-ng {self._voice(language)} {self._speed(language)}"

    def speak(self, text: str, language: str, seconds: float = 60.0) -> bytes:
        """The text as a WAV file's content.

        It goes by standard input: one that begins with ``-`` is no option, and no list of processes
        shows it.
        """
        how = ("-v", self._voice(language), "-s", str(self._speed(language)), "-b", "1")
        try:
            return run(self._programs, "espeak-ng", "-D", *how, "--stdin", "--stdout",
                       content=text.encode(), seconds=seconds)  # fmt: skip
        except SoundError as error:
            if "voice does not exist" in str(error):
                raise NoVoice(f"espeak-ng has no voice for {language}") from error
            raise

    def _voice(self, language: str) -> str:
        return _VOICES.get(language, language.replace("_", "-").lower())

    def _speed(self, language: str) -> int:
        return WORDS_PER_MINUTE.get(language, USUAL_WORDS_PER_MINUTE)
