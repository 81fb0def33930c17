"""What came of an attempt, from its notes alone: one word, whatever happened in whatever order."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.dispositions import ANSWERED_LIVE, Disposition
from dialer.plan import Mode
from engine.call_record import CallOutcome
from engine.calls import notes as n
from engine.calls.outcomes import Missed, missed_call
from engine.calls.record import Standing, fold
from tests.unit.outbound_center import ATTEMPT, a_plan
from tests.unit.test_calls_record import BETWEEN, ENDED

LEG = f"{ATTEMPT}-c1"
ANSWERED = (n.NumberDialed(1.0, LEG, "+84"), n.NumberAnswered(5.0, LEG))


def close(
    mode: Mode,
    *notes: n.Note,
    ended: float = 20.0,
    by: str = "caller",
    estimated: bool = False,
) -> Standing:
    """An attempt with these notes, closed as the registry does."""
    began = n.AttemptBegan(0.0, a_plan(mode, decided=0.0))
    standing = fold(ATTEMPT, [began, *notes])
    end = n.Ended(ended, by, 16, estimated)
    assert standing.made is not None
    standing.take(standing.made.close(end))
    standing.take(end)
    return standing


def word(mode: Mode, *notes: n.Note, **more: Any) -> Disposition:
    """What came of it."""
    made = close(mode, *notes, **more).attempt_made()
    assert made is not None
    return made.disposition


@given(st.sampled_from(Mode), st.lists(BETWEEN, max_size=25), ENDED)
def test_whatever_is_noted_an_attempt_ends_with_one_word_and_its_segments_tile(
    mode: Mode, notes: list[n.Note], ended: n.Ended
) -> None:
    began = n.AttemptBegan(1e9, a_plan(mode, decided=1e9))
    notes = [note for note in notes if not isinstance(note, n.NumberMissed | n.AttemptClosed)]
    standing = fold(ATTEMPT, [began, *notes])
    assert standing.made is not None
    for note in (standing.made.close(ended), ended):
        standing.take(note)
    record = standing.record()
    at = record.arrived
    for segment in record.segments:
        assert segment.started == at < segment.ended
        at = segment.ended
    assert at == record.ended
    assert record.attempt is not None
    live = record.attempt.disposition in ANSWERED_LIVE
    assert not live or record.attempt.answered is not None or record.attempt.connected is not None


@given(st.sampled_from(Mode), st.dictionaries(st.text(max_size=5), st.text(max_size=5)))
def test_a_plan_comes_back_from_the_journal_as_it_was(mode: Mode, data: dict[str, str]) -> None:
    began = n.AttemptBegan(1.5, a_plan(mode, decided=1.5, data=data))
    assert n.from_json(json.loads(json.dumps(n.to_json(began)))) == began


@pytest.mark.parametrize("why", Missed)
def test_each_reason_not_to_be_reached_has_a_word(why: Missed) -> None:
    assert word(Mode.POWER, n.NumberMissed(3.0, why, True)) in Disposition


@pytest.mark.parametrize(
    ("notes", "disposition"),
    [
        ((), Disposition.CANCELLED),
        ((n.OutcomeSet(1.0, CallOutcome.FAILED),), Disposition.FAILED),
        (ANSWERED[:1], Disposition.FAILED),
        (ANSWERED, Disposition.HUNG_UP),
        ((*ANSWERED, n.OutcomeSet(6.0, CallOutcome.FAILED)), Disposition.ABANDONED),
        ((*ANSWERED, n.OutcomeSet(6.0, CallOutcome.DISMISSED)), Disposition.ABANDONED),
        ((*ANSWERED, n.PersonFound(5.0)), Disposition.ABANDONED),
        ((*ANSWERED, n.PersonFound(18.5)), Disposition.HUNG_UP),
        ((*ANSWERED, n.PersonFound(18.5), n.SpokenTo(19.0, ("x",))), Disposition.ABANDONED),
        ((*ANSWERED, n.WhoAnswered(6.0, "FAX")), Disposition.FAX),
        ((*ANSWERED, n.WhoAnswered(6.0, "MACHINE")), Disposition.MACHINE),
        (
            (*ANSWERED, n.WhoAnswered(6.0, "MACHINE"), n.SpokenTo(9.0, ("x",))),
            Disposition.MACHINE,
        ),
        (
            (*ANSWERED, n.WhoAnswered(6.0, "MACHINE"), n.MessageLeft(9.0)),
            Disposition.MESSAGE_LEFT,
        ),
    ],
)
def test_how_it_ended_is_one_word(notes: tuple[n.Note, ...], disposition: Disposition) -> None:
    assert word(Mode.PREDICTIVE, *notes) is disposition


def test_who_was_given_no_agent_by_the_moment_of_his_hang_up_was_abandoned() -> None:
    person = (*ANSWERED, n.PersonFound(5.0))
    assert word(Mode.PREDICTIVE, *person, ended=6.9) is Disposition.HUNG_UP
    assert word(Mode.PREDICTIVE, *person, ended=7.1) is Disposition.ABANDONED


def test_whom_nobody_saw_hang_up_was_abandoned() -> None:
    """The switch died, or the engine was away and nobody wrote down what became of him."""
    for mode in (Mode.PREDICTIVE, Mode.BROADCAST):
        for notes in (ANSWERED, (*ANSWERED, n.PersonFound(5.0))):
            assert word(mode, *notes, ended=6.0, estimated=True) is Disposition.ABANDONED
    assert word(Mode.POWER, ANSWERED[0], ended=6.0, estimated=True) is Disposition.FAILED


def test_who_waited_in_vain_for_a_broadcast_to_begin_was_abandoned() -> None:
    person = (*ANSWERED, n.PersonFound(5.0))
    flow = n.NodeEntered(5.1, "poll", "greet")
    assert word(Mode.BROADCAST, *person, ended=6.9) is Disposition.HUNG_UP
    assert word(Mode.BROADCAST, *person, ended=7.1) is Disposition.ABANDONED
    assert word(Mode.BROADCAST, *person, flow, ended=7.1) is Disposition.HUNG_UP


@pytest.mark.parametrize(
    ("cause", "status", "rang", "missed"),
    [
        (21, 603, True, Missed.REJECTED),
        (21, 607, False, Missed.REJECTED),
        (21, 403, False, Missed.CONGESTED),
        (21, 407, False, Missed.CONGESTED),
        (27, 502, False, Missed.CONGESTED),
        (102, 504, True, Missed.CONGESTED),
        (38, 500, False, Missed.CONGESTED),
        (1, 404, False, Missed.INVALID),
        (28, 484, False, Missed.INVALID),
        (22, 410, False, Missed.INVALID),
    ],
)
def test_what_the_trunk_refuses_is_not_the_callees_refusal(
    cause: int, status: int, rang: bool, missed: Missed
) -> None:
    assert missed_call(cause, status, rang) is missed
