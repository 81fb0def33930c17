"""What ``tongdai check`` asks of the API's users: that each can come in, and is somebody."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from engine import secrets
from engine.config.problems import Problem, suggestion
from engine.settings import Settings

_USERS = "TONGDAI_USERS"


def check_users(settings: Settings, agents: Collection[str]) -> list[Problem]:
    """Users whose token nobody has, and those who are no agent of the agents' file."""
    known, _ = secrets.load(settings.secrets_file)
    return [*_without_token(settings, known), *_unknown(settings, agents), *_alike(settings, known)]


def _without_token(settings: Settings, known: secrets.Secrets) -> Iterator[Problem]:
    for name, user in settings.users.items():
        if not user.digest(known):
            message = f"user `{name}` has no token: there is no secret {user.token}"
            hint = "add it to `secrets_file`, or to the environment as TONGDAI_SECRET_…"
            yield Problem.about(_USERS, "E225", message, hint)


def _unknown(settings: Settings, agents: Collection[str]) -> Iterator[Problem]:
    for name, user in settings.users.items():
        if user.agent is not None and user.agent not in agents:
            near = suggestion(user.agent, agents)
            message = f"user `{name}` is the agent `{user.agent}`, and there is none of that name"
            yield Problem.about(_USERS, "E226", message + near, "correct `agent`, or add him")


def _alike(settings: Settings, known: secrets.Secrets) -> Iterator[Problem]:
    """Whoever comes with it is taken for the first of them."""
    seen: dict[str, str] = {}
    for name, user in settings.users.items():
        digest = user.digest(known)
        if digest and (first := seen.setdefault(digest, name)) != name:
            message = f"users `{first}` and `{name}` have the same token"
            yield Problem.about(_USERS, "E227", message, "give each a token of his own")
