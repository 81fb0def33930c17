"""What follows from messages in mailboxes: lamps are lit, others are told, recordings deleted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import pytest

from acd.agent_settings import AgentSettings
from acd.messages import AgentState
from acd.queues import MailboxSettings, QueueSettings, VoicemailSettings
from engine.calls.mailboxes.keeping import MailboxKeeper
from engine.calls.mailboxes.lamps import sitting, waiting_for
from engine.calls.mailboxes.webhooks import (
    GIVE_UP_SECONDS,
    RETRY_SECONDS,
    Webhooks,
    request_for,
)
from engine.ivr.messages import Request
from engine.lookups.result import LookupResult
from engine.mailbox import Message
from engine.ports import Down
from engine.store.voicemails import Counts

NOW = 1_790_000_000.0
MESSAGE = Message("1.1-m1", "1.1", "agent:anna", "+84901234567", "vi", NOW - 5, 4.5, False)
SETTINGS = MailboxSettings(webhook="${system:crm}/voicemail", webhook_secret="CRM_KEY")


def agent(name: str, extension: str, **more: Any) -> AgentSettings:
    return AgentSettings(name=name, extension=extension, **more)


def view(name: str, endpoint: str, state: AgentState = AgentState.READY) -> Any:
    return SimpleNamespace(name=name, endpoint=endpoint, state=state)


AGENTS = {
    "anna": agent("anna", "3001", queues=("sales", "work")),
    "binh": agent("binh", "3002", voicemail=SETTINGS),
}
QUEUES = {
    "sales": QueueSettings(name="sales"),
    "work": QueueSettings(name="work", voicemail=VoicemailSettings(as_work=True)),
}

# -- lamps ---------------------------------------------------------------------------------------


def test_a_lamp_shows_an_agents_messages_and_those_of_his_queues_that_are_not_work() -> None:
    counts = {
        "agent:anna": Counts(new=1, old=2),
        "queue:sales": Counts(new=3, old=1),
        "queue:work": Counts(new=7),
        "agent:binh": Counts(new=9),
    }
    assert waiting_for(AGENTS["anna"], QUEUES, counts) == (4, 3)
    assert waiting_for(AGENTS["anna"], QUEUES, {}) == (0, 0)


def test_a_phone_is_its_owners_unless_somebody_else_has_logged_in_there() -> None:
    assert sitting(AGENTS, []) == {"3001": "anna", "3002": "binh"}
    assert sitting(AGENTS, [view("anna", "3002")]) == {"3002": "anna"}
    assert sitting(AGENTS, [view("anna", "3009"), view("gone", "3001")]) == {
        "3002": "binh",
        "3009": "anna",
    }
    left = view("anna", "3002", AgentState.LOGGED_OUT)
    assert sitting(AGENTS, [left]) == {"3001": "anna", "3002": "binh"}


# -- webhooks ------------------------------------------------------------------------------------


@dataclass
class Host:
    """Another system: the statuses that it answers with, the last one for ever."""

    statuses: list[int] = field(default_factory=lambda: [200])
    asked: list[Request] = field(default_factory=list)

    async def perform(self, request: Request) -> LookupResult:
        """The next answer."""
        self.asked.append(request)
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return LookupResult("ok" if status == 200 else "error", status)


def test_a_webhook_is_told_all_of_a_message_and_the_secret_only_by_its_name() -> None:
    request = request_for(MESSAGE, SETTINGS)
    assert (request.method, request.url) == ("POST", "${system:crm}/voicemail")
    assert request.headers["Authorization"] == "Bearer ${secret:CRM_KEY}"
    assert request.headers["Idempotency-Key"] == "1.1-m1"
    assert isinstance(request.body, dict)
    assert request.body["audio"] == "/v1/recordings/1.1-m1/audio"
    assert request.body["caller"] == "+84901234567"
    assert "Authorization" not in request_for(MESSAGE, MailboxSettings(webhook="http://a")).headers


async def test_a_host_that_fails_is_asked_again_later_and_then_less_and_less_often() -> None:
    host = Host([0, 500, 200])
    hooks, asked = Webhooks(host), []
    for at in (0, 1, RETRY_SECONDS + 1, RETRY_SECONDS + 2, 3 * RETRY_SECONDS + 2):
        asked.append(await hooks.tell(MESSAGE, SETTINGS, NOW + at))
    assert asked == [False, False, False, False, True]
    assert len(host.asked) == 3


async def test_after_a_day_a_message_is_told_to_nobody_any_more() -> None:
    host = Host([500])
    hooks = Webhooks(host)
    assert await hooks.tell(MESSAGE, SETTINGS, MESSAGE.at + GIVE_UP_SECONDS)
    assert len(host.asked) == 1


async def test_a_mailbox_without_a_webhook_has_nobody_to_tell() -> None:
    host = Host()
    assert await Webhooks(host).tell(MESSAGE, MailboxSettings(), NOW)
    assert host.asked == []


# -- the keeper ----------------------------------------------------------------------------------


class Store:
    """The ledger's side of it."""

    def __init__(self, *messages: Message, deleted: Iterable[str] = ()) -> None:
        self.waiting = list(messages)
        self.deleted = list(deleted)
        self.boxes: dict[str, Counts] = {}

    async def forget_retired(self, at: float) -> None:
        """None has."""

    async def counts(self) -> dict[str, Counts]:
        """As they are set."""
        return self.boxes

    async def untold(self, limit: int, after: str = "") -> list[Message]:
        """Those that nobody was told of."""
        return [each for each in self.waiting if each.recording > after][:limit]

    async def set_told(self, recording: str, at: float) -> None:
        """One fewer."""
        self.waiting = [each for each in self.waiting if each.recording != recording]

    async def unremoved(self, limit: int) -> list[str]:
        """The recordings to be deleted."""
        return list(self.deleted)

    async def set_removed(self, recording: str, at: float) -> None:
        """One fewer."""
        self.deleted.remove(recording)


class Phones:
    """The switch, as far as lamps go; away at first, if so."""

    def __init__(self) -> None:
        self.lit: list[tuple[str, int, int]] = []
        self.away = False

    async def light_lamp(self, extension: str, new: int, old: int) -> None:
        """It shows that."""
        if self.away:
            raise Down("away")
        self.lit.append((extension, new, old))


@pytest.fixture
def host() -> Host:
    return Host()


@pytest.fixture
def phones() -> Phones:
    return Phones()


def keeper(store: Store, host: Host, phones: Phones, removed: list[str]) -> MailboxKeeper:
    async def remove(recording: str) -> None:
        removed.append(recording)

    sb: Any = SimpleNamespace(
        site=SimpleNamespace(agents=AGENTS, queues=QUEUES),
        desk=SimpleNamespace(acd=SimpleNamespace(agents=list)),
        clock=SimpleNamespace(now=lambda: NOW),
        lookups=host,
        pbx=phones,
    )
    return MailboxKeeper(sb, store, remove)  # type: ignore[arg-type]  # what it asks of the store


async def test_each_message_is_told_once_and_waits_while_its_host_fails(
    host: Host, phones: Phones
) -> None:
    host.statuses = [503, 200]
    to_binh = replace(MESSAGE, recording="1.1-m2", mailbox="agent:binh")
    nobodys = replace(MESSAGE, recording="1.1-m3", mailbox="queue:gone")
    store = Store(MESSAGE, to_binh, nobodys)
    kept = keeper(store, host, phones, [])
    await kept.look()
    assert [each.recording for each in store.waiting] == ["1.1-m2"]
    await kept.look()
    assert len(host.asked) == 1


async def test_a_host_that_fails_keeps_no_other_mailbox_from_being_told(
    host: Host, phones: Phones
) -> None:
    host.statuses = [503] * 60
    to_binh = [replace(MESSAGE, recording=f"1.{n:02}-m1", mailbox="agent:binh") for n in range(60)]
    store = Store(*to_binh, replace(MESSAGE, recording="2.1-m1", mailbox="queue:gone"))
    await keeper(store, host, phones, []).look()
    assert store.waiting == to_binh


async def test_recordings_of_deleted_messages_are_deleted(host: Host, phones: Phones) -> None:
    store, removed = Store(deleted=["1.1-m1", "1.1-m2"]), list[str]()
    await keeper(store, host, phones, removed).look()
    assert removed == ["1.1-m1", "1.1-m2"]
    assert store.deleted == []


async def test_a_lamp_is_told_when_it_changes_and_to_another_switch_again(
    host: Host, phones: Phones
) -> None:
    store = Store()
    kept = keeper(store, host, phones, [])
    kept.serve("first")
    store.boxes = {"agent:binh": Counts(new=2, old=1)}
    await kept.look()
    assert phones.lit == [("3002", 2, 1), ("3001", 0, 0)]
    await kept.look()
    assert len(phones.lit) == 2
    kept.serve("first")
    await kept.look()
    assert len(phones.lit) == 2
    kept.serve("second")
    await kept.look()
    assert phones.lit[2:] == [("3002", 2, 1), ("3001", 0, 0)]


async def test_a_switch_that_is_away_is_told_of_the_lamps_later(host: Host, phones: Phones) -> None:
    store = Store()
    store.boxes = {"agent:anna": Counts(new=1)}
    kept = keeper(store, host, phones, [])
    phones.away = True
    await kept.look()
    phones.away = False
    await kept.look()
    assert phones.lit[0] == ("3001", 1, 0)
