"""The SIP accounts as people type them into softphones."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text

from engine.asterisk.accounts import derive
from engine.config.site import Site
from engine.tables import Table


def accounts_table(key: bytes, site: Site, callers: Iterable[str] = ()) -> Table:
    """Account, password and owner; ``key`` is the installation's secret, ``callers`` dial in."""
    table = Table("account", "password", "who", title="Softphones")
    for name in callers:
        table.add_row(name, derive(key, name), "a customer who dials in")
    for agent in site.agents.values():
        who = f"agent {agent.display_name or agent.name}: {', '.join(agent.queues)}"
        password = agent.secret or derive(key, agent.extension)
        table.add_row(agent.extension, Text(password), Text(who))
    return table
