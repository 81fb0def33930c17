"""A call of a minute with everything in it, for the store's tests."""

from __future__ import annotations

from engine.call_record import (
    AgentStretch,
    CallOutcome,
    CallRecord,
    CallTag,
    Disposition,
    ExperimentArm,
    Gap,
    NodeVisit,
    OfferMade,
    PartyStretch,
    QueueVisit,
    RecordingMade,
    Segment,
    SegmentKind,
    Step,
    SurveyAnswer,
    TransferHow,
    TransferMade,
)

T = 1790000000.0

CALL = CallRecord(
    call="c-1",
    direction="inbound",
    caller="+84901234567",
    called="+842873001234",
    language="vi",
    route="main",
    flow="main",
    arrived=T,
    answered=T + 0.1,
    ended=T + 60.000001,
    ended_by="caller",
    outcome=CallOutcome.ANSWERED,
    cause=16,
    agent="mai",
    estimated_end=False,
    sip_call_id="3c26700d@127.0.0.9",
    segments=(
        Segment(SegmentKind.SETUP, T, T + 0.1),
        Segment(SegmentKind.IVR, T + 0.1, T + 5.123457),
        Segment(SegmentKind.QUEUE, T + 5.123457, T + 10.0, queue="support"),
        Segment(SegmentKind.RING, T + 10.0, T + 12.0, queue="support", agent="mai"),
        Segment(SegmentKind.TALK, T + 12.0, T + 60.000001, queue="support", agent="mai"),
    ),
    visits=(QueueVisit("support", T + 5.123457, T + 12.0, "answered", "mai"),),
    offers=(
        OfferMade("c-1-a1", "support", "an", T + 6, T + 8, "rejected", "đã rảnh lâu nhất"),
        OfferMade("c-1-a2", "support", "mai", T + 10, T + 12, "answered", "idle for 40 s ☎", "{}"),
    ),
    recordings=(
        RecordingMade(
            *("c-1-r1", "2026/c-1-r1.wav", T + 12, 48.000125, 768_044, True),
            gaps=(Gap(T + 20, T + 31.5, "thẻ"),),
        ),
    ),
    steps=(
        Step(T, "sip", "INVITE", "engine", "from trunk"),
        Step(T + 0.1, "ari", "answer"),
        Step(T + 6, "acd", "offer", "an", "longest idle", '{"strategy": "longest_idle"}'),
    ),
    flow_version="5f3a",
    nodes=(
        NodeVisit("main", "5f3a", "xin chào", "say", T + 0.1, T + 2, "next", "came"),
        NodeVisit("main", "5f3a", "menu", "menu", T + 2, T + 5.123457, "2"),
        NodeVisit("main", "5f3a", "line", "queue", T + 5.123457, T + 12.0, "answered"),
    ),
    tags=(CallTag("tier", "vàng"), CallTag("open_orders", "3")),
    answers=(
        SurveyAnswer("after", "score", "5", "", "mai", "support", T + 59),
        SurveyAnswer("before", "heard_of_us", "đài", "c-1-s1", None, None, T + 3),
    ),
    arms=(ExperimentArm("greeting", "short"),),
    parties=(
        PartyStretch("c-1-a2", "agent", "mai", SegmentKind.TALK, T + 12.0, T + 30.25),
        PartyStretch("c-1-c1", "number", "+84281234567", SegmentKind.DIALING, T + 30, T + 34),
        PartyStretch("c-1-a2", "agent", "mai", SegmentKind.CONSULT, T + 30.25, T + 60.000001),
    ),
    transfers=(
        TransferMade(T + 60, TransferHow.BLIND, "mai", "queue", "bán hàng", "support"),
        TransferMade(T + 60.000001, TransferHow.ATTENDED, "an", "number", "+84281234567"),
    ),
)
WRAP_UP = Segment(SegmentKind.WRAP_UP, T + 60.000001, T + 70, queue="support", agent="mai")
SOLD = Disposition("mai", "support", "sold", False, T + 70)
STRETCH = AgentStretch("mai", "talking", "", T + 12, T + 60.000001, "support", "c-1")
