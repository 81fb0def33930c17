"""Leads: their lists, one lead with what was tried, callbacks, and agents who dial themselves."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Final, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, model_validator

from dialer.campaign import CampaignSettings
from dialer.compliance.places import places_of
from dialer.leads import LeadState
from dialplan.numbers import normalise
from engine.api.calls import Moment
from engine.api.campaigns import Told, require_campaign
from engine.api.desk import named_agent
from engine.api.keys import ENGINE, ServedEngine
from engine.api.lead_hours import local, moment_of, next_hour
from engine.api.problems import Problem, body, query
from engine.campaigns.driver import NotPermitted
from engine.store import lead_views
from engine.store.lead_views import LeadView
from engine.store.lead_writing import LeadWriter, NewLead, NewNumber

_ATTEMPTS_SHOWN: Final = 200
Agent = Annotated[str, Field(max_length=64)]


class Asked(BaseModel):
    """The number, in any spelling."""

    model_config = ConfigDict(extra="forbid")
    number: str = Field(min_length=3, max_length=40)


class Edit(BaseModel):
    """``state``: to be dialed again (ready), or not (done). ``data`` is merged, null takes out."""

    model_config = ConfigDict(extra="forbid")
    state: Literal["ready", "done"] | None = None
    priority: int | None = Field(None, ge=-1_000_000, le=1_000_000)
    owner: Agent | None = None
    language: str | None = Field(None, max_length=35)
    data: dict[str, str | None] | None = None
    by: Told = "the API"
    why: Told = ""


class CallBack(BaseModel):
    """To be called at ``due``: epoch seconds, or 2027-03-01T15:00 by the customer's clock.

    ``agent`` himself, or anybody; ``campaign`` is whose hours count, its last one when absent.
    """

    model_config = ConfigDict(extra="forbid")
    due: Moment | datetime
    agent: Agent = ""
    note: str = Field("", max_length=500)
    campaign: str = ""
    by: Told = "the API"


class Dial(BaseModel):
    """An agent dials this ``lead``, or this ``number``, for a ``campaign``."""

    model_config = ConfigDict(extra="forbid")
    campaign: str
    lead: int | None = None
    number: str | None = Field(None, min_length=3, max_length=40)

    @model_validator(mode="after")
    def _one_of_both(self) -> Dial:
        if (self.lead is None) == (self.number is None):
            raise ValueError("name a `lead` or a `number`")
        return self


async def _lists(request: web.Request) -> web.Response:
    async with request.app[ENGINE].campaigns.store.ledger.reading() as connection:
        lines = await lead_views.lists(connection)
    return web.json_response([asdict(line) for line in lines])


async def _find(request: web.Request) -> web.Response:
    engine = request.app[ENGINE]
    number = plain_number(engine, query(request, Asked).number)
    async with engine.campaigns.store.ledger.reading() as connection:
        found = await lead_views.with_number(connection, number)
    return web.json_response([asdict(each) for each in found])


async def _one(request: web.Request) -> web.Response:
    """The lead, and its attempts with their proof, the newest first."""
    engine, lead = request.app[ENGINE], await _lead(request)
    async with engine.campaigns.store.ledger.reading() as connection:
        tried = await lead_views.attempts_of(connection, lead.lead, _ATTEMPTS_SHOWN)
    return web.json_response(asdict(lead) | {"tried": [asdict(each) for each in tried]})


async def _change(request: web.Request) -> web.Response:
    engine, edit, lead = request.app[ENGINE], await body(request, Edit), await _lead(request)
    values = edit.model_dump(exclude_none=True, exclude={"by", "why", "data"})
    if edit.data is not None:
        values["data"] = edit.data
    if edit.state:
        why = edit.why or f"said {edit.by}"
        values |= {"state": LeadState(edit.state), "why": why}
    async with engine.campaigns.store.ledger.writing() as connection:
        refused = await lead_views.change(connection, lead.lead, values)
    if refused:
        raise Problem(409, "Not possible now", f"Lead {lead.lead}: {refused}.")
    return web.json_response(asdict(await _lead(request)))


async def _call_back(request: web.Request) -> web.Response:
    """200 with the lead. 409 outside the hours; ``detail`` has the next time that is allowed."""
    engine, wanted, lead = request.app[ENGINE], await body(request, CallBack), await _lead(request)
    due, now = moment_of(wanted.due, lead), engine.clock.now()
    if due < now:
        raise Problem(422, "Invalid body", "due: this time is over.")
    campaign = _campaign_of(engine, lead, wanted.campaign)
    allowed = next_hour(engine.site, campaign, lead, due)
    if allowed != due:
        when = "no time in the next 30 days" if allowed is None else local(allowed, lead)
        told = f"{local(due, lead)} is outside the hours of {campaign.name}: {when} is allowed."
        raise Problem(409, "Outside calling hours", told)
    store, promise = engine.campaigns.store, (due, wanted.agent, wanted.note, wanted.by, now)
    if not await store.schedule_callback(lead.lead, *promise):
        raise Problem(409, "Not possible now", f"Lead {lead.lead} is not to be called any more.")
    return web.json_response(asdict(await _lead(request)))


async def _dial(request: web.Request) -> web.Response:
    """202 with the attempt: his phone rings next, then the customer's. 409 says which rule forbids
    it, and from when on it does not."""
    engine, wanted = request.app[ENGINE], await body(request, Dial)
    agent = named_agent(request).name
    require_campaign(engine, wanted.campaign)
    which = wanted.lead
    if which is None:
        which = await _lead_with(engine, wanted.campaign, plain_number(engine, wanted.number or ""))
    campaigns = engine.campaigns
    claimed = await campaigns.claim_lead(which, wanted.campaign)
    if claimed is None:
        told = f"Lead {which} is done, in a call or a hopper, or its numbers are not to be called."
        raise Problem(409, "Not possible now", f"{told} GET /v1/leads/{which} says which.")
    try:
        attempt = campaigns.dial_manually(wanted.campaign, agent, claimed)
    except NotPermitted as error:
        until = error.permission.until
        when = (
            "" if until is None else f" Allowed from {datetime.fromtimestamp(until).astimezone()}"
        )
        why = str(error) or "no trunk may be dialed through now"
        raise Problem(409, "Not permitted", f"{why}.{when}") from error
    return web.json_response({"attempt": attempt, "lead": which}, status=202)


async def _lead_with(engine: ServedEngine, campaign: str, number: str) -> int:
    """The lead of the campaign's lists that has this number; a new one in the first of them."""
    settings = engine.site.campaigns.get(campaign)
    if settings is None:
        raise Problem(409, "Not possible now", f"{campaign} is in no file any more: it drains.")
    lists = [share.list for share in settings.lists]
    if not (found := await _with_number(engine, lists, number)):
        await _add_lead(engine, lists[0], number)
        found = await _with_number(engine, lists, number)
    return found[0]


async def _with_number(engine: ServedEngine, lists: Collection[str], number: str) -> list[int]:
    async with engine.campaigns.store.ledger.reading() as connection:
        found = await lead_views.with_number(connection, number)
    return [each.lead for each in found if each.list in lists]


async def _add_lead(engine: ServedEngine, list_: str, number: str) -> None:
    """Where it is, the numbering plan says; the law is asked as for any other."""
    place, ledger = places_of(number), engine.campaigns.store.ledger
    new = NewLead(number, (NewNumber(number, (place.zones, place.region), place.mobile),))
    writer = LeadWriter(ledger, list_, engine.clock.now(), needs_consent=False)
    await writer.open()
    await writer.write([new])
    await writer.close()


async def _lead(request: web.Request) -> LeadView:
    return await _lead_of(request.app[ENGINE], int(request.match_info["lead"]))


async def _lead_of(engine: ServedEngine, which: int) -> LeadView:
    async with engine.campaigns.store.ledger.reading() as connection:
        found = await lead_views.lead(connection, which)
    if found is None:
        raise Problem(404, "Unknown lead", f"There is no lead {which}.")
    return found


def plain_number(engine: ServedEngine, written: str) -> str:
    """E.164, however it is written. Raises 422."""
    number = normalise(written, engine.settings.region)
    if number is None or not number.startswith("+"):
        raise Problem(422, "Invalid number", f"{written!r} is no public telephone number.")
    return number


def _campaign_of(engine: ServedEngine, lead: LeadView, named: str) -> CampaignSettings:
    """Whose hours count: the campaign that is named, the lead's last, or one that has its list."""
    campaigns = engine.site.campaigns
    if named:
        require_campaign(engine, named)
    for name in (named, lead.campaign):
        if name in campaigns:
            return campaigns[name]
    for settings in campaigns.values():
        if lead.list in {share.list for share in settings.lists}:
            return settings
    raise Problem(409, "No campaign", f"No campaign dials the list {lead.list!r}: name one.")


_LEAD = "/v1/leads/{lead:[0-9]+}"

ROUTES = [
    web.get("/v1/lists", _lists),
    web.get("/v1/leads", _find),
    web.get(_LEAD, _one),
    web.patch(_LEAD, _change),
    web.post(f"{_LEAD}/callback", _call_back),
    web.post("/v1/agents/{name}/dial", _dial),
]
