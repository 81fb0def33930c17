"""A filter means the same everywhere: what the database finds is what the words say."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from lead_lists import FLORIDA, VIETNAM, T, add, lead
from sqlalchemy import select

from dialer.filters import fields_of, matches, parse_filter
from engine.store.lead_filters import column_of, condition_of
from engine.store.lead_tables import leads
from engine.store.leads import LeadStore
from engine.store.ledger import Ledger
from engine.store.tables import metadata

pytest_plugins = ["databases"]

FIELDS = ["city", "score", "vip", "tên", "owner", "language", "region", "name", "priority", "list"]
WORDS = ["Hanoi", "Huế", "hanoi", "z", "É", "e", "no", "0", "yes", "VN", "US-FL", "spring", "it's"]
NUMBERS = ["0", "-1", "7", "7.0", "007", ".5", "-.5", "5.", "1e3", "12.5", "--1", "1.2.3", "-", "."]

cells = st.sampled_from([*WORDS, *NUMBERS]) | st.text(
    st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=6
)
texts = st.sampled_from(WORDS + NUMBERS + [""]).map(repr)
numbers = st.sampled_from(["0", "-1", "7", "7.0", "0.5", "12", "1e3", "-0.5"])
names = st.sampled_from(FIELDS)
values = st.one_of(texts, numbers)
signs = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])


def _comparison(parts: tuple[str, str, str]) -> str:
    name, sign, value = parts
    return f"{name} != {value}" if value == "''" and sign not in ("==", "!=") else " ".join(parts)


filters = st.recursive(
    st.one_of(
        names,
        st.tuples(names, signs, values).map(_comparison),
        st.tuples(names, st.sampled_from(["==", "!=", "is", "is not"])).map(
            lambda each: f"{each[0]} {each[1]} None"
        ),
        st.tuples(names, st.lists(values, max_size=3)).map(
            lambda each: f"{each[0]} in [{', '.join(each[1])}]"
        ),
        st.tuples(numbers, names, numbers).map(lambda each: f"{each[0]} <= {each[1]} < {each[2]}"),
    ),
    lambda part: st.one_of(
        part.map(lambda each: f"not ({each})"),
        st.tuples(part, part).map(lambda each: f"({each[0]} and {each[1]})"),
        st.tuples(part, part).map(lambda each: f"({each[0]} or {each[1]})"),
    ),
    max_leaves=5,
)
people = st.fixed_dictionaries(
    {"place": st.sampled_from([VIETNAM, FLORIDA]), "priority": st.integers(-2, 2)},
    optional={
        "owner": st.sampled_from(["mai", "an", "0"]),
        "language": st.sampled_from(["vi", "no"]),
        "name": st.sampled_from(WORDS),
        "data": st.dictionaries(st.sampled_from(FIELDS[:4]), cells, max_size=4),
    },
)


def seen(person: dict[str, Any]) -> dict[str, object]:
    """The lead's values, as a filter has them."""
    own = {field: person.get(field, "") for field in ("owner", "language", "name", "priority")}
    return {"list": "spring", "region": person["place"][1], **own, **person.get("data", {})}


async def found(url: str, who: list[dict[str, Any]], asked: list[str]) -> list[list[int]]:
    """Of each filter: which of the leads the database finds."""
    ledger = Ledger(url)
    try:
        async with ledger.writing() as connection:
            for table in reversed(metadata.sorted_tables):
                await connection.execute(table.delete())
        await add(LeadStore(ledger), *(lead(n, **fields) for n, fields in enumerate(who)), at=T)
        async with ledger.reading() as connection:
            every = []
            for text in asked:
                condition = parse_filter(text)
                columns = {name: column_of(name) for name in fields_of(condition)}
                query = select(leads.c.id).where(condition_of(condition, columns))
                every.append(sorted((await connection.scalars(query)).all()))
            return every
    finally:
        await ledger.close()


@settings(max_examples=20, deadline=None)
@given(
    who=st.lists(people, min_size=1, max_size=12),
    asked=st.lists(filters, min_size=1, max_size=12),
)
def test_the_database_finds_exactly_those_whom_the_filter_means(
    made_once: str, who: list[dict[str, Any]], asked: list[str]
) -> None:
    meant = [
        [n + 1 for n, person in enumerate(who) if matches(parse_filter(text), seen(person))]
        for text in asked
    ]
    assert asyncio.run(found(made_once, who, asked)) == meant
