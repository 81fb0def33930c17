"""A journal is read by another process: it must decide the same, whatever Python's hashes are."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from acd.agent_settings import AgentSettings, Medium
from acd.core import Acd, IllegalEvent
from acd.messages import (
    AcdEvent,
    AgentLoggedIn,
    AgentLoggedOut,
    AgentPaused,
    AgentReady,
    CallbackFirst,
    CallbackPostponed,
    Configured,
    ContactLeft,
    ContactQueued,
    CustomerReached,
    HoursChanged,
    LeaveReason,
    NeedsChanged,
    OfferAccepted,
    OfferOutcome,
    OfferRefused,
    PriorityChanged,
    TalkEnded,
)
from acd.queues import QueueSettings, Step
from acd.views import AgentView, WaitingView

AGENTS = tuple(f"agent{number}" for number in range(9))
MEDIA = (
    Medium(name="voice"),
    Medium(name="chat", most=3, weight=30),
    Medium(name="mail", interrupted_by=("voice",)),
)
QUEUES: dict[str, dict[str, Any]] = {
    "sales": {"ring_width": "all", "strategy": "random", "wrap_up": 3},
    "support": {
        "needs": [{"need": "vi >= 3", "seconds": 5}, {"need": "vi or en", "seconds": 9}],
        "tier_seconds": 4,
        "sticky": {"seconds": 6},
    },
    "vip": {
        "rate": 2,
        "offset_seconds": 20,
        "strategy": "round_robin",
        "overflow": [
            {"when": "waited", "over": 30, "to": {"queue": "sales"}},
            {"when": "closed", "to": {"queue": "support"}},
        ],
    },
}


def _opening(rng: random.Random) -> Configured:
    people = [
        AgentSettings(
            name=name,
            extension=str(3000 + number),
            queues=tuple(rng.sample(list(QUEUES), rng.randint(1, 3))),
            skills={"vi": rng.randint(0, 5), "en": rng.randint(0, 2)},
            tiers={"support": rng.randint(0, 2)},
        )
        for number, name in enumerate(AGENTS)
    ]
    queues = [
        QueueSettings.model_validate({"name": name, "ring_seconds": 6, **said})
        for name, said in QUEUES.items()
    ]
    return Configured(tuple(queues), tuple(people), MEDIA)


def _queued(rng: random.Random, number: int, now: float) -> ContactQueued:
    return ContactQueued(
        f"c{number}",
        rng.choice(list(QUEUES)),
        now - rng.choice([0, 0, 15]),
        rng.choice(["voice", "voice", "chat", "mail"]),
        prefer=rng.choice(["", *AGENTS]),
        callback=rng.choice([None, None, *CallbackFirst]),
    )


def _of_agent(rng: random.Random, view: AgentView, now: float) -> AcdEvent:
    if view.tasks and rng.random() < 0.8:
        task = rng.choice(view.tasks)
        if task.state == "offered" and rng.random() < 0.3:
            return OfferRefused(task.offer, rng.choice(list(OfferOutcome)[1:4]))
        if task.state == "offered":
            return OfferAccepted(task.offer)
        return TalkEnded(view.name, task.contact)
    wishes = [AgentReady, AgentReady, AgentLoggedOut]
    if rng.random() < 0.2:
        return AgentPaused(view.name, "lunch")
    if view.state == "logged_out":
        return AgentLoggedIn(view.name, view.name)
    return rng.choice(wishes)(view.name)


def _of_contact(rng: random.Random, view: WaitingView, now: float) -> AcdEvent:
    if view.state == "dialing":
        reached = rng.random() < 0.6
        return (
            CustomerReached(view.contact) if reached else CallbackPostponed(view.contact, now + 9)
        )
    return rng.choice(
        [
            ContactLeft(view.contact, LeaveReason.ABANDONED),
            PriorityChanged(view.contact, rng.choice([-30, 30])),
            NeedsChanged(view.contact, (Step(need="en", seconds=8),)),
        ]
    )


def decided(seed: int, steps: int) -> Iterator[object]:
    """A busy hour, and whatever was decided in it."""
    rng, acd, now = random.Random(seed), Acd(), 100.0
    yield acd.handle(_opening(rng), now)
    for name in AGENTS:
        yield acd.handle(AgentLoggedIn(name, name), now)
    for number in range(steps):
        now += rng.choice([0, 0.5, 1, 3])
        while (due := acd.next_deadline()) is not None and due <= now:
            yield acd.on_deadline(due)
        waiting = [view for queue in acd.queues(now) for view in queue.waiting]
        what = rng.random()
        event: AcdEvent
        if what < 0.3:
            event = _queued(rng, number, now)
        elif what < 0.4 and waiting:
            event = _of_contact(rng, rng.choice(waiting), now)
        elif what < 0.42:
            event = HoursChanged("vip", rng.random() < 0.5)
        else:
            event = _of_agent(rng, rng.choice(acd.agents()), now)
        try:
            yield acd.handle(event, now)
        except IllegalEvent as error:
            yield str(error)
    yield acd.queues(now)
    yield json.dumps(acd.snapshot())


def digest(seed: int) -> str:
    """All of it as one word."""
    return hashlib.sha256(repr(list(decided(seed, 600))).encode()).hexdigest()


@pytest.mark.parametrize("seed", [1, 2])
def test_another_process_decides_the_same_from_the_same_events(seed: int) -> None:
    program = f"from tests.unit.test_acd_processes import digest; print(digest({seed}))"
    told = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": hashes, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hashes in ("1", "2", "3")
    }
    assert len(told) == 1


def test_the_hour_that_is_decided_is_a_busy_one() -> None:
    kinds = {
        type(each).__name__ for step in decided(1, 600) if isinstance(step, list) for each in step
    }
    assert {"Offer", "Withdraw", "Moved", "CallBack", "StillWaiting", "AgentMoved"} <= kinds
