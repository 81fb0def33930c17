"""Whether Asterisk has the trunks that numbers are dialed through.

A running Asterisk is asked for its endpoints; of a private one our file for it is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dialer.campaign import CampaignSettings
from dialplan.outbound import Outbound
from engine import paths
from engine.config.problems import Problem

_ENDPOINT = re.compile(r"^\[([\w-]+)\]\([^)]*\)", re.MULTILINE)
_OWN = "add it to pjsip_own.conf: docs/production.md"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The SIP endpoints of an Asterisk, and ``where`` that was read."""

    where: str | Path
    names: frozenset[str]


def written_endpoints(templates: Path = paths.ASTERISK_TEMPLATES) -> Endpoints:
    """The trunks of our own files for Asterisk."""
    file = templates / "pjsip_trunks.conf"
    return Endpoints(file, frozenset(_ENDPOINT.findall(file.read_text(encoding="utf-8"))))


def trunks_used(
    outbound: Outbound, campaigns: Iterable[CampaignSettings]
) -> Iterator[tuple[str, str]]:
    """Each trunk, with who dials through it."""
    for name in {rule.trunk.name: None for rule in outbound.rules.values() if rule.trunk}:
        yield name, "numbers are dialed"
    for campaign in campaigns:
        for use in campaign.trunks:
            yield use.trunk, f"the campaign `{campaign.name}` dials"


def check_trunks(used: Mapping[str, str], there: Endpoints) -> list[Problem]:
    """Trunks that are ``used``, with who dials through them, and that are not ``there``."""
    return [
        Problem.about(
            there.where,
            "W405",
            f"Asterisk has no endpoint [{name}], and {who} through it",
            _OWN,
        )
        for name, who in sorted(used.items())
        if name not in there.names
    ]
