"""What a flow is told about its caller (inputs, past tense) and what it wants done (actions).

Frozen values without a clock in them; the time is the ``now`` beside them, in seconds since the
Unix epoch. An *errand* is an action whose end the driver tells with ``Returned``: the flow waits
for it. In a list of actions an errand, ``End`` and ``Fault`` are always the last.
"""

from engine.ivr.messages.actions import Action, End, Fault
from engine.ivr.messages.beside import Attempted, Lookup, Record, Request, SurveyAnswered, Tag
from engine.ivr.messages.errands import (
    Answer,
    AskCallback,
    Confer,
    Enqueue,
    Errand,
    RecordAnswer,
    TakeMessage,
    Transfer,
)
from engine.ivr.messages.inputs import (
    Deaf,
    Digit,
    HungUp,
    Input,
    LookupEnded,
    PlayEnded,
    Returned,
    Said,
    SpeechBegan,
)
from engine.ivr.messages.media import Listen, Play, StopListening, StopPlay
from engine.ivr.messages.trace import (
    Alarm,
    Chosen,
    Entered,
    Evaluated,
    Heard,
    NotPlayed,
    Served,
    Trace,
)

__all__ = [
    "Action", "Alarm", "Answer", "AskCallback", "Attempted", "Chosen", "Confer", "Deaf",
    "Digit", "End", "Enqueue", "Entered", "Errand", "Evaluated", "Fault", "Heard", "HungUp",
    "Input", "Listen", "Lookup", "LookupEnded", "NotPlayed", "Play", "PlayEnded", "Record",
    "RecordAnswer", "Request", "Returned", "Said", "Served", "SpeechBegan", "StopListening",
    "StopPlay", "SurveyAnswered", "Tag", "TakeMessage", "Trace", "Transfer",
]  # fmt: skip
