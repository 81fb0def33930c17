"""A caller inside a flow, on a clock of his own: presses keys, listens, waits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from engine.ivr.context import Context, Opening
from engine.ivr.flowset import FlowSet
from engine.ivr.interpreter import Interpreter
from engine.ivr.lint import Known
from engine.ivr.messages import (
    Action,
    Digit,
    End,
    Enqueue,
    Entered,
    Fault,
    Heard,
    HungUp,
    Input,
    Lookup,
    LookupEnded,
    Play,
    PlayEnded,
    Returned,
    StopPlay,
)
from engine.ivr.position import Place, Position
from engine.ivr.schema import Flow

FLOWS = Path(__file__).parents[2] / "ivr_flows"
KNOWN = Known(frozenset({"sales", "support"}), frozenset({"office", "route"}))
PLAY_SECONDS = 2.0


def load(path: Path) -> Any:
    """A YAML file with every scalar as text, as the engine's reader gives it."""
    return YAML(typ="base", pure=True).load(path.read_text(encoding="utf-8"))


def flow_of(nodes: dict[str, Any], **settings: Any) -> Flow:
    """A flow of these nodes that starts at the first."""
    return Flow.model_validate(
        {"flow": "test", "start": next(iter(nodes)), "nodes": nodes, **settings}
    )


BYE = {"type": "hangup"}


def menu(keys: dict[str, str], **settings: Any) -> dict[str, Any]:
    """A menu that says ``choose`` and leaves to ``silent`` and ``lost`` when all attempts fail."""
    node = {"type": "menu", "prompts": "choose", "noinput": "silent", "nomatch": "lost"}
    return {**node, "keys": keys, **settings}


def gather(**settings: Any) -> dict[str, Any]:
    """Asks for a number into ``account``; exits ``done``, ``silent`` and ``lost``."""
    node = {"type": "gather", "prompts": "account", "variable": "account"}
    return {**node, "ok": "done", "noinput": "silent", "invalid": "lost", **settings}


def ends(*names: str) -> dict[str, Any]:
    """Hangup nodes of these names, each saying its own name."""
    return {name: {"type": "hangup", "prompts": name} for name in names}


class Caller:
    """Drives one ``Interpreter`` and keeps all it did, as a story would."""

    def __init__(
        self,
        flow: Flow,
        *others: Flow,
        hours: str = "open",
        route_language: str = "",
        caller: str = "0901",
        at: str = "",
        language: str = "",
        variables: dict[str, Any] | None = None,
        sent: bool = False,
        **facts: Any,
    ) -> None:
        self.now = 1000.0
        context = Context(
            route_language, caller, "1900", lambda calendar, now: Opening(hours), **facts
        )
        flows = FlowSet({each.name: each for each in (flow, *others)})
        place = Place(flow.name, at, variables or {})
        position = Position((place,), language, sent=sent) if at else None
        self.ivr = Interpreter(flows, flow.name, context, position)
        self.actions: list[Action] = []
        self.playing: Play | None = None
        self._take(self.ivr.start(self.now))

    def send(self, event: Input) -> list[Action]:
        """Hand in one input now; the actions it brought."""
        if isinstance(event, PlayEnded) and self.playing and self.playing.play == event.play:
            self.playing = None
        return self._take(self.ivr.handle(event, self.now))

    def press(self, keys: str, *, gap: float = 0.1) -> list[Action]:
        """Press these keys, ``gap`` seconds apart; all actions they brought."""
        brought: list[Action] = []
        for key in keys:
            self.now += gap
            brought += self.send(Digit(key))
        return brought

    def listen(self) -> None:
        """Listen until nothing is playing."""
        while self.playing is not None:
            self.now += PLAY_SECONDS
            self.send(PlayEnded(self.playing.play))

    def wait(self, seconds: float) -> None:
        """Let time pass; timers run out at their own time."""
        until = self.now + seconds
        while (deadline := self.ivr.next_deadline()) is not None and deadline <= until:
            self.now = deadline
            self._take(self.ivr.on_deadline(self.now))
        self.now = until

    def silence(self) -> None:
        """Listen, then press nothing until the timer has run out."""
        self.listen()
        deadline = self.ivr.next_deadline()
        assert deadline is not None
        self.wait(deadline - self.now)

    def leave_queue(self, reason: str) -> None:
        """The queue lets the caller go."""
        self.come_back(reason)

    def come_back(self, by: str, **values: Any) -> list[Action]:
        """The errand is over."""
        return self.send(Returned(by, values))

    def answer_lookup(self, result: str = "ok", body: object = None) -> list[Action]:
        """The last lookup ended so."""
        return self.send(LookupEnded(self.of(Lookup)[-1].lookup, result, body))

    def hang_up(self) -> list[Action]:
        """The caller hangs up."""
        return self.send(HungUp())

    def of(self, kind: type[Any]) -> list[Any]:
        """All actions of this kind so far."""
        return [action for action in self.actions if isinstance(action, kind)]

    @property
    def node(self) -> str:
        """Where he is."""
        return self.ivr.position().place.node

    @property
    def variables(self) -> dict[str, Any]:
        """What the flow he is in has gathered."""
        return dict(self.ivr.position().place.variables)

    @property
    def said(self) -> list[str]:
        """Every prompt whose play was begun, in order; what is no prompt as it is written."""
        return [
            sound if isinstance(sound, str) else getattr(sound, "text", repr(sound))
            for play in self.of(Play)
            for sound in play.prompts
        ]

    @property
    def path(self) -> list[str]:
        """The nodes in the order they were entered."""
        return [entered.node for entered in self.of(Entered)]

    @property
    def results(self) -> list[tuple[str, str]]:
        """What was heard from the caller and what it meant."""
        return [(heard.keys, heard.result) for heard in self.of(Heard)]

    @property
    def end(self) -> Action | None:
        """How the flow ended, or None."""
        return next(iter(self.of(End) + self.of(Fault)), None)

    @property
    def queued(self) -> list[str]:
        """The queues the caller was put into."""
        return [enqueue.queue for enqueue in self.of(Enqueue)]

    def _take(self, actions: list[Action]) -> list[Action]:
        for action in actions:
            if isinstance(action, Play):
                assert self.playing is None, "two plays at once"
                self.playing = action
            if isinstance(action, StopPlay):
                assert self.playing is not None
                assert self.playing.play == action.play, "stopped a play that is not under way"
                self.playing = None
        self.actions += actions
        return actions
