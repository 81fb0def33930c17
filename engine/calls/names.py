"""Which call an id belongs to.

A call has the unique id that Asterisk gave its caller's channel (``1790000000.7``, perhaps with a
system name before it). Everything else of the call is named after it by us: ``-a3`` an agent's
leg, ``-c…`` that of a number outside, ``-b…`` a bridge, ``-p…`` a playback, ``-r1`` the recording
of a talk, and the channel that listens to it (``-r1.1`` and ``-r1.2`` its two sides), ``-m1`` a
message, ``-g1`` the greeting of a mailbox, ``-s1`` a spoken answer, ``-k1`` the recording of a
conference, ``-i1`` that of the whole call, ``-e…`` what hears the caller's voice commands, ``-v…``
a supervisor's ear at an agent's leg.

A callback has the id of the call that it is for, after ``cb-``, a message that is work the same
after ``vm-``, with its number; a campaign's call has that of its attempt, ``ob-`` and what makes it
unique, that of a supervisor whom we ring ``sv-`` and the time. The bridge of a conference is named
after its room.
"""

from __future__ import annotations

import re

_OWN = re.compile(r"^(?P<call>.+)-(?P<kind>[abcegikmnprsv])[0-9.]+$")
_ROOM = re.compile(r"^room:[A-Za-z0-9_-]*:[0-9]+$")
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_-]")


def call_of(name: str) -> str:
    """The call that a channel, bridge, playback or recording belongs to."""
    match = _OWN.match(name)
    return match["call"] if match else name


def is_foreign(contact: str) -> bool:
    """Whether another program named this contact (``chat:4711``): it has no story here."""
    return ":" in contact


def kind_of(name: str) -> str:
    """The letter after the call in an id that we chose; '' for one of Asterisk's."""
    match = _OWN.match(name)
    return match["kind"] if match else ""


def is_ours(name: str) -> bool:
    """Whether we chose this id (an agent's leg, a bridge, a playback), not Asterisk."""
    return kind_of(name) != ""


def room_bridge(room: str, now: float) -> str:
    """A name for the bridge of a conference, which belongs to no one call; never used before."""
    return f"room:{_NOT_IN_A_NAME.sub('_', room)[:40]}:{int(now * 1000)}"


def is_room(name: str) -> bool:
    """Whether this is the bridge of a conference."""
    return _ROOM.match(name) is not None
