"""Queues: their lines in order, who is there for them, what to expect, and today's figures."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from aiohttp import web

from acd.views import QueueView, WaitingView
from engine.api.keys import ENGINE, ServedEngine


async def _queues(request: web.Request) -> web.Response:
    engine = request.app[ENGINE]
    now = engine.clock.now()
    return web.json_response(
        [_shown(queue, engine, now) for queue in engine.desk.acd.queues(now)],
    )


def _shown(queue: QueueView, engine: ServedEngine, now: float) -> dict[str, Any]:
    settings = engine.site.queues.get(queue.name)
    target = settings.service_level if settings else None
    return {
        "name": queue.name,
        "open": queue.open,
        "staffed": queue.staffed,
        "ready": queue.ready,
        "expected_wait_seconds": queue.expected_wait,
        "longest_wait_seconds": queue.longest_wait,
        "service_level": queue.service_level,
        "target": {"percent": target.percent, "seconds": target.seconds} if target else None,
        "occupancy": queue.occupancy,
        "today": asdict(queue.today),
        "waiting": [waiting(place, now) for place in queue.waiting],
    }


def waiting(place: WaitingView, now: float) -> dict[str, Any]:
    """One place in a line; of several who are offered it, ``offered_to`` is the first."""
    return {
        "call": place.contact,
        "medium": place.medium,
        "position": place.position,
        "state": place.state,
        "waiting_seconds": round(now - place.entered, 3),
        "age_seconds": round(now - place.since, 3),
        "score": round(place.score, 3),
        "step": place.step,
        "need": place.need,
        "callback": place.callback,
        "offered_to": place.agent,
        "offers": [{"offer": offer, "agent": agent} for offer, agent in place.offers],
    }


ROUTES = [web.get("/v1/queues", _queues)]
