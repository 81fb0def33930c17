"""Needs: boolean expressions over an agent's skill levels, as ``billing >= 3 and vi >= 4``.

The language: names of skills, whole numbers, ``>= > <= < == !=``, ``and``, ``or``, ``not``, and
parentheses; a name alone means a level of at least 1. A skill that an agent does not have is level
0. It is parsed with Python's own grammar and everything else in it is refused.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from functools import lru_cache

from acd.agent_settings import language_skill

Need = Callable[[Mapping[str, int]], bool]

LANGUAGE = "$language"
"""In a written need: the skill of the caller's language."""

_ANY_LEVEL = 100  # the highest there is: what a caller without a language finds in everybody

_COMPARISONS: dict[type[ast.cmpop], Callable[[int, int], bool]] = {
    ast.GtE: operator.ge,
    ast.Gt: operator.gt,
    ast.LtE: operator.le,
    ast.Lt: operator.lt,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


class NeedError(ValueError):
    """A need that cannot be read. ``column`` counts from 1."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column


def in_language(text: str, language: str) -> str:
    """The need with ``$language`` filled in; without a language, or with something else in its
    place, it asks for nothing there."""
    skill = language_skill(language)
    return text.replace(LANGUAGE, skill if skill.isidentifier() else str(_ANY_LEVEL))


@lru_cache(maxsize=4096)
def compile_need(text: str) -> Need:
    """The test of an agent's levels that ``text`` says. Raises ``NeedError``."""
    return _boolean(_parse(text))


@lru_cache(maxsize=4096)
def skills_of(text: str) -> frozenset[str]:
    """The skills that a need names. Raises ``NeedError``."""
    compile_need(text)
    return frozenset(node.id for node in ast.walk(_parse(text)) if isinstance(node, ast.Name))


def _parse(text: str) -> ast.expr:
    try:
        return ast.parse(text.strip() or "1", mode="eval").body
    except (SyntaxError, ValueError) as error:
        at = getattr(error, "offset", 0) or len(text)
        raise NeedError("this is no expression over skills", at) from error


def _boolean(node: ast.expr) -> Need:
    match node:
        case ast.BoolOp(op=ast.And(), values=values):
            parts = [_boolean(each) for each in values]
            return lambda levels: all(part(levels) for part in parts)
        case ast.BoolOp(op=ast.Or(), values=values):
            parts = [_boolean(each) for each in values]
            return lambda levels: any(part(levels) for part in parts)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            part = _boolean(operand)
            return lambda levels: not part(levels)
        case ast.Compare(left=left, ops=ops, comparators=others):
            return _comparison(node, [left, *others], ops)
        case ast.Name() | ast.Constant():
            level = _level(node)
            return lambda levels: level(levels) >= 1
    raise NeedError("only skills, numbers, comparisons, and, or, not", node.col_offset + 1)


def _comparison(node: ast.expr, sides: list[ast.expr], ops: list[ast.cmpop]) -> Need:
    levels_of = [_level(side) for side in sides]
    tests = [_COMPARISONS.get(type(op)) for op in ops]
    if not all(tests):
        raise NeedError("compare with >= > <= < == !=", node.col_offset + 1)
    steps = list(zip(levels_of, tests, levels_of[1:], strict=False))
    return lambda levels: all(
        test(left(levels), right(levels)) for left, test, right in steps if test is not None
    )


def _level(node: ast.expr) -> Callable[[Mapping[str, int]], int]:
    match node:
        case ast.Name(id=name):
            return lambda levels: levels.get(name, 0)
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            return lambda levels: value
    raise NeedError("only skills and whole numbers can be compared", node.col_offset + 1)
