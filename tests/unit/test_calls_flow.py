"""A caller in a flow of a running engine: what is done for him, and what is not done any more."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from acd.messages import ContactLeft, Expire, ExpireReason, LeaveReason, Moved
from acd.queues import CallbackSettings, Destination, DestinationKind
from dialplan.hours import Calendar, Span
from dialplan.inbound import Route
from engine.call_record import CallOutcome, CallRecord
from engine.calls.call import Call
from engine.calls.flows.plays import LONGEST_SECONDS
from engine.calls.mail import SpeechHeard, SpeechStarted
from engine.ivr.flowset import FlowSet
from engine.ivr.interpreter import HANG_UP_SECONDS
from engine.ivr.schema import Flow
from engine.lookups.result import LookupResult
from engine.ports import DigitPressed
from tests.unit.fake_pbx import Phone
from tests.unit.ivr_caller import BYE, ends, flow_of, menu
from tests.unit.small_center import MENU, SUPPORT, SmallCenter, SmallSite, Truth, opened, small_site
from tests.unit.virtual_time import in_virtual_time

CALLER = "100.1"
HTTP = {"type": "http", "url": "http://crm.example/customer", "ok": "known", "error": "unknown"}
GOLD = LookupResult("ok", 200, {"tier": "gold"})


def site_with(*flows: Flow, **queue: Any) -> SmallSite:
    """A site whose number leads to the first of these flows."""
    site = small_site(**queue)
    site.flows = {flow.name: flow for flow in flows}
    site.table[MENU] = Route(MENU, "flow", flows[0].name, "en")
    return site


async def calling(*flows: Flow, **queue: Any) -> SmallCenter:
    """A center with a caller in the first of these flows."""
    center = await opened(site_with(*flows, **queue))
    center.switch.arrive(CALLER, MENU)
    return center


async def over(center: SmallCenter) -> CallRecord:
    """Everybody has hung up and all is in order."""
    await center.until_over()
    Truth(center).check()
    await center.kill()
    return center.books.of(CALLER)


def commands(center: SmallCenter, *names: str) -> list[str]:
    """What was done at the switch for the caller, in order."""
    done = [command for command in center.switch.commands if command[1:2] == (CALLER,)]
    return [command[0] for command in done if not names or command[0] in names]


def said(center: SmallCenter) -> list[str]:
    """The prompts that were begun, in order."""
    plays = [command[3:] for command in center.switch.commands if command[0] == "play"]
    return [media.rpartition("/")[2] for play in plays for media in play]


def path(record: CallRecord) -> list[tuple[str, str]]:
    """The nodes and how each was left."""
    return [(visit.node, visit.exit) for visit in record.nodes]


# -- lookups ------------------------------------------------------------------------------------


@in_virtual_time
async def test_a_caller_is_known_and_his_record_says_how_long_it_took_and_not_what() -> None:
    flow = flow_of({"look": {**HTTP, "lookup": "crm"}, **ends("known", "unknown")})
    center = await opened(site_with(flow))
    center.hosts.answers["crm"] = (LookupResult("ok", 200, {"tier": "gold"}, took=0.3), 0.3)
    center.switch.arrive(CALLER, MENU)
    record = await over(center)
    assert said(center) == ["known"]
    assert record.outcome is CallOutcome.SELF_SERVED
    assert ("lookup", "crm: ok (300 ms)") in [(step.event, step.detail) for step in record.steps]
    assert "gold" not in str(record.steps)


@in_virtual_time
async def test_a_key_during_a_lookup_is_for_the_menu_behind_it() -> None:
    flow = flow_of(
        {
            "look": {**HTTP, "ok": "choose", "timeout_seconds": "5"},
            "choose": menu({"1": "one", "2": "two"}),
            **ends("one", "two", "silent", "lost", "unknown"),
        }
    )
    center = await opened(site_with(flow))
    center.hosts.answers["look"] = (GOLD, 2.0)
    center.switch.arrive(CALLER, MENU)
    await asyncio.sleep(1)
    center.switch.press(CALLER, "2")
    await over(center)
    assert said(center) == ["two"]


@in_virtual_time
async def test_a_caller_hears_something_while_he_waits_and_it_ends_with_the_answer() -> None:
    look = {**HTTP, "filler": "one_moment", "filler_after_seconds": "1", "timeout_seconds": "5"}
    center = await opened(site_with(flow_of({"look": look, **ends("known", "unknown")})))
    center.hosts.answers["look"] = (GOLD, 1.5)
    center.switch.arrive(CALLER, MENU)
    await over(center)
    assert said(center) == ["one_moment", "known"]
    assert commands(center, "play", "stop_playback") == ["play", "stop_playback", "play"]


@in_virtual_time
async def test_who_hangs_up_during_a_lookup_is_told_nothing_and_nobody_asks_on() -> None:
    flow = flow_of({"look": {**HTTP, "timeout_seconds": "20"}, **ends("known", "unknown")})
    center = await opened(site_with(flow))
    center.hosts.answers["look"] = (GOLD, 10.0)
    center.switch.arrive(CALLER, MENU)
    await asyncio.sleep(1)
    center.switch.put_down(CALLER)
    await asyncio.sleep(1)
    assert [t for t in asyncio.all_tasks() if t.get_name().startswith("lookup")] == []
    record = await over(center)
    assert path(record) == [("look", "hangup")]
    assert record.outcome is CallOutcome.ABANDONED


@in_virtual_time
async def test_a_fault_of_ours_in_a_lookup_leaves_by_its_error() -> None:
    center = await opened(site_with(flow_of({"look": HTTP, **ends("known", "unknown")})))
    center.hosts.answers["look"] = (GOLD, None)  # type: ignore[assignment]
    center.switch.arrive(CALLER, MENU)
    with capture_logs() as logs:
        await over(center)
    assert said(center) == ["unknown"]
    assert "lookup_failed" in [entry["event"] for entry in logs]


# -- after the hang-up --------------------------------------------------------------------------


def farewell(**asking: object) -> Flow:
    """When he hangs up: a tag, a request, and another tag."""
    return flow_of(
        {
            "choose": menu({"1": "bye"}),
            "note": {"type": "tag", "values": {"left": "'early'"}, "next": "tell"},
            "tell": asking,
            "noted": {"type": "tag", "values": {"told": "true"}, "next": "bye"},
            "failed": {"type": "tag", "values": {"failed": "true"}, "next": "bye"},
            "bye": BYE,
            **ends("silent", "lost"),
        },
        on_hangup="note",
    )


FAREWELL = farewell(
    **HTTP | {"method": "POST", "timeout_seconds": "30", "ok": "noted", "error": "noted"}
)


@in_virtual_time
async def test_what_is_to_be_done_when_he_hangs_up_is_done_without_him() -> None:
    center = await opened(site_with(FAREWELL))
    center.hosts.answers["tell"] = (GOLD, 2.0)
    center.switch.arrive(CALLER, MENU)
    await asyncio.sleep(0.5)
    center.switch.put_down(CALLER)
    record = await over(center)
    assert {tag.name: tag.value for tag in record.tags} == {"left": "early", "told": "true"}
    assert record.outcome is CallOutcome.ABANDONED
    assert path(record)[0] == ("choose", "hangup")
    assert said(center) == ["choose"]


@in_virtual_time
async def test_it_may_take_five_seconds_and_no_longer() -> None:
    center = await opened(site_with(FAREWELL))
    center.hosts.answers["tell"] = (GOLD, 25.0)
    center.switch.arrive(CALLER, MENU)
    await asyncio.sleep(0.5)
    center.switch.put_down(CALLER)
    await asyncio.sleep(HANG_UP_SECONDS - 0.5)
    assert CALLER in center.registry.calls
    await asyncio.sleep(1)
    assert CALLER not in center.registry.calls
    record = await over(center)
    assert [tag.name for tag in record.tags] == ["left"]


@in_virtual_time
async def test_a_survey_goes_on_behind_what_was_answered_before_a_crash() -> None:
    questions = [
        {"id": "score", "prompts": "how_good", "keys": "1-5", "variable": "score"},
        {"id": "why", "prompts": "tell_why", "keys": "1-5", "when": "int(score) < 3"},
    ]
    exits = {"done": "keep", "partial": "lost", "refused": "lost"}
    flow = flow_of(
        {
            "ask": {"type": "survey", "survey": "talk", "invitation": "invite",
                    "questions": questions, **exits},
            "keep": {"type": "tag", "values": {"score": "score"}, "next": "bye"},
            **ends("bye", "lost"),
        }
    )  # fmt: skip
    center = await calling(flow)
    await asyncio.sleep(10)
    center.switch.press(CALLER, "2")
    await asyncio.sleep(1)
    before = len(said(center))
    center = await next_engine(center)
    await asyncio.sleep(1)
    center.switch.press(CALLER, "4")
    record = await over(center)
    assert said(center)[before:] == ["tell_why", "bye"]
    assert [(answer.question, answer.value) for answer in record.answers] == [
        ("score", "2"),
        ("why", "4"),
    ]
    assert [tag.value for tag in record.tags] == ["2"]


async def _gone_and_engine_dies(flow: Flow, after: float) -> tuple[SmallCenter, CallRecord]:
    """He hangs up, his flow asks for two seconds, and ``after`` some of it the engine dies."""
    center = await opened(site_with(flow))
    center.hosts.answers["tell"] = (GOLD, 2.0)
    center.switch.arrive(CALLER, MENU)
    await asyncio.sleep(0.5)
    center.switch.put_down(CALLER)
    await asyncio.sleep(after)
    center = await next_engine(center)
    return center, await over(center)


@in_virtual_time
async def test_what_is_left_to_do_when_he_hung_up_is_done_after_a_crash() -> None:
    read = farewell(**HTTP | {"ok": "noted", "error": "noted"})
    center, record = await _gone_and_engine_dies(read, after=1.0)
    assert len(center.hosts.asked) == 1
    assert {tag.name: tag.value for tag in record.tags} == {"left": "early", "told": "true"}
    nodes = [visit.node for visit in record.nodes]
    assert nodes == ["choose", "note", "tell", "noted", "bye"]
    assert record.outcome is CallOutcome.ABANDONED


@in_virtual_time
async def test_an_order_that_may_have_been_sent_before_a_crash_is_not_sent_again() -> None:
    order = farewell(**HTTP | {"method": "POST", "ok": "noted", "error": "failed"})
    center, record = await _gone_and_engine_dies(order, after=1.0)
    assert center.hosts.asked == []
    assert [tag.name for tag in record.tags] == ["left", "failed"]
    assert path(record)[2] == ("tell", "error")


async def _engine_dies_in_a_request(
    waits_for: str, stays: bool = True, **asking: str
) -> tuple[SmallCenter, CallRecord]:
    """A caller whose flow asks for two seconds; the engine dies after one of them."""
    look = {**HTTP, **asking}
    flow = flow_of({"look": look, "note": look | {"error": "known"}, **ends("known", "unknown")})
    center = await opened(site_with(flow.model_copy(update={"on_hangup": "note"})))
    center.hosts.answers[waits_for] = (GOLD, 2.0)
    center.switch.arrive(CALLER, MENU)
    await asyncio.sleep(1)
    assert len(center.hosts.asked) == 1
    await center.kill()
    if not stays:
        center.switch.put_down(CALLER)
    center = await next_engine(center)
    return center, await over(center)


@in_virtual_time
async def test_an_order_is_not_sent_again_when_the_engine_died_before_its_answer() -> None:
    center, record = await _engine_dies_in_a_request("look", method="POST")
    assert center.hosts.asked == []
    assert path(record) == [("look", "error"), ("unknown", "end")]
    assert "alarm" in [step.event for step in record.steps]


@in_virtual_time
@pytest.mark.parametrize("asking", [{}, {"method": "POST", "headers": {"Idempotency-Key": "k"}}])
async def test_what_is_safe_to_ask_twice_is_asked_again_after_a_crash(asking: Any) -> None:
    center, record = await _engine_dies_in_a_request("look", **asking)
    assert len(center.hosts.asked) == 1
    assert path(record) == [("look", "ok"), ("known", "end")]


@in_virtual_time
async def test_who_hangs_up_while_no_engine_is_there_has_his_flow_closed_and_no_order_twice() -> (
    None
):
    center, record = await _engine_dies_in_a_request("look", stays=False, method="POST")
    assert [request.name for request in center.hosts.asked] == ["note"]
    assert path(record)[:2] == [("look", "hangup"), ("note", "error")]


@in_virtual_time
async def test_what_was_done_when_he_hung_up_is_not_done_again_after_a_crash() -> None:
    read = farewell(**HTTP | {"ok": "noted", "error": "noted"})
    center, record = await _gone_and_engine_dies(read, after=3.0)
    assert center.hosts.asked == []
    assert [tag.name for tag in record.tags] == ["left", "told"]


@in_virtual_time
async def test_a_command_that_fails_because_he_hangs_up_just_now_is_his_hang_up() -> None:
    flow = flow_of(
        {
            "say": {"type": "say", "prompts": "notice", "next": "answer"},
            "answer": {"type": "answer", "next": "bye"},
            "note": {"type": "tag", "values": {"left": "'early'"}, "next": "bye"},
            "bye": BYE,
        },
        on_hangup="note",
    )
    center = await calling(flow)
    await asyncio.sleep(0.5)
    center.switch.delays[CALLER] = 0.3  # the news of his end is late
    center.switch.put_down(CALLER)
    await asyncio.sleep(0.1)
    center.registry.deliver(DigitPressed(center.clock.now(), CALLER, "1"))
    record = await over(center)
    assert commands(center)[-1] == "answer"
    assert (record.outcome, record.ended_by) == (CallOutcome.ABANDONED, "caller")
    assert [tag.name for tag in record.tags] == ["left"]


@in_virtual_time
async def test_who_leaves_as_a_command_fails_holds_no_place_while_his_flow_is_closed() -> None:
    flow = flow_of(
        {
            "wait": {"type": "queue", "queue": "support", "timeout": "bye", "full": "bye",
                     "no_agents": "bye"},
            "look": {**HTTP, "timeout_seconds": "20"},
            **ends("known", "unknown", "bye"),
        },
        on_hangup="look",
    )  # fmt: skip
    center = await opened(site_with(flow, hold_when_unstaffed=True))
    center.hosts.answers["look"] = (GOLD, 4.0)
    center.switch.arrive(CALLER, MENU)
    await asyncio.sleep(1)
    assert len(center.desk.acd.queues(center.clock.now())[0].waiting) == 1
    center.switch.delays[CALLER] = 0.3  # the news of his end is late
    center.switch.put_down(CALLER)
    center.registry.calls[CALLER].deliver(Moved(CALLER, "support", "support", "music"))
    await asyncio.sleep(2)
    assert CALLER in center.registry.calls, "his flow asks yet"
    assert center.desk.acd.queues(center.clock.now())[0].waiting == ()
    record = await over(center)
    assert path(record) == [("wait", "hangup"), ("look", "ok"), ("known", "end")]


@in_virtual_time
async def test_who_is_dismissed_by_the_api_has_his_flow_closed_too() -> None:
    center = await opened(site_with(FAREWELL))
    center.switch.arrive(CALLER, MENU)
    await asyncio.sleep(0.5)
    await center.registry.dismiss(center.registry.calls[CALLER])
    record = await over(center)
    assert record.outcome is CallOutcome.DISMISSED
    assert "left" in [tag.name for tag in record.tags]


# -- before the answer --------------------------------------------------------------------------


EARLY = {"say": {"type": "say", "prompts": "notice", "next": "answer"}}


@in_virtual_time
async def test_a_flow_that_answers_itself_speaks_before_and_lets_it_ring() -> None:
    answer = {"type": "answer", "ring_seconds": "3", "next": "bye"}
    center = await calling(flow_of({**EARLY, "answer": answer, **ends("bye")}))
    await asyncio.sleep(2)  # the notice, and into the ringing
    assert commands(center) == ["play", "ring"]
    center.switch.press(CALLER, "1")  # means nothing
    record = await over(center)
    assert commands(center)[:4] == ["play", "ring", "answer", "play"]
    assert record.answered is not None
    assert record.answered - record.arrived == 4.0


@in_virtual_time
async def test_a_flow_that_does_not_is_answered_at_once() -> None:
    center = await calling(
        flow_of({"say": {"type": "say", "prompts": "hello", "next": "bye"}, "bye": BYE})
    )
    await over(center)
    assert commands(center)[:2] == ["answer", "play"]


@in_virtual_time
async def test_who_is_sent_to_a_queue_before_the_answer_is_answered_first() -> None:
    flow = flow_of(
        {
            "open": {"type": "hours", "calendar": "office", "open": "queue", "closed": "answer"},
            "answer": {"type": "answer", "next": "bye"},
            "queue": {
                "type": "queue",
                "queue": "support",
                **{exit_: "bye" for exit_ in ("timeout", "full", "no_agents")},
            },
            "bye": BYE,
        }
    )
    center = await calling(flow, max_wait_seconds=3)
    await asyncio.sleep(1)
    assert commands(center) == ["answer", "start_music"]
    await over(center)


@in_virtual_time
async def test_a_network_is_told_that_the_number_is_busy() -> None:
    flow = flow_of(
        {
            "open": {"type": "hours", "calendar": "office", "open": "busy", "closed": "answer"},
            "answer": {"type": "answer", "next": "busy"},
            "busy": {"type": "hangup", "cause": "busy"},
        }
    )
    center = await calling(flow)
    record = await over(center)
    assert ("hang_up", CALLER, "busy") in center.switch.commands
    assert (record.answered, record.outcome) == (None, CallOutcome.SELF_SERVED)


# -- versions -----------------------------------------------------------------------------------


def say_then_ask(word: str) -> Flow:
    """Says its version, asks, and says its version again."""
    return flow_of(
        {
            "choose": menu({"1": "again"}, prompts=f"ask_{word}"),
            "again": {"type": "say", "prompts": f"again_{word}", "next": "bye"},
            "bye": BYE,
            **ends("silent", "lost"),
        }
    )


def publish(center: SmallCenter, flow: Flow, version: str) -> None:
    """A new version is in force; the old one is kept as long as calls are in it."""
    site = center.site
    site.older_flows[site.version] = FlowSet(dict(site.flows), site.version)
    site.flows, site.version = {flow.name: flow}, version


@in_virtual_time
async def test_a_caller_goes_on_in_the_version_that_he_began_with() -> None:
    center = await calling(say_then_ask("old"))
    await asyncio.sleep(0.5)
    publish(center, say_then_ask("new"), "v2")
    center.switch.press(CALLER, "1")
    record = await over(center)
    assert said(center) == ["ask_old", "again_old"]
    assert record.flow_version == "v1"


@in_virtual_time
async def test_the_next_caller_hears_the_new_one() -> None:
    center = await calling(say_then_ask("old"))
    await asyncio.sleep(0.5)
    publish(center, say_then_ask("new"), "v2")
    center.switch.put_down(CALLER)
    center.switch.arrive("200.1", MENU)
    await asyncio.sleep(1)
    center.switch.put_down("200.1")
    await over(center)
    assert said(center) == ["ask_old", "ask_new"]
    assert center.books.of("200.1").flow_version == "v2"


async def next_engine(dead: SmallCenter) -> SmallCenter:
    """Kill an engine and start another one a second later."""
    await dead.kill()
    await asyncio.sleep(1)
    center = dead.successor()
    center.hosts.answers = dead.hosts.answers
    await center.start()
    return center


@in_virtual_time
async def test_he_goes_on_in_it_also_after_a_crash() -> None:
    center = await calling(say_then_ask("old"))
    await asyncio.sleep(0.5)
    publish(center, say_then_ask("new"), "v2")
    center = await next_engine(center)
    await asyncio.sleep(0.5)
    center.switch.press(CALLER, "1")
    record = await over(center)
    assert said(center) == ["ask_old", "ask_old", "again_old"]
    assert path(record) == [("choose", "1"), ("again", "next"), ("bye", "end")]


@in_virtual_time
async def test_who_hangs_up_while_no_engine_is_there_has_his_flow_closed_by_the_next_one() -> None:
    center = await opened(site_with(FAREWELL))
    center.hosts.answers["tell"] = (GOLD, 0.1)
    center.switch.arrive(CALLER, MENU)
    await asyncio.sleep(0.5)
    await center.kill()
    center.switch.put_down(CALLER)
    center = await next_engine(center)
    record = await over(center)
    assert [tag.name for tag in record.tags] == ["left", "told"]
    assert (record.outcome, record.ended_by) == (CallOutcome.ABANDONED, "caller")
    assert said(center) == ["choose"]


@in_virtual_time
async def test_when_nobody_has_his_version_any_more_he_goes_on_in_the_new_one() -> None:
    center = await calling(say_then_ask("old"))
    await asyncio.sleep(0.5)
    publish(center, say_then_ask("new"), "v2")
    center.site.older_flows.clear()
    center = await next_engine(center)
    await asyncio.sleep(0.5)
    center.switch.press(CALLER, "1")
    await over(center)
    assert said(center) == ["ask_old", "ask_new", "again_new"]


# -- flows in flows -----------------------------------------------------------------------------


OUTER = flow_of(
    {
        "first": {"type": "set", "variables": {"call.tier": "'gold'", "n": "7"}, "next": "inner"},
        "inner": {"type": "flow", "flow": "inner", "with": {"item": "n"}, "next": "last"},
        "last": {"type": "tag", "values": {"n": "n", "tier": "call.tier"}, "next": "bye"},
        "bye": BYE,
    }
)
INNER = Flow.model_validate(
    {
        "flow": "inner",
        "start": "choose",
        "params": {"item": {"as": "integer"}},
        "nodes": {
            "choose": menu({"1": "tag"}),
            "tag": {"type": "tag", "values": {"item": "item"}, "next": "back"},
            "back": {"type": "return"},
            **ends("silent", "lost"),
        },
    }
)


@in_virtual_time
async def test_after_a_crash_in_a_called_flow_he_is_there_and_comes_back_with_everything() -> None:
    center = await calling(OUTER, INNER)
    await asyncio.sleep(0.5)
    center = await next_engine(center)
    await asyncio.sleep(0.5)
    center.switch.press(CALLER, "1")
    record = await over(center)
    assert {tag.name: tag.value for tag in record.tags} == {"item": "7", "n": "7", "tier": "gold"}
    nodes = [visit.node for visit in record.nodes]
    assert nodes == ["first", "inner", "choose", "tag", "back", "last", "bye"]


@in_virtual_time
async def test_a_queue_sends_him_through_another_flow_and_the_first_is_over() -> None:
    queue = {
        "type": "queue",
        "queue": "support",
        **{exit_: "not_here" for exit_ in ("timeout", "full", "no_agents")},
    }
    late = Flow.model_validate(
        {
            "flow": "late",
            "start": "begin",
            "nodes": {
                "begin": {"type": "start", "next": "wrong", "after_queue": "sorry"},
                **ends("sorry", "wrong"),
            },
        }
    )
    flow = flow_of({"queue": queue, **ends("not_here")})
    overflow: Any = [{"when": "waited", "over": 5, "to": {"flow": "late"}}]
    center = await calling(flow, late, overflow=overflow)
    record = await over(center)
    assert said(center) == ["sorry"]
    assert path(record)[0] == ("queue", "sent_on")


# -- voice --------------------------------------------------------------------------------------


VOICE = flow_of(
    {
        "ask": {
            "type": "listen",
            "prompts": "which",
            "intents": {
                "sales": {"to": "sales", "phrases": {"en": ["sales"]}, "key": "1"},
                "help": {"to": "help", "phrases": {"en": ["help"]}, "key": "2"},
            },
            "nomatch": "lost",
            "noinput": "silent",
        },
        **ends("sales", "help", "silent", "lost"),
    }
)


class Recogniser:
    """Whoever is listened to says ``words``, half a second after it began."""

    def __init__(self, *words: SpeechHeard) -> None:
        self.words = list(words)
        self.did: list[str] = []

    def open(self, call: Call) -> Recogniser:
        self.call = call
        return self

    async def listen(self, phrases: Sequence[str], language: str) -> None:
        self.did.append(f"listen {language}: {', '.join(phrases)}")
        if self.words:
            loop = asyncio.get_running_loop()
            loop.call_later(0.5, self.call.deliver, SpeechStarted())
            loop.call_later(0.9, self.call.deliver, self.words.pop(0))

    async def stop(self) -> None:
        self.did.append("stop")

    async def close(self) -> None:
        self.did.append("close")


@in_virtual_time
async def test_a_caller_says_what_he_wants_and_cuts_the_prompt_by_it() -> None:
    center = await opened(site_with(VOICE))
    ears = center.switchboard.ears = Recogniser(SpeechHeard("help", 0.95, "help please"))
    center.switch.arrive(CALLER, MENU)
    record = await over(center)
    assert said(center) == ["which", "help"]
    assert ears.did[0] == "listen en: sales, help"
    assert ears.did[-1] == "close"
    assert "stop_playback" in commands(center)
    assert "95% sure" in str([step.detail for step in record.steps])


@in_virtual_time
async def test_without_a_recogniser_he_has_his_keys() -> None:
    center = await calling(VOICE)
    await asyncio.sleep(0.5)
    center.switch.press(CALLER, "1")
    await over(center)
    assert said(center)[-1] == "sales"


# -- troubles -----------------------------------------------------------------------------------


@in_virtual_time
async def test_a_prompt_whose_end_is_never_told_does_not_hold_him_for_ever() -> None:
    center = await opened(
        site_with(flow_of({"say": {"type": "say", "prompts": "a", "next": "bye"}, **ends("bye")}))
    )
    center.switch._played = lambda *_args, **_more: None  # type: ignore[method-assign]
    center.switch.arrive(CALLER, MENU)
    with capture_logs() as logs:
        await asyncio.sleep(LONGEST_SECONDS + 1)
    assert "playback_lost" in [entry["event"] for entry in logs]
    assert said(center) == ["a", "bye"]
    await center.kill()


@in_virtual_time
async def test_a_flow_that_runs_in_circles_gives_its_caller_to_safety() -> None:
    loop = {"type": "set", "variables": {"n": "1"}, "next": "again"}
    center = await calling(flow_of({"again": loop}))
    record = await over(center)
    assert record.outcome is CallOutcome.FAILED
    assert ("hand_over", CALLER, "engine-down", "s") in center.switch.commands


@in_virtual_time
async def test_a_talk_that_the_flow_follows_with_questions() -> None:
    flow = flow_of(
        {
            "queue": {
                "type": "queue",
                "queue": "support",
                "answered": "thanks",
                **{exit_: "bye" for exit_ in ("timeout", "full", "no_agents")},
            },
            "bye": BYE,
            **ends("thanks"),
        }
    )
    center = await opened(site_with(flow))
    center.log_in("anna")
    center.switch.phones["3001"] = Phone(answers=1.0, talks=10.0)
    center.switch.arrive(CALLER, MENU)
    record = await over(center)
    assert said(center)[-1] == "thanks"
    assert record.outcome is CallOutcome.ANSWERED
    assert path(record) == [("queue", "answered"), ("thanks", "end")]


@in_virtual_time
async def test_each_spoken_answer_of_a_survey_is_a_recording_of_its_own() -> None:
    questions = [
        {"id": name, "prompts": name, "message": "yes", "seconds": "10"} for name in ("good", "bad")
    ]
    survey = {"type": "survey", "survey": "talk", "questions": questions, "done": "bye"}
    flow = flow_of({"survey": {**survey, "partial": "bye", "refused": "bye"}, "bye": BYE})
    center = await calling(flow)
    for _ in questions:
        await asyncio.sleep(5)
        center.switch.press(CALLER, "#")
    record = await over(center)
    assert said(center) == ["good", "bad"]
    assert [(answer.question, answer.recording) for answer in record.answers] == [
        ("good", f"{CALLER}-s1"),
        ("bad", f"{CALLER}-s2"),
    ]


@in_virtual_time
async def test_variables_survive_in_the_journal_and_secrets_are_not_in_it() -> None:
    flow = flow_of(
        {
            "pin": {
                "type": "gather",
                "prompts": "your_pin",
                "variable": "pin",
                "secret": "yes",
                "min_digits": "4",
                "max_digits": "4",
                "ok": "wait",
                "noinput": "wait",
                "invalid": "wait",
            },
            "wait": menu({"1": "bye"}),
            "bye": BYE,
            **ends("silent", "lost"),
        }
    )
    center = await calling(flow)
    await asyncio.sleep(0.5)
    for key in "4711":
        center.switch.press(CALLER, key)
    await asyncio.sleep(0.5)
    center.switch.put_down(CALLER)
    await over(center)
    assert "4711" not in "".join(center.journal.history)
    notes = [note for note in center.journal.history if "NodeEntered" in note]
    assert len(notes) == 2


@in_virtual_time
async def test_a_customer_called_back_and_sent_through_a_flow_is_there_after_a_crash() -> None:
    late = Flow.model_validate(
        {
            "flow": "late",
            "start": "choose",
            "nodes": {"choose": menu({"1": "thanks"}), **ends("thanks", "silent", "lost")},
        }
    )
    home, again = "+84901234567", f"cb-{CALLER}"
    callback = CallbackSettings.model_validate({"first": "customer", "confirm": False})
    site = small_site(callback=callback)
    site.flows = {"late": late}
    center = await opened(site)
    center.switch.phones[home] = Phone(rings=0.2, answers=4)
    center.switch.phones["3001"] = Phone()
    center.switch.arrive(CALLER, SUPPORT, "0901234567")
    await asyncio.sleep(5)
    center.switch.press(CALLER, "1")
    await asyncio.sleep(5)
    center.log_in("anna")
    await asyncio.sleep(6)  # he is called, and waits on the line
    center.desk.post(ContactLeft(again, LeaveReason.LOST))
    to = Destination(kind=DestinationKind.FLOW, name="late")
    center.registry.calls[again].deliver(Expire(again, "support", ExpireReason.TIMEOUT, to))
    await asyncio.sleep(0.5)
    assert said(center)[-1] == "choose"
    center = await next_engine(center)
    await asyncio.sleep(0.5)
    (leg,) = center.switch.legs_of(home)
    center.switch.press(leg.id, "1")
    await center.until_over()
    assert said(center)[-1] == "thanks"
    record = center.books.of(again)
    assert [visit.node for visit in record.nodes] == ["choose", "thanks"]
    await center.kill()


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Ho_Chi_Minh"])
@in_virtual_time
async def test_a_callers_clock_is_that_of_the_number_he_dialed(zone: str) -> None:
    nodes = {"time": {"type": "tag", "values": {"hour": "call.hour"}, "next": "bye"}, "bye": BYE}
    site = site_with(flow_of(nodes))
    everyday = ((Span(0, 24 * 60),),) * 7
    site.calendars["local"] = Calendar("local", ZoneInfo(zone), everyday)
    site.table[MENU] = replace(site.table[MENU], calendar="local")
    center = await opened(site)
    center.switch.arrive(CALLER, MENU)
    record = await over(center)
    [hour] = [int(tag.value) for tag in record.tags]
    assert hour == datetime.fromtimestamp(record.arrived, ZoneInfo(zone)).hour
