"""The language of filters: whom of a list a campaign dials."""

from __future__ import annotations

import pytest

from dialer.filters import FilterError, field_name, fields_of, matches, parse_filter

MAI = {"city": "Hanoi", "score": "87", "vip": "yes", "attempts": 2, "list": "spring", "zip": "010"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        'city == "Hanoi"',
        'city == "Hanoi" and score >= 50 and vip',
        'city in ("Hue", "Hanoi")',
        'city in ["Hanoi"]',
        'city not in ("Hue", "Saigon")',
        "50 <= score < 90",
        "90 > score",
        "score == 87 and score == 87.0",
        'score == "87"',
        "score != 86",
        "not (score < 50)",
        "attempts < 3",
        'list == "spring"',
        "owner is None and owner == None",
        "not owner",
        'owner == ""',
        "score is not None",
        'owner != "mai"',
        "not owner or score > 1000",
        'zip == "010" and zip == 10',
        'city < "Hue"',
        "score in (86, 87)",
        "  vip",
    ],
)
def test_a_filter_takes_the_lead_it_means(text: str) -> None:
    assert matches(parse_filter(text), MAI)


@pytest.mark.parametrize(
    "text",
    [
        'city == "hanoi"',
        "city > 3",
        "city < 3",
        "score > 87",
        'score == "87.0"',
        "owner == 0",
        "owner > 0",
        "not vip",
        "owner",
        'city in ("Hue",)',
        "city in ()",
        "attempts >= 3",
        'zip == "10"',
        'list != "spring"',
    ],
)
def test_a_filter_leaves_out_whom_it_does_not_mean(text: str) -> None:
    assert not matches(parse_filter(text), MAI)


@pytest.mark.parametrize("word", ["", "0", "no", "No", "NO", "false", "False", "FALSE", None])
def test_who_is_no_vip_by_any_spelling_is_none(word: str | None) -> None:
    assert matches(parse_filter("not vip"), {"vip": word})


@pytest.mark.parametrize(
    "cell", ["1e3", "0x10", "1_000", "1,000", "--5", "5-", ".", "-", "٣", " 5", "5\n", "9" * 31]
)
def test_what_only_looks_like_a_number_is_beside_none(cell: str) -> None:
    assert not matches(parse_filter("score < 999999 or score >= 0"), {"score": cell})


@pytest.mark.parametrize("cell", ["-5", "5.", ".5", "0.50", "007", "9" * 30])
def test_a_number_is_one_as_people_write_it(cell: str) -> None:
    assert matches(parse_filter("score < 0 or score >= 0"), {"score": cell})


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("city ==", 8),
        ("score >= 50 and city.name", 17),
        ("  len(city) > 3", 3),
        ("score + 1 > 3", 1),
        ("1 < 2", 1),
        ('tên == "Mai" and 3', 18),
        ("city in (1, name)", 13),
        ("city in other", 9),
        ("vip == True", 8),
        ("score > None", 9),
        ('city < ""', 8),
        ("score == 1e999", 10),
        ("score == -'a'", 11),
        ("score == 3j", 10),
        ("city == b'x'", 9),
        ("city == 'a\\x00b'", 9),
        ("f'{city}' == 'x'", 1),
        ("lambda: 1", 1),
        ("x" * 501, 501),
    ],
)
def test_a_filter_that_cannot_be_read_says_where(text: str, column: int) -> None:
    with pytest.raises(FilterError) as caught:
        parse_filter(text)
    assert caught.value.column == column
    assert str(caught.value)


@pytest.mark.parametrize("text", ["(" * 400, "not " * 120 + "vip", "-" * 490 + "1", "\0"])
def test_a_filter_meant_to_break_the_parser_is_read_or_refused(text: str) -> None:
    try:
        condition = parse_filter(text)
    except FilterError:
        return
    assert matches(condition, {"vip": "yes"}) in (True, False)


def test_a_filter_says_which_columns_it_asks_for() -> None:
    asked = fields_of(parse_filter('city == "Hue" and (not vip or 3 < score)'))
    assert asked == {"city", "vip", "score"}


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("city", "city"),
        (" Last name ", "Last_name"),
        ("tên khách", "tên_khách"),
        ("2nd phone", "_2nd_phone"),
        ("class", "class_"),
        ("%", "_"),
        ("ﬁrst", "first"),
    ],
)
def test_a_column_can_be_named_in_filters_whatever_its_header(header: str, name: str) -> None:
    assert field_name(header) == name
    parse_filter(f'{name} == "x"')
