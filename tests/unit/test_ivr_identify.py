"""Who calls: known by his number, his PIN, a code that was sent."""

from __future__ import annotations

from engine.ivr.messages import Alarm, Attempted, Lookup, Play
from tests.unit.ivr_caller import Caller, ends, flow_of
from tests.unit.ivr_nodes import EXITS

WHO = {
    "type": "identify",
    "lookup": {"url": "https://crm.example/who?n={{ call.caller }}"},
    "save": {"name": "$.name"},
    "pin": {
        "verify": {
            "method": "POST", "url": "https://crm.example/pin", "body": {"pin": "{{ pin }}"}
        }
    },
    "known": "done", "unknown": "silent", "failed": "lost", "locked": "locked",
}  # fmt: skip


def test_a_caller_is_known_by_his_number_and_his_pin() -> None:
    someone = Caller(flow_of({"a": WHO, **EXITS, **ends("locked")}))
    someone.answer_lookup("ok", {"name": "Lan"})
    someone.press("4711#")
    assert someone.of(Lookup)[1].request.body == {"pin": "4711"}
    someone.answer_lookup("ok", {})
    assert someone.path == ["a", "done"]
    assert someone.variables == {"name": "Lan"}
    assert someone.of(Attempted) == [Attempted("0901", True, 5, 1800)]


def test_nobody_is_unknown() -> None:
    someone = Caller(flow_of({"a": WHO, **EXITS, **ends("locked")}))
    someone.answer_lookup("not_found")
    assert someone.path == ["a", "silent"]


def test_wrong_pins_are_counted_and_lock_the_customer() -> None:
    failed: list[str] = []
    flow = flow_of({"a": WHO, **EXITS, **ends("locked")})
    someone = Caller(flow, locked=lambda subject, now: len(failed) >= 2)
    someone.answer_lookup("ok", {"name": "Lan"})
    for _ in range(2):
        someone.press("1111#")
        failed.append("x")
        someone.answer_lookup("refused")
        someone.listen()
    assert someone.path == ["a", "locked"]
    assert [each.ok for each in someone.of(Attempted)] == [False, False]
    assert Caller(flow, locked=lambda subject, now: True).path == ["a", "locked"]


def test_a_pin_that_may_have_been_sent_before_a_crash_is_not_asked_for_again() -> None:
    flow = flow_of({"a": WHO, **EXITS, **ends("locked")})
    someone = Caller(flow, at="a", sent=True)
    assert someone.path == ["a", "lost"]
    assert someone.of(Lookup) == []
    assert len(someone.of(Alarm)) == 1
    again = Caller(flow, at="a")  # nothing had been sent but what only reads
    again.answer_lookup("ok", {"name": "Lan"})
    assert again.node == "a"
    assert again.of(Play)


def test_who_is_locked_out_is_so_after_a_crash_too() -> None:
    flow = flow_of({"a": WHO, **EXITS, **ends("locked")})
    assert Caller(flow, at="a", sent=True, locked=lambda *_: True).path == ["a", "locked"]


def test_a_code_is_drawn_sent_and_good_once() -> None:
    node = {
        "type": "identify",
        "code": {
            "send": {
                "method": "POST", "url": "https://sms.example/", "body": {"code": "{{ code }}"}
            }
        },
        "known": "done", "unknown": "silent", "failed": "lost",
    }  # fmt: skip
    digits = iter([4, 7, 1, 1, 0, 8])
    someone = Caller(flow_of({"a": node, **EXITS}), draw=lambda below: next(digits))
    request = someone.of(Lookup)[0].request
    assert request.body == {"code": "471108"}
    assert request.private
    someone.answer_lookup("ok", {})
    someone.press("471108")
    assert someone.path == ["a", "done"]
    assert "471108" not in repr([a for a in someone.actions if not isinstance(a, Lookup)])
