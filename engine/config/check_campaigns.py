"""Campaigns against what is around them: their queues, flows, rules, numbers and trunks.

What they refer to is taken from the files that are read (``around_draft``), or from the site in
force when a campaign is changed while the engine runs (``around_site``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from phonenumbers import (
    PhoneNumberFormat,
    PhoneNumberType,
    example_number_for_type,
    format_number,
)

from acd.agent_settings import AgentSettings
from acd.queues import OfferMode, QueueSettings
from dialer.campaign import CampaignSettings
from dialer.compliance import RULES, Law, RuleSet, law_of
from dialer.compliance.lacks import lacks
from dialer.filters import FilterError, parse_filter
from dialer.plan import Mode
from dialer.trunks import TrunkLimits
from dialplan.inbound import best, spelling
from dialplan.outbound import Outbound
from engine.config.check_outbound import spelled
from engine.config.drafts import Draft, Written
from engine.config.problems import Problem, listed, suggestion
from engine.config.spoken import Prompts, languages_of_callers
from engine.config.yaml_file import Loc

_ANSWERING = (OfferMode.AUTO_ANSWER, OfferMode.NAILED_UP)
_TYPES = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE)
_IN_TWO_SECONDS = (Mode.PROGRESSIVE, Mode.POWER, Mode.PREDICTIVE)


@dataclass(frozen=True, slots=True)
class Around:
    """What campaigns refer to. The names are also those of things whose settings are wrong.

    ``numbers`` are this center's own, in their ``spelling``; ``languages`` those of its callers.
    """

    queue_names: frozenset[str]
    queues: Mapping[str, QueueSettings]
    agents: tuple[AgentSettings, ...]
    flow_names: frozenset[str]
    calendar_names: frozenset[str]
    rule_names: frozenset[str]
    rules: Mapping[str, RuleSet]
    prompts: Prompts
    languages: tuple[str, ...]
    outbound: Outbound
    numbers: frozenset[str]
    region: str


def around_draft(draft: Draft, prompts: Prompts, region: str) -> Around:
    """What the files say."""
    outbound = spelled(draft.outbound.value, region) if draft.outbound else Outbound({}, region)
    return Around(
        frozenset(draft.queue_names),
        {name: queue.value for name, queue in draft.queues.items()},
        tuple(agent.value for agent in draft.agents.values()),
        frozenset(draft.flow_names),
        frozenset(draft.calendar_names),
        frozenset(draft.rule_names | RULES.keys()),
        {name: rules.value for name, rules in draft.rules.items()},
        prompts,
        tuple(languages_of_callers(draft)),
        outbound,
        frozenset(spelling(number.name, region) or "" for number in draft.numbers),
        region,
    )


def check_campaigns(
    campaigns: Mapping[str, Written[CampaignSettings]], around: Around
) -> Iterator[Problem]:
    """Every problem of the campaigns."""
    for campaign in campaigns.values():
        yield from _names(campaign, around)
        yield from _agents(campaign, around)
        yield from _codes(campaign, around)
        yield from _filter(campaign)
        yield from _said(campaign, around)
        yield from _law(campaign, around)
        yield from _shown(campaign, around)


def check_trunk_limits(
    limits: Mapping[str, Written[TrunkLimits]],
    campaigns: Mapping[str, Written[CampaignSettings]],
    around: Around,
) -> Iterator[Problem]:
    """Limits of trunks that nothing dials through."""
    used = {rule.trunk.name for rule in around.outbound.rules.values() if rule.trunk}
    used |= {use.trunk for each in campaigns.values() for use in each.value.trunks}
    for name, written in limits.items():
        if name not in used:
            message = f"nothing is dialed through the trunk `{name}`{suggestion(name, used)}"
            yield written.problem("W320", message, f"used are {listed(used)}", key=True)


# -- who takes the calls ------------------------------------------------------------------------


def _names(campaign: Written[CampaignSettings], around: Around) -> Iterator[Problem]:
    settings = campaign.value
    names = (
        ("E301", "queue", settings.queue, around.queue_names),
        ("E302", "flow", settings.flow, around.flow_names),
        ("E303", "calendar", settings.calendar, around.calendar_names),
    )
    for code, what, name, known in names:
        if name is not None and name not in known:
            yield campaign.unknown(code, what, name, known, at=(what,))


def _agents(campaign: Written[CampaignSettings], around: Around) -> Iterator[Problem]:
    """Whether the agents of the queue take calls as this mode brings them."""
    settings, queue = campaign.value, around.queues.get(campaign.value.queue or "")
    if queue is None:
        return
    if settings.mode is Mode.PREVIEW and queue.offer_mode is not OfferMode.PREVIEW:
        message = f"a preview needs a queue with `offer_mode: preview`; `{queue.name}` would ring"
        hint = f"write `offer_mode: preview` in the queue `{queue.name}`, or name another queue"
        yield campaign.problem("E332", message, hint, at=("queue",))
    serving = [agent for agent in around.agents if queue.name in agent.queues]
    by_themselves = queue.offer_mode in _ANSWERING or (
        serving and all(agent.nailed_up for agent in serving)
    )
    if settings.mode in _IN_TWO_SECONDS and not by_themselves:
        message = (
            f"the agents of `{queue.name}` have to pick up: nobody who answers will hear one "
            f"within {settings.abandonment.wait_seconds:g} s"
        )
        hint = "write `offer_mode: auto_answer` in the queue, or make its agents `nailed_up`"
        yield campaign.problem("W332", message, hint, at=("queue",))


def _codes(campaign: Written[CampaignSettings], around: Around) -> Iterator[Problem]:
    """Codes that agents cannot give."""
    queue = around.queues.get(campaign.value.queue or "")
    given = queue.wrap_up.dispositions if queue else ()
    if not given:
        return
    for at, codes in ((("codes",), campaign.value.codes), (("goals", "codes"), _goals(campaign))):
        for code in codes:
            if code not in given:
                message = (
                    f"`{code}` is none of the dispositions of `{campaign.value.queue}`"
                    f"{suggestion(code, given)}"
                )
                hint = f"there are: {listed(given)}"
                yield campaign.problem("E334", message, hint, at=(*at, code), key=True)


def _goals(campaign: Written[CampaignSettings]) -> Mapping[str, int]:
    return campaign.value.goals.codes


# -- whom, and what they hear -------------------------------------------------------------------


def _filter(campaign: Written[CampaignSettings]) -> Iterator[Problem]:
    text = campaign.value.filter
    try:
        parse_filter(text)
    except FilterError as error:
        at = max(0, error.column - 1)
        path = (*campaign.path, "filter")
        yield campaign.document.problem_in_text(path, text, at, "E333", str(error))


def _said(campaign: Written[CampaignSettings], around: Around) -> Iterator[Problem]:
    settings = campaign.value
    said: tuple[tuple[Loc, tuple[str, ...]], ...] = (
        (("machines", "prompts"), settings.machines.prompts),
    )
    if settings.mode is not Mode.BROADCAST:
        said += ((("abandonment", "prompts"), settings.abandonment.prompts),)
    languages = {settings.language} - {""} or set(around.languages)
    for at, keys in said:
        for index, key in enumerate(keys):
            yield from _prompt(campaign, around, (*at, index), key, languages)


def _prompt(
    campaign: Written[CampaignSettings], around: Around, at: Loc, key: str, languages: set[str]
) -> Iterator[Problem]:
    speaking = [language for language, keys in around.prompts.items() if key in keys]
    missing = sorted(languages - set(speaking))
    if not speaking:
        near = suggestion(key, set().union(*around.prompts.values()))
        message = f"prompt `{key}` has no text and no recording{near}"
        yield campaign.problem("E304", message, "write it in a file of the flows' folder", at=at)
    elif missing:
        message = f"prompt `{key}` is missing in {', '.join(missing)}"
        yield campaign.problem("W305", message, f"it is heard in {speaking[0]}", at=at)


# -- what is allowed ----------------------------------------------------------------------------


def _law(campaign: Written[CampaignSettings], around: Around) -> Iterator[Problem]:
    """Whether there are its rules, what they find wrong with it, and where they let it call."""
    settings, known = campaign.value, around.rule_names
    for place, name in enumerate(settings.rules):
        if name not in known:
            yield campaign.unknown("E330", "set of rules", name, known, at=("rules", place))
    if not all(name in RULES or name in around.rules for name in settings.rules):
        return
    law = law_of(settings.rules, around.rules)
    for lack in lacks(law, settings):
        why = f"under these rules: {lack.why}" if lack.at == ("rules",) else lack.why
        yield campaign.problem("E331", why, at=lack.at, key=True)
    yield from _regions(campaign, around, law)


def _regions(campaign: Written[CampaignSettings], around: Around, law: Law) -> Iterator[Problem]:
    """Countries that the rules are for, and that `outbound` does not let be dialed."""
    outbound = around.outbound
    if not any(rule.trunk for rule in outbound.rules.values()):
        message = f"`{campaign.name}` calls people, and no number may be dialed"
        hint = "add the numbers to `outbound` in the routes"
        yield campaign.problem("E320", message, hint, at=("rules",))
        return
    countries = {place[:2] for rules in law.sets.values() for place in rules.regions}
    if countries and not any(_reaches(outbound, country) for country in countries):
        message = f"`outbound` lets no number in {', '.join(sorted(countries))} be dialed"
        hint = "add the numbers to `outbound` in the routes, or name the rules of another country"
        yield campaign.problem("W330", message, hint, at=("rules",))


def _reaches(outbound: Outbound, country: str) -> bool:
    """Whether an ordinary number there may be dialed."""
    examples = (example_number_for_type(country, kind) for kind in _TYPES)
    return any(
        outbound.allows(format_number(each, PhoneNumberFormat.E164)) for each in examples if each
    )


def _shown(campaign: Written[CampaignSettings], around: Around) -> Iterator[Problem]:
    """Numbers that are shown, and that nobody answers."""
    ids, region = campaign.value.caller_ids, around.region
    ways = (rule.caller_id for rule in around.outbound.rules.values() if rule.caller_id)
    own = dict.fromkeys(around.numbers | {spelling(number, region) or "" for number in ways})
    for place, number in enumerate(ids.numbers if ids else ()):
        if best(number, own, region) is None:
            message = f"`{number}` is none of the routes' numbers: who calls it back reaches nobody"
            hint = "give it a number in the routes, and show no number that is not yours"
            yield campaign.problem("W331", message, hint, at=("caller_ids", "numbers", place))
