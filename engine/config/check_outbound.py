"""What is wrong with the numbers that may be dialed, and with what dials them."""

from __future__ import annotations

from collections.abc import Iterator

from acd.queues import DestinationKind
from dialplan.inbound import spelling
from dialplan.outbound import Outbound
from dialplan.schema import OutboundSettings
from engine.config.drafts import Draft, Written
from engine.config.problems import Problem, listed


def check_outbound(draft: Draft, region: str) -> Iterator[Problem]:
    """Rules that are no numbers or written twice, trunks without use, queues that dial in vain."""
    if draft.outbound is not None:
        yield from _rules(draft.outbound, region)
    yield from _queues(draft, region)


def _rules(outbound: Written[OutboundSettings], region: str) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for number in outbound.value.numbers:
        key, at = spelling(number, region), ("numbers", number)
        if key is None:
            message = f"`{number}` is no telephone number and no pattern"
            hint = "write digits; in a pattern X is any digit, and a last `.` is the rest"
            yield outbound.problem("E205", message, hint, at=at, key=True)
        elif first := seen.get(key):
            message = f"`{number}` is the number `{first}` above again"
            yield outbound.problem("E306", message, "keep one of them", at=at, key=True)
        else:
            seen[key] = number
    used = outbound.value.names()
    for name in outbound.value.trunks:
        if name not in used:
            message = f"no number is dialed through the trunk `{name}`"
            hint = f"used are {listed(used)}"
            yield outbound.problem("W320", message, hint, at=("trunks", name), key=True)


def _queues(draft: Draft, region: str) -> Iterator[Problem]:
    """Callbacks that nothing lets be dialed, and overflows to a number that is refused."""
    rules = spelled(draft.outbound.value, region) if draft.outbound else Outbound(region=region)
    for queue in draft.queues.values():
        if queue.value.callback and not any(rule.trunk for rule in rules.rules.values()):
            message = f"`{queue.name}` calls customers back, and no number may be dialed"
            hint = "add the numbers to `outbound` in the routes"
            yield queue.problem("E320", message, hint, at=("callback",), key=True)
        for index, rule in enumerate(queue.value.overflow):
            to = rule.to
            if to.kind is DestinationKind.NUMBER and not rules.allows(to.name):
                message = f"`outbound` does not let {to.name} be dialed"
                hint = "add it to `outbound` in the routes"
                yield queue.problem("E321", message, hint, at=("overflow", index, "to"))


def spelled(written: OutboundSettings, region: str) -> Outbound:
    """The rules, without those that are no numbers."""
    keys = {number: spelling(number, region) for number in written.numbers}
    return Outbound({key: written.rule(number) for number, key in keys.items() if key}, region)
