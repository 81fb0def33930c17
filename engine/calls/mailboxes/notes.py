"""The notes of messages: one waits as work, what an agent did with it, and mailboxes' greetings."""

from __future__ import annotations

from dataclasses import dataclass

from acd.queues import Step
from engine.call_record import MessageState
from engine.calls.note import Note


@dataclass(frozen=True, slots=True)
class MessageQueued(Note):
    """A message waits in ``queue`` for an agent who hears it: a contact without a channel.

    ``since`` is when it was left, in the call ``parent``; the needs are those of its caller.
    """

    recording: str
    mailbox: str
    queue: str
    since: float
    caller: str = ""
    did: str = ""
    language: str = ""
    parent: str = ""
    seconds: float = 0.0
    urgent: bool = False
    offset_seconds: float = 0.0
    needs: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageMarked(Note):
    """The agent ``by`` has heard, saved or deleted the message of this recording."""

    recording: str
    state: MessageState
    by: str


@dataclass(frozen=True, slots=True)
class MessageServed(Note):
    """The agent who took the message is done with it: its wait ended when he took it."""


@dataclass(frozen=True, slots=True)
class GreetingSet(Note):
    """The greeting of ``mailbox`` is this recording from now on, '' for its prompt."""

    mailbox: str
    recording: str
    by: str


NOTES = (MessageQueued, MessageMarked, MessageServed, GreetingSet)
"""All of them."""
