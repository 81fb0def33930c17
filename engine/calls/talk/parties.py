"""Who can be in a talk beside the caller, and as what."""

from __future__ import annotations

from enum import StrEnum


class PartyKind(StrEnum):
    """What somebody is who is brought to a caller."""

    AGENT = "agent"
    NUMBER = "number"  # somebody outside


class Role(StrEnum):
    """What somebody may do in a talk of several."""

    LEADER = "leader"  # who ends it for all, where it was asked to end with him
    SPEAKER = "speaker"
    LISTENER = "listener"  # the others do not hear him


class Watch(StrEnum):
    """How a supervisor is in a talk; he moves among them."""

    LISTEN = "listen"  # nobody hears him
    WHISPER = "whisper"  # the agent hears him, and nobody else
    BARGE = "barge"  # all hear him
    GONE = "gone"  # he has left


class Side(StrEnum):
    """With whom an agent is who consults somebody."""

    CALLER = "caller"
    CONSULTED = "consulted"
