"""Mailboxes and their messages, as they stand now. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from engine.call_record import MessageState


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
