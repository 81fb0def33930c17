"""A CSV file as people save it: its encoding and its delimiter found out, its rows one by one.

Spreadsheets write UTF-8 with and without a mark, UTF-16 with one, and what their country used
before; commas, semicolons and tabs. What has no mark and is not UTF-8 is not guessed: the file is
refused before anything of it is used.
"""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, TextIO

_CHUNK: Final = 1 << 20
_HEAD: Final = 1 << 16
_DELIMITERS: Final = ",;\t|"
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_CLOSED: Final = ("unexpected end of data", "field larger than field limit")
"""What csv says of a quote that is opened and never closed."""
_SAY_SO: Final = "give its encoding, such as latin-1, cp1258 or utf-16-le"


class FileRefused(Exception):
    """The file as a whole cannot be imported; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row by its number in a spreadsheet, from 1; ``problem`` if it cannot be read."""

    number: int
    cells: list[str]
    problem: str = ""


class CsvFile:
    """An open file. Iterating gives its rows, the header first, but for empty ones.

    Letters and their marks are one character (NFC), as people type them: Windows-1258 and macOS
    write them apart.
    """

    def __init__(self, binary: BinaryIO, text: TextIO, delimiter: str, size: int) -> None:
        self.size = size
        """In bytes."""
        self._binary = binary
        self._reader = csv.reader(text, delimiter=delimiter, strict=True)
        self._number = 0

    @property
    def bytes_read(self) -> int:
        """How far the reading came."""
        return self._binary.tell()

    def __iter__(self) -> Iterator[Row]:
        return self

    def __next__(self) -> Row:
        while True:
            self._number += 1
            try:
                cells = next(self._reader)
            except csv.Error as error:
                return Row(self._number, [], _not_csv(error))
            if any(cell.strip() for cell in cells):
                return Row(self._number, [composed(cell) for cell in cells])


def composed(text: str) -> str:
    """``text`` with each letter and its marks as one character, where there is one (NFC)."""
    return unicodedata.normalize("NFC", text)


@contextmanager
def open_csv(
    path: Path, encoding: str | None = None, delimiter: str | None = None
) -> Iterator[CsvFile]:
    """The file at ``path``; what is None is found out. Raises ``FileRefused``."""
    try:
        encoding = encoding_of(path, encoding)
        with (
            path.open("rb") as binary,
            io.TextIOWrapper(binary, encoding=encoding, newline="") as text,
        ):
            delimiter = delimiter or _delimiter(text.read(_HEAD))
            text.seek(0)
            yield CsvFile(binary, text, delimiter, path.stat().st_size)
    except OSError as error:
        raise FileRefused(f"{path}: {error.strerror}") from error


def encoding_of(path: Path, encoding: str | None = None) -> str:
    """The encoding that the whole file can be read in. Raises ``FileRefused``."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.strip():
        raise FileRefused("the file is empty")
    name = _known(encoding) if encoding else _by_mark(head)
    _read_through(path, name)
    return name


def _known(encoding: str) -> str:
    try:
        found = codecs.lookup(encoding)
        "".encode(encoding)  # not all codecs are of text
    except LookupError:
        raise FileRefused(f"no encoding is called {encoding!r}") from None
    return found.name


def _by_mark(head: bytes) -> str:
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if head.count(0) * 4 > len(head):
        raise FileRefused(f"the file looks like UTF-16 without its mark: {_SAY_SO}")
    return "utf-8"


def _read_through(path: Path, encoding: str) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 1
    with path.open("rb") as file:
        chunk = b"begun"
        while chunk:
            chunk = file.read(_CHUNK)
            try:
                lines += decoder.decode(chunk, final=not chunk).count("\n")
            except UnicodeDecodeError as error:
                lines += error.object[: error.start].count(b"\n")
                raise FileRefused(f"line {lines} is not {encoding}: {_SAY_SO}") from None


def _not_csv(error: csv.Error) -> str:
    open_ = str(error).startswith(_NOT_CLOSED)
    advice = "is a quote in it not closed?" if open_ else "a quote within quotes is written twice"
    return f"this row is no CSV: {error}; {advice}"


def _delimiter(head: str) -> str:
    """The one that cuts the first row into the most cells."""
    first = head.lstrip()

    def cells(delimiter: str) -> int:
        return len(next(csv.reader(io.StringIO(first, newline=""), delimiter=delimiter), []))

    return max(_DELIMITERS, key=cells)
