"""Notes that are no boundary of any stretch of time: flows, recordings, what is told."""

from __future__ import annotations

from dataclasses import replace

from engine.call_record import CONFERENCE, CallOutcome, RecordingMade, Step
from engine.calls import notes as n
from engine.calls.conferences import notes as c
from engine.calls.folding import stretches
from engine.calls.lanes import ACD
from engine.calls.mailboxes import notes as m
from engine.calls.outbound.course import OUTCOMES
from engine.calls.standing import Facts
from engine.calls.talk import recording_notes as recordings
from engine.calls.why import as_json, say_waiting

REMARKS = (
    n.Routed,
    n.LanguageSet,
    n.NodeEntered,
    n.RequestSent,
    n.FlowLeft,
    n.Tagged,
    n.ArmChosen,
    n.SurveyTold,
    n.Playing,
    n.OutcomeSet,
    c.ConferenceMuted,
    c.ConferenceRole,
    c.ConferenceRuled,
    c.RecordingHandedOn,
    n.RecordingBegan,
    n.RecordingClosed,
    n.RecordingDropped,
    n.RecordingWanted,
    *recordings.NOTES,
    n.ErrandEnded,
    n.ErrandTaken,
    n.WaitExplained,
    n.Told,
    n.MessageBegan,
    n.PlaceChanged,
    n.LineKept,
    n.NumberRang,
    n.WhoAnswered,
    n.SpokenTo,
    n.MessageLeft,
    n.OptedOut,
    n.AttemptClosed,
    n.Stepped,
    m.MessageMarked,
    m.GreetingSet,
)
"""Notes that are no boundary of any stretch of time."""

_UNTOLD = (CallOutcome.ABANDONED, CallOutcome.NOT_REACHED)
"""What a campaign's call would be called if nothing said it better."""


def take(s: Facts, note: n.Note) -> None:
    """Fold one of these in."""
    match note:
        case n.Routed():
            s.routed = note
            s.language = note.language
        case n.LanguageSet():
            s.language = note.language
        case n.NodeEntered():
            enter(s, note)
        case n.RequestSent():
            s.sent = True
        case n.Playing():
            s.playback = note.playback
        case n.Told():
            s.told.append(note)
        case n.OutcomeSet():
            stretches.set_outcome(s, note.outcome)
        case n.NumberRang():
            s.rang = note.leg
        case n.AttemptClosed() if s.outcome in _UNTOLD:
            stretches.set_outcome(s, OUTCOMES.get(note.disposition, s.outcome))
        case c.ConferenceMuted() if s.conference is not None:
            s.conference = replace(s.conference, muted=note.muted)
        case c.ConferenceRole() if s.conference is not None:
            s.conference = replace(s.conference, role=note.role)
        case c.ConferenceRuled() if s.conference is not None:
            s.conference = replace(
                s.conference, locked=note.locked, hushed=note.hushed, led=note.led
            )
        case c.RecordingHandedOn():
            s.recording.pop(CONFERENCE, None)
        case n.MessageBegan():
            s.message, s.reviewed = note, None
        case n.ErrandEnded():
            s.returned, s.reviewed = note, None
        case n.ErrandTaken():
            s.returned = None
        case n.RecordingWanted():
            want(s, note.do)
        case n.RecordingBegan():
            s.recording[note.kind] = note
        case n.RecordingDropped():
            s.reviewed = None
            forget_recording(s, note.recording)
            s.recordings = [r for r in s.recordings if r.name != note.recording]
        case n.LineKept():
            s.line, s.lent = note.agent, note.lent
        case n.PlaceChanged() if s.visit is not None:
            change_place(s, s.visit, note)
        case n.RecordingClosed():
            close_recording(s, note)
        case n.Stepped():
            step = Step(note.at, note.source, note.event, note.target, note.detail)
            s.steps.append(step)
        case n.WaitExplained():
            text, data = say_waiting(note.because), as_json(note.because)
            s.steps.append(Step(note.at, ACD, "waits on", ACD, f"{note.queue}: {text}", data))


def enter(s: Facts, node: n.NodeEntered) -> None:
    if s.conversation is not None:  # a flow within the talk: he comes back to where he was
        return
    if s.node is not None:
        s.notes[s.node_noted] = s.node.passed
    s.node_noted = len(s.notes) - 1
    s.node, s.left, s.returned, s.sent = node, None, None, False


def want(s: Facts, do: str) -> None:
    if do in ("pause", "resume"):
        s.paused = do == "pause"
    else:
        s.wanted = do


def close_recording(s: Facts, note: n.RecordingClosed) -> None:
    message = s.message
    if message is not None and message.recording == note.name:
        s.message, s.reviewed = None, message if message.review else None
    forget_recording(s, note.name)
    keep_recording(s, note)


def forget_recording(s: Facts, name: str) -> None:
    """It does not run (any more)."""
    for kind, began in list(s.recording.items()):
        if began.recording == name:
            del s.recording[kind]


def change_place(s: Facts, visit: n.VisitBegan, note: n.PlaceChanged) -> None:
    since, offset, needs = note.since, note.offset_seconds, note.needs
    s.since = s.since if since is None else since
    s.visit = replace(
        visit,
        since=visit.since if since is None else since,
        offset_seconds=visit.offset_seconds if offset is None else offset,
        needs=visit.needs if needs is None else needs,
    )


def keep_recording(s: Facts, note: n.RecordingClosed) -> None:
    s.recordings.append(
        RecordingMade(
            note.name,
            note.path,
            note.started,
            note.seconds,
            note.bytes,
            note.complete,
            note.problem,
            note.kind,
            note.gaps,
        )
    )
