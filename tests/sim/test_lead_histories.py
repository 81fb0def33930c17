"""Whatever order imports, claims, calls, codes, suppressions and crashes come in: nobody is called
twice at once, nobody who is on a list, every attempt ends once, and no lead is lost.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
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

NUMBERS = range(20)
LISTS = ("spring", "autumn")
MIX = tuple((name, 1.0) for name in LISTS)
CODES = {"sale": "done", "later": "recycle", "call_back": "callback", "never": "suppress"}
SAID = ("sale", "later", "later", "call_back", "call_back", "never", "unheard_of")
SECONDS = (0.0, 1.0, 30.0, 400.0, 8000.0, 100_000.0)
STEPS = 150


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all its tables: copying it is quicker than making one for each history."""

    async def make(file: Path) -> None:
        ledger = Ledger(str(file))
        await ledger.open()
        await ledger.close()

    file = tmp_path_factory.mktemp("template") / "ledger.db"
    asyncio.run(make(file))
    return file


@pytest.mark.parametrize("seed", range(10))
async def test_nobody_is_called_who_must_not_be_and_no_lead_is_lost(
    seed: int, template: Path, tmp_path: Path
) -> None:
    file = tmp_path / "ledger.db"
    shutil.copy(template, file)
    ledger = Ledger(str(file))
    history = History(ledger, Random(seed))
    for _ in range(15):
        await history.a_lead_is_imported()
    for _ in range(STEPS):
        await history.something_happens()
        await history.every_attempt_goes_on_or_has_ended_once()
    await history.everybody_is_called_who_may_be()
    await ledger.close()
    assert history.begun > 15


class History:
    """The store beside what an onlooker saw: who is in which call, and who must not be called."""

    def __init__(self, ledger: Ledger, dice: Random) -> None:
        self._ledger = ledger
        self._store = LeadStore(ledger)
        self._dice = dice
        self._now, self._runs, self._imported, self._said = T, 1, 0, 0
        self._hopper: list[tuple[str, Candidate]] = []
        self._calls: dict[str, AttemptPlan] = {}
        self._over: list[AttemptPlan] = []
        self._lost: list[AttemptPlan] = []
        self._barred: dict[tuple[str, str], float | None] = {}
        self.begun = 0
        self._weights: dict[Callable[[], Any], int] = {
            self.a_lead_is_imported: 8,
            self.a_hopper_is_filled: 8,
            self.a_call_begins: 16,
            self.a_lead_goes_back: 3,
            self.a_call_ends: 12,
            self.an_agent_says_what_came_of_it: 4,
            self.a_number_is_suppressed: 2,
            self.a_number_is_let_in_again: 4,
            self.a_register_is_loaded: 1,
            self.somebody_promises_to_call: 3,
            self.the_engine_dies: 2,
            self.a_record_comes_late: 3,
            self.time_passes: 6,
            self.the_clock_is_set_back: 1,
        }

    async def something_happens(self) -> None:
        [what] = self._dice.choices(list(self._weights), list(self._weights.values()))
        await what()

    # -- what happens ------------------------------------------------------------------------------

    async def a_lead_is_imported(self) -> None:
        self._imported += 1
        several = self._dice.sample(NUMBERS, self._dice.choice((1, 1, 2, 3)))
        new = lead(*several, key=f"k{self._imported}")
        await add(self._store, new, into=self._dice.choice(LISTS), at=self._now)

    async def a_hopper_is_filled(self, want: int = 4) -> None:
        campaign = self._dice.choice(("sale", "survey"))
        asked = ask(want, self._now, lists=MIX, campaign=campaign, run=self._run)
        found, _ = await self._store.claim(asked)
        self._hopper += [(campaign, each) for each in found]

    async def a_call_begins(self) -> None:
        if not self._hopper:
            return
        campaign, candidate = self._hopper.pop(self._dice.randrange(len(self._hopper)))
        attempt = f"ob-{len(self._calls) + len(self._over) + len(self._lost)}.{self._dice.random()}"
        planned = plan(candidate, now=self._now, attempt=attempt, campaign=campaign, codes=CODES)
        if await self._store.begin(planned, self._now, self._run):
            return
        assert self._may_be_called(planned.number)
        assert planned.number not in {each.number for each in self._calls.values()}
        assert planned.lead not in {each.lead for each in self._calls.values()}
        self.begun += 1
        self._calls[attempt] = planned

    async def a_lead_goes_back(self, suppress: bool | None = None) -> None:
        if not self._hopper:
            return
        _, candidate = self._hopper.pop(self._dice.randrange(len(self._hopper)))
        due = self._dice.choice((None, self._now + self._dice.choice(SECONDS)))
        bars = suppress or bool(candidate.suppressed)
        await self._store.give_back([Return(candidate.lead, due, "hours", bars)])

    async def a_call_ends(self, disposition: Disposition | None = None) -> None:
        if not self._calls:
            return
        planned = self._calls.pop(self._dice.choice(list(self._calls)))
        came = disposition or self._dice.choice(list(Disposition))
        opted_out = came is Disposition.ABANDONED and self._dice.random() < 0.3
        if opted_out:
            self._barred[planned.number, "opt_out"] = None
        over = record(made(planned, came, self._now, opted_out=opted_out))
        for _ in range(self._dice.choice((1, 1, 2))):
            await self._ledger.save_call(over)
        self._over.append(planned)

    async def an_agent_says_what_came_of_it(self) -> None:
        talked = [*self._calls.values(), *self._over[-5:]]
        if not talked:
            return
        planned, code = self._dice.choice(talked), self._dice.choice(SAID)
        if code == "never":
            self._barred[planned.number, "agent"] = None
        self._said += 1
        said = Code(f"agent{self._said}", "sales", code, False, self._now)
        await self._ledger.save_disposition(planned.attempt, said)

    async def a_number_is_suppressed(self) -> None:
        who, until = self._number(), self._dice.choice((None, self._now + 9000))
        await self._store.suppress([who], "api", "linh", self._now, until=until)
        self._barred[who, "api"] = until

    async def a_number_is_let_in_again(self) -> None:
        who, source = self._number(), self._dice.choice(("api", "agent", "opt_out"))
        await self._store.unsuppress([who], source, "linh", self._now)
        self._barred.pop((who, source), None)

    async def a_register_is_loaded(self) -> None:
        some = {self._number() for _ in range(2)}
        loader = ListLoader(self._ledger, "register")
        await loader.open()
        await loader.write(some)
        await loader.put_in_force(self._now)
        self._barred = {k: until for k, until in self._barred.items() if k[1] != "register"}
        self._barred |= {(who, "register"): None for who in some}

    async def somebody_promises_to_call(self) -> None:
        which, owner = self._dice.randint(1, self._imported + 1), self._dice.choice(("", "mai"))
        due = self._now + self._dice.choice(SECONDS)
        await self._store.schedule_callback(which, due, owner, "", "mai", self._now)

    async def the_engine_dies(self) -> None:
        """Some calls outlive it; the record of another may come late, or never."""
        alive = [attempt for attempt in self._calls if self._dice.random() < 0.6]
        self._lost += [each for name, each in self._calls.items() if name not in alive]
        self._calls = {name: self._calls[name] for name in alive}
        self._hopper.clear()
        self._runs += 1
        self._store = LeadStore(self._ledger)
        await self._store.recover(self._run, alive, self._now)

    async def a_record_comes_late(self) -> None:
        if not self._lost:
            return
        planned = self._lost.pop(self._dice.randrange(len(self._lost)))
        over = record(made(planned, self._dice.choice(list(Disposition)), self._now))
        await self._ledger.save_call(over)
        self._over.append(planned)
        asked = select(attempts.c.disposition).where(attempts.c.attempt == planned.attempt)
        assert over.attempt is not None
        assert await self._ask(asked) == [(over.attempt.disposition,)]

    async def time_passes(self) -> None:
        self._now += self._dice.choice(SECONDS)

    async def the_clock_is_set_back(self) -> None:
        self._now = max(T, self._now - self._dice.choice((1.0, 3600.0)))

    # -- what always holds -------------------------------------------------------------------------

    async def every_attempt_goes_on_or_has_ended_once(self) -> None:
        asked = select(attempts.c.attempt, attempts.c.ended, attempts.c.disposition)
        rows = await self._ask(asked)
        assert all((ended is None) == (word is None) for _, ended, word in rows)
        assert {name for name, ended, _ in rows if ended is None} == self._calls.keys()

    async def everybody_is_called_who_may_be(self) -> None:
        """In the end every lead is done or suppressed: none is left over."""
        while self._calls:
            await self.a_call_ends(Disposition.BUSY)
        await self.the_engine_dies()
        for _ in range(15):
            self._now += 1_000_000.0
            await self.a_hopper_is_filled(100)
            while self._hopper:
                if self._hopper[-1][1].suppressed:
                    await self.a_lead_goes_back(suppress=True)
                else:
                    await self.a_call_begins()
                await self.a_call_ends(Disposition.CONNECTED)
        states = await self._ask(select(leads.c.state, func.count()).group_by(leads.c.state))
        assert {state for state, _ in states} <= {LeadState.DONE, LeadState.SUPPRESSED}, states

    @property
    def _run(self) -> str:
        return f"run-{self._runs}"

    def _number(self) -> str:
        return number(self._dice.choice(NUMBERS))

    def _may_be_called(self, who: str) -> bool:
        entries = [until for (n, _), until in self._barred.items() if n == who]
        return not any(until is None or until > self._now for until in entries)

    async def _ask(self, query: Any) -> Any:
        async with self._ledger.reading() as connection:
            return [tuple(row) for row in await connection.execute(query)]
