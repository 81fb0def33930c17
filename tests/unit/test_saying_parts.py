"""What always holds of spoken values: they can be understood, and every piece is in the files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from engine.ivr.saying import LANGUAGES, CannotSay, Kind, say_value, write_value
from engine.ivr.sounds import Speak

SPOKEN = Path(__file__).parents[2] / "ivr_flows/spoken.yaml"
PROMPTS: dict[str, dict[str, str]] = YAML(typ="base", pure=True).load(SPOKEN.read_text())["prompts"]
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC).timestamp()

numbers = st.one_of(
    st.integers(0, 10**12),
    st.integers(0, 1000),
    st.builds(lambda base, power: base * 10**power, st.integers(0, 9999), st.integers(0, 8)),
)
currencies = st.sampled_from(["VND", "USD", "EUR", "SGD"])


def written(value: str | float, kind: Kind, language: str) -> str:
    return write_value(value, kind, language, zone=UTC, now=NOW)


# -- heard and understood -----------------------------------------------------------------------

# fmt: off
ENGLISH = {word: value for value, word in enumerate([
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
])} | {word: 10 * value for value, word in enumerate([
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
], start=2)}
DIGITS = {word: value for value, word in enumerate([
    "không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín",
])}
# fmt: on


def understood_in_english(words: str) -> int:
    """The usual way: hundreds multiply what was heard last, larger words close a group."""
    scales = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
    total = group = 0
    for word in words.replace("-", " ").split():
        if word == "hundred":
            group *= 100
        elif word in scales:
            total, group = total + group * scales[word], 0
        else:
            group += ENGLISH[word]
    return total + group


def understood_in_vietnamese(words: str) -> int:
    """By splitting at the largest word, as a listener with pen and paper does."""
    for word, size in (("tỷ", 10**9), ("triệu", 10**6), ("nghìn", 10**3), ("trăm", 100)):
        high, found, low = f" {words} ".rpartition(f" {word} ")
        if found and high.strip():
            rest = low.strip().removeprefix("lẻ ")
            return understood_in_vietnamese(high.strip()) * size + (
                understood_in_vietnamese(rest) if rest else 0
            )
    return _under_a_hundred(words.split())


def _under_a_hundred(words: list[str]) -> int:
    ones = DIGITS | {"mốt": 1, "tư": 4, "lăm": 5}
    match words:
        case [one]:
            return 10 if one == "mười" else DIGITS[one]
        case ["mười", one]:
            assert one not in ("mốt", "tư", "năm")
            return 10 + ones[one]
        case [tens, "mươi"]:
            return DIGITS[tens] * 10
        case [tens, "mươi", one]:
            assert one not in ("một", "năm")
            return DIGITS[tens] * 10 + ones[one]
    raise AssertionError(f"nobody says {words}")


@given(numbers)
@example(10**12)
@example(10**15 - 1)
def test_an_american_understands_every_number(value: int) -> None:
    assert understood_in_english(written(value, Kind.NUMBER, "en")) == value


@given(numbers)
@example(10**12)
@example(10**15 - 1)
def test_a_vietnamese_understands_every_number(value: int) -> None:
    assert understood_in_vietnamese(written(value, Kind.NUMBER, "vi")) == value


@given(numbers)
def test_no_vietnamese_number_sounds_like_a_shortened_larger_one(value: int) -> None:
    """``hai triệu năm trăm`` is 2 500 000 to the ear: hundreds never follow millions at once."""
    words = written(value, Kind.NUMBER, "vi")
    for big in ("triệu", "tỷ"):
        after = words.rpartition(f" {big} ")[2].split()
        if big in words.split() and after[1:] == ["trăm"]:
            assert after[0] == "không"


@given(st.decimals(-(10**9), 10**9, places=4))
def test_a_number_with_decimals_is_the_same_in_both_languages(value: Decimal) -> None:
    english, vietnamese = (written(str(value), Kind.NUMBER, tag) for tag in ("en", "vi"))
    assert (" point " in english) == (" phẩy " in vietnamese) == (value != int(value))
    assert english.startswith("minus ") == vietnamese.startswith("âm ") == (value < 0)


def test_two_numbers_never_sound_alike() -> None:
    for language in LANGUAGES:
        words = [written(value, Kind.NUMBER, language) for value in range(20_000)]
        assert len(set(words)) == len(words)


# -- every piece is there -----------------------------------------------------------------------


def test_the_texts_of_the_prompts_are_those_of_the_grammar() -> None:
    for language, grammar in LANGUAGES.items():
        assert {key: texts[language] for key, texts in PROMPTS.items()} == grammar.words
    assert all(set(texts) == set(LANGUAGES) for texts in PROMPTS.values())


def values() -> Iterator[tuple[str | float, Kind, str]]:
    """Values that between them lead into every branch of a grammar."""
    for number in chain(range(1, 1100), (10**power for power in range(15)), (-3, 1000105)):
        yield number, Kind.NUMBER, "VND"
        yield number, Kind.MONEY, "VND"
        yield number / 100, Kind.MONEY, "USD"
        yield f"{number / 100:.2f}", Kind.NUMBER, "VND"
        yield abs(number), Kind.ORDINAL, "VND"
        yield abs(number), Kind.DURATION, "VND"
        yield abs(number), Kind.DIGITS, "VND"
    for amount in ("0", "0.01", "1", "1.01", "2.02", "-5.5"):
        yield from ((amount, Kind.MONEY, currency) for currency in ("USD", "EUR", "SGD"))
    for days in range(-400, 800):
        day = date(2026, 11, 20) + timedelta(days)
        yield day.isoformat(), Kind.DATE, "VND"
        yield day.isoformat(), Kind.DATETIME, "VND"
    for year in range(1, 3000):
        yield f"{year:04}-01-01", Kind.DATE, "VND"
    for minute in range(1440):
        yield f"{minute // 60}:{minute % 60:02}", Kind.TIME, "VND"
        yield NOW + minute * 60, Kind.DATETIME, "VND"
    yield "abcdefghijklmnopqrstuvwxyz0123456789+*#@.-_/", Kind.LETTERS, "VND"
    yield "+0123456789*#", Kind.DIGITS, "VND"
    yield 3600, Kind.DURATION, "VND"
    yield 100_000, Kind.DURATION, "VND"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sound_of_a_value_is_a_prompt_of_its_language(language: str) -> None:
    used: set[object] = set()
    for value, kind, currency in values():
        used |= set(say_value(value, kind, language, zone=UTC, now=NOW, currency=currency))
    prompts = {sound for sound in used if isinstance(sound, str)}
    assert prompts <= PROMPTS.keys()
    assert not any(isinstance(sound, Speak) for sound in used)


def test_no_prompt_is_there_that_no_language_says() -> None:
    used: set[object] = set()
    for language in LANGUAGES:
        for value, kind, currency in values():
            used |= set(say_value(value, kind, language, zone=UTC, now=NOW, currency=currency))
    assert PROMPTS.keys() - used == set()


@given(
    st.one_of(
        st.text(max_size=20), st.floats(), st.integers(), st.from_regex(r"[0-9T:+.Z-]{1,20}")
    ),
    st.sampled_from(Kind),
    st.sampled_from(["en", "vi", "fr"]),
    currencies,
)
def test_any_value_is_said_or_refused(
    value: str | float, kind: Kind, language: str, currency: str
) -> None:
    settings = {"zone": UTC, "now": NOW, "currency": currency}
    try:
        said = say_value(value, kind, language, **settings)
    except CannotSay:
        return
    assert said
    assert write_value(value, kind, language, **settings).strip()
    assert {sound for sound in said if isinstance(sound, str)} <= PROMPTS.keys()
