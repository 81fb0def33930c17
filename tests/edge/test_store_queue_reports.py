"""How queues and agents did, asked of both real databases."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from sample_call import CALL, STRETCH, T

from acd.queues import QueueSettings
from acd.service_level import Formula, ServiceLevel
from engine.call_record import CallRecord, OfferMade, QueueVisit, Segment, SegmentKind
from engine.store.agent_reports import AgentLine
from engine.store.handling import Handling
from engine.store.ledger import Ledger
from engine.store.queue_reports import Period, QueueLine, Targets
from engine.store.reports import Reports

pytest_plugins = ["databases"]

HOUR = Period(T, T + 3600)


def visit(
    wait: float, outcome: str = "answered", after: float = 0.0, queue: str = "support"
) -> QueueVisit:
    """A stay of ``wait`` seconds in a queue, entered some seconds ``after`` T."""
    return QueueVisit(queue, T + after, T + after + wait, outcome)


def call(name: str, *visits: QueueVisit, segments: Iterable[Segment] = ()) -> CallRecord:
    """A call of which only its stays in queues and its segments matter."""
    return replace(
        CALL, call=name, visits=visits, segments=tuple(segments), offers=(), recordings=()
    )


def work(kind: SegmentKind, started: float, seconds: float, queue: str = "support") -> Segment:
    return Segment(kind, T + started, T + started + seconds, queue, "mai")


async def asked(ledger: Ledger, period: Period = HOUR, **targets: ServiceLevel) -> list[QueueLine]:
    queues = {
        name: QueueSettings(name=name, service_level=target) for name, target in targets.items()
    }
    return await Reports(ledger).queues(period, Targets(queues))


# -- service level ---------------------------------------------------------------------------------


def a_thousand_and_sixty() -> list[QueueVisit]:
    """860 of 1000 answered in 20 s; 60 abandoned, 10 of them in 5 s and 20 in 20 s."""
    waits = {
        "answered": [20.0] * 430 + [0.0] * 430 + [20.000001] * 140,
        "abandoned": [5.0] * 10 + [5.000001] * 5 + [20.0] * 5 + [20.000001] * 40,
        "timeout": [21.0] * 7,
        "callback": [3.0] * 3,
    }
    return [
        visit(wait, outcome, after=n)
        for outcome, all_of_it in waits.items()
        for n, wait in enumerate(all_of_it)
    ]


async def test_the_six_ways_to_count_abandons_give_the_six_known_figures(ledger: Ledger) -> None:
    await ledger.save_call(call("c-1", *a_thousand_and_sixty()))
    figures = {}
    for formula in Formula:
        target = ServiceLevel(seconds=20, formula=formula, short_abandon_seconds=5)
        [line] = await asked(ledger, support=target)
        assert (line.formula, line.target_seconds, line.target_percent) == (formula, 20, 80)
        assert line.service_level is not None
        figures[formula] = round(100 * line.service_level, 2)
    assert figures == {
        Formula.EARLY_ABANDONS_MET: 83.02,
        Formula.ABANDONS_IGNORED: 86.00,
        Formula.ABANDONS_MISSED: 81.13,
        Formula.EARLY_ABANDONS_IGNORED: 82.69,
        Formula.SHORT_ABANDONS_MET: 82.08,
        Formula.SHORT_ABANDONS_IGNORED: 81.90,
    }


async def test_what_was_offered_is_what_was_answered_abandoned_and_flowed_out(
    ledger: Ledger,
) -> None:
    await ledger.save_call(call("c-1", *a_thousand_and_sixty()))
    [line] = await asked(ledger)
    assert (line.answered, line.answered_in_time) == (1000, 860)
    assert (line.abandoned, line.abandoned_in_time, line.abandoned_short) == (60, 20, 10)
    assert line.flow_outs == {"callback": 3, "timeout": 7}
    assert line.offered == 1070
    assert line.abandonment_rate == pytest.approx(50 / 1060)
    assert line.abandonment_rate_with_short == pytest.approx(60 / 1070)


async def test_another_target_changes_the_past_of_its_queue_alone(ledger: Ledger) -> None:
    await ledger.save_call(call("c-1", visit(30), visit(2, "abandoned"), visit(30, queue="sales")))
    sales, support = await asked(ledger, support=ServiceLevel(seconds=30))
    assert (sales.service_level, support.service_level) == (0.0, 1.0)
    [_, strict] = await asked(ledger, support=ServiceLevel(seconds=30, short_abandon_seconds=1.9))
    assert strict.service_level == 0.5


async def test_what_is_asked_for_goes_before_the_queue_s_own_target(ledger: Ledger) -> None:
    await ledger.save_call(call("c-1", visit(30), visit(30, queue="gone")))
    own = {"support": QueueSettings(name="support", service_level=ServiceLevel(percent=90))}
    asked_for = Targets(own, {"seconds": 30, "formula": Formula.ABANDONS_MISSED})
    gone, support = await Reports(ledger).queues(HOUR, asked_for)
    assert (support.target_percent, support.target_seconds) == (90, 30)
    assert (gone.target_percent, gone.target_seconds) == (80, 30)
    assert gone.formula is support.formula is Formula.ABANDONS_MISSED
    assert (gone.service_level, support.service_level) == (1.0, 1.0)


async def test_a_queue_where_nobody_stayed_has_no_service_level(ledger: Ledger) -> None:
    await ledger.save_call(call("c-1", visit(9, "full"), visit(1, "abandoned")))
    [line] = await asked(ledger)
    assert (line.offered, line.service_level, line.asa_seconds, line.aht_seconds) == (
        2, None, None, None,
    )  # fmt: skip
    await ledger.save_call(call("c-2", visit(2, "abandoned", queue="sales")))
    [sales, _] = await asked(ledger)
    assert (sales.abandonment_rate, sales.abandonment_rate_with_short) == (None, 1.0)


# -- waits -----------------------------------------------------------------------------------------


async def test_waits_are_those_of_all_and_the_asa_is_that_of_the_answered(ledger: Ledger) -> None:
    await ledger.save_call(
        call("c-1", visit(1), visit(2.5), visit(100, "abandoned"), visit(40, "timeout"))
    )
    [line] = await asked(ledger)
    assert line.asa_seconds == 1.75
    assert line.mean_wait_seconds == 35.875
    assert line.longest_wait_seconds == 100


async def test_a_percentile_is_the_wait_that_so_many_did_not_exceed(ledger: Ledger) -> None:
    await ledger.save_call(call("c-1", *(visit(float(n)) for n in range(40, 0, -1))))
    [line] = await asked(ledger)
    assert (line.p50_wait_seconds, line.p90_wait_seconds, line.p95_wait_seconds) == (20, 36, 38)


# -- work ------------------------------------------------------------------------------------------


async def test_talk_hold_and_wrap_up_are_the_handling_of_the_answered(ledger: Ledger) -> None:
    talk = [
        work(SegmentKind.QUEUE, 0, 10),
        work(SegmentKind.TALK, 10, 60.5),
        work(SegmentKind.HOLD, 70.5, 9.5),
        work(SegmentKind.TALK, 80, 20),
    ]
    await ledger.save_call(call("c-1", visit(10), segments=talk))
    await ledger.save_call(call("c-2", visit(4), segments=[work(SegmentKind.TALK, 4, 10)]))
    await ledger.save_wrap_up("c-1", work(SegmentKind.WRAP_UP, 100, 5.25))
    [line] = await asked(ledger)
    assert (line.talk_seconds, line.hold_seconds, line.wrap_up_seconds) == (90.5, 9.5, 5.25)
    assert line.aht_seconds == 105.25 / 2


async def test_work_counts_where_its_contact_entered_even_after_a_transfer_back(
    ledger: Ledger,
) -> None:
    """Queue support, answered; moved to sales, answered; moved back to support, answered."""
    visits = (visit(5), visit(5, after=100, queue="sales"), visit(5, after=1000))
    talks = [
        work(SegmentKind.TALK, 5, 95),
        work(SegmentKind.TALK, 105, 895, "sales"),
        work(SegmentKind.TALK, 1005, 7),
    ]
    await ledger.save_call(call("c-1", *visits, segments=talks))
    await ledger.save_wrap_up("c-1", work(SegmentKind.WRAP_UP, 100, 11))
    await ledger.save_wrap_up("c-1", work(SegmentKind.WRAP_UP, 1012, 13))
    lines = await asked(ledger, Period(T, T + 3600, 900))
    assert [
        (line.queue, line.started - T, line.talk_seconds, line.wrap_up_seconds) for line in lines
    ] == [("sales", 0, 895, 0), ("support", 0, 95, 11), ("support", 900, 7, 13)]


# -- intervals -------------------------------------------------------------------------------------


async def test_contacts_count_in_the_interval_in_which_they_came(ledger: Ledger) -> None:
    moments = [-0.000001, 0.0, 899.999999, 900.0, 2700.0, 3599.999999, 3600.0]
    await ledger.save_call(call("c-1", *(visit(1000, after=moment) for moment in moments)))
    lines = await asked(ledger, Period(T, T + 3600, 900))
    assert [(line.started - T, line.ended - T, line.offered) for line in lines] == [
        (0, 900, 2), (900, 1800, 1), (2700, 3600, 2),
    ]  # fmt: skip
    [whole] = await asked(ledger)
    assert (whole.started, whole.ended, whole.offered) == (T, T + 3600, 5)


async def test_the_last_interval_ends_with_the_time_asked_for(ledger: Ledger) -> None:
    await ledger.save_call(call("c-1", visit(1, after=2000)))
    [line] = await asked(ledger, Period(T, T + 2100, 1800))
    assert (line.started - T, line.ended - T) == (1800, 2100)


async def test_an_empty_ledger_has_no_lines(ledger: Ledger) -> None:
    assert await asked(ledger, Period(T, T + 3600, 900)) == []
    assert await Reports(ledger).agents(T, T + 3600) == []


# -- agents ----------------------------------------------------------------------------------------


async def test_occupancy_is_work_beside_readiness_without_pauses_and_ringing(
    ledger: Ledger,
) -> None:
    moment = T - 50
    for state, seconds in (
        ("ready", 150), ("offered", 20), ("talking", 200), ("wrap_up", 50), ("paused", 500),
        ("ready", 150), ("not_responding", 30), ("logged_out", 5000),
    ):  # fmt: skip
        stretch = replace(STRETCH, state=state, started=moment, ended=moment + seconds)
        await ledger.save_agent_stretch(stretch)
        moment += seconds
    outcomes = ["answered", "timed_out", "answered", "caller_left"]
    offers = tuple(
        OfferMade(f"c-1-a{n}", "support", "mai", T + n, T + n + 5, outcome)
        for n, outcome in enumerate(outcomes)
    )
    late = OfferMade("c-1-a9", "support", "mai", T + 1200, T + 1201, "rejected")
    await ledger.save_call(replace(CALL, offers=(*offers, late), parties=(), transfers=()))
    assert await Reports(ledger).agents(T, T + 1200) == [
        AgentLine(
            "mai",
            logged_in_seconds=1050,
            billable_seconds=550,
            seconds={
                "ready": 250, "offered": 20, "talking": 200, "wrap_up": 50, "paused": 500,
                "not_responding": 30, "logged_out": 150,
            },
            pauses={"": 500},
            occupancy=0.5,
            offers={"answered": 2, "caller_left": 1, "timed_out": 1},
            handling=Handling(),
        )
    ]  # fmt: skip


async def test_pauses_are_told_by_reason_and_training_is_paid(ledger: Ledger) -> None:
    moment = T
    for state, reason, seconds in (
        ("ready", "", 100), ("paused", "lunch", 60), ("paused", "training", 30), ("ready", "", 10),
        ("paused", "lunch", 5),
    ):  # fmt: skip
        ended = moment + seconds
        stretch = replace(STRETCH, state=state, reason=reason, started=moment, ended=ended)
        await ledger.save_agent_stretch(stretch)
        moment = ended
    [line] = await Reports(ledger).agents(T, T + 3600, ["training"])
    assert line.pauses == {"lunch": 65, "training": 30}
    assert (line.logged_in_seconds, line.billable_seconds) == (205, 140)


async def test_who_only_paused_has_no_occupancy(ledger: Ledger) -> None:
    await ledger.save_agent_stretch(replace(STRETCH, state="paused"))
    [line] = await Reports(ledger).agents(T, T + 3600)
    assert (line.agent, line.occupancy, line.offers) == ("mai", None, {})


# -- messages --------------------------------------------------------------------------------------


async def test_messages_are_counted_apart_and_in_no_figure_of_callers(ledger: Ledger) -> None:
    await ledger.save_call(
        call("c-1", visit(10), segments=[work(SegmentKind.TALK, 10, 60)]),
    )
    await ledger.save_call(
        call("vm-c-2.1", visit(7200), segments=[work(SegmentKind.TALK, 7200, 30)]),
    )
    await ledger.save_call(call("vm-c-3.1", visit(100, "moved", after=5)))
    [line] = await asked(ledger)
    assert (line.offered, line.answered, line.asa_seconds, line.aht_seconds) == (1, 1, 10, 60)
    assert (line.longest_wait_seconds, line.flow_outs, line.abandoned) == (10, {}, 0)
    assert (line.voicemails, line.voicemails_answered) == (2, 1)
    assert line.voicemail_wait_seconds == 7200


async def test_a_queue_to_which_only_messages_came_has_a_line_too(ledger: Ledger) -> None:
    await ledger.save_call(call("vm-c-2.1", visit(60, after=2000)))
    half_hours = Period(T, T + 3600, 1800)
    [line] = await asked(ledger, half_hours)
    assert (line.started, line.offered, line.voicemails) == (T + 1800, 0, 1)
    assert (line.service_level, line.longest_wait_seconds, line.p95_wait_seconds) == (None, 0, 0)
