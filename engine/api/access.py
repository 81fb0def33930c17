"""Who asks, and what he may: the users of the settings and their roles.

``admit`` stands before every handler. It knows the user by his token and turns away whom the table
of routes does not let in; what depends on whom a request is about (``may_hear``) the handler asks.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final
from uuid import uuid4

from aiohttp import web

from engine.api.keys import ENGINE, ServedEngine
from engine.api.problems import Handler, Problem
from engine.call_record import AuditEntry
from engine.calls.supervising import rights
from engine.users import UserRole, digest_of

ANYBODY: Final = (
    "* /v1/recordings*",
    "* /v1/voicemails*",
    "* /v1/calls/{}/talk*",
    "* /v1/agents/{}/talk*",
    "* /v1/parked*",
)
"""These handlers ask ``may_hear`` of each thing that they show or move."""
HIMSELF: Final = ("GET /v1/agents/{}", "* /v1/agents/{}/*")
"""What each may do whose own name is the one in the path, but for ``NOT_HIMSELF``."""
NOT_HIMSELF: Final = ("* /v1/agents/{}/supervision*",)
"""Who listens to an agent is nothing that he is told."""
SUPERVISORS: Final = (
    "GET /v1/agents",
    "GET /v1/agents/{}",
    *NOT_HIMSELF,
    "GET /v1/supervision",
    "GET /v1/queues",
    "GET /v1/calls",
    "GET /v1/calls/{}",
    "GET /v1/calls/{}/why",
    "GET /v1/records",
    "GET /v1/records/{}",
    "* /v1/conferences*",
    "GET /v1/reports/queues",
    "GET /v1/reports/agents",
)
"""Everything else is for admins alone. ``{}`` is a part of the path, ``*`` any method or rest."""

NOTED: Final = {
    "DELETE /v1/calls/{}": "hang_up",
    "POST /v1/reload": "reload",
    "PUT /v1/campaigns/{}": "change_campaign",
    "PATCH /v1/campaigns/{}": "change_campaign",
    "DELETE /v1/campaigns/{}/changes": "change_campaign",
    "POST /v1/campaigns/{}/start": "start_campaign",
    "POST /v1/campaigns/{}/pause": "pause_campaign",
    "POST /v1/campaigns/{}/drain": "drain_campaign",
    "POST /v1/campaigns/{}/end": "end_campaign",
    "DELETE /v1/do_not_call/{}": "lift_do_not_call",
}
"""What is in the audit log when it was done, and as what, with what stands in the path. What needs
more words is noted by its handler."""

_ROLES = list(UserRole)


@dataclass(frozen=True, slots=True)
class ApiUser:
    """Who asks. ``teams`` are those that he may hear, ``*`` for all; ``agent`` is '' for none."""

    name: str
    role: UserRole
    agent: str = ""
    teams: frozenset[str] = frozenset()


_ADMIN = ApiUser("api", UserRole.ADMIN, teams=frozenset({rights.ALL_TEAMS}))
"""Who has the ``api_token``; where there are neither users nor a token, everybody who asks."""

_CALLER: web.RequestKey[ApiUser] = web.RequestKey("caller", ApiUser)


@web.middleware
async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
    """401 without a token that we know, 403 for what its user may not."""
    if request.path != "/health":
        request[_CALLER] = _known(request)
        _check_route(request)
    response = await handler(request)
    if response.status < 400 and (action := NOTED.get(_route_of(request))):
        _note(request, action)
    return response


def caller_of(request: web.Request) -> ApiUser:
    """Who asks; of ``/health`` nobody is asked."""
    return request[_CALLER]


def require(request: web.Request, role: UserRole) -> None:
    """Raise 403 for whoever is less than that."""
    caller = caller_of(request)
    if _ROLES.index(caller.role) < _ROLES.index(role):
        told = f"{caller.name} is {_a(caller.role)}: this needs {_a(role)}."
        raise Problem(403, "Not allowed", told)


def may_hear(request: web.Request, agent: str) -> bool:
    """Whether who asks may hear what this agent says and is told: live, recorded, or left for him.

    '' is what belongs to no agent. Who is in the agents' file no more has no team.
    """
    caller = caller_of(request)
    if caller.role is UserRole.ADMIN or (agent and agent == caller.agent):
        return True
    if caller.role is UserRole.AGENT:
        return False
    agents = request.app[ENGINE].site.agents
    if caller.agent in agents and agent in agents:
        return rights.may_hear(agents[caller.agent], agents[agent])
    return rights.ALL_TEAMS in caller.teams


def require_hearing(request: web.Request, agent: str) -> None:
    """Raise 403 for who may not hear this agent."""
    if not may_hear(request, agent):
        whom = f"{agent}, who is in none of his teams" if agent else "what is no agent's"
        told = f"{caller_of(request).name} may not hear {whom}: see `supervises` and `team`."
        raise Problem(403, "Not allowed", told)


def _known(request: web.Request) -> ApiUser:
    engine = request.app[ENGINE]
    token, users = engine.settings.api_token, engine.settings.users
    if token is None and not users:
        _refuse_other_sites(request)
        return _ADMIN
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    digest = digest_of(given) if scheme == "Bearer" else ""
    known = [user for each, user in _tokens(engine) if hmac.compare_digest(each, digest)]
    if not digest or not known:
        whose = "api_token" if token is not None else "token"
        raise Problem(401, "Unauthorized", f"Send `Authorization: Bearer <{whose}>`.")
    return known[0]


def _tokens(engine: ServedEngine) -> Iterator[tuple[str, ApiUser]]:
    """By the SHA-256 of his token, each user."""
    if engine.settings.api_token is not None:
        yield digest_of(engine.settings.api_token.get_secret_value()), _ADMIN
    for name, user in engine.settings.users.items():
        agent = engine.site.agents.get(user.agent or "")
        teams = frozenset(agent.supervises if agent is not None else ())
        yield (
            user.digest(engine.lookups.secrets),
            ApiUser(name, user.role, user.agent or "", teams),
        )


def _refuse_other_sites(request: web.Request) -> None:
    """A browser on this machine sends here what any page tells it to, and says from where."""
    origin = request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != request.host:
        raise Problem(403, "Another site", "Set an `api_token` to use the API from web pages.")


def _route_of(request: web.Request) -> str:
    """Its method and path, as the tables have them; '' when there is no such place."""
    resource = request.match_info.route.resource
    if resource is None:
        return ""
    method = "GET" if request.method == "HEAD" else request.method
    return f"{method} {re.sub(r'{[^}]*}', '{}', resource.canonical)}"


def _note(request: web.Request, action: str) -> None:
    engine, what = request.app[ENGINE], next(iter(request.match_info.values()), "")
    contact = what if request.path.startswith("/v1/calls/") else ""
    at, who = engine.clock.now(), caller_of(request).name
    engine.clerk.file_audit(AuditEntry(uuid4().hex, at, who, action, what, contact))


def _check_route(request: web.Request) -> None:
    asked = _route_of(request)
    if not asked:  # he is told that it does not exist
        return
    his_own = _is_in(HIMSELF, asked) and not _is_in(NOT_HIMSELF, asked)
    if _is_in(ANYBODY, asked) or (his_own and _is_about_himself(request)):
        return
    require(request, UserRole.SUPERVISOR if _is_in(SUPERVISORS, asked) else UserRole.ADMIN)


def _is_in(table: tuple[str, ...], asked: str) -> bool:
    return any(fnmatchcase(asked, each) for each in table)


def _is_about_himself(request: web.Request) -> bool:
    """Whether the agent in the path, its first part that varies, is who asks."""
    named = next(iter(request.match_info.values()), "")
    return named != "" and named == caller_of(request).agent


def _a(role: UserRole) -> str:
    return f"an {role}" if role[0] in "aeiou" else f"a {role}"
