"""What the ledger has of the campaign's attempts, held against the callees' and agents' phones."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dialer.dispositions import Disposition
from dialer.plan import AttemptMade
from dialplan.numbers import normalise
from engine.call_record import CallRecord
from engine.demo.agents import Agent, Talk
from engine.demo.callees import CalleeCall
from engine.demo.cast import AGENTS, OUTREACH, REGION
from engine.demo.evidence import answered_seconds, recorded_talks
from engine.demo.leads import Lead, leads
from engine.demo.outreach import Campaign
from engine.demo.verdict import Heard, apart, voices

_REFUSED = {
    404: Disposition.INVALID,
    486: Disposition.BUSY,
    603: Disposition.REJECTED,
}
_WORDS = {Disposition.CONNECTED: "talked with an agent", Disposition.INVALID: "invalid"}


@dataclass(frozen=True, slots=True)
class CampaignVerdict:
    """``lost``: leads that were to be called, and have no record of it. ``line``: the figures."""

    lost: int
    wrong: tuple[str, ...]
    line: str


async def judge(
    records: Sequence[CallRecord], campaign: Campaign, agents: Sequence[Agent]
) -> CampaignVerdict:
    """Hold each lead's attempt against what his phone did, and who talked with him."""
    wrong: list[str] = []
    for lead in leads().values():
        calls = [call for call in campaign.callees.calls if call.number == lead.number]
        made = [r for r in records if r.attempt and r.attempt.plan.number == lead.number]
        wrong += await asyncio.to_thread(_of_lead, lead, calls, made, agents)
    strangers = {call.number for call in campaign.callees.calls} - leads().keys()
    wrong += [f"{number} was called, and is in no list" for number in sorted(strangers)]
    reached = {r.attempt.plan.number for r in records if r.attempt}
    lost = sum(not lead.barred and lead.number not in reached for lead in leads().values())
    return CampaignVerdict(lost, tuple(wrong), _line(records, campaign, lost))


def _line(records: Sequence[CallRecord], campaign: Campaign, lost: int) -> str:
    """In the order in which a campaign is judged: who talked, and why the others did not."""
    report = campaign.report
    assert report is not None
    ends = Counter(r.attempt.disposition for r in records if r.attempt)
    words = {end: _WORDS.get(end, end.replace("_", " ")) for end in Disposition}
    counts = [f"{ends[end]} {words[end]}" for end in Disposition if ends[end]]
    barred = f"{report.barred} on the do-not-call list"
    return ", ".join([f"campaign: {report.added} leads", *counts, barred, f"{lost} lost"])


def _of_lead(
    lead: Lead, calls: list[CalleeCall], made: list[CallRecord], agents: Sequence[Agent]
) -> list[str]:
    wanted = 0 if lead.barred else 1
    if (len(calls), len(made)) != (wanted, wanted):
        return [
            f"{lead.name}: {wanted} calls were to be made; his phone saw {len(calls)}, "
            f"the records have {len(made)}"
        ]
    wrong = []
    for call, record in zip(calls, made, strict=True):
        assert record.attempt is not None
        agent, talk = _talk_with(lead, agents)
        told = differences(call, record.attempt, agent.plan.name if agent else "")
        wrong += [f"{lead.name} ({record.call}): {text}" for text in told]
        if agent and talk:
            places = _places(lead, call, agent, talk, record)
            wrong += voices(lead.name, answered_seconds(talk.leg), places)
    return wrong


def differences(call: CalleeCall, made: AttemptMade, agent: str) -> Iterator[str]:
    """What the attempt says otherwise than the phones, each in a sentence.

    ``agent``: whose phone talked with him, '' for nobody's.
    """
    if call.status is not None:
        end = _REFUSED.get(call.status, Disposition.FAILED)
    else:
        end = Disposition.CONNECTED if agent else Disposition.ABANDONED
    for what, phone, said in (
        ("came of it", end, made.disposition),
        ("agent", agent, made.agent),
        ("SIP status", call.status or made.tech_cause, made.tech_cause),
    ):
        if phone != said:
            yield f"{what}: the phones saw {phone}, the record says {said}"
    for what, seen, kept in (
        ("dialing", call.dialed, made.dialed),
        ("answer", call.answered, made.answered),
        ("end", call.ended, made.ended),
    ):
        if seen is not None:
            yield from apart(what, seen, kept or 0.0)


def _talk_with(lead: Lead, agents: Sequence[Agent]) -> tuple[Agent | None, Talk | None]:
    """Whose phone answered for him."""
    for agent in agents:
        for talk in agent.talks:
            if normalise(talk.number, REGION) == lead.number:
                return agent, talk
    return None, None


def _places(
    lead: Lead, call: CalleeCall, agent: Agent, talk: Talk, record: CallRecord
) -> list[Heard]:
    """Everywhere that this talk can be heard; anybody else's tone there is a crossed line."""
    his, name = (lead.name, lead.tone_hz), agent.plan.name.capitalize()
    theirs = (name, agent.plan.tone_hz)
    customers = tuple((x.name, x.tone_hz) for x in leads().values() if x is not lead)
    others = tuple(
        (plan.name.capitalize(), plan.tone_hz)
        for plan in (*AGENTS, OUTREACH)
        if plan is not agent.plan
    )
    return [
        Heard(f"by {lead.name}", call.party.heard(), (theirs,), others),
        Heard(f"by {name}", talk.leg.heard(), (his,), customers),
        *(
            Heard("in the recording", pcm, (his, theirs), customers + others)
            for pcm in recorded_talks(record)
        ),
    ]
