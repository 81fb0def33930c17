"""``python -m bench [SECTION …]``: all measurements, or those that are named, as tables."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence

from rich.console import Console

from bench import (
    acd_speed,
    answering_machines,
    leads,
    live,
    menu_latency,
    menu_load,
    recording,
    speech,
)
from bench.dialing import table as dialing

Section = Callable[[Console], Awaitable[None]]
"""Measures, and prints what it found."""

SECTIONS: Mapping[str, Section] = {
    "acd": acd_speed.show,
    "amd": answering_machines.show,
    "pacing": dialing.show,
    "pacing_quick": dialing.show_quick,
    "leads": leads.show,
    "live": live.show,
    "menu": menu_latency.show,
    "menus": menu_load.show,
    "recording": recording.show,
    "speech": speech.show,
}


async def main(names: Sequence[str]) -> int:
    """Run the sections; 2 when one of ``names`` is none."""
    console = Console()
    if unknown := [name for name in names if name not in SECTIONS]:
        console.print(f"no section {', '.join(unknown)}: there are {', '.join(SECTIONS)}")
        return 2
    for name in names or SECTIONS:
        await SECTIONS[name](console)
    return 0


sys.exit(asyncio.run(main(sys.argv[1:])))
