"""A card that is paid with: checked, made a token, and written nowhere."""

from __future__ import annotations

import pytest

from engine.ivr.messages import Alarm, Lookup, Record
from tests.unit.ivr_caller import Caller, ends, flow_of
from tests.unit.ivr_nodes import EXITS

PAY = {
    "type": "payment",
    "amount": "250000",
    "gateway": {
        "method": "POST", "url": "https://pay.example/charge",
        "body": {
            "number": "{{ card }}", "exp": "{{ expiry }}", "cvc": "{{ cvv }}",
            "amount": "{{ amount }}", "currency": "{{ currency }}",
        },
    },
    "paid": "done", "declined": "silent", "gateway_error": "lost", "cancelled": "gone",
}  # fmt: skip
CARD = "4111111111111111"


def payer() -> Caller:
    """A caller who is to pay."""
    return Caller(flow_of({"a": PAY, **EXITS, **ends("gone")}))


def pay(someone: Caller) -> None:
    """Type a card."""
    someone.press(f"{CARD}#")
    someone.press("1299")
    someone.press("123")


def test_a_card_becomes_a_token_and_is_written_nowhere() -> None:
    someone = payer()
    pay(someone)
    body = someone.of(Lookup)[0].request.body
    expected = {"number": CARD, "exp": "1299", "cvc": "123", "amount": "250000", "currency": "VND"}
    assert body == expected
    someone.answer_lookup("ok", {"token": "tok_1"})
    assert someone.path == ["a", "done"]
    assert someone.variables["payment"] == {"token": "tok_1", "brand": "visa"}
    written = repr([a for a in someone.actions if not isinstance(a, Lookup)])
    assert CARD not in written
    assert "123" not in written
    assert someone.of(Record) == [Record("pause"), Record("resume")]


def test_a_payment_is_of_the_flows_currency_unless_it_says_another() -> None:
    for written, charged in (({}, "USD"), ({"currency": "EUR"}, "EUR")):
        someone = Caller(
            flow_of({"a": {**PAY, **written}, **EXITS, **ends("gone")}, currency="USD")
        )
        pay(someone)
        assert someone.of(Lookup)[0].request.body["currency"] == charged


def test_a_card_that_may_have_been_charged_before_a_crash_is_not_asked_for_again() -> None:
    someone = Caller(flow_of({"a": PAY, **EXITS, **ends("gone")}), at="a", sent=True)
    assert someone.path == ["a", "lost"]
    assert someone.of(Record) == [Record("pause"), Record("resume")]
    assert len(someone.of(Alarm)) == 1


def test_recording_goes_on_whichever_way_the_payment_ends() -> None:
    for way in ("declined", "hang_up", "cancel", "silence"):
        someone = payer()
        if way == "declined":
            pay(someone)
            someone.answer_lookup("refused")
            assert someone.path[-1] == "silent"
        elif way == "hang_up":
            someone.press("4111")
            someone.hang_up()
        elif way == "cancel":
            someone.press("41*")
            assert someone.path[-1] == "gone"
        else:
            for _ in range(3):
                someone.silence()
            assert someone.path[-1] == "silent"
        assert someone.of(Record) == [Record("pause"), Record("resume")], way


@pytest.mark.parametrize("card", ["4111111111111112", "9999999999999995"])
def test_a_card_that_cannot_be_one_is_asked_again(card: str) -> None:
    someone = payer()
    someone.press(f"{card}#")
    assert "payment_wrong" in someone.said
    assert someone.results[-1][1] == "invalid"


def test_a_gateway_without_a_token_is_an_error() -> None:
    someone = payer()
    pay(someone)
    someone.answer_lookup("ok", {})
    assert someone.path == ["a", "lost"]
