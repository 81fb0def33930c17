"""Random callers in random flows: nobody is ever left in silence or outside the flow."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from ivr_caller import FLOWS, KNOWN, Caller, flow_of, load

from engine.ivr.lint import Known, lint
from engine.ivr.messages import (
    Action,
    Digit,
    End,
    Enqueue,
    Entered,
    Fault,
    HungUp,
    PlayEnded,
    Returned,
)
from engine.ivr.schema import Flow

KEYS = "0123456789*#AD"
MAY_GO_ANYWHERE = ["answered", "timeout", "unmatched", "overflow", "callback", "voicemail"]
PROMPTS = ["hello", "choose", "wrong"]
EVERYTHING = Known(KNOWN.queues, KNOWN.calendars, {"en": frozenset(PROMPTS)})
MAIN = Flow.model_validate(load(FLOWS / "main.yaml"))

parts = st.one_of(
    st.sampled_from(PROMPTS),
    st.fixed_dictionaries(
        {"prompt": st.sampled_from(PROMPTS)},
        optional={
            "barge_in": st.sampled_from(["true", "false"]),
            "language": st.sampled_from(["en", "vi"]),
            "only_in": st.sampled_from(["en", "vi"]),
        },
    ),
)
speech = st.lists(parts, max_size=3)
asking = {
    "prompts": speech,
    "barge_in": st.sampled_from(["true", "false"]),
    "attempts": st.integers(1, 4),
    "timeout_seconds": st.sampled_from([0.5, 5]),
    "inter_digit_seconds": st.sampled_from([0.5, 2]),
    "noinput_prompts": st.lists(speech, max_size=2),
}


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    """A flow without errors: what leads on by itself leads only forwards, to a hangup at last."""
    count = draw(st.integers(1, 6))
    names = [f"n{index}" for index in range(count + 1)]
    nodes = {name: draw(_node(names, index)) for index, name in enumerate(names[:-1])}
    return flow_of({**nodes, names[-1]: {"type": "hangup", "prompts": draw(speech)}})


def _node(names: list[str], index: int) -> st.SearchStrategy[dict[str, Any]]:
    on = st.sampled_from(names[index + 1 :])
    to = st.sampled_from(names)
    exits = {"noinput": to, "nomatch": to}
    keys = st.dictionaries(st.text(KEYS, min_size=1, max_size=3), to, min_size=1, max_size=5)
    spoken = st.lists(parts, min_size=1, max_size=3)
    cut = st.sampled_from(["true", "false"])
    kinds: list[dict[str, Any]] = [
        {"type": st.just("say"), "prompts": spoken, "barge_in": cut, "next": on},
        {"type": st.just("language"), "language": st.sampled_from(["en", "vi"]), "next": on},
        {"type": st.just("hours"), "calendar": st.just("office"), "open": on, "closed": on},
        {"type": st.just("menu"), "keys": keys, **asking, **exits},
        {
            "type": st.just("gather"),
            "variable": st.just("number"),
            "min_digits": st.integers(1, 3),
            "max_digits": st.integers(3, 5),
            "terminator": st.sampled_from(["", "#", "*#"]),
            "terminator_seconds": st.sampled_from([0, 1]),
            "secret": cut,
            **asking,
            "ok": to,
            "noinput": to,
            "invalid": to,
        },
        {
            "type": st.just("queue"),
            "queue": st.just("sales"),
            "timeout": to,
            "full": on,
            "no_agents": on,
        },
    ]
    return st.one_of([st.fixed_dictionaries(kind) for kind in kinds])


moves = st.lists(
    st.one_of(
        st.sampled_from([Digit(key) for key in KEYS]),
        st.builds(PlayEnded, st.integers(1, 30), st.booleans()),
        st.sampled_from(["heard", "unheard"]),
        st.floats(0, 12),
        st.builds(Returned, st.sampled_from(["full", "no_agents", *MAY_GO_ANYWHERE])),
        st.just(HungUp()),
    ),
    max_size=60,
)


def move(someone: Caller, what: Any) -> list[Action]:
    """One thing that happens; a play that is not under way cannot end well but may end late."""
    match what:
        case "heard" | "unheard":
            playing = someone.playing
            return someone.send(PlayEnded(playing.play, what == "heard")) if playing else []
        case float():
            someone.wait(what)
            return []
        case _:
            return someone.send(what)


def check(someone: Caller, flow: Flow) -> None:
    """What must hold after every step."""
    ivr = someone.ivr
    if ivr.ended:
        assert ivr.next_deadline() is None
    else:
        queued = flow.nodes[someone.node].type == "queue"
        waits = [someone.playing is not None, ivr.next_deadline() is not None, queued]
        assert waits.count(True) == 1, waits
    for fault in someone.of(Fault):
        assert fault.text.startswith("runaway: ")


def check_path(someone: Caller, flow: Flow) -> None:
    """Every node was left by an exit that it has, to where that exit leads."""
    steps: list[Entered] = someone.of(Entered)
    for before, after in pairwise(steps):
        assert flow.nodes[before.node].exit(after.via).target == after.node


@settings(max_examples=300, deadline=None)
@given(st.one_of(flows(), st.just(MAIN)), moves, st.sampled_from(["open", "closed", "holiday"]))
def test_a_random_caller_always_hears_something_is_listened_to_waits_or_is_done(
    flow: Flow, history: list[Any], hours: str
) -> None:
    someone = Caller(flow, hours=hours)
    check(someone, flow)
    for what in history:
        over = someone.ivr.ended
        brought = move(someone, what)
        assert not (over and brought), "something came after the end"
        assert not any(isinstance(action, Enqueue | End | Fault) for action in brought[:-1])
        check(someone, flow)
        if isinstance(what, HungUp):
            assert brought == []
            assert someone.ivr.ended
    check_path(someone, flow)
    assert len(someone.of(End) + someone.of(Fault)) <= 1


@settings(max_examples=150, deadline=None)
@given(st.one_of(flows(), st.just(MAIN)), st.lists(st.sampled_from(KEYS), max_size=40))
def test_every_call_comes_to_an_end_when_the_caller_has_pressed_his_last_key(
    flow: Flow, keys: list[str]
) -> None:
    someone = Caller(flow)
    for key in keys:
        someone.press(key)
    for _ in range(20_000):
        if someone.ivr.ended:
            return
        if someone.playing:
            someone.listen()
        elif someone.ivr.next_deadline() is not None:
            someone.silence()
        else:
            someone.leave_queue("timeout")
    raise AssertionError(f"the call never ended: {someone.path[-30:]}")


@settings(max_examples=100, deadline=None)
@given(flows(), moves)
def test_the_same_history_gives_the_same_actions(flow: Flow, history: list[Any]) -> None:
    first, second = Caller(flow), Caller(flow)
    for what in history:
        assert move(first, what) == move(second, what)
    assert first.actions == second.actions


@settings(max_examples=100, deadline=None)
@given(flows(), moves, st.data())
def test_a_call_resumed_anywhere_goes_on_as_soundly(
    flow: Flow, history: list[Any], data: st.DataObject
) -> None:
    node = data.draw(st.sampled_from(sorted(flow.nodes)))
    someone = Caller(flow, at=node, language="vi")
    assert someone.path[0] == node
    for what in history:
        move(someone, what)
        check(someone, flow)


@settings(max_examples=100, deadline=None)
@given(flows())
def test_generated_flows_are_flows_that_the_check_lets_through(flow: Flow) -> None:
    assert [finding for finding in lint(flow, EVERYTHING) if finding.level == "error"] == []
