"""Scripts of ``identify`` and ``payment``: what they take exists in a request's body alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from datetime import datetime
from typing import Any

from engine.ivr.messages import Attempted, LookupEnded, Record
from engine.ivr.schema import Gather, Identify, Part, Payment
from engine.ivr.scripts.asking import ask_digits, luhn
from engine.ivr.steps import Fetch, Reply, Saying, Script, Step
from engine.ivr.turn import Turn
from engine.ivr.values import Type, WrongType, at_path, typed

_BRANDS = {
    "visa": r"4",
    "mastercard": r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720",
    "amex": r"3[47]",
    "jcb": r"35(2[89]|[3-8])",
    "unionpay": r"62",
    "napas": r"9704",
}
"""By the first digits of the number (ISO/IEC 7812; the ranges as the brands publish them)."""

Told = Generator[Step, Any, str]
"""A part of a script that comes to the name of an exit."""


# -- who calls ------------------------------------------------------------------------------------


def identify(node: Identify, turn: Turn) -> Script:
    """By his number, then by what only he knows, then by what only he has."""
    subject = str(turn.evaluate(node.subject) or "")
    if turn.context.locked(subject, turn.now):
        return node.way_out("locked")
    if turn.was_sent():
        return node.way_out("failed")
    outcome = yield from _look_up(node, turn)
    if outcome == "known" and node.pin:
        outcome = yield from _ask_pin(node, subject, turn)
    if outcome == "known" and node.code:
        outcome = yield from _ask_code(node, subject, turn)
    return node.way_out(outcome)


def _look_up(node: Identify, turn: Turn) -> Told:
    if node.lookup is None:
        return "known"
    ended: LookupEnded = yield Fetch(turn.request(node.lookup, turn.node), node.filler)
    if ended.result == "not_found":
        return "unknown"
    good = ended.result == "ok" and turn.save(node.save, ended.body)
    return "known" if good else "failed"


def _ask_pin(node: Identify, subject: str, turn: Turn) -> Told:
    pin = node.pin
    assert pin is not None  # identify
    asking = _secret_number(pin.prompts, node, pin.min_digits, pin.max_digits)
    for _ in range(node.attempts):
        reply: Reply = yield from ask_digits(asking, turn)
        if reply.kind != "ok":
            return "failed"
        request = turn.request(pin.verify, f"{turn.node}.pin", {"pin": reply.value})
        ended: LookupEnded = yield Fetch(request, node.filler)
        if ended.result not in ("ok", "refused", "not_found"):
            return "failed"
        done = yield from _judged(node, subject, turn, ended.result == "ok")
        if done:
            return done
    return "failed"


def _ask_code(node: Identify, subject: str, turn: Turn) -> Told:
    code = node.code
    assert code is not None  # identify
    wanted = "".join(str(turn.context.draw(10)) for _ in range(code.digits))
    request = turn.request(code.send, f"{turn.node}.code", {"code": wanted})
    ended: LookupEnded = yield Fetch(request, node.filler)
    if ended.result != "ok":
        return "failed"
    good_until = turn.now + code.minutes * 60
    asking = _secret_number(code.prompts, node, code.digits, code.digits)
    for _ in range(node.attempts):
        reply: Reply = yield from ask_digits(asking, turn)
        if reply.kind != "ok" or turn.now > good_until:
            return "failed"
        done = yield from _judged(node, subject, turn, reply.value == wanted)
        if done:
            return done
    return "failed"


def _judged(node: Identify, subject: str, turn: Turn, right: bool) -> Told:
    """Count the try; the exit when it is the last, '' when he may try again."""
    turn.act(Attempted(subject, right, node.lock.attempts, node.lock.minutes * 60))
    if right:
        return "known"
    yield Saying((Part(prompt="identify_wrong"),))
    return "locked" if turn.context.locked(subject, turn.now) else ""


def _secret_number(prompts: tuple[Part, ...], node: Identify, least: int, most: int) -> Gather:
    return _asking(prompts, least, most, node.timeout_seconds, 2)


def _asking(
    prompts: tuple[Part, ...],
    least: int,
    most: int,
    timeout: float,
    attempts: int,
    wrong: str = "",
    cancel: str = "",
) -> Gather:
    """A number that is nowhere written."""
    return Gather.model_validate(
        {
            "type": "gather",
            "variable": "number",
            "secret": True,
            "prompts": prompts,
            "min_digits": least,
            "max_digits": most,
            "attempts": attempts,
            "timeout_seconds": timeout,
            "inter_digit_seconds": 4,
            "cancel_key": cancel,
            "global_keys": False,
            "invalid_prompts": wrong or (),
        }
    )


# -- a card ---------------------------------------------------------------------------------------


def payment(node: Payment, turn: Turn) -> Script:
    """The card's numbers one after the other, then the gateway; nothing is recorded meanwhile."""
    amount = turn.evaluate(node.amount)
    turn.act(Record("pause"))
    try:
        outcome = yield from _pay(node, turn, str(amount))
    finally:  # also when he hangs up in the middle of it
        turn.act(Record("resume"))
    return node.way_out(outcome)


def _pay(node: Payment, turn: Turn, amount: str) -> Told:
    if turn.was_sent():
        return "gateway_error"
    numbers: dict[str, str] = {}
    for name, least, most, right in _steps(node, turn, numbers):
        asking = _asking(
            (Part(prompt=f"payment_{name}"),),
            least,
            most,
            node.timeout_seconds,
            node.attempts,
            "payment_wrong",
            node.cancel_key,
        )
        reply: Reply = yield from ask_digits(asking, turn, right)
        if reply.kind != "ok":
            return "cancelled" if reply.kind == "cancel" else "invalid"
        numbers[name] = reply.value
    sum_ = {"amount": amount, "currency": node.currency or turn.flow.currency}
    request = turn.request(node.gateway, f"{turn.node}.gateway", numbers | sum_)
    ended: LookupEnded = yield Fetch(request, node.filler)
    return _taken(node, turn, ended, brand_of(numbers["card"]))


def _steps(
    node: Payment, turn: Turn, numbers: dict[str, str]
) -> Generator[tuple[str, int, int, Callable[[str], bool]], None, None]:
    """What is asked for, with its least and most digits, and what makes it right."""
    yield "card", 12, 19, lambda card: luhn(card) and brand_of(card) in node.brands
    yield "expiry", 4, 4, lambda expiry: _is_valid_still(expiry, turn)
    length = 4 if brand_of(numbers["card"]) == "amex" else 3
    yield "cvv", length, length, lambda _: True


def _taken(node: Payment, turn: Turn, ended: LookupEnded, brand: str) -> str:
    if ended.result == "refused":
        return "declined"
    try:
        token = typed(at_path(ended.body, node.token), Type.TEXT)
    except WrongType:
        token = ""
    if ended.result != "ok" or not token:
        return "gateway_error"
    turn.set("payment", {"token": token, "brand": brand})
    return "paid"


def brand_of(card: str) -> str:
    """The brand by the first digits; '' for none that we know."""
    return next((brand for brand, begin in _BRANDS.items() if re.match(begin, card)), "")


def _is_valid_still(expiry: str, turn: Turn) -> bool:
    """MMYY, to the end of that month."""
    month, year = int(expiry[:2]), 2000 + int(expiry[2:])
    now = datetime.fromtimestamp(turn.now, turn.context.zone)
    return 1 <= month <= 12 and (year, month) >= (now.year, now.month)
