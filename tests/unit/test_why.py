"""The distributor's reasons, as a shift leader reads them."""

from __future__ import annotations

import json

from acd.messages import Candidate, PassedOver, Why, WhyWaiting
from engine.calls.why import as_json, say_waiting, say_why


def test_an_offer_to_the_only_one_who_was_free_is_a_short_sentence() -> None:
    why = Why("longest_idle", 12.0, "", (Candidate("anna", "idle 41 s"),))
    assert say_why(why) == "idle the longest (idle 41 s)"


def test_an_offer_tells_who_was_second_what_was_asked_for_and_who_was_passed_over() -> None:
    why = Why(
        "best_skilled",
        95.0,
        "billing >= 3",
        (Candidate("anna", "levels 8"), Candidate("binh", "levels 5")),
        (PassedOver("chi", "timed_out just now"), PassedOver("dung", "lacks us_tax >= 2")),
        (PassedOver("100.7", "his need does not fit"),),
    )
    assert say_why(why) == (
        "the best skilled of 2 (levels 8); before binh (levels 5); asked for: billing >= 3; "
        "passed over chi (timed out just now), dung (lacks us_tax >= 2); "
        "ahead in line but not for this agent: 100.7 (his need does not fit)"
    )


def test_of_many_candidates_only_the_first_are_named() -> None:
    why = Why("linear", 1.0, "", tuple(Candidate(name, "") for name in "abcdefgh"))
    assert say_why(why) == "first in the list of 8; before b, c, d and 4 more"


def test_who_waits_is_told_his_place_and_what_the_agents_do() -> None:
    why = WhyWaiting(
        2,
        61.0,
        "vi >= 3",
        (("talking", 4), ("paused", 1)),
        (PassedOver("anna", "talking"), PassedOver("binh", "paused: lunch")),
    )
    assert say_waiting(why) == (
        "number 2 in line; asked for: vi >= 3; agents: 4 talking, 1 paused; "
        "such as anna (talking), binh (paused: lunch)"
    )


def test_who_waits_in_a_queue_without_agents_is_told_that() -> None:
    assert say_waiting(WhyWaiting(1, 0.0, "", ())) == "number 1 in line; this queue has no agents"


def test_the_data_beside_a_sentence_is_all_of_the_reason() -> None:
    why = Why("linear", 1.5, "vi >= 3", (Candidate("anna", "number 1 in the list"),))
    assert json.loads(as_json(why)) == {
        "strategy": "linear",
        "score": 1.5,
        "need": "vi >= 3",
        "candidates": [{"agent": "anna", "detail": "number 1 in the list"}],
        "passed_over": [],
        "overtaken": [],
    }
