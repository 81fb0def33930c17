"""What a caller hears: barge-in, keys typed ahead, attempts and their messages, languages."""

from __future__ import annotations

from ivr_caller import Caller, ends, flow_of, gather, menu

from engine.ivr.messages import Digit, NotPlayed, Play, PlayEnded, StopPlay

EXITS = ends("done", "other", "silent", "lost")


# -- barge-in -----------------------------------------------------------------------------------


def test_a_key_stops_the_prompt_and_is_the_choice() -> None:
    someone = Caller(flow_of({"ask": menu({"1": "done"}), **EXITS}))
    actions = someone.send(Digit("1"))
    assert actions[0] == StopPlay(1)
    assert someone.path[-1] == "done"


def test_a_key_during_a_prompt_that_must_be_heard_is_dropped() -> None:
    someone = Caller(flow_of({"ask": menu({"1": "done"}, barge_in="false"), **EXITS}))
    assert someone.press("1") == []
    someone.listen()
    assert someone.path == ["ask"]


def test_a_legal_notice_is_heard_to_its_end_and_the_menu_after_it_can_be_cut() -> None:
    prompts = [{"prompt": "notice", "barge_in": "false"}, "choose", "extras"]
    someone = Caller(flow_of({"ask": menu({"1": "done"}, prompts=prompts), **EXITS}))
    assert someone.press("1") == []
    someone.send(PlayEnded(1))
    assert someone.said == ["notice", "choose", "extras"]
    someone.press("1")
    assert someone.path[-1] == "done"


def test_a_key_skips_all_that_would_follow_in_the_node_even_what_must_be_heard() -> None:
    prompts = ["choose", {"prompt": "notice", "barge_in": "false"}]
    someone = Caller(flow_of({"ask": menu({"1": "done"}, prompts=prompts), **EXITS}))
    someone.press("1")
    assert "notice" not in someone.said


def test_the_end_of_a_stopped_play_is_ignored_when_it_comes() -> None:
    someone = Caller(flow_of({"ask": menu({"12": "done"}), **EXITS}))
    someone.press("1")
    deadline = someone.ivr.next_deadline()
    someone.now += 0.2
    assert someone.send(PlayEnded(1)) == []
    assert someone.ivr.next_deadline() == deadline


def test_a_key_pressed_while_the_end_of_the_play_is_on_its_way_is_handled_once() -> None:
    someone = Caller(flow_of({"ask": menu({"1": "next"}), "next": menu({"1": "done"}), **EXITS}))
    someone.press("1")
    someone.send(PlayEnded(1))
    assert someone.path == ["ask", "next"]
    assert someone.playing == someone.of(Play)[-1]


def test_the_end_of_a_play_told_twice_counts_once() -> None:
    nodes = {
        "a": {"type": "say", "prompts": "one", "next": "b"},
        "b": {"type": "say", "prompts": "two", "next": "done"},
    }
    someone = Caller(flow_of({**nodes, **EXITS}))
    someone.send(PlayEnded(1))
    someone.send(PlayEnded(1))
    assert someone.path == ["a", "b"]


def test_a_play_that_fails_goes_on_as_if_heard_and_leaves_a_trace() -> None:
    someone = Caller(flow_of({"a": {"type": "say", "prompts": "gone", "next": "done"}, **EXITS}))
    actions = someone.send(PlayEnded(1, ok=False))
    assert actions[0] == NotPlayed(("gone",))
    assert someone.path == ["a", "done"]


# -- keys typed ahead ---------------------------------------------------------------------------


def greeting(**settings: object) -> dict[str, object]:
    return {"type": "say", "prompts": "hello", "next": "ask", **settings}


def test_a_key_during_the_greeting_is_kept_for_the_menu_that_follows() -> None:
    someone = Caller(flow_of({"hi": greeting(), "ask": menu({"1": "done"}), **EXITS}))
    someone.press("1")
    assert someone.said == ["hello", "done"]
    assert someone.path == ["hi", "ask", "done"]


def test_a_key_during_the_greeting_passes_over_further_announcements_to_the_menu() -> None:
    nodes = {"hi": greeting(next="news"), "news": greeting(), "ask": menu({"1": "done"})}
    someone = Caller(flow_of({**nodes, **EXITS}))
    someone.press("1")
    assert someone.path == ["hi", "news", "ask", "done"]
    assert someone.said == ["hello", "done"]


def test_what_was_typed_ahead_is_thrown_away_by_an_announcement_that_must_be_heard() -> None:
    nodes = {
        "hi": greeting(next="news"),
        "news": greeting(barge_in="false"),
        "ask": menu({"1": "done"}),
    }
    someone = Caller(flow_of({**nodes, **EXITS}))
    someone.press("1")
    someone.listen()
    assert someone.path == ["hi", "news", "ask"]
    assert someone.ivr.next_deadline() is not None


def test_keys_typed_faster_than_the_menus_speak_walk_through_all_of_them() -> None:
    nodes = {
        "hi": greeting(),
        "ask": menu({"1": "sub"}),
        "sub": menu({"2": "number"}),
        "number": gather(max_digits=3),
    }
    someone = Caller(flow_of({**nodes, **EXITS}))
    someone.press("12345", gap=0)
    assert someone.path == ["hi", "ask", "sub", "number", "done"]
    assert someone.variables == {"account": "345"}


def test_a_wrong_key_throws_away_what_was_typed_with_it() -> None:
    someone = Caller(flow_of({"hi": greeting(), "ask": menu({"1": "done"}), **EXITS}))
    someone.press("7")
    assert someone.said == ["hello", "choose"]
    someone.listen()
    assert someone.results == [("7", "nomatch")]


# -- attempts, counters, messages ---------------------------------------------------------------


def test_after_a_wrong_key_the_prompts_are_said_again() -> None:
    someone = Caller(flow_of({"ask": menu({"1": "done"}), **EXITS}))
    someone.press("7")
    assert someone.said == ["choose", "choose"]


def test_a_short_form_is_said_again_instead_where_the_flow_has_one() -> None:
    someone = Caller(flow_of({"ask": menu({"1": "done"}, again="short"), **EXITS}))
    someone.press("7")
    assert someone.said == ["choose", "short"]


def test_nothing_is_said_again_where_the_flow_says_so() -> None:
    someone = Caller(flow_of({"ask": menu({"1": "done"}, again=[]), **EXITS}))
    someone.press("7")
    assert someone.said == ["choose"]
    assert someone.ivr.next_deadline() == someone.now + 5


def test_messages_change_with_the_count_of_their_own_kind_and_the_last_one_stays() -> None:
    node = menu(
        {"1": "done"},
        again=[],
        attempts=6,
        nomatch_prompts=["wrong1", ["wrong2", "example"]],
        noinput_prompts=["silent1", "silent2"],
    )
    someone = Caller(flow_of({"ask": node, **EXITS}))
    someone.press("7")
    someone.silence()
    someone.press("7")
    someone.press("7")
    someone.silence()
    heard = ["choose", "wrong1", "silent1", "wrong2", "example", "wrong2", "example", "silent2"]
    assert someone.said == heard


def test_silences_and_wrong_keys_count_together_and_the_last_failure_names_the_exit() -> None:
    someone = Caller(flow_of({"ask": menu({"1": "done"}, attempts=3), **EXITS}))
    someone.press("7")
    someone.press("8")
    someone.silence()
    assert someone.path == ["ask", "silent"]


def test_no_message_is_said_when_there_is_no_further_attempt() -> None:
    node = menu({"1": "done"}, attempts=1, nomatch_prompts="wrong")
    someone = Caller(flow_of({"ask": node, **EXITS}))
    someone.press("7")
    assert "wrong" not in someone.said


def test_coming_back_from_outside_gives_all_attempts_anew() -> None:
    nodes = {"ask": menu({"1": "sub"}, attempts=2), "sub": menu({"*": "ask"})}
    someone = Caller(flow_of({**nodes, **EXITS}))
    someone.press("7")
    someone.press("1")
    someone.press("*")
    someone.press("7")
    assert someone.path == ["ask", "sub", "ask"]
    someone.press("7")
    assert someone.path[-1] == "lost"


# -- languages ----------------------------------------------------------------------------------

TEXTS = {"choose": {"en": "Choose.", "vi": "Xin chọn."}, "hello": {"vi": "Xin chào."}}


def test_a_call_begins_in_the_language_of_its_route_or_else_of_the_flow() -> None:
    flow = flow_of({"ask": menu({"1": "done"}), **EXITS}, prompts=TEXTS)
    assert Caller(flow).playing == Play(1, ("choose",), "en", ("vi",))
    assert Caller(flow, route_language="vi").playing == Play(1, ("choose",), "vi", ("en",))


def test_a_language_node_changes_all_that_is_said_after_it() -> None:
    nodes = {
        "ask": menu({"9": "vn"}),
        "vn": {"type": "language", "language": "vi", "next": "ask"},
    }
    someone = Caller(flow_of({**nodes, **EXITS}))
    someone.press("9")
    assert [play.language for play in someone.of(Play)] == ["en", "vi"]
    assert someone.ivr.language == "vi"


def test_an_offer_in_another_language_is_said_by_a_voice_of_that_language() -> None:
    prompts = ["choose", {"prompt": "offer", "language": "vi", "only_in": "en"}]
    flow = flow_of({"ask": menu({"1": "done"}, prompts=prompts), **EXITS})
    someone = Caller(flow)
    someone.listen()
    spoken = [(play.prompts, play.language) for play in someone.of(Play)]
    assert spoken == [(("choose",), "en"), (("offer",), "vi")]


def test_an_offer_of_the_language_the_call_already_has_is_left_out() -> None:
    prompts = ["choose", {"prompt": "offer", "language": "vi", "only_in": "en"}]
    flow = flow_of({"ask": menu({"1": "done"}, prompts=prompts), **EXITS})
    someone = Caller(flow, route_language="vi")
    someone.listen()
    assert someone.said == ["choose"]


# -- money ----------------------------------------------------------------------------------------


def test_money_is_of_the_flows_currency_said_and_written_unless_it_has_another() -> None:
    prompts = [
        {"value": "price", "as": "money"},
        {"value": "price", "as": "money", "currency": "EUR"},
        {"text": "That is {{ price | money }}, or {{ price | money EUR }}."},
    ]
    nodes = {"a": {"type": "say", "prompts": prompts, "next": "done"}, **EXITS}
    someone = Caller(flow_of(nodes, currency="USD"), at="a", variables={"price": 2})
    assert someone.said == [
        *("number_2", "money_dollars", "number_2", "money_euros"),
        "That is two dollars, or two euros.",
    ]
    dong = Caller(flow_of(nodes), at="a", variables={"price": 2})
    assert dong.said[:2] == ["number_2", "money_dong"]


# -- languages ------------------------------------------------------------------------------------


def test_what_is_missing_in_the_callers_language_is_heard_in_the_flows_then_in_any_other() -> None:
    site = {"vi": frozenset({"choose"}), "en": frozenset({"choose"})}
    flow = flow_of(
        {"ask": menu({"1": "done"}), **EXITS},
        language="fr",
        prompts={"hello": {"fr": "Bonjour", "en": "Hello"}},
    )
    someone = Caller(flow, prompts=site)
    assert someone.playing is not None
    assert (someone.playing.language, someone.playing.fallback) == ("fr", ("en", "vi"))
