"""A made call center, event by event, in which any pacing policy can be refereed.

``World(20, predictive(20, 0.03), Random(1)).run(8)`` is a shift of eight hours. The n-th contact
has the same fate under every policy for a seed (but for the moment it is dialed in), so policies
are compared on the same list. Nothing here measures what a decision costs: there is no clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from heapq import heappop, heappush
from random import Random

from dialer.policy.interface import Pace, PacingEvent, Policy, Snapshot
from dialer.simulation.contacts import Contact, Contacts
from dialer.simulation.figures import Figures
from dialer.simulation.shape import STATIONARY, Shape


class World:
    """One shift of ``n_agents`` under ``policy``."""

    def __init__(
        self, n_agents: int, policy: Policy, dice: Random, shape: Shape = STATIONARY
    ) -> None:
        self._n_agents = n_agents
        self._policy = policy
        self._shape = shape
        self._contacts = Contacts(shape, Random(dice.getrandbits(64)))
        self._ticks = Random(dice.getrandbits(64))
        self._figures = Figures()
        self._now = self._end = 0.0
        #: What happens later, as (when, number, what to do).
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = 0
        #: Since when; agents and calls by number, the longest first.
        self._idle: dict[int, float] = {}
        self._talk: dict[int, float] = {}
        self._wrap: dict[int, float] = {}
        self._ringing: dict[int, tuple[float, Contact]] = {}
        self._waiting: deque[tuple[int, float, Contact]] = deque()
        self._going = 0
        self._events: list[PacingEvent] = []

    def run(self, hours: float) -> Figures:
        """The whole shift, once: from nobody dialed to its last second."""
        self._end = hours * 3600.0
        asked = 0.0
        while self._now < self._end:
            self._staff()
            self._carry_out(self._policy.decide(self._seen(self._now - asked)))
            asked = self._now
            self._advance(min(self._end, asked + max(0.01, self._shape.tick(self._ticks))))
        return self._closed_books()

    # Time.

    def _advance(self, until: float) -> None:
        present = len(self._idle) + len(self._talk) + len(self._wrap)
        self._figures.staffed += present * (until - self._now)
        while self._later and self._later[0][0] <= until:
            self._now, _, happen = heappop(self._later)
            happen()
        self._now = until

    def _after(self, seconds: float, happen: Callable[[], None]) -> None:
        self._numbers += 1
        heappush(self._later, (self._now + seconds, self._numbers, happen))

    # The policy's eyes and hands.

    def _seen(self, tick: float) -> Snapshot:
        figures, events = self._figures, self._events
        self._events = []
        return Snapshot(
            now=self._now,
            tick=tick,
            cap=self._shape.cap,
            n_agents=len(self._idle) + len(self._talk) + len(self._wrap),
            idle=self._ages(self._idle.values()),
            talk=self._ages(self._talk.values()),
            wrap=self._ages(self._wrap.values()),
            ringing=self._ages(since for since, _ in self._ringing.values()),
            ring_ok=[self._may_give_up(*call) for call in self._ringing.values()],
            waiting=len(self._waiting),
            dialed=figures.dialed,
            answered=figures.answered,
            connected=figures.connected,
            abandoned=figures.abandoned,
            events=events,
        )

    def _ages(self, since: Iterable[float]) -> list[float]:
        now = self._now
        return [now - start for start in since]

    def _may_give_up(self, since: float, contact: Contact) -> bool:
        limit = self._shape.give_up_after
        return limit is not None and self._now - since - contact.rings_after >= limit

    def _carry_out(self, pace: Pace) -> None:
        calls = list(self._ringing)
        for call in {calls[i] for i in pace.give_up}:
            since, contact = self._ringing[call]
            if not self._may_give_up(since, contact):
                raise ValueError(f"call {call} has not rung long enough to be given up")
            del self._ringing[call]
            self._figures.given_up += 1
            self._events.append(("cancel", self._now - since))
        for _ in range(min(pace.launch, self._room())):
            self._dial()

    def _room(self) -> int:
        lines = self._shape.max_lines - len(self._ringing) - len(self._waiting) - len(self._talk)
        return int(max(0, min(lines, self._shape.max_launches, 1_000_000)))

    # Calls.

    def _dial(self) -> None:
        contact = self._contacts.next(self._now / self._end)
        self._after(contact.ends_after, partial(self._ended, self._numbers + 1))
        self._ringing[self._numbers] = (self._now, contact)
        self._figures.dialed += 1
        lines = len(self._ringing) + len(self._waiting) + len(self._talk)
        self._figures.peak_lines = max(self._figures.peak_lines, lines)

    def _ended(self, call: int) -> None:
        if call not in self._ringing:  # given up
            return
        since, contact = self._ringing.pop(call)
        if contact.failure:
            self._events.append(("fail", self._now - since, contact.failure))
            return
        self._figures.answered += 1
        self._events.append(("answer", self._now - since))
        if self._idle:
            self._connect(next(iter(self._idle)), contact)
        else:
            self._waiting.append((call, self._now, contact))
            self._after(self._shape.wait_limit, partial(self._waited, call))

    def _waited(self, call: int) -> None:
        if self._waiting and self._waiting[0][0] == call:  # else an agent took it
            self._waiting.popleft()
            self._figures.abandoned += 1
            self._events.append(("drop",))

    # Agents.

    def _staff(self) -> None:
        wanted = round(self._n_agents * self._shape.present(self._now / self._end))
        staying = len(self._idle) + len(self._talk) + len(self._wrap) - self._going
        for _ in range(wanted - staying):
            if self._going:
                self._going -= 1
            else:
                self._numbers += 1
                self._free(self._numbers)
        self._going += max(0, staying - wanted)
        while self._going and self._idle:
            del self._idle[next(iter(self._idle))]
            self._going -= 1

    def _free(self, agent: int) -> None:
        self._idle[agent] = self._now
        if self._waiting:
            _, _, contact = self._waiting.popleft()
            self._connect(agent, contact)

    def _connect(self, agent: int, contact: Contact) -> None:
        del self._idle[agent]
        self._figures.connected += 1
        self._talk[agent] = self._now
        self._after(contact.talk, partial(self._talked, agent, contact.wrap))

    def _talked(self, agent: int, wrap: float) -> None:
        seconds = self._now - self._talk.pop(agent)
        self._figures.talk += seconds
        self._events.append(("talk", seconds))
        self._wrap[agent] = self._now
        self._after(wrap, partial(self._wrapped, agent))

    def _wrapped(self, agent: int) -> None:
        seconds = self._now - self._wrap.pop(agent)
        self._figures.wrap += seconds
        self._events.append(("wrap", seconds))
        if self._going:
            self._going -= 1
        else:
            self._free(agent)

    def _closed_books(self) -> Figures:
        figures = self._figures
        figures.seconds = self._end
        figures.talk += sum(self._ages(self._talk.values()))
        figures.wrap += sum(self._ages(self._wrap.values()))
        return figures
