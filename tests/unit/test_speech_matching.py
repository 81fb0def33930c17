"""Which phrase of a menu is meant by what a recogniser wrote, and whether it may be believed."""

from __future__ import annotations

import pytest

from engine.speech.matching import nearest, words_of

ACCEPT, CONFIRM = 0.75, 0.5
DEPARTMENTS = ("sales", "support", "billing", "operator")
PHÒNG = ("kinh doanh", "kỹ thuật", "kế toán", "tổng đài viên")


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("Sales.", "sales"),
        (" SUPPORT!", "support"),
        ("Billing, please", "billing"),
        ("support. support", "support"),
        ("Suport.", "support"),
    ],
)
def test_the_word_itself_is_accepted_however_it_is_written(text: str, phrase: str):
    found, confidence = nearest(text, DEPARTMENTS, "en")

    assert found == phrase
    assert confidence >= ACCEPT


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("I would like to talk to someone in sales today please", "sales"),
        ("The bill in", "billing"),
    ],
)
def test_what_is_only_somewhat_alike_is_confirmed(text: str, phrase: str):
    found, confidence = nearest(text, DEPARTMENTS, "en")

    assert found == phrase
    assert CONFIRM <= confidence < ACCEPT


@pytest.mark.parametrize(
    "text", ["", "...", "What is the weather like?", "Thank you.", "you", "Saturday", "hello"]
)
def test_what_is_none_of_the_phrases_is_rejected(text: str):
    assert nearest(text, DEPARTMENTS, "en")[1] < CONFIRM


def test_two_phrases_in_one_sentence_are_never_accepted():
    assert nearest("no, not sales, support", ("sales", "support"), "en")[1] < ACCEPT


def test_who_says_the_longer_of_two_phrases_means_it():
    found, confidence = nearest("speak to sales", ("sales", "speak to sales"), "en")

    assert (found, confidence) == ("speak to sales", 1.0)


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("3.", "en", "three"),
        ("12 o'clock", "en", "twelve o'clock"),
        ("77", "en", "seventy seven"),
        ("100", "en", "one hundred"),
        ("0901", "en", "zero nine zero one"),
        ("2nd", "en", "second"),
        ("7", "vi", "bảy"),
        ("15", "vi", "mười lăm"),
        ("21", "vi", "hai mươi mốt"),
        ("34", "vi", "ba mươi tư"),
        ("40", "vi", "bốn mươi"),
        ("1000", "vi", "một nghìn"),
        ("²", "en", "²"),
    ],
)
def test_numbers_are_compared_as_they_are_spoken(text: str, language: str, words: str):
    assert " ".join(words_of(text, language)) == words


@pytest.mark.parametrize("phrase", PHÒNG)
def test_vietnamese_is_compared_letter_by_letter_in_either_unicode_form(phrase: str):
    import unicodedata

    decomposed = unicodedata.normalize("NFD", phrase)

    assert nearest(f"{decomposed}.".title(), PHÒNG, "vi") == (phrase, 1.0)


def test_vietnamese_without_its_marks_counts_for_less_and_is_still_accepted():
    found, confidence = nearest("ky thuat", PHÒNG, "vi")

    assert found == "kỹ thuật"
    assert ACCEPT <= confidence < 1.0


def test_words_that_differ_by_their_tone_alone_are_told_apart_or_confirmed():
    assert nearest("bán", ("bàn", "bán", "bạn"), "vi") == ("bán", 1.0)
    assert nearest("ban", ("bàn", "bán", "bạn"), "vi")[1] < ACCEPT
