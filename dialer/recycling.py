"""What becomes of a lead: after an attempt, and after what an agent said of it. Pure.

Which of these holds first, decides:

1. whoever asks to be called no more (by a key, or by an agent's code) is suppressed, for good;
2. what the agent's code says: done, recycle, callback, invalid; one that says nothing of the kind
   is done;
3. a callback promised for a moment after this attempt is kept, whatever else the code says;
4. a callback that was due and did not reach him is tried again after half an hour, then after as
   long as has passed since the promise, for a day and at most four attempts beyond the most;
5. a number that nobody has, or a fax, is used no more: the next one is dialed at once;
6. the disposition's own rule: again after so many seconds, so many times; without one it is done.

Attempts that failed by our own fault do not count. Whether code or end comes first makes no
difference: a code before the end waits with the lead until then. Every lead comes out done,
suppressed, or with a moment at which it is due.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from dialer.dispositions import OUR_FAULT, Disposition
from dialer.leads import LeadChange, LeadStanding, LeadState, NumberState
from dialer.plan import AttemptMade, AttemptPlan, Recycle

DEFAULT_CODES: Final[Mapping[str, str]] = {
    "callback": "callback",
    "do_not_call": "suppress",
    "wrong_number": "invalid",
}
"""Codes that mean the same in every campaign that does not say otherwise; others mean done."""

UNUSABLE: Final = frozenset({Disposition.INVALID, Disposition.FAX})
NOT_REACHED: Final = OUR_FAULT | {
    Disposition.BUSY,
    Disposition.NO_ANSWER,
    Disposition.GIVEN_UP,
    Disposition.CONGESTED,
    Disposition.UNREACHABLE,
    Disposition.MACHINE,
}
CALLBACK_WAIT: Final = 1800.0
CALLBACK_KEPT: Final = 86400.0
CALLBACK_TRIES: Final = 4
BY_CODE: Final = Recycle(86400, 100)
"""How a code recycles, unless the campaign has a rule after `connected`."""
UNTIMED_CALLBACK: Final = 86400.0


def after_attempt(lead: LeadStanding, made: AttemptMade) -> LeadChange:
    """What becomes of ``lead`` when an attempt is over."""
    counts = made.disposition not in OUR_FAULT
    case = _Case(
        lead,
        made.plan,
        now=made.ended,
        attempts=lead.attempts + counts,
        talks=_ended(lead, Disposition.CONNECTED) + (made.disposition is Disposition.CONNECTED),
        number=_number_after(lead, made),
    )
    if made.opted_out:
        change = case.suppressed("asked not to be called")
    elif lead.state in (LeadState.SUPPRESSED, LeadState.DONE):
        change = case.over(lead.state, f"{lead.state} while it was called")
    else:
        change = _after_code(case, lead.code) if lead.code else _after_end(case, made.disposition)
    return replace(change, counts=counts)


def after_code(lead: LeadStanding, plan: AttemptPlan, code: str, now: float) -> LeadChange:
    """What becomes of ``lead`` when an agent says ``code`` of the attempt ``plan``, at ``now``.

    While the attempt goes on, the lead stays ``dialing`` (but for a suppressed one, which is so at
    once): the store keeps the code with it, and ``after_attempt`` does the rest.
    """
    talks = _ended(lead, Disposition.CONNECTED)
    case = _Case(lead, plan, now, lead.attempts, talks, _number(lead, plan.seq))
    if lead.state is LeadState.SUPPRESSED:
        return case.over(lead.state, "suppressed before")
    change = _after_code(case, code)
    if lead.state is LeadState.DIALING and not change.suppress:
        return replace(change, state=lead.state, due=None, next_seq=plan.seq)
    return change


@dataclass(frozen=True, slots=True)
class _Case:
    """A lead whose attempt ``plan`` is decided upon ``now``: its ``attempts`` and ``talks`` with
    this one, and what is known of the ``number`` that was dialed."""

    lead: LeadStanding
    plan: AttemptPlan
    now: float
    attempts: int
    talks: int
    number: NumberState

    def over(self, state: LeadState, why: str) -> LeadChange:
        """Nothing more is done."""
        return LeadChange(state, None, why, self.plan.seq, self.number, counts=False)

    def suppressed(self, why: str) -> LeadChange:
        """Never again."""
        change = replace(self, number=NumberState.SUPPRESSED).over(LeadState.SUPPRESSED, why)
        return replace(change, suppress=True)

    def again(self, seconds: float, why: str) -> LeadChange:
        """Tried again so much later, at the next number; unless there is none, or often enough."""
        seq = self._next_seq()
        if seq is None:
            return self.over(LeadState.DONE, f"{why}; no usable number is left")
        if self.attempts >= self.plan.most_attempts:
            return self.over(LeadState.DONE, f"{why}; tried {self.attempts} times")
        due = self.now + max(0.0, seconds)
        return LeadChange(LeadState.READY, due, why, seq, self.number, counts=False)

    def called_back(self, due: float, why: str) -> LeadChange:
        """Called at ``due``, as he asked: at this number, if it may be used."""
        seq = self.plan.seq if self.number is NumberState.USABLE else self._next_seq()
        if seq is None:
            return self.over(LeadState.DONE, f"{why}; no usable number is left")
        return LeadChange(LeadState.CALLBACK, due, why, seq, self.number, counts=False)

    def promised(self) -> float | None:
        """When he is to be called by a promise that this attempt did not keep yet."""
        due = self.lead.callback_due
        return due if due is not None and due > self.plan.decided else None

    def _next_seq(self) -> int | None:
        usable = [
            each.seq
            for each in self.lead.numbers
            if each.seq != self.plan.seq and each.state is NumberState.USABLE
        ]
        if self.number is NumberState.USABLE:
            usable.append(self.plan.seq)
        if not self.plan.numbers_in_turn:
            return min(usable, default=None)
        return min(usable, key=lambda seq: (seq <= self.plan.seq, seq), default=None)


def _after_code(case: _Case, code: str) -> LeadChange:
    effect = case.plan.codes.get(code) or DEFAULT_CODES.get(code, "done")
    why, promised = f"code {code}", case.promised()
    if effect == "suppress":
        return case.suppressed(why)
    if effect == "invalid":
        return replace(case, number=_worse(case.number, NumberState.INVALID)).again(0.0, why)
    if promised is not None:
        return case.called_back(promised, why)
    if effect == "callback":
        return case.called_back(case.now + UNTIMED_CALLBACK, f"{why}, at no certain time")
    if effect != "recycle":
        return case.over(LeadState.DONE, why)
    rule = case.plan.recycle.get(Disposition.CONNECTED, BY_CODE)
    if case.talks > rule.times:
        return case.over(LeadState.DONE, f"{why}; {case.talks} talks")
    return case.again(rule.seconds, why)


def _after_end(case: _Case, disposition: Disposition) -> LeadChange:
    promised = case.promised()
    if promised is not None:
        return case.called_back(promised, f"{disposition}; to be called back")
    kept = case.plan.callback and _callback_is_kept(case)
    if kept and disposition in NOT_REACHED:
        return _later(case, disposition)
    if case.number is NumberState.INVALID and disposition in UNUSABLE:
        return case.called_back(case.now, disposition) if kept else case.again(0.0, disposition)
    rule = case.plan.recycle.get(disposition)
    if rule is None:
        return case.over(LeadState.DONE, disposition)
    if _ended(case.lead, disposition) >= rule.times:
        times = _ended(case.lead, disposition) + 1
        return case.over(LeadState.DONE, f"{disposition}, {times} times")
    return case.again(rule.seconds, disposition)


def _callback_is_kept(case: _Case) -> bool:
    due = case.lead.callback_due
    too_many = case.attempts >= case.plan.most_attempts + CALLBACK_TRIES
    return due is not None and case.now - due < CALLBACK_KEPT and not too_many


def _later(case: _Case, disposition: Disposition) -> LeadChange:
    """A callback that did not reach him, once more."""
    assert case.lead.callback_due is not None
    rule = case.plan.recycle.get(disposition)
    wait = CALLBACK_WAIT if rule is None else min(CALLBACK_WAIT, rule.seconds)
    due = case.now + max(wait, case.now - case.lead.callback_due)
    return case.called_back(due, f"{disposition}; callback not kept yet")


def _ended(lead: LeadStanding, disposition: Disposition) -> int:
    return lead.ended.get(disposition, 0)


def _number(lead: LeadStanding, seq: int) -> NumberState:
    return next((each.state for each in lead.numbers if each.seq == seq), NumberState.USABLE)


def _number_after(lead: LeadStanding, made: AttemptMade) -> NumberState:
    """The dialed number; one that nobody has stays usable while a rule of the campaign says so."""
    state, rule = _number(lead, made.plan.seq), made.plan.recycle.get(made.disposition)
    again = rule is not None and _ended(lead, made.disposition) < rule.times
    if made.disposition in UNUSABLE and not again:
        return _worse(state, NumberState.INVALID)
    return state


def _worse(state: NumberState, other: NumberState) -> NumberState:
    return state if state is NumberState.SUPPRESSED else other
