"""Which questions are asked of a call: each demand of each set of rules that fits it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from dialer.campaign import Attempts
from dialer.compliance.asking import Rule, Standing
from dialer.compliance.hours import CallingHours, calling_hours
from dialer.compliance.rules import Clause, Demands, RuleSet, may_be_within, within
from dialer.compliance.timed import (
    Agreed,
    InHours,
    LongEnoughAfter,
    NotTooOften,
    NotTooOftenADay,
)
from dialer.leads import Candidate

CAMPAIGN: Final = "campaign"
"""Who asks what the campaign's own settings ask."""
_ANY_TIME: Final = {"daily": "00:00-24:00"}


@dataclass(frozen=True, slots=True)
class Call:
    """What is known of a call that somebody wants to make.

    ``mobile``: it may be a mobile phone; ``recorded``: a flow speaks, not a person, or that is not
    known. ``scopes`` are what a consent may be for.
    """

    candidate: Candidate
    purpose: str
    agent_held: bool
    recorded: bool
    mobile: bool
    regions: frozenset[str]
    zones: tuple[str, ...]
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Part:
    """A set of rules, or a clause of one. ``by`` names the set; its hours are read once."""

    by: str
    demands: Demands
    hours: CallingHours | None

    def fits(self, regions: Collection[str], purpose: str) -> bool:
        """Whether it asks anything of such calls; places or a purpose not known may be any."""
        clause = self.demands
        if not isinstance(clause, Clause):
            return True
        for_this = not clause.purposes or not purpose or purpose in clause.purposes
        here = not regions or any(may_be_within(region, clause.where) for region in regions)
        return for_this and here


def parts_of(sets: Mapping[str, RuleSet]) -> Iterator[Part]:
    """Each set of rules and its clauses."""
    for name, rules in sets.items():
        for demands in (rules, *rules.clauses):
            any_time = _ANY_TIME if demands.closed else None
            hours = demands.hours if demands.hours is not None else any_time
            read = calling_hours(hours, demands.closed) if hours is not None else None
            yield Part(name, demands, read)


def says_hours(parts: Iterable[Part]) -> bool:
    """Whether any of them says when people may be called, not only on which days not."""
    return any(part.demands.hours is not None for part in parts)


def most_exact(regions: Iterable[str]) -> frozenset[str]:
    """Without '' and without a country whose state is named beside it."""
    known = frozenset(regions) - {""}
    return frozenset(r for r in known if not any(s != r and within(s, r) for s in known))


def of_place(sets: Mapping[str, RuleSet], regions: Collection[str]) -> Iterator[Rule]:
    """Whether each set of rules knows all places that the callee may be in."""
    for name, rules in sets.items():
        if rules.regions:
            covered = bool(regions) and all(
                any(within(region, place) for place in rules.regions) for region in regions
            )
            yield Standing("place", name, covered, {"regions": sorted(regions)})


def known_zones(
    sets: Mapping[str, RuleSet], zones: Sequence[str]
) -> tuple[tuple[ZoneInfo, ...], Standing]:
    """The zones that the callee may be in, and whether they are known.

    Without any, those that the rules name instead, if every set of them names one.
    """
    names = zones or [rules.default_zone or "" for rules in sets.values()]
    found: list[ZoneInfo] = []
    for name in dict.fromkeys(names):
        try:
            found.append(ZoneInfo(name))
        except (KeyError, ValueError, OSError):
            return (), Standing("zone", "", False, {"zones": list(zones)})
    return tuple(found), Standing("zone", "", bool(found), {"zones": [z.key for z in found]})


def of_hours(parts: Iterable[Part], zones: Sequence[ZoneInfo]) -> Iterator[Rule]:
    """Calling hours in each zone; where no rules say any, there are none."""
    parts = list(parts)
    if not says_hours(parts):
        yield Standing("hours", "", False, {"hours": None})
    for part in parts:
        if part.hours is not None:
            yield from (InHours(part.by, part.hours, zone) for zone in zones)


def of_lists(parts: Iterable[Part], candidate: Candidate) -> Iterator[Rule]:
    """Whether he is on a do-not-call list, and was looked up in those that he must be."""
    listed = candidate.suppressed
    found: dict[str, object] = {"list": listed, "looked_up_in": list(candidate.do_not_call)}
    yield Standing("do_not_call", "", not listed, found)
    for part in parts:
        for name in part.demands.do_not_call:
            known = name in candidate.do_not_call
            yield Standing("not_looked_up", part.by, known, {"list": name})


def of_consent(parts: Iterable[Part], call: Call) -> Iterator[Rule]:
    """Whether he agreed, where he must have."""
    needs = {
        None: False,
        "always": True,
        "recorded": call.recorded,
        "automated_mobile": call.mobile and not call.agent_held,
    }
    for part in parts:
        if needs[part.demands.consent]:
            yield Agreed(part.by, call.candidate.consent, call.scopes)


def of_frequency(
    parts: Iterable[Part], call: Call, zones: Sequence[ZoneInfo], rest_seconds: float
) -> Iterator[Rule]:
    """How often, and how long after the last call, a talk, or a call that we abandoned."""
    candidate = call.candidate
    dialed = tuple(sorted(candidate.dialed, reverse=True))
    last = dialed[0] if dialed else None
    after_abandoned = [(CAMPAIGN, rest_seconds)]
    for part in parts:
        asked = part.demands
        for limit in asked.limits:
            if limit.seconds is not None:
                yield NotTooOften(part.by, limit.most, limit.seconds, dialed)
            else:
                yield from (NotTooOftenADay(part.by, limit.most, zone, dialed) for zone in zones)
        if asked.gap_seconds:
            yield LongEnoughAfter("gap", part.by, last, asked.gap_seconds)
        if asked.rest_after_talk_seconds:
            rest = asked.rest_after_talk_seconds
            yield LongEnoughAfter("after_talk", part.by, candidate.talked, rest)
        after_abandoned.append((part.by, asked.rest_after_abandoned_seconds))
    for by, seconds in after_abandoned:
        if seconds and candidate.abandoned is not None and not call.agent_held:
            yield LongEnoughAfter("after_abandoned", by, candidate.abandoned, seconds)


def of_campaign(attempts: Attempts, call: Call, zones: Sequence[ZoneInfo]) -> Iterator[Rule]:
    """What the campaign itself allows."""
    dialed = tuple(sorted(call.candidate.dialed, reverse=True))
    made = call.candidate.attempts
    found: dict[str, object] = {"attempts": made, "most": attempts.most}
    yield Standing("attempts", CAMPAIGN, made < attempts.most, found)
    for zone in zones:
        yield NotTooOftenADay(CAMPAIGN, attempts.per_day, zone, dialed)
    last = dialed[0] if dialed else None
    yield LongEnoughAfter("gap", CAMPAIGN, last, attempts.gap_seconds)
