"""How long things take here: hazards of talks, wrap-ups and dials, learned while they run.

A *spell* is a talk, a wrap-up or a dial. Its hazard at an age is the chance per second that it ends
now, given that it has lasted so long: things that ended divided by the seconds that spells spent at
that age, ended and running ones alike. Leaving the running ones out would learn from short spells
only, and dial as if everybody hung up soon.

Two memories are kept. The *long* one (hundreds of spells) has the hazard's form, bin by bin. The
*short* one (``FAST_EVENTS``) has a single factor, how much more often it happens now than the form
says; an answer rate that doubles is followed within that many answers.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

#: Events after which the short memory has forgotten half.
FAST_EVENTS = 25.0
#: The factor starts as if this many events had come as expected.
FAST_PRIOR = 6.0
_RENORMALISE = 1e9


class Hazard:
    """The chance per second that a spell ends in one given way, by its age.

    ``edges`` are where the bins after the first begin, ``prior`` the rate and the weight in seconds
    of each bin before anything was seen, ``half_life`` the events after which half is forgotten.
    """

    def __init__(
        self, edges: Sequence[float], prior: Sequence[tuple[float, float]], half_life: float
    ) -> None:
        self.edges = tuple(edges)
        self._widths = [high - low for low, high in zip((0.0, *edges), edges, strict=False)]
        self._prior = prior
        self._growth = 2.0 ** (1.0 / half_life)
        bins = len(edges) + 1
        #: New spells weigh ``_weight``, which grows: cheaper than shrinking all that is old.
        self._weight = 1.0
        self._happened = [0.0] * bins
        self._ended = [0.0] * bins
        self._inside = [0.0] * bins
        self._recent = [0.0] * bins
        self._recent_seen = 0.0
        self._recent_due = 0.0
        self.rates = [rate for rate, _ in prior]

    def ended(self, age: float, happened: bool = True) -> None:
        """A spell is over at ``age``; ``happened`` is false when it ended in another way."""
        b = bisect_right(self.edges, age)
        self._ended[b] += self._weight
        self._inside[b] += self._weight * (age - (self.edges[b - 1] if b else 0.0))
        if happened:
            self._happened[b] += self._weight
            self._weight *= self._growth
            self._recent_seen += 1.0
            if self._weight > _RENORMALISE:
                self._renormalise()

    def lived(self, ages: Iterable[float], seconds: float) -> None:
        """Spells that run now have run for the last ``seconds``: the short memory's denominator."""
        bins = [bisect_right(self.edges, age - seconds / 2) for age in ages]
        due = seconds * sum(self.rates[b] for b in bins)
        self._forget(due)
        self._recent_due += due
        for b in bins:
            self._recent[b] += seconds

    @property
    def factor(self) -> float:
        """How many times more often it happens just now than the long memory says."""
        return (self._recent_seen + FAST_PRIOR) / (self._recent_due + FAST_PRIOR)

    def refresh(self, running: Iterable[float]) -> list[float]:
        """The rates per bin from all that ended and, censored, what runs; times the factor."""
        seconds = self._exposure(running)
        self.rates = [
            (rate * weight + happened / self._weight) / (weight + spent)
            for (rate, weight), happened, spent in zip(
                self._prior, self._happened, seconds, strict=True
            )
        ]
        self._recent_due = sum(map(float.__mul__, self._recent, self.rates))
        factor = self.factor
        return [rate * factor for rate in self.rates]

    def _exposure(self, running: Iterable[float]) -> list[float]:
        ended, inside = self._ended[:], self._inside[:]
        weight, edges = self._weight, self.edges
        for age in running:
            b = bisect_right(edges, age)
            ended[b] += weight
            inside[b] += weight * (age - (edges[b - 1] if b else 0.0))
        survivors = list(accumulate(reversed(ended)))[-2::-1]
        whole = [w * n for w, n in zip(self._widths, survivors, strict=True)]
        return [(a + b) / weight for a, b in zip([*whole, 0.0], inside, strict=True)]

    def _forget(self, due: float) -> None:
        keep = 0.5 ** (due / FAST_EVENTS)
        self._recent = [seconds * keep for seconds in self._recent]
        self._recent_seen *= keep
        self._recent_due *= keep

    def _renormalise(self) -> None:
        for kept in (self._happened, self._ended, self._inside):
            kept[:] = [value / self._weight for value in kept]
        self._weight = 1.0

    def snapshot(self) -> dict[str, object]:
        """All that was learned, as plain JSON."""
        return {
            "weight": self._weight,
            "happened": list(self._happened),
            "ended": list(self._ended),
            "inside": list(self._inside),
            "recent": list(self._recent),
            "recent_seen": self._recent_seen,
            "recent_due": self._recent_due,
            "rates": list(self.rates),
        }
