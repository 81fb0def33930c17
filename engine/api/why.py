"""Why: of a contact that waits, who is offered it or keeps it waiting; of an ended call, who was.

Each reason is told twice: as a sentence and as data (``acd.messages.Why``, ``WhyWaiting``).
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from aiohttp import web

from acd.messages import Why, WhyWaiting
from acd.views import WaitingView
from engine.api.calls import stage_of
from engine.api.desk import place_of, tasks_for
from engine.api.keys import ENGINE, ServedEngine
from engine.api.problems import Problem
from engine.api.queues import waiting
from engine.call_record import CallRecord, OfferMade, Step
from engine.calls.call import Call
from engine.calls.why import say_waiting, say_why


async def _why(request: web.Request) -> web.Response:
    engine, contact = request.app[ENGINE], request.match_info["call"]
    found = place_of(engine, contact)
    if found is not None:
        return web.json_response(_of_waiting(engine, contact, *found))
    live = engine.registry.calls.get(contact)
    if live is not None:
        return web.json_response(_of_live(live))
    record = await engine.reports.call(contact)
    if record is not None:
        return web.json_response(of_ended(record))
    busy = tasks_for(engine, contact)
    if busy:
        sentence = ", ".join(f"{agent}: {task.state}" for agent, task in busy)
        return web.json_response({"call": contact, "state": busy[0][1].state, "sentence": sentence})
    raise Problem(404, "Unknown call", f"No call or contact {contact!r} waits, lives or has ended.")


def _of_waiting(
    engine: ServedEngine, contact: str, queue: str, place: WaitingView
) -> dict[str, Any]:
    now = engine.clock.now()
    why, estimate = engine.desk.acd.why(contact, now), engine.desk.acd.estimate(contact, now)
    assert why is not None  # it waits
    running = _running(engine, contact)
    rings = [f"offered to {each['agent']}: {each['sentence']}" for each in running]
    expects = f"about {estimate.expected:.0f} s more" if estimate else "nobody is logged in for it"
    return {
        "call": contact,
        "state": place.state,
        "queue": queue,
        "sentence": "; ".join(rings) or f"waits in {queue} as {say_waiting(why)}; {expects}",
        "place": waiting(place, now),
        "why": _data(why),
        "estimate": asdict(estimate) if estimate else None,
        "offers": [*_past(engine, contact), *running],
    }


def _running(engine: ServedEngine, contact: str) -> list[dict[str, Any]]:
    """The offers that run now: a call's are in its notes, those of others in this run's memory."""
    call = engine.registry.calls.get(contact)
    if call is not None:
        noted = call.standing.offers.values()
        return [_offer(each.offer, each.queue, each.agent, each.because, each.at) for each in noted]
    offers = [each for each in engine.contacts.offers.values() if each.contact == contact]
    return [_offer(each.offer, each.queue, each.agent, each.why) for each in offers]


def _past(engine: ServedEngine, contact: str) -> list[dict[str, Any]]:
    call = engine.registry.calls.get(contact)
    return [_made(each) for each in call.standing.offers_made] if call else []


def _of_live(call: Call) -> dict[str, Any]:
    """A call that waits in no queue now: in a flow, in a talk, parked."""
    standing, stage = call.standing, stage_of(call)
    made = [_made(each) for each in standing.offers_made]
    return {
        "call": call.id,
        "state": stage,
        "sentence": _sentence(standing.offers_made, f"is in stage {stage}"),
        "offers": made,
        "waited": _waited(standing.steps),
    }


def of_ended(record: CallRecord) -> dict[str, Any]:
    """An ended call, from its record alone."""
    ends = [f"{visit.queue}: {visit.outcome}" for visit in record.visits]
    otherwise = (
        f"{record.outcome} ({', '.join(ends)})" if ends else f"{record.outcome}, in no queue"
    )
    return {
        "call": record.call,
        "state": "ended",
        "outcome": record.outcome,
        "sentence": _sentence(record.offers, otherwise),
        "visits": [asdict(visit) for visit in record.visits],
        "offers": [_made(each) for each in record.offers],
        "waited": _waited(record.steps),
    }


def _sentence(offers: list[OfferMade] | tuple[OfferMade, ...], otherwise: str) -> str:
    """Who answered and why he, else how it went."""
    answered = [f"answered by {each.agent}: {each.why}" for each in offers if _answered(each)]
    return "; ".join(answered) or otherwise


def _answered(offer: OfferMade) -> bool:
    return offer.outcome == "answered"


def _waited(steps: list[Step] | tuple[Step, ...]) -> list[dict[str, Any]]:
    """Each time that it had to wait on, and why."""
    return [
        {"at": step.at, "sentence": step.detail, "why": json.loads(step.because)}
        for step in steps
        if step.event == "waits on" and step.because
    ]


def _offer(
    offer: str, queue: str, agent: str, why: Why, offered: float | None = None
) -> dict[str, Any]:
    return {
        "offer": offer,
        "queue": queue,
        "agent": agent,
        "offered": offered,
        "ended": None,
        "outcome": None,
        "sentence": say_why(why),
        "why": _data(why),
    }


def _made(offer: OfferMade) -> dict[str, Any]:
    return {
        "offer": offer.offer,
        "queue": offer.queue,
        "agent": offer.agent,
        "offered": offer.offered,
        "ended": offer.ended,
        "outcome": offer.outcome,
        "sentence": offer.why,
        "why": json.loads(offer.because) if offer.because else None,
    }


def _data(why: Why | WhyWaiting) -> dict[str, Any]:
    return asdict(why)


ROUTES = [web.get("/v1/calls/{call}/why", _why)]
