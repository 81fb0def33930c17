"""Who hears whom: phones that each speak a tone of their own, and what each of them hears of it.

A stage of a talk is one line: ``await room.hear(caller="mai", mai="caller john", john="mai")``.
What everybody heard and when is kept, so that at the end the recording and the record can be held
against it: what a recording has at each of these times, and how long each agent talked.
"""

import asyncio
import io
import time
import wave
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf
from statistics import median

import numpy as np
from center import PATIENCE, until

from engine.demo import tones

TONES = {"caller": 940.0, "mai": 1180.0, "john": 1430.0, "linh": 1690.0, "far": 2010.0}
"""Apart from each other, from all notes of the music and from the tones of a ringing line."""
MUSIC, RINGING, UNCLEAR = "music", "ringing", "?"
RING_TONES = (440.0, 480.0)
PURITY = 0.15
"""Of four who talk at once each is a third of what is heard."""
LISTEN_SECONDS = 0.8
"""What a stage is heard in: the last so many seconds."""
HEARD_SHARE, UNHEARD_SHARE = 0.7, 0.1
"""In how much of that a tone is heard, and in how much it is not; between is no clear answer."""
LAG_SECONDS = 0.1
"""From an answer or an order until a phone plays it: commands, the mixer, the phone's buffer."""
EXACT_SECONDS, WORST_SECONDS = 0.3, 2.0
"""As exactly as this the record agrees with the phones, by the median and once, where the machine
stands still or he is told something first; ``test_talk_times`` measures it by the packets."""
TALKING = ("talk", "conference")
FRAME_SECONDS = tones.FRAME / tones.RATE
GAP_SECONDS = 0.3
"""A phone that has just been answered loses its first packets; less than this is no silence."""
EDGE_SECONDS = 0.2
"""At the beginning of a stage in a recording, which may lag by buffers."""


@dataclass
class Stage:
    """What everybody heard between two moments (epoch seconds)."""

    began: float
    ended: float
    heard: dict[str, set[str]]


@dataclass
class Room:
    """Those on the line, by name."""

    floor: object
    phones: dict[str, object] = field(default_factory=dict)
    calls: dict[str, object] = field(default_factory=dict)
    stages: list[Stage] = field(default_factory=list)
    everyone: list = field(default_factory=list)
    """Also who has left: names and calls."""
    sounds: dict[str, bytes] = field(default_factory=dict)
    """The recordings of its record, by their names."""

    async def come(self, **extensions):
        """These agents are at their phones, and ready."""
        for name, extension in extensions.items():
            self.phones[name] = await self.floor.agent(name, extension)

    async def begin(self, number, agent):
        """A caller dials, speaking already when this agent answers him."""
        caller = await self.floor.dial(number)
        self.speak(caller=caller)
        since = time.monotonic()  # his phone hears as it speaks: by then he is heard
        await until(lambda: tones.seconds(caller.heard(since)) > LISTEN_SECONDS / 2)
        await self.answer(agent)
        await self.floor.until_together(agent)
        await self.hear(**{"caller": agent, agent: "caller"})

    async def answer(self, agent):
        """His phone rings, and he takes the call."""
        call = await self.phones[agent].next_call(PATIENCE)
        await call.answer()
        await call.wait_established(PATIENCE)
        self.speak(**{agent: call})

    def speak(self, **calls):
        """These are on the line from now on, or on another call; each says his tone."""
        for name, call in calls.items():
            self.calls[name] = call
            if not any(call is known for _, known in self.everyone):
                self.everyone.append((name, call))
            if hasattr(call, "start_tone"):  # a party on the trunk has been told before
                call.start_tone(TONES[name])

    async def order(self, agent, order, *, expect=200, **body):
        """The agent's screen orders this; returns what it is told."""
        status, answer = await self.floor.center.post(f"/v1/agents/{agent}/talk/{order}", **body)
        assert status == expect, answer
        return answer.get("answer", answer.get("detail"))

    async def hear(self, patience=PATIENCE, **expected):
        """Until exactly this is heard: by name the names whose tones he hears, or ``music``, or
        ``ringing``, with blanks between them; '' for nothing."""
        wanted = {name: set(heard.split()) for name, heard in expected.items()}
        deadline = time.monotonic() + patience
        while True:
            await asyncio.sleep(LISTEN_SECONDS / 4)
            since = time.monotonic() - LISTEN_SECONDS
            heard = {
                name: what_is_in(heard_since(self.calls[name], since), LISTEN_SECONDS)
                for name in wanted
            }
            if heard == wanted:
                break
            assert time.monotonic() < deadline, f"wanted {wanted}, heard {heard}"
        now = time.time()
        self.stages.append(Stage(now - LISTEN_SECONDS, now, wanted))

    # -- held against what is written ---------------------------------------------------------

    async def record(self):
        """The caller's record; its times tile, and those of all who were in the talk."""
        record = await self.floor.record(self.calls["caller"])
        assert_parties_tile(record)
        made = [each for each in record["recordings"] if each["kind"] == "talk"]
        self.sounds = {each["name"]: await served(self.floor, each["name"]) for each in made}
        return record

    def assert_talk_times(self, record):
        """Each agent heard the caller from when until when the record says that they talked."""
        for name in TONES.keys() - {"caller", "far"}:
            calls = [call for who, call in self.everyone if who == name]
            heard = [each for call in calls for each in intervals(call, "caller")]
            off = []
            for began, ended in talks_of(record, name):
                mine = [each for each in heard if each[1] > began and each[0] < ended]
                assert mine, f"{name} heard nobody from {began} to {ended}"
                over = mine[-1][1] - ended
                off.append(mine[0][0] - began - LAG_SECONDS)
                off.append(min(over, over - LAG_SECONDS, key=abs))  # his own phone stops at once
            told = f"{name} is off by {[round(each, 3) for each in off]}"
            assert median([0.0, *map(abs, off)]) <= EXACT_SECONDS, told
            assert max(map(abs, off), default=0.0) <= WORST_SECONDS, told

    def assert_recorded(self, record, *, silent=(), unrecorded=()):
        """In each stage the recording has what the caller heard; by their numbers, the stages of
        which it has silence, and those in no recording."""
        for number, stage in enumerate(self.stages):
            if "caller" not in stage.heard:
                continue
            found = self._found_in_recording(record, stage)
            if number in unrecorded:
                assert found[0] is None, f"stage {number} is recorded"
                continue
            wanted = set() if number in silent else stage.heard["caller"]
            told = f"stage {number}: recorded {found}, heard {wanted}: {record['recordings']}"
            assert wanted in found, told
        talks = [each for each in record["segments"] if each["kind"] in TALKING]
        for made in record["recordings"]:
            at = made["started"]
            assert any(talk["started"] <= at + 0.01 <= talk["ended"] for talk in talks), (at, talks)

    def lacks(self, record, at):
        """Seconds that the recording which is being made at this moment has less than its talk:
        while an Asterisk stands still it mixes nothing, so that all that comes later is nearer to
        the beginning."""
        made = [each for each in record["recordings"] if each["name"] in self.sounds]
        begun = [each for each in made if each["started"] <= at]
        if not begun:
            return 0.0
        this, after = begun[-1], made[len(begun)]["started"] if len(begun) < len(made) else inf
        talks = [each for each in record["segments"] if each["kind"] in (*TALKING, "hold")]
        ended = max((each["ended"] for each in talks if each["ended"] <= after), default=0.0)
        return max(0.0, ended - this["started"] - tones.seconds(self.sounds[this["name"]]))

    def _found_in_recording(self, record, stage):
        """What there is of a stage in the recording, if it has lost nothing before it, or ever more
        of what it lacks; None where there is no recording."""
        began, ended = stage.began - LAG_SECONDS + EDGE_SECONDS, stage.ended - LAG_SECONDS
        found = []
        for lost in np.arange(0.0, self.lacks(record, began) + EDGE_SECONDS, EDGE_SECONDS / 2):
            pcm = self.recorded(record, began - lost, ended - lost)
            heard = pcm and what_is_in(pcm, LISTEN_SECONDS - EDGE_SECONDS, enough=0.4)
            # a busy machine loses some packets on the way there
            found.append(None if heard is None else heard - {"caller", UNCLEAR})
        return found

    def recorded(self, record, began, ended):
        """What a recording of the talk has between two moments; None when none was made then."""
        for made in record["recordings"]:
            since, sound = made["started"], self.sounds.get(made["name"], b"")
            if since <= began and ended - EDGE_SECONDS <= since + tones.seconds(sound):
                start, stop = (2 * round((at - since) * tones.RATE) for at in (began, ended))
                return sound[start:stop]
        return None


def heard_since(call, since):
    """What a phone, or a party on the trunk, has heard since this monotonic time."""
    if hasattr(call, "start_tone"):
        return call.heard(since)
    return call.heard()[-2 * round((time.monotonic() - since) * tones.RATE) :]


def intervals(call, name):
    """When this one was heard: from and to, seconds since the epoch, in order."""
    found = []
    for at, frame in frames(call):
        if tones.find(frame, TONES[name], purity=PURITY).seconds:
            if found and at - found[-1][1] < GAP_SECONDS:
                found[-1][1] = at + FRAME_SECONDS
            else:
                found.append([at, at + FRAME_SECONDS])
    return found


def frames(call):
    """What a phone has heard in pieces of 40 ms, each with its moment."""
    epoch, line, places = time.time() - time.monotonic(), b"", []
    for at, pcm in call._heard:
        places.append((len(line), at + epoch - tones.seconds(pcm)))
        line += pcm
    size = 2 * tones.FRAME
    for (place, at), (after, _) in pairwise([*places, (len(line), 0.0)]):
        for start in range(place + -place % size, after, size):
            yield at + (start - place) / 2 / tones.RATE, line[start : start + size]


def what_is_in(pcm, seconds, enough=HEARD_SHARE):
    """The names whose tones are in it, ``music``, ``ringing``, and ``?`` for what is there too long
    to be nothing and too briefly to be something."""
    shares = {
        name: tones.find(pcm, hz, purity=PURITY).seconds / seconds for name, hz in TONES.items()
    }
    shares[_other(pcm)] = tones.speech_seconds(pcm, known_tones=tuple(TONES.values())) / seconds
    heard = {name for name, share in shares.items() if share >= enough}
    unclear = any(UNHEARD_SHARE < share < enough for share in shares.values())
    return heard | ({UNCLEAR} if unclear else set())


def _other(pcm):
    """What it is that is no tone of anybody's, if there is something."""
    ringing = all(tones.find(pcm, hz, purity=0.2).seconds > 0.2 for hz in RING_TONES)
    return RINGING if ringing else MUSIC


async def served(floor, recording):
    """The sound of a recording as the API serves it, once it is finished."""
    url = f"{floor.center.api_url}/v1/recordings/{recording}"

    async def finished():
        async with floor.ari.get(url) as answer:
            line = await answer.json(content_type=None)
            return answer.status == 200 and line["state"] != "new"

    await until(finished, 30)
    async with floor.ari.get(f"{url}/audio") as answer:
        assert answer.status == 200, await answer.text()
        with wave.open(io.BytesIO(await answer.read())) as file:
            return file.readframes(file.getnframes())


def talks_of(record, agent):
    """From when until when he talked with the caller, alone or with others."""
    found = []
    for each in record["parties"]:
        if each["name"] != agent or each["kind"] not in TALKING:
            continue
        if found and found[-1][1] == each["started"]:
            found[-1][1] = each["ended"]
        else:
            found.append([each["started"], each["ended"]])
    return found


def stretches_of(record, agent):
    """What an agent's time in the call was, one after the other."""
    return [each["kind"] for each in record["parties"] if each["name"] == agent]


def assert_parties_tile(record):
    """The stretches of each who was in the talk follow each other without a gap, and those of the
    agent who has the contact are the call's own."""
    legs = {}
    for each in record["parties"]:
        legs.setdefault(each["leg"], []).append(each)
    for leg, stretches in legs.items():
        own = leg.startswith(f"{record['call']}-")  # not a line, which may come again
        for before, after in pairwise(stretches):
            apart = after["started"] - before["ended"]
            assert apart == 0 or (apart > 0 and not own), stretches
        assert record["arrived"] <= stretches[0]["started"] < stretches[-1]["ended"]
        assert stretches[-1]["ended"] <= record["ended"]
