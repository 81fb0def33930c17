"""Prompts that are told apart by ear, exactly: each is a chord of two tones of its own.

A frame of 20 ms that is a chord and nothing else belongs to its prompt; frames of one prompt in a
row are one hearing of it, with its times. All tones are multiples of 50 Hz, so that within a frame
none leaks into another, and none is a key's (RFC 4733 keys are not heard at all).
"""

import array
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from engine import whole_file
from engine.sounds import wav

TONES = tuple(range(450, 3001, 150))
FRAME = 160
FRAME_SECONDS = FRAME / wav.RATE
PAUSE_SECONDS = 0.1
"""Silence at the end of each prompt, so that one which is said twice is heard twice."""
_LEVEL = 8000
_PURE = 0.8  # of all power is the chord's
_LESSER = 0.2  # of the greater tone's power is the lesser's
_QUIET = (300 * FRAME) ** 2  # power of a frame: line noise
_BINS = np.array(TONES) * FRAME // wav.RATE


@dataclass(slots=True)
class Heard:
    """One hearing of a prompt; times of the monotonic clock."""

    prompt: str
    started: float
    ended: float


class PromptTones:
    """The chords of these prompts, each ``seconds`` long with its pause."""

    def __init__(self, prompts, seconds):
        pairs = list(combinations(range(len(TONES)), 2))
        self.seconds = seconds
        self._pairs = dict(zip(sorted(prompts), pairs, strict=False))
        self._prompts = {pair: prompt for prompt, pair in self._pairs.items()}
        assert len(self._pairs) == len(set(prompts))

    @property
    def prompts(self):
        """Their names."""
        return self._pairs.keys()

    def write(self, folder):
        """Their files, as the engine looks for them in a language's folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for prompt, pair in self._pairs.items():
            whole_file.write(folder / f"{prompt}.wav", wav.encode(self._sound(pair)))

    def _sound(self, pair):
        time = np.arange(round((self.seconds - PAUSE_SECONDS) * wav.RATE)) / wav.RATE
        chord = sum(_LEVEL * np.sin(2 * np.pi * TONES[tone] * time) for tone in pair)
        pause = np.zeros(round(PAUSE_SECONDS * wav.RATE))
        return array.array("h", np.concatenate([chord, pause]).astype("<i2").tobytes())

    def prompt(self, frame):
        """Whose chord a frame of samples is; None for any other sound, and for silence."""
        power = np.abs(np.fft.rfft(frame)) ** 2
        if power.sum() < _QUIET:
            return None
        tones = power[_BINS]
        pair = tuple(sorted(int(place) for place in np.argsort(tones)[-2:]))
        of_pair = tones[list(pair)]
        pure = of_pair.sum() > _PURE * power.sum() and of_pair.min() > _LESSER * of_pair.max()
        return self._prompts.get(pair) if pure else None


class Ear:
    """What was heard at one phone: ``hearings`` in order.

    One that a lost packet has torn is put together again.
    """

    def __init__(self, tones):
        self.hearings = []
        self._tones = tones
        self._rest = np.zeros(0)
        self._paused = False

    def take(self, pcm, at):
        """Further sound, whose end had come at this time."""
        samples = np.concatenate([self._rest, np.frombuffer(pcm, "<i2").astype(float)])
        whole = len(samples) // FRAME
        for place in range(whole):
            end = (place + 1) * FRAME
            prompt = self._tones.prompt(samples[end - FRAME : end])
            if prompt is not None:
                self._hear(prompt, at - (len(samples) - end) / wav.RATE)
            self._paused = prompt is None
        self._rest = samples[whole * FRAME :]

    def _hear(self, prompt, at):
        last = self.hearings[-1] if self.hearings else None
        if last is not None and self._goes_on(last, prompt, at):
            last.ended = at
        else:
            self.hearings.append(Heard(prompt, at - FRAME_SECONDS, at))

    def _goes_on(self, last, prompt, at):
        length = self._tones.seconds - PAUSE_SECONDS / 2
        return last.prompt == prompt and not (self._paused and at - last.started > length)
