"""Whether Asterisk has the trunks that numbers are dialed through.

A running Asterisk is asked for its endpoints; of a private one our file for it is read, and the one
that its owner may have added.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dialer.campaign import CampaignSettings
from dialplan.outbound import Outbound
from engine import paths
from engine.config.problems import Problem

_SECTION = re.compile(r"^\[([^\]]+)\](?:\(([^)]*)\))?", re.MULTILINE)
_IS_ENDPOINT = re.compile(r"^\s*type\s*=>?\s*endpoint\b", re.MULTILINE)
_LEG = "leg"
"""The template of pjsip.conf that our endpoints are based on."""
OWN_FILE = "pjsip_own.conf"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The SIP endpoints of an Asterisk, and ``where`` that was read."""

    where: str | Path
    names: frozenset[str]
    own_file: str | Path = OWN_FILE
    """Where further ones belong."""


def written_endpoints(etc: Path, templates: Path = paths.ASTERISK_TEMPLATES) -> Endpoints:
    """The trunks of a private Asterisk, whose files are in ``etc``: ours, and its owner's."""
    ours, own = templates / "pjsip_trunks.conf", etc / OWN_FILE
    written = ours.read_text(encoding="utf-8")
    with suppress(OSError):  # there need not be any
        written += "\n" + own.read_text(encoding="utf-8", errors="replace")
    return Endpoints(ours, frozenset(_endpoints_in(written)), own)


def _endpoints_in(written: str) -> Iterator[str]:
    """Who is one by its own type, or by that of a template that it is based on."""
    templates = {_LEG}
    starts = [*_SECTION.finditer(written)]
    ends = [following.start() for following in starts[1:]] + [len(written)]
    for section, end in zip(starts, ends, strict=True):
        name, bases = section[1], {base.strip() for base in (section[2] or "").split(",")}
        if bases & templates or _IS_ENDPOINT.search(written, section.end(), end):
            if "!" in bases:
                templates.add(name)
            else:
                yield name


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
            f"add it to {there.own_file}: docs/production.md",
        )
        for name, who in sorted(used.items())
        if name not in there.names
    ]
