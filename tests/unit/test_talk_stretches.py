"""Whatever happens in a talk, everybody's time is told without a gap, and once."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.call_record import PartyStretch, SegmentKind
from engine.calls import notes as n
from engine.calls.note import Note
from engine.calls.record import Standing, fold
from engine.calls.talk import notes as t
from engine.calls.talk.conversation import Conversation
from engine.calls.talk.parties import PartyKind
from tests.random_talk import AGENTS, CALL, a_talk, before_the_talk

T = 1790000000.0
TALKS = (SegmentKind.TALK, SegmentKind.FORWARDED)

die = st.tuples(st.integers(0, 500), st.sampled_from([0.0, 0.5, 3.0]))
dice = st.lists(die, max_size=40) | st.lists(die, min_size=20, max_size=40)
talks = dice.map(lambda thrown: list(a_talk(T, thrown)))


@settings(deadline=None, max_examples=200)
@given(talks)
def test_a_contacts_stretches_tile_his_call(notes: list[Note]) -> None:
    record = fold(CALL, notes).record()
    assert record.segments[0].started == record.arrived
    assert record.segments[-1].ended == record.ended
    assert all(before.ended == after.started for before, after in pairwise(record.segments))


@settings(deadline=None, max_examples=200)
@given(talks)
def test_everybodys_stretches_tile_his_stay(notes: list[Note]) -> None:
    record = fold(CALL, notes).record()
    stretches: dict[str, list[PartyStretch]] = defaultdict(list)
    for each in record.parties:
        stretches[each.leg].append(each)
    for leg, (came, left) in stays(notes).items():
        his = sorted(stretches.pop(leg, []), key=lambda each: each.started)
        if came < left:
            assert (his[0].started, his[-1].ended) == (came, left)
        assert all(before.ended == after.started for before, after in pairwise(his))
    assert not stretches, "somebody who was never there"


def stays(notes: list[Note]) -> dict[str, tuple[float, float]]:
    """From when to when each leg was in the talk."""
    here: dict[str, float] = {}
    over: dict[str, tuple[float, float]] = {}
    for note in notes:
        match note:
            case n.TalkBegan(at=at, offer=leg) | t.PartyCalled(at=at, leg=leg):
                here[leg] = at
            case t.PartyJoined(at=at, leg=leg):
                here[leg] = at
            case t.PartyLeft(at=at, leg=leg):
                over[leg] = here.pop(leg), at
            case n.TalkEnded(at=at) | n.Ended(at=at):
                over |= {leg: (came, at) for leg, came in here.items()}
                here.clear()
    return over


@settings(deadline=None, max_examples=200)
@given(talks)
def test_who_talks_with_the_caller_is_one_and_has_all_the_time_that_he_talks(
    notes: list[Note],
) -> None:
    record = fold(CALL, notes).record()
    with_somebody = sum(s.ended - s.started for s in record.segments if s.kind in TALKS)
    somebodys = sum(p.ended - p.started for p in record.parties if p.kind is SegmentKind.TALK)
    assert somebodys == pytest.approx(with_somebody, abs=1e-6)


@settings(deadline=None, max_examples=200)
@given(talks)
def test_nobody_is_in_two_places(notes: list[Note]) -> None:
    by_agent: dict[str, list[PartyStretch]] = defaultdict(list)
    for each in fold(CALL, notes).record().parties:
        if each.name in AGENTS:
            by_agent[each.name].append(each)
    for his in by_agent.values():
        his.sort(key=lambda each: each.started)
        assert all(before.ended <= after.started for before, after in pairwise(his))


@settings(deadline=None, max_examples=200)
@given(talks)
def test_a_caller_is_never_left_without_anybody_but_with_music(notes: list[Note]) -> None:
    standing = Standing(CALL)
    for note in notes:
        standing.take(note)
        talk = standing.conversation
        if talk is not None and talk.parties:
            seats, there = talk.seats(), [p for p in talk.present if not p.held]
            assert seats[talk.caller].music or talk.phone_held or talk.secure or there
            assert set(seats) == {
                talk.caller,
                *(p.leg for p in talk.parties.values() if not p.rings),
            }
            assert not talk.owner or talk.parties[talk.owner].agent


def test_the_talks_that_are_drawn_come_to_everything() -> None:
    """The properties above prove nothing about what no talk does."""
    reached: set[object] = set()

    @settings(deadline=None, max_examples=1000, derandomize=True)
    @given(talks)
    def explore(notes: list[Note]) -> None:
        record = fold(CALL, notes).record()
        reached.update(type(note) for note in notes)
        reached.update((each.party, each.kind) for each in record.parties)
        reached.update(each.kind for each in record.segments)
        reached.update((each.how, each.target) for each in record.transfers)

    wanted = {
        *(set(t.NOTES) - {t.TalkLocked, t.EndAgreed, t.Parked, t.Unparked, t.Sent}),
        *(SegmentKind.TALK, SegmentKind.HOLD, SegmentKind.CONFERENCE, SegmentKind.FORWARDED),
        *(SegmentKind.IVR, SegmentKind.DIALING),
        *(("agent", kind) for kind in ("ring", "talk", "hold", "consult", "conference")),
        *(("number", kind) for kind in ("dialing", "talk", "hold", "consult", "conference")),
        *((how, target) for how in ("warm", "attended") for target in ("agent", "number")),
        ("blind", "queue"),
    }
    explore()
    assert reached >= wanted, f"never drawn: {wanted - reached}"


def test_each_agent_has_the_minute_he_talked_through_a_consult_that_was_completed() -> None:
    """Mai talks 10 s, consults An for 20 s while the caller waits, and leaves him to her."""
    at = T + 5
    notes = [
        *before_the_talk(T),
        t.PartyCalled(at + 10, "an", PartyKind.AGENT, "an", consult=True, by=f"{CALL}-a1"),
        t.PartyAnswered(at + 15, "an"),
        t.PartyLeft(at + 30, f"{CALL}-a1", "transferred"),
        n.TalkEnded(at + 60, "caller"),
        n.Ended(at + 60, "caller", 16),
    ]
    record = fold(CALL, notes).record()
    assert [(s.kind, s.agent, s.ended - s.started) for s in record.segments[3:]] == [
        ("talk", "mai", 10),
        ("hold", "mai", 20),
        ("talk", "an", 30),
    ]
    assert [(p.name, p.kind, p.ended - p.started) for p in record.parties] == [
        ("mai", "talk", 10),
        ("an", "ring", 5),
        ("mai", "consult", 20),
        ("an", "consult", 15),
        ("an", "talk", 30),
    ]


def test_a_conversation_without_anybody_has_no_time() -> None:
    assert Conversation("c", "b", "").stretches == []
