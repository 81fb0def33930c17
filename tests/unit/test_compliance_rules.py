"""Rules of one's own: how they are written, what they do beside presets, what a campaign lacks."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from dialer.campaign import Attempts, CampaignSettings
from dialer.compliance import RULES, RuleSet, UnknownRules, lacks, law_of
from dialer.compliance.rules import Clause, within
from dialer.compliance.timed import NotTooOftenADay
from dialer.compliance.words import SAID
from dialer.leads import Candidate, Consent

ROOT = Path(__file__).parents[2]
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=HANOI).timestamp()
CAREFUL = RuleSet.model_validate({"hours": {"mon-fri": "09:00-11:30, 13:30-16:00"}})


def ask(law, now, number="+84901234567", **known):
    who = Candidate(1, "l", number, consent=Consent(0.0), do_not_call=("vn-dnc",), **known)
    return law.permit(
        who, now, purpose="advertising", agent_held=True, attempts=Attempts(),
        abandoned_rest_seconds=0,
    )  # fmt: skip


def campaign(**settings):
    return CampaignSettings.model_validate(
        {"name": "spring", "mode": "predictive", "rules": ["vn"], "queue": "sales",
         "lists": ["march"], "seller": "Acme", "caller_ids": {"numbers": ["+842438123456"],
         "brand": "ACME"}, **settings}
    )  # fmt: skip


def test_rules_of_ones_own_hold_beside_those_of_the_country():
    law = law_of(["vn", "ours"], {"ours": CAREFUL})
    assert ask(law_of(["vn"], {}), NOON).allowed
    refused = ask(law, NOON)
    assert (refused.rule, refused.until) == ("hours", NOON + 5400)


def test_rules_of_ones_own_with_the_name_of_a_preset_add_to_it():
    law = law_of(["vn"], {"vn": CAREFUL})
    assert not ask(law, NOON).allowed
    assert ask(law, NOON + 5400).allowed
    assert not law.permit(
        Candidate(1, "l", "+84901234567"), NOON + 5400, purpose="advertising", agent_held=True,
        attempts=Attempts(), abandoned_rest_seconds=0,
    ).allowed  # fmt: skip
    assert law.cap == 0.03


def test_rules_that_nobody_wrote_are_named():
    with pytest.raises(UnknownRules, match="there are no rules `vm`"):
        law_of(["vn", "vm"], {"ours": CAREFUL})


def test_rules_without_hours_let_nobody_be_called():
    for own in (RuleSet(), RuleSet.model_validate({"closed": ["12-25"]})):
        answer = ask(law_of(["ours"], {"ours": own}), NOON)
        assert (answer.rule, answer.until) == ("hours", None)
        assert answer.why == "no rules say when people may be called"
        assert not law_of(["ours"], {"ours": own}).opens(["Asia/Ho_Chi_Minh"], "VN", NOON)


def test_rules_without_a_cap_let_nobody_be_abandoned():
    assert law_of(["ours"], {"ours": CAREFUL}).cap == 0
    assert law_of(["vn", "uk"], {}).cap == 0.01


def test_days_that_are_closed_close_every_clause():
    tet = RuleSet.model_validate({"closed": ["2026-11-23"], "clauses": [{"where": ["VN"]}]})
    law = law_of(["vn", "tet"], {"tet": tet})
    assert ask(law, NOON).rule == "hours"
    assert ask(law, NOON).until == NOON + 20 * 3600


def test_what_refuses_for_good_is_the_reason_not_the_hour():
    answer = ask(law_of(["vn"], {}), NOON + 6 * 3600, attempts=6)
    assert (answer.rule, answer.until) == ("attempts", None)
    assert answer.why == "6 of 6 attempts are made (campaign)"


def test_a_place_is_within_another_by_whole_codes():
    assert within("US-FL", "US")
    assert within("VN", "VN")
    assert not within("US", "US-FL")
    assert not within("GB-ENG", "GB-EN")


def test_a_call_that_lies_ahead_counts_on_its_day_and_before():
    tomorrow = NotTooOftenADay("ours", 1, HANOI, dialed=(NOON + 86400,))
    assert tomorrow.earliest(NOON) == NOON + 36 * 3600  # a clock was wrong: after that day
    assert tomorrow.earliest(NOON + 2 * 86400) == NOON + 2 * 86400


def test_who_is_in_no_known_zone_is_in_that_which_all_rules_name():
    here = {"hours": {"daily": "08:00-17:00"}, "default_zone": "Asia/Ho_Chi_Minh"}
    nowhere = RuleSet.model_validate({"hours": {"daily": "08:00-17:00"}})
    named = {"here": RuleSet.model_validate(here), "nowhere": nowhere}
    assert ask(law_of(["here"], named), NOON, number="113").allowed
    assert not ask(law_of(["here"], named), NOON + 6 * 3600, number="113").allowed
    assert ask(law_of(["nowhere"], named), NOON, number="113").rule == "zone"
    assert ask(law_of(["here", "nowhere"], named), NOON, number="113").rule == "zone"


def test_a_number_of_no_known_place_may_be_a_mobile_phone():
    here = {"hours": {"daily": "08:00-17:00"}, "default_zone": "Asia/Ho_Chi_Minh"}
    own = RuleSet.model_validate({**here, "consent": "automated_mobile"})
    for number, refused in (("113", "consent"), ("+842438123456", ""), ("+84901234567", "consent")):
        answer = law_of(["own"], {"own": own}).permit(
            Candidate(1, "l", number), NOON, purpose="service", agent_held=False,
            attempts=Attempts(), abandoned_rest_seconds=0,
        )  # fmt: skip
        assert answer.rule == refused


def test_a_state_that_is_not_known_may_be_any():
    law = law_of(["us"], {})
    evening = datetime(2026, 11, 23, 20, 30, tzinfo=ZoneInfo("America/New_York")).timestamp()
    assert law.opens(["America/New_York"], "US-NY", evening, purpose="advertising")
    assert not law.opens(["America/New_York"], "US-FL", evening, purpose="advertising")
    assert not law.opens(["America/New_York"], "US", evening, purpose="advertising")
    assert law.opens(["America/New_York"], "US", evening, purpose="service")
    assert not law.opens(["America/New_York"], "US", evening)  # for any purpose


def test_the_hopper_is_told_what_is_not_open():
    law = law_of(["vn"], {})
    assert law.opens(["Asia/Ho_Chi_Minh"], "VN", NOON)
    assert law.opens([], "VN", NOON)  # the rules name the zone
    assert not law.opens(["Asia/Ho_Chi_Minh"], "", NOON)
    assert not law.opens(["Asia/Ho_Chi_Minh"], "LA", NOON)
    assert not law.opens(["Asia/Atlantis"], "VN", NOON)
    assert not law_of(["us"], {}).opens([], "US-NY", NOON)


def test_the_shortest_age_of_a_list_counts():
    own = RuleSet.model_validate({"do_not_call": {"vn-dnc": 1, "ours": 2}})
    law = law_of(["vn", "own"], {"own": own})
    assert law.lists_for("") == {"vn-dnc": 86400, "ours": 2 * 86400}
    assert law.lists_for("service") == {"vn-dnc": 86400, "ours": 2 * 86400}
    lax = RuleSet.model_validate({"do_not_call": {"vn-dnc": 30}})
    assert law_of(["vn", "lax"], {"lax": lax}).lists_for("") == {"vn-dnc": 7 * 86400}
    assert law_of(["vn"], {}).lists_for("service") == {}
    assert law_of(["vn", "us"], {}).record_days == 5 * 366


def test_an_agreement_with_the_seller_is_for_the_seller():
    who = Candidate(
        1, "l", "+84901234567", consent=Consent(0.0, scope="Acme"), do_not_call=("vn-dnc",)
    )
    asked = {"purpose": "advertising", "agent_held": True, "attempts": Attempts()}
    law = law_of(["vn"], {})
    assert law.permit(who, NOON, **asked, abandoned_rest_seconds=0, scopes=["Acme"]).allowed
    other = law.permit(who, NOON, **asked, abandoned_rest_seconds=0, scopes=["Other"])
    assert other.rule == "consent"


@pytest.mark.parametrize(
    "wrong",
    [
        {"hours": {"mon": "25:00-26:00"}},
        {"closed": ["Christmas"]},
        {"limits": [{"most": 3}]},
        {"limits": [{"most": 3, "hours": 24, "days": 1}]},
        {"limits": [{"most": 51, "days": 1}]},  # more calls than are remembered
        {"limits": [{"most": 3, "days": 31}]},
        {"regions": ["Viet Nam"]},
        {"default_zone": "Hanoi"},
        {"cap_percent": 11},
        {"clauses": [{"purposes": ["spam"]}]},
        {"clauses": [{"regions": ["VN"]}]},
        {"windows": [{"kind": "week"}]},
        {"hourz": {}},
    ],
)
def test_rules_that_mean_nothing_are_refused(wrong):
    with pytest.raises(ValidationError):
        RuleSet.model_validate(wrong)


def test_a_lawful_campaign_lacks_nothing():
    assert list(lacks(law_of(["vn"], {}), campaign())) == []


@pytest.mark.parametrize(
    ("rules", "settings", "at"),
    [
        (["vn"], {"caller_ids": ["+842438123456"]}, ("caller_ids",)),
        (["vn"], {"caller_ids": None}, ("caller_ids",)),
        (["vn"], {"seller": ""}, ("seller",)),
        (["vn"], {"least_ring_seconds": 14}, ("least_ring_seconds",)),
        (["vn"], {"abandonment": {"wait_seconds": 3}}, ("abandonment", "wait_seconds")),
        (["us"], {"abandonment": {"prompts": []}}, ("abandonment", "prompts")),
        (["us", "uk"], {}, ("rules",)),
        (["timeless"], {}, ("rules",)),
    ],
)
def test_a_campaign_is_told_what_it_lacks(rules, settings, at):
    law = law_of(rules, {"timeless": RuleSet()})
    assert [lack.at for lack in lacks(law, campaign(rules=rules, **settings))] == [at]


def test_a_service_call_needs_no_registered_name_in_viet_nam():
    assert not list(lacks(law_of(["vn"], {}), campaign(purpose="service", caller_ids=None)))


def test_who_abandons_nobody_may_let_people_wait_for_an_agent():
    settings = campaign(mode="progressive", abandonment={"wait_seconds": 9, "prompts": []})
    assert not list(lacks(law_of(["us"], {}), settings))


def test_the_guide_names_all_that_rules_may_say_and_every_preset():
    guide = (ROOT / "docs/compliance.md").read_text()
    named = {*RuleSet.model_fields, *Clause.model_fields, *RULES, *SAID}
    assert not [name for name in sorted(named) if f"`{name}`" not in guide]
    for name in RULES:
        assert all(f"`{each}`" in guide for each in law_of([name], {}).lists_for(""))
        assert f"## `{name}`" in guide


def test_the_rules_of_the_guide_are_rules():
    guide = (ROOT / "docs/compliance.md").read_text()
    [written] = re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)
    for rules in YAML(typ="safe").load(written)["rules"].values():
        law = law_of(["vn", "ours"], {"ours": RuleSet.model_validate(rules)})
        assert ask(law, NOON).rule == "hours"
        assert ask(law, NOON + 5400).allowed


def test_states_and_their_country_have_places_in_common():
    florida = RuleSet.model_validate({"regions": ["US-FL", "VN"]})
    assert not list(lacks(law_of(["us", "florida"], {"florida": florida}), campaign()))
    assert "us-collection" in RULES
