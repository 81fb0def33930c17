"""Who is in a talk, where each of them belongs, and whose time it is: stage by stage."""

import pytest

from engine.call_record import SegmentKind
from engine.calls.talk import notes as t
from engine.calls.talk.conversation import Conversation, Party, Seat, Spent
from engine.calls.talk.parties import PartyKind, Role, Side, Watch

CALLER, ANNA, BINH, OUT = "c-1", "c-1-a1", "c-1-c1", "c-1-c2"
TALK, CONSULT = "c-1-b1", "c-1-b2"
TOGETHER = Seat(TALK)
HELD = Seat(TALK, music=True, silent=True)


def begun() -> Conversation:
    return Conversation.begun(CALLER, TALK, Party(ANNA, PartyKind.AGENT, "anna", 10.0))


def after(*notes: t.Note) -> Conversation:
    """Anna talks with the caller from 10 on; then these."""
    talk = begun()
    for note in notes:
        talk.take(note, note.at)
    return talk


def consults(at: float = 20.0) -> t.PartyCalled:
    return t.PartyCalled(at, BINH, PartyKind.AGENT, "binh", consult=True, by=ANNA, bridge=CONSULT)


def invited(at: float = 20.0) -> t.PartyCalled:
    return t.PartyCalled(at, OUT, PartyKind.NUMBER, "+84901", by=ANNA)


def test_a_caller_and_his_agent_hear_each_other() -> None:
    talk = begun()
    assert talk.seats() == {CALLER: TOGETHER, ANNA: TOGETHER}
    assert talk.spends() == Spent(SegmentKind.TALK, "anna")


def test_a_caller_on_hold_hears_music_and_nobody_hears_anybody() -> None:
    talk = after(t.CallerHeld(20, True))
    assert talk.seats() == {CALLER: HELD, ANNA: Seat(TALK, silent=True)}
    assert talk.spends() == Spent(SegmentKind.HOLD, "anna")
    talk.take(t.CallerHeld(30, False), 30)
    assert talk.seats() == {CALLER: TOGETHER, ANNA: TOGETHER}


@pytest.mark.parametrize(("holds", "other"), [(CALLER, ANNA), (ANNA, CALLER)])
def test_who_is_left_by_a_phone_on_hold_hears_music(holds: str, other: str) -> None:
    talk = after(t.PhoneHeld(20, holds, True))
    assert talk.seats()[other] == HELD
    assert not talk.seats()[holds].music
    assert talk.spends() == Spent(SegmentKind.HOLD, "anna")


def test_while_a_consulted_phone_rings_its_agent_hears_that_and_the_caller_music() -> None:
    talk = after(consults())
    assert talk.seats() == {CALLER: HELD, ANNA: Seat("", rings=True)}
    assert talk.spends() == Spent(SegmentKind.HOLD, "anna")


def test_two_consult_each_other_and_the_caller_hears_music() -> None:
    talk = after(consults(), t.PartyAnswered(25, BINH))
    assert talk.seats() == {CALLER: HELD, ANNA: Seat(CONSULT), BINH: Seat(CONSULT)}


def test_after_a_swap_the_consulted_one_hears_music() -> None:
    talk = after(consults(), t.PartyAnswered(25, BINH), t.Swapped(30, Side.CALLER))
    assert talk.seats() == {
        CALLER: TOGETHER,
        ANNA: TOGETHER,
        BINH: Seat(CONSULT, music=True, silent=True),
    }
    assert talk.spends() == Spent(SegmentKind.TALK, "anna")


def test_a_caller_who_was_on_hold_before_is_heard_after_a_swap() -> None:
    notes = [t.CallerHeld(15, True), consults(), t.PartyAnswered(25, BINH)]
    talk = after(*notes, t.Swapped(30, Side.CALLER))
    assert talk.seats()[CALLER] == TOGETHER
    assert talk.seats()[ANNA] == TOGETHER


def test_merged_all_three_hear_each_other() -> None:
    talk = after(consults(), t.PartyAnswered(25, BINH), t.Merged(30))
    assert talk.seats() == {CALLER: TOGETHER, ANNA: TOGETHER, BINH: TOGETHER}
    assert talk.spends() == Spent(SegmentKind.CONFERENCE, "anna")


@pytest.mark.parametrize("why", ["hung_up", "cancelled", "busy"])
@pytest.mark.parametrize("held", [False, True])
def test_a_consult_that_is_over_leaves_everybody_as_they_were(why: str, held: bool) -> None:
    before = after(t.CallerHeld(15, held)).seats()
    talk = after(t.CallerHeld(15, held), consults(), t.PartyLeft(25, BINH, why))
    assert talk.seats() == before


def test_an_agent_who_hangs_up_while_he_consults_gives_the_caller_to_the_other() -> None:
    talk = after(consults(), t.PartyAnswered(25, BINH), t.PartyLeft(30, ANNA, "hung_up"))
    assert talk.seats() == {CALLER: TOGETHER, BINH: TOGETHER}
    assert talk.spends() == Spent(SegmentKind.TALK, "binh")
    assert talk.agent == "binh"


def test_an_agent_who_hangs_up_while_the_other_rings_leaves_the_caller_waiting_for_him() -> None:
    talk = after(consults(), t.PartyLeft(25, ANNA, "hung_up"))
    assert talk.seats() == {CALLER: HELD}
    assert talk.spends() == Spent(SegmentKind.DIALING, "binh")
    talk.take(t.PartyAnswered(28, BINH), 28)
    assert talk.seats() == {CALLER: TOGETHER, BINH: TOGETHER}
    assert talk.agent == "binh"
    talk.take(t.PartyLeft(40, BINH, "hung_up"), 40)
    assert talk.is_over


def test_a_talk_of_people_outside_goes_on_without_an_agent() -> None:
    talk = after(invited(), t.PartyAnswered(25, OUT), t.PartyLeft(30, ANNA, "left"))
    assert talk.seats() == {CALLER: TOGETHER, OUT: TOGETHER}
    assert talk.spends() == Spent(SegmentKind.FORWARDED)


def test_others_in_a_conference_go_on_while_one_consults() -> None:
    talk = after(invited(), t.PartyAnswered(22, OUT), consults(25), t.PartyAnswered(28, BINH))
    assert talk.seats()[CALLER] == TOGETHER
    assert talk.seats()[OUT] == TOGETHER
    assert talk.seats()[ANNA] == Seat(CONSULT)


def test_a_listener_and_who_is_muted_are_not_heard() -> None:
    talk = after(
        invited(),
        t.PartyAnswered(22, OUT),
        t.RoleGiven(23, OUT, Role.LISTENER),
        t.Muted(24, CALLER, True),
    )
    assert talk.seats()[OUT].silent
    assert talk.seats()[CALLER].silent
    assert not talk.seats()[ANNA].silent


def test_a_caller_alone_with_a_flow_is_in_no_bridge() -> None:
    talk = after(t.SecureBegan(20, "pay"))
    assert talk.seats() == {CALLER: Seat(""), ANNA: HELD}
    assert talk.spends() == Spent(SegmentKind.IVR, "anna")
    talk.take(t.SecureEnded(30, "paid"), 30)
    assert talk.seats() == {CALLER: TOGETHER, ANNA: TOGETHER}


def test_who_takes_over_has_the_contact() -> None:
    talk = after(
        t.PartyJoined(20, "c-9", "chi"), t.HandedOver(20, "c-9"), t.PartyLeft(20, ANNA, "taken")
    )
    assert talk.agent == "chi"
    assert talk.parties["c-9"].line
    assert talk.seats() == {CALLER: TOGETHER, "c-9": TOGETHER}


def test_a_supervisor_changes_nothing_of_who_belongs_where() -> None:
    talk = after(t.Watched(20, "chi", Watch.BARGE, "anna"))
    assert talk.watched == {"chi": Watch.BARGE}
    assert talk.seats() == begun().seats()
    talk.take(t.Watched(30, "chi", Watch.GONE), 30)
    assert talk.watched == {}


def test_everybodys_time_is_told_by_what_he_did() -> None:
    talk = after(consults(20), t.PartyAnswered(25, BINH), t.Swapped(30, Side.CALLER), t.Merged(35))
    talk.take(t.PartyLeft(40, ANNA, "left"), 40)
    talk.close(50)
    told = [(s.name, str(s.kind), s.started, s.ended) for s in talk.stretches]
    assert sorted(told) == [
        ("anna", "conference", 35, 40),
        ("anna", "consult", 20, 30),
        ("anna", "talk", 10, 20),
        ("anna", "talk", 30, 35),
        ("binh", "conference", 35, 40),
        ("binh", "consult", 25, 30),
        ("binh", "hold", 30, 35),
        ("binh", "ring", 20, 25),
        ("binh", "talk", 40, 50),
    ]
