"""The list of a simulated campaign, beside what the store does live."""

from __future__ import annotations

from typing import Any

import pytest

from dialer.dispositions import Disposition
from dialer.leads import Candidate
from dialer.plan import AttemptMade, AttemptPlan, Mode, Recycle
from dialer.simulation.campaign_study import days_of
from dialer.simulation.lead_list import LeadList
from dialer.simulation.scenario import CampaignScenario

NOON = 1_800_014_400.0
RECYCLE = {"busy": Recycle(60, 9)}


def leads(many: int) -> LeadList:
    return LeadList("simulated", many, "VN", {})


def claimed(known: LeadList, now: float) -> Candidate:
    """The next one alone."""
    ((candidate,), _) = known.claim(1, now)
    return candidate


def call(known: LeadList, candidate: Candidate, came: Disposition, at: float, **more: Any) -> None:
    """He was dialed at ``at``, and this came of it a minute later."""
    plan = AttemptPlan(
        attempt="ob-1.1",
        campaign="renewals",
        mode=Mode.PROGRESSIVE,
        list="simulated",
        lead=candidate.lead,
        seq=candidate.seq,
        number=candidate.number,
        trunk="viettel",
        dialed=candidate.number,
        caller_id="+842439991111",
        decided=at,
        recycle=RECYCLE,
    )
    again_at = more.pop("call_back_at", None)
    known.dialed(candidate.lead, at)
    known.ended(AttemptMade(plan, came, at + 60, **more), again_at)


def test_who_asked_to_be_called_then_comes_before_all_who_are_tried_again() -> None:
    known = leads(4)
    busy, asked, also_busy = (claimed(known, NOON) for _ in range(3))
    call(known, busy, Disposition.BUSY, NOON)
    call(known, asked, Disposition.CONNECTED, NOON, call_back_at=NOON + 600)
    call(known, also_busy, Disposition.BUSY, NOON + 60)
    before = claimed(known, NOON + 599)
    assert before.lead == busy.lead
    call(known, before, Disposition.BUSY, NOON + 500)
    order = [claimed(known, NOON + 620).lead for _ in range(4)]
    assert order == [asked.lead, also_busy.lead, busy.lead, 3]


def test_a_callback_alone_is_somebody_who_is_due() -> None:
    known = leads(1)
    call(known, claimed(known, NOON), Disposition.CONNECTED, NOON, call_back_at=NOON + 600)
    assert not known.has_due(NOON + 599)
    assert known.has_due(NOON + 600)


@pytest.mark.parametrize(
    ("came", "connected", "talked"),
    [
        (Disposition.CONNECTED, NOON + 20, NOON + 20),
        (Disposition.MACHINE, NOON + 20, NOON + 20),
        (Disposition.SERVED, None, NOON + 60),
        (Disposition.MACHINE, None, None),
        (Disposition.ABANDONED, None, None),
    ],
)
def test_whom_an_agent_or_a_flow_had_has_talked_with_us(
    came: Disposition, connected: float | None, talked: float | None
) -> None:
    known = leads(1)
    first = claimed(known, NOON)
    call(known, first, came, NOON, connected=connected, call_back_at=NOON + 600)
    assert claimed(known, NOON + 600).talked == talked


def resting(settings: dict[str, Any], callees: dict[str, Any], seconds: float) -> CampaignScenario:
    """Half an hour under rules that ask for so long a rest after a talk."""
    rules = {
        "default_zone": "Asia/Ho_Chi_Minh",
        "cap_percent": 10,
        "hours": {"daily": "00:00-24:00"},
        "rest_after_talk_seconds": seconds,
    }
    attempts = {"most": 3, "per_day": 3, "gap_seconds": 0}
    written = {
        "campaign": {"attempts": attempts, "rules": ["resting"], **settings},
        "rules": {"resting": rules},
        "leads": 5,
        "agents": 0 if settings["mode"] == "broadcast" else 8,
        "hours": 0.5,
        "callees": callees,
    }
    return CampaignScenario.model_validate(written)


@pytest.mark.parametrize(("seconds", "talks"), [(0, 2), (86400, 1)])
def test_whom_a_broadcast_served_is_left_alone_for_the_rest_after_a_talk(
    seconds: float, talks: int
) -> None:
    soon = {"type": "fixed", "seconds": 30}
    callees = {"answered": 1.0, "talk": soon, "call_back": 1.0, "call_back_after": soon}
    days = resting({"mode": "broadcast", "lines": 6}, callees, seconds)
    day = days_of(days, Mode.BROADCAST, 1).whole
    assert day.connected >= 5 * talks
    assert (day.called_back > 0) is (talks > 1)


@pytest.mark.parametrize(("seconds", "dials"), [(0, 3), (86400, 1)])
def test_whose_machine_an_agent_had_is_left_alone_for_the_rest_after_a_talk(
    seconds: float, dials: int
) -> None:
    again = {"machine": {"seconds": 0, "times": 9}}
    callees = {"answered": 0.0, "otherwise": {"machine": 1}}
    days = resting({"mode": "progressive", "recycle": again}, callees, seconds)
    assert days_of(days, Mode.PROGRESSIVE, 1).whole.dialed == 5 * dials
