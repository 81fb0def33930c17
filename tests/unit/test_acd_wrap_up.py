"""The work after a talk: when it begins, how it ends, and what came of the contact."""

from __future__ import annotations

from typing import Any

import pytest

from acd.agent_settings import PauseReason
from acd.messages import (
    AgentLoggedIn,
    AgentLoggedOut,
    AgentPaused,
    AgentReady,
    Alert,
    Disposed,
    DispositionSet,
    Offer,
    TalkEnded,
    WrappedUp,
    WrapUpDone,
    WrapUpExtended,
    WrapUpRequested,
)
from tests.acd_story import Story

MAI_SAYS_READY = AgentReady("mai")


def talking(**wrap_up: Any) -> Story:
    """Mai talks with c1 since 10; another caller, c2, waits."""
    story = Story({"sales": {"wrap_up": wrap_up}}, ["mai"])
    story.log_in("mai", 1)
    story.queue("c1", 10)
    story.answer("c1", 10)
    story.queue("c2", 11)
    return story


def wrapping(at: float = 20, **wrap_up: Any) -> Story:
    """Mai's talk ended at 20."""
    story = talking(**wrap_up)
    story.end("c1", at)
    return story


# -- when it begins, and when it ends by itself --------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "asked", "lasts"),
    [
        ("none", False, 0),
        ("optional", False, 0),
        ("optional", True, 8),
        ("on_request", False, 0),
        ("on_request", True, 8),
        ("timed", False, 8),
        ("timed_fixed", False, 8),
        ("until_done", False, None),
    ],
)
def test_each_mode_keeps_the_next_caller_away_for_as_long_as_it_says(
    mode: str, asked: bool, lasts: float | None
) -> None:
    story = talking(mode=mode, seconds=8)
    if asked:
        assert story.tell_at(15, WrapUpRequested("mai", "c1")) == []
    story.end("c1", 20)
    assert story.state_of("mai") == ("offered" if lasts == 0 else "wrap_up")
    story.until(500)
    expected = [] if lasts is None else [(20 + lasts, "mai")]
    assert story.offers_of("c2")[:1] == expected


@pytest.mark.parametrize("mode", ["none", "timed", "timed_fixed", "until_done"])
def test_a_wrap_up_that_comes_by_itself_or_not_at_all_is_not_asked_for(mode: str) -> None:
    story = talking(mode=mode)
    said = story.refused(15, WrapUpRequested("mai", "c1"))
    assert said.endswith(f"wrap-up of sales is {mode}: it is not asked for")


def test_zero_seconds_are_no_wrap_up() -> None:
    story = wrapping(mode="timed", seconds=0)
    assert story.offers_of("c2") == [(20, "mai")]


def test_an_optional_wrap_up_is_asked_for_right_after_the_talk_too() -> None:
    story = Story({"sales": {"wrap_up": {"mode": "optional", "seconds": 8}}}, ["mai"])
    story.log_in("mai", 1)
    story.queue("c1", 10)
    story.answer("c1", 10)
    story.end("c1", 20)
    assert story.tell_at(27, WrapUpRequested("mai", "c1")) == ["mai: wrap_up"]
    story.queue("c2", 28)
    story.until(40)
    assert story.offers_of("c2") == [(35, "mai")]


@pytest.mark.parametrize(("mode", "at"), [("optional", 29), ("on_request", 21)])
def test_too_late_after_the_talk_there_is_nothing_to_ask_for(mode: str, at: float) -> None:
    story = Story({"sales": {"wrap_up": {"mode": mode, "seconds": 8}}}, ["mai"])
    story.log_in("mai", 1)
    story.queue("c1", 10)
    story.answer("c1", 10)
    story.end("c1", 20)
    assert "the talk is over" in story.refused(at, WrapUpRequested("mai", "c1"))
    assert "does not talk with c9" in story.refused(at, WrapUpRequested("mai", "c9"))


def test_a_wrap_up_begins_with_the_end_of_each_talk_not_of_the_last_one() -> None:
    story = Story(
        {"sales": {"wrap_up": 5}, "support": {"wrap_up": 30}},
        {"mai": {"queues": ["sales"]}, "john": {"queues": ["support"]}},
    )
    story.log_in("mai john", 1)
    story.queue("c1", 10)
    story.queue("c2", 10, "support")
    story.answer("c1", 11)
    story.answer("c2", 11)
    story.end("c1", 20)
    story.end("c2", 21)
    story.until(25)
    assert (story.state_of("mai"), story.state_of("john")) == ("ready", "wrap_up")
    story.until(51)
    assert story.state_of("john") == "ready"


# -- how he ends it ------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["timed", "until_done"])
def test_ready_ends_it_and_the_next_caller_rings(mode: str) -> None:
    story = wrapping(mode=mode, seconds=60)
    assert story.tell_at(23, MAI_SAYS_READY)[:3] == [
        "WrappedUp c1",
        "mai: ready",
        "mai: offered",
    ]
    assert story.offers_of("c2") == [(23, "mai")]


def test_ready_shortens_no_wrap_up_that_takes_its_whole_time() -> None:
    story = wrapping(mode="timed_fixed", seconds=60)
    assert story.tell_at(23, MAI_SAYS_READY) == []
    assert story.refused(24, WrapUpDone("mai", "c1")).endswith("it takes its whole time")
    assert story.tell_at(25, AgentLoggedIn("mai", "3001")) == []
    story.until(100)
    assert story.offers_of("c2")[0] == (80, "mai")


def test_ready_takes_back_a_pause_that_was_to_come_after_it() -> None:
    story = wrapping(mode="timed_fixed", seconds=60)
    story.pause("mai", 22)
    story.tell_at(23, MAI_SAYS_READY)
    story.until(81)
    assert story.offers_of("c2")[0] == (80, "mai")


@pytest.mark.parametrize("mode", ["timed", "until_done", "on_request", "optional"])
def test_who_is_done_goes_where_he_wanted_to(mode: str) -> None:
    """Saying ready would have called off the pause, and the next caller would have rung."""
    story = talking(mode=mode, seconds=60)
    if mode in ("on_request", "optional"):
        story.tell_at(12, WrapUpRequested("mai", "c1"))
    story.pause("mai", 15)
    story.end("c1", 20)
    assert story.state_of("mai") == "wrap_up"
    assert story.agent("mai").pending == "paused"
    assert story.tell_at(23, WrapUpDone("mai", "c1")) == ["WrappedUp c1", "mai: paused"]
    assert story.agent("mai").reason == "lunch"
    assert story.offers_of("c2") == []


def test_who_goes_home_out_of_a_wrap_up_without_an_end_is_gone() -> None:
    """He stayed in his wrap-up, and his desk stayed taken, until somebody said ready for him."""
    story = Story({"sales": {"wrap_up": "until_done"}}, ["mai", "john"])
    story.log_in("mai", 1)
    story.queue("c1", 10)
    story.answer("c1", 10)
    story.end("c1", 20)
    assert story.tell_at(25, AgentLoggedOut("mai")) == ["WrappedUp c1", "mai: logged_out"]
    assert story.tell_at(31, AgentLoggedIn("john", "3001")) == ["john: ready"]


def test_who_said_during_the_talk_that_he_goes_may_still_finish_his_work() -> None:
    story = talking(mode="until_done")
    story.tell_at(15, AgentLoggedOut("mai"))
    story.end("c1", 20)
    assert (story.state_of("mai"), story.agent("mai").pending) == ("wrap_up", "logged_out")
    assert story.tell_at(90, WrapUpDone("mai", "c1"))[-1] == "mai: logged_out"


@pytest.mark.parametrize("ended", [True, False])
def test_an_agent_taken_out_of_the_settings_is_not_kept_in_a_wrap_up_for_ever(ended: bool) -> None:
    """Nobody may say ready for him any more."""
    story = wrapping(mode="until_done") if ended else talking(mode="until_done")
    story.configure({"sales": {"wrap_up": "until_done"}}, ["john"], 30)
    if not ended:
        assert story.state_of("mai") == "talking"
        story.end("c1", 40)
    assert [agent.name for agent in story.acd.agents()] == ["john"]


def test_a_wrap_up_is_told_with_the_moment_it_began() -> None:
    story = wrapping(mode="timed", seconds=8)
    story.until(28)
    assert story.all_of(WrappedUp) == [WrappedUp("mai", "c1", "sales", 20)]


# -- longer --------------------------------------------------------------------------------------


def test_an_agent_who_needs_longer_gets_it_as_often_as_the_queue_allows() -> None:
    story = wrapping(mode="timed", seconds=8, extension_seconds=20, extensions=2)
    longer = WrapUpExtended("mai", "c1")
    assert story.tell_at(27, longer) == []
    assert story.agent("mai").tasks[0].until == 48
    assert story.tell_at(47, longer) == []
    assert story.refused(60, longer).endswith("extended 2 times already")
    story.until(67.9)
    assert story.offers_of("c2") == []
    story.until(68)
    assert story.offers_of("c2") == [(68, "mai")]


@pytest.mark.parametrize("mode", ["timed_fixed", "timed"])
def test_a_wrap_up_with_its_time_can_be_extended_in_any_mode(mode: str) -> None:
    story = wrapping(mode=mode, seconds=8, extension_seconds=5)
    story.tell_at(21, WrapUpExtended("mai", "c1"))
    story.until(40)
    assert story.offers_of("c2")[0] == (33, "mai")


def test_only_a_wrap_up_that_runs_and_has_an_end_can_be_extended() -> None:
    assert "does not wrap up c1" in talking().refused(15, WrapUpExtended("mai", "c1"))
    endless = wrapping(mode="until_done", seconds=8)
    assert "no end of its own" in endless.refused(25, WrapUpExtended("mai", "c1"))
    none = wrapping(mode="timed", seconds=8, extensions=0)
    assert "extended 0 times" in none.refused(25, WrapUpExtended("mai", "c1"))


def test_a_wrap_up_without_end_that_takes_long_is_told_once_to_a_supervisor() -> None:
    story = wrapping(mode="until_done", seconds=60)
    assert story.until(79.9) == []
    assert story.until(80) == ["alert mai: c1: more than 60 s"]
    assert story.until(500) == []
    prompt = wrapping(mode="until_done", seconds=60)
    prompt.tell_at(70, MAI_SAYS_READY)
    prompt.until(200)
    assert "more than" not in str(prompt.all_of(Alert))


# -- what came of it -----------------------------------------------------------------------------

CODES: dict[str, Any] = {"dispositions": ["sold", "later"], "default_disposition": "later"}


def came_to(story: Story) -> list[str]:
    return [said for said in map(_code, story.said) if said]


def _code(said: tuple[float, Any]) -> str:
    at, decision = said
    if not isinstance(decision, Disposed):
        return ""
    return f"{at:g} {decision.code}" + (" by default" if decision.by_default else "")


@pytest.mark.parametrize(
    ("said_at", "codes"),
    [((12,), "28 sold"), ((22,), "28 sold"), ((), "28 later by default")],
)
def test_what_came_of_a_contact_is_settled_at_the_end_of_its_wrap_up(
    said_at: tuple[float, ...], codes: str
) -> None:
    story = talking(mode="timed", seconds=8, **CODES)
    for at in [at for at in said_at if at < 20]:
        story.tell_at(at, DispositionSet("mai", "c1", "sold"))
    story.end("c1", 20)
    for at in [at for at in said_at if at > 20]:
        story.tell_at(at, DispositionSet("mai", "c1", "sold"))
    story.until(30)
    assert came_to(story) == [codes]


def test_the_last_word_on_a_contact_counts() -> None:
    story = talking(mode="timed", seconds=8, **CODES)
    story.tell_at(12, DispositionSet("mai", "c1", "later"))
    story.end("c1", 20)
    story.tell_at(22, DispositionSet("mai", "c1", "sold"))
    story.until(30)
    assert came_to(story) == ["28 sold"]


def test_without_a_default_nothing_is_made_up() -> None:
    story = wrapping(mode="timed", seconds=8, dispositions=["sold"])
    story.until(30)
    assert came_to(story) == []


def test_without_wrap_up_it_is_settled_at_the_end_of_the_talk() -> None:
    story = talking(mode="none", **CODES)
    story.tell_at(12, DispositionSet("mai", "c1", "sold"))
    story.end("c1", 20)
    assert came_to(story) == ["20 sold"]


def test_a_wrap_up_asked_for_after_the_talk_does_not_forget_what_was_said_in_it() -> None:
    """The default of the queue took the place of the agent's own word."""
    story = Story({"sales": {"wrap_up": {"mode": "optional", "seconds": 8, **CODES}}}, ["mai"])
    story.log_in("mai", 1)
    story.queue("c1", 10)
    story.answer("c1", 10)
    story.tell_at(12, DispositionSet("mai", "c1", "sold"))
    story.end("c1", 20)
    story.tell_at(21, WrapUpRequested("mai", "c1"))
    story.until(40)
    assert came_to(story)[-1] == "29 sold"


def test_a_code_that_the_queue_does_not_have_is_refused_and_the_codes_are_named() -> None:
    story = wrapping(mode="timed", **CODES)
    said = story.refused(21, DispositionSet("mai", "c1", "what"))
    assert said.endswith("'what' is none of sold, later")
    assert "neither talks" in story.refused(22, DispositionSet("mai", "c2", "sold"))


REQUIRED: dict[str, Any] = {"required": True, "dispositions": ["sold", "later"]}


@pytest.mark.parametrize(
    "event",
    [MAI_SAYS_READY, WrapUpDone("mai", "c1"), AgentLoggedIn("mai", "3001")],
    ids=["ready", "done", "logged in again"],
)
def test_where_a_code_is_required_nobody_gets_out_without_one(event: Any) -> None:
    story = wrapping(mode="until_done", **REQUIRED)
    said = story.refused(25, event)
    assert said.endswith("set a disposition for c1 first: sold, later")
    story.tell_at(26, DispositionSet("mai", "c1", "sold"))
    story.tell_at(27, event)
    assert came_to(story) == ["27 sold"]
    assert story.offers_of("c2") == [(27, "mai")]


def test_a_pause_may_be_wished_for_before_the_code_is_set() -> None:
    story = wrapping(mode="until_done", **REQUIRED)
    assert story.pause("mai", 25) == []
    assert "set a disposition" in story.refused(26, WrapUpDone("mai", "c1"))
    story.tell_at(27, DispositionSet("mai", "c1", "sold"))
    assert story.tell_at(28, WrapUpDone("mai", "c1"))[-1] == "mai: paused"


def test_the_clock_ends_a_wrap_up_whose_required_code_never_came() -> None:
    story = wrapping(mode="timed", seconds=8, default_disposition="later", **REQUIRED)
    story.until(30)
    assert came_to(story) == ["28 later by default"]
    assert story.offers_of("c2") == [(28, "mai")]


# -- wishes meanwhile ----------------------------------------------------------------------------


@pytest.mark.parametrize("at", [15, 22])
def test_a_pause_asked_for_in_talk_or_wrap_up_begins_after_it_and_counts_from_there(
    at: float,
) -> None:
    story = talking(mode="timed", seconds=8)
    if at > 20:
        story.end("c1", 20)
    assert story.pause("mai", at) == []
    if at < 20:
        story.end("c1", 20)
    assert story.until(28)[-1] == "mai: paused"
    mai = story.agent("mai")
    assert (mai.reason, mai.since) == ("lunch", 28)
    assert story.all_of(Offer)[1:] == []


def test_a_pause_that_lasts_too_long_is_told_by_its_reason_from_when_it_began() -> None:
    story = Story(
        {"sales": {"wrap_up": 10}},
        ["mai"],
        reasons=(PauseReason(name="lunch", max_seconds=60), PauseReason(name="meeting")),
    )
    story.log_in("mai", 1)
    story.queue("c1", 10)
    story.answer("c1", 10)
    story.pause("mai", 15)
    story.tell_at(20, TalkEnded("mai", "c1"))
    story.until(30)
    assert story.until(89.9) == []
    assert story.until(90) == ["alert mai: lunch: longer than it may be"]
    assert story.until(900) == []
    story.tell_at(901, AgentPaused("mai", "meeting"))
    assert story.until(5000) == [], "a meeting may last"


def test_a_pause_that_ends_in_time_alarms_nobody() -> None:
    story = Story({"sales": {}}, ["mai"], reasons=(PauseReason(name="lunch", max_seconds=60),))
    story.log_in("mai", 1)
    story.pause("mai", 10)
    story.tell_at(69, MAI_SAYS_READY)
    assert story.until(200) == []
    story.pause("mai", 201)
    assert story.agent("mai").pending is None, "it has begun"
    assert story.until(260) == []
    assert len(story.until(261)) == 1


def test_a_reason_that_nobody_knows_is_refused_and_the_reasons_are_named() -> None:
    reasons = (PauseReason(name="lunch"), PauseReason(name="training", billable=True))
    story = Story({"sales": {}}, ["mai"], reasons=reasons)
    story.log_in("mai", 1)
    said = story.refused(5, AgentPaused("mai", "nap"))
    assert said.endswith("'nap' is no pause reason: lunch, training")
    assert story.refused(6, AgentLoggedIn("mai", "3001", "nap")).endswith("lunch, training")
    assert Story({"sales": {}}, ["mai"]).log_in("mai", 1) == ["mai: ready"]
    free = Story({"sales": {}}, ["mai"])
    free.log_in("mai", 1)
    assert free.pause("mai", 2, "nap") == ["mai: paused"], "none are configured: any will do"
