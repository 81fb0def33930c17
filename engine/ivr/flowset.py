"""All flows of one version: a call keeps the set it began with, whatever is published meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.ivr.schema import Flow


@dataclass(frozen=True)
class FlowSet:
    """Flows by name. ``version`` names what is written in them: sets of one version are equal."""

    flows: Mapping[str, Flow] = field(default_factory=dict)
    version: str = ""
