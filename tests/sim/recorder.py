"""A simulated day with its journal, as the engine would have kept it."""

from __future__ import annotations

from random import Random

from acd.core import Acd
from acd.journal import Entry
from acd.messages import AcdDecision, AcdEvent
from acd.simulation.contacts import draw_contacts
from acd.simulation.day import Day
from acd.simulation.scenario import Scenario


class Recorder(Acd):
    """Writes down what it is told. Its timers fire ``late`` by so many seconds."""

    def __init__(self, late: float = 0.0) -> None:
        super().__init__()
        self.journal: list[Entry] = []
        self._late = late

    def handle(self, event: AcdEvent, now: float) -> list[AcdDecision]:
        self.journal.append((now, event))
        return super().handle(event, now)

    def on_deadline(self, now: float) -> list[AcdDecision]:
        self.journal.append((now, None))
        return super().on_deadline(now)

    def next_deadline(self) -> float | None:
        due = super().next_deadline()
        return None if due is None else due + self._late


def recorded_day(scenario: Scenario, seed: int, late: float = 0.0) -> list[Entry]:
    """The journal of one simulated day."""
    dice = Random(seed)
    day = Day(scenario, draw_contacts(scenario, dice), dice)
    day.acd = recorder = Recorder(late)
    day.run()
    return recorder.journal
