"""A day to be simulated: who calls when, who works when, and how long everything takes.

Times of day are seconds since midnight, written ``"08:30"``; beyond ``"24:00"`` is the next day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from acd.agent_settings import DEFAULT_MEDIA, AgentSettings, Medium
from acd.queues import VOICE, QueueSettings, Step
from acd.settings import Name, Skill
from acd.simulation.durations import Duration, Fixed

HOUR = 3600.0
MINUTE = 60.0


def _as_list(written: Any) -> Any:
    return [written] if isinstance(written, str | int | float) else written


def _time_of_day(written: Any) -> Any:
    """``"08:30"`` is 30600 seconds after midnight."""
    if isinstance(written, str):
        found = re.fullmatch(r"([0-4]?\d):([0-5]\d)", written)
        if found is None:
            raise ValueError(f'`{written}` is no time of day: write it as "08:30"')
        return int(found[1]) * HOUR + int(found[2]) * MINUTE
    return written


def _named(written: Any) -> Any:
    """A queue's name is its key."""
    if not isinstance(written, Mapping):
        return written
    return {
        name: {**(body or {}), "name": name} if isinstance(body, Mapping | None) else body
        for name, body in written.items()
    }


TimeOfDay = Annotated[float, BeforeValidator(_time_of_day)]
Rate = Annotated[float, Field(ge=0, le=1_000_000)]
Share = Annotated[float, Field(gt=0, le=1_000_000)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Kind(_Part):
    """One kind of a queue's contacts; what is left out is as for the whole queue."""

    share: Share = Field(1, description="its part, beside the shares of the other kinds")
    medium: Name | None = None
    language: str | None = None
    needs: tuple[Step, ...] = Field((), description="instead of the queue's")
    talk: Duration | None = None
    wrap_up: Duration | None = None
    patience: Duration | None = None


class Arrivals(_Part):
    """Who comes to a queue: a Poisson stream, its rate constant within each interval."""

    per_hour: Annotated[tuple[Rate, ...], BeforeValidator(_as_list)] = Field(
        min_length=1, description="one number, or one for each interval of the day"
    )
    every_minutes: float = Field(60, gt=0, le=1440, description="length of those intervals")
    medium: Name = VOICE
    language: str = ""
    talk: Duration
    wrap_up: Duration | None = Field(
        None, description="the agent is done after this, where the queue lets him end it himself"
    )
    patience: Duration | None = Field(None, description="then he hangs up; without: never")
    kinds: tuple[Kind, ...] = ()


class Shift(_Part):
    """From when to when; without: the whole day, and until the last contact is served."""

    start: TimeOfDay
    end: TimeOfDay


class Break(_Part):
    """A pause of so many ``minutes``; the breaks of a group are spread from ``at`` to ``until``."""

    at: TimeOfDay
    minutes: float = Field(gt=0, le=720)
    until: TimeOfDay | None = Field(None, description="the last of them is back; without: all at")
    reason: Name = "break"


class Group(_Part):
    """Agents who are alike. The third of the group `day` is called `day3`."""

    count: int = Field(ge=0, le=5000)
    queues: tuple[Name, ...] = Field(min_length=1)
    tiers: dict[Name, Annotated[int, Field(ge=0, le=20)]] = {}
    skills: dict[Skill, Annotated[int, Field(ge=0, le=100)]] = {}
    languages: tuple[str, ...] = ()
    media: tuple[Name, ...] = (VOICE, "chat", "mail")
    capacity: int = Field(100, ge=1, le=1000)
    shift: Shift | None = None
    breaks: tuple[Break, ...] = ()
    pick_up: Duration = Field(Fixed(type="fixed", seconds=3), description="from ring to answer")
    missed: float = Field(0, ge=0, le=1, description="share of the offers that he does not answer")


class Scenario(_Part):
    """A whole day.

    ``queues`` are settings as of the live site; whoever loads a scenario puts those of
    ``queues_file`` there when it names one.
    """

    title: str = ""
    start: TimeOfDay = Field(8 * HOUR, description="when the day begins")
    hours: float = Field(8, gt=0, le=168, description="how long contacts arrive")
    warm_up_minutes: float = Field(0, ge=0, le=1440, description="not counted, from the start")
    interval_minutes: float = Field(30, ge=1, le=1440, description="of the results")
    seeds: int = Field(10, ge=1, le=1000, description="how many days are drawn")
    queues_file: str = Field("", description="a file with `queues`, instead of them")
    queues: Annotated[dict[Name, QueueSettings], BeforeValidator(_named)] = {}
    media: tuple[Medium, ...] = DEFAULT_MEDIA
    arrivals: dict[Name, Arrivals] = Field(min_length=1)
    agents: dict[Name, Group] = Field(min_length=1)

    @property
    def end(self) -> float:
        """When the last contact may arrive."""
        return self.start + self.hours * HOUR

    def people(self) -> Iterator[tuple[AgentSettings, Group, int]]:
        """Each agent with his group and his place in it, from 0."""
        number = 1000
        for name, group in self.agents.items():
            for index in range(group.count):
                number += 1
                yield _agent(f"{name}{index + 1}", str(number), group), group, index

    def staffed(self, group: str, count: int) -> Scenario:
        """The same day with another number of agents in ``group``."""
        changed = self.agents[group].model_copy(update={"count": count})
        return self.model_copy(update={"agents": {**self.agents, group: changed}})


def _agent(name: str, extension: str, group: Group) -> AgentSettings:
    return AgentSettings(
        name=name,
        extension=extension,
        queues=group.queues,
        tiers=group.tiers,
        skills=group.skills,
        languages=group.languages,
        media=group.media,
        capacity=group.capacity,
    )
