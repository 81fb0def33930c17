"""Settings of agents: who they are, what they can, the media and the pauses they may choose."""

from __future__ import annotations

from keyword import iskeyword
from typing import Annotated, Literal

from pydantic import Field

from acd.queues import VOICE, MailboxSettings
from acd.settings import AcdSettings, Name, Skill

LANGUAGE_LEVEL = 5
"""The level at which an agent has the languages he lists, unless ``skills`` says another."""


class Medium(AcdSettings):
    """A kind of contact and what it asks of an agent, whose capacity is 100 unless he has his own.

    A contact fits when he has fewer than ``most`` of its medium, and its ``weight`` with those of
    the contacts he has is within his capacity; those that it may interrupt do not count. Whoever
    has nothing to do fits everything.
    """

    name: Name
    most: int = Field(1, ge=1, le=100, description="at once per agent")
    weight: int = Field(100, ge=0, le=1000, description="of the agent's capacity")
    interrupted_by: tuple[Name, ...] = Field((), description="media that may come in between")


DEFAULT_MEDIA = (
    Medium(name=VOICE),
    Medium(name="chat", most=4, weight=25, interrupted_by=(VOICE,)),
    Medium(name="mail", interrupted_by=(VOICE, "chat")),
)


class PauseReason(AcdSettings):
    """A reason for a pause that agents may give."""

    name: Name
    billable: bool = Field(False, description="counts as paid work in reports")
    max_seconds: float | None = Field(None, gt=0, le=86400, description="longer raises an alert")


class AgentSettings(AcdSettings):
    """One agent and the queues he serves."""

    name: Name
    extension: Annotated[
        str, Field(pattern=r"^[0-9]{2,8}$", description="his own SIP account and number")
    ]
    display_name: str = ""
    queues: tuple[Name, ...] = ()
    tiers: dict[Name, Annotated[int, Field(ge=0, le=20)]] = Field(
        {}, description="his tier in a queue; 0, asked first, where it is not listed"
    )
    skills: dict[Skill, Annotated[int, Field(ge=0, le=100)]] = Field(
        {}, description="levels, from 0 (not at all) to 100"
    )
    languages: tuple[str, ...] = Field(
        (), description=f"he speaks them: each a skill of level {LANGUAGE_LEVEL}"
    )
    weight: float = Field(1, gt=0, le=1000, description="his share with the strategy `random`")
    capacity: int = Field(100, ge=1, le=1000, description="weights of the contacts he may have")
    media: tuple[Name, ...] = Field((VOICE, "chat", "mail"), description="what he may be offered")
    team: Name | None = Field(None, description="whose supervisors may hear him")
    supervises: tuple[Literal["*"] | Name, ...] = Field(
        (), description="the teams that he may hear, whisper to, and take talks over from; `*`: all"
    )
    nailed_up: bool = Field(False, description="his line stays connected while he is logged in")
    voicemail: MailboxSettings = Field(MailboxSettings(), description="his own mailbox")
    pin: str | None = Field(
        None, pattern=r"^[0-9]{4,10}$", description="for logging in at another's phone"
    )
    secret: str | None = Field(
        None,
        min_length=8,
        description="SIP password; made from the installation's own secret when absent",
    )

    def levels(self) -> dict[str, int]:
        """All his skills, languages among them (`pt-BR` is the skill `pt_br`)."""
        spoken = {language_skill(tag): LANGUAGE_LEVEL for tag in self.languages}
        return spoken | self.skills


def language_skill(tag: str) -> str:
    """The skill that stands for a language; `is_` for Icelandic, as `is` is a word of needs."""
    skill = tag.lower().replace("-", "_")
    return f"{skill}_" if iskeyword(skill) else skill
