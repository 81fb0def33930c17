"""What the law lets us dial, closed by default: hours, consent, lists, limits, places. Pure."""

from __future__ import annotations

from dialer.compliance.lacks import Lack, lacks
from dialer.compliance.law import Law, Permission, UnknownRules, law_of
from dialer.compliance.presets import RULES
from dialer.compliance.rules import RuleSet
from dialer.compliance.windows import AbandonmentWindow, Totals, WindowRule

__all__ = [
    "RULES",
    "AbandonmentWindow",
    "Lack",
    "Law",
    "Permission",
    "RuleSet",
    "Totals",
    "UnknownRules",
    "WindowRule",
    "lacks",
    "law_of",
]
