"""What an author is told about a flow before a caller meets it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ivr_caller import KNOWN, ends, flow_of, gather, menu
from pydantic import ValidationError

from engine.ivr.findings import Finding
from engine.ivr.lint import Known, lint, prompt_clashes

SPOKEN = Known(
    KNOWN.queues,
    KNOWN.calendars,
    {"en": frozenset({"hello", "choose", "account", "done", "silent", "lost", "wrong", "bye"})},
    agents=frozenset({"mai"}),
)
EXITS = ends("done", "silent", "lost")
QUEUE = {"type": "queue", "queue": "sales", "timeout": "bye", "full": "bye", "no_agents": "bye"}


def say(to: str | None, **settings: Any) -> dict[str, Any]:
    return {"type": "say", "prompts": "hello", **({"next": to} if to else {}), **settings}


def found(nodes: dict[str, Any], known: Known = SPOKEN, **settings: Any) -> list[Finding]:
    """What is said of a flow, but that these small ones lead to no person."""
    findings = lint(flow_of(nodes, **settings), known)
    return [finding for finding in findings if finding.code != "W611"]


def only(nodes: dict[str, Any], known: Known = SPOKEN, **settings: Any) -> Finding:
    findings = found(nodes, known, **settings)
    assert len(findings) == 1, findings
    return findings[0]


def test_a_sound_flow_has_no_findings() -> None:
    assert found({"ask": menu({"1": "done"}), **EXITS}) == []


BROKEN: dict[str, tuple[dict[str, Any], dict[str, Any], str, tuple[str | int, ...], str]] = {
    "a start that is no node": (
        {"hello": say("bye"), **ends("bye")},
        {"start": "helo"},
        "E601",
        ("start",),
        "did you mean `hello`?",
    ),
    "an exit to no node": (
        {"hi": say("goodby"), **ends("bye")},
        {},
        "E602",
        ("nodes", "hi", "next"),
        "there are: bye, hi",
    ),
    "a choice to no node": (
        {"ask": menu({"1": "dne", "2": "done"}), **EXITS},
        {},
        "E602",
        ("nodes", "ask", "keys", "1"),
        "did you mean `done`?",
    ),
    "an exit left out": (
        {"ask": {**menu({"1": "done", "2": "lost"}), "noinput": None}, **ends("done", "lost")},
        {},
        "E603",
        ("nodes", "ask", "noinput"),
        "add `noinput: <node>`",
    ),
    "an unknown queue": (
        {"q": {**QUEUE, "queue": "sale"}, **ends("bye")},
        {},
        "E604",
        ("nodes", "q", "queue"),
        "did you mean `sales`?",
    ),
    "an unknown calendar": (
        {"h": {"type": "hours", "calendar": "offce", "open": "a", "closed": "a"}, "a": QUEUE}
        | ends("bye"),
        {},
        "E605",
        ("nodes", "h", "calendar"),
        "did you mean `office`?",
    ),
    "a prompt that exists in no language": (
        {"hi": say("bye", prompts=["hello", "helo"]), **ends("bye")},
        {},
        "E606",
        ("nodes", "hi", "prompts", 1, "prompt"),
        "did you mean `hello`?",
    ),
    "a message that exists in no language": (
        {"ask": menu({"1": "done"}, nomatch_prompts=["wrong", "wrng"]), **EXITS},
        {},
        "E606",
        ("nodes", "ask", "nomatch_prompts", 1, 0, "prompt"),
        "did you mean `wrong`?",
    ),
    "a mailbox of an agent who is not there": (
        {
            "v": {"type": "voicemail", "agent": "mia", "prompts": "hello", "saved": "bye"},
            **ends("bye"),
        },
        {},
        "E609",
        ("nodes", "v", "agent"),
        "did you mean `mai`?",
    ),
    "an owner who is no agent": (
        {"q": {**QUEUE, "owner": "mia"}, **ends("bye")},
        {},
        "E609",
        ("nodes", "q", "owner"),
        "did you mean `mai`?",
    ),
    "an owner that no caller was asked for": (
        {
            "ask": gather(ok="q"),
            "q": {**QUEUE, "owner": "$acount"},
            **ends("silent", "lost", "bye"),
        },
        {},
        "E609",
        ("nodes", "q", "owner"),
        "did you mean `$account`?",
    ),
    "a secret that would be written as an owner": (
        {
            "ask": gather(ok="q", secret="yes"),
            "q": {**QUEUE, "owner": "$account"},
            **ends("silent", "lost", "bye"),
        },
        {},
        "E609",
        ("nodes", "q", "owner"),
        "",
    ),
    "a node that a caller who overflows comes to at once again": (
        {"q": {**QUEUE, "overflow": "q"}, **ends("bye")},
        {},
        "E607",
        ("nodes", "q"),
        "put a menu or a hangup on the way",
    ),
    "announcements in a circle": (
        {"a": say("b"), "b": say("a"), "q": QUEUE, **ends("bye")},
        {},
        "E607",
        ("nodes", "a"),
        "put a menu or a hangup on the way",
    ),
    "a full queue that leads back to itself": (
        {"q": {**QUEUE, "full": "q"}, **ends("bye")},
        {},
        "E607",
        ("nodes", "q"),
        "put a menu or a hangup on the way",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_an_error_is_told_with_its_code_its_place_and_what_to_do(name: str) -> None:
    nodes, settings, code, path, hint = BROKEN[name]
    flow = {"flow": "test", "start": next(iter(nodes)), "nodes": nodes, **settings}
    errors = [f for f in lint(flow_of(nodes, **settings), SPOKEN) if f.level == "error"]
    assert [(e.code, e.path, e.hint) for e in errors] == [(code, path, hint)], flow


def test_an_unreachable_node_is_a_warning() -> None:
    finding = only({"hi": say("bye"), **ends("bye", "lost")})
    assert (finding.level, finding.code) == ("warning", "W601")
    assert finding.path == ("nodes", "lost")


def test_a_prompt_missing_in_one_language_of_the_flow_is_a_warning() -> None:
    texts = {"greeting": {"en": "Hello", "vi": "Xin chào"}, "leave": {"en": "Bye"}}
    nodes = {"hi": say("bye", prompts="greeting"), "bye": {"type": "hangup", "prompts": "leave"}}
    finding = only(nodes, prompts=texts)
    assert (finding.code, finding.path) == ("W602", ("nodes", "bye", "prompts", 0, "prompt"))
    assert finding.message == "prompt `leave` is missing in vi"
    assert finding.hint == "callers hear it in en"


def test_a_language_in_which_a_route_starts_the_flow_counts_too() -> None:
    known = Known(SPOKEN.queues, SPOKEN.calendars, SPOKEN.prompts, frozenset({"vi"}))
    assert only(ends("bye"), known).code == "W602"


def test_a_part_that_is_always_said_in_one_language_is_asked_for_in_that_one_only() -> None:
    texts = {"offer": {"vi": "Phím 9"}, "leave": {"en": "Bye", "vi": "Chào"}}
    part = {"prompt": "offer", "language": "vi", "only_in": "en"}
    nodes = {
        "hi": {"type": "say", "prompts": ["leave", part], "next": "bye"},
        "bye": {"type": "hangup"},
    }
    assert found(nodes, prompts=texts) == []


def test_a_choice_that_begins_another_is_a_warning_with_the_wait() -> None:
    finding = only({"ask": menu({"1": "done", "10": "done"}), **EXITS})
    assert (finding.code, finding.path) == ("W603", ("nodes", "ask", "keys", "1"))
    assert finding.message == "`1` begins `10`: callers who press 1 wait 2 s"


def test_more_than_five_choices_is_a_warning() -> None:
    five = {str(key): "done" for key in range(5)}
    assert found({"ask": menu(five), **EXITS}) == []
    finding = only({"ask": menu({**five, "5": "done"}), **EXITS})
    assert (finding.code, finding.path) == ("W604", ("nodes", "ask", "keys"))


def test_a_place_from_which_nothing_leads_to_an_end_or_a_queue_is_a_warning() -> None:
    nodes = {"ask": menu({"1": "ask"}, noinput="ask", nomatch="ask")}
    codes = {finding.code for finding in found(nodes)}
    assert codes == {"W605", "W608"}


def test_a_notice_that_a_key_can_skip_is_a_warning() -> None:
    prompts = ["hello", {"prompt": "choose", "barge_in": "false"}]
    finding = only({"hi": say("bye", prompts=prompts), **ends("bye")})
    assert (finding.code, finding.path) == ("W606", ("nodes", "hi", "prompts", 1))


def test_a_text_that_no_node_says_is_a_warning() -> None:
    finding = only(ends("bye"), prompts={"spare": {"en": "Spare"}})
    assert (finding.code, finding.path) == ("W607", ("prompts", "spare"))


def test_a_text_that_only_another_flow_says_is_none() -> None:
    other = flow_of({"hi": say("bye", prompts="spare"), **ends("bye")})
    known = replace(SPOKEN, flows={"other": other})
    assert found(ends("bye"), known, prompts={"spare": {"en": "Spare"}}) == []


def test_a_circle_for_a_silent_caller_is_a_warning() -> None:
    finding = only({"ask": menu({"1": "done"}, noinput="ask"), **ends("done", "lost")})
    assert (finding.code, finding.path) == ("W608", ("nodes", "ask"))


def test_a_circle_of_announcements_is_told_once() -> None:
    nodes = {"hi": say("a"), "a": say("b"), "b": say("hi")}
    assert [finding.code for finding in found(nodes)] == ["E607", "W605"]


def test_waiting_in_a_queue_again_and_again_is_allowed() -> None:
    nodes = {"q": {**QUEUE, "timeout": "sorry"}, "sorry": say("q"), **ends("bye")}
    assert found(nodes) == []


def test_an_owner_may_be_an_agent_or_what_the_caller_typed() -> None:
    assert found({"q": {**QUEUE, "owner": "mai"}, **ends("bye")}) == []
    nodes = {"ask": gather(ok="q"), "q": {**QUEUE, "owner": "$account"}}
    assert found({**nodes, **ends("silent", "lost", "bye")}) == []


def test_errors_come_before_warnings() -> None:
    levels = [f.level for f in found({"hi": say("bye"), **ends("bye", "lost"), "x": say(None)})]
    assert levels == sorted(levels)
    assert set(levels) == {"error", "warning"}


def test_one_prompt_key_with_two_texts_in_two_files_is_an_error_in_the_second() -> None:
    tables = {
        "system.yaml": {"bye": {"en": "Bye"}, "held": {"en": "Hold"}},
        "main.yaml": {"bye": {"en": "So long"}, "held": {"en": "Hold"}},
    }
    findings = prompt_clashes(tables)
    assert findings["system.yaml"] == []
    assert [(f.code, f.path) for f in findings["main.yaml"]] == [("E608", ("prompts", "bye"))]


# -- what the schema refuses --------------------------------------------------------------------

REFUSED: dict[str, tuple[dict[str, Any], tuple[str | int, ...]]] = {
    "an unknown node type": ({"a": {"type": "sya"}}, ("nodes", "a")),
    "an unknown setting": ({"a": {"type": "hangup", "promts": "x"}}, ("promts",)),
    "a say without prompts": ({"a": {"type": "say", "prompts": [], "next": "a"}}, ("prompts",)),
    "a key that no phone has": ({"a": menu({"x": "a"})}, ("keys", "x", "[key]")),
    "a menu without choices": ({"a": menu({})}, ("keys",)),
    "more digits at least than at most": (
        {"a": gather(min_digits="5", max_digits="4")},
        ("max_digits",),
    ),
    "a prompt outside of the prompts directory": (
        {"a": {"type": "hangup", "prompts": "../../etc/passwd"}},
        ("prompts", 0, "prompt"),
    ),
    "a digit as terminator": ({"a": gather(terminator="1")}, ("terminator",)),
    "no attempts": ({"a": menu({"1": "a"}, attempts="0")}, ("attempts",)),
    "an owner with a space": (
        {"q": {**QUEUE, "owner": "the boss"}, **ends("bye")},
        ("owner",),
    ),
    "a need of a book's length": (
        {"q": {**QUEUE, "needs": "a or " * 101 + "a"}, **ends("bye")},
        ("needs", 0, "need"),
    ),
    "an outcome that the flow cannot know": (
        {"a": {"type": "hangup", "outcome": "answered"}},
        ("outcome",),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_schema_refuses(name: str) -> None:
    nodes, place = REFUSED[name]
    with pytest.raises(ValidationError) as caught:
        flow_of(nodes)
    (error,) = caught.value.errors()
    assert error["loc"][-len(place) :] == place
