"""What the settings of a campaign lack under its rules. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dialer.campaign import CampaignSettings
from dialer.compliance.law import Law
from dialer.compliance.questions import Part, says_hours
from dialer.compliance.rules import RuleSet, within
from dialer.plan import Mode

_MAY_ABANDON = (Mode.POWER, Mode.PREDICTIVE)


@dataclass(frozen=True, slots=True)
class Lack:
    """A setting that the rules do not accept: where it stands in the campaign, and why not."""

    at: tuple[str, ...]
    why: str


def lacks(law: Law, campaign: CampaignSettings) -> Iterator[Lack]:
    """Everything that must be set otherwise before these rules allow a call."""
    parts = [part for part in law.parts if part.fits((), campaign.purpose)]
    if not says_hours(parts):
        yield Lack(("rules",), "they say no calling hours: nobody is ever called")
    if not _common_places([rules for rules in law.sets.values() if rules.regions]):
        yield Lack(("rules",), "there is no place that all of them cover")
    yield from _named(parts, campaign)
    for name, rules in law.sets.items():
        yield from _of_set(name, rules, campaign)


def _named(parts: list[Part], campaign: CampaignSettings) -> Iterator[Lack]:
    """Who calls: his name in words, and the name registered for the number."""
    brand = campaign.caller_ids.brand if campaign.caller_ids else ""
    by_brand = next((part.by for part in parts if part.demands.brand), None)
    if by_brand and not brand:
        yield Lack(("caller_ids",), f"`{by_brand}` asks for a registered name: `brand`")
    by_seller = next((part.by for part in parts if part.demands.seller), None)
    if by_seller and not campaign.seller:
        yield Lack(("seller",), f"`{by_seller}` asks who calls: `seller`")


def _of_set(name: str, rules: RuleSet, campaign: CampaignSettings) -> Iterator[Lack]:
    """How long it rings, and what is done with whom no agent takes."""
    least, ours = rules.least_ring_seconds, campaign.least_ring_seconds
    if ours < least:
        yield Lack(("least_ring_seconds",), f"`{name}` asks for {least:g} s, not {ours:g}")
    if campaign.mode not in _MAY_ABANDON:
        return
    most, wait = rules.wait_seconds, campaign.abandonment.wait_seconds
    if wait > most:
        at = ("abandonment", "wait_seconds")
        yield Lack(at, f"`{name}` allows {most:g} s, not {wait:g}")
    if rules.dropped_message and not campaign.abandonment.prompts:
        yield Lack(("abandonment", "prompts"), f"`{name}` asks for a message")


def _common_places(sets: list[RuleSet]) -> bool:
    """Whether some place is covered by all of them."""
    if not sets:
        return True
    common = set(sets[0].regions)
    for rules in sets[1:]:
        pairs = ((one, other) for one in common for other in rules.regions)
        common = {
            one if within(one, other) else other
            for one, other in pairs
            if within(one, other) or within(other, one)
        }
    return bool(common)
