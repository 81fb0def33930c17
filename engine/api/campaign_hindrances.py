"""What keeps a campaign from dialing, or would if it were started."""

from __future__ import annotations

from aiohttp import web

from dialer.campaign import CampaignSettings
from dialer.compliance import law_of
from engine.api.campaign_forecast import open_share, settings_of
from engine.api.campaigns import known_campaign
from engine.api.keys import ENGINE, ServedEngine
from engine.ports import LedgerDown, PbxError


async def _hindrances(request: web.Request) -> web.Response:
    engine, name = request.app[ENGINE], known_campaign(request)
    found = await hindrances(engine, settings_of(engine, name))
    return web.json_response(found)


async def hindrances(engine: ServedEngine, settings: CampaignSettings) -> list[str]:
    """Each in words; its state is not among them."""
    now, campaigns = engine.clock.now(), engine.campaigns
    found = campaigns.core.hindrances(settings.name, now)
    required = law_of(settings.rules, engine.site.rules).lists_for(settings.purpose)
    try:
        found.append(await campaigns.store.trust(required, now))
        found.append(await _lacks_leads(engine, settings, now))
    except LedgerDown as error:
        found.append(f"the ledger does not answer: {error}")
    found.append(await _lacks_trunks(engine, settings))
    return list(dict.fromkeys(why for why in found if why))


async def _lacks_leads(engine: ServedEngine, settings: CampaignSettings, now: float) -> str:
    lists = [share.list for share in settings.lists]
    places = await engine.campaigns.store.places(lists)
    if not places:
        return f"nobody is in {', '.join(lists)}: tongdai leads import FILE --list {lists[0]}"
    if not (await engine.reports.progress(settings.name, lists, now)).left:
        return f"all who are in {', '.join(lists)} are done: tongdai leads report {lists[0]}"
    if not open_share(engine.site, settings, places)(now):
        return f"at this hour nobody in {', '.join(lists)} may be called"
    return ""


async def _lacks_trunks(engine: ServedEngine, settings: CampaignSettings) -> str:
    """When Asterisk reaches none of those that it dials through."""
    rules = engine.site.outbound.rules.values()
    names = [use.trunk for use in settings.trunks] or [r.trunk.name for r in rules if r.trunk]
    try:
        online = await engine.pbx.online_endpoints()
    except PbxError as error:
        return f"the switch does not answer: {error}"
    if not names or online.intersection(names):
        return ""
    several = ", ".join(dict.fromkeys(names))
    return f"Asterisk has no address for {several}, or nothing answers there: see `tongdai check`"


ROUTES = [web.get("/v1/campaigns/{campaign}/hindrances", _hindrances)]
