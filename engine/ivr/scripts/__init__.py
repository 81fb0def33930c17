"""What each type of node does: a script per type, in the order of the manual."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.ivr import schema
from engine.ivr.scripts import asking, deciding, lookups, routing, survey, trust
from engine.ivr.steps import Script
from engine.ivr.turn import Turn

SCRIPTS: Mapping[type[schema.NodeBase], Callable[[Any, Turn], Script]] = {
    schema.Start: deciding.start,
    schema.Answer: routing.answer,
    schema.Say: asking.say,
    schema.Menu: asking.menu,
    schema.Gather: asking.gather,
    schema.Listen: asking.listen,
    schema.SetLanguage: deciding.set_language,
    schema.Hours: deciding.hours,
    schema.Set: deciding.set_variables,
    schema.If: deciding.if_,
    schema.Switch: deciding.switch,
    schema.Split: deciding.split,
    schema.Goto: deciding.goto,
    schema.SubFlow: deciding.sub_flow,
    schema.Return: deciding.return_,
    schema.Http: lookups.http,
    schema.Identify: trust.identify,
    schema.Payment: trust.payment,
    schema.Survey: survey.survey,
    schema.Queue: routing.queue,
    schema.Callback: routing.callback,
    schema.Voicemail: routing.voicemail,
    schema.Transfer: routing.transfer,
    schema.Conference: routing.conference,
    schema.Record: routing.record,
    schema.Tag: deciding.tag,
    schema.Hangup: routing.hangup,
}


def script_of(node: schema.NodeBase, turn: Turn) -> Script:
    """What this node does in this call."""
    return SCRIPTS[type(node)](node, turn)
