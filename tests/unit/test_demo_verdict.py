"""What the demo notices when a record says otherwise than the phones saw and heard."""

import random
import wave
from dataclasses import replace

import pytest

from engine.call_record import CallOutcome, CallRecord, RecordingMade, Segment, SegmentKind
from engine.demo import tones
from engine.demo.secrets import places_of
from engine.demo.verdict import Heard, Said, Seen, compare, listen, prompts

EMMAS_TONE, JOHNS_TONE, LANS_TONE = 420, 1000, 840
PROMPT = tones.sine(250, 16_000)
SAW = Seen(
    "Emma", "0900000001", "19001000", "abc@phone", 100.0, 112.0, "caller", "john", 6.0, PROMPT
)
RECORDING = RecordingMade("1.1", "/r/1.1.wav", 106.0, 6.0, 96_044, complete=True)
RECORD = CallRecord(
    call="1.1", direction="inbound", caller="0900000001", called="19001000", language="en",
    route="19001000", flow="main", arrived=100.0, answered=100.1, ended=112.0, ended_by="caller",
    outcome=CallOutcome.ANSWERED, cause=16, agent="john", estimated_end=False,
    sip_call_id="abc@phone",
    segments=(
        Segment(SegmentKind.IVR, 100.0, 106.0),
        Segment(SegmentKind.TALK, 106.0, 112.0, "sales", "john"),
        Segment(SegmentKind.WRAP_UP, 112.0, 117.0, "sales", "john"),
    ),
    visits=(), offers=(), recordings=(RECORDING,), steps=(),
)  # fmt: skip


def test_a_record_that_says_what_the_phones_saw_agrees():
    assert compare(SAW, RECORD) == []


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"outcome": CallOutcome.ABANDONED}, "outcome: the phones saw answered"),
        ({"agent": "mai"}, "agent: the phones saw john, the record says mai"),
        ({"ended_by": "agent"}, "hung up by: the phones saw caller"),
        ({"caller": "0900000002"}, "caller: the phones saw 0900000001"),
        ({"called": "19001001"}, "number: the phones saw 19001000"),
        ({"arrived": 97.9}, "beginning: 2.1 s"),
        ({"ended": 114.2}, "end: 2.2 s"),
        ({"segments": (Segment(SegmentKind.TALK, 108.1, 112.0),)}, "talk: 2.1 s"),
        ({"recordings": ()}, "recordings: the phones saw 1, the record says 0"),
        ({"recordings": (replace(RECORDING, seconds=3.5),)}, "recording: 2.5 s"),
        (
            {"recordings": (replace(RECORDING, complete=False, problem="no file"),)},
            "not complete: no file",
        ),
    ],
)
def test_a_record_that_says_otherwise_is_noticed(change, complaint):
    [said] = compare(SAW, replace(RECORD, **change))

    assert complaint in said


def test_a_caller_who_hung_up_without_an_agent_abandoned_and_one_hung_up_on_was_sent_away():
    left = replace(SAW, agent=None)

    assert left.outcome is CallOutcome.ABANDONED
    assert replace(left, hung_up_by="engine").outcome is CallOutcome.OUT_OF_HOURS


def test_a_caller_who_got_by_keys_what_he_wanted_has_served_himself():
    saw = replace(SAW, agent=None, hung_up_by="engine", chose=True)

    assert saw.outcome is CallOutcome.SELF_SERVED


def test_a_recording_of_the_whole_call_is_wanted_of_who_was_told_so_and_may_be_longer():
    whole = replace(RECORDING, name="1.1-i1", kind="call", seconds=12.0)

    assert compare(SAW, replace(RECORD, recordings=(RECORDING, whole))) != []
    assert (
        compare(replace(SAW, recorded=True), replace(RECORD, recordings=(RECORDING, whole))) == []
    )


@pytest.fixture
def prompt(tmp_path):
    """A spoken prompt, and its sound."""
    sound = random.Random(7).randbytes(2 * tones.RATE)  # half a second that is like nothing else
    file = tmp_path / "bank_balance.wav"
    with wave.open(str(file), "wb") as out:
        out.setparams((1, 2, tones.RATE, 0, "NONE", ""))
        out.writeframes(sound)
    return file, sound


def test_a_prompt_that_was_not_heard_and_one_that_was_recorded_in_secret_are_noticed(prompt):
    file, sound = prompt
    silence = bytes(2 * tones.RATE)

    assert prompts("Mỹ", [Said("by Mỹ", silence + sound, wanted=(file,))]) == []
    assert prompts("Mỹ", [Said("by Mỹ", PROMPT, wanted=(file,))]) == [
        "Mỹ: by Mỹ, bank_balance is not to be heard"
    ]
    assert prompts("Mỹ", [Said("in the recording", sound + silence, unwanted=(file,))]) == [
        "Mỹ: in the recording, bank_balance is to be heard and should not be"
    ]


@pytest.mark.parametrize(
    ("text", "leaks"),
    [
        ("keys 4111111111111111# taken", True),
        ('["4","1","1","1","1","1","1","1","1","1","1","1","1","1","1","1"]', True),
        ("\n".join("4111111111111111"), True),
        ("94111111111111111", False),
        ("0.4111111111111111", False),
        ("•••• 1111", False),
    ],
)
def test_a_card_number_is_found_wherever_and_however_it_is_written(tmp_path, text, leaks):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "journal.jsonl").write_text(text)

    found = places_of(["4111111111111111"], tmp_path)

    assert found == (1, ["state/journal.jsonl"] if leaks else [])


def test_a_talk_in_which_both_are_heard_and_nobody_else_is_fine():
    johns_ear = Heard("by John", tones.sine(EMMAS_TONE, 44_000), EMMA, OTHERS)

    assert listen(SAW, [johns_ear]) == []


def test_a_caller_whom_the_agent_did_not_hear_is_noticed():
    assert listen(SAW, [Heard("by John", b"", EMMA, OTHERS)]) == [
        "Emma: by John, Emma is heard for 0.0 s of 6.0 s"
    ]


def test_a_crossed_line_is_noticed():
    both = tones.sine(EMMAS_TONE, 40_000) + tones.sine(LANS_TONE, 8_000)

    [said] = listen(SAW, [Heard("by John", both, EMMA, OTHERS)])

    assert "Lan is heard for 1.0 s and should not be" in said


def test_a_caller_who_heard_no_prompt_is_noticed():
    deaf = replace(SAW, agent=None, heard=b"")

    assert listen(deaf, []) == ["Emma heard neither a prompt nor music"]


EMMA = (("Emma", EMMAS_TONE),)
OTHERS = (("Lan", LANS_TONE),)
