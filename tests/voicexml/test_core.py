"""VoiceXML's behaviours through the pure core: each line of the table in virtual time."""

from __future__ import annotations

import pytest

from engine.ivr.messages import Alarm, End, Entered, Fault, Heard
from tests.voicexml.behaviours import Behaviour, read_table
from tests.voicexml.virtual_caller import VirtualCaller

CASES = read_table()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "_"))
def test_a_caller_hears_and_goes_as_voicexml_has_it(case: Behaviour) -> None:
    caller = VirtualCaller(case)
    of = lambda kind: [each for each in caller.actions if isinstance(each, kind)]  # noqa: E731
    assert tuple(caller.heard) == case.heard
    assert tuple(entered.node for entered in of(Entered)) == case.path
    if case.keys is not None:
        assert tuple(f"{heard.keys} {heard.result}".strip() for heard in of(Heard)) == case.keys
    assert _end(caller, of(End | Fault)) == case.ends
    alarms = [alarm.text for alarm in of(Alarm)]
    assert len(alarms) == len(case.alarms), alarms
    for alarm, part in zip(alarms, case.alarms, strict=True):
        assert part in alarm
    variables = caller.ivr.position().place.variables
    assert {name: str(variables.get(name)) for name in case.variables} == case.variables
    for told in case.tells:
        assert any(_fits(action, told) for action in caller.actions), told


def _end(caller: VirtualCaller, ends: list[End | Fault]) -> str:
    match ends:
        case [End(cause="normal")]:
            return "over"
        case [End(cause=cause)]:
            return f"over {cause}"
        case [Fault(text=text)]:
            return f"fault {text.partition(':')[0]}"
    return "left" if caller.ivr.ended else f"waits {caller.waits_for()}"


def _fits(action: object, told) -> bool:
    if type(action).__name__ != told.action:
        return False
    return all(str(getattr(action, name)) == value for name, value in told.values.items())


def test_the_table_is_as_large_as_it_claims_to_be() -> None:
    assert len(CASES) >= 120
    assert sum(case.live for case in CASES) >= 40
    assert all(case.section for case in CASES)
