"""Prompts as sound files: spoken by espeak-ng, or recorded by people, whichever there is.

The texts stand in the flows. Each becomes ``<folder>/<language>/<key>.wav``: 8 kHz, mono, 16 bit,
the one format that any Asterisk plays. A file ``<recordings>/<language>/<key>.wav`` (or .ulaw,
.alaw, .sln, .gsm, .flac, .ogg, .mp3) is taken instead of the voice. What has not changed is not
made again; a file is replaced in one step, for callers may be listening to it.
"""

from __future__ import annotations

import array
import hashlib
import json
import math
import re
import subprocess
import tempfile
import wave
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from engine import wav
from engine.asterisk.install import Programs
from engine.wav import RATE

Texts = Mapping[str, Mapping[str, str]]
"""Key → language → text, as flows have them."""

VOICES = {"en": "en-us"}  # languages whose espeak-ng voice is not named as they are
WORDS_PER_MINUTE = {"vi": 140}  # its tones need time
USUAL_WORDS_PER_MINUTE = 155
RECIPE = 1  # raise it when the sound of the same text changes: all prompts are made again
MANIFEST = ".prompts.json"
LOUDNESS = 10 ** (-20 / 20)  # RMS of the spoken parts against full scale
PEAK = 10 ** (-1 / 20)

_NAME = re.compile(r"[a-z0-9_]+")
_LANGUAGE = re.compile(r"[a-z]{2,3}([_-][A-Za-z]{2,8})?")
_FRAME = RATE // 50
_TRIM = ("silence", "1", "0.02", "-50d", "reverse")  # twice: the beginning, then the end
_SPOKEN = ("highpass", "120", *_TRIM, *_TRIM, "pad", "0.1", "0.2")
_RECORDED = {  # suffix → what sox must be told, because such files say nothing about themselves
    ".wav": (),
    ".ulaw": ("-t", "ul", "-r", "8000", "-c", "1"),
    ".alaw": ("-t", "al", "-r", "8000", "-c", "1"),
    ".sln": ("-t", "s16", "-r", "8000", "-c", "1"),
    ".gsm": (),
    ".flac": (),
    ".ogg": (),
    ".mp3": (),
}


class PromptError(Exception):
    """A prompt cannot be made, or its name cannot be a file's; says which and what to do."""


@dataclass(slots=True)
class PromptReport:
    """What became of each prompt; names are ``language/key``."""

    made: list[str] = field(default_factory=list)  # spoken now
    recorded: list[str] = field(default_factory=list)  # taken from a recording now
    kept: list[str] = field(default_factory=list)  # unchanged
    missing: dict[str, str] = field(default_factory=dict)  # why there is no up-to-date file


@dataclass(frozen=True, slots=True)
class _Prompt:
    language: str
    key: str
    text: str
    recording: Path | None

    @property
    def name(self) -> str:
        return f"{self.language}/{self.key}"

    def fingerprint(self) -> str:
        """Changes whenever the sound would."""
        if self.recording:
            return hashlib.sha256(self.recording.read_bytes()).hexdigest()
        spoken = [RECIPE, *_voice(self.language), self.text]
        return hashlib.sha256(json.dumps(spoken).encode()).hexdigest()


def build(
    texts: Texts,
    folder: Path,
    programs: Programs,
    *,
    recordings: Path | None = None,
    parallel: int = 4,
) -> PromptReport:
    """Make the files of all ``texts`` in ``folder``, ``parallel`` at a time.

    It waits for other programs, so call it in a thread. Forty new prompts take about a second. One
    that cannot be made is ``missing`` in the report and stops no other; ``PromptError`` is raised
    only for names that no file can have. Files of texts that are gone stay.
    """
    prompts = list(_prompts(texts, recordings))
    report, known = PromptReport(), _manifest(folder)
    stale: list[_Prompt] = []
    for prompt in prompts:
        up_to_date = known.get(prompt.name) == prompt.fingerprint()
        if up_to_date and (folder / f"{prompt.name}.wav").exists():
            report.kept.append(prompt.name)
        else:
            stale.append(prompt)
    with ThreadPoolExecutor(parallel) as pool:
        outcomes = list(pool.map(lambda prompt: _try(prompt, folder, programs), stale))
    for prompt, problem in zip(stale, outcomes, strict=True):
        if problem:
            report.missing[prompt.name] = problem
            continue
        (report.recorded if prompt.recording else report.made).append(prompt.name)
        known[prompt.name] = prompt.fingerprint()
    if stale:
        wav.replace(folder / MANIFEST, json.dumps(known, indent=1, sort_keys=True).encode())
    return report


def _prompts(texts: Texts, recordings: Path | None) -> Iterator[_Prompt]:
    for key, by_language in texts.items():
        if not _NAME.fullmatch(key):
            raise PromptError(f"prompt {key!r}: a name is made of a-z, 0-9 and _")
        for language, text in by_language.items():
            if not _LANGUAGE.fullmatch(language):
                raise PromptError(f"prompt {key}: {language!r} is no language code such as vi")
            yield _Prompt(language, key, text, _recording(recordings, language, key))


def _recording(recordings: Path | None, language: str, key: str) -> Path | None:
    if recordings is None:
        return None
    candidates = (recordings / language / f"{key}{suffix}" for suffix in _RECORDED)
    return next((path for path in candidates if path.is_file()), None)


def _try(prompt: _Prompt, folder: Path, programs: Programs) -> str:
    """Make one file; the answer is the problem, if there was one."""
    try:
        sound = (
            _convert(prompt.recording, programs) if prompt.recording else _speak(prompt, programs)
        )
        wav.replace(folder / f"{prompt.name}.wav", sound)
    except (PromptError, OSError, wave.Error) as error:
        return str(error)
    return ""


def _speak(prompt: _Prompt, programs: Programs) -> bytes:
    """The text in espeak-ng's voice, trimmed and at our loudness, as a WAV file's content."""
    if not prompt.text.strip():
        raise PromptError("the text is empty")
    voice, speed = _voice(prompt.language)
    with tempfile.TemporaryDirectory(prefix="prompt-") as scratch:
        raw, trimmed = Path(scratch, "raw.wav"), Path(scratch, "trimmed.wav")
        # The text goes by standard input: one that begins with "-" is no option.
        _run(programs, "espeak-ng", "-D", "-v", voice, "-s", str(speed), "-b", "1",
             "--stdin", "-w", str(raw), text=prompt.text)  # fmt: skip
        _run(programs, "sox", str(raw), *_wav_format(), str(trimmed), *_SPOKEN)
        return _at_our_loudness(trimmed)


def _convert(recording: Path, programs: Programs) -> bytes:
    """A recording in our format, as loud as it is."""
    if recording.suffix == ".wav" and wav.is_ours(recording):
        return recording.read_bytes()
    with tempfile.TemporaryDirectory(prefix="prompt-") as scratch:
        converted = Path(scratch, "converted.wav")
        told = _RECORDED[recording.suffix]
        _run(programs, "sox", "-G", *told, str(recording), *_wav_format(), str(converted))
        return converted.read_bytes()


def _voice(language: str) -> tuple[str, int]:
    """espeak-ng's voice for a language and the speed that is clear in it."""
    speed = WORDS_PER_MINUTE.get(language, USUAL_WORDS_PER_MINUTE)
    return VOICES.get(language, language.replace("_", "-").lower()), speed


def _wav_format() -> tuple[str, ...]:
    return ("-r", str(RATE), "-c", "1", "-b", "16", "-e", "signed-integer")


def _run(programs: Programs, program: str, *arguments: str, text: str = "") -> None:
    command = programs.program(program)
    if command is None:
        raise PromptError(
            f"{program} is not installed: install it, or put a recording in the text's place"
        )
    try:
        ran = subprocess.run(
            [*command, *arguments],
            input=text.encode(),
            capture_output=True,
            timeout=60,
            check=False,
            env=programs.environment(program),
        )
    except subprocess.TimeoutExpired as error:
        raise PromptError(f"{program} did not end within {error.timeout:g} s") from error
    if ran.returncode:
        complaint = ran.stderr.decode(errors="replace").strip()
        raise PromptError(f"{program} failed: {complaint or f'exit code {ran.returncode}'}")


def _at_our_loudness(path: Path) -> bytes:
    """The WAV file with its spoken parts at ``LOUDNESS``, less if its peak would clip."""
    samples = wav.read(path)
    spoken = [power for power in _powers(samples) if power > (32767 * 10 ** (-45 / 20)) ** 2]
    if not spoken:
        raise PromptError("the voice said nothing")
    rms = math.sqrt(sum(spoken) / len(spoken))
    gain = min(LOUDNESS * 32767 / rms, PEAK * 32767 / max(map(abs, samples)))
    return wav.encode(array.array("h", (round(sample * gain) for sample in samples)))


def _powers(samples: array.array[int]) -> Iterator[float]:
    """Mean square of each 20 ms."""
    for start in range(0, len(samples) - _FRAME + 1, _FRAME):
        frame = samples[start : start + _FRAME]
        yield sum(sample * sample for sample in frame) / _FRAME


def _manifest(folder: Path) -> dict[str, str]:
    """What each file was made from; empty when nothing was made yet, or it cannot be read."""
    try:
        known = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError):
        return {}
    return dict(known) if isinstance(known, dict) else {}
