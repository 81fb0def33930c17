"""A caller leaves a message: a greeting, a beep, and his channel is recorded."""

from __future__ import annotations

from contextlib import suppress

import structlog

from acd.queues import QueueSettings, VoicemailSettings
from engine.calls import notes as n
from engine.calls.announce import say
from engine.calls.call import Call, CallerGone
from engine.calls.lanes import ARI, SIP
from engine.calls.switchboard import Switchboard
from engine.ports import VOICEMAIL, CallOutcome, PbxError, RecordingEnded, Refused

log = structlog.get_logger("voicemail")

_SHORTEST_SECONDS = 1.0
"""What is shorter is the noise of hanging up, not a message."""
_CLOSING_SECONDS = 2.0
"""How long Asterisk may take to close the file."""


async def take_message(call: Call, sb: Switchboard, queue: QueueSettings, greeting: str) -> None:
    """From the greeting to the thanks; after a crash, the message that he speaks.

    Raises ``CallerGone`` when he hangs up, which is how most messages end.
    """
    language = call.standing.language
    began = call.standing.message
    again = began is not None
    if began is None:
        await say(call, sb, greeting, language)
        began = n.MessageBegan(call.now(), _name(call), queue.name)
        call.note(began)
        call.step(SIP, "message", ARI, began.recording)
    if await _Message(call, sb, began, queue.voicemail or VoicemailSettings()).record(again):
        await say(call, sb, "voicemail_thanks", language)


def _name(call: Call) -> str:
    made = [each for each in call.standing.recordings if each.kind == VOICEMAIL]
    return f"{call.id}-m{len(made) + 1}"


class _Message:
    """One message, from the beep to the look at its file."""

    def __init__(
        self, call: Call, sb: Switchboard, began: n.MessageBegan, settings: VoicemailSettings
    ) -> None:
        self._call, self._sb, self._began = call, sb, began
        self._seconds = settings.seconds

    async def record(self, again: bool) -> bool:
        """Whether there is a message. Raises ``CallerGone``, with the message kept.

        ``again``: after a crash, where the name in use means that he has finished meanwhile.
        """
        call, recording = self._call, self._began.recording
        try:
            await self._sb.pbx.record_message(call.channel, recording, self._seconds)
        except PbxError as error:
            finished = again and isinstance(error, Refused)
            problem = "" if finished else f"could not be started: {error}"
            return await self._close(self._began.at if finished else call.now(), None, problem)
        try:
            ended = await self._until_ended()
        except CallerGone as gone:
            early = await call.find(RecordingEnded, call.now() + _CLOSING_SECONDS)
            await self._close(gone.gone.at, early)
            raise
        return await self._close(ended.at if ended else call.now(), ended)

    async def _until_ended(self) -> RecordingEnded | None:
        """Until he presses ``#``; Asterisk ends it after the longest time, else we do."""
        call, recording = self._call, self._began.recording
        latest = self._began.at + self._seconds + _CLOSING_SECONDS
        while (mail := await call.receive(latest)) is not None:
            if isinstance(mail, RecordingEnded) and mail.recording == recording:
                return mail
        with suppress(PbxError):
            await self._sb.pbx.stop_recording(recording)
        return await call.find(RecordingEnded, call.now() + _CLOSING_SECONDS)

    async def _close(self, at: float, report: RecordingEnded | None, problem: str = "") -> bool:
        """Look at the file: what there is of a message decides what became of the call."""
        call, began = self._call, self._began
        closed = await self._sb.recorder.inspect(
            began.recording, began.at, at, report, problem, VOICEMAIL
        )
        call.note(closed)
        if closed.seconds < _SHORTEST_SECONDS:
            return False
        call.note(n.OutcomeSet(at, CallOutcome.VOICEMAIL))
        call.step(SIP, "message left", ARI, f"{closed.seconds:.0f} s")
        log.info("message_left", queue=began.queue, seconds=closed.seconds)
        return True
