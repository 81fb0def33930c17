"""What an agent's keys ask of his talk, as an order. Pure."""

from __future__ import annotations

from typing import Final

from acd.queues import Destination, DestinationKind
from dialplan.numbers import normalise
from dialplan.talk_codes import Passed, TalkAction, TalkCode
from engine.calls.switchboard import SiteView
from engine.calls.talk import orders as o
from engine.calls.talk.conversation import Conversation, Party
from engine.calls.talk.parties import PartyKind, Side

PHONE: Final = "phone"
"""The ``source`` of these orders."""

_PLAIN: Final = {
    TalkAction.SWAP: o.Swap,
    TalkAction.COMPLETE: o.Complete,
    TalkAction.CANCEL: o.CancelConsult,
    TalkAction.MERGE: o.Merge,
    TalkAction.LEAVE: o.Leave,
    TalkAction.RECORD: o.StartRecording,
    TalkAction.STOP_RECORDING: o.StopRecording,
    TalkAction.PAUSE_RECORDING: o.PauseRecording,
    TalkAction.RESUME_RECORDING: o.ResumeRecording,
}


def order_of(code: TalkCode, party: Party, talk: Conversation, site: SiteView) -> o.Order:
    """What this code of an agent asks; whether it is possible is for the talk to say."""
    by, where = party.name, code.where
    match code.action:
        case TalkAction.HOLD:
            return o.Hold(by, PHONE, held=not talk.held)
        case TalkAction.MUTE:
            return o.Mute(by, PHONE, muted=not party.muted)
        case TalkAction.TRANSFER:
            return o.TransferTo(by, PHONE, to=place_of(where, site))
        case TalkAction.CONSULT:
            return o.ConsultWith(by, PHONE, to=place_of(where, site))
        case TalkAction.INVITE:
            return o.Invite(by, PHONE, to=place_of(where, site))
        case TalkAction.DROP:
            return o.Drop(by, PHONE, who=_last(party, talk))
        case TalkAction.PARK:
            return o.Park(by, PHONE, slot=where)
        case TalkAction.SECURE:
            return o.Secure(by, PHONE, flow=place_of(where, site).name)
    return _PLAIN[code.action](by, PHONE)


def place_of(where: str, site: SiteView) -> Destination:
    """Whom or what these keys stand for: a short code of the site, an agent's extension, else a
    number, which may be none."""
    if (place := site.features.talk.places.get(where)) is not None:
        return place
    for agent in site.agents.values():
        if agent.extension == where:
            return Destination(kind=DestinationKind.AGENT, name=agent.name)
    number = normalise(where, site.outbound.region) or where
    return Destination(kind=DestinationKind.NUMBER, name=number)


def passed_on(passed: Passed, party: Party, talk: Conversation) -> o.SendKeys | None:
    """Keys that are no code go to the one he talks with: whom he consults, else the last of those
    outside, else the caller. None: nobody would hear them."""
    consult = talk.consult
    if consult is not None and party.leg == consult.leg:
        return None
    if consult is not None and party.leg == consult.by and consult.side is Side.CONSULTED:
        consulted = talk.parties[consult.leg]
        heard = consulted.kind is PartyKind.NUMBER and not consulted.rings
        return o.SendKeys(party.name, PHONE, passed.keys, consulted.name) if heard else None
    numbers = [each.name for each in talk.present if each.kind is PartyKind.NUMBER]
    if talk.held and not numbers:
        return None
    return o.SendKeys(party.name, PHONE, passed.keys, numbers[-1] if numbers else "")


def _last(party: Party, talk: Conversation) -> str:
    """Who came last to it beside him, '' for nobody."""
    others = [each.name for each in talk.parties.values() if each.leg != party.leg]
    return others[-1] if others else ""
