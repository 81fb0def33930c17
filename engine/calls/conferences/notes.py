"""The notes of a member of a conference room."""

from __future__ import annotations

from dataclasses import dataclass

from engine.calls.note import Note
from engine.calls.talk.parties import Role


@dataclass(frozen=True, slots=True)
class ConferenceJoined(Note):
    """The caller is in a room with others: the stretch `conference` begins. ``bridge`` is that of
    the room, whoever came first.

    ``until_leader``: nobody talks before a leader is there; ``ends_with_leader``: it is over for
    all when the last leader leaves. ``until`` is when it is over at the latest, 0 for never.
    ``announce`` is how the others are told of him (``announcing.Announce``), ``name`` the recording
    of what he calls himself, ``agent`` whose phone he sits at. The last three are the room's as he
    found it (``ConferenceRuled``).
    """

    room: str
    bridge: str
    role: Role = Role.SPEAKER
    muted: bool = False
    until_leader: bool = False
    ends_with_leader: bool = False
    record: bool = False
    until: float = 0.0
    announce: str = "tone"
    name: str = ""
    agent: str = ""
    locked: bool = False
    hushed: bool = False
    led: bool = False


@dataclass(frozen=True, slots=True)
class ConferenceRuled(Note):
    """What holds in his room from now on, noted with every member: nobody but leaders comes in
    (``locked``), who comes is not heard at first (``hushed``), a leader was there (``led``)."""

    locked: bool
    hushed: bool
    led: bool


@dataclass(frozen=True, slots=True)
class ConferenceMuted(Note):
    """The others hear him no more, or again."""

    muted: bool


@dataclass(frozen=True, slots=True)
class ConferenceRole(Note):
    """He is something else in it from now on."""

    role: Role


@dataclass(frozen=True, slots=True)
class ConferenceLeft(Note):
    """He is out of the room."""


@dataclass(frozen=True, slots=True)
class RecordingHandedOn(Note):
    """The recording of his room goes on with the call of another member."""

    recording: str


@dataclass(frozen=True, slots=True)
class Invited(Note):
    """Somebody is to be brought into a room: a contact without a channel, until he answers.

    ``number`` is his in E.164 or, of an ``agent``, '' ; ``by`` the number of the member who wants
    it, '' for the API; ``name`` the recording of what that one calls himself.
    """

    room: str
    number: str
    agent: str = ""
    role: Role = Role.SPEAKER
    by: str = ""
    name: str = ""
    language: str = ""


NOTES = (
    ConferenceJoined,
    ConferenceRuled,
    ConferenceMuted,
    ConferenceRole,
    ConferenceLeft,
    RecordingHandedOn,
    Invited,
)
"""All of them."""
