"""Values as callers hear them: tables that a Vietnamese and an American speaker accept."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from engine.ivr.saying import CannotSay, Kind, place_key, say_value, write_value
from engine.ivr.sounds import Pause, Sound, Speak

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
FRIDAY = datetime(2026, 11, 20, 9, 0, tzinfo=HANOI).timestamp()


def said(value: str | int | float, kind: Kind, language: str, currency: str = "VND") -> str:
    return write_value(value, kind, language, zone=HANOI, now=FRIDAY, currency=currency)


def sounds(value: str | int | float, kind: Kind, language: str) -> tuple[object, ...]:
    return say_value(value, kind, language, zone=HANOI, now=FRIDAY, currency="VND")


@pytest.mark.parametrize(
    ("value", "english", "vietnamese"),
    [
        (0, "zero", "không"),
        (10, "ten", "mười"),
        (15, "fifteen", "mười lăm"),
        (21, "twenty-one", "hai mươi mốt"),
        (11, "eleven", "mười một"),
        (24, "twenty-four", "hai mươi tư"),
        (14, "fourteen", "mười bốn"),
        (55, "fifty-five", "năm mươi lăm"),
        (100, "one hundred", "một trăm"),
        (104, "one hundred four", "một trăm lẻ bốn"),
        (105, "one hundred five", "một trăm lẻ năm"),
        (110, "one hundred ten", "một trăm mười"),
        (121, "one hundred twenty-one", "một trăm hai mươi mốt"),
        (205, "two hundred five", "hai trăm lẻ năm"),
        (1000, "one thousand", "một nghìn"),
        (1005, "one thousand five", "một nghìn không trăm lẻ năm"),
        (1050, "one thousand fifty", "một nghìn không trăm năm mươi"),
        (1500, "one thousand five hundred", "một nghìn năm trăm"),
        (2_500_000, "two million five hundred thousand", "hai triệu năm trăm nghìn"),
        (2_000_500, "two million five hundred", "hai triệu không nghìn năm trăm"),
        (1_050_000, "one million fifty thousand", "một triệu không trăm năm mươi nghìn"),
        (3_000_000_005, "three billion five", "ba tỷ không trăm lẻ năm"),
        (10**12, "one trillion", "một nghìn tỷ"),
        (-7, "minus seven", "âm bảy"),
        ("12.5", "twelve point five", "mười hai phẩy năm"),
        ("3.14", "three point one four", "ba phẩy mười bốn"),
        ("0.05", "zero point zero five", "không phẩy không năm"),
        (0.1 + 0.2, "zero point three", "không phẩy ba"),
        ("12.50", "twelve point five", "mười hai phẩy năm"),
        (8.0, "eight", "tám"),
        ("-0", "zero", "không"),
        (-0.0, "zero", "không"),
        ("0042", "forty-two", "bốn mươi hai"),
    ],
)
def test_a_caller_hears_a_number(value: str | int | float, english: str, vietnamese: str) -> None:
    assert said(value, Kind.NUMBER, "en") == english
    assert said(value, Kind.NUMBER, "vi") == vietnamese


@pytest.mark.parametrize(
    ("value", "currency", "english", "vietnamese"),
    [
        (2_000_000, "VND", "two million dong", "hai triệu đồng"),
        (50_000, "VND", "fifty thousand dong", "năm mươi nghìn đồng"),
        ("1234567.6", "VND",
         "one million two hundred thirty-four thousand five hundred sixty-eight dong",
         "một triệu hai trăm ba mươi tư nghìn năm trăm sáu mươi tám đồng"),
        (-30_000, "VND", "minus thirty thousand dong", "âm ba mươi nghìn đồng"),
        ("12.5", "USD", "twelve dollars and fifty cents", "mười hai đô la năm mươi xu"),
        (1, "USD", "one dollar", "một đô la"),
        ("0.01", "USD", "one cent", "một xu"),
        ("0.995", "USD", "one dollar", "một đô la"),
        (0, "USD", "zero dollars", "không đô la"),
        ("-0.001", "USD", "zero dollars", "không đô la"),
        (1_000_000, "EUR", "one million euros", "một triệu ơ rô"),
        ("80.5", "SGD", "eighty point five S G D", "tám mươi phẩy năm ét sì giê dê"),
        (100, "JPY", "one hundred J P Y", "một trăm gi pê i dài"),
    ],
)  # fmt: skip
def test_a_caller_hears_an_amount_of_money(
    value: str | int, currency: str, english: str, vietnamese: str
) -> None:
    assert said(value, Kind.MONEY, "en", currency) == english
    assert said(value, Kind.MONEY, "vi", currency) == vietnamese


@pytest.mark.parametrize(
    ("value", "english", "vietnamese"),
    [
        ("2026-12-05", "Saturday, December fifth", "thứ bảy ngày mùng năm tháng mười hai"),
        ("2026-12-10", "Thursday, December tenth", "thứ năm ngày mùng mười tháng mười hai"),
        ("2026-04-30", "Thursday, April thirtieth", "thứ năm ngày ba mươi tháng tư"),
        ("2027-02-06", "Saturday, February sixth, twenty twenty-seven",
         "thứ bảy ngày mùng sáu tháng hai năm hai nghìn không trăm hai mươi bảy"),
        ("2005-01-02", "Sunday, January second, two thousand five",
         "chủ nhật ngày mùng hai tháng một năm hai nghìn không trăm lẻ năm"),
        ("1975-04-30", "Wednesday, April thirtieth, nineteen seventy-five",
         "thứ tư ngày ba mươi tháng tư năm một nghìn chín trăm bảy mươi lăm"),
        ("1909-09-09", "Thursday, September ninth, nineteen oh nine",
         "thứ năm ngày mùng chín tháng chín năm một nghìn chín trăm lẻ chín"),
        ("1900-01-01", "Monday, January first, nineteen hundred",
         "thứ hai ngày mùng một tháng một năm một nghìn chín trăm"),
        ("20261205", "Saturday, December fifth", "thứ bảy ngày mùng năm tháng mười hai"),
        (FRIDAY, "Friday, November twentieth", "thứ sáu ngày hai mươi tháng mười một"),
        (str(FRIDAY), "Friday, November twentieth", "thứ sáu ngày hai mươi tháng mười một"),
        ("2026-11-20T20:00Z", "Saturday, November twenty-first",
         "thứ bảy ngày hai mươi mốt tháng mười một"),
    ],
)  # fmt: skip
def test_a_caller_hears_a_date_with_the_year_when_it_is_another(
    value: str | float, english: str, vietnamese: str
) -> None:
    assert said(value, Kind.DATE, "en") == english
    assert said(value, Kind.DATE, "vi") == vietnamese


@pytest.mark.parametrize(
    ("value", "english", "vietnamese"),
    [
        ("8:30", "eight thirty a.m.", "tám giờ ba mươi phút sáng"),
        ("08:00", "eight a.m.", "tám giờ sáng"),
        ("8:05", "eight oh five a.m.", "tám giờ năm phút sáng"),
        ("12:00", "noon", "mười hai giờ trưa"),
        ("12:30", "twelve thirty p.m.", "mười hai giờ ba mươi phút trưa"),
        ("13:15", "one fifteen p.m.", "một giờ mười lăm phút chiều"),
        ("17:00", "five p.m.", "năm giờ chiều"),
        ("19:00", "seven p.m.", "bảy giờ tối"),
        ("23:45", "eleven forty-five p.m.", "mười một giờ bốn mươi lăm phút đêm"),
        ("00:00", "midnight", "không giờ"),
        ("24:00", "midnight", "không giờ"),
        ("00:10:59", "twelve ten a.m.", "không giờ mười phút"),
        ("2026-11-20T17:00+09:00", "three p.m.", "ba giờ chiều"),
        (FRIDAY, "nine a.m.", "chín giờ sáng"),
    ],
)
def test_a_caller_hears_a_time_of_day(value: str | float, english: str, vietnamese: str) -> None:
    assert said(value, Kind.TIME, "en") == english
    assert said(value, Kind.TIME, "vi") == vietnamese


@pytest.mark.parametrize(
    ("value", "english", "vietnamese"),
    [
        ("2026-11-20T17:00", "today at five p.m.", "năm giờ chiều hôm nay"),
        ("2026-11-21T08:00", "tomorrow at eight a.m.", "tám giờ sáng ngày mai"),
        ("2026-11-19T08:00", "yesterday at eight a.m.", "tám giờ sáng hôm qua"),
        ("2026-11-23T08:00+07:00", "Monday at eight a.m.", "tám giờ sáng thứ hai"),
        ("2026-11-22 12:00", "Sunday at noon", "mười hai giờ trưa chủ nhật"),
        ("2026-11-27T08:00", "Friday, November twenty-seventh at eight a.m.",
         "tám giờ sáng thứ sáu ngày hai mươi bảy tháng mười một"),
        ("2026-11-18T08:00", "Wednesday, November eighteenth at eight a.m.",
         "tám giờ sáng thứ tư ngày mười tám tháng mười một"),
        ("2026-11-21T00:00", "tomorrow at midnight", "không giờ ngày mai"),
        ("2026-11-21", "tomorrow", "ngày mai"),
        ("2026-11-20T18:00Z", "tomorrow at one a.m.", "một giờ sáng ngày mai"),
    ],
)  # fmt: skip
def test_a_caller_hears_when_something_is_as_one_says_it_today(
    value: str, english: str, vietnamese: str
) -> None:
    assert said(value, Kind.DATETIME, "en") == english
    assert said(value, Kind.DATETIME, "vi") == vietnamese


@pytest.mark.parametrize(
    ("value", "english", "vietnamese"),
    [
        (0, "zero seconds", "không giây"),
        (1, "one second", "một giây"),
        (61, "one minute one second", "một phút một giây"),
        (5400, "one hour thirty minutes", "một giờ ba mươi phút"),
        (7229.6, "two hours", "hai giờ"),
        (7231, "two hours one minute", "hai giờ một phút"),
        (90_000, "one day one hour", "một ngày một giờ"),
        ("259200", "three days", "ba ngày"),
    ],
)
def test_a_caller_hears_how_long_it_takes(
    value: str | float, english: str, vietnamese: str
) -> None:
    assert said(value, Kind.DURATION, "en") == english
    assert said(value, Kind.DURATION, "vi") == vietnamese


@pytest.mark.parametrize(
    ("value", "english", "vietnamese"),
    [
        (1, "first", "thứ nhất"),
        (2, "second", "thứ hai"),
        (3, "third", "thứ ba"),
        (4, "fourth", "thứ tư"),
        (5, "fifth", "thứ năm"),
        (12, "twelfth", "thứ mười hai"),
        (20, "twentieth", "thứ hai mươi"),
        (21, "twenty-first", "thứ hai mươi mốt"),
        (42, "forty-second", "thứ bốn mươi hai"),
        (100, "one hundredth", "thứ một trăm"),
        (205, "two hundred fifth", "thứ hai trăm lẻ năm"),
        (3000, "three thousandth", "thứ ba nghìn"),
    ],
)
def test_a_caller_hears_which_one_he_is(value: int, english: str, vietnamese: str) -> None:
    assert said(value, Kind.ORDINAL, "en") == english
    assert said(value, Kind.ORDINAL, "vi") == vietnamese


def test_a_telephone_number_is_read_digit_by_digit_with_its_pauses() -> None:
    assert said("+84 905-123", Kind.DIGITS, "en") == (
        "plus eight four, nine zero five, one two three"
    )
    assert said("0905123456", Kind.DIGITS, "vi") == "không chín không năm một hai ba bốn năm sáu"
    assert sounds("1. 23", Kind.DIGITS, "vi") == ("number_1", Pause(0.3), "number_2", "number_3")
    assert sounds("*9#", Kind.DIGITS, "vi") == ("key_star", "number_9", "key_hash")
    assert said(905.0, Kind.DIGITS, "en") == "nine zero five"


def test_a_booking_code_is_spelled() -> None:
    assert said("AB-1 x", Kind.LETTERS, "en") == "A B dash one, X"
    assert said("ab_1@w.vn", Kind.LETTERS, "vi") == (
        "a bê gạch dưới một a còng vê kép chấm vê en nờ"
    )
    assert sounds("é1", Kind.LETTERS, "en") == (Speak("é"), "number_1")


def test_a_place_is_a_recording_where_there_is_one() -> None:
    recorded = {"place_da_nang", "place_tp_ho_chi_minh"}

    def place(name: str) -> tuple[object, ...]:
        return say_value(name, Kind.PLACE, "vi", zone=HANOI, now=FRIDAY, prompts=recorded)

    assert place("Đà Nẵng") == ("place_da_nang",)
    assert place(" TP. Hồ  Chí Minh ") == ("place_tp_ho_chi_minh",)
    assert place("Hà Nội") == (Speak("Hà Nội"),)
    assert said("Đà Nẵng", Kind.PLACE, "vi") == "Đà Nẵng"
    assert len(place_key("Làng " * 40)) == 60


def test_a_text_is_spoken() -> None:
    assert sounds("Xin chào", Kind.TEXT, "vi") == (Speak("Xin chào"),)
    assert sounds(12, Kind.TEXT, "vi") == (Speak("12"),)


@pytest.mark.parametrize("language", ["en", "en-GB", "en_us", "EN"])
def test_a_country_behind_the_language_changes_nothing(language: str) -> None:
    assert said(21, Kind.NUMBER, language) == "twenty-one"


@pytest.mark.parametrize(
    ("value", "kind", "spoken"),
    [
        (1234, Kind.NUMBER, "1234"),
        (100, Kind.NUMBER, "100"),
        ("12.50", Kind.MONEY, "13 VND"),
        ("2027-02-06", Kind.DATE, "2027-02-06"),
        ("8:30", Kind.TIME, "08:30"),
        ("2026-11-21T08:00", Kind.DATETIME, "2026-11-21 08:00"),
        (5400, Kind.DURATION, "1:30:00"),
        (3, Kind.ORDINAL, "3"),
        ("090 5", Kind.DIGITS, "0 9 0 5"),
        ("AB1", Kind.LETTERS, "A B 1"),
        ("Paris", Kind.PLACE, "Paris"),
    ],
)
def test_a_language_without_a_grammar_hears_what_is_written(
    value: str | int, kind: Kind, spoken: str
) -> None:
    assert sounds(value, kind, "fr") == (Speak(spoken),)
    assert said(value, kind, "fr") == spoken


def test_a_language_without_a_grammar_has_the_digits_that_somebody_recorded() -> None:
    def heard(prompts: set[str]) -> tuple[Sound, ...]:
        return say_value("90", Kind.DIGITS, "fr", zone=HANOI, now=FRIDAY, prompts=prompts)

    assert heard({"number_9", "number_0"}) == ("number_9", "number_0")
    assert heard({"number_9"}) == (Speak("9 0"),)


@pytest.mark.parametrize(
    ("value", "kind", "advice"),
    [
        ("abc", Kind.MONEY, "a number such as 2000000 or 12.5"),
        ("2,000,000", Kind.NUMBER, "without spaces or thousands marks"),
        (True, Kind.NUMBER, "a number"),
        (float("nan"), Kind.NUMBER, "a number"),
        (10**15, Kind.NUMBER, "say it as digits"),
        ("٣", Kind.NUMBER, "a number"),
        ("", Kind.TEXT, "empty"),
        (1.5, Kind.TEXT, "a text or a whole number"),
        ("2027-13-01", Kind.DATE, "a date such as 2027-02-06"),
        (10**14, Kind.DATE, "a date"),
        ("25:00", Kind.TIME, "a time such as 8:30"),
        ("24:01", Kind.TIME, "a time"),
        ("2026-11-21", Kind.TIME, "a time"),
        (-1, Kind.DURATION, "a length of time in seconds"),
        (0, Kind.ORDINAL, "a whole number from 1 on"),
        (1.5, Kind.ORDINAL, "a whole number"),
        ("12a", Kind.DIGITS, "letters or as text"),
        (" - ", Kind.DIGITS, "letters or as text"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_advice_and_without_telling_it(
    value: str | int | float, kind: Kind, advice: str
) -> None:
    for language in ("en", "vi", "fr"):
        with pytest.raises(CannotSay, match=advice) as refused:
            sounds(value, kind, language)
        assert not str(value) or str(value) not in str(refused.value)


def test_a_currency_that_is_none_is_refused() -> None:
    with pytest.raises(CannotSay, match="three capital letters"):
        said(5, Kind.MONEY, "en", "dong")
