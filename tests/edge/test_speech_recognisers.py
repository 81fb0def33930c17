"""A human's words, as a telephone carries them, to the recognisers of the extra `speech`."""

from functools import cache
from itertools import pairwise

import pytest

from bench.human_words import MENUS, WORDS, sentences, words
from bench.speech import ACCEPT, CONFIRM
from engine.speech.models import brought_along, not_installed

pytestmark = pytest.mark.timeout(900)  # the first on a fresh machine waits for Asterisk's prompts


def of_the_extra(kind):
    """The recogniser with the English model that the extra brings."""
    if missing := [*not_installed(kind), *([] if brought_along(kind) else ["its model"])]:
        pytest.skip(f"the extra `speech` is not installed: {', '.join(missing)}")
    module = __import__(f"engine.speech.{kind}", fromlist=["load"])
    return module.load(brought_along(kind))


@pytest.fixture(scope="module")
def whisper():
    """What it found in a sound for one menu is not looked for again for another."""
    whisper = of_the_extra("whisper")
    whisper.decode = cache(whisper.decode)
    return whisper


@pytest.fixture(scope="module")
def pocketsphinx():
    return of_the_extra("pocketsphinx")


def test_at_least_60_of_65_human_words_are_recognised_by_whisper(whisper):
    spoken = words()
    assert len(spoken) == 65

    heard = {each.word: whisper.recognise(each.pcm, tuple(WORDS), "en") for each in spoken}

    wrong = {word: h for word, h in heard.items() if h.phrase != word or h.confidence < CONFIRM}
    assert len(wrong) <= 5, wrong
    believed = [word for word, h in heard.items() if h.phrase != word and h.confidence >= ACCEPT]
    assert len(believed) <= 1, heard


@pytest.mark.parametrize("menu", ["ten digits", "weekdays", "commands"])
def test_the_words_of_a_menu_are_accepted_without_asking_back_by_whisper(whisper, menu):
    phrases = MENUS[menu]
    spoken = [each for each in words() if each.word in phrases]

    heard = [whisper.recognise(each.pcm, phrases, "en") for each in spoken]

    accepted = sum(
        h.phrase == each.word and h.confidence >= ACCEPT
        for each, h in zip(spoken, heard, strict=True)
    )
    assert accepted >= len(phrases) - 1, heard


@pytest.mark.parametrize("menu", MENUS)
def test_sentences_that_are_in_no_menu_are_not_taken_for_a_choice_by_whisper(whisper, menu):
    heard = [whisper.recognise(each.pcm, MENUS[menu], "en") for each in sentences()]

    assert sum(h.confidence >= ACCEPT for h in heard) <= 1
    assert sum(h.confidence >= CONFIRM for h in heard) <= 6


def test_silence_and_noise_are_no_word_to_whisper(whisper):
    np = pytest.importorskip("numpy")
    noise = np.random.default_rng(1).normal(0, 300, 16000).astype("<i2").tobytes()

    for pcm in (bytes(16000), bytes(320), noise):
        assert whisper.recognise(pcm, MENUS["departments"], "en").confidence < ACCEPT


def test_free_speech_is_written_down_by_whisper(whisper):
    [hello] = [each for each in words() if each.word == "hello"]

    heard = whisper.recognise(hello.pcm, (), "en")

    assert heard.phrase is None
    assert "hello" in heard.text.lower()


@pytest.mark.parametrize("menu", ["ten digits", "weekdays", "commands"])
def test_a_single_word_is_never_accepted_unasked_from_pocketsphinx(pocketsphinx, menu):
    phrases = MENUS[menu]
    heard = [(each, pocketsphinx.recognise(each.pcm, phrases, "en")) for each in words()]

    assert all(h.confidence < ACCEPT for _, h in heard)
    inside = [(each, h) for each, h in heard if each.word in phrases]
    right = sum(h.phrase == each.word and h.confidence >= CONFIRM for each, h in inside)
    assert right >= len(inside) / 2, inside


def test_sentences_that_are_in_no_menu_are_never_accepted_from_pocketsphinx(pocketsphinx):
    for menu in MENUS.values():
        heard = [pocketsphinx.recognise(each.pcm, menu, "en") for each in sentences()]
        assert all(h.confidence < ACCEPT for h in heard)


def test_a_phrase_with_a_word_that_pocketsphinx_cannot_pronounce_costs_the_others_nothing(
    pocketsphinx,
):
    [hours] = [each for each in words() if each.word == "hours"]

    for phrases in (("hours", "qwzrx tongdai"), ("hours",), ("qwzrx",), ()):
        heard = pocketsphinx.recognise(hours.pcm, phrases, "en")
        assert heard.phrase == ("hours" if "hours" in phrases else None)


def test_the_mirrored_band_leaves_the_line_as_it_was():
    np = pytest.importorskip("numpy")
    pytest.importorskip("pocketsphinx")
    from engine.speech.pocketsphinx import mirrored

    time = np.arange(16000) / 16000
    voice = (np.sin(2 * np.pi * 500 * time) + np.sin(2 * np.pi * 3200 * time)).astype(np.float32)
    strength = np.abs(np.fft.rfft(mirrored(voice)))

    loud = [int(hz) for hz in np.flatnonzero(strength > 4000)]
    assert [round(hz, -1) for hz in loud] == [500, 3200, 3600]
    assert all(sooner < later for sooner, later in pairwise(loud))
