"""The driver of the dialer with real ledgers: what begins, and what a restart finds."""

from __future__ import annotations

import asyncio
import inspect
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import pytest
from lead_lists import add, lead, made, record
from sqlalchemy import func, select

from acd.agent_settings import AgentSettings
from acd.core import Acd
from acd.messages import AgentLoggedIn
from acd.messages import Configured as AcdConfigured
from acd.queues import QueueSettings
from dialer.compliance.rules import RuleSet
from dialer.compliance.windows import KEPT_DAYS
from dialer.core import IllegalMove
from dialer.dispositions import Disposition
from dialer.leads import LeadState
from dialer.messages import CampaignState, GiveUp, Moved
from dialer.plan import AttemptPlan
from dialer.trunks import TrunkLimits
from dialplan.outbound import Outbound, Rule, Trunk
from engine.calls import notes as n
from engine.calls.mail import GivenUp
from engine.campaigns import driver, memory, supply
from engine.campaigns.driver import Campaigns, NotPermitted
from engine.clock import Clock
from engine.ports import LedgerDown
from engine.store.lead_tables import leads
from engine.store.leads import LeadStore
from engine.store.ledger import Ledger
from tests.unit.dialing_floor import campaign

pytest_plugins = ["databases"]

ANY_HOUR = RuleSet(hours={"daily": "00:00-24:00"}, default_zone="Asia/Ho_Chi_Minh", cap_percent=3)


@dataclass
class Calls:
    """A registry without stories: who was dialed."""

    calls: dict[str, Any] = field(default_factory=dict)
    plans: list[AttemptPlan] = field(default_factory=list)
    dialed: asyncio.Event = field(default_factory=asyncio.Event)

    def dial(self, plan: AttemptPlan) -> None:
        self.plans.append(plan)
        self.calls[plan.attempt] = Mailbox()
        self.dialed.set()


@dataclass
class Mailbox:
    mail: list[object] = field(default_factory=list)

    def deliver(self, mail: object) -> None:
        self.mail.append(mail)


async def all_written() -> None:
    """The clerk has nothing to write."""


class Center:
    """The driver, a store, a floor with one agent, and a registry that only counts."""

    def __init__(self, ledger: Ledger, run: str = "run-1", **settings: Any) -> None:
        self.clock = Clock()
        self.calls = Calls()
        acd = Acd()
        now = self.clock.now()
        queue, mai = (
            QueueSettings(name="out"),
            AgentSettings(name="mai", extension="3001", queues=("out",)),
        )
        acd.handle(AcdConfigured((queue,), (mai,)), now)
        acd.handle(AgentLoggedIn("mai", "3001"), now)
        self.switch_up = True
        self.sb = SimpleNamespace(
            clock=self.clock,
            desk=SimpleNamespace(acd=acd, zone=None),
            registry=self.calls,
            permit=None,
            online={"3001"},
            lines={},
            watches_phones=True,
        )
        self.site = self.make_site(**settings)
        self.store = LeadStore(ledger)
        self.campaigns = Campaigns(self.sb, self.site, self.store, run, lambda: self.switch_up)
        self.campaigns.configure(self.site)

    def make_site(self, **settings: Any) -> Any:
        each = campaign(rules=["any"], **settings)
        return SimpleNamespace(
            campaigns={each.name: each},
            rules={"any": ANY_HOUR},
            do_not_call={},
            calendars={},
            trunk_limits={"main": TrunkLimits(calls_per_second=50)},
            outbound=Outbound({"+84.": Rule(Trunk("main"), "19001000")}),
        )

    @asynccontextmanager
    async def running(self, *resumed: Any):
        """Until the end of the block; the campaign is started unless an earlier run did that."""
        task = asyncio.create_task(self.campaigns.run(self.calls, resumed, all_written))
        try:
            await self.until(lambda: not self.campaigns.core.untrusted)
            if self.state is CampaignState.DRAFT:
                self.campaigns.move("spring", CampaignState.RUNNING, "lan")
            yield self
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    @property
    def state(self) -> CampaignState:
        return self.campaigns.core.campaigns["spring"].state

    async def until(self, condition: Any, patience: float = 20.0) -> None:
        """Wait until ``condition()``, plain or async, is true."""
        async with asyncio.timeout(patience):
            while True:
                found = condition()
                if await found if inspect.isawaitable(found) else found:
                    return
                await asyncio.sleep(0.01)

    async def is_kept(self) -> bool:
        """Whether the ledger has the campaign's state."""
        return "spring" in await self.store.states()

    async def first(self) -> AttemptPlan:
        """The first attempt that is begun."""
        await self.until(lambda: self.calls.plans)
        return self.calls.plans[0]

    async def nobody_is_claimed(self) -> bool:
        return not await self.leads(LeadState.CLAIMED)

    async def one_is_dialed(self) -> bool:
        return await self.leads(LeadState.DIALING) == 1

    async def leads(self, state: LeadState) -> int:
        asked = select(func.count()).where(leads.c.state == state)
        async with self.store.ledger.reading() as connection:
            return await connection.scalar(asked)

    def note(self, plan: AttemptPlan, *notes: n.Note) -> None:
        for each in notes:
            self.campaigns.heard(plan.attempt, each)


@pytest.fixture(autouse=True)
def _quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(driver, "TRUST_SECONDS", 0.02)


async def test_one_lead_is_dialed_for_one_agent_and_is_in_the_ledger_first(ledger):
    center = Center(ledger)
    await add(center.store, lead(1), lead(2))
    async with center.running():
        plan = await center.first()
        assert plan.number == "+84900000001"
        assert plan.proof
        twin = replace(plan, attempt="ob-1.1")
        assert await center.store.begin(twin, center.clock.now(), "run-1")  # why not
        assert len(center.calls.plans) == 1


async def test_who_is_put_on_a_list_while_he_is_in_the_hopper_is_not_dialed(ledger):
    center = Center(ledger)
    await add(center.store, lead(1), lead(2))
    async with center.running():
        first = await center.first()
        await center.campaigns.suppress(["+84900000002"], "own", "lan")
        center.note(first, n.AttemptClosed(center.clock.now(), Disposition.BUSY))
        await center.until(lambda: not center.campaigns.core.campaigns["spring"].attempts)
        looks = len(center.campaigns.history["spring"])
        await center.until(lambda: len(center.campaigns.history["spring"]) >= min(looks + 30, 120))
    assert [plan.number for plan in center.calls.plans] == ["+84900000001"]


async def test_while_the_switch_is_away_nobody_is_dialed(ledger):
    center = Center(ledger)
    await add(center.store, lead(1))
    async with center.running():
        await center.first()
        center.switch_up = False
        await center.until(lambda: center.campaigns.core.untrusted == "the switch is away")


async def test_when_the_switch_goes_nobody_is_dialed_from_the_next_look_on(ledger, monkeypatch):
    monkeypatch.setattr(driver, "TRUST_SECONDS", 600)
    center = Center(ledger)
    async with center.running():
        await center.until(lambda: center.campaigns.history)
        await center.until(lambda: not center.campaigns.core.untrusted)
        center.switch_up = False
        await center.until(lambda: center.campaigns.core.untrusted == "the switch is away")


async def test_nobody_is_dialed_for_an_agent_whose_phone_is_not_there(ledger):
    center = Center(ledger)
    center.sb.online.clear()
    await add(center.store, lead(1))
    async with center.running():
        await center.until(lambda: len(center.campaigns.history.get("spring", ())) > 20)
        assert center.calls.plans == []
        assert center.campaigns.history["spring"][-1].limited_by == "nobody works in the queue out"
        center.sb.online.add("3001")
        assert await center.first()


async def test_a_campaign_that_is_paused_gives_its_leads_back_to_the_ledger(ledger):
    center = Center(ledger)
    await add(center.store, *[lead(i) for i in range(1, 9)])
    async with center.running():
        await center.first()
        center.campaigns.move("spring", CampaignState.PAUSED, "lan", "lunch")
        await center.until(center.nobody_is_claimed)
        assert await center.leads(LeadState.READY) == 7


async def test_after_a_crash_the_state_is_as_before_and_what_was_claimed_is_free(ledger):
    before = Center(ledger)
    await add(before.store, *[lead(i) for i in range(1, 9)])
    async with before.running():
        lost = await before.first()
        await before.until(before.is_kept)

    after = Center(ledger, "run-2")
    async with after.running():
        assert after.state is CampaignState.RUNNING
        plan = await after.first()
        assert plan.number != lost.number  # that one was closed as failed, and rests


async def test_an_attempt_whose_call_lives_is_not_dialed_again_and_counts_on(ledger):
    before = Center(ledger)
    await add(before.store, lead(1), lead(2))
    async with before.running():
        plan = await before.first()
        await before.until(before.is_kept)

    after = Center(ledger, "run-2", channels=1)
    began = n.AttemptBegan(plan.decided, plan)
    standing = SimpleNamespace(attempt=plan, notes=[began, n.NumberDialed(plan.decided, "c", "1")])
    call = SimpleNamespace(id=plan.attempt, standing=standing)
    async with after.running(call):
        running = after.campaigns.core.campaigns["spring"]
        assert list(running.attempts) == [plan.attempt]
        await ledger.save_call(record(made(plan, Disposition.CONNECTED, after.clock.now())))
        after.note(plan, n.AttemptClosed(after.clock.now(), Disposition.CONNECTED))
        assert (await after.first()).number == "+84900000002"


async def test_settings_that_change_while_it_rings_change_no_call(ledger):
    center = Center(ledger)
    await add(center.store, lead(1))
    async with center.running():
        plan = await center.first()
        center.campaigns.configure(center.make_site(ring_seconds=60))
        running = center.campaigns.core.campaigns["spring"]
        assert running.settings.ring_seconds == 60
        assert running.attempts[plan.attempt].plan.ring_seconds == 25


async def test_a_call_that_nobody_would_be_free_for_is_hung_up_by_mail(ledger):
    center = Center(ledger)
    await add(center.store, lead(1))
    async with center.running():
        plan = await center.first()
        center.campaigns._carry_out([GiveUp(plan.attempt)])
        assert center.calls.calls[plan.attempt].mail == [GivenUp()]


async def test_who_opts_out_by_a_key_is_out_of_the_hopper_at_once(ledger):
    center = Center(ledger)
    await add(center.store, lead(1), lead(2, key="other"))
    async with center.running():
        plan = await center.first()
        center.note(plan, n.OptedOut(center.clock.now(), "9"))
        known = center.campaigns.core.attempt(plan.attempt)
        assert known.candidate.suppressed


async def test_an_agents_code_counts_for_the_goal_also_when_the_call_is_over(ledger):
    center = Center(ledger, goals={"codes": {"sale": 1}})
    await add(center.store, lead(1))
    async with center.running():
        plan, now = await center.first(), center.clock.now()
        center.note(plan, n.TalkBegan(now, "o", "mai", "out", "b"))
        center.note(plan, n.AttemptClosed(now, Disposition.CONNECTED))
        center.campaigns.code_given(plan.attempt, "sale")
        await center.until(lambda: center.state is CampaignState.DONE)


async def test_an_agent_dials_a_lead_himself_unless_the_law_forbids_it(ledger):
    center = Center(ledger, mode="manual")
    await add(center.store, lead(1), lead(2))
    candidate = await center.store.claim_lead(1, "spring", "run-1", center.clock.now())
    async with center.running():
        center.campaigns.dial_manually("spring", "mai", candidate)
        assert (await center.first()).agent == "mai"

        await center.campaigns.suppress(["+84900000002"], "own", "lan")
        other = replace(candidate, lead=2, number="+84900000002", suppressed="own")
        with pytest.raises(NotPermitted, match="own"):
            center.campaigns.dial_manually("spring", "mai", other)
        assert len(center.calls.plans) == 1


async def test_a_fault_of_the_dialer_stops_the_dialing_and_not_the_engine(ledger, monkeypatch):
    center = Center(ledger)
    await add(center.store, lead(1))
    async with center.running():

        def broken(*_: object) -> None:
            raise RuntimeError("a bug")

        monkeypatch.setattr(center.campaigns.core, "handle", broken)
        await center.until(lambda: "fault" in center.campaigns.core.untrusted)
        monkeypatch.undo()
    assert len(center.calls.plans) <= 1


async def test_when_the_ledger_fails_a_beginning_the_lead_is_free_whether_it_was_entered_or_not(
    ledger, monkeypatch
):
    center = Center(ledger)
    await add(center.store, lead(1), lead(2))
    begin, failed = center.store.begin, []

    async def entered_but_not_told(*begun: Any) -> str:
        if failed:
            return await begin(*begun)
        failed.append(await begin(*begun))
        raise LedgerDown("the connection is gone")

    monkeypatch.setattr(center.store, "begin", entered_but_not_told)
    async with center.running():
        assert (await center.first()).number == "+84900000002"
        await center.until(center.one_is_dialed)
        assert await center.leads(LeadState.READY) == 1


async def test_what_another_version_learned_is_forgotten_and_dialing_goes_on(ledger):
    before = Center(ledger)
    await add(before.store, lead(1))
    await before.store.save_memory("spring", {"last": {"version": -1}}, before.clock.now())
    center = Center(ledger, mode="predictive")
    async with center.running():
        assert not center.campaigns.core.untrusted


async def test_a_reload_while_the_ledger_is_away_stops_no_dialing(ledger, monkeypatch):
    center = Center(ledger)
    async with center.running():
        down = [LedgerDown("away"), LedgerDown("away")]
        tallies = center.store.tallies

        async def away(*asked: Any) -> Any:
            if down:
                raise down.pop()
            return await tallies(*asked)

        monkeypatch.setattr(center.store, "tallies", away)
        monkeypatch.setattr(memory, "_AGAIN_SECONDS", 0.01)
        site = center.make_site()
        site.campaigns["summer"] = campaign("summer", rules=["any"])
        center.campaigns.configure(site)
        summer = center.campaigns.core.campaigns["summer"]
        await center.until(lambda: summer in center.campaigns._memory._known)
        assert not down
        assert not center.campaigns._broken


async def test_goals_and_trunks_count_what_earlier_runs_did(ledger):
    before = Center(ledger)
    await add(before.store, lead(1))
    async with before.running():
        plan = await before.first()
        await before.until(before.is_kept)
        told = made(plan, Disposition.CONNECTED, before.clock.now(), dialed=before.clock.now())
        await ledger.save_call(record(told))

    after = Center(ledger, "run-2", goals={"dials": 1})
    async with after.running():
        await after.until(lambda: after.state is CampaignState.DONE)
        (trunk,) = after.campaigns.core.placing.trunks.view(after.clock.now())
        assert trunk.calls == 1


async def test_a_start_reads_the_quarters_that_a_window_may_hold_and_no_older_ones(
    ledger, monkeypatch
):
    center, asked = Center(ledger), []

    async def none(campaign: str, since: float, without: Any) -> list[Any]:
        asked.append(since)
        return []

    monkeypatch.setattr(center.store, "tallies", none)
    async with center.running():
        oldest = center.clock.now() - 86400 * KEPT_DAYS
        assert [oldest - 1000 < since <= oldest for since in asked] == [True]


async def test_states_are_written_in_the_order_in_which_they_were_told(ledger, monkeypatch):
    center = Center(ledger)
    save, moved = center.store.save_state, []

    async def slow_at_first(each: Any, at: float) -> None:
        if each.new is CampaignState.PAUSED:
            await asyncio.sleep(0.05)
        await save(each, at)
        moved.append(each.new)

    monkeypatch.setattr(center.store, "save_state", slow_at_first)
    async with center.running():
        center.campaigns.move("spring", CampaignState.PAUSED, "lan")
        center.campaigns.move("spring", CampaignState.RUNNING, "lan")
        await center.until(lambda: len(moved) == 3)
        assert (await center.store.states())["spring"].state is CampaignState.RUNNING


async def test_a_lead_whose_claim_was_never_answered_is_free_again(ledger, monkeypatch):
    monkeypatch.setattr(supply, "SWEEP_SECONDS", 0.02)
    center = Center(ledger)
    await add(center.store, lead(1), lead(2))
    now = center.clock.now()
    await center.store.claim_lead(1, "spring", "run-1", now - 1201)
    await center.store.claim_lead(2, "spring", "run-1", now)
    async with center.running():
        assert (await center.first()).lead == 1
        assert len(center.calls.plans) == 1


async def test_a_campaign_taken_out_while_the_engine_was_away_does_not_go_on_when_put_back(ledger):
    center = Center(ledger)
    gone = Moved("summer", CampaignState.DRAFT, CampaignState.RUNNING, "lan")
    await center.store.save_state(gone, center.clock.now())
    async with center.running():
        assert (await center.store.states())["summer"].state is CampaignState.DONE


async def test_before_the_ledger_told_of_the_last_run_no_campaign_is_moved(ledger):
    with pytest.raises(IllegalMove, match="ledger"):
        Center(ledger).campaigns.move("spring", CampaignState.RUNNING, "lan")


async def test_an_agent_dials_a_lead_that_is_in_the_hopper_of_his_campaign(ledger):
    center = Center(ledger, mode="manual")
    await add(center.store, lead(1))
    async with center.running():
        hopper = center.campaigns.core.campaigns["spring"].hopper
        await center.until(lambda: len(hopper))
        candidate = await center.campaigns.claim_lead(1, "spring")
        center.campaigns.dial_manually("spring", "mai", candidate)
        assert (await center.first()).lead == 1


async def test_an_agent_dials_a_lead_that_is_on_its_way_to_the_hopper(ledger, monkeypatch):
    center = Center(ledger, mode="manual")
    await add(center.store, lead(1))
    claim, claimed, told = center.store.claim, asyncio.Event(), asyncio.Event()

    async def slow(ask: Any) -> Any:
        found = await claim(ask)
        claimed.set()
        await told.wait()
        return found

    monkeypatch.setattr(center.store, "claim", slow)
    async with center.running():
        await claimed.wait()
        asked = asyncio.create_task(center.campaigns.claim_lead(1, "spring"))
        await asyncio.sleep(0)
        told.set()
        assert await asked is not None


async def test_what_is_decided_while_the_engine_ends_is_neither_begun_nor_a_fault(ledger):
    center = Center(ledger)
    running = asyncio.create_task(center.campaigns.run(center.calls, (), all_written))
    await center.until(center.campaigns.taken_up.is_set)
    running.cancel()
    center.campaigns.move("spring", CampaignState.RUNNING, "lan")
    await asyncio.sleep(0)
    center.campaigns.move("spring", CampaignState.PAUSED, "lan")
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not await center.is_kept()
