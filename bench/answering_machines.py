"""Who has answered: what people, mailboxes and tones are taken for, how soon it is known, and how
well the time to speak to a mailbox is found.

All recordings are called through a real Asterisk, as RTP: by the dialplan that is shipped, and by
``AMD()`` with other settings. The settings one by one are tried on the model of ``AMD()``, with
many more voices; how often the model agrees with the real one is told.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles

from rich.console import Console
from rich.table import Table

from bench.amd_model import AmdSettings, Verdict, amd, levels
from bench.called_numbers import CalledNumbers
from bench.greetings import PEOPLE, Kind, Recording, recordings, with_beep
from bench.listening import Found, Listen, dialplan, for_a_beep, listening
from engine.asterisk import install
from engine.asterisk.install import Installation

MACHINES = frozenset({Kind.MACHINE, Kind.ANNOUNCEMENT, Kind.MENU})
NO_PERSON = frozenset({"MACHINE", "SILENCE", "FAX", "SIT", "GONE"})
_PEOPLE = (Kind.PERSON, Kind.LATE, Kind.COMPANY)
_CAPTION = """lost: people taken for a machine, or for silence; machines: mailboxes, announcements,
menus; wait: from the end of a person's greeting until it is known that he is one"""
_STATUSES = ("HUMAN", "NOTSURE", "MACHINE", "SILENCE", "FAX", "SIT")
_MANY_VOICES = 8

KEEN = {"greeting": 2500, "total_analysis_time": 6000, "min_word_length": 120,
        "between_words_silence": 120, "maximum_number_of_words": 5,
        "silence_threshold": 320}  # fmt: skip
"""What differs where more machines are to be found, and people with long greetings may be lost."""

VARIED: dict[str, Sequence[int]] = {
    "after_greeting_silence": (400, 600, 1000, 1200),
    "greeting": (1500, 2000, 2500, 4000),
    "maximum_number_of_words": (2, 4, 5, 8),
    "silence_threshold": (128, 256, 512, 768),
    "initial_silence": (1500, 2500, 5000),
    "total_analysis_time": (4000, 5000, 10000),
    "between_words_silence": (50, 100, 250),
    "min_word_length": (40, 150, 300),
}
"""Each setting, lower and higher than shipped."""


async def show(console: Console) -> None:
    """Measure and print."""
    installation = await asyncio.to_thread(install.ensure)
    made = await asyncio.to_thread(recordings, installation)
    shipped = AmdSettings.shipped()
    found = await call(installation, made, dialplan("answered-by", "s"))
    console.print(_confusion(found))
    table = _settings_table("settings compared, by the real AMD()", "agrees with the model")
    others = {"Asterisk's own": AmdSettings(), "shipped": shipped, "keen": replace(shipped, **KEEN)}
    for name, settings in others.items():
        found = await call(installation, made, dialplan("bench", "s"), _bench_context(settings))
        table.add_row(name, *_summary(found), _agreement(found, settings))
    console.print(table)
    many = await asyncio.to_thread(recordings, installation, _MANY_VOICES)
    console.print(_one_by_one([(each, levels(each.pcm)) for each in many], shipped))
    console.print(await _beeps(installation, [each for each in made if each.kind is Kind.MACHINE]))


async def call(
    installation: Installation,
    made: Sequence[Recording],
    listen: Listen,
    more: str = "",
    at_once: int = 45,
) -> list[Found]:
    """All of them, through an Asterisk of their own with ``more`` in its dialplan."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with listening(Path(folder), installation, CalledNumbers(made), more) as listener:
            return await listener.call_all(made, listen, at_once)


def _bench_context(settings: AmdSettings) -> str:
    return (
        f"\n[bench]\nexten => s,1,AMD({settings.arguments})\n"
        " same => n,Stasis(tongdai,answered_by,${AMDSTATUS},${AMDCAUSE})\n"
    )


# -- tables ---------------------------------------------------------------------------------------


def _confusion(found: Sequence[Found]) -> Table:
    table = Table(title="who answered, and what he was taken for (shipped)", title_justify="left")
    for column in ("who", "language", "calls", *_STATUSES, "known after, s"):
        table.add_column(column, justify="left" if column in ("who", "language") else "right")
    rows: dict[tuple[Kind, str], list[Found]] = {}
    for each in found:
        rows.setdefault((each.recording.kind, each.recording.language), []).append(each)
    for (kind, language), calls in sorted(
        rows.items(), key=lambda row: list(Kind).index(row[0][0])
    ):
        counts = Counter(each.status for each in calls)
        seconds = median(each.seconds for each in calls)
        numbers = (str(counts[status] or "") for status in _STATUSES)
        table.add_row(kind, language, str(len(calls)), *numbers, f"{seconds:.1f}")
    return table


def _settings_table(title: str, *more: str) -> Table:
    table = Table(title=title, title_justify="left", caption=_CAPTION, caption_justify="left")
    table.add_column("settings", no_wrap=True)
    lost = (f"lost: {kind}" for kind in _PEOPLE)
    for column in (*lost, "machines found", "wait p50", "p95", "machine known after", *more):
        table.add_column(column, justify="right")
    return table


def _summary(found: Sequence[Found]) -> list[str]:
    """The cells of one row."""
    people = [each for each in found if each.recording.kind in PEOPLE]
    machines = [each for each in found if each.recording.kind in MACHINES]
    waits = [e.seconds - e.recording.spoken_until for e in people if e.status not in NO_PERSON]
    caught = [each.seconds for each in machines if each.status == "MACHINE"]
    cells = []
    for kind in _PEOPLE:
        those = [each for each in people if each.recording.kind is kind]
        cells.append(f"{sum(e.status in NO_PERSON for e in those)} of {len(those)}")
    late = quantiles(waits, n=20)[-1]
    return [
        *cells,
        f"{len(caught)} of {len(machines)}",
        f"{median(waits):.2f} s",
        f"{late:.2f} s",
        f"{median(caught):.1f} s" if caught else "",
    ]


def _agreement(found: Sequence[Found], settings: AmdSettings) -> str:
    same = sum(each.status == _status(amd(levels(each.recording.pcm), settings)) for each in found)
    return f"{same} of {len(found)}"


def _status(verdict: Verdict) -> str:
    """As the engine tells it."""
    return "SILENCE" if verdict.cause.startswith("INITIAL") else verdict.status


def _one_by_one(heard: Sequence[tuple[Recording, list[int]]], shipped: AmdSettings) -> Table:
    table = _settings_table(f"one setting changed at a time, {_MANY_VOICES} voices, by the model")
    table.add_row("shipped", *_summary(_modelled(heard, shipped)))
    for name, values in VARIED.items():
        for value in values:
            found = _modelled(heard, replace(shipped, **{name: value}))
            table.add_row(f"{name} {value}", *_summary(found))
    return table


def _modelled(heard: Sequence[tuple[Recording, list[int]]], settings: AmdSettings) -> list[Found]:
    verdicts = [(recording, amd(frames, settings)) for recording, frames in heard]
    return [Found(each, _status(v), v.cause, v.seconds) for each, v in verdicts]


# -- the time to speak to a mailbox ---------------------------------------------------------------

_IN_TIME_SECONDS = 3.5
"""From the beginning of a beep, which lasts up to a second."""

_LENGTHS = (0.2, 0.5, 1.0)
_PITCHES = (440.0, 620.0, 800.0, 1000.0, 1400.0, 1700.0, 2000.0)
_BEEP_CONTEXT = """
[bench]
exten => silence,1,WaitForSilence(1500,1,40)
 same => n,Goto(back,1)
exten => tone,1,WaitForTone(1000,150,40)
 same => n,Goto(back,1)
exten => talk-then-silence,1,BackgroundDetect(silence/10,1000,150,1200,40000)
 same => n,BackgroundDetect(silence/10,1000,150,1200,40000)
 same => n,BackgroundDetect(silence/10,1000,150,1200,40000)
 same => n,Goto(back,1)
exten => talk,1,Goto(back,1)
exten => back,1,Stasis(tongdai,answered_by,KNOWN)
"""


async def _beeps(installation: Installation, mailboxes: Sequence[Recording]) -> Table:
    short = min(mailboxes, key=lambda each: each.spoken_until)
    beeping = [with_beep(short, hz, seconds) for hz in _PITCHES for seconds in _LENGTHS]
    made = [*mailboxes, *beeping]
    table = Table(title="when to speak to a mailbox", title_justify="left")
    table.add_column("way", no_wrap=True)
    for column in ("in time", "too early", "too late", "p50 after the beep",
                   "without beep: too early", "p50 after the last word"):  # fmt: skip
        table.add_column(column, justify="right")
    ways = {
        "the engine listens": for_a_beep,
        "answered-by,beep": dialplan("answered-by", "beep"),
        "WaitForSilence(1500)": dialplan("bench", "silence"),
        "WaitForTone(1000)": dialplan("bench", "tone"),
        "BackgroundDetect": dialplan("bench", "talk-then-silence"),
    }
    for name, listen in ways.items():
        at_once = 15 if listen is for_a_beep else 45  # each takes a bridge and a connection
        found = await call(installation, made, listen, _BEEP_CONTEXT, at_once)
        table.add_row(name, *_in_time(found))
    return table


def _in_time(found: Sequence[Found]) -> list[str]:
    """The cells of one row."""
    beeps = [(each.seconds, e) for each in found if (e := each.recording.beep)]
    good = [at - beep.end for at, beep in beeps if 0 <= at - beep.begin <= _IN_TIME_SECONDS]
    silent = [e.seconds - e.recording.spoken_until for e in found if not e.recording.beep]
    patient = [seconds for seconds in silent if seconds >= 0]
    return [
        f"{len(good)} of {len(beeps)}",
        str(sum(at < beep.begin for at, beep in beeps)),
        str(sum(at - beep.begin > _IN_TIME_SECONDS for at, beep in beeps)),
        f"{median(good):.2f} s" if good else "",
        f"{len(silent) - len(patient)} of {len(silent)}",
        f"{median(patient):.1f} s" if patient else "",
    ]
