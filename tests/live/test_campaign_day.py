"""Hundreds of leads over two trunks, ten agents, and an engine that dies in the middle."""

import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from campaigning import add_leads, ask, attempts, campaign_site, moment, start, two_trunks
from center import open_center, open_floor, until
from crowd import Agents, agents_tone, extension_of
from listening import heard_prompt

from engine.demo import tones
from engine.demo.callees import (
    AT_ONCE,
    CalleeCall,
    Does,
    fax,
    first_word,
    machine,
    most_at_once,
    most_within,
    number_of,
)
from engine.sounds import wav

AGENT_COUNT = 10
TALK_SECONDS = 1.5
CUSTOMERS_TONE, WORD, AFTER = 440.0, 0.7, 0.6
"""What a person says when he has picked up: for how long, and how long after."""
MOST_LOST = 3
"""Of the calls, in the crash: what the engine does in the instant in which it dies."""
LIMITS = {"north": (8, 26), "south": (5, 16)}
"""Calls per second and channels of the trunks."""
ALLOWED_SECONDS = 2.0
LATE_SHARE, LATE_SECONDS = 0.03, 3.0
"""So many may hear it so late: a busy machine stands still now and then, whatever is due."""
CUT_SHARE = 0.1
"""Of so many a busy machine may lose half of the first word: packets, or what was said too soon."""
AWAY_BEFORE, AWAY_AFTER = 3.0, 4.0
"""Who picked up so long before the engine died, or after it came back, was perhaps kept waiting."""
JITTER_SECONDS = 0.5
"""Between what the engine asks for, and the callee's clock."""
PACE_SECONDS = 10
"""In which the calls per second hold on the wire, too, where a machine that stands still brings
together what left the engine in time."""

DAY, PART = 500, 2
"""The leads of a whole day, and which part of it is dialed here: the half, which takes a minute."""
DIRECT = {
    "person": 110,
    "slow": 10,
    "at_once": 10,
    "ring_out": 25,
    "busy": 35,
    "rejects": 20,
    "nobody": 20,
    "no_room": 10,
    "off": 10,
}
LISTENED = {
    "person": 90,
    "machine": 70,
    "silent": 10,
    "fax": 10,
    "ring_out": 15,
    "busy": 25,
    "rejects": 10,
    "nobody": 10,
    "no_room": 5,
    "off": 5,
}
"""How many leads of each campaign do what, of a whole day; the second finds out who answered."""
assert sum(DIRECT.values()) + sum(LISTENED.values()) == DAY

PHONES = {
    "person": {"does": Does.ANSWERS, "rings": 1},
    "slow": {"does": Does.ANSWERS, "rings": 6},
    "at_once": {"does": Does.ANSWERS, "rings": 1.5, "talks": AT_ONCE},
    "machine": {"does": Does.ANSWERS, "rings": 2},
    "silent": {"does": Does.ANSWERS, "rings": 0.5},
    "fax": {"does": Does.ANSWERS, "rings": 2.5},
    "ring_out": {"does": Does.ANSWERS, "rings": 40},
    "busy": {"does": Does.BUSY, "rings": 0},
    "rejects": {"does": Does.REJECTS, "rings": 1},
    "nobody": {"does": Does.NOBODY},
    "no_room": {"does": Does.NO_ROOM},
    "off": {"does": Does.OFF},
}
CAME_OF = {
    "at_once": {"hung_up", "connected"},
    "machine": {"machine"},
    "silent": {"silent"},
    "fax": {"fax"},
    "ring_out": {"no_answer"},
    "busy": {"busy"},
    "rejects": {"rejected"},
    "nobody": {"invalid_number"},
    "no_room": {"congested"},
    "off": {"no_answer"},
}
"""The dispositions that agree with what each phone does; people come to an agent, or hear why not.
"""
UNSEEN = {"failed", "hung_up", "abandoned", "silent"}
"""What may be written, too, of a call that an engine which was away did not see."""
PEOPLE = ("person", "slow")

CAMPAIGNS = """
campaigns:
  direct:
    mode: power
    ratio: 3
    rules: [lab]
    purpose: service
    language: en
    queue: talks
    lists: [direct]
    trunks: [north, south]
    ring_seconds: 15
    abandonment: {cap_percent: 10}
    recycle: {cancelled: {seconds: 1, times: 20}, failed: {seconds: 1, times: 20}}
  listened:
    mode: power
    ratio: 4
    rules: [lab]
    purpose: service
    language: en
    queue: talks
    lists: [listened]
    trunks: [south, north]
    ring_seconds: 15
    abandonment: {cap_percent: 10}
    machines: {detect: yes}
    recycle: {cancelled: {seconds: 1, times: 20}, failed: {seconds: 1, times: 20}}
"""
TRUNKS = "trunks:\n" + "".join(
    f"  {name}: {{calls_per_second: {pace}, channels: {channels}}}\n"
    for name, (pace, channels) in LIMITS.items()
)
QUEUES = "queues: {talks: {offer_mode: auto_answer, wrap_up: none, ring_seconds: 5}}"
AGENTS = "agents:\n" + "".join(
    f'  agent{n}: {{extension: "{extension_of(n)}", queues: [talks]}}\n'
    for n in range(1, AGENT_COUNT + 1)
)


def people_of(share, first):
    """Numbers and what each does, mixed: ``{number: kind}``."""
    kinds = [kind for kind, count in share.items() for _ in range(-(-count // PART))]
    mixed = [kinds[place * 89 % len(kinds)] for place in range(len(kinds))]
    return {number_of(place=first + n, **PHONES[kind]): kind for n, kind in enumerate(mixed)}


LEADS = {"direct": people_of(DIRECT, 0), "listened": people_of(LISTENED, 1000)}
KINDS = LEADS["direct"] | LEADS["listened"]


@pytest.fixture
def voice_of(prepared):
    """What each number says."""
    greeting = machine(prepared.prompts_dir / "vi" / "closed.wav")
    voices = {
        **dict.fromkeys(PEOPLE, first_word(CUSTOMERS_TONE, WORD, after=AFTER)),
        "machine": greeting,
        "fax": fax(),
    }
    silent = first_word(CUSTOMERS_TONE, 0)
    return lambda number: voices.get(KINDS[number], silent)


@pytest.fixture
async def day(prepared, voice_of, tmp_path):
    """The floor, and both trunks' callees."""
    async with two_trunks(prepared, voice_of) as trunks:
        north, south = trunks
        settings = campaign_site(
            tmp_path / "site", CAMPAIGNS, queues=QUEUES, agents=AGENTS, trunks=TRUNKS
        )
        contacts = {"north": north.contact, "south": south.contact}
        async with (
            open_center(prepared, tmp_path, settings, more_trunks=contacts) as center,
            open_floor(center) as floor,
        ):
            yield floor, {"north": north, "south": south}


@pytest.mark.timeout(240)
async def test_hundreds_of_leads_come_to_what_their_phones_saw_though_the_engine_dies(
    day, prepared
):
    floor, trunks = day
    center = floor.center
    async with Agents(floor) as agents:
        for n in range(1, AGENT_COUNT + 1):
            await agents.log_in(f"agent{n}", extension_of(n), agents_tone(n))
        agents.hang_up_after = TALK_SECONDS
        for name, numbers in LEADS.items():
            await add_leads(center, name, numbers)
            await start(center, name)
        await until(lambda: len(calls_of(trunks)) > len(KINDS) / 2, patience=60)
        killed = time.time()
        await center.kill_engine()
        await center.start_engine()
        away = Away(killed, time.time())
        await until(lambda: all_called(trunks, center), patience=120)
        await until(lambda: not any(call.ended is None for call in calls_of(trunks)), patience=30)
        await until(lambda: all(row["ended"] for row in attempts(center)))
        phones = [call for calls in agents.calls.values() for call in calls]

    message = prepared.prompts_dir / "en" / "dialer_dropped.wav"
    seen = [Seen.of(call, trunks, message) for call in calls_of(trunks)]
    rows = {row["number"]: row for row in attempts(center) if row["dialed"] is not None}
    print(summary(seen, rows))
    lost = lost_in_the_crash(trunks, center)
    assert len(lost) <= MOST_LOST, lost
    assert Counter(each.call.number for each in seen) == Counter(KINDS.keys() - lost), (
        "dialed twice"
    )
    assert rows.keys() == KINDS.keys()
    wrong = [each.against(rows[each.call.number], away) for each in seen]
    assert not any(wrong), "\n".join(filter(None, wrong))
    late = [each for each in seen if each.is_late and not away.kept_waiting(each.call)]
    assert len(late) <= LATE_SHARE * len(seen), "\n".join(map(str, late))
    assert all(each.waited is not None and each.waited < LATE_SECONDS for each in late)
    for name, (pace, channels) in LIMITS.items():
        assert most_within(left_at(rows, name), 1) <= pace, name
        came = (call.dialed for call in trunks[name].calls)
        assert most_within(came, PACE_SECONDS - JITTER_SECONDS) <= pace * PACE_SECONDS, name
        calls = [without_its_end(call) for call in trunks[name].calls]
        assert most_at_once(calls) <= channels, name
    assert ask(center, "SELECT number FROM attempts WHERE dialed IS NULL AND ended IS NULL") == []
    assert ask(center, "SELECT id FROM leads WHERE state IN ('claimed', 'dialing')") == []
    await assert_first_words(floor, seen, rows, phones, away)


@dataclass(frozen=True)
class Away:
    """When there was no engine."""

    killed: float
    back: float

    def saw(self, call):
        """Whether the call had begun before, and ended after it had died."""
        return call.dialed < self.back and call.ended > self.killed

    def kept_waiting(self, call):
        """Whether who picked up may have waited for it."""
        return self.killed - AWAY_BEFORE < call.answered < self.back + AWAY_AFTER


@dataclass
class Seen:
    """What a callee's end saw of one call."""

    call: CalleeCall
    trunk: str
    kind: str
    agent: bool  # he heard one
    message: bool  # he was told that nobody is free
    waited: float | None  # until he heard anybody, from when somebody was due

    @classmethod
    def of(cls, call, trunks, message):
        """All that can be told from the wire and from his ear."""
        pcm, kind = call.party.heard(), KINDS[call.number]
        first = call.party.first_sound
        listened = call.number in LEADS["listened"]
        due = call.answered and call.answered + (AFTER + WORD if listened else 0.0)
        return cls(
            call,
            next(name for name, trunk in trunks.items() if call in trunk.calls),
            kind,
            any(tones.find(pcm, agents_tone(n + 1)).is_heard for n in range(AGENT_COUNT)),
            len(pcm) > 0 and heard_prompt(pcm, message),
            None if due is None or first is None else first - due,
        )

    @property
    def is_late(self):
        """Whether he was kept waiting longer than is allowed."""
        if self.kind not in PEOPLE or self.call.answered is None:
            return False
        return self.waited is None or self.waited > ALLOWED_SECONDS

    def against(self, row, away):
        """How the ledger's row of it is wrong; '' when it agrees."""
        came, unseen = row["disposition"], away.saw(self.call)
        if self.agent and (unseen or self.kind in PEOPLE):
            expected = {"connected"}
        elif self.kind in PEOPLE:
            expected = {"abandoned"}
        else:
            expected = CAME_OF[self.kind]
        waits = self.kind in PEOPLE and not self.agent
        facts = {
            "disposition": came in expected or (unseen and not self.agent and came in UNSEEN),
            "trunk": row["trunk"] == self.trunk,
            "status": unseen or row["tech_cause"] == (self.call.status or 0),
            "told": unseen or self.message or not waits,
        }
        false = [name for name, true in facts.items() if not true]
        return f"{self}: {came}, {false}" if false else ""


def calls_of(trunks):
    """All calls on both trunks."""
    return [call for trunk in trunks.values() for call in trunk.calls]


def all_called(trunks, center):
    """Whether the phone of every lead has rung, or refused to; but for those lost in the crash."""
    called = {call.number for call in calls_of(trunks)}
    return called | lost_in_the_crash(trunks, center) >= KINDS.keys()


def lost_in_the_crash(trunks, center):
    """Whom the engine was about to dial as it died: nobody's phone rang. They may have been called,
    so they are not called again so soon."""
    guessed = {row["number"] for row in attempts(center, guessed=1, disposition="failed")}
    return guessed - {call.number for call in calls_of(trunks)}


def left_at(rows, trunk):
    """When INVITEs left the engine for this trunk, as it wrote down itself."""
    of_it = [row for row in rows.values() if row["trunk"] == trunk and not row["guessed"]]
    return [moment(row["dialed"]) for row in of_it]


def without_its_end(call):
    """The call when it is over for the engine, of which the callee is told a moment later."""
    over = None if call.ended is None else max(call.dialed, call.ended - JITTER_SECONDS)
    return replace(call, ended=over)


def summary(seen, rows):
    """What came of what, for who reads the test's output."""
    came = Counter((each.kind, rows[each.call.number]["disposition"]) for each in seen)
    waits = sorted(each.waited for each in seen if each.kind in PEOPLE and each.waited is not None)
    span = max(each.call.dialed for each in seen) - min(each.call.dialed for each in seen)
    lines = [f"{kind} {disposition}: {n}" for (kind, disposition), n in sorted(came.items())]
    for name in LIMITS:
        calls = [each.call for each in seen if each.trunk == name]
        came = most_within((call.dialed for call in calls), 1)
        lines.append(
            f"{name}: {len(calls)} calls, {most_within(left_at(rows, name), 1)} a second ({came} "
            f"on the wire), {most_at_once(calls)} at once"
        )
    lines.append(
        f"all dialed in {span:.1f} s; waited {waits[len(waits) // 2]:.3f} s, at most {waits[-3:]}"
    )
    return "\n" + "\n".join(lines)


async def assert_first_words(floor, seen, rows, phones, away):
    """Who talked with an agent was heard from his first word on: at the phone, and recorded."""
    heard = {call.peer.split(":")[1].split("@")[0]: call for call in phones}
    talked = [
        each
        for each in seen
        if each.agent
        and each.kind in PEOPLE
        and each.call.number in LEADS["direct"]
        and each.waited < AFTER  # they were together when he began
        and not away.kept_waiting(each.call)
    ]
    records = {record["call"]: record for record in await floor.records()}
    assert len(talked) > 10
    cut = []
    for each in talked:
        record = records[rows[each.call.number]["attempt"]]
        [recording] = record["recordings"]
        file = np.asarray(wav.read(Path(recording["path"]))).astype("<i2").tobytes()
        for pcm in (heard[each.call.number].heard(), file):
            word = tones.find(pcm, CUSTOMERS_TONE)
            if word.seconds < WORD / 2:
                cut.append((each, word))
    assert len(cut) <= CUT_SHARE * len(talked), "\n".join(map(str, cut))
