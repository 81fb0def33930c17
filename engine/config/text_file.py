"""Reads a text file that somebody wrote, or says in one problem why it is none."""

from __future__ import annotations

import re
import stat
from pathlib import Path
from typing import NamedTuple

from engine.config.problems import Problem, excerpt

MOST_BYTES = 1_000_000

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""Characters that no text has: control characters and halves of characters."""


class Position(NamedTuple):
    """A place in a file, counted from 1."""

    line: int
    column: int


class BadFile(Exception):
    """The file cannot be used at all; ``problem`` says why and what to do."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def read_text(path: Path) -> str:
    """The text of ``path``, UTF-8. Raises ``BadFile``, also for a pipe or a device."""
    raw = _bytes(path)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = place_after(raw[: error.start].decode("utf-8", "replace"))
        raise BadFile(
            refusal(path, "", place, "E103", "this is not UTF-8 text", "save the file as UTF-8")
        ) from error
    if control := CONTROL.search(text):
        place = place_after(text[: control.start()])
        raise BadFile(
            refusal(
                path,
                text,
                place,
                "E103",
                f"a control character (U+{ord(control.group()):04X}) is in the text",
                "this is a binary file, or a stray key was typed: delete the character",
            )
        )
    return text


def _bytes(path: Path) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise BadFile(Problem.about(path, "E101", "is not a file", "name a file here"))
        if status.st_size > MOST_BYTES:
            raise BadFile(
                Problem.about(
                    path,
                    "E102",
                    f"the file has {status.st_size} bytes; at most {MOST_BYTES} are read",
                    "split it, or check that this is the right file",
                )
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise BadFile(
            Problem.about(path, "E101", "does not exist", "make it, or correct the path")
        ) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadFile(
            Problem.about(
                path, "E101", f"cannot be read: {reason}", "check its owner and its rights"
            )
        ) from error


def refusal(path: Path, text: str, place: Position, code: str, message: str, hint: str) -> Problem:
    """A problem at ``place`` of ``text``."""
    line_text = excerpt(text.splitlines(), place.line)
    return Problem(str(path), *place, code, message, hint, line_text)


def place_after(before: str) -> Position:
    """The place right after ``before``."""
    return Position(before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
