"""What the phones saw and heard of each call, gathered for ``verdict``."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Sequence
from pathlib import Path

from engine.call_record import TALK, CallRecord, RecordingMade
from engine.demo.agents import Agent, Talk
from engine.demo.callers import Caller
from engine.demo.cast import AGENTS, EVERYBODY
from engine.demo.phones import PhoneCall
from engine.demo.verdict import Heard, Said, Seen, compare, listen, prompts

_BY_HAND = "hung up here"


def seen(caller: Caller, call: PhoneCall, agents: Sequence[Agent]) -> Seen:
    """An ended call, from both its phones."""
    agent, talk = _answer(caller, agents)
    return Seen(
        caller.plan.name,
        caller.plan.number,
        caller.plan.dials,
        call.sip_call_id,
        call.began.wall,
        _wall(call),
        _hung_up_by(caller, call, talk),
        agent.plan.name if agent else None,
        answered_seconds(talk.leg) if talk else 0.0,
        call.heard(),
        caller.trouble,
        chose=caller.plan.serves_himself,
        recorded=bool(caller.plan.recorded),
    )


async def disagreements(caller: Caller, record: CallRecord, agents: Sequence[Agent]) -> list[str]:
    """All that the record and the sound say otherwise than this caller's phones."""
    assert caller.call is not None
    saw = seen(caller, caller.call, agents)
    agent, talk = _answer(caller, agents)
    places = _places(caller, caller.call, agent, talk, record) if agent and talk else []
    said = _said(caller, caller.call, record.recordings)
    return [
        *compare(saw, record),
        *await asyncio.to_thread(listen, saw, places),
        *await asyncio.to_thread(prompts, caller.plan.name, said),
        *_misheard(caller, record),
    ]


def _misheard(caller: Caller, record: CallRecord) -> list[str]:
    """Words that he said and the recogniser took for others."""
    taken = " ".join(step.detail for step in record.steps if step.event == "speech")
    said = (press.words for press in caller.plan.presses if press.words)
    return [
        f"{caller.plan.name}: “{w}” was not understood" for w in said if f"{w}: ok" not in taken
    ]


def _said(caller: Caller, call: PhoneCall, recordings: Sequence[RecordingMade]) -> list[Said]:
    """Where the prompts of his way are to be heard, and where not: while a recording rests."""
    plan = caller.plan
    hears, recorded, unrecorded = (
        tuple(map(caller.prompt, keys)) for keys in (plan.hears, plan.recorded, plan.unrecorded)
    )
    whole = [made for made in recordings if made.kind != TALK]
    return [
        Said(f"by {plan.name}", call.heard(), (*hears, *unrecorded)),
        *(Said("in the recording", _pcm(Path(m.path)), recorded, unrecorded) for m in whole),
    ]


def _answer(caller: Caller, agents: Sequence[Agent]) -> tuple[Agent | None, Talk | None]:
    """Whose phone answered this caller's number."""
    for agent in agents:
        for talk in agent.talks:
            if talk.number == caller.plan.number:
                return agent, talk
    return None, None


def _places(
    caller: Caller, call: PhoneCall, agent: Agent, talk: Talk, record: CallRecord
) -> list[Heard]:
    """Everywhere that this talk can be heard. A tone of anybody else there is a crossed line."""
    his = (caller.plan.name, caller.plan.tone_hz)
    theirs = (agent.plan.name.capitalize(), agent.plan.tone_hz)
    callers = tuple((c.name, c.tone_hz) for c in EVERYBODY if c is not caller.plan)
    agents = tuple((a.name.capitalize(), a.tone_hz) for a in AGENTS if a is not agent.plan)
    recordings = [
        Heard("in the recording", pcm, (his, theirs), callers + agents)
        for pcm in recorded_talks(record)
    ]
    return [
        Heard(f"by {caller.plan.name}", call.heard(), (theirs,), agents),
        Heard(f"by {agent.plan.name.capitalize()}", talk.leg.heard(), (his,), callers),
        *recordings,
    ]


def recorded_talks(record: CallRecord) -> list[bytes]:
    """The sound of the recordings of its talks."""
    return [_pcm(Path(made.path)) for made in record.recordings if made.kind == TALK]


def _pcm(file: Path) -> bytes:
    """The sound of a recording; nothing when there is no such file."""
    try:
        with wave.open(str(file)) as sound:
            return bytes(sound.readframes(sound.getnframes()))
    except (OSError, EOFError, wave.Error):
        return b""


def _hung_up_by(caller: Caller, call: PhoneCall, talk: Talk | None) -> str:
    """An agent who hangs up on a caller who is then asked how it was, does not end the call."""
    if call.reason == _BY_HAND:
        return "caller"
    if talk is None or talk.leg.reason != _BY_HAND:
        return "engine"
    return "engine" if caller.plan.survey else "agent"


def answered_seconds(leg: PhoneCall) -> float:
    """From the answer to the end; 0 when it was not answered."""
    if leg.answered is None or leg.ended is None:
        return 0.0
    return leg.ended.monotonic - leg.answered.monotonic


def _wall(call: PhoneCall) -> float:
    return call.ended.wall if call.ended else 0.0
