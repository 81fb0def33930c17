"""The journal holds what decides, and no secrets; the example center is sound."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import acd
from acd.core import Acd
from acd.journal import from_json, replay, to_json
from acd.messages import AgentLoggedIn, AgentReady, Configured, ContactQueued
from acd.queues import AgentSettings, QueueSettings


def example() -> Configured:
    return Configured(
        tuple(QueueSettings(name=name, **given) for name, given in _written("queues").items()),
        tuple(AgentSettings(name=name, **given) for name, given in _written("agents").items()),
    )


def _written(what: str) -> dict[str, dict[str, Any]]:
    text = (Path(acd.__file__).parent / f"{what}.yaml").read_text(encoding="utf-8")
    return YAML(typ="safe").load(text)[what]


def test_every_agent_of_the_example_center_serves_queues_that_exist() -> None:
    settings = example()
    queues = {queue.name for queue in settings.queues}
    assert queues == {"sales", "support"}
    assert all(agent.queues and set(agent.queues) <= queues for agent in settings.agents)
    extensions = [agent.extension for agent in settings.agents]
    assert extensions == ["3001", "3002", "3003", "3004", "3005", "3006"]


def test_an_operator_finds_no_pin_and_no_password_in_the_journal() -> None:
    agent = AgentSettings(
        name="mai", extension="3001", queues=("sales",), pin="4711", secret="s3cret-phone"
    )
    text = json.dumps(to_json(Configured((QueueSettings(name="sales"),), (agent,))))
    assert "mai" in text
    assert "4711" not in text
    assert "s3cret-phone" not in text


def test_a_journal_with_refused_events_replays_to_the_state_that_was() -> None:
    entries = [
        (0.0, example()),
        (1.0, AgentReady("mai")),  # illegal: she is not logged in
        (2.0, AgentLoggedIn("mai", "3001")),
        (3.0, ContactQueued("c1", "sales", 2.5)),
        (18.0, None),
    ]
    replayed = replay(entries)
    mai = next(agent for agent in replayed.agents() if agent.name == "mai")
    assert (mai.state, mai.since) == ("ready", 18.0)
    assert replay(entries[3:], replay(entries[:3])).snapshot() == replayed.snapshot()
    assert Acd.restore(replayed.snapshot()).agents() == replayed.agents()


@pytest.mark.parametrize("data", [{}, {"event": "Nonsense"}, {"event": "AgentReady"}])
def test_a_journal_line_that_is_no_event_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"Nonsense|None|agent"):
        from_json(data)
