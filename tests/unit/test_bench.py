"""What the benchmark counts, and how it makes callers leave."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench import app_queue, live
from bench.offer_latency import CALLERS, Latency, offers, patience
from bench.sip_agent import Message, Served

SHIPPED = Path(__file__).parents[2] / "asterisk-config"


def served(invited, freed):
    return Served(Message("INVITE sip:3001@127.0.0.1 SIP/2.0", {}), invited, None, freed=freed)


def test_callers_who_come_when_another_leaves_leave_with_the_gaps_that_were_drawn():
    gaps = [1.1, 2.0, 1.3, 1.7, 1.2, 1.9]
    left = []
    for number, stays in enumerate(patience(gaps)):
        came = 0.0 if number < CALLERS else left[number - CALLERS]
        left.append(came + stays)
    assert left == pytest.approx([sum(gaps[: n + 1]) for n in range(len(gaps))])


def test_an_offer_counts_from_the_end_of_the_call_before_it():
    calls = [served(10.0, 11.0), served(11.25, 12.0), served(12.5, 13.0)]
    assert offers(calls) == (0.25, 0.5)


def test_a_call_that_never_ended_at_the_phone_makes_no_figure():
    assert offers([served(10.0, None), served(11.0, 12.0)]) == ()


def test_the_figures_are_those_of_all_rounds_together_and_of_each_alone():
    latency = Latency(((0.2, 0.1, 0.9), (0.3, 0.4, 0.5)))
    assert latency.offers == (0.1, 0.2, 0.3, 0.4, 0.5, 0.9)
    assert latency.median == pytest.approx(0.35)
    assert latency.p95 == 0.9
    assert latency.medians == [0.2, 0.4]


def test_both_queues_are_given_the_same_work_by_the_same_side():
    for ours, theirs in zip(live.OURS, live.THEIRS, strict=True):
        assert replace(ours.work, number=theirs.work.number) == theirs.work
        assert theirs.work.number == app_queue.BEST_NUMBER


def test_the_product_brings_nothing_of_app_queue():
    assert not [
        file for file in SHIPPED.glob("*.conf") if "app_queue" in file.read_text(encoding="utf-8")
    ]
