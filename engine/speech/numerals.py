"""Small numbers as a recogniser writes them (``12``) in the words of a phrase (*twelve*). Pure."""

from __future__ import annotations

import re

from engine.ivr.saying import LANGUAGES, number_part

_ORDINAL = re.compile(r"([1-9][0-9]?)(?:st|nd|rd|th)")
_ROUND = {"100": "number_hundred", "1000": "number_thousand", "1000000": "number_million"}
_LONGEST = 2  # digits; longer ones are spoken digit by digit


def spelled_out(word: str, language: str) -> str:
    """The word, or the words for it when it is a number: 0 to 99, a round one, or its digits."""
    words = LANGUAGES.get(language, LANGUAGES["en"]).words
    if language == "en" and (ordinal := _ORDINAL.fullmatch(word)):
        said = [words[f"ordinal_{ordinal[1]}"]]
    elif not (word.isascii() and word.isdigit()):
        return word
    elif word in _ROUND:
        said = [words[number_part(1)], words[_ROUND[word]]]
    elif len(word) > _LONGEST or word[0] == "0":
        said = [words[number_part(int(digit))] for digit in word]
    else:
        said = [words[number_part(int(word))]]
    return " ".join(said).replace("-", " ")
