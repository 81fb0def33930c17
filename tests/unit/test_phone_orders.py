"""What an agent's keys ask of his talk, by who is in it and where he is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from acd.agent_settings import AgentSettings
from acd.queues import Destination, DestinationKind
from dialplan.features import Features
from dialplan.outbound import Outbound
from dialplan.talk_codes import Passed, TalkAction, TalkCode, TalkCodes
from engine.calls.talk import notes as t
from engine.calls.talk import orders as o
from engine.calls.talk.conversation import Conversation, Party
from engine.calls.talk.parties import PartyKind, Side
from engine.calls.talk.phone_orders import PHONE, order_of, passed_on, place_of

CALLER, ANNA, BINH, OUT, BANK = "c-1", "c-1-a1", "c-1-c1", "c-1-c2", "c-1-c3"
CARD = Destination(kind=DestinationKind.FLOW, name="card")
SALES = Destination(kind=DestinationKind.QUEUE, name="sales")
SITE: Any = SimpleNamespace(
    agents={"binh": AgentSettings(name="binh", extension="3002")},
    features=Features(talk=TalkCodes(places={"8001": SALES, "8009": CARD})),
    outbound=Outbound(region="VN"),
)


def after(*notes: t.Note) -> tuple[Conversation, Party]:
    """Anna talks with the caller; then these."""
    talk = Conversation.begun(CALLER, "b-1", Party(ANNA, PartyKind.AGENT, "anna", 10.0))
    for note in notes:
        talk.take(note, note.at)
    return talk, talk.parties[ANNA]


def ordered(action: TalkAction, where: str = "", *notes: t.Note) -> o.Order:
    talk, anna = after(*notes)
    return order_of(TalkCode(action, where), anna, talk, SITE)


def called(leg: str, kind: PartyKind, name: str, *, consult: bool = False) -> list[t.Note]:
    return [
        t.PartyCalled(20.0, leg, kind, name, consult=consult, by=ANNA, bridge="b-2"),
        t.PartyAnswered(21.0, leg),
    ]


@pytest.mark.parametrize(
    ("where", "kind", "name"),
    [
        ("3002", DestinationKind.AGENT, "binh"),
        ("8001", DestinationKind.QUEUE, "sales"),
        ("0901234567", DestinationKind.NUMBER, "+84901234567"),
        ("3999", DestinationKind.NUMBER, "3999"),  # no number: the talk refuses it
        ("9" * 32, DestinationKind.NUMBER, "9" * 32),
    ],
)
def test_where_is_a_short_code_an_extension_or_a_number(
    where: str, kind: DestinationKind, name: str
) -> None:
    assert place_of(where, SITE) == Destination(kind=kind, name=name)
    to = Destination(kind=kind, name=name)
    assert ordered(TalkAction.TRANSFER, where) == o.TransferTo("anna", PHONE, to)
    assert ordered(TalkAction.CONSULT, where) == o.ConsultWith("anna", PHONE, to)
    assert ordered(TalkAction.INVITE, where) == o.Invite("anna", PHONE, to)


def test_every_action_is_an_order_in_the_name_of_who_pressed_it() -> None:
    orders = {type(ordered(action, "8009")) for action in TalkAction}
    assert len(orders) == len(TalkAction)
    assert {(ordered(a, "8009").by, ordered(a, "8009").source) for a in TalkAction} == {
        ("anna", "phone")
    }


def test_hold_and_mute_are_taken_back_by_the_same_keys() -> None:
    assert ordered(TalkAction.HOLD) == o.Hold("anna", PHONE, held=True)
    assert ordered(TalkAction.HOLD, "", t.CallerHeld(20.0, True)) == o.Hold(
        "anna", PHONE, held=False
    )
    assert ordered(TalkAction.MUTE) == o.Mute("anna", PHONE, muted=True)
    muted = t.Muted(20.0, ANNA, True)
    assert ordered(TalkAction.MUTE, "", muted) == o.Mute("anna", PHONE, muted=False)


def test_who_came_last_is_dropped_and_never_who_presses() -> None:
    assert ordered(TalkAction.DROP) == o.Drop("anna", PHONE, who="")
    binh = called(BINH, PartyKind.AGENT, "binh")
    bank = called(BANK, PartyKind.NUMBER, "+84281")
    assert ordered(TalkAction.DROP, "", *binh, *bank) == o.Drop("anna", PHONE, who="+84281")
    assert ordered(TalkAction.DROP, "", *bank, *binh) == o.Drop("anna", PHONE, who="binh")


def test_a_caller_is_parked_where_the_agent_says_and_alone_with_the_flow_that_he_means() -> None:
    assert ordered(TalkAction.PARK) == o.Park("anna", PHONE, slot="")
    assert ordered(TalkAction.PARK, "7") == o.Park("anna", PHONE, slot="7")
    assert ordered(TalkAction.SECURE, "8009") == o.Secure("anna", PHONE, flow="card")


# -- keys that are no code ------------------------------------------------------------------------

BINH_CONSULTED = called(BINH, PartyKind.AGENT, "binh", consult=True)
BANK_CONSULTED = called(BANK, PartyKind.NUMBER, "+84281", consult=True)
BANK_INVITED = called(BANK, PartyKind.NUMBER, "+84281")
TO_CALLER = t.Swapped(30.0, Side.CALLER)


@pytest.mark.parametrize(
    ("notes", "who"),
    [
        ([], ""),
        (BANK_INVITED, "+84281"),
        ([*BANK_INVITED, *called(OUT, PartyKind.NUMBER, "+84282")], "+84282"),
        (called(BINH, PartyKind.AGENT, "binh"), ""),
        (BANK_CONSULTED, "+84281"),
        (BANK_CONSULTED[:1], None),  # it rings
        ([*BANK_CONSULTED, TO_CALLER], ""),
        (BINH_CONSULTED, None),  # a colleague has no use for keys
        ([*BINH_CONSULTED, TO_CALLER], ""),
        ([t.CallerHeld(20.0, True)], None),
        ([*BANK_INVITED, t.CallerHeld(30.0, True)], "+84281"),
    ],
)
def test_keys_that_are_no_code_go_to_whom_the_agent_hears(
    notes: list[t.Note], who: str | None
) -> None:
    talk, anna = after(*notes)
    sent = None if who is None else o.SendKeys("anna", PHONE, keys="12#", who=who)
    assert passed_on(Passed("12#"), anna, talk) == sent


def test_the_keys_of_who_is_consulted_go_nowhere() -> None:
    talk, _ = after(*BINH_CONSULTED)
    assert passed_on(Passed("1"), talk.parties[BINH], talk) is None
