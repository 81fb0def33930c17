"""Where a running engine finds the audio of a prompt: ``<folder>/<language>/<key>.wav``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class PromptFiles:
    """The prompts in a folder that Asterisk sees under the same path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()

    def media(self, key: str, languages: Sequence[str]) -> str:
        """The media URI of a prompt, in the first of these languages that has a file for it.

        When none has, the URI of the first: Asterisk then reports the playback as failed.
        """
        for language in languages:
            if (self._folder / language / f"{key}.wav").is_file():
                return self._uri(key, language)
        return self._uri(key, languages[0])

    def _uri(self, key: str, language: str) -> str:
        return f"sound:{self._folder}/{language}/{key}"
