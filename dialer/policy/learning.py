"""How soon things end here: hazards of talks, wrap-ups and dials, learned while they run.

A *spell* is a talk, a wrap-up or a dial. Its hazard at an age is the chance per second that it ends
now, given that it has lasted so long: what ended at that age, divided by the seconds that spells
spent there, ended and running ones alike. Leaving the running ones out would learn from short
spells only, and dial as if everybody hung up soon.

Two memories are kept. The *long* one, of some hundred spells, has the form of the hazard, bin by
bin. The *short* one has a single factor: how much more often it happens now than the long one says.
So an answer rate that triples is followed within some twenty answers, without a form learned anew.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

#: Expected events after which the short memory has forgotten half.
SHORT_MEMORY = 25.0
#: The short memory starts as if this many events had come as expected.
CALM = 6.0
#: A surprise of so many squared standard deviations is half believed: chance alone makes smaller
#: ones all day, and at 300 agents every wave of a nervous factor is a wave of abandoned calls.
DOUBT = 3.0
#: Weights grow instead of the past shrinking; here they start from 1 again.
_HEAVIEST = 1e9


class Hazard:
    """The chance per second that a spell ends in one given way, by its age.

    ``edges`` are where the bins after the first begin. ``prior`` is, per bin, the rate believed
    before anything was seen and how many seconds of watching that belief is worth. Of what ended,
    half is forgotten after ``half_life`` events.
    """

    def __init__(
        self, edges: Sequence[float], prior: Sequence[tuple[float, float]], half_life: float
    ) -> None:
        self._edges = tuple(edges)
        self._widths = [high - low for low, high in zip((0.0, *edges), edges, strict=False)]
        self._prior = tuple(prior)
        self._growth = 2.0 ** (1.0 / half_life)
        empty = [0.0] * len(self._prior)
        self._weight = 1.0
        self._happened, self._ended, self._inside = empty[:], empty[:], empty[:]
        self._rates = [rate for rate, _ in self._prior]
        self._recent_seconds = empty[:]
        self._recent_happened = self._recent_expected = 0.0
        self._unheard = 0

    def ended(self, age: float, happened: bool = True) -> None:
        """A spell is over at ``age``; ``happened`` is false when it ended in another way."""
        self._settle(self._ended, self._inside, age)
        if happened:
            self._happened[bisect_right(self._edges, age)] += self._weight
            self._unheard += 1
            self._weight *= self._growth
        if self._weight > _HEAVIEST:
            for sums in (self._happened, self._ended, self._inside):
                sums[:] = [value / self._weight for value in sums]
            self._weight = 1.0

    def lived(self, ages: Iterable[float], seconds: float) -> None:
        """Spells of these ages ran for the last ``seconds``; told after what ended in them.

        0: nobody knows for how long. Then what ended says nothing of how often it happens now: by
        no seconds at all, it would be endlessly often.
        """
        if seconds <= 0.0:
            self._unheard = 0
            return
        bins = [bisect_right(self._edges, age - seconds / 2.0) for age in ages]
        expected = seconds * sum(self._rates[b] for b in bins)
        keep = 0.5 ** (expected / SHORT_MEMORY)
        self._recent_seconds = [spent * keep for spent in self._recent_seconds]
        self._recent_happened = self._recent_happened * keep + self._unheard
        self._unheard = 0
        self._recent_expected = self._recent_expected * keep + expected
        for b in bins:
            self._recent_seconds[b] += seconds

    def rates(self, running: Iterable[float]) -> list[float]:
        """The chance per second in each bin, from what ended and, so far, what is ``running``."""
        self._rates = [
            (rate * worth + happened / self._weight) / (worth + spent)
            for (rate, worth), happened, spent in zip(
                self._prior, self._happened, self._spent(running), strict=True
            )
        ]
        pairs = zip(self._recent_seconds, self._rates, strict=True)
        self._recent_expected = sum(spent * rate for spent, rate in pairs)
        factor = self.factor
        return [rate * factor for rate in self._rates]

    @property
    def factor(self) -> float:
        """How many times more often it happens just now than the long memory says."""
        happened, expected = self._recent_happened + CALM, self._recent_expected + CALM
        surprise = (happened - expected) ** 2 / expected
        return 1.0 + (happened / expected - 1.0) * surprise / (surprise + DOUBT)

    def _spent(self, running: Iterable[float]) -> list[float]:
        """Seconds spent in each bin: all its width by a spell that reached a later one."""
        ended, inside = self._ended[:], self._inside[:]
        for age in running:
            self._settle(ended, inside, age)
        later = list(accumulate(reversed(ended)))[-2::-1]
        passed = [width * spells for width, spells in zip(self._widths, later, strict=True)]
        return [(a + b) / self._weight for a, b in zip([*passed, 0.0], inside, strict=True)]

    def _settle(self, ended: list[float], inside: list[float], age: float) -> None:
        b = bisect_right(self._edges, age)
        ended[b] += self._weight
        inside[b] += self._weight * max(0.0, age - (self._edges[b - 1] if b else 0.0))

    def snapshot(self) -> dict[str, Any]:
        """All that was learned, as plain JSON."""
        return {name: _copied(getattr(self, f"_{name}")) for name in _KEPT}

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on from a ``snapshot``. ``ValueError`` when its bins are not ours."""
        if any(len(saved[name]) != len(self._prior) for name in _KEPT_BY_BIN):
            raise ValueError("this was learned with other bins")
        for name in _KEPT:
            setattr(self, f"_{name}", _copied(saved[name]))


_KEPT_BY_BIN = ("happened", "ended", "inside", "rates", "recent_seconds")
_KEPT = (*_KEPT_BY_BIN, "weight", "unheard", "recent_happened", "recent_expected")


def _copied(value: Any) -> Any:
    return [*value] if isinstance(value, list) else value
