"""Holidays of a new year: what is proposed, and what becomes of the file that somebody wrote."""

from __future__ import annotations

import stat
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dialplan.schema import CalendarSettings
from engine.cli.calendar import app
from engine.cli.holidays import NoSuchCountry, Proposed, propose
from engine.cli.holidays_file import CannotMerge, file_of, merge
from engine.config.text_file import BadFile

ROUTES = """\
# Numbers of the office
numbers:
  "1900": {flow: main}

calendars:
  always: {timezone: Asia/Ho_Chi_Minh, open: {daily: 00:00-24:00}}

  office:
    timezone: Asia/Ho_Chi_Minh
    open:
      mon-fri: 08:00-12:00, 13:30-17:30   # lunch
    holidays: # as the decree says
      - {date: 01-01, name: {vi: Tết Dương lịch, en: New Year's Day}}
      - date: 2027-02-05..2027-02-11   # a day more than others
        name:
          vi: Tết
      # what comes every year
      - {date: 09-01..09-02, name: {vi: Quốc khánh, en: National Day}}

features: # of the phones
  login: "*10"
"""
OWN = """\
      - {date: 2027-02-04, name: {vi: Tết Nguyên Đán, en: Lunar New Year}}
      - {date: 2027-04-16, name: {vi: Ngày Giỗ Tổ Hùng Vương, en: Hung Kings' Commemoration Day}}
      - {date: 2027-04-30, name: {vi: Ngày Chiến thắng, en: Liberation Day/Reunification Day}}
      - {date: 2027-05-01, name: {vi: Ngày Quốc tế Lao động, en: International Labor Day}}
      - {date: 2027-05-03, name: {vi: Ngày Quốc tế Lao động, en: International Labor Day}} # in lieu
      - {date: 2027-09-03, name: {vi: Quốc khánh, en: National Day}}
      - {date: 2027-11-24, name: {vi: Ngày Văn hóa Việt Nam, en: Vietnam Cultural Day}}
"""
LANGUAGES = ("en", "vi")
TET = Proposed(date(2027, 2, 4), date(2027, 2, 10), {"vi": "Tết", "en": "Lunar New Year"})


@pytest.fixture
def routes(tmp_path: Path) -> Path:
    path = tmp_path / "main.yaml"
    path.write_text(ROUTES)
    return path


def lines(country: str, year: int, languages: tuple[str, ...] = LANGUAGES) -> list[str]:
    return [each.line() for each in propose(country, year, languages)]


def calendar_of(text: str) -> CalendarSettings:
    """The calendar that these lines of a list make."""
    from ruamel.yaml import YAML

    listed = YAML(typ="rt").load(text)
    written = [{"date": str(one["date"]), "name": dict(one["name"])} for one in listed]
    return CalendarSettings.model_validate({"timezone": "Asia/Ho_Chi_Minh", "holidays": written})


# -- what is proposed -----------------------------------------------------------------------------


def test_tet_is_one_line_with_one_name_in_both_languages() -> None:
    tet = "- {date: 2027-02-04..2027-02-10, name: {vi: Tết Nguyên Đán, en: Lunar New Year}}"
    assert tet in lines("vn", 2027)


def test_two_holidays_in_a_row_stay_two() -> None:
    found = [line for line in lines("vn", 2027) if "04-30" in line or "05-01" in line]
    assert len(found) == 2
    assert not any(".." in line for line in found)


def test_a_day_in_lieu_and_a_day_in_exchange_say_so_beside_their_name() -> None:
    found = lines("vn", 2026)
    moved = [line for line in found if "in lieu" in line or "exchange" in line]
    assert moved == [
        "- {date: 2026-04-26..2026-04-27, name: {vi: Ngày Giỗ Tổ Hùng Vương,"
        " en: Hung Kings' Commemoration Day}} # 04-27 in lieu",
        "- {date: 2026-08-31, name: {vi: Ngày nghỉ, en: Day off}} # in exchange for 2026-08-22",
    ]


def test_an_estimated_day_says_so() -> None:
    found = [line for line in lines("ae", 2030) if "Eid al-Adha" in line]
    assert found
    assert all("estimated" in line.partition("#")[2] for line in found)
    assert not any("estimated" in line.partition("#")[0] for line in found)


@pytest.mark.parametrize(("languages", "names"), [(("vi",), {"vi"}), (("fr", "en"), {"en"}),
                                                  (("fr",), {"vi"})])  # fmt: skip
def test_names_are_in_the_languages_that_there_are(
    languages: tuple[str, ...], names: set[str]
) -> None:
    assert {name for each in propose("vn", 2027, languages) for name in each.names} == names


@pytest.mark.parametrize("country", ["vn", "de-by", "cn", "th", "sa", "us", "kr", "fr", "jp", "in"])
def test_what_is_proposed_is_read_by_the_routes_day_by_day(country: str) -> None:
    from holidays import country_holidays

    code, _, region = country.upper().partition("-")
    known = country_holidays(code, subdiv=region or None, years=2027)
    read = calendar_of("\n".join(lines(country, 2027))).calendar("x").holidays
    first, last = date(2027, 1, 1).toordinal(), date(2027, 12, 31).toordinal()
    every = map(date.fromordinal, range(first, last + 1))
    assert {day for day in every if any(one.covers(day) for one in read)} == set(known)


@pytest.mark.parametrize("country", ["xx", "vn-zz", "", "../x"])
def test_a_country_that_there_is_not_is_told(country: str) -> None:
    with pytest.raises(NoSuchCountry, match="write an ISO code"):
        propose(country, 2027, LANGUAGES)


@pytest.mark.parametrize("name", ["a: b", "1/2", "{x}", "x #y", '"', "- x", " x ", "", "yes, no"])
def test_a_name_with_signs_of_yaml_is_read_as_it_was(name: str) -> None:
    line = Proposed(date(2027, 1, 1), date(2027, 1, 1), {"en": name}).line()
    [read] = calendar_of(line).holidays
    assert read.name["en"] == name.replace('"', "'")


# -- beside a calendar ----------------------------------------------------------------------------


def test_only_what_is_missing_is_added_and_every_other_line_stays(routes: Path) -> None:
    found = merge(routes, "office", 2027, propose("vn", 2027, LANGUAGES))
    at = ROUTES.index("\nfeatures:")
    assert found.after == ROUTES[:at] + OWN + ROUTES[at:]
    assert found.only_here == ((date(2027, 2, 11), "Tết"), (date(2027, 9, 1), "Quốc khánh"))
    added = [line for line in found.diff().splitlines() if line.startswith("+ ")]
    assert added == [f"+{line}" for line in OWN.splitlines()]
    assert routes.read_text() == ROUTES


def test_what_is_written_lacks_nothing_any_more_and_keeps_its_rights(routes: Path) -> None:
    routes.chmod(0o640)
    merge(routes, None, 2027, propose("vn", 2027, LANGUAGES)).write()
    assert stat.S_IMODE(routes.stat().st_mode) == 0o640
    again = merge(routes, None, 2027, propose("vn", 2027, LANGUAGES))
    assert (again.missing, again.after, again.diff()) == ((), routes.read_text(), "")
    assert [path.name for path in routes.parent.iterdir()] == ["main.yaml"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (  # no holidays yet, and something behind the calendar
            "calendars:\n  a:\n    timezone: UTC\n    open:\n      mon: 08:00-09:00\n"
            "\n# end\nfeatures: {}\n",
            "calendars:\n  a:\n    timezone: UTC\n    open:\n      mon: 08:00-09:00\n"
            "    holidays:\n      + \n\n# end\nfeatures: {}\n",
        ),
        (  # dashes right below their key, no line end at the end
            "calendars:\n  a:\n    timezone: UTC\n    holidays:\n    - date: 05-01\n      name: x",
            "calendars:\n  a:\n    timezone: UTC\n    holidays:\n    - date: 05-01\n      name: x\n"
            "    + \n",
        ),
        (  # line ends of Windows
            "calendars:\r\n  a:\r\n    timezone: UTC\r\n    holidays:\r\n      - {date: 05-01}\r\n",
            "calendars:\r\n  a:\r\n    timezone: UTC\r\n    holidays:\r\n      - {date: 05-01}\r\n"
            "      + \r\n",
        ),
    ],
)  # fmt: skip
def test_lines_go_where_they_belong_however_the_file_is_indented(
    tmp_path: Path, before: str, after: str
) -> None:
    path = tmp_path / "routes.yaml"
    path.write_bytes(before.encode())
    merge(path, None, 2027, [TET]).write()
    assert path.read_bytes().decode() == after.replace("+ ", TET.line())


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("calendars:\n  a: {timezone: UTC}\n", "one setting per line"),
        (
            "calendars:\n  a:\n    timezone: UTC\n    holidays: [{date: 05-01}]\n",
            "one `- ` per line",
        ),
        ("calendars:\n  a:\n    timezone: UTC\n    holidays: []\n", "one `- ` per line"),
        ("calendars:\n  a:\n    timezone: Mars\n", "no time zone"),
        ("calendars: {}\n", "say which calendar"),
        ("numbers: {}\n", "say which calendar"),
        ("calendars:\n  a: {timezone: UTC}\n  b: {timezone: UTC}\n", "--calendar a or b"),
    ],
)
def test_a_file_that_nothing_can_be_added_to_says_what_to_do(
    tmp_path: Path, text: str, advice: str
) -> None:
    path = tmp_path / "routes.yaml"
    path.write_text(text)
    with pytest.raises(CannotMerge, match=advice):
        merge(path, None, 2027, [TET])
    assert path.read_text() == text


def test_a_file_that_is_none_and_a_calendar_that_is_nowhere_are_told(routes: Path) -> None:
    with pytest.raises(BadFile):
        merge(routes.with_name("gone.yaml"), None, 2027, [TET])
    with pytest.raises(CannotMerge, match="no calendar nights"):
        merge(routes, "nights", 2027, [TET])
    (routes.parent / "a.yaml").write_text("a: [")
    assert file_of("office", routes.parent) == routes
    assert file_of("nights", routes.parent) is None


# -- the command ----------------------------------------------------------------------------------


def tongdai_calendar(*words: str, routes: Path | None = None) -> tuple[int, str]:
    environ = {"TONGDAI_ROUTES_DIR": str(routes)} if routes else {}
    result = CliRunner().invoke(app, words, env=environ)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_the_command_prints_lines_to_paste() -> None:
    code, shown = tongdai_calendar("holidays", "vn", "2027")
    assert code == 0
    assert shown.splitlines()[0].startswith("    holidays: # VN 2027")
    tet = "      - {date: 2027-02-04..2027-02-10, name: {vi: Tết Nguyên Đán, en: Lunar New Year}}"
    assert tet in shown.splitlines()


def test_the_command_shows_what_a_calendar_lacks_and_writes_when_told(routes: Path) -> None:
    words = ("holidays", "vn", "2027", "--calendar", "office")
    code, shown = tongdai_calendar(*words, routes=routes.parent)
    assert (code, routes.read_text()) == (0, ROUTES)
    assert "+      - {date: 2027-04-16" in shown
    assert "only in the file, and kept: 2027-09-01 Quốc khánh" in shown
    code, shown = tongdai_calendar(*words, "--write", routes=routes.parent)
    assert code == 0
    assert OWN in routes.read_text()
    code, shown = tongdai_calendar("holidays", "vn", "2027", "--into", str(routes))
    assert (code, "has all that is proposed for 2027" in shown) == (0, True)


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (("xx", "2027"), "write an ISO code"),
        (("vn", "2027", "--write"), "say where"),
        (("vn", "2027", "--calendar", "nowhere"), "has a calendar nowhere"),
        (("vn", "2027", "--into", "/gone.yaml"), "does not exist"),
    ],
)
def test_the_command_says_what_it_cannot(words: tuple[str, ...], advice: str) -> None:
    code, shown = tongdai_calendar("holidays", *words)
    assert code == 1
    assert advice in shown
