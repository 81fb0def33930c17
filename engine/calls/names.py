"""Which call an id belongs to.

A call has the unique id that Asterisk gave its caller's channel (``1790000000.7``, perhaps with a
system name before it). Everything else of the call is named after it by us: ``-a3`` an agent's
leg, ``-b…`` a bridge, ``-p…`` a playback, ``-r2`` a second recording (the first has the bare id),
``-m1`` a message, ``-c…`` the leg of a number outside. A callback has the id of the call that it is
for, after ``cb-``.
"""

from __future__ import annotations

import re

_OWN = re.compile(r"^(?P<call>.+)-[abcmpr][0-9.]+$")


def call_of(name: str) -> str:
    """The call that a channel, bridge, playback or recording belongs to."""
    match = _OWN.match(name)
    return match["call"] if match else name


def is_foreign(contact: str) -> bool:
    """Whether another program named this contact (``chat:4711``): it has no story here."""
    return ":" in contact


def is_ours(name: str) -> bool:
    """Whether we chose this id (an agent's leg, a bridge, a playback), not Asterisk."""
    return _OWN.match(name) is not None
