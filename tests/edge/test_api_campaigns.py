"""The API's campaigns over loopback: how they stand, started and stopped, changed while they run.

The dialer and the site are real; nobody is dialed, as nobody works and no list has a lead.
"""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from rich.console import Console

from dialer.messages import FloorSeen
from engine import paths
from engine.api.server import make_app
from engine.campaigns.driver import Campaigns
from engine.cli.campaign_tables import campaign_table, campaigns_table, looks_table, sentence
from engine.clock import Clock
from engine.config.campaign_changes import Changes
from engine.config.campaigns_in_force import with_changes
from engine.config.drafts import SitePaths
from engine.config.problems import Problem
from engine.config.site import Site, load
from engine.store.leads import LeadStore
from engine.store.ledger import Ledger

Client = TestClient[Any, Any]
EXAMPLE = SitePaths(
    paths.CENTER / "agents.yaml",
    paths.CENTER / "queues.yaml",
    paths.ROUTES,
    paths.FLOWS,
    campaigns_file=paths.CAMPAIGNS,
)


class Engine(SimpleNamespace):
    """The parts of an engine that campaigns need."""

    async def change_campaigns(self, edit: Callable[[Changes], Changes]) -> list[Problem]:
        site, problems = with_changes(self.site, edit(self.site.campaign_changes))
        if site is not None:
            self.site = site
            self.campaigns.configure(site)
        return problems

    @property
    def in_force(self) -> Engine:
        """It puts changes in force itself."""
        return self

    online: frozenset[str] = frozenset({"trunk"})

    @property
    def pbx(self) -> Any:
        """A switch that reaches these trunks."""

        async def online_endpoints() -> frozenset[str]:
            return self.online

        return SimpleNamespace(online_endpoints=online_endpoints)

    def look(self) -> None:
        """One look at an empty floor."""
        self.campaigns.tell(FloorSeen(()))


@cache
def example() -> Site:
    site, problems = load(EXAMPLE)
    assert site is not None, problems
    return site


@pytest.fixture
async def engine(tmp_path: Path) -> Engine:
    clock, site = Clock(), example()
    store = LeadStore(Ledger(f"sqlite:///{tmp_path}/ledger.db"))  # nobody opens it
    switchboard: Any = SimpleNamespace(clock=clock, registry=SimpleNamespace(calls={}))
    engine = Engine(
        settings=SimpleNamespace(api_token=None, users={}, state_dir=tmp_path),
        site=site,
        clock=clock,
        clerk=SimpleNamespace(file_audit=lambda _entry: None),
        campaigns=Campaigns(switchboard, site, store, "run-1", lambda: True),
    )
    engine.campaigns.taken_up.set()
    engine.campaigns.configure(site)
    return engine


@pytest.fixture
async def api(engine: Engine) -> AsyncIterator[Client]:
    async with TestClient(TestServer(make_app(engine))) as client:  # type: ignore[arg-type]
        yield client


async def ask(api: Client, request: str, **body: Any) -> tuple[int, Any]:
    """Status and JSON of `METHOD path`."""
    method, path = request.split(" ")
    async with api.request(method, path, json=body or None) as answer:
        return answer.status, await answer.json(content_type=None)


def screen(*tables: Any) -> str:
    """What the terminal shows."""
    console = Console(width=250, file=io.StringIO(), record=True)
    for table in tables:
        console.print(table)
    return console.export_text()


async def test_a_supervisor_sees_every_campaign_as_a_draft(api: Client) -> None:
    status, campaigns = await ask(api, "GET /v1/campaigns")
    assert status == 200
    assert {each["state"] for each in campaigns} == {"draft"}
    assert "renewals" in screen(campaigns_table(campaigns))


async def test_who_starts_and_stops_a_campaign_is_shown_with_his_reason(api: Client) -> None:
    said = {"by": "linh", "why": "as agreed"}
    _, started = await ask(api, "POST /v1/campaigns/renewals/start", **said)
    assert (started["state"], started["by"], started["why"]) == ("running", "linh", "as agreed")
    _, paused = await ask(api, "POST /v1/campaigns/renewals/pause", by="mai")
    assert (paused["state"], paused["by"]) == ("paused", "mai")
    _, ended = await ask(api, "POST /v1/campaigns/renewals/end")
    assert (ended["state"], ended["by"]) == ("done", "the API")
    _, again = await ask(api, "POST /v1/campaigns/renewals/start")
    assert again["state"] == "running"


async def test_a_campaign_without_a_call_under_way_is_drained_at_once(
    api: Client, engine: Engine
) -> None:
    await ask(api, "POST /v1/campaigns/welcome/start")
    _, drained = await ask(api, "POST /v1/campaigns/welcome/drain")
    assert drained["state"] == "draining"
    engine.look()
    _, done = await ask(api, "GET /v1/campaigns/welcome")
    assert done["state"] == "done"


@pytest.mark.parametrize(
    ("request_", "body", "status", "told"),
    [
        ("GET /v1/campaigns/nowhere", {}, 404, "no campaign 'nowhere'"),
        ("POST /v1/campaigns/nowhere/start", {}, 404, "no campaign 'nowhere'"),
        ("POST /v1/campaigns/renewals/pause", {}, 409, "draft"),
        ("POST /v1/campaigns/renewals/start", {"who": "linh"}, 422, "who"),
        ("POST /v1/campaigns/renewals/start", {"by": "a\nb"}, 422, "by"),
        ("DELETE /v1/campaigns/renewals/changes", {}, 404, "campaigns' file"),
        ("PUT /v1/campaigns/renewals", {"settings": {}}, 409, "PATCH"),
        ("PUT /v1/campaigns/New%20One", {"settings": {}}, 422, "campaign"),
    ],
)
async def test_what_makes_no_sense_is_refused_with_what_to_do(
    api: Client, request_: str, body: dict[str, Any], status: int, told: str
) -> None:
    answered, problem = await ask(api, request_, **body)
    assert answered == status
    assert told in problem["detail"]


async def test_somebody_confirms_the_clock(api: Client) -> None:
    assert await ask(api, "POST /v1/clock", by="linh") == (204, None)


async def test_settings_are_changed_while_it_runs(api: Client, engine: Engine) -> None:
    await ask(api, "POST /v1/campaigns/renewals/start")
    settings = {"channels": 10, "attempts": {"most": 2}}
    status, changed = await ask(
        api, "PATCH /v1/campaigns/renewals", settings=settings, by="linh", why="too many"
    )
    assert status == 200
    assert changed["state"] == "running"
    assert (changed["settings"]["channels"], changed["settings"]["attempts"]["most"]) == (10, 2)
    assert changed["settings"]["attempts"]["per_day"] == 1
    [change] = changed["changes"]
    assert (change["by"], change["why"], change["settings"]) == ("linh", "too many", settings)
    in_force = engine.campaigns.core.campaigns["renewals"].settings
    assert (in_force.channels, in_force.attempts.most) == (10, 2)
    shown = screen(campaign_table(changed))
    assert "changed by linh" in shown
    assert "too many" in shown


async def test_a_change_with_a_mistake_leaves_the_campaign_as_it_was(
    api: Client, engine: Engine
) -> None:
    before = engine.campaigns.core.campaigns["renewals"].settings
    status, problem = await ask(api, "PATCH /v1/campaigns/renewals", settings={"queue": "sale"})
    assert status == 422
    assert "there is no queue `sale`; did you mean `sales`?" in problem["detail"]
    assert engine.campaigns.core.campaigns["renewals"].settings == before
    assert engine.site.campaign_changes == {}


async def test_what_a_change_makes_doubtful_is_told_beside_it(api: Client) -> None:
    status, changed = await ask(api, "PATCH /v1/campaigns/welcome", settings={"queue": "sales"})
    assert status == 200
    assert [warning["code"] for warning in changed["warnings"]] == ["W332"]
    _, started = await ask(api, "POST /v1/campaigns/welcome/start")
    assert [warning["code"] for warning in started["warnings"]] == ["W332"]


async def test_changes_are_taken_back_the_last_one_or_all(api: Client) -> None:
    for channels in (10, 20, 30):
        await ask(api, "PATCH /v1/campaigns/renewals", settings={"channels": channels})
    path = "DELETE /v1/campaigns/renewals/changes"
    _, once = await ask(api, f"{path}?last=true")
    assert (once["settings"]["channels"], len(once["changes"])) == (20, 2)
    _, all_ = await ask(api, path)
    assert (all_["settings"]["channels"], all_["changes"]) == (60, [])


async def test_a_campaign_is_made_by_the_api_and_is_no_more_when_that_is_taken_back(
    api: Client, engine: Engine
) -> None:
    settings = {
        "mode": "progressive",
        "rules": ["vn"],
        "purpose": "service",
        "queue": "outreach",
        "lists": ["may"],
    }
    status, made = await ask(api, "PUT /v1/campaigns/may", settings=settings, by="linh")
    assert (status, made["state"], made["changed"]) == (201, "draft", True)
    status, nothing = await ask(api, "DELETE /v1/campaigns/may/changes")
    assert (status, nothing) == (204, None)
    engine.look()
    assert (await ask(api, "GET /v1/campaigns/may"))[0] == 404


async def test_why_it_dials_nobody_is_said_in_words_and_numbers(
    api: Client, engine: Engine
) -> None:
    _, campaign = await ask(api, "GET /v1/campaigns/renewals")
    assert "no decision was made" in sentence(campaign, [])
    await ask(api, "POST /v1/campaigns/renewals/start")
    engine.look()
    status, looks = await ask(api, "GET /v1/campaigns/renewals/why")
    assert status == 200
    assert (looks[-1]["launch"], looks[-1]["limited_by"]) == (0, "nothing was checked yet")
    assert looks[-1]["numbers"]["agents"] == 0
    _, campaign = await ask(api, "GET /v1/campaigns/renewals")
    told = sentence(campaign, looks)
    assert "renewals is running and places no call: nothing was checked yet" in told
    assert "tokens" in screen(looks_table(looks))
