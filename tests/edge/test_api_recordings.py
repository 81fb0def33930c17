"""Listening to recordings over HTTP: who may, which part of what, and what the audit log has."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator, Mapping
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import ClientPayloadError, web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr
from recorded import RATE, Recorded, T, tone
from test_api_access import AGENTS, TOKENS, USERS

from engine.api import recordings
from engine.api.access import admit
from engine.api.keys import ENGINE
from engine.api.problems import problems
from engine.call_record import VOICEMAIL, PartyStretch, SegmentKind
from engine.ports import LedgerDown
from engine.recordings.keys import MasterKeys
from engine.recordings.settings import RecordingsSettings
from engine.secrets import Secrets
from engine.store.audit import AuditLog
from engine.store.ledger import Ledger
from engine.store.voicemails import Voicemails

AUDIO = "/v1/recordings/c-1-r1/audio"
SEALING = RecordingsSettings(key="${secret:RECORDINGS}", free_mb=0)


@pytest.fixture
async def center(
    tmp_path: Path, new_ledger: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Recorded]:
    """A recording of mai, one of mai and an, a message of nobody; and one that is not finished."""
    ledger = Ledger(f"sqlite:///{shutil.copy(new_ledger, tmp_path)}")
    folder = tmp_path / "spool"
    folder.mkdir()
    sealing = getattr(request, "param", "encrypted") == "encrypted"
    settings = SEALING if sealing else RecordingsSettings(free_mb=0)
    keys = MasterKeys(bytes(32)) if sealing else MasterKeys()
    center = Recorded(ledger, folder, settings, keys=keys)
    await center.talk("c-1-r1", tone(100_000))
    an = PartyStretch("c-2-a9", "agent", "an", SegmentKind.TALK, T, T + 9)
    await center.talk("c-2-r1", parties=(an,))
    await center.talk("c-3-m1", kind=VOICEMAIL, segments=(), parties=())
    await center.service.finish()
    await center.talk("c-4-r1")
    yield center
    await ledger.close()


@pytest.fixture
async def api(center: Recorded) -> AsyncIterator[TestClient[Any, Any]]:
    app = web.Application(middlewares=[problems, admit])
    ticks = count()
    engine: Any = SimpleNamespace(
        settings=SimpleNamespace(api_token=SecretStr("the one of all"), users=USERS),
        lookups=SimpleNamespace(secrets=Secrets({"LAN": "lan's own"})),
        site=SimpleNamespace(agents=AGENTS),
        clock=SimpleNamespace(now=lambda: center.now + next(ticks) / 1000),
        archive=center.archive,
        audit=AuditLog(center.ledger),
        voicemails=Voicemails(center.ledger),
    )
    app[ENGINE] = engine
    center.archive.now = engine.clock.now
    app.cleanup_ctx.append(recordings.keep_listeners)
    app.add_routes(recordings.ROUTES)
    async with TestClient(TestServer(app)) as client:
        yield client


both = pytest.mark.parametrize("center", ["as it is", "encrypted"], indirect=True)

Answer = tuple[int, bytes, Mapping[str, str]]


async def ask(
    api: TestClient[Any, Any], path: str, who: str = "boss", method: str = "GET", **more: Any
) -> Answer:
    headers = {"Authorization": f"Bearer {TOKENS[who]}"} | more.pop("headers", {})
    async with api.request(method, path, headers=headers, **more) as answer:
        return answer.status, await answer.read(), answer.headers


async def told(api: TestClient[Any, Any], path: str, who: str = "boss") -> Any:
    status, content, _ = await ask(api, path, who)
    assert status == 200, content
    return json.loads(content)


async def noted(center: Recorded) -> list[tuple[str, str, str]]:
    entries = await AuditLog(center.ledger).entries()
    return [(each.who, each.action, each.subject) for each in reversed(entries)]


@both
async def test_a_recording_is_heard_whole(api: TestClient[Any, Any], center: Recorded) -> None:
    status, content, headers = await ask(api, AUDIO)
    assert (status, len(content)) == (200, 44 + 200_000)
    assert content[44:] == tone(100_000)
    assert headers["Content-Type"] == "audio/wav"
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["ETag"] == f'"{(await center.file("c-1-r1")).sha256}"'


@both
@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=44-199", 44, 199),
        ("bytes=65530-65545", 65_530, 65_545),
        ("bytes=200000-", 200_000, 200_043),
        ("bytes=-500", 199_544, 200_043),
        ("bytes=100-999999", 100, 200_043),
    ],
)
async def test_a_player_hears_the_part_that_it_asks_for(
    api: TestClient[Any, Any], asked: str, first: int, last: int
) -> None:
    whole = (await ask(api, AUDIO))[1]
    status, content, headers = await ask(api, AUDIO, headers={"Range": asked})
    assert (status, content) == (206, whole[first : last + 1])
    assert headers["Content-Range"] == f"bytes {first}-{last}/200044"
    assert headers["Content-Length"] == str(last + 1 - first)


@pytest.mark.parametrize("asked", ["bytes=200044-", "bytes=5-2", "bytes=x-", "feet=1-2"])
async def test_a_part_that_is_not_there_is_refused_with_how_much_there_is(
    api: TestClient[Any, Any], center: Recorded, asked: str
) -> None:
    status, _, headers = await ask(api, AUDIO, headers={"Range": asked})
    assert (status, headers["Content-Range"]) == (416, "bytes */200044")
    assert await noted(center) == []


async def test_a_player_that_has_it_is_told_so_and_one_that_had_another_gets_all(
    api: TestClient[Any, Any],
) -> None:
    etag = (await ask(api, AUDIO, method="HEAD"))[2]["ETag"]
    assert (await ask(api, AUDIO, headers={"If-None-Match": etag}))[:2] == (304, b"")
    part = {"Range": "bytes=0-9"}
    assert (await ask(api, AUDIO, headers=part | {"If-Range": etag}))[0] == 206
    assert (await ask(api, AUDIO, headers=part | {"If-Range": '"other"'}))[0] == 200
    assert (await ask(api, AUDIO, headers={"Range": "bytes=0-1,4-5"}))[0] == 200


async def test_looking_how_long_it_is_is_no_listening(
    api: TestClient[Any, Any], center: Recorded
) -> None:
    status, content, headers = await ask(api, AUDIO, method="HEAD")
    assert (status, content, headers["Content-Length"]) == (200, b"", "200044")
    assert await noted(center) == []


async def test_each_listening_is_noted_once_however_many_parts_it_has(
    api: TestClient[Any, Any], center: Recorded
) -> None:
    for start in (0, 50_000, 100_000):
        await ask(api, AUDIO, headers={"Range": f"bytes={start}-{start + 9}"})
    await ask(api, AUDIO, "mai")
    center.now += 3600
    await ask(api, AUDIO)
    heard = ("hear_recording", "c-1-r1")
    assert await noted(center) == [("boss", *heard), ("mai", *heard), ("boss", *heard)]


MAY = {
    "c-1-r1": {"api", "screen", "boss", "lan", "mai"},
    "c-2-r1": {"api", "screen", "boss"},  # one hears an in it, too: he is in another team
    "c-3-m1": {"api", "screen", "boss"},
}


@pytest.mark.parametrize("name", MAY)
async def test_one_hears_what_he_may_hear_all_agents_of_and_no_more(
    api: TestClient[Any, Any], center: Recorded, name: str
) -> None:
    for what in ("", "/audio", "/waveform.json", "/waveform.svg"):
        answers = {who: (await ask(api, f"/v1/recordings/{name}{what}", who))[0] for who in TOKENS}
        assert answers == {who: 200 if who in MAY[name] else 403 for who in TOKENS}
    assert {who for who, _, _ in await noted(center)} == MAY[name]


async def test_the_list_has_what_he_may_hear_and_nothing_of_where_it_lies(
    api: TestClient[Any, Any],
) -> None:
    found = {who: await told(api, "/v1/recordings", who) for who in TOKENS}
    names = {who: {each["name"] for each in files} for who, files in found.items()}
    everything = {"c-1-r1", "c-2-r1", "c-3-m1", "c-4-r1"}
    assert names == {"lan": {"c-1-r1"}, "mai": {"c-1-r1"}} | dict.fromkeys(
        ("api", "screen", "boss"), everything
    )
    assert {"path", "place", "wrapped_key"} & found["mai"][0].keys() == set()
    assert found["mai"][0]["agents"] == ["mai"]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("call=c-2", ["c-2-r1"]),
        ("agent=an", ["c-2-r1"]),
        ("queue=support", ["c-2-r1", "c-1-r1"]),
        (f"since={T + 1}", []),
        ("limit=1", ["c-4-r1"]),
    ],
)
async def test_the_list_is_narrowed(
    api: TestClient[Any, Any], asked: str, names: list[str]
) -> None:
    assert [each["name"] for each in await told(api, f"/v1/recordings?{asked}")] == names


@pytest.mark.parametrize(
    "name", ["none", "..%2f..%2fetc%2fpasswd", "%2e%2e", "c-1-r1%00", "x" * 300]
)
async def test_what_is_not_in_the_ledger_is_not_there_whatever_its_name(
    api: TestClient[Any, Any], name: str
) -> None:
    assert (await ask(api, f"/v1/recordings/{name}/audio"))[0] == 404
    assert (await ask(api, f"/v1/recordings/{name}/audio", "mai"))[0] in (403, 404)


@both
async def test_what_cannot_be_heard_says_why(api: TestClient[Any, Any], center: Recorded) -> None:
    assert (await ask(api, "/v1/recordings/c-4-r1/audio"))[0] == 409
    await center.archive.delete(await center.file("c-1-r1"), "boss")
    status, content, _ = await ask(api, AUDIO)
    assert (status, json.loads(content)["detail"]) == (410, "c-1-r1 was deleted")
    assert (await ask(api, "/v1/recordings/c-1-r1/waveform.svg"))[0] == 410
    await center.archive.places.remove((await center.file("c-2-r1")).place)
    assert (await ask(api, "/v1/recordings/c-2-r1/audio"))[0] == 404
    assert await noted(center) == [("boss", "delete_recording", "c-1-r1")]


async def test_a_file_that_was_damaged_is_never_heard_as_if_it_were_whole(
    api: TestClient[Any, Any], center: Recorded
) -> None:
    with open((await center.file("c-1-r1")).place, "r+b") as file:  # noqa: ASYNC230
        file.seek(150_000)
        file.write(b"?")
    with pytest.raises(ClientPayloadError):  # its first part has been sent already
        await ask(api, AUDIO)
    status, _, _ = await ask(api, AUDIO, headers={"Range": "bytes=140000-150000"})
    assert status == 503
    assert (await ask(api, AUDIO, headers={"Range": "bytes=0-60000"}))[0] == 206


async def test_who_could_not_be_noted_is_noted_when_he_tries_again(
    api: TestClient[Any, Any], center: Recorded
) -> None:
    assert isinstance(api.server, TestServer)
    audit: Any = api.server.app[ENGINE].audit

    async def away(*_: Any, **__: Any) -> None:
        raise LedgerDown("gone")

    audit.note = away
    assert (await ask(api, AUDIO))[0] >= 500
    del audit.note
    assert (await ask(api, AUDIO))[0] == 200
    assert await noted(center) == [("boss", "hear_recording", "c-1-r1")]


@both
async def test_admins_delete_and_keep_and_both_is_noted(
    api: TestClient[Any, Any], center: Recorded
) -> None:
    path, kept = "/v1/recordings/c-1-r1", "/v1/recordings/c-1-r1/kept"
    for who in ("mai", "lan", "boss"):
        assert (await ask(api, path, who, "DELETE"))[0] == 403
        assert (await ask(api, kept, who, "PUT", json={"kept": True}))[0] == 403
    assert (await ask(api, kept, "screen", "PUT", json={"kept": True}))[0] == 204
    assert (await ask(api, path, "screen", "DELETE"))[0] == 409
    assert (await ask(api, kept, "screen", "PUT", json={"kept": False}))[0] == 204
    assert (await ask(api, path, "screen", "DELETE"))[0] == 204
    assert (await ask(api, path, "screen", "DELETE"))[0] == 410
    assert (await told(api, path, "screen"))["state"] == "deleted"
    did = [action for _, action, _ in await noted(center)]
    assert did == ["keep_recording", "release_recording", "delete_recording"]
    assert not any("c-1-r1" in file for file in center.files())


async def test_the_picture_is_there_as_numbers_and_as_a_drawing(
    api: TestClient[Any, Any],
) -> None:
    numbers = await told(api, "/v1/recordings/c-1-r1/waveform.json")
    assert numbers["seconds"] == 100_000 / RATE
    [channel] = numbers["channels"]
    assert channel == [7] * 1000  # 1000 of 32768
    status, drawing, headers = await ask(api, "/v1/recordings/c-1-r1/waveform.svg")
    assert (status, headers["Content-Type"]) == (200, "image/svg+xml; charset=utf-8")
    assert drawing.startswith(b"<svg ")
    assert drawing.count(b"<path") == 1
