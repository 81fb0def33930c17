"""What an agent's screen is told of a lead that a campaign shows him, and how he skips it."""

from __future__ import annotations

from typing import Any

from aiohttp.test_utils import TestClient
from served_engine import Engine, api, ask, engine, refused

from acd.messages import ContactQueued
from dialer.campaign import CampaignSettings
from dialer.plan import AttemptPlan, Mode
from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.mail import OfferDeclined
from engine.calls.record import Standing

__all__ = ["api", "engine"]

Client = TestClient[Any, Any]
NUMBER = "+84901234567"


def campaign(**preview: Any) -> CampaignSettings:
    written = {"mode": "preview", "rules": ["vn"], "queue": "support", "lists": ["march"]}
    return CampaignSettings.model_validate({"name": "march", "preview": preview, **written})


def shown(engine: Engine) -> Call:
    """A lead is offered to who serves the queue."""
    now = engine.clock.now()
    plan = AttemptPlan(
        attempt="ob-1",
        campaign="march",
        mode=Mode.PREVIEW,
        list="march",
        lead=4711,
        seq=0,
        number=NUMBER,
        trunk="trunk",
        dialed=NUMBER,
        caller_id="19001000",
        decided=now,
        queue="support",
        script="https://crm.example/4711",
        data={"city": "Hanoi"},
    )
    standing = Standing("ob-1")
    standing.take(n.AttemptBegan(now, plan))
    call = Call(standing, engine.clock, lambda *_: None)
    engine.registry.calls["ob-1"] = call
    engine.desk.attend("ob-1", call.deliver)
    engine.post(ContactQueued("ob-1", "support", now))
    return call


async def test_an_agent_sees_whom_he_is_to_call(api: Client, engine: Engine) -> None:
    await ask(api, "POST /v1/agents/mai/login")
    shown(engine)
    _, mai = await ask(api, "GET /v1/agents/mai")
    [task] = mai["tasks"]
    assert task["lead"] == {
        "campaign": "march",
        "lead": 4711,
        "number": NUMBER,
        "callback": False,
        "data": {"city": "Hanoi"},
    }
    assert (task["caller"], task["script"]) == (NUMBER, "https://crm.example/4711")


async def test_he_skips_a_lead_with_one_of_the_reasons(api: Client, engine: Engine) -> None:
    engine.site.campaigns = {"march": campaign(skip_reasons=["not_now", "bad_data"])}
    await ask(api, "POST /v1/agents/mai/login")
    call = shown(engine)
    path = "POST /v1/agents/mai/offers/ob-1-a1/decline"
    status, detail = await refused(api, path, json={"reason": "too early"})
    assert (status, detail) == (422, "reason: say one of not_now, bad_data.")
    assert (await ask(api, path, json={"reason": "not_now"}))[0] == 202
    heard = [await call.receive(engine.clock.now() + 1) for _ in range(2)]
    assert heard[-1] == OfferDeclined("ob-1-a1", "not_now")


async def test_where_leads_may_not_be_skipped_he_is_told_so(api: Client, engine: Engine) -> None:
    engine.site.campaigns = {"march": campaign(may_skip=False)}
    await ask(api, "POST /v1/agents/mai/login")
    shown(engine)
    status, detail = await refused(api, "POST /v1/agents/mai/offers/ob-1-a1/decline")
    assert (status, detail) == (409, "In march no lead may be skipped.")


async def test_a_lead_of_a_campaign_that_is_gone_may_be_skipped(
    api: Client, engine: Engine
) -> None:
    engine.site.campaigns = {}
    await ask(api, "POST /v1/agents/mai/login")
    shown(engine)
    assert (await ask(api, "POST /v1/agents/mai/offers/ob-1-a1/decline"))[0] == 202
