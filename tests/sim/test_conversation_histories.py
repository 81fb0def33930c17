"""Random histories of a talk: whatever is noted, everybody has one place, and time one owner."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.calls.talk import notes as t
from engine.calls.talk.conversation import Conversation, Party, Seat
from engine.calls.talk.parties import PartyKind, Role, Side

CALLER, FIRST, TALK = "c-1", "c-1-a1", "c-1-b0"
LEGS = [FIRST, *(f"c-1-c{number}" for number in range(1, 5))]
KINDS = [PartyKind.AGENT, PartyKind.NUMBER]


def step(talk: Conversation, what: str, leg: str, flag: bool) -> t.Note | None:
    """A note that the story could write now, of this sort; None when it could not."""
    party, consult = talk.parties.get(leg), talk.consult
    others = [p for p in talk.parties.values() if not p.rings]
    match what:
        case "call" if party is None and leg != FIRST:
            return t.PartyCalled(0, leg, KINDS[flag], leg, by=talk.owner)
        case "consult" if party is None and leg != FIRST and consult is None and talk.agent:
            kind = KINDS[flag]
            bridge = f"{leg}-b"
            return t.PartyCalled(0, leg, kind, leg, consult=True, by=talk.owner, bridge=bridge)
        case "answer" if party is not None and party.rings:
            return t.PartyAnswered(0, leg)
        case "leave" if party is not None and (party.rings or len(others) > 1):
            return t.PartyLeft(0, leg, "hung_up")
        case "swap" if consult is not None and not talk.parties[consult.leg].rings:
            return t.Swapped(0, Side.CALLER if flag else Side.CONSULTED)
        case "merge" if consult is not None and not talk.parties[consult.leg].rings:
            return t.Merged(0)
        case "hold" if talk.agent:
            return t.CallerHeld(0, flag)
        case "phone" if party is not None and not party.rings:
            return t.PhoneHeld(0, leg, flag)
        case "caller_phone":
            return t.PhoneHeld(0, CALLER, flag)
        case "mute" if party is not None:
            return t.Muted(0, leg, flag)
        case "role" if party is not None:
            return t.RoleGiven(0, leg, Role.LISTENER if flag else Role.SPEAKER)
        case "secure":
            return t.SecureBegan(0, "pay") if flag else t.SecureEnded(0, "paid")
    return None


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *("call", "consult", "answer", "answer", "leave", "swap", "merge", "hold"),
                *("phone", "caller_phone", "mute", "role", "secure"),
            ]
        ),
        st.sampled_from(LEGS),
        st.booleans(),
        st.floats(0, 5),
    ),
    max_size=25,
)


def seated_right(talk: Conversation) -> None:
    """What must hold of everybody's place, whatever has happened."""
    seats = talk.seats()
    there = {leg for leg, party in talk.parties.items() if not party.rings}
    assert set(seats) == {CALLER, *there}
    bridges = set(talk.bridges())
    for leg, seat in seats.items():
        assert seat.bridge in bridges or seat.bridge == ""
        assert not (seat.music and not seat.silent), f"{leg} is heard over his music"
        assert seat.bridge or leg == CALLER or seat.rings
    if talk.secure:
        assert seats[CALLER] == Seat("")
    for bridge in bridges:
        inside = {leg: seat for leg, seat in seats.items() if seat.bridge == bridge}
        nobody_waits_in_silence(talk, inside)
    nobody_hears_the_caller_and_whom_he_may_not(talk, seats)


def nobody_waits_in_silence(talk: Conversation, inside: dict[str, Seat]) -> None:
    """Who has nobody to hear has music, unless it is he who holds."""
    for leg, seat in inside.items():
        party = talk.parties.get(leg)
        holds = talk.phone_held if party is None else party.held or talk.held
        others = [other for other in inside if other != leg]
        if not others and not holds:
            assert seat.music, f"{leg} is alone in silence"


def nobody_hears_the_caller_and_whom_he_may_not(talk: Conversation, seats: dict[str, Seat]) -> None:
    """The consulted and the caller are in no bridge together before they are merged."""
    if talk.consult is not None and talk.consult.leg in seats and seats[CALLER].bridge:
        assert seats[CALLER].bridge != seats[talk.consult.leg].bridge


@settings(max_examples=300, deadline=None)
@given(STEPS)
def test_everybody_has_one_place_and_his_time_tiles(
    steps: list[tuple[str, str, bool, float]],
) -> None:
    now = 10.0
    talk = Conversation.begun(CALLER, TALK, Party(FIRST, PartyKind.AGENT, "anna", now))
    came: dict[str, float] = {FIRST: now}
    went: dict[str, float] = {}
    for what, leg, flag, seconds in steps:
        now += seconds
        note = step(talk, what, leg, flag) if leg not in went else None
        if note is None:
            continue
        talk.take(note, now)
        if isinstance(note, t.PartyCalled):
            came[leg] = now
        if isinstance(note, t.PartyLeft):
            went[leg] = now
        if talk.is_over:
            break
        seated_right(talk)
    talk.close(now)
    for leg, since in came.items():
        stays = [each for each in talk.stretches if each.leg == leg]
        ended = went.get(leg, now)
        if ended > since:
            assert (stays[0].started, stays[-1].ended) == (since, ended)
            assert all(a.ended == b.started for a, b in pairwise(stays))
        else:
            assert not stays


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_a_consult_that_is_given_up_changes_nobodys_place(
    steps: list[tuple[str, str, bool, float]],
) -> None:
    now = 10.0
    talk = Conversation.begun(CALLER, TALK, Party(FIRST, PartyKind.AGENT, "anna", now))
    gone: set[str] = set()
    for what, leg, flag, seconds in steps:
        now += seconds
        note = step(talk, what, leg, flag) if leg not in gone else None
        if note is not None:
            talk.take(note, now)
        if isinstance(note, t.PartyLeft):
            gone.add(leg)
        if talk.is_over:
            return
    if talk.consult is None and talk.agent:
        before = talk.seats()
        leg, bridge = "c-1-c9", "c-1-b9"
        called = t.PartyCalled(
            now, leg, PartyKind.AGENT, "zoe", consult=True, by=talk.owner, bridge=bridge
        )
        for end in ([], [t.PartyAnswered(now, leg)]):
            for note in (called, *end, t.PartyLeft(now, leg, "cancelled")):
                talk.take(note, now)
            assert talk.seats() == before
