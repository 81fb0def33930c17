"""Asks the running engine: who is on the floor, and to read its files again."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_address
from typing import Any

import aiohttp
from rich.console import Console
from rich.table import Table
from rich.text import Text
from yarl import URL

from engine.config.problems import Problem
from engine.settings import Settings

_PATIENCE = aiohttp.ClientTimeout(total=5)


class NoAnswer(Exception):
    """The engine's API does not answer, or refuses; the text says what to do."""


async def agents(settings: Settings, as_json: bool, console: Console) -> None:
    """List the agents. Raises ``NoAnswer``."""
    found = await _ask(settings, "/v1/agents")
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        console.print(agents_table(found, time.time()))


def agents_table(agents: Iterable[Mapping[str, Any]], now: float) -> Table:
    """The agents as people read them; ``now`` in seconds since the epoch."""
    table = Table(title="Agents", title_justify="left")
    for name in ("agent", "phone", "state", "for", "call"):
        table.add_column(name, justify="right" if name == "for" else "left")
    for agent in agents:
        registered = "" if agent["phone_online"] else " (not registered)"
        reason = f" ({agent['reason']})" if agent["reason"] else ""
        seconds = f"{max(0.0, now - agent['since']):.0f} s" if agent["since"] else ""
        cells = (
            agent["name"],
            agent["phone"] + registered,
            agent["state"] + reason,
            seconds,
            agent["call"] or "",
        )
        table.add_row(*map(Text, cells))
    return table


async def reload(settings: Settings) -> tuple[bool, list[Problem]]:
    """Have the site's files read again: whether they are in force, and what is wrong with them."""
    answer = await _ask(settings, "/v1/reload", method="POST", accept=(200, 422))
    problems = [
        Problem(**{k: v for k, v in told.items() if k != "level"}) for told in answer["problems"]
    ]
    return answer["in_force"] == "new", problems


async def _ask(
    settings: Settings, path: str, method: str = "GET", accept: Sequence[int] = (200,)
) -> Any:
    url = URL.build(scheme="http", host=_reachable(settings.api_host), port=settings.api_port)
    token = settings.api_token
    headers = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}
    try:
        async with (
            aiohttp.ClientSession(headers=headers, timeout=_PATIENCE) as http,
            http.request(method, url.with_path(path)) as answer,
        ):
            content = await answer.json(content_type=None)
    except (TimeoutError, aiohttp.ClientError, ValueError) as error:
        raise NoAnswer(
            f"no engine answers at {url}: does it run? TONGDAI_API_HOST and TONGDAI_API_PORT say "
            "where its API is"
        ) from error
    if answer.status not in accept:
        raise NoAnswer(f"{url} answers {answer.status}: {content}")
    return content


def _reachable(host: str) -> str:
    """Where to ask an API that listens on ``host``, which may be "everywhere"."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return ("::1" if address.version == 6 else "127.0.0.1") if address.is_unspecified else host
