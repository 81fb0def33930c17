"""Live calls by the API, and the records of those that are over."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from sample_call import CALL, T
from served_engine import Engine, api, ask, engine, refused, talking
from yarl import URL

from engine.asterisk.port_block import PortBlock
from engine.calls import notes as n
from engine.store.ledger import Ledger
from engine.store.reports import Reports

__all__ = ["api", "engine"]


async def test_live_calls_are_shown_where_they_stand(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    engine.arrive("c-1")
    engine.arrive("c-2", "support")
    status, [menu, waiting] = await ask(api, "GET /v1/calls")
    assert status == 200
    assert 0 <= menu.pop("seconds") < 60
    assert menu == {
        "call": "c-1",
        "stage": "ivr",
        "caller": "+84901234567",
        "called": "19001000",
        "language": "vi",
        "flow": "main",
        "node": "main_menu",
        "version": "5f3a",
        "queue": None,
        "agent": None,
    }
    assert (waiting["stage"], waiting["queue"]) == ("queue", "support")


async def test_a_live_call_shows_its_agent_and_what_he_set_of_it(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    await talking(api, engine)
    await ask(api, "POST /v1/agents/mai/disposition", json={"code": "sold"})
    status, call = await ask(api, "GET /v1/calls/c-1")
    assert (status, call["call"]) == (200, "c-1")
    assert call["agents"] == [{"agent": "mai", "state": "talking", "disposition": "sold"}]
    status, detail = await refused(api, "GET /v1/calls/c-9")
    assert (status, "/v1/records/c-9" in detail) == (404, True)


async def test_a_live_call_shows_its_way_through_the_flows_and_no_variables(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    call = engine.arrive("c-1")
    call.note(
        n.NodeEntered(engine.clock.now(), "main", "bill", {"pin": "0000"}, "say", "2", "came")
    )
    call.note(n.Tagged(engine.clock.now(), {"tier": "gold"}))
    _, shown = await ask(api, "GET /v1/calls/c-1")
    menu, bill = shown["path"]
    assert menu["entered"] <= menu["left"] == bill["entered"]
    assert [menu[name] for name in ("flow", "node", "type", "exit")] == [
        "main", "main_menu", "menu", "2",
    ]  # fmt: skip
    assert (bill["node"], bill["milestone"], bill["left"], bill["exit"]) == (
        "bill", "came", None, None,
    )  # fmt: skip
    assert (shown["flow"], shown["node"], shown["tags"]) == ("main", "bill", {"tier": "gold"})
    assert "0000" not in json.dumps(shown)


async def test_an_operator_hangs_up_a_call(api: TestClient[Any, Any], engine: Engine) -> None:
    engine.arrive("c-1")
    status, _ = await ask(api, "DELETE /v1/calls/c-1")
    assert (status, engine.pbx.hung_up) == (204, ["c-1"])


async def test_a_call_that_is_not_there_cannot_be_hung_up(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    status, detail = await refused(api, "DELETE /v1/calls/c-9")
    assert (status, engine.pbx.hung_up) == (404, [])
    assert "c-9" in detail


async def test_a_hang_up_while_asterisk_is_away_is_not_called_done(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    engine.arrive("c-1")
    engine.pbx.reachable = False
    assert (await refused(api, "DELETE /v1/calls/c-1"))[0] == 503


async def test_a_record_is_told_whole(api: TestClient[Any, Any], engine: Engine) -> None:
    await engine.ledger.save_call(CALL)
    status, record = await ask(api, "GET /v1/records/c-1")
    assert status == 200
    elsewhere = {"audit", "marks", "greetings"}  # never as if there were none
    assert record.keys() == {field.name for field in dataclasses.fields(CALL)} - elsewhere
    assert (record["outcome"], record["arrived"]) == ("answered", T)
    assert [segment["kind"] for segment in record["segments"]] == [
        "setup", "ivr", "queue", "ring", "talk",
    ]  # fmt: skip


async def test_records_are_listed_newest_first_and_from_a_moment_on(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    for number in range(3):
        later = dataclasses.replace(
            CALL, call=f"d-{number}", arrived=T + number, visits=(), offers=(), recordings=()
        )
        await engine.ledger.save_call(later)
    _, newest = await ask(api, "GET /v1/records?limit=2")
    assert [line["call"] for line in newest] == ["d-2", "d-1"]
    _, since = await ask(api, f"GET /v1/records?since={T + 2}")
    assert [line["call"] for line in since] == ["d-2"]


async def test_a_call_without_a_record_yet_is_not_found(api: TestClient[Any, Any]) -> None:
    status, detail = await refused(api, "GET /v1/records/c-7")
    assert status == 404
    assert "still going on" in detail


@pytest.mark.parametrize("odd", ["a%00b", "x" * 201, "%F0%9F", "%20"])
async def test_what_can_be_no_id_is_a_call_that_is_not_there(
    api: TestClient[Any, Any], odd: str
) -> None:
    for path in (f"/v1/records/{odd}", f"/v1/calls/{odd}", f"/v1/calls/{odd}/why"):
        async with api.get(URL(path, encoded=True)) as answer:
            assert answer.status == 404, path


async def test_records_cannot_be_asked_for_while_the_database_is_away(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    with PortBlock(rtp_ports=0) as nobodys:
        away = Ledger(f"postgresql://me:s3cret@127.0.0.1:{nobodys.first}/calls")
        engine.reports = Reports(away)
        for path in ("/v1/records", "/v1/records/c-1"):
            status, detail = await refused(api, f"GET {path}")
            assert (status, detail) == (503, "The database cannot be reached now.")
