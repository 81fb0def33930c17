"""Whatever rules, places, history and moment: no permitted call breaks a rule.

What a call must not do is written here once more, plainly and without any of the engine's code, and
the law is held against it. Rules are drawn at random, and asked at random moments.
"""

from __future__ import annotations

import json
from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.campaign import Attempts
from dialer.compliance import RULES, RuleSet, law_of
from dialer.compliance.law import Law
from dialer.leads import Candidate, Consent

START = datetime(2026, 3, 1, tzinfo=ZoneInfo("UTC")).timestamp()
DAY = 86400.0
ZONES = ["Asia/Ho_Chi_Minh", "America/New_York", "America/Los_Angeles", "Europe/London",
         "Australia/Lord_Howe", "Pacific/Kiritimati"]  # fmt: skip
PURPOSES = ["advertising", "service", "survey", "collection", "reminder"]
NUMBERS = ["+84901234567", "+13055551234", "+12125551234", "+442079460018", "+33145678901"]
REGION = {"+84901234567": "VN", "+13055551234": "US-FL", "+12125551234": "US-NY",
          "+442079460018": "GB", "+33145678901": "FR"}  # fmt: skip
MOBILE = {"+84901234567", "+13055551234", "+12125551234"}

moments = st.integers(0, 60 * 24 * 40).map(lambda minutes: START + 60.0 * minutes)

limits = st.one_of(
    st.builds(
        lambda n, h: {"most": n, "hours": h}, st.integers(1, 4), st.sampled_from([1, 24, 72])
    ),
    st.builds(lambda n, d: {"most": n, "days": d}, st.integers(1, 4), st.sampled_from([7, 30])),
    st.builds(lambda n: {"most": n, "calendar_day": True}, st.integers(1, 3)),
)
HOURS = [{"daily": "08:00-21:00"}, {"mon-fri": "08:00-12:00, 14:00-20:00"},
         {"sat-mon": "00:00-24:00"}, {"daily": "00:00-24:00"}]  # fmt: skip
demands = {
    "hours": st.sampled_from(HOURS),
    "closed": st.lists(st.sampled_from(["03-08", "03-29", "2026-03-20..2026-03-25"]), max_size=2),
    "limits": st.lists(limits, max_size=2),
    "gap_seconds": st.sampled_from([0, 600, 2 * DAY]),
    "rest_after_talk_seconds": st.sampled_from([0, 7 * DAY]),
    "rest_after_abandoned_seconds": st.sampled_from([0, 3 * DAY]),
    "do_not_call": st.sampled_from([{}, {"national": 31}]),
    "consent": st.sampled_from([None, "always", "automated_mobile", "recorded"]),
}
clauses = st.fixed_dictionaries(
    {},
    optional={
        **demands,
        "where": st.lists(st.sampled_from(["VN", "US", "US-FL", "GB"]), min_size=1, max_size=2),
        "purposes": st.lists(st.sampled_from(PURPOSES), min_size=1, max_size=2),
    },
)
rule_sets = st.fixed_dictionaries(
    {"hours": st.sampled_from(HOURS)},
    optional={
        **{name: each for name, each in demands.items() if name != "hours"},
        "regions": st.sampled_from([*[("VN", "US", "GB", "FR")] * 4, ("US",), ("US-FL", "VN")]),
        "default_zone": st.sampled_from(ZONES),
        "clauses": st.lists(clauses, max_size=2),
    },
)
consents = st.sampled_from([None, Consent(0.0), Consent(0.0)]) | st.builds(
    Consent,
    given_at=moments,
    until=st.none() | moments,
    scope=st.sampled_from(["", "", "advertising", "acme"]),
)
histories = st.lists(moments, max_size=6).map(lambda past: tuple(sorted(past, reverse=True)))
candidates = st.builds(
    Candidate,
    lead=st.just(1),
    list=st.just("l"),
    number=st.sampled_from(NUMBERS),
    zones=st.lists(st.sampled_from(ZONES), max_size=2, unique=True).map(tuple),
    region=st.sampled_from([""] * 6 + ["VN", "US", "US-NY", "GB"]),
    dialed=histories,
    attempts=st.sampled_from([0, 0, 0, 0, 1, 1, 2, 6]),
    talked=st.none() | moments,
    abandoned=st.none() | moments,
    consent=consents,
    suppressed=st.sampled_from([""] * 12 + ["own"]),
    do_not_call=st.sampled_from([(), *[("national",)] * 4, ("national", "other")]),
)
attempts = st.builds(
    Attempts,
    most=st.integers(2, 6),
    per_day=st.integers(1, 3),
    gap_seconds=st.sampled_from([0.0, 600.0]),
)
asked = st.fixed_dictionaries(
    {
        "purpose": st.sampled_from(PURPOSES),
        "agent_held": st.booleans(),
        "attempts": attempts,
        "abandoned_rest_seconds": st.sampled_from([0.0, 3 * DAY]),
        "recorded": st.sampled_from([None, True, False]),
    }
)


# -- the law once more, plainly -----------------------------------------------------------------


def in_span(local, spans):
    clock = local.strftime("%H:%M")
    return any(
        part.strip().split("-")[0] <= clock < part.strip().split("-")[1]
        for part in spans.split(",")
    )


def in_hours(local, hours, closed):
    names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    today = local.date().isoformat()
    for day in closed:
        first, _, last = day.partition("..")
        if (
            (first if len(first) > 5 else today[:5] + first)
            <= today
            <= (last or (first if len(first) > 5 else today[:5] + first))
        ):
            return False
    for days, spans in hours.items():
        first, _, last = days.partition("-")
        span = range(7)
        if days != "daily":
            start, end = names.index(first), names.index(last or first)
            span = {(start + n) % 7 for n in range((end - start) % 7 + 1)}
        if local.weekday() in span and in_span(local, spans):
            return True
    return False


def breaks_a_rule(rules, who, now, purpose, agent_held, recorded):
    """Any word of these rules that a call at ``now`` would break; '' for none."""
    number_region = REGION[who.number]
    regions = {number_region} | ({who.region} if who.region else set())
    if len({r[:2] for r in regions}) == 1 and "US" in regions and len(regions) > 1:
        regions.discard("US")
    zones = list(who.zones) or {
        "VN": ["Asia/Ho_Chi_Minh"], "GB": ["Europe/London"], "FR": ["Europe/Paris"],
    }.get(number_region, ["America/New_York"])  # fmt: skip
    if who.suppressed:
        return "listed"
    covers = rules.get("regions")
    if covers and any(not any(r == c or r.startswith(c + "-") for c in covers) for r in regions):
        return "place"
    here = [{**rules, "where": None, "purposes": None}]
    for clause in rules.get("clauses", []):
        where = clause.get("where") or [r[:2] for r in regions]
        fits = any(
            r == c or r.startswith(c + "-") or c.startswith(r + "-") for r in regions for c in where
        )
        if fits and purpose in clause.get("purposes", [purpose]):
            here.append(clause)
    for part in here:
        closed = [*rules.get("closed", []), *part.get("closed", [])]
        for zone in map(ZoneInfo, zones):
            local = datetime.fromtimestamp(now, zone)
            if not in_hours(local, part.get("hours", {"daily": "00:00-24:00"}), closed):
                return "hours"
        for limit in part.get("limits", []):
            if limit.get("calendar_day"):
                for zone in map(ZoneInfo, zones):
                    today = datetime.fromtimestamp(now, zone).date()
                    made = [
                        d for d in who.dialed if datetime.fromtimestamp(d, zone).date() >= today
                    ]
                    if len(made) >= limit["most"]:
                        return "per day"
            else:
                time = limit.get("hours", 0) * 3600 + limit.get("days", 0) * DAY
                if sum(now < d + time for d in who.dialed) >= limit["most"]:
                    return "too often"
        if who.dialed and now < who.dialed[0] + part.get("gap_seconds", 0):
            return "gap"
        rest = part.get("rest_after_talk_seconds", 0)
        if rest and who.talked and now < who.talked + rest:
            return "talked"
        rest = part.get("rest_after_abandoned_seconds", 0)
        if rest and who.abandoned and not agent_held and now < who.abandoned + rest:
            return "abandoned"
        if set(part.get("do_not_call", {})) - set(who.do_not_call):
            return "not looked up"
        spoken = not agent_held if recorded is None else recorded
        needed = {
            None: False, "always": True, "recorded": spoken,
            "automated_mobile": who.number in MOBILE and not agent_held,
        }[part.get("consent")]  # fmt: skip
        agreed = who.consent and (
            who.consent.given_at <= now
            and (who.consent.until is None or now < who.consent.until)
            and who.consent.scope in ("", purpose)
        )
        if needed and not agreed:
            return "consent"
    return ""


def breaks_the_campaign(who, now, agent_held, attempts, abandoned_rest_seconds):
    zones = list(who.zones) or {
        "VN": ["Asia/Ho_Chi_Minh"], "GB": ["Europe/London"], "FR": ["Europe/Paris"],
    }.get(REGION[who.number], ["America/New_York"])  # fmt: skip
    for zone in map(ZoneInfo, zones):
        today = datetime.fromtimestamp(now, zone).date()
        if (
            sum(datetime.fromtimestamp(d, zone).date() >= today for d in who.dialed)
            >= attempts.per_day
        ):
            return "per day"
    if who.attempts >= attempts.most:
        return "attempts"
    if who.dialed and now < who.dialed[0] + attempts.gap_seconds:
        return "gap"
    rest = abandoned_rest_seconds
    if rest and who.abandoned and not agent_held and now < who.abandoned + rest:
        return "abandoned"
    return ""


def broken(rules, who, now, question):
    campaign = {
        name: question[name] for name in ("agent_held", "attempts", "abandoned_rest_seconds")
    }
    of_call = {name: question[name] for name in ("purpose", "agent_held", "recorded")}
    return breaks_the_campaign(who, now, **campaign) or breaks_a_rule(rules, who, now, **of_call)


def law(*rules):
    return Law({f"set{n}": RuleSet.model_validate(each) for n, each in enumerate(rules)})


# -- what holds ---------------------------------------------------------------------------------


@settings(max_examples=300, deadline=None)
@given(rule_sets, candidates, moments, asked)
def test_a_call_is_permitted_exactly_when_it_breaks_no_rule(rules, who, now, question):
    answer = law(rules).permit(who, now, **question)
    assert answer.allowed == (not broken(rules, who, now, question)), answer.rule


@settings(max_examples=120, deadline=None)
@given(rule_sets, candidates, moments, asked, st.lists(st.floats(0, 1), min_size=20, max_size=20))
def test_until_is_the_first_moment_that_all_rules_allow(rules, who, now, question, between):
    whole = law(rules)
    answer = whole.permit(who, now, **question)
    if answer.until is None:
        ends = now + 44 * DAY
    else:
        ends = answer.until
        assert whole.permit(who, answer.until, **question).allowed
        assert (answer.until == now) == answer.allowed
    tried = [now + share * (ends - now) for share in between] + [ends - 1]
    for moment in tried:
        if now <= moment < ends:
            assert not whole.permit(who, moment, **question).allowed
            assert broken(rules, who, moment, question)


@settings(max_examples=120, deadline=None)
@given(rule_sets, rule_sets, candidates, moments, asked)
def test_more_rules_never_allow_more(one, other, who, now, question):
    both = law(one, other).permit(who, now, **question)
    alone = law(one).permit(who, now, **question)
    assert alone.allowed or not both.allowed
    if both.until is not None:
        assert alone.until is not None
        assert alone.until <= both.until


@settings(max_examples=60, deadline=None)
@given(rule_sets, rule_sets, moments, st.sampled_from(ZONES), st.sampled_from(["", "VN", "US-FL"]))
def test_more_rules_never_open_more(one, other, now, zone, region):
    alone, both = law(one), law(one, other)
    assert alone.opens([zone], region, now) or not both.opens([zone], region, now)
    assert both.cap <= max(alone.cap, law(other).cap)
    for name, age in alone.lists_for("").items():
        assert both.lists_for("")[name] <= age


@settings(max_examples=120, deadline=None)
@given(rule_sets, candidates, moments, asked)
def test_whom_the_law_permits_the_hopper_sees_as_open(rules, who, now, question):
    whole = law(rules)
    answer = whole.permit(who, now, **question)
    purpose = question["purpose"]
    if answer.allowed and who.zones:
        assert whole.opens(who.zones, REGION[who.number], now, purpose=purpose)


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(sorted(RULES)), candidates, moments, asked)
def test_every_answer_of_a_preset_is_kept_as_json_with_its_reason(preset, who, now, question):
    answer = law_of([preset], {}).permit(who, now, **question)
    proof = json.loads(json.dumps(answer.proof))
    refused = [each["rule"] for each in proof["asked"] if not each["allowed"]]
    assert answer.allowed == (not refused)
    assert answer.rule == "" or answer.rule in refused
    assert bool(answer.why) is not answer.allowed


@settings(max_examples=25, deadline=None)
@given(
    rule_sets,
    candidates,
    asked,
    st.lists(st.tuples(st.floats(1, 2 * DAY), st.booleans()), min_size=5, max_size=40),
)
def test_calls_made_when_permitted_break_nothing_together(rules, who, question, steps):
    """A lead is dialed whenever the law lets it, at random moments or just when it may be."""
    whole, now, made = law(rules), START, who.dialed
    for wait, at_once in steps:
        now += wait
        lead = Candidate(
            1, "l", who.number, zones=who.zones, region=who.region, dialed=made[:50],
            consent=who.consent, do_not_call=who.do_not_call,
        )  # fmt: skip
        answer = whole.permit(lead, now, **question)
        if at_once and answer.until is not None:
            now = answer.until
            answer = whole.permit(lead, now, **question)
        if answer.allowed:
            assert not broken(rules, lead, now, question)
            made = tuple(sorted((now, *made), reverse=True))
