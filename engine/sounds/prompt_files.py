"""Where a running engine finds the audio of a prompt: ``<folder>/<language>/<key>.wav``.

A published version of the flows has sounds of its own, in ``<folder>/<version>/<language>``: a call
hears the menu that it is in, also when the next version says something else.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class PromptFiles:
    """The prompts in a folder that Asterisk sees under the same path.

    ``version`` is that of the flows in force.
    """

    def __init__(self, folder: Path) -> None:
        self.version = ""
        self._folder = folder.absolute()

    def media(self, key: str, languages: Sequence[str], version: str = "") -> str:
        """The media URI of a prompt, in the first of these languages that has a file for it.

        When none has, the URI of the first: Asterisk then reports the playback as failed. Without
        a ``version`` it is the one in force; one without sounds of its own has those of all.
        """
        folders = [self._folder / (version or self.version), self._folder]
        for language in languages:
            for folder in folders:
                if (folder / language / f"{key}.wav").is_file():
                    return f"sound:{folder}/{language}/{key}"
        return f"sound:{self._folder}/{languages[0]}/{key}"
