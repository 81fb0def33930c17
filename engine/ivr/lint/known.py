"""What exists outside of a flow, and how findings are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from engine.ivr.findings import Finding, Path, did_you_mean
from engine.ivr.schema import Flow


def _unknown_length(_language: str, _prompt: str) -> float | None:
    return None


@dataclass(frozen=True, slots=True)
class Known:
    """What exists outside the flow.

    ``prompts``: per language the keys that have audio or a text (the flow's own need not be there).
    ``languages``: those in which routes start this flow. ``flows``: all of them, by name;
    ``broken`` are the names of those that cannot be read yet, which their own files say.
    ``secrets`` and ``systems``: the names that the installation has; None when that is not known.
    ``seconds(language, prompt)``: how long one is, if that is known. ``unclosed``: queues
    that close by their calendar and do not say what becomes of their callers then.
    """

    queues: frozenset[str]
    calendars: frozenset[str]
    prompts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    languages: frozenset[str] = frozenset()
    agents: frozenset[str] = frozenset()
    flows: Mapping[str, Flow] = field(default_factory=dict)
    secrets: frozenset[str] | None = None
    systems: frozenset[str] | None = None
    seconds: Callable[[str, str], float | None] = _unknown_length
    unclosed: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()


def error(
    path: Path, code: str, message: str, hint: str = "", *, word: str = "", key: bool = False
) -> Finding:
    """What keeps the flow from being used."""
    return Finding(path, "error", code, message, hint, word, key)


def warning(
    path: Path, code: str, message: str, hint: str = "", *, word: str = "", key: bool = False
) -> Finding:
    """What an author should think about."""
    return Finding(path, "warning", code, message, hint, word, key)


def unknown(
    path: Path, code: str, kind: str, name: str, names: frozenset[str]
) -> Iterator[Finding]:
    """An error when ``names`` has no ``name``."""
    if name not in names:
        yield error(path, code, f"there is no {kind} `{name}`", did_you_mean(name, names))
