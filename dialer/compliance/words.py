"""A refusal in words, for people who ask why a lead was not dialed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dialer.compliance.asking import Rule

SAID: Final[Mapping[str, str]] = {
    "do_not_call": "the number is on the do-not-call list `{list}`",
    "not_looked_up": "the number was not looked up in the do-not-call list `{list}`",
    "place": "these rules do not cover where the number is: {regions}",
    "zone": "the callee's time zone is not known: {zones}",
    "consent": "he did not agree to be called, or that does not hold now",
    "attempts": "{attempts} of {most} attempts are made",
    "hours": "it is {local} in {zone}, and calls are allowed {hours}",
    "frequency": "{dialed} of {most} calls are made",
    "gap": "the last call was less than {seconds:g} s ago",
    "after_talk": "he talked with us less than {seconds:g} s ago",
    "after_abandoned": "he was abandoned less than {seconds:g} s ago, and no agent is held for him",
}
"""By the name of a rule; filled in with its facts."""


def words(rule: Rule, moment: float) -> str:
    """Why ``rule`` refuses at this moment."""
    facts = rule.facts(moment)
    if rule.name == "hours" and facts.get("hours") is None:
        said = "no rules say when people may be called"
    else:
        said = SAID[rule.name].format(**facts)
    return f"{said} ({rule.by})" if rule.by else said
