"""Watches one caller inside his flows, and protests as soon as a promise of the core is broken."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from ivr_chance import CARD, CODE, CVV, EXPIRY, PIN, SECRET_DIGITS

from engine.ivr.context import Context
from engine.ivr.flowset import FlowSet
from engine.ivr.interpreter import HANG_UP_SECONDS, MAX_NODES_AT_ONCE, Interpreter
from engine.ivr.messages import (
    Action,
    Alarm,
    Answer,
    AskCallback,
    Confer,
    Deaf,
    Digit,
    End,
    Enqueue,
    Entered,
    Fault,
    Heard,
    HungUp,
    Input,
    Listen,
    Lookup,
    LookupEnded,
    Play,
    PlayEnded,
    Record,
    RecordAnswer,
    Returned,
    Said,
    StopListening,
    StopPlay,
    TakeMessage,
    Transfer,
)
from engine.ivr.position import Position
from engine.ivr.schema import Payment

OUTCOMES: dict[type[Any], tuple[str, ...]] = {
    Answer: ("answered",),
    Enqueue: (
        "answered", "timeout", "full", "no_agents", "unmatched", "overflow", "callback",
        "voicemail",
    ),
    AskCallback: ("scheduled", "declined", "duplicate", "out_of_hours"),
    TakeMessage: ("saved", "too_short", "deleted"),
    Transfer: ("answered", "busy", "noanswer", "congestion", "rejected", "failed", "max_time"),
    Confer: ("left", "kicked", "ended", "full"),
    RecordAnswer: ("saved", "too_short"),
}  # fmt: skip
"""How errands end."""

AT_ONCE = frozenset(
    {
        "full", "no_agents", "unmatched", "overflow", "failed", "busy", "congestion", "rejected",
        "duplicate", "out_of_hours",
    }
)  # fmt: skip
"""Ends of errands that can come as soon as they begin."""

ASKED = {
    "payment_card": f"{CARD}#",
    "payment_expiry": EXPIRY,
    "payment_cvv": CVV,
    "identify_pin": PIN,
    "identify_code": CODE,
    "conference_pin": PIN,
}
"""What is typed after which prompt; elsewhere the PIN, where a secret is asked for."""

_SECRETS = re.compile(rf"[{SECRET_DIGITS}]{{3,}}")
_NUMBER = re.compile(r"number_([0-9])")


class Witness:
    """Drives an ``Interpreter`` and checks all that it does."""

    def __init__(
        self, flows: FlowSet, context: Context, position: Position | None = None, now: float = 0.0
    ) -> None:
        self.flows, self.now = flows, now
        self.ivr = Interpreter(flows, "test", context, position)
        self.actions: list[Action] = []
        self.playing: Play | None = None
        self.lookup: Lookup | None = None
        self.errand: Action | None = None
        self.played = 0  # the last; a timer that ran out before its end may stop it still
        self.listening = self.deaf = self.hung_up = self.unheard = False
        self.frames: list[tuple[str, str]] = []
        self._moved_on, self._late = now, False
        self._round: Counter[tuple[str, str]] = Counter()
        self._take(self.ivr.start(now))

    # -- what happens ---------------------------------------------------------------------------

    def live(self, move: Any) -> list[Action]:
        """One of ``ivr_chance.MOVES``; the actions it brought."""
        before = len(self.actions)
        match move:
            case "heard" | "unheard" if self.playing:
                self.send(PlayEnded(self.playing.play, move == "heard"))
            case "asked":
                self._type(self._asked())
            case "due" if (at := self.ivr.next_deadline()) is not None:
                self.wait(max(0.0, at - self.now))
            case float():
                self.wait(move)
            case ("late", seconds):
                self.now += seconds
            case ("lookup", result, body) if self.lookup:
                self.send(LookupEnded(self.lookup.lookup, result, body))
            case ("errand", number) if self.errand:
                outcomes = OUTCOMES[type(self.errand)]
                self.send(Returned(outcomes[number % len(outcomes)], {"recording": "r1"}))
            case "heard" | "unheard" | "due" | ("lookup", *_) | ("errand", *_):
                pass  # nothing plays, nothing is waited for
            case PlayEnded() | LookupEnded() | Returned():
                self.wait(0)
                if not self._is_of_now(move):
                    self.send(move)
            case _:
                self.send(move)
        return self.actions[before:]

    def send(self, event: Input) -> None:
        """One input."""
        match event:
            case PlayEnded(play) if self.playing and self.playing.play == play:
                self.playing, self.played = None, play
            case LookupEnded(lookup) if self.lookup and self.lookup.lookup == lookup:
                self.lookup = None
            case Returned(by):
                self.errand = None
                if by not in AT_ONCE:
                    self._round.clear()
            case Digit() | Said():
                self._round.clear()
            case Deaf():
                self.deaf = True
            case HungUp():
                self.hung_up = True
                self.playing = self.lookup = self.errand = None
                self.listening = False
        due = self.ivr.next_deadline()
        self._late = due is not None and due < self.now
        self._take(self.ivr.handle(event, self.now))
        self.listening = self.listening and not self.deaf

    def wait(self, seconds: float) -> None:
        """Time passes; timers run out when they are due."""
        self._late = True
        until = self.now + seconds
        while (at := self.ivr.next_deadline()) is not None and at <= until:
            self.now = max(self.now, at)
            self._take(self.ivr.on_deadline(self.now))
            assert self.ivr.next_deadline() != self.now, "a timer that has run out runs on"
        self.now, self._late = until, False

    def end_in_silence(self, number: int) -> None:
        """The caller does nothing any more; whatever he waits for comes to some end."""
        for step in range(10_000):
            if self.ivr.ended:
                return
            if self.playing:
                self.now += 2
                self.live("heard")
            elif self.errand:
                self.live(("errand", number + step))
            else:
                self.live("due")
        raise AssertionError(f"the call never ended: {self.path[-20:]}")

    def hang_up(self) -> None:
        """The caller hangs up: it is over within a few seconds, without a word."""
        self.live(HungUp())
        began = self.now
        self.wait(HANG_UP_SECONDS)
        assert self.ivr.ended, f"still at {self.ivr.position()} after {self.now - began} s"

    @property
    def path(self) -> list[tuple[str, str]]:
        """The nodes in the order they were entered, with their flows."""
        return [(each.flow, each.node) for each in self.actions if isinstance(each, Entered)]

    def _at_payment(self) -> bool:
        flow, node = self.frames[-1]
        return isinstance(self.flows.flows[flow].nodes[node], Payment)

    def _is_of_now(self, move: Input) -> bool:
        """Whether what should be a stale input would be none."""
        match move:
            case PlayEnded(play):
                return self.playing is not None and self.playing.play == play
            case LookupEnded(lookup):
                return self.lookup is not None and self.lookup.lookup == lookup
        return self.errand is not None

    def _type(self, keys: str) -> None:
        """Type a secret as long as it is asked for; its rest would belong to somebody else."""
        heard = self._heard()
        for key in keys:
            self.wait(0.1)
            if self.ivr.ended or self._heard() != heard:
                return
            self.send(Digit(key))

    def _heard(self) -> int:
        return sum(isinstance(action, Heard | Entered) for action in self.actions)

    def _asked(self) -> str:
        said = [
            sound
            for action in self.actions
            if isinstance(action, Play)
            for sound in action.prompts
            if isinstance(sound, str)
        ]
        asked = next((ASKED[sound] for sound in reversed(said) if sound in ASKED), "")
        node = self._node() if self.frames and not self.ivr.ended else None
        if node is None or self.lookup or self.errand or self.hung_up:
            return ""
        if getattr(node, "secret", False):
            return f"{PIN}#"
        return asked if node.type in ("payment", "identify", "conference") else ""

    def _node(self) -> Any:
        place = self.ivr.position().place
        return self.flows.flows[place.flow].nodes[place.node]

    # -- what must hold ---------------------------------------------------------------------------

    def _take(self, actions: list[Action]) -> None:
        over = any(isinstance(action, End | Fault) for action in self.actions)
        assert not (over and actions), f"after the end: {actions}"
        entered = [action for action in actions if isinstance(action, Entered)]
        if not self._late:
            assert len(entered) <= 2 * (MAX_NODES_AT_ONCE + 1), "too many nodes at once"
        for action in actions[:-1]:
            assert type(action) not in OUTCOMES, f"{action} is not the last"
            assert not isinstance(action, End | Fault), f"{action} is not the last"
        for action in actions:
            self._see(action)
            self._goes_round(action)
            self._keep_secret(action)
        self.actions += actions
        self._is_somewhere()

    def _see(self, action: Action) -> None:
        if self.hung_up:
            assert not isinstance(action, Play | Listen | End | Fault), f"{action} for nobody"
            assert type(action) not in OUTCOMES, f"{action} for nobody"
        match action:
            case Play(number, prompts):
                assert self.playing is None, "two plays at once"
                assert prompts, "a play of nothing"
                assert number > self.played, "a number of a play twice"
                assert self.unheard or not {"payment_card", "payment_cvv"} & {*prompts}
                self.playing = action
            case StopPlay(play):
                under_way = self.playing.play if self.playing else self.played
                assert under_way == play, "stopped a play that is not under way"
                self.playing = None
            case Listen():
                assert not self.listening, "listens twice"
                self.listening = True
            case StopListening():
                assert self.listening, "stops listening twice"
                self.listening = False
            case Lookup():
                self.lookup = action
            case Record(do) if self._at_payment():
                self.unheard = do == "pause"
            case Entered():
                self._came_to(action)
            case Fault(text):
                assert re.match(r"runaway: |node \w+: ", text), text
                assert not re.search(r"leads|exist|no flow|not given", text), text
            case Alarm(text):
                assert "nodes at once" not in text, f"the check let a circle through: {text}"
            case _ if type(action) in OUTCOMES:
                self.errand = action
        if isinstance(action, Fault):
            assert "nodes at once" not in action.text, "the check let a circle through"
        if isinstance(action, Entered | End) or type(action) in OUTCOMES:
            assert not self.listening or self.deaf, f"still listening at {action}"
            assert self.playing is None, f"still playing at {action}"

    def _goes_round(self, action: Action) -> None:
        """No node twice without that the caller hears, does or waits for something."""
        was_asked = isinstance(action, Heard) and action.keys  # also typed ahead
        if isinstance(action, Play) or was_asked or self.now > self._moved_on or self._late:
            self._round.clear()
        self._moved_on = self.now
        if isinstance(action, Entered):
            self._round[action.flow, action.node] += 1
            assert max(self._round.values()) <= 2, f"round and round: {self._round}"

    def _came_to(self, entered: Entered) -> None:
        """By an exit that there is, to where it leads; a payment has resumed the recording."""
        flow = self.flows.flows[entered.flow]
        assert entered.node in flow.nodes
        places = [(place.flow, place.node) for place in entered.position.places]
        assert places[-1] == (entered.flow, entered.node)
        if self.frames:
            assert not self.unheard, "the recording is still paused"
            self._is_a_way(self.frames, places, entered.via)
        self.frames = places

    def _is_a_way(
        self, before: list[tuple[str, str]], after: list[tuple[str, str]], via: str
    ) -> None:
        flow = self.flows.flows[after[-1][0]]
        target = after[-1][1]
        if via == "error" and target == flow.on_error:
            return
        if via == "hangup":
            assert target == flow.on_hangup
            return
        if len(after) > len(before):
            assert (via, target) == ("", flow.start)
            return
        node = flow.nodes[before[len(after) - 1][1]]
        exits = {way.name: way.target for way in node.exits()}
        if len(after) < len(before):
            returned = self.flows.flows[before[-1][0]].nodes[before[-1][1]]
            assert (returned.type, returned.as_) == ("return", via)
            assert exits.get(returned.as_, exits["next"]) == target
        elif via.startswith("key "):
            wanted = flow.global_keys[via[4:]]
            assert target == wanted or wanted in ("again", "back")
        else:
            assert exits[via] == target, f"{node} by {via} to {target}"

    def _is_somewhere(self) -> None:
        """The call is over, or it waits for exactly one thing."""
        deadline = self.ivr.next_deadline()
        assert deadline is None or deadline >= self.now, "a timer that has run out runs on"
        if self.ivr.ended:
            assert deadline is None
            assert not self.unheard, "the recording is still paused"
            ends = [action for action in self.actions if isinstance(action, End | Fault)]
            assert self.hung_up or len(ends) == 1
            assert self.playing is None
            return
        if self.hung_up:
            assert deadline is not None
            return
        if self.lookup is not None and self.errand is None and deadline is not None:
            return  # a filler may be playing meanwhile
        waits = [self.playing is not None, deadline is not None, self.errand is not None]
        assert waits.count(True) == 1, (waits, self.path[-3:])

    def _keep_secret(self, action: Action) -> None:
        """Nothing of what was typed in secret is in any action but a request's body."""
        seen = [*strings(action)]
        if isinstance(action, Play):
            seen.append("".join(_NUMBER.findall(" ".join(map(str, action.prompts)))))
        position = self.ivr.position()
        for text in [*seen, *strings(position)]:
            assert not _SECRETS.search(text), f"{text} in {action}"
        if isinstance(action, Lookup) and any(map(_SECRETS.search, strings(action.request.body))):
            assert action.request.private
            assert action.request.cache_seconds == 0


def strings(thing: Any) -> Iterator[str]:
    """Everything that is written in an action but the body of a request, and numbers of plays."""
    if dataclasses.is_dataclass(thing):
        for field in dataclasses.fields(thing):
            if field.name not in ("body", "play", "lookup"):
                yield from strings(getattr(thing, field.name))
    elif isinstance(thing, Mapping):
        for key, value in thing.items():
            yield from strings(key)
            yield from strings(value)
    elif isinstance(thing, list | tuple):
        for each in thing:
            yield from strings(each)
    else:
        yield str(thing)
