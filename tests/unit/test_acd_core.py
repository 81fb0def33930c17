"""Stories of one agent or two: given, event, decisions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from acd.agent_settings import AgentSettings
from acd.core import Acd, IllegalEvent
from acd.messages import (
    AcdDecision,
    AcdEvent,
    AgentLoggedIn,
    AgentLoggedOut,
    AgentMoved,
    AgentPaused,
    AgentReady,
    AgentState,
    Configured,
    ContactLeft,
    ContactQueued,
    Expire,
    LeaveReason,
    Offer,
    OfferAccepted,
    OfferOutcome,
    OfferRefused,
    PassedOver,
    TalkEnded,
    Withdraw,
)
from acd.queues import QueueSettings, WrapUp

SALES = QueueSettings(
    name="sales",
    ring_seconds=10,
    wrap_up=5,
    retry_seconds=3,
    busy_seconds=3,
    rejected_seconds=3,
)
SUPPORT = SALES.model_copy(update={"name": "support"})
EXTENSIONS = {"mai": "3001", "john": "3002", "linh": "3003"}


def center(
    *queues: QueueSettings, agents: dict[str, tuple[str, ...]] | None = None, ready: str = ""
) -> Acd:
    """A center at time 0 whose ``ready`` agents log in at 1, 2, 3 …"""
    acd = Acd()
    acd.handle(settings_of(*queues or (SALES, SUPPORT), agents=agents), 0)
    for at, name in enumerate(ready.split(), start=1):
        acd.handle(AgentLoggedIn(name, EXTENSIONS[name]), at)
    return acd


def settings_of(*queues: QueueSettings, agents: dict[str, tuple[str, ...]] | None = None):
    serves = agents or {name: ("sales",) for name in EXTENSIONS}
    people = (AgentSettings(name=n, extension=EXTENSIONS[n], queues=q) for n, q in serves.items())
    return Configured(queues, tuple(people))


def brief(decisions: list[AcdDecision]) -> list[str]:
    """Decisions as a table has them; why somebody waits and alerts have tests of their own."""
    told = (Offer, Withdraw, Expire, AgentMoved)
    return [_brief(decision) for decision in decisions if isinstance(decision, told)]


def names(offer: Offer) -> list[str]:
    return [candidate.agent for candidate in offer.why.candidates]


def _brief(decision: AcdDecision) -> str:
    match decision:
        case Offer():
            return f"offer {decision.offer} {decision.agent}"
        case Withdraw():
            return f"withdraw {decision.offer} {decision.outcome}"
        case Expire():
            return f"expire {decision.contact} {decision.reason}"
        case AgentMoved():
            reason = f" ({decision.reason})" if decision.reason else ""
            return f"{decision.agent} {decision.old} -> {decision.event} -> {decision.new}{reason}"


def state(acd: Acd, name: str) -> str:
    return next(str(agent.state) for agent in acd.agents() if agent.name == name)


def line(acd: Acd, name: str = "sales") -> list[tuple[str, str | None]]:
    queue = next(queue for queue in acd.queues(0) if queue.name == name)
    return [(waiting.contact, waiting.agent) for waiting in queue.waiting]


def call(acd: Acd, contact: str = "c1", now: float = 10) -> list[str]:
    return brief(acd.handle(ContactQueued(contact, "sales", now), now))


# -- offers --------------------------------------------------------------------------------------


def test_a_caller_rings_the_agent_who_has_been_idle_longest_and_is_told_why() -> None:
    acd = center(ready="mai john")
    decisions = acd.handle(ContactQueued("c1", "sales", 9.5), 10)
    assert brief(decisions) == ["mai ready -> Offer -> offered", "offer c1-a1 mai"]
    offer = decisions[1]
    assert isinstance(offer, Offer)
    assert (offer.endpoint, offer.queue, offer.ring_seconds) == ("3001", "sales", 10)
    assert (offer.why.strategy, names(offer)) == ("longest_idle", ["mai", "john"])


def test_agents_free_since_the_same_moment_are_taken_by_name() -> None:
    acd = center()
    for name in ("mai", "linh", "john"):
        acd.handle(AgentLoggedIn(name, EXTENSIONS[name]), 1)
    assert call(acd)[1] == "offer c1-a1 john"


def test_an_agent_who_lets_it_ring_goes_to_the_back_and_the_caller_to_the_next() -> None:
    acd = center(ready="mai john")
    call(acd)
    assert acd.next_deadline() == 20
    assert acd.on_deadline(19.999) == []
    decisions = acd.on_deadline(20)
    assert brief(decisions) == [
        "withdraw c1-a1 timed_out",
        "mai offered -> RingTimedOut -> ready",
        "john ready -> Offer -> offered",
        "offer c1-a2 john",
    ]
    assert isinstance(decisions[3], Offer)
    assert names(decisions[3]) == ["john"]
    assert decisions[3].why.passed_over == (PassedOver("mai", "timed_out just now"),)
    assert call(acd, "c2", 20)[1] == "offer c2-a3 mai"


def test_the_only_agent_is_rung_again_for_the_caller_he_missed_after_a_while() -> None:
    acd = center(ready="mai")
    call(acd)
    acd.on_deadline(20)
    assert acd.next_deadline() == 23
    assert brief(acd.on_deadline(23)) == ["mai ready -> Offer -> offered", "offer c1-a2 mai"]


def test_misses_in_a_row_make_an_agent_not_responding_until_he_says_ready() -> None:
    acd = center(ready="mai")
    call(acd)
    acd.on_deadline(20)
    acd.on_deadline(23)
    assert brief(acd.on_deadline(33)) == [
        "withdraw c1-a2 timed_out",
        "mai offered -> RingTimedOut -> not_responding (missed 2 offers)",
    ]
    assert acd.on_deadline(36) == []
    assert brief(acd.handle(AgentReady("mai"), 40)) == [
        "mai not_responding -> AgentReady -> ready",
        "mai ready -> Offer -> offered",
        "offer c1-a3 mai",
    ]
    acd.on_deadline(50)
    assert state(acd, "mai") == "ready", "misses before he came back are forgotten"


def test_an_answered_call_between_two_misses_breaks_the_row() -> None:
    acd = center(ready="mai")
    call(acd)
    acd.on_deadline(20)
    acd.on_deadline(23)
    acd.handle(OfferAccepted("c1-a2"), 24)
    acd.handle(TalkEnded("mai", "c1"), 30)
    acd.on_deadline(35)
    call(acd, "c2", 40)
    acd.on_deadline(50)
    assert state(acd, "mai") == "ready"


@pytest.mark.parametrize("outcome", [OfferOutcome.BUSY, OfferOutcome.REJECTED])
def test_a_phone_that_says_no_is_left_alone_for_a_while_by_every_caller(
    outcome: OfferOutcome,
) -> None:
    acd = center(ready="mai")
    call(acd)
    assert brief(acd.handle(OfferRefused("c1-a1", outcome), 11)) == [
        "mai offered -> OfferRefused -> ready"
    ]
    assert call(acd, "c2", 12) == []
    assert acd.next_deadline() == 14
    assert brief(acd.on_deadline(14))[1] == "offer c1-a2 mai"


def test_an_agent_ends_his_rest_by_saying_ready() -> None:
    acd = center(ready="mai")
    call(acd)
    acd.handle(OfferRefused("c1-a1", OfferOutcome.BUSY), 11)
    assert brief(acd.handle(AgentReady("mai"), 12))[-1] == "offer c1-a2 mai"


def test_the_reason_of_an_offer_names_the_agent_who_rests() -> None:
    acd = center(ready="mai john")
    call(acd)
    decisions = acd.handle(OfferRefused("c1-a1", OfferOutcome.REJECTED), 11)
    assert isinstance(decisions[-1], Offer)
    assert (decisions[-1].agent, decisions[-1].why.passed_over) == (
        "john",
        (PassedOver("mai", "rests: rejected"),),
    )
    acd.handle(OfferRefused("c1-a2", OfferOutcome.CANCELLED), 11.5)
    decisions = acd.on_deadline(14)
    assert isinstance(decisions[-1], Offer)
    assert (decisions[-1].agent, decisions[-1].why.passed_over) == (
        "mai",
        (PassedOver("john", "cancelled just now"),),
    )


def test_an_unreachable_phone_makes_its_agent_not_responding_at_once() -> None:
    acd = center(ready="mai john")
    call(acd)
    assert brief(acd.handle(OfferRefused("c1-a1", OfferOutcome.UNREACHABLE), 11)) == [
        "mai offered -> OfferRefused -> not_responding (unreachable)",
        "john ready -> Offer -> offered",
        "offer c1-a2 john",
    ]


def test_a_fault_of_ours_costs_the_agent_neither_a_miss_nor_his_place() -> None:
    acd = center(SALES.model_copy(update={"max_misses": 1}), ready="mai john")
    call(acd)
    assert brief(acd.handle(OfferRefused("c1-a1", OfferOutcome.CANCELLED), 11))[:2] == [
        "mai offered -> OfferRefused -> ready",
        "john ready -> Offer -> offered",
    ]
    acd.handle(ContactLeft("c1", LeaveReason.ABANDONED), 12)
    assert call(acd, "c2", 13)[-1] == "offer c2-a3 mai"


def test_a_caller_who_hangs_up_while_ringing_is_not_the_agents_miss() -> None:
    acd = center(SALES.model_copy(update={"max_misses": 1}), ready="mai john")
    call(acd)
    assert brief(acd.handle(ContactLeft("c1", LeaveReason.ABANDONED), 15)) == [
        "withdraw c1-a1 caller_left",
        "mai offered -> ContactLeft -> ready",
    ]
    assert call(acd, "c2", 16)[-1] == "offer c2-a2 mai", "she is still first"


def test_a_contact_sent_elsewhere_while_ringing_did_not_leave_by_itself() -> None:
    acd = center(ready="mai")
    call(acd)
    decisions = acd.handle(ContactLeft("c1", LeaveReason.MOVED), 11)
    assert brief(decisions)[0] == "withdraw c1-a1 cancelled"


def test_an_offer_id_never_comes_back_when_a_caller_queues_again() -> None:
    acd = center(ready="mai")
    call(acd)
    acd.handle(ContactLeft("c1", LeaveReason.MOVED), 11)
    assert call(acd, "c1", 12)[-1] == "offer c1-a2 mai"


# -- order ---------------------------------------------------------------------------------------


def test_the_oldest_caller_is_first_whenever_he_came_to_this_queue() -> None:
    acd = center()
    acd.handle(ContactQueued("young", "sales", 11), 11)
    acd.handle(ContactQueued("old", "sales", 3), 12)
    acd.handle(ContactQueued("twin", "sales", 11), 12)
    assert [contact for contact, _ in line(acd)] == ["old", "young", "twin"]


def test_a_caller_keeps_his_place_when_his_agent_does_not_answer() -> None:
    acd = center(ready="mai")
    call(acd, "c1", 10)
    call(acd, "c2", 11)
    acd.handle(OfferRefused("c1-a1", OfferOutcome.BUSY), 12)
    assert line(acd) == [("c1", None), ("c2", None)]
    acd.on_deadline(15)
    assert line(acd) == [("c1", "mai"), ("c2", None)]


def test_a_caller_whom_nobody_free_may_serve_holds_up_nobody() -> None:
    acd = center(ready="mai", agents={"mai": ("support",)})
    call(acd, "c1", 10)
    assert brief(acd.handle(ContactQueued("c2", "support", 11), 11))[-1] == "offer c2-a1 mai"


def test_an_agent_of_two_queues_takes_the_older_caller_of_both() -> None:
    acd = center(agents={"mai": ("sales", "support")})
    acd.handle(ContactQueued("c1", "support", 10), 10)
    acd.handle(ContactQueued("c2", "sales", 9), 11)
    decisions = acd.handle(AgentLoggedIn("mai", "3001"), 12)
    assert brief(decisions)[-1] == "offer c2-a1 mai"


def test_two_agents_who_are_free_at_the_same_moment_take_the_two_oldest_callers() -> None:
    acd = center(ready="mai john")
    for contact, offer in (("c1", "c1-a1"), ("c2", "c2-a2")):
        call(acd, contact)
        acd.handle(OfferAccepted(offer), 11)
    for contact in ("c3", "c4"):
        call(acd, contact, 12)
    acd.handle(TalkEnded("mai", "c1"), 20)
    acd.handle(TalkEnded("john", "c2"), 20)
    assert [d for d in brief(acd.on_deadline(25)) if d.startswith("offer")] == [
        "offer c3-a3 john",
        "offer c4-a4 mai",
    ]


@pytest.mark.parametrize("outcome", [OfferOutcome.BUSY, OfferOutcome.REJECTED])
def test_an_agent_who_refuses_does_not_stay_first(outcome: OfferOutcome) -> None:
    acd = center(ready="mai john")
    call(acd)
    acd.handle(OfferRefused("c1-a1", outcome), 11)
    acd.handle(ContactLeft("c1", LeaveReason.ABANDONED), 12)
    acd.on_deadline(14)
    assert call(acd, "c2", 15)[-1] == "offer c2-a3 john"


# -- talk and wrap-up ----------------------------------------------------------------------------


def talking() -> Acd:
    acd = center(ready="mai")
    call(acd)
    acd.handle(OfferAccepted("c1-a1"), 12)
    return acd


def test_a_talk_is_followed_by_wrap_up_and_then_by_the_next_caller() -> None:
    acd = talking()
    assert line(acd) == []
    call(acd, "c2", 15)
    ended = acd.handle(TalkEnded("mai", "c1"), 20)
    assert ended == [
        AgentMoved("mai", AgentState.TALKING, AgentState.WRAP_UP, "TalkEnded", "", "c1", "sales")
    ]
    assert acd.next_deadline() == 25
    assert brief(acd.on_deadline(25)) == [
        "mai wrap_up -> WrapUpEnded -> ready",
        "mai ready -> Offer -> offered",
        "offer c2-a2 mai",
    ]


def test_a_queue_without_wrap_up_has_its_agent_back_at_once() -> None:
    acd = center(SALES.model_copy(update={"wrap_up": WrapUp(mode="none")}), ready="mai")
    call(acd)
    acd.handle(OfferAccepted("c1-a1"), 12)
    assert brief(acd.handle(TalkEnded("mai", "c1"), 20)) == ["mai talking -> TalkEnded -> ready"]


def test_an_agent_ends_wrap_up_early_by_saying_ready() -> None:
    acd = talking()
    acd.handle(TalkEnded("mai", "c1"), 20)
    assert brief(acd.handle(AgentReady("mai"), 22)) == ["mai wrap_up -> AgentReady -> ready"]
    assert acd.on_deadline(25) == []
    assert state(acd, "mai") == "ready"


@pytest.mark.parametrize(
    ("wish", "at", "becomes"),
    [
        (AgentPaused("mai", "lunch"), 15, "mai wrap_up -> WrapUpEnded -> paused (lunch)"),
        (AgentPaused("mai", "lunch"), 21, "mai wrap_up -> WrapUpEnded -> paused (lunch)"),
        (AgentLoggedOut("mai"), 15, "mai wrap_up -> WrapUpEnded -> logged_out"),
        (AgentLoggedOut("mai"), 21, "mai wrap_up -> WrapUpEnded -> logged_out"),
    ],
)
def test_a_wish_during_talk_or_wrap_up_takes_effect_afterwards(
    wish: AcdEvent, at: float, becomes: str
) -> None:
    acd = talking()
    if at > 20:
        acd.handle(TalkEnded("mai", "c1"), 20)
    assert acd.handle(wish, at) == []
    pending = acd.agents()[-1].pending
    assert str(pending) in becomes
    acd.handle(TalkEnded("mai", "c1"), 20)
    assert brief(acd.on_deadline(25)) == [becomes]


def test_the_last_wish_during_a_talk_counts() -> None:
    acd = talking()
    acd.handle(AgentLoggedOut("mai"), 13)
    acd.handle(AgentPaused("mai", "lunch"), 14)
    acd.handle(AgentReady("mai"), 15)
    acd.handle(TalkEnded("mai", "c1"), 20)
    assert brief(acd.on_deadline(25)) == ["mai wrap_up -> WrapUpEnded -> ready"]


@pytest.mark.parametrize(
    ("wish", "becomes"),
    [
        (AgentPaused("mai", "lunch"), "mai offered -> AgentPaused -> paused (lunch)"),
        (AgentLoggedOut("mai"), "mai offered -> AgentLoggedOut -> logged_out"),
    ],
)
def test_an_agent_who_leaves_while_ringing_gives_the_caller_to_the_next(
    wish: AcdEvent, becomes: str
) -> None:
    acd = center(ready="mai john")
    call(acd)
    assert brief(acd.handle(wish, 11)) == [
        "withdraw c1-a1 cancelled",
        becomes,
        "john ready -> Offer -> offered",
        "offer c1-a2 john",
    ]


def test_a_return_from_pause_begins_a_new_idle_time() -> None:
    acd = center(ready="mai john")
    acd.handle(AgentPaused("mai", "lunch"), 5)
    acd.handle(AgentReady("mai"), 6)
    assert call(acd)[-1] == "offer c1-a1 john"


def test_a_new_pause_reason_is_a_move_of_its_own() -> None:
    acd = center(ready="mai")
    acd.handle(AgentPaused("mai", "lunch"), 5)
    assert acd.handle(AgentPaused("mai", "lunch"), 6) == []
    assert brief(acd.handle(AgentPaused("mai", "training"), 7)) == [
        "mai paused -> AgentPaused -> paused (training)"
    ]


def test_an_agent_changes_his_desk_when_nothing_rings_there() -> None:
    acd = center(ready="mai")
    assert acd.handle(AgentLoggedIn("mai", "3009"), 5) == []
    offer = acd.handle(ContactQueued("c1", "sales", 6), 6)[-1]
    assert isinstance(offer, Offer)
    assert offer.endpoint == "3009"


# -- limits --------------------------------------------------------------------------------------


def test_a_caller_above_the_limit_is_sent_on_at_once() -> None:
    acd = center(SALES.model_copy(update={"max_waiting": 2}), ready="mai")
    call(acd, "c1", 10)
    call(acd, "c2", 11)
    assert call(acd, "c3", 12) == ["expire c3 full"]


def test_a_caller_who_waited_too_long_is_sent_on() -> None:
    acd = center(SALES.model_copy(update={"max_wait_seconds": 30}))
    acd.handle(ContactQueued("c1", "sales", 2), 10)
    assert acd.next_deadline() == 40
    assert brief(acd.on_deadline(40)) == ["expire c1 timeout"]
    assert (line(acd), acd.next_deadline()) == ([], None)


def test_a_ringing_caller_whose_time_is_up_may_still_be_answered() -> None:
    acd = center(SALES.model_copy(update={"max_wait_seconds": 5}), ready="mai")
    call(acd)
    assert acd.on_deadline(15) == []
    assert brief(acd.handle(OfferAccepted("c1-a1"), 16)) == [
        "mai offered -> OfferAccepted -> talking"
    ]


def test_a_ringing_caller_whose_time_is_up_leaves_when_the_agent_refuses() -> None:
    acd = center(SALES.model_copy(update={"max_wait_seconds": 5}), ready="mai john")
    call(acd)
    acd.on_deadline(15)
    assert brief(acd.handle(OfferRefused("c1-a1", OfferOutcome.BUSY), 16)) == [
        "mai offered -> OfferRefused -> ready",
        "expire c1 timeout",
    ]


NOT_HELD = SALES.model_copy(update={"hold_when_unstaffed": False})


def test_nobody_is_held_for_a_queue_without_agents_unless_it_says_so() -> None:
    assert call(center(NOT_HELD)) == ["expire c1 no_agents"]
    assert call(center(SALES)) == []


def test_a_paused_agent_still_staffs_his_queue() -> None:
    acd = center(NOT_HELD)
    acd.handle(AgentLoggedIn("mai", "3001", "lunch"), 1)
    assert call(acd) == []


def test_callers_are_sent_on_when_the_last_agent_logs_out() -> None:
    acd = center(NOT_HELD, ready="mai")
    call(acd, "c1", 10)
    call(acd, "c2", 11)
    assert brief(acd.handle(AgentLoggedOut("mai"), 12)) == [
        "withdraw c1-a1 cancelled",
        "mai offered -> AgentLoggedOut -> logged_out",
        "expire c1 no_agents",
        "expire c2 no_agents",
    ]


# -- events that cross, and events that make no sense --------------------------------------------


def missed() -> Acd:
    acd = center(ready="mai")
    call(acd)
    acd.on_deadline(20)
    return acd


@pytest.mark.parametrize(
    ("given", "event", "decisions"),
    [
        (missed, OfferAccepted("c1-a1"), ["withdraw c1-a1 lost_race"]),
        (missed, OfferAccepted("c7-a99"), ["withdraw c7-a99 lost_race"]),
        (missed, OfferRefused("c1-a1", OfferOutcome.BUSY), []),
        (missed, OfferRefused("c7-a99", OfferOutcome.BUSY), []),
        (missed, TalkEnded("mai", "c1"), []),
        (talking, ContactLeft("c1", LeaveReason.ABANDONED), []),
        (talking, OfferAccepted("c1-a1"), ["withdraw c1-a1 lost_race"]),
        (talking, OfferRefused("c1-a1", OfferOutcome.CANCELLED), []),
        (talking, TalkEnded("mai", "c2"), []),
        (talking, TalkEnded("nobody", "c1"), []),
        (center, AgentLoggedOut("mai"), []),
        (center, ContactLeft("c1", LeaveReason.LOST), []),
    ],
)
def test_events_that_cross_on_the_wire_are_no_errors(
    given: Callable[[], Acd], event: AcdEvent, decisions: list[str]
) -> None:
    acd = given()
    before = acd.agents()
    assert brief(acd.handle(event, 21)) == decisions
    assert acd.agents() == before


def test_a_timer_that_comes_late_takes_nothing_from_an_agent_who_picked_up() -> None:
    acd = center(ready="mai")
    call(acd)
    assert brief(acd.handle(OfferAccepted("c1-a1"), 20.01)) == [
        "mai offered -> OfferAccepted -> talking"
    ]
    assert acd.on_deadline(20.02) == []


@pytest.mark.parametrize(
    ("given", "event", "message"),
    [
        (center, AgentReady("mai"), "AgentReady for mai, logged_out: log in first"),
        (center, AgentPaused("mai", "lunch"), "AgentPaused for mai, logged_out: log in first"),
        (center, AgentReady("bob"), "AgentReady for bob, unknown: not in the settings"),
        (
            center,
            ContactQueued("c1", "nowhere", 1),
            "ContactQueued for c1, unknown: there is no queue nowhere",
        ),
        (
            missed,
            ContactQueued("c1", "support", 1),
            "ContactQueued for c1, waiting: it is in sales already",
        ),
        (
            missed,
            AgentLoggedIn("john", "3001"),
            "AgentLoggedIn for john, logged_out: mai is logged in at 3001",
        ),
        (
            talking,
            AgentLoggedIn("mai", "3009"),
            "AgentLoggedIn for mai, talking: 3001 is in use",
        ),
        (
            missed,
            OfferRefused("c1-a1", OfferOutcome.ANSWERED),
            "OfferRefused for c1-a1, offered: answered is no refusal",
        ),
    ],
)
def test_an_event_that_makes_no_sense_is_refused_and_changes_nothing(
    given: Callable[[], Acd], event: AcdEvent, message: str
) -> None:
    acd = given()
    before = acd.snapshot()
    with pytest.raises(IllegalEvent) as error:
        acd.handle(event, 21)
    assert str(error.value) == message
    assert acd.snapshot() == before


# -- new settings --------------------------------------------------------------------------------


def test_new_settings_leave_waiting_callers_and_ringing_phones_alone() -> None:
    acd = center(ready="mai")
    call(acd, "c1", 10)
    call(acd, "c2", 11)
    longer = SALES.model_copy(update={"ring_seconds": 60, "max_wait_seconds": 20})
    assert acd.handle(settings_of(longer), 12) == []
    assert line(acd) == [("c1", "mai"), ("c2", None)]
    acd.handle(OfferAccepted("c1-a1"), 13)
    assert brief(acd.on_deadline(31)) == ["expire c2 timeout"], "new times hold for who waits"


def test_a_queue_taken_out_of_the_settings_sends_its_callers_on() -> None:
    acd = center(ready="mai")
    call(acd, "c1", 10)
    call(acd, "c2", 11)
    assert brief(acd.handle(settings_of(SUPPORT), 12)) == [
        "withdraw c1-a1 cancelled",
        "mai offered -> Configured -> ready",
        "expire c1 no_agents",
        "expire c2 no_agents",
    ]


def test_a_talk_of_a_queue_that_is_gone_ends_without_wrap_up() -> None:
    acd = talking()
    assert acd.handle(settings_of(SUPPORT), 15) == []
    assert brief(acd.handle(TalkEnded("mai", "c1"), 20)) == ["mai talking -> TalkEnded -> ready"]


def test_an_agent_taken_out_of_the_settings_finishes_his_talk_and_is_gone() -> None:
    acd = talking()
    assert acd.handle(settings_of(SALES, agents={"john": ("sales",)}), 15) == []
    with pytest.raises(IllegalEvent, match="not in the settings"):
        acd.handle(AgentReady("mai"), 16)
    acd.handle(TalkEnded("mai", "c1"), 20)
    assert brief(acd.on_deadline(25)) == ["mai wrap_up -> WrapUpEnded -> logged_out"]
    assert [agent.name for agent in acd.agents()] == ["john"]


def test_an_agent_taken_out_of_the_settings_while_ringing_gives_the_caller_to_the_next() -> None:
    acd = center(ready="mai john")
    call(acd)
    assert brief(acd.handle(settings_of(SALES, agents={"john": ("sales",)}), 15)) == [
        "withdraw c1-a1 cancelled",
        "mai offered -> Configured -> logged_out",
        "john ready -> Offer -> offered",
        "offer c1-a2 john",
    ]


def test_an_agent_given_another_queue_serves_its_callers_at_once() -> None:
    acd = center(ready="mai")
    acd.handle(ContactQueued("c1", "support", 10), 10)
    decisions = acd.handle(settings_of(SALES, SUPPORT, agents={"mai": ("support",)}), 11)
    assert brief(decisions)[-1] == "offer c1-a1 mai"


def test_the_views_count_who_is_staffed_and_who_is_ready() -> None:
    acd = center(ready="mai john linh")
    acd.handle(AgentPaused("linh", "lunch"), 5)
    call(acd)
    sales = acd.queues(0)[0]
    assert (sales.name, sales.staffed, sales.ready) == ("sales", 3, 1)
    waiting = sales.waiting[0]
    assert (waiting.contact, waiting.since, waiting.agent) == ("c1", 10, "mai")
    mai = acd.agents()[2]
    assert (mai.name, mai.state, mai.since, mai.contact) == ("mai", "offered", 10, "c1")


def test_a_phone_that_answers_and_drops_at_once_is_not_rung_in_a_loop() -> None:
    acd = center(ready="mai john")
    call(acd)
    acd.handle(OfferAccepted("c1-a1"), 11)
    acd.handle(ContactQueued("c1", "sales", 10), 11)
    assert brief(acd.handle(TalkEnded("mai", "c1", unheard=True), 11)) == [
        "mai talking -> TalkEnded -> ready"
    ]
    assert line(acd) == [("c1", "john")]
    assert call(acd, "c2", 12) == []
    assert brief(acd.on_deadline(14)) == ["mai ready -> Offer -> offered", "offer c2-a3 mai"]


def test_an_answer_that_fell_through_keeps_the_service_level_a_share() -> None:
    acd = center(ready="mai john")
    call(acd)
    acd.handle(OfferAccepted("c1-a1"), 11)
    acd.handle(ContactQueued("c1", "sales", 10), 11)
    acd.handle(TalkEnded("mai", "c1", unheard=True), 11)
    acd.handle(OfferAccepted("c1-a2"), 12)
    [sales] = [queue for queue in acd.queues(12) if queue.name == "sales"]
    assert (sales.service_level, sales.today.answered) == (1.0, sales.today.answered_in_time)


def test_an_agent_whose_customer_was_not_reached_is_free_at_once_at_his_old_place() -> None:
    acd = center(ready="mai john")
    call(acd)
    acd.handle(OfferAccepted("c1-a1"), 11)

    decisions = acd.handle(TalkEnded("mai", "c1", missed=True), 30)
    assert brief(decisions) == ["mai talking -> TalkEnded -> ready"]  # no wrap-up, nothing to say
    assert [view.contacts_today for view in acd.agents() if view.name == "mai"] == [0]
    call(acd, "c2", 31)
    assert line(acd) == [("c2", "mai")]  # before john, as ever
