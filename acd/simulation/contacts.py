"""The contacts of a simulated day, all drawn before it begins.

Nothing that happens on the day changes who comes, when, and how long he talks: so days with other
agents or settings, drawn from the same seed, are compared on the same contacts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from acd.messages import ContactQueued
from acd.simulation.durations import Dice, Draw, Duration
from acd.simulation.scenario import HOUR, MINUTE, Arrivals, Kind, Scenario


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody who will come at ``at``. He hangs up after ``patience`` seconds (``inf``: never);
    after ``talk`` seconds the agent needs ``wrap_up`` (None: as long as the queue gives him)."""

    at: float
    queued: ContactQueued
    talk: float
    wrap_up: float | None
    patience: float


def draw_contacts(scenario: Scenario, dice: Dice) -> list[Contact]:
    """Everybody who comes on this day, in the order of arrival."""
    contacts: list[Contact] = []
    for queue, arrivals in scenario.arrivals.items():
        kinds = _Kinds(arrivals)
        for at in _times(arrivals, scenario, dice):
            name = f"{queue}{len(contacts) + 1}"
            contacts.append(kinds.pick(dice).contact(name, queue, at, dice))
    contacts.sort(key=lambda contact: contact.at)
    return contacts


def _times(arrivals: Arrivals, scenario: Scenario, dice: Dice) -> Iterator[float]:
    """A Poisson stream is memoryless: each interval can be drawn from its own start."""
    rates = arrivals.per_hour
    step = scenario.hours * HOUR if len(rates) == 1 else arrivals.every_minutes * MINUTE
    for number, per_hour in enumerate(rates):
        at = scenario.start + number * step
        end = min(at + step, scenario.end)
        while per_hour and (at := at + dice.expovariate(per_hour / HOUR)) < end:
            yield at


class _Kinds:
    """The kinds of a queue's contacts, picked by their shares."""

    def __init__(self, arrivals: Arrivals) -> None:
        kinds = arrivals.kinds or (Kind(),)
        self._total = sum(kind.share for kind in kinds)
        self._kinds = [(kind.share, _Kind(arrivals, kind)) for kind in kinds]

    def pick(self, dice: Dice) -> _Kind:
        """One of them."""
        if len(self._kinds) > 1:
            left = dice.random() * self._total
            for share, kind in self._kinds:
                left -= share
                if left < 0:
                    return kind
        return self._kinds[-1][1]


class _Kind:
    def __init__(self, arrivals: Arrivals, kind: Kind) -> None:
        self._medium = kind.medium or arrivals.medium
        self._language = arrivals.language if kind.language is None else kind.language
        self._needs = kind.needs
        self._talk = (kind.talk or arrivals.talk).draw()
        self._wrap_up = _draw(kind.wrap_up or arrivals.wrap_up)
        self._patience = _draw(kind.patience or arrivals.patience)

    def contact(self, name: str, queue: str, at: float, dice: Dice) -> Contact:
        """Somebody of this kind."""
        queued = ContactQueued(
            name, queue, at, medium=self._medium, needs=self._needs, language=self._language
        )
        talk = self._talk(dice)
        wrap_up = self._wrap_up(dice) if self._wrap_up else None
        patience = self._patience(dice) if self._patience else inf
        return Contact(at, queued, talk, wrap_up, patience)


def _draw(duration: Duration | None) -> Draw | None:
    return duration.draw() if duration else None
