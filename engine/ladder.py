"""Draws a call's record as a ladder: a lifeline for each of SIP, ARI, IVR, ACD and agent; below it
where the time went, who else was in it, the way through the flows, and what is kept with the call.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from datetime import datetime

from engine.call_record import VOICEMAIL, CallRecord, RecordingMade, SegmentKind, Step
from engine.calls.lanes import ACD, AGENT, ARI, IVR, SIP
from engine.config.problems import printable

LANES = (SIP, ARI, IVR, ACD, AGENT)
TITLES = {SIP: "SIP", ARI: "ARI", IVR: "IVR", ACD: "ACD", AGENT: "agent"}
_GAP, _NARROW_GAP = 13, 7
_LEFT = 11
_ROOM = 40
"""Columns that a step's words have at least beside the lifelines, for these to be far apart."""
_NODE = 40
_KIND = max(map(len, SegmentKind))


def ladder(record: CallRecord, width: int | None = None) -> str:
    """The whole picture: header, a line for each step, then the segments and all the rest.

    On a screen of ``width`` columns what a step says is folded beside the lifelines, which are
    closer together where there is little room.
    """
    far = width is None or width - _beside(_GAP) >= _ROOM
    gap = _GAP if far else _NARROW_GAP
    room = None if width is None else max(width - _beside(gap), 1)
    lines = [
        *(*_header(record, gap), *_rungs(record, gap, room), ""),
        *(*_footer(record), *_parties(record), *_path(record)),
    ]
    return "\n".join(map(printable, lines))


def _beside(gap: int) -> int:
    """The columns left of what a step says."""
    return _LEFT + (len(LANES) - 1) * gap + 3


def _header(record: CallRecord, gap: int) -> Iterator[str]:
    when = datetime.fromtimestamp(record.arrived).astimezone()
    seconds = f"{record.ended - record.arrived:.1f} s"
    yield (
        f"call {record.call} · {record.caller or 'unknown'} → {record.called} · "
        f"{when:%Y-%m-%d %H:%M:%S} · {seconds}{' (estimated)' if record.estimated_end else ''} · "
        f"{record.outcome}"
    )
    yield ""
    titles = "".join(f"{TITLES[lane]:^{gap}}" for lane in LANES)
    yield f"{'':{_LEFT - gap // 2}}{titles}".rstrip()


def _rungs(record: CallRecord, gap: int, room: int | None) -> Iterator[str]:
    for step in record.steps:
        text = step.event + (f": {step.detail}" if step.detail else "")
        first, *more = (textwrap.wrap(text, room) if room else None) or [text]
        yield f"{step.at - record.arrived:8.3f} s {_lines(step, gap)}  {first}"
        yield from (f"{'':{_LEFT}}{''.join(_lifelines(gap))}  {line}" for line in more)


def _lifelines(gap: int) -> list[str]:
    """A line for each lane, and nothing between them."""
    cells = [" "] * ((len(LANES) - 1) * gap + 1)
    cells[::gap] = "│" * len(LANES)
    return cells


def _lines(step: Step, gap: int) -> str:
    """The lifelines, with an arrow from the step's source to its target, or a dot without one."""
    target = step.target or step.source
    cells = _lifelines(gap)
    if step.source in LANES and target in LANES:
        start, end = LANES.index(step.source) * gap, LANES.index(target) * gap
        if start == end:
            cells[start] = "●"
        else:
            low, high = min(start, end), max(start, end)
            cells[low + 1 : high] = ["─"] * (high - low - 1)
            cells[end - 1 if end > start else end + 1] = "▶" if end > start else "◀"
    return "".join(cells)


def _footer(record: CallRecord) -> Iterator[str]:
    parts = []
    for segment in record.segments:
        who = segment.agent or segment.queue
        name = f"{segment.kind} ({who})" if who else str(segment.kind)
        parts.append(f"{name} {segment.ended - segment.started:.1f} s")
    yield "time: " + " · ".join(parts)
    if record.tags:
        yield "tags: " + " · ".join(f"{tag.name} = {tag.value}" for tag in record.tags)
    for arm in record.arms:
        yield f"experiment: {arm.experiment} = {arm.arm}"
    for answer in record.answers:
        by = ", ".join(filter(None, (answer.agent, answer.queue)))
        served = f" ({by})" if by else ""
        said = f"{answer.recording}.wav" if answer.recording else answer.value
        yield f"answer: {answer.survey}, {answer.question} = {said}{served}"
    for each in record.dispositions:
        default = " by default" if each.by_default else ""
        yield f"disposition: {each.code}{default} ({each.agent}, {each.queue})"
    for made in record.transfers:
        queue = f", {made.queue}" if made.queue else ""
        yield (
            f"transfer: at {made.at - record.arrived:.3f} s, {made.how}, "
            f"{made.agent} → {made.target} {made.name}".rstrip()
            + queue
        )
    for recording in record.recordings:
        yield from _recording(record, recording)


def _recording(record: CallRecord, made: RecordingMade) -> Iterator[str]:
    """From when, how long, whether whole, and where it is silent on purpose."""
    state = "complete" if made.complete else f"INCOMPLETE: {made.problem}"
    what = "message" if made.kind == VOICEMAIL else "recording"
    began = f"from {made.started - record.arrived:.3f} s"
    yield f"{what}: {made.name}.wav, {began}, {made.seconds:.1f} s, {state}"
    for gap in made.gaps:
        at, seconds = gap.began - record.arrived, gap.ended - gap.began
        yield f"{'':{len(what)}}  silent from {at:.3f} s for {seconds:.1f} s: {gap.why}"


def _parties(record: CallRecord) -> Iterator[str]:
    """Everybody who was brought to the caller, in the order in which they came; not where one agent
    only talked, which the time line has told."""
    if len(record.parties) < 2:
        return
    in_time = sorted(record.parties, key=lambda each: each.started)
    came = {stretch.leg: stretch.started for stretch in reversed(in_time)}
    width = max(len(stretch.name) for stretch in record.parties)
    yield "with the caller:"
    for stretch in sorted(in_time, key=lambda each: (came[each.leg], each.leg)):
        began, ended = stretch.started - record.arrived, stretch.ended - record.arrived
        spent = f"{stretch.ended - stretch.started:.1f} s"
        who = f"{stretch.name:{width}}  {stretch.kind:{_KIND}}"
        yield f"{began:8.3f} s – {ended:.3f} s  {who}  {spent:>8}  {stretch.leg}".rstrip()


def _path(record: CallRecord) -> Iterator[str]:
    """Where the call was in its flows: from when, how long, and by which exit it went on."""
    if not record.nodes:
        return
    names = [f"{visit.flow}.{visit.node}" for visit in record.nodes]
    width = min(max(map(len, names)), _NODE)
    yield f"path, flows {record.flow_version}:" if record.flow_version else "path:"
    for name, visit in zip(names, record.nodes, strict=True):
        spent = f"{visit.left - visit.entered:.1f} s"
        milestone = f"  milestone {visit.milestone}" if visit.milestone else ""
        began = f"{visit.entered - record.arrived:8.3f} s"
        yield f"{began}  {name:{width}}  {spent:>8} → {visit.exit}{milestone}"
