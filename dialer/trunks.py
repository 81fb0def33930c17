"""Trunks: how many calls they take now, which of several is used, and why. Pure.

Four limits hold for every campaign together: calls per second, calls at once, and, against toll
fraud, calls and minutes of the last 24 hours (``trunk_line`` has each of them exactly). What else a
trunk is spared, by what became of its calls, is in ``trunk_health``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dialer.dispositions import Disposition
from dialer.trunk_health import ANSWERED, Outcome, outcome_of
from dialer.trunk_line import Line, TrunkLimits, TrunkView

__all__ = ["TrunkLimits", "TrunkView", "Trunks"]


class Trunks:
    """All trunks that campaigns dial through. One that is not configured takes no call."""

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}
        self._configured: frozenset[str] = frozenset()

    def configure(self, limits: Mapping[str, TrunkLimits]) -> None:
        """These are in force from now on; calls under way, health and the day's sums stay."""
        self._configured = frozenset(limits)
        for name, own in limits.items():
            self._line(name).limits = own

    @property
    def names(self) -> list[str]:
        """Those that are configured."""
        return sorted(self._configured)

    def room(self, names: Sequence[str], now: float) -> int:
        """How many calls could be placed now over these together."""
        return sum(line.room(now) for line in self._usable(names))

    def has_room(self, now: float) -> bool:
        """Whether any of them has."""
        return any(self._lines[name].room(now) for name in self._configured)

    def take(self, names: Sequence[str], now: float) -> str | None:
        """The trunk of the next call, with its channel and its place in the second taken.

        One that is down and due to be probed comes first (else it would stay down as long as
        another serves), then the first that is well, then those that are suspect. None: no room.
        """
        usable = [line for line in self._usable(names) if line.room(now)]
        if not usable:
            return None
        line = min(usable, key=lambda line: line.turn(now))
        line.take(now)
        return line.name

    def resumed(self, trunk: str, now: float) -> None:
        """A call from before a restart is still under way over it: it holds its channel."""
        self._line(trunk).active += 1

    def spent(self, trunk: str, at: float, calls: int, seconds: float) -> None:
        """Before a restart so much was used around ``at``: it counts for the 24 hours after."""
        self._line(trunk).count(at, calls, seconds)

    def answered(self, trunk: str, now: float) -> None:
        """A call over it was answered, by whomever; its end then says nothing more about it."""
        self._line(trunk).health.heard(Outcome.ANSWERED, now)

    def ended(
        self,
        trunk: str,
        disposition: Disposition,
        tech_cause: int,
        seconds: float,
        now: float,
        cause: int = 0,
    ) -> None:
        """A call over it is over: its channel is free.

        ``tech_cause`` is the SIP status and ``cause`` that of Q.850, 0 for none; ``seconds`` it was
        answered for.
        """
        line = self._line(trunk)
        line.active = max(0, line.active - 1)
        line.count(now, 0, seconds)
        if disposition not in ANSWERED:
            line.health.heard(outcome_of(disposition, tech_cause, cause), now)

    def next_room(self, names: Sequence[str], now: float) -> float | None:
        """When one of them has room by the passing of time: now, if one has.

        None: none will before a call ends.
        """
        moments = [line.next_room(now) for line in self._usable(names)]
        return min((at for at in moments if at is not None), default=None)

    def view(self, now: float) -> tuple[TrunkView, ...]:
        """All that are configured, by name."""
        return tuple(self._lines[name].view(now) for name in self.names)

    def why(self, name: str, now: float) -> str:
        """Why it has room or has none, in numbers."""
        if name not in self._configured:
            return "no such trunk is configured for campaigns"
        return self._lines[name].why(now)

    def _usable(self, names: Iterable[str]) -> list[Line]:
        return [self._lines[name] for name in dict.fromkeys(names) if name in self._configured]

    def _line(self, name: str) -> Line:
        return self._lines.setdefault(name, Line(name))
