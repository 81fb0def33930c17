"""What an operator's program is told of queues and agents over the HTTP API."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from sample_call import CALL, STRETCH, WRAP_UP, T
from served_engine import Engine, api, ask, engine, refused

from acd.queues import QueueSettings
from acd.service_level import Formula, ServiceLevel
from engine.call_record import QueueVisit

__all__ = ["api", "engine"]

HOUR = f"from={T:.0f}&to={T + 3600:.0f}"
QUEUES = f"GET /v1/reports/queues?{HOUR}"


@pytest.fixture(autouse=True)
async def ended(engine: Engine) -> None:
    """Two visits to support: 6.9 s answered, 3 s abandoned; one to a queue that is gone."""
    await engine.ledger.save_call(CALL)
    await engine.ledger.save_wrap_up(CALL.call, WRAP_UP)
    visits = (
        QueueVisit("support", T + 1800, T + 1803, "abandoned"),
        QueueVisit("gone", T + 1800, T + 1803, "moved"),
    )
    nothing = dict.fromkeys(("segments", "offers", "recordings", "parties", "transfers"), ())
    await engine.ledger.save_call(replace(CALL, call="c-2", visits=visits, **nothing))  # type: ignore[arg-type]
    await engine.ledger.save_agent_stretch(STRETCH)


async def test_a_queue_s_report_is_by_its_own_target(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    strict = ServiceLevel(percent=90, seconds=5, short_abandon_seconds=1)
    engine.site.queues["support"] = QueueSettings(name="support", service_level=strict)
    status, [gone, support] = await ask(api, QUEUES)
    assert status == 200
    assert (gone["queue"], gone["flow_outs"]) == ("gone", {"moved": 1})
    told = {
        name: support[name] for name in support if not {"wait", "voicemails"} & set(name.split("_"))
    }
    assert told == {
        "queue": "support",
        "started": T,
        "ended": T + 3600,
        "offered": 2,
        "answered": 1,
        "abandoned": 1,
        "abandoned_short": 0,
        "flow_outs": {},
        "answered_in_time": 0,
        "abandoned_in_time": 1,
        "service_level": 0.0,
        "target_percent": 90,
        "target_seconds": 5,
        "formula": "short_abandons_ignored",
        "short_abandon_seconds": 1,
        "abandonment_rate": 0.5,
        "abandonment_rate_with_short": 0.5,
        "asa_seconds": 6.876543,
        "talk_seconds": 48.000001,
        "hold_seconds": 0,
        "conference_seconds": 0,
        "wrap_up_seconds": 9.999999,
        "aht_seconds": 58,
        "transfers_out": {"blind_to_queue": 1},
        "transfers_in": 0,
    }


@pytest.mark.parametrize(
    ("asked", "share"),
    [
        ("seconds=7", 1.0),
        ("seconds=6", 0.0),
        ("seconds=7&short_abandon_seconds=2.9", 0.5),
        ("seconds=6&formula=early_abandons_met", 0.5),
    ],
)
async def test_another_target_is_asked_for(
    api: TestClient[Any, Any], asked: str, share: float
) -> None:
    _, [_, support] = await ask(api, f"{QUEUES}&{asked}")
    assert support["service_level"] == share


async def test_a_report_is_cut_into_intervals(api: TestClient[Any, Any]) -> None:
    _, lines = await ask(api, f"{QUEUES}&interval_minutes=30")
    assert [(line["queue"], line["started"] - T, line["offered"]) for line in lines] == [
        ("gone", 1800, 1), ("support", 0, 1), ("support", 1800, 1),
    ]  # fmt: skip


async def test_without_bounds_it_is_about_the_last_day(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    engine.clock = SimpleNamespace(now=lambda: T + 86_400)
    _, lines = await ask(api, "GET /v1/reports/queues")
    assert [line["queue"] for line in lines] == ["gone", "support"]
    engine.clock = SimpleNamespace(now=lambda: T + 86_400 + 1801)
    assert await ask(api, "GET /v1/reports/queues") == (200, [])


async def test_a_flow_s_report_has_its_nodes_with_their_exits_and_its_milestones(
    api: TestClient[Any, Any],
) -> None:
    status, report = await ask(api, f"GET /v1/reports/flows/main?{HOUR}")
    assert status == 200
    assert (report["flow"], report["calls"]) == ("main", 2)
    [hello] = [node for node in report["nodes"] if node["node"] == "xin chào"]
    assert hello == {
        "node": "xin chào",
        "type": "say",
        "visits": 2,
        "calls": 2,
        "share": 1.0,
        "dropped": 0,
        "mean_seconds": 1.9,
        "p50_seconds": 1.9,
        "p90_seconds": 1.9,
        "longest_seconds": 1.9,
        "exits": {"next": 2},
    }
    assert report["milestones"] == [
        {"milestone": "came", "started": T, "ended": T + 3600, "calls": 2, "visits": 2}
    ]
    assert (await ask(api, f"GET /v1/reports/flows/gone?{HOUR}"))[1]["calls"] == 0


async def test_a_survey_s_report_has_its_answers_by_agent_where_asked_for(
    api: TestClient[Any, Any],
) -> None:
    _, [score, heard] = await ask(api, f"GET /v1/reports/surveys?{HOUR}")
    assert score == {
        "survey": "after",
        "question": "score",
        "of": "",
        "answers": 2,
        "mean": 5.0,
        "values": {"5": 2},
        "others": 0,
        "spoken": 0,
    }
    assert (heard["answers"], heard["spoken"]) == (2, 2)
    _, by_agent = await ask(api, f"GET /v1/reports/surveys?{HOUR}&by=agent")
    assert [(line["question"], line["of"]) for line in by_agent] == [
        ("score", "mai"), ("heard_of_us", ""),
    ]  # fmt: skip
    status, detail = await refused(api, f"GET /v1/reports/surveys?{HOUR}&by=moon")
    assert (status, "by: Input should be 'agent' or 'queue'" in detail) == (422, True)


async def test_an_experiment_s_report_has_its_arms(api: TestClient[Any, Any]) -> None:
    _, [arm] = await ask(api, f"GET /v1/reports/experiments?{HOUR}")
    assert arm == {
        "experiment": "greeting",
        "arm": "short",
        "calls": 2,
        "share": 1.0,
        "outcomes": {"answered": 2},
        "milestones": {"came": 2},
    }


HANDLED_NOTHING = {
    "contacts": 0,
    "talk_seconds": 0,
    "hold_seconds": 0,
    "conference_seconds": 0,
    "consult_seconds": 0,
    "wrap_up_seconds": 0,
    "aht_seconds": None,
    "transfers_out": {},
    "transfers_in": {},
}


async def test_an_agent_s_report_has_his_time_occupancy_offers_and_contacts(
    api: TestClient[Any, Any],
) -> None:
    status, agents = await ask(api, f"GET /v1/reports/agents?{HOUR}")
    assert status == 200
    assert agents == [
        {
            "agent": "an",
            "logged_in_seconds": 0,
            "billable_seconds": 0,
            "seconds": {},
            "pauses": {},
            "occupancy": None,
            "offers": {"rejected": 1},
            "handling": HANDLED_NOTHING | {"transfers_out": {"attended_to_number": 1}},
        },
        {
            "agent": "mai",
            "logged_in_seconds": 48.000001,
            "billable_seconds": 48.000001,
            "seconds": {"talking": 48.000001},
            "pauses": {},
            "occupancy": 1.0,
            "offers": {"answered": 1},
            "handling": HANDLED_NOTHING
            | {
                "contacts": 1,
                "talk_seconds": 18.25,
                "consult_seconds": 29.750001,
                "wrap_up_seconds": 9.999999,
                "aht_seconds": 28.249999,
                "transfers_out": {"blind_to_queue": 1},
            },
        },
    ]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("from=2&to=2", "`to` (2.0) must be later than `from`."),
        ("from=now", "from: Input should be a valid number"),
        ("to=nan", "to: "),
        ("since=1", "since: Extra inputs are not permitted"),
    ],
)
@pytest.mark.parametrize("report", ["queues", "agents", "flows/main", "surveys", "experiments"])
async def test_a_time_that_cannot_be_is_named(
    api: TestClient[Any, Any], report: str, asked: str, told: str
) -> None:
    status, detail = await refused(api, f"GET /v1/reports/{report}?{asked}")
    assert status == 422
    assert told in detail


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("formula=F1", "formula: Input should be 'early_abandons_met'"),
        ("interval_minutes=0", "interval_minutes: Input should be greater than or equal to 1"),
        ("percent=0", "percent: Input should be greater than 0"),
        ("seconds=-1", "seconds: "),
        ("short_abandon_seconds=nan", "short_abandon_seconds: "),
    ],
)
async def test_a_target_that_cannot_be_is_named(
    api: TestClient[Any, Any], asked: str, told: str
) -> None:
    status, detail = await refused(api, f"{QUEUES}&{asked}")
    assert status == 422
    assert told in detail


@pytest.mark.parametrize("formula", Formula)
async def test_every_formula_can_be_asked_for(api: TestClient[Any, Any], formula: Formula) -> None:
    _, [_, support] = await ask(api, f"{QUEUES}&formula={formula}")
    assert support["formula"] == formula
