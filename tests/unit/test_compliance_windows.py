"""Abandonment over the time that a regulator looks at, held against a plain recount."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.compliance import AbandonmentWindow, WindowRule

HANOI, NEW_YORK = ZoneInfo("Asia/Ho_Chi_Minh"), ZoneInfo("America/New_York")
BEGAN = datetime(2026, 1, 20, 14, 0, tzinfo=NEW_YORK).timestamp()
DAY = 86400.0


def at(local, zone=NEW_YORK):
    return datetime.fromisoformat(local).replace(tzinfo=zone).timestamp()


def counted(kind, days=30, **known):
    rule = WindowRule(kind=kind, days=days, zone=NEW_YORK.key)
    return AbandonmentWindow(rule, BEGAN, **known)


def test_each_period_of_thirty_days_stands_for_itself():
    window = counted("successive")
    window.take(at("2026-02-18T23:59"), answered=100, abandoned=9)
    assert window.totals(at("2026-02-18T23:59")).rate == 0.09
    assert window.totals(at("2026-02-19T00:00")).answered == 0
    assert window.totals(at("2026-02-19T00:00")).since == at("2026-02-19T00:00")
    assert window.tokens(at("2026-02-18T12:00"), 0.03) == pytest.approx(-6)
    assert window.tokens(at("2026-02-19T12:00"), 0.03) == 0


def test_a_month_is_that_of_the_calendar():
    window = counted("month")
    window.take(at("2026-02-28T23:00"), answered=10, abandoned=1)
    window.take(at("2026-03-01T00:00"), answered=5)
    assert window.totals(at("2026-02-28T23:30")).answered == 15  # nobody asks about the past
    march = window.totals(at("2026-03-31T12:00"))
    assert (march.answered, march.abandoned, march.since) == (5, 0, at("2026-03-01T00:00"))


def test_a_rolling_window_forgets_day_by_day():
    window = counted("rolling", days=2)
    for day, count in (("01", 1), ("02", 10), ("03", 100)):
        window.take(at(f"2026-05-{day}T12:00"), answered=count)
        assert (
            window.totals(at(f"2026-05-{day}T12:00")).answered
            == {"01": 1, "02": 11, "03": 110}[day]
        )


def test_a_day_begins_at_midnight_where_the_campaign_is():
    window = AbandonmentWindow(WindowRule(kind="rolling", days=1, zone=HANOI.key), BEGAN)
    window.take(at("2026-05-01T23:59", HANOI), answered=7)
    assert window.totals(at("2026-05-02T00:00", HANOI)).answered == 0


def test_people_who_were_taken_for_machines_were_abandoned():
    window = counted("successive", missed_people=0.05)
    window.take(BEGAN, answered=100, abandoned=2, machines=60)
    totals = window.totals(BEGAN)
    assert (totals.answered, totals.abandoned, totals.machines) == (103, 5, 60)
    assert window.tokens(BEGAN, 0.03) == pytest.approx(0.03 * 103 - 5)


@pytest.mark.parametrize(("people", "machines", "drops"), [(60, 30, 6), (90, 0, 3), (1, 50, 9)])
def test_without_detection_the_share_is_the_one_that_ofcom_reckons(people, machines, drops):
    """He leaves out as many of the drops as there were machines among those that agents took."""
    window = counted("rolling", days=1)
    window.take(BEGAN, people + machines + drops, drops, machines)
    left = drops * (1 - machines / (people + machines))
    assert window.totals(BEGAN).rate == pytest.approx(left / (people + left))


takes = st.lists(
    st.tuples(st.floats(0, 95 * DAY), st.integers(0, 50), st.floats(0, 1), st.integers(0, 20)),
    max_size=40,
)
rules = st.builds(
    WindowRule,
    kind=st.sampled_from(["successive", "rolling", "month"]),
    days=st.sampled_from([1, 7, 30]),
    zone=st.just(NEW_YORK.key),
)


def first_day(rule, today, began):
    """The first day of the window, by walking."""
    if rule.kind == "month":
        return date(today.year, today.month, 1)
    if rule.kind == "rolling":
        return today - timedelta(days=rule.days) + timedelta(days=1)
    first = began
    while first + timedelta(days=rule.days) <= today:
        first += timedelta(days=rule.days)
    return first


@settings(max_examples=120, deadline=None)
@given(rules, takes, st.floats(0, 100 * DAY), st.none() | st.floats(0, 0.5), st.floats(0, 0.1))
def test_the_totals_are_a_recount_and_the_tokens_never_too_many(rule, taken, after, missed, cap):
    window = AbandonmentWindow(rule, BEGAN, missed)
    now = BEGAN + after
    known = sorted(take for take in taken if take[0] <= after)
    for offset, answered, share, machines in known:
        window.take(BEGAN + offset, answered, int(answered * share), machines)
    began = datetime.fromtimestamp(BEGAN, NEW_YORK).date()
    first = first_day(rule, datetime.fromtimestamp(now, NEW_YORK).date(), began)
    inside = [
        take for take in known if datetime.fromtimestamp(BEGAN + take[0], NEW_YORK).date() >= first
    ]
    answered = sum(take[1] for take in inside)
    abandoned = sum(int(take[1] * take[2]) for take in inside)
    machines = sum(take[3] for take in inside)
    totals = window.totals(now)
    assert totals.machines == machines
    assert totals.answered == pytest.approx(answered + machines * (missed or 0))
    assert totals.abandoned == pytest.approx(abandoned + machines * (missed or 0))
    assert totals.since == datetime(first.year, first.month, first.day, tzinfo=NEW_YORK).timestamp()
    assert window.tokens(now, cap) <= cap * answered - abandoned + 1e-9
    share = totals.abandoned / totals.answered if totals.answered else 0
    assert totals.rate == pytest.approx(share)


def test_a_window_that_runs_for_years_keeps_what_it_needs():
    window = counted("rolling", days=90)
    for day in range(800):
        window.take(BEGAN + day * DAY, answered=1)
    assert window.totals(BEGAN + 799 * DAY).answered == 90
