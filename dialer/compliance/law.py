"""What the law says of one call, with the proof: the strictest of all sets of rules. Pure.

Every rule that fits the call is asked, and its answer kept with the numbers it went by; one no is
enough. The same rules tell from when on all of them would say yes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from dialer.campaign import Attempts
from dialer.compliance.asking import Rule, first_moment, told
from dialer.compliance.places import places_of
from dialer.compliance.presets import RULES
from dialer.compliance.questions import (
    Call,
    known_zones,
    most_exact,
    of_campaign,
    of_consent,
    of_frequency,
    of_hours,
    of_lists,
    of_place,
    parts_of,
)
from dialer.compliance.rules import RuleSet
from dialer.compliance.windows import WindowRule
from dialer.compliance.words import words
from dialer.leads import Candidate


class UnknownRules(KeyError):
    """A campaign names rules that nobody wrote."""

    def __str__(self) -> str:
        return f"there are no rules `{self.args[0]}`"


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether a number may be dialed now.

    ``rule`` is the one that refused, '' for none: ``do_not_call`` (for good), ``place``, ``zone``,
    ``not_looked_up``, ``consent``, ``attempts``, ``hours``, ``frequency``, ``gap``, ``after_talk``
    or ``after_abandoned``. ``why`` says it in words. ``until`` is the first moment at which all
    rules would allow it, now if they do, None for never as things are. ``proof`` is all that was
    asked and answered, in plain JSON types.
    """

    allowed: bool
    rule: str = ""
    why: str = ""
    until: float | None = None
    proof: dict[str, object] = field(default_factory=dict)


class Law:
    """Sets of rules by name, taken together. ``law_of`` makes it."""

    def __init__(self, sets: Mapping[str, RuleSet], zone: str = "UTC") -> None:
        self.sets = dict(sets)
        self._zone = zone
        self.parts = tuple(parts_of(self.sets))

    @cached_property
    def cap(self) -> float:
        """The share of people who answered that may be abandoned: the lowest, 0 where none says."""
        caps = [rules.cap_percent for rules in self.sets.values() if rules.cap_percent is not None]
        return min(caps, default=0.0) / 100

    @cached_property
    def windows(self) -> tuple[WindowRule, ...]:
        """Over which times that share must hold: in each of them. Each has its zone."""
        named = [w for rules in self.sets.values() for w in rules.windows] or [WindowRule()]
        own = {"zone": self._zone}
        return tuple(dict.fromkeys(w if w.zone else w.model_copy(update=own) for w in named))

    def lists_for(self, purpose: str) -> Mapping[str, float]:
        """Those that calls for this purpose need."""
        lists: dict[str, float] = {}
        for part in self.parts:
            if part.fits((), purpose):
                for name, days in part.demands.do_not_call.items():
                    lists[name] = min(days * 86400, lists.get(name, days * 86400))
        return lists

    @cached_property
    def record_days(self) -> int:
        """How long the proof of a call must be kept, at least."""
        return max((rules.record_days for rules in self.sets.values()), default=0)

    def opens(self, zones: Sequence[str], region: str, now: float, *, purpose: str = "") -> bool:
        """Whether it is calling hours in this place, all else aside; '' asks for any purpose."""
        regions = most_exact({region})
        parts = [part for part in self.parts if part.fits(regions, purpose)]
        clocks, known = known_zones(self.sets, zones)
        rules = [*of_place(self.sets, regions), known, *of_hours(parts, clocks)]
        return all(rule.earliest(now) == now for rule in rules)

    def permit(
        self,
        candidate: Candidate,
        now: float,
        *,
        purpose: str,
        agent_held: bool,
        attempts: Attempts,
        abandoned_rest_seconds: float,
        recorded: bool | None = None,
        scopes: Collection[str] = (),
    ) -> Permission:
        """Whether this number may be dialed now, and why.

        ``agent_held``: an agent is kept free for this very call. ``recorded``: a flow speaks, not a
        person; None when that is not known. ``scopes`` are what his consent may be for, beside the
        purpose: the names of the campaign, the seller.
        """
        number = places_of(candidate.number)
        call = Call(
            candidate,
            purpose,
            agent_held,
            recorded=not agent_held if recorded is None else recorded,
            mobile=number.mobile or candidate.mobile or not number.region,
            regions=most_exact({candidate.region, number.region}),
            zones=candidate.zones or number.zones,
            scopes=frozenset({*scopes, purpose}),
        )
        rules = self._asked(call, attempts, abandoned_rest_seconds)
        return _permission(rules, now, _head(self.sets, call, now))

    def _asked(self, call: Call, attempts: Attempts, rest_seconds: float) -> list[Rule]:
        """All rules that fit the call. The first that refuses for good gives the reason."""
        parts = [part for part in self.parts if part.fits(call.regions, call.purpose)]
        clocks, known = known_zones(self.sets, call.zones)
        return [
            *of_lists(parts, call.candidate),
            *of_place(self.sets, call.regions),
            known,
            *of_consent(parts, call),
            *of_hours(parts, clocks),
            *of_frequency(parts, call, clocks, rest_seconds),
            *of_campaign(attempts, call, clocks),
        ]


def law_of(names: Sequence[str], own: Mapping[str, RuleSet], zone: str = "UTC") -> Law:
    """All these sets of rules together. Rules of one's own that bear the name of one that comes
    with the engine hold beside it. ``zone`` is where the days of windows begin that do not say it.
    Raises ``UnknownRules``."""
    sets: dict[str, RuleSet] = {}
    for name in names:
        if name not in RULES and name not in own:
            raise UnknownRules(name)
        if name in RULES:
            sets[name] = RULES[name]
        if name in own:
            sets[f"own {name}" if name in RULES else name] = own[name]
    return Law(sets, zone)


def _permission(rules: Sequence[Rule], now: float, head: dict[str, object]) -> Permission:
    proof = {**head, "asked": [told(rule, now) for rule in rules]}
    moments = [(rule, rule.earliest(now)) for rule in rules]
    refusing = [rule for rule, at in moments if at != now]
    if not refusing:
        return Permission(True, until=now, proof=proof)
    first = next((rule for rule, at in moments if at is None), refusing[0])
    return Permission(False, first.name, words(first, now), first_moment(rules, now), proof)


def _head(sets: Mapping[str, RuleSet], call: Call, now: float) -> dict[str, object]:
    return {
        "at": now,
        "number": call.candidate.number,
        "rules": list(sets),
        "purpose": call.purpose,
        "agent_held": call.agent_held,
        "recorded": call.recorded,
        "mobile": call.mobile,
        "regions": sorted(call.regions),
        "zones": list(call.zones),
    }
