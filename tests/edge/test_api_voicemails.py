"""The API's voicemails over loopback: who sees which, and what he can do with them."""

from __future__ import annotations

import io
import shutil
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr
from rich.console import Console
from sample_call import CALL, T

from engine.api.server import make_app
from engine.call_record import VoicemailLeft
from engine.cli.voicemails import voicemails_table
from engine.secrets import Secrets
from engine.store.ledger import Ledger
from engine.store.voicemails import Voicemails
from engine.users import User, UserRole
from tests.unit.fake_pbx import FakePbx
from tests.unit.small_center import SmallCenter, small_site

Client = TestClient[Any, Any]
ADMIN, BINH, CHIEF = "admin's-token-1", "binh's-token-12", "chief's-token-1"


def user(token: str, role: UserRole, agent: str) -> User:
    return User(token_sha256=sha256(token.encode()).hexdigest(), role=role, agent=agent)


@pytest.fixture
async def store(tmp_path: Path, new_ledger: Path) -> AsyncIterator[Voicemails]:
    """Three messages: for anna, for binh, and one in a queue."""
    ledger = Ledger(f"sqlite:///{shutil.copy(new_ledger, tmp_path)}")
    left = [
        VoicemailLeft(f"c-1-m{number}", mailbox, "+84901234567", "vi", T + number, 4.5, urgent)
        for number, (mailbox, urgent) in enumerate(
            [("agent:anna", False), ("agent:binh", True), ("queue:support", False)], 1
        )
    ]
    await ledger.save_call(replace(CALL, recordings=(), voicemails=tuple(left)))
    yield Voicemails(ledger)
    await ledger.close()


@pytest.fixture
async def api(store: Voicemails) -> AsyncIterator[Client]:
    """Anna serves sales, binh serves support; the chief may hear anna."""
    site = small_site(3)
    agents = site.agents
    site.agents = agents | {
        "anna": agents["anna"].model_copy(update={"queues": ("sales",), "team": "one"}),
        "binh": agents["binh"].model_copy(update={"queues": ("support",), "team": "two"}),
        "chi": agents["chi"].model_copy(update={"queues": (), "supervises": ("one",)}),
    }
    center = SmallCenter(FakePbx(time.time), site)
    center.voicemails, center.lookups = store, SimpleNamespace(secrets=Secrets())
    center.settings.api_token = SecretStr(ADMIN)
    center.settings.users = {
        "binh": user(BINH, UserRole.AGENT, "binh"),
        "chief": user(CHIEF, UserRole.SUPERVISOR, "chi"),
    }
    await center.start()
    async with TestClient(TestServer(make_app(center))) as client:
        yield client
    await center.kill()


def as_(token: str) -> dict[str, Any]:
    return {"headers": {"Authorization": f"Bearer {token}"}}


async def seen(api: Client, token: str, query: str = "") -> list[str]:
    found = await (await api.get(f"/v1/voicemails{query}", **as_(token))).json()
    return [each["voicemail"] for each in found]


async def test_everybody_sees_the_messages_that_he_may_hear(api: Client) -> None:
    assert await seen(api, ADMIN) == ["c-1-m3", "c-1-m2", "c-1-m1"]
    assert await seen(api, BINH) == ["c-1-m3", "c-1-m2"]
    assert await seen(api, CHIEF) == ["c-1-m1"]
    assert await seen(api, ADMIN, "?mailbox=agent:anna") == ["c-1-m1"]
    others = await api.get("/v1/voicemails?mailbox=agent:anna", **as_(BINH))
    assert others.status == 404


async def test_a_message_tells_where_its_audio_is_and_what_became_of_it(api: Client) -> None:
    found = await (await api.get("/v1/voicemails/c-1-m2", **as_(BINH))).json()
    assert found["audio"] == "/v1/recordings/c-1-m2/audio"
    assert (found["mailbox"], found["state"], found["urgent"]) == ("agent:binh", "new", True)
    console = Console(width=200, file=io.StringIO(), record=True)
    console.print(voicemails_table([found]))
    assert "new, urgent" in console.export_text()


async def test_a_message_of_somebody_else_is_not_there_for_him(api: Client) -> None:
    assert (await api.get("/v1/voicemails/c-1-m1", **as_(BINH))).status == 404
    assert (await api.delete("/v1/voicemails/c-1-m1", **as_(BINH))).status == 404
    assert (await api.get("/v1/voicemails/nothing", **as_(ADMIN))).status == 404


async def test_who_marks_a_message_is_kept_and_what_is_deleted_stays_so(api: Client) -> None:
    saved = await api.post("/v1/voicemails/c-1-m3", json={"state": "saved"}, **as_(BINH))
    told = await saved.json()
    assert (told["state"], told["by"]) == ("saved", "binh")
    assert (await api.delete("/v1/voicemails/c-1-m3", **as_(BINH))).status == 204
    again = await api.post("/v1/voicemails/c-1-m3", json={"state": "saved"}, **as_(ADMIN))
    assert again.status == 409
    assert await seen(api, BINH) == ["c-1-m2"]
    assert await seen(api, BINH, "?state=deleted") == ["c-1-m3"]


async def test_the_mailboxes_are_told_with_what_is_in_them(api: Client) -> None:
    boxes = await (await api.get("/v1/voicemails/mailboxes", **as_(BINH))).json()
    assert [(box["mailbox"], box["new"], box["urgent"]) for box in boxes] == [
        ("agent:binh", 1, 1),
        ("queue:support", 1, 0),
    ]
