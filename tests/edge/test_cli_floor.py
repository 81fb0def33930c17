"""`tongdai agents`, `queues` and `why`, which ask the API: what a shift leader sees."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import socket
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from pydantic import SecretStr
from rich.console import Console
from sample_call import CALL
from served_engine import CHAT, TOKEN, Engine, api, ask, engine, talking

from engine.cli import floor
from engine.cli.why import why as explain
from engine.settings import Settings

__all__ = ["api", "engine"]


async def listed(api: TestClient[Any, Any], as_json: bool = False, **settings: Any) -> str:
    asking = Settings(api_port=api.port, **settings)
    screen = io.StringIO()
    with contextlib.redirect_stdout(screen):
        await floor.agents(asking, as_json, Console(file=screen, width=200))
    return screen.getvalue()


async def test_the_floor_is_listed_with_phones_and_states(api: TestClient[Any, Any]) -> None:
    await ask(api, "POST /v1/agents/mai/login", json={"pause_reason": "[b]họp[/]"})
    shown = await listed(api)
    mai = next(line for line in shown.splitlines() if "mai" in line)
    cells = [cell.strip() for cell in mai.strip("│").split("│")]
    assert cells[:3] == ["mai", "3001", "paused ([b]họp[/])"]
    assert cells[3].endswith(" s")
    assert "3002 (not registered)" in shown


async def test_the_floor_is_listed_for_programs(api: TestClient[Any, Any]) -> None:
    agents = json.loads(await listed(api, as_json=True))
    assert [agent["name"] for agent in agents] == ["an", "mai"]


async def test_the_floor_is_told_to_who_has_the_token(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    engine.settings.api_token = SecretStr(TOKEN)
    assert "mai" in await listed(api, api_token=TOKEN)
    with pytest.raises(floor.NoAnswer, match="token"):
        await listed(api)


async def test_an_api_that_listens_everywhere_is_asked_on_this_machine(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    engine.settings.api_token = SecretStr(TOKEN)
    assert "mai" in await listed(api, api_token=TOKEN, api_host="0.0.0.0")


def cells(screen: str, first: str) -> list[str]:
    """The cells of the row that begins with ``first``."""
    rows = [line.strip("│ ").split("│") for line in screen.splitlines() if "│" in line]
    return next([c.strip() for c in row] for row in rows if row[0].strip() == first)


async def shown(api: TestClient[Any, Any], question: Any, *words: str, **settings: Any) -> str:
    """What the command puts on the screen."""
    asking = Settings(**({"api_port": api.port} | settings))
    screen = io.StringIO()
    with contextlib.redirect_stdout(screen):
        await question(asking, *words, console=Console(file=screen, width=200))
    return screen.getvalue()


async def test_the_floor_shows_what_each_does_and_what_comes_next(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    await talking(api, engine)
    await ask(api, "POST /v1/agents/mai/pause", json={"reason": "lunch"})
    mai = cells(await listed(api), "mai")
    assert (mai[2], mai[4], mai[5]) == ("talking, then paused", "c-1 talking", "1")


async def test_the_queues_are_shown_with_who_waits_in_them(
    api: TestClient[Any, Any], engine: Engine
) -> None:
    board = await shown(api, functools.partial(floor.queues, as_json=False))
    assert cells(board, "support") == [
        "support", "0", "0 s", "nobody", "0", "0", "(of 80 in 20 s)", "", "0", "0", "0",
    ]  # fmt: skip
    assert "Waiting" not in board
    await talking(api, engine)
    engine.arrive("c-2", "support")
    board = await shown(api, functools.partial(floor.queues, as_json=False))
    assert cells(board, "support")[6] == "100 % (of 80 in 20 s)"
    waiting = [line for line in board.splitlines() if "c-2" in line]
    assert "waiting" in waiting[0]
    told = json.loads(await shown(api, functools.partial(floor.queues, as_json=True)))
    assert [queue["name"] for queue in told] == ["support"]


async def test_a_waiting_call_is_explained_in_the_terminal(
    api: TestClient[Any, Any], engine: Engine, tmp_path: Path
) -> None:
    await talking(api, engine)
    engine.arrive("c-2", "support")
    ask_why = functools.partial(explain, as_json=False)
    screen = await shown(api, ask_why, "c-2", state_dir=tmp_path)
    head, sentence, *_ = screen.splitlines()
    assert head == "c-2 · waiting in support"
    assert sentence.startswith("waits in support as number 1 in line")
    assert cells(screen, "mai") == ["mai", "talking with c-1"]


async def test_an_offer_is_explained_in_the_terminal_with_the_others(
    api: TestClient[Any, Any], engine: Engine, tmp_path: Path
) -> None:
    for agent in ("mai", "an"):
        await ask(api, f"POST /v1/agents/{agent}/login")
    await ask(api, "POST /v1/contacts", json=CHAT)
    screen = await shown(api, functools.partial(explain, as_json=False), "chat:1")
    assert "mai: offered now" in screen
    assert cells(screen, "mai")[1] == "chosen"
    assert cells(screen, "an")[1] == "candidate"
    told = json.loads(await shown(api, functools.partial(explain, as_json=True), "chat:1"))
    assert told["state"] == "ringing"


async def test_an_ended_call_is_explained_without_an_engine(
    api: TestClient[Any, Any], engine: Engine, tmp_path: Path
) -> None:
    await engine.ledger.save_call(CALL)
    asking = functools.partial(explain, as_json=False)
    url = f"sqlite:///{tmp_path}/ledger.db"
    with_engine = await shown(api, asking, "c-1", database_url=url)
    assert "answered by mai: idle for 40 s ☎" in with_engine
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as server:
        nobody: dict[str, Any] = {"api_port": server.getsockname()[1], "database_url": url}
    for call in ("c-1", "last"):
        assert (await shown(api, asking, call, **nobody)).endswith(with_engine)  # the log is first
    with pytest.raises(floor.NoAnswer):
        await shown(api, asking, "c-9", **nobody)


async def test_a_call_that_nobody_knows_has_no_reasons(
    api: TestClient[Any, Any], tmp_path: Path
) -> None:
    asking = Settings(api_port=api.port, database_url=f"sqlite:///{tmp_path}/ledger.db")
    assert not await explain(asking, "c-9", False, Console())
    assert not await explain(asking, "last", False, Console())
