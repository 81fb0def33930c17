"""What a flow is told about its caller (inputs, past tense) and what it wants done (actions).

Frozen values without a clock in them; the time is the ``now`` beside them, in seconds since the
Unix epoch. An *errand* is an action whose end the driver tells with ``Returned``: the flow waits
for it. In a list of actions an errand, ``End`` and ``Fault`` are always the last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from engine.ivr.position import NOWHERE, Position
from engine.ivr.schema.routing import NeedStep
from engine.ivr.sounds import Sound
from engine.ivr.values import Value

# -- inputs -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Digit:
    """The caller pressed a key: one of ``0-9 * # A-D``."""

    key: str


@dataclass(frozen=True, slots=True)
class PlayEnded:
    """The play of this number ended; ``ok`` is false when it could not be (wholly) played."""

    play: int
    ok: bool = True


@dataclass(frozen=True, slots=True)
class SpeechBegan:
    """The caller began to speak while the flow listens."""


@dataclass(frozen=True, slots=True)
class Said:
    """The recogniser's answer to one utterance.

    ``phrase`` is the one of ``Listen.phrases`` that it is nearest to, None for none of them;
    ``confidence`` from 0 to 1; ``text`` what was heard, where the recogniser can tell.
    """

    phrase: str | None
    confidence: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class Deaf:
    """There is no recogniser for this call (none set up, overloaded, failed): keys only."""


@dataclass(frozen=True, slots=True)
class LookupEnded:
    """The request of this number ended.

    ``result`` is ``ok`` (2xx), ``not_found`` (404, 410), ``refused`` (other 4xx), ``failed`` (5xx),
    ``timeout`` or ``error`` (no answer, no JSON, too large, circuit open). ``body`` is the JSON.
    """

    lookup: int
    result: str
    body: object = None
    status: int = 0


@dataclass(frozen=True, slots=True)
class Returned:
    """An errand is over; ``by`` is the exit of its node. ``values`` are what it brought.

    - ``Enqueue``: answered (after the talk), timeout, full, no_agents, unmatched, overflow,
      callback (he will be called back), voicemail (he left a message)
    - ``AskCallback``: scheduled, declined, duplicate, out_of_hours
    - ``TakeMessage``: saved, too_short, deleted; values: ``seconds``
    - ``Transfer``: answered (the other hung up), busy, noanswer, congestion, rejected, failed,
      max_time
    - ``Confer``: left (by key), kicked, ended, full, locked
    - ``RecordAnswer``: saved, too_short; values: ``recording``, ``seconds``
    """

    by: str
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HungUp:
    """The caller is gone. The flow may still have something to do without media (``on_hangup``)."""


Input = Digit | PlayEnded | SpeechBegan | Said | Deaf | LookupEnded | Returned | HungUp

# -- actions: what the caller hears, and is heard ------------------------------------------------


@dataclass(frozen=True, slots=True)
class Play:
    """Play these sounds in turn; answer with ``PlayEnded(play)`` when the last one is over.

    A prompt without audio in ``language`` is taken from the first of ``fallback`` that has it.
    Plays are numbered from 1 in each ``Interpreter``, so after a crash the numbers begin anew.
    """

    play: int
    prompts: tuple[Sound, ...]
    language: str
    fallback: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StopPlay:
    """Stop this play at once: the caller pressed a key into it. Its end needs no answer."""

    play: int


@dataclass(frozen=True, slots=True)
class Listen:
    """Listen for one of these phrases; each utterance is answered by ``SpeechBegan`` and ``Said``,
    until ``StopListening``. No phrases: whatever he says (free speech)."""

    phrases: tuple[str, ...]
    language: str


@dataclass(frozen=True, slots=True)
class StopListening:
    """What he says is no concern of the flow any more."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer the call, after ``ring_seconds`` of ringing; answer with ``Returned("answered")``."""

    ring_seconds: float = 0.0


# -- actions: errands ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Enqueue:
    """Put the caller into this queue.

    Also given when a call is resumed in a queue node: a caller who already waits stays as he is.
    ``needs`` replace the queue's own, ``offset_seconds`` are added to the caller's age, and
    ``owner`` is the name or the extension of the agent whose customer he is, as the flow has it.
    """

    queue: str
    needs: tuple[NeedStep, ...] = ()
    offset_seconds: float = 0.0
    owner: str = ""


@dataclass(frozen=True, slots=True)
class AskCallback:
    """Agree on a callback from this queue: the number is ``number``, or asked for and confirmed."""

    queue: str
    number: str = ""
    confirm: bool = True


@dataclass(frozen=True, slots=True)
class TakeMessage:
    """Greeting, beep, message; with ``review`` he may hear it, speak it again or delete it.

    ``mailbox`` is where it goes (``agent:an``), '' for that of ``queue``.
    """

    queue: str
    greeting: tuple[Sound, ...] = ("voicemail_greeting",)
    seconds: float = 120.0
    silence_seconds: float = 5.0
    review: bool = False
    mailbox: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Put the caller through to a number outside or, with ``agent``, to that agent's phone.

    ``refer`` lets the caller's own trunk do it (SIP REFER): then the call is over with it.
    ``whisper`` is what the called party hears first; with ``accept_key`` he has to press it.
    ``most_seconds`` 0 is without end; ``show_caller`` shows the caller's number where allowed.
    """

    to: str
    agent: bool = False
    refer: bool = False
    ring_seconds: float = 30.0
    most_seconds: float = 0.0
    whisper: tuple[Sound, ...] = ()
    accept_key: str = ""
    show_caller: bool = False


@dataclass(frozen=True, slots=True)
class Confer:
    """Join the conference room. A ``leader`` begins it; without ``until_leader`` anybody does.

    ``ends_with_leader``: it is over for all when its last leader leaves. A ``listener`` is heard by
    nobody. ``announce`` is how who comes and goes is told: none, tone, spoken, or name (which he
    speaks first). ``longest_seconds`` 0 is without end. ``keys`` are those of what a member may do
    that are not the usual ones: the key, '' for none, by what it does.
    """

    room: str
    leader: bool = False
    muted: bool = False
    until_leader: bool = False
    most_members: int = 20
    leave_key: str = "#"
    record: bool = False
    listener: bool = False
    ends_with_leader: bool = False
    announce: str = "tone"
    longest_seconds: float = 0.0
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordAnswer:
    """Beep, and record what he says: the spoken answer to a question, as ``<call>-s<n>``."""

    seconds: float = 60.0
    silence_seconds: float = 4.0


Errand = Answer | Enqueue | AskCallback | TakeMessage | Transfer | Confer | RecordAnswer

# -- actions: beside the caller -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request. Nothing in it that is secret may be written anywhere.

    ``url`` is complete, with its parameters; it may begin with ``${system:NAME}`` for the address
    of a system of the installation. In ``headers`` and in the texts of ``body``
    ``${secret:NAME}`` stands for a secret of the installation, put in at the last moment.
    ``private`` requests have a caller's secret in ``body``: they are neither cached nor shown.
    """

    name: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: object = None
    timeout_seconds: float = 5.0
    retries: int = 0
    cache_seconds: float = 0.0
    private: bool = False


@dataclass(frozen=True, slots=True)
class Lookup:
    """Make this request; answer with ``LookupEnded(lookup)``. The caller waits or hears a filler.

    What was asked and is no longer wanted (he hung up) needs no answer.
    """

    lookup: int
    request: Request


@dataclass(frozen=True, slots=True)
class Tag:
    """Keep these with the call: in its record, and on the screen of the agent who gets it."""

    values: Mapping[str, Value]
    script: str = ""
    disposition: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """What is to be recorded of this call from now on: ``start`` (also the menus), ``stop``
    (nothing, also no talk), ``pause``, ``resume``. Nothing to pause is a success."""

    do: Literal["start", "stop", "pause", "resume"]


@dataclass(frozen=True, slots=True)
class SurveyAnswered:
    """One answer of a survey, for the reports; ``recording`` is that of a spoken one."""

    survey: str
    question: str
    value: str
    recording: str = ""


@dataclass(frozen=True, slots=True)
class Attempted:
    """Somebody tried to be identified as ``subject``, or at that door: what counts for its
    lock-out."""

    subject: str
    ok: bool
    attempts: int
    lock_seconds: float


# -- actions: the end ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class End:
    """The flow is over: hang up. ``outcome`` is what the record says, if the flow knows;
    ``cause`` is what the network is told: normal, busy, congestion."""

    outcome: str | None
    cause: str = "normal"


@dataclass(frozen=True, slots=True)
class Fault:
    """The flow cannot go on (runaway, or a hole in a flow that was never checked): save the call.

    Nothing follows; the caller must be handed on, not left in silence.
    """

    text: str


# -- actions: trace -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entered:
    """The call is at this node now, by exit ``via`` of the one before ('' at the start).

    ``milestone`` is the name to report it under, '' for none; ``position`` is where to go on after
    a crash.
    """

    node: str
    type: str
    via: str
    flow: str = ""
    milestone: str = ""
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Heard:
    """What the caller typed or said in all and what it meant: ``ok`` or the name of the failure.

    Keys of a secret input are dots. ``by`` is 'keys' or 'speech', with its ``confidence``.
    """

    keys: str
    result: str
    by: str = "keys"
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Evaluated:
    """An expression and what it came to; what is written of a secret is dots."""

    expression: str
    value: str


@dataclass(frozen=True, slots=True)
class NotPlayed:
    """These sounds could not be played; the flow goes on as if they had been."""

    prompts: tuple[Sound, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """An arm of an experiment (``split``), which the record keeps."""

    experiment: str
    arm: str


@dataclass(frozen=True, slots=True)
class Served:
    """He has heard what he called for: what the record says if he goes now."""

    outcome: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that who runs the center must know: a runaway, an expression that failed. The
    flow goes on by ``on_error`` or the node's own exit, if there is one."""

    text: str


Trace = Entered | Heard | Evaluated | NotPlayed | Chosen | Served | Alarm

Action = (
    Play
    | StopPlay
    | Listen
    | StopListening
    | Errand
    | Lookup
    | Tag
    | Record
    | SurveyAnswered
    | Attempted
    | End
    | Fault
    | Trace
)
