"""What came of a simulated shift."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Figures:
    """Counts and seconds of one shift."""

    seconds: float = 0.0
    #: Seconds that agents were there, all together; of these, in talk and in wrap-up.
    staffed: float = 0.0
    talk: float = 0.0
    wrap: float = 0.0
    dialed: int = 0
    #: By live people.
    answered: int = 0
    connected: int = 0
    abandoned: int = 0
    given_up: int = 0
    #: Most calls at once: ringing, waiting and talking.
    peak_lines: int = 0

    @property
    def utilisation(self) -> float:
        """Talk and wrap-up as a share of the time agents were there."""
        return (self.talk + self.wrap) / max(self.staffed, 1e-9)

    @property
    def abandonment(self) -> float:
        """Abandoned calls as a share of the live answers whose fate is known."""
        return self.abandoned / max(1, self.abandoned + self.connected)
