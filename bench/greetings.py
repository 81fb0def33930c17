"""Who may answer a call, as recordings made here: people, mailboxes, announcements, tones, silence.

English and Vietnamese, each text in voices, speeds, pitches, loudness and rooms of its own, all
drawn from the recording's name, so every machine makes the same ones. Most voices are espeak-ng's;
a few recordings are Asterisk's own English prompts, spoken by a human.
"""

from __future__ import annotations

import io
import random
import re
import wave
import zlib
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from bench import greeting_texts as texts
from engine import paths
from engine.asterisk.install import Installation
from engine.sounds.music import ensure_music
from engine.sounds.tools import run

RATE = 8000
Samples = npt.NDArray[np.float64]
"""Full scale is 1."""

_AFTER_SECONDS = 6.0
"""What follows everything that is said: the room, as long as anybody may listen."""


class Kind(StrEnum):
    """Who or what has answered."""

    PERSON = "person"
    COMPANY = "person, long"
    LATE = "person, late"
    MACHINE = "mailbox"
    ANNOUNCEMENT = "announcement"
    MENU = "menu"
    MUSIC = "music"
    SILENCE = "silence"
    FAX = "fax"
    SIT = "out of service"
    TONE = "busy, ringing"


PEOPLE = frozenset({Kind.PERSON, Kind.COMPANY, Kind.LATE})


@dataclass(frozen=True, slots=True)
class Beep:
    """A mailbox's: the time to speak is its end."""

    hz: float
    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class Recording:
    """What is heard from the moment of the answer; ``spoken_until`` is the end of the last word, or
    of a person's first greeting, after which he waits."""

    name: str
    kind: Kind
    language: str  # empty where nothing is said
    sound: Samples
    spoken_until: float = 0.0
    beep: Beep | None = None

    @property
    def pcm(self) -> bytes:
        """8 kHz, 16 bits."""
        return bytes(np.rint(np.clip(self.sound, -1, 1) * 32767).astype("<i2"))


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text as somebody says it."""

    name: str
    kind: Kind
    language: str
    text: str  # with pauses, as in "I am out. /0.5/ Leave a message."


def recordings(
    installation: Installation, voices: int = 2, wanted: Container[str] | None = None
) -> list[Recording]:
    """All of them, in about five seconds, or those of these names.

    ``voices`` say what a person says, half as many what a machine says.
    """

    def those(names: Iterable[str]) -> list[str]:
        return [name for name in names if wanted is None or name in wanted]

    spoken = {each.name: each for each in _spoken(voices)}
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(lambda name: _say(spoken[name], installation), those(spoken)))
    human = [_human(name, installation) for name in those(texts.HUMAN)]
    sounds = {each.name: each for each in _sounds()}
    return [*said, *human, *(sounds[name] for name in those(sounds))]


def _spoken(voices: int) -> Iterator[Spoken]:
    """Each text in each voice."""
    for kind in (Kind.PERSON, Kind.COMPANY, Kind.LATE, Kind.MACHINE, Kind.ANNOUNCEMENT, Kind.MENU):
        for language, said in texts.SAID[kind.value].items():
            for place, text in enumerate(said):
                for again in range(voices if kind in PEOPLE else voices // 2):
                    name = f"{kind.name.lower()}-{language}-{place}.{again}"
                    yield Spoken(name, kind, language, text)


def _say(spoken: Spoken, installation: Installation) -> Recording:
    draw = random.Random(spoken.name)
    voice = draw.choice(texts.VOICES[spoken.language]) + draw.choice(texts.VARIANTS)
    speed, pitch = draw.randint(*texts.WORDS_PER_MINUTE[spoken.language]), draw.randint(30, 70)

    def speak(text: str) -> Samples:
        how = ("-v", voice, "-s", str(speed), "-p", str(pitch), "-b", "1")
        wav = run(installation, "espeak-ng", "-D", *how, "--stdin", "--stdout",
                  content=text.encode())  # fmt: skip
        return _trimmed(_telephone(*_read(wav)))

    return _answered(spoken, _with_pauses(spoken.text, speak), draw)


def _human(name: str, installation: Installation) -> Recording:
    """Prompts of Asterisk's, one after the other."""
    kind, files = texts.HUMAN[name]
    sounds = installation.data_dir / "sounds" / "en"

    def play(files: str) -> Samples:
        parts = [
            _telephone(*_read((sounds / f"{file}.wav").read_bytes())) for file in files.split()
        ]
        return _trimmed(np.concatenate(parts))

    spoken = Spoken(name, Kind(kind), "en", files)
    return _answered(spoken, _with_pauses(files, play), random.Random(name))


def _answered(spoken: Spoken, speech: Samples, draw: random.Random) -> Recording:
    """The speech in its room, after the moment it takes to lift a receiver or to start a tape."""
    before = draw.uniform(1.5, 2.3) if spoken.kind is Kind.LATE else draw.uniform(0.2, 1.2)
    speech = speech * (_gain(draw.uniform(-28, -16)) / _loudness(speech))
    spoken_until = before + len(speech) / RATE
    whole = [_silence(before), speech]
    beep = None
    if spoken.kind is Kind.MACHINE and draw.random() < texts.SHARE_WITH_BEEP:
        gap, seconds = draw.uniform(0.2, 2.5), draw.uniform(0.2, 1.0)
        hz = draw.choice(texts.BEEPS)
        beep = Beep(hz, spoken_until + gap, spoken_until + gap + seconds)
        whole += [_silence(gap), tone(hz, seconds, draw.uniform(-24, -10))]
    whole.append(_silence(_AFTER_SECONDS))
    sound = np.concatenate(whole)
    people = spoken.kind in PEOPLE
    noise = draw.choices(texts.ROOMS, texts.ROOM_WEIGHTS)[0] if people else draw.choice((-70, -60))
    sound = sound + room(spoken.name, len(sound), noise)
    return Recording(spoken.name, spoken.kind, spoken.language, sound, spoken_until, beep)


def _sounds() -> Iterator[Recording]:
    """What nobody says."""
    music = _read(ensure_music(paths.cache_dir() / "music").read_bytes())[1]
    for place in range(4):
        part = music[place * 9 * RATE :][: 20 * RATE]
        yield _sound(f"music-{place}", Kind.MUSIC, [part * _gain(-6 * place)])
    for noise in (-120, -70, -60, -55, -50, -48):
        yield _sound(f"silence{noise}", Kind.SILENCE, [_silence(14)], noise)
    for name, before, seconds in (("a", 0.3, 3.0), ("b", 1.0, 3.5), ("c", 1.9, 2.6)):
        answer = [_silence(before), tone(2100, seconds, -14), _silence(_AFTER_SECONDS)]
        yield _sound(f"fax-answers-{name}", Kind.FAX, answer, -60)
    for name, before in (("a", 0.2), ("b", 1.2), ("c", 2.0)):
        calling = [_silence(before), *(3 * [tone(1100, 0.5, -14), _silence(3.0)])]
        yield _sound(f"fax-calls-{name}", Kind.FAX, calling, -60)
    for name, tones in texts.SIT.items():
        signal = [tone(hz, seconds, -14) for hz, seconds in tones]
        yield _sound(f"sit-{name}", Kind.SIT, [_silence(0.4), *signal, _silence(10)], -70)
    for name, (frequencies, on, off) in texts.TONES.items():
        cycle = [sum((tone(hz, on, -19) for hz in frequencies), _silence(on)), _silence(off)]
        cycles = 1 + int(14 / (on + off))
        yield _sound(f"tone-{name}", Kind.TONE, [_silence(0.3), *(cycles * cycle)], -70)


def _sound(name: str, kind: Kind, parts: Sequence[Samples], noise: float = -120) -> Recording:
    sound = np.concatenate(parts)
    return Recording(name, kind, "", sound + room(name, len(sound), noise))


def with_beep(recording: Recording, hz: float, seconds: float) -> Recording:
    """A mailbox's recording, with this beep 0.4 s after its last word instead of its own."""
    begin = recording.spoken_until + 0.4
    spoken = recording.sound[: int(recording.spoken_until * RATE)]
    after = [_silence(0.4), tone(hz, seconds, -16), _silence(_AFTER_SECONDS)]
    rest = np.concatenate(after)
    sound = np.concatenate([spoken, rest + room(recording.name, len(rest), -65)])
    name = f"{recording.name}-{hz:.0f}-{seconds:.1f}"
    return replace(recording, name=name, sound=sound, beep=Beep(hz, begin, begin + seconds))


# -- sound ----------------------------------------------------------------------------------------


def tone(hz: float, seconds: float, dbfs: float) -> Samples:
    """A sine that begins and ends without a click."""
    wave_ = np.sin(2 * np.pi * hz / RATE * np.arange(round(seconds * RATE)))
    ramp = np.minimum(1, np.arange(len(wave_)) / 40)
    return np.asarray(wave_ * ramp * ramp[::-1] * _gain(dbfs) * 2**0.5)


def room(name: str, samples: int, dbfs: float) -> Samples:
    """Noise as a room has it, more in the low, as loud as ``dbfs`` (RMS), slowly swelling."""
    noise = np.random.default_rng(zlib.crc32(name.encode())).standard_normal(samples)
    spectrum = np.fft.rfft(noise)
    hz = np.fft.rfftfreq(samples, 1 / RATE)
    shaped = np.fft.irfft(spectrum * _telephone_band(hz) / np.sqrt(np.maximum(hz, 100)), samples)
    shaped *= 1 + 0.3 * np.sin(2 * np.pi * 0.3 * np.arange(samples) / RATE)
    return np.asarray(shaped * (_gain(dbfs) / np.sqrt(np.mean(shaped**2))))


def _with_pauses(text: str, speak: Callable[[str], Samples]) -> Samples:
    """Every second part of ``text`` is the length of a pause."""
    said = re.split(r"\s*/([0-9.]+)/\s*", text)
    parts = [_silence(float(p)) if place % 2 else speak(p) for place, p in enumerate(said)]
    return np.concatenate(parts)


def _telephone(rate: int, sound: Samples) -> Samples:
    """At 8 kHz, with the frequencies that a telephone carries."""
    samples = round(len(sound) * RATE / rate)
    spectrum = np.fft.rfft(sound)[: samples // 2 + 1]
    hz = np.fft.rfftfreq(samples, 1 / RATE)[: len(spectrum)]
    return np.asarray(np.fft.irfft(spectrum * _telephone_band(hz), samples) * RATE / rate)


def _telephone_band(hz: npt.NDArray[np.floating]) -> Samples:
    """300 to 3400 Hz, falling by and by beside it."""
    return np.asarray(np.clip((hz - 150) / 150, 0, 1) * np.clip((3700 - hz) / 300, 0, 1))


def _trimmed(sound: Samples) -> Samples:
    """Without the silence before and behind."""
    loud = np.flatnonzero(np.abs(sound) > 0.02 * np.max(np.abs(sound)))
    return sound[loud[0] : loud[-1] + 1]


def _loudness(sound: Samples) -> float:
    """RMS of where something is said."""
    return float(np.sqrt(np.mean(sound[np.abs(sound) > 0.05 * np.max(np.abs(sound))] ** 2)))


def _gain(dbfs: float) -> float:
    return float(10 ** (dbfs / 20))


def _silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE))


def _read(content: bytes) -> tuple[int, Samples]:
    """Rate and samples of a WAV file; the length that espeak-ng writes into a pipe is wrong."""
    with wave.open(io.BytesIO(content)) as file:
        frames = file.readframes(len(content))
        return file.getframerate(), np.frombuffer(frames, "<i2") / 32768
