"""Which calendars are switched to emergency, by whom and why; kept over restarts.

This is the switch that is turned while the engine runs. ``emergency: yes`` in the routes is for
good, and is not known here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import structlog

from engine import whole_file

log = structlog.get_logger("emergency")


@dataclass(frozen=True, slots=True)
class Switched:
    """An emergency that was switched on: since when (epoch seconds), by whom, and why."""

    since: float
    by: str
    reason: str = ""


class Emergencies:
    """The switches of one engine. ``in_force`` has those that are on, by calendar."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.in_force: Mapping[str, Switched] = _read(file)

    def switch(self, calendar: str, on: bool, now: float, by: str, reason: str = "") -> None:
        """Turn the switch of a calendar. What is on already keeps who switched it on, and why."""
        if on == (calendar in self.in_force):
            return
        others = {name: one for name, one in self.in_force.items() if name != calendar}
        self.in_force = others | ({calendar: Switched(now, by, reason)} if on else {})
        if on:
            log.warning("emergency_on", calendar=calendar, by=by, reason=reason)
        else:
            log.warning("emergency_off", calendar=calendar, by=by, reason=reason)
        self._write()

    def _write(self) -> None:
        """On a full disk the switch is turned all the same; only the next start does not know."""
        kept = {name: asdict(on) for name, on in self.in_force.items()}
        try:
            whole_file.write(self._file, json.dumps(kept).encode())
        except OSError as error:
            log.error("emergencies_not_kept", reason=str(error))


def _read(file: Path) -> dict[str, Switched]:
    try:
        return {name: Switched(**on) for name, on in json.loads(file.read_text()).items()}
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        log.error("emergencies_unread", file=str(file), reason=str(error))
        return {}
