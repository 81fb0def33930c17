"""The last gates before a lead is dialed: the law, a way, a caller id, a trunk. Pure."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from dialer import caller_ids
from dialer.attempt import HOLDS_AN_AGENT
from dialer.compliance.law import Permission
from dialer.leads import Candidate
from dialer.messages import Dial, FindWay, ReturnLead, Way
from dialer.plan import AttemptPlan, Mode
from dialer.running import Running
from dialer.trunks import Trunks

BARRED: Final = "no rule of `outbound` lets it be dialed"
SHOWN_ENOUGH: Final = "every caller id was shown often enough today"
NO_TRUNK: Final = "no trunk has room"
OURS: Final = frozenset({SHOWN_ENOUGH, NO_TRUNK})
"""Reasons that hold for the next lead, too: nothing more is placed just now."""

NEVER_SECONDS: Final = 86400.0
"""What the law never permits as things are (no consent, an unknown place) is asked again after so
long: somebody may have entered what was missing."""
_BARRED_SECONDS: Final = 3600.0
"""A number that our own rules bar is looked at again after so long."""
_REMEMBERS_SECONDS: Final = 1200.0
"""How long an attempt is remembered beside what the store told of a number: longer than the hopper
keeps a lead."""
_SOON_SECONDS: Final = 5.0
"""A trunk whose next call has to wait for no longer is only busy."""
_SAME_SECONDS: Final = 5.0
"""Two moments so close are one attempt, told by us and by the store."""
_DETECTS: Final = frozenset({Mode.PREDICTIVE, Mode.POWER, Mode.PROGRESSIVE, Mode.BROADCAST})
"""Where an agent hears the ringing himself, nobody else needs to listen."""


class Placing:
    """What all campaigns share: trunks, caller ids, and who was just dialed."""

    def __init__(self) -> None:
        self.trunks = Trunks()
        self.way: FindWay = lambda number, trunk: None
        self.shown: dict[str, int] = {}
        """How often each caller id was shown today."""
        self._day = 0.0
        self._recent: OrderedDict[str, deque[float]] = OrderedDict()
        self._made = 0

    def day_began(self, at: float) -> None:
        """The day of now began at this moment: caller ids are counted anew from it."""
        if at > self._day:
            self._day = at
            self.shown.clear()

    def place(self, running: Running, lead: Candidate, mode: Mode, now: float) -> Dial | ReturnLead:
        """Dial it; or it goes back, due when it may be dialed, if that is known."""
        mode = _careful(running, lead, mode, now)
        name = running.settings.name
        permission = self.ask_law(running, lead, now, held=mode in HOLDS_AN_AGENT)
        if not permission.allowed:
            suppress = permission.rule == "do_not_call"
            due = now + NEVER_SECONDS if permission.until is None else permission.until
            return ReturnLead(name, lead, due, permission.rule, suppress)
        reach = self._ways(running, lead)
        if not reach:
            return ReturnLead(name, lead, now + _BARRED_SECONDS, BARRED)
        shown = self._caller_id(running, lead)
        if shown is None:
            return ReturnLead(name, lead, None, SHOWN_ENOUGH)
        trunk = self.trunks.take(_below_caps(running, reach), now)
        if trunk is None:
            return ReturnLead(name, lead, None, NO_TRUNK)
        way = reach[trunk]
        plan = self._plan(running, lead, mode, way, shown or way.caller_id, permission.proof, now)
        self.shown[plan.caller_id] = self.shown.get(plan.caller_id, 0) + 1
        running.turn += 1
        return Dial(plan)

    def hindrance(self, running: Running, now: float) -> str:
        """What keeps every call of the campaign back for a while, whomever it is to reach: its
        trunks by their health or the day's limits, or its caller ids; '' for nothing."""
        if running.paced is not None and running.paced.limited_by == SHOWN_ENOUGH:
            return SHOWN_ENOUGH
        names = [use.trunk for use in running.settings.trunks] or self.trunks.names
        soon = self.trunks.next_room(names, now)
        if running.in_flight or (soon is not None and soon <= now + _SOON_SECONDS):
            return ""
        whys = (f"trunk {name}: {self.trunks.why(name, now)}" for name in names)
        return "; ".join(whys) or "numbers are dialed through no trunk: see `outbound`"

    def ask_law(self, running: Running, lead: Candidate, now: float, *, held: bool) -> Permission:
        """What the law says of this number now, with what was dialed since the store was asked."""
        if untold := self._untold(lead):
            lead = replace(lead, dialed=tuple(sorted((*untold, *lead.dialed), reverse=True)))
        settings = running.settings
        return running.law.permit(
            lead,
            now,
            purpose=settings.purpose,
            agent_held=held,
            attempts=settings.attempts,
            abandoned_rest_seconds=settings.abandonment.rest_seconds,
            recorded=settings.mode is Mode.BROADCAST,
            scopes=(settings.name, settings.seller),
        )

    def remember(self, number: str, now: float) -> None:
        """This number was dialed."""
        self._recent.setdefault(number, deque(maxlen=20)).appendleft(now)
        self._recent.move_to_end(number)

    def forget(self, now: float) -> None:
        """What was dialed so long ago that the store has told it since."""
        old = now - _REMEMBERS_SECONDS
        while self._recent and next(iter(self._recent.values()))[0] < old:
            self._recent.popitem(last=False)

    def _untold(self, lead: Candidate) -> list[float]:
        """When its number was dialed that the store did not know of yet."""
        return [
            at
            for at in self._recent.get(lead.number, ())
            if all(abs(at - known) > _SAME_SECONDS for known in lead.dialed)
        ]

    def _ways(self, running: Running, lead: Candidate) -> dict[str, Way]:
        """By trunk, in the order of the campaign: how the number is reached."""
        names = [use.trunk for use in running.settings.trunks] or [""]
        ways = (self.way(lead.number, name) for name in names)
        return {way.trunk: way for way in ways if way is not None}

    def _caller_id(self, running: Running, lead: Candidate) -> str | None:
        """What is shown; '' for what the rule of the way says, None when nothing may be."""
        settings = running.settings.caller_ids
        if settings is None:
            return ""
        return caller_ids.choose(settings, lead.number, self.shown, running.turn)

    def _plan(
        self,
        running: Running,
        lead: Candidate,
        mode: Mode,
        way: Way,
        shown: str,
        proof: Mapping[str, object],
        now: float,
    ) -> AttemptPlan:
        settings = running.settings
        self._made += 1
        return AttemptPlan(
            attempt=f"ob-{int(now * 1000)}.{self._made}",
            campaign=settings.name,
            mode=mode,
            list=lead.list,
            lead=lead.lead,
            seq=lead.seq,
            number=lead.number,
            trunk=way.trunk,
            dialed=way.dialed,
            caller_id=shown,
            decided=now,
            queue=settings.queue or "",
            flow=settings.flow or "",
            agent=lead.owner if mode is Mode.MANUAL else "",
            language=lead.language or settings.language,
            ring_seconds=settings.ring_seconds,
            wait_seconds=settings.abandonment.wait_seconds,
            preview_seconds=settings.preview.seconds,
            dropped_prompts=settings.abandonment.prompts,
            detect=settings.machines.detect and mode in _DETECTS,
            on_machine=settings.machines.then,
            machine_prompts=settings.machines.prompts,
            script=settings.script,
            data=lead.data,
            most_attempts=settings.attempts.most,
            recycle=settings.recycling(),
            codes=settings.codes,
            numbers_in_turn=settings.numbers == "in_turn",
            proof=proof,
            callback=lead.callback_due is not None,
            record=settings.record,
        )


def _careful(running: Running, lead: Candidate, mode: Mode, now: float) -> Mode:
    """Whom we had no agent for lately is dialed again only with an agent held for him."""
    rest = running.settings.abandonment.rest_seconds
    fresh = lead.abandoned is not None and now < lead.abandoned + rest
    return Mode.PROGRESSIVE if fresh and mode in (Mode.PREDICTIVE, Mode.POWER) else mode


def _below_caps(running: Running, reach: Mapping[str, Way]) -> list[str]:
    """The trunks of which the campaign does not have all its channels yet."""
    caps = {use.trunk: use.channels for use in running.settings.trunks}
    return [
        trunk
        for trunk in reach
        if (cap := caps.get(trunk)) is None or running.on_trunk(trunk) < cap
    ]
