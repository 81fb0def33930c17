"""What becomes of a lead after an attempt, and after what an agent said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.campaign import DEFAULT_RECYCLE
from dialer.dispositions import OUR_FAULT, Disposition
from dialer.leads import LeadChange, LeadStanding, LeadState, NumberStanding, NumberState
from dialer.plan import AttemptMade, AttemptPlan, Mode, Recycle
from dialer.recycling import CALLBACK_TRIES, UNUSABLE, after_attempt, after_code

NOON = 1_800_014_400.0
DAY = 86400.0
RULES = {disposition.value: rule for disposition, rule in DEFAULT_RECYCLE.items()}


def plan(seq: int = 0, **more: object) -> AttemptPlan:
    made = AttemptPlan(
        attempt="ob-1.1",
        campaign="renewals",
        mode=Mode.PREDICTIVE,
        list="customers",
        lead=7,
        seq=seq,
        number="+84912345678",
        trunk="viettel",
        dialed="0912345678",
        caller_id="+842439991111",
        decided=NOON,
        recycle=RULES,
        codes={"sale": "done", "think": "recycle", "stop": "suppress", "wrong": "invalid"},
    )
    return replace(made, **more)  # type: ignore[arg-type]


def lead(numbers: int = 1, **more: object) -> LeadStanding:
    standing = LeadStanding(
        LeadState.DIALING, 0, tuple(NumberStanding(seq) for seq in range(numbers))
    )
    return replace(standing, **more)  # type: ignore[arg-type]


def ended(
    disposition: Disposition, at: float = NOON + 60, opted_out: bool = False, **more: object
) -> AttemptMade:
    return AttemptMade(plan(**more), disposition, at, opted_out=opted_out)  # type: ignore[arg-type]


def told(change: LeadChange) -> tuple[str, float | None]:
    return change.state.value, change.due


# -- by disposition --


def test_a_busy_callee_is_tried_again_after_a_quarter_of_an_hour() -> None:
    change = after_attempt(lead(), ended(Disposition.BUSY))
    assert told(change) == ("ready", NOON + 60 + 900)
    assert (change.why, change.counts, change.number) == ("busy", True, NumberState.USABLE)


def test_after_so_many_times_the_same_it_is_done() -> None:
    change = after_attempt(lead(ended={"busy": 3}), ended(Disposition.BUSY))
    assert change.state is LeadState.READY
    change = after_attempt(lead(ended={"busy": 4}), ended(Disposition.BUSY))
    assert (*told(change), change.why) == ("done", None, "busy, 5 times")


def test_the_most_attempts_end_it_whatever_the_rule_says() -> None:
    change = after_attempt(lead(attempts=5), ended(Disposition.BUSY))
    assert (change.state, change.why) == (LeadState.DONE, "busy; tried 6 times")


@pytest.mark.parametrize("disposition", sorted(OUR_FAULT))
def test_our_own_faults_use_up_no_attempt(disposition: Disposition) -> None:
    change = after_attempt(lead(attempts=5), ended(disposition))
    assert (change.state, change.counts) == (LeadState.READY, False)


def test_who_was_connected_and_of_whom_nothing_is_said_is_done() -> None:
    change = after_attempt(lead(), ended(Disposition.CONNECTED))
    assert (change.state, change.why, change.counts) == (LeadState.DONE, "connected", True)


def test_a_campaign_may_call_again_whom_it_reached() -> None:
    rules = {**RULES, "message_left": Recycle(DAY, 2)}
    change = after_attempt(lead(), ended(Disposition.MESSAGE_LEFT, recycle=rules))
    assert told(change) == ("ready", NOON + 60 + DAY)


# -- numbers --


def test_the_next_number_has_its_turn() -> None:
    assert after_attempt(lead(3), ended(Disposition.BUSY, seq=0)).next_seq == 1
    assert after_attempt(lead(3), ended(Disposition.BUSY, seq=2)).next_seq == 0
    first = ended(Disposition.BUSY, seq=0, numbers_in_turn=False)
    assert after_attempt(lead(3), first).next_seq == 0


@pytest.mark.parametrize("disposition", sorted(UNUSABLE))
def test_a_number_that_nobody_has_makes_way_for_the_next_at_once(disposition: Disposition) -> None:
    change = after_attempt(lead(2), ended(disposition))
    assert (*told(change), change.next_seq) == ("ready", NOON + 60, 1)
    assert change.number is NumberState.INVALID


def test_without_a_usable_number_it_is_done() -> None:
    others = (NumberStanding(0), NumberStanding(1, NumberState.SUPPRESSED))
    change = after_attempt(replace(lead(), numbers=others), ended(Disposition.INVALID))
    assert (change.state, change.due) == (LeadState.DONE, None)
    assert change.why == "invalid_number; no usable number is left"


# -- codes --


def test_a_code_decides_over_the_disposition() -> None:
    assert after_attempt(lead(code="sale"), ended(Disposition.CONNECTED)).why == "code sale"
    change = after_attempt(lead(code="think"), ended(Disposition.CONNECTED))
    assert told(change) == ("ready", NOON + 60 + DAY)


def test_a_code_that_the_campaign_does_not_know_means_done() -> None:
    change = after_code(lead(state=LeadState.READY), plan(), "whatever", NOON + 90)
    assert (*told(change), change.why) == ("done", None, "code whatever")


def test_the_wrong_number_is_used_no_more() -> None:
    after_it = lead(2, state=LeadState.DONE, attempts=1)
    change = after_code(after_it, plan(), "wrong_number", NOON + 90)
    assert (*told(change), change.next_seq) == ("ready", NOON + 90, 1)
    assert change.number is NumberState.INVALID


def test_a_code_before_the_end_waits_with_the_lead() -> None:
    change = after_code(lead(), plan(), "sale", NOON + 30)
    assert told(change) == ("dialing", None)


@pytest.mark.parametrize("code", ["stop", "do_not_call"])
def test_who_asks_not_to_be_called_is_suppressed_at_once(code: str) -> None:
    change = after_code(lead(2, callback_due=NOON + DAY), plan(), code, NOON + 30)
    assert (*told(change), change.suppress) == ("suppressed", None, True)
    later = lead(2, state=LeadState.SUPPRESSED, code=code, callback_due=NOON + DAY)
    assert after_attempt(later, ended(Disposition.CONNECTED)).state is LeadState.SUPPRESSED


def test_a_key_that_says_no_more_calls_wins_over_everything() -> None:
    standing = lead(2, code="sale", callback_due=NOON + DAY)
    change = after_attempt(standing, ended(Disposition.ABANDONED, opted_out=True))
    assert (*told(change), change.suppress) == ("suppressed", None, True)
    assert after_code(replace(standing, state=change.state), plan(), "think", NOON).state == (
        "suppressed"
    )


def test_what_a_person_closed_during_the_call_stays_closed() -> None:
    change = after_attempt(lead(state=LeadState.DONE), ended(Disposition.BUSY))
    assert (change.state, change.counts) == (LeadState.DONE, True)


def test_an_agent_may_have_as_many_talks_as_the_campaign_allows() -> None:
    rules = {**RULES, "connected": Recycle(3600, 2)}
    again = lead(code="think", ended={"connected": 1})
    assert after_attempt(again, ended(Disposition.CONNECTED, recycle=rules)).due == NOON + 3660
    again = lead(code="think", ended={"connected": 2})
    change = after_attempt(again, ended(Disposition.CONNECTED, recycle=rules))
    assert (change.state, change.why) == (LeadState.DONE, "code think; 3 talks")


# -- callbacks --


def test_who_asked_to_be_called_back_is_called_then_at_the_same_number() -> None:
    standing = lead(2, code="callback", callback_due=NOON + DAY, attempts=5)
    change = after_attempt(standing, ended(Disposition.CONNECTED, seq=1))
    assert (*told(change), change.next_seq) == ("callback", NOON + DAY, 1)


def test_a_promised_callback_is_not_lost_over_a_code_that_says_done() -> None:
    standing = lead(code="sale", callback_due=NOON + DAY)
    assert told(after_attempt(standing, ended(Disposition.CONNECTED))) == ("callback", NOON + DAY)


def test_a_callback_without_a_time_is_made_a_day_later() -> None:
    change = after_attempt(lead(code="callback"), ended(Disposition.CONNECTED))
    assert told(change) == ("callback", NOON + 60 + DAY)


def test_an_old_promise_is_no_new_one() -> None:
    standing = lead(code="callback", callback_due=NOON - 60)
    change = after_attempt(standing, ended(Disposition.CONNECTED, callback=True))
    assert told(change) == ("callback", NOON + 60 + DAY)
    standing = lead(callback_due=NOON - 60)
    assert after_attempt(standing, ended(Disposition.CONNECTED, callback=True)).state == "done"


def test_a_callback_that_did_not_reach_him_is_tried_a_few_times_more() -> None:
    standing, now, waits = lead(3, attempts=3, callback_due=NOON), NOON, []
    while True:
        made = ended(Disposition.NO_ANSWER, now + 30, decided=now, callback=True, seq=1)
        change = after_attempt(standing, made)
        if change.state is not LeadState.CALLBACK:
            break
        assert change.due is not None
        assert change.next_seq == 1
        waits.append(round((change.due - now) / 60))
        standing = replace(standing, attempts=standing.attempts + 1)
        now = change.due
    assert waits == [30, 32, 63, 126, 252, 504]
    assert change.state is LeadState.DONE


# -- whatever comes --

DISPOSITIONS = st.sampled_from(sorted(Disposition))
CODES = st.sampled_from(["sale", "think", "stop", "wrong", "callback", "do_not_call", "other"])
RULE = st.builds(Recycle, st.floats(0, 10 * DAY), st.integers(0, 5))
NUMBERS = st.lists(st.sampled_from(sorted(NumberState)), min_size=1, max_size=4).map(
    lambda states: tuple(NumberStanding(seq, state) for seq, state in enumerate(states))
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[LeadStanding, AttemptMade]:
    numbers = draw(NUMBERS)
    standing = LeadStanding(
        LeadState.DIALING,
        attempts=draw(st.integers(0, 12)),
        numbers=numbers,
        ended=draw(st.dictionaries(DISPOSITIONS.map(str), st.integers(0, 6), max_size=3)),
        callback_due=draw(st.none() | st.floats(NOON - 2 * DAY, NOON + 2 * DAY)),
    )
    made = ended(
        draw(DISPOSITIONS),
        NOON + draw(st.floats(0, 600)),
        draw(st.integers(0, 9)) == 0,
        seq=draw(st.integers(0, len(numbers) - 1)),
        recycle=draw(st.just(RULES) | st.dictionaries(DISPOSITIONS.map(str), RULE, max_size=4)),
        most_attempts=draw(st.integers(1, 10)),
        numbers_in_turn=draw(st.booleans()),
        callback=draw(st.booleans()),
    )
    return standing, made


def changed(standing: LeadStanding, change: LeadChange, seq: int) -> LeadStanding:
    """The lead as the store has it afterwards."""
    numbers = tuple(
        replace(each, state=change.number) if each.seq == seq else each for each in standing.numbers
    )
    attempts = standing.attempts + change.counts
    return replace(standing, state=change.state, numbers=numbers, attempts=attempts)


def with_end(standing: LeadStanding, change: LeadChange, made: AttemptMade) -> LeadStanding:
    counted: Mapping[str, int] = {
        **standing.ended,
        made.disposition: standing.ended.get(made.disposition, 0) + 1,
    }
    return replace(changed(standing, change, made.plan.seq), ended=counted)


def sound(standing: LeadStanding, change: LeadChange, seq: int) -> None:
    numbers = {each.seq: each.state for each in changed(standing, change, seq).numbers}
    if change.state in (LeadState.READY, LeadState.CALLBACK):
        assert change.due is not None
        assert numbers[change.next_seq] is NumberState.USABLE
    else:
        assert change.state in (LeadState.DONE, LeadState.SUPPRESSED)
        assert change.due is None
    assert change.suppress <= (change.state is LeadState.SUPPRESSED)
    assert 0 < len(change.why) <= 80


@settings(max_examples=400, deadline=None)
@given(case=cases(), code=st.just("") | CODES)
def test_every_attempt_leaves_a_lead_that_is_due_or_done(
    case: tuple[LeadStanding, AttemptMade], code: str
) -> None:
    standing, made = replace(case[0], code=code), case[1]
    change = after_attempt(standing, made)
    sound(standing, change, made.plan.seq)
    assert change.counts == (made.disposition not in OUR_FAULT)
    if change.due is not None and change.due != standing.callback_due:
        assert change.due >= made.ended
    if made.opted_out or code in ("stop", "do_not_call"):
        assert change.state is LeadState.SUPPRESSED
        assert change.suppress
    if change.state is LeadState.READY:
        assert standing.attempts + change.counts < made.plan.most_attempts


@settings(max_examples=400, deadline=None)
@given(case=cases(), code=CODES, first=st.floats(0, 600), later=st.floats(0, 600))
def test_code_and_end_give_the_same_in_whichever_order_they_come(
    case: tuple[LeadStanding, AttemptMade], code: str, first: float, later: float
) -> None:
    standing, made = case
    seq, soon, then = made.plan.seq, NOON + first, NOON + first + later

    end = after_attempt(standing, replace(made, ended=soon))
    ended_first = after_code(with_end(standing, end, made), made.plan, code, then)

    said = after_code(standing, made.plan, code, soon)
    waiting = replace(changed(standing, said, seq), code=code)
    code_first = after_attempt(waiting, replace(made, ended=then))

    sound(standing, ended_first, seq)
    for name in ("state", "due", "number", "next_seq"):
        assert getattr(ended_first, name) == getattr(code_first, name), name
    assert end.suppress or ended_first.suppress == (said.suppress or code_first.suppress)


@settings(max_examples=150, deadline=None)
@given(case=cases(), outcomes=st.lists(DISPOSITIONS, min_size=80, max_size=80))
def test_a_lead_of_which_nobody_says_anything_is_done_some_day(
    case: tuple[LeadStanding, AttemptMade], outcomes: list[Disposition]
) -> None:
    standing, first = case
    change, made = after_attempt(standing, first), first
    tried, promised = 0, standing.callback_due
    for outcome in outcomes:
        standing = with_end(standing, change, made)
        if change.due is None:
            break
        assert made.plan.seq != change.next_seq or change.number is NumberState.USABLE
        tried += outcome not in OUR_FAULT
        now = max(change.due, made.ended) + 1.0
        asked = change.state is LeadState.CALLBACK
        standing = replace(standing, callback_due=promised if asked else None)
        repeated = replace(made.plan, decided=now, seq=change.next_seq, callback=asked)
        made = replace(first, plan=repeated, disposition=outcome, ended=now + 30, opted_out=False)
        change = after_attempt(replace(standing, state=LeadState.DIALING), made)
    assert change.due is None
    assert tried <= first.plan.most_attempts + CALLBACK_TRIES + 1
