"""The site of small centers: two numbers, two queues, two agents, and the shipped flow."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import cache
from types import SimpleNamespace
from typing import Any

from acd.agent_settings import DEFAULT_MEDIA, AgentSettings, Medium, PauseReason
from acd.queues import QueueSettings
from dialplan.features import Action, Features
from dialplan.hours import Calendar, HoursState, HoursStatus
from dialplan.inbound import Route
from dialplan.outbound import Outbound, Rule, Trunk
from dialplan.rooms import MeetMe
from engine.ivr.flowset import FlowSet
from engine.ivr.schema import Flow
from tests.unit.ivr_caller import FLOWS, load

MENU, SUPPORT, NOBODY = "1900", "1901", "1999"
ANNA, BINH = "3001", "3002"
LOGIN, LOGOUT, READY, PAUSE = "*10", "*11", "*12", "*13"


@dataclass
class SmallSite:
    """Two numbers, two queues, two agents, and the shipped flow."""

    queues: dict[str, QueueSettings]
    agents: dict[str, AgentSettings]
    flows: dict[str, Flow]
    features: Features
    table: dict[str, Route]
    state: str = "open"
    media: tuple[Medium, ...] = DEFAULT_MEDIA
    reasons: tuple[PauseReason, ...] = ()
    calendars: dict[str, Calendar] = field(default_factory=dict)
    rooms: dict[str, MeetMe] = field(default_factory=dict)
    outbound: Outbound = field(
        default_factory=lambda: Outbound({"+84.": Rule(Trunk("trunk"), "1900")})
    )

    version: str = "v1"
    older_flows: dict[str, FlowSet] = field(default_factory=dict)
    prompts: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def flow_set(self) -> FlowSet:
        """The flows, all of one version."""
        return FlowSet(self.flows, self.version)

    def flow_version(self, version: str) -> FlowSet | None:
        """The flows as they were then."""
        return self.flow_set if version == self.version else self.older_flows.get(version)

    @property
    def routes(self) -> Any:
        """Numbers are matched as they are written."""
        return SimpleNamespace(
            match=lambda did, caller, now: self.table.get(did), calendars=self.calendars
        )

    def hours_status(self, calendar: str, now: float, route_calendar: str = "") -> HoursStatus:
        """As ``state`` says, unless it has this calendar; what is closed opens in an hour."""
        if calendar in self.calendars:
            return self.calendars[calendar].status(now)
        if self.state == "open" or not calendar:
            return HoursStatus(HoursState.OPEN)
        return HoursStatus(HoursState(self.state), next_open=now + 3600)

    def in_emergency(self, calendars: Collection[str]) -> SmallSite:
        """The same, with these calendars in emergency."""
        if not calendars:
            return self
        switched = {
            name: replace(calendar, emergency=name in calendars)
            for name, calendar in self.calendars.items()
        }
        return replace(self, calendars=switched)


@cache
def main_flow() -> Flow:
    """The shipped main menu; sweeps open thousands of small centers."""
    return Flow.model_validate(load(FLOWS / "main.yaml"))


def small_site(agents: int = 1, **queue: Any) -> SmallSite:
    """The site; ``queue`` are settings of the queue `support`."""
    names = ("anna", "binh", "chi")[:agents]
    return SmallSite(
        {
            "support": QueueSettings(name="support", **queue),
            "sales": QueueSettings(name="sales", **queue),
        },
        {
            name: AgentSettings(
                name=name,
                extension=str(3001 + number),
                queues=("support", "sales"),
                pin="4711" if name == "anna" else None,
            )
            for number, name in enumerate(names)
        },
        {"main": main_flow()},
        Features(
            {
                LOGIN: Action.LOGIN,
                LOGOUT: Action.LOGOUT,
                READY: Action.READY,
                PAUSE: Action.PAUSE,
            },
            {"1": "lunch"},
        ),
        {
            MENU: Route("1900", "flow", "main", "en", "office"),
            SUPPORT: Route("1901", "queue", "support", "vi"),
        },
    )
