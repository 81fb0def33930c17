"""Says why a call waits, or why it was this agent: the sentence first, then who else there was."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from engine.api.why import of_ended
from engine.cli.floor import NoAnswer, ask
from engine.cli.show import open_reports
from engine.settings import Settings
from engine.tables import Table


async def why(settings: Settings, call: str, as_json: bool, console: Console) -> bool:
    """Explain one call; False when nobody knows it.

    Without a running engine there is still the ledger. Raises ``NoAnswer`` when neither helps, and
    as ``Ledger.open`` does.
    """
    told = await _told(settings, call)
    if told is None:
        return False
    if as_json:
        print(json.dumps(told, ensure_ascii=False))
    else:
        for each in explained(told):
            console.print(each)
    return True


async def _told(settings: Settings, call: str) -> Mapping[str, Any] | None:
    if call == "last":
        return await _from_ledger(settings, call)
    try:
        return await _from_engine(settings, call)
    except NoAnswer:
        told = await _from_ledger(settings, call)
        if told is None:
            raise
        return told


async def _from_ledger(settings: Settings, call: str) -> Mapping[str, Any] | None:
    async with open_reports(settings) as reports:
        if call == "last":
            newest = await reports.calls(1)
            call = newest[0].call if newest else call
        record = await reports.call(call)
    return of_ended(record) if record else None


async def _from_engine(settings: Settings, call: str) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] = await ask(settings, f"/v1/calls/{call}/why", accept=(200, 404))
    return None if found.get("status") == 404 else found


def explained(told: Mapping[str, Any]) -> Iterator[Text | Table]:
    """What the API says of a call, as people read it."""
    where = f" in {told['queue']}" if "queue" in told else ""
    yield Text(f"{told['call']} · {told['state']}{where}")
    yield Text(told["sentence"])
    for each in told.get("waited", ()):
        yield Text(f"waited on: {each['sentence']}")
    for offer in told.get("offers", ()):
        outcome = offer["outcome"] or "offered now"
        yield Text(f"{offer['agent']}: {outcome}: {offer['sentence']}")
        if offer["why"]:
            yield offer_table(offer["why"])
    if told.get("why"):
        yield waiting_table(told["why"])


def offer_table(why: Mapping[str, Any]) -> Table:
    """Who could have been offered it, who was passed over, and whom it overtook."""
    table = _table("who", "was", "because")
    for number, candidate in enumerate(why.get("candidates", ())):
        was = "candidate" if number else "chosen"
        table.add_row(*map(Text, (candidate["agent"], was, candidate["detail"])))
    for name, was in (("passed_over", "passed over"), ("overtaken", "overtaken")):
        for passed in why.get(name, ()):
            table.add_row(*map(Text, (passed["who"], was, passed["rule"])))
    return table


def waiting_table(why: Mapping[str, Any]) -> Table:
    """What keeps each agent of the queue from it: the first ones by name, then how many."""
    table = _table("who", "what keeps him from it")
    for passed in why["examples"]:
        table.add_row(*map(Text, (passed["who"], passed["rule"])))
    if not why["examples"]:
        for rule, many in why["agents"]:
            table.add_row(*map(Text, (f"{many} agents", rule)))
    return table


def _table(*columns: str) -> Table:
    table = Table()
    for column in columns:
        table.add_column(column)
    return table
