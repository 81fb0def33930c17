"""What a supervisor did, for the audit log. Pure.

Each line is an instant: who began to do what, to whom. What ended says how long it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from engine.call_record import AuditEntry
from engine.calls import notes as n
from engine.calls.supervising.notes import Supervised

SUPERVISE: Final = "supervise"
"""He follows an agent from now on, whether that one talks or not."""
TAKE_OVER: Final = "take_over"
REFUSED: Final = "take_over_refused"
"""It was not possible: he goes on as before."""
LEAVE: Final = "leave"
"""He is in that talk no more."""
STOP: Final = "stop_supervising"


def audit_of(
    call: str, notes: Iterable[n.Note], ended: float | None = None
) -> tuple[AuditEntry, ...]:
    """What the notes of a supervisor's call say of him, until it ``ended`` (None: it goes on).

    The entries so far are always the first ones of those later.
    """
    told = _told(notes, ended)
    return tuple(
        AuditEntry(f"{call}-{place}", at, who, action, subject, contact, detail)
        for place, (at, who, action, subject, contact, detail) in enumerate(told)
    )


_Told = tuple[float, str, str, str, str, str]


def _told(notes: Iterable[n.Note], ended: float | None) -> Iterator[_Told]:
    was: Supervised | None = None
    before = ""  # where he was when he began to take it over
    for note in notes:
        match note:
            case Supervised():
                yield from _changed(was, note)
                was = note
            case n.LineKept(lent=True) if was is not None:
                yield from _left(was, note.at)
                yield note.at, was.supervisor, TAKE_OVER, was.agent, was.contact, ""
                before, was = was.contact, replace(was, contact="")
            case n.LineKept() if was is not None:
                yield note.at, was.supervisor, REFUSED, was.agent, before, ""
                yield note.at, was.supervisor, was.watch, was.agent, before, ""
                was = replace(was, at=note.at, contact=before)
    if was is not None and ended is not None:
        yield from _left(was, ended)
        yield ended, was.supervisor, STOP, was.agent, "", ""


def _changed(was: Supervised | None, now: Supervised) -> Iterator[_Told]:
    if was is None:
        detail = f"{now.watch}, by {now.by}" if now.by else now.watch
        yield now.at, now.supervisor, SUPERVISE, now.agent, "", detail
    elif was.contact != now.contact:
        yield from _left(was, now.at)
    if now.contact and (was is None or (was.contact, was.watch) != (now.contact, now.watch)):
        yield now.at, now.supervisor, now.watch, now.agent, now.contact, ""


def _left(was: Supervised, at: float) -> Iterator[_Told]:
    if was.contact:
        told = f"after {max(0.0, at - was.at):.1f} s of {was.watch}"
        yield at, was.supervisor, LEAVE, was.agent, was.contact, told
