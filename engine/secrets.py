"""The installation's secrets: API keys and passwords that flows name and never contain.

A flow writes ``${secret:CRM_KEY}``. The value comes from the file ``secrets_file`` (``NAME=value``
lines, or YAML when its name ends so), or from the environment as ``TONGDAI_SECRET_CRM_KEY``, which
wins. It is put in when a request leaves, and is in no log, trace, exception or ``repr``.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from engine.config.problems import Problem, has_errors
from engine.config.text_file import BadFile, read_text
from engine.config.yaml_file import read as read_yaml

PREFIX = "TONGDAI_SECRET_"

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_REFERENCE = re.compile(r"\$\{secret:([^}]*)\}")
_LINE = re.compile(rf"(?:export\s+)?({_NAME.pattern})\s*=\s*(.*)")
_QUOTES = ("'", '"')


class UnknownSecret(Exception):
    """A secret is named that the installation does not have."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no secret {name}")
        self.name = name


class Secrets:
    """The values by name; only ``fill`` brings one out."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self._values = dict(values or {})

    def __repr__(self) -> str:
        return f"Secrets({len(self._values)})"

    def names(self) -> frozenset[str]:
        """What flows may name."""
        return frozenset(self._values)

    def fill(self, text: str) -> str:
        """``text`` with each ``${secret:NAME}`` replaced. Raises ``UnknownSecret``."""
        return _REFERENCE.sub(self._value, text)

    def fill_texts(self, body: object) -> object:
        """A JSON value with the secrets in its texts; its keys are left alone."""
        match body:
            case str():
                return self.fill(body)
            case Mapping():
                return {key: self.fill_texts(value) for key, value in body.items()}
            case list() | tuple():
                return [self.fill_texts(value) for value in body]
        return body

    def _value(self, reference: re.Match[str]) -> str:
        name = reference.group(1)
        if name not in self._values:
            raise UnknownSecret(name)
        return self._values[name]


def load(
    path: Path | None, environ: Mapping[str, str] = os.environ
) -> tuple[Secrets, list[Problem]]:
    """The secrets, and what is wrong with their file. With an error nothing of it is used."""
    problems = [] if path is None else _rights(path)
    values: dict[str, str] = {}
    if path is not None and not has_errors(problems):
        try:
            values = _yaml(path) if path.suffix in (".yaml", ".yml") else _lines(path)
        except BadFile as error:  # without the line that is wrong: it holds a secret
            problems.append(replace(error.problem, excerpt=""))
    given = {
        name.removeprefix(PREFIX): value
        for name, value in environ.items()
        if name.startswith(PREFIX) and value
    }
    return Secrets(values | given), problems


def _rights(path: Path) -> list[Problem]:
    """Who else on this machine could read the file. One that is not there is told when read."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return []
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        message = "everybody on this machine can read or write the secrets in this file"
        return [Problem.about(path, "E211", message, f"chmod 600 {path}")]
    if mode & (stat.S_IRGRP | stat.S_IWGRP):
        message = "the group of this file can read or write the secrets in it"
        return [Problem.about(path, "W211", message, f"chmod 600 {path}")]
    return []


def _yaml(path: Path) -> dict[str, str]:
    document = read_yaml(path)
    if not isinstance(document.data, dict):
        raise BadFile(_malformed(path, 1))
    for name, value in document.data.items():
        if not _NAME.fullmatch(name) or not isinstance(value, str) or not value:
            raise BadFile(_malformed(path, document.position((name,), key=True).line))
    return dict(document.data)


def _lines(path: Path) -> dict[str, str]:
    values = {}
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        pair = _LINE.fullmatch(line.strip())
        if pair is None or not (value := _unquoted(pair.group(2))):
            raise BadFile(_malformed(path, number))
        values[pair.group(1)] = value
    return values


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] in _QUOTES and value[0] == value[-1]
    return value[1:-1] if quoted else value


def _malformed(path: Path, line: int) -> Problem:
    hint = "a name is of letters, digits and _, as in CRM_KEY=value"
    return Problem(str(path), line, 1, "E212", "this line is no name with a secret", hint)
