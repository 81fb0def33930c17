"""The journal holds what decides, and no secrets; the example center is sound."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from ruamel.yaml import YAML

import acd
from acd import messages as m
from acd.agent_settings import AgentSettings
from acd.core import Acd
from acd.journal import from_json, replay, to_json
from acd.messages import AgentLoggedIn, AgentReady, Configured, ContactQueued
from acd.queues import QueueSettings, Step


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
    assert queues == {"sales", "support", "outreach", "outreach_preview"}
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


EVENTS: tuple[m.AcdEvent, ...] = (
    example(),
    m.DayBegan(),
    m.HoursChanged("sales", False),
    m.AgentLoggedIn("mai", "201", "nghỉ trưa"),
    m.AgentLoggedIn("mai", "201"),
    m.AgentLoggedOut("mai"),
    m.AgentReady("mai"),
    m.AgentPaused("mai", "coffee ☕"),
    m.WrapUpRequested("mai", "c1"),
    m.WrapUpExtended("mai", "c1"),
    m.WrapUpDone("mai", "c1"),
    m.DispositionSet("mai", "c1", "sold"),
    m.ContactQueued("c1", "sales", 1790000000.123456),
    m.ContactQueued(
        "c2",
        "sales",
        1790000000.5,
        "chat",
        "+84901234567",
        (Step(need="vi >= 3", seconds=5), Step()),
        "vi",
        -30.0,
        "mai",
        m.CallbackFirst.CUSTOMER,
        1790000100.0,
        m.ONLY_HIM,
        60.0,
    ),
    m.ContactQueued("c3", "sales", 1790000000.5, callback=m.CallbackFirst.RESERVED),
    *(m.ContactLeft("c1", reason) for reason in m.LeaveReason),
    m.NeedsChanged("c1", (Step(need="billing"),)),
    m.PriorityChanged("c1", 60.0),
    m.CustomerReached("c2"),
    m.CallbackPostponed("c2", 1790000200.0),
    m.OfferAccepted("c1-a1"),
    *(m.OfferRefused("c1-a1", outcome) for outcome in m.OfferOutcome),
    m.WorkBegan("mai", "w1"),
    m.WorkBegan("mai", "c1", "sales", rings=True),
    m.TalkEnded("mai", "c1"),
    m.TalkEnded("mai", "c1", unheard=True),
    m.TalkEnded("mai", "c1", missed=True),
)


def test_every_event_is_tried() -> None:
    assert {type(event) for event in EVENTS} == set(get_args(m.AcdEvent))


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_comes_back_equal_through_json(event: m.AcdEvent) -> None:
    back = from_json(json.loads(json.dumps(to_json(event))))
    assert type(back) is type(event)
    if isinstance(event, Configured):  # PINs stay at home
        people = tuple(agent.model_copy(update={"pin": None}) for agent in event.agents)
        assert back == replace(event, agents=people)
        return
    assert back == event
    assert repr(back) == repr(event)  # enums and tuples, not their look-alikes


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
