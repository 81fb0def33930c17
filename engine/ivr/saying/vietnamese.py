"""Values in Vietnamese: ``hai trăm lẻ năm``, ``ngày mùng năm tháng hai``, ``tám giờ sáng``.

Below a hundred a number is one prompt, for its words depend on each other: một but hai mươi *mốt*,
năm but mười *lăm*, bốn but hai mươi *tư*.
"""

from __future__ import annotations

import datetime
from decimal import Decimal

from engine.ivr.saying.language import (
    CURRENCIES,
    Parts,
    letters,
    near_day,
    number_part,
    split_money,
    units,
)

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_WEEKDAYS = ("thứ hai", "thứ ba", "thứ tư", "thứ năm", "thứ sáu", "thứ bảy", "chủ nhật")
_LETTERS = {
    **{"a": "a", "b": "bê", "c": "xê", "d": "dê", "e": "e", "f": "ép", "g": "giê", "h": "hát"},
    **{"i": "i", "j": "gi", "k": "ca", "l": "e lờ", "m": "em mờ", "n": "en nờ", "o": "o"},
    **{"p": "pê", "q": "quy", "r": "e rờ", "s": "ét sì", "t": "tê", "u": "u", "v": "vê"},
    **{"w": "vê kép", "x": "ích xì", "y": "i dài", "z": "dét"},
}


def number(value: Decimal) -> Parts:
    """Âm mười hai phẩy năm. Two decimals are read as a number, as schools teach it."""
    whole, _, decimals = format(abs(value), "f").partition(".")
    parts = cardinal(int(whole))
    if decimals:
        parts += ("number_point", *_decimals(decimals))
    return ("number_minus", *parts) if value < 0 else parts


def _decimals(decimals: str) -> Parts:
    if len(decimals) == 2 and decimals[0] != "0":
        return (number_part(int(decimals)),)
    return tuple(map(number_part, map(int, decimals)))


def cardinal(value: int) -> Parts:
    """Hai nghìn không trăm hai mươi bảy.

    Behind a larger group a group has all its three digits; a missing one is said where the ear
    would hear another number: ``hai triệu năm trăm`` is taken for 2 500 000.
    """
    billions, rest = divmod(value, 10**9)
    millions, rest = divmod(rest, 10**6)
    thousands, ones = divmod(rest, 10**3)
    parts: Parts = (*cardinal(billions), "number_billion") if billions else ()
    if millions:
        parts += (*_group(millions, bool(parts)), "number_million")
    if thousands:
        parts += (*_group(thousands, bool(parts)), "number_thousand")
    elif parts and ones >= 100:
        parts += (number_part(0), "number_thousand")
    return parts + _group(ones, bool(parts)) if ones or not parts else parts


def _group(value: int, behind: bool) -> Parts:
    """Up to three digits; ``behind`` a larger group also the hundreds that are none."""
    hundreds, rest = divmod(value, 100)
    if not hundreds and not behind:
        return (number_part(rest),)
    parts = (number_part(hundreds), "number_hundred")
    if not rest:
        return parts
    return (*parts, number_part(rest)) if rest >= 10 else (*parts, "number_and", number_part(rest))


def ordinal(value: int) -> Parts:
    """Thứ nhất, thứ tư; from a hundred on thứ and the number."""
    return (f"ordinal_{value}",) if value < 100 else ("ordinal", *cardinal(value))


def money(amount: Decimal, currency: str) -> Parts:
    """Hai triệu năm trăm nghìn đồng; mười hai đô la năm mươi xu."""
    whole, cents = split_money(amount, currency)
    if (known := CURRENCIES.get(currency)) is None:
        rounded = Decimal(whole * 100 + cents).scaleb(-2).normalize()
        return (*number(rounded.copy_sign(amount)), *letters(currency))
    change: Parts = (number_part(cents), known.cents) if cents else ()
    parts = change if change and not whole else (*cardinal(whole), known.many, *change)
    return ("number_minus", *parts) if amount < 0 and (whole or cents) else parts


def date(day: datetime.date, today: datetime.date) -> Parts:
    """Thứ bảy ngày mùng sáu tháng hai, with the year when it is another one."""
    parts = (f"weekday_{day.isoweekday()}", f"day_{day.day}", f"month_{day.month}")
    return parts if day.year == today.year else (*parts, "day_year", *cardinal(day.year))


def time(at: datetime.time) -> Parts:
    """Tám giờ ba mươi phút sáng."""
    if not at.hour:
        return ("time_midnight", *_minutes(at.minute))
    hour = at.hour % 12 or 12
    return (number_part(hour), "time_hour", *_minutes(at.minute), _part_of_day(at.hour))


def _minutes(minute: int) -> Parts:
    return (number_part(minute), "unit_minutes") if minute else ()


def _part_of_day(hour: int) -> str:
    for end, part in ((12, "time_am"), (13, "time_noon"), (18, "time_pm"), (22, "time_evening")):
        if hour < end:
            return part
    return "time_night"


def moment(day: datetime.date, at: datetime.time | None, today: datetime.date) -> Parts:
    """Tám giờ sáng ngày mai; tám giờ sáng thứ hai."""
    named = near_day(day, today) or date(day, today)
    return (*(time(at) if at is not None else ()), *named)


def duration(seconds: int) -> Parts:
    """Một giờ ba mươi phút."""
    return tuple(
        part for count, _, many in units(seconds) for part in (*cardinal(count), many)
    )  # fmt: skip


def _number_word(value: int) -> str:
    tens, ones = divmod(value, 10)
    if not tens:
        return _DIGITS[ones]
    begin = "mười" if tens == 1 else f"{_DIGITS[tens]} mươi"
    if not ones:
        return begin
    after_tens = {1: "mốt", 4: "tư"} if tens > 1 else {}
    return f"{begin} {({5: 'lăm'} | after_tens).get(ones, _DIGITS[ones])}"


def _ordinal_word(value: int) -> str:
    return f"thứ { {1: 'nhất', 4: 'tư'}.get(value) or _number_word(value) }"


def _day_word(day: int) -> str:
    return f"ngày mùng {_number_word(day)}" if day <= 10 else f"ngày {_number_word(day)}"


def _month_word(month: int) -> str:
    return "tháng tư" if month == 4 else f"tháng {_number_word(month)}"


words = {
    **{number_part(value): _number_word(value) for value in range(100)},
    "number_hundred": "trăm",
    "number_thousand": "nghìn",
    "number_million": "triệu",
    "number_billion": "tỷ",
    "number_trillion": "nghìn tỷ",
    "number_and": "lẻ",
    "number_minus": "âm",
    "number_point": "phẩy",
    "number_oh": "không",
    "ordinal": "thứ",
    **{f"ordinal_{value}": _ordinal_word(value) for value in range(1, 100)},
    "ordinal_hundred": "thứ một trăm",
    "ordinal_thousand": "thứ một nghìn",
    "ordinal_million": "thứ một triệu",
    "ordinal_billion": "thứ một tỷ",
    "ordinal_trillion": "thứ một nghìn tỷ",
    **{f"weekday_{index}": word for index, word in enumerate(_WEEKDAYS, 1)},
    **{f"month_{month}": _month_word(month) for month in range(1, 13)},
    **{f"day_{day}": _day_word(day) for day in range(1, 32)},
    "day_today": "hôm nay",
    "day_tomorrow": "ngày mai",
    "day_yesterday": "hôm qua",
    "day_year": "năm",
    "time_at": "lúc",
    "time_hour": "giờ",
    "time_am": "sáng",
    "time_pm": "chiều",
    "time_noon": "trưa",
    "time_evening": "tối",
    "time_night": "đêm",
    "time_midnight": "không giờ",
    "unit_day": "ngày",
    "unit_days": "ngày",
    "unit_hour": "giờ",
    "unit_hours": "giờ",
    "unit_minute": "phút",
    "unit_minutes": "phút",
    "unit_second": "giây",
    "unit_seconds": "giây",
    "money_dong": "đồng",
    "money_dollar": "đô la",
    "money_dollars": "đô la",
    "money_euro": "ơ rô",
    "money_euros": "ơ rô",
    "money_cent": "xu",
    "money_cents": "xu",
    "money_and": "và",
    **{f"letter_{letter}": name for letter, name in _LETTERS.items()},
    "sign_plus": "cộng",
    "sign_at": "a còng",
    "sign_dot": "chấm",
    "sign_dash": "gạch ngang",
    "sign_underscore": "gạch dưới",
    "sign_slash": "gạch chéo",
    "key_star": "sao",
    "key_hash": "thăng",
}
