"""Whether a prompt was heard on a line that loses packets."""

import array
import random

import pytest

from engine.demo.listening import heard_prompt
from engine.sounds import wav

PACKET = 160


def word(seconds, seed):
    """Sound that no other word has."""
    draw = random.Random(seed)
    return array.array("h", [draw.randrange(-8000, 8000) for _ in range(round(seconds * wav.RATE))])


def line(*sounds):
    """What came to a phone, with a silence before and after."""
    silence = array.array("h", [0] * wav.RATE)
    return b"".join(sound.tobytes() for sound in (silence, *sounds, silence))


@pytest.fixture(params=[0.5, 0.9, 3.0], ids=["a number", "a word", "a sentence"])
def prompt(request, tmp_path):
    """A prompt and its file."""
    sound, file = word(request.param, seed=1), tmp_path / "prompt.wav"
    file.write_bytes(wav.encode(sound))
    return sound, file


def test_a_prompt_is_heard_wherever_some_packets_of_it_are_lost(prompt):
    sound, file = prompt
    for lost in range(0, len(sound) - 3 * PACKET, 3 * PACKET):
        assert heard_prompt(line(sound[:lost], sound[lost + 3 * PACKET :]), file), lost


def test_a_prompt_of_which_a_third_came_is_not_heard(prompt):
    sound, file = prompt
    assert not heard_prompt(line(sound[: len(sound) // 3]), file)


def test_another_prompt_is_not_taken_for_it(prompt):
    sound, file = prompt
    assert not heard_prompt(line(word(len(sound) / wav.RATE, seed=2)), file)
    assert not heard_prompt(b"", file)


def test_a_word_is_not_taken_for_another_that_begins_with_half_of_its_sound(tmp_path):
    beginning, file = word(0.28, seed=1), tmp_path / "fourteen.wav"
    file.write_bytes(wav.encode(beginning + word(0.22, seed=2)))
    assert not heard_prompt(line(beginning + word(0.22, seed=3)), file)
    assert heard_prompt(line(beginning + word(0.22, seed=2)), file)
