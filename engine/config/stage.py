"""A site without telephones: its flows, prompts and calendars, for rehearsed calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from pathlib import Path

from dialplan.inbound import Route, is_pattern
from engine.config.site import Site
from engine.config.spoken import Prompts, by_language
from engine.ivr.context import Context, Opening
from engine.ivr.rehearsal.given import Given
from engine.ivr.rehearsal.rehearsal import Rehearsal
from engine.ivr.rehearsal.script import Call
from engine.ivr.rehearsal.voice import Voice
from engine.ivr.rehearsal.world import World
from engine.sounds import wav

_NOWHERE = "0000"


@dataclass(frozen=True)
class Stage:
    """Where rehearsals of a site's flows take place.

    ``prompts_dir`` holds the audio of the prompts, for their true lengths; None estimates them.
    """

    site: Site
    prompts_dir: Path | None = None

    def rehearsal(
        self, flow: str, call: Call, given: Mapping[str, Sequence[Given]], at: float
    ) -> Rehearsal:
        """A call into ``flow`` that begins ``at``, in a world where this is given."""
        called = call.to or self._number_of(flow)
        route = self._route(flow, call, at)
        calendar = route.calendar if route else ""

        def hours(name: str, now: float) -> Opening:
            status = self.site.hours_status(name, now, calendar)
            return Opening(str(status.state), status.names, status.next_open)

        context = Context(
            language=call.language or (route.language if route else ""),
            caller=call.from_,
            called=called,
            hours=hours,
            call="rehearsal",
            zone=self.zone_of(flow, call, at),
            entry=call.entry,
            prompts=self._audible,
            facts={"lead": dict(call.lead), **call.facts},
        )
        world = World(hours, given, self._keys)
        return Rehearsal(self.site.flow_set, flow, context, world, self._voice, at)

    def moment(self, written: str, flow: str, call: Call) -> float:
        """A moment in ISO 8601, in seconds since the epoch; without a zone it is by the clock that
        the call goes by."""
        moment = datetime.fromisoformat(written)
        if moment.tzinfo is None:
            about = moment.replace(tzinfo=self.zone).timestamp()
            moment = moment.replace(tzinfo=self.zone_of(flow, call, about))
        return moment.timestamp()

    def zone_of(self, flow: str, call: Call, at: float) -> tzinfo:
        """By whose clock times are said in this call: that of the dialed number's calendar."""
        route = self._route(flow, call, at)
        calendar = self.site.calendars.get(route.calendar) if route else None
        return calendar.zone if calendar else self.zone

    def _route(self, flow: str, call: Call, at: float) -> Route | None:
        return self.site.route(call.to or self._number_of(flow), call.from_, at)

    def _number_of(self, flow: str) -> str:
        """A number that leads to ``flow``; one that nobody has where there is none."""
        routes = (entry.route for entry in self.site.routes.entries.values())
        names = (route.name for route in routes if (route.kind, route.target) == ("flow", flow))
        return next((name for name in names if not is_pattern(name)), _NOWHERE)

    @cached_property
    def _keys(self) -> dict[str, dict[str, str]]:
        """Those of the queues."""
        return {
            f"queue.{name}": {
                offer.key: way
                for way, offer in (("callback", queue.callback), ("voicemail", queue.voicemail))
                if offer is not None and offer.key is not None
            }
            for name, queue in self.site.queues.items()
        }

    @cached_property
    def zone(self) -> tzinfo:
        """The zone of the site's first calendar."""
        return next((calendar.zone for calendar in self.site.calendars.values()), UTC)

    @cached_property
    def _voice(self) -> Voice:
        return Voice(self.site.prompts, self._length)

    def _length(self, prompt: str, language: str) -> float | None:
        if self.prompts_dir is None:
            return None
        try:
            return wav.seconds_of(self.prompts_dir / language / f"{prompt}.wav")
        except OSError:
            return None

    @cached_property
    def _audible(self) -> Prompts:
        return by_language(self.site.prompts)
