"""What a node's script may see and do: the variables, the language, expressions, requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from engine.ivr.context import Context
from engine.ivr.expressions import ExpressionError, Hole, expression, filled, holes, looked_up
from engine.ivr.messages import Action, Alarm, Evaluated, Heard, Request
from engine.ivr.position import NOWHERE
from engine.ivr.saying import CannotSay, Kind, say_value, write_value
from engine.ivr.schema import Call, Flow, Part, Save
from engine.ivr.sounds import Sound
from engine.ivr.steps import Reply
from engine.ivr.values import Value, WrongType, at_path, typed

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONGEST_SHOWN = 80
_SHARED = "call."

CALL_FACTS = frozenset(
    {
        "id", "caller", "called", "entry", "language", "date", "hour", "minute", "weekday",
        "hung_up", "caller_name", "route", "queue", "agent", "campaign", "lead",
    }
)  # fmt: skip
"""What is always there to be read as ``call.…``; the last six come from the driver."""


@dataclass(slots=True)
class Frame:
    """One flow that the call is in: its node, its variables, its secrets, its menus on the way.

    ``unset`` has what an expression may read although nobody has set it yet.
    """

    flow: Flow
    node: str
    variables: dict[str, Value] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    menus: list[str] = field(default_factory=list)
    unset: Mapping[str, Value] = field(init=False)
    languages: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        own: dict[str, Value] = {
            name: None
            for name, secret in self.flow.variables()
            if not secret and not name.startswith(_SHARED)
        }
        own["hours"] = {"state": "", "holiday": "", "next_open": None}
        own["payment"] = {"token": "", "brand": ""}
        self.unset = own
        self.languages = tuple(self.flow.languages())


class Turn:
    """One call's state between its scripts; ``now`` is that of the input being worked on.

    ``known`` are the variables of the whole call that some flow may set; ``resumed`` is
    what an earlier run left of the node that the call is resumed at, ``NOWHERE`` at any other.
    """

    def __init__(
        self,
        context: Context,
        frame: Frame,
        act: Callable[[Action], None],
        known: Collection[str] = (),
    ) -> None:
        self.context, self.known = context, known
        self.frames = [frame]
        self.act = act
        self.now = 0.0
        self.language = ""
        self.shared: dict[str, Value] = {}
        self.failures: Counter[str] = Counter()
        self.visits: Counter[tuple[str, str]] = Counter()
        self.out_of_hours = False
        self.served: str | None = None
        self.resumed = NOWHERE
        self.hung_up = False

    @property
    def frame(self) -> Frame:
        """The innermost flow."""
        return self.frames[-1]

    @property
    def outcome(self) -> str | None:
        """What the record should say if the call ended now: what he heard, or a closed branch."""
        return self.served or ("out_of_hours" if self.out_of_hours else None)

    @property
    def flow(self) -> Flow:
        """The flow that the call is in."""
        return self.frame.flow

    @property
    def node(self) -> str:
        """The node that the call is at."""
        return self.frame.node

    # -- variables ------------------------------------------------------------------------------

    def set(self, name: str, value: Value, *, secret: bool = False) -> None:
        """Give a variable of the flow a value, or with ``call.`` one of the whole call."""
        if secret:
            self.frame.secrets[name] = str(value)
        elif name.startswith(_SHARED):
            self.shared[name.removeprefix(_SHARED)] = value
        else:
            self.frame.variables[name] = value

    def scope(self) -> dict[str, Value]:
        """Everything that an expression may read here; what nobody has set yet is null."""
        frame = self.frame
        return {**frame.unset, **frame.variables, "call": self._call(), "node": self._node()}

    def _call(self) -> dict[str, Value]:
        context, local = self.context, datetime.fromtimestamp(self.now, self.context.zone)
        return {
            **dict.fromkeys(self.known),
            **context.facts,
            **self.shared,
            "id": context.call,
            "caller": context.caller,
            "called": context.called,
            "entry": context.entry,
            "language": self.language,
            "date": local.date().isoformat(),
            "hour": local.hour,
            "minute": local.minute,
            "weekday": WEEKDAYS[local.weekday()],
            "hung_up": self.hung_up,
        }

    def _node(self) -> dict[str, Value]:
        return {
            "visits": self.visits[self.flow.name, self.node],
            "noinput": self.failures["noinput"],
            "nomatch": self.failures["nomatch"] + self.failures["invalid"],
        }

    # -- expressions ----------------------------------------------------------------------------

    def quietly(self, source: str) -> Value:
        """What an expression comes to; null, and an alarm, when it fails."""
        try:
            return expression(source).value(self.scope())
        except ExpressionError as error:
            self.act(Alarm(f"`{source}` at {self.node}: {error}"))
            return None

    def evaluate(self, source: str, shown: str = "") -> Value:
        """What an expression comes to, with a line in the trace. Raises ``ExpressionError``."""
        value = expression(source).value(self.scope())
        self.act(Evaluated(shown or source, _short(value)))
        return value

    def languages(self) -> list[str]:
        """In which languages something may be heard: first the flow's own, then any other."""
        return list(dict.fromkeys([*self.frame.languages, *self.context.prompts]))

    # -- words ----------------------------------------------------------------------------------

    def say(self, value: Value, part: Part, language: str) -> tuple[Sound, ...]:
        """How a value sounds. Raises ``CannotSay``."""
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            raise CannotSay(f"{_short(value)} is no text and no number")
        return say_value(
            value,
            part.as_,
            language,
            zone=self.context.zone,
            now=self.now,
            currency=part.currency or self.flow.currency,
            prompts=self.context.prompts.get(language, frozenset()),
        )

    def fill(self, text: str, language: str = "") -> str:
        """A template with its names replaced by their values, written for a reader."""
        scope = self.scope()
        return filled(text, lambda hole: self._written(hole, scope, language or self.language))

    def _written(self, hole: Hole, scope: Mapping[str, Value], language: str) -> str:
        value = looked_up(hole.name, scope)
        if value is None or isinstance(value, Mapping | list):
            return ""
        if not hole.kind or isinstance(value, bool) or not isinstance(value, str | int | float):
            return str(value)
        try:
            return write_value(
                value,
                Kind(hole.kind),
                language,
                zone=self.context.zone,
                now=self.now,
                currency=hole.currency or self.flow.currency,
            )
        except CannotSay as error:
            self.act(Alarm(f"{{{{ {hole.name} }}}} at {self.node}: {error}"))
            return str(value)

    # -- requests -------------------------------------------------------------------------------

    def request(self, call: Call, name: str, private: Mapping[str, str] | None = None) -> Request:
        """What is sent; ``private`` are values that exist in the body alone."""
        scope = self.scope()
        secrets = {**self.frame.secrets, **(private or {})}
        used = {read for each in call.reads() if each.sends for read in each.names}
        plain = {key: value for key, value in scope.items() if key not in secrets}
        url = filled(call.url, lambda hole: _step(_text(hole, plain)))
        params = {key: filled(text, lambda h: _text(h, plain)) for key, text in call.params.items()}
        if params:
            url += ("&" if "?" in url else "?") + urlencode(params)
        headers = {
            key: _one_line(filled(text, lambda h: _text(h, plain)))
            for key, text in call.headers.items()
        }
        return Request(
            name,
            call.method,
            url,
            headers,
            _body(call.body, {**scope, **secrets}),
            call.timeout_seconds,
            call.retries,
            0.0 if used & secrets.keys() else call.cache_seconds,
            private=bool(used & secrets.keys()),
        )

    def was_sent(self) -> bool:
        """Whether this node's request, which must not be sent twice, may have been sent before a
        crash, with an alarm: nobody knows what became of it."""
        if self.resumed.sent:
            self.act(Alarm(f"the request of {self.node} may have been sent: it is not sent again"))
        return self.resumed.sent

    def save(self, saves: Mapping[str, Save], body: object) -> bool:
        """Take values out of an answer; False when one without a default is missing or wrong."""
        complete = True
        for name, save in saves.items():
            value = _saved(save, at_path(body, save.path))
            if value is None and save.default is None:
                self.act(Alarm(f"the answer at {self.node} has no {save.as_} at {save.path}"))
                complete = False
            self.set(name, value)
        return complete

    # -- traces ---------------------------------------------------------------------------------

    def heard(self, reply: Reply, result: str, *, secret: bool = False) -> None:
        """Tell what was typed or said, and what it meant."""
        shown = reply.said if reply.by == "speech" else reply.value
        shown = "•" * len(shown) if secret else shown
        self.act(Heard(shown, result, reply.by, reply.confidence))


def _saved(save: Save, found: object) -> Value:
    for candidate in (found, save.default):
        if candidate is not None:
            try:
                return typed(candidate, save.as_)
            except WrongType:
                continue
    return None


def _body(value: Any, scope: Mapping[str, Value]) -> Any:
    """A body with its templates filled; one that is a single name keeps the type of its value."""
    if isinstance(value, dict):
        return {key: _body(inner, scope) for key, inner in value.items()}
    if isinstance(value, list):
        return [_body(inner, scope) for inner in value]
    if not isinstance(value, str):
        return value
    found = list(holes(value))
    if len(found) == 1 and value.strip().startswith("{{") and value.strip().endswith("}}"):
        return _harmless(looked_up(found[0].name, scope))
    return filled(value, lambda hole: _text(hole, scope))


def _text(hole: Hole, scope: Mapping[str, Value]) -> str:
    value = looked_up(hole.name, scope)
    if value is None or isinstance(value, Mapping | list):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(_harmless(value))


def _harmless(value: Value) -> Value:
    """A value in which nothing names a secret of the installation: only the flow's own text may."""
    match value:
        case str():
            return value.replace("${", "$ {")
        case Mapping():
            return {key: _harmless(inner) for key, inner in value.items()}
        case list():
            return [_harmless(inner) for inner in value]
    return value


def _step(text: str) -> str:
    """One step of a path: neither a way up nor a slash."""
    return "" if set(text) <= {"."} else quote(text, safe="")


def _one_line(text: str) -> str:
    """A header's value: no line break may begin another header."""
    return " ".join(text.split())


def _short(value: Value) -> str:
    text = f'"{value}"' if isinstance(value, str) else str(value)
    if isinstance(value, bool) or value is None:
        text = {True: "true", False: "false", None: "null"}[value]
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
