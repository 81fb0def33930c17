"""What an agent's phone is told in an offer: by the real Asterisk, to a phone of a few lines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from test_trunk import Switch, opened
from udp_caller import UdpCaller

from engine.asterisk.pbx import AsteriskPbx
from engine.ports import CallArrived, LegAnswered, LegGone, SipAccount
from tests.udp_carrier import CalledCustomer, UdpCarrier

PHONES = ("3001", "3002")
ELSEWHERE = 26  # Q.850: answered elsewhere


@asynccontextmanager
async def _center(folder: Path) -> AsyncIterator[tuple[Switch, str, UdpCarrier]]:
    """A caller on the line, and agents' phones, all at one address."""
    async with UdpCarrier() as phones, opened(folder, phones.contact) as switch:
        for extension in PHONES:
            await _seat(switch.pbx, extension, phones)
        host, port = switch.sip
        with UdpCaller(phones.host, (host, port)) as customer:
            await customer.invite("19001234")
            arrived = await switch.next()
            assert isinstance(arrived, CallArrived)
            await switch.pbx.answer(arrived.channel)
            yield switch, arrived.channel, phones


async def _seat(pbx: AsteriskPbx, extension: str, phones: UdpCarrier) -> None:
    """An agent's account whose phone is always there."""
    await pbx.ensure_account(SipAccount(extension, "s3cret-s3cret", extension))
    contact = f"sip:{extension}@{phones.host}:{phones.port}"
    fields = [{"attribute": "contact", "value": contact}]
    await pbx.ari.asterisk.update_object("res_pjsip", "aor", extension, fields=fields)


@pytest.mark.parametrize("auto_answer", [True, False])
async def test_a_phone_is_asked_to_answer_by_itself_only_when_it_should(
    tmp_path: Path, auto_answer: bool
) -> None:
    async with _center(tmp_path) as (switch, caller, phones):
        leg = f"{caller}-a1"
        await switch.pbx.dial(leg, "3001", caller=caller, ring_seconds=20, auto_answer=auto_answer)
        phone = await phones.next()
        assert ("Call-Info: <sip:127.0.0.1>;answer-after=0" in phone.invite) is auto_answer
        assert (";info=alert-autoanswer" in phone.invite) is auto_answer
        await phone.answer()
        await _until(switch, LegAnswered, leg)
        await switch.pbx.hang_up(leg)
        await _until(switch, LegGone, leg)


async def test_of_two_phones_that_ring_the_slower_one_shows_no_missed_call(tmp_path: Path) -> None:
    async with _center(tmp_path) as (switch, caller, phones):
        legs = [f"{caller}-a1", f"{caller}-a2"]
        async with asyncio.TaskGroup() as tasks:
            for leg, extension in zip(legs, PHONES, strict=True):
                dialing = switch.pbx.dial(leg, extension, caller=caller, ring_seconds=20)
                tasks.create_task(dialing)
        rung = {phone.number: phone for phone in [await phones.next(), await phones.next()]}
        for phone in rung.values():
            phone.ring()
        await rung["3002"].answer()
        await _until(switch, LegAnswered, legs[1])
        await switch.pbx.hang_up(legs[0], "answered_elsewhere")
        lost: CalledCustomer = rung["3001"]
        await lost.until_ended()
        assert lost.cancelled
        assert "Reason: Q.850;cause=26" in lost.end
        assert (await _until(switch, LegGone, legs[0])).cause == ELSEWHERE
        await switch.pbx.hang_up(legs[1])
        await _until(switch, LegGone, legs[1])


async def _until(switch: Switch, kind: type[LegAnswered] | type[LegGone], leg: str) -> LegGone:
    while True:
        event = await switch.next()
        if isinstance(event, kind) and event.channel == leg:
            return event  # type: ignore[return-value]
