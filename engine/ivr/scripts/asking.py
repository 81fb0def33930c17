"""Scripts of the nodes that ask: attempts, tapered messages, and asking back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import replace
from datetime import datetime
from typing import Any

from engine.ivr.expressions import ExpressionError, expression, fits
from engine.ivr.grammar import Choices, Digits
from engine.ivr.messages import Alarm, Served
from engine.ivr.rendering import as_parts
from engine.ivr.saying import CannotSay, Kind
from engine.ivr.schema import (
    AGAIN,
    BACK,
    Asking,
    BargeIn,
    Choice,
    Exit,
    Gather,
    Intent,
    Listen,
    Menu,
    Part,
    Say,
)
from engine.ivr.steps import Question, Reply, Saying, Script, Step, Way
from engine.ivr.turn import Turn
from engine.ivr.values import Type, WrongType, typed

YES = {"en": ("yes", "yeah", "right", "correct"), "vi": ("đúng", "phải", "vâng", "dạ", "đồng ý")}
NO = {"en": ("no", "wrong", "nope"), "vi": ("không", "sai", "không phải")}
CONFIRM_SECONDS = 5.0

Check = Callable[[Reply], str]
"""What an answer is worth: ``ok`` or the kind of the failure."""
Asked = Generator[Step, Any, Reply]


def say(node: Say, turn: Turn) -> Script:
    """Say it, as often as is wanted."""
    good = True
    for _ in range(node.repeat):
        good = yield Saying(node.prompts, node.barge_in)
        if not good:
            break
        if node.outcome and turn.served != node.outcome:
            turn.served = node.outcome
            turn.act(Served(node.outcome))
    return node.way_out("next" if good else "error")


def menu(node: Menu, turn: Turn) -> Script:
    """One of the choices, by keys or by voice."""
    choices = Choices(tuple(node.keys))
    phrases = _phrases(node.keys, turn)
    question = _question(node, turn, choices, phrases)

    def chosen(reply: Reply) -> Choice:
        return node.keys[choices.chosen(reply.value) or reply.value]

    def back(reply: Reply) -> bool:
        return chosen(reply).confirm

    reply = yield from ask(node, question, turn, ask_back=back)
    if reply.kind == "global":
        return _global(turn, reply.value)
    if reply.kind != "ok":
        return node.way_out(_exit_of(node, reply))
    if node.variable:
        turn.set(node.variable, reply.value)
    return node.exit(choices.chosen(reply.value) or reply.value)


def listen(node: Listen, turn: Turn) -> Script:
    """One of the wishes in his own words, or a key; or any words at all."""
    keys = {intent.key: name for name, intent in node.intents.items() if intent.key}
    grammar = Choices(tuple(keys)) if keys else None
    phrases = _phrases(node.intents, turn)
    question = replace(_question(node, turn, grammar, phrases), free=not node.intents)

    def back(reply: Reply) -> bool:
        intent = node.intents.get(keys.get(reply.value, reply.value))
        return intent is not None and intent.confirm

    reply = yield from ask(node, question, turn, ask_back=back)
    if reply.kind == "global":
        return _global(turn, reply.value)
    if reply.kind != "ok":
        return node.way_out(_exit_of(node, reply))
    if node.variable:
        turn.set(node.variable, reply.said or reply.value)
    name = keys.get(reply.value, reply.value)
    return node.exit(name) if name in node.intents else node.way_out("ok")


def gather(node: Gather, turn: Turn) -> Script:
    """A number into a variable."""
    reply = yield from ask_digits(node, turn)
    if reply.kind == "global":
        return _global(turn, reply.value)
    if reply.kind != "ok":
        return node.way_out(_exit_of(node, reply))
    turn.set(node.variable, _converted(node, reply.value, turn), secret=node.secret)
    return node.way_out("ok")


def ask_digits(node: Gather, turn: Turn, valid: Callable[[str], bool] | None = None) -> Asked:
    """Ask for a number until it is right or the attempts are used up; ``valid`` is a further
    check of it. Nothing is left of a secret but the reply."""
    specials = {key: kind for key, kind in _specials(node) if key}
    question = replace(
        _question(node, turn, Digits.of(node), {}),
        terminator_seconds=node.terminator_seconds,
        specials=specials,
    )

    def check(reply: Reply) -> str:
        good = _is_right(node, turn, reply.value) and (valid is None or valid(reply.value))
        return "ok" if good else node.WRONG

    read_back = node.confirm is not None
    reply = yield from ask(node, question, turn, check=check, read_back=read_back)
    return reply


def _specials(node: Gather) -> list[tuple[str, str]]:
    return [(node.clear_key, "clear"), (node.cancel_key, "cancel")]


def ask(
    node: Asking,
    question: Question,
    turn: Turn,
    *,
    check: Check | None = None,
    ask_back: Callable[[Reply], bool] | None = None,
    read_back: bool = False,
) -> Asked:
    """Ask until the answer is right, or the attempts of the node are used up."""
    failures, secret = Counter[str](), isinstance(node, Gather) and node.secret
    turn.failures = failures
    while True:
        reply: Reply = yield question
        result = _result(node, reply, check)
        turn.heard(reply, result, secret=secret)
        if result == "ok" and (_unsure(node, reply) or read_back or (ask_back and ask_back(reply))):
            answer = yield from _asked_back(node, reply, question.shortcuts, turn)
            if answer.kind == "global":
                return answer
            result = "ok" if _is_yes(answer) else node.WRONG
        if result not in ("noinput", node.WRONG):
            return replace(reply, kind=result)
        failures[result] += 1
        if failures.total() >= node.attempts:
            return replace(reply, kind=result)
        again = node.prompts if node.again is None else node.again
        question = replace(question, parts=node.message(result, failures[result]) + again)


def _result(node: Asking, reply: Reply, check: Check | None) -> str:
    if reply.kind == "wrong" or (
        reply.by == "speech" and reply.confidence < node.confidence.confirm
    ):
        return node.WRONG
    if reply.kind == "ok" and check is not None:
        return check(reply)
    return reply.kind


def _unsure(node: Asking, reply: Reply) -> bool:
    return reply.by == "speech" and reply.confidence < node.confidence.accept


def _asked_back(node: Asking, reply: Reply, shortcuts: frozenset[str], turn: Turn) -> Asked:
    """Read back what was understood, and ask whether it is right."""
    words = {word: "1" for word in YES.get(turn.language, ())}
    words |= {word: "2" for word in NO.get(turn.language, ())}
    question = Question(
        (Part(prompt="confirm_heard"), *_read(node, reply, turn), Part(prompt="confirm_keys")),
        BargeIn.BOTH,
        Choices(("1", "2")),
        CONFIRM_SECONDS,
        2.0,
        shortcuts=shortcuts,
        phrases=words if turn.language in YES and _by_voice(node) else {},
    )
    answer: Reply = yield question
    meant = "confirmed" if _is_yes(answer) else "not meant"
    turn.heard(answer, "global" if answer.kind == "global" else meant)
    return answer


def _is_yes(answer: Reply) -> bool:
    """Only a yes is one."""
    return (answer.kind, answer.value) == ("ok", "1")


def _read(node: Asking, reply: Reply, turn: Turn) -> tuple[Part, ...]:
    kind = node.confirm if isinstance(node, Gather) else None
    if reply.by == "keys" or kind is not None:
        part = Part.model_validate({"value": "''", "as": kind or "digits"})
        is_date = isinstance(node, Gather) and node.check == "date" and kind is Kind.DATE
        value = _next(reply.value, turn) if is_date else reply.value
        try:
            return as_parts(turn.say(value, part, turn.language))
        except CannotSay as error:
            turn.act(Alarm(f"what was typed at {turn.node} is not read back: {error}"))
            part = Part.model_validate({"value": "''", "as": "digits"})
            return as_parts(turn.say(reply.value, part, turn.language))
    return (Part(text=reply.said.replace("{", "").replace("}", "")),)


def _by_voice(node: Asking) -> bool:
    choices = node.keys.values() if isinstance(node, Menu) else ()
    return isinstance(node, Listen) or any(choice.phrases for choice in choices)


def _question(node: Asking, turn: Turn, grammar: Any, phrases: dict[str, str]) -> Question:
    return Question(
        node.prompts,
        node.barge_in,
        grammar,
        node.timeout_seconds,
        node.inter_digit_seconds,
        shortcuts=frozenset(turn.flow.global_keys) if node.global_keys else frozenset(),
        phrases=phrases,
    )


def _phrases(choices: Any, turn: Turn) -> dict[str, str]:
    """Phrase → key or wish, in the language of the call."""
    return {
        phrase: name for name, choice in choices.items() for phrase in _said(choice, turn.language)
    }


def _said(choice: Choice | Intent, language: str) -> tuple[str, ...]:
    return choice.phrases.get(language, ())


def _exit_of(node: Asking, reply: Reply) -> str:
    return node.WRONG if reply.kind == "wrong" else reply.kind


def _global(turn: Turn, key: str) -> Way:
    """Where a key of the whole flow leads; it counts wherever a menu is."""
    target = turn.flow.global_keys[key]
    menus = turn.frame.menus
    if target == AGAIN:
        target = turn.node
    elif target == BACK:
        if menus and menus[-1] == turn.node:
            menus.pop()
        target = menus[-1] if menus else turn.node
    return Exit(f"key {key}", (), target)


# -- whether a number is right --------------------------------------------------------------------


def _is_right(node: Gather, turn: Turn, digits: str) -> bool:
    if node.pattern and not fits(node.pattern, digits):
        return False
    if node.check == "luhn" and not luhn(digits):
        return False
    if node.check == "date" and _date(digits) is None:
        return False
    return node.valid is None or _satisfies(node.valid, turn, digits, secret=node.secret)


def _satisfies(source: str, turn: Turn, digits: str, *, secret: bool) -> bool:
    """The flow's own check; of a secret nothing of it is traced."""
    try:
        return expression(source).value({**turn.scope(), "typed": digits}) is True
    except ExpressionError as error:
        reason = "it failed" if secret else str(error)  # which may name what was typed
        turn.act(Alarm(f"`{source}` at {turn.node}: {reason}"))
        return False


def luhn(digits: str) -> bool:
    """The check digit of cards and accounts (ISO/IEC 7812-1, annex B)."""
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(digits[::-1])]
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def _date(digits: str) -> str | None:
    """DDMMYYYY as an ISO date; DDMM, which is any year's, as that day of a leap year."""
    if len(digits) not in (4, 8):
        return None
    try:
        written = digits if len(digits) == 8 else f"{digits}2000"
        return datetime.strptime(written, "%d%m%Y").date().isoformat()  # noqa: DTZ007 - no time
    except ValueError:
        return None


def _next(digits: str, turn: Turn) -> str | None:
    """The date of DDMMYYYY, or of the next DDMM, today included."""
    if len(digits) == 8:
        return _date(digits)
    today = datetime.fromtimestamp(turn.now, turn.context.zone).date().isoformat()
    coming = (_date(f"{digits}{year}") for year in range(int(today[:4]), int(today[:4]) + 9))
    return next((day for day in coming if day and day >= today), None)


def _converted(node: Gather, digits: str, turn: Turn) -> Any:
    if node.check == "date" and node.as_ is not Type.TEXT:
        return _next(digits, turn)
    try:
        return typed(digits, node.as_) if node.as_ is not Type.ANY else digits
    except WrongType:
        return digits
