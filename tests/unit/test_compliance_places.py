"""Where a number is: held against the data of phonenumbers, which is slower and says less."""

from __future__ import annotations

import random
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType, timezone
from phonenumbers.geodata import GEOCODE_DATA
from phonenumbers.tzdata import TIMEZONE_DATA

from dialer.compliance.area_codes import AREA_CODES, REGION_OF
from dialer.compliance.places import NOWHERE, NumberPlace, places_of, whereabouts

_STATES = {
    "Alabama": "US-AL", "California": "US-CA", "Florida": "US-FL", "New York": "US-NY",
    "Oklahoma": "US-OK", "Texas": "US-TX", "Washington State": "US-WA", "Maryland": "US-MD",
    "Washington D.C.": "US-DC", "Ontario": "CA-ON", "Quebec": "CA-QC", "Alberta": "CA-AB",
}  # fmt: skip


_BRITISH = ("Europe/Guernsey", "Europe/Isle_of_Man", "Europe/Jersey", "Europe/London")


@pytest.mark.parametrize(
    ("number", "zones", "region", "mobile"),
    [
        ("+84901234567", ("Asia/Ho_Chi_Minh",), "VN", True),
        ("+842438123456", ("Asia/Ho_Chi_Minh",), "VN", False),
        ("+12125551234", ("America/New_York",), "US-NY", True),
        ("+13055551234", ("America/New_York",), "US-FL", True),
        ("+18504351234", ("America/Chicago",), "US-FL", True),  # Pensacola
        ("+18505551234", ("America/Chicago", "America/New_York"), "US-FL", True),  # not on record
        ("+17875551234", ("America/Puerto_Rico",), "US-PR", True),
        ("+14165551234", ("America/Toronto",), "CA-ON", True),
        ("+19025551234", ("America/Halifax",), "CA", True),  # two provinces share it
        ("+18765551234", ("America/Jamaica",), "JM", True),
        ("+442079460018", ("Europe/London",), "GB", False),
        ("+447400123456", _BRITISH, "GB", True),  # the islands' phones begin alike
        ("+390612345678", ("Europe/Rome",), "IT", False),  # its 0 is a part of it
        ("+33612345678", ("Europe/Paris",), "FR", True),
        ("+34612345678", ("Atlantic/Canary", "Europe/Madrid"), "ES", True),
        ("+33145678901", ("Europe/Paris",), "FR", False),
        ("+493012345678", ("Europe/Berlin",), "DE", False),
    ],
)
def test_a_number_tells_where_its_callee_may_be(number, zones, region, mobile):
    place = places_of(number)
    assert place.region == region
    assert place.mobile is mobile
    assert place.zones == zones


@pytest.mark.parametrize(
    "number",
    ["", "+", "113", "0901234567", "anonymous", "+84", "+999123456", "+84１２３４５６７８９",
     "+8490123",
     "+18005551234", "+15005551234", "+1211", "+0", "+1234567890123456789"],
)  # fmt: skip
def test_who_could_be_anywhere_is_nowhere(number):
    assert places_of(number) == NOWHERE


def test_every_area_code_is_where_phonenumbers_says():
    named = {
        prefix[1:]: _STATES[names["en"]]
        for prefix, names in GEOCODE_DATA.items()
        if len(prefix) == 4 and prefix[0] == "1" and names.get("en") in _STATES
    }
    assert len(named) > 120
    assert named == {code: REGION_OF.get(code) for code in named}


def test_no_area_code_of_the_united_states_or_canada_is_missing():
    dice = random.Random(5)
    for code in (f"{n}" for n in range(201, 990)):
        samples = (
            phonenumbers.PhoneNumber(1, int(f"{code}{dice.randrange(2000000, 9999999)}"))
            for _ in range(20)
        )
        regions = {
            phonenumbers.region_code_for_number(number)
            for number in samples
            if phonenumbers.number_type(number) == PhoneNumberType.FIXED_LINE_OR_MOBILE
        } & {"US", "CA"}
        assert regions <= {REGION_OF.get(code, "")[:2]}, code


def test_no_area_code_stands_in_two_places():
    codes = " ".join(AREA_CODES.values()).split()
    assert len(codes) == len(set(codes)) == len(REGION_OF)


def test_the_fast_way_agrees_with_phonenumbers_about_every_country():
    for region in phonenumbers.SUPPORTED_REGIONS:
        for kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE):
            example = phonenumbers.example_number_for_type(region, kind)
            if example is None:
                continue
            place = places_of(phonenumbers.format_number(example, PhoneNumberFormat.E164))
            theirs = timezone.time_zones_for_number(example)
            named = phonenumbers.region_code_for_number(example)
            assert named in (place.region, place.region[:2], place.region[-2:])
            assert place.zones
            if example.country_code == 1:  # our table knows more, and never another zone
                assert set(place.zones) <= set(theirs) or set(theirs) <= set(place.zones)
            else:
                assert place.zones == theirs


def test_every_zone_is_one_that_clocks_know():
    for zones in TIMEZONE_DATA.values():
        for zone in zones:
            ZoneInfo(zone)


def test_his_zone_decides_among_those_of_his_mobile_phone():
    phone = places_of("+34612345678")
    assert whereabouts(phone, "Atlantic/Canary").zones == ("Atlantic/Canary",)


def test_a_zone_that_contradicts_the_number_stands_beside_it():
    moved = whereabouts(places_of("+13055551234"), "America/Los_Angeles", "US-CA")
    assert moved == NumberPlace(("America/Los_Angeles", "America/New_York"), "US-CA", mobile=True)


def test_who_tells_nothing_is_where_his_number_is():
    phone = places_of("+84901234567")
    assert whereabouts(phone) == phone
    assert whereabouts(NOWHERE, "Asia/Ho_Chi_Minh", "VN").zones == ("Asia/Ho_Chi_Minh",)
