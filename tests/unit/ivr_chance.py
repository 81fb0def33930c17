"""Flows by chance, over all types of nodes, and what may happen to a caller inside them.

A flow follows from a number, so that a run can be had again: hypothesis draws the numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from random import Random
from typing import Any

from hypothesis import strategies as st
from ivr_caller import FLOWS, KNOWN, load

from engine.ivr.context import Context, Opening
from engine.ivr.flowset import FlowSet
from engine.ivr.lint import Known, lint
from engine.ivr.messages import Deaf, Digit, LookupEnded, PlayEnded, Returned, Said, SpeechBegan
from engine.ivr.schema import Flow

SECRET_DIGITS = "7395"
"""Of these alone secrets consist; nobody types or writes them elsewhere."""
PIN, CODE, CARD, EXPIRY, CVV = "7395", "5937", "5397395793577739", "0779", "953"

PROMPTS = ["hello", "choose", "wrong"]
OWN_PROMPTS = ["payment_wait", "voicemail_greeting", "identify_pin", "identify_code"]
WORDS = {"en": ["buy", "purchase"], "vi": ["mua"]}
VARIABLES = ["number", "tier", "got", "words"]
EXPRESSIONS = ["1", "'x'", "number", "int(number) + 1", "tier == 'x'", "call.hour", "node.visits"]
CONDITIONS = [
    "tier == 'x'", "int(number) > 3", "size(tier) > call.hour", "call.hung_up", "number",
    "node.visits > 2", "hours.state == 'open'", "got == null", "has(call.nothing)", "true",
]  # fmt: skip
CHECKS = ["typed.startsWith('7')", "int(typed) > 'x'", "int(typed) * 9000000000000000000 > 0"]
"""Of a secret number; two of them fail, one naming what was typed."""
BOOLEANS = ["true", "false"]
PARTS: list[Any] = [
    *PROMPTS,
    {"prompt": "hello", "barge_in": "false"},
    {"prompt": "choose", "barge_in": "keys"},
    {"prompt": "wrong", "barge_in": "speech"},
    {"prompt": "hello", "language": "vi", "only_in": "en"},
    {"prompt": "wrong", "when": "int(number) > 3"},
    {"prompt": "choose", "when": "tier == 'x'"},
    {"value": "number", "as": "digits"},
    {"value": "tier", "as": "money"},
    {"value": "hours.next_open", "as": "datetime"},
    {"text": "Dear {{ tier }}"},
    {"text": {"en": "{{ number | number }}", "vi": "Chào {{ got }}"}},
    {"pause": 0.5},
    {"tone": "beep"},
]

Build = Callable[[], Any]
Fields = dict[str, Build]


def _is(value: Any) -> Build:
    return lambda: value


def _call(body: Any) -> dict[str, Any]:
    return {
        "url": "https://crm.example.com/{{ number }}",
        "method": "POST",
        "headers": {"X-Tier": "{{ tier }}"},
        "body": body,
    }


class _Nodes:
    """Nodes by chance: ``on`` is where a call may go by itself, ``to`` where after a wait."""

    def __init__(self, random: Random, on: list[str], to: list[str]) -> None:
        self._random = random
        self._on, self._to = self._one(*on), self._one(*to)

    def node(self) -> dict[str, Any]:
        """One of any type, with some of its optional settings."""
        required, optional = self._random.choice(self._kinds())
        chosen = {name: build for name, build in optional.items() if self._random.random() < 0.4}
        return {name: build() for name, build in (required | chosen).items()}

    def _one(self, *values: Any) -> Build:
        return lambda: self._random.choice(values)

    def _some(self, values: list[Any], least: int = 0, most: int = 3) -> Build:
        return lambda: self._random.choices(values, k=self._random.randint(least, most))

    def _each(self, **fields: Build) -> Build:
        return lambda: {name: build() for name, build in fields.items()}

    def _keys(self) -> dict[str, Any]:
        choice = self._each(to=self._to, phrases=_is(WORDS), confirm=self._one(*BOOLEANS))
        keys = ["0", "1", "2", "12", "1X", "4#", "*", "#", "46"]
        chosen = self._random.sample(keys, self._random.randint(1, 4))
        return {key: self._random.choice((self._to, choice))() for key in chosen}

    def _asking(self, wrong: str, silent: Build) -> Fields:
        some = self._some(PARTS)

        def rounds() -> list[Any]:
            return [some() for _ in range(self._random.randint(0, 2))]

        return {
            "prompts": self._some(PARTS),
            "again": self._some(PARTS),
            "barge_in": self._one(*BOOLEANS),
            "attempts": self._one(1, 2, 4),
            "timeout_seconds": self._one(0.5, 5),
            "inter_digit_seconds": self._one(0.5, 2),
            "noinput_prompts": rounds,
            f"{wrong}_prompts": rounds,
            "global_keys": self._one(*BOOLEANS),
            "noinput": silent,
            wrong: self._to,
        }

    def _kinds(self) -> list[tuple[Fields, Fields]]:
        """The settings that a type must have, and those that it may have."""
        return [*self._asking_kinds(), *self._silent_kinds(), *self._trusted(), *self._leading()]

    def _asking_kinds(self) -> list[tuple[Fields, Fields]]:
        on, to, one = self._on, self._to, self._one
        speech, variable = self._some(PARTS), one("number", "tier", "call.name")
        intent = {"to": to, "phrases": _is(WORDS), "confirm": one(*BOOLEANS), "key": one("", "1")}
        question = self._each(
            id=_is("score"), prompts=_is("hello"), keys=_is("1-5"), when=one(*CONDITIONS),
            variable=_is("number"),
        )  # fmt: skip
        always = self._each(id=_is("again"), prompts=_is("choose"), keys=_is("0-2"))
        message = self._each(id=_is("why"), prompts=_is("hello"), message=_is("yes"))
        return [
            (
                {"type": _is("say"), "prompts": self._some(PARTS, 1), "next": on},
                {"barge_in": one(*BOOLEANS), "repeat": one(1, 2, 3), "error": on},
            ),
            (
                {"type": _is("menu"), "keys": self._keys, **self._asking("nomatch", to)},
                {"variable": variable},
            ),
            (
                {
                    "type": _is("gather"),
                    "variable": variable,
                    "min_digits": one(1, 2, 3),
                    "max_digits": one(3, 5),
                    "terminator": one("", "#"),
                    "terminator_seconds": one(0, 1),
                    **self._asking("invalid", to),
                    "ok": to,
                },
                {
                    "confirm": one("digits", "number", "date"),
                    "check": one("luhn", "date"),
                    "as": one("integer", "text", "date"),
                    "pattern": one("[012]*", "1.*"),
                    "valid": one("int(typed) > 3", "typed == number", "typed > 1"),
                    "clear_key": _is("*"),
                    "cancel_key": _is("A"),
                    "cancel": to,
                },
            ),
            (
                {
                    "type": _is("gather"),
                    "variable": _is("secret"),
                    "secret": _is("true"),
                    "min_digits": _is(4),
                    "max_digits": one(4, 6),
                    **self._asking("invalid", to),
                    "ok": to,
                },
                {"valid": one(*CHECKS), "clear_key": _is("*")},
            ),
            (
                {
                    "type": _is("listen"),
                    "intents": self._each(buy=self._each(**intent)),
                    **self._asking("nomatch", on),
                },
                {"variable": _is("words"), "deaf": on},
            ),
            (
                {"type": _is("listen"), "variable": _is("words"), "ok": to}
                | self._asking("nomatch", on),
                {"deaf": on},
            ),
            (
                {
                    "type": _is("survey"),
                    "survey": _is("service"),
                    "questions": lambda: [one(question, always, message)()() for _ in range(2)],
                    "done": on,
                },
                {
                    "invitation": speech,
                    "refuse_key": _is("0"),
                    "partial": to,
                    "refused": to,
                    "attempts": one(1, 2),
                },
            ),
        ]

    def _silent_kinds(self) -> list[tuple[Fields, Fields]]:
        on, one = self._on, self._one
        case = self._each(when=one(*CONDITIONS), to=on)
        arm = self._each(percent=one(0, 50, 100), to=on)
        values = self._each(number=one(*EXPRESSIONS))
        return [
            (
                {"type": _is("start"), "languages": _is({"+84": "vi", "09": "en"}), "next": on},
                {"callback": on, "after_queue": on},
            ),
            ({"type": _is("language"), "next": on, "language": one("en", "vi")}, {}),
            ({"type": _is("language"), "next": on, "value": one("tier", "'vi'")}, {}),
            (
                {"type": _is("hours"), "calendar": _is("office"), "open": on, "closed": on},
                {"holiday": on, "emergency": on},
            ),
            (
                {"type": _is("set"), "next": on}
                | {"variables": self._each(tier=one(*EXPRESSIONS), number=one(*EXPRESSIONS))},
                {"error": on},
            ),
            (
                {"type": _is("if"), "when": one(*CONDITIONS), "then": on, "else": on},
                {"error": on},
            ),
            (
                {"type": _is("switch"), "cases": lambda: [case(), case()], "else": on},
                {"error": on},
            ),
            (
                {"type": _is("split"), "experiment": _is("offer")}
                | {"arms": self._each(old=arm, new=arm)},
                {},
            ),
            ({"type": _is("goto"), "to": on}, {}),
            (
                {"type": _is("flow"), "flow": _is("inner"), "next": on},
                {"with": values, "results": _is({"tier": "state"}), "returns": self._each(ok=on)},
            ),
            (
                {"type": one("tag", "screenpop"), "next": on},
                {"values": values, "script": _is("s")},
            ),
            (
                {"type": _is("record"), "do": one("start", "stop", "pause", "resume"), "next": on},
                {"prompts": self._some(PARTS)},
            ),
        ]

    def _trusted(self) -> list[tuple[Fields, Fields]]:
        on, to, one = self._on, self._to, self._one
        lookup = _is(_call({"caller": "{{ call.caller }}"}))
        pin = _is({"verify": _call({"pin": "{{ pin }}"}), "min_digits": 4, "max_digits": 4})
        code = _is({"send": _call({"code": "{{ code }}"}), "digits": 4})
        who: Fields = {"type": _is("identify"), "known": to, "unknown": on, "failed": on}
        card = {"card": "{{ card }}", "expiry": "{{ expiry }}", "cvv": "{{ cvv }}"}
        secret = [{"s": "{{ secret }}"}, {"n": "{{ number }}"}, ["{{ tier }} {{ secret }}"]]
        return [
            (
                {
                    "type": _is("http"),
                    "url": _is("https://crm.example.com/{{ number }}?t={{ tier }}"),
                    "ok": on,
                    "error": on,
                },
                {
                    "method": _is("POST"),
                    "body": one(*secret),
                    "cache_seconds": _is(60),
                    "save": _is({"got": {"path": "$.got", "as": "integer"}}),
                    "filler": self._some(PARTS),
                    "filler_after_seconds": one(0, 1),
                    "not_found": on,
                    "timeout": on,
                    "failed": on,
                },
            ),
            (
                {**who, "lookup": lookup, "known": on},
                {"save": _is({"tier": "$.tier"}), "filler": self._some(PARTS)},
            ),
            ({**who, "pin": pin}, {"lookup": lookup, "code": code, "locked": on}),
            ({**who, "code": code}, {"locked": on, "attempts": one(1, 3)}),
            (
                {
                    "type": _is("payment"),
                    "amount": one("100", "number"),
                    "gateway": _is(_call({**card, "amount": "{{ amount }}"})),
                    "paid": to,
                    "declined": to,
                    "gateway_error": to,
                },
                {
                    "invalid": to,
                    "cancelled": to,
                    "attempts": one(1, 2),
                    "filler": self._some(PARTS),
                },
            ),
        ]

    def _leading(self) -> list[tuple[Fields, Fields]]:
        on, to, one = self._on, self._to, self._one
        return [
            ({"type": _is("answer"), "next": on}, {"ring_seconds": one(0, 2)}),
            (
                {"type": _is("queue"), "queue": _is("sales"), "timeout": to, "full": on}
                | {"no_agents": on},
                {"answered": to, "unmatched": on, "owner": one("$number", "mai")},
            ),
            (
                {"type": _is("callback"), "queue": _is("sales"), "scheduled": to, "declined": to},
                {"number": _is("{{ number }}"), "duplicate": on, "out_of_hours": on},
            ),
            (
                {"type": _is("voicemail"), "queue": _is("sales"), "saved": to},
                {"prompts": self._some(PARTS, 1), "too_short": on, "review": one(*BOOLEANS)},
            ),
            (
                {"type": _is("transfer"), "number": _is("{{ number }}"), "failed": on},
                {"whisper": self._some(PARTS), "busy": on, "answered": to},
            ),
            (
                {"type": _is("conference"), "room": _is("r{{ number }}"), "left": to, "full": on},
                {"pin": _is(PIN), "kicked": to, "bad_pin": to},
            ),
        ]


BYE = {"type": "hangup", "prompts": "hello"}
RETURNS = {
    "sure": {"type": "return", "as": "ok", "values": {"state": "tier"}},
    "back": {"type": "return"},
}
AFTERWARDS = {
    "gone": {"type": "tag", "values": {"left": "number"}, "next": "note"},
    "note": {"type": "http", "url": "https://crm.example.com/", "ok": "over", "error": "gone"},
    "over": {"type": "hangup"},
}


def _flow(random: Random, name: str, last: Mapping[str, Any], forwards: bool) -> dict[str, Any]:
    names = [f"n{index}" for index in range(random.randint(1, 6))]
    every = [*names, *last]
    nodes: dict[str, Any] = {}
    for at, one in enumerate(names):
        node = _Nodes(random, every[at + 1 :] if forwards else every, every).node()
        nodes[one] = _without_flow(node, every[-1]) if name == "inner" else node
    if not any(node.get("variable") == "secret" for node in nodes.values()):
        nodes = {key: _without_secret(node) for key, node in nodes.items()}
    flow = {
        "flow": name,
        "start": "n0",
        "params": {variable: {"default": "4"} for variable in VARIABLES},
        "nodes": nodes | last,
    }
    if random.random() < 0.5:
        flow["on_error"] = random.choice(every)
    if random.random() < 0.5:
        flow["global_keys"] = {"0": random.choice(every), "*": "back", "#": "again"}
    return flow


def _without_flow(node: dict[str, Any], to: str) -> dict[str, Any]:
    return {"type": "goto", "to": to} if node["type"] == "flow" else node


def _without_secret(node: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key != "body" or node["type"] != "http"}


def _errors(flows: Mapping[str, Flow]) -> bool:
    """Whether the check refuses these flows."""
    known = Known(
        KNOWN.queues,
        KNOWN.calendars,
        {"en": frozenset(PROMPTS + OWN_PROMPTS)},
        agents=frozenset({"mai"}),
        flows=flows,
    )
    found = [finding for flow in flows.values() for finding in lint(flow, known)]
    return any(finding.level == "error" for finding in found)


@lru_cache(maxsize=10_000)
def flow_set(number: int, forwards: bool) -> FlowSet:
    """Two flows by a number, which the check lets through: ``test``, which may call ``inner``.

    ``forwards``: what leads on by itself leads to later nodes, so that few are refused and many
    ways are long; else anywhere, where the check has more to find.
    """
    random = Random(number)
    while True:
        after = AFTERWARDS if random.random() < 0.3 else {}
        flow = _flow(random, "test", {**after, "bye": BYE}, forwards)
        inner = _flow(random, "inner", RETURNS, forwards)
        if after:
            flow["on_hangup"] = "gone"
            flow["nodes"]["note"] = flow["nodes"]["note"] | {"error": "over"}
        flows = {each["flow"]: Flow.model_validate(each) for each in (flow, inner)}
        if not _errors(flows):
            return FlowSet(flows)


def _shipped() -> FlowSet:
    """The flows that come with the product; ``test`` is the one of the shipped numbers."""
    files = [load(file) for file in sorted(FLOWS.glob("*.yaml")) if ".test" not in file.name]
    flows = [Flow.model_validate(file) for file in files if "flow" in file]
    named = {flow.name: flow for flow in flows}
    return FlowSet(named | {"test": named["main"].model_copy(update={"name": "test"})})


SHIPPED = _shipped()
FLOW_SETS = st.one_of(
    st.builds(flow_set, st.integers(0, 10**9), st.booleans()),
    st.builds(flow_set, st.integers(0, 10**9), st.booleans()),
    st.just(SHIPPED),
)


def _context(hours: str, entry: str, language: str, caller: str, locked: bool) -> Context:
    digits = iter(CODE * 1000)
    return Context(
        language,
        caller,
        "1200",
        lambda _calendar, _now: Opening(hours, {"en": "Feast"}, 86_400.0),
        call="c1",
        entry=entry,
        locked=lambda _subject, _now: locked,
        draw=lambda _below: int(next(digits)),
        prompts={"en": frozenset(PROMPTS)},
    )


WORLDS = st.tuples(
    st.sampled_from(["open", "closed", "holiday", "emergency"]),
    st.sampled_from(["call", "callback", "after_queue"]),
    st.sampled_from(["", "en", "vi"]),
    st.sampled_from(["", "+840001", "0900"]),
    st.booleans(),
)


def context(world: tuple[str, str, str, str, bool]) -> Context:
    """A caller and what is around him, from one of ``WORLDS``."""
    return _context(*world)


_RESULTS = ["ok", "ok", "ok", "not_found", "refused", "failed", "timeout", "error"]
_BODIES: list[Any] = [None, {"got": "2"}, {"got": "x", "tier": "x"}, {"token": "t"}, []]
_EVERY_MOVE: list[Any] = [
    *[Digit(key) for key in "01246*#A" for _ in range(3)],
    *["heard"] * 20,
    *["unheard"] * 3,
    *["asked"] * 20,
    *["due"] * 8,
    *[0.0, 0.3, 0.5, 1.0, 2.0, 5.0, 7.5, 30.0],
    *[("late", seconds) for seconds in (0.0, 0.5, 2.0, 6.0, 20.0, 400.0)],
    *[("lookup", result, body) for result in _RESULTS for body in _BODIES],
    *[("errand", number) for number in range(24)],
    *[PlayEnded(number) for number in (1, 2, 3, 99)],
    *[LookupEnded(number, "ok", {"token": "t"}) for number in (1, 2, 99)],
    *[Returned("timeout"), Returned("nonsense")],
    *[SpeechBegan()] * 3,
    *[Said("buy", 0.9), Said("mua", 0.6), Said("yes", 0.9), Said("no", 0.7), Said("buy", 0.1)],
    *[Said(None, 0.9, "hm"), Said(None, 0.2), Said("", 0.8, "anything at all")],
    Deaf(),
]
MOVES = st.integers(0, 60).flatmap(
    lambda count: st.lists(st.sampled_from(_EVERY_MOVE), min_size=count, max_size=count)
)
"""What happens: inputs, also stale ones, and words that ``Witness.live`` makes some of."""
