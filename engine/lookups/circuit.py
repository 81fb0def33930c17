"""Stops asking a host that does not answer: callers hear their way on at once, not after a wait.

*Closed*, requests pass. After ``FAILURES`` in a row within ``WITHIN_SECONDS`` it is *open*: nothing
passes, except that every ``OPEN_SECONDS`` one request is let through as a trial. The first success
closes it.
"""

from __future__ import annotations

from collections import deque

FAILURES = 5
WITHIN_SECONDS = 30.0
OPEN_SECONDS = 10.0


class Circuit:
    """One host and port. ``now`` is any clock in seconds that does not run backwards."""

    def __init__(self) -> None:
        self._failures: deque[float] = deque(maxlen=FAILURES)
        self._trial_at: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether requests are refused, but for trials."""
        return self._trial_at is not None

    def admits(self, now: float) -> bool:
        """Whether a request may be made now; a trial that may is counted as made."""
        if self._trial_at is None:
            return True
        if now < self._trial_at:
            return False
        self._trial_at = now + OPEN_SECONDS
        return True

    def succeed(self) -> None:
        """The host answered, whatever it said."""
        self._failures.clear()
        self._trial_at = None

    def fail(self, now: float) -> None:
        """No answer, a cut one, too late, or a 5xx."""
        self._failures.append(now)
        if len(self._failures) == FAILURES and now - self._failures[0] <= WITHIN_SECONDS:
            self._trial_at = now + OPEN_SECONDS
