"""What came of simulated days of a campaign."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Part:
    """An interval of the day (of all days), or all of it. Seconds and counts.

    Of a broadcast, which has no agents, ``connected`` are those whom its flow had.
    ``answered`` are calls that a person answered, or a machine that nobody told from one.
    """

    staffed: float = 0.0
    talk: float = 0.0
    wrap: float = 0.0
    without_leads: float = 0.0
    """Of ``staffed``: agents were free, and no lead was due."""
    dialed: int = 0
    answered: int = 0
    connected: int = 0
    called_back: int = 0
    """Of ``connected``: they had asked to be called then."""
    abandoned: int = 0
    given_up: int = 0
    idle_before_calls: float = 0.0
    peak_lines: int = 0

    @property
    def utilisation(self) -> float | None:
        """Talk and wrap-up as a share of the time agents were there."""
        return (self.talk + self.wrap) / self.staffed if self.staffed else None

    @property
    def answer_rate(self) -> float | None:
        """Share of the dials that were answered."""
        return self.answered / self.dialed if self.dialed else None

    @property
    def abandonment(self) -> float | None:
        """Share of the answered calls, whose fate is known, for whom no agent was there."""
        known = self.abandoned + self.connected
        return self.abandoned / known if known else None

    @property
    def wait_between_calls(self) -> float | None:
        """An agent's mean seconds from ready to the next conversation."""
        taken = self.connected and self.staffed  # else a flow took them
        return self.idle_before_calls / self.connected if taken else None

    @property
    def connected_per_hour(self) -> float | None:
        """Conversations of an agent in an hour."""
        return 3600 * self.connected / self.staffed if self.staffed else None

    @property
    def out_of_leads(self) -> float | None:
        """Share of the agents' time in which no lead was due."""
        return self.without_leads / self.staffed if self.staffed else None


@dataclass(slots=True)
class CampaignFigures:
    """All days together, and by interval of the day. ``list_ended`` is how many seconds of staffed
    days it took until nothing was left of the list, None when it did not end; ``done`` how many of
    its leads were done with."""

    whole: Part = field(default_factory=Part)
    intervals: list[Part] = field(default_factory=list)
    list_ended: float | None = None
    done: int = 0
