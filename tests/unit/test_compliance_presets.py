"""Each preset as a table: who is called where, when and after what, or which rule refuses."""

from __future__ import annotations

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from dialer.campaign import Attempts
from dialer.compliance import RULES, law_of
from dialer.leads import Candidate, Consent

HANOI, MIAMI, NEW_YORK = "+84901234567", "+13055551234", "+12125551234"
SEATTLE, DALLAS, LONDON = "+12065551234", "+12145551234", "+442079460018"
PARIS, BERLIN, MADRID, TORONTO = "+33145678901", "+493012345678", "+34612345678", "+14165551234"
LOOKED_UP = ("vn-dnc", "us-dnc", "uk-tps", "ca-dncl")
AGREED = Consent(given_at=0.0, evidence="form 12")
WIDE = Attempts(most=100, per_day=50, gap_seconds=0)


def at(local, zone):
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).timestamp()


def ask(rules, number, now, *, purpose="advertising", held=True, consent=AGREED, **known):
    who = Candidate(1, "l", number, consent=consent, do_not_call=LOOKED_UP, **known)
    return law_of(rules.split("+"), {}).permit(
        who, now, purpose=purpose, agent_held=held, attempts=WIDE, abandoned_rest_seconds=0
    )


VIET, EAST, CENTRAL, PACIFIC = (
    "Asia/Ho_Chi_Minh", "America/New_York", "America/Chicago", "America/Los_Angeles"
)  # fmt: skip
GMT, CET = "Europe/London", "Europe/Paris"


@pytest.mark.parametrize(
    ("rules", "number", "local", "zone", "purpose", "refused"),
    [
        # Viet Nam: advertising 8-17 on every day, collection 7-21, other calls 8-21
        ("vn", HANOI, "2026-11-22T07:59:59", VIET, "advertising", "hours"),
        ("vn", HANOI, "2026-11-22T08:00", VIET, "advertising", ""),
        ("vn", HANOI, "2026-11-22T16:59:59", VIET, "advertising", ""),
        ("vn", HANOI, "2026-11-22T17:00", VIET, "advertising", "hours"),
        ("vn", HANOI, "2026-11-22T17:00", VIET, "service", ""),
        ("vn", HANOI, "2026-11-22T07:30", VIET, "collection", ""),
        ("vn", HANOI, "2026-11-22T07:30", VIET, "reminder", "hours"),
        ("vn", HANOI, "2026-11-22T21:00", VIET, "collection", "hours"),
        # the United States: 8-21 where the callee is, and what his state says
        ("us", NEW_YORK, "2026-11-22T07:59", EAST, "advertising", "hours"),
        ("us", NEW_YORK, "2026-11-22T20:59", EAST, "advertising", ""),
        ("us", NEW_YORK, "2026-11-22T21:00", EAST, "advertising", "hours"),
        ("us", NEW_YORK, "2026-11-22T21:00", EAST, "service", "hours"),
        ("us", MIAMI, "2026-11-22T20:00", EAST, "advertising", "hours"),
        ("us", MIAMI, "2026-11-22T20:00", EAST, "service", ""),
        ("us", SEATTLE, "2026-11-22T19:59", PACIFIC, "advertising", ""),
        ("us", SEATTLE, "2026-11-22T20:00", PACIFIC, "advertising", "hours"),
        ("us", DALLAS, "2026-11-22T11:59", CENTRAL, "advertising", "hours"),  # a Sunday
        ("us", DALLAS, "2026-11-22T12:00", CENTRAL, "advertising", ""),
        ("us", DALLAS, "2026-11-23T09:00", CENTRAL, "advertising", ""),
        ("us", "+12055551234", "2026-11-22T12:00", CENTRAL, "advertising", "hours"),  # Alabama
        ("us", "+12055551234", "2026-11-26T12:00", CENTRAL, "advertising", "hours"),  # Thanksgiving
        ("us", "+12055551234", "2026-11-27T12:00", CENTRAL, "advertising", ""),
        ("us", "+12055551234", "2027-07-05T12:00", CENTRAL, "advertising", "hours"),  # July 4, Sun
        ("us", "+18015551234", "2027-07-23T12:00", "America/Denver", "advertising", "hours"),
        ("us-collection", NEW_YORK, "2026-11-22T08:00", EAST, "collection", ""),
        # the United Kingdom: good practice
        ("uk", LONDON, "2026-11-23T08:00", GMT, "advertising", ""),
        ("uk", LONDON, "2026-11-21T08:59", GMT, "advertising", "hours"),  # a Saturday
        ("uk", LONDON, "2026-11-21T09:00", GMT, "survey", ""),
        ("uk", LONDON, "2026-11-22T12:00", GMT, "advertising", "hours"),  # a Sunday
        ("uk", LONDON, "2027-03-26T12:00", GMT, "advertising", "hours"),  # Good Friday
        ("uk", LONDON, "2027-05-31T12:00", GMT, "advertising", "hours"),  # spring bank holiday
        ("uk", LONDON, "2027-05-24T12:00", GMT, "advertising", ""),
        # the European Union
        ("eu", BERLIN, "2026-11-23T19:59", CET, "advertising", ""),
        ("eu", BERLIN, "2026-11-22T12:00", CET, "advertising", "hours"),
        ("eu", PARIS, "2026-11-23T12:59", CET, "advertising", ""),
        ("eu", PARIS, "2026-11-23T13:30", CET, "advertising", "hours"),
        ("eu", PARIS, "2026-11-23T13:30", CET, "service", ""),
        ("eu", PARIS, "2026-11-21T11:00", CET, "advertising", "hours"),  # a Saturday
        ("eu", PARIS, "2027-05-17T11:00", CET, "advertising", "hours"),  # Whit Monday
        ("eu", PARIS, "2027-05-06T11:00", CET, "advertising", "hours"),  # Ascension
        ("eu", MADRID, "2026-11-23T09:30", "Europe/Madrid", "advertising", "hours"),  # Canaries
        ("eu", MADRID, "2026-11-23T10:00", "Europe/Madrid", "advertising", ""),
        ("ca", TORONTO, "2026-11-23T21:29", "America/Toronto", "advertising", ""),
        ("ca", TORONTO, "2026-11-22T09:30", "America/Toronto", "advertising", "hours"),
        # elsewhere than the rules know
        ("vn", MIAMI, "2026-11-22T12:00", EAST, "advertising", "place"),
        ("us", HANOI, "2026-11-22T12:00", VIET, "service", "place"),
        ("us", TORONTO, "2026-11-22T12:00", EAST, "service", "place"),
        ("uk", "+447781123456", "2026-11-23T12:00", GMT, "service", "place"),  # Guernsey
        ("us", "+18005551234", "2026-11-22T12:00", EAST, "service", "place"),
        ("us+vn", HANOI, "2026-11-22T12:00", VIET, "service", "place"),
    ],
)  # fmt: skip
def test_people_are_called_when_their_law_lets_them(rules, number, local, zone, purpose, refused):
    answer = ask(rules, number, at(local, zone), purpose=purpose)
    assert (answer.rule, answer.allowed) == (refused, not refused)


NOON = at("2026-11-23T12:00", VIET)
HOUR, DAY = 3600.0, 86400.0


@pytest.mark.parametrize(
    ("rules", "number", "now", "purpose", "history", "refused", "waits"),
    [
        ("vn", HANOI, NOON, "advertising", {"dialed": (NOON - 23 * HOUR,)}, "frequency", HOUR),
        ("vn", HANOI, NOON, "advertising", {"dialed": (NOON - DAY,)}, "", 0),
        ("vn", HANOI, NOON, "service", {"dialed": (NOON - 1, NOON - 2)}, "", 0),
        ("vn", HANOI, NOON, "service", {"dialed": (NOON - 1,) * 3}, "frequency", 20 * HOUR),
        ("vn", HANOI, NOON, "collection", {"dialed": (NOON - 1,) * 4}, "", 0),
        ("vn", HANOI, NOON, "collection", {"dialed": (NOON - 1,) * 5}, "frequency", 19 * HOUR),
        (
            "us", MIAMI, at("2026-11-23T12:00", EAST), "advertising",
            {"dialed": tuple(at(f"2026-11-23T{h}:00", EAST) for h in ("11", "10", "09"))},
            "frequency", 21 * HOUR,
        ),
        (
            "us", NEW_YORK, at("2026-11-23T12:00", EAST), "advertising",
            {"dialed": tuple(at(f"2026-11-23T{h}:00", EAST) for h in ("11", "10", "09"))},
            "", 0,
        ),
        (
            "us-collection", NEW_YORK, at("2026-11-23T12:00", EAST), "collection",
            {"dialed": tuple(at(f"2026-11-{d}T12:00", EAST) for d in range(22, 16, -1))}, "", 0,
        ),
        (
            "us-collection", NEW_YORK, at("2026-11-23T11:00", EAST), "collection",
            {"dialed": tuple(at(f"2026-11-{d}T12:00", EAST) for d in range(22, 15, -1))},
            "frequency", HOUR,
        ),
        (
            "us-collection", NEW_YORK, at("2026-11-23T11:00", EAST), "collection",
            {"talked": at("2026-11-16T12:00", EAST)}, "after_talk", HOUR,
        ),
        (
            "eu", PARIS, at("2026-11-30T11:00", CET), "advertising",
            {"dialed": tuple(at(f"2026-11-{d:02}T11:00", CET) for d in (12, 11, 10, 9))},
            "frequency", 9 * DAY,
        ),
        (
            "uk", LONDON, at("2026-11-25T12:00", GMT), "survey",
            {"abandoned": at("2026-11-23T12:00", GMT), "held": False}, "after_abandoned", DAY,
        ),
        (
            "uk", LONDON, at("2026-11-25T12:00", GMT), "survey",
            {"abandoned": at("2026-11-23T12:00", GMT), "held": True}, "", 0,
        ),
    ],
)  # fmt: skip
def test_nobody_is_called_more_often_than_the_law_says(
    rules, number, now, purpose, history, refused, waits
):
    answer = ask(rules, number, now, purpose=purpose, **history)
    assert answer.rule == refused
    assert answer.until == now + waits


@pytest.mark.parametrize(
    ("rules", "number", "purpose", "held", "consent", "refused"),
    [
        ("vn", HANOI, "advertising", True, None, "consent"),
        ("vn", HANOI, "service", False, None, ""),
        ("vn", HANOI, "advertising", True, Consent(0.0, until=NOON), "consent"),
        ("vn", HANOI, "advertising", True, Consent(0.0, until=NOON + 1), ""),
        ("vn", HANOI, "advertising", True, Consent(NOON + 1), "consent"),
        ("vn", HANOI, "advertising", True, Consent(0.0, scope="service"), "consent"),
        ("vn", HANOI, "advertising", True, Consent(0.0, scope="advertising"), ""),
        ("us", NEW_YORK, "service", False, None, "consent"),
        ("us", NEW_YORK, "service", True, None, ""),
        ("us", NEW_YORK, "service", False, AGREED, ""),
        ("uk", LONDON, "advertising", False, None, "consent"),
        ("uk", LONDON, "advertising", True, None, ""),
        ("eu", BERLIN, "advertising", True, None, "consent"),
        ("eu", BERLIN, "service", False, None, ""),
    ],
)
def test_nobody_is_called_who_had_to_agree_and_did_not(
    rules, number, purpose, held, consent, refused
):
    where = {HANOI: VIET, NEW_YORK: EAST, LONDON: GMT, BERLIN: CET}[number]
    now = NOON if number == HANOI else at("2026-11-23T12:00", where)
    assert ask(rules, number, now, purpose=purpose, held=held, consent=consent).rule == refused


def test_a_call_with_a_person_speaking_needs_no_consent_in_the_united_kingdom():
    who = Candidate(1, "l", LONDON, do_not_call=("uk-tps",))
    asked = {"purpose": "advertising", "agent_held": False, "attempts": WIDE}
    law, now = law_of(["uk"], {}), at("2026-11-23T12:00", GMT)
    live = law.permit(who, now, **asked, abandoned_rest_seconds=0, recorded=False)
    flow = law.permit(who, now, **asked, abandoned_rest_seconds=0, recorded=True)
    assert (live.rule, flow.rule) == ("", "consent")


@pytest.mark.parametrize("rules", sorted(RULES))
def test_no_advertising_without_a_look_into_the_national_list(rules):
    lists = law_of([rules], {}).lists_for("advertising")
    assert bool(lists) is (rules in ("vn", "us", "uk", "ca"))
    number, zone = {
        "vn": (HANOI, VIET), "us": (NEW_YORK, EAST), "uk": (LONDON, GMT), "ca": (TORONTO, EAST),
        "eu": (BERLIN, CET), "us-collection": (NEW_YORK, EAST),
    }[rules]  # fmt: skip
    who = Candidate(1, "l", number, consent=AGREED)
    answer = law_of([rules], {}).permit(
        who, at("2026-11-23T12:00", zone), purpose="advertising", agent_held=True, attempts=WIDE,
        abandoned_rest_seconds=0,
    )  # fmt: skip
    assert answer.rule == ("not_looked_up" if lists else "")


def test_who_is_on_a_list_is_called_by_nobody_for_nothing():
    answer = ask("vn", HANOI, NOON, purpose="service", suppressed="own")
    assert (answer.rule, answer.until) == ("do_not_call", None)
    assert answer.why == "the number is on the do-not-call list `own`"


def test_his_address_and_his_number_are_both_asked():
    evening = at("2026-11-23T20:30", EAST)
    assert ask("us", NEW_YORK, evening).allowed
    assert ask("us", NEW_YORK, evening, region="US-FL").rule == "hours"
    assert ask("us", MIAMI, evening, region="US-NY").rule == "hours"
    assert ask("us", NEW_YORK, evening, region="US").allowed  # the number says which state
    assert ask("us", NEW_YORK, evening, region="VN").rule == "place"


def test_every_zone_that_he_may_be_in_must_be_awake():
    zones = (EAST, PACIFIC)
    assert ask("us", NEW_YORK, at("2026-11-23T10:59", EAST), zones=zones).rule == "hours"
    assert ask("us", NEW_YORK, at("2026-11-23T11:00", EAST), zones=zones).allowed
    late = ask("us", NEW_YORK, at("2026-11-23T21:00", EAST), zones=zones)
    assert late.until == at("2026-11-24T11:00", EAST)


def test_who_is_in_no_zone_that_clocks_know_is_not_called():
    answer = ask("us", NEW_YORK, at("2026-11-23T12:00", EAST), zones=("America/Atlantis",))
    assert (answer.rule, answer.until) == ("zone", None)


def test_several_sets_of_rules_all_hold():
    now = at("2026-11-23T12:00", EAST)
    talked = {"talked": now - DAY, "purpose": "collection"}
    assert ask("us", NEW_YORK, now, **talked).allowed
    assert ask("us+us-collection", NEW_YORK, now, **talked).rule == "after_talk"


def test_the_proof_says_what_was_asked_and_answered():
    answer = ask("vn", HANOI, NOON, held=False, consent=Consent(5.0, evidence="form 12"))
    proof = json.loads(json.dumps(answer.proof))
    assert answer.allowed
    assert proof["at"] == NOON
    assert proof["zones"] == [VIET]
    assert proof["regions"] == ["VN"]
    assert proof["rules"] == ["vn"]
    by_rule = {}
    for each in proof["asked"]:
        assert each.pop("allowed") is True
        by_rule.setdefault(each.pop("rule"), []).append(each)
    assert by_rule["hours"] == [
        {"by": "vn", "zone": VIET, "local": "2026-11-23T12:00:00+07:00", "hours": "07:00-21:00"},
        {"by": "vn", "zone": VIET, "local": "2026-11-23T12:00:00+07:00", "hours": "08:00-17:00"},
    ]
    assert by_rule["consent"] == [
        {"by": "vn", "given_at": 5.0, "until": None, "scope": "", "evidence": "form 12"}
    ]
    assert by_rule["do_not_call"] == [{"by": "", "list": "", "looked_up_in": list(LOOKED_UP)}]
    assert by_rule["frequency"][0] == {
        "by": "vn", "dialed": 0, "most": 1, "within_seconds": 86400.0
    }  # fmt: skip


def test_a_refusal_names_the_rule_in_words():
    answer = ask("us", MIAMI, at("2026-11-22T20:30", EAST))
    assert answer.why == (
        "it is 2026-11-22T20:30:00-05:00 in America/New_York, "
        "and calls are allowed 08:00-20:00 (us)"
    )
    assert answer.until == at("2026-11-23T08:00", EAST)


@pytest.mark.parametrize(("rules", "cap"), [("vn", 3), ("us", 3), ("uk", 1), ("eu", 1), ("ca", 3)])
def test_the_cap_on_abandoned_calls_is_that_of_the_rules(rules, cap):
    law = law_of([rules], {})
    assert law.cap == cap / 100
    assert law.windows


@pytest.mark.parametrize(
    ("rules", "zone"),
    [("vn", "Asia/Ho_Chi_Minh"), ("uk", "Europe/London"), ("us", "America/Denver")],
)
def test_the_days_of_a_window_are_those_of_its_country_or_of_the_campaign(rules, zone):
    assert {window.zone for window in law_of([rules], {}, "America/Denver").windows} == {zone}


def test_every_preset_says_where_it_is_written():
    for rules in RULES.values():
        assert rules.title
        assert len(rules.source) > 50
        assert rules.record_days >= 365
        assert all(clause.source or rules.title == "Canada" for clause in rules.clauses)
