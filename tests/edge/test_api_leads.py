"""The API's leads and do-not-call lists over loopback, with a real ledger behind them.

It is Monday, 1 March 2027, ten o'clock in Ho Chi Minh City.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from test_api_campaigns import Client, Engine, ask, example

from dialer.dispositions import Disposition
from dialer.messages import CampaignState, TrustChanged
from dialer.plan import AttemptMade, AttemptPlan, Mode
from engine.api.campaign_forecast import when_over
from engine.api.server import make_app
from engine.campaigns.driver import Campaigns
from engine.store import attempts
from engine.store.lead_writing import LeadWriter, NewLead, NewNumber
from engine.store.leads import LeadStore
from engine.store.ledger import Ledger
from engine.store.reports import Reports

NOW = datetime.fromisoformat("2027-03-01T10:00+07:00").timestamp()
HCMC = (("Asia/Ho_Chi_Minh",), "VN")
RUSSIA = (("Asia/Vladivostok", "Europe/Moscow"), "RU")
LAN, HUNG, IVAN = "+84901234567", "+84912345678", "+79161234567"


def new(number: str, place: Any = HCMC, **more: Any) -> NewLead:
    return NewLead(number, (NewNumber(number, place, True),), **more)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger's file with three leads in the list `by_hand`; each test has its copy."""
    file = tmp_path_factory.mktemp("seeded") / "ledger.db"
    asyncio.run(_seed(Ledger(f"sqlite:///{file}")))
    return file


async def _seed(ledger: Ledger) -> None:
    await ledger.open()
    writer = LeadWriter(ledger, "by_hand", NOW - 60, needs_consent=False)
    await writer.open()
    lan = new(LAN, name="Lan", data={"city": "Hanoi", "score": "70"}, priority=5)
    await writer.write([lan, new(HUNG), new(IVAN, RUSSIA)])
    await writer.close()
    await ledger.close()


@pytest.fixture
async def engine(tmp_path: Path, seeded: Path) -> AsyncIterator[Engine]:
    ledger = Ledger(f"sqlite:///{shutil.copy(seeded, tmp_path)}")
    clock: Any = SimpleNamespace(now=lambda: NOW)
    registry = SimpleNamespace(calls={})
    switchboard: Any = SimpleNamespace(clock=clock, registry=registry)
    engine = Engine(
        settings=SimpleNamespace(api_token=None, users={}, state_dir=tmp_path, region="VN"),
        site=example(),
        clock=clock,
        registry=registry,
        reports=Reports(ledger),
        clerk=SimpleNamespace(file_audit=lambda _entry: None),
        campaigns=Campaigns(switchboard, example(), LeadStore(ledger), "run-1", lambda: True),
    )
    engine.campaigns.taken_up.set()
    engine.campaigns.configure(example())
    engine.campaigns.tell(TrustChanged(""))
    yield engine
    await ledger.close()


@pytest.fixture
async def api(engine: Engine) -> AsyncIterator[Client]:
    async with TestClient(TestServer(make_app(engine))) as client:  # type: ignore[arg-type]
        yield client


async def of(api: Client, number: str) -> Any:
    """The only lead with this number."""
    status, [lead] = await ask(api, f"GET /v1/leads?number={number.replace('+', '%2B')}")
    assert status == 200
    return lead


async def test_a_supervisor_sees_the_lists_and_how_far_they_are(api: Client) -> None:
    status, [line] = await ask(api, "GET /v1/lists")
    assert status == 200
    assert (line["name"], line["leads"], line["tried"]) == ("by_hand", 3, 0)
    assert line["states"] == {"ready": 3}


async def test_a_lead_is_found_by_its_number_however_it_is_written(api: Client) -> None:
    _, [lead] = await ask(api, "GET /v1/leads?number=0901-234-567")
    assert (lead["name"], lead["priority"], lead["state"]) == ("Lan", 5, "ready")
    assert lead["data"] == {"city": "Hanoi", "score": "70"}
    assert lead["numbers"][0]["zones"] == "Asia/Ho_Chi_Minh"
    assert (await ask(api, "GET /v1/leads?number=abc"))[0] == 422


async def tried(engine: Engine, lead: int, **made: Any) -> None:
    """An attempt of the lead was made and has ended."""
    plan = AttemptPlan(
        attempt=f"ob-{lead}",
        campaign="by_hand",
        mode=Mode.MANUAL,
        list="by_hand",
        lead=lead,
        seq=0,
        number=LAN,
        trunk="trunk",
        dialed=LAN,
        caller_id="",
        decided=NOW,
        proof={"rules": [{"rule": "hours", "allowed": True}]},
    )
    store = engine.campaigns.store
    await store.claim_lead(lead, "by_hand", "run-1", NOW)
    assert await store.begin(plan, NOW, "run-1") == ""
    async with store.ledger.writing() as connection:
        await attempts.close(connection, AttemptMade(plan, ended=NOW + 20, dialed=NOW, **made))


async def test_the_evidence_of_each_attempt_is_with_its_lead(api: Client, engine: Engine) -> None:
    lead = (await of(api, LAN))["lead"]
    await tried(engine, lead, disposition=Disposition.BUSY, cause=17, tech_cause=486)
    _, shown = await ask(api, f"GET /v1/leads/{lead}")
    [attempt] = shown["tried"]
    assert (attempt["disposition"], attempt["tech_cause"]) == ("busy", 486)
    assert attempt["proof"] == {"rules": [{"rule": "hours", "allowed": True}]}
    assert shown["attempts"] == 1
    assert (await ask(api, "GET /v1/leads/999"))[0] == 404


async def test_a_lead_is_changed_by_a_persons_word(api: Client) -> None:
    lead = (await of(api, LAN))["lead"]
    edit = {"priority": 9, "owner": "mai", "data": {"score": None, "note": "asks for Mai"}}
    status, changed = await ask(api, f"PATCH /v1/leads/{lead}", **edit)
    assert status == 200
    assert (changed["priority"], changed["owner"]) == (9, "mai")
    assert changed["data"] == {"city": "Hanoi", "note": "asks for Mai"}
    _, done = await ask(api, f"PATCH /v1/leads/{lead}", state="done", why="bought elsewhere")
    assert (done["state"], done["why"]) == ("done", "bought elsewhere")
    _, again = await ask(api, f"PATCH /v1/leads/{lead}", state="ready", by="linh")
    assert (again["state"], again["why"]) == ("ready", "said linh")
    assert (await ask(api, f"PATCH /v1/leads/{lead}", state="dialing"))[0] == 422


async def test_a_lead_that_is_in_a_call_stays_with_it(api: Client, engine: Engine) -> None:
    lead = (await of(api, LAN))["lead"]
    store = engine.campaigns.store
    await store.claim_lead(lead, "by_hand", "run-1", NOW)
    plan = AttemptPlan("ob-1", "by_hand", Mode.MANUAL, "by_hand", lead, 0, LAN, "t", LAN, "", NOW)
    assert await store.begin(plan, NOW, "run-1") == ""
    status, problem = await ask(api, f"PATCH /v1/leads/{lead}", state="done")
    assert status == 409
    assert "dialing" in problem["detail"]


# -- callbacks ----------------------------------------------------------------------------------


async def test_a_callback_is_promised_by_the_customers_clock(api: Client) -> None:
    lead = (await of(api, LAN))["lead"]
    promise = {"due": "2027-03-02T15:30", "agent": "mai", "note": "after lunch"}
    status, promised = await ask(api, f"POST /v1/leads/{lead}/callback", **promise)
    assert status == 200
    due = datetime.fromisoformat("2027-03-02T15:30+07:00").timestamp()
    assert (promised["state"], promised["callback_due"]) == ("callback", due)
    assert (promised["callback_owner"], promised["callback_note"]) == ("mai", "after lunch")


@pytest.mark.parametrize(
    ("number", "body", "status", "told"),
    [
        (LAN, {"due": "2027-03-01T22:30"}, 409, "2027-03-02T08:00+07:00 is allowed"),
        (LAN, {"due": "2027-03-01T09:00"}, 422, "over"),
        (LAN, {"due": NOW + 60, "campaign": "nowhere"}, 404, "nowhere"),
        (LAN, {"due": "soon"}, 422, "due"),
        (IVAN, {"due": "2027-03-02T15:30"}, 422, "give `due` a zone"),
        (IVAN, {"due": "2027-03-02T15:30+03:00"}, 409, "no time in the next 30 days"),
    ],
)
async def test_nobody_is_promised_a_callback_outside_the_hours(
    api: Client, number: str, body: dict[str, Any], status: int, told: str
) -> None:
    lead = (await of(api, number))["lead"]
    answered, problem = await ask(api, f"POST /v1/leads/{lead}/callback", **body)
    assert answered == status
    assert told in problem["detail"]


# -- agents who dial themselves -----------------------------------------------------------------


async def test_an_agent_dials_a_lead_himself(api: Client, engine: Engine) -> None:
    engine.campaigns.move("by_hand", CampaignState.RUNNING, "linh")
    wanted = {"campaign": "by_hand", "number": "0901234567"}
    status, dialed = await ask(api, "POST /v1/agents/tuan/dial", **wanted)
    assert status == 202
    attempt = engine.campaigns.core.attempt(dialed["attempt"])
    assert attempt is not None
    assert (attempt.plan.number, attempt.plan.agent) == (LAN, "tuan")


async def test_a_number_that_nobody_imported_is_a_lead_of_its_own(
    api: Client, engine: Engine
) -> None:
    engine.campaigns.move("by_hand", CampaignState.RUNNING, "linh")
    wanted = {"campaign": "by_hand", "number": "0987654321"}
    status, dialed = await ask(api, "POST /v1/agents/tuan/dial", **wanted)
    assert (status, dialed["lead"]) == (202, (await of(api, "+84987654321"))["lead"])
    abroad = {"campaign": "by_hand", "number": "+12015550123"}
    status, problem = await ask(api, "POST /v1/agents/tuan/dial", **abroad)
    assert status == 409, problem


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"campaign": "by_hand", "number": "0901234567"}, 409, "draft"),
        ({"campaign": "by_hand"}, 422, "`lead` or a `number`"),
        ({"campaign": "nowhere", "number": "0901234567"}, 404, "nowhere"),
        ({"campaign": "by_hand", "lead": 99}, 409, "GET /v1/leads/99"),
    ],
)
async def test_an_agent_is_told_why_he_cannot_dial(
    api: Client, body: dict[str, Any], status: int, told: str
) -> None:
    answered, problem = await ask(api, "POST /v1/agents/tuan/dial", **body)
    assert answered == status
    assert told in problem["detail"]


# -- who is called no more ----------------------------------------------------------------------


async def test_a_number_is_called_no_more_from_the_moment_it_is_said(api: Client) -> None:
    said = {"numbers": ["0901234567"], "source": "letter", "by": "linh", "why": "wrote to us"}
    status, added = await ask(api, "POST /v1/do_not_call", **said)
    assert (status, added["new"]) == (201, 1)
    assert (await of(api, LAN))["state"] == "suppressed"
    _, found = await ask(api, "GET /v1/do_not_call?number=0901234567")
    [entry] = found["entries"]
    assert (found["barred"], entry["by"], entry["why"]) == ("letter", "linh", "wrote to us")
    _, all_ = await ask(api, "GET /v1/do_not_call")
    assert all_ == {"lists": [], "sources": {"letter": 1}}


async def test_a_word_is_taken_back_by_who_gave_it(api: Client) -> None:
    await ask(api, "POST /v1/do_not_call", numbers=[LAN], source="letter")
    number = "/v1/do_not_call/0901234567"
    assert (await ask(api, f"DELETE {number}?source=other"))[0] == 404
    assert (await ask(api, f"DELETE {number}?source=letter&by=linh"))[0] == 204
    assert (await of(api, LAN))["state"] == "ready"
    assert (await ask(api, "POST /v1/do_not_call", numbers=["113"]))[0] == 422


async def test_an_agent_notes_that_his_caller_wants_no_more_calls(
    api: Client, engine: Engine
) -> None:
    standing = SimpleNamespace(attempt=None)
    call = SimpleNamespace(standing=standing, arrived=SimpleNamespace(caller=HUNG))
    engine.registry.calls["c-1"] = call
    status, added = await ask(api, "POST /v1/calls/c-1/do_not_call", by="mai")
    assert (status, added) == (201, {"numbers": [HUNG], "new": 1})
    assert (await of(api, HUNG))["state"] == "suppressed"
    assert (await ask(api, "POST /v1/calls/c-2/do_not_call"))[0] == 404


# -- files of leads -----------------------------------------------------------------------------

FILE = """\
Mobile No,full name,city
0987654321,Bình,Huế
0901234567,Lan again,Hanoi
no number,Cúc,Huế
"""


async def imported(api: Client, path: str, content: bytes) -> Any:
    """What came of a file that was sent."""
    async with api.post(path, data=content) as answer:
        begun = await answer.json()
        assert answer.status == 202, begun
        where = answer.headers["Location"]
    while True:
        _, running = await ask(api, f"GET {where}")
        if running["state"] != "running":
            return running


async def test_a_file_of_leads_is_sent_and_imported_while_the_engine_runs(
    api: Client, engine: Engine, tmp_path: Path
) -> None:
    path = "/v1/lists/by_hand/import?phone=Mobile%20No&name=full%20name"
    done = await imported(api, path, FILE.encode())
    assert done["state"] == "done", done
    report = done["report"]
    assert (report["rows"], report["added"], report["known"], report["bad"]) == (3, 1, 1, 1)
    assert (await of(api, "+84987654321"))["data"] == {"city": "Huế"}
    [bad] = (tmp_path / "imports").iterdir()
    assert "no number" in bad.read_text(encoding="utf-8-sig")


async def test_a_file_that_is_none_is_refused_with_what_to_do(api: Client) -> None:
    refused = await imported(api, "/v1/lists/by_hand/import", FILE.encode())
    assert refused["state"] == "refused"
    assert "say which column has the `phone`" in refused["why"]


async def test_how_to_import_is_asked_in_known_words(api: Client) -> None:
    for path in ("/v1/lists/By%20Hand/import", "/v1/lists/by_hand/import?fone=Mobile"):
        assert (await ask(api, f"POST {path}"))[0] == 422
    assert (await ask(api, "GET /v1/imports/1"))[0] == 404


# -- reports and forecasts ----------------------------------------------------------------------


async def test_a_campaigns_report_counts_what_came_of_its_calls(
    api: Client, engine: Engine
) -> None:
    lead = (await of(api, LAN))["lead"]
    await tried(
        engine,
        lead,
        disposition=Disposition.CONNECTED,
        answered=NOW + 5,
        person=NOW + 6,
        connected=NOW + 7,
    )
    _, [line] = await ask(api, f"GET /v1/reports/campaigns?from={NOW}&to={NOW + 60}")
    assert (line["campaign"], line["dialed"], line["contacts"], line["abandoned"]) == (
        "by_hand",
        1,
        1,
        0,
    )
    assert (line["connect_rate"], line["abandonment_rate"]) == (1.0, 0.0)
    assert (line["mean_wait_seconds"], line["line_seconds"], line["cost"]) == (1.0, 15.0, 0.0)
    assert line["dispositions"] == {"connected": 1}


async def test_a_forecast_says_when_the_list_will_be_through(api: Client, engine: Engine) -> None:
    status, unknown = await ask(api, "GET /v1/campaigns/by_hand/forecast")
    assert status == 200
    assert (unknown["left"], unknown["per_hour"], unknown["ends"]) == (3, None, None)
    lead = (await of(api, LAN))["lead"]
    await tried(engine, lead, disposition=Disposition.CONNECTED, connected=NOW + 7)
    _, known = await ask(api, "GET /v1/campaigns/by_hand/forecast")
    assert (known["left"], known["finished"], known["per_hour"]) == (2, 1, 60.0)
    assert known["ends"] == pytest.approx(NOW + 3 * 60)  # a third of the leads may not be called


async def test_what_would_keep_a_campaign_from_dialing_is_told_before_it_is_started(
    api: Client, engine: Engine
) -> None:
    _, told = await ask(api, "GET /v1/campaigns/by_hand/hindrances")
    assert told == ["nobody works in the queue outreach_preview"]
    engine.online = frozenset()
    _, told = await ask(api, "GET /v1/campaigns/by_hand/hindrances")
    assert told[1:] == [
        "Asterisk has no address for trunk, or nothing answers there: see `tongdai check`"
    ]
    engine.online = frozenset({"trunk"})
    _, told = await ask(api, "GET /v1/campaigns/winback/hindrances")
    assert told == [
        "nobody works in the queue outreach",
        "the do-not-call list 'vn-dnc' was never loaded",
        "nobody is in former_customers: tongdai leads import FILE --list former_customers",
    ]


def test_a_list_is_through_after_so_many_hours_in_which_it_may_be_dialed() -> None:
    def by_day(moment: float) -> float:
        return 1.0 if 8 <= moment / 3600 % 24 < 17 else 0.0

    assert when_over(10 * 3600, 3, by_day) == 13 * 3600
    assert when_over(16 * 3600, 3, by_day) == (24 + 10) * 3600
    assert when_over(0, 1, lambda _: 0.0) is None
