"""What the distributor is told (events, past tense) and what it decides (imperative).

Every message is a frozen value without a clock in it: the time of an event is the ``now`` handed to
``Acd.handle`` beside it, in seconds since the Unix epoch, never going backwards. Events are
journaled as they are handed in, so a journal replayed into a fresh ``Acd`` gives the same decisions
and the same state (``acd.journal``).
"""

from acd.messages.decisions import (
    AcdDecision,
    AgentMoved,
    Alert,
    CallBack,
    Candidate,
    Disposed,
    Expire,
    Moved,
    Offer,
    PassedOver,
    StillWaiting,
    Why,
    WhyWaiting,
    Withdraw,
    WrappedUp,
)
from acd.messages.events import (
    AcdEvent,
    AgentLoggedIn,
    AgentLoggedOut,
    AgentPaused,
    AgentReady,
    CallbackPostponed,
    Configured,
    ContactLeft,
    ContactQueued,
    CustomerReached,
    DayBegan,
    DispositionSet,
    HoursChanged,
    NeedsChanged,
    OfferAccepted,
    OfferRefused,
    PriorityChanged,
    TalkEnded,
    WorkBegan,
    WrapUpDone,
    WrapUpExtended,
    WrapUpRequested,
)
from acd.messages.states import (
    ONLY_HIM,
    AgentState,
    AlertKind,
    CallbackFirst,
    ExpireReason,
    LeaveReason,
    OfferOutcome,
)

__all__ = [
    "ONLY_HIM", "AcdDecision", "AcdEvent", "AgentLoggedIn", "AgentLoggedOut", "AgentMoved",
    "AgentPaused", "AgentReady", "AgentState", "Alert", "AlertKind", "CallBack",
    "CallbackFirst", "CallbackPostponed", "Candidate", "Configured", "ContactLeft",
    "ContactQueued", "CustomerReached", "DayBegan", "Disposed", "DispositionSet", "Expire",
    "ExpireReason", "HoursChanged", "LeaveReason", "Moved", "NeedsChanged", "Offer",
    "OfferAccepted", "OfferOutcome", "OfferRefused", "PassedOver", "PriorityChanged",
    "StillWaiting", "TalkEnded", "Why", "WhyWaiting", "Withdraw", "WorkBegan", "WrapUpDone",
    "WrapUpExtended", "WrapUpRequested", "WrappedUp",
]  # fmt: skip
