"""The leads of campaigns on both real databases: whom a hopper is given, and who is dialed."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from lead_lists import (
    FLORIDA,
    RUN,
    VIETNAM,
    T,
    add,
    ask,
    lead,
    made,
    number,
    plan,
    record,
    standing,
)

from dialer.counts import Past, Tally
from dialer.dispositions import Disposition
from dialer.filters import FilterError
from dialer.leads import Candidate, Consent, LeadState
from dialer.messages import CampaignState, Moved
from engine.call_record import Disposition as Code
from engine.store.leads import LeadStore, Place, Return
from engine.store.ledger import Ledger
from engine.store.reports import Reports

pytest_plugins = ["databases"]


@pytest.fixture
async def store(emptied: Ledger) -> LeadStore:
    """A store without leads, once in each kind of database."""
    return LeadStore(emptied)


def keys(candidates: list[Candidate]) -> list[int]:
    """Which leads these are, by the ``n`` of their first number."""
    return [int(each.number[-7:]) for each in candidates]


async def claimed(store: LeadStore, **fields: object) -> list[int]:
    found, _ = await store.claim(ask(**fields))  # type: ignore[arg-type]
    return keys(found)


async def one(store: LeadStore, **fields: object) -> Candidate:
    """The next lead, claimed."""
    [found], _ = await store.claim(ask(**({"want": 1} | fields)))  # type: ignore[arg-type]
    return found


async def ended(
    store: LeadStore, disposition: Disposition, at: float = T, n: int = 1, **fields: object
) -> Candidate:
    """The next lead is called, and this comes of it a minute later."""
    found = await one(store, now=at)
    planned = plan(found, n, at)
    assert await store.begin(planned, at, RUN) == ""
    await store.ledger.save_call(record(made(planned, disposition, at + 60, **fields)))
    return found


# -- the hopper ------------------------------------------------------------------------------------


async def test_a_lead_is_in_one_hopper_at_a_time(store: LeadStore) -> None:
    await add(store, *map(lead, range(5)))
    assert await claimed(store, want=3) == [0, 1, 2]
    assert await claimed(store, want=3, campaign="other") == [3, 4]
    assert await claimed(store, want=3, run="run-2") == []


async def test_hoppers_that_are_filled_at_the_same_time_share_no_lead(store: LeadStore) -> None:
    await add(store, *map(lead, range(60)))
    other = LeadStore(store.ledger)
    filled = await asyncio.gather(
        *(each.claim(ask(10)) for each in (store, other) for _ in range(3))
    )
    taken = [key for found, _ in filled for key in keys(found)]
    assert len(taken) == len(set(taken)) == 60


async def test_a_hopper_is_told_when_there_are_no_more(store: LeadStore) -> None:
    await add(store, *map(lead, range(3)))
    assert (await store.claim(ask(3)))[1] is False
    assert await store.claim(ask(3)) == ([], True)
    assert await store.claim(ask(3, lists=(("nowhere", 1.0),))) == ([], True)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("priority", [2, 0, 3, 1]),
        ("oldest", [0, 1, 2, 3]),
        ("newest", [3, 2, 1, 0]),
        ("longest_ago", [1, 2, 3, 0]),
    ],
)
async def test_leads_come_in_the_campaigns_order(
    store: LeadStore, order: str, expected: list[int]
) -> None:
    await add(store, lead(0))
    await ended(store, Disposition.BUSY, T - 86400)
    await add(store, lead(1, priority=-1), lead(2, priority=5), lead(3))
    assert await claimed(store, order=order) == expected
    assert await claimed(store, order=order) == []


async def test_in_random_order_all_come_though_not_in_their_own(store: LeadStore) -> None:
    await add(store, *map(lead, range(100)))
    found = [key for _ in range(10) for key in await claimed(store, order="random")]
    assert sorted(found) == list(range(100))
    assert found != sorted(found)


async def test_lists_are_mixed_by_their_shares_until_one_is_used_up(store: LeadStore) -> None:
    await add(store, *map(lead, range(100)))
    await add(store, *(lead(n) for n in range(100, 130)), into="autumn")
    mix = (("spring", 3.0), ("autumn", 1.0))
    found = [await claimed(store, want=6, lists=mix) for _ in range(10)]
    assert sum(n >= 100 for some in found for n in some) == 15
    assert all(sum(n >= 100 for n in some) in (1, 2) for some in found)
    rest = [n for _ in range(8) for n in await claimed(store, want=10, lists=mix)]
    assert len(rest) == 70
    assert await claimed(store, lists=mix) == []


async def test_only_leads_where_it_is_open_are_given(store: LeadStore) -> None:
    await add(store, lead(0), lead(1, place=FLORIDA), lead(2))
    assert await claimed(store, open_places=frozenset({FLORIDA})) == [1]
    assert await claimed(store, open_places=frozenset()) == []
    assert await claimed(store, open_places=frozenset({FLORIDA, VIETNAM})) == [0, 2]


async def test_the_places_of_lists_are_known_with_their_counts(store: LeadStore) -> None:
    await add(store, lead(0, 10), lead(1, place=FLORIDA), lead(2))
    await add(store, lead(0), into="autumn")
    assert await store.places(["spring"]) == [Place(*VIETNAM, 3), Place(*FLORIDA, 1)]
    assert await store.places(["spring", "autumn", "none"]) == [
        Place(*VIETNAM, 4),
        Place(*FLORIDA, 1),
    ]


async def test_a_filter_says_who_is_given(store: LeadStore) -> None:
    await add(
        store,
        lead(0, data={"city": "Hanoi", "score": "50"}),
        lead(1, data={"city": "Hanoi", "score": "9"}),
        lead(2, data={"city": "Huế", "score": "80"}, owner="mai"),
        lead(3, data={"score": "viele"}, name="Ánh"),
        lead(4, place=FLORIDA, priority=3),
    )
    assert await claimed(store, filter='city == "Hanoi" and score >= 50') == [0]
    assert await claimed(store, filter='name == "Ánh"') == [3]
    assert await claimed(store, filter='region == "US-FL" and priority > 2 and not city') == [4]
    assert await claimed(store, filter='owner == "mai" or attempts > 0') == [2]
    assert await claimed(store, filter='list == "spring" and city in ("Huế", "Hanoi")') == [1]
    with pytest.raises(FilterError):
        await store.claim(ask(filter="city =="))


async def test_a_filter_that_hardly_anybody_passes_finds_him_however_far_back(
    store: LeadStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.store.lead_walk.WINDOW", 10)
    monkeypatch.setattr("engine.store.leads.CLAIM_SECONDS", 0.0)
    many = [lead(n, data={"vip": "yes"} if n % 40 == 39 else {}) for n in range(200)]
    await add(store, *many)
    found: list[int] = []
    for _ in range(25):
        some, exhausted = await store.claim(ask(filter="vip"))
        found += keys(some)
        if exhausted:
            break
    assert found == [39, 79, 119, 159, 199]
    await add(store, lead(500, data={"vip": "yes"}, priority=1))
    assert await claimed(store, filter="vip") == [500]


async def test_who_has_a_best_time_is_called_then_by_his_own_clock(store: LeadStore) -> None:
    evening = (18 * 60, 20 * 60)
    await add(store, lead(0, best=evening), lead(1, best=evening, place=FLORIDA), lead(2))
    noon_in_utc = 1_790_078_400.0
    assert noon_in_utc % 86400 == 12 * 3600  # 19:00 in Hanoi, 08:00 in Miami
    assert await claimed(store, now=noon_in_utc) == [0, 2]
    assert await claimed(store, now=noon_in_utc + 3 * 3600) == []
    assert await claimed(store, now=noon_in_utc + 11 * 3600) == [1]


async def test_a_lead_given_back_is_there_again_when_it_is_due(store: LeadStore) -> None:
    await add(store, lead(0), lead(1), lead(2))
    found = await store.claim(ask(3))
    ids = [each.lead for each in found[0]]
    await store.give_back(
        [Return(ids[0]), Return(ids[1], T + 60, "hours"), Return(ids[2], None, "vn", suppress=True)]
    )
    assert await claimed(store) == [0]
    assert await claimed(store, now=T + 59) == []
    assert await claimed(store, now=T + 60) == [1]
    assert await claimed(store, now=T + 1e8) == []
    row = await standing(store, ids[2])
    assert (row["state"], row["why"]) == (LeadState.SUPPRESSED, "vn")


async def test_a_lead_whose_number_is_barred_is_called_at_its_next_one(store: LeadStore) -> None:
    await add(store, lead(0, 10))
    first = await one(store)
    await store.give_back([Return(first.lead, None, "do_not_call", suppress=True)])
    second = await one(store)
    assert (second.lead, second.seq, second.number) == (first.lead, 1, number(10))
    await store.give_back([Return(second.lead, None, "do_not_call", suppress=True)])
    assert await claimed(store, now=T + 1e8) == []


async def test_all_that_is_known_of_a_number_comes_with_it(store: LeadStore) -> None:
    agreed = Consent(T - 9, None, "form.csv, row 2", "")
    await add(
        store,
        lead(7, name="Mai", owner="an", language="vi", consent=agreed, data={"city": "Huế"}),
    )
    await ended(store, Disposition.NO_ANSWER, T - 86400 * 40)
    await ended(store, Disposition.ABANDONED, T - 86400 * 5, 2, answered=T)
    await ended(store, Disposition.CONNECTED, T - 86400, 3, connected=T - 86400 + 9)
    assert (await standing(store, 1))["state"] is LeadState.DONE
    assert await store.schedule_callback(1, T, "binh", "", "binh", T - 1)
    found = await one(store, owners=frozenset({"binh"}))
    assert found == Candidate(
        lead=1,
        list="spring",
        number=number(7),
        zones=("Asia/Ho_Chi_Minh",),
        region="VN",
        language="vi",
        owner="binh",
        callback_due=T,
        attempts=3,
        dialed=(T - 86400, T - 86400 * 5),
        talked=T - 86400 + 9,
        abandoned=T - 86400 * 5 + 60,
        consent=agreed,
        do_not_call=("own",),
        mobile=True,
        data={"city": "Huế", "name": "Mai"},
    )


# -- attempts --------------------------------------------------------------------------------------


async def test_an_attempt_begins_only_with_a_lead_in_this_runs_hopper(store: LeadStore) -> None:
    await add(store, lead(0), lead(1))
    found = await one(store)
    assert "hopper" in await store.begin(plan(found), T, "run-2")
    assert "hopper of sale" in await store.begin(plan(found, campaign="other"), T, RUN)
    assert await store.begin(plan(found), T, RUN) == ""
    assert await store.begin(plan(found), T, RUN) == ""  # asked again after a doubt
    assert "dialing" in await store.begin(plan(found, 2), T, RUN)
    assert "no such lead" in await store.begin(replace(plan(found, 3), lead=99), T, RUN)
    assert await claimed(store) == [1]


async def test_a_number_is_in_one_call_at_a_time_whosever_lead_it_is(store: LeadStore) -> None:
    await add(store, lead(0))
    await add(store, lead(0), into="autumn")
    here, there = await one(store), await one(store, lists=(("autumn", 1.0),))
    planned = plan(here)
    assert await store.begin(planned, T, RUN) == ""
    assert "called" in await store.begin(plan(there, 2), T + 1, RUN)
    await store.ledger.save_call(record(made(planned, Disposition.BUSY, T + 5)))
    assert await claimed(store, now=T + 60, lists=(("autumn", 1.0),)) == []
    again = await one(store, now=T + 61, lists=(("autumn", 1.0),))
    assert again.dialed == (T,)
    assert await store.begin(plan(again, 3), T + 61, RUN) == ""


async def test_two_engines_cannot_call_a_number_at_the_same_moment(store: LeadStore) -> None:
    await add(store, lead(0))
    await add(store, lead(0), into="autumn")
    here, there = await one(store), await one(store, lists=(("autumn", 1.0),))
    other = LeadStore(store.ledger)
    said = await asyncio.gather(
        store.begin(plan(here), T, RUN), other.begin(plan(there, 2), T, RUN)
    )
    assert sorted(map(bool, said)) == [False, True]


async def test_a_lead_let_in_again_during_its_call_is_not_called_at_its_other_number(
    store: LeadStore,
) -> None:
    await add(store, lead(0, 10))
    planned = plan(await one(store))
    await store.begin(planned, T, RUN)
    await store.suppress([number(0)], "api", "linh", T)
    await store.unsuppress([number(0)], "api", "linh", T + 1)
    found = await one(store, now=T + 2)
    await store.give_back([Return(found.lead, None, "vn", suppress=True)])
    other = await one(store, now=T + 3)
    assert other.number == number(10)
    assert "called" in await store.begin(plan(other, 2), T + 3, RUN)
    await store.ledger.save_call(record(made(planned, Disposition.BUSY, T + 5)))
    assert (await standing(store, found.lead))["state"] is LeadState.READY


async def test_who_opts_out_while_his_lead_is_in_a_hopper_is_not_called(store: LeadStore) -> None:
    await add(store, lead(0, 10), lead(1))
    found = await one(store)
    assert await store.suppress([number(0), number(77)], "api", "linh", T, "wrote to us") == 2
    assert await store.suppress([number(0)], "api", "linh", T, "again") == 0
    assert await store.begin(plan(found), T, RUN) != ""
    row = await standing(store, found.lead)
    assert row["state"] is LeadState.SUPPRESSED
    assert await claimed(store, now=T + 1e8) == [1]


async def test_a_number_barred_for_a_time_is_called_after_it(store: LeadStore) -> None:
    await add(store, lead(0), lead(1))
    found = await one(store)
    await store.suppress([number(0), number(1)], "api", "linh", T, until=T + 100)
    assert "do not call: api" in await store.begin(plan(found), T, RUN)
    assert await claimed(store, now=T + 99) == []
    assert await claimed(store, now=T + 100) == [0, 1]


async def test_a_number_let_in_again_is_called_unless_others_bar_it(store: LeadStore) -> None:
    await add(store, lead(0), lead(1))
    await store.suppress([number(0), number(1)], "api", "linh", T)
    await store.suppress([number(1)], "agent", "mai", T)
    assert await store.unsuppress([number(0), number(1)], "api", "linh", T + 1, "agreed") == 2
    assert await store.unsuppress([number(0)], "api", "linh", T + 1) == 0
    assert await claimed(store, now=T + 1) == [0]


async def test_a_missed_lead_is_tried_again_by_its_rule(store: LeadStore) -> None:
    await add(store, lead(0))
    found = await ended(store, Disposition.BUSY)
    assert await claimed(store, now=T + 60 + 899) == []
    again = await one(store, now=T + 60 + 900)
    assert (again.lead, again.attempts, again.dialed) == (found.lead, 1, (T,))


async def test_an_attempt_is_ended_once_however_often_it_is_written(store: LeadStore) -> None:
    await add(store, lead(0))
    found = await one(store)
    planned = plan(found)
    await store.begin(planned, T, RUN)
    over = made(planned, Disposition.BUSY, T + 9, cause=17, tech_cause=486)
    await store.ledger.save_call(record(over))
    await store.ledger.save_call(record(replace(over, disposition=Disposition.NO_ANSWER)))
    assert (await standing(store, found.lead))["attempts"] == 1
    kept = await Reports(store.ledger).call(planned.attempt)
    assert kept is not None
    assert kept.attempt == over


async def test_an_attempt_is_kept_with_all_its_times_and_its_proof(store: LeadStore) -> None:
    await add(store, lead(0, data={"city": "Huế"}))
    found = await one(store)
    planned = plan(found, data=found.data, codes={"sale": "done"})
    await store.begin(planned, T, RUN)
    over = made(
        planned,
        Disposition.CONNECTED,
        T + 60,
        rang=T + 2,
        answered=T + 9.5,
        person=T + 10.25,
        connected=T + 11,
        agent="mai",
        cause=16,
        verdict="person",
        spoken=("hello", "please_wait"),
    )
    await store.ledger.save_call(record(over))
    kept = await Reports(store.ledger).call(planned.attempt)
    assert kept is not None
    assert kept.attempt == replace(over, plan=replace(planned, data={}))


async def test_an_attempt_that_the_switch_refused_counts_for_nothing(store: LeadStore) -> None:
    await add(store, lead(0))
    found = await one(store)
    planned = plan(found)
    await store.begin(planned, T, RUN)
    await store.refuse(planned.attempt, "no channel", T)
    again = await one(store, now=T + 300)
    assert (again.attempts, again.dialed) == (0, ())


@pytest.mark.parametrize("code_first", [True, False])
async def test_an_agents_code_decides_whether_it_comes_before_or_after_the_call(
    store: LeadStore, code_first: bool
) -> None:
    await add(store, lead(0))
    planned = plan(await one(store), codes={"sale": "done", "later": "recycle"})
    await store.begin(planned, T, RUN)
    over = record(made(planned, Disposition.CONNECTED, T + 60, connected=T + 9, agent="mai"))
    codes = [
        Code("mai", "sales", "sale", False, T + 60),
        Code("an", "sales", "later", False, T + 70),
    ]
    writes = [lambda: store.ledger.save_call(over)]
    said = [
        lambda code=code: store.ledger.save_disposition(planned.attempt, code) for code in codes
    ]  # type: ignore[misc]
    for write in [*reversed(said), *writes] if code_first else [*writes, *said]:
        await write()
    row = await standing(store, 1)
    assert row["state"] is LeadState.READY
    assert "later" in row["why"]


@pytest.mark.parametrize("code_first", [True, False])
async def test_who_tells_an_agent_not_to_call_is_called_by_nobody(
    store: LeadStore, code_first: bool
) -> None:
    await add(store, lead(0))
    await add(store, lead(0), into="autumn")
    planned = plan(await one(store))
    await store.begin(planned, T, RUN)
    over = record(made(planned, Disposition.CONNECTED, T + 60, connected=T + 9, agent="mai"))
    code = Code("mai", "sales", "do_not_call", False, T + 62)
    if code_first:
        await store.ledger.save_disposition(planned.attempt, code)
        assert (await standing(store, 1))["state"] is LeadState.SUPPRESSED
    await store.ledger.save_call(over)
    if not code_first:
        await store.ledger.save_disposition(planned.attempt, code)
    for lists in ("spring", "autumn"):
        assert await claimed(store, now=T + 1e8, lists=((lists, 1.0),)) == []


async def test_who_opts_out_by_a_key_is_called_by_nobody(store: LeadStore) -> None:
    await add(store, lead(0, 10))
    await ended(store, Disposition.ABANDONED, opted_out=True)
    assert await claimed(store, now=T + 1e8) == []
    await add(store, lead(0), into="autumn")
    assert await claimed(store, now=T + 1e8, lists=(("autumn", 1.0),)) == []


async def test_a_code_for_an_earlier_call_waits_for_the_end_of_this_one(store: LeadStore) -> None:
    await add(store, lead(0))
    first = plan(await one(store))
    await store.begin(first, T, RUN)
    await store.ledger.save_call(record(made(first, Disposition.BUSY, T + 9)))
    second = plan(await one(store, now=T + 2000), 2, T + 2000)
    await store.begin(second, T + 2000, RUN)
    code = Code("mai", "sales", "sale", False, T + 2001)
    await store.ledger.save_disposition(first.attempt, code)
    assert (await standing(store, 1))["state"] is LeadState.DIALING
    await store.ledger.save_call(record(made(second, Disposition.NO_ANSWER, T + 2030)))
    assert (await standing(store, 1))["state"] is LeadState.DONE


# -- callbacks -------------------------------------------------------------------------------------


async def test_a_callback_comes_before_all_leads_when_it_is_due(store: LeadStore) -> None:
    await add(store, *map(lead, range(4)))
    assert await store.schedule_callback(3, T + 100, "", "after lunch", "mai", T)
    assert await claimed(store, want=1, now=T + 99) == [0]
    found = await one(store, now=T + 100, filter='city == "Hanoi"')
    assert (keys([found]), found.callback_due, found.owner) == ([2], T + 100, "")


async def test_a_personal_callback_waits_for_its_agent_but_not_for_ever(store: LeadStore) -> None:
    await add(store, lead(0))
    assert await store.schedule_callback(1, T, "mai", "", "mai", T)
    assert await claimed(store, owners=frozenset({"an"})) == []
    assert await claimed(store, owners=frozenset({"an"}), now=T + 899) == []
    found = await one(store, owners=frozenset({"mai"}))
    assert found.owner == "mai"
    await store.give_back([Return(found.lead)])
    assert await claimed(store, now=T + 900) == [0]


async def test_a_callback_given_back_stays_one(store: LeadStore) -> None:
    await add(store, lead(0))
    await store.schedule_callback(1, T, "", "", "mai", T)
    found = await one(store)
    await store.give_back([Return(found.lead, T + 500, "hours")])
    assert await claimed(store, now=T + 499) == []
    assert (await one(store, now=T + 500)).callback_due == T


async def test_a_callback_promised_in_a_talk_is_kept_when_it_is_over(store: LeadStore) -> None:
    await add(store, lead(0))
    planned = plan(await one(store))
    await store.begin(planned, T, RUN)
    assert await store.schedule_callback(1, T + 5000, "mai", "about prices", "mai", T + 30)
    assert (await standing(store, 1))["state"] is LeadState.DIALING
    await store.ledger.save_call(record(made(planned, Disposition.CONNECTED, T + 60)))
    code = Code("mai", "sales", "callback", False, T + 61)
    await store.ledger.save_disposition(planned.attempt, code)
    assert await claimed(store, now=T + 4999) == []
    found = await one(store, now=T + 5000, owners=frozenset({"mai"}))
    assert (found.callback_due, found.owner) == (T + 5000, "mai")


async def test_a_promise_takes_a_lead_out_of_the_hopper_and_out_of_done(store: LeadStore) -> None:
    await add(store, lead(0))
    found = await one(store)
    assert await store.schedule_callback(1, T + 100, "", "", "mai", T)
    assert await store.begin(plan(found), T, RUN) != ""
    await ended(store, Disposition.CONNECTED, T + 100)
    assert (await standing(store, 1))["state"] is LeadState.DONE
    assert await store.schedule_callback(1, T + 900, "", "", "mai", T + 200)
    assert await claimed(store, now=T + 900) == [0]


async def test_nobody_is_promised_to_who_is_on_the_list_or_unknown(store: LeadStore) -> None:
    await add(store, lead(0))
    await store.suppress([number(0)], "api", "linh", T)
    assert not await store.schedule_callback(1, T, "", "", "mai", T)
    assert not await store.schedule_callback(99, T, "", "", "mai", T)


# -- crashes ---------------------------------------------------------------------------------------


async def test_after_a_crash_every_lead_is_where_it_belongs(store: LeadStore) -> None:
    await add(store, *map(lead, range(5)))
    await store.schedule_callback(1, T, "", "", "mai", T)
    found, _ = await store.claim(ask(4))
    lost, talking = plan(found[2], 1), plan(found[3], 2)
    await store.begin(lost, T, RUN)
    await store.begin(talking, T, RUN)
    restarted = LeadStore(store.ledger)
    assert await restarted.recover("run-2", {talking.attempt}, T + 30) == [lost.attempt]
    assert await restarted.recover("run-2", {talking.attempt}, T + 30) == []
    again, _ = await restarted.claim(ask(run="run-2", now=T + 30))
    assert keys(again) == [0, 1, 4]
    assert again[0].callback_due == T
    [late] = (await restarted.claim(ask(run="run-2", now=T + 330)))[0]
    assert late.lead == found[2].lead
    assert late.dialed == (T,)  # it may have rung
    await restarted.ledger.save_call(record(made(talking, Disposition.CONNECTED, T + 99)))
    assert (await standing(restarted, found[3].lead))["state"] is LeadState.DONE


async def test_the_record_of_a_call_corrects_what_was_guessed_of_it(store: LeadStore) -> None:
    await add(store, lead(0))
    planned = plan(await one(store))
    await store.begin(planned, T, RUN)
    await store.recover("run-2", (), T + 30)
    over = made(planned, Disposition.CONNECTED, T + 20, connected=T + 9, agent="mai")
    await store.ledger.save_call(record(over))
    row = await standing(store, 1)
    assert (row["state"], row["attempts"]) == (LeadState.DONE, 1)
    kept = await Reports(store.ledger).call(planned.attempt)
    assert kept is not None
    assert kept.attempt == over


# -- what is known beside leads --------------------------------------------------------------------


async def test_a_list_that_has_to_be_there_is_asked_for_and_its_age(store: LeadStore) -> None:
    assert await store.trust({}, T) == ""
    assert "'vn-national' was never loaded" in await store.trust({"vn-national": 86400.0}, T)


async def test_a_campaign_does_what_it_was_last_told(store: LeadStore) -> None:
    assert await store.states() == {}
    draft, running, paused = CampaignState.DRAFT, CampaignState.RUNNING, CampaignState.PAUSED
    await store.save_state(Moved("sale", draft, running, "linh"), T)
    await store.save_state(Moved("sale", running, paused, "mai", "lunch"), T + 1)
    await store.save_state(Moved("other", draft, running, "linh"), T + 2)
    states = await LeadStore(store.ledger).states()
    assert {name: each.state for name, each in states.items()} == {"sale": paused, "other": running}
    assert (states["sale"].since, states["sale"].by, states["sale"].why) == (T + 1, "mai", "lunch")


async def test_what_pacing_has_learned_is_there_after_a_restart(store: LeadStore) -> None:
    assert await store.memory("sale") is None
    await store.save_memory("sale", {"p": [0.1, 0.25]}, T)
    await store.save_memory("sale", {"p": [0.5], "ú": None}, T + 1)
    assert await LeadStore(store.ledger).memory("sale") == {"p": [0.5], "ú": None}


async def test_quarters_of_an_hour_are_tallied_and_caller_ids_counted(store: LeadStore) -> None:
    await add(store, *map(lead, range(6)))
    midnight = T - T % 86400
    await ended(store, Disposition.CONNECTED, midnight + 10, 1, connected=midnight + 20)
    await ended(store, Disposition.ABANDONED, midnight + 11, 2)
    await ended(store, Disposition.MACHINE, midnight + 12, 3)
    await ended(store, Disposition.BUSY, midnight + 86390, 4)
    await ended(store, Disposition.FAILED, midnight + 86400, 5, dialed=None)
    assert await store.tallies("sale", midnight) == [
        Tally(midnight, 2, 1, 1),
        Tally(midnight + 86400),
    ]
    assert await store.tallies("sale", midnight + 86400) == [Tally(midnight + 86400)]
    assert await store.tallies("other", 0.0) == []
    assert await store.shown_today(midnight + 11) == {"+842873001234": 3}


async def test_all_that_a_campaign_ever_did_counts_for_its_goals(store: LeadStore) -> None:
    await add(store, *map(lead, range(4)))
    assert await store.past("sale") == Past()
    running = Moved("sale", CampaignState.DRAFT, CampaignState.RUNNING, "linh")
    await store.save_state(running, T - 9)
    for n in (1, 2):
        at = T + 60 * n
        served = plan(await ended(store, Disposition.CONNECTED, at, n, connected=at), n, at)
        await store.ledger.save_disposition(served.attempt, Code("mai", "sales", "sold", False, at))
    await ended(store, Disposition.FAILED, T + 180, 3, dialed=None)
    under_way = plan(await one(store, now=T + 240), 4)
    assert await store.begin(under_way, T + 240, RUN) == ""
    assert await store.past("sale") == Past(T - 9, dialed=2, connected=2, codes={"sold": 2})
    assert await store.past("other") == Past()
