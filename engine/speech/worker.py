"""The process that recognises: ``python -m engine.speech.worker RECOGNISER en=DIR vi=DIR …``.

It reads a line of JSON and so many bytes of audio, writes a line of JSON, and so on until its input
ends, which is when its engine does. It says that it is ready once every model is loaded and warm.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from engine.speech.recogniser import RATE, Recogniser

NICENESS = 5
"""Recognition waits for the engine and for Asterisk, whose audio may not."""


def load(kind: str, models: Mapping[str, Path]) -> dict[str, Recogniser]:
    """The recogniser of each language; one folder is loaded once. Each has recognised silence."""
    adapter = importlib.import_module(f"engine.speech.{kind}")
    loaded = {folder: adapter.load(folder) for folder in set(models.values())}
    recognisers: dict[str, Recogniser] = {lang: loaded[folder] for lang, folder in models.items()}
    for language, recogniser in recognisers.items():
        recogniser.recognise(bytes(RATE), ("one", "two"), language)
    return recognisers


def serve(recognisers: Mapping[str, Recogniser], asked: BinaryIO, answers: BinaryIO) -> None:
    """Answer until there are no more questions."""
    _write(answers, {"ready": True})
    while line := asked.readline():
        question = json.loads(line)
        pcm = asked.read(question["bytes"])
        language = question["language"]
        heard = recognisers[language].recognise(pcm, question["phrases"], language)
        _write(answers, asdict(heard))


def _write(answers: BinaryIO, answer: Mapping[str, Any]) -> None:
    answers.write(json.dumps(answer).encode() + b"\n")
    answers.flush()


def main() -> None:
    """Serve on standard input and output; what libraries print goes to standard error."""
    kind, *pairs = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    os.nice(NICENESS)
    models = {language: Path(folder) for language, _, folder in (p.partition("=") for p in pairs)}
    serve(load(kind, models), sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
