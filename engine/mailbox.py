"""Mailboxes: their names (``agent:an``, ``queue:support``), settings, and what is in them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from acd.agent_settings import AgentSettings
from acd.queues import MailboxSettings, QueueSettings, VoicemailSettings
from engine.call_record import MessageState

AGENT: Final = "agent"
QUEUE: Final = "queue"


def of_agent(name: str) -> str:
    """An agent's own mailbox."""
    return f"{AGENT}:{name}"


def of_queue(name: str) -> str:
    """The mailbox that the agents of a queue share."""
    return f"{QUEUE}:{name}"


def owner(mailbox: str) -> tuple[str, str]:
    """Whose it is: ``agent`` or ``queue``, and the name."""
    kind, _, name = mailbox.partition(":")
    return kind, name


def queue_of(mailbox: str) -> str:
    """The queue whose mailbox it is, '' for that of an agent."""
    kind, name = owner(mailbox)
    return name if kind == QUEUE else ""


def settings_of(
    mailbox: str,
    agents: Mapping[str, AgentSettings],
    queues: Mapping[str, QueueSettings],
) -> MailboxSettings | None:
    """The settings of a mailbox; None when there is nobody whose it could be."""
    kind, name = owner(mailbox)
    if kind == AGENT and name in agents:
        return agents[name].voicemail
    if kind == QUEUE and name in queues:
        return queues[name].voicemail or VoicemailSettings()
    return None


def heard_by(agent: AgentSettings) -> tuple[str, ...]:
    """The mailboxes that an agent listens to: his own, and those of his queues."""
    return (of_agent(agent.name), *map(of_queue, agent.queues))


def is_work(mailbox: str, queues: Mapping[str, QueueSettings]) -> bool:
    """Whether messages of this mailbox are contacts of its queue."""
    queue = queues.get(queue_of(mailbox))
    return queue is not None and queue.voicemail is not None and queue.voicemail.as_work


@dataclass(frozen=True, slots=True)
class Mailbox:
    """``kept`` messages are in it; ``greeting`` is the recording that was made for it, '' for
    none."""

    kept: int = 0
    greeting: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A message. ``by`` is who marked it last, at ``marked``; ``call`` is that in which it was
    left."""

    recording: str
    call: str
    mailbox: str
    caller: str
    language: str
    at: float
    seconds: float
    urgent: bool
    state: MessageState = MessageState.NEW
    by: str = ""
    marked: float | None = None
