"""The keys of a phone in a talk: which are a code, which are for who is at the other end."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplan.talk_codes import (
    DEFAULT_CODES,
    LONGEST_WHERE,
    Passed,
    Read,
    Reader,
    TalkAction,
    TalkCode,
    TalkCodes,
    ambiguous,
)

GAP = 0.5
SECONDS = TalkCodes().seconds


def read(reader: Reader, keys: str, begin: float = 0.0) -> list[Read]:
    """What comes of keys; a blank is a pause that is long enough."""
    found, now = list[Read](), begin
    for key in keys:
        if key == " ":
            now += SECONDS
            found.append(reader.on_deadline(now))
        else:
            now += GAP
            found.append(reader.press(key, now))
    return [each for each in found if each is not None]


def text(reads: list[Read]) -> str:
    """As a test writes it: ``hold``, ``transfer 3001``, and what is passed on in quotes."""
    return ", ".join(
        repr(each.keys)
        if isinstance(each, Passed)
        else f"{each.action} {each.where}".strip()
        if each is not None
        else "None"
        for each in reads
    )


@pytest.mark.parametrize(
    ("keys", "meant"),
    [
        ("#1", "hold"),
        ("#1#1", "hold, hold"),
        ("#23001#", "transfer 3001"),
        ("#23001 ", "transfer 3001"),  # nobody has to know of the last key
        ("#20901234567#", "transfer 0901234567"),
        ("#33001##5", "consult 3001, complete"),
        ("#4", "swap"),
        ("##3", "pause_recording"),
        ("##1##2", "record, stop_recording"),
        ("#9#", "park"),
        ("#9 ", "park"),
        ("#97#", "park 7"),
        ("#2#", ""),  # thought better of it
        ("#2 ", ""),
        ("#230*", ""),
        ("#230*1", "'1'"),
        ("#230*#1", "hold"),
        ("1", "'1'"),
        ("1234", "'1', '2', '3', '4'"),
        ("12#1", "'1', '2', hold"),
        ("# ", "'#'"),
        ("12# ", "'1', '2', '#'"),  # a number for a machine, with its end
        ("#*", "'#*'"),
        ("##* ", "'##*'"),
        ("###1", "'##', hold"),
        ("##7", "'##7'"),
        ("# 1", "'#', '1'"),
        ("#1 ", "hold"),
        ("*", "'*'"),
    ],
)
def test_keys_mean_what_the_agent_pressed_them_for(keys: str, meant: str) -> None:
    assert text(read(TalkCodes().reader(), keys)) == meant


def test_keys_that_come_slowly_but_in_time_are_one_code() -> None:
    reader = TalkCodes(seconds=3).reader()
    assert reader.next_deadline() is None
    assert reader.press("#", 10.0) is None
    assert reader.next_deadline() == 13.0
    assert reader.on_deadline(12.9) is None
    assert reader.press("2", 12.9) is None
    assert reader.press("8", 15.8) is None
    assert reader.on_deadline(18.8) == TalkCode(TalkAction.TRANSFER, "8")
    assert reader.next_deadline() is None


def test_without_codes_every_key_is_for_the_other_end() -> None:
    assert text(read(TalkCodes({}).reader(), "#1*")) == "'#', '1', '*'"


def test_who_leans_on_his_keys_dials_no_endless_number() -> None:
    (transfer,) = read(TalkCodes().reader(), "#2" + "9" * 500 + "#")
    assert transfer == TalkCode(TalkAction.TRANSFER, "9" * LONGEST_WHERE)


def test_the_usual_codes_can_all_be_pressed_and_none_ends_a_lines_talk() -> None:
    assert ambiguous(DEFAULT_CODES) == []
    assert not any("*" in code for code in DEFAULT_CODES)
    assert set(DEFAULT_CODES.values()) == set(TalkAction)


def test_a_code_that_begins_with_another_is_told() -> None:
    codes = {"#1": TalkAction.HOLD, "#12": TalkAction.SWAP, "*1": TalkAction.MUTE}
    assert ambiguous(codes) == [("#12", "#1")]


# -- whatever is pressed --------------------------------------------------------------------------

KEYS = st.sampled_from("0123456789*#")
CODES = st.dictionaries(
    st.from_regex(r"[*#][0-9*#]{1,4}", fullmatch=True), st.sampled_from(TalkAction), max_size=12
).filter(lambda codes: not ambiguous(codes))
PRESSES = st.lists(st.tuples(KEYS, st.floats(0, 8)), max_size=40)


def follow(codes: TalkCodes, presses: list[tuple[str, float]]) -> list[Read]:
    """What comes of keys, each so many seconds after the one before, and of silence at the end."""
    reader, now, found = codes.reader(), 0.0, list[Read]()
    for key, after in [*presses, ("", 100.0)]:
        now += after
        due = reader.next_deadline()
        if due is not None and due <= now:
            found.append(reader.on_deadline(now))
            assert reader.next_deadline() is None
        if key:
            found.append(reader.press(key, now))
    return [each for each in found if each is not None]


@given(CODES, PRESSES)
def test_no_key_is_heard_twice_and_none_in_another_order(
    codes: dict[str, TalkAction], presses: list[tuple[str, float]]
) -> None:
    reads = follow(TalkCodes(codes), presses)
    passed = iter("".join(each.keys for each in reads if isinstance(each, Passed)))
    pressed = iter(key for key, _ in presses)
    assert all(key in pressed for key in passed)


@given(CODES, st.lists(KEYS, max_size=30))
def test_what_contains_no_code_is_passed_on_whole(
    codes: dict[str, TalkAction], keys: list[str]
) -> None:
    pressed = "".join(keys)
    if any(code in pressed for code in codes):
        return
    reads = follow(TalkCodes(codes), [(key, 0.1) for key in keys])
    assert "".join(each.keys for each in reads if isinstance(each, Passed)) == pressed


@given(CODES, PRESSES, st.data())
def test_every_code_can_be_pressed_after_anything_and_a_pause(
    codes: dict[str, TalkAction], presses: list[tuple[str, float]], data: st.DataObject
) -> None:
    if not codes:
        return
    code, action = data.draw(st.sampled_from(sorted(codes.items())))
    where = data.draw(st.from_regex(r"[0-9]{1,8}", fullmatch=True)) if action.has_where else ""
    rest = [(key, 0.1) for key in code[1:] + where]
    reads = follow(TalkCodes(codes), [*presses, (code[0], 100.0), *rest])
    assert reads[-1] == TalkCode(action, where)


def test_the_time_between_keys_alone_decides_when_a_code_is_over() -> None:
    keys = [("#", 0.0), ("2", 1.0), ("8", 2.9), ("0", 2.9)]
    assert follow(TalkCodes(seconds=3), keys) == [TalkCode(TalkAction.TRANSFER, "80")]
    for place, _ in pairwise(range(1, 5)):
        late = [(key, 4.0 if at == place else after) for at, (key, after) in enumerate(keys)]
        assert follow(TalkCodes(seconds=3), late) != follow(TalkCodes(seconds=3), keys)
