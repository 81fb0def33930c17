"""The engine dies after each single thing it does while a caller is in his flows.

Before the answer, in a lookup, in a called flow, in a queue and in the survey behind the talk: the
next engine goes on at the node where he was, with all that his flows had gathered, and the record
has each node once. What he orders is ordered once, or not at all.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from dialplan.inbound import Route
from engine.call_record import CallOutcome
from engine.ivr.schema import Flow
from engine.lookups.result import LookupResult
from tests.sim.crashes import AWAY_SECONDS, die_everywhere, dies_before
from tests.unit.fake_pbx import FakePbx, Phone
from tests.unit.ivr_caller import BYE, ends, flow_of, menu
from tests.unit.small_center import MENU, SmallCenter, SmallSite, Truth, small_site
from tests.unit.virtual_time import EPOCH

CALLER = "100.1"
OUTER = flow_of(
    {
        "notice": {"type": "say", "prompts": "notice", "next": "answer"},
        "answer": {"type": "answer", "next": "look"},
        "look": {
            "type": "http",
            "url": "http://crm.example/",
            "save": {"tier": "$.tier"},
            "ok": "count",
            "error": "bye",
        },
        "count": {"type": "set", "variables": {"n": "7", "call.seen": "'yes'"}, "next": "order"},
        "order": {
            "type": "http",
            "method": "POST",
            "url": "http://crm.example/orders",
            "ok": "inner",
            "error": "inner",
        },
        "inner": {"type": "flow", "flow": "inner", "with": {"item": "n"}, "next": "keep"},
        "keep": {
            "type": "tag",
            "values": {"n": "n", "tier": "tier", "seen": "call.seen", "chosen": "call.chosen"},
            "next": "queue",
        },
        "queue": {
            "type": "queue",
            "queue": "support",
            "answered": "survey",
            **{exit_: "bye" for exit_ in ("timeout", "full", "no_agents")},
        },
        "survey": {
            "type": "survey",
            "survey": "talk",
            "questions": [{"id": "good", "prompts": "good", "keys": {"1": "yes", "2": "no"}}],
            **{exit_: "bye" for exit_ in ("done", "partial", "refused")},
        },
        "bye": BYE,
    }
)
INNER = Flow.model_validate(
    {
        "flow": "inner",
        "start": "choose",
        "params": {"item": {"as": "integer"}},
        "nodes": {
            "choose": menu({"1": "chosen"}),
            "chosen": {"type": "set", "variables": {"call.chosen": "item"}, "next": "back"},
            "back": {"type": "return"},
            **ends("silent", "lost"),
        },
    }
)
PATH = [
    *("notice", "answer", "look", "count", "order", "inner"),
    *("choose", "chosen", "back"),
    *("keep", "queue", "survey", "bye"),
]


def site() -> SmallSite:
    """One agent, and a number that leads to the flows."""
    site = small_site()
    site.flows = {flow.name: flow for flow in (OUTER, INNER)}
    site.table[MENU] = Route(MENU, "flow", OUTER.name, "en")
    return site


async def presses_one(switch: FakePbx) -> None:
    """The caller does so every two seconds, whatever is said."""
    while True:
        await asyncio.sleep(2)
        switch.press(CALLER, "1")


def engine(switch: FakePbx, folder: Path, **left: Any) -> SmallCenter:
    """The next one."""
    center = SmallCenter(switch, site(), state_dir=folder, **left)
    center.hosts.answers["look"] = (LookupResult("ok", 200, {"tier": "gold"}), 0.5)
    center.hosts.answers["order"] = (LookupResult("ok", 201), 0.5)
    return center


def orders(*engines: SmallCenter) -> int:
    """How often his order was sent."""
    return sum(asked.name == "order" for center in engines for asked in center.hosts.asked)


async def live(cut: int, stays: bool, folder: Path) -> bool:
    """One call, cut after so many things; False when it was over before."""
    loop = asyncio.get_running_loop()
    switch = FakePbx(lambda: EPOCH + loop.time())
    switch.phones["3001"] = Phone(answers=1, talks=5)
    first = engine(switch, folder)
    await first.start()
    first.log_in("anna")
    await asyncio.sleep(1)
    first.die_after(cut)
    switch.arrive(CALLER, MENU)
    pressing = loop.create_task(presses_one(switch))
    died = await dies_before(first.until_over(), first)
    await first.kill()
    if died:
        if not stays:
            switch.put_down(CALLER)
        await asyncio.sleep(AWAY_SECONDS)
        lines, history = first.journal.lines, first.journal.history
        center = engine(switch, folder, books=first.books, lines=lines, history=history)
        await carry_on(center, stays)
        assert orders(first, center) <= 1
    pressing.cancel()
    return died


async def carry_on(center: SmallCenter, stays: bool) -> None:
    """He comes to the end of his flows, as if nothing had been; or has left where he was."""
    try:
        await center.start()
        await center.until_over()
        Truth(center, away=AWAY_SECONDS, strays_allowed=True).check()
        record = center.books.of(CALLER)
        path = [visit.node for visit in record.nodes]
        if not stays:
            assert record.outcome is not CallOutcome.FAILED
            assert path == PATH[: len(path)]
            return
        assert record.outcome is CallOutcome.ANSWERED
        assert path == PATH
        tags = {tag.name: tag.value for tag in record.tags}
        assert tags == {"n": "7", "tier": "gold", "seen": "yes", "chosen": "7"}
        assert [answer.value for answer in record.answers] == ["1"]
    finally:
        await center.kill()


@pytest.mark.parametrize("stays", [True, False], ids=["he stays", "he hangs up meanwhile"])
def test_a_caller_in_his_flows_survives_the_death_of_the_engine_at_any_moment(
    stays: bool, tmp_path: Path
) -> None:
    die_everywhere(lambda cut: live(cut, stays, tmp_path))
