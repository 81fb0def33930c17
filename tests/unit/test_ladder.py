"""The ladder of a call, as an engineer sees it in the terminal."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator

import pytest

from engine.call_record import (
    CallOutcome,
    CallRecord,
    CallTag,
    Disposition,
    ExperimentArm,
    Gap,
    NodeVisit,
    PartyStretch,
    RecordingMade,
    Segment,
    SegmentKind,
    Step,
    SurveyAnswer,
    TransferHow,
    TransferMade,
)
from engine.calls.lanes import ACD, AGENT, ARI, IVR, SIP
from engine.ladder import ladder

T = 1790000000.0

CALL = CallRecord(
    call="1790000000.7",
    direction="inbound",
    caller="+84901234567",
    called="19001000",
    language="vi",
    route="19001000",
    flow="main",
    arrived=T,
    answered=T + 0.02,
    ended=T + 30.5,
    ended_by="caller",
    outcome=CallOutcome.ANSWERED,
    cause=16,
    agent="mai",
    estimated_end=False,
    sip_call_id="",
    segments=(
        Segment(SegmentKind.SETUP, T, T + 0.02),
        Segment(SegmentKind.IVR, T + 0.02, T + 4.0),
        Segment(SegmentKind.QUEUE, T + 4.0, T + 6.0, "support"),
        Segment(SegmentKind.RING, T + 6.0, T + 8.0, "support", "mai"),
        Segment(SegmentKind.TALK, T + 8.0, T + 30.5, "support", "mai"),
    ),
    visits=(),
    offers=(),
    recordings=(RecordingMade("1790000000.7-r1", "r1.wav", T + 8, 22.4, 358_444, True),),
    steps=(
        Step(T, SIP, "INVITE", ARI, "+84901234567 → 19001000"),
        Step(T + 0.02, ARI, "200 OK", SIP),
        Step(T + 3.5, IVR, "key 2"),
        Step(T + 6.0, ACD, "offer", AGENT, "longest idle"),
        Step(T + 8.0, AGENT, "answers", ARI),
        Step(T + 30.5, SIP, "BYE", ARI, "caller"),
    ),
)

PICTURE = """\
call 1790000000.7 · +84901234567 → 19001000 · 2026-09-21 21:13:20 · 30.5 s · answered

          SIP          ARI          IVR          ACD         agent
   0.000 s │───────────▶│            │            │            │  INVITE: +84901234567 → 19001000
   0.020 s │◀───────────│            │            │            │  200 OK
   3.500 s │            │            ●            │            │  key 2
   6.000 s │            │            │            │───────────▶│  offer: longest idle
   8.000 s │            │◀─────────────────────────────────────│  answers
  30.500 s │───────────▶│            │            │            │  BYE: caller

time: setup 0.0 s · ivr 4.0 s · queue (support) 2.0 s · ring (mai) 2.0 s · talk (mai) 22.5 s
recording: 1790000000.7-r1.wav, from 8.000 s, 22.4 s, complete"""


@pytest.fixture(autouse=True)
def in_ha_noi(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Asia/Ho_Chi_Minh")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_a_whole_call_is_one_picture() -> None:
    assert ladder(CALL) == PICTURE


NARROW = """\
          SIP    ARI    IVR    ACD   agent
   0.000 s │─────▶│      │      │      │  INVITE: +84901234567 →
           │      │      │      │      │  19001000
   0.020 s │◀─────│      │      │      │  200 OK
"""


def test_on_a_narrow_screen_what_happened_is_told_beside_the_lifelines() -> None:
    picture = ladder(CALL, 66)
    assert NARROW in picture
    assert max(map(len, picture.split("\n\ntime:")[0].splitlines()[2:])) <= 66


def test_a_broken_recording_cannot_be_overlooked() -> None:
    short = RecordingMade("r1", "r1.wav", T + 8, 5.0, 80_044, False, "5.0 s of 22.5 s")
    picture = ladder(dataclasses.replace(CALL, recordings=(short,)))
    assert picture.endswith("recording: r1.wav, from 8.000 s, 5.0 s, INCOMPLETE: 5.0 s of 22.5 s")


def test_where_a_recording_is_silent_on_purpose_is_told() -> None:
    gaps = (Gap(T + 10, T + 15.5, "card"), Gap(T + 20, T + 21, "card"))
    whole = dataclasses.replace(CALL.recordings[0], gaps=gaps)
    told = ladder(dataclasses.replace(CALL, recordings=(whole,)))
    assert told == (
        f"{PICTURE}\n"
        "           silent from 10.000 s for 5.5 s: card\n"
        "           silent from 20.000 s for 1.0 s: card"
    )


LEG, HER_LEG = "1790000000.7-a1", "1790000000.7-c1"
CONSULTED = dataclasses.replace(
    CALL,
    segments=(
        *CALL.segments[:4],
        Segment(SegmentKind.TALK, T + 8, T + 12, "support", "mai"),
        Segment(SegmentKind.HOLD, T + 12, T + 20, "support", "mai"),
        Segment(SegmentKind.CONFERENCE, T + 20, T + 24, "support", "mai"),
        Segment(SegmentKind.TALK, T + 24, T + 30.5, "support", "an"),
    ),
    steps=(
        *CALL.steps[:5],
        Step(T + 12, ARI, "dial", AGENT, "an (3002)"),
        Step(T + 14, AGENT, "answer", ARI, "an"),
        Step(T + 16, AGENT, "supervisor listens", AGENT, "boss"),
        Step(T + 20, AGENT, "merge", ARI, "all hear each other"),
        Step(T + 24, AGENT, "leaves", ARI, "mai"),
        CALL.steps[5],
    ),
    parties=(
        PartyStretch(HER_LEG, "agent", "an", SegmentKind.RING, T + 12, T + 14),
        PartyStretch(LEG, "agent", "mai", SegmentKind.TALK, T + 8, T + 12),
        PartyStretch(LEG, "agent", "mai", SegmentKind.CONSULT, T + 12, T + 20),
        PartyStretch(HER_LEG, "agent", "an", SegmentKind.CONSULT, T + 14, T + 20),
        PartyStretch(LEG, "agent", "mai", SegmentKind.CONFERENCE, T + 20, T + 24),
        PartyStretch(HER_LEG, "agent", "an", SegmentKind.CONFERENCE, T + 20, T + 24),
        PartyStretch(HER_LEG, "agent", "an", SegmentKind.TALK, T + 24, T + 30.5),
    ),
    transfers=(TransferMade(T + 24, TransferHow.WARM, "mai", "agent", "an", "support"),),
)
TALK_OF_THREE = """\
   8.000 s │            │◀─────────────────────────────────────│  answers
  12.000 s │            │─────────────────────────────────────▶│  dial: an (3002)
  14.000 s │            │◀─────────────────────────────────────│  answer: an
  16.000 s │            │            │            │            ●  supervisor listens: boss
  20.000 s │            │◀─────────────────────────────────────│  merge: all hear each other
  24.000 s │            │◀─────────────────────────────────────│  leaves: mai
  30.500 s │───────────▶│            │            │            │  BYE: caller

time: setup 0.0 s · ivr 4.0 s · queue (support) 2.0 s · ring (mai) 2.0 s · talk (mai) 4.0 s · \
hold (mai) 8.0 s · conference (mai) 4.0 s · talk (an) 6.5 s
transfer: at 24.000 s, warm, mai → agent an, support
recording: 1790000000.7-r1.wav, from 8.000 s, 22.4 s, complete
with the caller:
   8.000 s – 12.000 s  mai  talk            4.0 s  1790000000.7-a1
  12.000 s – 20.000 s  mai  consult         8.0 s  1790000000.7-a1
  20.000 s – 24.000 s  mai  conference      4.0 s  1790000000.7-a1
  12.000 s – 14.000 s  an   ring            2.0 s  1790000000.7-c1
  14.000 s – 20.000 s  an   consult         6.0 s  1790000000.7-c1
  20.000 s – 24.000 s  an   conference      4.0 s  1790000000.7-c1
  24.000 s – 30.500 s  an   talk            6.5 s  1790000000.7-c1"""


def test_a_talk_of_three_tells_whose_each_stretch_was_and_who_gave_the_caller_on() -> None:
    assert ladder(CONSULTED).endswith(TALK_OF_THREE)


def test_a_transfer_to_a_place_without_a_name_or_a_queue_is_told_too() -> None:
    to = TransferMade(T + 24, TransferHow.BLIND, "mai", "voicemail", "")
    told = ladder(dataclasses.replace(CALL, transfers=(to,)))
    assert "\ntransfer: at 24.000 s, blind, mai → voicemail\n" in told


def test_a_call_without_a_number_or_a_story_is_drawn_too() -> None:
    bare = dataclasses.replace(CALL, caller="", segments=(), recordings=(), steps=())
    picture = ladder(bare)
    assert "· unknown → 19001000 ·" in picture
    assert "│" not in picture


def test_an_end_that_nobody_saw_is_called_estimated() -> None:
    assert "30.5 s (estimated)" in ladder(dataclasses.replace(CALL, estimated_end=True))


def test_what_a_caller_s_phone_sent_cannot_move_the_terminal() -> None:
    odd = dataclasses.replace(
        CALL, caller="\x1b[2J", steps=(Step(T, SIP, "a\rb", ARI, "\x1b]0;x"),)
    )
    assert not {"\x1b", "\r"} & set(ladder(odd))


def test_what_came_of_a_talk_is_told_below() -> None:
    sold = Disposition("mai", "support", "sold", False, T + 35)
    silent = Disposition("an", "sales", "other", True, T + 45)
    told = ladder(dataclasses.replace(CALL, dispositions=(sold, silent)))
    assert "\ndisposition: sold (mai, support)\ndisposition: other by default (an, sales)\n" in told


NODES = (
    NodeVisit("main", "5f3a", "hello", "say", T + 0.02, T + 2, "next", "came"),
    NodeVisit("main", "5f3a", "who", "flow", T + 2, T + 2, "known"),
    NodeVisit("identify", "5f3a", "pin", "gather", T + 2, T + 3.25, "ok"),
    NodeVisit("main", "5f3a", "line", "queue", T + 3.25, T + 8, "answered"),
)
PATH = """\
path, flows 5f3a:
   0.020 s  main.hello       2.0 s → next  milestone came
   2.000 s  main.who         0.0 s → known
   2.000 s  identify.pin     1.2 s → ok
   3.250 s  main.line        4.8 s → answered"""


def test_the_way_through_the_flows_is_told_below_with_times_and_exits() -> None:
    told = ladder(dataclasses.replace(CALL, nodes=NODES, flow_version="5f3a"))
    assert told == f"{PICTURE}\n{PATH}"


def test_what_the_flow_kept_with_the_call_is_told_below() -> None:
    answers = (
        SurveyAnswer("after", "score", "5", "", "mai", "support", T + 30),
        SurveyAnswer("after", "again", "yes", "", "binh", None, T + 30),
        SurveyAnswer("before", "why", "", "1790000000.7-s1", None, None, T + 3),
    )
    told = ladder(
        dataclasses.replace(
            CALL,
            tags=(CallTag("tier", "vàng"), CallTag("orders", "3")),
            arms=(ExperimentArm("greeting", "short"),),
            answers=answers,
        )
    )
    assert (
        "\ntags: tier = vàng · orders = 3"
        "\nexperiment: greeting = short"
        "\nanswer: after, score = 5 (mai, support)"
        "\nanswer: after, again = yes (binh)"
        "\nanswer: before, why = 1790000000.7-s1.wav\n"
    ) in told


def test_what_a_lookup_brought_cannot_move_the_terminal() -> None:
    odd = dataclasses.replace(CALL, tags=(CallTag("a\x1b[2J", "b\r"),))
    assert not {"\x1b", "\r"} & set(ladder(odd))
