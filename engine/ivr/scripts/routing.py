"""Scripts of the nodes that bring the caller to somebody, record, or end the call."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from engine.ivr import messages as m
from engine.ivr.doors import LOCKED_SECONDS, PIN_ATTEMPTS, doors_of
from engine.ivr.grammar import Digits
from engine.ivr.rendering import stretches
from engine.ivr.schema import (
    Answer,
    BargeIn,
    Callback,
    Conference,
    Hangup,
    Part,
    Queue,
    Record,
    Transfer,
    Voicemail,
)
from engine.ivr.sounds import Sound
from engine.ivr.steps import Over, Question, Reply, Saying, Script, Step
from engine.ivr.turn import Turn


def answer(node: Answer, _turn: Turn) -> Script:
    """Answer, after a while of ringing."""
    yield m.Answer(node.ring_seconds)
    return node.way_out("next")


def queue(node: Queue, turn: Turn) -> Script:
    """Wait for an agent; after the talk the flow goes on by ``answered``."""
    turn.out_of_hours, turn.served = False, None
    variable = node.owner.removeprefix("$")
    owner = node.owner
    if variable != node.owner:
        owner = str(turn.frame.variables.get(variable) or "")
    done = yield m.Enqueue(node.queue, node.needs, node.priority_seconds, owner)
    return node.way_out(done.by)


def callback(node: Callback, turn: Turn) -> Script:
    """Agree on a callback."""
    done = yield m.AskCallback(node.queue, turn.fill(node.number), node.confirm)
    return node.way_out(done.by)


def voicemail(node: Voicemail, turn: Turn) -> Script:
    """Take a message."""
    greeting = _sounds(node.prompts, turn)
    mailbox = f"agent:{node.agent}" if node.agent else ""
    done = yield m.TakeMessage(
        node.queue or "", greeting, node.seconds, node.silence_seconds, node.review, mailbox
    )
    return node.way_out(done.by)


def transfer(node: Transfer, turn: Turn) -> Script:
    """Put him through; what came of it is the exit."""
    done = yield m.Transfer(
        turn.fill(node.agent or node.number),
        bool(node.agent),
        node.refer,
        node.ring_seconds,
        node.most_seconds,
        _sounds(node.whisper, turn),
        node.accept_key,
        node.show_caller,
    )
    return node.way_out(done.by)


def conference(node: Conference, turn: Turn) -> Script:
    """Ask for the PIN where there is one, then into the room. Who is in it already, after a crash,
    is known there."""
    leader = False
    if node.pin and not turn.resumed.asked:
        typed = yield from _pin(node, turn)
        if typed is None:
            return node.way_out("bad_pin")
        leader = typed == node.leader_pin
    done = yield m.Confer(
        turn.fill(node.room),
        leader,
        node.muted,
        node.until_leader,
        node.most_members,
        node.leave_key,
        node.record,
        listener=node.listeners and not leader,
        ends_with_leader=node.until_leader
        if node.end_with_leader is None
        else node.end_with_leader,
        announce=node.announce,
        longest_seconds=node.most_minutes * 60,
        keys={str(what): key for what, key in node.keys.items()},
    )
    return node.way_out(done.by)


def _pin(node: Conference, turn: Turn) -> Generator[Step, Any, str | None]:
    doors = doors_of(turn.fill(node.room), turn.context.caller)
    if _locked(doors, turn):
        yield Saying((Part(prompt="conference_bad_pin"),), BargeIn.NONE)
        return None
    right = {pin for pin in (node.pin, node.leader_pin) if pin}
    most = max(len(pin) for pin in right)
    parts: tuple[Part, ...] = (Part(prompt="conference_pin"),)
    for _ in range(PIN_ATTEMPTS):
        reply: Reply = yield Question(parts, BargeIn.BOTH, Digits(1, most, "#"), 6.0, 3.0)
        known = reply.kind == "ok" and reply.value in right
        turn.heard(reply, "ok" if known else "nomatch", secret=True)
        if _locked(doors, turn):
            return None
        if known:
            return reply.value
        if reply.kind == "ok":
            for door, attempts in doors:
                turn.act(m.Attempted(door, False, attempts, LOCKED_SECONDS))
        parts = (Part(prompt="conference_bad_pin"), Part(prompt="conference_pin"))
    return None


def _locked(doors: list[tuple[str, int]], turn: Turn) -> bool:
    return any(turn.context.locked(door, turn.now) for door, _ in doors)


def record(node: Record, turn: Turn) -> Script:
    """Say that it is recorded, then record; or the other way round."""
    if node.prompts:
        yield Saying(node.prompts, BargeIn.NONE)
    turn.act(m.Record(node.do))
    return node.way_out("next")


def hangup(node: Hangup, turn: Turn) -> Script:
    """Good-bye, to its end."""
    if node.prompts:
        yield Saying(node.prompts, BargeIn.NONE)
    return Over(node.outcome or turn.outcome, node.cause)


def _sounds(parts: tuple[Part, ...], turn: Turn) -> tuple[Sound, ...]:
    """What somebody else will say for us."""
    return tuple(s for each in stretches(parts, BargeIn.BOTH, turn) for s in each.sounds)
