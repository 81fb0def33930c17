"""Events as JSON types for the journal, and a distributor rebuilt from them.

A journal is a list of (time, event), written before the distributor is told; the event is None
where ``on_deadline`` was called. Agents' PINs and SIP secrets are not written: the distributor has
no use for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from pydantic import TypeAdapter

from acd.core import Acd, IllegalEvent
from acd.messages import AcdDecision, AcdEvent

Entry = tuple[float, AcdEvent | None]

_ADAPTERS: dict[str, TypeAdapter[Any]] = {
    kind.__name__: TypeAdapter(kind) for kind in get_args(AcdEvent)
}
_LEFT_OUT = {"agents": {"__all__": {"pin", "secret"}}}


def to_json(event: AcdEvent) -> dict[str, Any]:
    """The event with its name under ``event``."""
    name = type(event).__name__
    left_out: Any = _LEFT_OUT if name == "Configured" else None
    fields = _ADAPTERS[name].dump_python(event, mode="json", exclude=left_out)
    return {"event": name, **fields}


def from_json(data: dict[str, Any]) -> AcdEvent:
    """The event that ``to_json`` wrote. Raises ``ValueError`` when it is none."""
    fields = dict(data)
    name = fields.pop("event", None)
    if name not in _ADAPTERS:
        raise ValueError(f"no event of the distributor: {name!r}")
    event: AcdEvent = _ADAPTERS[name].validate_python(fields)
    return event


def replay(entries: Iterable[Entry], acd: Acd | None = None) -> Acd:
    """Tell ``acd``, or a fresh one, everything again; it is then as it was."""
    acd = acd or Acd()
    for now, event in entries:
        tell_again(acd, event, now)
    return acd


def tell_again(acd: Acd, event: AcdEvent | None, now: float) -> list[AcdDecision]:
    """One entry of a journal; what was decided then.

    Events that were illegal are in the journal too, and are illegal again: nothing came of them.
    """
    if event is None:
        return acd.on_deadline(now)
    try:
        return acd.handle(event, now)
    except IllegalEvent:
        return []
