"""Scripts of the nodes that decide, remember or lead elsewhere."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from engine.ivr.messages import Chosen
from engine.ivr.messages import Tag as Keep
from engine.ivr.schema import (
    Goto,
    Hours,
    If,
    Return,
    Set,
    SetLanguage,
    Split,
    Start,
    SubFlow,
    Switch,
    Tag,
)
from engine.ivr.steps import Back, Into, Script
from engine.ivr.turn import Turn
from engine.ivr.values import Value

_LANGUAGE_TAG = 5


def start(node: Start, turn: Turn) -> Script:
    """The language by the longest beginning of the caller's number; then by how he came."""
    yield from ()
    caller = turn.context.caller
    fitting = [prefix for prefix in node.languages if caller.startswith(prefix)]
    if fitting:
        turn.language = node.languages[max(fitting, key=len)]
    entry = turn.context.entry
    return node.way_out(entry if entry in node.OPTIONAL_EXITS else "next")


def set_language(node: SetLanguage, turn: Turn) -> Script:
    """The language that is written, or that an expression comes to."""
    yield from ()
    wanted = node.language if node.value is None else turn.evaluate(node.value)
    if isinstance(wanted, str) and 2 <= len(wanted) <= _LANGUAGE_TAG:
        turn.language = wanted
    return node.way_out("next")


def hours(node: Hours, turn: Turn) -> Script:
    """What the calendar says; anything but open counts as closed."""
    yield from ()
    opening = turn.context.hours(node.calendar, turn.now)
    turn.out_of_hours = opening.state != "open"
    name = opening.names.get(turn.language) or next(iter(opening.names.values()), "")
    answer = {"state": opening.state, "holiday": name, "next_open": opening.next_open}
    turn.set("hours", answer)
    return node.way_out(opening.state if opening.state in ("open", *node.AS) else "closed")


def set_variables(node: Set, turn: Turn) -> Script:
    """One after the other."""
    yield from ()
    for name, source in node.variables.items():
        turn.set(name, turn.evaluate(source, f"{name} = {source}"))
    return node.way_out("next")


def if_(node: If, turn: Turn) -> Script:
    """True is true; anything else is not."""
    yield from ()
    return node.way_out("then" if turn.evaluate(node.when) is True else "else")


def switch(node: Switch, turn: Turn) -> Script:
    """The first that is true."""
    yield from ()
    for index, case in enumerate(node.cases):
        if turn.evaluate(case.when) is True:
            return node.exit(str(index + 1))
    return node.way_out("else")


def goto(node: Goto, _turn: Turn) -> Script:
    """There."""
    yield from ()
    return node.way_out("to")


def split(node: Split, turn: Turn) -> Script:
    """A digest of who calls, so that he is in the same arm next time; without a number, of the
    call."""
    yield from ()
    who = turn.context.caller or turn.context.call
    digest = hashlib.sha256(f"{node.experiment}\0{who}".encode()).digest()
    total = sum(arm.percent for arm in node.arms.values())
    point = int.from_bytes(digest[:8]) / 2**64 * total
    arm = next(iter(node.arms))
    for name, share in node.arms.items():
        arm = name
        point -= share.percent
        if point < 0:
            break
    turn.act(Chosen(node.experiment, arm))
    return node.exit(arm)


def sub_flow(node: SubFlow, turn: Turn) -> Script:
    """Into the other flow, with nothing but its parameters."""
    yield from ()
    return Into(node.flow, _values(node.with_, turn))


def return_(node: Return, turn: Turn) -> Script:
    """Back, with what was asked for."""
    yield from ()
    return Back(node.as_, _values(node.values, turn))


def tag(node: Tag, turn: Turn) -> Script:
    """Keep the values with the call."""
    yield from ()
    turn.act(Keep(_values(node.values, turn), node.script, node.disposition))
    return node.way_out("next")


def _values(sources: Mapping[str, str], turn: Turn) -> dict[str, Value]:
    return {name: turn.evaluate(source, f"{name} = {source}") for name, source in sources.items()}
