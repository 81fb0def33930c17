"""Reports: how queues, agents, flows, surveys, experiments and campaigns did, from the ledger."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from acd.service_level import Formula
from engine.api.calls import Moment
from engine.api.keys import ENGINE, ServedEngine
from engine.api.problems import Problem, query
from engine.store.campaign_reports import CampaignLine
from engine.store.queue_reports import Period, Targets
from engine.store.survey_reports import By

_DAY_SECONDS = 86_400


class Span(BaseModel):
    """From when to before when, in epoch seconds: the 24 hours up to now when absent."""

    model_config = ConfigDict(extra="forbid")
    since: Annotated[Moment | None, Field(alias="from")] = None
    until: Annotated[Moment | None, Field(alias="to")] = None

    def bounds(self, now: float) -> tuple[float, float]:
        """Both ends. Raises a ``Problem`` when nothing is between them."""
        until = now if self.until is None else self.until
        since = max(0.0, until - _DAY_SECONDS) if self.since is None else self.since
        if until <= since:
            raise Problem(422, "Invalid query", f"`to` ({until}) must be later than `from`.")
        return since, until


class Asked(Span):
    """``interval_minutes`` cuts the time into lines of their own.

    The other fields go before those of the queues' own ``service_level``.
    """

    interval_minutes: int | None = Field(None, ge=1, le=10_080)
    formula: Formula | None = None
    percent: float | None = Field(None, gt=0, le=100)
    seconds: float | None = Field(None, ge=0, le=3600)
    short_abandon_seconds: float | None = Field(None, ge=0, le=120)

    def target(self) -> dict[str, Any]:
        """What is asked for in place of the queues' own target."""
        own = {"formula", "percent", "seconds", "short_abandon_seconds"}
        return self.model_dump(include=own, exclude_none=True)


class Answers(Span):
    """``by``: a line for each agent or queue of the talk before."""

    by: By | None = None


async def _queues(request: web.Request) -> web.Response:
    engine = request.app[ENGINE]
    asked = query(request, Asked)
    since, until = asked.bounds(engine.clock.now())
    width = asked.interval_minutes * 60.0 if asked.interval_minutes else None
    targets = Targets(engine.site.queues, asked.target())
    lines = await engine.reports.queues(Period(since, until, width), targets)
    return web.json_response([asdict(line) for line in lines])


async def _agents(request: web.Request) -> web.Response:
    engine = request.app[ENGINE]
    since, until = query(request, Span).bounds(engine.clock.now())
    billable = [reason.name for reason in engine.site.reasons if reason.billable]
    lines = await engine.reports.agents(since, until, billable)
    return web.json_response([asdict(line) for line in lines])


async def _flow(request: web.Request) -> web.Response:
    engine, flow = request.app[ENGINE], request.match_info["flow"]
    since, until = query(request, Span).bounds(engine.clock.now())
    report = await engine.reports.flow(flow, Period(since, until, _DAY_SECONDS))
    return web.json_response(asdict(report))


async def _surveys(request: web.Request) -> web.Response:
    engine, asked = request.app[ENGINE], query(request, Answers)
    lines = await engine.reports.surveys(*asked.bounds(engine.clock.now()), asked.by)
    return web.json_response([asdict(line) for line in lines])


async def _experiments(request: web.Request) -> web.Response:
    engine = request.app[ENGINE]
    since, until = query(request, Span).bounds(engine.clock.now())
    lines = await engine.reports.experiments(since, until)
    return web.json_response([asdict(line) for line in lines])


async def _campaigns(request: web.Request) -> web.Response:
    engine = request.app[ENGINE]
    since, until = query(request, Span).bounds(engine.clock.now())
    lines = await engine.reports.campaigns(since, until)
    return web.json_response([asdict(line) | {"cost": _cost(engine, line)} for line in lines])


def _cost(engine: ServedEngine, line: CampaignLine) -> float:
    settings = engine.site.campaigns.get(line.campaign)
    per_minute = settings.cost_per_minute if settings else 0.0
    return round(line.line_seconds / 60 * per_minute, 2)


ROUTES = [
    web.get("/v1/reports/queues", _queues),
    web.get("/v1/reports/agents", _agents),
    web.get("/v1/reports/flows/{flow}", _flow),
    web.get("/v1/reports/surveys", _surveys),
    web.get("/v1/reports/experiments", _experiments),
    web.get("/v1/reports/campaigns", _campaigns),
]
