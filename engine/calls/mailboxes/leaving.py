"""The messages that a call's notes tell of, and what was done with messages in it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from engine.call_record import (
    VOICEMAIL,
    GreetingMade,
    MessageMark,
    RecordingMade,
    VoicemailLeft,
)
from engine.calls import notes as n
from engine.calls.mailboxes.notes import GreetingSet, MessageMarked
from engine.mailbox import of_queue

SHORTEST_SECONDS: Final = 1.0
"""What is shorter is the noise of hanging up, and says nothing."""
URGENT: Final = "urgent_message"
"""The tag of a call whose message is urgent; its value is the recording."""


def messages_left(
    recordings: Iterable[RecordingMade],
    notes: Sequence[n.Note],
    caller: str,
    language: str,
) -> Iterator[VoicemailLeft]:
    """The messages among these recordings; ``at`` is when each was done."""
    spoken = {note.recording: note for note in notes if isinstance(note, n.MessageBegan)}
    urgent = {note.values.get(URGENT) for note in notes if isinstance(note, n.Tagged)}
    for made in recordings:
        began = spoken.get(made.name)
        if made.kind == VOICEMAIL and began is not None and made.seconds >= SHORTEST_SECONDS:
            yield VoicemailLeft(
                made.name,
                began.mailbox or of_queue(began.queue),
                caller,
                language,
                made.started + made.seconds,
                made.seconds,
                urgent=made.name in urgent,
            )


def marks_made(notes: Iterable[n.Note]) -> Iterator[MessageMark]:
    """What agents did with messages."""
    for note in notes:
        if isinstance(note, MessageMarked):
            yield MessageMark(note.recording, note.state, note.by, note.at)


def greetings_made(notes: Iterable[n.Note]) -> Iterator[GreetingMade]:
    """The greetings that were set."""
    for note in notes:
        if isinstance(note, GreetingSet):
            yield GreetingMade(note.mailbox, note.recording, note.by, note.at)
