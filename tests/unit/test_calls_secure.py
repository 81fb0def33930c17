"""A caller types his card in the middle of a talk: nobody else has a digit of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from engine.calls import registry
from engine.calls.announce import answer
from engine.calls.call import Call, CallerGone, Mail
from engine.calls.errands.call_recording import control
from engine.calls.flows.secure_run import ENDED, FAULT
from engine.calls.switchboard import Switchboard
from engine.calls.talk.secure import may_run, run_secure
from engine.ivr.schema import Flow
from engine.lookups.result import LookupResult
from engine.ports import Down, HoldChanged, LegGone
from tests.unit.fake_pbx import Phone
from tests.unit.ivr_caller import FLOWS, flow_of, load
from tests.unit.small_center import MENU, SmallCenter, opened
from tests.unit.test_calls_flow import CALLER, site_with
from tests.unit.virtual_time import in_virtual_time

CARD, EXPIRY, CVV = "4111111111111111", "1231", "987"
AGENTS_LEG = f"{CALLER}-a1"


def pay_flow(**settings: Any) -> Flow:
    """The payment of the example bank, for an agent's caller."""
    pay = load(FLOWS / "bank.yaml")["nodes"]["pay"]
    pay["gateway"] |= {"body": {"card": "{{ card }}", "cvv": "{{ cvv }}", "amount": "{{ amount }}"}}
    pay |= {name: "not_paid" for name in ("declined", "invalid", "cancelled", "gateway_error")}
    nodes = {
        "sum": {"type": "set", "variables": {"amount": "125000", "bill": "'B-7'"}, "next": "pay"},
        "pay": pay,
        "paid": {"type": "return", "as": "paid"},
        "not_paid": {"type": "return", "as": "not_paid"},
    }
    return flow_of(nodes, **settings)


@asynccontextmanager
async def secure(
    *flows: Flow,
    aside: Callable[[Mail], None] | None = None,
    recorded: bool = False,
    paused: bool = False,
    faults: Mapping[str, Exception] | None = None,
) -> AsyncIterator[tuple[SmallCenter, list[Any]]]:
    """A center whose caller is in a secure step; how that ended, and what was in the mailbox."""
    came: list[Any] = []

    async def story(call: Call, sb: Switchboard) -> str:
        await answer(call, sb)
        await call.receive()
        if recorded:
            await control(call, sb, "start")
        if paused:
            await control(call, sb, "pause", "anna")
        try:
            came.append(await run_secure(call, sb, flows[0].name, aside))
        except CallerGone:
            came.append("gone")
            raise
        while (mail := await call.receive(call.now() + 0.1)) is not None:
            came.append(mail)
        return "engine"

    patched = pytest.MonkeyPatch()
    patched.setitem(registry.STORIES, "inbound", story)
    center = await opened(site_with(*flows))
    center.switch.faults.update(faults or {})
    center.hosts.answers["pay.gateway"] = (LookupResult("ok", 200, {"token": "tok-1"}), 0.2)
    try:
        center.switch.arrive(CALLER, MENU)
        await asyncio.sleep(1)
        yield center, came
        await center.until_over()
    finally:
        patched.undo()
        await center.kill()


async def type_card(center: SmallCenter) -> None:
    """All that is asked for."""
    for keys in (f"{CARD}#", EXPIRY, CVV):
        await asyncio.sleep(2)
        for key in keys:
            center.switch.press(CALLER, key)
            await asyncio.sleep(0.1)
    await asyncio.sleep(2)


@in_virtual_time
async def test_a_card_is_paid_and_no_digit_of_it_is_written_anywhere() -> None:
    async with secure(pay_flow()) as (center, came):
        await type_card(center)
    assert came == ["paid"]
    [asked] = center.hosts.asked
    assert asked.body == {"card": CARD, "cvv": CVV, "amount": "125000"}
    record = center.books.of(CALLER)
    tags = {tag.name: tag.value for tag in record.tags}
    assert tags == {
        "amount": "125000",
        "bill": "B-7",
        "payment_token": "tok-1",
        "payment_brand": "visa",
    }
    written = str(record) + "".join(center.journal.history)
    for digits in (CARD, CARD[:6], EXPIRY, CVV):
        assert digits not in written.replace(CALLER, "")


@in_virtual_time
async def test_a_recording_of_the_whole_call_has_nothing_of_the_secure_step() -> None:
    async with secure(pay_flow(), recorded=True) as (center, came):
        paused = [dict(center.switch.paused)]
        await type_card(center)
        paused.append(dict(center.switch.paused))
    assert came == ["paid"]
    assert [list(each) for each in paused] == [[f"{CALLER}-i1"], []]
    wanted = [line for line in center.journal.history if "RecordingWanted" in line]
    assert ["pause" in line for line in wanted] == [False, True, False], "the payment adds none"


@in_virtual_time
async def test_a_pause_that_the_agent_wanted_before_goes_on_afterwards() -> None:
    async with secure(pay_flow(), recorded=True, paused=True) as (center, came):
        await type_card(center)
    assert came == ["paid"]
    wanted = [line for line in center.journal.history if "RecordingWanted" in line]
    assert ["pause" in line for line in wanted] == [False, True], "nobody has ended it"


@in_virtual_time
async def test_what_happens_to_the_agent_meanwhile_is_in_the_mailbox_afterwards() -> None:
    async with secure(pay_flow()) as (center, came):
        center.switch.phones["3001"] = Phone(answers=0.1)
        held = HoldChanged(center.clock.now(), AGENTS_LEG, True)
        gone = LegGone(center.clock.now(), AGENTS_LEG, 16)
        center.registry.deliver(held)
        center.registry.deliver(gone)
        await type_card(center)
    assert came == ["paid", held, gone]


@in_virtual_time
async def test_who_wants_the_other_mail_at_once_has_it_at_once() -> None:
    mails: list[Mail] = []
    async with secure(pay_flow(), aside=mails.append) as (center, came):
        gone = LegGone(center.clock.now(), AGENTS_LEG, 16)
        center.registry.deliver(gone)
        await asyncio.sleep(0.1)
        assert mails == [gone]
        await type_card(center)
    assert came == ["paid"]


@in_virtual_time
async def test_a_caller_who_hangs_up_while_he_types_is_gone_for_the_talk() -> None:
    async with secure(pay_flow()) as (center, came):
        center.switch.press(CALLER, "4")
        center.switch.put_down(CALLER)
    assert came == ["gone"]


@in_virtual_time
async def test_a_caller_who_types_nothing_is_back_by_the_return_of_that() -> None:
    async with secure(pay_flow()) as (center, came):
        await asyncio.sleep(60)
    assert came == ["not_paid"]
    assert center.books.of(CALLER).recordings == ()


@in_virtual_time
async def test_a_flow_that_fails_is_a_fault_and_costs_nobody_his_talk() -> None:
    wrong = {"type": "set", "variables": {"x": "1 / 0"}, "next": "out"}
    async with secure(flow_of({"go": wrong, "out": {"type": "return"}})) as (_, came):
        pass
    assert came == [FAULT]


@in_virtual_time
async def test_a_return_without_a_name_is_just_the_end() -> None:
    said = {"type": "say", "prompts": "held", "next": "out"}
    async with secure(flow_of({"go": said, "out": {"type": "return"}})) as (center, came):
        await asyncio.sleep(1)
    assert came == [ENDED]
    assert center.books.of(CALLER).nodes == (), "it is no part of the flow that he came by"


@in_virtual_time
async def test_keys_typed_in_a_plain_question_are_not_in_the_ladder_either() -> None:
    ask = {
        "type": "gather",
        "prompts": "account",
        "variable": "account",
        "min_digits": "6",
        "max_digits": "6",
        **{name: "out" for name in ("ok", "noinput", "invalid")},
    }
    async with secure(flow_of({"go": ask, "out": {"type": "return"}})) as (center, came):
        for key in "808182":
            center.switch.press(CALLER, key)
            await asyncio.sleep(0.1)
    assert came == [ENDED]
    record = center.books.of(CALLER)
    assert "808182" not in str(record.steps)
    assert [(tag.name, tag.value) for tag in record.tags] == [("account", "808182")]


@in_virtual_time
async def test_a_caller_is_asked_for_nothing_while_he_may_be_recorded() -> None:
    faults: dict[str, Exception] = dict.fromkeys(
        ("pause_recording", "stop_recording"), Down("no answer")
    )
    async with secure(pay_flow(), recorded=True, faults=faults) as (center, came):
        await asyncio.sleep(5)
    assert came == []
    assert not [command for command in center.switch.commands if command[0] == "play"]


@pytest.mark.parametrize(
    ("nodes", "why"),
    [
        ({"go": {"type": "return"}}, ""),
        ({"go": {"type": "hangup"}}, "flow `test`: node `go` (hangup) cannot be in a talk"),
        (
            {"go": {"type": "queue", "queue": "support"}},
            "flow `test`: node `go` (queue) cannot be in a talk",
        ),
        ({"go": {"type": "flow", "flow": "no", "next": "go"}}, "there is no flow `no`"),
        ({"go": {"type": "flow", "flow": "deep", "next": "go"}}, "flow `deep`: node `x` (record)"),
    ],
)
def test_what_would_take_the_caller_elsewhere_may_not_run_in_a_talk(
    nodes: dict[str, Any], why: str
) -> None:
    deep = flow_of({"x": {"type": "record", "do": "start", "next": "x"}})
    flows = {"test": flow_of(nodes), "deep": deep}
    assert may_run("test", flows).startswith(why)
    assert bool(may_run("test", flows)) is bool(why)


def test_the_payment_of_the_bank_may_run_in_a_talk_and_the_whole_bank_may_not() -> None:
    bank = Flow.model_validate(load(FLOWS / "bank.yaml"))
    assert may_run("bank", {"bank": bank}) != ""
    assert may_run("test", {"test": pay_flow()}) == ""
    needs = pay_flow(params={"customer": {"as": "text"}})
    assert may_run("test", {"test": needs}) == "flow `test`: nobody gives it `customer`"
    assert "on_hangup" in may_run("test", {"test": pay_flow(on_hangup="paid")})
