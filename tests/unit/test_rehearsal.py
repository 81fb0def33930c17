"""A call that nobody makes: what a rehearsed caller hears, when, and what is never written."""

from __future__ import annotations

from typing import Any

import pytest
from rehearsed import NODES, flows, rehearsal, told

from engine.ivr.context import Opening
from engine.ivr.rehearsal.given import BadGiven, given
from engine.ivr.rehearsal.rehearsal import Endless, Rehearsal
from engine.ivr.rehearsal.transcript import Ends, Enters, GoesTo, Hears, Line
from engine.ivr.rehearsal.world import World


def heard(call: Rehearsal) -> list[str]:
    events = (line.event for line in call.transcript)
    return [key for event in events if isinstance(event, Hears) for key in event.prompts]


def nodes(call: Rehearsal) -> list[str]:
    return [line.event.node for line in call.transcript if isinstance(line.event, Enters)]


def last(call: Rehearsal, kind: type[Any]) -> Line:
    return [line for line in call.transcript if isinstance(line.event, kind)][-1]


# -- time ---------------------------------------------------------------------------------------


def test_a_caller_hears_each_prompt_for_as_long_as_its_audio_is() -> None:
    call = rehearsal(lengths=lambda key, language: {"welcome": 7.5}.get(key))
    call.rest()
    assert [line.at for line in call.transcript if isinstance(line.event, Hears)] == [0.0, 7.5]


def test_a_prompt_without_audio_takes_as_long_as_its_text_is_spoken() -> None:
    call = rehearsal()
    call.rest()
    assert last(call, Hears).at == pytest.approx(20 / 14, abs=0.1)


def test_a_caller_who_is_silent_twice_is_told_so_and_let_go() -> None:
    call = rehearsal()
    call.be_silent()
    assert heard(call)[-2:] == ["nothing_heard", "choose"]
    call.be_silent()
    call.rest()
    assert call.ended
    assert heard(call)[-1] == "bye"


def test_waiting_less_than_the_timer_is_no_silence() -> None:
    call = rehearsal()
    call.rest()
    call.pass_time(3.9)
    assert "nothing_heard" not in heard(call)
    call.pass_time(0.2)
    assert "nothing_heard" in heard(call)


def test_a_number_that_is_not_finished_ends_with_its_timer() -> None:
    call = rehearsal({"http.crm": {"json": {"tier": "gold"}}})
    call.rest()
    call.press("2")
    call.rest(finish_typing=False)
    call.press("1234")
    assert call.where == ("shop", "pin")
    call.rest()
    assert "sales" in nodes(call)


def test_a_key_into_a_prompt_cuts_it_there() -> None:
    call = rehearsal()
    call.until(lambda: "choose" in heard(call))
    call.pass_time(1.0)
    call.press("1")
    cut = last(call, Hears).event
    assert isinstance(cut, Hears)
    assert (cut.prompts, cut.stopped_after) == (("choose",), pytest.approx(1.0))


def test_a_flow_that_never_comes_to_rest_is_stopped() -> None:
    again = {"type": "say", "prompts": "welcome", "next": "hold"}
    hold = {"type": "queue", "queue": "sales", **dict.fromkeys(("timeout", "full"), "hold")}
    call = rehearsal(
        {"queue.sales": {"outcome": "timeout", "after": "1h"}},
        flows=flows({"again": again, "hold": {**hold, "no_agents": "again"}}),
    )
    with pytest.raises(Endless):
        call.rest()


# -- the world ----------------------------------------------------------------------------------


def account(answer: object) -> Rehearsal:
    call = rehearsal({} if answer is None else {"http.crm": answer})
    call.rest()
    call.press("2")
    call.rest(finish_typing=False)
    call.press("1234#")
    call.rest()
    return call


def test_a_lookup_brings_what_was_given() -> None:
    call = account({"json": {"tier": "vip", "orders": 3}})
    assert "transfer.+84901112222" in told(call)
    assert call.variables["orders"] == 3


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        ("503", "failed"),
        ("404", "not_found"),
        ("401", "refused"),
        ("timeout", "timeout"),
        ("error", "error"),
        ({"status": "200", "after": "4s"}, "timeout"),
        (None, "error"),
    ],
)
def test_a_lookup_that_fails_leads_to_the_apology(answer: object, result: str) -> None:
    call = account(answer)
    assert f"http.crm: {result}" in told(call)
    assert heard(call)[-1] == "sorry"


def test_a_lookup_that_nothing_was_given_for_says_so() -> None:
    assert "nothing is given for http.crm" in told(account(None))


def test_answers_in_a_list_come_one_after_the_other_and_the_last_one_stays() -> None:
    world = rehearsal({"http.crm": ["503", {"json": {"tier": "vip"}}]}).world
    found = [world.answer("crm") for _ in range(3)]
    assert [answer.status for answer in found if answer] == [503, 200, 200]


def test_a_timeout_is_over_when_the_request_gives_up() -> None:
    call = account("timeout")
    asked = next(line.at for line in call.transcript if line.event == GoesTo("http.crm"))
    assert last(call, Hears).at == pytest.approx(asked + 3.0)


def test_a_queue_without_agents_lets_go_at_once() -> None:
    call = rehearsal({"queue.sales": {"agents": "0"}})
    call.rest()
    call.press("1")
    call.rest()
    assert nodes(call)[-2:] == ["message", "bye"]
    assert "voicemail.sales: saved" in told(call)


def test_a_queue_answers_when_nothing_else_is_given() -> None:
    call = rehearsal()
    call.rest()
    call.press("1")
    call.rest()
    assert "queue.sales: answered" in told(call)
    assert told(call).endswith("the flow hangs up: answered")


def test_one_answer_may_be_given_for_all_places_of_a_kind() -> None:
    call = rehearsal({"http.*": {"json": {"tier": "vip"}}, "transfer.*": "busy"})
    call.rest()
    call.press("2")
    call.rest(finish_typing=False)
    call.press("123456")
    call.rest()
    assert heard(call)[-1] == "sorry"


def test_a_calendar_says_what_was_given_instead_of_its_clock() -> None:
    call = rehearsal({"hours.office": "holiday"})
    call.rest()
    assert heard(call) == ["closed"]
    end = last(call, Ends).event
    assert isinstance(end, Ends)
    assert end.outcome == "out_of_hours"


def test_when_a_calendar_opens_again_may_be_given_with_it() -> None:
    closed = given("hours.office", {"state": "closed", "next_open": "2026-01-12T08:00+07:00"})
    world = World(lambda _calendar, _now: Opening("open"), {"hours.office": closed})
    assert world.hours("office", 0.0) == Opening("closed", {}, 1768179600.0)


def test_words_are_taken_for_the_phrase_in_them() -> None:
    call = rehearsal()
    call.rest()
    assert call.say("the  Sales please")
    call.rest()
    assert "sales" in nodes(call)


def test_words_that_no_choice_has_are_no_match() -> None:
    call = rehearsal()
    call.rest()
    assert call.say("the weather")
    call.rest()
    assert "wrong_key" in heard(call)


def test_nobody_listens_where_there_is_no_recogniser() -> None:
    call = rehearsal({"speech": "no"})
    call.rest()
    assert not call.say("sales")


def test_who_hangs_up_leaves_the_queue_before_anybody_answers() -> None:
    call = rehearsal()
    call.rest()
    call.press("1")
    call.hang_up()
    assert call.ended
    assert "queue.sales: answered" not in told(call)


def test_a_flow_still_does_what_it_does_without_a_caller() -> None:
    late = {"type": "http", "lookup": "note", "url": "https://crm.example/n", "ok": "bye"}
    call = rehearsal(
        {"http.note": "200"},
        flows=flows({**NODES, "late": {**late, "error": "bye"}}, on_hangup="late"),
    )
    call.rest()
    call.hang_up()
    assert "http.note: ok" in told(call)


@pytest.mark.parametrize(
    ("place", "written", "complaint"),
    [
        ("queue.sales", "busy", "`busy` is none of `answered`"),
        ("http.crm", "maybe", "`maybe` is no answer"),
        ("http.crm", {"status": "9"}, "`9` is no HTTP status"),
        ("http.crm", {"stat": "200"}, "unknown setting `stat`"),
        ("http.crm", {"after": "soon"}, "`soon` is no length of time"),
        ("hours.office", "shut", "`shut` is none of `open`"),
        ("hours.office", {"state": "closed", "next_open": "2026-01-12T08:00"}, "with its zone"),
        ("hours.office", {"state": "closed", "next_open": "soon"}, "with its zone"),
        ("queue.sales", [], "has no answer"),
        ("speech", "perhaps", "`perhaps` is neither `yes` nor `no`"),
    ],
)
def test_an_answer_that_means_nothing_is_refused(
    place: str, written: object, complaint: str
) -> None:
    with pytest.raises(BadGiven, match=complaint):
        given(place, written)


# -- what is never written ----------------------------------------------------------------------


def test_the_keys_of_a_pin_are_dots() -> None:
    call = account({"json": {"tier": "gold"}})
    assert "1234" not in told(call)
    assert "presses    •••••" in told(call)


def test_a_pin_that_is_typed_ahead_is_dots() -> None:
    call = rehearsal()
    call.press("29876")
    call.rest()
    assert "presses    2••••" in told(call)


def test_a_pin_that_is_not_finished_is_dots() -> None:
    call = rehearsal()
    call.rest()
    call.press("2")
    call.rest(finish_typing=False)
    call.press("98")
    call.hang_up()
    assert "98" not in told(call)


def test_the_keys_of_a_menu_are_shown() -> None:
    call = rehearsal()
    call.rest()
    call.press("7")
    call.rest()
    assert "presses    7" in told(call)


def test_a_pin_is_no_variable_that_is_shown() -> None:
    assert "1234" not in str(account({"json": {"tier": "gold"}}).variables)


WHO = {
    "type": "identify",
    "lookup": {"url": "https://bank.example/who"},
    "pin": {"verify": {"url": "https://bank.example/pin", "method": "POST", "body": "{{ pin }}"}},
    "code": {"send": {"url": "https://bank.example/code", "method": "POST", "body": "{{ code }}"}},
    "lock": {"attempts": "2"},
    "known": "pay",
    "unknown": "bye",
    "failed": "sorry",
    "locked": "closed",
}
PAY = {
    "type": "payment",
    "amount": "100",
    "gateway": {"url": "https://bank.example/pay", "method": "POST", "body": "{{ card }}"},
    "paid": "bye",
    "declined": "sorry",
    "gateway_error": "sorry",
}
CARD = "4111111111111111"


def bank(**answers: object) -> Rehearsal:
    told = {"http.who": "200", "http.who.pin": "200", "http.who.code": "200"}
    paid = {"http.pay.gateway": {"json": {"token": "tok"}}}
    nodes = {"who": WHO, "pay": PAY, **{name: NODES[name] for name in ("bye", "sorry", "closed")}}
    call = rehearsal({**told, **paid, **answers}, flows=flows(nodes))
    call.rest()
    return call


def types(call: Rehearsal, *inputs: str) -> None:
    for keys in inputs:
        call.press(keys)
        call.rest()


def test_a_caller_pays_after_his_pin_and_his_code_and_none_of_it_is_written() -> None:
    call = bank()
    types(call, "2468#", "123456", f"{CARD}#", "1230", "987")
    assert nodes(call) == ["who", "pay", "bye"]
    for secret in ("2468", "123456", CARD, "1230", "987"):
        assert secret not in told(call)
    assert "recording: pause" in told(call)
    assert "recording: resume" in told(call)


def test_a_caller_who_hangs_up_in_the_middle_of_his_card_leaves_nothing_of_it() -> None:
    call = bank()
    types(call, "2468#", "123456")
    call.press("4111")
    call.hang_up()
    assert "4111" not in told(call)
    assert "recording: resume" in told(call)


def test_wrong_pins_lock_a_caller_out() -> None:
    call = bank(**{"http.who.pin": "401"})
    types(call, "1111#", "2222#")
    assert told(call).count("identified: no") == 2
    assert heard(call)[-1] == "closed"


def test_who_is_locked_out_is_told_so_at_once() -> None:
    call = bank(**{"locked.*": "yes"})
    assert heard(call) == ["closed"]
