"""What arrives on a trunk that no proper caller would send: nothing of it disturbs the others."""

import asyncio

import pytest
from center import CLOSED, MENU, SUPPORT, until
from wire import WireCall

pytestmark = pytest.mark.asyncio(loop_scope="module")

ODD_NAMES = {
    "quotes": r'"Trần \"Tí\" Văn, \\ Ltd" <sip:0905000001@127.0.0.2>',
    "letters of many scripts": '"Nguyễn 电话 🤙" <sip:0905000002@127.0.0.2>',
    "a name in 4 kB": f'"{"x" * 4000}" <sip:0905000003@127.0.0.2>',
    "dialplan and SQL": '"${SHELL(id)}\'; DROP TABLE calls;--|&" <sip:0905000004@127.0.0.2>',
    "escaped line ends": '"a" <sip:0905%0d%0aX-Evil%3a%201@127.0.0.2>',
    "no number": '"Anonymous" <sip:anonymous@anonymous.invalid>',
    "no user": "<sip:127.0.0.2>",
    "a number of 200 digits": f"<sip:{'9' * 200}@127.0.0.2>",
}

ODD_NUMBERS = (
    "1900&1000", "1900%401000", "1900,1000", "%00", "..%2f..%2fetc",
    "19001000%0d%0aX%3a1", "$%7bSHELL(id)%7d", "9" * 300, "", "s", "h", "t", "*10", "+",
)  # fmt: skip

NO_NUMBERS = ("1900|1000", "tổng-đài")  # no such characters in a SIP URI (RFC 3261 25.1)

GARBAGE = (
    b"\x00", b"\r\n\r\n", b"\xff" * 1400, b"INVITE", b"INVITE sip:1 SIP/2.0\r\n\r\n",
    b"INVITE sip:19001000@127.0.0.1 SIP/2.0\r\nContent-Length: 99999\r\n\r\n",
    b"SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\n\r\n", b"x" * 60_000,
)  # fmt: skip


@pytest.fixture
def call(floor):
    """One odd call from the trunk."""
    with WireCall(floor.address) as call:
        yield call


async def test_garbage_on_the_wire_disturbs_nobody(floor, call):
    calling = await floor.dial(SUPPORT)

    for data in GARBAGE:
        await call.send(data)
    for number in NO_NUMBERS:
        await call.invite(number)

    await assert_served(floor)
    assert [c["stage"] for c in await floor.live(1)] == ["queue"]
    await calling.hang_up()
    await floor.record(calling)
    assert len(await floor.records()) == 2


async def test_callers_with_odd_names_are_callers(floor):
    calls = [WireCall(floor.address) for _ in ODD_NAMES]
    for call, name in zip(calls, ODD_NAMES.values(), strict=True):
        await call.invite(CLOSED, caller=name)

    statuses = [await call.whole_call() for call in calls]

    assert dict(zip(ODD_NAMES, statuses, strict=True)) == dict.fromkeys(ODD_NAMES, 200)
    for call in calls:
        record = await floor.record(call)
        assert record["called"] == CLOSED
        assert record["caller"].isprintable()
        assert len(record["caller"]) <= 80
        call.close()
    assert len(await floor.records()) == len(ODD_NAMES)
    await assert_served(floor)


async def test_an_odd_number_is_refused_or_told_that_it_is_not_in_use(floor):
    statuses = await asyncio.gather(*(dial_oddly(floor, number) for number in ODD_NUMBERS))

    answered = [n for n, status in zip(ODD_NUMBERS, statuses, strict=True) if status == 200]
    assert set(statuses) <= {200, 404, 484}
    records = await until(lambda: all_of(floor, len(answered)))
    assert {r["outcome"] for r in records} <= {"unrouted", "abandoned"}
    await assert_served(floor)


async def test_a_number_with_parameters_behind_it_is_the_number(floor, call):
    await call.invite(f"{CLOSED};phone-context=+84;npdi")

    assert await call.whole_call() == 200

    assert (await floor.record(call))["called"] == CLOSED


async def test_a_caller_who_says_everything_twice_is_one_call(floor, call):
    data = await call.invite(MENU)
    await call.send(data)
    assert (await call.final()).status == 200
    await call.send(data)
    await call.ack()
    await call.ack()
    assert len(await floor.live()) == 1

    await call.bye()
    assert (await call.final("BYE")).status == 200
    await call.bye()
    assert (await call.final("BYE")).status in (200, 481)  # just over, or long

    record = await floor.record(call)
    assert (record["outcome"], record["ended_by"]) == ("abandoned", "caller")
    assert len(await floor.records()) == 1


async def test_a_caller_who_gives_up_at_once_leaves_nothing_but_his_record(floor):
    answered = []
    for moment in (0.0, 0.002, 0.005, 0.01, 0.02, 0.05):
        with WireCall(floor.address) as call:
            await call.invite(MENU)
            await asyncio.sleep(moment)
            await call.cancel()
            status = (await call.final()).status
            assert status in (200, 487)
            if status == 200:  # answered before the CANCEL came
                await hang_up(call)
                answered.append(call)
            await floor.live(0)
    with WireCall(floor.address) as call:
        await call.invite(MENU)
        assert (await call.final()).status == 200
        await hang_up(call)
        answered.append(call)
    for call in answered:
        await floor.record(call)
    records = await floor.records()
    assert len(records) <= 7  # who was not answered may have one
    assert {(r["outcome"], r["ended_by"]) for r in records} == {("abandoned", "caller")}
    await assert_served(floor)


async def hang_up(call):
    """Confirm the answer, and end the call."""
    await call.ack()
    await call.bye()
    await call.final("BYE")


async def test_a_caller_needs_no_offer_of_sound_but_is_refused_with_an_impossible_one(
    floor,
):
    offers = {"": 200, "v=0\r\nm=nonsense": 400, "G.729 alone": 488}
    for offer, status in offers.items():
        with WireCall(floor.address) as call:
            body = call.sdp(codecs="18") if offer == "G.729 alone" else offer
            await call.invite(CLOSED, body=body)
            assert await call.whole_call() == status, offer
    await assert_served(floor)


async def dial_oddly(floor, number):
    """Call it, and hang up when it is answered; returns the final status."""
    with WireCall(floor.address) as call:
        await call.invite(number)
        return await call.whole_call()


async def all_of(floor, count):
    """The records, when there are so many."""
    records = await floor.records()
    return (records or True) if len(records) == count else None


async def assert_served(floor):
    """A proper caller is served as ever."""
    calling = await floor.dial(CLOSED)
    await until(lambda: floor.heard_prompt(calling, "closed"))
    await calling.hang_up()
    assert (await floor.record(calling))["outcome"] == "out_of_hours"
