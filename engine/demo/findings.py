"""What SQL has of the demo, the verdict on it, and how both are printed."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from engine.call_record import CallOutcome, CallRecord
from engine.call_table import calls_table
from engine.demo import example_systems, secrets
from engine.demo.agents import Agent
from engine.demo.callers import Caller
from engine.demo.cast import FEATURED
from engine.demo.evidence import answered_seconds, disagreements
from engine.demo.example_systems import ExampleSystems
from engine.demo.outreach_evidence import CampaignVerdict
from engine.ladder import ladder
from engine.store.ledger import Ledger
from engine.store.reports import AgentDay, CallLine, RecordingLine, Reports
from engine.store.survey_reports import QuestionLine
from engine.tables import Table

_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Findings:
    """All that SQL has since the demo began. ``lines``, ``records``, ``recordings``: oldest first.

    ``lines`` are the calls of customers who called; ``records`` also the agents' own; ``attempts``
    are the campaign's.
    """

    lines: tuple[CallLine, ...]
    records: tuple[CallRecord, ...]
    attempts: tuple[CallRecord, ...]
    recordings: tuple[RecordingLine, ...]
    days: tuple[AgentDay, ...]
    surveys: tuple[QuestionLine, ...]

    def of_call_id(self, sip_call_id: str) -> CallRecord | None:
        """The record of the call with this Call-ID on the wire."""
        return next((r for r in self.records if r.sip_call_id == sip_call_id), None)

    def day(self, agent: str, state: str) -> AgentDay:
        """How long and how often an agent was in a state."""
        found = (day for day in self.days if (day.agent, day.state) == (agent, state))
        return next(found, AgentDay(agent, state, 0.0, 0))


@dataclass(frozen=True, slots=True)
class Verdict:
    """``lost``: calls that phones made and SQL does not know. ``wrong``: every disagreement.

    ``searched``: files in which a card's number was looked for.
    """

    lost: int
    searched: int
    wrong: tuple[str, ...]


async def read(database: str, since: float) -> Findings:
    """Ask the database."""
    ledger = Ledger(database)
    await ledger.open()
    try:
        reports = Reports(ledger)
        lines = (await reports.calls(_LIMIT, since))[::-1]
        found = [await reports.call(line.call) for line in lines]
        attempts = {r.call: r for r in found if r is not None and r.attempt is not None}
        return Findings(
            tuple(
                line
                for line in lines
                if line.outcome is not CallOutcome.FEATURE and line.call not in attempts
            ),
            tuple(r for r in found if r is not None and r.call not in attempts),
            tuple(attempts.values()),
            tuple((await reports.recordings(_LIMIT, since))[::-1]),
            tuple(await reports.agents_day(since, time.time())),
            tuple(await reports.surveys(since, time.time(), "agent")),
        )
    finally:
        await ledger.close()


async def judge(
    found: Findings,
    callers: Sequence[Caller],
    agents: Sequence[Agent],
    systems: ExampleSystems,
    folder: Path,
) -> Verdict:
    """Hold all of it against the phones, against the systems that the flows asked, and against what
    may be nowhere in the ``folder`` of the run."""
    wrong: list[str] = []
    made = {a.login_call.sip_call_id: a.plan.name for a in agents if a.login_call is not None}
    for caller in callers:
        if caller.call is None:
            wrong.append(f"{caller.plan.name} never called: {caller.trouble}")
            continue
        made[caller.call.sip_call_id] = caller.plan.name
        record = found.of_call_id(caller.call.sip_call_id)
        if record is not None:
            wrong += await disagreements(caller, record, agents)
    recorded = [record.sip_call_id for record in found.records]
    lost = [name for call_id, name in made.items() if call_id not in recorded]
    wrong += [f"the call of {name} has no record" for name in lost]
    wrong += [f"record {r.call} is of no phone" for r in found.records if r.sip_call_id not in made]
    if len(set(recorded)) < len(recorded):
        wrong.append("there are calls with more than one record")
    for agent in agents:
        wrong += _day_of(agent, found)
    wrong += _asked(systems) + _answered(found, callers)
    typed = (example_systems.GOOD_CARD, example_systems.PIN)
    searched, leaks = await asyncio.to_thread(secrets.places_of, typed, folder)
    wrong += [f"a number that a caller typed in secret is in {file}" for file in leaks]
    return Verdict(len(lost), searched, tuple(wrong))


def _asked(systems: ExampleSystems) -> list[str]:
    """What the other systems know otherwise than the callers."""
    wrong = []
    if list(systems.charges.values()) != [example_systems.BILL]:
        wrong.append(f"one bill was paid; the gateway knows of {len(systems.charges)}")
    if len(systems.appointments) != 1:
        wrong.append(f"one appointment was made; the clinic knows of {len(systems.appointments)}")
    return wrong


def _answered(found: Findings, callers: Sequence[Caller]) -> list[str]:
    """What the survey's answers say otherwise than the keys that were pressed."""
    pressed = sorted(press.keys for caller in callers for press in caller.plan.survey)
    kept = sorted(value for line in found.surveys for value in line.values)
    return [] if kept == pressed else [f"survey: keys {pressed} were pressed, {kept} are kept"]


def _day_of(agent: Agent, found: Findings) -> list[str]:
    day = found.day(agent.plan.name, "talking")
    seconds = sum(answered_seconds(talk.leg) for talk in agent.talks)
    if day.times == len(agent.talks) and abs(day.seconds - seconds) <= max(1, day.times):
        return []
    return [
        f"{agent.plan.name}'s day: the phone saw {len(agent.talks)} talks of {seconds:.1f} s in "
        f"all, the records say {day.times} of {day.seconds:.1f} s"
    ]


def show(
    found: Findings,
    verdict: Verdict,
    campaign: CampaignVerdict | None,
    callers: Sequence[Caller],
    console: Console,
) -> None:
    """Print it; the last lines have the figures."""
    featured = next(caller.call for caller in callers if caller.plan is FEATURED)
    record = found.of_call_id(featured.sip_call_id) if featured is not None else None
    if record is not None:
        width = console.width if console.is_terminal else None
        console.print(f"\n{ladder(record, width)}\n", markup=False)
    console.print(calls_table(found.lines))
    console.print(_agents_table(found))
    console.print(_recordings_table(found))
    console.print(_surveys_table(found))
    if found.attempts:
        console.print(_attempts_table(found))
    wrong = (*verdict.wrong, *(campaign.wrong if campaign else ()))
    for text in wrong:
        console.print(f"disagrees: {text}", style="red", markup=False)
    if not wrong:
        console.print("The records agree with what the phones saw and heard.", style="green")
        console.print(
            f"The card's number and the PIN are in none of {verdict.searched} files: logs, "
            "journal, database, recordings.",
            style="green",
        )
    console.print(_line(found, verdict))
    if campaign is not None:
        console.print(campaign.line)


def _line(found: Findings, verdict: Verdict) -> str:
    outcomes = Counter(line.outcome for line in found.lines)
    return (
        f"demo: {len(found.lines)} calls, {outcomes[CallOutcome.ANSWERED]} answered, "
        f"{outcomes[CallOutcome.SELF_SERVED]} self-served, "
        f"{outcomes[CallOutcome.ABANDONED]} abandoned, "
        f"{outcomes[CallOutcome.OUT_OF_HOURS]} out of hours, "
        f"{sum(line.recordings for line in found.lines)} recordings, {verdict.lost} lost"
    )


def _agents_table(found: Findings) -> Table:
    table = Table(title="Agents")
    table.add_column("agent")
    for name in ("logged in", "answered", "talked", "wrap-up", "free"):
        table.add_column(name, justify="right")
    for agent in sorted({day.agent for day in found.days}):
        at_work = [d for d in found.days if d.agent == agent and d.state != "logged_out"]
        talking = found.day(agent, "talking")
        table.add_row(
            agent,
            f"{sum(day.seconds for day in at_work):.1f} s",
            str(talking.times),
            f"{talking.seconds:.1f} s",
            f"{found.day(agent, 'wrap_up').seconds:.1f} s",
            f"{found.day(agent, 'ready').seconds:.1f} s",
        )
    return table


def _recordings_table(found: Findings) -> Table:
    table = Table(title="Recordings")
    for name in ("recording", "caller", "agent"):
        table.add_column(name)
    for name in ("length", "size"):
        table.add_column(name, justify="right")
    table.add_column("")
    for made in found.recordings:
        table.add_row(
            f"{made.name}.wav",
            made.caller,
            made.agent or "",
            f"{made.seconds:.1f} s",
            f"{made.bytes // 1000} kB",
            "complete" if made.complete else made.problem,
        )
    return table


def _surveys_table(found: Findings) -> Table:
    table = Table("survey", "question", "agent", title="Survey")
    table.add_column("answers", justify="right")
    for line in found.surveys:
        for value, times in line.values.items():
            table.add_row(line.survey, line.question, line.of, f"{times} x {value}")
    return table


def _attempts_table(found: Findings) -> Table:
    table = Table(title="Campaign")
    for name in ("attempt", "number", "came of it", "agent"):
        table.add_column(name)
    for name in ("rang", "talked"):
        table.add_column(name, justify="right")
    for record in found.attempts:
        if (made := record.attempt) is not None:
            table.add_row(
                made.plan.attempt,
                made.plan.number,
                made.disposition,
                made.agent,
                _seconds(made.dialed, made.answered or made.ended),
                _seconds(made.connected, made.ended),
            )
    return table


def _seconds(since: float | None, until: float) -> str:
    return "" if since is None else f"{until - since:.1f} s"
