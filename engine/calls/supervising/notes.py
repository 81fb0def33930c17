"""The notes of a supervisor's call: which agent he follows, how, and whose talk he is in."""

from __future__ import annotations

from dataclasses import dataclass

from engine.calls.note import Note
from engine.calls.talk.parties import Watch


@dataclass(frozen=True, slots=True)
class SupervisionAsked(Note):
    """A supervisor is to be rung at ``endpoint``, to follow ``agent``: a contact without a channel
    until he answers. ``by`` is who asked for it."""

    supervisor: str
    agent: str
    watch: Watch
    endpoint: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Supervised(Note):
    """From now on he is with ``agent`` as ``watch``; in the talk of ``contact``, or waiting for the
    next one ('')."""

    supervisor: str
    agent: str
    watch: Watch
    contact: str = ""
    by: str = ""


NOTES = (SupervisionAsked, Supervised)
"""All of them."""
