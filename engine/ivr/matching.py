"""How far typed keys fit what a node asks for, and how prompts fall into plays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby

from engine.ivr.schema import Gather, Menu, Part


class Fit(Enum):
    """What the keys typed so far are; the names of VoiceXML 2.0 appendix D in brackets."""

    WRONG = "cannot become right any more"
    SHORT = "not yet complete"  # [not ready to terminate]
    ENOUGH = "complete, but could be longer"  # [can terminate]
    FULL = "complete, nothing can follow"  # [must terminate]


def fit(node: Menu | Gather, typed: str) -> Fit:
    """How ``typed`` (at least one key) fits the node."""
    return _fit_menu(node, typed) if isinstance(node, Menu) else _fit_digits(node, typed)


def _fit_menu(node: Menu, typed: str) -> Fit:
    longer = any(keys.startswith(typed) and keys != typed for keys in node.keys)
    if typed in node.keys:
        return Fit.ENOUGH if longer else Fit.FULL
    return Fit.SHORT if longer else Fit.WRONG


def _fit_digits(node: Gather, typed: str) -> Fit:
    if not (typed.isascii() and typed.isdigit()) or len(typed) > node.max_digits:
        return Fit.WRONG
    if len(typed) == node.max_digits:
        return Fit.FULL
    return Fit.ENOUGH if len(typed) >= node.min_digits else Fit.SHORT


@dataclass(frozen=True, slots=True)
class Stretch:
    """Prompts that can be one play: one language, one rule for barge-in."""

    prompts: tuple[str, ...]
    language: str
    barge_in: bool


def stretches(parts: Sequence[Part], language: str, barge_in: bool) -> list[Stretch]:
    """What is said of ``parts`` in a call in ``language``; ``barge_in`` where a part has no own."""

    def rule(part: Part) -> tuple[str, bool]:
        own = part.barge_in
        return part.language or language, barge_in if own is None else own

    said = [part for part in parts if part.only_in in (None, language)]
    return [
        Stretch(tuple(part.prompt for part in group), spoken, cut)
        for (spoken, cut), group in groupby(said, rule)
    ]
