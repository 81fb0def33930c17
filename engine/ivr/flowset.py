"""All flows of one version: a call keeps the set it began with, whatever is published meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from engine.ivr.schema import Flow


@dataclass(frozen=True)
class FlowSet:
    """Flows by name. ``version`` names what is written in them: sets of one version are equal."""

    flows: Mapping[str, Flow] = field(default_factory=dict)
    version: str = ""

    @cached_property
    def shared(self) -> frozenset[str]:
        """The variables of the whole call (``call.…``) that some flow may set."""
        return frozenset(
            name.removeprefix("call.")
            for flow in self.flows.values()
            for name, _ in flow.variables()
            if name.startswith("call.")
        )
