"""Settings of queues, agents, media and pause reasons, as the distributor sees them.

Read from YAML by ``engine.config``. Times in seconds. Everything here is a frozen value; a
reload replaces the whole of it (``acd.reload``).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    field_validator,
    model_validator,
)

from acd.recording import Recording
from acd.service_level import ServiceLevel
from acd.settings import AcdSettings, Name

Prompts = tuple[str, ...]

VOICE = "voice"
# -- who is chosen -----------------------------------------------------------------------------


class Strategy(StrEnum):
    """Which of several agents who could take a contact is offered it first."""

    LONGEST_IDLE = "longest_idle"  # since he last became free
    MOST_IDLE_TODAY = "most_idle_today"  # the sum of his idle time since midnight
    FEWEST_CONTACTS = "fewest_contacts"  # answered since midnight
    ROUND_ROBIN = "round_robin"  # whoever was offered one of this queue's contacts longest ago
    RANDOM = "random"  # by `weight` of the agent
    LINEAR = "linear"  # in the order of the agents' file
    BEST_SKILLED = "best_skilled"  # highest sum of the levels that the need in force names


class OfferMode(StrEnum):
    """How an offer reaches the agent."""

    RING = "ring"
    AUTO_ANSWER = "auto_answer"  # his phone is asked to answer by itself
    PREVIEW = "preview"  # he sees the contact and takes it, by API or key; only then it rings
    NAILED_UP = "nailed_up"  # his line stays connected; he hears a beep
    RESERVED = "reserved"  # he is held while a customer is dialed; no setting, made by the dialer


class Sticky(AcdSettings):
    """A contact waits for its own agent for a while before anybody else may take it."""

    to: Literal["last", "owner", "either"] = Field(
        "last", description="whom he last talked with, or whom the flow names as `owner`"
    )
    seconds: float = Field(30, ge=1, le=3600, description="then all others may take it, too")


class Step(AcdSettings):
    """One step of a contact's needs: who may take it, and for how long that is insisted on.

    A step that is only its need may be written as that text.
    """

    need: str = Field(
        "",
        max_length=500,
        description=(
            "levels wanted, as `billing >= 3 and (vi >= 4 or en >= 2)`; `$language` stands for "
            "the caller's; empty: every agent of the queue"
        ),
        examples=["billing >= 3 and $language >= 1"],
    )
    seconds: float | None = Field(
        None, gt=0, le=86400, description="then the next step; without it this step is the last"
    )
    skip_if_unstaffed: bool = Field(
        True, description="go on at once when nobody logged in could serve it"
    )
    max_expected_wait_seconds: float | None = Field(
        None, gt=0, description="go on at once when the expected wait is longer than this"
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, written: Any) -> Any:
        return {"need": written} if isinstance(written, str) else written


class NeedsEnd(StrEnum):
    """What happens when the last step's time is over."""

    ANY = "any"  # every agent of the queue
    EXIT = "exit"  # leaves by `unmatched`


# -- when it goes elsewhere --------------------------------------------------------------------


class OverflowWhen(StrEnum):
    """What makes a contact overflow. ``over`` gives the limit of those that are a number."""

    WAITING = "waiting"  # so many wait already (asked at entry)
    EXPECTED_WAIT = "expected_wait"  # seconds
    WAITING_PER_STAFFED = "waiting_per_staffed"  # contacts per agent logged in
    WAITED = "waited"  # this contact, seconds in this queue
    UNSTAFFED = "unstaffed"  # nobody is logged in
    ALL_PAUSED = "all_paused"  # nobody logged in wants contacts
    NONE_READY = "none_ready"  # nobody is free now (asked at entry)
    CLOSED = "closed"  # the queue's calendar says so


NUMERIC = frozenset(
    {
        OverflowWhen.WAITING,
        OverflowWhen.EXPECTED_WAIT,
        OverflowWhen.WAITING_PER_STAFFED,
        OverflowWhen.WAITED,
    }
)


class DestinationKind(StrEnum):
    """Where a contact can be sent from a queue."""

    QUEUE = "queue"  # another one, keeping its age
    FLOW = "flow"
    VOICEMAIL = "voicemail"
    CALLBACK = "callback"  # virtual hold: it keeps its place and is called back
    AGENT = "agent"  # this one, outside any queue
    PARK = "park"  # of a talk: in this slot, until somebody picks him up
    NUMBER = "number"
    HANG_UP = "hang_up"  # after a prompt
    EXIT = "exit"  # back to the flow, by the exit of the reason


class Destination(AcdSettings):
    """Where to, and which one: `{queue: general}`, `{number: "+842873000001"}`, `callback`."""

    kind: DestinationKind
    name: str = Field(
        "", description="the queue, flow, number, prompt or mailbox (`agent:an`, `queue:sales`)"
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, written: Any) -> Any:
        if isinstance(written, str):
            return {"kind": written}
        if isinstance(written, Mapping) and len(written) == 1 and "kind" not in written:
            kind, name = next(iter(written.items()))
            return {"kind": kind, "name": name}
        if isinstance(written, Mapping) and "kind" not in written:
            raise ValueError("name one place, as `{queue: general}`")
        return written

    @model_validator(mode="after")
    def _named(self) -> Destination:
        needs_name = (
            DestinationKind.QUEUE,
            DestinationKind.FLOW,
            DestinationKind.AGENT,
            DestinationKind.NUMBER,
        )
        if self.kind in needs_name and not self.name:
            raise ValueError(f"say which {self.kind}, as `{{{self.kind}: NAME}}`")
        return self


class OverflowAt(StrEnum):
    """When a rule is asked."""

    ENTRY = "entry"
    WAITING = "waiting"
    BOTH = "both"


class Overflow(AcdSettings):
    """When a contact leaves for elsewhere. Rules are asked in their order; the first counts."""

    when: OverflowWhen
    over: float | None = Field(None, ge=0, description="the limit, where `when` is a number")
    at: OverflowAt = Field(OverflowAt.BOTH, description="at entry, while waiting, or both")
    to: Destination

    @model_validator(mode="after")
    def _limited(self) -> Overflow:
        if self.when in NUMERIC and self.over is None:
            raise ValueError(f"`{self.when}` needs its limit: `over`")
        if self.when not in NUMERIC and self.over is not None:
            raise ValueError(f"`{self.when}` has no limit: leave out `over`")
        return self


# -- what the caller hears, and what becomes of him --------------------------------------------


class Announcements(AcdSettings):
    """What is said to who waits, between music."""

    first_seconds: float = Field(10, ge=0, le=3600, description="after so long the first time")
    every_seconds: float = Field(60, ge=10, le=3600, description="then again after this")
    position: bool = Field(False, description="say his place in the line")
    position_only_up: bool = Field(True, description="only when it is better than last told")
    expected_wait: bool = Field(False, description="say how long it may take, as a range")
    comfort: Prompts = Field((), description="prompts said in turn, one each time")
    at_entry: Prompts = Field((), description="prompts said before the music")


class CallbackSettings(AcdSettings):
    """Virtual hold: hang up and keep the place."""

    key: str | None = Field("1", pattern=r"^[0-9*#]$", description="pressed while waiting asks")
    offer_over_seconds: float | None = Field(
        None, ge=0, description="offer it when the expected wait is longer than this"
    )
    first: Literal["agent", "customer"] = Field(
        "agent", description="whose phone rings first when the turn has come"
    )
    attempts: int = Field(3, ge=1, le=10, description="calls to the customer, at most")
    gap_seconds: float = Field(300, ge=1, le=86400, description="between two of them")
    ring_seconds: float = Field(25, ge=5, le=120, description="how long the customer's rings")
    expires_seconds: float = Field(86400, ge=60, le=604800, description="then it is given up")
    calendar: str = Field("", description="hours in which customers are called; empty: any")
    confirm: bool = Field(True, description="read the number back, let it be changed")
    rescue: bool = Field(True, description="call back who was lost with the switch")


class MailboxSettings(AcdSettings):
    """A mailbox: what who leaves a message hears, and who is told of it."""

    greeting: str = Field(
        "voicemail_greeting",
        description="prompt before the beep; a greeting recorded by phone is played instead",
    )
    seconds: float = Field(120, ge=5, le=600, description="longest message")
    most_messages: int = Field(
        100, ge=1, le=1000, description="then the mailbox is full, and takes no more"
    )
    review: bool = Field(False, description="he may hear it, speak it again or delete it")
    webhook: str = Field(
        "",
        pattern=r"^$|^(https?://|\$\{system:)",
        description="address that is told of each message, as `${system:crm}/voicemail`",
    )
    webhook_secret: str = Field(
        "", description="name of the secret that is its bearer token; without: none"
    )


class VoicemailSettings(MailboxSettings):
    """A key to leave a message instead of waiting, and the mailbox of the queue."""

    key: str | None = Field("2", pattern=r"^[0-9*#]$", description="pressed while waiting")
    as_work: bool = Field(
        False, description="a message is a contact of the queue: its agents are offered it"
    )
    offset_seconds: float = Field(
        0, ge=-86400, le=86400, description="age given to a message that is work"
    )


class WrapUpMode(StrEnum):
    """Whether and how long an agent is busy after a talk."""

    NONE = "none"
    OPTIONAL = "optional"  # free at once; asking for it in the talk or right after it gives it
    ON_REQUEST = "on_request"  # only when asked for in the talk
    UNTIL_DONE = "until_done"  # until he says ready
    TIMED = "timed"  # or until he says ready
    TIMED_FIXED = "timed_fixed"  # the whole time


class WrapUp(AcdSettings):
    """The work after a talk: belongs to one agent and one contact."""

    mode: WrapUpMode = WrapUpMode.TIMED
    seconds: float = Field(10, ge=0, le=3600, description="of the modes with a time")
    extension_seconds: float = Field(30, ge=0, le=3600, description="added when he asks")
    extensions: int = Field(1, ge=0, le=20, description="how often he may ask")
    dispositions: tuple[Name, ...] = Field((), description="codes to choose from; empty: any")
    default_disposition: str = Field("", description="set at the end when he set none")
    required: bool = Field(False, description="he cannot be ready before he set one")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, written: Any) -> Any:
        """A number (as text, too) is the seconds of a timed one; another word the mode."""
        if isinstance(written, str) and written.replace(".", "", 1).isdecimal():
            written = float(written)
        if isinstance(written, int | float) and not isinstance(written, bool):
            return {"mode": "timed", "seconds": written} if written else {"mode": "none"}
        return {"mode": written} if isinstance(written, str) else written


# -- queues ------------------------------------------------------------------------------------


class QueueSettings(AcdSettings):
    """One queue. Times in seconds."""

    name: Name
    strategy: Strategy = Field(Strategy.LONGEST_IDLE, description="who of several is offered it")
    ring_width: Annotated[int, BeforeValidator(lambda w: 1000 if w == "all" else w)] = Field(
        1, ge=1, le=1000, description="phones that ring at once; `all` for every free one"
    )
    sticky: Sticky | None = Field(None, description="wait for the own agent first")
    offer_mode: OfferMode = Field(OfferMode.RING, description="ring, auto_answer or preview")
    ring_seconds: float = Field(15, ge=1, le=120, description="how long one agent rings")
    retry_seconds: float = Field(
        5,
        ge=1,  # a phone on do-not-disturb refuses within milliseconds: never ring it in a loop
        le=600,
        description="how long an agent who did not answer is passed over for that contact",
    )
    busy_seconds: float = Field(5, ge=1, le=600, description="rest of an agent who was busy")
    rejected_seconds: float = Field(5, ge=1, le=600, description="rest of one who rejected")
    unreachable_seconds: float | None = Field(
        None, ge=1, le=600, description="rest of one whose phone is gone; without: not responding"
    )
    max_misses: int = Field(
        2, ge=1, le=20, description="misses in a row that make an agent not responding"
    )
    offset_seconds: float = Field(0, ge=-86400, le=86400, description="age given at the start")
    rate: float = Field(1, ge=0, le=100, description="how fast its contacts age")
    age_from: Literal["queue", "call"] = Field("queue", description="when the age starts")
    needs: tuple[Step, ...] = Field((), description="who may take a contact, step by step")
    needs_end: NeedsEnd = Field(NeedsEnd.ANY, description="when the steps are used up")
    tier_seconds: float = Field(
        0, ge=0, le=3600, description="each further tier of agents is asked so much later"
    )
    service_level: ServiceLevel = Field(ServiceLevel(), description="the target")
    max_wait_seconds: float = Field(
        1800, ge=1, le=86400, description="waiting longer leaves by `timeout`"
    )
    max_waiting: int = Field(200, ge=1, le=10000, description="a contact more leaves by `full`")
    hold_when_unstaffed: bool = Field(
        True,
        description=(
            "keep callers waiting while nobody is logged in; otherwise they leave by `no_agents`"
        ),
    )
    overflow: tuple[Overflow, ...] = Field((), description="rules that send contacts elsewhere")
    calendar: str = Field("", description="hours of the queue, for the rule `closed`")
    wrap_up: WrapUp = WrapUp()
    resume_seconds: float = Field(
        0, ge=0, le=86400, description="calling back so soon gives the old place; 0: never"
    )
    callback: CallbackSettings | None = None
    voicemail: VoicemailSettings | None = None
    announcements: Announcements | None = None
    expected_handling_seconds: float = Field(
        180, gt=0, le=14400, description="talk and wrap-up, until enough were seen"
    )
    music: str = Field("default", description="music-on-hold class")
    record: Recording = Field(Recording(), description="what is recorded of its talks")
    party_tones: bool = Field(
        False, description="a tone when somebody comes to a talk of several, two when one leaves it"
    )
    transfer_ring_seconds: float = Field(
        30, ge=1, le=120, description="who is consulted, invited or transferred to rings so long"
    )
    park_seconds: float = Field(
        120, ge=5, le=3600, description="a caller parked so long goes back to his agent"
    )
    script: str = Field("", description="shown to the agent with the offer: a URL or a text")

    @field_validator("offer_mode")
    @classmethod
    def _is_a_setting(cls, mode: OfferMode) -> OfferMode:
        if mode is OfferMode.RESERVED:
            raise ValueError("`reserved` is no setting: choose `ring`, `auto_answer` or `preview`")
        return mode
