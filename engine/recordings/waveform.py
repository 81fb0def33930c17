"""A picture of a recording's sound: how loud it is, in a thousand steps of each channel.

The loudest sample of each step, as one byte of 0 … 255; what is kept of a recording is these bytes
in base64, channel after channel.
"""

from __future__ import annotations

import array
import base64
import sys
from collections.abc import Sequence

from engine.recordings.wav import SAMPLE_BYTES, Wav

STEPS = 1000
_LOUDEST = 32768
_WIDTH, _HEIGHT = 1000, 60  # of the picture of one channel


def peaks(wav: Wav) -> list[bytes]:
    """Per channel ``STEPS`` values, fewer for a file that has fewer frames. Reads step by step."""
    steps = min(STEPS, wav.frames)
    loudest = [bytearray() for _ in range(wav.channels)]
    with wav.path.open("rb") as file:
        file.seek(wav.offset)
        for step in range(steps):
            frames = (step + 1) * wav.frames // steps - step * wav.frames // steps
            samples = _samples(file.read(frames * wav.frame_bytes))
            for channel, values in enumerate(loudest):
                values.append(_loudest(samples[channel :: wav.channels]))
    return [bytes(values) for values in loudest]


def kept(channels: Sequence[bytes]) -> str:
    """As the ledger holds it."""
    return " ".join(base64.b64encode(values).decode() for values in channels)


def of_kept(text: str) -> list[bytes]:
    """The opposite of ``kept``; [] for a recording without a picture."""
    return [base64.b64decode(values) for values in text.split()]


def svg(channels: Sequence[bytes], seconds: float) -> str:
    """The picture, for a browser: the channels one below the other."""
    height = _HEIGHT * len(channels)
    lines = "".join(
        f'<path d="{_outline(values, _HEIGHT * number + _HEIGHT / 2)}"/>'
        for number, values in enumerate(channels)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'preserveAspectRatio="none" fill="currentColor" role="img">'
        f"<title>{seconds:.1f} s</title>{lines}</svg>\n"
    )


def _outline(values: bytes, middle: float) -> str:
    """Up along the loudness and back down below, so that silence is a thin line."""
    width = _WIDTH / max(1, len(values))
    half = [max(0.5, value / 255 * _HEIGHT / 2) for value in values]
    up = [f"{number * width:.1f} {middle - each:.1f}" for number, each in enumerate(half)]
    down = [f"{number * width:.1f} {middle + each:.1f}" for number, each in enumerate(half)]
    return f"M{' L'.join([*up, *reversed(down)])}Z" if half else ""


def _loudest(samples: array.array[int]) -> int:
    return min(255, max(max(samples), -min(samples)) * 256 // _LOUDEST) if samples else 0


def _samples(pcm: bytes) -> array.array[int]:
    samples = array.array("h", pcm[: len(pcm) // SAMPLE_BYTES * SAMPLE_BYTES])
    if sys.byteorder == "big":
        samples.byteswap()
    return samples
