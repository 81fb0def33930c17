"""Whatever order imports, claims, calls, codes, suppressions and crashes come in: nobody is called
twice at once, nobody who is on a list, every attempt ends once, and no lead is lost.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import func, select

from dialer.dispositions import Disposition
from dialer.leads import Candidate, LeadState
from dialer.plan import AttemptPlan
from engine.call_record import Disposition as Code
from engine.store.do_not_call_loading import ListLoader
from engine.store.lead_tables import attempts, leads
from engine.store.leads import LeadStore, Return
from engine.store.ledger import Ledger
from tests.edge.lead_lists import T, add, ask, lead, made, number, plan, record

_R = TypeVar("_R")

NUMBERS = range(6)
LISTS = ("spring", "autumn")
MIX = tuple((name, 1.0) for name in LISTS)
CODES = {"sale": "done", "later": "recycle", "call_back": "callback", "never": "suppress"}

numbers = st.sampled_from(NUMBERS)
which = st.integers(0, 30)
seconds = st.sampled_from([0.0, 1.0, 30.0, 400.0, 8000.0, 100_000.0])


@pytest.fixture(scope="module", autouse=True)
def made_once() -> Any:
    """A database with all its tables: copying it is quicker than making one for each history."""

    async def make(file: Path) -> None:
        ledger = Ledger(str(file))
        await ledger.open()
        await ledger.close()

    with tempfile.TemporaryDirectory() as folder:
        Histories.template = Path(folder) / "ledger.db"
        asyncio.run(make(Histories.template))
        yield


class Histories(RuleBasedStateMachine):
    """The store beside what an onlooker saw: who is in which call, and who must not be called."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.mkdtemp()
        file = Path(self._folder) / "ledger.db"
        shutil.copy(self.template, file)
        self._loop = asyncio.new_event_loop()
        self._ledger = Ledger(str(file))
        self._store = LeadStore(self._ledger)
        self._now, self._runs, self._made, self._imported = T, 1, 0, 0
        self._hopper: list[tuple[str, Candidate]] = []
        self._calls: dict[str, AttemptPlan] = {}
        self._over: list[AttemptPlan] = []
        self._lost: list[AttemptPlan] = []
        self._barred: dict[tuple[str, str], float | None] = {}

    @property
    def _run(self) -> str:
        return f"run-{self._runs}"

    def _do(self, what: Coroutine[Any, Any, _R]) -> _R:
        return self._loop.run_until_complete(what)

    def _may_be_called(self, who: str) -> bool:
        entries = [until for (n, _), until in self._barred.items() if n == who]
        return not any(until is None or until > self._now for until in entries)

    # -- what happens ---------------------------------------------------------------------------

    @rule(into=st.sampled_from(LISTS), first=numbers, others=st.lists(numbers, max_size=2))
    def a_lead_is_imported(self, into: str, first: int, others: list[int]) -> None:
        self._imported += 1
        several = dict.fromkeys([first, *others])
        new = lead(*several, key=f"k{self._imported}")
        self._do(add(self._store, new, into=into, at=self._now))

    @rule(want=st.integers(1, 4), campaign=st.sampled_from(["sale", "survey"]))
    def a_hopper_is_filled(self, want: int, campaign: str) -> None:
        asked = ask(want, self._now, lists=MIX, campaign=campaign, run=self._run)
        found, _ = self._do(self._store.claim(asked))
        held = {each.lead for _, each in self._hopper}
        assert not held & {each.lead for each in found}
        self._hopper += [(campaign, each) for each in found]

    @precondition(lambda self: self._hopper)
    @rule(n=which)
    def a_call_begins(self, n: int) -> None:
        campaign, candidate = self._hopper.pop(n % len(self._hopper))
        self._made += 1
        planned = plan(candidate, self._made, self._now, campaign=campaign, codes=CODES)
        if self._do(self._store.begin(planned, self._now, self._run)):
            return
        assert self._may_be_called(planned.number)
        assert planned.number not in {each.number for each in self._calls.values()}
        assert planned.lead not in {each.lead for each in self._calls.values()}
        self._calls[planned.attempt] = planned

    @precondition(lambda self: self._hopper)
    @rule(n=which, due=st.none() | seconds, suppress=st.booleans())
    def a_lead_goes_back(self, n: int, due: float | None, suppress: bool) -> None:
        _, candidate = self._hopper.pop(n % len(self._hopper))
        at = None if due is None else self._now + due
        self._do(self._store.give_back([Return(candidate.lead, at, "hours", suppress)]))

    @precondition(lambda self: self._calls)
    @rule(n=which, disposition=st.sampled_from(Disposition), opted_out=st.booleans())
    def a_call_ends(self, n: int, disposition: Disposition, opted_out: bool) -> None:
        planned = self._calls.pop(list(self._calls)[n % len(self._calls)])
        opted_out &= disposition in (Disposition.ABANDONED, Disposition.SERVED)
        over = made(planned, disposition, self._now, opted_out=opted_out)
        self._do(self._ledger.save_call(record(over)))
        self._over.append(planned)
        if opted_out:
            self._barred[planned.number, "opt_out"] = None

    @precondition(lambda self: self._calls or self._over)
    @rule(n=which, code=st.sampled_from([*CODES, "unheard_of"]))
    def an_agent_says_what_came_of_it(self, n: int, code: str) -> None:
        talked = [*self._calls.values(), *self._over]
        planned = talked[n % len(talked)]
        said = Code("mai", "sales", code, False, self._now)
        self._do(self._ledger.save_disposition(planned.attempt, said))
        if code == "never":
            self._barred[planned.number, "agent"] = None

    @rule(n=numbers, until=st.none() | seconds)
    def a_number_is_suppressed(self, n: int, until: float | None) -> None:
        at = None if until is None else self._now + until
        self._do(self._store.suppress([number(n)], "api", "linh", self._now, until=at))
        self._barred[number(n), "api"] = at

    @rule(n=numbers)
    def a_number_is_let_in_again(self, n: int) -> None:
        self._do(self._store.unsuppress([number(n)], "api", "linh", self._now))
        self._barred.pop((number(n), "api"), None)

    @rule(some=st.lists(numbers, max_size=3))
    def a_register_is_loaded(self, some: list[int]) -> None:
        async def load() -> None:
            loader = ListLoader(self._ledger, "register")
            await loader.open()
            await loader.write(map(number, some))
            await loader.put_in_force(self._now)

        self._do(load())
        self._barred = {k: until for k, until in self._barred.items() if k[1] != "register"}
        self._barred |= {(number(n), "register"): None for n in some}

    @rule(n=which, due=seconds, owner=st.sampled_from(["", "mai"]))
    def somebody_promises_to_call(self, n: int, due: float, owner: str) -> None:
        asked = self._store.schedule_callback(n, self._now + due, owner, "", "mai", self._now)
        self._do(asked)

    @rule(keep=st.sets(which))
    def the_engine_dies(self, keep: set[int]) -> None:
        """Some calls outlive it; the record of another may come late, or never."""
        alive = [attempt for n, attempt in enumerate(self._calls) if n in keep]
        self._lost += [each for name, each in self._calls.items() if name not in alive]
        self._calls = {name: self._calls[name] for name in alive}
        self._hopper.clear()
        self._runs += 1
        self._store = LeadStore(self._ledger)
        self._do(self._store.recover(self._run, alive, self._now))

    @precondition(lambda self: self._lost)
    @rule(n=which, disposition=st.sampled_from(Disposition))
    def a_record_comes_late(self, n: int, disposition: Disposition) -> None:
        planned = self._lost.pop(n % len(self._lost))
        over = record(made(planned, disposition, self._now))
        self._do(self._ledger.save_call(over))
        self._do(self._ledger.save_call(over))
        self._over.append(planned)

    @rule(passed=seconds)
    def time_passes(self, passed: float) -> None:
        self._now += passed

    @rule(back=st.sampled_from([1.0, 3600.0]))
    def the_clock_is_set_back(self, back: float) -> None:
        self._now = max(T, self._now - back)

    # -- what always holds ----------------------------------------------------------------------

    @invariant()
    def every_attempt_goes_on_or_has_ended_once(self) -> None:
        asked = select(attempts.c.attempt, attempts.c.ended, attempts.c.disposition)
        rows = self._do(self._ask(asked))
        assert all((ended is None) == (word is None) for _, ended, word in rows)
        assert {name for name, ended, _ in rows if ended is None} == self._calls.keys()

    async def _ask(self, query: Any) -> Any:
        async with self._ledger.reading() as connection:
            return (await connection.execute(query)).all()

    def teardown(self) -> None:
        """In the end everybody was called who may be, and is done; nobody is left over."""
        try:
            self._call_everybody()
            states = dict(
                self._do(self._ask(select(leads.c.state, func.count()).group_by(leads.c.state)))
            )
            assert states.keys() <= {LeadState.DONE, LeadState.SUPPRESSED}, states
        finally:
            self._do(self._ledger.close())
            self._loop.close()
            shutil.rmtree(self._folder)

    def _call_everybody(self) -> None:
        while self._calls:
            self.a_call_ends(0, Disposition.BUSY, opted_out=False)
        self.the_engine_dies(set())
        for _ in range(12):
            self._now += 1_000_000.0
            self.a_hopper_is_filled(100, "sale")
            while self._hopper:
                self._try(self._hopper[0][1])

    def _try(self, candidate: Candidate) -> None:
        if candidate.suppressed:
            self.a_lead_goes_back(0, None, suppress=True)
        else:
            self.a_call_begins(0)
            if self._calls:
                self.a_call_ends(0, Disposition.CONNECTED, opted_out=False)


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=25, stateful_step_count=40, deadline=None)
