"""A campaign as it is now, as the API shows it: what it does, what it counts on, its windows."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

from dialer.attempt import Attempt, Stage
from dialer.core import Dialer
from dialer.running import Running

_RINGING = (Stage.DIALED, Stage.ANSWERED)


def shown(core: Dialer, running: Running, now: float) -> dict[str, Any]:
    """One campaign. ``launch`` is how many calls the last look placed, ``limited_by`` what kept it
    from more; ``today`` counts since the engine began."""
    settings, paced = running.settings, running.paced
    stages = Counter(_stage(attempt) for attempt in running.attempts.values())
    states = Counter(agent.state for agent in running.agents)
    return {
        "name": settings.name,
        "title": settings.title,
        "mode": settings.mode,
        "state": running.state,
        "since": running.since,
        "by": running.by,
        "why": running.why,
        "untrusted": core.untrusted,
        "agents": {"all": len(running.agents), "kept_for_inbound": running.kept_back, **states},
        "calls": {"all": running.in_flight, **stages},
        "hopper": {"leads": len(running.hopper), "exhausted": running.hopper.exhausted},
        "launch": paced.launch if paced else 0,
        "limited_by": paced.limited_by if paced else "",
        "today": asdict(running.counts),
        "cap": running.cap,
        "windows": [
            window.rule.model_dump() | asdict(window.totals(now)) for window in running.windows
        ],
    }


def _stage(attempt: Attempt) -> str:
    """``held`` for an agent, ``ringing``, ``waiting`` for one, ``talking``, or ``leaving``."""
    return "ringing" if attempt.stage in _RINGING else attempt.stage.name.lower()
