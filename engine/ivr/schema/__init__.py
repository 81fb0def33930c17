"""The flow language: what an ``ivr_flows/*.yaml`` file may say, as pydantic models.

Text in, models out: numbers and yes/no arrive as text from the YAML reader and are converted here.
Exits are optional in the models and asked for by ``engine.ivr.lint``, which can say in a shift
leader's words what would happen to the caller. ``ivr_flows/README.md`` is the language's manual.
"""

from engine.ivr.schema.asking import (
    Asking,
    Bands,
    Choice,
    Gather,
    Intent,
    Listen,
    Menu,
    Question,
    Say,
    Survey,
)
from engine.ivr.schema.base import Exit, NodeBase, Read, Where
from engine.ivr.schema.deciding import (
    Goto,
    Hours,
    If,
    Return,
    Set,
    SetLanguage,
    Split,
    Start,
    SubFlow,
    Switch,
    Tag,
)
from engine.ivr.schema.flow import AGAIN, BACK, NODE_TYPES, Flow, Node, PromptFile
from engine.ivr.schema.lookups import Call, Http, Save
from engine.ivr.schema.routing import (
    Answer,
    Callback,
    Conference,
    Hangup,
    NeedStep,
    Queue,
    Record,
    Transfer,
    Voicemail,
)
from engine.ivr.schema.speech import (
    PROMPT_PATTERN,
    BargeIn,
    Language,
    Part,
    PromptTable,
    PromptText,
    Speech,
    Taper,
)
from engine.ivr.schema.trust import Identify, Payment

__all__ = [
    "AGAIN", "BACK", "NODE_TYPES", "PROMPT_PATTERN", "Answer", "Asking", "Bands", "BargeIn",
    "Call", "Callback", "Choice", "Conference", "Exit", "Flow", "Gather", "Goto", "Hangup",
    "Hours", "Http", "Identify", "If", "Intent", "Language", "Listen", "Menu", "NeedStep", "Node",
    "NodeBase", "Part", "Payment", "PromptFile", "PromptTable", "PromptText", "Question", "Queue",
    "Read", "Record", "Return", "Save", "Say", "Set", "SetLanguage", "Speech", "Split", "Start",
    "SubFlow", "Survey", "Switch", "Tag", "Taper", "Transfer", "Voicemail", "Where",
]  # fmt: skip
