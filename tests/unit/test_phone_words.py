"""What an agent hears about his codes, and that there is a prompt for each of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ivr_caller import FLOWS, load

from acd.queues import Destination, DestinationKind
from dialplan.outbound import Outbound, Rule, Trunk
from engine.calls import feature, feature_agent
from engine.calls.outcomes import Missed
from engine.calls.talk import orders as o
from engine.calls.talk import phone_words as words
from engine.ivr.schema import PromptFile

SYSTEM = PromptFile.model_validate(load(FLOWS / "system.yaml")).prompts
SPOKEN = PromptFile.model_validate(load(FLOWS / "spoken.yaml")).prompts
SB: Any = SimpleNamespace(
    site=SimpleNamespace(agents={}, outbound=Outbound({"+84.": Rule(Trunk("trunk"), "1900")}))
)
BINH = Destination(kind=DestinationKind.AGENT, name="binh")
QUEUE = Destination(kind=DestinationKind.QUEUE, name="sales")
PREMIUM = Destination(kind=DestinationKind.NUMBER, name="1900123456")
HOME = Destination(kind=DestinationKind.NUMBER, name="+84901234567")


@pytest.mark.parametrize(
    ("order", "stays", "said"),
    [
        (o.Hold(), False, ("talk_held",)),
        (o.Hold(held=False), False, ("beep",)),
        (o.Mute(), False, ("talk_muted",)),
        (o.Mute(muted=False), False, ("talk_unmuted",)),
        (o.ConsultWith(to=BINH), False, ()),  # he hears it ring
        (o.Swap(), False, ("beep",)),
        (o.TransferTo(to=QUEUE), False, ()),  # he is out
        (o.TransferTo(to=QUEUE), True, ("talk_left",)),
        (o.Park(slot="12"), False, ()),
        (o.Park(slot="12"), True, ("parked_in", "number_12")),
        (o.StartRecording(), False, ("recording_on",)),
        (o.StopRecording(), False, ("recording_off",)),
        (o.PauseRecording(), False, ("recording_paused",)),
        (o.ResumeRecording(), False, ("recording_on",)),
        (o.SendKeys(keys="1"), False, ()),
    ],
)
def test_an_agent_is_told_what_he_does_not_hear_by_himself(
    order: o.Order, stays: bool, said: tuple[str, ...]
) -> None:
    assert words.done(order, stays=stays) == said


@pytest.mark.parametrize(
    ("order", "why", "said"),
    [
        (o.TransferTo(to=PREMIUM), "may not be dialed from here", "no_such_number"),
        (o.TransferTo(to=HOME), "others are in this talk", "not_possible"),
        (o.ConsultWith(to=BINH), "no such agent", "no_such_number"),
        (o.ConsultWith(to=QUEUE), "consult an agent or a number", "not_possible"),
        (o.Invite(to=HOME), "the talk is locked", "not_possible"),
        (o.ConsultWith(to=BINH), Missed.BUSY, "called_busy"),
        (o.ConsultWith(to=HOME), Missed.NO_ANSWER, "called_no_answer"),
        (o.ConsultWith(to=HOME), Missed.FAILED, "not_possible"),
        (o.Swap(), "nobody is being consulted", "not_possible"),
    ],
)
def test_an_agent_is_told_why_not_when_that_is_about_whom_he_wanted(
    order: o.Order, why: str, said: str
) -> None:
    assert words.refused(order, why, SB) == (said,)


def test_a_key_that_nobody_could_hear_is_not_worth_a_word() -> None:
    assert words.refused(o.SendKeys(keys="1"), "he has gone", SB) == ()


def test_there_is_a_prompt_for_everything_that_is_said() -> None:
    orders: list[o.Order] = [o.Hold(), o.Mute(), o.Mute(muted=False), o.Park(slot="99"), o.Leave()]
    orders += [o.StartRecording(), o.StopRecording(), o.PauseRecording()]
    said = {prompt for order in orders for prompt in words.done(order, stays=True)}
    for why in Missed:
        said |= set(words.refused(o.ConsultWith(to=BINH), why, SB))
    said |= set(feature_agent.SAID.values()) | set(feature_agent._STATES.values())
    said |= {*feature.NO_SUCH_CODE, *feature.NOT_POSSIBLE, "callers_wait", "parked_are"}
    said |= {"nobody_parked", "no_such_agent", "not_allowed", "bad_pin", "enter_pin"}
    assert said <= SYSTEM.keys() | SPOKEN.keys()
