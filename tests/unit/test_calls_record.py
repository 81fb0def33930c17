"""The notes of a call make its record, whatever they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.messages import Candidate, Why, WhyWaiting
from acd.queues import Destination, DestinationKind, OfferMode
from dialer.plan import AttemptPlan
from engine.calls import notes as n
from engine.calls.names import call_of, is_ours
from engine.calls.outcomes import refused_offer
from engine.calls.record import Standing, fold
from engine.ivr.position import Place

TEXT = st.text(max_size=8)
AT = st.floats(1e9, 2e9)
ARRIVED = st.builds(n.Arrived, AT, TEXT, TEXT, TEXT, TEXT)
ENDED = st.builds(n.Ended, AT, st.sampled_from(["caller", "agent", "engine"]), st.integers(0, 127))
_BETWEEN = [kind for kind in n.KINDS if kind not in (n.Arrived, n.Ended)]
WHY = st.builds(Why, score=AT, candidates=st.tuples(st.builds(Candidate)))
WHY_WAITING = st.builds(WhyWaiting, score=AT)
VALUES = st.dictionaries(
    TEXT, TEXT | st.integers() | st.none() | st.lists(TEXT, max_size=2), max_size=3
)
OUTER = st.lists(st.builds(Place, TEXT, TEXT, VALUES), max_size=3).map(tuple)
PLAN = st.builds(AttemptPlan, decided=AT, data=VALUES, proof=VALUES, recycle=st.just({}))
DESTINATION = st.builds(Destination, kind=st.sampled_from(DestinationKind), name=TEXT.filter(bool))
_OF_TYPE = {
    Destination: DESTINATION,
    Destination | None: st.none() | DESTINATION,
    AttemptPlan: PLAN,
    float: AT,
    float | None: st.none() | AT,
    Why: WHY,
    WhyWaiting: WHY_WAITING,
    Mapping[str, Any]: VALUES,
    tuple[Place, ...]: OUTER,
}


def _any(kind: type[n.Note]) -> st.SearchStrategy[n.Note]:
    """Any note of a kind, with times that can be."""
    hints = get_type_hints(kind).items()
    times = {name: _OF_TYPE[hint] for name, hint in hints if hint in _OF_TYPE}
    return st.builds(kind, **times)


BETWEEN = st.one_of(*(_any(kind) for kind in _BETWEEN))


def _offer(at: float, agent: str, number: int = 1, **more: Any) -> n.OfferBegan:
    why = Why("longest_idle", 1.0, "", (Candidate(agent, "idle 3 s"),))
    return n.OfferBegan(at, f"100.1-a{number}", "support", agent, "3001", why, **more)


@st.composite
def _notes(draw: Any) -> list[n.Note]:
    middle = draw(st.lists(BETWEEN, max_size=25))
    return [draw(ARRIVED), *middle, draw(ENDED)]


@given(_notes())
def test_whatever_is_noted_the_segments_tile_the_call(notes: list[n.Note]) -> None:
    record = fold("100.1", notes).record()
    at = record.arrived
    for segment in record.segments:
        assert segment.started == at
        assert segment.ended > at
        at = segment.ended
    assert at == record.ended


@given(_notes(), st.lists(BETWEEN, max_size=10))
def test_what_is_noted_when_a_call_is_over_makes_it_no_longer(
    notes: list[n.Note], late: list[n.Note]
) -> None:
    before, after = fold("100.1", notes).record(), fold("100.1", [*notes, *late]).record()
    assert (after.segments, after.ended) == (before.segments, before.ended)


@given(_notes())
def test_whatever_is_noted_stays_at_nodes_follow_each_other_and_each_has_its_exit(
    notes: list[n.Note],
) -> None:
    record = fold("100.1", notes).record()
    for stay in record.nodes:
        assert record.arrived <= stay.entered <= stay.left <= record.ended
        assert stay.exit
    assert all(one.left <= next_.entered for one, next_ in pairwise(record.nodes))
    assert [stay.exit for stay in record.nodes].count("hangup") <= 1


@given(st.one_of(ARRIVED, BETWEEN, ENDED))
def test_a_note_comes_back_from_the_journal_as_it_was(note: n.Note) -> None:
    written = json.loads(json.dumps(n.to_json(note), allow_nan=False))
    assert n.from_json(written) == note


@given(_notes())
def test_a_call_folded_in_two_parts_is_the_call_folded_at_once(notes: list[n.Note]) -> None:
    standing = Standing("100.1")
    for note in notes:
        standing.take(note)
    assert standing == fold("100.1", fold("100.1", notes).notes)


def test_a_call_that_asks_much_at_many_nodes_does_not_fill_the_journal() -> None:
    known = {"customer": {"notes": "x" * 10_000}}
    outer = (Place("main", "call", known),)
    course = [
        n.NodeEntered(float(at), "main", f"node{at}", known, via="next", shared=known, outer=outer)
        for at in range(100)
    ]
    standing = fold("100.1", [n.Arrived(0.0, "100.1", "inbound", "1900", "0901"), *course])
    written = sum(len(json.dumps(n.to_json(note))) for note in standing.notes)
    assert written < 100_000
    assert fold("100.1", standing.notes).node == course[-1], "where it goes on after a crash"


def test_a_note_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match="Sneezed"):
        n.from_json({"message": "Sneezed", "at": 1.0})


def test_a_call_that_is_not_over_has_no_record() -> None:
    with pytest.raises(ValueError, match="not over"):
        fold("100.1", [n.Arrived(1.0, "100.1", "inbound", "1900", "0901")]).record()


def test_who_talked_with_an_agent_was_answered_whatever_came_after() -> None:
    notes = [
        n.Arrived(1.0, "100.1", "inbound", "1900", "0901"),
        n.VisitBegan(2.0, "support", 2.0),
        _offer(3.0, "anna"),
        n.TalkBegan(4.0, "100.1-a1", "anna", "support", "100.1-b1"),
        n.TalkEnded(9.0, "agent"),
        n.VisitBegan(9.0, "sales", 2.0),
        n.VisitEnded(12.0, "timeout"),
        n.Ended(13.0, "engine", 16),
    ]
    record = fold("100.1", notes).record()
    assert (record.outcome, record.agent) == ("answered", "anna")
    assert [visit.outcome for visit in record.visits] == ["answered", "timeout"]


def _waiting(*notes: n.Note) -> Standing:
    arrived = n.Arrived(1.0, "100.1", "inbound", "1900", "0901")
    return fold("100.1", [arrived, n.VisitBegan(2.0, "support", 2.0), *notes])


def _stretches(standing: Standing) -> list[tuple[str, str | None, float, float]]:
    return [(s.kind, s.agent, s.started, s.ended) for s in standing.segments]


def test_while_several_phones_ring_the_stretch_is_nobodys_and_tiles() -> None:
    standing = _waiting(
        _offer(3.0, "anna"),
        _offer(3.0, "binh", 2),
        n.OfferEnded(5.0, "100.1-a1", "busy"),
        n.OfferEnded(6.0, "100.1-a2", "timed_out"),
        n.Ended(8.0, "caller", 16),
    )
    assert _stretches(standing) == [
        ("setup", None, 1.0, 2.0),
        ("queue", None, 2.0, 3.0),
        ("ring", None, 3.0, 5.0),
        ("ring", "binh", 5.0, 6.0),
        ("queue", None, 6.0, 8.0),
    ]


def test_the_first_answer_ends_all_other_offers_in_one_note() -> None:
    standing = _waiting(
        _offer(3.0, "anna"),
        _offer(3.0, "binh", 2),
        n.TalkBegan(5.0, "100.1-a2", "binh", "support", "100.1-b1"),
    )
    made = {(o.agent, o.outcome, o.ended) for o in standing.offers_made}
    assert made == {("anna", "lost_race", 5.0), ("binh", "answered", 5.0)}
    assert standing.offers == {}


def test_a_preview_rings_only_when_it_was_taken() -> None:
    standing = _waiting(
        _offer(3.0, "anna", mode=OfferMode.PREVIEW),
        n.OfferTaken(7.0, "100.1-a1"),
        n.OfferEnded(9.0, "100.1-a1", "rejected"),
    )
    assert _stretches(standing)[1:] == [("queue", None, 2.0, 7.0), ("ring", "anna", 7.0, 9.0)]


def test_who_overflows_has_two_stays_and_one_age() -> None:
    standing = _waiting(n.VisitMoved(9.0, "sales", "waited over 7"))
    assert [(visit.queue, visit.outcome) for visit in standing.visits] == [("support", "overflow")]
    assert standing.visit == n.VisitBegan(9.0, "sales", 2.0)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("1790000000.7", "1790000000.7"),
        ("1790000000.7-a12", "1790000000.7"),
        ("pbx-a-1790000000.7-b123.1", "pbx-a-1790000000.7"),
        ("pbx-a-1790000000.7", "pbx-a-1790000000.7"),
    ],
)
def test_everything_of_a_call_is_known_by_its_name(name: str, call: str) -> None:
    assert call_of(name) == call
    assert is_ours(name) is (name != call)


@pytest.mark.parametrize(
    ("cause", "status", "rang", "outcome"),
    [
        (17, 486, True, "busy"),
        (17, 600, False, "busy"),
        (21, 603, True, "rejected"),
        (19, 480, False, "rejected"),
        (19, 0, True, "timed_out"),
        (18, 408, True, "timed_out"),
        (19, 0, False, "unreachable"),
        (16, 487, True, "rejected"),
        (3, 404, False, "unreachable"),
    ],
)
def test_what_the_end_of_a_ringing_leg_means(
    cause: int, status: int, rang: bool, outcome: str
) -> None:
    assert refused_offer(cause, status, rang) == outcome
