"""Which numbers go out, through which trunk, and which never do."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from dialplan.inbound import spelling
from dialplan.outbound import Barred, DialAs, Outbound, Rule, Trunk, Way
from dialplan.schema import OutboundSettings

MAIN = Trunk("main")
OWN = "+842873000001"


VIETNAM = Outbound({"+84.": Rule(MAIN, OWN)})


@pytest.mark.parametrize(
    "written", ["0901234567", "090 123 45 67", "+84 901 234 567", "0084901234567"]
)
def test_a_customer_is_dialed_however_his_number_was_written(written: str) -> None:
    assert VIETNAM.way(written) == Way("+84901234567", "main", "+84901234567", OWN)


@pytest.mark.parametrize(
    ("dial_as", "dialed"),
    [
        (DialAs.E164, "+84901234567"),
        (DialAs.DIGITS, "84901234567"),
        (DialAs.NATIONAL, "0901234567"),
    ],
)
def test_each_carrier_gets_the_number_as_it_wants_it(dial_as: DialAs, dialed: str) -> None:
    rules = Outbound({"+84.": Rule(Trunk("viettel", dial_as), OWN)})
    assert rules.way("0901234567").dialed == dialed


def test_a_number_abroad_is_dialed_as_people_at_home_dial_it() -> None:
    rules = Outbound({"+1.": Rule(Trunk("world", DialAs.NATIONAL, "9"), OWN)})
    assert rules.way("+1 201 555 0123").dialed == "90012015550123"


def test_the_most_definite_rule_decides_over_trunk_and_caller_id() -> None:
    mobile = Trunk("mobile")
    rules = Outbound({"+84.": Rule(MAIN, OWN), "+8490.": Rule(mobile, "1900")})
    assert rules.way("0901234567") == Way("+84901234567", "mobile", "+84901234567", "1900")
    assert rules.way("0912345678").trunk == "main"


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("+12015550123", "no rule"),
        ("113", "emergency"),
        ("+84113", "emergency"),
        ("19001560", "premium"),
        ("1080", "no public"),
        ("3001", "no public"),
        ("+999123456", "no public"),
        ("+0", "no public"),
        ("+1*2", "no public"),
        ("+#31#0901234567", "no public"),
        ("*10", "no public"),
        ("anonymous", "no telephone number"),
        ("300&PJSIP/boss", "no telephone number"),
        ("0901234567@evil", "no telephone number"),
        ("", "no telephone number"),
    ],
)
def test_what_nobody_allowed_is_not_dialed(number: str, why: str) -> None:
    with pytest.raises(Barred, match=why):
        VIETNAM.way(number)
    assert not VIETNAM.allows(number)


def test_nothing_is_dialed_where_nothing_is_said() -> None:
    assert not Outbound().allows("0901234567")


def test_a_refused_prefix_is_refused_within_an_allowed_one() -> None:
    rules = Outbound({"+84.": Rule(MAIN, OWN), "+8490.": Rule(None)})
    assert (rules.allows("0901234567"), rules.allows("0912345678")) == (False, True)


def test_a_premium_number_and_a_short_code_are_dialed_when_written_in_full() -> None:
    rules = Outbound({"+8419001560": Rule(MAIN, OWN), "1080": Rule(MAIN, OWN)})
    assert (rules.way("1900 1560").dialed, rules.way("1080").dialed) == ("+8419001560", "1080")


def test_an_emergency_number_is_not_dialed_even_in_full() -> None:
    assert not Outbound({"113": Rule(MAIN, OWN)}).allows("113")


# -- as operations people write it ---------------------------------------------------------------


def test_the_settings_name_a_trunk_once_for_all_numbers_and_again_for_some() -> None:
    settings = OutboundSettings.model_validate(
        {
            "caller_id": "+84 28 7300 0001",
            "trunk": "main",
            "numbers": {
                "+84.": {},
                "+8490.": {"trunk": "mobile", "caller_id": "1900"},
                "+8469.": {"refuse": True},
            },
            "trunks": {"mobile": {"dial_as": "national", "prefix": "9"}},
        }
    )
    assert settings.rule("+84.") == Rule(Trunk("main"), OWN)
    assert settings.rule("+8490.") == Rule(Trunk("mobile", DialAs.NATIONAL, "9"), "1900")
    assert settings.rule("+8469.") == Rule(None)
    assert settings.names() == {"main", "mobile"}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"numbers": {"+84.": {}}}, "has no trunk"),
        ({"trunk": "a b", "numbers": {}}, "pattern"),
        ({"trunk": "PJSIP/x", "numbers": {}}, "pattern"),
        ({"caller_id": "anna", "numbers": {}}, "no telephone number"),
        ({"trunk": "t", "numbers": {"+84.": {"refuse": True, "trunk": "t"}}}, "refused"),
        ({"trunk": "t", "numbers": {}, "trunks": {"t": {"prefix": "9&"}}}, "pattern"),
    ],
)
def test_settings_that_would_dial_anything_else_are_refused(
    wrong: dict[str, object], told: str
) -> None:
    with pytest.raises(ValidationError, match=told):
        OutboundSettings.model_validate({"caller_id": OWN} | wrong)


def test_a_rule_is_spelled_like_an_inbound_number() -> None:
    assert [spelling(rule, "VN") for rule in ("+84 90.", "0901 234 567")] == [
        "+8490.",
        "+84901234567",
    ]


def test_a_campaign_names_another_trunk_and_it_gets_the_number_as_it_wants_it():
    second = Trunk("second", DialAs.NATIONAL, prefix="9")
    outbound = Outbound({"+84.": Rule(Trunk("first"), "19001000")}, trunks={"second": second})

    assert outbound.way("0901234567", "second") == Way(
        "+84901234567", "second", "90901234567", "19001000"
    )
    assert outbound.way("0901234567", "third").dialed == "+84901234567"


def test_no_trunk_lets_out_what_no_rule_does():
    outbound = Outbound({"+84.": Rule(Trunk("first")), "+841900X.": Rule(None)})

    for number in ("+12125550123", "113"):
        with pytest.raises(Barred):
            outbound.way(number, "second")
