"""The list of a simulated campaign: what the store does live, without one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
_REMEMBERED: Final = 50


@dataclass(slots=True)
class _Lead:
    """One lead with one number."""

    candidate: Candidate
    state: LeadState = LeadState.READY
    ended: Counter[str] = field(default_factory=Counter)
    number: NumberState = NumberState.USABLE


class LeadList:
    """So many leads, who all agreed to be called and are on no do-not-call list."""

    def __init__(self, name: str, leads: int, region: str, lists: Mapping[str, float]) -> None:
        self._name = name
        self._region = region
        self._looked_up = tuple(lists)
        self._first_digits = first_digits(region)
        self._leads: list[_Lead] = []
        self._size = leads
        #: Leads that were dialed or given back, by when they are due.
        self._due: list[tuple[float, int]] = []
        self.done = 0

    @property
    def over(self) -> bool:
        """Nothing is left to be done."""
        return self.done == self._size

    def has_due(self, now: float) -> bool:
        """Somebody may be claimed."""
        return len(self._leads) < self._size or bool(self._due and self._due[0][0] <= now)

    def claim(self, want: int, now: float) -> tuple[tuple[Candidate, ...], bool]:
        """Up to ``want`` leads: those due again first, then new ones; and whether that is all."""
        claimed: list[Candidate] = []
        while len(claimed) < want:
            lead = self._next(now)
            if lead is None:
                break
            lead.state = LeadState.CLAIMED
            claimed.append(lead.candidate)
        return tuple(claimed), len(claimed) < want

    def give_back(self, returned: ReturnLead, now: float) -> None:
        """It was not dialed."""
        lead = self._leads[returned.candidate.lead]
        if returned.suppress or (returned.due is None and returned.why == "consent"):
            self._finish(lead)
        else:
            self._again(lead, now if returned.due is None else returned.due)

    def dialed(self, lead: int, now: float) -> None:
        """An attempt of it began."""
        known = self._leads[lead]
        known.state = LeadState.DIALING
        before = known.candidate.dialed
        known.candidate = replace(known.candidate, dialed=(now, *before)[:_REMEMBERED])

    def ended(self, made: AttemptMade) -> LeadChange:
        """What becomes of a lead after its attempt."""
        lead = self._leads[made.plan.lead]
        numbers = (NumberStanding(0, lead.number, lead.candidate.attempts),)
        standing = LeadStanding(lead.state, lead.candidate.attempts, numbers, lead.ended)
        change = after_attempt(standing, made)
        lead.ended[made.disposition] += 1
        lead.number = change.number
        abandoned = made.disposition is Disposition.ABANDONED
        lead.candidate = replace(
            lead.candidate,
            attempts=lead.candidate.attempts + change.counts,
            abandoned=made.ended if abandoned else lead.candidate.abandoned,
        )
        if change.due is None:
            self._finish(lead)
        else:
            self._again(lead, change.due)
        return change

    def _next(self, now: float) -> _Lead | None:
        if self._due and self._due[0][0] <= now:
            return self._leads[heappop(self._due)[1]]
        if len(self._leads) == self._size:
            return None
        self._leads.append(_Lead(self._candidate(len(self._leads))))
        return self._leads[-1]

    def _candidate(self, lead: int) -> Candidate:
        return Candidate(
            lead=lead,
            list=self._name,
            number=f"{self._first_digits}{lead:0{_DIGITS}}",
            region=self._region,
            consent=Consent(0.0),
            do_not_call=self._looked_up,
        )

    def _again(self, lead: _Lead, due: float) -> None:
        lead.state = LeadState.READY
        heappush(self._due, (due, lead.candidate.lead))

    def _finish(self, lead: _Lead) -> None:
        lead.state = LeadState.DONE
        self.done += 1


def first_digits(region: str) -> str:
    """Of the region's mobile numbers, without the last seven. Raises ``ValueError``."""
    mobile = phonenumbers.PhoneNumberType.MOBILE
    example = phonenumbers.example_number_for_type(region, mobile)
    if example is None:
        raise ValueError(f"`{region}` is no country with mobile phones")
    number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    return re.sub(rf"[0-9]{{{_DIGITS}}}$", "", number)
