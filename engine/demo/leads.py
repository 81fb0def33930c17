"""Whom the demo's campaign calls: the rows of ``leads.csv``."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from dialplan.numbers import normalise
from engine.demo.cast import REGION

LEADS_FILE: Final = Path(__file__).with_name("leads.csv")
COLUMNS: Final = {"phone": "Mobile No", "name": "Full name"}
"""What its columns hold, for the import."""

_NO_MORE_CALLS = "Đặng Thị Loan"
_FIRST_TONE_HZ, _TONE_STEP_HZ = 1800.0, 60.0


@dataclass(frozen=True, slots=True)
class Lead:
    """One row that can be dialed; ``tone_hz`` is what he says from his answer on.

    What his phone does is in his number (``engine.demo.callees``).
    """

    name: str
    number: str  # E.164
    tone_hz: float

    @property
    def barred(self) -> bool:
        """He has written that he wants no more calls."""
        return self.name == _NO_MORE_CALLS

    @property
    def hangs_up(self) -> bool:
        """He ends the talk; otherwise the agent does."""
        return self.number[-4] != "0"


@cache
def leads() -> dict[str, Lead]:
    """All of them, by their numbers."""
    found = {}
    with LEADS_FILE.open(encoding="utf-8", newline="") as file:
        for place, row in enumerate(csv.DictReader(file)):
            number = normalise(row[COLUMNS["phone"]], REGION) or ""
            if number.startswith("+"):
                hz = _FIRST_TONE_HZ + place * _TONE_STEP_HZ
                found[number] = Lead(row[COLUMNS["name"]], number, hz)
    return found
