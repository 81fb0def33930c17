"""Programs that send the API nonsense get a problem that says so; calls and agents never notice."""

import aiohttp
import pytest
from center import CALLERS_TONE, until

from engine.demo import tones

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOGIN = "/v1/agents/john/login"
HUGE = b'{"reason": "' + b"x" * 1_000_000 + b'"}'

NONSENSE = [
    ("POST", "/v1/agents/nobody/login", b"", 404, "nobody"),
    ("POST", "/v1/agents/../etc/login", b"", 404, ""),
    ("POST", "/v1/agents/jo%00hn/login", b"", 404, ""),
    ("POST", LOGIN, b"{", 400, "line 1"),
    ("POST", LOGIN, b"\xff\xfe", 400, ""),
    ("POST", LOGIN, b"[" * 50_000, 400, ""),
    ("POST", LOGIN, b"[]", 422, "dictionary"),
    ("POST", LOGIN, b'{"endpoint": 3001}', 422, "endpoint"),
    ("POST", LOGIN, b'{"endpoint": "PJSIP/3001&SIP/1"}', 422, "endpoint"),
    ("POST", LOGIN, b'{"phone": "3001"}', 422, "phone"),
    ("POST", LOGIN, b'{"endpoint": "3001"}', 409, "3001"),  # where mai sits
    ("POST", "/v1/agents/john/ready", b"", 409, "john"),  # who is not logged in
    ("POST", "/v1/agents/john/pause", b'{"reason": ""}', 422, "reason"),
    ("POST", "/v1/agents/john/pause", b'{"reason": "a\\r\\nb"}', 422, "reason"),
    ("POST", "/v1/agents/john/pause", HUGE, 413, ""),
    ("GET", LOGIN, b"", 405, "GET"),
    ("PUT", "/v1/calls", b"", 405, "PUT"),
    ("GET", "/v1/nothing", b"", 404, ""),
    ("GET", "/v1/records?limit=many", b"", 422, "limit"),
    ("GET", "/v1/records?limit=0", b"", 422, "limit"),
    ("GET", "/v1/records?since=nan", b"", 422, "since"),
    ("GET", "/v1/records/1.1'--", b"", 404, ""),
    ("DELETE", "/v1/calls/1.1", b"", 404, "1.1"),
]


async def test_nonsense_is_answered_with_a_problem_and_disturbs_nobody(floor):
    calling, answered = await floor.talk()

    for method, path, body, status, word in NONSENSE:
        problem = await problem_of(floor, method, path, body)
        assert problem["status"] == status, (path, body[:40], problem)
        assert word in problem["detail"], (path, problem)
        assert len(problem["detail"]) < 500, path

    assert {a["name"]: a["state"] for a in await floor.center.get("/v1/agents")} == {
        "mai": "talking", "john": "logged_out", "linh": "logged_out", "minh": "logged_out",
    }  # fmt: skip
    calling.start_tone(CALLERS_TONE)
    await until(lambda: tones.find(answered.heard(), CALLERS_TONE).seconds > 0.5)
    await calling.hang_up()
    assert (await floor.record(calling))["outcome"] == "answered"


async def test_an_agent_who_is_busy_stays_so_whatever_is_asked_of_him(floor):
    calling, answered = await floor.talk()

    for order in ("pause", "ready", "logout", "login", "pause"):
        await floor.center.post(f"/v1/agents/mai/{order}")
        assert (await floor.seen("mai"))["state"] == "talking"

    await answered.hang_up()
    paused = await floor.until_state("mai", "paused")
    assert paused["reason"] == "break"
    assert (await floor.record(calling))["ended_by"] == "agent"


async def problem_of(floor, method, path, body):
    """The answer, which has to be a problem (RFC 9457)."""
    url = floor.center.api_url + path
    async with aiohttp.ClientSession() as http, http.request(method, url, data=body) as answer:
        assert answer.content_type == "application/problem+json", (path, await answer.text())
        problem = await answer.json()
        assert answer.status == problem["status"]
        assert problem["title"]
        return problem
