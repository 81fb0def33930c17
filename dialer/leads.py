"""A lead: somebody to be called, at one of several numbers. Pure.

::

    ready ──claimed──► claimed ──attempt──► dialing ──► ready | callback | done
      ▲                   │                                 │
      └────released───────┘            suppressed ◄─────────┴── from any state, at once

*ready*: may be dialed once ``due`` has come. *claimed*: in a campaign's hopper, no other campaign
is offered it. *dialing*: an attempt is under way, or its call. *callback*: to be called at ``due``,
by ``owner`` or by anybody. *done*: nothing more is to be done (``why`` says what came of it).
*suppressed*: on a do-not-call list, or opted out; nothing leads back but a person's decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class LeadState(StrEnum):
    """Where a lead is; the picture above says what leads where."""

    READY = "ready"
    CLAIMED = "claimed"
    DIALING = "dialing"
    CALLBACK = "callback"
    DONE = "done"
    SUPPRESSED = "suppressed"


class NumberState(StrEnum):
    """Whether a number of a lead may still be used."""

    USABLE = "usable"
    INVALID = "invalid"  # nobody has it, or it is a fax or somebody else's
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class Consent:
    """That the callee agreed to be called: when, until when, and where that is written."""

    given_at: float
    until: float | None = None
    evidence: str = ""
    scope: str = ""
    """For whom or what; '' for every call of this center."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A claimed lead and the number to be dialed next, as the store has it. ``lead`` is its id.

    ``number`` is E.164; ``seq`` its place among the lead's numbers, from 0. ``zones`` are the IANA
    zones that the callee may be in, none when nothing is known: a moment must be lawful in all of
    them. ``region`` is an ISO 3166 place such as ``VN`` or ``US-FL``. ``attempts`` were made to the
    lead by any campaign. ``dialed`` are the moments of the last attempts to this *number* by any
    campaign, newest first (30 days, at most 50); ``talked`` when a person last talked with us
    there, ``abandoned`` when we last had no agent for him. ``callback_due`` is when he asked to be
    called, ``owner`` the agent whose lead (or callback) it is, '' for anybody. ``suppressed`` says
    on which do-not-call list the number is, '' for none; ``do_not_call`` lists it was looked up in.
    """

    lead: int
    list: str
    number: str
    seq: int = 0
    zones: tuple[str, ...] = ()
    region: str = ""
    language: str = ""
    owner: str = ""
    callback_due: float | None = None
    attempts: int = 0
    dialed: tuple[float, ...] = ()
    talked: float | None = None
    abandoned: float | None = None
    consent: Consent | None = None
    suppressed: str = ""
    do_not_call: tuple[str, ...] = ()
    mobile: bool = False
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NumberStanding:
    """One number of a lead: its ``attempts``, and whether it may be used."""

    seq: int
    state: NumberState = NumberState.USABLE
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class LeadStanding:
    """A lead as the store has it when an attempt of it ends.

    ``ended`` counts its attempts so far by disposition, the one that ends now not among them;
    ``attempts`` those that count against its limit. ``code`` is what an agent said, if he has.
    """

    state: LeadState
    attempts: int
    numbers: tuple[NumberStanding, ...]
    ended: Mapping[str, int] = field(default_factory=dict)
    code: str = ""
    callback_due: float | None = None


@dataclass(frozen=True, slots=True)
class LeadChange:
    """What becomes of a lead: its state, when it is due, why (in a few words), the number that is
    dialed next, and what is known of the number that was dialed. ``counts``: as an attempt."""

    state: LeadState
    due: float | None
    why: str
    next_seq: int
    number: NumberState
    counts: bool
    suppress: bool = False
    """The number goes onto the do-not-call list."""
