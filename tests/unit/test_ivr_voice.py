"""Menus that are answered by voice, and what happens when nobody can listen."""

from __future__ import annotations

from engine.ivr.messages import Deaf, Heard, Listen, Said, SpeechBegan, StopListening, StopPlay
from engine.ivr.sounds import Speak
from tests.unit.ivr_caller import Caller, flow_of, menu
from tests.unit.ivr_nodes import EXITS

BY_VOICE = {"1": {"to": "done", "phrases": {"en": ["sales", "buy"]}}, "2": "lost"}


def test_a_word_does_what_its_key_does() -> None:
    someone = Caller(flow_of({"ask": menu(BY_VOICE), **EXITS}))
    assert someone.of(Listen) == [Listen(("sales", "buy"), "en")]
    someone.send(SpeechBegan())
    assert someone.of(StopPlay)
    someone.send(Said("buy", 0.9, "buy"))
    assert someone.path == ["ask", "done"]
    assert someone.of(Heard) == [Heard("buy", "ok", "speech", 0.9)]
    assert someone.of(StopListening)


def test_a_word_that_is_not_sure_is_asked_back() -> None:
    someone = Caller(flow_of({"ask": menu(BY_VOICE), **EXITS}))
    someone.send(Said("sales", 0.6, "sails"))
    assert someone.playing
    assert someone.playing.prompts == ("confirm_heard", Speak("sales"), "confirm_keys")
    someone.send(Said("yes", 0.9, "yes"))
    assert someone.path == ["ask", "done"]


def test_a_word_below_all_bands_is_none() -> None:
    someone = Caller(flow_of({"ask": menu(BY_VOICE, attempts=1), **EXITS}))
    someone.send(Said("sales", 0.3, "sails"))
    assert someone.path == ["ask", "lost"]


def test_silence_is_not_noticed_while_he_speaks() -> None:
    someone = Caller(flow_of({"ask": menu(BY_VOICE, timeout_seconds=1), **EXITS}))
    someone.listen()
    someone.send(SpeechBegan())
    someone.wait(5)
    assert someone.node == "ask"
    assert not someone.of(Heard)
    someone.send(Said(None, 0.0, "mumble"))
    assert someone.results == [("mumble", "nomatch")]


def test_without_a_recogniser_the_keys_still_do() -> None:
    someone = Caller(flow_of({"ask": menu(BY_VOICE), **EXITS}))
    someone.send(Deaf())
    someone.press("1")
    assert someone.path == ["ask", "done"]


def test_speech_cuts_only_what_it_may() -> None:
    someone = Caller(flow_of({"ask": menu(BY_VOICE, barge_in="keys"), **EXITS}))
    assert not someone.of(Listen)
    someone.send(SpeechBegan())
    assert someone.playing
    someone.listen()
    assert someone.of(Listen)


def test_listening_for_wishes_without_keys_and_without_a_recogniser_is_silence() -> None:
    intents = {"buy": {"to": "done", "phrases": {"en": "buy"}}}
    node = {"type": "listen", "intents": intents, "noinput": "silent", "nomatch": "lost"}
    flow = flow_of({"a": node, **EXITS})
    someone = Caller(flow)
    someone.send(Deaf())
    assert someone.path == ["a", "silent"]
    someone = Caller(flow)
    someone.send(Said("buy", 0.9, "buy"))
    assert someone.path == ["a", "done"]


def test_free_speech_is_kept_in_a_variable() -> None:
    node = {
        "type": "listen",
        "variable": "words",
        "ok": "done",
        "noinput": "silent",
        "nomatch": "lost",
    }
    someone = Caller(flow_of({"a": node, **EXITS}))
    assert someone.of(Listen) == [Listen((), "en")]
    someone.send(Said(None, 0.8, "my invoice is wrong"))
    assert someone.variables == {"words": "my invoice is wrong"}
