"""A caller speaks into a recording of his own: a message, or an answer of a survey."""

from __future__ import annotations

from contextlib import suppress

from engine.call_record import SURVEY, VOICEMAIL, CallOutcome
from engine.calls import notes as n
from engine.calls.call import Call, CallerGone
from engine.calls.lanes import ARI, SIP
from engine.calls.mailboxes.leaving import SHORTEST_SECONDS
from engine.calls.switchboard import Switchboard
from engine.ports import Gone, PbxError, RecordingEnded, Refused

_CLOSING_SECONDS = 2.0
"""How long Asterisk may take to close the file."""


def begin(
    call: Call, letter: str, queue: str, kind: str, review: bool = False, mailbox: str = ""
) -> n.MessageBegan:
    """He is about to speak: into a recording whose name no other one of this call has had."""
    made = [m for m in call.standing.notes if isinstance(m, n.MessageBegan) and m.kind == kind]
    name = f"{call.id}-{letter}{len(made) + 1}"
    began = n.MessageBegan(call.now(), name, queue, kind, review, mailbox)
    call.note(began)
    call.step(SIP, "speaks", ARI, name)
    return began


class Dictation:
    """One recording, from the beep to the look at its file; ``again`` after a crash."""

    def __init__(
        self,
        call: Call,
        sb: Switchboard,
        began: n.MessageBegan,
        *,
        seconds: float,
        silence_seconds: float = 0.0,
        again: bool = False,
    ) -> None:
        self._call, self._sb, self._began, self._again = call, sb, began, again
        self._seconds, self._silence = seconds, silence_seconds

    async def record(self) -> n.RecordingClosed:
        """What there is of it, noted. Raises ``CallerGone`` when he hangs up, with that noted,
        and what the switch says when he does so at the beginning.

        After a crash the name in use means that he has finished meanwhile.
        """
        call, began = self._call, self._began
        try:
            await self._sb.pbx.record_message(
                call.channel, began.recording, self._seconds, self._silence
            )
        except PbxError as error:
            if call.hanging_up or isinstance(error, Gone):
                raise
            finished = self._again and isinstance(error, Refused)
            problem = "" if finished else f"could not be started: {error}"
            return await self._close(began.at if finished else call.now(), None, problem)
        try:
            ended = await self._until_ended()
        except CallerGone as gone:
            await self._close(gone.gone.at, await self._report())
            note_left(call, began.recording, gone.gone.at)
            raise
        return await self._close(ended.at if ended else call.now(), ended)

    async def _until_ended(self) -> RecordingEnded | None:
        """Until he presses ``#`` or falls silent; Asterisk ends it after the longest time, else
        we do."""
        call, recording = self._call, self._began.recording
        latest = self._began.at + self._seconds + _CLOSING_SECONDS
        while (mail := await call.receive(latest)) is not None:
            if isinstance(mail, RecordingEnded) and mail.recording == recording:
                return mail
        with suppress(PbxError):
            await self._sb.pbx.stop_recording(recording)
        return await self._report()

    async def _report(self) -> RecordingEnded | None:
        until, name = self._call.now() + _CLOSING_SECONDS, self._began.recording
        return await self._call.find(RecordingEnded, until, lambda end: end.recording == name)

    async def _close(
        self, at: float, report: RecordingEnded | None, problem: str = ""
    ) -> n.RecordingClosed:
        """The silence that ended it may be missing: Asterisk cuts it off. What was over as it began
        and has no file is no recording."""
        began = self._began
        closed = await self._sb.recorder.inspect(
            began.recording, began.at, at, report, problem, began.kind, self._silence
        )
        self._call.note(closed)
        if not (closed.bytes or problem) and at - began.at < SHORTEST_SECONDS:
            self._call.note(n.RecordingDropped(self._call.now(), began.recording))
        return closed


async def take_up(call: Call, sb: Switchboard) -> None:
    """After a crash: a survey goes on behind its answers, and asks again for the one that he was
    speaking: what there is of it is none."""
    began = call.standing.message
    if began is None or began.kind != SURVEY:
        return
    with suppress(PbxError):
        await sb.pbx.stop_recording(began.recording)
    until, name = call.now() + _CLOSING_SECONDS, began.recording
    report = await call.find(RecordingEnded, until, lambda end: end.recording == name)
    at = call.now()
    call.note(await sb.recorder.inspect(name, began.at, at, report, "", SURVEY))
    await drop(call, sb, name)


async def settle(call: Call, sb: Switchboard, at: float) -> None:
    """The call of a caller ends at ``at``: what he spoke, or was asked about, while no engine was
    there, is kept."""
    began, standing = call.standing.message, call.standing
    if began is not None:
        report = next(iter(call.take(RecordingEnded)), None)
        closed = await sb.recorder.inspect(began.recording, began.at, at, report, "", began.kind)
        if closed.seconds:  # else it had not begun
            call.note(closed)
    spoken = began or standing.reviewed
    if spoken is not None:
        note_left(call, spoken.recording, at)


def note_left(call: Call, recording: str, at: float) -> None:
    """He has left a message, when there is something in this recording."""
    made = next((each for each in call.standing.recordings if each.name == recording), None)
    if made is not None and made.kind == VOICEMAIL and made.seconds >= SHORTEST_SECONDS:
        call.note(n.OutcomeSet(at, CallOutcome.VOICEMAIL))


async def drop(call: Call, sb: Switchboard, recording: str) -> None:
    """It is not kept: neither in the record nor as a file."""
    call.note(n.RecordingDropped(call.now(), recording))
    with suppress(PbxError):  # its file stays, and nothing tells of it
        await sb.pbx.delete_recording(recording)
