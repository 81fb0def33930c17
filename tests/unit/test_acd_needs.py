"""Who may take a contact, step by step, tier by tier, and for whom it waits first."""

from __future__ import annotations

from typing import Any

import pytest

from acd.messages import (
    AgentLoggedOut,
    AgentReady,
    ContactQueued,
    NeedsChanged,
    StillWaiting,
    TalkEnded,
)
from acd.queues import Step
from tests.acd_story import Story, contacts

EXPERT, HELPER = {"skills": {"billing": 5}}, {"skills": {"billing": 1}}


def center(queue: dict[str, Any], at_work: str = "", **agents: dict[str, Any]) -> Story:
    """Agents who are logged in; those ``at_work`` talk."""
    story = Story({"sales": queue, "support": {}}, agents)
    story.log_in(" ".join(agents), 0)
    for name in at_work.split():
        story.work(name, f"with {name}", 5)
    return story


def steps(*written: Any, **more: Any) -> dict[str, Any]:
    return {"needs": list(written), **more}


STRICT = {"need": "billing >= 5", "seconds": 20}
LOOSE = {"need": "billing >= 1", "seconds": 30}


# -- relaxing ------------------------------------------------------------------------------------


def test_a_need_is_relaxed_step_by_step_and_then_everybody_may_take_it() -> None:
    story = center(steps(STRICT, LOOSE), "expert helper", expert=EXPERT, helper=HELPER, other={})
    story.queue("c1", 10)
    assert story.waiting("c1").need == "billing >= 5"
    story.until(29.9)
    assert story.waiting("c1").step == 0
    story.until(30)
    assert (story.waiting("c1").step, story.waiting("c1").need) == (1, "billing >= 1")
    assert contacts(story.until(59.9)) == []
    assert contacts(story.until(60)) == ["offer c1 to other"]


def test_the_second_best_gets_a_caller_the_moment_he_may_and_not_before() -> None:
    story = center(steps(STRICT), "expert", expert=EXPERT, helper=HELPER)
    story.queue("c1", 10)
    story.until(100)
    assert story.offers_of("c1")[0] == (30, "helper")


def test_whom_nobody_free_may_serve_holds_back_nobody_behind_him() -> None:
    story = center(steps(STRICT), "expert", expert=EXPERT, helper=HELPER)
    story.queue("strict", 10)
    assert contacts(story.queue("any", 11, needs=(Step(need="billing >= 1"),))) == [
        "offer any to helper"
    ]


def test_a_last_step_without_a_time_is_never_left() -> None:
    story = center(steps("billing >= 5"), "expert", expert=EXPERT, helper=HELPER)
    story.queue("c1", 10)
    assert contacts(story.until(1000)) == []
    story.tell_at(1001, AgentLoggedOut("helper"))
    assert contacts(story.tell_at(1002, TalkEnded("expert", "with expert"))) == [
        "offer c1 to expert"
    ]


def test_a_queue_that_insists_sends_out_whom_its_steps_did_not_help() -> None:
    story = center(steps(STRICT, needs_end="exit"), "expert", expert=EXPERT, helper=HELPER)
    story.queue("c1", 10)
    assert contacts(story.until(29.9)) == []
    assert contacts(story.until(30)) == ["c1 leaves: unmatched"]


def test_a_step_that_ends_while_a_phone_rings_counts_when_it_was_not_answered() -> None:
    queue = steps(STRICT, needs_end="exit", ring_seconds=15, retry_seconds=5)
    story = center(queue, "expert", expert=EXPERT)
    story.queue("c1", 10)
    story.tell_at(20, TalkEnded("expert", "with expert"))
    assert contacts(story.until(34.9)) == [], "not torn from a phone that rings"
    assert contacts(story.until(35)) == [
        "withdraw c1 from expert: timed_out",
        "c1 leaves: unmatched",
    ]


def test_a_contacts_own_needs_stand_in_place_of_the_queues() -> None:
    story = center(steps("billing >= 5"), expert=EXPERT, other={})
    own = (Step(need="not billing"),)
    assert contacts(story.queue("c1", 10, needs=own)) == ["offer c1 to other"]


# -- skipping ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("skips", "at"), [(True, 10), (False, 30)])
def test_a_step_that_nobody_logged_in_could_serve_is_skipped_at_once_unless_insisted_on(
    skips: bool, at: float
) -> None:
    story = Story(
        {"sales": steps({**STRICT, "skip_if_unstaffed": skips})},
        {"expert": EXPERT, "helper": HELPER},
    )
    story.log_in("helper", 0)
    story.queue("c1", 10)
    story.until(30)
    assert story.offers_of("c1")[0] == (at, "helper")


def test_a_paused_expert_is_staffed_and_waited_for() -> None:
    story = center(steps(STRICT), expert=EXPERT, helper=HELPER)
    story.pause("expert", 5)
    story.queue("c1", 10)
    assert story.ringing("c1") == []
    assert contacts(story.tell_at(15, AgentReady("expert"))) == ["offer c1 to expert"]


def test_when_the_last_expert_goes_home_those_who_wait_for_him_go_on() -> None:
    story = center(steps(STRICT), "expert", expert=EXPERT, helper=HELPER)
    story.queue("c1", 10)
    story.tell_at(15, AgentLoggedOut("expert"))
    assert story.ringing("c1") == [], "he still talks"
    assert contacts(story.tell_at(20, TalkEnded("expert", "with expert"))) == ["offer c1 to helper"]


def test_a_step_that_began_early_for_that_reason_has_its_whole_time() -> None:
    story = center(steps(STRICT, LOOSE), "expert helper", expert=EXPERT, helper=HELPER, other={})
    story.queue("c1", 10)
    story.tell_at(15, TalkEnded("expert", "with expert"), AgentLoggedOut("expert"))
    assert story.waiting("c1").need == "billing >= 1"
    assert contacts(story.until(44.9)) == []
    assert contacts(story.until(45)) == ["offer c1 to other"]


def test_who_was_ringing_goes_on_too_when_the_expert_goes_home_then() -> None:
    story = center(steps(STRICT), expert=EXPERT, helper=HELPER)
    story.queue("c1", 10)
    assert contacts(story.tell_at(15, AgentLoggedOut("expert"))) == [
        "withdraw c1 from expert: cancelled",
        "offer c1 to helper",
    ]


def test_several_steps_that_nobody_could_serve_are_skipped_together() -> None:
    story = center(steps({**STRICT, "need": "tax"}, STRICT, LOOSE), helper=HELPER, other={})
    story.queue("c1", 10)
    assert story.offers_of("c1") == [(10, "helper")]
    assert story.offer_of("c1").why.need == "billing >= 1"


def test_an_expert_who_comes_later_does_not_make_a_step_that_was_left_strict_again() -> None:
    story = Story({"sales": steps(STRICT)}, {"expert": EXPERT, "helper": HELPER})
    story.log_in("helper", 0)
    story.work("helper", "w", 5)
    story.queue("c1", 10)
    story.log_in("expert", 11)
    story.queue("c2", 12)
    assert (story.offers_of("c1"), story.waiting("c2").need) == ([(11, "expert")], "billing >= 5")


# -- the guard on the expected wait --------------------------------------------------------------

GUARDED = {"need": "billing >= 5", "seconds": 600, "max_expected_wait_seconds": 250}


def test_a_step_is_insisted_on_only_while_the_wait_it_means_is_short() -> None:
    story = center(
        steps(GUARDED, expected_handling_seconds=180), "expert other", expert=EXPERT, other={}
    )
    story.queue("c1", 10)
    story.queue("c2", 11)
    assert story.waiting("c1").need == "billing >= 5", "180 s"
    assert story.waiting("c2").need == "", "360 s"


def test_an_expert_who_is_free_is_not_passed_by_for_a_wait_that_is_none() -> None:
    story = center(steps(GUARDED | {"max_expected_wait_seconds": 60}), expert=EXPERT, other={})
    story.tell_at(5, AgentLoggedOut("other"))
    story.log_in("other", 6)
    story.queue("c1", 10)
    assert story.offers_of("c1") == [(10, "expert")]


@pytest.mark.parametrize("own", [False, True])
def test_a_wait_that_grows_too_long_meanwhile_relaxes_the_step(own: bool) -> None:
    """Steps of the contact's own were asked at its entry only."""
    guarded = Step.model_validate(GUARDED)
    story = center(
        steps(expected_handling_seconds=180)
        if own
        else steps(GUARDED, expected_handling_seconds=180),
        "expert second other",
        expert=EXPERT,
        second=EXPERT,
        other={},
    )
    needs = (guarded,) if own else ()
    for number in range(3):
        story.queue(f"c{number}", 10 + number, needs=needs)
    story.until(20)
    assert [story.waiting(f"c{n}").step for n in range(3)] == [0, 0, 1], "90, 180, 270 s"
    story.pause("second", 21)
    story.until(26)
    assert [story.waiting(f"c{n}").step for n in range(3)] == [0, 1, 1]


def test_a_guard_that_comes_with_changed_needs_is_asked_again_too() -> None:
    story = center(
        {"expected_handling_seconds": 180}, "expert second", expert=EXPERT, second=EXPERT
    )
    story.queue("c0", 9)
    story.queue("c1", 10)
    story.tell_at(50, NeedsChanged("c1", (Step.model_validate(GUARDED),)))
    assert story.waiting("c1").step == 0
    story.pause("second", 51)
    story.until(60)
    assert story.waiting("c1").step == 1


# -- changed while waiting -----------------------------------------------------------------------


def test_needs_that_are_changed_while_a_caller_waits_begin_anew_at_his_place() -> None:
    story = center(steps(STRICT), "expert helper", expert=EXPERT, helper=HELPER, other={})
    story.queue("c1", 10)
    story.queue("c2", 11)
    now = story.tell_at(15, NeedsChanged("c2", (Step(need="not billing"),)))
    assert contacts(now) == ["offer c2 to other"]
    story.answer("c2", 16)
    story.tell_at(25, NeedsChanged("c1", (Step(need="billing >= 1", seconds=20),)))
    assert story.waiting("c1").since == 10
    assert contacts(story.until(44.9)) == []
    story.tell_at(44.9, TalkEnded("helper", "with helper"))
    assert story.offers_of("c1") == [(44.9, "helper")]


def test_needs_changed_while_a_phone_rings_count_when_it_was_not_answered() -> None:
    story = center({"ring_seconds": 10, "retry_seconds": 1}, expert=EXPERT, other={})
    story.queue("c1", 10)
    assert story.ringing("c1") == ["expert"]
    story.tell_at(12, NeedsChanged("c1", (Step(need="not billing"),)))
    assert contacts(story.until(20)) == ["withdraw c1 from expert: timed_out", "offer c1 to other"]


def test_a_need_that_cannot_be_read_is_refused_before_anything_changes() -> None:
    story = center({}, "other", other={})
    story.queue("c1", 10)
    said = story.refused(11, NeedsChanged("c1", (Step(need="billing >="),)))
    assert "column" in said
    assert "column" in story.refused(11, ContactQueued("c2", "sales", 11, needs=(Step(need="(("),)))


def test_each_step_is_told_when_it_begins() -> None:
    story = center(steps(STRICT, LOOSE), "expert helper", expert=EXPERT, helper=HELPER)
    story.queue("c1", 10)
    story.until(100)
    told = [(at, d.why.need) for at, d in story.said if isinstance(d, StillWaiting)]
    assert told == [(10, "billing >= 5"), (30, "billing >= 1"), (60, "")]


# -- tiers ---------------------------------------------------------------------------------------

LATER = {"tiers": {"sales": 1}}
LAST = {"tiers": {"sales": 2}}


def test_each_further_tier_is_asked_so_much_later() -> None:
    story = center({"tier_seconds": 20}, "first", first={}, later=LATER, last=LAST)
    story.work("later", "w", 6)
    story.queue("c1", 10)
    assert contacts(story.until(49.9)) == []
    assert contacts(story.until(50)) == ["offer c1 to last"]


def test_a_tier_where_nobody_is_logged_in_is_not_waited_for() -> None:
    story = Story({"sales": {"tier_seconds": 20}}, {"first": {}, "later": LATER})
    story.log_in("later", 0)
    assert contacts(story.queue("c1", 10)) == ["offer c1 to later"]


def test_when_the_last_of_a_tier_goes_home_the_next_is_asked_at_once() -> None:
    story = center({"tier_seconds": 600}, "first", first={}, later=LATER)
    story.queue("c1", 10)
    story.tell_at(15, AgentLoggedOut("first"))
    assert contacts(story.tell_at(20, TalkEnded("first", "with first"))) == ["offer c1 to later"]


def test_without_a_delay_a_tier_only_says_who_is_asked_first() -> None:
    story = center({}, later=LATER, first={})
    assert contacts(story.queue("c1", 10)) == ["offer c1 to first"]
    assert contacts(story.queue("c2", 11)) == ["offer c2 to later"]


def test_tiers_and_steps_go_by_their_own_clocks() -> None:
    story = center(
        steps(STRICT, tier_seconds=30),
        "expert",
        expert=EXPERT,
        late_expert={**EXPERT, **LATER},
        other=LATER,
    )
    story.work("late_expert", "w", 6)
    story.queue("c1", 10)
    assert contacts(story.until(39.9)) == [], "the step is over at 30, the tier opens at 40"
    assert contacts(story.until(40)) == ["offer c1 to other"]


def test_a_caller_whom_a_helper_may_not_take_yet_keeps_him_from_nobody_else() -> None:
    """The queue he helps in does not keep him from his own (asterisk/asterisk#1561)."""
    story = Story(
        {"sales": {"tier_seconds": 60, "offset_seconds": 300}, "support": {}},
        {"first": {"queues": ["sales"]}, "mai": {"tiers": {"sales": 1}}},
    )
    story.log_in("first mai", 0)
    story.work("first", "w", 5)
    story.queue("important", 10, "sales")
    assert contacts(story.queue("own", 11, "support")) == ["offer own to mai"]


# -- the own agent first -------------------------------------------------------------------------

STICKY = {"sticky": {"seconds": 30}}


def test_a_caller_waits_for_his_own_agent_for_a_while_and_then_for_all() -> None:
    story = center(STICKY, "mai", mai={}, john={})
    story.queue("c1", 10, prefer="mai")
    assert contacts(story.until(39.9)) == []
    assert contacts(story.until(40)) == ["offer c1 to john"]


def test_a_callers_own_agent_gets_him_when_he_is_free_in_time() -> None:
    story = center(STICKY, "mai", mai={}, john={})
    story.queue("c1", 10, prefer="mai")
    assert contacts(story.tell_at(25, TalkEnded("mai", "with mai"))) == ["offer c1 to mai"]


@pytest.mark.parametrize("why_not", ["logged out", "paused", "not in the queue", "unknown"])
def test_an_own_agent_who_will_not_come_is_not_waited_for(why_not: str) -> None:
    """A returning chat went to an agent who was not there (chatwoot/chatwoot#4158)."""
    mai = {"queues": ["support"]} if why_not == "not in the queue" else {}
    story = Story({"sales": STICKY, "support": {}}, {"mai": mai, "john": {}})
    story.log_in("john", 0)
    if why_not in ("paused", "not in the queue"):
        story.log_in("mai", 1)
    if why_not == "paused":
        story.pause("mai", 2)
    prefer = "nobody" if why_not == "unknown" else "mai"
    assert contacts(story.queue("c1", 10, prefer=prefer)) == ["offer c1 to john"]


def test_an_own_agent_who_pauses_meanwhile_is_not_waited_for_any_longer() -> None:
    story = center(STICKY, "mai", mai={}, john={})
    story.queue("c1", 10, prefer="mai")
    assert contacts(story.pause("mai", 15)) == ["offer c1 to john"]


def test_an_own_agent_takes_his_caller_whatever_the_need_says() -> None:
    story = center({**STICKY, "needs": ["billing >= 5"]}, mai={}, expert=EXPERT)
    assert contacts(story.queue("c1", 10, prefer="mai")) == ["offer c1 to mai"]


def test_after_his_own_agent_the_needs_begin() -> None:
    story = center({**STICKY, "needs": ["billing >= 5"]}, "mai", mai={}, other={}, expert=EXPERT)
    story.queue("c1", 10, prefer="mai")
    assert contacts(story.until(40)) == ["offer c1 to expert"]


def test_a_queue_that_is_not_sticky_makes_nobody_wait_for_anybody() -> None:
    story = center({}, "mai", mai={}, john={})
    assert contacts(story.queue("c1", 10, prefer="mai")) == ["offer c1 to john"]


def test_who_waited_for_his_own_agent_does_not_wait_for_him_again_when_his_needs_change() -> None:
    story = center(STICKY, "mai expert", mai={}, expert=EXPERT)
    story.queue("c1", 10, prefer="mai")
    story.until(50)
    story.tell_at(51, NeedsChanged("c1", (Step(need="billing >= 5"),)))
    assert contacts(story.tell_at(52, TalkEnded("expert", "with expert"))) == ["offer c1 to expert"]
