"""Nodes that bring the caller to somebody, or end the call; and recording."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from engine.ivr.expressions import holes
from engine.ivr.schema.base import (
    Name,
    NodeBase,
    Outcome,
    Read,
    Strict,
    Where,
    reads_template,
)
from engine.ivr.schema.speech import Part, Speech, Template

_NUMBER = re.compile(r"\+?[0-9 ().*#/-]{2,40}")
OWNER_PATTERN = r"^(\$[a-z][a-z0-9_]{0,39}|[a-z][a-z0-9_-]{0,39})?$"


class Answer(NodeBase):
    """Answers the call. What is said before it is early media: it costs the caller nothing."""

    EXITS: ClassVar[tuple[str, ...]] = ("next",)

    type: Literal["answer"]
    ring_seconds: float = Field(0, ge=0, le=60, description="he hears it ring first")
    next: Name | None = None


class NeedStep(Strict):
    """One step of what a caller needs of an agent, as a queue's own settings have it."""

    need: str = Field("", max_length=500)
    seconds: float | None = Field(None, gt=0, le=86400)
    skip_if_unstaffed: bool = True
    max_expected_wait_seconds: float | None = Field(None, gt=0)


def _as_steps(value: Any) -> Any:
    """A step that is only its need may be that text, and so may be all of them together."""
    steps = [value] if isinstance(value, str | dict) else value
    if isinstance(steps, list):
        return [{"need": step} if isinstance(step, str) else step for step in steps]
    return value


class Queue(NodeBase):
    """Waits for an agent. ``answered`` is where the caller goes after the talk.

    Left out, ``unmatched`` and ``overflow`` go where ``timeout`` goes, and ``answered``,
    ``callback`` (he will be called back) and ``voicemail`` (he left a message) to the end.
    """

    EXITS: ClassVar[tuple[str, ...]] = ("timeout", "full", "no_agents")
    OPTIONAL_EXITS: ClassVar[tuple[str, ...]] = (
        "unmatched", "overflow", "answered", "callback", "voicemail",
    )  # fmt: skip
    AS: ClassVar[dict[str, str]] = {"unmatched": "timeout", "overflow": "timeout"}

    type: Literal["queue"]
    queue: Name
    needs: Annotated[
        tuple[NeedStep, ...],
        BeforeValidator(_as_steps, json_schema_input_type=str | NeedStep | list[str | NeedStep]),
        Field(max_length=20),
    ] = ()
    priority_seconds: float = Field(
        0, ge=-86400, le=86400, description="as if he had waited so long already"
    )
    owner: str = Field(
        "",
        pattern=OWNER_PATTERN,
        description="the agent whose customer he is: a name, or `$variable` with an extension",
    )
    timeout: Name | None = None
    full: Name | None = None
    no_agents: Name | None = None
    unmatched: Name | None = None
    overflow: Name | None = None
    answered: Name | None = None
    callback: Name | None = None
    voicemail: Name | None = None


class Callback(NodeBase):
    """Agrees on a callback with the caller, who keeps his place in the line of ``queue``."""

    EXITS: ClassVar[tuple[str, ...]] = ("scheduled", "declined")
    OPTIONAL_EXITS: ClassVar[tuple[str, ...]] = ("duplicate", "out_of_hours")
    AS: ClassVar[dict[str, str]] = {"duplicate": "scheduled", "out_of_hours": "declined"}

    type: Literal["callback"]
    queue: Name
    number: Template = Field("", description="where to call; absent: the number he calls from")
    confirm: bool = Field(True, description="the number is read to him, and may be changed")
    scheduled: Name | None = None
    declined: Name | None = None
    duplicate: Name | None = None
    out_of_hours: Name | None = None

    def reads(self) -> Iterator[Read]:
        """The number."""
        yield from reads_template(("number",), self.number)


class Voicemail(NodeBase):
    """Takes a message: for the agents of ``queue``, or for ``agent`` alone."""

    EXITS: ClassVar[tuple[str, ...]] = ("saved",)
    OPTIONAL_EXITS: ClassVar[tuple[str, ...]] = ("too_short", "deleted")
    AS: ClassVar[dict[str, str]] = {"too_short": "saved", "deleted": "saved"}

    type: Literal["voicemail"]
    queue: Name | None = None
    agent: Name | None = Field(None, description="whose own mailbox, instead of a queue's")
    prompts: Speech = (Part(prompt="voicemail_greeting"),)
    seconds: float = Field(120, ge=5, le=1800, description="of the message, at most")
    silence_seconds: float = Field(5, ge=1, le=60, description="of silence, which end it")
    review: bool = Field(False, description="he may hear it, speak it again or delete it")
    saved: Name | None = None
    too_short: Name | None = None
    deleted: Name | None = None

    @model_validator(mode="after")
    def _one_mailbox(self) -> Self:
        if bool(self.queue) == bool(self.agent):
            raise ValueError("write one of `queue` and `agent`")
        return self

    def speeches(self) -> Iterator[tuple[Where, tuple[Part, ...]]]:
        """The greeting."""
        yield ("prompts",), self.prompts


class Transfer(NodeBase):
    """Puts the caller through to a number outside or an agent; one exit for each outcome.

    Left out, ``answered`` (the other hung up) is the end of the call, ``max_time`` goes where
    ``answered`` goes, and every other where ``failed`` goes.
    """

    EXITS: ClassVar[tuple[str, ...]] = ("failed",)
    OPTIONAL_EXITS: ClassVar[tuple[str, ...]] = (
        "answered", "busy", "noanswer", "congestion", "rejected", "max_time",
    )  # fmt: skip
    AS: ClassVar[dict[str, str]] = {
        "busy": "failed",
        "noanswer": "failed",
        "congestion": "failed",
        "rejected": "failed",
        "max_time": "answered",
    }

    type: Literal["transfer"]
    number: Template = ""
    agent: Template = Field("", description="an agent's name or extension, instead of a number")
    refer: bool = Field(False, description="the caller's own trunk does it (SIP REFER)")
    ring_seconds: float = Field(30, ge=3, le=180)
    most_seconds: float = Field(0, ge=0, le=86400, description="of talk; 0 is without end")
    whisper: Speech = Field((), description="what the called party hears first, alone")
    accept_key: str = Field("", pattern=r"^[0-9*#]?$", description="the called party must press it")
    show_caller: bool = Field(False, description="show the caller's number, where it is allowed")
    answered: Name | None = None
    busy: Name | None = None
    noanswer: Name | None = None
    congestion: Name | None = None
    rejected: Name | None = None
    failed: Name | None = None
    max_time: Name | None = None

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if bool(self.number) == bool(self.agent):
            raise ValueError("write one of `number` and `agent`")
        if self.number and not list(holes(self.number)) and not _NUMBER.fullmatch(self.number):
            raise ValueError("`number` is no telephone number: write one, or {{ variable }}")
        return self

    def speeches(self) -> Iterator[tuple[Where, tuple[Part, ...]]]:
        """What the called party hears."""
        yield ("whisper",), self.whisper

    def reads(self) -> Iterator[Read]:
        """To whom."""
        yield from reads_template(("number",), self.number)
        yield from reads_template(("agent",), self.agent)


class Conference(NodeBase):
    """Brings the caller into a room with others, after a PIN where it has one."""

    EXITS: ClassVar[tuple[str, ...]] = ("left", "full")
    OPTIONAL_EXITS: ClassVar[tuple[str, ...]] = ("kicked", "ended", "bad_pin", "locked")
    AS: ClassVar[dict[str, str]] = {
        "kicked": "left", "ended": "left", "bad_pin": "full", "locked": "full",
    }  # fmt: skip

    type: Literal["conference"]
    room: Template = Field(min_length=1)
    pin: str = Field("", pattern=r"^[0-9]{0,12}$")
    leader_pin: str = Field("", pattern=r"^[0-9]{0,12}$", description="who knows it leads")
    muted: bool = False
    listeners: bool = Field(False, description="nobody hears who does not lead")
    until_leader: bool = Field(False, description="it begins when a leader is there")
    end_with_leader: bool | None = Field(
        None, description="it is over with the last leader; as `until_leader` when not said"
    )
    most_members: int = Field(20, ge=2, le=500)
    most_minutes: float = Field(0, ge=0, le=1440, description="0: as long as they like")
    announce: Literal["none", "tone", "spoken", "name"] = Field(
        "tone", description="who comes and goes; `name`: as he says it first"
    )
    leave_key: str = Field("#", pattern=r"^[0-9*#]?$")
    keys: dict[
        Literal["menu", "mute", "count", "lock", "mute_all", "drop_last", "invite", "end"],
        Annotated[str, Field(pattern=r"^[0-9*#]?$")],
    ] = Field({}, description="other keys than the usual ones; '' for none")
    record: bool = False
    left: Name | None = None
    full: Name | None = None
    locked: Name | None = None
    kicked: Name | None = None
    ended: Name | None = None
    bad_pin: Name | None = None

    @model_validator(mode="after")
    def _pin_for_all(self) -> Self:
        if self.leader_pin and not self.pin:
            raise ValueError("`leader_pin` needs a `pin` for the others")
        if self.leader_pin and self.leader_pin == self.pin:
            raise ValueError("`leader_pin` is the PIN of all: choose another")
        return self

    def reads(self) -> Iterator[Read]:
        """Which room."""
        yield from reads_template(("room",), self.room)


class Record(NodeBase):
    """Starts, stops, pauses or resumes the recording of this call; `stop` also of its talks."""

    EXITS: ClassVar[tuple[str, ...]] = ("next",)

    type: Literal["record"]
    do: Literal["start", "stop", "pause", "resume"]
    prompts: Speech = Field((), description="said first, to its end: that it is recorded")
    next: Name | None = None

    def speeches(self) -> Iterator[tuple[Where, tuple[Part, ...]]]:
        """The notice."""
        yield ("prompts",), self.prompts


class Hangup(NodeBase):
    """Says its prompts to the end and hangs up."""

    type: Literal["hangup"]
    prompts: Speech = ()
    outcome: Outcome | None = Field(None, description="what the record says, where it is not plain")
    cause: Literal["normal", "busy", "congestion"] = "normal"

    def speeches(self) -> Iterator[tuple[Where, tuple[Part, ...]]]:
        """The good-bye."""
        yield ("prompts",), self.prompts
