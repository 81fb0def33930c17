"""Asterisk's channel event log tells how a caller's call ended while the engine was away."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.asterisk import witness
from engine.asterisk.witness import Witness
from engine.log_files import older
from engine.ports import AnsweredBy, LegGone

NORMAL = '{""hangupcause"":16,""hangupsource"":"""",""dialstatus"":""""}'


def hangup(channel: str, at: str = "1790000000.250000", extra: str = NORMAL) -> str:
    return f'HANGUP,{at},{channel},"{extra}"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tongdai.csv"


def test_it_tells_when_and_why_a_caller_was_gone(file: Path) -> None:
    file.write_text(hangup("c-1") + "CHAN_END,1790000000.250100,c-1,\n" + hangup("c-2"))
    assert Witness(file).end_of("c-1") == LegGone(1790000000.25, "c-1", 16)


def test_it_tells_when_a_leg_was_answered_that_is_gone(file: Path) -> None:
    answer = "ANSWER,1790000000.100000,c-1,,0901234567,s,x\n"
    file.write_text(answer + "ANSWER,soon,c-2,,,,\n" + hangup("c-1") + hangup("c-2"))
    seen = Witness(file)
    assert seen.end_of("c-1") == LegGone(1790000000.25, "c-1", 16, answered=1790000000.1)
    assert seen.end_of("c-2") == LegGone(1790000000.25, "c-2", 16)


def test_it_tells_who_had_answered_a_leg_that_is_gone_and_not_what_was_listened_for_then(
    file: Path,
) -> None:
    heard = 'ANSWERED_BY,{at},c-1,"{{""extra"":""{what}""}}",,back,answered-by\n'
    person = heard.format(at="1790000000.200000", what="HUMAN HUMAN-150-800")
    beep = heard.format(at="1790000000.230000", what="SILENCE ")
    odd = 'ANSWERED_BY,1790000000.200000,c-2,"[]",,,\n'
    file.write_text(person + beep + odd + hangup("c-1") + hangup("c-2"))
    seen = Witness(file)
    by = AnsweredBy(1790000000.2, "c-1", "HUMAN", "HUMAN-150-800", 1790000000.2 - 0.15)
    assert seen.end_of("c-1") == LegGone(1790000000.25, "c-1", 16, answered_by=by)
    assert seen.end_of("c-2") == LegGone(1790000000.25, "c-2", 16)


def test_it_tells_when_a_leg_was_answered_that_is_still_there(file: Path) -> None:
    file.write_text("ANSWER,1790000000.100000,c-1,,0901234567,s,x\n")
    assert Witness(file).answer_of("c-1") == 1790000000.1
    assert Witness(file).answer_of("c-2") is None


def test_of_a_caller_who_is_still_there_it_tells_nothing(file: Path) -> None:
    file.write_text(hangup("c-1"))
    assert Witness(file).end_of("c-2") is None


def test_a_line_that_is_being_written_costs_no_other(file: Path) -> None:
    file.write_text(hangup("c-1") + hangup("c-2")[:30])
    seen = Witness(file)
    assert seen.end_of("c-1") is not None
    assert seen.end_of("c-2") is None


@pytest.mark.parametrize(
    "odd",
    [
        'HANGUP,1790000000.0,"torn\n',
        "HANGUP\n",
        "HANGUP,soon,c-9,{}\n",
        "HANGUP,1790000000.0,c-9,\n",
        'HANGUP,1790000000.0,c-9,"[]"\n',
        'HANGUP,1790000000.0,c-9,"{""hangupcause"":null}"\n',
        "HANGUP,1790000000.0,c-9,{},more\n",
        f"HANGUP,1790000000.0,c-9,{'x' * 200_000}\n",
        "\x00\x00\x00HANGUP\x00\n",
        "\n",
    ],
)
def test_odd_lines_are_passed_over(file: Path, odd: str) -> None:
    file.write_text(hangup("c-1") + odd + hangup("c-2"))
    seen = Witness(file)
    assert seen.end_of("c-1") == LegGone(1790000000.25, "c-1", 16)
    assert seen.end_of("c-2") == LegGone(1790000000.25, "c-2", 16)
    assert seen.end_of("c-9") is None


def test_bytes_that_are_no_text_cost_no_other_line(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\xc3\n" + hangup("c-1").encode())
    assert Witness(file).end_of("c-1") is not None


def test_a_file_that_is_missing_rotated_away_or_no_file_tells_nothing(
    file: Path, tmp_path: Path
) -> None:
    for path in (None, file, tmp_path):
        assert Witness(path).end_of("c-1") is None


def test_of_a_long_file_the_last_part_is_read_from_its_first_whole_line(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [hangup(f"c-{number}") for number in range(10)]
    file.write_text("".join(lines))
    monkeypatch.setattr(witness, "_TAIL_BYTES", len("".join(lines[7:])) + 10)
    seen = Witness(file)
    assert [n for n in range(10) if seen.end_of(f"c-{n}")] == [7, 8, 9]


def test_the_file_is_not_read_before_somebody_asks(file: Path) -> None:
    seen = Witness(file)
    file.write_text(hangup("c-1"))
    assert seen.end_of("c-1") is not None


def test_a_customer_who_came_and_went_is_told_with_number_and_times(file: Path) -> None:
    file.write_text(
        "CHAN_START,1790000000.0,c-1,,0901234567,19001000,from-trunk\n"
        "CHAN_START,1790000001.0,c-2,,3001,*10,from-agent\n"
        "CHAN_START,1790000002.0,c-3,,0907654321,19001001,from-trunk\n"
        + hangup("c-1", "1790000005.5")
        + hangup("c-2")
        + "CHAN_START,1790000006.0,c-4,,,19001001,from-trunk\n"
        + hangup("c-4", "1790000007.0")
    )
    came = Witness(file).came_and_went(since=1790000000.0)
    assert [(call.channel, call.caller, call.did) for call in came] == [
        ("c-1", "0901234567", "19001000"),
        ("c-4", "", "19001001"),  # c-2 is an agent's, c-3 is still there
    ]
    assert (came[0].began, came[0].end) == (
        1790000000.0,
        LegGone(1790000005.5, "c-1", 16),
    )
    assert Witness(file).came_and_went(since=1790000000.1) == came[1:]


def test_an_odd_beginning_costs_no_other_call(file: Path) -> None:
    file.write_text(
        "CHAN_START,soon,c-1,,1,2,from-trunk\n"
        "CHAN_START,1790000000.0,c-2\n"
        "CHAN_START,1790000000.0,c-3,,1,19001000,from-trunk\n" + hangup("c-3")
    )
    assert [call.channel for call in Witness(file).came_and_went(0.0)] == ["c-3"]


def test_a_call_that_ended_before_the_file_was_rotated_is_not_forgotten(file: Path) -> None:
    older(file).write_text(hangup("c-1"))
    assert Witness(file).end_of("c-1") is not None
    file.write_text(hangup("c-2"))
    seen = Witness(file)
    assert seen.end_of("c-1") is not None
    assert seen.end_of("c-2") is not None


def test_of_two_files_no_more_is_read_than_of_one(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older(file).write_text("".join(hangup(f"c-{number}") for number in range(8)))
    file.write_text(hangup("c-8"))
    monkeypatch.setattr(witness, "_TAIL_BYTES", 3 * len(hangup("c-8")) + 5)
    seen = Witness(file)
    assert [seen.end_of(f"c-{number}") is not None for number in (5, 6, 7, 8)] == [
        *(False, True, True, True)
    ]
