"""What every note has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that happened, ``at`` seconds since the epoch."""

    at: float
