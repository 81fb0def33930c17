"""The list of a simulated campaign: what the store does live, without one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Final

import phonenumbers

from dialer.dispositions import Disposition
from dialer.leads import (
    Candidate,
    Consent,
    LeadChange,
    LeadStanding,
    LeadState,
    NumberStanding,
    NumberState,
)
from dialer.messages import ReturnLead
from dialer.plan import AttemptMade
from dialer.recycling import after_attempt

_DIGITS: Final = 7
MOST_LEADS: Final = 1_000_000
"""The numbers of a lead are so far apart; ten of them are all that seven digits have."""
_REMEMBERED: Final = 50

_Due = tuple[float, int]
"""When, and which lead."""


@dataclass(slots=True)
class _Number:
    """One number of a lead; moments of attempts to it, the newest first."""

    state: NumberState = NumberState.USABLE
    attempts: int = 0
    dialed: tuple[float, ...] = ()
    talked: float | None = None
    abandoned: float | None = None


@dataclass(slots=True)
class _Lead:
    """One lead; ``seq`` is the number that is dialed next."""

    numbers: tuple[_Number, ...]
    state: LeadState = LeadState.READY
    seq: int = 0
    attempts: int = 0
    callback_due: float | None = None
    ended: Counter[str] = field(default_factory=Counter)

    @property
    def standing(self) -> LeadStanding:
        """As the rules of recycling want it."""
        numbers = enumerate(self.numbers)
        known = (NumberStanding(seq, each.state, each.attempts) for seq, each in numbers)
        return LeadStanding(
            self.state, self.attempts, tuple(known), self.ended, callback_due=self.callback_due
        )


class LeadList:
    """So many leads, who all agreed to be called and are on no do-not-call list; each with as many
    ``numbers``."""

    def __init__(
        self, name: str, leads: int, region: str, lists: Mapping[str, float], numbers: int = 1
    ) -> None:
        self._name = name
        self._region = region
        self._looked_up = tuple(lists)
        self._first_digits = first_digits(region)
        self._leads: list[_Lead] = []
        self._size, self._numbers = leads, numbers
        #: Leads that were dialed or given back, by when they are due: who asked to be called then,
        #: and the others.
        self._callbacks: list[_Due] = []
        self._retries: list[_Due] = []
        self.done = 0

    @property
    def over(self) -> bool:
        """Nothing is left to be done."""
        return self.done == self._size

    def has_due(self, now: float) -> bool:
        """Somebody may be claimed."""
        waiting = (self._callbacks, self._retries)
        return len(self._leads) < self._size or any(_is_due(each, now) for each in waiting)

    def claim(self, want: int, now: float) -> tuple[tuple[Candidate, ...], bool]:
        """Up to ``want`` leads: who asked for it first, then those due again, then new ones; and
        whether that is all."""
        claimed: list[Candidate] = []
        while len(claimed) < want:
            lead = self._next(now)
            if lead is None:
                break
            self._leads[lead].state = LeadState.CLAIMED
            claimed.append(self._candidate(lead))
        return tuple(claimed), len(claimed) < want

    def give_back(self, returned: ReturnLead, now: float) -> None:
        """It was not dialed."""
        lead = returned.candidate.lead
        if returned.suppress or (returned.due is None and returned.why == "consent"):
            self._finish(lead)
        else:
            self._again(lead, now if returned.due is None else returned.due)

    def dialed(self, lead: int, now: float) -> None:
        """An attempt of it began, at the number that was claimed."""
        known = self._leads[lead]
        known.state = LeadState.DIALING
        number = known.numbers[known.seq]
        number.dialed = (now, *number.dialed)[:_REMEMBERED]

    def ended(self, made: AttemptMade, call_back_at: float | None = None) -> LeadChange:
        """What becomes of a lead after its attempt, in which he perhaps asked to be called back."""
        lead = self._leads[made.plan.lead]
        if call_back_at is not None:
            lead.callback_due = call_back_at
        change = after_attempt(lead.standing, made)
        lead.ended[made.disposition] += 1
        lead.attempts += change.counts
        lead.seq = change.next_seq
        if change.state is not LeadState.CALLBACK:
            lead.callback_due = None
        self._met(lead.numbers[made.plan.seq], made, change)
        if change.due is None:
            self._finish(made.plan.lead)
        else:
            self._again(made.plan.lead, change.due)
        return change

    @staticmethod
    def _met(number: _Number, made: AttemptMade, change: LeadChange) -> None:
        number.state = change.number
        number.attempts += change.counts
        if made.connected is not None or made.disposition is Disposition.SERVED:
            number.talked = made.connected or made.ended
        if made.disposition is Disposition.ABANDONED:
            number.abandoned = made.ended

    def _next(self, now: float) -> int | None:
        for waiting in (self._callbacks, self._retries):
            if _is_due(waiting, now):
                return heappop(waiting)[1]
        if len(self._leads) == self._size:
            return None
        self._leads.append(_Lead(tuple(_Number() for _ in range(self._numbers))))
        return len(self._leads) - 1

    def _candidate(self, lead: int) -> Candidate:
        known = self._leads[lead]
        number = known.numbers[known.seq]
        return Candidate(
            lead=lead,
            list=self._name,
            number=f"{self._first_digits}{known.seq * MOST_LEADS + lead:0{_DIGITS}}",
            seq=known.seq,
            region=self._region,
            callback_due=known.callback_due,
            attempts=known.attempts,
            dialed=number.dialed,
            talked=number.talked,
            abandoned=number.abandoned,
            consent=Consent(0.0),
            do_not_call=self._looked_up,
        )

    def _again(self, lead: int, due: float) -> None:
        known = self._leads[lead]
        known.state = LeadState.READY
        asked = known.callback_due is not None
        heappush(self._callbacks if asked else self._retries, (due, lead))

    def _finish(self, lead: int) -> None:
        self._leads[lead].state = LeadState.DONE
        self.done += 1


def _is_due(waiting: list[_Due], now: float) -> bool:
    return bool(waiting) and waiting[0][0] <= now


def first_digits(region: str) -> str:
    """Of the region's mobile numbers, without the last seven. Raises ``ValueError``."""
    mobile = phonenumbers.PhoneNumberType.MOBILE
    example = phonenumbers.example_number_for_type(region, mobile)
    if example is None:
        raise ValueError(f"`{region}` is no country with mobile phones")
    number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    return re.sub(rf"[0-9]{{{_DIGITS}}}$", "", number)
