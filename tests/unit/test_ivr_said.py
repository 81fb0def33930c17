"""What a node says: values, texts, tones, pauses, and when it is said again."""

from __future__ import annotations

from engine.ivr.messages import Play, PlayEnded
from engine.ivr.sounds import Pause, Speak, Tone
from tests.unit.ivr_caller import Caller, flow_of, menu
from tests.unit.ivr_nodes import EXITS, say


def test_values_texts_tones_and_pauses_are_said() -> None:
    flow = flow_of(
        {
            "a": {"type": "set", "variables": {"n": "12", "who": "'Lan'"}, "next": "b"},
            "b": say(
                [
                    "hello",
                    {"value": "n", "as": "number"},
                    {"text": {"en": "Dear {{ who }}", "vi": "Chào {{ who }}"}},
                    {"pause": 0.5},
                    {"tone": "beep"},
                ]
            ),
            **EXITS,
        }
    )
    sounds = Caller(flow).of(Play)[0].prompts
    assert sounds == ("hello", "number_12", Speak("Dear Lan"), Pause(0.5), Tone("beep"))


def test_a_part_is_said_only_when_its_condition_is_true() -> None:
    flow = flow_of(
        {"a": say(["one", {"prompt": "two", "when": "call.hour > 25"}, "three"]), **EXITS}
    )
    assert Caller(flow).said == ["one", "three"]


def test_a_speech_that_cannot_be_played_goes_to_its_own_error_exit() -> None:
    flow = flow_of({"a": say("one", error="lost"), **EXITS})
    someone = Caller(flow)
    someone.send(PlayEnded(1, ok=False))
    assert someone.path == ["a", "lost"]


def test_who_hangs_up_after_he_heard_what_he_called_for_was_served() -> None:
    flow = flow_of({"a": say("one", "ask", outcome="self_served"), "ask": menu({"1": "q"}), **EXITS,
                    "q": {"type": "queue", "queue": "sales", "timeout": "done", "full": "done",
                          "no_agents": "done"}})  # fmt: skip
    someone = Caller(flow)
    assert someone.ivr.outcome is None
    someone.listen()
    assert someone.ivr.outcome == "self_served"
    someone.press("1")
    assert someone.ivr.outcome is None


def test_a_speech_is_repeated() -> None:
    someone = Caller(flow_of({"a": say("one", repeat=3), **EXITS}))
    someone.listen()
    assert someone.said[:3] == ["one", "one", "one"]
