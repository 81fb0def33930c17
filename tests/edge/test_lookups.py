"""Flows ask hosts over HTTP: slow ones, broken ones, and ones that would harm a call."""

from __future__ import annotations

import asyncio
import gzip
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
import structlog
from aiohttp import web
from structlog.testing import capture_logs

from engine.asterisk.port_block import PortBlock
from engine.ivr.messages import Request
from engine.lookups import lookups as module
from engine.lookups.cache import MOST_ANSWERS, MOST_BYTES, Cache
from engine.lookups.circuit import FAILURES, OPEN_SECONDS, WITHIN_SECONDS
from engine.lookups.lookups import CONNECTIONS_PER_HOST, Lookups
from engine.lookups.result import LookupResult
from engine.secrets import Secrets

SELF_SIGNED = Path(__file__).parent / "self_signed.pem"
KEY = "k3y-of-the-crm"
CUT = "cut"
HANG = "hang"
Step = web.StreamResponse | str | tuple[int, Any] | Callable[[], Awaitable[web.StreamResponse]]


@dataclass
class Crm:
    """A host that answers by its script, then always with the last line of it."""

    port: int = 0
    script: list[Step] = field(default_factory=lambda: [(200, {"tier": "gold"})])
    seen: list[web.Request] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    at_work: int = 0
    most_at_work: int = 0
    called: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request)
        self.bodies.append(await request.read())
        self.called.set()
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        try:
            return await self._step(request)
        finally:
            self.at_work -= 1

    async def _step(self, request: web.Request) -> web.StreamResponse:
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        match step:
            case str() if step == CUT:
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            case str() if step == HANG:
                await self.released.wait()
                return web.json_response({"late": True})
            case str():
                return web.Response(text=step)
            case (status, body):
                return web.json_response(body, status=status)
            case web.StreamResponse():
                return step
        return await step()


@pytest.fixture
async def crm() -> AsyncIterator[Crm]:
    crm = Crm()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", crm.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    crm.port = site._server.sockets[0].getsockname()[1]
    yield crm
    crm.released.set()
    await runner.cleanup()


class Now:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def nobodys_port() -> Iterator[int]:
    with PortBlock(rtp_ports=0) as block:
        yield block.first


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
async def lookups(now: Now, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lookups]:
    monkeypatch.setattr(module, "BACKOFF_SECONDS", 0.001)
    lookups = Lookups(Secrets({"CRM_KEY": KEY}), now, Random(7))
    yield lookups
    await lookups.close()


@pytest.fixture
def logs() -> Iterator[list[Any]]:
    structlog.reset_defaults()
    with capture_logs() as captured:
        yield captured


def ask(crm: Crm, path: str = "/customers?phone=0901234567", **more: Any) -> Request:
    given = {"method": "GET", "headers": {}, "timeout_seconds": 5.0} | more
    return Request(name="customer", url=f"http://127.0.0.1:{crm.port}{path}", **given)


# -- what comes back --------------------------------------------------------------------------


async def test_a_flow_gets_the_json_of_a_customer(crm: Crm, lookups: Lookups) -> None:
    result = await lookups.perform(ask(crm))
    assert (result.result, result.status, result.body) == ("ok", 200, {"tier": "gold"})
    assert crm.seen[0].path_qs == "/customers?phone=0901234567"


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (201, "ok"),
        (404, "not_found"),
        (410, "not_found"),
        (400, "refused"),
        (401, "refused"),
        (429, "refused"),
        (500, "failed"),
        (503, "failed"),
    ],
)
async def test_each_status_is_a_word_of_the_flow(
    crm: Crm, lookups: Lookups, status: int, word: str
) -> None:
    crm.script = [(status, {"why": "so"})]
    result = await lookups.perform(ask(crm))
    assert (result.result, result.status, result.body) == (word, status, {"why": "so"})


async def test_a_page_that_comes_with_a_404_is_still_a_customer_not_found(
    crm: Crm, lookups: Lookups
) -> None:
    crm.script = [web.Response(status=404, text="<html>not found</html>")]
    result = await lookups.perform(ask(crm))
    assert (result.result, result.body) == ("not_found", None)


async def test_an_answer_without_a_body_is_fine(crm: Crm, lookups: Lookups) -> None:
    crm.script = [web.Response(status=204)]
    result = await lookups.perform(ask(crm, method="POST", body={"seen": True}))
    assert (result.result, result.body) == ("ok", None)


@pytest.mark.parametrize(
    "text",
    [
        "<html>welcome</html>",
        '{"tier": NaN}',
        '{"tier": 1e999}',
        '{"name": "\\ud800"}',
        "[" * 100_000,
        '{"tier": "gold"',
    ],
    ids=["html", "nan", "infinite", "half a character", "a deep nest", "cut json"],
)
async def test_what_is_not_json_is_an_error(crm: Crm, lookups: Lookups, text: str) -> None:
    crm.script = [web.Response(text=text, content_type="application/json")]
    result = await lookups.perform(ask(crm))
    assert (result.result, result.reason, result.body) == ("error", "not JSON", None)


async def test_an_answer_of_256_kilobytes_is_read_and_a_larger_one_is_not(
    crm: Crm, lookups: Lookups
) -> None:
    fits = json.dumps("x" * (256_000 - 2))
    crm.script = [web.Response(text=fits), web.Response(text=fits + " ")]
    assert (await lookups.perform(ask(crm))).size == 256_000
    result = await lookups.perform(ask(crm))
    assert (result.result, result.reason) == ("error", "too large")


async def test_a_small_answer_that_unpacks_to_a_huge_one_is_too_large(
    crm: Crm, lookups: Lookups
) -> None:
    bomb = gzip.compress(b" " * 20_000_000)
    crm.script = [web.Response(body=bomb, headers={"Content-Encoding": "gzip"})]
    result = await lookups.perform(ask(crm))
    assert (result.result, result.reason) == ("error", "too large")


async def test_an_answer_without_end_is_left_at_its_limit(crm: Crm, lookups: Lookups) -> None:
    async def endless() -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(crm.seen[-1])
        with suppress(ConnectionError):
            while True:
                await response.write(b" " * 65_536)
        return response

    crm.script = [endless]
    assert (await lookups.perform(ask(crm))).reason == "too large"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_leads_nowhere(crm: Crm, lookups: Lookups, status: int) -> None:
    away = f"http://127.0.0.1:{crm.port}/elsewhere"
    crm.script = [web.Response(status=status, headers={"Location": away})]
    result = await lookups.perform(ask(crm))
    assert (result.result, result.reason, result.status) == ("error", "redirect", status)
    assert len(crm.seen) == 1


async def test_a_cookie_of_one_caller_is_not_sent_for_the_next(crm: Crm, lookups: Lookups) -> None:
    crm.script = [web.Response(text="{}", headers={"Set-Cookie": "session=1"}), (200, {})]
    await lookups.perform(ask(crm))
    assert (await lookups.perform(ask(crm))).result == "ok"
    assert "Cookie" not in crm.seen[1].headers


# -- where to ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://crm.example/x",
        "crm.example/x",
        "http://",
        "http://user:word@crm.example/",
        "http://crm.example:99999/",
    ],
)
async def test_only_http_to_a_plain_host_is_asked(lookups: Lookups, url: str) -> None:
    result = await lookups.perform(Request("customer", "GET", url, {}))
    assert (result.result, result.reason) == ("error", "bad url")


async def test_nobody_listens_there(nobodys_port: int, lookups: Lookups) -> None:
    request = Request("customer", "GET", f"http://127.0.0.1:{nobodys_port}/", {})
    result = await lookups.perform(request)
    assert (result.result, result.reason, result.status) == ("error", "no connection", 0)


async def test_a_host_whose_certificate_nobody_vouches_for_is_not_told_anything(
    lookups: Lookups,
) -> None:
    heard = []

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read())
        writer.close()

    own = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    own.load_cert_chain(SELF_SIGNED)
    server = await asyncio.start_server(hear, "localhost", 0, ssl=own)
    port = server.sockets[0].getsockname()[1]
    request = Request("customer", "GET", f"https://localhost:{port}/?phone=0901234567", {})
    result = await lookups.perform(request)
    server.close()
    await server.wait_closed()
    assert (result.result, result.reason) == ("error", "certificate")
    assert heard == []


async def test_a_host_that_speaks_no_http_is_an_error(lookups: Lookups) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"220 mail.example ESMTP\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    result = await lookups.perform(Request("customer", "GET", f"http://127.0.0.1:{port}/", {}))
    server.close()
    await server.wait_closed()
    assert result.result == "error"


# -- patience and retries ---------------------------------------------------------------------


async def test_a_caller_does_not_wait_longer_than_the_flow_says(crm: Crm, lookups: Lookups) -> None:
    crm.script = [HANG]
    async with asyncio.timeout(60):
        result = await lookups.perform(ask(crm, timeout_seconds=0.1, retries=3))
    assert (result.result, result.status) == ("timeout", 0)


async def test_the_timeout_is_over_all_attempts(crm: Crm, lookups: Lookups) -> None:
    crm.script = [(503, {}), (503, {}), HANG]
    async with asyncio.timeout(60):
        result = await lookups.perform(ask(crm, timeout_seconds=1.5, retries=5))
    assert result.result == "timeout"
    assert len(crm.seen) == 3


async def test_an_answer_that_stops_in_the_middle_times_out_too(crm: Crm, lookups: Lookups) -> None:
    async def half() -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(crm.seen[-1])
        await response.write(b'{"tier":')
        await crm.released.wait()
        return response

    crm.script = [half]
    async with asyncio.timeout(60):
        assert (await lookups.perform(ask(crm, timeout_seconds=0.1))).result == "timeout"


@pytest.mark.parametrize("trouble", [CUT, (502, {}), (503, {}), (504, {})])
async def test_a_question_is_asked_again_after_a_trouble_that_may_pass(
    crm: Crm, lookups: Lookups, trouble: Step
) -> None:
    crm.script = [trouble, trouble, (200, {"tier": "gold"})]
    result = await lookups.perform(ask(crm, retries=2))
    assert (result.result, len(crm.seen)) == ("ok", 3)


@pytest.mark.parametrize("answer", [(500, {}), (404, {}), (400, {}), "no json"])
async def test_an_answer_that_will_not_change_is_not_asked_for_again(
    crm: Crm, lookups: Lookups, answer: Step
) -> None:
    crm.script = [answer]
    await lookups.perform(ask(crm, retries=3))
    assert len(crm.seen) == 1


async def test_an_order_is_not_placed_twice(crm: Crm, lookups: Lookups) -> None:
    crm.script = [(503, {})]
    result = await lookups.perform(ask(crm, method="POST", body={"order": 1}, retries=3))
    assert (result.result, len(crm.seen)) == ("failed", 1)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("kept", [True, False], ids=["kept", "fresh"])
async def test_an_order_whose_connection_is_cut_before_the_answer_is_not_sent_again(
    crm: Crm, lookups: Lookups, method: str, kept: bool
) -> None:
    before = ["GET"] if kept else []
    crm.script = [*((200, {}) for _ in before), CUT, (200, {})]
    for _ in before:
        await lookups.perform(ask(crm))
    result = await lookups.perform(ask(crm, method=method, body={"order": 1}, retries=3))
    assert (result.result, result.reason) == ("error", "no connection")
    assert [request.method for request in crm.seen] == [*before, method]


async def test_an_order_that_the_host_knows_again_may_be_repeated(
    crm: Crm, lookups: Lookups
) -> None:
    crm.script = [(503, {}), (200, {})]
    order = ask(crm, method="POST", body={"order": 1}, headers={"Idempotency-key": "c1"}, retries=3)
    assert (await lookups.perform(order)).result == "ok"
    assert [request.headers["Idempotency-Key"] for request in crm.seen] == ["c1", "c1"]


# -- known answers ----------------------------------------------------------------------------


async def test_an_answer_is_known_for_as_long_as_the_flow_says(
    crm: Crm, lookups: Lookups, now: Now
) -> None:
    request = ask(crm, cache_seconds=60)
    first, second = await lookups.perform(request), await lookups.perform(request)
    assert (first.from_cache, second.from_cache) == (False, True)
    assert second.body == first.body
    now.seconds += 61
    assert not (await lookups.perform(request)).from_cache
    assert len(crm.seen) == 2


@pytest.mark.parametrize(
    "other",
    [
        {"path": "/customers?phone=0909999999"},
        {"method": "POST", "body": {"phone": "0909999999"}},
        {"headers": {"X-Branch": "2"}},
    ],
)
async def test_another_question_has_another_answer(
    crm: Crm, lookups: Lookups, other: dict[str, Any]
) -> None:
    await lookups.perform(ask(crm, cache_seconds=60))
    assert not (await lookups.perform(ask(crm, cache_seconds=60, **other))).from_cache


async def test_what_went_wrong_is_not_remembered(crm: Crm, lookups: Lookups) -> None:
    crm.script = [(500, {}), (200, {})]
    request = ask(crm, cache_seconds=60)
    assert (await lookups.perform(request)).result == "failed"
    assert (await lookups.perform(request)).result == "ok"


async def test_a_pin_is_asked_about_each_time(crm: Crm, lookups: Lookups) -> None:
    request = ask(crm, method="POST", body={"pin": "4711"}, private=True, cache_seconds=60)
    await lookups.perform(request)
    assert not (await lookups.perform(request)).from_cache
    assert len(crm.seen) == 2


def test_old_answers_give_way_by_number_and_by_size() -> None:
    cache, answer = Cache(), LookupResult("ok", 200, size=2)
    for number in range(MOST_ANSWERS + 1):
        cache.put(str(number), answer, 10.0)
        cache.get("1", 0.0)
    assert cache.get("0", 0.0) is None
    assert cache.get("1", 0.0) is not None
    for number in range(5):
        cache.put(f"large {number}", LookupResult("ok", 200, size=MOST_BYTES // 4), 10.0)
    known = [number for number in range(5) if cache.get(f"large {number}", 0.0)]
    assert known == [1, 2, 3, 4]


# -- many callers at once ---------------------------------------------------------------------


async def test_ten_callers_with_one_question_are_one_request(crm: Crm, lookups: Lookups) -> None:
    crm.script = [HANG]
    asked = [asyncio.create_task(lookups.perform(ask(crm))) for _ in range(10)]
    await crm.called.wait()
    crm.released.set()
    results = await asyncio.gather(*asked)
    assert len(crm.seen) == 1
    assert {result.result for result in results} == {"ok"}
    assert lookups._flights == {}


async def test_who_asked_first_may_hang_up_and_the_others_have_their_answer(
    crm: Crm, lookups: Lookups
) -> None:
    crm.script = [HANG]
    first = asyncio.create_task(lookups.perform(ask(crm)))
    await crm.called.wait()
    second = asyncio.create_task(lookups.perform(ask(crm)))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait([first])
    crm.released.set()
    assert (await second).result == "ok"
    assert len(crm.seen) == 1


async def test_when_all_have_hung_up_the_request_is_dropped_and_asked_anew(
    crm: Crm, lookups: Lookups
) -> None:
    crm.script = [HANG, (200, {})]
    first = asyncio.create_task(lookups.perform(ask(crm)))
    await crm.called.wait()
    first.cancel()
    await asyncio.wait([first])
    assert lookups._flights == {}
    assert (await lookups.perform(ask(crm))).result == "ok"


async def test_who_joins_late_has_his_own_patience(crm: Crm, lookups: Lookups) -> None:
    crm.script = [HANG, (200, {})]
    hasty = asyncio.create_task(lookups.perform(ask(crm, timeout_seconds=1.5)))
    await crm.called.wait()
    patient = await lookups.perform(ask(crm, timeout_seconds=60))
    assert ((await hasty).result, patient.result) == ("timeout", "ok")


async def test_two_pins_are_never_one_request(crm: Crm, lookups: Lookups) -> None:
    crm.script = [HANG]
    asked = []
    for _ in range(2):
        crm.called.clear()
        request = ask(crm, private=True, body={"pin": "4711"})
        asked.append(asyncio.create_task(lookups.perform(request)))
        await crm.called.wait()
    crm.released.set()
    await asyncio.gather(*asked)
    assert len(crm.seen) == 2


async def test_a_slow_host_has_only_so_many_connections(crm: Crm, lookups: Lookups) -> None:
    crm.script = [HANG]
    asked = [
        asyncio.create_task(lookups.perform(ask(crm, f"/{number}")))
        for number in range(3 * CONNECTIONS_PER_HOST)
    ]
    while crm.at_work < CONNECTIONS_PER_HOST:
        crm.called.clear()
        await crm.called.wait()
    await asyncio.sleep(0.1)  # further ones would come now
    crm.released.set()
    results = await asyncio.gather(*asked)
    assert {result.result for result in results} == {"ok"}
    assert crm.most_at_work == CONNECTIONS_PER_HOST


# -- the circuit ------------------------------------------------------------------------------


async def fail_until_open(crm: Crm, lookups: Lookups) -> None:
    crm.script = [(500, {})]
    for _ in range(FAILURES):
        await lookups.perform(ask(crm))
    crm.script = [(200, {})]


async def test_a_host_that_fails_in_a_row_is_not_asked_any_more(crm: Crm, lookups: Lookups) -> None:
    await fail_until_open(crm, lookups)
    result = await lookups.perform(ask(crm))
    assert (result.result, result.reason) == ("error", "circuit open")
    assert len(crm.seen) == FAILURES
    assert lookups.stats()["open_circuits"] == [f"127.0.0.1:{crm.port}"]


@pytest.mark.parametrize("trouble", [CUT, HANG])
async def test_a_host_that_is_cut_or_silent_counts_as_failing(
    crm: Crm, lookups: Lookups, trouble: str
) -> None:
    crm.script = [trouble]
    for _ in range(FAILURES):
        await lookups.perform(ask(crm, method="POST", timeout_seconds=0.05))
    assert (await lookups.perform(ask(crm))).reason == "circuit open"


async def test_after_ten_seconds_one_caller_tries_and_the_others_do_not(
    crm: Crm, lookups: Lookups, now: Now
) -> None:
    await fail_until_open(crm, lookups)
    now.seconds += OPEN_SECONDS
    crm.script = [HANG]
    crm.called.clear()
    trial = asyncio.create_task(lookups.perform(ask(crm, "/trial")))
    await crm.called.wait()
    assert (await lookups.perform(ask(crm, "/other"))).reason == "circuit open"
    crm.released.set()
    assert (await trial).result == "ok"
    assert (await lookups.perform(ask(crm, "/other"))).result == "ok"
    assert lookups.stats()["open_circuits"] == []


async def test_a_trial_that_fails_keeps_it_open(crm: Crm, lookups: Lookups, now: Now) -> None:
    await fail_until_open(crm, lookups)
    crm.script = [(500, {})]
    now.seconds += OPEN_SECONDS
    assert (await lookups.perform(ask(crm))).result == "failed"
    now.seconds += OPEN_SECONDS - 1
    assert (await lookups.perform(ask(crm))).reason == "circuit open"


async def test_a_trial_whose_caller_hangs_up_is_not_the_last_one(
    crm: Crm, lookups: Lookups, now: Now
) -> None:
    await fail_until_open(crm, lookups)
    crm.script = [HANG, (200, {})]
    now.seconds += OPEN_SECONDS
    crm.called.clear()
    trial = asyncio.create_task(lookups.perform(ask(crm)))
    await crm.called.wait()
    trial.cancel()
    await asyncio.wait([trial])
    now.seconds += OPEN_SECONDS
    assert (await lookups.perform(ask(crm))).result == "ok"


async def test_failures_with_a_success_between_do_not_open_it(crm: Crm, lookups: Lookups) -> None:
    fails: list[Step] = [(500, {})] * (FAILURES - 1)
    crm.script = [*fails, (404, {}), *fails, (200, {})]
    for _ in range(2 * FAILURES - 1):
        await lookups.perform(ask(crm))
    assert (await lookups.perform(ask(crm))).result == "ok"


async def test_failures_over_a_long_time_do_not_open_it(
    crm: Crm, lookups: Lookups, now: Now
) -> None:
    crm.script = [(500, {})]
    for _ in range(2 * FAILURES):
        await lookups.perform(ask(crm))
        now.seconds += WITHIN_SECONDS / 2
    assert lookups.stats()["open_circuits"] == []


async def test_another_host_is_asked_as_ever(crm: Crm, lookups: Lookups, nobodys_port: int) -> None:
    silent = Request("stock", "GET", f"http://127.0.0.1:{nobodys_port}/", {})
    for _ in range(FAILURES):
        await lookups.perform(silent)
    assert (await lookups.perform(silent)).reason == "circuit open"
    assert (await lookups.perform(ask(crm))).result == "ok"


# -- secrets ----------------------------------------------------------------------------------


async def test_a_secret_goes_out_in_headers_and_in_texts_of_the_body(
    crm: Crm, lookups: Lookups
) -> None:
    body = {"auth": {"key": "${secret:CRM_KEY}"}, "list": ["a ${secret:CRM_KEY} b", 7, None]}
    headers = {"Authorization": "Bearer ${secret:CRM_KEY}"}
    await lookups.perform(ask(crm, method="POST", headers=headers, body=body))
    assert crm.seen[0].headers["Authorization"] == f"Bearer {KEY}"
    assert crm.seen[0].headers["Content-Type"] == "application/json"
    sent = json.loads(crm.bodies[0])
    assert sent == {"auth": {"key": KEY}, "list": [f"a {KEY} b", 7, None]}


async def test_an_unknown_secret_asks_nobody(crm: Crm, lookups: Lookups, logs: list[Any]) -> None:
    result = await lookups.perform(ask(crm, headers={"X-Key": "${secret:OTHER}"}))
    assert (result.result, result.reason) == ("error", "unknown secret")
    assert crm.seen == []
    assert {"event": "secret_unknown", "secret": "OTHER"}.items() <= logs[0].items()


async def test_a_value_with_a_line_break_makes_no_second_header(crm: Crm, lookups: Lookups) -> None:
    result = await lookups.perform(ask(crm, headers={"X-Name": "a\r\nX-Admin: 1"}))
    assert (result.result, result.reason) == ("error", "bad header")
    assert crm.seen == []


async def test_nothing_of_a_request_but_its_name_and_host_is_logged(
    crm: Crm, lookups: Lookups, logs: list[Any]
) -> None:
    crm.script = [(200, {}), (500, {"echo": KEY}), CUT, HANG, "no json", (302, {})]
    headers = {"Authorization": "Bearer ${secret:CRM_KEY}"}
    for number in range(6):
        request = ask(
            crm,
            f"/x?phone=0901234567&n={number}",
            method="POST",
            headers=headers,
            body={"pin": "4711", "key": "${secret:CRM_KEY}"},
            timeout_seconds=0.2,
        )
        await lookups.perform(request)
    assert len(logs) == 6
    assert {
        "event": "lookup",
        "name": "customer",
        "host": "127.0.0.1",
        "result": "ok",
        "status": 200,
    }.items() <= logs[0].items()
    told = repr(logs) + repr(lookups.__dict__) + repr(lookups.stats())
    for hidden in (KEY, "0901234567", "4711", "Bearer"):
        assert hidden not in told


async def test_a_new_secret_is_used_from_the_next_request_on(crm: Crm, lookups: Lookups) -> None:
    lookups.secrets = Secrets({"CRM_KEY": "rotated"})
    await lookups.perform(ask(crm, headers={"X-Key": "${secret:CRM_KEY}"}))
    assert crm.seen[0].headers["X-Key"] == "rotated"


# -- counts -----------------------------------------------------------------------------------


async def test_an_operator_sees_what_became_of_each_lookup(
    crm: Crm, lookups: Lookups, now: Now
) -> None:
    async def slowly() -> web.StreamResponse:
        now.seconds += 0.5
        return web.json_response({})

    crm.script = [slowly, (404, {})]
    for _ in range(2):
        await lookups.perform(ask(crm, "/a", cache_seconds=60))
    await lookups.perform(ask(crm, "/b"))
    assert lookups.stats()["lookups"] == {
        "customer": {
            "results": {"ok": 2, "not_found": 1},
            "cached": 1,
            "mean_ms": 250,
            "slowest_ms": 500,
        }
    }


async def test_a_system_is_found_by_its_name_and_an_unknown_one_is_an_error(
    crm: Crm, lookups: Lookups, logs: list[Any]
) -> None:
    lookups.systems = {"crm": f"http://127.0.0.1:{crm.port}/"}
    named = replace(ask(crm), url="${system:crm}/customers/7")
    assert (await lookups.perform(named)).result == "ok"
    assert crm.seen[0].path == "/customers/7"
    other = replace(ask(crm), url="${system:other}/customers/7")
    assert (await lookups.perform(other)).result == "error"
    assert {"event": "system_unknown", "system": "other"}.items() <= logs[-2].items()
