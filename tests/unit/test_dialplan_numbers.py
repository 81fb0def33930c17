"""Numbers as people write them, and what never gets through."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplan.numbers import as_people_dial, normalise


@pytest.mark.parametrize(
    "written",
    ["0901234567", "0901 234 567", "(0901) 234-567", "+84901234567", "+84 901.234.567",
     "0084901234567", "84901234567"],
)  # fmt: skip
def test_one_number_has_one_spelling(written: str) -> None:
    assert normalise(written) == "+84901234567"


@pytest.mark.parametrize("written", ["3001", "*10", "*131", "113", "#", "0", "*103001"])
def test_extensions_and_codes_stay_as_dialed(written: str) -> None:
    assert normalise(written) == written


def test_the_region_says_whose_dialing_habits_apply() -> None:
    assert normalise("020 7946 0958", "GB") == "+442079460958"
    assert normalise("+442079460958", "VN") == "+442079460958"


@pytest.mark.parametrize(
    "hostile",
    ["", " ", "anonymous", "0901234567,from-internal", "3001&3002", "PJSIP/3001", "${EXTEN}",
     "0901234567\n", "0901\r\nAction: Originate", "0901;0902", "٠٩٠١٢٣٤٥٦٧", "０９０１", "+",
     "++84", "84+90", "1" * 33, "sip:3001@host", "0901\x00", "-1e5", "0x1F", "1/2/../3a"],
)  # fmt: skip
def test_what_is_no_number_does_not_get_through(hostile: str) -> None:
    assert normalise(hostile) is None


@pytest.mark.parametrize(
    ("number", "dialed"),
    [("+84901234567", "0901234567"), ("3001", "3001"), ("+999123456", "999123456"), ("+1*2", "12")],
)
def test_a_number_is_read_out_as_people_dial_it_and_what_is_none_by_its_digits(
    number: str, dialed: str
) -> None:
    assert as_people_dial(number) == dialed


@given(st.text() | st.text("0123456789+*#-. ()/,;&\n\t${}ABXx٣", max_size=40))
def test_only_dialable_characters_ever_get_through(text: str) -> None:
    number = normalise(text)
    assert number is None or re.fullmatch(r"[0-9+*#]{1,32}", number)
    if number is not None:
        assert normalise(number) == number
