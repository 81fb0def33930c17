"""Small numbers as a recogniser writes them (``12``) in the words of a phrase (*twelve*). Pure."""

from __future__ import annotations

_ENGLISH = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
]  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_VIETNAMESE = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"]
_ORDINALS = {
    "1st": "first", "2nd": "second", "3rd": "third", "4th": "fourth", "5th": "fifth",
    "6th": "sixth", "7th": "seventh", "8th": "eighth", "9th": "ninth", "10th": "tenth",
}  # fmt: skip
_ROUND = {
    "en": {"100": "one hundred", "1000": "one thousand", "1000000": "one million"},
    "vi": {"100": "một trăm", "1000": "một nghìn", "1000000": "một triệu"},
}
_LONGEST = 2  # digits; longer ones are spoken digit by digit


def spelled_out(word: str, language: str) -> str:
    """The word, or the words for it when it is a number: 0 to 99, a round one, or its digits."""
    if language == "en" and word in _ORDINALS:
        return _ORDINALS[word]
    if not (word.isascii() and word.isdigit()):
        return word
    if word in _ROUND.get(language, {}):
        return _ROUND[language][word]
    spell = _vietnamese if language == "vi" else _english
    if len(word) > _LONGEST or word[0] == "0":
        return " ".join(spell(int(digit)) for digit in word)
    return spell(int(word))


def _english(number: int) -> str:
    if number < len(_ENGLISH):
        return _ENGLISH[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens - 2] + (f" {_ENGLISH[ones]}" if ones else "")


def _vietnamese(number: int) -> str:
    """*mười lăm*, *hai mươi mốt*, *ba mươi tư*: some ones change behind tens."""
    tens, ones = divmod(number, 10)
    if not tens:
        return _VIETNAMESE[ones]
    ten = "mười" if tens == 1 else f"{_VIETNAMESE[tens]} mươi"
    changed = {5: "lăm"} if tens == 1 else {1: "mốt", 4: "tư", 5: "lăm"}
    return f"{ten} {changed.get(ones, _VIETNAMESE[ones])}" if ones else ten
