"""How surveys were answered: by question and, where asked for, by who had served the call.

An answer counts when it was given in the time asked for and its call has ended.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

from sqlalchemy import Select, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.store.tables import survey_answers

MOST_VALUES = 20
"""Different answers that are told one by one, the most frequent; the rest are ``others``."""

By = Literal["agent", "queue"]


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """A question of a survey; ``of`` is the agent or queue it is told by, '' for all or for none.

    ``mean`` is that of the answers that are numbers, None without any. ``values`` counts the
    answers by what was said; ``spoken`` are recordings, which are in none of these.
    """

    survey: str
    question: str
    of: str
    answers: int
    mean: float | None
    values: Mapping[str, int]
    others: int
    spoken: int


_Key = tuple[str, str, str]


async def survey_results(
    connection: AsyncConnection, since: float, until: float, by: By | None = None
) -> list[QuestionLine]:
    """A line for each question that was answered and, with ``by``, for each agent or queue of the
    talk before; '' for who talked with nobody."""
    values: dict[_Key, Counter[str]] = defaultdict(Counter)
    spoken: Counter[_Key] = Counter()
    for survey, question, of, value, recorded, times in await connection.execute(
        _answers(since, until, by)
    ):
        key = (survey, question, of or "")
        if recorded:
            spoken[key] += times
        else:
            values[key][value] += times
    return [_line(key, values[key], spoken[key]) for key in sorted({*values, *spoken})]


def _answers(since: float, until: float, by: By | None) -> Select[Any]:
    answer = survey_answers.c
    of, named = (literal(""), []) if by is None else (answer[by], [answer[by]])
    recorded = (answer.recording != "").label("recorded")
    return (
        select(answer.survey, answer.question, of, answer.value, recorded, func.count())
        .where(answer.at >= since, answer.at < until)
        .group_by(answer.survey, answer.question, *named, answer.value, recorded)
    )


def _line(key: _Key, values: Counter[str], spoken: int) -> QuestionLine:
    told = sorted(values.items(), key=lambda each: (-each[1], each[0]))
    return QuestionLine(
        *key,
        answers=values.total() + spoken,
        mean=_mean(values.items()),
        values=dict(sorted(told[:MOST_VALUES])),
        others=sum(times for _, times in told[MOST_VALUES:]),
        spoken=spoken,
    )


def _mean(values: Iterable[tuple[str, int]]) -> float | None:
    numbers = [(number, times) for value, times in values if (number := _number(value)) is not None]
    total = sum(times for _, times in numbers)
    return sum(number * times for number, times in numbers) / total if total else None


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if isfinite(number) else None
