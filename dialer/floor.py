"""What the floor means to the campaigns: whom each may count on, and which of them rest. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from dialer import sharing
from dialer.messages import CampaignState, FloorSeen
from dialer.running import Running


class Floor:
    """As it was seen last."""

    def __init__(self) -> None:
        self._closed: frozenset[str] = frozenset()
        self._shares: dict[str, str] = {}

    def see(self, seen: FloorSeen, campaigns: Mapping[str, Running], now: float) -> None:
        """Each agent counts in one campaign of those that have somebody to call."""
        self._closed = seen.closed
        claims = [
            sharing.Claim(r.settings.name, r.settings.queue, r.settings.weight)
            for r in campaigns.values()
            if r.settings.queue and (r.attempts or (r.may_dial and not self.rests(r, now)))
        ]
        self._shares = sharing.share(seen.agents, claims, self._shares)
        dialed_for = {r.settings.queue for r in campaigns.values() if r.settings.queue}
        for name, running in campaigns.items():
            mine = [agent for agent in seen.agents if self._shares.get(agent.name) == name]
            reserve = running.settings.reserve
            running.staff = sharing.staff(seen.agents, running.settings.queue)
            running.see(*sharing.for_dialing(mine, reserve, seen.queues, dialed_for))

    def rests(self, running: Running, now: float) -> str:
        """Why a campaign dials nobody now by its own settings and state; '' when it may."""
        if running.state is not CampaignState.RUNNING:
            return f"the campaign is {running.state}"
        return self.waits(running, now)

    def waits(self, running: Running, now: float) -> str:
        """Why it would dial nobody now, ran it or not: it is not its time; '' when it is."""
        settings = running.settings
        if settings.start is not None and now < settings.start.timestamp():
            return f"it begins at {settings.start.isoformat()}"
        if settings.name in self._closed:
            return f"the calendar {settings.calendar} is closed"
        return ""
