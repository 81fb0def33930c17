"""Asks the running engine: who is on the floor, who waits, and to read its files again."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import aiohttp
from rich.console import Console
from rich.text import Text
from yarl import URL

from engine.config.problems import Problem
from engine.settings import Settings
from engine.tables import Table

_NUMBERS = ("for", "today", "idle today")
_PATIENCE = aiohttp.ClientTimeout(total=5)
_RELOAD_PATIENCE = aiohttp.ClientTimeout(total=60)  # it runs the tests of the flows, too


class NoAnswer(Exception):
    """The engine's API does not answer, or refuses; the text says what to do."""


async def agents(settings: Settings, as_json: bool, console: Console) -> None:
    """List the agents. Raises ``NoAnswer``."""
    found = await ask(settings, "/v1/agents")
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        console.print(agents_table(found, time.time()))


def agents_table(agents: Iterable[Mapping[str, Any]], now: float) -> Table:
    """The agents as people read them; ``now`` in seconds since the epoch."""
    table = Table(title="Agents")
    for name in ("agent", "phone", "state", "for", "does", "today", "idle today"):
        table.add_column(name, justify="right" if name in _NUMBERS else "left")
    for agent in agents:
        registered = "" if agent["phone_online"] else " (not registered)"
        reason = agent["reason"] or (agent["resting"] and f"rests: {agent['resting']}")
        then = f", then {agent['next_state']}" if agent["next_state"] else ""
        seconds = f"{max(0.0, now - agent['since']):.0f} s" if agent["since"] else ""
        cells = (
            agent["name"],
            agent["phone"] + registered,
            agent["state"] + (f" ({reason})" if reason else "") + then,
            seconds,
            ", ".join(f"{task['contact']} {task['state']}" for task in agent["tasks"]),
            str(agent["today"]["contacts"]),
            f"{agent['today']['idle_seconds']:.0f} s",
        )
        table.add_row(*map(Text, cells))
    return table


async def queues(settings: Settings, as_json: bool, console: Console) -> None:
    """Show the queues and who waits in them. Raises ``NoAnswer``."""
    found = await ask(settings, "/v1/queues")
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        console.print(queues_table(found))
        waiting = [(queue["name"], place) for queue in found for place in queue["waiting"]]
        if waiting:
            console.print(waiting_table(waiting))


def queues_table(queues: Iterable[Mapping[str, Any]]) -> Table:
    """The queues as people read them: now, and since midnight."""
    table = Table(title="Queues")
    for name in ("queue", "waiting", "longest", "expected", "staffed", "ready"):
        table.add_column(name, justify="left" if name == "queue" else "right")
    for name in ("service level", "occupancy", "answered", "abandoned", "elsewhere"):
        table.add_column(name, justify="right")
    for queue in queues:
        today = queue["today"]
        cells = (
            queue["name"] + ("" if queue["open"] else " (closed)"),
            str(len(queue["waiting"])),
            f"{queue['longest_wait_seconds']:.0f} s",
            _seconds(queue["expected_wait_seconds"]),
            str(queue["staffed"]),
            str(queue["ready"]),
            (_percent(queue["service_level"]) + _target(queue["target"])).strip(),
            _percent(queue["occupancy"]),
            *(f"{today[name]:.0f}" for name in ("answered", "abandoned", "flowed_out")),
        )
        table.add_row(*map(Text, cells))
    return table


def waiting_table(places: Iterable[tuple[str, Mapping[str, Any]]]) -> Table:
    """Who waits, queue by queue in its order."""
    table = Table(title="Waiting")
    for name in ("queue", "#", "call", "medium", "waits", "score", "needs", "state"):
        table.add_column(name, justify="right" if name in ("#", "waits", "score") else "left")
    for queue, place in places:
        agents = ", ".join(offer["agent"] for offer in place["offers"])
        cells = (
            queue,
            str(place["position"]),
            place["call"],
            place["medium"],
            f"{place['waiting_seconds']:.0f} s",
            f"{place['score']:.0f}",
            place["need"],
            place["state"] + (f" at {agents}" if agents else ""),
        )
        table.add_row(*map(Text, cells))
    return table


def _seconds(value: float | None) -> str:
    return "nobody" if value is None else f"{value:.0f} s"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share * 100:.0f} %"


def _target(target: Mapping[str, float] | None) -> str:
    return f" (of {target['percent']:g} in {target['seconds']:g} s)" if target else ""


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What the engine answers when it is told to read the site's files again.

    ``published`` is the number of its flows' version, None for working files; ``pending`` says that
    the working files are others.
    """

    in_force: bool
    problems: list[Problem]
    version: str
    published: int | None
    pending: bool

    @property
    def which(self) -> str:
        """The flows in force, in words."""
        if self.published is None:
            return f"as they are written ({self.version})"
        pending = "; the working files differ: `tongdai flow publish`" if self.pending else ""
        return f"published as version {self.published} ({self.version}){pending}"


async def reload(settings: Settings) -> Reloaded:
    """Have the site's files read again. Raises ``NoAnswer``."""
    answer = await ask(
        settings, "/v1/reload", method="POST", accept=(200, 422), patience=_RELOAD_PATIENCE
    )
    problems = [
        Problem(**{k: v for k, v in told.items() if k != "level"}) for told in answer["problems"]
    ]
    return Reloaded(answer["in_force"] == "new", problems, **answer["flows"])


async def ask(
    settings: Settings,
    path: str,
    method: str = "GET",
    accept: Sequence[int] = (200,),
    patience: aiohttp.ClientTimeout = _PATIENCE,
    body: Mapping[str, Any] | None = None,
    query: Mapping[str, str] | None = None,
) -> Any:
    """The JSON that the engine's API answers, None for nothing. Raises ``NoAnswer``."""
    url = URL.build(scheme="http", host=_reachable(settings.api_host), port=settings.api_port)
    token = settings.api_token
    headers = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}
    try:
        async with (
            aiohttp.ClientSession(headers=headers, timeout=patience) as http,
            http.request(method, url.with_path(path).with_query(query), json=body) as answer,
        ):
            content = await answer.json(content_type=None)
    except (TimeoutError, aiohttp.ClientError, ValueError) as error:
        raise NoAnswer(
            f"no engine answers at {url}: does it run? TONGDAI_API_HOST and TONGDAI_API_PORT say "
            "where its API is"
        ) from error
    if answer.status not in accept:
        detail = content.get("detail") if isinstance(content, dict) else None
        raise NoAnswer(detail or f"{url} answers {answer.status}: {content}")
    return content


def _reachable(host: str) -> str:
    """Where to ask an API that listens on ``host``, which may be "everywhere"."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return ("::1" if address.version == 6 else "127.0.0.1") if address.is_unspecified else host
