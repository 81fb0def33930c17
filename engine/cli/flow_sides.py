"""What `tongdai flow diff` compares, and the calls that `tongdai flow graph` counts."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from pathlib import Path

from engine.cli.show import open_reports
from engine.cli.terminal import fail, print_problems
from engine.config.drafts import read_flows
from engine.config.problems import has_errors
from engine.config.published import Publications
from engine.config.recorded import recorded_files
from engine.config.spoken import texts_of_prompts
from engine.ivr.difference import Side
from engine.settings import Settings

CURRENT = "current"


def side(settings: Settings, name: str | None) -> Side:
    """The version of this number or hash, ``current`` for the one in force, None for what is
    written. Ends the program when there is none, or when it cannot be read.
    """
    flows_dir = settings.flows_dir if name is None else _published(settings, name)
    draft = read_flows(flows_dir)
    if has_errors(draft.problems):
        print_problems(draft.problems)
        fail(f"the flows in {flows_dir} cannot be read: `tongdai flow check`")
    flows = {flow: written.value for flow, written in draft.flows.items()}
    return Side(flows, texts_of_prompts(draft, flows_dir), _recordings(flows_dir))


def _published(settings: Settings, name: str) -> Path:
    publications = Publications(settings.state_dir)
    version = publications.current() if name == CURRENT else publications.find(name)
    if version is None and name == CURRENT:
        fail("nothing is published: callers hear what is written")
    if version is None:
        fail(f"there is no version {name}: `tongdai flow versions` lists them")
    return version.folder


def _recordings(flows_dir: Path) -> dict[str, str]:
    """For each recording, as ``vi/welcome``, what names its content."""
    return {
        f"{file.parent.name}/{file.stem}": hashlib.sha256(file.read_bytes()).hexdigest()
        for file in recorded_files(flows_dir)
    }


async def calls_of_yesterday(settings: Settings, flow: str) -> dict[tuple[str, str], int]:
    """How often calls left each node of the flow by each exit, yesterday in this machine's zone.

    Raises as ``Ledger.open`` does.
    """
    midnight = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    yesterday = midnight - timedelta(days=1)
    async with open_reports(settings) as reports:
        return await reports.ways(flow, yesterday.timestamp(), midnight.timestamp())
