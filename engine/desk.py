"""The desk runs the distributor: one core, no locks, one timer.

Stories and the API post events; the core's decisions go straight into the mailboxes of the calls
they concern. Everything posted is journaled first, so a new process that replays the journal has
the same waiting line and the same agents.

Midnight is told before the first thing that happens after it, whoever tells that, so what is
counted "today" is exact and no crash can lose the day's beginning.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import datetime, tzinfo

import structlog

from acd.core import Acd
from acd.messages import (
    AcdDecision,
    AcdEvent,
    AgentMoved,
    AgentState,
    Alert,
    AlertKind,
    CallBack,
    DayBegan,
    Disposed,
    Expire,
    Moved,
    Offer,
    StillWaiting,
    Withdraw,
    WrappedUp,
)
from engine.clock import Clock

log = structlog.get_logger("desk")

OfContact = Offer | Withdraw | CallBack | Expire | Moved | StillWaiting
OfAgent = AgentMoved | WrappedUp | Disposed
Deliver = Callable[[AcdDecision], None]


class Desk:
    """Owns ``acd.core.Acd``. All methods are plain calls from the event loop's own thread.

    ``zone`` is whose midnight begins a day (None: this machine's); ``alerts`` counts them by kind.
    """

    def __init__(
        self,
        acd: Acd,
        clock: Clock,
        journal: Callable[[float, AcdEvent | None], None],
        on_agent: Callable[[OfAgent, float], None],
        since: float = 0.0,
    ) -> None:
        """``journal`` gets each event before it is handled, and None for a deadline;
        ``on_agent`` each change of an agent's state, and what came of each of his contacts.
        ``since`` is when an earlier run told ``acd`` the last thing."""
        self.acd = acd
        self.time = since
        self.zone: tzinfo | None = None
        self.alerts: Counter[AlertKind] = Counter()
        self._clock = clock
        self._journal = journal
        self._on_agent = on_agent
        self._waiting: dict[str, Deliver] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._running = False

    def start(self) -> None:
        """Let deadlines fire from now on; before, after a crash, events alone are taken."""
        self._running = True
        self._set_timer()

    def stop(self) -> None:
        """No deadline fires any more."""
        self._running = False
        if self._timer is not None:
            self._timer.cancel()

    def attend(self, contact: str, deliver: Deliver) -> None:
        """Decisions about this contact go to ``deliver`` from now on."""
        self._waiting[contact] = deliver

    def release(self, contact: str) -> None:
        """The contact's story is over."""
        self._waiting.pop(contact, None)

    def post(self, event: AcdEvent, at: float | None = None) -> list[AcdDecision]:
        """Tell the distributor; its decisions are delivered, and returned for who wants to look.

        ``at`` is when it happened, if that is known better than "now"; ``self.time`` is the moment
        it then counted as. Raises ``acd.core.IllegalEvent`` when the event makes no sense; nothing
        has changed then.
        """
        return self._tell_acd(event, self.moment(at))

    def _tell_acd(self, event: AcdEvent, now: float) -> list[AcdDecision]:
        self._journal(now, event)
        decisions = self.acd.handle(event, now)
        self._carry_out(decisions, now)
        return decisions

    def talks(self, agent: str, contact: str) -> bool:
        """Whether the distributor has this agent in conversation with this contact."""
        return any(
            task.contact == contact and task.state is AgentState.TALKING
            for view in self.acd.agents()
            if view.name == agent
            for task in view.tasks
        )

    def moment(self, at: float | None = None) -> float:
        """What ``at``, or now, counts as: the core's time never runs backwards, nor ahead of ours.

        From then on nothing counts as earlier. A midnight since the last thing told is told first.
        """
        now = self._clock.now()
        before, self.time = self.time, max(self.time, now if at is None else min(at, now))
        today = midnight(self.time, self.zone)
        if 0 < before < today:
            self._tell_acd(DayBegan(), today)
        return self.time

    def _on_deadline(self) -> None:
        now = self.moment()
        self._journal(now, None)
        self._carry_out(self.acd.on_deadline(now), now)

    def _carry_out(self, decisions: list[AcdDecision], now: float) -> None:
        for decision in decisions:
            match decision:
                case AgentMoved():
                    log.info(
                        "agent_moved",
                        agent=decision.agent,
                        change=f"{decision.old} -> {decision.event} -> {decision.new}",
                        reason=decision.reason or None,
                        call_id=decision.contact,
                    )
                    self._on_agent(decision, now)
                case WrappedUp() | Disposed():
                    self._on_agent(decision, now)
                case Alert():
                    self.alerts[decision.kind] += 1
                    log.warning(
                        "alert",
                        kind=decision.kind.value,
                        agent=decision.agent,
                        detail=decision.detail,
                    )
                case _:
                    self._tell(decision)
        self._set_timer()

    def _tell(self, decision: OfContact) -> None:
        deliver = self._waiting.get(decision.contact)
        if deliver is not None:
            deliver(decision)
        elif not isinstance(decision, StillWaiting):
            # a lost race of a story that has ended; anything else would be a fault
            log.warning("nobody_attends", decision=repr(decision), call_id=decision.contact)

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self.acd.next_deadline()
        if self._running and deadline is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(self._clock.loop_time(deadline), self._on_deadline)


def midnight(now: float, zone: tzinfo | None) -> float:
    """The last midnight of ``zone`` (None: of this machine) before ``now``, both in seconds since
    the epoch. Where clocks skip midnight it is the moment they do."""
    today = datetime.fromtimestamp(now, zone)
    return today.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).timestamp()
