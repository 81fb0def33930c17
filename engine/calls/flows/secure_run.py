"""A flow in the middle of a talk: of what the caller types in it nobody learns anything.

It runs beside the flow that brought him to the agent, and leaves no trace in that: after a crash it
is over, and is asked for again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import structlog

from engine.calls import notes as n
from engine.calls.call import Call, Mail
from engine.calls.flows.flow import FlowFault, FlowRun
from engine.calls.flows.noting import FlowNotes, Told
from engine.calls.lanes import IVR, SIP
from engine.calls.switchboard import Switchboard
from engine.ivr import messages as ivr
from engine.ivr.values import Value
from engine.ports import PlaybackEnded

log = structlog.get_logger("flow")

ENDED: Final = "ended"
FAULT: Final = "fault"
_NAMELESS = ("", "next")
"""A return that says nothing of how it went."""
_KEPT = ("token", "brand")
"""What a payment leaves behind."""


async def secure_run(call: Call, sb: Switchboard, flow: str, aside: Callable[[Mail], None]) -> str:
    """Through this flow; mail that is not the flow's goes ``aside``. Returns as ``run_secure``."""
    return await _SecureRun(call, sb, flow, aside).through()


class _SecureRun(FlowRun):
    """A run of a flow of which nobody else learns anything but how it ended."""

    def __init__(
        self, call: Call, sb: Switchboard, name: str, aside: Callable[[Mail], None]
    ) -> None:
        super().__init__(call, sb, name, from_start=True, notes=_SecureNotes)
        self._aside = aside

    async def through(self) -> str:
        """To its end: how it did."""
        try:
            await self.run()
        except FlowFault as error:
            log.warning("secure_step_failed", reason=str(error))
            return FAULT
        if values := _kept(self._ivr.position().place.variables):
            self.call.note(n.Tagged(self.call.now(), values))
        return self._ivr.returned if self._ivr.returned not in _NAMELESS else ENDED

    def _not_mine(self, mail: Mail) -> None:
        stopped = isinstance(mail, PlaybackEnded) and mail.channel == self.call.channel
        if not stopped:
            self._aside(mail)

    async def _record(self, do: ivr.Record) -> None:
        """Nothing is recorded anyhow, until it is over."""


class _SecureNotes(FlowNotes):
    """What is written of such a run: where it is, and not a key."""

    def take(self, told: Told) -> None:
        """One thing that the flow did."""
        match told:
            case ivr.Entered(node=node, type=type_, flow=flow):
                self._call.step(IVR, type_, IVR, f"{flow}.{node}")
            case ivr.Heard(result=result, by=by):
                self._call.step(SIP, by, IVR, result)
            case ivr.NotPlayed() | ivr.Alarm() | ivr.Attempted() | ivr.Tag():
                super().take(told)

    def asks(self, request: ivr.Request) -> None:
        """After a crash such a run is over: nothing of it is sent again."""

    def end(self, outcome: str | None, via: str) -> None:
        """The call goes on."""


def _kept(variables: Mapping[str, Value]) -> dict[str, Value]:
    """The values that can be tags: plain ones, and what is known of a payment."""
    plain = (str, int, float, bool)
    values: dict[str, Value] = {
        name: value for name, value in variables.items() if isinstance(value, plain)
    }
    payment = variables.get("payment")
    if isinstance(payment, Mapping):
        values |= {f"payment_{name}": payment[name] for name in _KEPT if payment.get(name)}
    return values
